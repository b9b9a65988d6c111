//! Pruning: what no snapshot needs is marked, and after the grace period removed; its cost is told before anything is done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::reply::{Answer, Tally};
use crate::app::request::{Audited, Job, Recording};
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Purpose, Work as AppWork};
use crate::app::{Event, Exit, Failure, Text};
use crate::config::Config;
use crate::core::keys::Keyring;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Store;
use crate::engine::repository::{listings, stores};
use crate::engine::retention::plan::{PlacePlan, Terms};
use crate::engine::retention::prune::{Passed, PrunePlan, PruneStats, Pruner};
use crate::local::audit;
use crate::local::work_lock::Waiting;
use crate::text;

/// How long what nothing needs stays where nothing is said, in seconds.
const GRACE: i64 = 7 * 86_400;

/// Prunes the vault, and on a device that may delete the stores.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Prune {
    /// Only say what would be done, and what it would cost.
    pub dry_run: bool,
    /// How long what nothing needs stays before it is removed, in seconds.
    pub grace: i64,
    /// Files of the vault of which less than so many percent are needed are written anew; 0 for none, at most 95.
    pub repack_below: u8,
    /// This store and the vault only; none for every store that can be reached.
    pub store: Option<String>,
    /// How the account is unlocked, for writing anew what is needed in part.
    pub unlock: Unlock,
}

impl Default for Prune {
    fn default() -> Self {
        Self { dry_run: false, grace: GRACE, repack_below: 50, store: None, unlock: Unlock::default() }
    }
}

/// What it costs, and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PruneReply {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Whether this device may delete; another prunes its own vault alone.
    pub may_delete: bool,
    /// What was to be done in each place: the vault, then the stores.
    pub plan: Vec<Planned>,
    /// What was to be written anew.
    pub repack: Repack,
    /// Whether that needs the owner's key, which was not given.
    pub repack_locked: bool,
    /// Why nothing but forgotten snapshots goes: more may be needed than is known.
    pub unknown: Vec<Unknown>,
    /// What was done; none with a dry run.
    #[serde(flatten)]
    pub done: Option<Pruned>,
}

/// What pruning does in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// The store; none for the vault.
    pub store: Option<String>,
    /// Files that are removed now.
    pub remove: u64,
    /// Their bytes.
    pub remove_bytes: u64,
    /// Files that go after the grace period.
    pub later: u64,
    /// Their bytes.
    pub later_bytes: u64,
    /// Files that are marked as unneeded now.
    pub unmarked: u64,
    /// Requests to the place, about.
    pub requests: u64,
}

impl Planned {
    fn of((store, plan): &(Option<String>, PlacePlan)) -> Self {
        Self {
            store: store.clone(),
            remove: plan.remove.len() as u64,
            remove_bytes: plan.bytes,
            later: plan.later,
            later_bytes: plan.later_bytes,
            unmarked: plan.unmarked.len() as u64,
            requests: plan.requests,
        }
    }
}

/// What is to be written anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repack {
    /// Files of the vault.
    pub packs: u64,
    /// Bytes to read.
    pub read_bytes: u64,
    /// Bytes to write and send, about.
    pub write_bytes: u64,
}

/// Something that is not known, so that little may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// Which file of the vault.
    pub object: String,
    /// What is wrong with it.
    pub reason: Text,
}

/// What pruning did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pruned {
    /// What was removed in each place.
    pub removed: Vec<Removed>,
    /// Files newly marked as unneeded.
    pub marked: u64,
    /// Marked files that a snapshot needs again.
    pub unmarked: u64,
    /// What was written anew.
    pub repacked: Repacked,
    /// What stores keep for a time.
    pub locked: Vec<LockedThere>,
    /// Stores where nothing or not all was done.
    pub skipped: Vec<Skipped>,
}

/// What was removed in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// The store; none for the vault.
    pub store: Option<String>,
    /// How many files.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What was written anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repacked {
    /// Files of the vault whose content moved.
    pub packs: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Files left as they are, because they cannot be read.
    pub left: u64,
}

/// What a store keeps for a time, as its owner set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockedThere {
    /// The store.
    pub store: String,
    /// How many files.
    pub objects: u64,
    /// When the first can go, as the store says it.
    pub first_until: String,
}

/// A store where nothing or not all was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The store.
    pub store: String,
    /// Why.
    pub reason: Text,
}

impl Pruned {
    /// What the engine did, and tells of it.
    pub fn of(done: PruneStats) -> Self {
        let removed = |(store, objects, bytes)| Removed { store, objects, bytes };
        let locked = |(store, objects, first_until)| LockedThere { store, objects, first_until };
        let repacked = &done.repacked;
        Self {
            removed: done.removed.into_iter().map(removed).collect(),
            marked: done.marked,
            unmarked: done.unmarked,
            repacked: Repacked {
                packs: repacked.packs,
                read_bytes: repacked.read,
                written_bytes: repacked.written,
                left: repacked.left,
            },
            locked: done.locked.into_iter().map(locked).collect(),
            skipped: done.skipped.into_iter().map(|(store, why)| Skipped { store, reason: passed(why) }).collect(),
        }
    }
}

fn passed(why: Passed) -> Text {
    match why {
        Passed::Failed(error) => Failure::from(error).message,
        Passed::Unread(name, why) => text!("prune-unread", object = name.to_string(), why = why),
        Passed::Untrue => text!("prune-untrue"),
        Passed::Restless => text!("prune-restless"),
    }
}

/// Tells of stores where nothing or not all was done.
pub fn tell_skipped(work: &AppWork<'_>, done: &Pruned) {
    for Skipped { store, reason } in &done.skipped {
        work.remark(text!("prune-skipped", store = store, why = reason.clone()));
    }
}

impl Answer for PruneReply {
    fn exit(&self) -> Exit {
        let skipped = self.done.as_ref().is_some_and(|done| !done.skipped.is_empty());
        match (self.unknown.is_empty(), skipped) {
            (false, _) => Exit::Damaged,
            (true, true) => Exit::Incomplete,
            (true, false) => Exit::Done,
        }
    }

    fn tally(&self) -> Tally {
        let removed = self.done.iter().flat_map(|done| &done.removed);
        let (objects, bytes) = removed.fold((0, 0), |(count, bytes), one| (count + one.objects, bytes + one.bytes));
        let moved = self.done.as_ref().map_or(0, |done| done.repacked.read_bytes + done.repacked.written_bytes);
        Tally { objects, bytes, moved }
    }
}

impl Job for Prune {
    type Reply = PruneReply;

    fn audited(&self) -> Option<Audited> {
        let what = if self.dry_run { "dry run" } else { "pruned" };
        Some(Audited::of(audit::Event::Prune, what).names(self.store.clone()).begins(!self.dry_run))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, app: &AppWork<'_>) -> Result<PruneReply, Failure> {
        let config = app.session.config()?;
        let mut account = app.open(if self.dry_run { Purpose::Small } else { Purpose::Prune })?;
        let may_delete = account.roster.may_delete(&account.device.id);
        self.check(&config, &account, may_delete)?;
        let wants_key = may_delete && self.repack_below > 0;
        let keyring = if wants_key { unlock::unlock_if_at_hand(app, &account, &self.unlock)? } else { None };
        let mut done = PruneStats::default();
        let opened = self.open_stores(&config, &account, may_delete, &mut done);
        let (survey, mut reply) = {
            let tools = Tools { app, opened: &opened, keyring: keyring.as_ref() };
            app.waiting(|waiting| self.work(&tools, &mut account, done, waiting))?
        };
        reply.repack_locked = wants_key && keyring.is_none();
        if let Some(done) = &reply.done {
            tell_skipped(app, done);
        }
        remember(app, &account, &survey)?;
        Ok(reply)
    }
}

/// What pruning works with, beside the account.
struct Tools<'a> {
    app: &'a AppWork<'a>,
    opened: &'a [Store],
    keyring: Option<&'a Keyring>,
}

/// What each store holds after it.
type There = Vec<(String, std::collections::BTreeSet<crate::core::name::ObjectName>)>;

impl Prune {
    fn check(&self, config: &Config, account: &Account, may_delete: bool) -> Result<(), Failure> {
        let Some(name) = &self.store else { return Ok(()) };
        if !may_delete {
            return Err(EngineError::MayNotDelete(account.device.name.clone()).into());
        }
        match config.stores.iter().any(|store| store.name == *name) {
            true => Ok(()),
            false => Err(Failure::usage(text!("store-unknown", name = name)).hint(text!("store-unknown-hint"))),
        }
    }

    fn open_stores(&self, config: &Config, account: &Account, may_delete: bool, done: &mut PruneStats) -> Vec<Store> {
        let mut opened = Vec::new();
        for store in config.stores.iter().filter(|s| may_delete && self.store.as_ref().is_none_or(|name| s.name == *name)) {
            match stores::open_to_read(account, store) {
                Ok(store) => opened.push(store),
                Err(error) => done.skipped.push((store.name.clone(), Passed::Failed(error.into()))),
            }
        }
        opened
    }

    fn work(
        &self,
        tools: &Tools<'_>,
        account: &mut AccountWriter,
        mut done: PruneStats,
        waiting: &Waiting<'_>,
    ) -> Result<(There, PruneReply), Failure> {
        let app = tools.app;
        let may_delete = account.roster.may_delete(&account.device.id);
        let (runtime, profile) = (app.runtime(), app.profile());
        let mut chunk_index = ChunkIndex::open(account)?;
        let watcher = app.watcher();
        let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
        let mut work = Pruner {
            account,
            chunk_index: &mut chunk_index,
            stores: tools.opened,
            runtime,
            keyring: tools.keyring,
            terms: Terms { grace: self.grace, now: app.session.now() },
            repack_below: self.repack_below,
            goal: profile.pack_goal,
            random: &app.session.random,
            on_event: &on_event,
            cancel: app.cancel,
            waiting,
        };
        if !self.dry_run {
            work.catch_up(&mut done)?;
        }
        let survey = work.survey()?;
        let mut reply = self.planned(&survey, may_delete);
        if self.dry_run {
            return Ok((done.there, reply));
        }
        // told before the work, which may take long
        (app.on_event)(Event::Prune(Box::new(reply.clone())));
        let mut done = work.carry_out(&survey, done)?;
        let there = std::mem::take(&mut done.there);
        reply.done = Some(Pruned::of(done));
        Ok((there, reply))
    }

    fn planned(&self, survey: &PrunePlan, may_delete: bool) -> PruneReply {
        let candidates = &survey.candidates;
        let unknown = |(name, why): &(crate::core::name::ObjectName, String)| Unknown {
            object: name.to_string(),
            reason: Text::plain(why.as_str()),
        };
        PruneReply {
            dry_run: self.dry_run,
            may_delete,
            plan: survey.places.iter().map(Planned::of).collect(),
            repack: Repack {
                packs: candidates.len() as u64,
                read_bytes: candidates.iter().map(|one| one.size).sum(),
                write_bytes: candidates.iter().map(|one| one.live).sum(),
            },
            repack_locked: false,
            unknown: survey.unknown.iter().map(unknown).collect(),
            done: None,
        }
    }
}

fn remember(app: &AppWork<'_>, account: &Account, there: &There) -> Result<(), Failure> {
    for (store, there) in there {
        listings::remember_there(account, store, there, &app.session.random)?;
    }
    Ok(())
}
