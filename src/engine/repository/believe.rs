//! Whether an object that a store gave is believed.

use crate::core::index::Index;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{Refused, With};
use crate::core::signed::Signed;
use crate::engine::account::{Account, keys, unproved};
use crate::engine::repository::{deletion_notes, snapshots};

/// Checks an object that a store gave, as far as a device can: signatures, account, place. Packs are checked by their hash.
pub fn believe(account: &Account, name: ObjectName, bytes: &[u8]) -> Result<Option<Roster>, Refused> {
    match name {
        ObjectName::Roster(_) => roster(account, &name, bytes).map(Some),
        ObjectName::Index(..) => index(account, &name, bytes).map(|_| None),
        ObjectName::Head(..) => snapshots::believe(account, &name, bytes).map(|_| None),
        ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..) => unproved::fits(account, &name, bytes).map(|()| None),
        // checked by their hash
        ObjectName::Pack(_) => Ok(None),
        ObjectName::Letter(..) | ObjectName::Fact(..) => Ok(None),
        ObjectName::DeletionNote(..) => deletion_notes::open(account, &name, bytes).map(|_| None),
    }
}

/// Opens a list of devices.
pub fn roster(account: &Account, name: &ObjectName, bytes: &[u8]) -> Result<Roster, Refused> {
    keys::anew(account, |keys, _| Roster::open(keys, name, bytes))
}

/// Opens an index object that a device of the account wrote.
pub fn index(account: &Account, name: &ObjectName, bytes: &[u8]) -> Result<Index, Refused> {
    keys::anew(account, |keys, roster| {
        let key_of = |device: &DeviceId| roster.key_of(device);
        Index::open(&With::Device(keys), account.id(), name, bytes, &key_of)
    })
}
