//! What checking is asked for, and what it found, tried and repaired.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::entry::SnapshotRef;
use crate::app::forms::notice::Notice;
use crate::app::forms::problem::Problem;
use crate::app::unlock::Unlock;
use crate::app::{Exit, Text};

/// The most files that are tried.
pub const MOST_TRIED: u32 = 1000;

/// Checks the local vault, or a store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// This store instead of the vault.
    #[serde(default)]
    pub store: Option<String>,
    /// Every byte, not only names and sizes of what holds files.
    #[serde(default)]
    pub read_data: bool,
    /// So many files of the newest snapshot of each source, chosen at random, are brought back, and written nowhere; 1 to 1000.
    #[serde(default)]
    pub try_restore: Option<u32>,
    /// First what is damaged is fetched again from the stores, and local state is rebuilt.
    #[serde(default)]
    pub repair: bool,
    /// How the account is unlocked; without, it is proved that everything is what was written.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// Where was looked, as its provider calls it.
    pub place: String,
    /// The store, if it was one.
    pub store: Option<String>,
    /// Snapshots checked.
    pub snapshots: u64,
    /// Objects checked.
    pub objects: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Packs opened with the owner's key.
    pub opened: u64,
    /// Objects that no snapshot needs.
    pub unneeded: u64,
    /// Snapshots of this device that were not sent to the store yet.
    pub unsent: u64,
    /// What else of the account was not sent to the store yet: key slots, later keys, rosters and deletion notes.
    #[serde(default)]
    pub unsent_parts: u64,
    /// Packs that are gone and whose whole content was stored anew.
    pub stored_anew: u64,
    /// Packs that are not in the vault, and lie whole in a store.
    pub elsewhere: u64,
    /// The stores where they lie.
    pub elsewhere_in: Vec<String>,
    /// Whether every byte was read.
    pub read_data: bool,
    /// Whether the owner's key was at hand.
    pub unlocked: bool,
    /// Whether this device was let in to write and the account's keys have not come to it, so that there was nothing of them to check.
    #[serde(default)]
    pub keys_awaited: bool,
    /// Parts in a store that are sealed under keys that this device was not given, and that it does not hold: they were not checked.
    #[serde(default)]
    pub later: u64,
    /// What is damaged or missing.
    pub damaged: Vec<Damage>,
    /// Files of the newest snapshots that need what is damaged, up to 1000; told where the owner's key was at hand.
    pub affected: Vec<String>,
    /// What a store shows that contradicts what is known.
    pub problems: Vec<Problem>,
    /// Devices that signed what is not so.
    pub rogues: Vec<String>,
    /// Snapshots of devices that lack before others, and that nobody ever saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// Snapshots that a revoked device made; nothing of the owner's needs them.
    pub disbelieved: Vec<String>,
    /// The devices that made them.
    pub intruders: Vec<Intruder>,
    /// What was repaired before, where that was asked for.
    pub repair: Option<Repaired>,
    /// How files came back, where that was asked for.
    pub tried: Option<Tried>,
}

impl Answer for Checked {
    fn exit(&self) -> Exit {
        let is_well = self.damaged.is_empty() && self.problems.is_empty();
        let verified = match (is_well, self.store.is_none() || self.disbelieved.is_empty()) {
            (false, _) => Exit::Damaged,
            (true, false) => Exit::Incomplete,
            (true, true) if self.later > 0 || !self.gaps.is_empty() => Exit::Incomplete,
            // nothing that was checked proves nothing
            (true, true) if self.snapshots == 0 => Exit::Incomplete,
            (true, true) => Exit::Done,
        };
        let repaired = self.repair.as_ref().is_none_or(|repair| repair.lost.is_empty());
        let tried = match &self.tried {
            Some(tried) if tried.failed > 0 => Exit::Damaged,
            // nothing that was tried proves nothing
            Some(tried) if tried.of == 0 => Exit::Incomplete,
            _ => Exit::Done,
        };
        verified.or(if repaired { Exit::Done } else { Exit::Damaged }).or(tried)
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.objects, bytes: self.bytes, moved: 0 }
    }
}

/// A revoked device that still writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intruder {
    /// The device.
    pub device: String,
    /// Whether it is this one.
    #[serde(default)]
    pub own: bool,
    /// How many snapshots it made since.
    pub snapshots: u64,
}

/// Snapshots of a device that lack before another of it, and that nobody ever saw: a store keeps them back, or they were never made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The device.
    pub device: String,
    /// The first number that lacks.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The snapshot before which the last of them lack.
    pub before: u64,
}

/// An object that is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Damage {
    /// The object.
    pub object: String,
    /// How.
    pub reason: Text,
}

/// What was repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repaired {
    /// Index objects read.
    pub indexes: u32,
    /// Packs looked at.
    pub packs: u64,
    /// Why local state had been set aside, if it had.
    pub state_was_set_aside: Option<Text>,
    /// Objects fetched again from a store.
    pub repaired: Vec<String>,
    /// Those of them that came from an earlier version there.
    pub earlier: Vec<String>,
    /// Packs that could not be fetched and hold what lies nowhere else.
    pub lost_packs: u64,
    /// Everything that could not be fetched.
    pub lost: Vec<String>,
    /// Other objects that could not be fetched, and why; the vault should be kept for a store that may have them.
    pub kept: Vec<Damage>,
    /// Objects that were set aside, because nothing of the owner's needs them.
    pub set_aside: Vec<String>,
    /// Packs that are gone and whose whole content was stored anew.
    pub stored_anew: u64,
    /// Where something could not be fetched: the stores that could not be looked at, which may have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreached: Vec<String>,
}

/// How files came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// The newest snapshot.
    #[serde(flatten)]
    pub which: SnapshotRef,
    /// Earlier ones that are the newest of a source which it lacks.
    pub also: Vec<SnapshotRef>,
    /// From which store; none is the local vault.
    pub store: Option<String>,
    /// How many files they hold.
    pub of: u64,
    /// How many were tried.
    pub tried: u64,
    /// How many came back whole.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them were compared with an original that is unchanged, and are the same.
    pub compared: u64,
    /// How many did not come back.
    pub failed: u64,
    /// What was told of files on the way.
    pub notices: Vec<Notice>,
}
