//! Prusa's binary G-code: walks the blocks before the moves by their sizes (libbgcode specification, file version 1).
//!
//! Sizes in the file are anyone's numbers: each block must lie within the file, and all metadata together inflate to at most
//! `METADATA_LEN`. Checksums are not asked: this reads claims, and the backup keeps the bytes as they are.

use crate::core::codec::{Reader, clamp_u32, clamp_usize};
use crate::core::print_metadata::PrintMetadata;
use crate::kind::claims::Claims;
use crate::kind::inflate;
use crate::kind::source::{Source, array, window};
use crate::kind::thumbnail::{MAX_THUMBNAIL_LEN, MAX_THUMBNAILS, Thumbnail};

/// The most blocks walked before the first block of moves; real files have fewer than 16.
const MAX_BLOCKS: usize = 64;
/// The most metadata read, inflated, of all blocks together, in bytes.
const METADATA_LEN: usize = 1 << 20;

/// What the metadata blocks say.
pub(super) fn facts(source: &dyn Source) -> PrintMetadata {
    let mut claims = Claims::default();
    let (mut left, mut pictures) = (METADATA_LEN, 0);
    for block in Blocks::new(source) {
        match block.kind {
            Kind::Metadata => {
                let text = metadata(source, &block, left).unwrap_or_default();
                // what was read counts too, or blocks that inflate to nothing would be free
                left = left.saturating_sub(text.len().max(usize::try_from(block.len).unwrap_or(left)));
                pairs(&text, &mut claims);
            }
            Kind::Thumbnail => pictures += 1,
        }
    }
    claims.facts.thumbnails = (pictures > 0).then_some(pictures.min(clamp_u32(MAX_THUMBNAILS)));
    claims.finish()
}

/// The thumbnail blocks; none is compressed in files that exist, and none that is gets read.
pub(super) fn thumbnails(source: &dyn Source) -> Vec<Thumbnail> {
    let pictures = Blocks::new(source).filter(|block| block.kind == Kind::Thumbnail && block.compression == 0);
    let fitting = pictures.filter(|block| block.len <= MAX_THUMBNAIL_LEN as u64);
    fitting.filter_map(|block| Thumbnail::read(window(source, block.at, clamp_usize(block.len)))).take(MAX_THUMBNAILS).collect()
}

#[derive(PartialEq, Eq)]
enum Kind {
    Metadata,
    Thumbnail,
}

/// A block's payload: wholly within the file.
struct Block {
    kind: Kind,
    compression: u16,
    at: u64,
    len: u64,
}

/// Walks the blocks up to the moves, or as far as they make sense.
struct Blocks<'a> {
    source: &'a dyn Source,
    at: u64,
    checksum_len: u64,
    left: usize,
}

impl<'a> Blocks<'a> {
    fn new(source: &'a dyn Source) -> Self {
        let (left, checksum_len) = match array::<10>(source, 0) {
            Some([b'G', b'C', b'D', b'E', _, _, _, _, 0, 0]) => (MAX_BLOCKS, 0),
            Some([b'G', b'C', b'D', b'E', _, _, _, _, 1, 0]) => (MAX_BLOCKS, 4),
            _ => (0, 0),
        };
        Self { source, at: 10, checksum_len, left }
    }

    fn read(&mut self) -> Option<Option<Block>> {
        self.left = self.left.checked_sub(1)?;
        let head = window(self.source, self.at, 12);
        let mut head = Reader::new(&head);
        let (kind, compression, full) = (head.u16().ok()?, head.u16().ok()?, head.u32().ok()?);
        let (head_len, len) = if compression == 0 { (8, full) } else { (12, head.u32().ok()?) };
        let (kind, parameters) = match kind {
            // file, slicer, printer and print metadata
            0 | 2 | 3 | 4 => (Some(Kind::Metadata), 2),
            5 => (Some(Kind::Thumbnail), 6),
            // moves follow to the end
            1 => return None,
            _ => (None, 2),
        };
        let at = self.at + head_len + parameters;
        let end = at.checked_add(u64::from(len))?;
        self.at = end.checked_add(self.checksum_len)?;
        (end <= self.source.len()).then_some(kind.map(|kind| Block { kind, compression, at, len: len.into() }))
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        loop {
            match self.read() {
                Some(Some(block)) => return Some(block),
                Some(None) => {}
                None => {
                    self.left = 0;
                    return None;
                }
            }
        }
    }
}

/// A metadata block's text, `None` beyond `limit` or in a compression (heatshrink) that metadata are not written in.
fn metadata(source: &dyn Source, block: &Block, limit: usize) -> Option<Vec<u8>> {
    if block.len > limit as u64 {
        return None;
    }
    let data = window(source, block.at, clamp_usize(block.len));
    match block.compression {
        0 => Some(data),
        1 => inflate::zlib(&data, limit),
        _ => None,
    }
}

/// Metadata are lines of `key=value`.
fn pairs(text: &[u8], claims: &mut Claims) {
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(at) = line.iter().position(|byte| *byte == b'=') {
            claims.pair(line[..at].trim_ascii(), line[at + 1..].trim_ascii());
        }
    }
}

#[cfg(test)]
#[path = "tests/bgcode.rs"]
mod tests;
