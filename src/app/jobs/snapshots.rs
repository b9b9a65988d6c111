//! Which snapshots there are; needs no passphrase.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::snapshot::Snapshot;
use crate::app::forms::store_problem::device_name;
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, reasons};
use crate::core::name::ObjectName;
use crate::core::refused;
use crate::engine::account::Account;
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
    /// Those that a device made after it was revoked: nobody believes them, and nothing is damaged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disbelieved: Vec<Disbelieved>,
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

/// A snapshot that a device made after it was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disbelieved {
    /// What the owner called the device.
    pub device: String,
    /// Whether it is this one.
    pub own: bool,
    /// The snapshot's number.
    pub number: u64,
}

impl Disbelieved {
    fn of(account: &Account, name: &ObjectName) -> Option<Self> {
        match name {
            ObjectName::Head(device, number) if account.roster.is_after_revocation(device, *number) => {
                Some(Self { device: device_name(account, device), own: *device == account.device.id, number: *number })
            }
            _ => None,
        }
    }
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
        let disbelieved = refused.iter().filter(|(_, why)| *why == refused::Refused::Revoked);
        let disbelieved: Vec<_> = disbelieved.filter_map(|(name, _)| Disbelieved::of(&account, name)).collect();
        let refused = refused.into_iter().filter(|(_, why)| *why != refused::Refused::Revoked);
        let refused = refused.map(|(name, why)| Refused { object: name.to_string(), reason: reasons::refused(&why) });
        Ok(SnapshotList {
            snapshots: found.iter().map(|info| Snapshot::of(&account, &notes, &history, info)).collect(),
            refused: refused.collect(),
            disbelieved,
            lost: vault_loss::snapshots(&account, &notes)?,
        })
    }
}
