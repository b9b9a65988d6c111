//! Syncing with a store: what it lacks is pushed, what this machine lacks is pulled; a run that was cut off goes on where it was.
//!
//! Order makes it safe without locks: packs before the index objects that tell of them, these before the snapshots that need
//! them, so that at any moment the store holds only snapshots that can be restored. Every object that is sent is first checked
//! against what signed objects say of it; every object that is fetched is checked before it enters the vault.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use crate::core::index::Index;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{Refused, Sealed, With};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::carry::Pace;
use crate::engine::catalog::Catalog;
use crate::engine::keep::exchange::{self, Wanted};
use crate::engine::keep::{Book, book};
use crate::engine::places::in_vault;
use crate::engine::truth::{self, Alarm, Look, Visit};
use crate::engine::verify::Shelf;
use crate::engine::{Cancel, EngineError, Event, Notice, Phase, Watch, ask, mend, road, select, unproved};
use crate::provider::PlaceError;

use crate::engine::listings::{add_unshown, disbelieved};
pub use crate::engine::listings::{forget_there, held, known_there, remember_there, was_there};

/// What a sync is to pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Nothing.
    Nothing,
    /// Everything but packs: enough to look and to restore from the store.
    Metadata,
    /// Everything.
    All,
}

/// What a sync did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Objects sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Objects fetched.
    pub fetched: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// Replaced key slots removed from the store.
    pub removed: u64,
    /// Objects that could not be moved, with the reason.
    pub failed: Vec<(ObjectName, String)>,
    /// Objects under later keys than this device holds: they wait until it is granted them.
    pub waiting: Vec<ObjectName>,
    /// What the store holds now.
    pub there: BTreeSet<ObjectName>,
    /// What is wrong with what the store shows.
    pub alarms: Vec<Alarm>,
    /// Folders that the store refuses to list to this device, which only writes there.
    pub unlisted: BTreeSet<String>,
    /// Objects that the store lacks and that another device must send, because this one only writes there.
    pub left: Vec<ObjectName>,
    /// Those of the objects that failed because a device made them after it was revoked.
    pub revoked: BTreeSet<ObjectName>,
    /// Snapshots there that a device made after it was revoked.
    pub disbelieved: Vec<book::Which>,
    /// Why the store took or gave no more, where that ended the run; what was moved before counts.
    pub stopped: Option<PlaceError>,
}

/// Syncs with one store.
pub fn sync(
    account: &mut AccountWriter,
    catalog: &mut Catalog,
    shelf: &Shelf<'_>,
    visit: Visit<'_>,
    pull: Pull,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    let lost = |error| EngineError::Place { place: shelf.provider.place(), error };
    let mut theirs = shelf.list().map_err(lost)?;
    let mut report = Report::default();
    let narrow = shelf.provider.narrow();
    if let Some(narrow) = narrow {
        report.there = add_unshown(account, narrow, visit.store, &mut theirs)?;
        report.unlisted = narrow.unlisted();
    }
    let mut read = HashMap::new();
    if pull != Pull::Nothing {
        let settled = ask::settle(account, shelf, &mut theirs, &mut report, watch)?;
        if !settled.may_move {
            report.there.extend(theirs.keys());
            return Ok(report);
        }
        read = settled.read;
        fetch_keys(account, shelf, &theirs, &mut report, watch)?;
        mend::from_store(account, shelf, &readable(shelf, &theirs), &mut report)?;
    }
    let ours = held(account)?;
    let mut found = truth::look(account, Some(catalog), shelf, visit.store, &theirs, read)?;
    report.alarms = truth::note_alarms(account, visit, &found)?;
    if let Some(narrow) = narrow {
        let left = ours.keys().filter(|name| narrow.shows(name) && !narrow.scope().writes(name) && !theirs.contains_key(name));
        let said = |name: &&ObjectName| !matches!(name, ObjectName::Letter(..) | ObjectName::Index(..));
        report.left = left.filter(said).copied().collect();
    }
    let moved = move_all(account, catalog, shelf, pull, &ours, &theirs, &mut found, &mut report, watch, cancel);
    report.disbelieved = disbelieved(account, &theirs);
    report.there.extend(theirs.keys());
    report.there.retain(|name| !matches!(name, ObjectName::Slot(id) if account.gone.contains(id)));
    report.there.extend(&found.lacking);
    // what was put there is remembered even of a run that was cut off
    truth::note_there(account, visit, &found, &report.there)?;
    moved.map(|()| report)
}

#[allow(clippy::too_many_arguments)]
fn move_all(
    account: &mut AccountWriter,
    catalog: &mut Catalog,
    shelf: &Shelf<'_>,
    pull: Pull,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    found: &mut Look,
    report: &mut Report,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    if pull != Pull::Nothing {
        watch(Event::Phase(Phase::Downloading));
        fetch_missing(account, catalog, shelf, pull, ours, &readable(shelf, theirs), found, report, watch, cancel)?;
    }
    if report.stopped.is_some() {
        return Ok(());
    }
    watch(Event::Phase(Phase::Uploading));
    // what a backup added meanwhile is listed in `ours` already, or it is not sent
    catalog.absorb_new(account)?;
    let wanted = Wanted::of(account, catalog)?;
    send_missing(account, catalog, shelf, &wanted, ours, theirs, report, watch, cancel)?;
    if report.stopped.is_some() {
        return Ok(());
    }
    exchange::look_again(account, catalog, shelf, ours, report, watch, cancel)?;
    // a store that does not tell the truth is only added to
    if report.alarms.is_empty() { remove_replaced(account, shelf, theirs, report) } else { Ok(()) }
}

/// What of a store may be read.
fn readable<'a>(shelf: &Shelf<'_>, theirs: &'a BTreeMap<ObjectName, u64>) -> Cow<'a, BTreeMap<ObjectName, u64>> {
    let Some(narrow) = shelf.provider.narrow() else { return Cow::Borrowed(theirs) };
    Cow::Owned(theirs.iter().filter(|(name, _)| narrow.scope().reads(name)).map(|(name, size)| (*name, *size)).collect())
}

/// Fetches later keys and this device's grant of them first: without, it could not read what is sealed under them. Then keepers' notes,
/// so that what they let go is not missed.
fn fetch_keys(
    account: &mut AccountWriter,
    shelf: &Shelf<'_>,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    watch: Watch<'_>,
) -> Result<(), EngineError> {
    let first = |name: &&ObjectName| match name {
        ObjectName::Keys(_) | ObjectName::Grant(..) => true,
        // those of devices that are not known yet come after the roster
        ObjectName::Keep(device, _) => account.roster.member(device).is_some(),
        _ => false,
    };
    let names: Vec<ObjectName> = theirs.keys().filter(first).copied().collect();
    for name in &names {
        if account.vault.size_now(name).is_err() {
            fetch_one(account, shelf, *name, None, None, report, watch)?;
        }
    }
    Ok(())
}

/// Fetches what this machine lacks and sends nothing.
pub fn pull(
    account: &mut AccountWriter,
    catalog: &mut Catalog,
    shelf: &Shelf<'_>,
    pull: Pull,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    let theirs = shelf.list().map_err(|error| EngineError::Place { place: shelf.provider.place(), error })?;
    let ours = held(account)?;
    let mut report = Report::default();
    fetch_missing(
        account,
        catalog,
        shelf,
        pull,
        &ours,
        &readable(shelf, &theirs),
        &mut Look::default(),
        &mut report,
        watch,
        cancel,
    )?;
    match report.stopped {
        Some(error) => Err(EngineError::Place { place: shelf.provider.place(), error }),
        None => Ok(report),
    }
}

/// The order in which objects are sent: what is needed before what needs it.
fn rank(name: &ObjectName) -> u8 {
    match name {
        ObjectName::Slot(_) => 0,
        ObjectName::Keys(_) => 1,
        ObjectName::Grant(..) => 2,
        ObjectName::Roster(_) => 3,
        ObjectName::Pack(_) => 4,
        ObjectName::Index(..) => 5,
        ObjectName::Head(..) => 6,
        ObjectName::Keep(..) => 7,
        ObjectName::Letter(..) => 8,
        ObjectName::Fact(..) => 9,
    }
}

#[allow(clippy::too_many_arguments)]
pub(super) fn send_missing(
    account: &Account,
    catalog: &Catalog,
    shelf: &Shelf<'_>,
    wanted: &Wanted,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let hashes: HashMap<ObjectName, ObjectHash> = catalog.packs().iter().map(|p| (ObjectName::Pack(p.id), p.hash)).collect();
    let narrow = shelf.provider.narrow();
    // what moved need not be sent where the store has it: there it came from in this very run, or is not to be read
    let there = |pack: &ObjectName| ours.contains_key(pack) || theirs.contains_key(pack);
    let known = |name: &ObjectName| match name {
        name if narrow.is_some_and(|narrow| !narrow.scope().writes(name)) => false,
        ObjectName::Pack(_) => hashes.contains_key(name) && wanted.sends(name, there),
        // the post goes its own way: see `letters`
        ObjectName::Letter(..) => false,
        // what was withdrawn meanwhile is not sent, nor what another device recorded
        ObjectName::Fact(device, number) => {
            *device == account.device.id && account.facts.holds(*number) && !wanted.is_erased(name)
        }
        name => unproved::may_travel(account, name) && wanted.sends(name, there),
    };
    let missing = ours.iter().filter(|(name, size)| theirs.get(name) != Some(size) && known(name));
    let mut missing: Vec<(ObjectName, u64)> = missing.map(|(name, size)| (*name, *size)).collect();
    let turns = head_turns(account, missing.iter().map(|(name, _)| *name));
    let turn = |name: &ObjectName| (rank(name), turns.get(name).copied().unwrap_or(0));
    missing.sort_by_key(|(name, _)| (turn(name), *name));
    watch(Event::Total { files: missing.len() as u64, bytes: missing.iter().map(|(_, size)| size).sum() });
    let mut pace = Pace::new(Instant::now());
    for group in missing.chunk_by(|(a, _), (b, _)| turn(a) == turn(b)) {
        let failed_before = report.failed.len();
        road::send(account, shelf, group, &hashes, &mut pace, report, watch, cancel)?;
        // a snapshot goes out only when all it may need is there
        // and a device is not granted keys that the owner could not find
        let needed = matches!(group[0].0, ObjectName::Pack(_) | ObjectName::Index(..) | ObjectName::Keys(_));
        if report.stopped.is_some() || report.failed.len() > failed_before && needed {
            return Ok(());
        }
    }
    Ok(())
}

/// In which turn each head goes out: behind the one before it and behind those of other devices that it tells of, so that a run
/// which is cut off leaves neither a gap nor a word about what is not there.
fn head_turns(account: &Account, names: impl Iterator<Item = ObjectName>) -> HashMap<ObjectName, usize> {
    let mut waiting: BTreeMap<DeviceId, BTreeSet<u64>> = BTreeMap::new();
    for name in names {
        if let ObjectName::Head(device, number) = name {
            waiting.entry(device).or_default().insert(number);
        }
    }
    let mut turns = HashMap::new();
    for turn in 0.. {
        let first: Vec<_> = waiting.iter().filter_map(|(device, numbers)| Some((*device, *numbers.first()?))).collect();
        if first.is_empty() {
            break;
        }
        let is_out =
            |device: &DeviceId, number: u64| waiting.get(device).and_then(BTreeSet::first).is_none_or(|first| *first > number);
        let may_go = |(device, number): &&(DeviceId, u64)| {
            let seen = select::head(account, *device, *number).map(|(head, _)| head.seen).unwrap_or_default();
            seen.iter().all(|seen| seen.device == *device || is_out(&seen.device, seen.number))
        };
        let mut ready: Vec<_> = first.iter().filter(may_go).copied().collect();
        if ready.is_empty() {
            // devices that tell of each other's future lie; nobody waits for them
            ready = first;
        }
        for (device, number) in ready {
            turns.insert(ObjectName::Head(device, number), turn);
            waiting.entry(device).or_default().remove(&number);
        }
    }
    turns
}

/// Any note, for its rank.
const KEEP: ObjectName = ObjectName::Keep(DeviceId::from_bytes([0; 16]), 0);

/// The order in which objects are fetched: who may say what, then what was said, then the rest as it was sent.
fn fetch_rank(name: &ObjectName) -> u8 {
    match name {
        ObjectName::Keep(..) => rank(&ObjectName::Roster(0)),
        name if rank(name) > rank(&ObjectName::Roster(0)) => rank(name) + 1,
        name => rank(name),
    }
}

#[allow(clippy::too_many_arguments)]
fn fetch_missing(
    account: &mut AccountWriter,
    catalog: &mut Catalog,
    shelf: &Shelf<'_>,
    pull: Pull,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    found: &mut Look,
    report: &mut Report,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    fetch_named(account, shelf, ours, theirs, found, report, watch, cancel)?;
    catalog.absorb_new(account)?;
    let mut wanted = Wanted::of(account, catalog)?;
    let lacking = wanted.lacking_indexes(theirs);
    let items: Vec<(ObjectName, u64)> = lacking.iter().filter_map(|name| Some((*name, *theirs.get(name)?))).collect();
    road::fetch(account, shelf, &items, &HashMap::new(), found, report, watch, cancel)?;
    if !lacking.is_empty() {
        catalog.absorb_new(account)?;
        wanted = Wanted::of(account, catalog)?;
    }
    if pull == Pull::All && report.stopped.is_none() {
        let lacking = catalog.packs().iter().filter(|p| !p.present);
        let lacking: Vec<_> = lacking.map(|p| (ObjectName::Pack(p.id), p.hash, u64::from(p.size))).collect();
        let wants = |name: &ObjectName| theirs.contains_key(name) && wanted.sends(name, |pack| theirs.contains_key(pack));
        let lacking = lacking.into_iter().filter(|(name, ..)| wants(name));
        let (items, hashes): (Vec<_>, HashMap<_, _>) = lacking.map(|(name, hash, size)| ((name, size), (name, hash))).unzip();
        watch(Event::Total { files: items.len() as u64, bytes: items.iter().map(|(_, size)| size).sum() });
        road::fetch(account, shelf, &items, &hashes, found, report, watch, cancel)?;
    }
    Ok(())
}

/// Fetches what is missing of all but packs, what is needed before what needs it.
#[allow(clippy::too_many_arguments)]
pub fn fetch_named(
    account: &mut AccountWriter,
    shelf: &Shelf<'_>,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    found: &mut Look,
    report: &mut Report,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let wanted = |name: &ObjectName| match name {
        _ if found.refused.contains(name) => false,
        ObjectName::Slot(id) => !account.gone.contains(id),
        // facts stay with the device that recorded them
        ObjectName::Pack(_) | ObjectName::Letter(..) | ObjectName::Fact(..) => false,
        _ => true,
    };
    let missing = theirs.iter().filter(|(name, _)| !ours.contains_key(name) && wanted(name));
    let mut missing: Vec<(ObjectName, u64)> = missing.map(|(name, size)| (*name, *size)).collect();
    missing.sort_by_key(|(name, _)| (fetch_rank(name), *name));
    // who is a keeper and what was forgotten comes first: what the keepers let go is not fetched
    let (first, rest) = missing.split_at(missing.partition_point(|(name, _)| fetch_rank(name) <= fetch_rank(&KEEP)));
    for (name, _) in first {
        cancel.check()?;
        fetch_one(account, shelf, *name, None, found.take(name), report, watch)?;
    }
    let book = Book::read(account)?;
    let is_of_use = |name: &ObjectName| match name {
        ObjectName::Head(device, number) if account.roster.is_after_revocation(device, *number) => false,
        name => !book.lets_go(name),
    };
    let rest: Vec<(ObjectName, u64)> = rest.iter().filter(|(name, _)| is_of_use(name)).copied().collect();
    for group in rest.chunk_by(|(a, _), (b, _)| fetch_rank(a) == fetch_rank(b)) {
        road::fetch(account, shelf, group, &HashMap::new(), found, report, watch, cancel)?;
        if report.stopped.is_some() {
            break;
        }
    }
    Ok(())
}

pub(super) fn fetch_one(
    account: &mut AccountWriter,
    shelf: &Shelf<'_>,
    name: ObjectName,
    expected: Option<ObjectHash>,
    read: Option<Vec<u8>>,
    report: &mut Report,
    watch: Watch<'_>,
) -> Result<(), EngineError> {
    let bytes = match read.map_or_else(|| shelf.get(&name), Ok) {
        Ok(bytes) => bytes,
        Err(error @ (PlaceError::Missing | PlaceError::Nonsense(_))) => return not_moved(report, watch, name, &error),
        Err(error) => return Err(EngineError::Place { place: shelf.provider.place(), error }),
    };
    take_in(account, name, bytes, expected, report, watch)
}

/// Checks what a store gave, and keeps it in the vault.
pub(super) fn take_in(
    account: &mut AccountWriter,
    name: ObjectName,
    bytes: Vec<u8>,
    expected: Option<ObjectHash>,
    report: &mut Report,
    watch: Watch<'_>,
) -> Result<(), EngineError> {
    if unproved::was_refused(account, &name, &bytes) {
        return not_moved(report, watch, name, &unproved::SET_ASIDE);
    }
    match believe(account, name, &bytes) {
        Ok(roster) => {
            let sealed = match Sealed::recognise(account.id(), name, bytes, expected) {
                Ok(sealed) => sealed,
                Err(why) => return not_moved(report, watch, name, &why),
            };
            match account.vault.put_now(&sealed) {
                Err(error @ PlaceError::Taken) => return not_moved(report, watch, name, &in_vault(error)),
                kept => kept.map_err(in_vault)?,
            };
            report.fetched += 1;
            report.fetched_bytes += sealed.bytes().len() as u64;
            match (roster, name) {
                (Some(roster), _) => account.adopt_roster(roster, sealed.bytes()),
                (None, ObjectName::Keys(_) | ObjectName::Grant(..)) => account.adopt_grant().map(|_| ()),
                _ => Ok(()),
            }
        }
        Err(Refused::NoKey) => {
            report.waiting.push(name);
            Ok(())
        }
        Err(why @ Refused::Revoked) => {
            report.revoked.insert(name);
            not_moved(report, watch, name, &why)
        }
        Err(why) => not_moved(report, watch, name, &why),
    }
}

/// Tells of an object that could not be moved.
pub fn not_moved(
    report: &mut Report,
    watch: Watch<'_>,
    name: ObjectName,
    why: &dyn std::fmt::Display,
) -> Result<(), EngineError> {
    watch(Event::Notice(Notice::NotMoved(name, &why.to_string())));
    report.failed.push((name, why.to_string()));
    Ok(())
}

/// Checks an object that a store gave, as far as a device can: signatures, account, place. Packs are checked by their hash.
pub(super) fn believe(account: &Account, name: ObjectName, bytes: &[u8]) -> Result<Option<Roster>, Refused> {
    let with = With::Device(&account.device.keys);
    let key_of = |device: &DeviceId| account.roster.key_of(device);
    match name {
        ObjectName::Roster(_) => Roster::open(&account.device.keys, &name, bytes).map(Some),
        ObjectName::Index(..) => Index::open(&with, account.id(), &name, bytes, &key_of).map(|_| None),
        ObjectName::Head(..) => select::believe(account, &name, bytes).map(|_| None),
        ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..) => unproved::fits(account, &name, bytes).map(|()| None),
        // checked by their hash
        ObjectName::Pack(_) => Ok(None),
        ObjectName::Letter(..) | ObjectName::Fact(..) => Ok(None),
        ObjectName::Keep(..) => book::open(account, &name, bytes).map(|_| None),
    }
}

fn remove_replaced(
    account: &Account,
    shelf: &Shelf<'_>,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
) -> Result<(), EngineError> {
    for id in &account.gone {
        let name = ObjectName::Slot(*id);
        if theirs.contains_key(&name) {
            match shelf.runtime.block_on(shelf.provider.remove(&name)) {
                Ok(()) => report.removed += 1,
                // a later sync removes it
                Err(PlaceError::Locked(_)) => {}
                Err(error) => report.failed.push((name, error.to_string())),
            }
        }
    }
    Ok(())
}
