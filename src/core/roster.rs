//! The roster: the account's devices, each with the key its objects must be signed with; signed by the account's own key.
//!
//! Plaintext: number `u64`; hash of the object before it 32 (zeros in the first); count (varint), then per device: id 16,
//! verifying key 32, role 1 (1 append-only; 2 revoked, then count (varint) and number `u64` and hash 32 of each snapshot that is believed,
//! in ascending order; 3 device that may delete), but for 3 number `u64` and hash 32 of its last deletion note that counts (zeros for
//! none), name (bytes, at most 64, UTF-8); then the account's signature (64) under the label `roster` over account 16, place 16 and
//! everything before it.
//!
//! What a device loses it loses for what it does from then on: what it did before is named one by one, so that neither a thief with its key
//! nor an old image of it can put anything in the place of what the owner saw, and nothing that was right is disbelieved.

use std::cmp::Reverse;

use super::codec::{Reader, Writer};
use super::keys::{Keyring, WriterKeys};
use super::name::{DeviceId, ObjectHash, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Proved, Refused, To, With};
use super::sign::{VerifyingKey, bound, split_signature};
use super::signed;

/// The most devices of an account.
pub const MAX_DEVICES: usize = 4096;
/// The longest name of a device, in bytes.
pub const MAX_NAME: usize = 64;
/// The most snapshots of a revoked device that are believed, the newest: a list of devices with a few of these is within its size.
pub const MAX_BELIEVED: usize = 8_192;

const LABEL: &str = "roster";

/// A number of a chain, and BLAKE3 of the object that bears it.
pub type Link = (u64, ObjectHash);

/// One device of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Which device.
    pub id: DeviceId,
    /// What its objects must be signed with.
    pub key: VerifyingKey,
    /// What the owner lets it do.
    pub role: Role,
    /// Of one that may not delete: its last deletion note that counts, from when it might.
    pub last_note: Option<Link>,
    /// What the owner calls it.
    pub name: String,
}

/// What the owner lets a device do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It adds snapshots.
    AppendOnly,
    /// Besides, it says what is no longer needed, and other devices need not store what it holds.
    MayDelete,
    /// No longer anything: these of its snapshots are believed, in ascending order, and no other.
    Revoked(Vec<Link>),
}

impl Member {
    /// Whether it may still write.
    pub fn is_active(&self) -> bool {
        !matches!(self.role, Role::Revoked(..))
    }
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
        self.member(device).map(|m| m.key)
    }

    /// A device's line.
    pub fn member(&self, device: &DeviceId) -> Option<&Member> {
        self.members.iter().find(|m| m.id == *device)
    }

    /// Whether a device may say what is no longer needed.
    pub fn may_delete(&self, device: &DeviceId) -> bool {
        self.member(device).is_some_and(|m| m.role == Role::MayDelete)
    }

    /// The devices that may say what is no longer needed.
    pub fn deleters(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.members.iter().filter(|m| m.role == Role::MayDelete).map(|m| m.id)
    }

    /// Whether a snapshot of this number and hash is believed: every one of an active device, and of a revoked one those up to
    /// the last that the owner knew.
    pub fn believes(&self, device: &DeviceId, number: u64, hash: &ObjectHash) -> bool {
        match self.member(device).map(|m| &m.role) {
            None => false,
            Some(Role::AppendOnly | Role::MayDelete) => true,
            Some(Role::Revoked(believed)) => believed.binary_search(&(number, *hash)).is_ok(),
        }
    }

    /// Whether a deletion note counts: every one of a device that may delete, and of one that may no longer those up to the last that
    /// the owner knew.
    pub fn counts(&self, device: &DeviceId, number: u64, hash: &ObjectHash) -> bool {
        let is_last = |(last, its): Link| last != number || its == *hash;
        self.may_count(device, number)
            && (self.may_delete(device) || self.member(device).and_then(|member| member.last_note).is_some_and(is_last))
    }

    /// Whether a note of this number may be one that counts.
    pub fn may_count(&self, device: &DeviceId, number: u64) -> bool {
        self.may_delete(device) || self.member(device).and_then(|m| m.last_note).is_some_and(|(last, _)| number <= last)
    }

    /// Whether no snapshot of this number is believed of a device, which was revoked.
    pub fn believes_none(&self, device: &DeviceId, number: u64) -> bool {
        let is_listed = |believed: &[Link]| believed.binary_search_by_key(&number, |(seen, _)| *seen).is_ok();
        matches!(self.member(device).map(|m| &m.role), Some(Role::Revoked(believed)) if !is_listed(believed))
    }

    /// Whether a snapshot of this number is later than the last that is believed of a revoked device.
    pub fn is_after_revocation(&self, device: &DeviceId, number: u64) -> bool {
        matches!(self.member(device).map(|m| &m.role), Some(Role::Revoked(believed)) if number > newest(believed))
    }

    /// Whether this list holds where another machine made one apart: the longer, then the one that revokes more, then the one that names more,
    /// then the one of the smaller hash; the same on every machine, in whatever order it meets them.
    pub fn outranks(&self, hash: &ObjectHash, other: &Self, its: &ObjectHash) -> bool {
        let revoked = |roster: &Self| roster.members.iter().filter(|member| !member.is_active()).count();
        let rank =
            |roster: &Self, hash: &ObjectHash| (roster.number, revoked(roster), roster.members.len(), Reverse(*hash.as_bytes()));
        rank(self, hash) > rank(other, its)
    }

    /// The lines of devices that `before` revokes and this list does not: it was made apart, by a machine that did not know. A list that follows
    /// another lets nobody in again under an id that was revoked.
    pub fn revocations_lost(&self, before: &Self) -> Vec<Member> {
        let is_active = |id: &DeviceId| self.member(id).is_some_and(Member::is_active);
        before.members.iter().filter(|member| !member.is_active() && is_active(&member.id)).cloned().collect()
    }

    /// Gives the devices of these lines the role that they have there.
    pub fn revoke(&mut self, lines: &[Member]) {
        for member in &mut self.members {
            if let Some(line) = lines.iter().find(|line| line.id == member.id && member.is_active()) {
                (member.role, member.last_note) = (line.role.clone(), line.last_note);
            }
        }
    }

    /// Signs and seals it, so that every device reads it and only the owner could have written it.
    pub fn seal(&self, keyring: &Keyring, keys: &WriterKeys, random: &dyn Random) -> Result<Proved, NoRandomness> {
        let name = ObjectName::Roster(self.number);
        signed::seal(LABEL, self.encode(), name, (keys, To::Devices), keyring.signing(), random)
    }

    /// What is signed, as [`Self::decode`] reads it.
    pub fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.u64(self.number);
        out.raw(self.previous.as_bytes());
        out.varint(self.members.len() as u64);
        for member in &self.members {
            out.raw(member.id.as_bytes());
            out.raw(member.key.as_bytes());
            match &member.role {
                Role::AppendOnly => out.u8(1),
                Role::MayDelete => out.u8(3),
                Role::Revoked(believed) => {
                    out.u8(2);
                    out.varint(believed.len() as u64);
                    believed.iter().for_each(|link| put_link(&mut out, link));
                }
            }
            if member.role != Role::MayDelete {
                put_link(&mut out, &member.last_note.unwrap_or((0, NONE)));
            }
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
        let role = match input.u8()? {
            1 => Role::AppendOnly,
            2 => {
                let count = input.count(MAX_BELIEVED)?;
                let believed = (0..count).map(|_| link(input)).collect::<Result<Vec<_>, _>>()?;
                if !believed.is_sorted_by(|(a, _), (b, _)| a < b) {
                    return Err(Refused::Malformed("snapshots of a revoked device that are not in order"));
                }
                Role::Revoked(believed)
            }
            3 => Role::MayDelete,
            _ => return Err(Refused::UnknownVersion),
        };
        let last_note = if role == Role::MayDelete { None } else { Some(link(input)?).filter(|link| *link != (0, NONE)) };
        let name = std::str::from_utf8(input.bytes(MAX_NAME)?).map_err(|_| Refused::Malformed("a device's name is not UTF-8"))?;
        Ok(Self { id, key, role, last_note, name: name.to_owned() })
    }
}

const NONE: ObjectHash = ObjectHash::from_bytes([0; 32]);

fn put_link(out: &mut Writer, (number, hash): &Link) {
    out.u64(*number);
    out.raw(hash.as_bytes());
}

fn link(input: &mut Reader<'_>) -> Result<Link, Refused> {
    Ok((input.u64()?, ObjectHash::from_bytes(input.array()?)))
}

/// The number of the newest of these; 0 for none.
pub fn newest(links: &[Link]) -> u64 {
    links.last().map_or(0, |(number, _)| *number)
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
        let member = |n: u8, role, name: &str| Member {
            id: DeviceId::from_bytes([n; 16]),
            key: keyring.signing().public(),
            role,
            last_note: (n == 3).then(|| (4, ObjectHash::from_bytes([6; 32]))),
            name: name.into(),
        };
        let revoked = Role::Revoked(vec![(2, ObjectHash::from_bytes([8; 32])), (7, ObjectHash::from_bytes([9; 32]))]);
        let members = vec![member(1, Role::AppendOnly, "Ender"), member(2, Role::MayDelete, "PC"), member(3, revoked, "stolen")];
        let roster = Roster { number: 1, previous: ObjectHash::from_bytes([0; 32]), members };
        let sealed = roster.seal(&keyring, &keys, &random).unwrap();
        assert_eq!(Roster::open(&keys, &sealed.name(), sealed.bytes()), Ok(roster.clone()));
        assert!(Roster::open(&keys, &ObjectName::Roster(2), sealed.bytes()).is_err());
        // a device holds the index key too, but cannot sign
        let mut body = roster.encode();
        body.raw(&[0; 64]);
        let forged = seal::seal(&keys, ObjectName::Roster(1), To::Devices, body.as_slice(), &random).unwrap();
        assert_eq!(Roster::open(&keys, &forged.name(), forged.bytes()), Err(Refused::Unsigned));
    }

    #[test]
    fn of_a_device_that_may_delete_no_longer_the_very_last_note_counts_and_those_before_it() {
        let (was, hash) = (DeviceId::from_bytes([3; 16]), ObjectHash::from_bytes([9; 32]));
        let key = VerifyingKey::from_bytes([0; 32]);
        let member = Member { id: was, key, role: Role::AppendOnly, last_note: Some((4, hash)), name: "was".into() };
        let roster = Roster { number: 1, previous: NONE, members: vec![member] };
        let other = ObjectHash::from_bytes([8; 32]);
        assert!(roster.counts(&was, 4, &hash) && roster.counts(&was, 3, &other));
        assert!(!roster.counts(&was, 4, &other) && !roster.counts(&was, 5, &hash));
    }

    #[test]
    fn of_two_lists_one_outranks_the_other_whoever_asks() {
        let member = |n: u8, role| {
            let key = VerifyingKey::from_bytes([n; 32]);
            Member { id: DeviceId::from_bytes([n; 16]), key, role, last_note: None, name: n.to_string() }
        };
        let list = |number, members: Vec<Member>| Roster { number, previous: NONE, members };
        let (one, two) = (member(1, Role::AppendOnly), member(2, Role::AppendOnly));
        let revoked = member(2, Role::Revoked(Vec::new()));
        let lists = [
            list(4, vec![one.clone(), two.clone()]),
            list(5, vec![one.clone()]),
            list(5, vec![one.clone(), two.clone()]),
            list(5, vec![one.clone(), revoked.clone()]),
            list(6, vec![one.clone()]),
        ];
        let (low, high) = (ObjectHash::from_bytes([1; 32]), ObjectHash::from_bytes([2; 32]));
        for (a, one) in lists.iter().enumerate() {
            for (b, other) in lists.iter().enumerate() {
                assert_eq!(one.outranks(&high, other, &low), a > b, "{a} {b}");
                assert_eq!(one.outranks(&low, other, &high), a >= b, "{a} {b}");
            }
        }
        let mut apart = list(6, vec![one, two]);
        let lost = apart.revocations_lost(&lists[3]);
        assert_eq!(lost, vec![revoked.clone()]);
        apart.revoke(&lost);
        assert_eq!(apart.members[1], revoked);
    }

    #[test]
    fn of_a_revoked_device_the_very_snapshots_are_believed_that_the_owner_saw() {
        let (stolen, hash) = (DeviceId::from_bytes([3; 16]), ObjectHash::from_bytes([9; 32]));
        let key = VerifyingKey::from_bytes([0; 32]);
        let second = ObjectHash::from_bytes([2; 32]);
        let role = Role::Revoked(vec![(2, second), (7, hash)]);
        let member = Member { id: stolen, key, role, last_note: None, name: String::new() };
        let roster = Roster { number: 1, previous: hash, members: vec![member] };
        let other = ObjectHash::from_bytes([8; 32]);
        let believed = [
            (1, other, false),
            (2, second, true),
            (2, other, false),
            (6, other, false),
            (7, hash, true),
            (7, other, false),
            (8, hash, false),
            (u64::MAX, hash, false),
        ];
        for (number, hash, expected) in believed {
            assert_eq!(roster.believes(&stolen, number, &hash), expected, "{number}");
        }
        assert!(!roster.believes(&DeviceId::from_bytes([4; 16]), 1, &hash), "a stranger");
    }

    #[test]
    fn snapshots_of_a_revoked_device_out_of_order_or_twice_are_refused() {
        let hash = ObjectHash::from_bytes([9; 32]);
        let of = |believed: &[u64]| {
            let role = Role::Revoked(believed.iter().map(|number| (*number, hash)).collect());
            let key = VerifyingKey::from_bytes([0; 32]);
            let member = Member { id: DeviceId::from_bytes([3; 16]), key, role, last_note: None, name: String::new() };
            Roster::decode(Roster { number: 1, previous: hash, members: vec![member] }.encode().as_slice())
        };
        assert!(of(&[]).is_ok() && of(&[1, 2, u64::MAX]).is_ok());
        assert!(of(&[2, 1]).is_err() && of(&[2, 2]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_roster_panic(bytes: Vec<u8>) {
            let _ = Roster::decode(&bytes);
        }
    }
}
