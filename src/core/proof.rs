//! What a device believes of bytes that somebody gives it, and why: one rule of proof for each type of object.
//!
//! Bytes come in as [`Unproved`], which no place takes and nothing reads. They leave as [`Proved`] by the rule of their type, which
//! FORMAT.md lists as a table, and by nothing else:
//!
//! ```compile_fail
//! fn put(_: &printkeep::core::seal::Proved) {}
//! fn hand_on(given: &printkeep::core::proof::Unproved) {
//!     put(given);
//! }
//! ```

use bytes::Bytes;

use super::deletion_note::DeletionNote;
use super::header::Header;
use super::index::Index;
use super::keys::WriterKeys;
use super::name::{AccountId, DeviceId, ObjectHash, ObjectName};
use super::roster::Roster;
use super::seal::{self, Proved, Refused, With};
use super::signed::Signed;
use super::snapshot::Head;

/// Bytes that somebody gave for an object of an account: they bear its account, type and place, and may be anything else.
pub struct Unproved {
    account: AccountId,
    name: ObjectName,
    bytes: Bytes,
}

/// What an object says that a device can read.
pub enum Content {
    /// A list of devices, signed by the account. Whether it follows the one before is the reader's to see.
    Roster(Roster),
    /// An index object, signed by its device.
    Index(Index),
    /// A snapshot, signed by its device and believed by the list of devices.
    Head(Head),
    /// A deletion note, signed by its device, which may delete, or might when it wrote this. Whether it follows the one before is for all
    /// notes together to say.
    DeletionNote(DeletionNote),
    /// The account signed it, and another opens it.
    Closed,
}

impl Unproved {
    /// Takes bytes that were given for `name`.
    ///
    /// # Errors
    /// [`Refused`] where the header is none, or of another account, type or place.
    pub fn new(account: AccountId, name: ObjectName, bytes: impl Into<Bytes>) -> Result<Self, Refused> {
        let bytes = bytes.into();
        let (header, _) = Header::read(&bytes)?;
        header.belongs_to(account, &name)?;
        Ok(Self { account, name, bytes })
    }

    /// Proves that they are the very bytes that a signed object, or this machine's own journal, tells of.
    ///
    /// # Errors
    /// [`Refused::Changed`] where they are others.
    pub fn by_hash(&self, told: ObjectHash) -> Result<Proved, Refused> {
        if seal::hash(&self.bytes) == told { Ok(self.proved()) } else { Err(Refused::Changed) }
    }

    /// Proves them by the rule of their type, with the keys that a device holds and the list of devices.
    ///
    /// # Errors
    /// [`Refused::NoKey`] where keys are needed that this device was not granted, [`Refused::Untold`] for what only a hash proves, and
    /// whatever else is wrong.
    pub fn prove(&self, keys: &WriterKeys, roster: &Roster) -> Result<(Content, Proved), Refused> {
        let content = match self.name {
            ObjectName::Roster(_) => return self.roster(keys).map(|(roster, proved)| (Content::Roster(roster), proved)),
            ObjectName::Index(..) => Content::Index(self.signed(keys, roster)?),
            ObjectName::Head(..) => {
                let head: Head = self.signed(keys, roster)?;
                if !roster.believes(&head.device, head.number, &seal::hash(&self.bytes)) {
                    return Err(Refused::Revoked);
                }
                Content::Head(head)
            }
            ObjectName::DeletionNote(..) => {
                let note: DeletionNote = self.signed(keys, roster)?;
                if !roster.counts(&note.deleter, note.number, &seal::hash(&self.bytes)) {
                    return Err(Refused::MayNotDelete);
                }
                Content::DeletionNote(note)
            }
            ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..) | ObjectName::Letter(..) => {
                return self.owners(keys).map(|proved| (Content::Closed, proved));
            }
            ObjectName::Pack(_) | ObjectName::Fact(..) => return Err(Refused::Untold),
        };
        Ok((content, self.proved()))
    }

    /// Proves a list of devices, which needs no other: the account signed it.
    ///
    /// # Errors
    /// As [`Self::prove`].
    pub fn roster(&self, keys: &WriterKeys) -> Result<(Roster, Proved), Refused> {
        self.is_of(keys)?;
        Ok((Roster::open(keys, &self.name, &self.bytes)?, self.proved()))
    }

    /// Proves what the owner alone writes, whoever it is sealed to: key slots, keys, grants, letters.
    ///
    /// # Errors
    /// [`Refused::Unsigned`] without the account's signature, [`Refused::OtherPlace`] for another type.
    pub fn owners(&self, keys: &WriterKeys) -> Result<Proved, Refused> {
        self.is_of(keys)?;
        if !self.name.object_type().is_the_owners() {
            return Err(Refused::OtherPlace);
        }
        seal::check_owners(keys.roster(), self.account, &self.name, &self.bytes)?;
        Ok(self.proved())
    }

    fn is_of(&self, keys: &WriterKeys) -> Result<(), Refused> {
        if keys.account() == self.account { Ok(()) } else { Err(Refused::OtherAccount) }
    }

    fn signed<T: Signed>(&self, keys: &WriterKeys, roster: &Roster) -> Result<T, Refused> {
        let key_of = |device: &DeviceId| roster.key_of(device);
        self.is_of(keys)?;
        T::open(&With::Device(keys), self.account, &self.name, &self.bytes, &key_of)
    }

    fn proved(&self) -> Proved {
        Proved::new(self.account, self.name, self.bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::ObjectId;
    use crate::core::roster::{Member, Role};
    use crate::core::seal::To;
    use crate::core::sign::SigningKey;
    use crate::core::testing::Counting;

    const DEVICE: DeviceId = DeviceId::from_bytes([5; 16]);
    const ID: ObjectId = ObjectId::from_bytes([1; 16]);

    #[test]
    fn each_type_is_proved_by_its_own_rule_and_by_nothing_else() {
        let random = Counting::new(71);
        let account = AccountId::from_bytes([7; 16]);
        let keyring = Keyring::random(account, &random).unwrap();
        let (keys, signer) = (keyring.writer().unwrap(), SigningKey::random(&random).unwrap());
        let member = Member { id: DEVICE, key: signer.public(), role: Role::AppendOnly, last_note: None, name: "pc".into() };
        let roster = Roster { number: 1, previous: ObjectHash::from_bytes([0; 32]), members: vec![member] };
        let given = |sealed: &Proved| Unproved::new(account, sealed.name(), sealed.shared()).unwrap();
        let why = |given: &Unproved| given.prove(&keys, &roster).err();
        // a device can seal anything; a pack and a fact are proved by their hash alone
        for name in [ObjectName::Pack(ID), ObjectName::Fact(DEVICE, 1)] {
            let sealed = seal::seal(&keys, name, To::Owner, b"x", &random).unwrap();
            assert_eq!(why(&given(&sealed)), Some(Refused::Untold), "{name}");
            assert!(given(&sealed).by_hash(sealed.hash()).is_ok());
            assert_eq!(given(&sealed).by_hash(ObjectHash::from_bytes([9; 32])).err(), Some(Refused::Changed), "{name}");
        }
        // what only the owner writes: by the account's signature, whoever it is sealed to
        let link = keyring.link(&DEVICE);
        for name in [ObjectName::Slot(ID), ObjectName::Keys(2), ObjectName::Grant(DEVICE, 2), ObjectName::Letter(DEVICE, ID)] {
            let to = || To::Link(DEVICE, &link);
            let sealed = seal::by_owner(&keyring, &seal::seal(&keys, name, to(), b"x", &random).unwrap());
            assert_eq!(why(&given(&sealed)), None, "{name}");
            let forged = seal::seal(&keys, name, to(), &[0; 100], &random).unwrap();
            assert_eq!(why(&given(&forged)), Some(Refused::Unsigned), "{name}");
            let mut other = sealed.bytes().to_vec();
            other[200] ^= 1;
            let other = Unproved::new(account, name, other).unwrap();
            assert_eq!(why(&other), Some(Refused::Unsigned), "{name}");
        }
        // what a device signs, by the list of devices
        let index = Index { device: DEVICE, packs: Vec::new() };
        assert_eq!(why(&given(&index.seal(&keys, &signer, &random).unwrap())), None);
        let thief = SigningKey::random(&random).unwrap();
        assert_eq!(why(&given(&index.seal(&keys, &thief, &random).unwrap())), Some(Refused::Unsigned));
        // and nothing of another account is even looked at
        let sealed = index.seal(&keys, &signer, &random).unwrap();
        let elsewhere = Unproved::new(AccountId::from_bytes([8; 16]), sealed.name(), sealed.shared());
        assert_eq!(elsewhere.err(), Some(Refused::OtherAccount));
    }
}
