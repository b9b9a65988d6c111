//! Key slots: the account's keys sealed under a passphrase and the device's secret key, or under a recovery kit.
//!
//! Passphrase: Argon2id (RFC 9106, version 0x13) of the UTF-8 passphrase and the slot's salt gives 32 bytes; HKDF-SHA256 of these
//! with the device's secret key as salt and info `printkeep/1 passphrase` gives the object key. Recovery: HKDF-SHA256 of the kit's
//! 32 bytes with the slot's salt and info `printkeep/1 recovery`. Cost is bounded both ways: too weak would be a downgrade, too
//! heavy a way to fill the memory of whoever opens it.

use argon2::{Algorithm, Argon2, Params, Version};

use super::header::{Header, KeyRef, PREFIX_LEN};
use super::keys::{Keyring, derive};
use super::name::{AccountId, DeviceId, ObjectId, ObjectName};
use super::random::{self, NoRandomness, Random};
use super::seal::{self, Proved, Refused, To};
use super::secret::{Secret, SecretText};
use super::sign::SIGNATURE_LEN;

/// What a passphrase slot costs to try: Argon2id memory in KiB, passes and lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// For a PC: 32 MiB, 4 passes; it stays within the agent's 48 MiB.
    pub const PC: Self = Self { memory_kib: 32 * 1024, passes: 4, lanes: 1 };
    /// For a printer with little memory: 12 MiB, 3 passes (OWASP's minimum).
    pub const PRINTER: Self = Self { memory_kib: 12 * 1024, passes: 3, lanes: 1 };

    /// A cost that is neither weak nor a bomb: 12 MiB to 1 GiB, 3 to 16 passes, 1 to 4 lanes.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, Refused> {
        let fair = (12 * 1024..=1024 * 1024).contains(&memory_kib) && (3..=16).contains(&passes) && (1..=4).contains(&lanes);
        if fair {
            Ok(Self { memory_kib, passes, lanes })
        } else {
            Err(Refused::Malformed("a key slot with an unfair Argon2 cost"))
        }
    }

    fn run(self, passphrase: &SecretText, salt: &[u8; 32]) -> Result<Secret<32>, Refused> {
        const FAILED: Refused = Refused::Malformed("a key slot that Argon2 refuses");
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| FAILED)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Secret::try_filled_by(|out| argon2.hash_password_into(passphrase.expose().as_bytes(), salt, out).map_err(|_| FAILED))
    }
}

/// What opens a slot.
pub enum Opener<'a> {
    /// The owner's passphrase beside the secret key of the device at hand.
    Passphrase {
        /// What the owner typed.
        passphrase: &'a SecretText,
        /// The device at hand.
        device: DeviceId,
        /// The device's secret key.
        secret_key: &'a Secret<32>,
    },
    /// The 32 bytes of a recovery kit.
    Recovery(&'a Secret<32>),
}

/// The name of a kit's slot: whoever holds the kit asks for it by name, and need not try what others put beside it.
pub fn name_of(kit: &Secret<32>) -> ObjectName {
    let id: Secret<16> = derive(kit.expose(), b"printkeep/1", &[b"recovery slot"]);
    ObjectName::Slot(ObjectId::from_bytes(*id.expose()))
}

/// Bytes of a slot besides its padded keys and the tags of their segments, as a passphrase opens it and as a kit does.
const AROUND: [u64; 2] = [(PREFIX_LEN + 61 + 32 + SIGNATURE_LEN) as u64, (PREFIX_LEN + 33 + 32 + SIGNATURE_LEN) as u64];

/// Whether a slot may have so many bytes: what is listed with another size is none, and need not be read to know that.
pub fn may_have_size(size: u64) -> bool {
    let (tag, segment) = (seal::TAG as u64, seal::SEGMENT as u64);
    AROUND.iter().any(|around| {
        let Some(sealed) = size.checked_sub(*around) else { return false };
        let tags = sealed.div_ceil(segment + tag) * tag;
        sealed.checked_sub(tags).is_some_and(|keys| keys >= LEAST_KEYS && seal::padme(keys) == keys)
    })
}

/// The padded keys of one generation.
const LEAST_KEYS: u64 = 256;

/// Seals an account's keys into a new slot.
pub fn seal(keyring: &Keyring, opener: &Opener<'_>, cost: Cost, random: &dyn Random) -> Result<Proved, NoRandomness> {
    let name = match opener {
        Opener::Passphrase { .. } => ObjectName::Slot(ObjectId::random(random)?),
        Opener::Recovery(kit) => name_of(kit),
    };
    let salt = random::bytes(random)?;
    let reference = match opener {
        Opener::Passphrase { device, .. } => {
            KeyRef::Passphrase { cost: [cost.memory_kib, cost.passes, cost.lanes], device: *device, salt }
        }
        Opener::Recovery(_) => KeyRef::Recovery { salt },
    };
    // the costs are checked by their type, so that only a lack of memory can fail here
    let key = object_key(&reference, opener).map_err(|_| NoRandomness)?;
    let to = To::Key(reference, &key);
    let sealed = seal::seal_for(keyring.account(), None, name, to, keyring.encode().as_slice(), random)?;
    Ok(seal::by_owner(keyring, &sealed))
}

/// Opens a slot that lies under `name`. `Refused::NoKey`: it is another device's, or of the other kind; `Refused::Changed`:
/// wrong passphrase or kit, or damaged.
pub fn open(account: Option<AccountId>, name: &ObjectName, bytes: &[u8], opener: &Opener<'_>) -> Result<Keyring, Refused> {
    let (header, body) = seal::parts(bytes)?;
    header.belongs_to(account.unwrap_or(header.account), name)?;
    let key = object_key(&header.key, opener)?;
    let opened = seal::open_with_key(&header, &key, body)?;
    let keyring = Keyring::decode(opened.bytes())?;
    if keyring.account() != header.account {
        return Err(Refused::OtherAccount);
    }
    // whoever opens it learns only now whose signature it must bear
    seal::check_owners(&keyring.signing().public(), header.account, name, bytes)?;
    Ok(keyring)
}

/// What a slot says of itself without being opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Opened by a passphrase on this device.
    Passphrase(DeviceId),
    /// Opened by a recovery kit.
    Recovery,
}

/// Reads the kind of a slot, and refuses one whose cost is unfair.
pub fn kind(bytes: &[u8]) -> Result<SlotKind, Refused> {
    match Header::read(bytes)?.0.key {
        KeyRef::Passphrase { cost: [memory, passes, lanes], device, .. } => {
            Cost::new(memory, passes, lanes).map(|_| SlotKind::Passphrase(device))
        }
        KeyRef::Recovery { .. } => Ok(SlotKind::Recovery),
        _ => Err(Refused::OtherPlace),
    }
}

fn object_key(reference: &KeyRef, opener: &Opener<'_>) -> Result<Secret<32>, Refused> {
    match (reference, opener) {
        (KeyRef::Passphrase { cost, device, salt }, Opener::Passphrase { passphrase, device: here, secret_key })
            if device == here =>
        {
            let stretched = Cost::new(cost[0], cost[1], cost[2])?.run(passphrase, salt)?;
            Ok(derive(stretched.expose(), secret_key.expose(), &[b"printkeep/1 passphrase"]))
        }
        (KeyRef::Recovery { salt }, Opener::Recovery(entropy)) => Ok(derive(entropy.expose(), salt, &[b"printkeep/1 recovery"])),
        _ => Err(Refused::NoKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    const ACCOUNT: AccountId = AccountId::from_bytes([7; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    fn opened(sealed: &Proved, opener: &Opener<'_>) -> Result<Vec<u8>, Refused> {
        open(Some(ACCOUNT), &sealed.name(), sealed.bytes(), opener).map(|k| k.encode().into_vec())
    }

    #[test]
    fn a_slot_opens_with_its_passphrase_device_and_secret_key_only() {
        let random = Counting::new(41);
        let keyring = Keyring::random(ACCOUNT, &random).unwrap();
        let (right, wrong) = (SecretText::new("correct horse".into()), SecretText::new("wrong horse".into()));
        let (secret_key, other_key) = (Secret::random(&random).unwrap(), Secret::random(&random).unwrap());
        let opener = |passphrase, device, secret_key| Opener::Passphrase { passphrase, device, secret_key };
        let sealed = seal(&keyring, &opener(&right, DEVICE, &secret_key), Cost::PRINTER, &random).unwrap();
        assert_eq!(opened(&sealed, &opener(&right, DEVICE, &secret_key)), Ok(keyring.encode().into_vec()));
        assert_eq!(opened(&sealed, &opener(&wrong, DEVICE, &secret_key)), Err(Refused::Changed));
        assert_eq!(opened(&sealed, &opener(&right, DEVICE, &other_key)), Err(Refused::Changed));
        assert_eq!(opened(&sealed, &opener(&right, DeviceId::from_bytes([2; 16]), &secret_key)), Err(Refused::NoKey));
        assert_eq!(opened(&sealed, &Opener::Recovery(&secret_key)), Err(Refused::NoKey));
    }

    #[test]
    fn every_slot_has_a_size_that_slots_have_and_few_other_sizes_are_theirs() {
        let random = Counting::new(44);
        let mut keyring = Keyring::random(ACCOUNT, &random).unwrap();
        let (passphrase, kit) = (SecretText::new("x".into()), Secret::random(&random).unwrap());
        let secret_key = Secret::random(&random).unwrap();
        for _ in 0..9 {
            let by_kit = seal(&keyring, &Opener::Recovery(&kit), Cost::PRINTER, &random).unwrap();
            assert!(may_have_size(by_kit.bytes().len() as u64), "{}", by_kit.bytes().len());
            keyring.add_random(&random).unwrap();
        }
        let opener = Opener::Passphrase { passphrase: &passphrase, device: DEVICE, secret_key: &secret_key };
        let by_word = seal(&keyring, &opener, Cost::PRINTER, &random).unwrap();
        assert!(may_have_size(by_word.bytes().len() as u64), "{}", by_word.bytes().len());
        assert!([0, 1, 439, 441, 469, 501, 601, 4095].iter().all(|size| !may_have_size(*size)));
    }

    #[test]
    fn weak_and_huge_costs_are_refused_before_argon2_runs() {
        let random = Counting::new(42);
        let keyring = Keyring::random(ACCOUNT, &random).unwrap();
        let (passphrase, secret_key) = (SecretText::new("x".into()), Secret::random(&random).unwrap());
        let opener = Opener::Passphrase { passphrase: &passphrase, device: DEVICE, secret_key: &secret_key };
        let sealed = seal(&keyring, &opener, Cost::PRINTER, &random).unwrap();
        // the memory cost stands right behind the key reference's code
        for cost in [0u32, 8, 12 * 1024 - 1, 1024 * 1024 + 1, u32::MAX] {
            let mut bytes = sealed.bytes().to_vec();
            bytes[40..44].copy_from_slice(&cost.to_le_bytes());
            let refused = open(Some(ACCOUNT), &sealed.name(), &bytes, &opener).err();
            assert_eq!(refused, Some(Refused::Malformed("a key slot with an unfair Argon2 cost")), "{cost}");
        }
    }

    #[test]
    fn a_recovery_kit_opens_its_slot_in_its_own_account() {
        let random = Counting::new(43);
        let keyring = Keyring::random(ACCOUNT, &random).unwrap();
        let kit = Secret::random(&random).unwrap();
        let sealed = seal(&keyring, &Opener::Recovery(&kit), Cost::PRINTER, &random).unwrap();
        assert!(opened(&sealed, &Opener::Recovery(&kit)).is_ok());
        let other = AccountId::from_bytes([8; 16]);
        assert_eq!(open(Some(other), &sealed.name(), sealed.bytes(), &Opener::Recovery(&kit)).err(), Some(Refused::OtherAccount));
    }
}
