//! Settings, addresses, credentials and recovery kits: what parses is written and read the same.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::config::Config;
use printkeep::local::recovery_kit::Kit;
use printkeep::provider::address::Address;
use printkeep::provider::credentials::{CredentialKind, Credentials};

fuzz_target!(|text: &str| {
    if let Ok(config) = Config::parse(text) {
        let written = config.to_toml().expect("paths from text are text");
        assert_eq!(Config::parse(&written).expect("what was written reads back"), config);
    }
    if let Ok(address) = Address::parse(text) {
        assert_eq!(Address::parse(&address.to_string()).expect("what was written reads back"), address);
    }
    let _ = Credentials::parse_aws_profile(text, "default");
    for kind in [CredentialKind::Login, CredentialKind::Ssh] {
        if let Ok(credentials) = Credentials::parse(text, kind) {
            let again = Credentials::decode(&credentials.encode()).expect("what was written reads back");
            assert_eq!(again.secret_key.expose(), credentials.secret_key.expose());
        }
    }
    let _ = Kit::parse(text);
});
