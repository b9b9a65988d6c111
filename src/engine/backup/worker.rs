//! Workers: a chunk's id, whether it is stored already, and if not its compressed form.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, PoisonError, RwLock};

use zstd::bulk::Compressor;

use super::window::{Buffer, ChunkJob, Jobs, Numbered, Room, Step, Worked};
use crate::core::chunk::{ChunkIds, Encoded};
use crate::core::codec::clamp_u32;
use crate::core::keys::ChunkUse;
use crate::core::name::ChunkId;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::local::cache::Cache;

/// What reader, workers and packer share.
#[derive(Clone, Copy)]
pub struct Shared<'a> {
    /// Makes chunk ids.
    pub ids: &'a ChunkIds,
    /// What is stored.
    pub chunk_index: &'a RwLock<ChunkIndex>,
    /// What is known of files.
    pub cache: &'a Cache,
    /// Chunks that are on their way into packs; a chunk is claimed once.
    pub claimed: &'a Mutex<HashSet<ChunkId>>,
    /// Room for chunks on their way to the packer.
    pub room: &'a Room,
    /// Set when the packer has ended, so that the reader does not wait for buffers that went with it.
    pub gone: &'a AtomicBool,
    /// What a worker does with a chunk: [`look_at`], but where a test breaks it.
    pub look: Look,
}

/// What a worker does with a chunk.
pub type Look = fn(&Shared<'_>, Buffer, Option<&mut Compressor<'_>>, &SyncSender<Buffer>) -> Worked;

/// Says that the packer has ended, also where a mistake of ours ended it.
pub struct Ended<'a>(pub &'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Shared<'_> {
    /// Whether the caller is the first to bring this chunk, and is to store it.
    pub fn claim(&self, id: ChunkId) -> bool {
        if !self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return false;
        }
        if self.chunk_index.read().unwrap_or_else(PoisonError::into_inner).stored(&id).is_some() {
            self.release(&id);
            return false;
        }
        true
    }

    /// Lets go of a claim, once the chunk index knows the chunk.
    pub fn release(&self, id: &ChunkId) {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// Works until the reader has no more jobs. A mistake of ours is told in the place of its chunk: the packer takes chunks in order, and would
/// wait for this one for ever.
pub fn work(shared: &Shared<'_>, jobs: &Jobs, out: &SyncSender<Numbered>, spare: &SyncSender<Buffer>) {
    let mut compressor = Compressor::new(1).ok();
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(ChunkJob { number, bytes, level }) = next else { return };
        let compressor = level.and_then(|level| {
            let compressor = compressor.as_mut()?;
            compressor.set_compression_level(level).ok().map(|()| compressor)
        });
        let worked = catch_unwind(AssertUnwindSafe(|| (shared.look)(shared, bytes, compressor, spare)));
        let is_broken = worked.is_err();
        if out.send((number, worked.map_or(Step::Crashed, Step::Chunk))).is_err() || is_broken {
            return;
        }
    }
}

/// A chunk's id, and what is to be stored of it.
pub fn look_at(
    shared: &Shared<'_>,
    bytes: Buffer,
    compressor: Option<&mut Compressor<'_>>,
    spare: &SyncSender<Buffer>,
) -> Worked {
    let id = shared.ids.id(ChunkUse::Data, &bytes);
    let length = clamp_u32(bytes.len());
    if !shared.claim(id) {
        give_back(spare, bytes);
        return Worked { id, length, encoded: None };
    }
    let encoded = match compressor {
        Some(compressor) => match Encoded::try_compressed(&bytes, compressor) {
            Some(encoded) => {
                give_back(spare, bytes);
                encoded
            }
            None => Encoded::raw(bytes),
        },
        None => Encoded::raw(bytes),
    };
    Worked { id, length, encoded: Some(encoded) }
}

/// Gives a buffer back for another chunk; once the reader is gone nobody wants it.
pub fn give_back(spare: &SyncSender<Buffer>, mut buffer: Buffer) {
    buffer.clear();
    let _ = spare.try_send(buffer);
}
