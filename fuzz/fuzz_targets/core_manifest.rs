//! Manifests, roots and lists: no path leaves its root, and entries read back what they write.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::manifest::{EntryReader, EntryWriter, Root, decode_lists, decode_pieces};

fuzz_target!(|data: &[u8]| {
    let mut entries = Vec::new();
    for entry in EntryReader::new(data).flatten() {
        assert!(entry.path.components().all(|part| !part.is_empty() && part != b".." && part != b"." && !part.contains(&0)));
        entries.push(entry);
    }
    let mut writer = EntryWriter::default();
    entries.iter().for_each(|entry| writer.push(entry));
    let written = writer.take();
    let again: Vec<_> = EntryReader::new(&written).map(|entry| entry.expect("what was written reads back")).collect();
    assert_eq!(format!("{again:?}"), format!("{entries:?}"));
    let _ = (Root::decode(data), decode_pieces(data), decode_lists(data));
});
