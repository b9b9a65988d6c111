//! Checking: the backup is what was written, files come back from it, and what is damaged is repaired where a store has it.

mod repair;
mod tried;
mod verified;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::jobs::problems::Problem;
use crate::app::reply::{Answer, Tally};
use crate::app::request::{Audited, Job, Recording};
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Exit, Failure};
use crate::engine::repository::remotes::Remotes;
use crate::local::audit::Event;

pub use repair::Repaired;
pub use tried::Tried;
pub use verified::Damage;

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
    /// So many files of the newest snapshot, chosen at random, are brought back into nothing; 1 to 1000.
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
    /// What is damaged or missing.
    pub damaged: Vec<Damage>,
    /// Files of the newest snapshots that need what is damaged, up to 1000; told where the owner's key was at hand.
    pub affected: Vec<String>,
    /// What a store shows that contradicts what is known.
    pub problems: Vec<Problem>,
    /// Devices that signed what is not so.
    pub rogues: Vec<String>,
    /// Snapshots that a revoked device made; nothing of the owner's needs them.
    pub disbelieved: Vec<String>,
    /// The devices that made them.
    pub intruders: Vec<Intruder>,
    /// What was repaired before, where that was asked for.
    pub repair: Option<Repaired>,
    /// How files came back, where that was asked for.
    pub tried: Option<Tried>,
}

/// A revoked device that still writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intruder {
    /// The device.
    pub device: String,
    /// How many snapshots it made since.
    pub snapshots: u64,
}

impl Answer for Checked {
    fn exit(&self) -> Exit {
        let is_well = self.damaged.is_empty() && self.problems.is_empty();
        let verified = match (is_well, self.store.is_none() || self.disbelieved.is_empty()) {
            (false, _) => Exit::Damaged,
            (true, false) => Exit::Incomplete,
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

impl Job for Check {
    type Reply = Checked;

    fn audited(&self) -> Option<Audited> {
        let (event, what) = match (self.repair, self.try_restore, self.read_data) {
            (true, ..) => (Event::Repair, "repair"),
            (false, Some(_), _) => (Event::Drill, ""),
            (false, None, true) => (Event::Verify, "every byte"),
            (false, None, false) => (Event::Verify, ""),
        };
        Some(Audited::of(event, what).names(self.store.clone()))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Checked, Failure> {
        let config = work.session.config()?;
        let remotes = Remotes::of(&config.stores, work.runtime());
        let repair = match self.repair {
            true => Some(repair::run(work, &config, &self, &remotes)?),
            false => None,
        };
        let mut checked = verified::run(work, &self, &remotes)?;
        if let Some(sample) = self.try_restore {
            checked.tried = Some(tried::run(work, &self, &remotes, sample.clamp(1, MOST_TRIED), checked.elsewhere > 0)?);
        }
        checked.repair = repair;
        Ok(checked)
    }
}
