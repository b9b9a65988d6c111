//! The header of every object: what it is, whose, where it belongs and which key opens it; nothing in it is secret.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | magic `PKEP` |
//! | 1 | version, 1 |
//! | 1 | suite, 1: HPKE X-Wing / HKDF-SHA256 / AES-256-GCM, keyed BLAKE3, Ed25519 |
//! | 1 | type: 1 pack, 2 index, 3 snapshot, 4 roster, 5 key slot, 6 keys, 7 grant, 8 deletion note, 9 letter, 10 fact |
//! | 16 | account |
//! | 16 | place: the random id in the object's name, or BLAKE3 of the name, cut to 16 bytes |
//! | 1 | key reference: 1 recipient, 2 index key, 3 passphrase, 4 recovery kit, 5 link |
//! | 1172, 36, 60, 32 or 48 | key reference, below |
//! | 32 | commitment |

use super::codec::{Reader, Writer};
use super::name::{AccountId, DeviceId, ObjectId, ObjectName};
use super::recipient::SEALED_KEY_LEN;
use super::refused::Refused;

const MAGIC: [u8; 4] = *b"PKEP";
const VERSION: u8 = 1;
const SUITE: u8 = 1;
const COMMITMENT_LEN: usize = 32;

/// Bytes before the key reference's own: also what HPKE binds an object key to.
pub const PREFIX_LEN: usize = 39;
/// Size of the header of an object sealed to the owner, which every pack is.
pub const OWNER_HEADER_LEN: usize = PREFIX_LEN + 1 + 4 + SEALED_KEY_LEN + COMMITMENT_LEN;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ObjectType {
    /// Chunks.
    Pack = 1,
    /// Where chunks lie.
    Index = 2,
    /// One backup of one device.
    Snapshot = 3,
    /// The account's devices.
    Roster = 4,
    /// The account's keys under a passphrase or a recovery kit.
    Slot = 5,
    /// A later generation of the account's keys.
    Keys = 6,
    /// What a device needs to write under a later generation.
    Grant = 7,
    /// What a device that may delete says is no longer needed.
    DeletionNote = 8,
    /// A file sent to a device.
    Letter = 9,
    /// What a device recorded of itself.
    Fact = 10,
}

/// A kibibyte and a mebibyte.
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl ObjectType {
    /// The largest object of this type, in bytes: what its own limits allow, sealed and padded.
    pub const fn max_size(self) -> usize {
        match self {
            Self::Pack => 32 * MIB,
            Self::Index => 2 * MIB,
            Self::Snapshot | Self::DeletionNote => 8 * MIB,
            Self::Roster => MIB,
            Self::Slot | Self::Grant => 256 * KIB,
            Self::Keys | Self::Fact => 64 * KIB,
            Self::Letter => 9 * MIB,
        }
    }

    /// Whether the owner alone writes such objects, mostly to others than whoever carries them: they end with the account's signature.
    pub fn is_the_owners(self) -> bool {
        matches!(self, Self::Slot | Self::Keys | Self::Grant | Self::Letter)
    }

    fn from_code(code: u8) -> Option<Self> {
        const ALL: [ObjectType; 10] = [
            ObjectType::Pack,
            ObjectType::Index,
            ObjectType::Snapshot,
            ObjectType::Roster,
            ObjectType::Slot,
            ObjectType::Keys,
            ObjectType::Grant,
            ObjectType::DeletionNote,
            ObjectType::Letter,
            ObjectType::Fact,
        ];
        ALL.into_iter().find(|t| *t as u8 == code)
    }
}

impl ObjectName {
    /// What lies under such a name.
    pub fn object_type(&self) -> ObjectType {
        match self {
            Self::Pack(_) => ObjectType::Pack,
            Self::Index(..) => ObjectType::Index,
            Self::Head(..) => ObjectType::Snapshot,
            Self::Roster(_) => ObjectType::Roster,
            Self::Slot(_) => ObjectType::Slot,
            Self::Keys(_) => ObjectType::Keys,
            Self::Grant(..) => ObjectType::Grant,
            Self::DeletionNote(..) => ObjectType::DeletionNote,
            Self::Letter(..) => ObjectType::Letter,
            Self::Fact(..) => ObjectType::Fact,
        }
    }

    /// The largest object that lies under such a name, in bytes: no place gives more, and a reader takes no more (FORMAT.md, §12).
    pub fn max_size(&self) -> usize {
        self.object_type().max_size()
    }

    /// What the header of an object under this name says of its place: the random id, or BLAKE3 of a numbered name.
    pub fn place(&self) -> ObjectId {
        match self {
            Self::Pack(id) | Self::Index(_, id) | Self::Slot(id) | Self::Letter(_, id) => *id,
            Self::Head(..) | Self::Roster(_) | Self::Keys(_) | Self::Grant(..) | Self::DeletionNote(..) | Self::Fact(..) => {
                let mut place = [0; 16];
                place.copy_from_slice(&blake3::hash(self.to_string().as_bytes()).as_bytes()[..16]);
                ObjectId::from_bytes(place)
            }
        }
    }
}

/// How the object key is reached.
pub enum KeyRef {
    /// Sealed to the account's recipient key with HPKE: generation 4, sealed key 1168.
    Recipient {
        /// Which of the account's recipient keys, counted from 1.
        generation: u32,
        /// X-Wing ciphertext and the sealed object key.
        sealed: Box<[u8; SEALED_KEY_LEN]>,
    },
    /// HKDF of the index key and this salt: generation 4, salt 32.
    Index {
        /// Which of the account's index keys, counted from 1.
        generation: u32,
        /// Random, so that every object has a key of its own.
        salt: [u8; 32],
    },
    /// Argon2id of a passphrase, then HKDF with the device's secret key: memory 4, passes 4, lanes 4, device 16, salt 32.
    Passphrase {
        /// Memory in KiB, passes, lanes.
        cost: [u32; 3],
        /// The device whose secret key is needed beside the passphrase.
        device: DeviceId,
        /// Random.
        salt: [u8; 32],
    },
    /// HKDF of the recovery kit's 32 bytes: salt 32.
    Recovery {
        /// Random.
        salt: [u8; 32],
    },
    /// HKDF of the key that the owner and one device share: device 16, salt 32.
    Link {
        /// The device.
        device: DeviceId,
        /// Random, so that every object has a key of its own.
        salt: [u8; 32],
    },
}

impl KeyRef {
    /// The generation of the account's keys that it names, where it names one.
    pub fn generation(&self) -> Option<u32> {
        match self {
            Self::Recipient { generation, .. } | Self::Index { generation, .. } => Some(*generation),
            Self::Passphrase { .. } | Self::Recovery { .. } | Self::Link { .. } => None,
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Recipient { .. } => 1,
            Self::Index { .. } => 2,
            Self::Passphrase { .. } => 3,
            Self::Recovery { .. } => 4,
            Self::Link { .. } => 5,
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Recipient { generation, sealed } => {
                out.u32(*generation);
                out.raw(sealed.as_slice());
            }
            Self::Index { generation, salt } => {
                out.u32(*generation);
                out.raw(salt);
            }
            Self::Passphrase { cost, device, salt } => {
                cost.iter().for_each(|c| out.u32(*c));
                out.raw(device.as_bytes());
                out.raw(salt);
            }
            Self::Recovery { salt } => out.raw(salt),
            Self::Link { device, salt } => {
                out.raw(device.as_bytes());
                out.raw(salt);
            }
        }
    }

    fn read(code: u8, input: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(match code {
            1 => Self::Recipient { generation: input.u32()?, sealed: Box::new(input.array()?) },
            2 => Self::Index { generation: input.u32()?, salt: input.array()? },
            3 => Self::Passphrase {
                cost: [input.u32()?, input.u32()?, input.u32()?],
                device: DeviceId::from_bytes(input.array()?),
                salt: input.array()?,
            },
            4 => Self::Recovery { salt: input.array()? },
            5 => Self::Link { device: DeviceId::from_bytes(input.array()?), salt: input.array()? },
            _ => return Err(Refused::UnknownVersion),
        })
    }
}

/// A header as it was read, or is about to be written.
pub struct Header {
    /// Whose object it is.
    pub account: AccountId,
    /// Where it belongs.
    pub place: ObjectId,
    /// What it is.
    pub object_type: ObjectType,
    /// How its key is reached.
    pub key: KeyRef,
    /// What the object key must agree with.
    pub commitment: [u8; COMMITMENT_LEN],
}

impl Header {
    /// The header of a new object; its commitment is filled in by `write`.
    pub fn new(account: AccountId, place: ObjectId, object_type: ObjectType, key: KeyRef) -> Self {
        Self { account, place, object_type, key, commitment: [0; COMMITMENT_LEN] }
    }

    /// What an object key is bound to when it is sealed to the owner.
    pub fn prefix(account: AccountId, place: ObjectId, object_type: ObjectType) -> [u8; PREFIX_LEN] {
        let mut out = [0; PREFIX_LEN];
        out[..4].copy_from_slice(&MAGIC);
        out[4..7].copy_from_slice(&[VERSION, SUITE, object_type as u8]);
        out[7..23].copy_from_slice(account.as_bytes());
        out[23..].copy_from_slice(place.as_bytes());
        out
    }

    /// This header's own prefix.
    pub fn bound(&self) -> [u8; PREFIX_LEN] {
        Self::prefix(self.account, self.place, self.object_type)
    }

    /// Everything before the commitment: what the body's key is derived over.
    pub fn without_commitment(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(&self.bound());
        out.u8(self.key.code());
        self.key.write(&mut out);
        out.into_vec()
    }

    /// The whole header.
    pub fn write(&self, commitment: &[u8; COMMITMENT_LEN]) -> Vec<u8> {
        let mut out = self.without_commitment();
        out.extend_from_slice(commitment);
        out
    }

    /// Reads a header and gives what follows it. Unknown versions and suites are refused, never guessed at.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Refused> {
        let mut input = Reader::new(bytes);
        if input.array::<4>().map_err(|_| Refused::NotAnObject)? != MAGIC {
            return Err(Refused::NotAnObject);
        }
        if (input.u8()?, input.u8()?) != (VERSION, SUITE) {
            return Err(Refused::UnknownVersion);
        }
        let object_type = ObjectType::from_code(input.u8()?).ok_or(Refused::UnknownVersion)?;
        let account = AccountId::from_bytes(input.array()?);
        let place = ObjectId::from_bytes(input.array()?);
        let code = input.u8()?;
        let key = KeyRef::read(code, &mut input)?;
        let commitment = input.array()?;
        let body = input.take(input.len())?;
        Ok((Self { account, place, object_type, key, commitment }, body))
    }

    /// Whether it is this account's object and belongs under `name`.
    pub fn belongs_to(&self, account: AccountId, name: &ObjectName) -> Result<(), Refused> {
        if self.account != account {
            return Err(Refused::OtherAccount);
        }
        let here = self.place == name.place() && self.object_type == name.object_type();
        if here { Ok(()) } else { Err(Refused::OtherPlace) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_header_panic(mut bytes: Vec<u8>, code in 0u8..12) {
            let _ = Header::read(&bytes);
            bytes.splice(0..0, [b'P', b'K', b'E', b'P', 1, 1, code]);
            if let Ok((header, rest)) = Header::read(&bytes) {
                let again = header.write(&header.commitment);
                prop_assert_eq!([&again, rest].concat(), bytes);
            }
        }
    }

    #[test]
    fn other_versions_and_suites_are_refused() {
        let header = Header::new(
            AccountId::from_bytes([1; 16]),
            ObjectId::from_bytes([2; 16]),
            ObjectType::Pack,
            KeyRef::Recovery { salt: [3; 32] },
        );
        let good = header.write(&[4; 32]);
        assert!(Header::read(&good).is_ok());
        for (at, value) in [(4, 0), (4, 2), (5, 0), (5, 2), (6, 0), (6, 11)] {
            let mut bytes = good.clone();
            bytes[at] = value;
            assert_eq!(Header::read(&bytes).err(), Some(Refused::UnknownVersion), "{at} {value}");
        }
    }
}
