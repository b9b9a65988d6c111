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
        let ids = (1..).map_while(|generation| keyring.shared(generation)).map(ChunkIds::new).collect();
        Self { chunk_index, places, keyring, device, ids, near: Mutex::default(), far: Mutex::default(), anew: Mutex::default() }
    }

    /// The ids of the newest generation, to compare a file on disk with.
    pub fn ids(&self) -> &[ChunkIds] {
        &self.ids
    }

    /// Fetches a chunk.
    pub fn chunk(&self, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        self.chunk_by(self.chunk_index, usage, chunk).or_else(|error| self.moved(usage, chunk).ok_or(error))
    }

    /// A chunk that came or moved since the index was read: of a newer snapshot, or of a pack that a prune took away.
    fn moved(&self, usage: ChunkUse, chunk: &ChunkRef) -> Option<Verified> {
        let lock = || self.anew.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ROUNDS {
            let before = lock().index.clone();
            if let Some(opened) = before.as_ref().and_then(|index| self.chunk_by(index, usage, chunk).ok()) {
                return Some(opened);
            }
            let mut anew = lock();
            // a thread beside this one may have read it anew meanwhile
            let is_newer = match (&anew.index, &before) {
                (Some(now), Some(before)) => !Arc::ptr_eq(now, before),
                (now, _) => now.is_some(),
            };
            if !is_newer && !self.read_anew(&mut anew) {
                return None;
            }
        }
        None
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

    fn chunk_by(&self, index: &ChunkIndex, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        let missing = || EngineError::Damaged { what: OwnFile::Backup, why: Damage::NoChunk(short(chunk)) };
        let mut failed = None;
        for (ordinal, at) in index.candidates(&self.device, &chunk.id) {
            match self.chunk_at(&index.packs()[ordinal as usize], at, usage, chunk) {
                Ok(opened) => return Ok(opened),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(missing))
    }

    fn chunk_at(&self, pack: &PackInfo, at: Location, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        if self.places.is_near(&ObjectName::Pack(pack.id)) {
            match self.near(pack, at, usage, chunk) {
                Err(_) if self.places.has_stores() => {}
                done => return done,
            }
        }
        let far = match self.far(pack) {
            Ok(far) => far,
            // nobody has it whole; what the vault holds of it, though damaged, may hold this chunk
            Err(error) => return self.near(pack, at, usage, chunk).map_err(|_| error),
        };
        let name = ObjectName::Pack(pack.id);
        let refuse = |why| EngineError::Object { name, why };
        let sealed = far.bytes.get(at.offset as usize..).and_then(|rest| rest.get(..at.length as usize));
        self.open(&far.reader, at, sealed.unwrap_or_default(), usage, chunk).map_err(refuse)
    }

    fn near(&self, pack: &PackInfo, at: Location, usage: ChunkUse, chunk: &ChunkRef) -> Result<Verified, EngineError> {
        let reader = self.near_reader(pack)?;
        let range = Range { offset: at.offset.into(), length: at.length.into() };
        self.places.read_near(&ObjectName::Pack(pack.id), range, |sealed| self.open(&reader, at, sealed, usage, chunk))
    }

    fn near_reader(&self, pack: &PackInfo) -> Result<Arc<PackReader>, EngineError> {
        let mut kept = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reader)) = kept.iter().find(|(id, _)| *id == pack.id) {
            return Ok(reader.clone());
        }
        let head = Range { offset: 0, length: FIRST_CHUNK.into() };
        let open = |head: &[u8]| PackReader::open(&With::Owner(self.keyring), pack.id, head);
        let reader = Arc::new(self.places.read_near(&ObjectName::Pack(pack.id), head, open)?);
        kept.push_front((pack.id, reader.clone()));
        kept.truncate(NEAR_KEPT);
        Ok(reader)
    }

    fn far(&self, pack: &PackInfo) -> Result<Arc<Far>, EngineError> {
        let mut kept = self.far.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, far)) = kept.iter().find(|(id, _)| *id == pack.id) {
            return Ok(far.clone());
        }
        let far = Arc::new(self.places.read(&ObjectName::Pack(pack.id), None, |bytes| {
            if seal::hash(bytes) != pack.hash {
                return Err(Refused::Changed);
            }
            Ok(Far { reader: PackReader::open(&With::Owner(self.keyring), pack.id, bytes)?, bytes: bytes.to_vec() })
        })?);
        kept.push_front((pack.id, far.clone()));
        kept.truncate(FAR_KEPT);
        Ok(far)
    }

    fn open(
        &self,
        reader: &PackReader,
        at: Location,
        sealed: &[u8],
        usage: ChunkUse,
        chunk: &ChunkRef,
    ) -> Result<Verified, Refused> {
        let ids = self.ids.get((reader.generation() as usize).wrapping_sub(1)).ok_or(Refused::NoKey)?;
        let opened = reader.chunk(at, sealed, usage, &chunk.id, ids)?;
        if opened.bytes().len() == chunk.length as usize {
            Ok(opened)
        } else {
            Err(Refused::Malformed("a chunk of another length"))
        }
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
