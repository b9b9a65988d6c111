//! One file of a snapshot, piece by piece: only what was verified is given out.

use crate::core::codec::clamp_usize;
use crate::core::keys::ChunkUse;
use crate::core::manifest::{Entry, Node, Piece};
use crate::engine::error::{Damage, OwnFile};
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::{Cancel, EngineError};

/// Zeros that stand for a hole, at a time.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// Gives the bytes of a file in order, at most a chunk at a time, and how many there were. What is no file has none.
///
/// # Errors
/// What cannot be fetched or is not what was written ends it there: what was given before is right, and what follows is missing.
pub fn content(
    reader: &ChunkReader<'_>,
    entry: &Entry,
    give: &mut dyn FnMut(&[u8]),
    cancel: &Cancel,
) -> Result<u64, EngineError> {
    let Node::File { size, content, .. } = &entry.node else { return Ok(0) };
    let mut given = 0;
    for piece in reader.pieces(content) {
        cancel.check()?;
        let piece = piece?;
        given += piece.len();
        match piece {
            Piece::Chunk(chunk) => give(reader.chunk(ChunkUse::Data, &chunk)?.bytes()),
            Piece::Hole(mut length) => {
                while length > 0 {
                    cancel.check()?;
                    let now = length.min(ZEROS.len() as u64);
                    give(ZEROS.get(..clamp_usize(now)).unwrap_or(&ZEROS));
                    length -= now;
                }
            }
        }
    }
    match given == *size {
        true => Ok(given),
        false => Err(EngineError::Damaged { what: OwnFile::Backup, why: Damage::Pieces }),
    }
}
