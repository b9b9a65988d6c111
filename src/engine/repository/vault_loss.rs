//! What the vault lost, as the journal tells: snapshots that this device made and no deletion note let go, and the account's keys.

use std::collections::BTreeSet;

use crate::core::name::{ObjectHash, ObjectName};
use crate::core::seal::With;
use crate::core::signed::Signed;
use crate::core::snapshot::Head;
use crate::engine::EngineError;
use crate::engine::account::{Account, keys, slots};
use crate::engine::error::in_vault;
use crate::engine::repository::deletion_notes::DeletionNotes;

/// What the vault lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultLoss {
    /// Snapshots of this device, by number.
    pub snapshots: Vec<u64>,
    /// Whether every key slot that was here is gone: until they are back, nothing that lies in the vault can be read.
    pub keys: bool,
}

impl VaultLoss {
    /// What is lost now.
    pub fn of(account: &Account) -> Result<Self, EngineError> {
        // notes are read only where something is missing: all is there most of the time
        let missing = missing(account)?;
        let notes = if missing.is_empty() { DeletionNotes::default() } else { DeletionNotes::read(account)? };
        Ok(Self { snapshots: not_let_go(account, missing, &notes), keys: slots::are_lost(account)? })
    }

    /// Whether nothing is.
    pub fn is_nothing(&self) -> bool {
        self.snapshots.is_empty() && !self.keys
    }
}

/// The snapshots that this device made, no note let go, and the vault does not hold.
pub fn snapshots(account: &Account, notes: &DeletionNotes) -> Result<Vec<u64>, EngineError> {
    Ok(not_let_go(account, missing(account)?, notes))
}

/// So many are looked for: what bears this device's key elsewhere may have made up a number far ahead.
const MOST: usize = 65_536;

fn missing(account: &Account) -> Result<Vec<u64>, EngineError> {
    let Some((newest, _)) = account.head else { return Ok(Vec::new()) };
    let mut held = BTreeSet::new();
    let folder = format!("heads/{}", account.device.id);
    let number = |name: ObjectName| if let ObjectName::Head(_, number) = name { Some(number) } else { None };
    account.vault.list_now(&folder, &mut |page| held.extend(page.iter().filter_map(|l| number(l.name)))).map_err(in_vault)?;
    Ok((1..=newest).filter(|number| !held.contains(number)).take(MOST).collect())
}

fn not_let_go(account: &Account, mut missing: Vec<u64>, notes: &DeletionNotes) -> Vec<u64> {
    let own = account.device.id;
    let is_let_go =
        |number: u64| notes.excuses(&own, number, None) && notes.excuses(&own, number, named_behind(account, number).as_ref());
    missing.retain(|number| !is_let_go(*number));
    missing
}

/// The hash of a snapshot of this device by the one behind it; none where that is not here.
fn named_behind(account: &Account, number: u64) -> Option<ObjectHash> {
    let name = ObjectName::Head(account.device.id, number.checked_add(1)?);
    let bytes = account.vault.get_now(&name, None).ok()?;
    let opened = keys::anew(account, |keys, roster| {
        Head::open(&With::Device(keys), account.id(), &name, &bytes, &|device| roster.key_of(device))
    });
    opened.ok().map(|head| head.previous)
}
