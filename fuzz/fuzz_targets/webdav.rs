//! Listings of WebDAV servers: bounded, and the same however their bytes come.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::provider::webdav::Responses;

fn read(data: &[u8], step: usize) -> (Vec<printkeep::provider::webdav::Response>, bool) {
    let (mut responses, mut found) = (Responses::default(), Vec::new());
    for part in data.chunks(step) {
        if responses.push(part, &mut |response| found.push(response)).is_err() {
            return (found, false);
        }
    }
    let done = responses.finish().is_ok();
    (found, done)
}

fuzz_target!(|data: &[u8]| {
    let whole = read(data, data.len().max(1));
    assert_eq!(read(data, 1), whole);
    assert!(whole.0.iter().all(|response| response.path.len() <= 8 * 1024));
});
