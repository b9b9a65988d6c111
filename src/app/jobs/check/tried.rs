//! Trying: a random sample of the newest snapshot of each source comes back into nothing; what does not is a problem.

use std::collections::BTreeSet;

use crate::app::forms::entry::SnapshotRef;
use crate::app::jobs::check::forms::{Check, Tried};
use crate::app::reasons::kept;
use crate::app::work::Work;
use crate::app::{Failure, Text, faults, unlock};
use crate::core::name::{ObjectName, RelPath};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::problem_log::LastDrill;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::engine::restore::drill::{self, Part};

/// So many snapshots before the newest are looked at for sources that it lacks.
const MOST_LOOKED: usize = 30;

/// The newest snapshot of the same device that a store shows: what was not sent yet cannot come back from there.
fn newest_there(account: &Account, remote: &Remote, newest: SnapshotInfo) -> Result<SnapshotInfo, EngineError> {
    let (device, number) = (newest.head.device, newest.head.number);
    let theirs = remote.list_in(&["heads"]).map_err(|error| remote.lost(error))?;
    let shown = theirs.keys().filter_map(|name| match name {
        ObjectName::Head(of, shown) if *of == device && *shown <= number => Some(*shown),
        _ => None,
    });
    match shown.max() {
        Some(shown) if shown < number => snapshots::choose(account, &format!("{device}:{shown}")),
        _ => Ok(newest),
    }
}

/// Tries. Where the vault is known to lack what lies in stores, those are read too, as a restore would; else the vault stands for itself.
pub fn run(work: &Work<'_>, asked: &Check, remotes: &Remotes, sample: u32, with_stores: bool) -> Result<Tried, Failure> {
    let account = work.open_read_only()?;
    let keyring = unlock::unlock(work, &account, &asked.unlock)?;
    let chunk_index = ChunkIndex::open(&account)?;
    let remote = asked.store.as_ref().map(|name| remotes.open_to_read(&account, name)).transpose().map_err(EngineError::from)?;
    let places = match remote {
        Some(remote) => ReadOrder::stores_only(&account, [remote]),
        None if with_stores => ReadOrder::with_stores(&account, remotes.readable(&account)),
        None => ReadOrder::vault_only(&account),
    };
    let store = asked.store.clone();
    let place = Subject::place(store.as_deref());
    let newest = snapshots::latest_of_any(&account)?;
    let info = match remote {
        Some(remote) => newest_there(&account, remote, newest)?,
        None => newest,
    };
    let (which, own) = (SnapshotRef::of(&info), info.own);
    let mut also = Vec::new();
    let reader = ChunkReader::new(&chunk_index, places, &keyring, info.head.device);
    let watcher = work.watcher();
    let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
    let done = newest_of_each_source(&account, &reader, &info).and_then(|parts| {
        let device = || which.device.clone();
        let told = |part: &Part<'_>| SnapshotRef {
            snapshot: part.snapshot.head.number,
            device: device(),
            time: part.snapshot.head.time,
        };
        also = parts.iter().skip(1).map(told).collect();
        drill::drill(&reader, &parts, (sample, own), work.job(&on_event))
    });
    let report = match done {
        // a snapshot that does not even open did not come back; a store that is away says nothing
        Err(error @ (EngineError::Damaged { .. } | EngineError::Object { .. })) => {
            let failure = Failure::from(error);
            failed(&account, &place, 1, &failure.message);
            return Err(failure);
        }
        done => done?,
    };
    let count = report.failed.len() as u64;
    match report.failed.first() {
        Some((_, why)) => failed(&account, &place, count, &faults::file(why)),
        None if report.of > 0 => account.logs().remedied(ProblemKind::Drill, &place),
        None => {}
    }
    let (files, bytes) = (report.files, report.bytes);
    if report.of > 0 {
        account.logs().remember_drill(LastDrill { time: account.now(), store: store.clone(), files, bytes, failed: count });
    }
    let (of, compared, notices) = (report.of, report.compared, watcher.finish());
    Ok(Tried { which, also, store, of, tried: files + count, files, bytes, compared, failed: count, notices })
}

/// The newest snapshot, and before it those that are the newest of a source: a backup of one folder alone says nothing of the others.
fn newest_of_each_source<'a>(
    account: &Account,
    reader: &'a ChunkReader<'a>,
    newest: &SnapshotInfo,
) -> Result<Vec<Part<'a>>, EngineError> {
    let snapshot = Snapshot::open(reader, newest.head.clone())?;
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut new = |snapshot: &Snapshot<'_>| -> Vec<RelPath> {
        let sources = snapshot.root.sources.iter();
        sources.filter(|source| seen.insert(source.path.clone())).map(|source| source.label.clone()).collect()
    };
    let mut parts = vec![Part { labels: new(&snapshot), snapshot }];
    let (device, newest) = (newest.head.device, newest.head.number);
    let numbers = snapshots::head_names(account)?.remove(&device).unwrap_or_default();
    for number in numbers.into_iter().rev().filter(|number| *number < newest).take(MOST_LOOKED) {
        // an older one that does not open is found by checking, not here
        let opened = snapshots::head(account, device, number).and_then(|(head, _)| Snapshot::open(reader, head));
        let snapshot = match opened {
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => continue,
            Ok(snapshot) => snapshot,
        };
        let labels = new(&snapshot);
        if !labels.is_empty() {
            parts.push(Part { snapshot, labels });
        }
    }
    Ok(parts)
}

fn failed(account: &Account, place: &Subject, count: u64, why: &Text) {
    account.logs().raise(NewProblem::of(ProblemKind::Drill, place.clone()).numbers(count, 0).object(&kept(why)));
}
