//! A chunk: the unit that is identified, compressed and sealed; at most [`MAX_CHUNK`] bytes of plaintext.
//!
//! In a pack a chunk is one segment whose plaintext is a codec byte, then: codec 0, the chunk as it is; codec 1, its length as a
//! little-endian `u32` and one zstd frame (RFC 8878). The id is checked after opening, so that a chunk is what its id says.

use zeroize::Zeroizing;
use zstd::bulk::{Compressor, Decompressor};

use super::codec::{Reader, clamp_u32};
use super::keys::{ChunkUse, SharedKeys};
use super::name::ChunkId;
use super::seal::Refused;
use super::secret::Secret;
use super::verified::Verified;

/// The largest chunk, in bytes of plaintext.
pub const MAX_CHUNK: usize = 4 * 1024 * 1024;
/// The most bytes that a chunk's encoding adds to its plaintext.
pub const MAX_OVERHEAD: usize = 5;

/// Makes chunk ids: keyed BLAKE3, one key for each use.
pub struct ChunkIds([Secret<32>; 4]);

impl ChunkIds {
    /// The ids of one generation of keys.
    pub fn new(keys: &SharedKeys) -> Self {
        Self([ChunkUse::Data, ChunkUse::Manifest, ChunkUse::List, ChunkUse::Root].map(|usage| keys.chunk_ids(usage)))
    }

    /// The id of a chunk of this use.
    pub fn id(&self, usage: ChunkUse, plaintext: &[u8]) -> ChunkId {
        ChunkId::from_bytes(*blake3::keyed_hash(self.0[usage as usize - 1].expose(), plaintext).as_bytes())
    }
}

/// A chunk as it will be sealed.
pub struct Encoded {
    codec: u8,
    length: u32,
    payload: Zeroizing<Vec<u8>>,
}

impl Encoded {
    /// The chunk as it is.
    pub fn raw(plaintext: Zeroizing<Vec<u8>>) -> Self {
        Self { codec: 0, length: clamp_u32(plaintext.len()), payload: plaintext }
    }

    /// The chunk compressed, where that makes it smaller by at least a sixteenth.
    pub fn try_compressed(plaintext: &[u8], compressor: &mut Compressor<'_>) -> Option<Self> {
        let room = plaintext.len() - plaintext.len() / 16;
        let mut payload = Zeroizing::new(Vec::with_capacity(room));
        // zstd's only failure here is that the result does not fit
        compressor.compress_to_buffer(plaintext, &mut *payload).ok()?;
        Some(Self { codec: 1, length: clamp_u32(plaintext.len()), payload })
    }

    /// The chunk compressed, or as it is where that is hardly smaller.
    pub fn compressed(plaintext: Zeroizing<Vec<u8>>, compressor: &mut Compressor<'_>) -> Self {
        Self::try_compressed(&plaintext, compressor).unwrap_or_else(|| Self::raw(plaintext))
    }

    /// The chunk of this id out of the opened segment of another pack, to be sealed as it is; checked to be what its id says.
    pub(super) fn carried(mut opened: Zeroizing<Vec<u8>>, id: &ChunkId, ids: &ChunkIds) -> Result<Self, Refused> {
        let mut input = Reader::new(&opened);
        let (codec, length, front) = match input.u8()? {
            0 => (0, clamp_u32(input.len()), 1),
            1 => (1, input.u32()?, 5),
            _ => return Err(Refused::UnknownVersion),
        };
        let decompressed = if codec == 1 { Some(decompress(input.take(input.len())?, length as usize)?) } else { None };
        let plaintext = decompressed.as_ref().map_or(&opened[front..], |plain| plain.as_slice());
        // a pack does not say what its chunks are used for
        let uses = [ChunkUse::Data, ChunkUse::Manifest, ChunkUse::List, ChunkUse::Root];
        if plaintext.len() > MAX_CHUNK || !uses.iter().any(|usage| ids.id(*usage, plaintext) == *id) {
            return Err(Refused::Changed);
        }
        opened.drain(..front);
        Ok(Self { codec, length, payload: opened })
    }

    /// Bytes of plaintext.
    pub fn plain_len(&self) -> u32 {
        self.length
    }

    /// Bytes it takes in a pack before sealing.
    pub fn len(&self) -> usize {
        self.payload.len() + if self.codec == 0 { 1 } else { 5 }
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Gives each part of its encoding, in order.
    pub(super) fn with_parts<T>(&self, f: impl FnOnce(&[&[u8]]) -> T) -> T {
        match self.codec {
            0 => f(&[&[0], &self.payload]),
            _ => f(&[&[1], &self.length.to_le_bytes(), &self.payload]),
        }
    }

    /// Gives its buffer back for another chunk, where it is the chunk's own.
    pub fn into_buffer(self) -> Option<Zeroizing<Vec<u8>>> {
        (self.codec == 0).then_some(self.payload)
    }
}

/// Decodes the plaintext of a segment that has been opened, and checks that it is the chunk of this id.
pub(super) fn decode(opened: Zeroizing<Vec<u8>>, usage: ChunkUse, id: &ChunkId, ids: &ChunkIds) -> Result<Verified, Refused> {
    let plaintext = plain(opened)?;
    if ids.id(usage, &plaintext) == *id { Ok(Verified::new(plaintext)) } else { Err(Refused::Changed) }
}

/// Whether a segment that has been opened is the chunk of this id, whatever it is used for.
pub(super) fn check(opened: Zeroizing<Vec<u8>>, id: &ChunkId, ids: &ChunkIds) -> Result<(), Refused> {
    let plaintext = plain(opened)?;
    let uses = [ChunkUse::Data, ChunkUse::Manifest, ChunkUse::List, ChunkUse::Root];
    if uses.iter().any(|usage| ids.id(*usage, &plaintext) == *id) { Ok(()) } else { Err(Refused::Changed) }
}

fn plain(mut opened: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let mut input = Reader::new(&opened);
    let plaintext = match input.u8()? {
        0 => {
            opened.drain(..1);
            opened
        }
        1 => {
            let length = input.u32()? as usize;
            decompress(input.take(input.len())?, length)?
        }
        _ => return Err(Refused::UnknownVersion),
    };
    if plaintext.len() > MAX_CHUNK {
        return Err(Refused::Malformed("a chunk over its size limit"));
    }
    Ok(plaintext)
}

/// Decompresses into exactly `length` bytes; the sealed length bounds the memory, not the frame's own claim.
fn decompress(frame: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
    const BROKEN: Refused = Refused::Malformed("a chunk that does not decompress");
    if length > MAX_CHUNK {
        return Err(Refused::Malformed("a chunk over its size limit"));
    }
    let mut plaintext = Zeroizing::new(Vec::with_capacity(length));
    let mut decompressor = Decompressor::new().map_err(|_| BROKEN)?;
    let written = decompressor.decompress_to_buffer(frame, &mut *plaintext).map_err(|_| BROKEN)?;
    if written == length { Ok(plaintext) } else { Err(BROKEN) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    fn ids() -> ChunkIds {
        let random = Counting::new(1);
        ChunkIds::new(&SharedKeys { index: Secret::random(&random).unwrap(), chunk: Secret::random(&random).unwrap() })
    }

    fn through(plain: &[u8], compress: bool) -> Result<Verified, Refused> {
        let buffer = Zeroizing::new(plain.to_vec());
        let encoded = if compress { Encoded::compressed(buffer, &mut Compressor::new(1).unwrap()) } else { Encoded::raw(buffer) };
        let bytes = encoded.with_parts(|parts| parts.concat());
        assert_eq!(bytes.len(), encoded.len());
        let ids = ids();
        decode(Zeroizing::new(bytes), ChunkUse::Data, &ids.id(ChunkUse::Data, plain), &ids)
    }

    proptest! {
        #[test]
        fn chunks_read_back(plain: Vec<u8>, compress: bool) {
            let opened = through(&plain, compress).unwrap();
            prop_assert_eq!(opened.bytes(), plain);
        }

        #[test]
        fn no_segment_makes_decoding_panic(mut bytes: Vec<u8>) {
            let ids = ids();
            let id = ids.id(ChunkUse::Data, b"");
            bytes.insert(0, 1);
            let _ = decode(Zeroizing::new(bytes), ChunkUse::Data, &id, &ids);
        }
    }

    #[test]
    fn a_compressible_chunk_shrinks_and_a_bomb_is_refused() {
        assert!(through(&[b'G'; 100_000], true).is_ok());
        let frame = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
        let bomb = [&[1][..], &100u32.to_le_bytes(), &frame].concat();
        let ids = ids();
        assert!(decode(Zeroizing::new(bomb), ChunkUse::Data, &ids.id(ChunkUse::Data, b""), &ids).is_err());
        let claims = [&[1][..], &u32::MAX.to_le_bytes(), &frame].concat();
        assert!(decode(Zeroizing::new(claims), ChunkUse::Data, &ids.id(ChunkUse::Data, b""), &ids).is_err());
    }

    #[test]
    fn a_chunk_is_none_of_another_use_or_key() {
        let ids = ids();
        let id = ids.id(ChunkUse::Data, b"x");
        assert_ne!(id, ids.id(ChunkUse::Manifest, b"x"));
        let segment = || Zeroizing::new(vec![0, b'x']);
        assert!(decode(segment(), ChunkUse::Data, &id, &ids).is_ok());
        assert_eq!(decode(segment(), ChunkUse::List, &id, &ids).err(), Some(Refused::Changed));
    }
}
