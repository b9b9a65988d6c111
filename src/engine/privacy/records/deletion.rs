//! Deleting facts: from the vault at once, from each store at the next sync that is allowed, where the listing must show them gone.

use std::collections::BTreeSet;

use crate::consent::{ConsentState, Item};
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::EngineError;
use crate::engine::account::record_index::{self, MAX_NUMBERS, RecordEvent, Why};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::shown::Names;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::provider::reason::Reason;
use crate::provider::{Listed, ProviderError};

const DAY: i64 = 24 * 3600;

/// A fact that was deleted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Its number.
    pub number: u64,
    /// Of what.
    pub item: Item,
    /// Why.
    pub why: Why,
}

/// How long facts of an item are kept, in days.
pub fn days(account: &Account, item: Item) -> u16 {
    account.ledger.policy().map_or(item.days(), |policy| policy.days(item))
}

/// When a fact is deleted for its age, in seconds since 1970.
pub fn ends(account: &Account, item: Item, time: i64) -> i64 {
    time.saturating_add(i64::from(days(account, item)) * DAY)
}

/// Deletes what is no longer allowed, and what was kept long enough. A fact of a time so far ahead that a clock must have been
/// wrong is deleted too: nobody could tell its age.
pub fn tidy(account: &mut AccountWriter, stores: &[String], now: i64) -> Result<Vec<Deleted>, EngineError> {
    // what a device that may delete erased in the owner's name goes here, too
    let notes = if account.facts.held().next().is_some() { DeletionNotes::read(account)? } else { DeletionNotes::default() };
    // what a store has of those that went with the vault comes back with it
    let is_whole = VaultLoss::of(account)?.is_nothing();
    let judge = |(number, held): (u64, &record_index::Held)| {
        let name = ObjectName::Fact(account.device.id, number);
        let span = i64::from(days(account, held.item)) * DAY;
        let why = match account.ledger.standing(held.item) {
            ConsentState::Withdrawn | ConsentState::Denied | ConsentState::Unasked => Why::Withdrawn,
            _ if now.saturating_sub(held.time) >= span || held.time.saturating_sub(now) > span => Why::Expired,
            _ if notes.marked(&name.place()).is_some() => Why::Erased,
            _ if is_whole && account.vault.size_now(&name) == Err(ProviderError::Missing) => Why::Lost,
            _ => return None,
        };
        Some(Deleted { number, item: held.item, why })
    };
    let gone: Vec<Deleted> = account.facts.held().filter_map(judge).collect();
    delete(account, &gone, stores, now)?;
    sweep(account)?;
    Ok(gone)
}

/// Deletes the facts of these items because the owner demands it.
pub fn erase(account: &mut AccountWriter, items: &[Item], stores: &[String], now: i64) -> Result<Vec<Deleted>, EngineError> {
    let wanted = account.facts.held().filter(|(_, held)| items.contains(&held.item));
    let gone: Vec<Deleted> = wanted.map(|(number, held)| Deleted { number, item: held.item, why: Why::Erased }).collect();
    delete(account, &gone, stores, now)?;
    Ok(gone)
}

fn delete(account: &mut AccountWriter, gone: &[Deleted], stores: &[String], time: i64) -> Result<(), EngineError> {
    for why in [Why::Withdrawn, Why::Expired, Why::Erased, Why::Lost] {
        let numbers: Vec<u64> = gone.iter().filter(|deleted| deleted.why == why).map(|deleted| deleted.number).collect();
        for numbers in numbers.chunks(MAX_NUMBERS) {
            let stores = stores.to_vec();
            // booked first: what a power cut leaves in the vault is swept by the next run
            let gone = RecordEvent::Gone { numbers: numbers.to_vec(), why, time, stores };
            account.write(|account, journal| account.note_facts(journal, gone))?;
            for number in numbers {
                account.vault_writer().remove_now(&ObjectName::Fact(account.device.id, *number)).map_err(in_vault)?;
            }
        }
    }
    Ok(())
}

/// Removes from the vault what the journal does not tell of: a run was killed in between.
fn sweep(account: &mut AccountWriter) -> Result<(), EngineError> {
    // while the journal is held, whatever another process recorded is booked and known here
    let vault = account.vault_writer().clone();
    account.write(|account, _| {
        let mut strays = Vec::new();
        let mut look = |page: &[Listed]| strays.extend(page.iter().map(|listed| listed.name));
        account.vault.list_now(&folder(account), &mut look).map_err(in_vault)?;
        for name in strays.iter().filter(|name| !is_held(account, name)) {
            vault.remove_now(name).map_err(in_vault)?;
        }
        Ok(())
    })
}

fn folder(account: &Account) -> String {
    format!("facts/{}", account.device.id)
}

fn is_held(account: &Account, name: &ObjectName) -> bool {
    matches!(name, ObjectName::Fact(device, number) if *device == account.device.id && account.facts.holds(*number))
}

/// What was removed from a store.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// What the store showed, and shows no longer.
    pub removed: Vec<ObjectName>,
    /// What had waited: number, item and why; none of it is shown there now.
    pub settled: Vec<(u64, Item, Why)>,
}

/// So many facts that this device neither holds nor remembers to have deleted are removed in a run.
const MOST_OTHERS: usize = 512;

/// Removes from a store whatever of this device's facts is no longer held, lists again, and believes only that listing.
pub fn clean(account: &mut AccountWriter, remote: &Remote) -> Result<Cleaned, EngineError> {
    let store = remote.name();
    let lost = |error| remote.lost(error);
    let settled = account.facts.waiting(store);
    let owed = Owed(settled.iter().map(|(number, ..)| *number).collect());
    // what was deleted here goes first and whole; of what nobody made the rest goes another time
    let (before, others): (BTreeSet<_>, BTreeSet<_>) =
        strays(account, remote, &owed).map_err(lost)?.into_iter().partition(|name| owed.explains(name));
    let before: BTreeSet<ObjectName> = before.into_iter().chain(others.into_iter().take(MOST_OTHERS)).collect();
    for name in &before {
        remote.remove(name).map_err(lost)?;
    }
    if !before.is_empty() {
        let now = strays(account, remote, &owed).map_err(lost)?;
        let left = now.intersection(&before).count();
        if left > 0 {
            return Err(lost(ProviderError::Nonsense(Reason::StillThere { count: left.to_string() })));
        }
    }
    let numbers: Vec<u64> = settled.iter().map(|(number, ..)| *number).collect();
    for numbers in numbers.chunks(MAX_NUMBERS) {
        let removed = RecordEvent::Removed { store: store.to_owned(), numbers: numbers.to_vec() };
        account.write(|account, journal| account.note_facts(journal, removed))?;
    }
    Ok(Cleaned { removed: before.into_iter().collect(), settled })
}

/// The numbers that are to go: they are seen whatever else a store shows.
struct Owed(BTreeSet<u64>);

impl Names for Owed {
    fn is_member(&self, _: &DeviceId) -> bool {
        true
    }

    fn explains(&self, name: &ObjectName) -> bool {
        matches!(name, ObjectName::Fact(_, number) if self.0.contains(number))
    }
}

fn strays(account: &Account, remote: &Remote, owed: &Owed) -> Result<BTreeSet<ObjectName>, ProviderError> {
    let found = remote.list_with(&[&folder(account)], owed)?.into_keys();
    Ok(found.filter(|name| !is_held(account, name)).collect())
}

/// The facts of a device that a place holds.
pub fn all_of(remote: &Remote, device: DeviceId) -> Result<BTreeSet<ObjectName>, EngineError> {
    let found = remote.list_in(&[&format!("facts/{device}")]).map_err(|error| remote.lost(error))?;
    Ok(found.into_keys().collect())
}

/// Removes the facts of another device from a place, and gives how many there were; its listing shows none afterwards.
pub fn remove_all_of(remote: &Remote, device: DeviceId) -> Result<u64, EngineError> {
    let lost = |error| remote.lost(error);
    let before = all_of(remote, device)?;
    for name in &before {
        remote.remove(name).map_err(lost)?;
    }
    match all_of(remote, device)?.len() {
        0 => Ok(before.len() as u64),
        left => Err(lost(ProviderError::Nonsense(Reason::StillThere { count: left.to_string() }))),
    }
}
