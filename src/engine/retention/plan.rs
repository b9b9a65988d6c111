//! What pruning would do in one place, and what that costs: told before anything is done.
//!
//! A forgotten head goes when the note that forgot it is older than the grace period, a pack or index object when no snapshot needs
//! it and the mark that says so is; a head that a device made after it was revoked, like a pack: nobody believes it. Marks of this very run never count. In this machine's own vault goes at once what runs of this
//! device left that were cut off: nothing ever named it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::roster::Roster;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::usage::UsedPacks;

/// What holds for every place.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long what is unneeded stays, in seconds.
    pub grace: i64,
    /// the device that deletes's clock, in seconds since 1970.
    pub now: i64,
}

impl Terms {
    /// Whether something said then is past the grace period; what was said by a clock that ran ahead is not.
    fn is_past(&self, time: i64) -> bool {
        time <= self.now && time.saturating_add(self.grace) <= self.now
    }
}

/// What pruning does in one place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct PlacePlan {
    /// Removed now, in this order: heads, index objects, packs.
    pub remove: Vec<ObjectName>,
    /// The bytes of these.
    pub bytes: u64,
    /// Unneeded objects that stay until the grace period is over.
    pub later: u64,
    /// The bytes of these.
    pub later_bytes: u64,
    /// Unneeded packs, index objects and disbelieved heads, by their places, that no mark tells of yet, or one of a clock that ran ahead.
    pub unmarked: Vec<ObjectId>,
    /// Requests to the place, about.
    pub requests: u64,
}

/// What the plan of a place is made from.
pub struct Ground<'a> {
    /// The devices.
    pub roster: &'a Roster,
    /// What the devices that may delete say.
    pub notes: &'a DeletionNotes,
    /// What snapshots need.
    pub needed: &'a UsedPacks,
    /// Which packs there are.
    pub chunk_index: &'a ChunkIndex,
    /// When things go.
    pub terms: Terms,
    /// This device, where the place is its own vault.
    pub own: Option<DeviceId>,
}

/// Plans for a place that holds these objects.
pub fn plan(ground: &Ground<'_>, held: &BTreeMap<ObjectName, u64>) -> PlacePlan {
    let mut plan = PlacePlan::default();
    let (heads, rest) = (ground.heads(held), ground.packs_and_indexes(held));
    for (name, fate) in heads.into_iter().chain(rest) {
        let size = held.get(&name).copied().unwrap_or_default();
        match fate {
            Fate::Now => {
                plan.remove.push(name);
                plan.bytes += size;
            }
            Fate::Later => {
                plan.later += 1;
                plan.later_bytes += size;
            }
            Fate::Unmarked => {
                plan.unmarked.push(name.place());
                plan.later += 1;
                plan.later_bytes += size;
            }
        }
    }
    // listing twice, a look at each head before it goes, and what goes
    let heads = plan.remove.iter().filter(|name| matches!(name, ObjectName::Head(..))).count() as u64;
    plan.requests = 2 * (ObjectName::FOLDERS.len() as u64 + held.len() as u64 / 1000) + heads + plan.remove.len() as u64;
    plan
}

enum Fate {
    Now,
    Later,
    Unmarked,
}

impl Ground<'_> {
    fn heads(&self, held: &BTreeMap<ObjectName, u64>) -> Vec<(ObjectName, Fate)> {
        let mut newest: HashMap<DeviceId, u64> = HashMap::new();
        let heads = held.keys().filter_map(|name| if let ObjectName::Head(d, n) = name { Some((*d, *n)) } else { None });
        let (disbelieved, heads): (Vec<_>, Vec<_>) = heads.partition(|(d, n)| self.roster.is_after_revocation(d, *n));
        for (device, number) in heads.iter().copied() {
            newest.entry(device).and_modify(|n| *n = (*n).max(number)).or_insert(number);
        }
        let live: HashSet<_> = self.needed.snapshots.iter().copied().collect();
        let mut fates = Vec::new();
        for (device, number) in heads.into_iter().filter(|(device, number)| newest.get(device) != Some(number)) {
            // which of two heads of one number lies there is looked at before it goes; one that is known here and needed stays
            let may_go = self.notes.may_be_forgotten(&device, number) && !live.contains(&(device, number));
            let said = self.notes.forgotten(&device, number).iter().map(|(_, time)| *time).max();
            if let Some(time) = said.filter(|_| may_go) {
                let fate = if self.terms.is_past(time) { Fate::Now } else { Fate::Later };
                fates.push((ObjectName::Head(device, number), fate));
            }
        }
        let disbelieved = disbelieved.into_iter().map(|(device, number)| ObjectName::Head(device, number));
        fates.extend(disbelieved.map(|name| (name, self.marked(&name))));
        fates
    }

    /// By the mark on it.
    fn marked(&self, name: &ObjectName) -> Fate {
        match self.notes.marked(&name.place()) {
            Some(time) if self.terms.is_past(time) => Fate::Now,
            Some(time) if time <= self.terms.now => Fate::Later,
            _ => Fate::Unmarked,
        }
    }

    fn packs_and_indexes(&self, held: &BTreeMap<ObjectName, u64>) -> Vec<(ObjectName, Fate)> {
        // where not everything is known that is needed, nothing is known to be unneeded
        if !self.needed.unknown.is_empty() {
            return Vec::new();
        }
        let left_over = self.left_over(held);
        let is_index = |name: &ObjectName| matches!(name, ObjectName::Index(..));
        let unneeded = |name: &&ObjectName| matches!(name, ObjectName::Pack(_) | ObjectName::Index(..)) && !self.needed.has(name);
        let mut names: Vec<ObjectName> = held.keys().filter(unneeded).copied().collect();
        names.sort_by_key(|name| (!is_index(name), *name));
        let stands_in = |name: &ObjectName| match name {
            ObjectName::Pack(id) => self.needed.stands_in(id, |pack| held.contains_key(pack)),
            _ => true,
        };
        let fate = |name: &ObjectName| match name {
            _ if !stands_in(name) => None,
            _ if left_over.contains(name) => Some(Fate::Now),
            name => Some(self.marked(name)),
        };
        names.into_iter().filter_map(|name| fate(&name).map(|fate| (name, fate))).collect()
    }

    /// Packs and index objects of runs of this device that were cut off: no snapshot, forgotten or not, names them.
    fn left_over(&self, held: &BTreeMap<ObjectName, u64>) -> HashSet<ObjectName> {
        let Some(own) = self.own else { return HashSet::new() };
        let others: HashSet<ObjectId> = self.chunk_index.packs().iter().filter(|p| p.device != own).map(|p| p.id).collect();
        let is_own = |name: &ObjectName| match name {
            ObjectName::Index(device, _) => *device == own,
            ObjectName::Pack(id) => !others.contains(id),
            _ => false,
        };
        let unnamed = |id: &ObjectId| {
            !self.needed.named.contains(id) && !self.needed.moved.contains_key(id) && self.notes.marked(id).is_none()
        };
        held.keys().filter(|name| is_own(name) && unnamed(&name.place()) && !self.needed.has(name)).copied().collect()
    }
}
