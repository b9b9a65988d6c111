//! A pack: many chunks, sealed one by one, then a sealed directory, sealed padding and a sealed trailer of fixed size.
//!
//! | part | sealed as | plaintext |
//! |---|---|---|
//! | header | clear | see `header`; always sealed to the owner, 1244 bytes |
//! | chunk *i* | segment *i*, flag 0 | see `chunk` |
//! | directory | segment 0, flag 2 | count, then per chunk its id (32) and its sealed length (varint) |
//! | padding | segment 0, flag 3 | zeros, so that the whole pack has a Padmé size |
//! | trailer | segment 0, flag 1 | offset of the directory `u64`, its sealed length `u64`, count of chunks `u64` |
//!
//! Chunks follow one another from the header's end, so that a chunk's place is the sum of the lengths before it. An observer
//! sees the padded size of a pack and nothing of its parts.

use zeroize::Zeroizing;

use super::body::{BodyKey, Flag, TAG};
use super::chunk::{self, ChunkIds, Encoded, MAX_CHUNK, MAX_OVERHEAD};
use super::codec::{Reader, Writer, clamp_u32, clamp_usize};
use super::header::{Header, KeyRef, OWNER_HEADER_LEN};
use super::keys::{ChunkUse, WriterKeys};
use super::name::{ChunkId, ObjectHash, ObjectId, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Proved, Refused, With, padme};
use super::verified::Verified;

/// The most chunks in a pack.
pub const MAX_CHUNKS: usize = 4_096;
/// Where the first chunk of a pack lies.
#[allow(clippy::cast_possible_truncation, reason = "a constant of some thousand bytes")]
pub const FIRST_CHUNK: u32 = OWNER_HEADER_LEN as u32;
/// The largest sealed chunk.
pub const MAX_SEALED_CHUNK: usize = MAX_CHUNK + MAX_OVERHEAD + TAG;
/// The largest pack, in bytes.
pub const MAX_PACK: usize = 32 * 1024 * 1024;

const TRAILER_LEN: usize = 24 + TAG;

/// Where a sealed chunk lies in its pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Its number among the pack's chunks.
    pub segment: u32,
    /// Its first byte in the pack.
    pub offset: u32,
    /// Its sealed length in bytes.
    pub length: u32,
}

/// A pack as indexes and snapshots know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRecord {
    /// Its id, which names it.
    pub id: ObjectId,
    /// Its size in bytes.
    pub size: u32,
    /// BLAKE3 of its bytes.
    pub hash: ObjectHash,
    /// Its chunks in order, each with its sealed length.
    pub chunks: Vec<(ChunkId, u32)>,
}

impl PackRecord {
    /// Each chunk with its place.
    pub fn locations(&self) -> impl Iterator<Item = (ChunkId, Location)> + '_ {
        self.chunks.iter().enumerate().scan(FIRST_CHUNK, |offset, (segment, (id, length))| {
            let location = Location { segment: clamp_u32(segment), offset: *offset, length: *length };
            *offset = offset.checked_add(*length)?;
            Some((*id, location))
        })
    }
}

/// A pack that is being filled.
pub struct PackWriter {
    name: ObjectName,
    id: ObjectId,
    key: BodyKey,
    bytes: Vec<u8>,
    chunks: Vec<(ChunkId, u32)>,
}

impl PackWriter {
    /// A new pack under a new key, with room for `capacity` bytes: one encapsulation to the owner.
    pub fn new(keys: &WriterKeys, capacity: usize, random: &dyn Random) -> Result<Self, NoRandomness> {
        let id = ObjectId::random(random)?;
        let name = ObjectName::Pack(id);
        let prefix = Header::prefix(keys.account(), id, name.object_type());
        let (reference, object_key) = seal::owner_key(keys.recipient(), keys.generation(), &prefix, random)?;
        let header = Header::new(keys.account(), id, name.object_type(), reference);
        let (key, head) = BodyKey::create(&header, &object_key);
        let mut bytes = Vec::with_capacity(capacity);
        bytes.extend_from_slice(&head);
        Ok(Self { name, id, key, bytes, chunks: Vec::new() })
    }

    /// Its id.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// Seals one more chunk into it.
    pub fn add(&mut self, id: ChunkId, encoded: &Encoded) -> Location {
        let offset = self.bytes.len();
        let segment = self.chunks.len();
        encoded.with_parts(|parts| self.key.seal_onto(&mut self.bytes, segment as u64, Flag::More, parts));
        let length = clamp_u32(self.bytes.len() - offset);
        self.chunks.push((id, length));
        Location { segment: clamp_u32(segment), offset: clamp_u32(offset), length }
    }

    /// How large the pack would be, unpadded, with one more chunk of `next` bytes.
    pub fn len_with(&self, next: usize) -> usize {
        let directory = 10 + (self.chunks.len() + 1) * (ChunkId::LEN + 4);
        self.bytes.len() + next + directory + 4 * TAG + TRAILER_LEN
    }

    /// How many bytes of padding it would get if it were finished now.
    pub fn padding(&self) -> usize {
        let least = self.len_with(0) as u64;
        clamp_usize(padme(least) - least)
    }

    /// Whether it holds no chunk yet.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether it can take no more chunks.
    pub fn is_full(&self) -> bool {
        self.chunks.len() >= MAX_CHUNKS
    }

    /// Adds directory, padding and trailer.
    pub fn finish(mut self, keys: &WriterKeys) -> (Proved, PackRecord) {
        let offset = self.bytes.len();
        let directory = encode_directory(&self.chunks);
        self.key.seal_onto(&mut self.bytes, 0, Flag::Directory, &[directory.as_slice()]);
        let length = self.bytes.len() - offset;
        let least = self.bytes.len() + TAG + TRAILER_LEN;
        let padding = vec![0; clamp_usize(padme(least as u64)) - least];
        self.key.seal_onto(&mut self.bytes, 0, Flag::Padding, &[&padding]);
        let trailer = [offset as u64, length as u64, self.chunks.len() as u64].map(u64::to_le_bytes).concat();
        self.key.seal_onto(&mut self.bytes, 0, Flag::Last, &[&trailer]);
        let sealed = Proved::new(keys.account(), self.name, self.bytes);
        let record = PackRecord { id: self.id, size: clamp_u32(sealed.bytes().len()), hash: sealed.hash(), chunks: self.chunks };
        (sealed, record)
    }
}

fn encode_directory(chunks: &[(ChunkId, u32)]) -> Writer {
    let mut out = Writer::new();
    out.varint(chunks.len() as u64);
    for (id, length) in chunks {
        out.raw(id.as_bytes());
        out.varint(u64::from(*length));
    }
    out
}

/// Reads a count and that many chunk ids with their sealed lengths, checked to be possible.
pub(super) fn decode_directory(input: &mut Reader<'_>) -> Result<Vec<(ChunkId, u32)>, Refused> {
    let count = input.count(MAX_CHUNKS)?;
    if input.len() < count * (ChunkId::LEN + 1) {
        return Err(Refused::Malformed("a directory shorter than its count"));
    }
    let mut chunks = Vec::with_capacity(count);
    let mut end = FIRST_CHUNK as usize;
    for _ in 0..count {
        let id = ChunkId::from_bytes(input.array()?);
        let length = input.count(MAX_SEALED_CHUNK)?;
        end += length;
        if length <= TAG || end > MAX_PACK {
            return Err(Refused::Malformed("a chunk that its pack cannot hold"));
        }
        chunks.push((id, clamp_u32(length)));
    }
    Ok(chunks)
}

/// The key of one pack, found once and used for each of its chunks.
pub struct PackReader {
    key: BodyKey,
    generation: u32,
}

impl PackReader {
    /// Reads the header of pack `id`: the first [`FIRST_CHUNK`] bytes, or more. One decapsulation.
    pub fn open(with: &With<'_>, id: ObjectId, head: &[u8]) -> Result<Self, Refused> {
        let (header, _) = Header::read(head)?;
        header.belongs_to(with.account(), &ObjectName::Pack(id))?;
        let KeyRef::Recipient { generation, .. } = header.key else {
            return Err(Refused::Malformed("a pack that is not sealed to the owner"));
        };
        let object_key = seal::object_key(with, &header)?;
        Ok(Self { key: BodyKey::check(&header, &object_key)?, generation })
    }

    /// The generation of keys that its chunk ids were made with.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Opens the chunk of `id` and `usage` from its sealed bytes.
    pub fn chunk(&self, at: Location, sealed: &[u8], usage: ChunkUse, id: &ChunkId, ids: &ChunkIds) -> Result<Verified, Refused> {
        if sealed.len() != at.length as usize || sealed.len() > MAX_SEALED_CHUNK {
            return Err(Refused::Malformed("a chunk of another length"));
        }
        let mut opened = Zeroizing::new(Vec::with_capacity(sealed.len()));
        self.key.open_onto(&mut opened, u64::from(at.segment), Flag::More, sealed)?;
        chunk::decode(opened, usage, id, ids)
    }

    /// Opens the chunk of `id`, whatever its use, so that another pack takes it as it is.
    pub fn carry(&self, at: Location, sealed: &[u8], id: &ChunkId, ids: &ChunkIds) -> Result<Encoded, Refused> {
        if sealed.len() != at.length as usize || sealed.len() > MAX_SEALED_CHUNK {
            return Err(Refused::Malformed("a chunk of another length"));
        }
        let mut opened = Zeroizing::new(Vec::with_capacity(sealed.len()));
        self.key.open_onto(&mut opened, u64::from(at.segment), Flag::More, sealed)?;
        Encoded::carried(opened, id, ids)
    }

    /// Opens trailer, padding and directory of a whole pack, and every chunk; gives the directory. Chunk ids are not checked,
    /// because a pack does not say what its chunks are used for.
    pub fn check_whole(&self, pack: &[u8]) -> Result<Vec<(ChunkId, u32)>, Refused> {
        let chunks = self.directory(pack)?;
        let mut offset = FIRST_CHUNK as usize;
        let mut opened = Zeroizing::new(Vec::new());
        for (segment, (_, length)) in chunks.iter().enumerate() {
            let end = offset + *length as usize;
            opened.clear();
            self.key.open_onto(&mut opened, segment as u64, Flag::More, &pack[offset..end])?;
            offset = end;
        }
        Ok(chunks)
    }

    /// The same, and every chunk is the one its id says.
    pub fn check_ids(&self, pack: &[u8], ids: &ChunkIds) -> Result<Vec<(ChunkId, u32)>, Refused> {
        let chunks = self.directory(pack)?;
        let mut offset = FIRST_CHUNK as usize;
        for (segment, (id, length)) in chunks.iter().enumerate() {
            let end = offset + *length as usize;
            let mut opened = Zeroizing::new(Vec::with_capacity(*length as usize));
            self.key.open_onto(&mut opened, segment as u64, Flag::More, &pack[offset..end])?;
            chunk::check(opened, id, ids)?;
            offset = end;
        }
        Ok(chunks)
    }

    /// Opens trailer, padding and directory of a whole pack; every byte outside the chunks is accounted for.
    pub fn directory(&self, pack: &[u8]) -> Result<Vec<(ChunkId, u32)>, Refused> {
        const CUT: Refused = Refused::Malformed("a pack whose parts do not fill it");
        let (rest, trailer) = pack.split_at_checked(pack.len().wrapping_sub(TRAILER_LEN)).ok_or(CUT)?;
        let trailer = self.open_part(Flag::Last, trailer)?;
        let mut input = Reader::new(&trailer);
        let (offset, length, count) = (input.u64()?, input.u64()?, input.u64()?);
        let offset = usize::try_from(offset).map_err(|_| CUT)?;
        let end = usize::try_from(length).ok().and_then(|n| offset.checked_add(n)).ok_or(CUT)?;
        let directory = self.open_part(Flag::Directory, rest.get(offset..end).ok_or(CUT)?)?;
        let padding = self.open_part(Flag::Padding, &rest[end..])?;
        let mut input = Reader::new(&directory);
        let chunks = decode_directory(&mut input)?;
        input.finish()?;
        let filled = chunks.iter().fold(FIRST_CHUNK as usize, |sum, (_, length)| sum + *length as usize);
        let padded = padding.iter().all(|b| *b == 0) && padme(pack.len() as u64) == pack.len() as u64;
        let agrees = filled == offset && chunks.len() as u64 == count && padded;
        if agrees { Ok(chunks) } else { Err(CUT) }
    }

    fn open_part(&self, flag: Flag, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut opened = Zeroizing::new(Vec::with_capacity(sealed.len()));
        self.key.open_onto(&mut opened, 0, flag, sealed)?;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;

    struct Made {
        keyring: Keyring,
        ids: ChunkIds,
        sealed: Proved,
        record: PackRecord,
    }

    fn made(chunks: &[&[u8]]) -> Made {
        let random = Counting::new(21);
        let keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap();
        let writer = keyring.writer().unwrap();
        let ids = ChunkIds::new(writer.newest());
        let mut pack = PackWriter::new(&writer, 4096, &random).unwrap();
        for chunk in chunks {
            pack.add(ids.id(ChunkUse::Data, chunk), &Encoded::raw(Zeroizing::new(chunk.to_vec())));
        }
        let (sealed, record) = pack.finish(&writer);
        Made { keyring, ids, sealed, record }
    }

    fn read_all(made: &Made, pack: &[u8]) -> Result<Vec<Vec<u8>>, Refused> {
        let reader = PackReader::open(&With::Owner(&made.keyring), made.record.id, pack)?;
        reader.check_whole(pack)?;
        let open = |(id, at): (ChunkId, Location)| {
            let sealed = pack.get(at.offset as usize..(at.offset + at.length) as usize).ok_or(Refused::Changed)?;
            Ok(reader.chunk(at, sealed, ChunkUse::Data, &id, &made.ids)?.bytes().to_vec())
        };
        made.record.locations().map(open).collect()
    }

    #[test]
    fn chunks_come_back_and_the_size_is_padded() {
        let made = made(&[b"one", b"two", &[3; 100_000]]);
        assert_eq!(read_all(&made, made.sealed.bytes()).unwrap(), [b"one".to_vec(), b"two".to_vec(), vec![3; 100_000]]);
        assert_eq!(padme(made.record.size.into()), u64::from(made.record.size));
        let reader = PackReader::open(&With::Owner(&made.keyring), made.record.id, made.sealed.bytes()).unwrap();
        assert_eq!(reader.directory(made.sealed.bytes()).unwrap(), made.record.chunks);
    }

    #[test]
    fn every_flipped_byte_and_every_cut_of_a_pack_is_refused() {
        let made = made(&[b"one", b"two"]);
        let mut pack = made.sealed.bytes().to_vec();
        for at in 0..pack.len() {
            pack[at] ^= 0x80;
            assert!(read_all(&made, &pack).is_err(), "byte {at}");
            pack[at] ^= 0x80;
            assert!(read_all(&made, &pack[..at]).is_err(), "cut {at}");
        }
        pack.push(0);
        assert!(read_all(&made, &pack).is_err());
    }

    #[test]
    fn a_chunk_is_carried_to_another_pack_only_as_what_its_id_says() {
        let text = b"the same line over and over\n".repeat(500);
        let made = made(&[b"one"]);
        let (random, writer) = (Counting::new(22), made.keyring.writer().unwrap());
        let mut pack = PackWriter::new(&writer, 4096, &random).unwrap();
        let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
        let chunks = [(ChunkUse::Manifest, text.as_slice()), (ChunkUse::Data, b"plain")].map(|(usage, chunk)| {
            let id = made.ids.id(usage, chunk);
            (usage, id, pack.add(id, &Encoded::compressed(Zeroizing::new(chunk.to_vec()), &mut compressor)))
        });
        let (sealed, record) = pack.finish(&writer);
        let reader = PackReader::open(&With::Owner(&made.keyring), record.id, sealed.bytes()).unwrap();
        let part = |at: Location| &sealed.bytes()[at.offset as usize..][..at.length as usize];
        let mut next = PackWriter::new(&writer, 4096, &random).unwrap();
        let mut places = Vec::new();
        for (_, id, at) in &chunks {
            places.push(next.add(*id, &reader.carry(*at, part(*at), id, &made.ids).unwrap()));
        }
        assert!(reader.carry(chunks[0].2, part(chunks[0].2), &chunks[1].1, &made.ids).is_err());
        let (sealed, record) = next.finish(&writer);
        let reader = PackReader::open(&With::Owner(&made.keyring), record.id, sealed.bytes()).unwrap();
        for ((usage, id, _), at) in chunks.iter().zip(places) {
            let part = &sealed.bytes()[at.offset as usize..][..at.length as usize];
            assert!(reader.chunk(at, part, *usage, id, &made.ids).is_ok());
        }
    }

    #[test]
    fn a_chunk_does_not_stand_in_for_another() {
        let made = made(&[b"one", b"two"]);
        let reader = PackReader::open(&With::Owner(&made.keyring), made.record.id, made.sealed.bytes()).unwrap();
        let places: Vec<_> = made.record.locations().collect();
        let ((first, at_first), (_, at_second)) = (places[0], places[1]);
        let second = &made.sealed.bytes()[at_second.offset as usize..][..at_second.length as usize];
        assert!(reader.chunk(at_second, second, ChunkUse::Data, &first, &made.ids).is_err());
        assert!(reader.chunk(at_first, second, ChunkUse::Data, &first, &made.ids).is_err());
    }
}
