//! The manifest: every file, folder and link of a snapshot in the order of their paths, cut into chunks between entries.
//!
//! A chunk of use `manifest` is a sequence of entries and stands alone, so that unchanged parts are the same chunk again.
//!
//! Entry: bytes shared with the path before it in this chunk (varint), the rest (bytes); type 1 (1 folder, 2 file, 3 link);
//! mode, uid, gid (varints); modification time: seconds (zigzag varint) and nanoseconds (varint); then
//! file: kind 1, size (varint), content, facts (bytes); link: target (bytes).
//! Content: depth 1; depth 0: count of pieces (varint), then each piece: 1 and a chunk (id 32, length varint), or 2 and the length
//! of a hole (varint); depth 1 to 3: the chunk (id 32, length varint) of use `list` that holds content of one depth less.
//!
//! Root chunk: count of sources (varint), each label (bytes) and the path it had on the device (bytes); the manifest's content.

use super::chunk::MAX_CHUNK;
use super::codec::{Bad, Reader, Writer};
use super::name::RelPath;
use super::print_metadata::PrintMetadata;
use super::snapshot::ChunkRef;

/// The most pieces that stand in an entry itself; longer lists are chunks of their own.
pub const MAX_INLINE: usize = 64;
/// The most pieces in one list.
pub const MAX_PIECES: usize = 100_000;
/// The deepest list of lists.
pub const MAX_DEPTH: u8 = 3;
/// The most sources of a snapshot.
pub const MAX_SOURCES: usize = 4096;
/// The longest target of a link, in bytes.
pub const MAX_TARGET: usize = 64 * 1024;

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Content.
    Chunk(ChunkRef),
    /// A run of zeros that takes no room on the disk.
    Hole(u64),
}

/// Where the content of a file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// In these pieces, one after another.
    Pieces(Vec<Piece>),
    /// In the content that this chunk holds; depth counts the lists above the pieces.
    List {
        /// 1 to [`MAX_DEPTH`].
        depth: u8,
        /// The list.
        chunk: ChunkRef,
    },
}

impl Content {
    /// Writes depth, then pieces or the list's chunk.
    pub fn encode(&self, out: &mut Writer) {
        match self {
            Self::Pieces(pieces) => {
                out.u8(0);
                out.varint(pieces.len() as u64);
                for piece in pieces {
                    piece.encode(out);
                }
            }
            Self::List { depth, chunk } => {
                out.u8(*depth);
                chunk.encode(out);
            }
        }
    }

    /// Reads what `encode` wrote.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        match input.u8()? {
            0 => {
                let count = input.count(MAX_INLINE)?;
                (0..count).map(|_| Piece::decode(input)).collect::<Result<_, _>>().map(Self::Pieces)
            }
            depth @ 1..=MAX_DEPTH => Ok(Self::List { depth, chunk: ChunkRef::decode(input)? }),
            _ => Err(Bad("a list of lists that is too deep")),
        }
    }
}

impl Piece {
    /// Writes one piece.
    pub fn encode(&self, out: &mut Writer) {
        match self {
            Self::Chunk(chunk) => {
                out.u8(1);
                chunk.encode(out);
            }
            Self::Hole(length) => {
                out.u8(2);
                out.varint(*length);
            }
        }
    }

    /// Reads one piece.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        match input.u8()? {
            1 => ChunkRef::decode(input).map(Self::Chunk),
            2 => input.varint().map(Self::Hole),
            _ => Err(Bad("a piece of an unknown kind")),
        }
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Chunk(chunk) => u64::from(chunk.length),
            Self::Hole(length) => *length,
        }
    }

    /// Whether it stands for nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Writes a list chunk of depth 1: pieces to its end.
pub fn encode_pieces(pieces: &[Piece], out: &mut Writer) {
    pieces.iter().for_each(|piece| piece.encode(out));
}

/// Reads a list chunk of depth 1.
pub fn decode_pieces(bytes: &[u8]) -> Result<Vec<Piece>, Bad> {
    read_all(bytes, Piece::decode)
}

/// Reads a list chunk of depth 2 or 3: chunks of one depth less, to its end.
pub fn decode_lists(bytes: &[u8]) -> Result<Vec<ChunkRef>, Bad> {
    read_all(bytes, ChunkRef::decode)
}

fn read_all<T>(bytes: &[u8], read: impl Fn(&mut Reader<'_>) -> Result<T, Bad>) -> Result<Vec<T>, Bad> {
    let mut input = Reader::new(bytes);
    let mut items = Vec::new();
    while !input.is_empty() {
        if items.len() == MAX_PIECES {
            return Err(Bad("a list over its limit"));
        }
        items.push(read(&mut input)?);
    }
    Ok(items)
}

/// What a file system says of an entry besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits, 07777.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time, seconds since 1970.
    pub mtime_s: i64,
    /// Modification time, nanoseconds.
    pub mtime_ns: u32,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Code of its kind; see `kind::FileKind`.
        kind: u8,
        /// Its size in bytes.
        size: u64,
        /// Where its content lies.
        content: Content,
        /// What it says of itself.
        facts: PrintMetadata,
    },
    /// A symbolic link.
    Link {
        /// What it points at, as it stood.
        target: Vec<u8>,
    },
}

/// One file, folder or link.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its source's label and its path below it.
    pub path: RelPath,
    /// Mode, owner, time.
    pub attributes: Attributes,
    /// What it is.
    pub node: Node,
}

/// Writes entries of one chunk, one after another.
#[derive(Default)]
pub struct EntryWriter {
    out: Writer,
    last: Vec<u8>,
}

impl EntryWriter {
    /// Appends one entry.
    pub fn push(&mut self, entry: &Entry) {
        let path = entry.path.as_bytes();
        let shared = path.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        self.out.varint(shared as u64);
        self.out.bytes(&path[shared..]);
        self.last.clear();
        self.last.extend_from_slice(path);
        encode_node(entry, &mut self.out);
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether it holds no entry.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The chunk's bytes; the writer is empty again.
    pub fn take(&mut self) -> Vec<u8> {
        self.last.clear();
        std::mem::take(&mut self.out).into_vec()
    }
}

fn encode_node(entry: &Entry, out: &mut Writer) {
    out.u8(match entry.node {
        Node::Folder => 1,
        Node::File { .. } => 2,
        Node::Link { .. } => 3,
    });
    let Attributes { mode, uid, gid, mtime_s, mtime_ns } = entry.attributes;
    [mode, uid, gid].into_iter().for_each(|n| out.varint(n.into()));
    out.varint(((mtime_s << 1) ^ (mtime_s >> 63)) as u64);
    out.varint(mtime_ns.into());
    match &entry.node {
        Node::Folder => {}
        Node::File { kind, size, content, facts } => {
            out.u8(*kind);
            out.varint(*size);
            content.encode(out);
            facts.encode(out);
        }
        Node::Link { target } => out.bytes(target),
    }
}

/// Reads the entries of one chunk in order.
pub struct EntryReader<'a> {
    input: Reader<'a>,
    last: Vec<u8>,
}

impl<'a> EntryReader<'a> {
    /// Reads a whole chunk of use `manifest`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { input: Reader::new(bytes), last: Vec::new() }
    }

    fn entry(&mut self) -> Result<Entry, Bad> {
        let shared = self.input.count(self.last.len())?;
        let rest = self.input.bytes(RelPath::MAX)?;
        self.last.truncate(shared);
        self.last.extend_from_slice(rest);
        let path = RelPath::new(&self.last).ok_or(Bad("a path that could leave its folder"))?;
        let node_type = self.input.u8()?;
        let attributes = self.attributes()?;
        let node = match node_type {
            1 => Node::Folder,
            2 => self.file()?,
            3 => Node::Link { target: self.input.bytes(MAX_TARGET)?.to_vec() },
            _ => return Err(Bad("an entry of an unknown type")),
        };
        Ok(Entry { path, attributes, node })
    }

    fn attributes(&mut self) -> Result<Attributes, Bad> {
        let mode = self.input.count_u32(0o7777)?;
        let (uid, gid) = (self.input.count_u32(u32::MAX as usize)?, self.input.count_u32(u32::MAX as usize)?);
        let zigzag = self.input.varint()?;
        let mtime_s = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
        let mtime_ns = self.input.count_u32(999_999_999)?;
        Ok(Attributes { mode, uid, gid, mtime_s, mtime_ns })
    }

    fn file(&mut self) -> Result<Node, Bad> {
        let kind = self.input.u8()?;
        let size = self.input.varint()?;
        let content = Content::decode(&mut self.input)?;
        if let Content::Pieces(pieces) = &content {
            let sum = pieces.iter().try_fold(0u64, |sum, piece| sum.checked_add(piece.len()));
            if sum != Some(size) {
                return Err(Bad("a file whose pieces do not add up to its size"));
            }
        }
        Ok(Node::File { kind, size, content, facts: PrintMetadata::decode(&mut self.input)? })
    }
}

impl Iterator for EntryReader<'_> {
    type Item = Result<Entry, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.input.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_err() {
            self.input = Reader::new(&[]);
        }
        Some(entry)
    }
}

/// Where a source lay on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The first component of its entries' paths.
    pub label: RelPath,
    /// The path that was backed up.
    pub path: Vec<u8>,
}

/// What was backed up, and where the manifest lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The sources, by label.
    pub sources: Vec<Source>,
    /// The chunks of the manifest, as the content of a file.
    pub manifest: Content,
}

impl Root {
    /// Writes the root chunk.
    pub fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.varint(self.sources.len() as u64);
        for source in &self.sources {
            out.bytes(source.label.as_bytes());
            out.bytes(&source.path);
        }
        self.manifest.encode(&mut out);
        out
    }

    /// Reads the root chunk.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let count = input.count(MAX_SOURCES)?;
        let mut sources = Vec::new();
        for _ in 0..count {
            let label = RelPath::new(input.bytes(RelPath::MAX)?).ok_or(Bad("a source without a label"))?;
            sources.push(Source { label, path: input.bytes(RelPath::MAX)?.to_vec() });
        }
        let manifest = Content::decode(&mut input)?;
        input.finish()?;
        Ok(Self { sources, manifest })
    }
}

/// Whether a manifest is cut after this entry: by its path alone, so that a change elsewhere does not move the cut; about
/// every 256 entries.
pub fn cuts_after(path: &RelPath, length: usize) -> bool {
    const GOAL: usize = 1024 * 1024;
    let marked = blake3::hash(path.as_bytes()).as_bytes()[0] == 0;
    length >= GOAL || (marked && length >= GOAL / 64)
}

const _: () = assert!(2 * (RelPath::MAX + MAX_TARGET) + 64 * 48 + 8192 < MAX_CHUNK - 1024 * 1024);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ChunkId;
    use proptest::prelude::*;

    fn entry(path: &str, node: Node) -> Entry {
        let attributes = Attributes { mode: 0o644, uid: 1000, gid: 1000, mtime_s: -5, mtime_ns: 999_999_999 };
        Entry { path: RelPath::new(path.as_bytes()).unwrap(), attributes, node }
    }

    fn examples() -> Vec<Entry> {
        let chunk = ChunkRef { id: ChunkId::from_bytes([3; 32]), length: 1000 };
        let pieces = Content::Pieces(vec![Piece::Chunk(chunk), Piece::Hole(1 << 31)]);
        let list = Content::List { depth: 2, chunk };
        let facts = PrintMetadata { slicer: Some("Cura".into()), ..PrintMetadata::default() };
        vec![
            entry("data", Node::Folder),
            entry("data/a.gcode", Node::File { kind: 1, size: 1000 + (1 << 31), content: pieces, facts }),
            entry("data/b.mp4", Node::File { kind: 9, size: 1 << 40, content: list, facts: PrintMetadata::default() }),
            entry("data/link", Node::Link { target: b"../elsewhere".to_vec() }),
        ]
    }

    fn written(entries: &[Entry]) -> Vec<u8> {
        let mut writer = EntryWriter::default();
        entries.iter().for_each(|entry| writer.push(entry));
        writer.take()
    }

    #[test]
    fn entries_read_back_what_they_write() {
        let read: Result<Vec<_>, _> = EntryReader::new(&written(&examples())).collect();
        assert_eq!(read, Ok(examples()));
    }

    #[test]
    fn a_root_reads_back_what_it_writes() {
        let label = RelPath::new(b"data").unwrap();
        let root = Root { sources: vec![Source { label, path: b"/home/pi/data".to_vec() }], manifest: Content::Pieces(vec![]) };
        assert_eq!(Root::decode(root.encode().as_slice()), Ok(root));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_manifest_panic_or_run_on(bytes: Vec<u8>) {
            let _ = EntryReader::new(&bytes).count();
            let _ = (Root::decode(&bytes), decode_pieces(&bytes), decode_lists(&bytes));
        }

        #[test]
        fn a_changed_manifest_gives_no_path_that_leaves(at: usize, value: u8) {
            let mut bytes = written(&examples());
            let at = at % bytes.len();
            bytes[at] = value;
            for entry in EntryReader::new(&bytes).flatten() {
                prop_assert!(RelPath::new(entry.path.as_bytes()).is_some());
            }
        }
    }
}
