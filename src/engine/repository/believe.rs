//! Whether an object that a store gave is believed.

use crate::core::index::Index;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{Refused, With};
use crate::core::signed::Signed;
use crate::engine::account::{Account, unproved};
use crate::engine::repository::{deletion_notes, snapshots};

/// Checks an object that a store gave, as far as a device can: signatures, account, place. Packs are checked by their hash.
pub fn believe(account: &Account, name: ObjectName, bytes: &[u8]) -> Result<Option<Roster>, Refused> {
    let with = With::Device(&account.device.keys);
    let key_of = |device: &DeviceId| account.roster.key_of(device);
    match name {
        ObjectName::Roster(_) => Roster::open(&account.device.keys, &name, bytes).map(Some),
        ObjectName::Index(..) => Index::open(&with, account.id(), &name, bytes, &key_of).map(|_| None),
        ObjectName::Head(..) => snapshots::believe(account, &name, bytes).map(|_| None),
        ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..) => unproved::fits(account, &name, bytes).map(|()| None),
        // checked by their hash
        ObjectName::Pack(_) => Ok(None),
        ObjectName::Letter(..) | ObjectName::Fact(..) => Ok(None),
        ObjectName::DeletionNote(..) => deletion_notes::open(account, &name, bytes).map(|_| None),
    }
}
