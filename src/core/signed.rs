//! Objects that are signed: sealed and opened the same way for every kind, so that no kind forgets a check.
//!
//! What is sealed is the body and, behind it, the signature (64) over account, place and body, under the kind's own label.

use super::codec::Writer;
use super::keys::WriterKeys;
use super::name::{AccountId, DeviceId, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Proved, Refused, To, With};
use super::sign::{SigningKey, VerifyingKey, bound, split_signature};

/// What devices sign.
pub trait Signed: Sized {
    /// What its signatures are for: one for another kind is none for this.
    const LABEL: &'static str;

    /// Reads what was signed.
    ///
    /// # Errors
    /// [`Refused::Malformed`] for bytes that break the format.
    fn decode(body: &[u8]) -> Result<Self, Refused>;

    /// Which device says that it signed it.
    fn device(&self) -> &DeviceId;

    /// Whether it belongs under this name.
    fn lies_at(&self, name: &ObjectName) -> bool;

    /// Opens what lies under `name`; `key_of` gives the verifying key of a device of the roster.
    ///
    /// # Errors
    /// Whatever the seal refuses, [`Refused::OtherPlace`] for what belongs under another name, and [`Refused::Unsigned`] where the
    /// device that it names did not sign it.
    fn open(
        with: &With<'_>,
        account: AccountId,
        name: &ObjectName,
        bytes: &[u8],
        key_of: &dyn Fn(&DeviceId) -> Option<VerifyingKey>,
    ) -> Result<Self, Refused> {
        let opened = seal::open(with, name, bytes)?;
        let (body, signature) = split_signature(opened.bytes())?;
        let value = Self::decode(body)?;
        if !value.lies_at(name) {
            return Err(Refused::OtherPlace);
        }
        let key = key_of(value.device()).ok_or(Refused::Unsigned)?;
        let signed = key.verifies(Self::LABEL, &bound(account, name.place(), body), signature);
        if signed { Ok(value) } else { Err(Refused::Unsigned) }
    }
}

/// Signs a body for its place and seals it.
pub(super) fn seal(
    label: &'static str,
    mut body: Writer,
    name: ObjectName,
    (keys, to): (&WriterKeys, To),
    signer: &SigningKey,
    random: &dyn Random,
) -> Result<Proved, NoRandomness> {
    let signature = signer.sign(label, &bound(keys.account(), name.place(), body.as_slice()));
    body.raw(&signature);
    seal::seal(keys, name, to, body.as_slice(), random)
}

/// Splits a signature off the end.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::deletion_note::DeletionNote;
    use crate::core::device_record::{DeviceRecord, Origin};
    use crate::core::index::Index;
    use crate::core::keys::Keyring;
    use crate::core::name::ObjectId;
    use crate::core::name::{ChunkId, ObjectHash};
    use crate::core::snapshot::ChunkRef;
    use crate::core::snapshot::{Head, Stats};
    use crate::core::testing::Counting;

    const ROGUE: DeviceId = DeviceId::from_bytes([6; 16]);
    const VICTIM: DeviceId = DeviceId::from_bytes([5; 16]);

    /// An enrolled device signs what it says itself for the place of another's object: its signature is good, and the place is not its.
    #[test]
    fn what_one_device_signs_for_the_place_of_another_is_refused() {
        let random = Counting::new(91);
        let keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap();
        let (keys, signer) = (keyring.writer().unwrap(), SigningKey::random(&random).unwrap());
        let zero = ObjectHash::from_bytes([0; 32]);
        let index = Index { device: ROGUE, packs: Vec::new() };
        let root = ChunkRef { id: ChunkId::from_bytes([2; 32]), length: 9 };
        let (seen, needs, stats) = (Vec::new(), Vec::new(), Stats::default());
        let head = Head { device: ROGUE, number: 3, previous: zero, time: 0, stats, root, seen, needs };
        let (heads, said) = (Vec::new(), Vec::new());
        let note = DeletionNote { deleter: ROGUE, number: 3, previous: zero, order: 1, time: 0, heads, said };
        let (origin, text) = (Origin::Recorded, "model: x\n".to_owned());
        let fact = DeviceRecord { device: ROGUE, number: 3, item: 16, origin, time: 0, consent: [0; 32], text };
        let world = World { keyring: &keyring, keys: &keys, signer: &signer, random: &random };
        world.try_at::<Index>(index.seal(&keys, &signer, &random), ObjectName::Index(VICTIM, ObjectId::from_bytes([1; 16])));
        for (device, number) in [(VICTIM, 3), (ROGUE, 4)] {
            world.try_at::<Head>(head.seal(&keys, &signer, &random), ObjectName::Head(device, number));
            world.try_at::<DeletionNote>(note.seal(&keys, &signer, &random), ObjectName::DeletionNote(device, number));
            world.try_at::<DeviceRecord>(fact.seal(&keys, &signer, &random), ObjectName::Fact(device, number));
        }
    }

    struct World<'a> {
        keyring: &'a Keyring,
        keys: &'a WriterKeys,
        signer: &'a SigningKey,
        random: &'a Counting,
    }

    impl World<'_> {
        fn try_at<T: Signed>(&self, own: Result<Proved, NoRandomness>, other: ObjectName) {
            let (own, with) = (own.unwrap(), With::Owner(self.keyring));
            let believe = |name: &ObjectName, bytes: &[u8]| {
                T::open(&with, self.keys.account(), name, bytes, &|_| Some(self.signer.public())).map(|_| ())
            };
            assert_eq!(believe(&own.name(), own.bytes()), Ok(()));
            let opened = seal::open(&with, &own.name(), own.bytes()).unwrap();
            let mut body = Writer::new();
            body.raw(split_signature(opened.bytes()).unwrap().0);
            let to = if matches!(other, ObjectName::Fact(..)) { To::Owner } else { To::Devices };
            let moved = super::seal(T::LABEL, body, other, (self.keys, to), self.signer, self.random).unwrap();
            assert_eq!(believe(&other, moved.bytes()), Err(Refused::OtherPlace), "{other}");
        }
    }
}
