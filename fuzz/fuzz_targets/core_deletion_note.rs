//! Deletion notes: bounded whatever they claim.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::deletion_note::{DeletionNote, MAX_IDS, MAX_STATEMENTS, Statement, is_tag};
use printkeep::core::index::MAX_PACKS;
use printkeep::core::signed::Signed;

fuzz_target!(|data: &[u8]| {
    let Ok(note) = DeletionNote::decode(data) else { return };
    assert!(note.said.len() <= MAX_STATEMENTS);
    for said in &note.said {
        match said {
            Statement::Mark(ids) | Statement::Unmark(ids) | Statement::Drop(ids) => assert!(ids.len() <= MAX_IDS),
            Statement::Moved(_, needs) => {
                assert!(needs.iter().all(|needs| needs.ordinals().take(MAX_PACKS + 1).count() <= MAX_PACKS));
            }
            Statement::Tag(_, _, text) | Statement::Untag(_, _, text) => assert!(is_tag(text)),
            _ => {}
        }
    }
});
