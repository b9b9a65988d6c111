//! What the next sync would send to each store, as far as is known here without asking it; a folder is looked at.

use std::collections::{BTreeSet, HashSet};

use crate::config::Store as StoreConfig;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::repository::{known_damage, listings, stores};
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::round::Objects;

/// What the vault holds, and what of it is worth sending.
pub struct Waiting<'a> {
    account: &'a Account,
    held: &'a Objects,
    /// Packs that index objects tell of.
    told: HashSet<ObjectName>,
    wanted: SyncFilter,
}

impl<'a> Waiting<'a> {
    /// Looks at the vault, which holds these objects, each with its size in bytes.
    ///
    /// # Errors
    /// Where the vault cannot be read.
    pub fn of(account: &'a Account, chunk_index: &ChunkIndex, held: &'a Objects) -> Result<Self, EngineError> {
        let wanted = SyncFilter::of(account, chunk_index)?;
        let told = chunk_index.packs().iter().map(|pack| ObjectName::Pack(pack.id)).collect();
        Ok(Self { account, held, told, wanted })
    }

    fn there(&self, config: &StoreConfig) -> BTreeSet<ObjectName> {
        stores::lies_there(self.account, config).unwrap_or_else(|| listings::known_there(self.account, &config.name))
    }

    /// What it is counted by: what devices that may delete said, and what snapshots need.
    pub fn grounds(&self) -> (&DeletionNotes, &UsedPacks) {
        (&self.wanted.notes, &self.wanted.needed)
    }

    /// What a store still lacks: objects and bytes.
    ///
    /// # Errors
    /// Where what is remembered of the store cannot be read.
    pub fn for_store(&self, config: &StoreConfig) -> Result<(u64, u64), EngineError> {
        let damaged = known_damage::known(self.account, Some(&config.name))?.unwrap_or_default();
        let there = self.there(config).into_iter().filter(|name| !damaged.contains_key(name));
        let theirs = there.map(|name| (name, self.held.get(&name).copied().unwrap_or_default())).collect();
        let scope = config.write_only.then(|| stores::scope(self.account));
        let writes = |name: &ObjectName| scope.as_ref().is_none_or(|scope| scope.writes(name));
        let missing = self.wanted.unsent(self.account, self.held, &theirs, &|pack| self.told.contains(pack), &writes);
        Ok(missing.iter().fold((0, 0), |(count, bytes), (_, size)| (count + 1, bytes + size)))
    }
}
