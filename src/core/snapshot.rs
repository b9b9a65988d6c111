//! A snapshot's head: which device, which number, after which one, and the packs it needs; signed by the device.
//!
//! It lies under `heads/<device>/<number>` and is sealed to every enrolled device, so that a device sees what is needed without
//! seeing what is in it. What was backed up is a chunk of use `root`, which only the owner opens.
//!
//! Plaintext: device 16; number `u64`; hash of the head before it 32 (zeros in the first); time in seconds since 1970 (`i64`);
//! files, folders, bytes of content, bytes newly stored (4 varints); root chunk id 32 and length (varint);
//! heads of other devices seen: count (varint), then device 16, number `u64`, hash 32 each;
//! index objects needed: count (varint), then id 16, hash 32 and runs of pack ordinals: count (varint), then gap and length
//! (varints) each; then the device's signature (64) under the label `head` over account 16, place 16 and everything before it.

use std::collections::HashSet;

use super::codec::{Bad, Reader, Writer, clamp_u32};
use super::keys::WriterKeys;
use super::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use super::random::{NoRandomness, Random};
use super::roster::MAX_DEVICES;
use super::seal::{Proved, Refused, To};
use super::sign::SigningKey;
use super::signed::{self, Signed};

/// The most index objects a snapshot needs, each named once.
pub const MAX_INDEXES: usize = 65_536;
/// The most runs of packs in one index object.
const MAX_RUNS: usize = 65_536;
/// The highest number of a snapshot: a device that makes one each second comes to it in nine million years.
pub const MAX_NUMBER: u64 = 1 << 48;

const LABEL: &str = "head";

/// Counts that a device may know of its snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files backed up.
    pub files: u64,
    /// Folders backed up.
    pub folders: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// Bytes that this snapshot added to the vault.
    pub stored: u64,
}

/// A chunk and its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRef {
    /// Which chunk.
    pub id: ChunkId,
    /// Its length in bytes.
    pub length: u32,
}

impl ChunkRef {
    /// Writes id and length.
    pub fn encode(&self, out: &mut Writer) {
        out.raw(self.id.as_bytes());
        out.varint(u64::from(self.length));
    }

    /// Reads id and length.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let id = ChunkId::from_bytes(input.array()?);
        Ok(Self { id, length: input.count_u32(super::chunk::MAX_CHUNK)? })
    }
}

/// Another device's head, as this device saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which device.
    pub device: DeviceId,
    /// Its newest number.
    pub number: u64,
    /// Its newest head.
    pub hash: ObjectHash,
}

/// An index object, and which of its packs a snapshot needs: ordinals as runs of (first, length), ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Its id.
    pub index: ObjectId,
    /// BLAKE3 of its sealed bytes.
    pub hash: ObjectHash,
    /// Runs of pack ordinals.
    pub packs: Vec<(u32, u32)>,
}

impl Needs {
    /// Each pack ordinal needed.
    pub fn ordinals(&self) -> impl Iterator<Item = u32> + '_ {
        self.packs.iter().flat_map(|(first, length)| *first..first.saturating_add(*length))
    }
}

/// Joins ascending ordinals into runs.
pub fn runs(ordinals: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for ordinal in ordinals {
        match runs.last_mut() {
            Some((first, length)) if *first + *length == ordinal => *length += 1,
            _ => runs.push((ordinal, 1)),
        }
    }
    runs
}

/// Writes ascending runs as gaps and lengths.
pub fn encode_runs(runs: &[(u32, u32)], out: &mut Writer) {
    out.varint(runs.len() as u64);
    let mut end = 0;
    for (first, length) in runs {
        out.varint(u64::from(first - end));
        out.varint(u64::from(*length));
        end = first + length;
    }
}

/// Reads runs; they ascend and stay below the limit of packs.
pub fn decode_runs(input: &mut Reader<'_>, limit: u32) -> Result<Vec<(u32, u32)>, Bad> {
    let count = input.count(MAX_RUNS)?;
    let (mut runs, mut end) = (Vec::new(), 0u32);
    for _ in 0..count {
        let first = end + input.count_u32((limit - end) as usize)?;
        let length = input.count_u32((limit - first) as usize)?;
        if length == 0 {
            return Err(Bad("an empty run of packs"));
        }
        end = first + length;
        runs.push((first, length));
    }
    Ok(runs)
}

/// One backup of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which device.
    pub device: DeviceId,
    /// Counts the device's snapshots, from 1.
    pub number: u64,
    /// The device's head before this one.
    pub previous: ObjectHash,
    /// When the device's clock said it was, in seconds since 1970; printers without a clock lie, the number does not.
    pub time: i64,
    /// Counts.
    pub stats: Stats,
    /// What was backed up.
    pub root: ChunkRef,
    /// The newest heads of other devices.
    pub seen: Vec<Seen>,
    /// The packs it needs.
    pub needs: Vec<Needs>,
}

impl Head {
    /// The name it lies under.
    pub fn name(&self) -> ObjectName {
        ObjectName::Head(self.device, self.number)
    }

    /// Whether another head of the same device is this snapshot under another number: the same content, made at the same time.
    pub fn is_numbered_anew(&self, other: &Self) -> bool {
        (self.device, self.time, self.stats, self.root) == (other.device, other.time, other.stats, other.root)
            && self.needs == other.needs
    }

    /// Signs and seals it.
    pub fn seal(&self, keys: &WriterKeys, signer: &SigningKey, random: &dyn Random) -> Result<Proved, NoRandomness> {
        signed::seal(LABEL, self.encode(), self.name(), (keys, To::Devices), signer, random)
    }

    fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.raw(self.device.as_bytes());
        out.u64(self.number);
        out.raw(self.previous.as_bytes());
        out.raw(&self.time.to_le_bytes());
        let Stats { files, folders, bytes, stored } = self.stats;
        [files, folders, bytes, stored].into_iter().for_each(|n| out.varint(n));
        self.root.encode(&mut out);
        out.varint(self.seen.len() as u64);
        self.seen.iter().for_each(|seen| seen.encode(&mut out));
        out.varint(self.needs.len() as u64);
        self.needs.iter().for_each(|needs| needs.encode(&mut out));
        out
    }
}

impl Signed for Head {
    const LABEL: &'static str = LABEL;

    fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let device = DeviceId::from_bytes(input.array()?);
        let number = input.u64()?;
        if !(1..=MAX_NUMBER).contains(&number) {
            return Err(Bad("a snapshot of a number that no device comes to").into());
        }
        let previous = ObjectHash::from_bytes(input.array()?);
        let time = i64::from_le_bytes(input.array()?);
        let stats = Stats { files: input.varint()?, folders: input.varint()?, bytes: input.varint()?, stored: input.varint()? };
        let root = ChunkRef::decode(&mut input)?;
        let count = input.count(MAX_DEVICES)?;
        let seen = (0..count).map(|_| Seen::decode(&mut input)).collect::<Result<_, _>>()?;
        let count = input.count(MAX_INDEXES)?;
        let needs: Vec<Needs> = (0..count).map(|_| Needs::decode(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        let mut named = HashSet::with_capacity(needs.len());
        if !needs.iter().all(|needs| named.insert(needs.index)) {
            return Err(Bad("an index object named twice").into());
        }
        Ok(Self { device, number, previous, time, stats, root, seen, needs })
    }

    fn device(&self) -> &DeviceId {
        &self.device
    }

    fn lies_at(&self, name: &ObjectName) -> bool {
        self.name() == *name
    }
}

impl Seen {
    /// Writes device, number and hash.
    pub(super) fn encode(&self, out: &mut Writer) {
        out.raw(self.device.as_bytes());
        out.u64(self.number);
        out.raw(self.hash.as_bytes());
    }

    /// Reads device, number and hash.
    pub(super) fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let device = DeviceId::from_bytes(input.array()?);
        Ok(Self { device, number: input.u64()?, hash: ObjectHash::from_bytes(input.array()?) })
    }
}

impl Needs {
    /// Writes the index object and the runs of its packs.
    pub(super) fn encode(&self, out: &mut Writer) {
        out.raw(self.index.as_bytes());
        out.raw(self.hash.as_bytes());
        encode_runs(&self.packs, out);
    }

    /// Reads the index object and the runs of its packs.
    pub(super) fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let index = ObjectId::from_bytes(input.array()?);
        let hash = ObjectHash::from_bytes(input.array()?);
        Ok(Self { index, hash, packs: decode_runs(input, clamp_u32(super::index::MAX_PACKS))? })
    }
}

/// A snapshot: whose, and which number.
pub type SnapshotId = (DeviceId, u64);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::AccountId;
    use crate::core::seal::With;
    use crate::core::sign::VerifyingKey;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    fn example() -> Head {
        let device = DeviceId::from_bytes([5; 16]);
        Head {
            device,
            number: 3,
            previous: ObjectHash::from_bytes([1; 32]),
            time: 1_790_000_000,
            stats: Stats { files: 3, folders: 1, bytes: 4096, stored: 512 },
            root: ChunkRef { id: ChunkId::from_bytes([2; 32]), length: 99 },
            seen: vec![Seen { device, number: 9, hash: ObjectHash::from_bytes([3; 32]) }],
            needs: vec![Needs {
                index: ObjectId::from_bytes([4; 16]),
                hash: ObjectHash::from_bytes([5; 32]),
                packs: runs([0, 1, 2, 7, 9, 10]),
            }],
        }
    }

    #[test]
    fn a_head_is_believed_only_with_its_devices_signature_under_its_own_number() {
        let random = Counting::new(61);
        let account = AccountId::from_bytes([7; 16]);
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let (signer, rogue) = (SigningKey::random(&random).unwrap(), SigningKey::random(&random).unwrap());
        let sealed = example().seal(&keys, &signer, &random).unwrap();
        let open = |name: &ObjectName, key: VerifyingKey| {
            Head::open(&With::Device(&keys), account, name, sealed.bytes(), &|_| Some(key))
        };
        assert_eq!(open(&sealed.name(), signer.public()), Ok(example()));
        assert_eq!(open(&sealed.name(), rogue.public()), Err(Refused::Unsigned));
        assert_eq!(open(&ObjectName::Head(example().device, 4), signer.public()), Err(Refused::OtherPlace));
    }

    #[test]
    fn a_head_that_names_an_index_twice_is_none() {
        let mut head = example();
        let needs = |n: u32| Needs {
            index: ObjectId::from_bytes([n.to_le_bytes(); 4].concat().try_into().unwrap()),
            ..example().needs[0].clone()
        };
        head.needs = (0..1000).map(needs).collect();
        assert_eq!(Head::decode(head.encode().into_vec().as_slice()), Ok(head.clone()));
        head.needs.push(needs(7));
        assert!(Head::decode(head.encode().into_vec().as_slice()).is_err());
        head.needs = vec![needs(1); MAX_INDEXES];
        assert!(Head::decode(head.encode().into_vec().as_slice()).is_err());
    }

    #[test]
    fn runs_join_ordinals() {
        assert_eq!(runs([0, 1, 2, 7, 9, 10]), [(0, 3), (7, 1), (9, 2)]);
        assert_eq!(example().needs[0].ordinals().collect::<Vec<_>>(), [0, 1, 2, 7, 9, 10]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_head_panic(bytes: Vec<u8>) {
            let _ = Head::decode(&bytes);
        }

        #[test]
        fn a_changed_head_reads_back_what_it_says(at: usize, value: u8) {
            let mut bytes = example().encode().into_vec();
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(head) = Head::decode(&bytes) {
                let again = head.encode();
                prop_assert_eq!(again.as_slice(), bytes);
            }
        }
    }
}
