//! Whether an object that somebody gave is believed, with the keys and the list of devices that this machine holds now.

use crate::core::index::Index;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::proof::{Content, Unproved};
use crate::core::roster::Roster;
use crate::core::seal::{Proved, Refused, With};
use crate::core::signed::Signed;
use crate::engine::account::{Account, keys};

/// Proves what was given for `name`: by one of the hashes that something signed, or this machine's journal, tells of it, or else by the rule of its type.
pub fn prove(account: &Account, name: ObjectName, bytes: Vec<u8>, told: &[ObjectHash]) -> Result<(Content, Proved), Refused> {
    let unproved = Unproved::new(account.id(), name, bytes)?;
    if told.is_empty() {
        return keys::anew(account, |keys, roster| unproved.prove(keys, roster));
    }
    let proved = told.iter().find_map(|told| unproved.by_hash(*told).ok());
    proved.map(|proved| (Content::Closed, proved)).ok_or(Refused::Changed)
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
