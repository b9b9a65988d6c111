//! Later generations of an account's keys: an object that adds one for the owner, and a grant of it for each device.
//!
//! `keys/<g>` is sealed to the owner under generation g-1, so that whoever opens a slot of generation k opens k+1, k+2, … in turn and
//! no slot is rewritten. `grants/<device>/<g>` is sealed under the key that the owner shares with that device alone, so that a
//! device that is granted nothing learns nothing. A grant names every `keys` object by hash: a device writes under a generation only
//! once these very objects lie in its vault, or what it writes could not be opened by anybody.
//!
//! Plaintext of keys: generation `u64`, X-Wing private key 32, index key 32, chunk key 32. Plaintext of a grant: what `WriterKeys::encode`
//! writes for g, then for each generation from 2 to g the hash of its `keys` object 32. Both end with the account's signature of the whole.

use zeroize::Zeroizing;

use super::codec::{Bad, Reader, Writer};
use super::header::{Header, KeyRef};
use super::keys::{Keyring, WriterKeys};
use super::name::{DeviceId, ObjectHash, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Proved, Refused, To, With};
use super::secret::Secret;

/// Adds a generation to an account's keys, and gives the object that tells the owner of it; none when there are as many as there
/// may be.
pub fn rotate(keyring: &mut Keyring, random: &dyn Random) -> Result<Option<Proved>, NoRandomness> {
    // sealed under the generation before it
    let Some(before) = keyring.writer() else { return Ok(None) };
    let Some(generation) = keyring.add_random(random)? else { return Ok(None) };
    let name = ObjectName::Keys(generation.into());
    let mut out = Writer::new();
    out.u64(generation.into());
    keyring.encode_newest(&mut out);
    let plain = Zeroizing::new(out.into_vec());
    let sealed = seal::seal(&before, name, To::Owner, &plain, random)?;
    Ok(Some(seal::by_owner(keyring, &sealed)))
}

/// Opens the object of the generation after the newest, and adds it.
pub fn extend(keyring: &mut Keyring, bytes: &[u8]) -> Result<(), Refused> {
    let next = keyring.newest() + 1;
    let name = ObjectName::Keys(next.into());
    let (header, _) = Header::read(bytes)?;
    if !matches!(header.key, KeyRef::Recipient { generation, .. } if generation.checked_add(1) == Some(next)) {
        return Err(Refused::Malformed("keys that are not sealed under the generation before them"));
    }
    let opened = seal::open(&With::Owner(keyring), &name, bytes)?;
    let mut input = Reader::new(opened.bytes());
    if input.u64()? != u64::from(next) {
        return Err(Refused::OtherPlace);
    }
    // what is left is read whole before anything is added
    check_generation(input.clone())?;
    Ok(keyring.add_decoded(&mut input)?)
}

fn check_generation(mut input: Reader<'_>) -> Result<(), Bad> {
    input.take(96)?;
    input.finish()
}

/// What one device needs to write under a generation.
pub struct Grant {
    /// Its keys.
    pub keys: WriterKeys,
    /// BLAKE3 of the objects that tell the owner of generations 2, 3, … to this one.
    pub told: Vec<ObjectHash>,
}

impl Grant {
    /// A grant of the newest generation; `told` are the hashes of its `keys` objects from generation 2 on.
    pub fn new(keyring: &Keyring, told: Vec<ObjectHash>) -> Option<Self> {
        let keys = keyring.writer()?;
        (told.len() + 1 == keys.generation() as usize).then_some(Self { keys, told })
    }

    /// Signs and seals it for one device.
    pub fn seal(&self, keyring: &Keyring, device: DeviceId, random: &dyn Random) -> Result<Proved, NoRandomness> {
        let name = ObjectName::Grant(device, self.keys.generation().into());
        let mut out = Writer::new();
        self.encode(&mut out);
        let plain = Zeroizing::new(out.into_vec());
        let sealed = seal::seal(&self.keys, name, To::Link(device, &keyring.link(&device)), &plain, random)?;
        Ok(seal::by_owner(keyring, &sealed))
    }

    /// Opens the one that lies under `name`, with the key that the owner shares with this device; it must follow what the device
    /// holds.
    pub fn open(
        held: &WriterKeys,
        device: DeviceId,
        link: &Secret<32>,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Self, Refused> {
        let grant = Self::decode(seal::open(&With::Link(held, device, link), name, bytes)?.bytes())?;
        if *name != ObjectName::Grant(device, grant.keys.generation().into()) {
            return Err(Refused::OtherPlace);
        }
        if grant.keys.follows(held) { Ok(grant) } else { Err(Refused::Malformed("a grant of other keys than this device's")) }
    }

    /// What a grant of this device tells of the keys before it, whichever generation the device holds.
    pub fn told_by(
        held: &WriterKeys,
        device: DeviceId,
        link: &Secret<32>,
        name: &ObjectName,
        bytes: &[u8],
    ) -> Result<Vec<ObjectHash>, Refused> {
        let grant = Self::decode(seal::open(&With::Link(held, device, link), name, bytes)?.bytes())?;
        let here = *name == ObjectName::Grant(device, grant.keys.generation().into());
        if here { Ok(grant.told) } else { Err(Refused::OtherPlace) }
    }

    fn encode(&self, out: &mut Writer) {
        self.keys.encode(out);
        self.told.iter().for_each(|hash| out.raw(hash.as_bytes()));
    }

    /// Reads what was signed.
    pub fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let keys = WriterKeys::decode(&mut input)?;
        // as many as the keys have generations after the first, which is bounded
        let told = (1..keys.generation()).map(|_| input.array().map(ObjectHash::from_bytes)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { keys, told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    fn keyring(random: &Counting) -> Keyring {
        Keyring::random(AccountId::from_bytes([7; 16]), random).unwrap()
    }

    fn again(keyring: &Keyring) -> Keyring {
        Keyring::decode(keyring.encode().as_slice()).unwrap()
    }

    #[test]
    fn whoever_holds_the_first_generation_opens_the_later_ones_in_turn() {
        let random = Counting::new(61);
        let mut owner = keyring(&random);
        let mut slot = again(&owner);
        let objects: Vec<_> = (0..3).map(|_| rotate(&mut owner, &random).unwrap().unwrap()).collect();
        assert!(extend(&mut slot, objects[1].bytes()).is_err(), "out of turn");
        for object in &objects {
            extend(&mut slot, object.bytes()).unwrap();
        }
        assert_eq!(slot.encode().as_slice(), owner.encode().as_slice());
        assert_eq!(slot.newest(), 4);
    }

    #[test]
    fn keys_of_another_account_or_without_its_signature_are_refused() {
        let random = Counting::new(62);
        let mut owner = keyring(&random);
        let mut slot = again(&owner);
        let writer = owner.writer().unwrap();
        let object = rotate(&mut owner, &random).unwrap().unwrap();
        for at in [10, 700, object.bytes().len() - 1] {
            let mut bytes = object.bytes().to_vec();
            bytes[at] ^= 1;
            assert!(extend(&mut slot, &bytes).is_err(), "{at}");
        }
        // a device can seal to the owner, and cannot sign
        let mut out = Writer::new();
        out.u64(2);
        out.raw(&[9; 96 + 64]);
        let forged = seal::seal(&writer, ObjectName::Keys(2), To::Owner, out.as_slice(), &random).unwrap();
        assert_eq!(extend(&mut slot, forged.bytes()), Err(Refused::Unsigned));
        assert_eq!(slot.newest(), 1);
        // the owner's own, sealed under a later generation than the one before it
        let mut third = again(&owner);
        let late = rotate(&mut third, &random).unwrap().unwrap();
        assert!(extend(&mut slot, late.bytes()).is_err());
    }

    #[test]
    fn a_grant_opens_for_its_device_alone_and_must_follow_what_the_device_holds() {
        let random = Counting::new(63);
        let mut owner = keyring(&random);
        let held = owner.writer().unwrap();
        let told = vec![rotate(&mut owner, &random).unwrap().unwrap().hash()];
        let grant = Grant::new(&owner, told.clone()).unwrap();
        let sealed = grant.seal(&owner, DEVICE, &random).unwrap();
        let link = owner.link(&DEVICE);
        let opened = Grant::open(&held, DEVICE, &link, &sealed.name(), sealed.bytes()).unwrap();
        assert_eq!((opened.keys.generation(), opened.told), (2, told.clone()));
        let other = DeviceId::from_bytes([2; 16]);
        let stolen = Grant::open(&held, other, &owner.link(&other), &ObjectName::Grant(other, 2), sealed.bytes());
        assert!(stolen.is_err());
        assert!(Grant::open(&held, DEVICE, &owner.link(&other), &sealed.name(), sealed.bytes()).is_err());
        // keys that do not continue those that the device holds, though the owner signed them
        let stranger = keyring(&random).writer().unwrap();
        assert!(Grant::open(&stranger, DEVICE, &link, &sealed.name(), sealed.bytes()).is_err());
        assert!(Grant::open(&opened.keys, DEVICE, &link, &sealed.name(), sealed.bytes()).is_err(), "nothing new");
        assert!(Grant::new(&owner, Vec::new()).is_none());
        // the device shares the link key, and cannot sign
        let mut out = Writer::new();
        grant.encode(&mut out);
        out.raw(&[0; 64]);
        let name = ObjectName::Grant(DEVICE, 2);
        let forged = seal::seal(&held, name, To::Link(DEVICE, &link), out.as_slice(), &random).unwrap();
        assert_eq!(Grant::open(&held, DEVICE, &link, &name, forged.bytes()).err(), Some(Refused::Unsigned));
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_grant_panic(bytes: Vec<u8>) {
            let _ = Grant::decode(&bytes);
        }

        #[test]
        fn no_object_makes_the_keyring_panic(bytes: Vec<u8>) {
            let mut owner = keyring(&Counting::new(64));
            prop_assert!(extend(&mut owner, &bytes).is_err());
            prop_assert_eq!(owner.newest(), 1);
        }
    }
}
