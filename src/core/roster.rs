//! The roster: the account's devices, each with the key its objects must be signed with; signed by the account's own key.
//!
//! Plaintext: number `u64`; hash of the object before it 32 (zeros in the first); count (varint), then per device: id 16,
//! verifying key 32, state 1 (1 active, 2 revoked), name (bytes, at most 64, UTF-8); then the account's signature (64) under the
//! label `roster` over account 16, place 16 and everything before it.

use super::codec::{Reader, Writer};
use super::index::{bound, split_signature};
use super::keys::{Keyring, WriterKeys};
use super::name::{DeviceId, ObjectHash, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Refused, Sealed, To, With};
use super::sign::VerifyingKey;

/// The most devices of an account.
pub const MAX_DEVICES: usize = 4096;
/// The longest name of a device, in bytes.
pub const MAX_NAME: usize = 64;

const LABEL: &str = "roster";

/// One device of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Which device.
    pub id: DeviceId,
    /// What its objects must be signed with.
    pub key: VerifyingKey,
    /// Whether it may still write; what it wrote before it was revoked stays readable.
    pub active: bool,
    /// What the owner calls it.
    pub name: String,
}

/// The account's devices after one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Counts the changes, from 1.
    pub number: u64,
    /// The object that this one follows.
    pub previous: ObjectHash,
    /// The devices.
    pub members: Vec<Member>,
}

impl Roster {
    /// The verifying key of a device.
    pub fn key_of(&self, device: &DeviceId) -> Option<VerifyingKey> {
        self.members.iter().find(|m| m.id == *device).map(|m| m.key)
    }

    /// Signs and seals it, so that every device reads it and only the owner could have written it.
    pub fn seal(&self, keyring: &Keyring, keys: &WriterKeys, random: &dyn Random) -> Result<Sealed, NoRandomness> {
        let name = ObjectName::Roster(self.number);
        let mut out = self.encode();
        let signature = keyring.signing().sign(LABEL, &bound(keys.account(), name.place(), out.as_slice()));
        out.raw(&signature);
        seal::seal(keys, name, To::Devices, out.as_slice(), random)
    }

    fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.u64(self.number);
        out.raw(self.previous.as_bytes());
        out.varint(self.members.len() as u64);
        for member in &self.members {
            out.raw(member.id.as_bytes());
            out.raw(member.key.as_bytes());
            out.u8(if member.active { 1 } else { 2 });
            out.bytes(member.name.as_bytes());
        }
        out
    }

    /// Opens the one that lies under `name`, and believes it only with the account's signature.
    pub fn open(keys: &WriterKeys, name: &ObjectName, bytes: &[u8]) -> Result<Self, Refused> {
        let opened = seal::open(&With::Device(keys), name, bytes)?;
        let (body, signature) = split_signature(opened.bytes())?;
        if !keys.roster().verifies(LABEL, &bound(keys.account(), name.place(), body), signature) {
            return Err(Refused::Unsigned);
        }
        let roster = Self::decode(body)?;
        if *name == ObjectName::Roster(roster.number) { Ok(roster) } else { Err(Refused::OtherPlace) }
    }

    /// Reads what was signed.
    pub fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let number = input.u64()?;
        let previous = ObjectHash::from_bytes(input.array()?);
        let count = input.count(MAX_DEVICES)?;
        let members = (0..count).map(|_| Member::decode(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { number, previous, members })
    }
}

impl Member {
    fn decode(input: &mut Reader<'_>) -> Result<Self, Refused> {
        let id = DeviceId::from_bytes(input.array()?);
        let key = VerifyingKey::from_bytes(input.array()?);
        let active = match input.u8()? {
            1 => true,
            2 => false,
            _ => return Err(Refused::UnknownVersion),
        };
        let name = std::str::from_utf8(input.bytes(MAX_NAME)?).map_err(|_| Refused::Malformed("a device's name is not UTF-8"))?;
        Ok(Self { id, key, active, name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    #[test]
    fn a_roster_is_believed_only_with_the_accounts_signature() {
        let random = Counting::new(51);
        let account = AccountId::from_bytes([7; 16]);
        let keyring = Keyring::random(account, &random).unwrap();
        let keys = keyring.writer().unwrap();
        let member =
            Member { id: DeviceId::from_bytes([1; 16]), key: keyring.signing().public(), active: true, name: "Ender".into() };
        let roster = Roster { number: 1, previous: ObjectHash::from_bytes([0; 32]), members: vec![member] };
        let sealed = roster.seal(&keyring, &keys, &random).unwrap();
        assert_eq!(Roster::open(&keys, &sealed.name(), sealed.bytes()), Ok(roster.clone()));
        assert!(Roster::open(&keys, &ObjectName::Roster(2), sealed.bytes()).is_err());
        // a device holds the index key too, but cannot sign
        let mut body = roster.encode();
        body.raw(&[0; 64]);
        let forged = seal::seal(&keys, ObjectName::Roster(1), To::Devices, body.as_slice(), &random).unwrap();
        assert_eq!(Roster::open(&keys, &forged.name(), forged.bytes()), Err(Refused::Unsigned));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_roster_panic(bytes: Vec<u8>) {
            let _ = Roster::decode(&bytes);
        }
    }
}
