//! Syncing with a store: what it lacks is pushed, what this machine lacks is pulled; a run that was cut off goes on where it was.
//!
//! Order makes it safe without locks: packs before the index objects that tell of them, these before the snapshots that need
//! them, so that at any moment the store holds only snapshots that can be restored. Every object that is sent is first checked
//! against what signed objects say of it; every object that is fetched is checked before it enters the vault.

pub mod batch;
pub mod exchange;
pub mod fetch;
pub mod filter;
pub mod order;
pub mod receive;
pub mod reconcile;
pub mod repair;
pub mod report;
mod resend;
pub mod send;
pub mod tamper;
pub mod transfer;
pub mod waiting;

pub use report::{Pull, Report, not_moved};

use std::collections::{BTreeMap, HashMap};

use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::listings::{add_unshown, disbelieved, held};
use crate::engine::repository::remote::Remote;
use crate::engine::sync::fetch::{fetch_keys, fetch_missing, readable};
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::send::{remove_replaced, send_missing};
use crate::engine::sync::tamper::Inspection;
use crate::engine::{Cancel, EngineError, Event, OnEvent, Phase};

/// Syncs with one store; `time` is what the clock says, in seconds since 1970.
pub fn sync(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    time: i64,
    pull: Pull,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    let mut theirs = remote.list().map_err(|error| remote.lost(error))?;
    let mut report = Report::default();
    report.there = add_unshown(account, remote, &mut theirs)?;
    report.unlisted = remote.unlisted();
    let mut read = HashMap::new();
    if pull != Pull::Nothing {
        let settled = reconcile::settle(account, remote, &mut theirs, &mut report, on_event)?;
        if !settled.may_move {
            report.there.extend(theirs.keys());
            return Ok(report);
        }
        read = settled.read;
        fetch_keys(account, remote, &theirs, &mut report, on_event)?;
        repair::from_store(account, remote, &readable(remote, &theirs), &mut report)?;
    }
    let ours = held(account)?;
    let mut found = tamper::inspect(account, Some(chunk_index), remote, &theirs, read)?;
    report.store_problems = tamper::note_store_problems(account, remote.name(), &found)?;
    let left = ours.keys().filter(|name| remote.shows(name) && !remote.writes(name) && !theirs.contains_key(name));
    let said = |name: &&ObjectName| !matches!(name, ObjectName::Letter(..) | ObjectName::Index(..));
    report.left = left.filter(said).copied().collect();
    let moved = move_all(account, chunk_index, remote, pull, &ours, &mut theirs, &mut found, &mut report, on_event, cancel);
    report.disbelieved = disbelieved(account, &theirs);
    report.there.extend(theirs.keys());
    report.there.retain(|name| !matches!(name, ObjectName::Slot(id) if account.gone.contains(id)));
    report.there.extend(&found.lacking);
    // what was put there is remembered even of a run that was cut off
    let is_in_step = moved.is_ok() && report.sent_all;
    tamper::note_there(account, (remote.name(), time), is_in_step, &found, &report.there)?;
    moved.map(|()| report)
}

#[allow(clippy::too_many_arguments)]
fn move_all(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    pull: Pull,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &mut BTreeMap<ObjectName, u64>,
    found: &mut Inspection,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    if pull != Pull::Nothing {
        on_event(Event::Phase(Phase::Downloading));
        fetch_missing(account, chunk_index, remote, pull, ours, &readable(remote, theirs), found, report, on_event, cancel)?;
    }
    if report.stopped.is_some() {
        return Ok(());
    }
    on_event(Event::Phase(Phase::Uploading));
    // what a backup added meanwhile is listed in `ours` already, or it is not sent
    chunk_index.absorb_new(account)?;
    resend::send_damaged(account, chunk_index, remote, theirs, report, on_event)?;
    if report.stopped.is_some() {
        return Ok(());
    }
    let wanted = SyncFilter::of(account, chunk_index)?;
    send_missing(account, chunk_index, remote, &wanted, ours, theirs, report, on_event, cancel)?;
    if report.stopped.is_some() {
        return Ok(());
    }
    exchange::look_again(account, chunk_index, remote, ours, report, on_event, cancel)?;
    // a store that does not tell the truth is only added to
    if report.store_problems.is_empty() { remove_replaced(account, remote, theirs, report) } else { Ok(()) }
}
