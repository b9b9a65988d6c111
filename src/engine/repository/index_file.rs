//! The published index: a sealed, sorted file of which chunk lies where, put in its place by whoever wrote to the account, and read by
//! everybody without a lock; and how what it says and what index objects say flow together.
//!
//! `index.sealed` in the account's folder (`store/sealed_index.rs`): a record is a chunk's id, then ordinal of its pack, segment,
//! offset and length, each `u32`, big endian. Beside the records stand the index objects it covers, in the order of their packs: a
//! count (varint), then for each id 16, hash 32, device 16, and its packs: a count (varint), then id 16, size `u32`, hash 32.
//! Its name is of the account and the device. What it does not cover, a reader takes from the index objects themselves.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::index::{Index, MAX_PACKS};
use crate::core::keys::WriterKeys;
use crate::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::pack::Location;
use crate::core::roster::Roster;
use crate::core::seal::{self, Refused, With};
use crate::core::signed::Signed;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter, keys};
use crate::engine::error::{OwnFile, in_vault};
use crate::engine::repository::chunk_place::{ChunkPlace, ChunkPlaces};
use crate::local::os_random::SystemRandom;
use crate::local::sealed_index::{self, Builder, KEY, RECORD, SealedIndex, VALUE};
use crate::local::work_lock;
use crate::provider::Listed;
use crate::provider::folder_reader::FolderReader;
use crate::provider::regular_file;

/// The most index objects that one file covers.
const MAX_INDEXES: usize = 1 << 20;

/// What one index object tells of, but for its chunks.
pub struct KnownIndex {
    /// Its id.
    pub id: ObjectId,
    /// BLAKE3 of its bytes.
    pub hash: ObjectHash,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Its packs: id, size in bytes, hash.
    pub packs: Vec<(ObjectId, u32, ObjectHash)>,
}

type Chunk = (ChunkId, Vec<ChunkPlace>);

fn path(account: &Account) -> PathBuf {
    account.folder().join("index.sealed")
}

fn name(account: &Account) -> Vec<u8> {
    [b"index".as_slice(), account.id().as_bytes(), account.device.id.as_bytes()].concat()
}

/// The published file; none where it is missing, or does not open as what it should be.
pub fn read(account: &Account) -> Option<(SealedIndex, Vec<KnownIndex>)> {
    let (index, beside) = open(account, regular_file::open(&path(account)).ok()?).ok()?;
    Some((index, decode(&beside).ok()?))
}

fn open(account: &Account, file: File) -> io::Result<(SealedIndex, Vec<u8>)> {
    SealedIndex::open(file, &account.local_key(b"index"), &name(account))
}

/// Publishes a file: whole and durable, or not at all. Gives it back open.
pub fn publish(
    account: &AccountWriter,
    known: &[KnownIndex],
    chunks: impl Iterator<Item = io::Result<Chunk>>,
) -> Result<SealedIndex, EngineError> {
    let _moment = work_lock::take_moment(&account.folder(), "index", &account.stop)?;
    let path = path(account);
    let written = sealed_index::publish(&path, |file| build(account, file, &encode(known), chunks));
    let opened = written.and_then(|()| open(account, regular_file::open(&path)?));
    opened.map(|(index, _)| index).map_err(|source| crate::local::home::DiskError { action: "write", path, source }.into())
}

/// The same in a file of this process's own, without a name.
pub fn nameless(account: &Account, chunks: impl Iterator<Item = io::Result<Chunk>>) -> io::Result<SealedIndex> {
    let file = build(account, sealed_index::nameless(&SystemRandom::new())?, &[], chunks)?;
    open(account, file).map(|(index, _)| index)
}

fn build(account: &Account, file: File, beside: &[u8], chunks: impl Iterator<Item = io::Result<Chunk>>) -> io::Result<File> {
    let mut builder = Builder::new(file, &account.local_key(b"index"), &name(account), &SystemRandom::new())?;
    for chunk in chunks {
        let (id, places) = chunk?;
        places.iter().try_for_each(|place| builder.push(&record(&id, place)))?;
    }
    builder.finish(beside)
}

fn record(chunk: &ChunkId, (ordinal, at): &ChunkPlace) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..KEY].copy_from_slice(chunk.as_bytes());
    for (to, number) in record[KEY..].chunks_exact_mut(4).zip([*ordinal, at.segment, at.offset, at.length]) {
        to.copy_from_slice(&number.to_be_bytes());
    }
    record
}

fn place(value: &[u8; VALUE]) -> ChunkPlace {
    let [ordinal, segment, offset, length] =
        std::array::from_fn(|n| value[n * 4..].first_chunk::<4>().map_or(0, |number| u32::from_be_bytes(*number)));
    (ordinal, Location { segment, offset, length })
}

/// The places of a chunk.
pub fn find(index: &SealedIndex, chunk: &ChunkId) -> io::Result<Vec<ChunkPlace>> {
    let mut places = Vec::new();
    index.find(chunk.as_bytes(), &mut |value| places.push(place(value)))?;
    Ok(places)
}

/// Every chunk of a file in order.
pub fn chunks(index: &SealedIndex) -> impl Iterator<Item = io::Result<Chunk>> + '_ {
    index.records().map(|record| {
        let record = record?;
        let (key, value) = record.split_at(KEY);
        let broken = |_| io::Error::from(io::ErrorKind::InvalidData);
        let chunk = ChunkId::from_bytes(key.try_into().map_err(broken)?);
        Ok((chunk, vec![place(value.try_into().map_err(broken)?)]))
    })
}

/// The chunks of an overlay in order.
pub(in crate::engine) fn sorted<'a>(
    overlay: impl IntoIterator<Item = (&'a ChunkId, &'a ChunkPlaces)>,
) -> impl Iterator<Item = io::Result<Chunk>> + 'a {
    let mut sorted: Vec<_> = overlay.into_iter().collect();
    sorted.sort_unstable_by_key(|(chunk, _)| **chunk);
    sorted.into_iter().map(|(chunk, places)| Ok((*chunk, places.as_slice().to_vec())))
}

/// Two sequences in order as one, each chunk once with all its places, those of `older` first.
pub fn merge(
    older: impl Iterator<Item = io::Result<Chunk>>,
    newer: impl Iterator<Item = io::Result<Chunk>>,
) -> impl Iterator<Item = io::Result<Chunk>> {
    let (mut older, mut newer) = (older.peekable(), newer.peekable());
    std::iter::from_fn(move || {
        let next = [older.peek(), newer.peek()].into_iter().flatten().filter_map(|chunk| chunk.as_ref().ok()).map(|c| c.0).min();
        // a failure comes first, and ends whoever collects
        let Some(next) = next.filter(|_| !matches!(older.peek(), Some(Err(_))) && !matches!(newer.peek(), Some(Err(_)))) else {
            return older.next_if(Result::is_err).or_else(|| newer.next_if(Result::is_err));
        };
        let mut places = Vec::new();
        let is_next = |chunk: &io::Result<Chunk>| matches!(chunk, Ok((id, _)) if *id == next);
        while let Some(Ok((_, more))) = older.next_if(is_next) {
            places.extend(more);
        }
        while let Some(Ok((_, more))) = newer.next_if(is_next) {
            places.extend(more);
        }
        Some(Ok((next, places)))
    })
}

fn encode(known: &[KnownIndex]) -> Vec<u8> {
    let mut out = Writer::new();
    out.varint(known.len() as u64);
    for KnownIndex { id, hash, device, packs } in known {
        out.raw(id.as_bytes());
        out.raw(hash.as_bytes());
        out.raw(device.as_bytes());
        out.varint(packs.len() as u64);
        for (id, size, hash) in packs {
            out.raw(id.as_bytes());
            out.u32(*size);
            out.raw(hash.as_bytes());
        }
    }
    out.into_vec()
}

fn decode(bytes: &[u8]) -> Result<Vec<KnownIndex>, Bad> {
    let mut input = Reader::new(bytes);
    let count = input.count(MAX_INDEXES)?;
    let mut known = Vec::new();
    for _ in 0..count {
        let (id, hash) = (ObjectId::from_bytes(input.array()?), ObjectHash::from_bytes(input.array()?));
        let device = DeviceId::from_bytes(input.array()?);
        let count = input.count(MAX_PACKS)?;
        let mut packs = Vec::new();
        for _ in 0..count {
            packs.push((ObjectId::from_bytes(input.array()?), input.u32()?, ObjectHash::from_bytes(input.array()?)));
        }
        known.push(KnownIndex { id, hash, device, packs });
    }
    input.finish()?;
    Ok(known)
}

/// The vault's index objects.
pub fn listed(account: &Account) -> Result<Vec<ObjectName>, EngineError> {
    let mut names = Vec::new();
    let mut look = |page: &[Listed]| names.extend(page.iter().map(|l| l.name).filter(|n| matches!(n, ObjectName::Index(..))));
    account.vault.list_now("index", &mut look).map_err(in_vault)?;
    Ok(names)
}

/// What opens the vault's index objects, whatever becomes of the account that it was made of.
pub struct Source {
    vault: FolderReader,
    keys: WriterKeys,
    roster: Roster,
}

impl Source {
    /// That of an account, with the keys and the devices that its vault tells of now.
    pub fn of(account: &Account) -> Result<Self, EngineError> {
        let (granted, roster) = keys::newest(account)?;
        let mut out = Writer::new();
        granted.as_ref().unwrap_or(&account.device.keys).encode(&mut out);
        let bytes = Zeroizing::new(out.into_vec());
        let broken = |bad: Bad| EngineError::Own { what: OwnFile::At("device.key".into()), why: bad.into() };
        let keys = WriterKeys::decode(&mut Reader::new(&bytes)).map_err(broken)?;
        Ok(Self { vault: account.vault.clone(), keys, roster: roster.unwrap_or_else(|| account.roster.clone()) })
    }

    /// Reads an index object, and its hash.
    pub fn read(&self, name: &ObjectName) -> Result<(Index, ObjectHash), EngineError> {
        let bytes = self.vault.get_now(name, None).map_err(in_vault)?;
        let key_of = |device: &DeviceId| self.roster.key_of(device);
        let opened = Index::open(&With::Device(&self.keys), self.keys.account(), name, &bytes, &key_of);
        let refused = |why: Refused| EngineError::Object { name: *name, why };
        Ok((opened.map_err(refused)?, seal::hash(&bytes)))
    }
}
