//! Devices that may delete: what their notes say, which objects snapshots still need, forgetting, pruning. Only the word of a device that may delete lets anything go,
//! and nothing goes that an unforgotten snapshot needs, whoever made it.

pub mod auto;
pub mod forget;
pub mod lost;
pub mod plan;
pub mod planner;
pub mod policy;
pub mod prune;
pub mod repack;
pub mod used_chunks;
pub mod write_note;

use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;

use std::collections::BTreeMap;

/// What goes next, as far as the vault tells.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Snapshots that are forgotten and still there.
    pub snapshots: u64,
    /// When the first of them may go, in seconds since 1970.
    pub first_snapshot: Option<i64>,
    /// Packs and index objects that are marked as unneeded and still there.
    pub objects: u64,
    /// When the first of them may go.
    pub first_object: Option<i64>,
}

/// What of these objects goes next, where what nothing needs stays for so many seconds.
pub fn due(account: &Account, notes: &DeletionNotes, held: &BTreeMap<ObjectName, u64>, grace: i64) -> Result<Due, EngineError> {
    let (mut due, heads) = (Due::default(), snapshots::head_names(account)?);
    let first = |so_far: Option<i64>, said: i64| Some(so_far.unwrap_or(i64::MAX).min(said.saturating_add(grace)));
    for name in held.keys() {
        match name {
            ObjectName::Head(device, number) if snapshots::is_forgotten(account, notes, *device, *number) => {
                let said = notes.forgotten(device, *number).iter().map(|(_, time)| *time).max();
                // the newest of a device stays, whatever was said
                let newest = heads.get(device).and_then(|numbers| numbers.last().copied());
                if let (Some(said), true) = (said, newest != Some(*number)) {
                    due.snapshots += 1;
                    due.first_snapshot = first(due.first_snapshot, said);
                }
            }
            ObjectName::Pack(id) | ObjectName::Index(_, id) => {
                if let Some(said) = notes.marked(id) {
                    due.objects += 1;
                    due.first_object = first(due.first_object, said);
                }
            }
            _ => {}
        }
    }
    Ok(due)
}
