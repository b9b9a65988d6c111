//! Index objects: every location lies inside its pack's limit.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::index::Index;
use printkeep::core::pack::MAX_PACK;
use printkeep::core::signed::Signed;

fuzz_target!(|data: &[u8]| {
    if let Ok(index) = Index::decode(data) {
        for (_, at) in index.packs.iter().flat_map(|pack| pack.locations()) {
            assert!(at.offset as usize + at.length as usize <= MAX_PACK);
        }
    }
});
