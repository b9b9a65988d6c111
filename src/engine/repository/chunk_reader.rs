//! Chunks come home: from the vault by range, from a store by whole pack (ranges would show it where chunks end), and only
//! when tag, id and place agree.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::core::chunk::ChunkIds;
use crate::core::keys::{ChunkUse, Keyring};
use crate::core::manifest::{Content, Piece, decode_lists, decode_pieces};
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::pack::{FIRST_CHUNK, Location, PackReader};
use crate::core::seal::{self, Refused, With};
use crate::core::snapshot::ChunkRef;
use crate::core::verified::Verified;
use crate::engine::EngineError;
use crate::engine::account::keys;
use crate::engine::error::{Damage, OwnFile};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::index_file;
use crate::engine::repository::read_order::ReadOrder;
use crate::provider::Range;

/// How many packs' keys are kept; far packs are kept whole, so that there are few.
const NEAR_KEPT: usize = 64;
const FAR_KEPT: usize = 2;

/// Fetches and opens chunks for an unlocked account; shared by threads.
pub struct ChunkReader<'a> {
    chunk_index: &'a ChunkIndex,
    places: ReadOrder<'a>,
    keyring: &'a Keyring,
    device: DeviceId,
    ids: Vec<ChunkIds>,
    near: Mutex<VecDeque<(ObjectId, Arc<PackReader>)>>,
    far: Mutex<VecDeque<(ObjectId, Arc<Far>)>>,
    anew: Mutex<Anew>,
    later: Mutex<Option<Arc<Later>>>,
}

/// The owner's keys, and the ids that each generation of them makes.
#[derive(Clone, Copy)]
struct Keys<'k> {
    keyring: &'k Keyring,
    ids: &'k [ChunkIds],
}

/// The same with keys that were made since the reader was.
struct Later {
    keyring: Keyring,
    ids: Vec<ChunkIds>,
}

/// Where chunks are since others wrote or pruned beside the reader.
#[derive(Default)]
struct Anew {
    index: Option<Arc<ChunkIndex>>,
    /// The index objects that were there then.
    listed: BTreeSet<ObjectName>,
    /// How often nothing new was found.
    vain: u32,
}

/// How often the index is read anew for one chunk, while others write.
const ROUNDS: usize = 5;

/// After so many looks that found nothing new, what is missing is taken for lost without another.
const VAIN_LOOKS: u32 = 1000;

/// A pack that was fetched whole.
struct Far {
    reader: PackReader,
    bytes: Vec<u8>,
}

impl<'a> ChunkReader<'a> {
    /// Objects that came from an earlier version in a store.
    pub fn earlier(&self) -> BTreeSet<(ObjectName, String)> {
        self.places.earlier()
    }

    /// A reader that reads the snapshots of a device from these places.
    pub fn new(chunk_index: &'a ChunkIndex, places: ReadOrder<'a>, keyring: &'a Keyring, device: DeviceId) -> Self {
        let (ids, near, far, anew, later) =
            (ids(keyring), Mutex::default(), Mutex::default(), Mutex::default(), Mutex::default());
        Self { chunk_index, places, keyring, device, ids, near, far, anew, later }
    }

    /// The ids of the newest generation, to compare a file on disk with.
    pub fn ids(&self) -> &[ChunkIds] {
        &self.ids
    }

    /// Fetches a chunk.
    pub fn chunk(&self, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        match self.chunk_with(Keys { keyring: self.keyring, ids: &self.ids }, usage, chunk) {
            Err(error) if !error.is_stop() => match self.later() {
                Some(later) => self.chunk_with(Keys { keyring: &later.keyring, ids: &later.ids }, usage, chunk),
                None => Err(error),
            },
            done => done,
        }
    }

    /// The account's keys, where another process changed them since the reader was made.
    fn later(&self) -> Option<Arc<Later>> {
        let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        let known = later.as_ref().map_or(self.keyring, |later| &later.keyring);
        if let Some(keyring) = keys::later(self.places.account(), known) {
            *later = Some(Arc::new(Later { ids: ids(&keyring), keyring }));
        }
        later.clone()
    }

    fn chunk_with(&self, keys: Keys<'_>, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        match self.chunk_by(self.chunk_index, keys, usage, chunk) {
            Err(error) if !error.is_stop() => self.moved(keys, usage, chunk)?.ok_or(error),
            done => done,
        }
    }

    /// A chunk that came or moved since the index was read: of a newer snapshot, or of a pack that a prune took away.
    fn moved(&self, keys: Keys<'_>, usage: ChunkUse, chunk: &ChunkRef) -> Result<Option<Verified>, EngineError> {
        let lock = || self.anew.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ROUNDS {
            let before = lock().index.clone();
            match before.as_ref().map(|index| self.chunk_by(index, keys, usage, chunk)) {
                Some(Ok(opened)) => return Ok(Some(opened)),
                Some(Err(error)) if error.is_stop() => return Err(error),
                Some(Err(_)) | None => {}
            }
            let mut anew = lock();
            // a thread beside this one may have read it anew meanwhile
            let is_newer = match (&anew.index, &before) {
                (Some(now), Some(before)) => !Arc::ptr_eq(now, before),
                (now, _) => now.is_some(),
            };
            if !is_newer && !self.read_anew(&mut anew) {
                break;
            }
        }
        Ok(None)
    }

    /// Reads the index once more where index objects came since; whether it did.
    fn read_anew(&self, anew: &mut Anew) -> bool {
        let (account, index) = (self.places.account(), anew.index.as_deref().unwrap_or(self.chunk_index));
        let listed: BTreeSet<ObjectName> = match anew.vain {
            VAIN_LOOKS.. => return false,
            _ => index_file::listed(account).unwrap_or_default().into_iter().collect(),
        };
        // one that cannot be read is never known, and says nothing new by that
        let came = listed != anew.listed && listed.iter().any(|name| !index.knows(&name.place()));
        if came && let Ok(index) = ChunkIndex::open(account) {
            (anew.index, anew.listed) = (Some(Arc::new(index)), listed);
            return true;
        }
        anew.vain = anew.vain.saturating_add(1);
        false
    }

    fn chunk_by(&self, index: &ChunkIndex, keys: Keys<'_>, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        let missing = || EngineError::Damaged { what: OwnFile::Backup, why: Damage::NoChunk(short(chunk)) };
        let mut failed = None;
        for (ordinal, at) in index.candidates(&self.device, &chunk.id) {
            match self.chunk_at(&index.packs()[ordinal as usize], at, keys, (usage, chunk)) {
                Ok(opened) => return Ok(opened),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(missing))
    }

    fn chunk_at(&self, pack: &PackInfo, at: Location, keys: Keys<'_>, wanted: Wanted<'_>) -> Result<Verified, EngineError> {
        if self.places.is_near(&ObjectName::Pack(pack.id)) {
            match self.near(pack, at, keys, wanted) {
                Err(_) if self.places.has_stores() => {}
                done => return done,
            }
        }
        let far = match self.far(pack, keys) {
            Ok(far) => far,
            // nobody has it whole; what the vault holds of it, though damaged, may hold this chunk
            Err(error) => return self.near(pack, at, keys, wanted).map_err(|_| error),
        };
        let name = ObjectName::Pack(pack.id);
        let refuse = |why| EngineError::Object { name, why };
        let sealed = far.bytes.get(at.offset as usize..).and_then(|rest| rest.get(..at.length as usize));
        open(&far.reader, at, sealed.unwrap_or_default(), keys.ids, wanted).map_err(refuse)
    }

    fn near(&self, pack: &PackInfo, at: Location, keys: Keys<'_>, wanted: Wanted<'_>) -> Result<Verified, EngineError> {
        let reader = self.near_reader(pack, keys)?;
        let range = Range { offset: at.offset.into(), length: at.length.into() };
        self.places.read_near(&ObjectName::Pack(pack.id), range, |sealed| open(&reader, at, sealed, keys.ids, wanted))
    }

    fn near_reader(&self, pack: &PackInfo, keys: Keys<'_>) -> Result<Arc<PackReader>, EngineError> {
        let mut kept = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reader)) = kept.iter().find(|(id, _)| *id == pack.id) {
            return Ok(reader.clone());
        }
        let head = Range { offset: 0, length: FIRST_CHUNK.into() };
        let open = |head: &[u8]| PackReader::open(&With::Owner(keys.keyring), pack.id, head);
        let reader = Arc::new(self.places.read_near(&ObjectName::Pack(pack.id), head, open)?);
        kept.push_front((pack.id, reader.clone()));
        kept.truncate(NEAR_KEPT);
        Ok(reader)
    }

    fn far(&self, pack: &PackInfo, keys: Keys<'_>) -> Result<Arc<Far>, EngineError> {
        let mut kept = self.far.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, far)) = kept.iter().find(|(id, _)| *id == pack.id) {
            return Ok(far.clone());
        }
        let far = Arc::new(self.places.read(&ObjectName::Pack(pack.id), None, |bytes| {
            if seal::hash(bytes) != pack.hash {
                return Err(Refused::Changed);
            }
            Ok(Far { reader: PackReader::open(&With::Owner(keys.keyring), pack.id, bytes)?, bytes: bytes.to_vec() })
        })?);
        kept.push_front((pack.id, far.clone()));
        kept.truncate(FAR_KEPT);
        Ok(far)
    }

    /// The pieces of some content, list by list.
    pub fn pieces(&'a self, content: &Content) -> Pieces<'a> {
        let first = match content {
            Content::Pieces(pieces) => Level::Pieces(pieces.clone().into_iter()),
            Content::List { depth, chunk } => Level::Lists(*depth, vec![*chunk].into_iter()),
        };
        Pieces { reader: self, levels: vec![first] }
    }
}

/// What a chunk that is wanted holds, and which it is.
type Wanted<'w> = (ChunkUse, &'w ChunkRef);

fn open(reader: &PackReader, at: Location, sealed: &[u8], ids: &[ChunkIds], wanted: Wanted<'_>) -> Result<Verified, Refused> {
    let (usage, chunk) = wanted;
    let ids = ids.get((reader.generation() as usize).wrapping_sub(1)).ok_or(Refused::NoKey)?;
    let opened = reader.chunk(at, sealed, usage, &chunk.id, ids)?;
    if opened.bytes().len() == chunk.length as usize { Ok(opened) } else { Err(Refused::Malformed("a chunk of another length")) }
}

fn ids(keyring: &Keyring) -> Vec<ChunkIds> {
    (1..).map_while(|generation| keyring.shared(generation)).map(ChunkIds::new).collect()
}

fn short(chunk: &ChunkRef) -> String {
    chunk.id.to_string().chars().take(8).collect()
}

enum Level {
    Pieces(std::vec::IntoIter<Piece>),
    Lists(u8, std::vec::IntoIter<ChunkRef>),
}

/// Pieces in order; memory holds one list for each depth.
pub struct Pieces<'a> {
    reader: &'a ChunkReader<'a>,
    levels: Vec<Level>,
}

impl Pieces<'_> {
    fn descend(&self, depth: u8, list: &ChunkRef) -> Result<Level, EngineError> {
        let opened = self.reader.chunk(ChunkUse::List, list)?;
        let broken = EngineError::bad_backup;
        if depth == 1 {
            decode_pieces(opened.bytes()).map(|pieces| Level::Pieces(pieces.into_iter())).map_err(broken)
        } else {
            decode_lists(opened.bytes()).map(|lists| Level::Lists(depth - 1, lists.into_iter())).map_err(broken)
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let below = match self.levels.last_mut()? {
                Level::Pieces(pieces) => match pieces.next() {
                    Some(piece) => return Some(Ok(piece)),
                    None => None,
                },
                Level::Lists(depth, lists) => lists.next().map(|list| (*depth, list)),
            };
            match below {
                None => {
                    self.levels.pop();
                }
                Some((depth, list)) => match self.descend(depth, &list) {
                    Ok(level) => self.levels.push(level),
                    Err(error) => {
                        self.levels.clear();
                        return Some(Err(error));
                    }
                },
            }
        }
    }
}
