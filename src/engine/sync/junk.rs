//! What a store gives that opens for nobody, counted by folder and by the device whose name it bears: after so many no more of that is
//! asked for in a run, and after a few no more is told of but how many there were. So made-up objects cost a store's own sync, no other
//! device's part of it. What was refused once is neither asked for nor told of again in that run.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::Roster;
use crate::engine::account::Account;
use crate::engine::error::SyncFault;
use crate::provider::ProviderError;

/// So many of one group that do not open are asked for in a run.
const MOST: u64 = 256;
/// So many of one group are told of one by one.
const TOLD: u64 = 8;
/// So many generations of keys may be made between two syncs.
const AHEAD: u64 = 64;
/// So many objects may wait in a run for keys that this device was not given.
pub const MOST_WAITING: usize = 1024;

/// The folder, and the device where it is one of the account's.
type Group = (&'static str, Option<DeviceId>);

#[derive(Default)]
struct Count {
    refused: u64,
    /// Refused and not told, or not even asked for; and the first of these.
    untold: u64,
    first: Option<ObjectName>,
}

/// What was given in a run that is none.
#[derive(Default)]
pub struct Junk {
    counts: BTreeMap<Group, Count>,
    /// What was given and refused.
    refused: BTreeSet<ObjectName>,
    /// What was not even asked for.
    passed: BTreeSet<ObjectName>,
}

impl Junk {
    fn of(&mut self, roster: &Roster, name: &ObjectName) -> &mut Count {
        let device = name.device().filter(|device| roster.member(device).is_some());
        self.counts.entry((name.folder(), device)).or_default()
    }

    /// Whether an object was asked for in this run, and refused.
    pub fn was_refused(&self, name: &ObjectName) -> bool {
        self.refused.contains(name)
    }

    /// Whether an object is not asked for: it was refused before; too much of its group is none; or it is of keys far beyond those that
    /// this device holds, which it could not prove. What was never asked for is counted, once.
    pub fn passes_over(&mut self, account: &Account, name: &ObjectName) -> bool {
        if self.was_refused(name) {
            return true;
        }
        let count = self.of(&account.roster, name);
        let held = u64::from(account.device.keys.generation());
        let is_far = |generation: &u64| *generation > held.saturating_add(AHEAD);
        let is_over = match name {
            ObjectName::Keys(generation) | ObjectName::Grant(_, generation) if is_far(generation) => true,
            _ => count.refused >= MOST,
        };
        if is_over && self.passed.insert(*name) {
            self.of(&account.roster, name).add(name);
        }
        is_over
    }

    /// Counts an object that could not be moved for its own sake; whether it is told of by itself, which it is once.
    pub fn tells(&mut self, roster: &Roster, name: &ObjectName, why: &SyncFault) -> bool {
        let is_its_own =
            matches!(why, SyncFault::Refused(_) | SyncFault::Store(ProviderError::Missing | ProviderError::Nonsense(_)));
        !is_its_own || self.counts(roster, name)
    }

    /// Counts an object that opens for nobody; whether it is told of by itself.
    pub fn counts(&mut self, roster: &Roster, name: &ObjectName) -> bool {
        if !self.refused.insert(*name) {
            return false;
        }
        let count = self.of(roster, name);
        count.refused += 1;
        if count.refused > TOLD {
            count.add(name);
        }
        count.refused <= TOLD
    }

    /// One line for each group that has more than was told of.
    pub fn rest(&mut self) -> Vec<(ObjectName, u64)> {
        let counts = std::mem::take(&mut self.counts).into_values();
        counts.filter_map(|count| Some((count.first?, count.untold))).collect()
    }
}

impl Count {
    fn add(&mut self, name: &ObjectName) {
        self.untold += 1;
        self.first.get_or_insert(*name);
    }
}
