//! Lists of pieces: short ones stand in the entry, long ones become chunks of their own, lists of lists where needed.

use crate::core::codec::Writer;
use crate::core::keys::ChunkUse;
use crate::core::manifest::{Content, MAX_DEPTH, MAX_INLINE, Piece, encode_pieces};
use crate::core::snapshot::ChunkRef;
use crate::engine::{EngineError, Misuse};

/// Pieces in one list chunk: about 300 KiB.
const GOAL: usize = 8192;

/// Collects the pieces of one file, or the chunks of one manifest.
#[derive(Default)]
pub struct ListBuilder {
    pieces: Vec<Piece>,
    lists: Vec<ChunkRef>,
    size: u64,
}

/// Stores a chunk and says where.
pub type StoreChunk<'a> = &'a mut dyn FnMut(ChunkUse, Vec<u8>) -> Result<ChunkRef, EngineError>;

impl ListBuilder {
    /// Appends a piece.
    pub fn push(&mut self, piece: Piece, store: StoreChunk<'_>) -> Result<(), EngineError> {
        self.size += piece.len();
        self.pieces.push(piece);
        if self.pieces.len() == GOAL { self.spill(store) } else { Ok(()) }
    }

    fn spill(&mut self, store: StoreChunk<'_>) -> Result<(), EngineError> {
        let mut out = Writer::new();
        encode_pieces(&self.pieces, &mut out);
        self.pieces.clear();
        self.lists.push(store(ChunkUse::List, out.into_vec())?);
        Ok(())
    }

    /// Bytes that the pieces stand for.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The whole content.
    pub fn finish(mut self, store: StoreChunk<'_>) -> Result<Content, EngineError> {
        if self.lists.is_empty() && self.pieces.len() <= MAX_INLINE {
            return Ok(Content::Pieces(self.pieces));
        }
        if !self.pieces.is_empty() {
            self.spill(store)?;
        }
        let mut level = self.lists;
        for depth in 1..=MAX_DEPTH {
            if let [chunk] = level[..] {
                return Ok(Content::List { depth, chunk });
            }
            level = level.chunks(GOAL).map(|refs| store(ChunkUse::List, encode_refs(refs))).collect::<Result<_, _>>()?;
        }
        Err(EngineError::Usage(Misuse::ManyPieces))
    }
}

fn encode_refs(refs: &[ChunkRef]) -> Vec<u8> {
    let mut out = Writer::new();
    refs.iter().for_each(|chunk| chunk.encode(&mut out));
    out.into_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::{decode_lists, decode_pieces};
    use crate::core::name::ChunkId;

    #[test]
    fn long_lists_become_lists_of_lists() {
        for (count, depth) in [(0, 0), (MAX_INLINE, 0), (MAX_INLINE + 1, 1), (GOAL, 1), (GOAL + 1, 2), (3 * GOAL, 2)] {
            let mut stored = Vec::new();
            let mut store = |usage: ChunkUse, bytes: Vec<u8>| {
                assert_eq!(usage, ChunkUse::List);
                let id = ChunkId::from_bytes(*blake3::hash(&bytes).as_bytes());
                stored.push((id, bytes));
                Ok(ChunkRef { id, length: 1 })
            };
            let mut builder = ListBuilder::default();
            for n in 0..count {
                builder.push(Piece::Hole(n as u64), &mut store).unwrap();
            }
            let content = builder.finish(&mut store).unwrap();
            let bytes_of = |chunk: &ChunkRef| stored.iter().find(|(id, _)| *id == chunk.id).unwrap().1.clone();
            let pieces = match &content {
                Content::Pieces(pieces) => (0, pieces.clone()),
                Content::List { depth: 1, chunk } => (1, decode_pieces(&bytes_of(chunk)).unwrap()),
                Content::List { depth, chunk } => {
                    let lists = decode_lists(&bytes_of(chunk)).unwrap();
                    (*depth, lists.iter().flat_map(|list| decode_pieces(&bytes_of(list)).unwrap()).collect())
                }
            };
            assert_eq!(pieces, (depth, (0..count).map(|n| Piece::Hole(n as u64)).collect()), "{count}");
        }
    }
}
