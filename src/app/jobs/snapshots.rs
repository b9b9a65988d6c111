//! Which snapshots there are; needs no passphrase.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::reply::{Answer, Tally};
use crate::app::request::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::local::audit::Event;

/// Lists snapshots.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Snapshots {}

/// The snapshots that open, and those that do not.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotList {
    /// Those that open, by device and number.
    pub snapshots: Vec<Snapshot>,
    /// Those that do not.
    pub refused: Vec<Refused>,
}

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
    /// Files in it.
    pub files: u64,
    /// Folders in it.
    pub folders: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Bytes that it added to the vault.
    pub stored: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is never forgotten.
    pub pinned: bool,
    /// Whether it is forgotten and goes with the next prune.
    pub forgotten: bool,
}

/// A snapshot that does not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// Its object.
    pub object: String,
    /// Why.
    pub reason: Text,
}

impl Snapshot {
    /// What is known of a snapshot.
    pub fn of(book: &DeletionNotes, info: &SnapshotInfo) -> Self {
        let head = &info.head;
        Self {
            number: head.number,
            device: info.device_name.clone(),
            device_id: head.device.to_string(),
            own: info.own,
            time: head.time,
            files: head.stats.files,
            folders: head.stats.folders,
            bytes: head.stats.bytes,
            stored: head.stats.stored,
            tags: book.tags(&head.device, head.number).into_iter().collect(),
            pinned: book.is_pinned(&head.device, head.number),
            forgotten: book.forgets(&head.device, head.number, &info.hash),
        }
    }
}

impl Answer for SnapshotList {
    fn exit(&self) -> Exit {
        if self.refused.is_empty() { Exit::Done } else { Exit::Damaged }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.snapshots.len() as u64, ..Tally::default() }
    }
}

impl Job for Snapshots {
    type Reply = SnapshotList;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Browse, "snapshots"))
    }

    fn run(self, work: &Work<'_>) -> Result<SnapshotList, Failure> {
        let account = work.look()?;
        let (found, refused) = snapshots::snapshots(&account)?;
        let book = DeletionNotes::read(&account)?;
        let refused =
            refused.into_iter().map(|(name, why)| Refused { object: name.to_string(), reason: Text::plain(why.to_string()) });
        Ok(SnapshotList { snapshots: found.iter().map(|info| Snapshot::of(&book, info)).collect(), refused: refused.collect() })
    }
}
