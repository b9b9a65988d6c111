//! The file cache: what shows that a file is unchanged, and where its content lies; a cache that may vanish.
//!
//! Value: size, modification and change time, inode; kind; content; facts; then for each index object that tells of the packs that hold
//! it: its id (16), and runs of them there.

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::manifest::Content;
use crate::core::name::{ObjectId, RelPath};
use crate::core::print_metadata::PrintMetadata;
use crate::core::snapshot::{decode_runs, encode_runs};
use crate::engine::backup::scan::Stat;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::local::cache::Change;

/// The largest value local state takes, in bytes.
const MAX_VALUE: usize = 4096;

/// What shows that a file is unchanged: size, times and inode all agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    size: u64,
    mtime: (i64, u32),
    ctime: (i64, u32),
    ino: u64,
}

/// Packs of an index object, as runs of their places in it.
type NeededPacks = (ObjectId, Vec<(u32, u32)>);

impl Signature {
    /// The signature of a file, unless it changed so shortly before `now` that another change could go unseen: file systems
    /// keep times to 10 ms or worse, and FAT to 2 s.
    pub fn of(stat: &Stat, now: (i64, u32)) -> Option<Self> {
        let coarse = stat.ctime_ns == 0 || stat.mtime_ns == 0;
        let margin: i128 = if coarse { 3_000_000_000 } else { 100_000_000 };
        let nanoseconds = |(s, ns): (i64, u32)| i128::from(s) * 1_000_000_000 + i128::from(ns);
        let ctime = (stat.ctime_s, stat.ctime_ns);
        let settled = nanoseconds(ctime) + margin <= nanoseconds(now);
        settled.then_some(Self { size: stat.size, mtime: (stat.mtime_s, stat.mtime_ns), ctime, ino: stat.ino })
    }

    /// Whether a file still has it.
    pub fn still_holds(&self, stat: &Stat) -> bool {
        let mtime = (stat.mtime_s, stat.mtime_ns);
        (self.size, self.mtime, self.ctime, self.ino) == (stat.size, mtime, (stat.ctime_s, stat.ctime_ns), stat.ino)
    }

    fn encode(&self, out: &mut Writer) {
        out.varint(self.size);
        for (s, ns) in [self.mtime, self.ctime] {
            out.raw(&s.to_le_bytes());
            out.u32(ns);
        }
        out.u64(self.ino);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let size = input.varint()?;
        let mut time = || Ok::<_, Bad>((i64::from_le_bytes(input.array()?), input.u32()?));
        let (mtime, ctime) = (time()?, time()?);
        Ok(Self { size, mtime, ctime, ino: input.u64()? })
    }
}

/// A file as the cache knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// What it was when it was read.
    pub signature: Signature,
    /// Code of its kind.
    pub kind: u8,
    /// Where its content lies.
    pub content: Content,
    /// What it says of itself.
    pub facts: PrintMetadata,
    /// Runs of the packs that hold it.
    pub packs: Vec<(u32, u32)>,
}

impl Known {
    /// The change that remembers it, unless it is too large to remember.
    pub fn remember(&self, path: &RelPath, chunk_index: &ChunkIndex) -> Option<Change> {
        let mut out = Writer::new();
        self.signature.encode(&mut out);
        out.u8(self.kind);
        self.content.encode(&mut out);
        self.facts.encode(&mut out);
        let needs = chunk_index.needs(self.packs.iter().flat_map(|(first, length)| *first..first + length));
        out.varint(needs.len() as u64);
        for need in needs {
            out.raw(need.index.as_bytes());
            encode_runs(&need.packs, &mut out);
        }
        (out.len() <= MAX_VALUE).then(|| Change::put(path.as_bytes(), out.into_vec()))
    }

    /// Reads what `remember` wrote; none where it is no such thing, or a pack of it is not known any more.
    pub fn decode(value: &[u8], chunk_index: &ChunkIndex) -> Option<Self> {
        let (mut known, needs) = Self::read(value).ok()?;
        for (index, runs) in needs {
            known.packs.extend(chunk_index.ordinals(&index, &runs)?);
        }
        Some(known)
    }

    fn read(value: &[u8]) -> Result<(Self, Vec<NeededPacks>), Bad> {
        let mut input = Reader::new(value);
        let signature = Signature::decode(&mut input)?;
        let kind = input.u8()?;
        let content = Content::decode(&mut input)?;
        let facts = PrintMetadata::decode(&mut input)?;
        let count = input.count(MAX_VALUE)?;
        let need = |input: &mut Reader<'_>| Ok((ObjectId::from_bytes(input.array()?), decode_runs(input, u32::MAX)?));
        let needs = (0..count).map(|_| need(&mut input)).collect::<Result<_, Bad>>()?;
        input.finish()?;
        Ok((Self { signature, kind, content, facts, packs: Vec::new() }, needs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat() -> Stat {
        Stat {
            size: 9,
            mtime_s: 100,
            mtime_ns: 5,
            ctime_s: 100,
            ctime_ns: 7,
            ino: 3,
            mode: 0,
            uid: 0,
            gid: 0,
            nlink: 1,
            blocks: 8,
            dev: 1,
        }
    }

    #[test]
    fn a_file_that_just_changed_has_no_signature() {
        assert!(Signature::of(&stat(), (100, 50_000_000)).is_none());
        let signature = Signature::of(&stat(), (100, 200_000_000)).unwrap();
        assert!(signature.still_holds(&stat()));
        assert!(Signature::of(&Stat { ctime_ns: 0, ..stat() }, (101, 0)).is_none());
        assert!(Signature::of(&stat(), (50, 0)).is_none(), "a clock that was set back");
        for other in [
            Stat { size: 8, ..stat() },
            Stat { mtime_ns: 6, ..stat() },
            Stat { ctime_ns: 8, ..stat() },
            Stat { ino: 4, ..stat() },
        ] {
            assert!(!signature.still_holds(&other));
        }
    }
}
