//! Forgetting: which snapshots the owner or the rules let go, and the note that says so; nothing is removed before `prune`.

use std::collections::{BTreeMap, BTreeSet};

use super::write_note;
use crate::core::deletion_note::{Statement, is_tag};
use crate::core::name::DeviceId;
use crate::engine::account::history::{History, OwnBackup};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::engine::retention::lost::Lost;
use crate::engine::retention::policy::{Candidate, Reason, Rules, Verdict, judge};
use crate::engine::{EngineError, Job, Misuse};

/// What is to be forgotten.
pub struct Request<'a> {
    /// Snapshots that the owner names.
    pub snapshots: &'a [String],
    /// Rules for the others.
    pub rules: &'a Rules,
    /// The device whose snapshots the rules judge, by the owner's name for it; none for every device.
    pub device: Option<&'a str>,
    /// The clock, in seconds since 1970.
    pub now: i64,
}

/// A snapshot, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which.
    pub snapshot: SnapshotInfo,
    /// What it took and what it could not, where this device made it and remembers.
    pub backup: Option<OwnBackup>,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// Judges snapshots; the newest of each device and pinned ones never go.
pub fn choose(account: &Account, notes: &DeletionNotes, request: &Request<'_>) -> Result<Vec<Judged>, EngineError> {
    let (all, refused) = snapshots::snapshots(account)?;
    if let Some((name, why)) = refused.into_iter().find(|(_, why)| *why != crate::core::refused::Refused::Revoked) {
        return Err(EngineError::Object { name, why });
    }
    let all = all.into_iter().filter(|s| !notes.forgets(&s.head.device, s.head.number, &s.hash));
    if request.snapshots.is_empty() {
        return by_rules(account, all, notes, request);
    }
    let history = account.history();
    let mut devices: BTreeMap<DeviceId, u64> = BTreeMap::new();
    for one in all {
        devices.insert(one.head.device, one.head.number);
    }
    let judged = |text: &String| {
        let snapshot = snapshots::choose(account, text)?;
        let (device, number) = (snapshot.head.device, snapshot.head.number);
        if notes.forgets(&device, number, &snapshot.hash) {
            return Err(EngineError::Usage(Misuse::Forgotten(text.clone())));
        }
        if devices.get(&device) == Some(&number) {
            return Err(EngineError::Usage(Misuse::Newest(text.clone())));
        }
        if notes.is_pinned(&device, number) {
            return Err(EngineError::Usage(Misuse::Pinned(text.clone())));
        }
        let backup = remembered(&history, &snapshot);
        Ok(Judged { snapshot, backup, verdict: Verdict::Drop })
    };
    request.snapshots.iter().map(judged).collect()
}

fn by_rules(
    account: &Account,
    all: impl Iterator<Item = SnapshotInfo>,
    notes: &DeletionNotes,
    request: &Request<'_>,
) -> Result<Vec<Judged>, EngineError> {
    let mut devices: BTreeMap<DeviceId, Vec<SnapshotInfo>> = BTreeMap::new();
    for one in all {
        if request.device.is_none_or(|wanted| snapshots::device_matches(account, &one.head.device, wanted)) {
            devices.entry(one.head.device).or_default().push(one);
        }
    }
    if let (Some(wanted), true) = (request.device, devices.is_empty()) {
        return Err(EngineError::NoSnapshot(format!("{wanted}:")));
    }
    let (mut judged, history) = (Vec::new(), account.history());
    for (device, snapshots) in devices {
        let candidate = |one: &SnapshotInfo| Candidate {
            number: one.head.number,
            time: one.head.time,
            pinned: notes.is_pinned(&device, one.head.number),
            tags: notes.tags(&device, one.head.number),
        };
        let candidates: Vec<_> = snapshots.iter().map(candidate).collect();
        let mut verdicts = judge(&candidates, request.rules, request.now);
        let backups: Vec<_> = snapshots.iter().map(|one| remembered(&history, one)).collect();
        keep_by_source(&candidates, &backups, request, &mut verdicts);
        let all = snapshots.into_iter().zip(backups).zip(verdicts);
        judged.extend(all.map(|((snapshot, backup), verdict)| Judged { snapshot, backup, verdict }));
    }
    Ok(judged)
}

fn remembered(history: &History, snapshot: &SnapshotInfo) -> Option<OwnBackup> {
    history.backup(snapshot.head.number).filter(|_| snapshot.own).cloned()
}

/// A snapshot that lacks a source takes no place from one that holds it: among those that hold a source the rules keep as many again,
/// so that the newest that holds it never goes by a rule. Of other devices' snapshots it is not known here what they hold.
fn keep_by_source(candidates: &[Candidate], backups: &[Option<OwnBackup>], request: &Request<'_>, verdicts: &mut [Verdict]) {
    let sources: BTreeSet<&String> = backups.iter().flatten().flat_map(|backup| &backup.sources).collect();
    for source in sources {
        let holds = |at: &usize| backups[*at].as_ref().is_some_and(|backup| backup.sources.contains(source));
        let holding: Vec<usize> = (0..candidates.len()).filter(holds).collect();
        if holding.len() == candidates.len() {
            continue;
        }
        let of_it: Vec<Candidate> = holding.iter().map(|at| candidates[*at].clone()).collect();
        for (at, verdict) in holding.iter().zip(judge(&of_it, request.rules, request.now)) {
            if verdicts[*at] == Verdict::Drop && verdict != Verdict::Drop {
                verdicts[*at] = Verdict::Keep(Reason::Source);
            }
        }
    }
}

/// Forgets the snapshots that were judged to go, and these that are gone; gives how many.
pub fn forget(account: &AccountWriter, judged: &[Judged], lost: &[Lost], job: Job<'_>) -> Result<u64, EngineError> {
    write_note::must_may_delete(account)?;
    let gone = judged.iter().filter(|one| one.verdict == Verdict::Drop);
    let said = gone.map(|Judged { snapshot: s, .. }| Statement::Forget(s.head.device, s.head.number, s.hash));
    let said: Vec<_> = said.chain(lost.iter().map(Lost::forgotten)).collect();
    let count = said.len() as u64;
    write_note::say(account, said, &[], job)?;
    Ok(count)
}

/// Pins a snapshot, or lets it be forgotten again.
pub fn pin(account: &AccountWriter, text: &str, pinned: bool, job: Job<'_>) -> Result<SnapshotInfo, EngineError> {
    let snapshot = unforgotten(account, text)?;
    let (device, number) = (snapshot.head.device, snapshot.head.number);
    let said = if pinned { Statement::Pin(device, number) } else { Statement::Unpin(device, number) };
    write_note::say(account, vec![said], &[], job)?;
    Ok(snapshot)
}

/// Tags a snapshot, or takes a tag from it.
pub fn tag(account: &AccountWriter, text: &str, tag: &str, add: bool, job: Job<'_>) -> Result<SnapshotInfo, EngineError> {
    if !is_tag(tag) {
        return Err(EngineError::Usage(Misuse::Tag(crate::core::deletion_note::MAX_TAG)));
    }
    let snapshot = unforgotten(account, text)?;
    let (device, number) = (snapshot.head.device, snapshot.head.number);
    let said = if add { Statement::Tag(device, number, tag.into()) } else { Statement::Untag(device, number, tag.into()) };
    write_note::say(account, vec![said], &[], job)?;
    Ok(snapshot)
}

fn unforgotten(account: &Account, text: &str) -> Result<SnapshotInfo, EngineError> {
    write_note::must_may_delete(account)?;
    let (snapshot, notes) = (snapshots::choose(account, text)?, DeletionNotes::read(account)?);
    if notes.forgets(&snapshot.head.device, snapshot.head.number, &snapshot.hash) {
        return Err(EngineError::Usage(Misuse::Forgotten(text.to_owned())));
    }
    Ok(snapshot)
}
