//! Which chunks exist and where: filled from index objects, and never trusted beyond what the vault holds.
//!
//! Nobody owns it: it is what the published index file says (`engine/repository/index_file.rs`), and beside it, in memory, what the vault's index
//! objects say that the file does not cover. So whoever reads needs no database, no lock and nothing to write to; where the file is
//! missing or damaged, the index objects say the same. Whoever writes publishes the file anew when much was added.
//!
//! A chunk counts as stored only when this device or a device that may delete of the account wrote it and its pack lies in the vault now: any other
//! device's word would let a rogue make others skip what it does not hold. For the same reason every device's word is kept apart. A
//! pack that a device that may delete marked as unneeded counts as stored no more, so that no new snapshot leans on what is about to go.
//!
//! A device may have written a chunk twice, because the first copy was damaged or marked: a few places are kept for each.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::core::codec::clamp_u32;
use crate::core::index::Index;
use crate::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::pack::Location;
use crate::core::snapshot::{Needs, runs};
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::engine::repository::chunk_place::{ChunkPlace, ChunkPlaces, Overlay};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::durable::{Durable, OwnIndex};
use crate::engine::repository::index_file::{self, KnownIndex, Source};
use crate::local::sealed_index::SealedIndex;
use crate::provider::{Listed, PutReceipt};

/// The most places that are kept of one chunk of one device.
const MAX_PLACES: usize = 8;
/// So many chunks are kept in memory, at least and at most, before they go to a file; between the two, a quarter of what is in it.
const FRESH: std::ops::Range<usize> = 16_384..49_152;
/// So many of one index object are taken over between two looks whether there is too much in memory.
const SLICE: usize = 8_192;
/// So many index objects, each to be opened by every reader, are worth publishing the file anew.
const MANY_UNCOVERED: usize = 16;

/// A pack as index objects tell of it.
#[derive(Debug, Clone)]
pub struct PackInfo {
    /// Its id.
    pub id: ObjectId,
    /// Its size in bytes.
    pub size: u32,
    /// BLAKE3 of its bytes.
    pub hash: ObjectHash,
    /// The index object that tells of it.
    pub index: ObjectId,
    /// BLAKE3 of that index object.
    pub index_hash: ObjectHash,
    /// Its ordinal there.
    pub at: u32,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Whether the vault holds it now.
    pub present: bool,
}

/// Which chunks exist and where.
pub struct ChunkIndex {
    base: Option<SealedIndex>,
    /// Whether `base` is the published file, or one of this process's own.
    published: bool,
    /// What the base does not say.
    fresh: Overlay,
    /// Index objects that the published file does not cover.
    uncovered: usize,
    /// What the base says, read from the index objects, where a block of it turned out damaged.
    instead: OnceLock<Overlay>,
    source: Source,
    device: DeviceId,
    deleters: Vec<DeviceId>,
    others: Vec<DeviceId>,
    marked: HashSet<ObjectId>,
    packs: Vec<PackInfo>,
    /// The ordinal of the first pack of each index object, and how many there are.
    indexes: HashMap<ObjectId, (u32, u32)>,
}

impl ChunkIndex {
    /// What the published file and the vault's index objects say, and which packs the vault holds now; nothing is written.
    pub fn open(account: &Account) -> Result<Self, EngineError> {
        Self::begin(account, index_file::read(account))
    }

    /// The same from the index objects alone.
    pub fn rebuild(account: &Account) -> Result<Self, EngineError> {
        Self::begin(account, None)
    }

    fn begin(account: &Account, read: Option<(SealedIndex, Vec<KnownIndex>)>) -> Result<Self, EngineError> {
        let listed = index_file::listed(account)?;
        let known: HashSet<ObjectId> = listed.iter().map(ObjectName::place).collect();
        // one that mostly tells of what was pruned is read anew
        let lives = |told: &[KnownIndex]| told.iter().filter(|told| known.contains(&told.id)).count() * 2 >= told.len();
        let (base, told) = read.filter(|(_, told)| lives(told)).map_or((None, Vec::new()), |(base, told)| (Some(base), told));
        let mut chunk_index = Self {
            published: base.is_some(),
            base,
            fresh: Overlay::new(),
            uncovered: 0,
            instead: OnceLock::new(),
            source: Source::of(account)?,
            device: account.device.id,
            deleters: account.roster.deleters().collect(),
            others: account.roster.members.iter().map(|m| m.id).filter(|id| !account.roster.may_delete(id)).collect(),
            marked: DeletionNotes::read(account)?.all_marked().collect(),
            packs: Vec::new(),
            indexes: HashMap::new(),
        };
        told.iter().for_each(|told| chunk_index.add_index(told));
        chunk_index.absorb_listed(account, &listed)?;
        chunk_index.see_packs(account)?;
        Ok(chunk_index)
    }

    /// Takes over the packs that one index object tells of.
    fn add_index(&mut self, told: &KnownIndex) {
        let first = clamp_u32(self.packs.len());
        self.indexes.insert(told.id, (first, clamp_u32(told.packs.len())));
        for (pack, at) in told.packs.iter().zip(0u32..) {
            let (id, size, hash) = *pack;
            let KnownIndex { id: index, hash: index_hash, device, .. } = *told;
            self.packs.push(PackInfo { id, size, hash, index, index_hash, at, device, present: false });
        }
    }

    /// Looks which packs the vault holds now.
    fn see_packs(&mut self, account: &Account) -> Result<(), EngineError> {
        let mut held: HashMap<ObjectName, u64> = HashMap::new();
        let mut look = |page: &[Listed]| held.extend(page.iter().map(|listed| (listed.name, listed.size)));
        account.vault.list_now("packs", &mut look).map_err(in_vault)?;
        // several may tell of one
        for pack in &mut self.packs {
            pack.present = held.get(&ObjectName::Pack(pack.id)) == Some(&u64::from(pack.size));
        }
        Ok(())
    }

    /// Every pack that an index object tells of.
    pub fn packs(&self) -> &[PackInfo] {
        &self.packs
    }

    /// Whether it is this device.
    pub fn is_this(&self, device: &DeviceId) -> bool {
        *device == self.device
    }

    /// Whether a device may delete.
    pub fn may_delete(&self, device: &DeviceId) -> bool {
        self.deleters.contains(device)
    }

    /// How many index objects it was made of.
    pub fn index_count(&self) -> usize {
        self.indexes.len()
    }

    /// Reads the index objects of the vault that are not known yet: after a crash, a rebuild, or a sync. Gives how many.
    pub fn absorb_new(&mut self, account: &Account) -> Result<u32, EngineError> {
        let listed = index_file::listed(account)?;
        // a sync may have let a device or later keys in: with those of after the listing all that it shows can be read
        self.source = Source::of(account)?;
        self.absorb_listed(account, &listed)
    }

    fn absorb_listed(&mut self, account: &Account, listed: &[ObjectName]) -> Result<u32, EngineError> {
        let mut read = 0;
        for name in listed.iter().filter(|name| !self.indexes.contains_key(&name.place())).copied().collect::<Vec<_>>() {
            // one that cannot be read is found by `check`; its chunks are stored anew
            if let Ok((index, hash)) = self.source.read(&name) {
                self.take_over(account, &index, name.place(), hash, &mut |chunk_index| {
                    if chunk_index.is_heavy() {
                        chunk_index.spill(account);
                    }
                });
                read += 1;
            }
        }
        Ok(read)
    }

    /// Takes over what an index object of this device's own says.
    pub fn absorb(&mut self, account: &Account, own: &Durable<OwnIndex>) {
        self.take_over(account, &own.index, own.name.place(), own.hash, &mut |_| {});
    }

    /// Takes over what an index object says that lies in the vault; `look` is asked after each part of it.
    fn take_over(&mut self, account: &Account, index: &Index, id: ObjectId, hash: ObjectHash, look: &mut dyn FnMut(&mut Self)) {
        let first = clamp_u32(self.packs.len());
        let packs = index.packs.iter().map(|pack| (pack.id, pack.size, pack.hash)).collect();
        self.add_index(&KnownIndex { id, hash, device: index.device, packs });
        self.uncovered += 1;
        for (pack, ordinal) in index.packs.iter().zip(first..) {
            let present = account.vault.size_now(&ObjectName::Pack(pack.id)).is_ok_and(|size| size == u64::from(pack.size));
            self.packs[ordinal as usize].present = present;
        }
        for (nth, (chunk, place)) in places_in(index, first).enumerate() {
            if nth % SLICE == 0 {
                look(self);
            }
            let crowded = match self.fresh.entry(chunk) {
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().push(place);
                    entry.get().as_slice().len() > MAX_PLACES
                }
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(ChunkPlaces::One(place));
                    false
                }
            };
            if crowded && let Some(ChunkPlaces::Several(mut places)) = self.fresh.remove(&chunk) {
                self.thin(&mut places);
                self.fresh.insert(chunk, ChunkPlaces::Several(places));
            }
        }
        look(self);
    }

    /// Keeps only so many places of a chunk for each device, the newest; those that the vault lacks go first.
    fn thin(&self, places: &mut Vec<ChunkPlace>) {
        places.sort_by_key(|(ordinal, _)| *ordinal);
        let device = |place: &ChunkPlace| self.packs[place.0 as usize].device;
        while let Some(crowd) =
            places.iter().map(device).find(|of| places.iter().filter(|p| device(p) == *of).count() > MAX_PLACES)
        {
            let of_it = |place: &ChunkPlace| device(place) == crowd;
            let absent = places.iter().position(|place| of_it(place) && !self.packs[place.0 as usize].present);
            let Some(at) = absent.or_else(|| places.iter().position(of_it)) else { return };
            places.remove(at);
        }
    }

    /// Whether so much is kept in memory that it should go to a file.
    pub fn is_heavy(&self) -> bool {
        let base = self.base.as_ref().map_or(0, |base| usize::try_from(base.len()).unwrap_or(usize::MAX));
        self.fresh.len() > (base / 4).clamp(FRESH.start, FRESH.end)
    }

    /// Puts what is kept in memory into a file of this process's own; where there is no room for one, it stays in memory.
    fn spill(&mut self, account: &Account) {
        if let Ok(base) = index_file::nameless(account, self.merged()) {
            self.take(base, false);
        }
    }

    fn take(&mut self, base: SealedIndex, published: bool) {
        (self.base, self.published) = (Some(base), published);
        self.fresh = Overlay::new();
        self.instead = OnceLock::new();
    }

    /// Publishes what is known to whoever opens it next, where that is worth its cost. It is a cache: one that cannot be written
    /// only costs readers time.
    pub fn publish(&mut self, account: &AccountWriter) {
        let base = self.base.as_ref().filter(|_| self.published && self.instead.get().is_none()).map_or(0, SealedIndex::len);
        let little = base > 0 && self.uncovered < MANY_UNCOVERED && (self.fresh.len() as u64) * 8 < base;
        if little || self.indexes.is_empty() {
            return;
        }
        if let Ok(base) = index_file::publish(account, &self.known_indexes(), self.merged()) {
            self.take(base, true);
            self.uncovered = 0;
        }
    }

    /// The index objects it was made of, in the order of their packs.
    /// Whether it knows an index object.
    pub fn knows(&self, index: &ObjectId) -> bool {
        self.indexes.contains_key(index)
    }

    fn known_indexes(&self) -> Vec<KnownIndex> {
        let mut order: Vec<(&ObjectId, &(u32, u32))> = self.indexes.iter().collect();
        order.sort_by_key(|(_, (first, count))| (*first, *count));
        let told = |(id, (first, count)): (&ObjectId, &(u32, u32))| {
            let packs = &self.packs[*first as usize..(*first + *count) as usize];
            let (hash, device) = packs.first().map(|pack| (pack.index_hash, pack.device))?;
            Some(KnownIndex { id: *id, hash, device, packs: packs.iter().map(|pack| (pack.id, pack.size, pack.hash)).collect() })
        };
        // one without packs says nothing; it is read again
        order.into_iter().filter_map(told).collect()
    }

    /// Every chunk in order, with its places.
    fn merged(&self) -> impl Iterator<Item = std::io::Result<(ChunkId, Vec<ChunkPlace>)>> + '_ {
        let instead = self.instead.get();
        let base = self.base.as_ref().filter(|_| instead.is_none()).map(index_file::chunks).into_iter().flatten();
        let older = index_file::sorted(instead.into_iter().flatten());
        let fresh = index_file::sorted(&self.fresh);
        let thinned = |merged: std::io::Result<(ChunkId, Vec<ChunkPlace>)>| {
            merged.map(|(chunk, mut places)| {
                if places.len() > MAX_PLACES {
                    self.thin(&mut places);
                }
                (chunk, places)
            })
        };
        index_file::merge(base, index_file::merge(older, fresh)).map(thinned)
    }

    /// Every place that any device tells of, the newest first.
    fn all_places(&self, chunk: &ChunkId) -> Vec<ChunkPlace> {
        let mut places: Vec<ChunkPlace> = self.fresh.get(chunk).map(|places| places.as_slice().to_vec()).unwrap_or_default();
        if let Some(base) = &self.base {
            let found = if self.instead.get().is_some() { None } else { index_file::find(base, chunk).ok() };
            // a block that is damaged says nothing of any chunk in it: the index objects are asked from now on
            places.extend(found.unwrap_or_else(|| self.instead().get(chunk).map(|p| p.as_slice().to_vec()).unwrap_or_default()));
        }
        places.retain(|(ordinal, _)| (*ordinal as usize) < self.packs.len());
        places.sort_by_key(|(ordinal, _)| std::cmp::Reverse(*ordinal));
        places
    }

    fn instead(&self) -> &Overlay {
        self.instead.get_or_init(|| {
            let mut read = Overlay::new();
            for (id, (first, count)) in &self.indexes {
                let Some(pack) = self.packs.get(*first as usize).filter(|_| *count > 0) else { continue };
                let Ok((index, _)) = self.source.read(&ObjectName::Index(pack.device, *id)) else { continue };
                for (chunk, place) in places_in(&index, *first) {
                    match read.get_mut(&chunk) {
                        Some(places) => places.push(place),
                        None => drop(read.insert(chunk, ChunkPlaces::One(place))),
                    }
                }
            }
            read
        })
    }

    /// The ordinals of packs of an index object; none where it is not known or has fewer.
    pub fn ordinals(&self, index: &ObjectId, runs: &[(u32, u32)]) -> Option<Vec<(u32, u32)>> {
        let (first, count) = *self.indexes.get(index)?;
        let there = |(from, length): &(u32, u32)| from.checked_add(*length).is_some_and(|end| end <= count);
        runs.iter().all(there).then(|| runs.iter().map(|(from, length)| (first + from, *length)).collect())
    }

    /// The pack that holds a chunk which this device or a device that may delete wrote and the vault holds now.
    pub fn stored(&self, chunk: &ChunkId) -> Option<u32> {
        let mut own = self.all_places(chunk);
        own.retain(|(ordinal, _)| self.is_own(*ordinal));
        own.into_iter().map(|(ordinal, _)| ordinal).min_by_key(|ordinal| self.packs[*ordinal as usize].device != self.device)
    }

    /// Whether this device or a device that may delete wrote the pack, the vault holds it now, and no device with that right marked it as unneeded.
    pub fn is_own(&self, ordinal: u32) -> bool {
        let vouched = |device: &DeviceId| *device == self.device || self.deleters.contains(device);
        let stays = |pack: &PackInfo| pack.present && vouched(&pack.device) && !self.marked.contains(&pack.id);
        self.packs.get(ordinal as usize).is_some_and(stays)
    }

    /// The pack of this device, none of these, that holds a chunk, stays, and lies in the vault now.
    pub fn kept(&self, chunk: &ChunkId, none_of: &HashSet<u32>) -> Option<u32> {
        let places = self.places(std::iter::once(self.device), chunk);
        places.into_iter().map(|(ordinal, _)| ordinal).find(|ordinal| self.is_own(*ordinal) && !none_of.contains(ordinal))
    }

    /// Where a chunk of a snapshot of `device` lies: where that device says, or a device that may delete; what the vault holds comes first.
    /// Another device's word counts for nothing, so that a rogue cannot lead astray.
    pub fn locate(&self, device: &DeviceId, chunk: &ChunkId) -> Option<ChunkPlace> {
        self.places(self.trusted(*device), chunk).into_iter().next()
    }

    /// Every place where a chunk of a snapshot of `device` may lie, the best first: where that device or a device that may delete says, then, for
    /// what devices that may delete of former days moved, where any other does. What is read there is checked against the chunk's id.
    pub fn candidates(&self, device: &DeviceId, chunk: &ChunkId) -> Vec<ChunkPlace> {
        let mut places = self.places(self.trusted(*device), chunk);
        if !places.iter().any(|(ordinal, _)| self.packs[*ordinal as usize].present) {
            let others = self.others.iter().filter(|other| *other != device).copied();
            places.extend(self.places(others, chunk));
        }
        places
    }

    /// Where these devices say that a chunk lies: what the vault holds first, else in their order.
    fn places(&self, devices: impl Iterator<Item = DeviceId>, chunk: &ChunkId) -> Vec<ChunkPlace> {
        let all = self.all_places(chunk);
        let mut found = Vec::new();
        for device in devices {
            found.extend(all.iter().filter(|(ordinal, _)| self.packs[*ordinal as usize].device == device));
        }
        found.sort_by_key(|(ordinal, _)| !self.packs[*ordinal as usize].present);
        found
    }

    /// Whose word counts on the chunks of a device.
    fn trusted(&self, device: DeviceId) -> impl Iterator<Item = DeviceId> + '_ {
        std::iter::once(device).chain(self.deleters.iter().copied().filter(move |deleter| *deleter != device))
    }

    /// Whether every chunk of a pack lies in others that the vault holds, by the word of its own device or a device that may delete: it was stored anew,
    /// and nothing is lost with the pack.
    pub fn is_stored_anew(&self, pack: &PackInfo) -> bool {
        let Ok((index, _)) = self.source.read(&ObjectName::Index(pack.device, pack.index)) else { return false };
        let Some(record) = index.packs.get(pack.at as usize).filter(|record| record.id == pack.id) else { return false };
        record.chunks.iter().all(|(chunk, _)| {
            let elsewhere = |(ordinal, _): &ChunkPlace| {
                self.packs.get(*ordinal as usize).is_some_and(|other| other.present && other.id != pack.id)
            };
            self.places(self.trusted(pack.device), chunk).iter().any(elsewhere)
        })
    }

    /// Takes note that the vault holds a pack again, by its receipt.
    pub fn holds(&mut self, receipt: &PutReceipt) {
        let is_it = |pack: &PackInfo| receipt.name() == ObjectName::Pack(pack.id) && receipt.size() == u64::from(pack.size);
        self.packs.iter_mut().filter(|pack| is_it(pack)).for_each(|pack| pack.present = true);
    }

    /// Takes note that the vault no longer holds a pack.
    pub fn gone(&mut self, pack: &ObjectId) {
        self.packs.iter_mut().filter(|known| known.id == *pack).for_each(|known| known.present = false);
    }

    /// The index objects that tell of these packs (ascending ordinals), as a snapshot names them.
    pub fn needs(&self, ordinals: impl IntoIterator<Item = u32>) -> Vec<Needs> {
        let mut by_index: Vec<(ObjectId, ObjectHash, Vec<u32>)> = Vec::new();
        let mut place: HashMap<ObjectId, usize> = HashMap::new();
        for pack in ordinals.into_iter().filter_map(|ordinal| self.packs.get(ordinal as usize)) {
            let at = *place.entry(pack.index).or_insert_with(|| {
                by_index.push((pack.index, pack.index_hash, Vec::new()));
                by_index.len() - 1
            });
            by_index[at].2.push(pack.at);
        }
        by_index
            .into_iter()
            .map(|(index, hash, mut at)| {
                at.sort_unstable();
                Needs { index, hash, packs: runs(at) }
            })
            .collect()
    }
}

/// The chunks of an index object whose first pack has this ordinal, each once for each pack.
fn places_in(index: &Index, first: u32) -> impl Iterator<Item = (ChunkId, ChunkPlace)> + '_ {
    index.packs.iter().zip(first..).flat_map(|(pack, ordinal)| {
        // a chunk that stands twice in a pack counts where it stands last
        let here: HashMap<ChunkId, Location> = pack.locations().collect();
        here.into_iter().map(move |(chunk, at)| (chunk, (ordinal, at)))
    })
}
