//! The journal: never a panic, never more good bytes than there are.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::secret::Secret;
use printkeep::local::journal;

fuzz_target!(|data: &[u8]| {
    let key = Secret::filled_by(|bytes| bytes.fill(3));
    let file = [b"PKJL\x01", data].concat();
    match journal::read(&file, &key) {
        Ok((_, good)) => assert!(good <= file.len()),
        Err(at) => assert!(at <= file.len()),
    }
});
