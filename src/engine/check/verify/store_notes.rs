//! The deletion notes of a store that the vault does not hold.

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::remote::Remote;

/// The deletion notes of a place that the vault does not hold.
pub(super) fn notes(
    account: &Account,
    remote: &Remote,
    held: &BTreeMap<ObjectName, u64>,
) -> Result<Vec<(ObjectName, Vec<u8>)>, EngineError> {
    let mut found = Vec::new();
    for name in held.keys().filter(|name| matches!(name, ObjectName::DeletionNote(..))) {
        if account.vault.size_now(name).is_err()
            && let Ok(bytes) = remote.get(name)
        {
            found.push((*name, bytes));
        }
    }
    remote.runtime().check()?;
    Ok(found)
}
