//! Which chunks exist and where: filled from index objects, kept in local state, and never trusted beyond what the vault holds.
//!
//! The chunk table may vanish: it holds only what durable index objects say, so that it is read anew from them. A chunk counts
//! as stored only when this device or a keeper of the account wrote it and its pack lies in the vault now: any other device's word
//! would let a rogue make others skip what it does not hold. For the same reason every device's word is kept apart. A pack that a
//! keeper marked as unneeded counts as stored no more, so that no new snapshot leans on what is about to go.
//!
//! A device may have written a chunk twice, because the first copy was damaged or marked: a few places are kept for each.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::index::Index;
use crate::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::pack::Location;
use crate::core::seal::{self, With};
use crate::core::snapshot::{Needs, runs};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::keep::Book;
use crate::engine::places::{Places, in_vault};
use crate::provider::Listed;
use crate::store::state::{Change, State, Table};

/// The most places that are kept of one chunk of one device.
const MAX_PLACES: usize = 8;

/// A pack as local state knows it.
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
pub struct Catalog {
    state: State,
    device: DeviceId,
    keepers: Vec<DeviceId>,
    others: Vec<DeviceId>,
    marked: HashSet<ObjectId>,
    packs: Vec<PackInfo>,
    by_id: HashMap<ObjectId, u32>,
    indexes: HashSet<ObjectId>,
}

impl Catalog {
    /// Reads what local state holds, and looks which packs the vault holds now.
    pub fn open(account: &Account, state: State) -> Result<Self, EngineError> {
        let mut catalog = Self {
            state,
            device: account.device.id,
            keepers: account.roster.keepers().collect(),
            others: account.roster.members.iter().map(|m| m.id).filter(|id| !account.roster.is_keeper(id)).collect(),
            marked: Book::read(account)?.all_marked().collect(),
            packs: Vec::new(),
            by_id: HashMap::new(),
            indexes: HashSet::new(),
        };
        catalog.load_packs()?;
        let mut look = |page: &[Listed]| {
            for listed in page {
                if let ObjectName::Pack(id) = listed.name
                    && let Some(ordinal) = catalog.by_id.get(&id)
                {
                    let pack = &mut catalog.packs[*ordinal as usize];
                    pack.present = listed.size == u64::from(pack.size);
                }
            }
        };
        account.vault.list_now("packs", &mut look).map_err(in_vault)?;
        Ok(catalog)
    }

    fn load_packs(&mut self) -> Result<(), EngineError> {
        let mut loaded: Vec<(u32, PackInfo)> = Vec::new();
        let mut broken = false;
        self.state.for_each(Table::Packs, &mut |value| match decode_pack(value) {
            Ok(pack) => {
                loaded.push(pack);
                ControlFlow::Continue(())
            }
            Err(_) => {
                broken = true;
                ControlFlow::Break(())
            }
        })?;
        loaded.sort_by_key(|(ordinal, _)| *ordinal);
        let dense = loaded.iter().enumerate().all(|(at, (ordinal, _))| at == *ordinal as usize);
        if broken || !dense {
            self.state.clear()?;
            return Ok(());
        }
        for (ordinal, pack) in loaded {
            self.by_id.insert(pack.id, ordinal);
            self.indexes.insert(pack.index);
            self.packs.push(pack);
        }
        Ok(())
    }

    /// The cache under it.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Every pack that an index object tells of.
    pub fn packs(&self) -> &[PackInfo] {
        &self.packs
    }

    /// Whether what this index object says is known already.
    pub fn knows_index(&self, id: &ObjectId) -> bool {
        self.indexes.contains(id)
    }

    /// Reads the index objects of the vault that are not known yet: after a crash, a rebuild, or a sync. Gives how many.
    pub fn absorb_new(&mut self, account: &Account) -> Result<u32, EngineError> {
        let mut names = Vec::new();
        let mut look = |page: &[Listed]| names.extend(page.iter().map(|l| l.name).filter(|n| matches!(n, ObjectName::Index(..))));
        account.vault.list_now("index", &mut look).map_err(in_vault)?;
        names.retain(|name| !self.indexes.contains(&name.place()));
        let mut read = 0;
        for name in &names {
            let opened = Places::vault_only(account).read(name, None, |bytes| {
                let key_of = |device: &DeviceId| account.roster.key_of(device);
                let index = Index::open(&With::Device(&account.device.keys), account.id(), name, bytes, &key_of)?;
                Ok((index, seal::hash(bytes)))
            });
            // one that cannot be read is found by `verify`; its chunks are stored anew
            if let Ok((index, hash)) = opened {
                self.absorb(account, &index, name.place(), hash)?;
                read += 1;
            }
        }
        if read > 0 {
            self.state.barrier()?;
        }
        Ok(read)
    }

    /// Takes over what an index object says, once it is durable.
    pub fn absorb(&mut self, account: &Account, index: &Index, id: ObjectId, hash: ObjectHash) -> Result<(), EngineError> {
        let mut changes = Vec::new();
        for (at, pack) in index.packs.iter().enumerate() {
            let ordinal = self.packs.len() as u32;
            let present = account.vault.size_now(&ObjectName::Pack(pack.id)).is_ok_and(|size| size == u64::from(pack.size));
            let info = PackInfo {
                id: pack.id,
                size: pack.size,
                hash: pack.hash,
                index: id,
                index_hash: hash,
                at: at as u32,
                device: index.device,
                present,
            };
            changes.push(Change::put(Table::Packs, &ordinal.to_le_bytes(), encode_pack(ordinal, &info)));
            self.by_id.insert(pack.id, ordinal);
            self.packs.push(info);
            let mut here: HashMap<ChunkId, Location> = HashMap::new();
            here.extend(pack.locations());
            for (chunk, location) in here {
                let places = self.with_place(&index.device, &chunk, (ordinal, location))?;
                changes.push(Change::put(Table::Chunks, &claim(&index.device, &chunk), places));
            }
        }
        self.indexes.insert(id);
        Ok(self.state.apply(&changes)?)
    }

    /// The places of a chunk with one more in front; those that the vault lacks go first when there are too many.
    fn with_place(&self, device: &DeviceId, chunk: &ChunkId, place: (u32, Location)) -> Result<Vec<u8>, EngineError> {
        let mut places = self.claimed(device, chunk)?;
        places.retain(|known| known.0 != place.0);
        while places.len() >= MAX_PLACES {
            let gone = places.iter().rposition(|(ordinal, _)| !self.packs[*ordinal as usize].present);
            places.remove(gone.unwrap_or(places.len() - 1));
        }
        places.insert(0, place);
        Ok(encode_places(&places))
    }

    /// The pack that holds a chunk which this device or a keeper wrote and the vault holds now.
    pub fn stored(&self, chunk: &ChunkId) -> Result<Option<u32>, EngineError> {
        for device in self.trusted(self.device) {
            if let Some((ordinal, _)) = self.claimed(&device, chunk)?.into_iter().find(|(ordinal, _)| self.is_own(*ordinal)) {
                return Ok(Some(ordinal));
            }
        }
        Ok(None)
    }

    /// Whether this device or a keeper wrote the pack, the vault holds it now, and no keeper marked it as unneeded.
    pub fn is_own(&self, ordinal: u32) -> bool {
        let vouched = |device: &DeviceId| *device == self.device || self.keepers.contains(device);
        let stays = |pack: &PackInfo| pack.present && vouched(&pack.device) && !self.marked.contains(&pack.id);
        self.packs.get(ordinal as usize).is_some_and(stays)
    }

    /// The pack of this device, none of these, that holds a chunk, stays, and lies in the vault now.
    pub fn kept(&self, chunk: &ChunkId, none_of: &HashSet<u32>) -> Result<Option<u32>, EngineError> {
        let places = self.claimed(&self.device, chunk)?;
        Ok(places.into_iter().map(|(ordinal, _)| ordinal).find(|ordinal| self.is_own(*ordinal) && !none_of.contains(ordinal)))
    }

    /// Where a chunk of a snapshot of `device` lies: where that device says, or a keeper; what the vault holds comes first.
    /// Another device's word counts for nothing, so that a rogue cannot lead astray.
    pub fn locate(&self, device: &DeviceId, chunk: &ChunkId) -> Result<Option<(u32, Location)>, EngineError> {
        Ok(self.places(self.trusted(*device), chunk)?.into_iter().next())
    }

    /// Every place where a chunk of a snapshot of `device` may lie, the best first: where that device or a keeper says, then, for
    /// what keepers of former days moved, where any other does. What is read there is checked against the chunk's id.
    pub fn candidates(&self, device: &DeviceId, chunk: &ChunkId) -> Result<Vec<(u32, Location)>, EngineError> {
        let mut places = self.places(self.trusted(*device), chunk)?;
        if !places.iter().any(|(ordinal, _)| self.packs[*ordinal as usize].present) {
            let others = self.others.iter().filter(|other| *other != device).copied();
            places.extend(self.places(others, chunk)?);
        }
        Ok(places)
    }

    /// Where these devices say that a chunk lies: what the vault holds first, else in their order.
    fn places(&self, devices: impl Iterator<Item = DeviceId>, chunk: &ChunkId) -> Result<Vec<(u32, Location)>, EngineError> {
        let mut found = Vec::new();
        for device in devices {
            found.extend(self.claimed(&device, chunk)?);
        }
        found.sort_by_key(|(ordinal, _)| !self.packs[*ordinal as usize].present);
        Ok(found)
    }

    /// Whose word counts on the chunks of a device.
    fn trusted(&self, device: DeviceId) -> impl Iterator<Item = DeviceId> + '_ {
        std::iter::once(device).chain(self.keepers.iter().copied().filter(move |keeper| *keeper != device))
    }

    /// Where a device says that a chunk lies.
    fn claimed(&self, device: &DeviceId, chunk: &ChunkId) -> Result<Vec<(u32, Location)>, EngineError> {
        let Some(value) = self.state.get(Table::Chunks, &claim(device, chunk))? else { return Ok(Vec::new()) };
        let mut places = decode_places(&value).unwrap_or_default();
        places.retain(|(ordinal, _)| (*ordinal as usize) < self.packs.len());
        Ok(places)
    }

    /// Whether every chunk of a pack lies in others that the vault holds, by the word of its own device or a keeper: it was stored anew,
    /// and nothing is lost with the pack.
    pub fn is_stored_anew(&self, account: &Account, pack: &PackInfo) -> Result<bool, EngineError> {
        let name = ObjectName::Index(pack.device, pack.index);
        let opened = Places::vault_only(account).read(&name, None, |bytes| {
            let key_of = |device: &DeviceId| account.roster.key_of(device);
            Index::open(&With::Device(&account.device.keys), account.id(), &name, bytes, &key_of)
        });
        let Ok(index) = opened else { return Ok(false) };
        let Some(record) = index.packs.get(pack.at as usize).filter(|record| record.id == pack.id) else { return Ok(false) };
        for (chunk, _) in &record.chunks {
            let places = self.places(self.trusted(pack.device), chunk)?;
            let elsewhere = |(ordinal, _): &(u32, Location)| {
                self.packs.get(*ordinal as usize).is_some_and(|other| other.present && other.id != pack.id)
            };
            if !places.iter().any(elsewhere) {
                return Ok(false);
            }
        }
        Ok(true)
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

/// The key of what a device says of a chunk.
fn claim(device: &DeviceId, chunk: &ChunkId) -> Vec<u8> {
    [device.as_bytes().as_slice(), chunk.as_bytes()].concat()
}

fn encode_pack(ordinal: u32, pack: &PackInfo) -> Vec<u8> {
    let mut out = Writer::new();
    out.u32(ordinal);
    out.raw(pack.id.as_bytes());
    out.u32(pack.size);
    out.raw(pack.hash.as_bytes());
    out.raw(pack.index.as_bytes());
    out.raw(pack.index_hash.as_bytes());
    out.u32(pack.at);
    out.raw(pack.device.as_bytes());
    out.into_vec()
}

fn decode_pack(value: &[u8]) -> Result<(u32, PackInfo), Bad> {
    let mut input = Reader::new(value);
    let ordinal = input.u32()?;
    let pack = PackInfo {
        id: ObjectId::from_bytes(input.array()?),
        size: input.u32()?,
        hash: ObjectHash::from_bytes(input.array()?),
        index: ObjectId::from_bytes(input.array()?),
        index_hash: ObjectHash::from_bytes(input.array()?),
        at: input.u32()?,
        device: DeviceId::from_bytes(input.array()?),
        present: false,
    };
    input.finish()?;
    Ok((ordinal, pack))
}

fn encode_places(places: &[(u32, Location)]) -> Vec<u8> {
    let mut out = Writer::new();
    for (ordinal, at) in places {
        [*ordinal, at.segment, at.offset, at.length].into_iter().for_each(|n| out.varint(n.into()));
    }
    out.into_vec()
}

fn decode_places(value: &[u8]) -> Result<Vec<(u32, Location)>, Bad> {
    let mut input = Reader::new(value);
    let mut places = Vec::new();
    while !input.is_empty() {
        let mut number = || input.count(u32::MAX as usize).map(|n| n as u32);
        let (ordinal, segment, offset, length) = (number()?, number()?, number()?, number()?);
        places.push((ordinal, Location { segment, offset, length }));
    }
    Ok(places)
}
