//! An index object: where a device's chunks lie, so that a device which lost its state rebuilds it; signed by the device.
//!
//! Plaintext: device 16; count of packs (varint), then per pack: id 16, size (varint), hash 32 and its directory as in `pack`;
//! then the device's Ed25519 signature (64) under the label `index` over account 16, place 16 and everything before it.

use super::codec::{Bad, Reader, Writer};
use super::keys::WriterKeys;
use super::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use super::pack::{self, MAX_PACK, PackRecord};
use super::random::{NoRandomness, Random};
use super::seal::{Proved, Refused, To};
use super::sign::SigningKey;
use super::signed::{self, Signed};

/// The most packs one index object tells of.
pub const MAX_PACKS: usize = 4_096;
/// The most chunks one index object tells of, in all its packs.
pub const MAX_CHUNKS: usize = 32_768;
/// An index object is closed when it tells of this many chunks: three packs more, which may be on their way, still fit.
pub const GOAL_CHUNKS: usize = 20_480;

const LABEL: &str = "index";

/// What one index object says.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// The device that wrote it and its packs.
    pub device: DeviceId,
    /// Its packs; a pack is named by its ordinal here.
    pub packs: Vec<PackRecord>,
}

impl Index {
    /// Signs and seals it under a new name.
    pub fn seal(&self, keys: &WriterKeys, signer: &SigningKey, random: &dyn Random) -> Result<Proved, NoRandomness> {
        let place = ObjectId::random(random)?;
        let name = ObjectName::Index(self.device, place);
        let mut body = Writer::new();
        self.encode(&mut body);
        signed::seal(LABEL, body, name, (keys, To::Devices), signer, random)
    }

    fn encode(&self, out: &mut Writer) {
        out.raw(self.device.as_bytes());
        out.varint(self.packs.len() as u64);
        for pack in &self.packs {
            out.raw(pack.id.as_bytes());
            out.varint(u64::from(pack.size));
            out.raw(pack.hash.as_bytes());
            out.varint(pack.chunks.len() as u64);
            for (id, length) in &pack.chunks {
                out.raw(id.as_bytes());
                out.varint(u64::from(*length));
            }
        }
    }
}

impl Signed for Index {
    const LABEL: &'static str = LABEL;

    fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let device = DeviceId::from_bytes(input.array()?);
        let count = input.count(MAX_PACKS)?;
        let (mut packs, mut chunks): (Vec<PackRecord>, usize) = (Vec::new(), 0);
        for _ in 0..count {
            let pack = PackRecord {
                id: ObjectId::from_bytes(input.array()?),
                size: input.count_u32(MAX_PACK)?,
                hash: ObjectHash::from_bytes(input.array()?),
                chunks: pack::decode_directory(&mut input)?,
            };
            chunks += pack.chunks.len();
            if chunks > MAX_CHUNKS {
                return Err(Bad("more chunks than an index object may have").into());
            }
            packs.push(pack);
        }
        input.finish()?;
        Ok(Self { device, packs })
    }

    fn device(&self) -> &DeviceId {
        &self.device
    }

    fn lies_at(&self, name: &ObjectName) -> bool {
        matches!(name, ObjectName::Index(device, _) if *device == self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::AccountId;
    use crate::core::name::ChunkId;
    use crate::core::seal::With;
    use crate::core::sign::VerifyingKey;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    fn example() -> Index {
        let pack = |n: u8| PackRecord {
            id: ObjectId::from_bytes([n; 16]),
            size: 4096,
            hash: ObjectHash::from_bytes([n; 32]),
            chunks: vec![(ChunkId::from_bytes([n; 32]), 100), (ChunkId::from_bytes([n + 1; 32]), 200)],
        };
        Index { device: DeviceId::from_bytes([5; 16]), packs: vec![pack(1), pack(2)] }
    }

    #[test]
    fn an_index_is_believed_only_with_its_devices_signature() {
        let random = Counting::new(31);
        let account = AccountId::from_bytes([7; 16]);
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let (signer, rogue) = (SigningKey::random(&random).unwrap(), SigningKey::random(&random).unwrap());
        let sealed = example().seal(&keys, &signer, &random).unwrap();
        let open = |key: VerifyingKey| Index::open(&With::Device(&keys), account, &sealed.name(), sealed.bytes(), &|_| Some(key));
        assert_eq!(open(signer.public()), Ok(example()));
        assert_eq!(open(rogue.public()), Err(Refused::Unsigned));
        let unknown = Index::open(&With::Device(&keys), account, &sealed.name(), sealed.bytes(), &|_| None);
        assert_eq!(unknown, Err(Refused::Unsigned));
    }

    /// An index of so many packs that tell of so many chunks in all.
    fn of(packs: usize, chunks: usize) -> Vec<u8> {
        let (id, hash) = (ObjectId::from_bytes([9; 16]), ObjectHash::from_bytes([9; 32]));
        let size = crate::core::codec::clamp_u32(MAX_PACK);
        let mut left = chunks;
        let packs = (0..packs).rev().map(|after| {
            let here = (left - after.min(left)).min(pack::MAX_CHUNKS);
            left -= here;
            PackRecord { id, size, hash, chunks: vec![(ChunkId::from_bytes([8; 32]), 400); here] }
        });
        let mut out = Writer::new();
        Index { device: DeviceId::from_bytes([5; 16]), packs: packs.collect() }.encode(&mut out);
        out.into_vec()
    }

    #[test]
    fn an_index_of_more_chunks_than_a_device_writes_is_none_and_the_largest_fits_its_type() {
        const { assert!(GOAL_CHUNKS + 3 * pack::MAX_CHUNKS <= MAX_CHUNKS) };
        let name = ObjectName::Index(DeviceId::from_bytes([5; 16]), ObjectId::from_bytes([5; 16]));
        for largest in [of(8, MAX_CHUNKS), of(MAX_PACKS, MAX_CHUNKS)] {
            assert!(Index::decode(&largest).is_ok());
            // padding adds at most 12 percent
            assert!(largest.len() + largest.len() / 8 < name.max_size(), "{}", largest.len());
        }
        assert!(Index::decode(&of(25, MAX_CHUNKS + 1)).is_err());
        assert!(Index::decode(&of(MAX_PACKS + 1, 0)).is_err());
        assert!(Index::decode(&of(200, 1_600_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_index_panic(bytes: Vec<u8>) {
            let _ = Index::decode(&bytes);
        }

        #[test]
        fn a_changed_index_reads_back_what_it_says(at in 0usize..400, value: u8) {
            let mut out = Writer::new();
            example().encode(&mut out);
            let mut bytes = out.into_vec();
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(index) = Index::decode(&bytes) {
                let mut again = Writer::new();
                index.encode(&mut again);
                prop_assert_eq!(again.as_slice(), bytes);
            }
        }
    }
}
