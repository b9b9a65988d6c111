//! Which chunks snapshots still hold, found by walking their manifests; needs the owner's key.
//!
//! Memory: 8 bytes for each chunk (the first 8 of its id; two ids that begin alike only make a dead chunk seem alive, with a chance
//! of 2⁻⁴⁰ among 16 million), at most twice that while they are gathered, and 32 for each chunk of a manifest or list. A part that
//! several snapshots share is walked once.

use std::collections::HashSet;

use crate::core::codec::Bad;
use crate::core::keys::ChunkUse;
use crate::core::manifest::{Content, EntryReader, Node, Piece, Root, decode_lists, decode_pieces};
use crate::core::name::ChunkId;
use crate::core::snapshot::{ChunkRef, SnapshotId};
use crate::engine::account::Account;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshots;
use crate::engine::{Cancel, EngineError};

/// The chunks that some snapshots hold.
#[derive(Default)]
pub struct UsedChunks {
    ids: Vec<u64>,
    sorted: usize,
    walked: HashSet<ChunkId>,
}

fn short(id: &ChunkId) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|at| id.as_bytes()[at]))
}

impl UsedChunks {
    /// Walks these snapshots; `reader` gives one that reads the snapshots of a device. Those that were forgotten and are there still
    /// are walked too, as far as they can be: another device that may delete may have pinned one at the same time.
    pub fn of<'a>(
        account: &Account,
        snapshots: &[SnapshotId],
        forgotten: &[SnapshotId],
        reader: impl Fn(&SnapshotId) -> ChunkReader<'a>,
        cancel: &Cancel,
    ) -> Result<Self, EngineError> {
        let mut live = Self::default();
        for which in snapshots {
            let (head, _) = snapshots::head(account, which.0, which.1)?;
            live.walk(&reader(which), &head.root, cancel)?;
        }
        for which in forgotten {
            let (head, _) = snapshots::head(account, which.0, which.1)?;
            match live.walk(&reader(which), &head.root, cancel) {
                Err(error) if error.is_stop() => return Err(error),
                _ => continue,
            }
        }
        live.sort();
        Ok(live)
    }

    /// Whether a snapshot holds a chunk.
    pub fn has(&self, id: &ChunkId) -> bool {
        self.ids.binary_search(&short(id)).is_ok()
    }

    fn add(&mut self, id: &ChunkId) {
        self.ids.push(short(id));
        if self.ids.len() > 4096 && self.ids.len() >= 2 * self.sorted {
            self.sort();
        }
    }

    fn sort(&mut self) {
        self.ids.sort_unstable();
        self.ids.dedup();
        self.sorted = self.ids.len().max(4096);
    }

    fn walk(&mut self, reader: &ChunkReader<'_>, root: &ChunkRef, cancel: &Cancel) -> Result<(), EngineError> {
        self.add(&root.id);
        let opened = reader.chunk(ChunkUse::Root, root)?;
        let root = Root::decode(opened.bytes()).map_err(broken)?;
        self.content(reader, &root.manifest, ChunkUse::Manifest, cancel)
    }

    fn content(&mut self, reader: &ChunkReader<'_>, of: &Content, usage: ChunkUse, cancel: &Cancel) -> Result<(), EngineError> {
        match of {
            Content::Pieces(pieces) => self.pieces(reader, pieces, usage, cancel),
            Content::List { depth, chunk } => self.list(reader, *depth, chunk, usage, cancel),
        }
    }

    fn list(
        &mut self,
        reader: &ChunkReader<'_>,
        depth: u8,
        chunk: &ChunkRef,
        usage: ChunkUse,
        cancel: &Cancel,
    ) -> Result<(), EngineError> {
        self.add(&chunk.id);
        if !self.walked.insert(chunk.id) {
            return Ok(());
        }
        let opened = reader.chunk(ChunkUse::List, chunk)?;
        if depth <= 1 {
            return self.pieces(reader, &decode_pieces(opened.bytes()).map_err(broken)?, usage, cancel);
        }
        for below in decode_lists(opened.bytes()).map_err(broken)? {
            self.list(reader, depth - 1, &below, usage, cancel)?;
        }
        Ok(())
    }

    fn pieces(&mut self, reader: &ChunkReader<'_>, of: &[Piece], usage: ChunkUse, cancel: &Cancel) -> Result<(), EngineError> {
        cancel.check()?;
        for piece in of {
            let Piece::Chunk(chunk) = piece else { continue };
            self.add(&chunk.id);
            if usage == ChunkUse::Manifest && self.walked.insert(chunk.id) {
                let opened = reader.chunk(ChunkUse::Manifest, chunk)?;
                for entry in EntryReader::new(opened.bytes()) {
                    if let Node::File { content, .. } = entry.map_err(broken)?.node {
                        self.content(reader, &content, ChunkUse::Data, cancel)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn broken(bad: Bad) -> EngineError {
    EngineError::bad_backup(bad)
}
