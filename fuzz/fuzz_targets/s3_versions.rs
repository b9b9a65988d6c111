//! Listings of an S3 server's versions: bounded, and nothing of another account is taken for this one's.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::provider::s3::rollback::parse;

const ACCOUNT: &str = "00112233445566778899aabbccddeeff/";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let page = parse(text, ACCOUNT);
    assert!(page.versions.len() <= text.len() / "<Version></Version>".len());
    for (name, _) in &page.versions {
        assert!(text.contains(&format!("{ACCOUNT}{name}")));
    }
});
