//! Reading facts back, with the owner's key: exactly what is held, as it was recorded.

use crate::core::device_record::DeviceRecord;
use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::core::seal::{self, Refused, With};
use crate::core::signed::Signed;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::record_index::Held;
use crate::engine::error::in_vault;
use crate::provider::ProviderError;

/// A fact that is held, and what it says where that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub number: u64,
    /// What the journal tells of it.
    pub held: Held,
    /// Size of its sealed object, in bytes.
    pub size: u64,
    /// What it says, with the owner's key; or why that cannot be read.
    pub opened: Option<Result<DeviceRecord, Refused>>,
}

/// Every fact that this device holds.
pub fn facts(account: &Account, keyring: Option<&Keyring>) -> Result<Vec<Shown>, EngineError> {
    let mut shown = Vec::new();
    for (number, held) in account.facts.held() {
        let name = ObjectName::Fact(account.device.id, number);
        let bytes = match account.vault.get_now(&name, None) {
            Ok(bytes) => bytes,
            // booked, and a power cut came before it was kept
            Err(ProviderError::Missing) => continue,
            Err(error) => return Err(in_vault(error)),
        };
        let opened = keyring.map(|keyring| open(account, keyring, &name, held, &bytes));
        shown.push(Shown { number, held: *held, size: bytes.len() as u64, opened });
    }
    Ok(shown)
}

fn open(account: &Account, keyring: &Keyring, name: &ObjectName, held: &Held, bytes: &[u8]) -> Result<DeviceRecord, Refused> {
    if seal::hash(bytes) != held.hash {
        return Err(Refused::Changed);
    }
    let key_of = |device: &_| account.roster.key_of(device);
    DeviceRecord::open(&With::Owner(keyring), account.id(), name, bytes, &key_of)
}
