//! A recorded fact: what a device recorded of itself with its owner's consent, one item at one time, sealed to the owner.
//!
//! Plaintext: device 16; number (`u64`); item (its number in the table of items); kind: 1 recorded, 2 the owner's correction; time
//! in seconds since 1970 (`i64`); SHA-256 of the consent that allowed it 32; text (bytes, UTF-8, at most 16 KiB); then the
//! device's signature (64) under the label `facts` over account 16, place 16 and everything before it.
//!
//! The item stands inside alone: who holds the object learns whose it is, its number and its padded size. The device, which cannot
//! open it, keeps in its journal which number is of which item, so that it deletes what is no longer allowed without any key.

use super::codec::{Bad, Reader, Writer};
use super::keys::WriterKeys;
use super::name::{DeviceId, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{Proved, Refused, To};
use super::sign::SigningKey;
use super::signed::{self, Signed};

/// The longest text, in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

const LABEL: &str = "facts";

/// How a fact came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Origin {
    /// The device observed it.
    Recorded = 1,
    /// The owner said how it is.
    Correction = 2,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// The device that recorded it.
    pub device: DeviceId,
    /// Counts what the device records, from 1.
    pub number: u64,
    /// Of which item, by its number in the table.
    pub item: u8,
    /// How it came about.
    pub origin: Origin,
    /// When, in seconds since 1970 by the device's clock.
    pub time: i64,
    /// SHA-256 of the entry of the consent ledger that allowed it.
    pub consent: [u8; 32],
    /// What was recorded: lines, masked as the table says.
    pub text: String,
}

impl DeviceRecord {
    /// The name it lies under.
    pub fn name(&self) -> ObjectName {
        ObjectName::Fact(self.device, self.number)
    }

    /// Signs it and seals it to the owner.
    pub fn seal(&self, keys: &WriterKeys, signer: &SigningKey, random: &dyn Random) -> Result<Proved, NoRandomness> {
        signed::seal(LABEL, self.encode(), self.name(), (keys, To::Owner), signer, random)
    }

    fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.raw(self.device.as_bytes());
        out.u64(self.number);
        out.u8(self.item);
        out.u8(self.origin as u8);
        out.raw(&self.time.to_le_bytes());
        out.raw(&self.consent);
        out.bytes(self.text.as_bytes());
        out
    }
}

impl Signed for DeviceRecord {
    const LABEL: &'static str = LABEL;

    fn decode(body: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(body);
        let device = DeviceId::from_bytes(input.array()?);
        let number = input.u64()?;
        let item = input.u8()?;
        let origin = match input.u8()? {
            1 => Origin::Recorded,
            2 => Origin::Correction,
            _ => return Err(Bad("a fact of an unknown kind").into()),
        };
        let time = i64::from_le_bytes(input.array()?);
        let consent = input.array()?;
        let text = std::str::from_utf8(input.bytes(MAX_TEXT)?).map_err(|_| Bad("a fact that is not UTF-8"))?;
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Bad("a fact that could write on a terminal").into());
        }
        input.finish()?;
        Ok(Self { device, number, item, origin, time, consent, text: text.to_owned() })
    }

    fn device(&self) -> &DeviceId {
        &self.device
    }

    fn lies_at(&self, name: &ObjectName) -> bool {
        self.name() == *name
    }
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

    fn example() -> DeviceRecord {
        DeviceRecord {
            device: DeviceId::from_bytes([5; 16]),
            number: 3,
            item: 16,
            origin: Origin::Recorded,
            time: -5,
            consent: [9; 32],
            text: "model: Ender-3\n".into(),
        }
    }

    #[test]
    fn only_the_owner_opens_it_and_only_with_its_devices_signature() {
        let random = Counting::new(81);
        let account = AccountId::from_bytes([7; 16]);
        let keyring = Keyring::random(account, &random).unwrap();
        let keys = keyring.writer().unwrap();
        let (signer, rogue) = (SigningKey::random(&random).unwrap(), SigningKey::random(&random).unwrap());
        let sealed = example().seal(&keys, &signer, &random).unwrap();
        let open = |with: &With<'_>, name: &ObjectName, key: VerifyingKey| {
            DeviceRecord::open(with, account, name, sealed.bytes(), &|_| Some(key))
        };
        assert_eq!(open(&With::Owner(&keyring), &sealed.name(), signer.public()), Ok(example()));
        assert_eq!(open(&With::Owner(&keyring), &sealed.name(), rogue.public()), Err(Refused::Unsigned));
        assert_eq!(open(&With::Device(&keys), &sealed.name(), signer.public()), Err(Refused::NoKey));
        let other = ObjectName::Fact(example().device, 4);
        assert_eq!(open(&With::Owner(&keyring), &other, signer.public()), Err(Refused::OtherPlace));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_fact_panic(bytes: Vec<u8>) {
            let _ = DeviceRecord::decode(&bytes);
        }

        #[test]
        fn a_changed_fact_reads_back_what_it_says(at in 0usize..1000, value: u8) {
            let mut bytes = example().encode().into_vec();
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(fact) = DeviceRecord::decode(&bytes) {
                let again = fact.encode();
                prop_assert_eq!(again.as_slice(), bytes);
            }
        }
    }
}
