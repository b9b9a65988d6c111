//! Heads and rosters: bounded whatever they claim.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::signed::Signed;
use printkeep::core::{index, roster::Roster, snapshot::Head};

fuzz_target!(|data: &[u8]| {
    if let Ok(head) = Head::decode(data) {
        for needs in &head.needs {
            assert!(needs.ordinals().take(index::MAX_PACKS + 1).count() <= index::MAX_PACKS);
        }
    }
    let _ = Roster::decode(data);
});
