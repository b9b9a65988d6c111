//! Tamper evidence: what a store shows is held against what this machine remembers and what signed heads say of one another,
//! so that nothing is rolled back, removed, exchanged or told in two versions unnoticed.
//!
//! Rules are pure (`rules`, but that `histories` looks at what is here), memory lies in the journal (`memory`), reading is bounded (`inspector`). A finding stops nothing that only
//! adds: what the store lost is sent again; what contradicts is not fetched.

mod excuse;
pub mod histories;
mod inspect;
pub mod inspector;
mod needs;
pub mod rules;
mod slots;

use std::collections::{BTreeSet, HashMap};

use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::known_state::{Finding, MAX_STORE_PROBLEMS, StoreObservation, StoreProblem};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::listings;
use crate::engine::repository::remote::Remote;

pub use inspect::inspect;
pub use inspector::Inspection;

/// The problems that findings are, in one store.
pub fn store_problems(account: &Account, store: &str, findings: &[Finding]) -> Vec<StoreProblem> {
    let since = account.memory.store(store).and_then(|known| known.well);
    findings
        .iter()
        .take(MAX_STORE_PROBLEMS)
        .map(|finding| StoreProblem { store: store.into(), since, finding: finding.clone() })
        .collect()
}

/// Looks at a store without changing or remembering anything.
pub fn examine(account: &Account, remote: &Remote) -> Result<Vec<StoreProblem>, EngineError> {
    let found = examined(account, remote)?;
    if found.is_empty() {
        return Ok(found);
    }
    // another process may have backed up and sent since the account was read
    examined(&Account::open_read_only(&account.home, account.name.clone(), account.clock)?, remote)
}

fn examined(account: &Account, remote: &Remote) -> Result<Vec<StoreProblem>, EngineError> {
    let theirs = remote.list_of(account).map_err(|error| remote.lost(error))?.objects;
    let found = inspect(account, None, remote, &theirs, HashMap::new())?;
    Ok(store_problems(account, remote.name(), &found.findings))
}

/// Remembers what was found before anything is done about it.
pub fn note_store_problems(
    account: &mut AccountWriter,
    store: &str,
    found: &Inspection,
) -> Result<Vec<StoreProblem>, EngineError> {
    let store_problems = store_problems(account, store, &found.findings);
    let known = account.memory.store(store).map(|store| store.store_problems.as_slice()).unwrap_or_default();
    if known != store_problems {
        account
            .remember_observation(StoreObservation::Problems { store: store.into(), store_problems: store_problems.clone() })?;
    }
    Ok(store_problems)
}

/// Remembers what a store holds after a sync, and when that was: the newest snapshot of each device, the roster, the key slots, and whether all is
/// well: the run left nothing unsent, and nothing there contradicts what is known. What is known never gets older by what a store shows.
pub fn note_there(
    account: &mut AccountWriter,
    (name, time): (&str, i64),
    is_in_step: bool,
    found: &Inspection,
    there: &BTreeSet<ObjectName>,
) -> Result<(), EngineError> {
    for (device, number, hash) in inspect::newest_there(account, found, there) {
        let known = account.memory.store(name).and_then(|store| store.heads.get(&device).copied());
        if known.is_none_or(|(before, _)| before < number) {
            account.remember_observation(StoreObservation::Head { store: name.into(), device, number, hash })?;
        }
        if account.memory.newest(&device).is_none_or(|(before, _)| before < number) {
            account.remember_observation(StoreObservation::Head { store: String::new(), device, number, hash })?;
        }
    }
    for slot in &found.superseded {
        account.remember_observation(StoreObservation::Superseded(*slot))?;
    }
    let known = account.memory.store(name).cloned().unwrap_or_default();
    let well = if is_in_step && found.findings.is_empty() { Some(time) } else { known.well };
    let roster = there.iter().filter_map(|n| if let ObjectName::Roster(n) = n { Some(*n) } else { None });
    let roster = roster.filter(|number| *number <= account.roster.number).max().unwrap_or(0).max(known.roster);
    let slots = slots::expected(account, there, &known.slots);
    if known.is_refilled && is_in_step {
        account.remember_observation(StoreObservation::Refilled { store: name.into(), is_open: false })?;
    }
    account.remember_observation(StoreObservation::StoreVisit { store: name.into(), well, roster, slots })
}

/// Remembers that the owner says an empty place took a store's place: what it held is not missed there. Which snapshots each device made, what lies here
/// and what other stores held is known as before, and what that place shows of its own is held against it.
pub fn take_empty(account: &mut AccountWriter, store: &str) -> Result<(), EngineError> {
    match account.memory.store(store) {
        Some(_) => account.remember_observation(StoreObservation::Refilled { store: store.into(), is_open: true }),
        None => Ok(()),
    }
}

/// Forgets a store that the owner removed or put elsewhere; its remembered listing goes too.
pub fn forget_store(account: &mut AccountWriter, store: &str) -> Result<(), EngineError> {
    listings::forget_there(account, store)?;
    if account.memory.store(store).is_some() {
        account.remember_observation(StoreObservation::Gone { store: store.into() })?;
    }
    Ok(())
}
