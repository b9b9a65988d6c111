//! The deletion notes of a store that the vault does not hold.

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::junk::Junk;

/// So many are read, and of so many bytes in all: the next sync brings what they are.
const MOST: usize = 1000;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The deletion notes of a place that the vault does not hold.
pub(super) fn notes(
    account: &Account,
    remote: &Remote,
    held: &BTreeMap<ObjectName, u64>,
) -> Result<Vec<(ObjectName, Vec<u8>)>, EngineError> {
    let (mut found, mut bytes_left, mut junk) = (Vec::new(), MOST_BYTES, Junk::default());
    for name in held.keys().filter(|name| matches!(name, ObjectName::DeletionNote(..))) {
        if account.vault.size_now(name).is_err()
            && found.len() < MOST
            && !junk.passes_over(account, name)
            && let Ok(bytes) = remote.get(name)
            && let Some(left) = bytes_left.checked_sub(bytes.len())
        {
            // what nothing proves is looked at and told with the rest
            if proof::prove(account, *name, bytes.clone(), &[]).is_err() {
                junk.counts(&account.roster, name);
                continue;
            }
            bytes_left = left;
            found.push((*name, bytes));
        }
    }
    remote.runtime().check()?;
    Ok(found)
}
