//! Whole objects and packs under keys the fuzzer does not know: nothing opens, nothing panics.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::keys::Keyring;
use printkeep::core::name::{AccountId, ObjectId, ObjectName};
use printkeep::core::pack::PackReader;
use printkeep::core::random::{NoRandomness, Random};
use printkeep::core::seal::{self, With};
use std::sync::LazyLock;

struct Fixed;
impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        out.fill(7);
        Ok(())
    }
}
static KEYRING: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::random(AccountId::from_bytes([7; 16]), &Fixed).expect("fixed bytes"));

fuzz_target!(|data: &[u8]| {
    let id = ObjectId::from_bytes([9; 16]);
    let mut bytes = data.to_vec();
    // the right beginning, so that the fuzzer gets past it
    if bytes.len() > 39 {
        bytes[..4].copy_from_slice(b"PKEP");
        bytes[4..6].copy_from_slice(&[1, 1]);
        bytes[7..23].fill(7);
        bytes[23..39].fill(9);
    }
    assert!(seal::open(&With::Owner(&KEYRING), &ObjectName::Slot(id), &bytes).is_err());
    if let Ok(reader) = PackReader::open(&With::Owner(&KEYRING), id, &bytes) {
        let _ = reader.check_whole(&bytes);
    }
});
