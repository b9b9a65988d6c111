//! Which snapshots there are; needs no passphrase.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::snapshot::Snapshot;
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, reasons};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::{snapshots, vault_loss};
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
    /// Snapshots of this device that the vault lost, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<u64>,
}

/// A snapshot that does not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// Its object.
    pub object: String,
    /// Why.
    pub reason: Text,
}

impl Answer for SnapshotList {
    fn exit(&self) -> Exit {
        if self.refused.is_empty() && self.lost.is_empty() { Exit::Done } else { Exit::Damaged }
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
        let account = work.open_read_only()?;
        let (found, refused) = snapshots::snapshots(&account)?;
        let notes = DeletionNotes::read(&account)?;
        let history = account.history();
        let refused = refused.into_iter().map(|(name, why)| Refused { object: name.to_string(), reason: reasons::refused(&why) });
        Ok(SnapshotList {
            snapshots: found.iter().map(|info| Snapshot::of(&notes, &history, info)).collect(),
            refused: refused.collect(),
            lost: vault_loss::snapshots(&account, &notes)?,
        })
    }
}
