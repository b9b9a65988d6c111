//! Entries of the audit log: never a panic, and what reads is written the same again.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::local::audit::Entry;

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::decode(data) {
        assert_eq!(Entry::decode(&entry.encode()).as_ref(), Ok(&entry));
    }
});
