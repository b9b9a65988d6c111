//! A snapshot as it is listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::account::history::History;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots::{self, SnapshotInfo};

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// Its number on its device.
    pub number: u64,
    /// What the owner calls its device.
    pub device: String,
    /// The device's id.
    pub device_id: String,
    /// Whether this device made it.
    pub own: bool,
    /// When it was made, by its device's clock, in seconds since 1970.
    pub time: i64,
    /// Whether that is still to come by this machine's clock, so that nothing follows from it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
    /// Files in it.
    pub files: u64,
    /// Folders in it.
    pub folders: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Bytes that it added to the vault.
    pub stored: u64,
    /// The folders and files that it was to take and that are in it, by their paths on the device; nothing where this device does not know.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Those that could not be read.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Files and folders inside of its sources that could not be read.
    #[serde(default)]
    pub unread: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is never forgotten.
    pub pinned: bool,
    /// Whether it is forgotten and goes with the next prune.
    pub forgotten: bool,
}

impl Snapshot {
    /// What is known of a snapshot.
    pub fn of(account: &Account, notes: &DeletionNotes, history: &History, info: &SnapshotInfo) -> Self {
        let head = &info.head;
        let known = history.backup(head.number).filter(|_| info.own).cloned().unwrap_or_default();
        Self {
            number: head.number,
            device: info.device_name.clone(),
            device_id: head.device.to_string(),
            own: info.own,
            time: head.time,
            ahead: snapshots::is_ahead(account, head.time),
            files: head.stats.files,
            folders: head.stats.folders,
            bytes: head.stats.bytes,
            stored: head.stats.stored,
            sources: known.sources,
            missing: known.missing,
            unread: known.unread,
            tags: notes.tags(&head.device, head.number).into_iter().collect(),
            pinned: notes.is_pinned(&head.device, head.number),
            forgotten: notes.forgets(&head.device, head.number, &info.hash),
        }
    }
}
