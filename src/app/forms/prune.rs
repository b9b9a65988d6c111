//! What pruning is about to do, what it costs, and what was done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::{Exit, Failure, Text, faults};
use crate::engine::retention::plan::PlacePlan;
use crate::engine::retention::prune::{Passed, PruneStats};
use crate::text;

/// What it costs, and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneReply {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Whether this device may delete; another prunes its own vault alone.
    pub may_delete: bool,
    /// What was to be done in each place: the vault, then the stores.
    pub plan: Vec<Planned>,
    /// What was to be written anew.
    pub repack: Repack,
    /// Whether that needs the owner's key, which was not given.
    pub repack_locked: bool,
    /// Why nothing but forgotten snapshots goes: more may be needed than is known.
    pub unknown: Vec<Unknown>,
    /// What was done; none with a dry run.
    #[serde(flatten)]
    pub done: Option<Pruned>,
}

impl Answer for PruneReply {
    fn exit(&self) -> Exit {
        let skipped = self.done.as_ref().is_some_and(|done| !done.skipped.is_empty());
        match (self.unknown.is_empty(), skipped) {
            (false, _) => Exit::Damaged,
            (true, true) => Exit::Incomplete,
            (true, false) => Exit::Done,
        }
    }

    fn tally(&self) -> Tally {
        let removed = self.done.iter().flat_map(|done| &done.removed);
        let (objects, bytes) = removed.fold((0, 0), |(count, bytes), one| (count + one.objects, bytes + one.bytes));
        let moved = self.done.as_ref().map_or(0, |done| done.repacked.read_bytes + done.repacked.written_bytes);
        Tally { objects, bytes, moved }
    }
}

/// What pruning does in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// The store; none for the vault.
    pub store: Option<String>,
    /// Files that are removed now.
    pub remove: u64,
    /// Their bytes.
    pub remove_bytes: u64,
    /// Files that go after the grace period.
    pub later: u64,
    /// Their bytes.
    pub later_bytes: u64,
    /// Files that are marked as unneeded now.
    pub unmarked: u64,
    /// Requests to the place, about.
    pub requests: u64,
}

impl Planned {
    /// What the engine plans for a place; none is the vault.
    pub fn of((store, plan): &(Option<String>, PlacePlan)) -> Self {
        Self {
            store: store.clone(),
            remove: plan.remove.len() as u64,
            remove_bytes: plan.bytes,
            later: plan.later,
            later_bytes: plan.later_bytes,
            unmarked: plan.unmarked.len() as u64,
            requests: plan.requests,
        }
    }
}

/// What is to be written anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repack {
    /// Files of the vault.
    pub packs: u64,
    /// Bytes to read.
    pub read_bytes: u64,
    /// Bytes to write and send, about.
    pub write_bytes: u64,
}

/// Something that is not known, so that little may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// Which file of the vault.
    pub object: String,
    /// What is wrong with it.
    pub reason: Text,
}

/// What pruning did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pruned {
    /// What was removed in each place.
    pub removed: Vec<Removed>,
    /// Files newly marked as unneeded.
    pub marked: u64,
    /// Marked files that a snapshot needs again.
    pub unmarked: u64,
    /// What was written anew.
    pub repacked: Repacked,
    /// What stores keep for a time.
    pub locked: Vec<LockedThere>,
    /// Places where nothing or not all was done.
    pub skipped: Vec<Skipped>,
}

impl Pruned {
    /// What the engine did, and tells of it.
    pub fn of(done: PruneStats) -> Self {
        let removed = |(store, objects, bytes)| Removed { store, objects, bytes };
        let skipped = |(store, why)| Skipped { store, reason: passed(why) };
        let locked = |(store, objects, first_until)| LockedThere { store, objects, first_until };
        let repacked = &done.repacked;
        Self {
            removed: done.removed.into_iter().map(removed).collect(),
            marked: done.marked,
            unmarked: done.unmarked,
            repacked: Repacked {
                packs: repacked.packs,
                read_bytes: repacked.read,
                written_bytes: repacked.written,
                left: repacked.left,
                no_room: repacked.no_room,
            },
            locked: done.locked.into_iter().map(locked).collect(),
            skipped: done.skipped.into_iter().map(skipped).collect(),
        }
    }
}

fn passed(why: Passed) -> Text {
    match why {
        Passed::Failed(error) => Failure::from(error).message,
        Passed::Unread(name, why) => text!("prune-unread", object = name.to_string(), why = faults::sync(&why)),
        Passed::Untrue => text!("prune-untrue"),
        Passed::Restless => text!("prune-restless"),
    }
}

/// What was removed in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// The store; none for the vault.
    pub store: Option<String>,
    /// How many files.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What was written anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repacked {
    /// Files of the vault whose content moved.
    pub packs: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Files left as they are, because they cannot be read.
    pub left: u64,
    /// Files left as they are, because there is no room for what would be written.
    #[serde(default)]
    pub no_room: u64,
}

/// What a store keeps for a time, as its owner set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockedThere {
    /// The store.
    pub store: String,
    /// How many files.
    pub objects: u64,
    /// When the first can go, as the store says it.
    pub first_until: String,
}

/// A place where nothing or not all was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The store; none for the vault.
    pub store: Option<String>,
    /// Why.
    pub reason: Text,
}
