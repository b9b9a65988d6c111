//! Keys, grants and key slots are sealed to others than this device, so that it takes them over without proof: they are small, they cost
//! little to try, they are not handed on to other stores, and what was found to open for nobody is not taken over again.

use crate::core::name::{DeviceId, ObjectName};
use crate::core::seal::Refused;
use crate::core::slot::{self, SlotKind};
use crate::engine::account::Account;

/// The most bytes of keys for every generation there may be, sealed.
const MAX_KEYS: usize = 256 * 1024;

/// Whether an object of keys may be taken over: it is no larger than such an object can be, and a slot that this device does not know is
/// cheap to try.
pub fn fits(account: &Account, name: &ObjectName, bytes: &[u8]) -> Result<(), Refused> {
    if bytes.len() > MAX_KEYS {
        return Err(Refused::Malformed("it is larger than all keys of an account"));
    }
    match name {
        ObjectName::Slot(_) if account.slot_hash(name).is_some() => slot::kind(bytes).map(|_| ()),
        ObjectName::Slot(_) => slot::modest_kind(bytes).map(|_| ()),
        _ => Ok(()),
    }
}

/// Whether these bytes were found to open for nobody before.
pub fn was_refused(account: &Account, name: &ObjectName, bytes: &[u8]) -> bool {
    matches!(name, ObjectName::Keys(_) | ObjectName::Grant(..) | ObjectName::Slot(_)) && account.vault.was_set_aside(name, bytes)
}

/// Whether what the vault holds under this name is known to be the account's, as far as a device can know, so that one store never hands
/// junk on to the others: generations that this device was granted, and key slots that it knows or that are cheap to try.
pub fn may_travel(account: &Account, name: &ObjectName) -> bool {
    let held = u64::from(account.device.keys.generation());
    let member = |device: &DeviceId| account.roster.member(device).is_some();
    let kind = |bytes: Vec<u8>| match slot::modest_kind(&bytes) {
        Ok(SlotKind::Passphrase(device)) => member(&device),
        kind => kind.is_ok(),
    };
    match name {
        ObjectName::Keys(generation) => *generation <= held,
        ObjectName::Grant(device, generation) => *generation <= held && member(device),
        ObjectName::Slot(_) => account.slot_hash(name).is_some() || account.vault.get_now(name, None).is_ok_and(kind),
        _ => true,
    }
}
