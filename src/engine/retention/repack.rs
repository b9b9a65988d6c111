//! Repacking: what is still needed of packs that are mostly dead moves into new packs of this device that may delete; needs the owner's key.
//!
//! A few packs at a time: their live chunks are sealed into new packs, these are durable, an index object tells of them, a note says
//! where each old pack's content went and marks the old pack. A kill at any moment leaves at worst new packs that nothing needs.
//! Memory holds one old pack and one new one. A pack of an earlier generation of keys moves into one of that generation, because the
//! ids that snapshots know its chunks by are made with it: whoever holds those keys could read the old pack as well.

use std::collections::{BTreeSet, HashSet};

use super::used_chunks::UsedChunks;
use super::write_note;
use crate::core::chunk::ChunkIds;
use crate::core::codec::clamp_u32;
use crate::core::deletion_note::Statement;
use crate::core::header::Header;
use crate::core::index::{GOAL_CHUNKS, Index, MAX_PACKS};
use crate::core::keys::{Keyring, WriterKeys};
use crate::core::name::{ChunkId, DeviceId, ObjectId, ObjectName};
use crate::core::pack::{PackReader, PackRecord, PackWriter};
use crate::core::seal::{self, Refused, With};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::durable::{self, Durable, RecordOf};
use crate::engine::repository::proof;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::{EngineError, Event, Job, Phase};

/// Old packs that are moved together.
const BATCH: usize = 16;

/// A pack worth moving.
#[derive(Debug, Clone)]
pub struct Candidate {
    ordinal: u32,
    /// The generation of keys of the index object that tells of it, which mostly is the pack's own.
    generation: Option<u32>,
    /// Its size in bytes.
    pub size: u64,
    /// Bytes of it that snapshots still hold.
    pub live: u64,
}

/// What repacking did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RepackStats {
    /// Packs whose content moved.
    pub packs: u64,
    /// Bytes read.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
    /// Packs left as they are, because they could not be read.
    pub left: u64,
    /// Packs left as they are, because the vault's disk has no room for what would be written.
    pub no_room: u64,
}

/// What else is written while packs move, in bytes: index objects, notes, and what of a new pack is more than its content.
const BESIDE: u64 = 512 * 1024;

/// Whether the vault's disk has room for what is alive of these packs, before anything was removed; also where it does not tell.
pub fn has_room(account: &Account, candidates: &[Candidate]) -> bool {
    let live: u64 = candidates.iter().map(|one| one.live).sum();
    let free = rustix::fs::statvfs(account.home.vault()).map_or(u64::MAX, |stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    free >= live.saturating_add(BESIDE)
}

/// What repacking works with.
pub struct Tools<'a> {
    /// The account.
    pub account: &'a AccountWriter,
    /// The owner's key.
    pub keyring: &'a Keyring,
    /// Where packs are read.
    pub places: ReadOrder<'a>,
    /// What the job is given.
    pub job: Job<'a>,
}

/// The packs of which less than `below` percent is still held by snapshots. Reads index objects, one at a time.
pub fn candidates(
    account: &Account,
    chunk_index: &ChunkIndex,
    needed: &UsedPacks,
    live: &UsedChunks,
    below: u8,
) -> Result<Vec<Candidate>, EngineError> {
    let mut found = Vec::new();
    let mut indexes: BTreeSet<(DeviceId, ObjectId)> = BTreeSet::new();
    indexes.extend(chunk_index.packs().iter().filter(|p| needed.packs.contains(&p.id)).map(|p| (p.device, p.index)));
    for (device, id) in indexes {
        let (index, generation) = read_index(account, device, id)?;
        for (at, record) in index.packs.iter().enumerate().filter(|(_, record)| needed.packs.contains(&record.id)) {
            let sum = |alive: bool| {
                record.chunks.iter().filter(|(chunk, _)| live.has(chunk) == alive).map(|(_, n)| u64::from(*n)).sum::<u64>()
            };
            let (alive, dead) = (sum(true), sum(false));
            if dead > 0 && alive * 100 < (alive + dead) * u64::from(below) {
                let is_it = |pack: &PackInfo| pack.index == id && pack.at as usize == at;
                if let Some(ordinal) = chunk_index.packs().iter().position(is_it) {
                    found.push(Candidate { ordinal: clamp_u32(ordinal), generation, size: record.size.into(), live: alive });
                }
            }
        }
    }
    // packs of one generation after the other, or each change of it would close a new pack half full
    found.sort_by_key(|candidate| candidate.generation);
    Ok(found)
}

/// An index object of the vault, and the generation of keys it is sealed under.
fn read_index(account: &Account, device: DeviceId, id: ObjectId) -> Result<(Index, Option<u32>), EngineError> {
    let name = ObjectName::Index(device, id);
    let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
    let opened = proof::index(account, &name, &bytes);
    let generation = Header::read(&bytes).map(|(header, _)| header.key.generation());
    opened.and_then(|index| Ok((index, generation?))).map_err(|why| EngineError::Object { name, why })
}

/// Moves what is alive of these packs.
pub fn repack(
    tools: &Tools<'_>,
    chunk_index: &mut ChunkIndex,
    needed: &UsedPacks,
    live: &UsedChunks,
    candidates: &[Candidate],
) -> Result<RepackStats, EngineError> {
    tools.job.tell(Event::Phase(Phase::Repacking));
    let bytes = candidates.iter().map(|c| c.size).sum();
    tools.job.tell(Event::Total { files: candidates.len() as u64, bytes });
    let leaving: HashSet<u32> = candidates.iter().map(|c| c.ordinal).collect();
    let mut done = RepackStats::default();
    for batch in candidates.chunks(BATCH) {
        let keys = keys_of(tools, tools.keyring.newest())?;
        let mut mover = Mover { tools, pack: None, keys, durable: Vec::new(), fresh: HashSet::new(), written: 0 };
        let mut moved: Vec<(ObjectId, Vec<ChunkId>)> = Vec::new();
        for candidate in batch {
            tools.job.check()?;
            let info = chunk_index.packs()[candidate.ordinal as usize].clone();
            match mover.take(chunk_index, &info, live, &leaving)? {
                Some(chunks) => {
                    moved.push((info.id, chunks));
                    done.packs += 1;
                    done.read += candidate.size;
                }
                None => done.left += 1,
            }
            tools.job.tell(Event::Bytes(candidate.size));
            tools.job.tell(Event::FileDone);
        }
        mover.publish(chunk_index)?;
        done.written += mover.written;
        tools.job.check()?;
        tell(tools, chunk_index, needed, moved, &leaving)?;
        tools.job.tell(Event::FileDone);
    }
    Ok(done)
}

/// What is needed to write under a generation of keys.
fn keys_of(tools: &Tools<'_>, generation: u32) -> Result<WriterKeys, EngineError> {
    let lost = || EngineError::Damaged { what: OwnFile::Account, why: Damage::NoKeysOf(generation) };
    tools.keyring.writer_of(generation).ok_or_else(lost)
}

/// Says where the content of old packs went.
fn tell(
    tools: &Tools<'_>,
    chunk_index: &ChunkIndex,
    needed: &UsedPacks,
    moved: Vec<(ObjectId, Vec<ChunkId>)>,
    leaving: &HashSet<u32>,
) -> Result<(), EngineError> {
    let mut said = vec![Statement::Mark(moved.iter().map(|(pack, _)| *pack).collect())];
    for (pack, chunks) in moved {
        let mut ordinals = BTreeSet::new();
        for chunk in chunks {
            let lost = || EngineError::Damaged { what: OwnFile::LocalState, why: Damage::LostChunk };
            ordinals.insert(chunk_index.kept(&chunk, leaving).ok_or_else(lost)?);
        }
        said.push(Statement::Moved(pack, chunk_index.needs(ordinals)));
    }
    write_note::say(tools.account, said, &needed.heads, tools.job).map(|_| ())
}

/// Moves the chunks of one batch.
struct Mover<'a> {
    tools: &'a Tools<'a>,
    pack: Option<PackWriter>,
    /// The keys that the pack is sealed under.
    keys: WriterKeys,
    durable: Vec<Durable<PackRecord>>,
    fresh: HashSet<ChunkId>,
    written: u64,
}

impl Mover<'_> {
    /// Takes the live chunks of a pack over; none when it is left as it is.
    fn take(
        &mut self,
        chunk_index: &ChunkIndex,
        info: &PackInfo,
        live: &UsedChunks,
        leaving: &HashSet<u32>,
    ) -> Result<Option<Vec<ChunkId>>, EngineError> {
        let tools = self.tools;
        let read = tools.places.read(&ObjectName::Pack(info.id), None, |bytes| {
            if seal::hash(bytes) != info.hash {
                return Err(Refused::Changed);
            }
            let reader = PackReader::open(&With::Owner(tools.keyring), info.id, bytes)?;
            let directory = reader.directory(bytes)?;
            Ok((reader, directory, bytes.to_vec()))
        });
        tools.job.check()?;
        // one that cannot be read is for `check` to tell of
        let Ok((reader, directory, bytes)) = read else { return Ok(None) };
        if reader.generation() != self.keys.generation() {
            self.close()?;
            self.keys = keys_of(tools, reader.generation())?;
        }
        let ids = ChunkIds::new(self.keys.newest());
        let record = PackRecord { id: info.id, size: info.size, hash: info.hash, chunks: directory };
        let mut chunks = Vec::new();
        for (chunk, at) in record.locations().filter(|(chunk, _)| live.has(chunk)) {
            chunks.push(chunk);
            if self.fresh.contains(&chunk) || chunk_index.kept(&chunk, leaving).is_some() {
                continue;
            }
            let sealed = bytes.get(at.offset as usize..).and_then(|rest| rest.get(..at.length as usize)).unwrap_or_default();
            let name = ObjectName::Pack(info.id);
            let encoded = reader.carry(at, sealed, &chunk, &ids).map_err(|why| EngineError::Object { name, why })?;
            let goal = tools.job.profile.pack_goal;
            if self.pack.as_ref().is_some_and(|p| p.is_full() || p.len_with(encoded.len()) > goal) {
                self.close()?;
            }
            let pack = match &mut self.pack {
                Some(pack) => pack,
                None => self.pack.insert(PackWriter::new(&self.keys, goal + goal / 16, tools.job.random)?),
            };
            pack.add(chunk, &encoded);
            self.fresh.insert(chunk);
        }
        Ok(Some(chunks))
    }

    fn close(&mut self) -> Result<(), EngineError> {
        let Some(pack) = self.pack.take() else { return Ok(()) };
        let (sealed, record) = pack.finish(&self.keys);
        let receipt = self.tools.account.vault_writer().put_now(&sealed).map_err(in_vault)?;
        self.written += receipt.size();
        self.durable.push(Durable::new(&receipt, record)?);
        self.tools.job.tell(Event::FileDone);
        Ok(())
    }

    /// Tells of the new packs in index objects.
    fn publish(&mut self, chunk_index: &mut ChunkIndex) -> Result<(), EngineError> {
        self.close()?;
        let (account, mut packs) = (self.tools.account, std::mem::take(&mut self.durable).into_iter().peekable());
        while packs.peek().is_some() {
            let (mut part, mut chunks) = (Vec::new(), 0);
            let fits =
                |next: &Durable<PackRecord>, at: usize, chunks| at < MAX_PACKS && chunks + next.chunks.len() <= GOAL_CHUNKS;
            while let Some(pack) = packs.next_if(|next| part.is_empty() || fits(next, part.len(), chunks)) {
                chunks += pack.chunks.len();
                part.push(pack);
            }
            let own = durable::tell(account, part, self.tools.job.random)?;
            self.written += own.size();
            chunk_index.absorb(account, &own);
        }
        Ok(())
    }
}
