//! Plain ⇄ Sealed: one way in and one way out for every object, bound to its account, type, place and key.
//!
//! An object key is random and used for one object only. From it come, by HKDF over the whole header, the AES-256-GCM key of
//! the body and a commitment that stands in the header, so that no second key opens the object (AES-GCM alone does not commit
//! to its key). The body is cut into segments with counter nonces and a flag on the last (STREAM, Hoang et al. 2015).
//!
//! A place takes nothing but what is [`Proved`]: sealed here, or shown by [`proof`](super::proof) to be the account's:
//!
//! ```compile_fail
//! let forged = printkeep::core::seal::Proved { bytes: b"plaintext".to_vec() };
//! ```
//!
//! ```
//! fn put(object: &printkeep::core::seal::Proved) -> usize {
//!     object.bytes().len()
//! }
//! ```

use bytes::Bytes;
use zeroize::Zeroizing;

use super::body::{BodyKey, Flag};
use super::codec::clamp_usize;
use super::header::{Header, KeyRef, PREFIX_LEN};
use super::keys::{Keyring, WriterKeys, derive};
use super::name::{AccountId, DeviceId, ObjectHash, ObjectName};
use super::random::{NoRandomness, Random};
use super::recipient::Recipient;
use super::secret::Secret;
use super::sign::{VerifyingKey, bound, split_signature};
use super::verified::Verified;

pub use super::body::TAG;
pub use crate::core::refused::Refused;

/// Plaintext bytes in a segment of a whole object.
pub const SEGMENT: usize = 64 * 1024;
/// The largest sealed object that is read, in bytes.
pub const MAX_OBJECT: usize = 64 * 1024 * 1024;

/// Label of the signature behind what only the owner writes.
const OWNERS: &str = "owner";

/// Bytes that a place may take: sealed here for one account, under one name, or proved to be.
pub struct Proved {
    account: AccountId,
    name: ObjectName,
    bytes: Bytes,
}

impl Proved {
    pub(super) fn new(account: AccountId, name: ObjectName, bytes: impl Into<Bytes>) -> Self {
        Self { account, name, bytes: bytes.into() }
    }

    /// Whose it is.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Where it belongs.
    pub fn name(&self) -> ObjectName {
        self.name
    }

    /// The sealed bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The sealed bytes, shared and not copied.
    pub fn shared(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The sealed bytes, taken over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into()
    }

    /// BLAKE3 of the sealed bytes.
    pub fn hash(&self) -> ObjectHash {
        hash(&self.bytes)
    }
}

/// BLAKE3 of an object's sealed bytes.
pub fn hash(bytes: &[u8]) -> ObjectHash {
    ObjectHash::from_bytes(*blake3::hash(bytes).as_bytes())
}

/// Whom an object is sealed to.
pub enum To<'a> {
    /// The owner: only an unlocked account opens it.
    Owner,
    /// Every enrolled device, under the newest index key.
    Devices,
    /// The holder of this key, reached by the given reference: key slots.
    Key(KeyRef, &'a Secret<32>),
    /// One device alone, under the key that the owner shares with it.
    Link(DeviceId, &'a Secret<32>),
}

/// Seals `plaintext` whole, padded to a Padmé size, for `account` under `name`.
pub fn seal(
    keys: &WriterKeys,
    name: ObjectName,
    to: To<'_>,
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Proved, NoRandomness> {
    seal_for(keys.account(), Some(keys), name, to, plaintext, random)
}

/// Signs the whole of what was sealed and only the owner writes: so it is proved by every device of the account, also by those that cannot open it.
pub fn by_owner(keyring: &Keyring, sealed: &Proved) -> Proved {
    let (account, name) = (keyring.account(), sealed.name());
    let signature = keyring.signing().sign(OWNERS, &bound(account, name.place(), sealed.bytes()));
    Proved::new(account, name, [sealed.bytes(), signature.as_slice()].concat())
}

/// Whether the owner of this account signed these bytes for this name.
pub(super) fn check_owners(key: &VerifyingKey, account: AccountId, name: &ObjectName, bytes: &[u8]) -> Result<(), Refused> {
    let (signed, signature) = split_signature(bytes)?;
    if key.verifies(OWNERS, &bound(account, name.place(), signed), signature) { Ok(()) } else { Err(Refused::Unsigned) }
}

/// Seals for an account whose writer keys are not at hand: only `To::Key` can be served then.
pub(super) fn seal_for(
    account: AccountId,
    keys: Option<&WriterKeys>,
    name: ObjectName,
    to: To<'_>,
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Proved, NoRandomness> {
    let place = name.place();
    let prefix = Header::prefix(account, place, name.object_type());
    let (reference, key) = match (to, keys) {
        (To::Owner, Some(keys)) => owner_key(keys.recipient(), keys.generation(), &prefix, random)?,
        (To::Devices, Some(keys)) => device_key(&keys.newest().index, keys.generation(), random)?,
        (To::Link(device, link), _) => {
            let salt = super::random::bytes(random)?;
            (KeyRef::Link { device, salt }, linked(link, &salt))
        }
        (To::Key(reference, key), _) => (reference, Secret::filled_by(|to| to.copy_from_slice(key.expose()))),
        _ => return Err(NoRandomness),
    };
    let header = Header::new(account, place, name.object_type(), reference);
    let (body, mut bytes) = BodyKey::create(&header, &key);
    let framed = frame(plaintext);
    let last = framed.len().div_ceil(SEGMENT).max(1) - 1;
    for (number, segment) in framed.chunks(SEGMENT).enumerate() {
        body.seal_onto(&mut bytes, number as u64, if number == last { Flag::Last } else { Flag::More }, &[segment]);
    }
    Ok(Proved::new(account, name, bytes))
}

/// A fresh object key sealed to the owner: the reference for the header, and the key.
pub(super) fn owner_key(
    recipient: &Recipient,
    generation: u32,
    prefix: &[u8; PREFIX_LEN],
    random: &dyn Random,
) -> Result<(KeyRef, Secret<32>), NoRandomness> {
    let key = Secret::random(random)?;
    let sealed = Box::new(recipient.seal_key(&key, prefix, random)?);
    Ok((KeyRef::Recipient { generation, sealed }, key))
}

fn device_key(index: &Secret<32>, generation: u32, random: &dyn Random) -> Result<(KeyRef, Secret<32>), NoRandomness> {
    let salt = super::random::bytes(random)?;
    let key = derive(index.expose(), &salt, &[b"printkeep/1 object key"]);
    Ok((KeyRef::Index { generation, salt }, key))
}

fn linked(link: &Secret<32>, salt: &[u8; 32]) -> Secret<32> {
    derive(link.expose(), salt, &[b"printkeep/1 link key"])
}

/// Keys that objects are opened with.
pub enum With<'a> {
    /// All keys of an unlocked account.
    Owner(&'a Keyring),
    /// What a device holds: index objects and the outer layer of snapshots.
    Device(&'a WriterKeys),
    /// The key that the owner shares with one device, which writes with these keys.
    Link(&'a WriterKeys, DeviceId, &'a Secret<32>),
}

impl With<'_> {
    /// Whose keys they are.
    pub(super) fn account(&self) -> AccountId {
        match self {
            With::Owner(keyring) => keyring.account(),
            With::Device(keys) => keys.account(),
            With::Link(keys, ..) => keys.account(),
        }
    }

    /// The key that the owner of the account signs with.
    fn signer(&self) -> VerifyingKey {
        match self {
            With::Owner(keyring) => keyring.signing().public(),
            With::Device(keys) | With::Link(keys, ..) => *keys.roster(),
        }
    }
}

/// Opens an object that lies under `name`: header, commitment, every segment, padding.
pub fn open(with: &With<'_>, name: &ObjectName, bytes: &[u8]) -> Result<Verified, Refused> {
    let (header, body) = parts(bytes)?;
    header.belongs_to(with.account(), name)?;
    if header.object_type.is_the_owners() {
        check_owners(&with.signer(), with.account(), name, bytes)?;
    }
    let key = object_key(with, &header)?;
    open_body(&header, &key, body)
}

/// Header and body of an object; the account's signature behind what only the owner writes is part of neither.
pub(super) fn parts(bytes: &[u8]) -> Result<(Header, &[u8]), Refused> {
    let (header, rest) = Header::read(bytes)?;
    let body = if header.object_type.is_the_owners() { split_signature(rest)?.0 } else { rest };
    Ok((header, body))
}

/// Opens an object whose key is found by other means: key slots.
pub(super) fn open_with_key(header: &Header, key: &Secret<32>, body: &[u8]) -> Result<Verified, Refused> {
    open_body(header, key, body)
}

/// The object key that a header refers to, where these keys reach it.
pub(super) fn object_key(with: &With<'_>, header: &Header) -> Result<Secret<32>, Refused> {
    match (&header.key, with) {
        (KeyRef::Recipient { generation, sealed }, With::Owner(keyring)) => {
            let recipient = keyring.recipient(*generation).ok_or(Refused::NoKey)?;
            recipient.open_key(sealed, &header.bound()).ok_or(Refused::Changed)
        }
        (KeyRef::Index { generation, salt }, _) => {
            let shared = match with {
                With::Owner(keyring) => keyring.shared(*generation),
                With::Device(keys) => keys.shared(*generation),
                With::Link(..) => None,
            };
            let index = &shared.ok_or(Refused::NoKey)?.index;
            Ok(derive(index.expose(), salt, &[b"printkeep/1 object key"]))
        }
        (KeyRef::Link { device, salt }, With::Link(_, here, link)) if device == here => Ok(linked(link, salt)),
        (KeyRef::Link { device, salt }, With::Owner(keyring)) => Ok(linked(&keyring.link(device), salt)),
        _ => Err(Refused::NoKey),
    }
}

fn open_body(header: &Header, key: &Secret<32>, body: &[u8]) -> Result<Verified, Refused> {
    if body.len() > MAX_OBJECT {
        return Err(Refused::Malformed("an object over its size limit"));
    }
    let body_key = BodyKey::check(header, key)?;
    let count = body.len().div_ceil(SEGMENT + TAG).max(1);
    let mut plain = Zeroizing::new(Vec::with_capacity(body.len()));
    for (number, segment) in body.chunks(SEGMENT + TAG).enumerate() {
        let flag = if number + 1 == count { Flag::Last } else { Flag::More };
        body_key.open_onto(&mut plain, number as u64, flag, segment)?;
    }
    unframe(plain).map(Verified::new)
}

/// Length, data, zeros up to a Padmé size: an observer learns the size only roughly.
fn frame(plaintext: &[u8]) -> Zeroizing<Vec<u8>> {
    let padded = clamp_usize(padme(8 + plaintext.len() as u64));
    let mut framed = Zeroizing::new(Vec::with_capacity(padded));
    framed.extend_from_slice(&(plaintext.len() as u64).to_le_bytes());
    framed.extend_from_slice(plaintext);
    framed.resize(padded, 0);
    framed
}

fn unframe(mut framed: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (length, rest) = framed.split_first_chunk::<8>().ok_or(Refused::Malformed("an object without its length"))?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Refused::Malformed("an object over its size limit"))?;
    let padding = rest.get(length..).ok_or(Refused::Malformed("an object shorter than it says"))?;
    if padding.iter().any(|b| *b != 0) || framed.len() as u64 != padme(8 + length as u64) {
        return Err(Refused::Malformed("an object with wrong padding"));
    }
    framed.copy_within(8..8 + length, 0);
    framed.truncate(length);
    Ok(framed)
}

/// The smallest Padmé size of at least `n` (Nikitin et al., PETS 2019), and at least 256: at most 12 % more, and sizes of
/// one object reveal O(log log n) bits.
pub fn padme(n: u64) -> u64 {
    let n = n.max(256);
    let exponent = n.ilog2();
    let mask = (1u64 << (exponent - (exponent.ilog2() + 1))) - 1;
    n.checked_add(mask).map_or(n, |sum| sum & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;
    use crate::core::testing::Counting;

    fn account() -> (Keyring, WriterKeys) {
        let random = Counting::new(9);
        let keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap();
        let writer = keyring.writer().unwrap();
        (keyring, writer)
    }

    fn name(n: u8) -> ObjectName {
        ObjectName::Index(DeviceId::from_bytes([5; 16]), ObjectId::from_bytes([n; 16]))
    }

    #[test]
    fn what_is_sealed_opens_for_whom_it_was_sealed_to() {
        let (keyring, writer) = account();
        let random = Counting::new(10);
        for size in [0, 1, 247, 248, 249, SEGMENT - 8, SEGMENT, 3 * SEGMENT + 5] {
            let plain = vec![42; size];
            let owners = seal(&writer, name(1), To::Owner, &plain, &random).unwrap();
            assert_eq!(open(&With::Owner(&keyring), &name(1), owners.bytes()).unwrap().bytes(), plain);
            assert_eq!(open(&With::Device(&writer), &name(1), owners.bytes()).err(), Some(Refused::NoKey));
            let devices = seal(&writer, name(1), To::Devices, &plain, &random).unwrap();
            assert_eq!(open(&With::Device(&writer), &name(1), devices.bytes()).unwrap().bytes(), plain);
        }
    }

    #[test]
    fn what_is_sealed_to_one_device_opens_for_it_and_the_owner_alone() {
        let (keyring, writer) = account();
        let (device, other) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let (link, other_link) = (keyring.link(&device), keyring.link(&other));
        let sealed = seal(&writer, name(1), To::Link(device, &link), b"x", &Counting::new(15)).unwrap();
        let opens = |with: &With<'_>| open(with, &name(1), sealed.bytes()).map(|opened| opened.bytes().to_vec());
        assert_eq!(opens(&With::Link(&writer, device, &link)), Ok(b"x".to_vec()));
        assert_eq!(opens(&With::Owner(&keyring)), Ok(b"x".to_vec()));
        assert_eq!(opens(&With::Device(&writer)), Err(Refused::NoKey));
        assert_eq!(opens(&With::Link(&writer, other, &other_link)), Err(Refused::NoKey));
        assert_eq!(opens(&With::Link(&writer, device, &other_link)), Err(Refused::Changed));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let (keyring, writer) = account();
        let sealed = seal(&writer, name(1), To::Owner, b"a print file", &Counting::new(11)).unwrap();
        let mut bytes = sealed.bytes().to_vec();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&With::Owner(&keyring), &name(1), &bytes).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        for cut in 0..bytes.len() {
            assert!(open(&With::Owner(&keyring), &name(1), &bytes[..cut]).is_err(), "cut {cut}");
        }
    }

    #[test]
    fn segments_are_not_dropped_swapped_or_repeated() {
        let (keyring, writer) = account();
        let plain = vec![1; 4 * SEGMENT];
        let bytes = seal(&writer, name(1), To::Devices, &plain, &Counting::new(12)).unwrap().bytes().to_vec();
        let (_, body) = Header::read(&bytes).unwrap();
        let head = bytes[..bytes.len() - body.len()].to_vec();
        let segments: Vec<&[u8]> = body.chunks(SEGMENT + TAG).collect();
        let orders: [&[usize]; 6] =
            [&[0, 2, 3, 4], &[1, 0, 2, 3, 4], &[0, 1, 2, 3], &[0, 0, 1, 2, 3, 4], &[4], &[0, 1, 2, 3, 4, 4]];
        for order in orders {
            let mut forged = head.clone();
            order.iter().for_each(|i| forged.extend_from_slice(segments[*i]));
            assert!(open(&With::Owner(&keyring), &name(1), &forged).is_err(), "{order:?}");
        }
    }

    #[test]
    fn objects_do_not_move_between_places_types_and_accounts() {
        let (keyring, writer) = account();
        let sealed = seal(&writer, name(1), To::Owner, b"x", &Counting::new(13)).unwrap();
        assert_eq!(open(&With::Owner(&keyring), &name(2), sealed.bytes()).err(), Some(Refused::OtherPlace));
        let pack = ObjectName::Pack(ObjectId::from_bytes([1; 16]));
        assert_eq!(open(&With::Owner(&keyring), &pack, sealed.bytes()).err(), Some(Refused::OtherPlace));
        let other = Keyring::random(AccountId::from_bytes([8; 16]), &Counting::new(9)).unwrap();
        assert_eq!(open(&With::Owner(&other), &name(1), sealed.bytes()).err(), Some(Refused::OtherAccount));
    }

    /// A ciphertext that opens under two keys can be made for AES-GCM; the commitment refuses the second key.
    #[test]
    fn an_object_opens_under_the_key_it_commits_to_only() {
        let (_, writer) = account();
        let random = Counting::new(14);
        let sealed = seal(&writer, name(1), To::Devices, b"x", &random).unwrap();
        let (header, _) = Header::read(sealed.bytes()).unwrap();
        let other = Secret::random(&random).unwrap();
        assert_eq!(BodyKey::check(&header, &other).err(), Some(Refused::Changed));
    }

    #[test]
    fn padme_adds_little_and_hides_sizes() {
        for n in [0u64, 1, 255, 256, 257, 1000, 65_537, 8 << 20, (8 << 20) + 1, 1 << 40] {
            let padded = padme(n);
            assert!(padded >= n && padded == padme(padded));
            assert!(n < 256 || padded as f64 <= n as f64 * 1.12, "{n} {padded}");
        }
    }
}
