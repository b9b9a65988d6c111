//! What a sync sends and fetches of packs, index objects and heads: what is still needed.

use std::collections::{BTreeMap, HashSet};

use crate::core::name::{ObjectId, ObjectName};
use crate::core::seal::Refused;
use crate::core::snapshot::SnapshotId;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;
use crate::engine::repository::usage::UsedPacks;

/// So many index objects that a store did not show are asked for in a run.
const MOST_UNLISTED: usize = 512;

/// What is worth sending and fetching.
pub struct SyncFilter {
    pub(super) notes: DeletionNotes,
    pub(super) needed: UsedPacks,
    live: HashSet<SnapshotId>,
    /// Heads here that nobody believes: of a device that was revoked, and not among those that the owner saw of it.
    disbelieved: HashSet<SnapshotId>,
}

impl SyncFilter {
    /// By what the vault holds now.
    pub fn of(account: &Account, chunk_index: &ChunkIndex) -> Result<Self, EngineError> {
        let notes = DeletionNotes::read(account)?;
        let needed = UsedPacks::of(account, chunk_index, &notes)?;
        let live = needed.snapshots.iter().copied().collect();
        let disbelieved = snapshots::disbelieved(account)?;
        Ok(Self { notes, needed, live, disbelieved })
    }

    /// Whether an object is to be sent or fetched; `there` says which packs can be had without it.
    pub fn sends(&self, name: &ObjectName, there: impl Fn(&ObjectName) -> bool) -> bool {
        match name {
            ObjectName::Head(device, number) if self.disbelieved.contains(&(*device, *number)) => false,
            ObjectName::Head(device, number) => {
                !self.notes.may_be_forgotten(device, *number) || self.live.contains(&(*device, *number))
            }
            ObjectName::DeletionNote(..) => !self.notes.refused().contains(&(*name, Refused::MayNotDelete)),
            // where not everything is known, too much is better than too little
            ObjectName::Pack(_) | ObjectName::Index(..) if !self.needed.unknown.is_empty() => true,
            // a pack whose content moved to where it cannot be had from
            ObjectName::Pack(id) if !self.needed.packs.contains(id) => !self.needed.stands_in(id, there),
            name => self.needed.has(name),
        }
    }

    /// What of the vault a store lacks and this device sends there, in the order of names; `is_told` says of which packs an index object
    /// tells. Others are no part of it: runs that were stopped leave them.
    pub(super) fn unsent(
        &self,
        account: &Account,
        ours: &BTreeMap<ObjectName, u64>,
        theirs: &BTreeMap<ObjectName, u64>,
        is_told: &dyn Fn(&ObjectName) -> bool,
        writes: &dyn Fn(&ObjectName) -> bool,
    ) -> Vec<(ObjectName, u64)> {
        // what moved need not be sent where the store has it: there it came from in this very run, or is not to be read
        let there = |pack: &ObjectName| ours.contains_key(pack) || theirs.contains_key(pack);
        let known = |name: &ObjectName| match name {
            name if !writes(name) => false,
            ObjectName::Pack(_) => is_told(name) && self.sends(name, there),
            // the post goes its own way: see `inbox`
            ObjectName::Letter(..) => false,
            // what was withdrawn meanwhile is not sent, nor what another device recorded
            ObjectName::Fact(device, number) => {
                *device == account.device.id && account.facts.holds(*number) && !self.is_erased(name)
            }
            // nobody believes it, and who sees it would have to think that somebody got in
            ObjectName::Head(device, _) | ObjectName::Index(device, _) if account.roster.member(device).is_none() => false,
            // another device put its own in the place of this one
            ObjectName::Slot(id) if account.memory.is_superseded(id) => false,
            name => self.sends(name, there),
        };
        let missing = ours.iter().filter(|(name, size)| theirs.get(name) != Some(size) && known(name));
        missing.map(|(name, size)| (*name, *size)).collect()
    }

    /// Whether a device that may delete erased a fact in the owner's name.
    pub fn is_erased(&self, fact: &ObjectName) -> bool {
        self.notes.marked(&fact.place()).is_some()
    }

    /// Index objects that snapshots need, the vault lacks and a store did not show, each with the most bytes that it may have.
    pub(super) fn unlisted_indexes(&self, is_listed: impl Fn(&ObjectName) -> bool) -> impl Iterator<Item = (ObjectName, u64)> {
        let unknown = self.needed.unknown.iter().map(|(name, _)| *name).filter(|name| matches!(name, ObjectName::Index(..)));
        unknown.filter(move |name| !is_listed(name)).take(MOST_UNLISTED).map(|name| (name, name.max_size() as u64))
    }

    /// Index objects that snapshots need, the vault lacks and a store has, although a device that may delete marked them.
    pub fn lacking_indexes<'t>(&self, theirs: impl Iterator<Item = (&'t ObjectName, &'t u64)>) -> Vec<(ObjectName, u64)> {
        let unknown = self.needed.unknown.iter().map(|(name, _)| name);
        let lacking: HashSet<ObjectId> = unknown.filter(|n| matches!(n, ObjectName::Index(..))).map(|n| n.place()).collect();
        let lacks = |name: &ObjectName| matches!(name, ObjectName::Index(_, id) if lacking.contains(id));
        theirs.filter(|(name, _)| lacks(name)).map(|(name, size)| (*name, *size)).collect()
    }
}
