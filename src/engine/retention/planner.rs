//! What a prune would do, and what it costs: read from the vault and the stores; nothing is changed, and nothing locked.

use super::plan::{self, Ground, PlacePlan, Terms};
use super::repack::{self, Candidate};
use super::used_chunks::UsedChunks;
use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::snapshot;
use crate::engine::account::Account;
use crate::engine::error::ObjectFault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::listings;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::{Cancel, EngineError};

/// What planning works with.
pub struct Planner<'a> {
    /// The account.
    pub account: &'a Account,
    /// What is known of packs.
    pub chunk_index: &'a ChunkIndex,
    /// The stores that can be reached.
    pub stores: Vec<&'a Remote>,
    /// The owner's key, where it is at hand: without it nothing is repacked.
    pub keyring: Option<&'a Keyring>,
    /// When things go.
    pub terms: Terms,
    /// Packs of which less than so many percent are needed are repacked; 0 for none.
    pub repack_below: u8,
    /// Whether to stop.
    pub cancel: &'a Cancel,
}

/// What would be done, and what it costs.
pub struct PrunePlan {
    /// By place: none for this machine's vault, else the name of the store.
    pub places: Vec<(Option<String>, PlacePlan)>,
    /// Packs worth repacking.
    pub candidates: Vec<Candidate>,
    /// Why nothing is removed or moved, where more may be needed than is known.
    pub unknown: Vec<(ObjectName, ObjectFault)>,
    pub(super) live: UsedChunks,
    pub(super) needed: UsedPacks,
}

impl Planner<'_> {
    fn may_delete(&self) -> bool {
        self.account.roster.may_delete(&self.account.device.id)
    }

    /// What decides in a place; `own` is this device where it is its own vault.
    pub(super) fn ground<'g>(&'g self, notes: &'g DeletionNotes, needed: &'g UsedPacks, own: Option<DeviceId>) -> Ground<'g> {
        Ground { roster: &self.account.roster, notes, needed, chunk_index: self.chunk_index, terms: self.terms, own }
    }

    /// Looks what would be done; nothing is changed.
    pub fn plan(&self) -> Result<PrunePlan, EngineError> {
        let notes = DeletionNotes::read(self.account)?;
        let needed = UsedPacks::of(self.account, self.chunk_index, &notes)?;
        let own = self.ground(&notes, &needed, Some(self.account.device.id));
        let mut places = vec![(None, plan::plan(&own, &listings::held(self.account)?))];
        if self.may_delete() {
            for store in &self.stores {
                let held = store.list_of(self.account).map_err(|error| store.lost(error))?.objects;
                places.push((Some(store.name().to_owned()), plan::plan(&self.ground(&notes, &needed, None), &held)));
            }
        }
        let (live, candidates) = match self.keyring {
            Some(keyring) if self.may_delete() && self.repack_below > 0 && needed.unknown.is_empty() => {
                let reader = |which: &snapshot::SnapshotId| {
                    ChunkReader::new(
                        self.chunk_index,
                        ReadOrder::with_stores(self.account, self.stores.iter().copied()),
                        keyring,
                        which.0,
                    )
                };
                let live = UsedChunks::of(self.account, &needed.snapshots, &needed.forgotten, reader, self.cancel)?;
                let candidates = repack::candidates(self.account, self.chunk_index, &needed, &live, self.repack_below)?;
                (live, candidates)
            }
            _ => (UsedChunks::default(), Vec::new()),
        };
        Ok(PrunePlan { places, candidates, unknown: needed.unknown.clone(), live, needed })
    }
}
