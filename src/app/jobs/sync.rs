//! Syncing: the vault and the stores come to the same state; one that fails does not keep the others waiting.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inbox_exchange::{self, Exchanged};
use super::records_at_store::{self, RecordsGone};
use super::rules::applied::{self, Applied};
use crate::app::answer::{Answer, Tally};
use crate::app::forms::notice::Notice;
use crate::app::forms::store_problem::{StoreProblem, device_name};
use crate::app::job::{Audited, Job, Recording};
use crate::app::reasons::kept;
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text, faults};
use crate::config::{Config, Store as StoreConfig};
use crate::core::name::ObjectName;
use crate::core::snapshot::SnapshotId;
use crate::engine::EngineError;
use crate::engine::account::history::SeenStore;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::SyncFault;
use crate::engine::privacy::records::deletion;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::retention::auto::{self, InStep, StandingRules};
use crate::engine::sync::{self, Report};
use crate::local::audit::Event;
use crate::provider::ProviderError;
use crate::text;

/// What is fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pull {
    /// Everything this machine lacks.
    #[default]
    All,
    /// Enough to look, and to restore from the store.
    Metadata,
    /// Nothing.
    Nothing,
}

impl From<Pull> for sync::Pull {
    fn from(pull: Pull) -> Self {
        match pull {
            Pull::All => Self::All,
            Pull::Metadata => Self::Metadata,
            Pull::Nothing => Self::Nothing,
        }
    }
}

/// Syncs with one store or all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sync {
    /// The store; none for all.
    pub store: Option<String>,
    /// What is fetched.
    pub pull: Pull,
}

/// So many snapshots of revoked devices are named; all are counted.
const MOST_NAMED: usize = 100;

/// What was done, store by store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Synced {
    /// The stores, in the order of the settings.
    pub stores: Vec<SyncedStore>,
    /// Whether the owner revoked this device: what it backed up since is sent nowhere.
    #[serde(default)]
    pub revoked: bool,
    /// What the standing rules did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Applied>,
    /// How it ended.
    #[serde(skip)]
    pub(crate) ended: Ended,
}

/// How it ended; a reply that was read back counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended(pub Exit);

impl Default for Ended {
    fn default() -> Self {
        Self(Exit::Done)
    }
}

/// What was done with one store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SyncedStore {
    /// The store.
    pub store: String,
    /// Files of the vault that were sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Those of them that took the place of what a check found damaged there.
    pub resent: u64,
    /// Whether an empty place, which the owner said took the store's place, holds everything by now.
    pub refilled: bool,
    /// Files of the vault that were fetched.
    pub fetched: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// Replaced keys that were removed there.
    pub removed: u64,
    /// What could not be moved.
    pub failed: Vec<NotMoved>,
    /// What is sealed under keys that this device was not given yet.
    pub waiting: u64,
    /// Whether this device can be given those keys; else it must be enrolled again.
    pub can_be_given: bool,
    /// Snapshots there that a device made after it was revoked; the first hundred.
    pub disbelieved: Vec<String>,
    /// The devices that made them.
    pub intruders: Vec<Intruder>,
    /// Files that went from device to device.
    pub inbox: Option<Exchanged>,
    /// Records that are deleted here and were removed there.
    pub deleted_facts: Option<RecordsGone>,
    /// Whether this device only writes there.
    pub write_only: bool,
    /// Folders that the store does not list to this device.
    pub unlisted: Vec<String>,
    /// What another device must send, because this one only writes there.
    pub left: Vec<String>,
    /// What it shows that contradicts what is known.
    pub problems: Vec<StoreProblem>,
    /// Why it took no part, or no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Whether it is only away, and may come back by itself.
    pub away: bool,
    /// The first thousand notices about single files.
    pub notices: Vec<Notice>,
}

/// A file that could not be moved between the vault and the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotMoved {
    /// Which.
    pub object: String,
    /// Why.
    pub reason: Text,
}

/// A revoked device that still writes to the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intruder {
    /// What the owner called it.
    pub device: String,
    /// Snapshots that it made since.
    pub snapshots: u64,
}

impl Answer for Synced {
    fn exit(&self) -> Exit {
        self.ended.0
    }

    fn tally(&self) -> Tally {
        let sum = |of: fn(&SyncedStore) -> u64| self.stores.iter().map(of).fold(0, u64::saturating_add);
        let moved = sum(|store| store.sent_bytes.saturating_add(store.fetched_bytes));
        Tally { objects: sum(|store| store.sent.saturating_add(store.fetched)), bytes: moved, moved }
    }
}

impl Job for Sync {
    type Reply = Synced;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Sync, "").names(self.store.clone()))
    }

    fn recording(&self) -> Recording {
        Recording::Facts
    }

    fn run(self, work: &Work<'_>) -> Result<Synced, Failure> {
        let config = work.session.config()?;
        let mut account = work.open(WorkKind::Sync)?;
        let wanted = self.wanted(&config)?;
        let remotes = Remotes::of(&config.stores, work.runtime()).with_room(work.profile().room);
        let mut chunk_index = ChunkIndex::open(&account)?;
        // what was taken back while another process held the account is not sent any more
        deletion::tidy(&mut account, &crate::app::deletion::store_names(&config), work.session.now())?;
        let standing = applied::standing(work, &config);
        let mut done = forgotten(work, standing.as_ref(), &account);
        let mut run =
            Run { work, config: &config, remotes: &remotes, pull: self.pull, alone: wanted.len() == 1, state: State::default() };
        for store in &wanted {
            run.with(&mut account, &mut chunk_index, store)?;
        }
        let State { stores, in_step, worst, .. } = run.finish(wanted.len());
        if let Some(standing) = &standing {
            let pruned = standing.prune(&mut account, &mut chunk_index, &in_step);
            let pruned = pruned.map(|pruned| auto::Applied { forgotten: Vec::new(), pruned });
            done = joined(done, applied::outcome(work, pruned));
        }
        let revoked = account.is_revoked();
        let worst = worst.or(if revoked { Exit::Incomplete } else { Exit::Done });
        Ok(Synced { stores, revoked, snapshots: done, ended: Ended(worst) })
    }
}

/// Forgets what no rule keeps, so that the sync takes the word along.
fn forgotten(work: &Work<'_>, standing: Option<&StandingRules<'_>>, account: &AccountWriter) -> Option<Applied> {
    let forgotten = standing?.forget(account);
    applied::outcome(work, forgotten.map(|forgotten| auto::Applied { forgotten, pruned: None }))
}

fn joined(before: Option<Applied>, after: Option<Applied>) -> Option<Applied> {
    match (before, after) {
        (Some(before), Some(after)) => Some(Applied { forgotten: before.forgotten, gone: before.gone, ..after }),
        (before, after) => before.or(after),
    }
}

impl Sync {
    fn wanted(&self, config: &Config) -> Result<Vec<StoreConfig>, Failure> {
        let wanted = config.stores.iter().filter(|store| self.store.as_ref().is_none_or(|name| store.name == *name));
        let wanted: Vec<_> = wanted.cloned().collect();
        match (&self.store, wanted.is_empty()) {
            (Some(name), true) => Err(Failure::usage(text!("store-unknown", name = name)).hint(text!("store-unknown-hint"))),
            (None, true) => Err(Failure::usage(text!("sync-no-store")).hint(text!("sync-no-store-hint"))),
            (_, false) => Ok(wanted),
        }
    }
}

/// One sync with all its stores.
struct Run<'a> {
    work: &'a Work<'a>,
    config: &'a Config,
    remotes: &'a Remotes,
    pull: Pull,
    /// Whether one store alone is synced with: then its failure is the whole answer.
    alone: bool,
    state: State<'a>,
}

/// What came of it so far.
struct State<'a> {
    stores: Vec<SyncedStore>,
    in_step: Vec<InStep<'a>>,
    worst: Exit,
    away: usize,
}

impl Default for State<'_> {
    fn default() -> Self {
        Self { stores: Vec::new(), in_step: Vec::new(), worst: Exit::Done, away: 0 }
    }
}

impl<'a> Run<'a> {
    fn with(&mut self, account: &mut AccountWriter, chunk_index: &mut ChunkIndex, store: &StoreConfig) -> Result<(), Failure> {
        let watcher = self.work.watcher_of(&store.name);
        // for as long as this store is worked on; a backup and the other stores go on
        let (_held, opened) = match self.work.waiting(|waiting| account.hold_store(&store.name, waiting)) {
            Ok(held) => (Some(held), self.remotes.open(account, &store.name).map_err(EngineError::from)),
            Err(error) => (None, Err(error)),
        };
        let done = opened.and_then(|remote| {
            let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
            let report = sync::sync(account, chunk_index, remote, self.pull.into(), self.work.job(&on_event))?;
            Ok((report, remote))
        });
        let failed = match &done {
            Ok((report, remote)) => {
                // that its owner stopped it is no failure of the store's
                let stopped = report.stopped.as_ref().filter(|error| **error != ProviderError::Stopped);
                stopped.map(|error| Failure::from(remote.lost(error.clone())).message)
            }
            Err(error) if error.is_stop() => None,
            Err(error) => Some(Failure::from(error).message),
        };
        ended(account, &store.name, failed.as_ref());
        let mut synced = match done {
            Ok((report, remote)) => self.after(account, store, report, remote)?,
            Err(error) if error.is_stop() => return Err(error.into()),
            Err(error) if self.alone => return Err(error.into()),
            // what other stores took is told all the same
            Err(error) => self.stopped(SyncedStore { store: store.name.clone(), ..SyncedStore::default() }, error),
        };
        synced.notices = watcher.finish();
        self.state.stores.push(synced);
        Ok(())
    }

    /// Tells why a store took no part, or no more; one that is away may come back, and the others go on.
    fn stopped(&mut self, synced: SyncedStore, error: EngineError) -> SyncedStore {
        let away = matches!(&error, EngineError::Place { error, .. } if error.is_transient());
        let Failure { exit, message, hint } = Failure::from(error);
        self.work.remark(match hint.clone().filter(|_| !away) {
            Some(hint) => text!("sync-stopped", store = &synced.store, why = message.clone(), hint = hint),
            None => text!("sync-away", store = &synced.store, why = message.clone()),
        });
        if away {
            self.state.away += 1;
        } else {
            self.state.worst = self.state.worst.or(exit);
        }
        SyncedStore { error: Some(message), hint, away, ..synced }
    }

    /// What goes on with a store that was synced: deleted records go there, files go from device to device.
    fn after(
        &mut self,
        account: &mut AccountWriter,
        config: &StoreConfig,
        mut report: Report,
        remote: &'a Remote,
    ) -> Result<SyncedStore, Failure> {
        let (work, stopped) = (self.work, report.stopped.take());
        let mut synced = SyncedStore::of(account, config, &report);
        if stopped.is_none() {
            synced.deleted_facts = records_at_store::remove(work, account, remote, &mut report.there)?;
            if let Some(why) = synced.deleted_facts.as_ref().and_then(|gone| gone.error.clone()) {
                work.remark(text!("records-not-removed", store = &config.name, why = why));
            }
        }
        account.logs().tell_of_intruders(&config.name, &report.disbelieved);
        work.remember_there(account, &config.name, &report.there);
        self.count(&synced);
        match stopped {
            Some(error) => Ok(self.stopped(synced, remote.lost(error))),
            None => {
                let exchanged = inbox_exchange::exchange(work, self.config, account, remote, &report.there)?;
                self.state.worst = self.state.worst.or(exchanged.exit());
                synced.inbox = Some(exchanged);
                if synced.problems.is_empty() && synced.failed.is_empty() {
                    self.state.in_step.push((remote, report.there));
                }
                Ok(synced)
            }
        }
    }

    /// Counts what was not as it should be.
    fn count(&mut self, synced: &SyncedStore) {
        let worst = &mut self.state.worst;
        if synced.problems.iter().any(|problem| !problem.kind.is_doubtful()) {
            *worst = Exit::Damaged;
        }
        let partly = !synced.failed.is_empty() || !synced.intruders.is_empty() || !synced.problems.is_empty();
        *worst = worst.or(if partly { Exit::Incomplete } else { Exit::Done });
        *worst = worst.or(synced.deleted_facts.as_ref().map_or(Exit::Done, RecordsGone::exit));
    }

    /// A stick in a drawer keeps nobody waiting, and the run is not whole without it.
    fn finish(self, count: usize) -> State<'a> {
        let mut state = self.state;
        state.worst = state.worst.or(match state.away {
            0 => Exit::Done,
            away if away == count => Exit::Store,
            _ => Exit::Incomplete,
        });
        state
    }
}

/// Remembers why a sync with a store failed, or that it did not.
fn ended(account: &AccountWriter, store: &str, failed: Option<&Text>) {
    let failed = failed.map(kept).unwrap_or_default();
    if account.history().stores.get(store).is_none_or(|seen| seen.failed != failed) {
        let now = account.now();
        account.logs().remember(|history| {
            let seen = history.stores.entry(store.to_owned()).or_insert_with(|| SeenStore { since: now, ..SeenStore::default() });
            seen.failed = failed;
        });
    }
}

impl SyncedStore {
    fn of(account: &Account, config: &StoreConfig, report: &Report) -> Self {
        let failed = |(name, why): &(ObjectName, SyncFault)| NotMoved { object: name.to_string(), reason: faults::sync(why) };
        Self {
            store: config.name.clone(),
            sent: report.sent,
            sent_bytes: report.sent_bytes,
            resent: report.resent,
            refilled: report.refilled,
            fetched: report.fetched,
            fetched_bytes: report.fetched_bytes,
            removed: report.removed,
            failed: report.failed.iter().map(failed).collect(),
            waiting: report.waiting.len() as u64,
            can_be_given: account.device.link.is_some(),
            disbelieved: report.disbelieved.iter().take(MOST_NAMED).map(|(d, n)| ObjectName::Head(*d, *n).to_string()).collect(),
            intruders: intruders(account, &report.disbelieved),
            write_only: config.write_only,
            unlisted: report.unlisted.iter().cloned().collect(),
            left: report.left.iter().map(ToString::to_string).collect(),
            problems: report.store_problems.iter().map(|one| StoreProblem::of(account, one)).collect(),
            ..Self::default()
        }
    }
}

fn intruders(account: &Account, disbelieved: &[SnapshotId]) -> Vec<Intruder> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (device, _) in disbelieved.iter().filter(|(device, _)| *device != account.device.id) {
        *counts.entry(device_name(account, device)).or_default() += 1;
    }
    counts.into_iter().map(|(device, snapshots)| Intruder { device, snapshots }).collect()
}
