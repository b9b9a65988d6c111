//! The packer: takes steps in order, seals chunks into packs, writes the manifest, and publishes: packs, index, snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use zeroize::Zeroizing;
use zstd::bulk::Compressor;

use super::files::Known;
use super::lists::ListBuilder;
use super::window::{Buffer, Ending, Incoming, Step, Worked};
use super::worker::{Shared, give_back};
use crate::core::chunk::Encoded;
use crate::core::codec::clamp_u32;
use crate::core::index::GOAL_CHUNKS;
use crate::core::keys::ChunkUse;
use crate::core::manifest::{Attributes, Entry, EntryWriter, Node, Piece, Root, Source, cuts_after};
use crate::core::name::{ChunkId, ObjectHash, ObjectName, RelPath};
use crate::core::pack::{PackRecord, PackWriter};
use crate::core::random::Random;
use crate::core::seal::Proved;
use crate::core::snapshot::{ChunkRef, Head, Stats, runs};
use crate::engine::account::AccountWriter;
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::repository::durable::{self, Durable, RecordOf};
use crate::engine::{EngineError, Job};

/// Packs are published in groups of so many: what a kill may cost.
const GROUP_PACKS: usize = 32;
/// A pack is well filled when its padding is at most one part in so many.
const SLACK: usize = 512;

/// What the packer made.
pub struct Packed {
    /// The snapshot's number.
    pub number: u64,
    /// BLAKE3 of its sealed bytes.
    pub hash: ObjectHash,
    /// Its counts.
    pub stats: Stats,
}

/// A file that is being put together.
struct Open {
    path: RelPath,
    attributes: Attributes,
    list: ListBuilder,
    chunks: Vec<ChunkId>,
}

/// Chunks that a snapshot needs, and the file to remember once their packs are published.
struct Waiting {
    file: Option<(RelPath, Known)>,
    chunks: Vec<ChunkId>,
}

type Written = Result<Durable<PackRecord>, EngineError>;

/// The packer's state; see the module.
pub struct Packer<'a> {
    account: &'a AccountWriter,
    shared: Shared<'a>,
    job: Job<'a>,
    /// When the run began, in seconds since 1970.
    time: i64,
    spare: SyncSender<Buffer>,
    store: PackStore<'a>,
    group_files: usize,
    open: Option<Open>,
    waiting: Vec<Waiting>,
    used: BTreeSet<u32>,
    manifest: EntryWriter,
    parts: ListBuilder,
    stats: Stats,
}

/// The pack that is being filled, and those on their way to the disk.
struct PackStore<'a> {
    account: &'a AccountWriter,
    shared: Shared<'a>,
    goal: usize,
    random: &'a dyn Random,
    compressor: Option<Compressor<'static>>,
    pack: Option<PackWriter>,
    to_disk: Option<SyncSender<(Proved, PackRecord)>>,
    from_disk: Receiver<Written>,
    on_the_way: usize,
    durable: Vec<Durable<PackRecord>>,
    /// Packs that no index object tells of yet.
    untold: Vec<ObjectName>,
    stored: u64,
}

impl<'a> Packer<'a> {
    /// A packer for one run.
    pub fn new(account: &'a AccountWriter, shared: Shared<'a>, job: Job<'a>, spare: SyncSender<Buffer>) -> Self {
        let Job { random, profile, .. } = job;
        let (_, nothing) = sync_channel(1);
        let store = PackStore {
            account,
            shared,
            goal: profile.pack_goal,
            random,
            compressor: Compressor::new(3).ok(),
            pack: None,
            to_disk: None,
            from_disk: nothing,
            on_the_way: 0,
            durable: Vec::new(),
            untold: Vec::new(),
            stored: 0,
        };
        Self {
            account,
            shared,
            job,
            time: job.now(),
            spare,
            store,
            group_files: profile.group_files,
            open: None,
            waiting: Vec::new(),
            used: BTreeSet::new(),
            manifest: EntryWriter::default(),
            parts: ListBuilder::default(),
            stats: Stats::default(),
        }
    }

    /// Packs until the reader and the workers are done, then publishes the snapshot.
    pub fn run(mut self, incoming: Incoming, sources: Vec<Source>) -> Result<Packed, EngineError> {
        thread::scope(|scope| {
            let (to_disk, packs) = sync_channel::<(Proved, PackRecord)>(0);
            let (written, from_disk) = sync_channel(GROUP_PACKS + 2);
            let vault = self.account.vault_writer();
            let writing = scope.spawn(move || {
                while let Ok((sealed, record)) = packs.recv() {
                    let receipt = vault.put_now(&sealed).map_err(in_vault);
                    drop(sealed);
                    if written.send(receipt.and_then(|receipt| Durable::new(&receipt, record))).is_err() {
                        return;
                    }
                }
            });
            self.store.to_disk = Some(to_disk);
            self.store.from_disk = from_disk;
            // the writer waits for packs as long as they may come: a mistake of ours must not leave it there
            let pack = || self.take_all(&incoming).and_then(|is_all| self.finish(is_all, sources));
            let done = catch_unwind(AssertUnwindSafe(pack)).unwrap_or(Err(EngineError::Crashed));
            // the writer ends, and with it what it was still to tell
            self.store.to_disk = None;
            if done.is_err() {
                self.store.take_back();
            }
            let written = writing.join();
            done.and_then(|packed| written.map(|()| packed).map_err(|_| EngineError::Crashed))
        })
    }

    /// Publishes the snapshot, where everything was read; a run that was stopped publishes what it packed, so that the next one need not read it
    /// again. A reader that ended before its end says why itself.
    fn finish(&mut self, is_all: bool, sources: Vec<Source>) -> Result<Packed, EngineError> {
        if self.job.cancel.is_cancelled() {
            self.open = None;
            self.publish_packs()?;
        }
        if self.job.cancel.is_cancelled() || !is_all {
            return Err(EngineError::Cancelled);
        }
        self.publish(sources)
    }

    /// Takes steps in order; whether they came to their end.
    fn take_all(&mut self, incoming: &Incoming) -> Result<bool, EngineError> {
        let mut early: BTreeMap<u64, Step> = BTreeMap::new();
        let mut next = 0;
        while let Ok((number, step)) = incoming.steps.recv() {
            early.insert(number, step);
            while let Some(step) = early.remove(&next) {
                if matches!(step, Step::Done) {
                    return Ok(true);
                }
                self.take(step)?;
                next += 1;
                // one token for each step; the reader put it there before it sent the step
                let _ = incoming.window.recv();
            }
        }
        Ok(false)
    }

    fn take(&mut self, step: Step) -> Result<(), EngineError> {
        match step {
            Step::Entry(entry, packs) => {
                self.used.extend(packs.iter().flat_map(|(first, length)| *first..first + length));
                self.add_entry(&entry)
            }
            Step::Begin(file) => {
                let (path, attributes) = *file;
                self.open = Some(Open { path, attributes, list: ListBuilder::default(), chunks: Vec::new() });
                Ok(())
            }
            Step::Hole(length) => self.piece(Piece::Hole(length)),
            Step::Chunk(worked) => self.chunk(worked),
            Step::End(ending) => self.end(*ending),
            Step::Abandon => {
                self.open = None;
                Ok(())
            }
            Step::Crashed => Err(EngineError::Crashed),
            Step::Done => Ok(()),
        }
    }

    fn chunk(&mut self, worked: Worked) -> Result<(), EngineError> {
        let Worked { id, length, encoded } = worked;
        if let Some(encoded) = encoded {
            self.store.add(id, &encoded)?;
            if let Some(buffer) = encoded.into_buffer() {
                give_back(&self.spare, buffer);
            }
        }
        self.shared.room.give_back(length as usize);
        if let Some(open) = &mut self.open {
            open.chunks.push(id);
        }
        self.piece(Piece::Chunk(ChunkRef { id, length }))?;
        // within a file too: one may fill more packs than an index object tells of
        if self.store.is_a_group() { self.publish_packs() } else { Ok(()) }
    }

    fn piece(&mut self, piece: Piece) -> Result<(), EngineError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let mut lists = Vec::new();
        open.list.push(piece, &mut |usage, bytes| {
            let chunk = self.store.chunk(usage, bytes)?;
            lists.push(chunk.id);
            Ok(chunk)
        })?;
        open.chunks.append(&mut lists);
        Ok(())
    }

    fn end(&mut self, ending: Ending) -> Result<(), EngineError> {
        let Some(Open { path, attributes, list, mut chunks }) = self.open.take() else { return Ok(()) };
        let size = list.size();
        let content = list.finish(&mut |usage, bytes| {
            let chunk = self.store.chunk(usage, bytes)?;
            chunks.push(chunk.id);
            Ok(chunk)
        })?;
        let Ending { kind, facts, signature } = ending;
        let known = |signature| Known { signature, kind, content: content.clone(), facts: facts.clone(), packs: Vec::new() };
        self.waiting.push(Waiting { file: signature.map(|signature| (path.clone(), known(signature))), chunks });
        self.add_entry(&Entry { path, attributes, node: Node::File { kind, size, content, facts } })?;
        if self.store.is_a_group() || self.waiting.len() >= self.group_files { self.publish_packs() } else { Ok(()) }
    }

    fn add_entry(&mut self, entry: &Entry) -> Result<(), EngineError> {
        match &entry.node {
            Node::Folder => self.stats.folders += 1,
            Node::File { size, .. } => {
                self.stats.files += 1;
                self.stats.bytes += size;
            }
            Node::Link { .. } => {}
        }
        self.manifest.push(entry);
        if cuts_after(&entry.path, self.manifest.len()) { self.cut_manifest() } else { Ok(()) }
    }

    fn cut_manifest(&mut self) -> Result<(), EngineError> {
        let chunk = self.store.chunk(ChunkUse::Manifest, self.manifest.take())?;
        let mut chunks = vec![chunk.id];
        self.parts.push(Piece::Chunk(chunk), &mut |usage, bytes| {
            let chunk = self.store.chunk(usage, bytes)?;
            chunks.push(chunk.id);
            Ok(chunk)
        })?;
        self.waiting.push(Waiting { file: None, chunks });
        Ok(())
    }

    /// Closes the open pack, waits until all packs are durable, tells of them in an index object, then remembers.
    fn publish_packs(&mut self) -> Result<(), EngineError> {
        self.store.close_pack()?;
        self.store.wait_for(0)?;
        let packs = std::mem::take(&mut self.store.durable);
        let mut chunk_index = self.shared.chunk_index.write().unwrap_or_else(PoisonError::into_inner);
        if !packs.is_empty() {
            let own = durable::tell(self.account, packs, self.job.random)?;
            self.store.stored += own.size();
            self.store.untold.clear();
            chunk_index.absorb(self.account, &own);
            if chunk_index.is_heavy() {
                chunk_index.publish(self.account);
            }
            for (chunk, _) in own.index.packs.iter().flat_map(|pack| &pack.chunks) {
                self.shared.release(chunk);
            }
        }
        let mut changes = Vec::new();
        for waiting in self.waiting.drain(..) {
            let mut packs = BTreeSet::new();
            for chunk in &waiting.chunks {
                let missing = || EngineError::Damaged { what: OwnFile::LocalState, why: Damage::LostChunk };
                packs.insert(chunk_index.stored(chunk).ok_or_else(missing)?);
            }
            self.used.extend(&packs);
            if let Some((path, mut known)) = waiting.file {
                known.packs = runs(packs);
                changes.extend(known.remember(&path, &chunk_index));
            }
        }
        drop(chunk_index);
        Ok(self.shared.cache.apply(&changes)?)
    }

    fn publish(&mut self, sources: Vec<Source>) -> Result<Packed, EngineError> {
        if !self.manifest.is_empty() {
            self.cut_manifest()?;
        }
        let mut chunks = Vec::new();
        let parts = std::mem::take(&mut self.parts);
        let manifest = parts.finish(&mut |usage, bytes| {
            let chunk = self.store.chunk(usage, bytes)?;
            chunks.push(chunk.id);
            Ok(chunk)
        })?;
        let root = self.store.chunk(ChunkUse::Root, Root { sources, manifest }.encode().into_vec())?;
        chunks.push(root.id);
        self.waiting.push(Waiting { file: None, chunks });
        self.publish_packs()?;
        self.publish_head(root)
    }

    fn publish_head(&mut self, root: ChunkRef) -> Result<Packed, EngineError> {
        let device = &self.account.device;
        let (last, previous) = self.account.head.unwrap_or((0, ObjectHash::from_bytes([0; 32])));
        let chunk_index = self.shared.chunk_index.read().unwrap_or_else(PoisonError::into_inner);
        self.stats.stored = self.store.stored;
        let head = Head {
            device: device.id,
            number: last + 1,
            previous,
            time: self.time,
            stats: self.stats,
            root,
            seen: crate::engine::repository::snapshots::seen(self.account)?,
            needs: chunk_index.needs(self.used.iter().copied()),
        };
        let sealed = head.seal(&device.keys, &device.signer, self.job.random)?;
        self.account.vault_writer().put_now(&sealed).map_err(in_vault)?;
        self.shared.cache.barrier()?;
        Ok(Packed { number: head.number, hash: sealed.hash(), stats: self.stats })
    }
}

impl PackStore<'_> {
    /// Stores a chunk of our own making, unless it is stored.
    fn chunk(&mut self, usage: ChunkUse, bytes: Vec<u8>) -> Result<ChunkRef, EngineError> {
        let id = self.shared.ids.id(usage, &bytes);
        let length = clamp_u32(bytes.len());
        if self.shared.claim(id) {
            let bytes = Zeroizing::new(bytes);
            let encoded = match &mut self.compressor {
                Some(compressor) => Encoded::compressed(bytes, compressor),
                None => Encoded::raw(bytes),
            };
            self.add(id, &encoded)?;
        }
        Ok(ChunkRef { id, length })
    }

    fn add(&mut self, id: ChunkId, encoded: &Encoded) -> Result<(), EngineError> {
        let full = self.pack.as_ref().is_some_and(|p| p.is_full() || (!p.is_empty() && p.len_with(encoded.len()) > self.goal));
        if full {
            self.close_pack()?;
        }
        let pack = match &mut self.pack {
            Some(pack) => pack,
            None => self.pack.insert(PackWriter::new(&self.account.device.keys, self.goal + self.goal / 16, self.random)?),
        };
        pack.add(id, encoded);
        // a pack that just fits its padded size is closed early: padding would take 1 % of the vault
        let len = pack.len_with(0);
        if len >= self.goal / 8 * 5 && pack.padding() <= len / SLACK { self.close_pack() } else { Ok(()) }
    }

    fn close_pack(&mut self) -> Result<(), EngineError> {
        let Some(pack) = self.pack.take() else { return Ok(()) };
        let (sealed, record) = pack.finish(&self.account.device.keys);
        self.stored += sealed.bytes().len() as u64;
        self.untold.push(sealed.name());
        let gone = || EngineError::Crashed;
        self.to_disk.as_ref().ok_or_else(gone)?.send((sealed, record)).map_err(|_| gone())?;
        self.on_the_way += 1;
        self.collect()
    }

    /// Removes the packs of a failed run that nothing refers to, so that a full disk does not stay full of them.
    fn take_back(&mut self) {
        while self.from_disk.recv().is_ok() {}
        for name in self.untold.drain(..) {
            // one that cannot be removed is only in the way
            let _ = self.account.vault_writer().remove_now(&name);
        }
    }

    /// Takes the receipts that have come.
    fn collect(&mut self) -> Result<(), EngineError> {
        while let Ok(written) = self.from_disk.try_recv() {
            self.receipt(written)?;
        }
        Ok(())
    }

    /// Waits until at most so many packs are on the way.
    fn wait_for(&mut self, most: usize) -> Result<(), EngineError> {
        while self.on_the_way > most {
            match self.from_disk.recv() {
                Ok(written) => self.receipt(written)?,
                Err(_) => return Err(EngineError::Crashed),
            }
        }
        Ok(())
    }

    /// A pack counts once the vault vouches for it.
    fn receipt(&mut self, written: Written) -> Result<(), EngineError> {
        let record = written?;
        self.on_the_way -= 1;
        self.durable.push(record);
        Ok(())
    }

    /// Whether the packs that no index object tells of yet are enough for one.
    fn is_a_group(&self) -> bool {
        let chunks = || self.durable.iter().map(|pack| pack.chunks.len()).sum::<usize>();
        self.durable.len() >= GROUP_PACKS || chunks() >= GOAL_CHUNKS
    }
}
