//! Truth among devices: what a store shows is held against what this machine remembers and what signed heads say of one another,
//! so that nothing is rolled back, removed, exchanged or told in two versions unnoticed.
//!
//! Rules are pure (`rules`), memory lies in the journal (`memory`), reading is bounded (`look`). A finding stops nothing that only
//! adds: what the store lost is sent again; what contradicts is not fetched.

mod look;
pub mod memory;
mod needs;
pub mod rules;
mod slots;

use std::collections::{BTreeSet, HashMap};

pub use look::{Look, look};
pub use memory::{Memory, Note};

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::sync;
use crate::engine::verify::Shelf;

/// The most alarms that are kept of one store; more say nothing more.
pub const MAX_ALARMS: usize = 64;

/// What is wrong with a store, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It held the account and holds nothing of it now.
    Emptied,
    /// It shows an older snapshot of a device than it did.
    Older,
    /// It shows an older roster than it did.
    OlderRoster,
    /// It lacks objects that were there, or that what is there needs.
    Missing,
    /// It shows another snapshot under a number than the one known.
    Forked,
    /// A snapshot does not follow the one before it.
    Unchained,
    /// One device tells of a snapshot of another that is not the one known.
    Contradicted,
    /// One device tells of a snapshot of another that the store does not show.
    Withheld,
    /// This device's own name stands under a snapshot that it did not make.
    Ahead,
    /// An object is damaged or was exchanged.
    Changed,
    /// It shows another roster under a number than the one known, or one that does not follow it.
    RosterForked,
    /// A replaced key slot is back, and the one that replaced it is gone.
    SlotBack,
    /// Snapshots of a device that the roster does not name.
    Stranger,
}

/// Something that is wrong, with its numbers; which fields matter depends on what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub what: What,
    /// The device whose history it is.
    pub device: Option<DeviceId>,
    /// The device that tells of it.
    pub by: Option<DeviceId>,
    /// The object, or the first of several.
    pub object: Option<ObjectName>,
    /// The number that is known, or how many objects.
    pub known: u64,
    /// The number that the store shows.
    pub shown: u64,
}

impl Finding {
    /// One about a device's snapshots.
    pub fn of(what: What, device: DeviceId, known: u64, shown: u64) -> Self {
        Self { what, device: Some(device), by: None, object: None, known, shown }
    }

    /// One about the account or an object.
    pub fn at(what: What, object: Option<ObjectName>, known: u64, shown: u64) -> Self {
        let device = match object {
            Some(ObjectName::Head(device, _) | ObjectName::Index(device, _)) => Some(device),
            _ => None,
        };
        Self { what, device, by: None, object, known, shown }
    }
}

/// A finding as it is told and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The owner's name for the store.
    pub store: String,
    /// When a sync with it last found nothing wrong, in seconds since 1970.
    pub since: Option<i64>,
    /// What is wrong.
    pub finding: Finding,
}

/// Which store is looked at, and when.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// The owner's name for it.
    pub store: &'a str,
    /// What the clock says, in seconds since 1970.
    pub time: i64,
}

/// The alarms that findings are, in one store.
pub fn alarms(account: &Account, store: &str, findings: &[Finding]) -> Vec<Alarm> {
    let since = account.memory.store(store).and_then(|known| known.well);
    findings.iter().take(MAX_ALARMS).map(|finding| Alarm { store: store.into(), since, finding: finding.clone() }).collect()
}

/// Looks at a store without changing or remembering anything.
pub fn examine(account: &Account, shelf: &Shelf<'_>, store: &str) -> Result<Vec<Alarm>, EngineError> {
    let theirs = shelf.list().map_err(|error| EngineError::Place { place: shelf.provider.place(), error })?;
    let found = look(account, None, shelf, store, &theirs, HashMap::new())?;
    Ok(alarms(account, store, &found.findings))
}

/// Remembers what was found before anything is done about it.
pub fn note_alarms(account: &mut AccountWriter, visit: Visit<'_>, found: &Look) -> Result<Vec<Alarm>, EngineError> {
    let alarms = alarms(account, visit.store, &found.findings);
    let known = account.memory.store(visit.store).map(|store| store.alarms.as_slice()).unwrap_or_default();
    if known != alarms {
        account.remember_truth(Note::Alarms { store: visit.store.into(), alarms: alarms.clone() })?;
    }
    Ok(alarms)
}

/// Remembers what a store holds after a sync: the newest snapshot of each device, the roster, the key slots, and whether all is
/// well. What is known never gets older by what a store shows.
pub fn note_there(
    account: &mut AccountWriter,
    visit: Visit<'_>,
    found: &Look,
    there: &BTreeSet<ObjectName>,
) -> Result<(), EngineError> {
    let name = visit.store;
    for (device, number, hash) in look::newest_there(account, found, there) {
        let known = account.memory.store(name).and_then(|store| store.heads.get(&device).copied());
        if known.is_none_or(|(before, _)| before < number) {
            account.remember_truth(Note::Head { store: name.into(), device, number, hash })?;
        }
        if account.memory.newest(&device).is_none_or(|(before, _)| before < number) {
            account.remember_truth(Note::Head { store: String::new(), device, number, hash })?;
        }
    }
    for slot in &found.superseded {
        account.remember_truth(Note::Superseded(*slot))?;
    }
    let known = account.memory.store(name).cloned().unwrap_or_default();
    let well = if found.findings.is_empty() { Some(visit.time) } else { known.well };
    let roster = there.iter().filter_map(|n| if let ObjectName::Roster(n) = n { Some(*n) } else { None });
    let roster = roster.filter(|number| *number <= account.roster.number).max().unwrap_or(0).max(known.roster);
    let slots = slots::expected(account, there, &known.slots);
    account.remember_truth(Note::Visit { store: name.into(), well, roster, slots })
}

/// Forgets a store that the owner removed or put elsewhere; its remembered listing goes too.
pub fn forget_store(account: &mut AccountWriter, store: &str) -> Result<(), EngineError> {
    sync::forget_there(account, store)?;
    if account.memory.store(store).is_some() {
        account.remember_truth(Note::Gone { store: store.into() })?;
    }
    Ok(())
}
