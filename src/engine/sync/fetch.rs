//! What this machine lacks is fetched from a store.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::listings::held;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::batch;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::order::{DELETION_NOTE, fetch_rank};
use crate::engine::sync::receive::fetch_one;
use crate::engine::sync::report::{Pull, Report};
use crate::engine::sync::tamper::Inspection;
use crate::engine::{Cancel, EngineError, Event, OnEvent};

/// What of a store may be read.
pub(super) fn readable<'a>(remote: &Remote, theirs: &'a BTreeMap<ObjectName, u64>) -> Cow<'a, BTreeMap<ObjectName, u64>> {
    if !remote.only_writes() {
        return Cow::Borrowed(theirs);
    }
    Cow::Owned(theirs.iter().filter(|(name, _)| remote.reads(name)).map(|(name, size)| (*name, *size)).collect())
}

/// Fetches later keys and this device's grant of them first: without, it could not read what is sealed under them. Then deletion notes,
/// so that what they let go is not missed.
pub(super) fn fetch_keys(
    account: &mut AccountWriter,
    remote: &Remote,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    let first = |name: &&ObjectName| match name {
        ObjectName::Keys(_) | ObjectName::Grant(..) => true,
        // those of devices that are not known yet come after the roster
        ObjectName::DeletionNote(device, _) => account.roster.member(device).is_some(),
        _ => false,
    };
    let names: Vec<ObjectName> = theirs.keys().filter(first).copied().collect();
    for name in &names {
        if account.vault.size_now(name).is_err() {
            fetch_one(account, remote, *name, None, None, report, on_event)?;
        }
    }
    Ok(())
}

/// Fetches what this machine lacks and sends nothing.
pub fn pull(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    pull: Pull,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    let theirs = remote.list().map_err(|error| remote.lost(error))?;
    let ours = held(account)?;
    let mut report = Report::default();
    fetch_missing(
        account,
        chunk_index,
        remote,
        pull,
        &ours,
        &readable(remote, &theirs),
        &mut Inspection::default(),
        &mut report,
        on_event,
        cancel,
    )?;
    match report.stopped {
        Some(error) => Err(remote.lost(error)),
        None => Ok(report),
    }
}

#[allow(clippy::too_many_arguments)]
pub(super) fn fetch_missing(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    pull: Pull,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    found: &mut Inspection,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    fetch_named(account, remote, ours, theirs, found, report, on_event, cancel)?;
    chunk_index.absorb_new(account)?;
    let mut wanted = SyncFilter::of(account, chunk_index)?;
    let lacking = wanted.lacking_indexes(theirs);
    let items: Vec<(ObjectName, u64)> = lacking.iter().filter_map(|name| Some((*name, *theirs.get(name)?))).collect();
    batch::fetch(account, remote, &items, &HashMap::new(), found, report, on_event, cancel)?;
    if !lacking.is_empty() {
        chunk_index.absorb_new(account)?;
        wanted = SyncFilter::of(account, chunk_index)?;
    }
    if pull == Pull::All && report.stopped.is_none() {
        let lacking = chunk_index.packs().iter().filter(|p| !p.present);
        let lacking: Vec<_> = lacking.map(|p| (ObjectName::Pack(p.id), p.hash, u64::from(p.size))).collect();
        let wants = |name: &ObjectName| theirs.contains_key(name) && wanted.sends(name, |pack| theirs.contains_key(pack));
        let lacking = lacking.into_iter().filter(|(name, ..)| wants(name));
        let (items, hashes): (Vec<_>, HashMap<_, _>) = lacking.map(|(name, hash, size)| ((name, size), (name, hash))).unzip();
        on_event(Event::Total { files: items.len() as u64, bytes: items.iter().map(|(_, size)| size).sum() });
        batch::fetch(account, remote, &items, &hashes, found, report, on_event, cancel)?;
    }
    Ok(())
}

/// Fetches what is missing of all but packs, what is needed before what needs it.
#[allow(clippy::too_many_arguments)]
pub(super) fn fetch_named(
    account: &mut AccountWriter,
    remote: &Remote,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    found: &mut Inspection,
    report: &mut Report,
    on_event: OnEvent<'_>,
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
    // who is a device that may delete and what was forgotten comes first: what the devices that may delete let go is not fetched
    let (first, rest) = missing.split_at(missing.partition_point(|(name, _)| fetch_rank(name) <= fetch_rank(&DELETION_NOTE)));
    for (name, _) in first {
        cancel.check()?;
        fetch_one(account, remote, *name, None, found.take(name), report, on_event)?;
    }
    let book = DeletionNotes::read(account)?;
    let is_of_use = |name: &ObjectName| match name {
        ObjectName::Head(device, number) if account.roster.is_after_revocation(device, *number) => false,
        name => !book.lets_go(name),
    };
    let rest: Vec<(ObjectName, u64)> = rest.iter().filter(|(name, _)| is_of_use(name)).copied().collect();
    for group in rest.chunk_by(|(a, _), (b, _)| fetch_rank(a) == fetch_rank(b)) {
        batch::fetch(account, remote, group, &HashMap::new(), found, report, on_event, cancel)?;
        if report.stopped.is_some() {
            break;
        }
    }
    Ok(())
}
