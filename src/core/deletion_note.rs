//! A deletion note: what is no longer needed, what must stay, what the owner calls it; signed by the device that deletes, numbered and chained.
//!
//! It lies under `keeps/<device>/<number>` and is sealed to every enrolled device. Only notes of devices that may delete count; who is one is the
//! roster's to say.
//!
//! Plaintext: device 16; number `u64`; hash of this deletion note before it 32 (zeros in the first); order `u64`, one more than that
//! of any note the device that deletes knew; time in seconds since 1970 (`i64`); the newest heads that were looked at: count (varint), then device 16, number `u64`, hash 32 each; statements: count (varint), then each: code 1 and what
//! follows it; then the deleting device's signature (64) under the label `keep` over account 16, place 16 and everything before it.
//!
//! | code | says | what follows |
//! |---|---|---|
//! | 1 | forget a snapshot | device 16, number `u64`, hash of its head 32 |
//! | 2, 3 | pin, unpin | device 16, number `u64` |
//! | 4, 5 | tag, untag | device 16, number `u64`, text (bytes, at most 64, UTF-8) |
//! | 6, 7 | mark as unneeded, needed again | count (varint), then places of packs, index objects, heads made after a revocation and erased facts, 16 each |
//! | 8 | moved | pack 16, then needs as in a head |
//! | 9 | drop: removed from now on | as 6 |

use super::codec::{Bad, Reader, Writer};
use super::keys::WriterKeys;
use super::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use super::random::{NoRandomness, Random};
use super::roster::MAX_DEVICES;
use super::seal::{Proved, Refused, To};
use super::sign::SigningKey;
use super::signed::{self, Signed};
use super::snapshot::{MAX_INDEXES, Needs, Seen};

/// The most statements of a note.
pub const MAX_STATEMENTS: usize = 65_536;
/// The most ids in one statement.
pub const MAX_IDS: usize = 1_048_576;
/// The longest tag, in bytes.
pub const MAX_TAG: usize = 64;

const LABEL: &str = "keep";

/// One thing that a device that may delete says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// The snapshot is forgotten: the head of this number and hash may go.
    Forget(DeviceId, u64, ObjectHash),
    /// The snapshot is never forgotten by a rule.
    Pin(DeviceId, u64),
    /// It may be again.
    Unpin(DeviceId, u64),
    /// The owner calls it so.
    Tag(DeviceId, u64, String),
    /// No longer.
    Untag(DeviceId, u64, String),
    /// No snapshot needs these packs and index objects, nobody believes these heads, and the owner erased these facts, all named by their places.
    Mark(Vec<ObjectId>),
    /// Some snapshot needs them after all.
    Unmark(Vec<ObjectId>),
    /// What the looked-at heads need of a pack lies here now.
    Moved(ObjectId, Vec<Needs>),
    /// These are removed from now on.
    Drop(Vec<ObjectId>),
}

/// A deletion note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionNote {
    /// Which device.
    pub deleter: DeviceId,
    /// Counts its notes, from 1.
    pub number: u64,
    /// Its note before this one.
    pub previous: ObjectHash,
    /// More than that of every note the device that deletes knew, so that of two words on one thing the later one holds, whatever clocks say.
    pub order: u64,
    /// When its clock said it was, in seconds since 1970.
    pub time: i64,
    /// The newest head of each device that was looked at: what is said to have moved holds for them and those before them.
    pub heads: Vec<Seen>,
    /// What it says.
    pub said: Vec<Statement>,
}

/// Whether a text may be a tag: some text, not too long, with nothing that writes on a terminal.
pub fn is_tag(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_TAG && !text.chars().any(char::is_control)
}

impl DeletionNote {
    /// The name it lies under.
    pub fn name(&self) -> ObjectName {
        ObjectName::DeletionNote(self.deleter, self.number)
    }

    /// Signs and seals it.
    pub fn seal(&self, keys: &WriterKeys, signer: &SigningKey, random: &dyn Random) -> Result<Proved, NoRandomness> {
        signed::seal(LABEL, self.encode(), self.name(), (keys, To::Devices), signer, random)
    }

    fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.raw(self.deleter.as_bytes());
        out.u64(self.number);
        out.raw(self.previous.as_bytes());
        out.u64(self.order);
        out.raw(&self.time.to_le_bytes());
        out.varint(self.heads.len() as u64);
        self.heads.iter().for_each(|seen| seen.encode(&mut out));
        out.varint(self.said.len() as u64);
        self.said.iter().for_each(|said| said.encode(&mut out));
        out
    }
}

impl Signed for DeletionNote {
    const LABEL: &'static str = LABEL;

    fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let deleter = DeviceId::from_bytes(input.array()?);
        let number = input.u64()?;
        let previous = ObjectHash::from_bytes(input.array()?);
        let order = input.u64()?;
        let time = i64::from_le_bytes(input.array()?);
        let heads = decode_seen(&mut input)?;
        let count = input.count(MAX_STATEMENTS)?;
        let said = (0..count).map(|_| Statement::decode(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { deleter, number, previous, order, time, heads, said })
    }

    fn device(&self) -> &DeviceId {
        &self.deleter
    }

    fn lies_at(&self, name: &ObjectName) -> bool {
        self.name() == *name
    }
}

fn decode_seen(input: &mut Reader<'_>) -> Result<Vec<Seen>, Bad> {
    let count = input.count(MAX_DEVICES)?;
    (0..count).map(|_| Seen::decode(input)).collect()
}

impl Statement {
    fn encode(&self, out: &mut Writer) {
        match self {
            Self::Forget(device, number, hash) => {
                snapshot(1, device, *number, out);
                out.raw(hash.as_bytes());
            }
            Self::Pin(device, number) => snapshot(2, device, *number, out),
            Self::Unpin(device, number) => snapshot(3, device, *number, out),
            Self::Tag(device, number, text) => {
                snapshot(4, device, *number, out);
                out.bytes(text.as_bytes());
            }
            Self::Untag(device, number, text) => {
                snapshot(5, device, *number, out);
                out.bytes(text.as_bytes());
            }
            Self::Mark(ids) => encode_ids(6, ids, out),
            Self::Unmark(ids) => encode_ids(7, ids, out),
            Self::Moved(pack, needs) => {
                out.u8(8);
                out.raw(pack.as_bytes());
                out.varint(needs.len() as u64);
                needs.iter().for_each(|needs| needs.encode(out));
            }
            Self::Drop(ids) => encode_ids(9, ids, out),
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let code = input.u8()?;
        match code {
            1..=5 => {
                let (device, number) = (DeviceId::from_bytes(input.array()?), input.u64()?);
                Ok(match code {
                    1 => Self::Forget(device, number, ObjectHash::from_bytes(input.array()?)),
                    2 => Self::Pin(device, number),
                    3 => Self::Unpin(device, number),
                    4 => Self::Tag(device, number, decode_tag(input)?),
                    _ => Self::Untag(device, number, decode_tag(input)?),
                })
            }
            6 => decode_ids(input).map(Self::Mark),
            7 => decode_ids(input).map(Self::Unmark),
            8 => {
                let pack = ObjectId::from_bytes(input.array()?);
                let count = input.count(MAX_INDEXES)?;
                let needs = (0..count).map(|_| Needs::decode(input)).collect::<Result<_, _>>()?;
                Ok(Self::Moved(pack, needs))
            }
            9 => decode_ids(input).map(Self::Drop),
            _ => Err(Bad("a statement of an unknown kind")),
        }
    }
}

fn snapshot(code: u8, device: &DeviceId, number: u64, out: &mut Writer) {
    out.u8(code);
    out.raw(device.as_bytes());
    out.u64(number);
}

fn encode_ids(code: u8, ids: &[ObjectId], out: &mut Writer) {
    out.u8(code);
    out.varint(ids.len() as u64);
    ids.iter().for_each(|id| out.raw(id.as_bytes()));
}

/// Reads a count and that many ids; nothing is allocated for ids that are not there.
fn decode_ids(input: &mut Reader<'_>) -> Result<Vec<ObjectId>, Bad> {
    let count = input.count(MAX_IDS)?;
    let mut bytes = Reader::new(input.take(count * ObjectId::LEN)?);
    (0..count).map(|_| bytes.array().map(ObjectId::from_bytes)).collect()
}

fn decode_tag(input: &mut Reader<'_>) -> Result<String, Bad> {
    let text = std::str::from_utf8(input.bytes(MAX_TAG)?).map_err(|_| Bad("a tag that is not UTF-8"))?;
    if is_tag(text) { Ok(text.to_owned()) } else { Err(Bad("a tag that is empty or could write on a terminal")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::AccountId;
    use crate::core::seal::With;
    use crate::core::sign::VerifyingKey;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    fn example() -> DeletionNote {
        let (device, id) = (DeviceId::from_bytes([5; 16]), |n| ObjectId::from_bytes([n; 16]));
        let hash = |n| ObjectHash::from_bytes([n; 32]);
        let seen = |n| Seen { device: DeviceId::from_bytes([n; 16]), number: n.into(), hash: hash(n) };
        let needs = Needs { index: id(3), hash: hash(3), packs: vec![(0, 2), (5, 1)] };
        DeletionNote {
            deleter: DeviceId::from_bytes([9; 16]),
            number: 3,
            previous: hash(1),
            order: 8,
            time: -5,
            heads: vec![seen(5), seen(9)],
            said: vec![
                Statement::Forget(device, 4, hash(4)),
                Statement::Pin(device, 5),
                Statement::Unpin(device, 6),
                Statement::Tag(device, 5, "before the new hotend".into()),
                Statement::Untag(device, 5, "old".into()),
                Statement::Mark(vec![id(1), id(2)]),
                Statement::Unmark(vec![id(3)]),
                Statement::Moved(id(1), vec![needs]),
                Statement::Drop(vec![id(2)]),
            ],
        }
    }

    #[test]
    fn a_note_is_believed_only_with_its_signature_and_in_its_place() {
        let random = Counting::new(61);
        let account = AccountId::from_bytes([7; 16]);
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let (signer, rogue) = (SigningKey::random(&random).unwrap(), SigningKey::random(&random).unwrap());
        let sealed = example().seal(&keys, &signer, &random).unwrap();
        let open = |name: &ObjectName, key: VerifyingKey| {
            DeletionNote::open(&With::Device(&keys), account, name, sealed.bytes(), &|_| Some(key))
        };
        assert_eq!(open(&sealed.name(), signer.public()), Ok(example()));
        assert_eq!(open(&sealed.name(), rogue.public()), Err(Refused::Unsigned));
        assert_eq!(open(&ObjectName::DeletionNote(example().deleter, 4), signer.public()), Err(Refused::OtherPlace));
    }

    #[test]
    fn tags_are_short_and_write_on_no_terminal() {
        assert!(is_tag("weekly") && is_tag("vor dem Umbau ü"));
        for bad in ["", " ", "a\nb", "\u{1b}[2J", &"x".repeat(65)] {
            assert!(!is_tag(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_note_panic(bytes: Vec<u8>) {
            let _ = DeletionNote::decode(&bytes);
        }

        #[test]
        fn a_changed_note_reads_back_what_it_says(at in 0usize..1000, value: u8) {
            let mut bytes = example().encode().into_vec();
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(note) = DeletionNote::decode(&bytes) {
                let again = note.encode();
                prop_assert_eq!(again.as_slice(), bytes);
            }
        }
    }
}
