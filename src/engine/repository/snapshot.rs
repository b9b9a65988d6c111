//! The entries of a snapshot in the order of their paths, a manifest chunk at a time.

use crate::core::keys::ChunkUse;
use crate::core::manifest::{Entry, EntryReader, Piece, Root};
use crate::core::name::RelPath;
use crate::core::snapshot::Head;
use crate::engine::EngineError;
use crate::engine::repository::chunk_reader::{ChunkReader, Pieces};

/// A snapshot that is open for reading.
pub struct Snapshot<'a> {
    reader: &'a ChunkReader<'a>,
    /// Its head.
    pub head: Head,
    /// What was backed up.
    pub root: Root,
}

impl<'a> Snapshot<'a> {
    /// Opens the root of a snapshot.
    pub fn open(reader: &'a ChunkReader<'a>, head: Head) -> Result<Self, EngineError> {
        let opened = reader.chunk(ChunkUse::Root, &head.root)?;
        let root = Root::decode(opened.bytes()).map_err(broken)?;
        Ok(Self { reader, head, root })
    }

    /// Its entries.
    pub fn entries(&self) -> Entries<'a> {
        Entries { reader: self.reader, parts: self.reader.pieces(&self.root.manifest), chunk: Vec::new().into_iter(), last: None }
    }

    /// Where an entry was on the device; none where no source holds it.
    pub fn on_device(&self, path: &RelPath) -> Option<Vec<u8>> {
        let source = self.root.sources.iter().find(|source| path.is_within(&source.label))?;
        Some([&source.path, path.as_bytes().get(source.label.as_bytes().len()..)?].concat())
    }

    /// The path of an entry that an owner means by `text`: as a snapshot lists it, or as it was on the device.
    pub fn meant(&self, text: &[u8]) -> Option<RelPath> {
        let trimmed = text.strip_suffix(b"/").unwrap_or(text);
        for source in &self.root.sources {
            if let Some(below) = trimmed.strip_prefix(source.path.as_slice()) {
                match below.strip_prefix(b"/") {
                    None if below.is_empty() => return Some(source.label.clone()),
                    Some(rest) => return RelPath::new(&[source.label.as_bytes(), b"/", rest].concat()),
                    None => {}
                }
            }
        }
        RelPath::new(trimmed)
    }
}

fn broken(bad: crate::core::codec::Bad) -> EngineError {
    EngineError::bad_backup(bad)
}

/// Entries in order; each path comes after the one before it, or the snapshot is refused.
pub struct Entries<'a> {
    reader: &'a ChunkReader<'a>,
    parts: Pieces<'a>,
    chunk: std::vec::IntoIter<Entry>,
    last: Option<RelPath>,
}

impl Entries<'_> {
    fn next_chunk(&mut self) -> Option<Result<(), EngineError>> {
        let part = match self.parts.next()? {
            Ok(Piece::Chunk(part)) => part,
            Ok(Piece::Hole(_)) => return Some(Err(broken(crate::core::codec::Bad("a manifest with a hole")))),
            Err(error) => return Some(Err(error)),
        };
        let read = self.reader.chunk(ChunkUse::Manifest, &part).and_then(|opened| {
            let entries: Result<Vec<_>, _> = EntryReader::new(opened.bytes()).collect();
            self.chunk = entries.map_err(broken)?.into_iter();
            Ok(())
        });
        Some(read)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.chunk.next() {
                if self.last.as_ref().is_some_and(|last| *last >= entry.path) {
                    return Some(Err(broken(crate::core::codec::Bad("a manifest out of order"))));
                }
                self.last = Some(entry.path.clone());
                return Some(Ok(entry));
            }
            if let Err(error) = self.next_chunk()? {
                return Some(Err(error));
            }
        }
    }
}
