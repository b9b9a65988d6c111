//! Settings, addresses, credentials and recovery kits: what parses is written and read the same.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::config::Config;
use printkeep::provider::address::Address;
use printkeep::provider::credentials::Credentials;
use printkeep::store::kit::Kit;

fuzz_target!(|text: &str| {
    if let Ok(config) = Config::parse(text) {
        let written = config.to_toml().expect("paths from text are text");
        assert_eq!(Config::parse(&written).expect("what was written reads back"), config);
    }
    if let Ok(address) = Address::parse(text) {
        assert_eq!(Address::parse(&address.to_string()).expect("what was written reads back"), address);
    }
    let _ = Credentials::parse_aws_profile(text, "default");
    let _ = Kit::parse(text);
});
