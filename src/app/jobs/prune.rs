//! Pruning: what no snapshot needs is marked, and after the grace period removed; its cost is told before anything is done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::forms::prune::{Planned, PruneReply, Pruned, Repack, Skipped, Unknown};
use crate::app::job::{Audited, Job, Recording};
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work as AppWork, WorkKind};
use crate::app::{Arg, Event, Failure, faults};
use crate::config::Config;
use crate::core::keys::Keyring;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{ObjectFault, in_vault};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::retention::plan::Terms;
use crate::engine::retention::planner::{Planner, PrunePlan};
use crate::engine::retention::prune::{Passed, PruneStats, Pruner};
use crate::engine::retention::write_note;
use crate::local::audit;
use crate::local::work_lock::Waiting;
use crate::provider::ProviderError;
use crate::text;

/// How long what nothing needs stays where nothing is said, in seconds.
pub const GRACE: i64 = 7 * 86_400;

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

/// Tells of stores where nothing or not all was done.
pub fn tell_skipped(work: &AppWork<'_>, done: &Pruned) {
    for Skipped { store, reason } in &done.skipped {
        let store: Arg = store.as_ref().map_or_else(|| text!("the-vault").into(), |store| store.as_str().into());
        work.remark(text!("prune-skipped", store = store, why = reason.clone()));
    }
}

impl Job for Prune {
    type Reply = PruneReply;

    fn audited(&self) -> Option<Audited> {
        let what = if self.dry_run { "dry run" } else { "pruned" };
        Some(Audited::of(audit::Event::Prune, what).names(self.store.clone()).begins(!self.dry_run).frees_room(!self.dry_run))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, app: &AppWork<'_>) -> Result<PruneReply, Failure> {
        let config = app.session.config()?;
        if self.dry_run {
            return self.look(app, &config);
        }
        let mut account = app.open(WorkKind::Prune)?;
        let may_delete = account.roster.may_delete(&account.device.id);
        self.check(&config, &account, may_delete)?;
        match account.vault_writer().try_writing() {
            // room is what this makes
            Ok(()) | Err(ProviderError::Full(_)) => {}
            Err(error) => return Err(in_vault(error).into()),
        }
        let (keyring, locked) = self.key(app, &account, may_delete)?;
        let mut done = PruneStats::default();
        let remotes = Remotes::of(&config.stores, app.runtime());
        let opened = self.open_stores(&remotes, &config, (&account, may_delete), &mut done);
        let (plan, mut reply) = {
            let tools = Tools { app, opened: &opened, keyring: keyring.as_ref() };
            app.waiting(|waiting| self.work(&tools, &mut account, done, waiting))?
        };
        reply.repack_locked = locked;
        if let Some(done) = &reply.done {
            tell_skipped(app, done);
        }
        plan.iter().for_each(|(store, there)| app.remember_there(&account, store, there));
        Ok(reply)
    }
}

/// What pruning works with, beside the account.
struct Tools<'a> {
    app: &'a AppWork<'a>,
    opened: &'a [&'a Remote],
    keyring: Option<&'a Keyring>,
}

/// What each store holds after it.
type There = Vec<(String, std::collections::BTreeSet<crate::core::name::ObjectName>)>;

impl Prune {
    /// What would be done: read only, so that it is answered whatever goes on, and where nothing can be written.
    fn look(&self, app: &AppWork<'_>, config: &Config) -> Result<PruneReply, Failure> {
        let account = app.open_read_only()?;
        let may_delete = account.roster.may_delete(&account.device.id);
        self.check(config, &account, may_delete)?;
        let (keyring, locked) = self.key(app, &account, may_delete)?;
        let remotes = Remotes::of(&config.stores, app.runtime());
        // a store that cannot be reached is passed over, as it would be
        let stores = self.open_stores(&remotes, config, (&account, may_delete), &mut PruneStats::default());
        let (chunk_index, keyring) = (ChunkIndex::open(&account)?, keyring.as_ref());
        let terms = Terms { grace: self.grace, now: app.session.now() };
        let (chunk_index, repack_below, cancel) = (&chunk_index, self.repack_below, app.cancel);
        let plan = Planner { account: &account, chunk_index, stores, keyring, terms, repack_below, cancel }.plan()?;
        Ok(PruneReply { repack_locked: locked, ..self.planned(&plan, may_delete) })
    }

    /// The owner's key, where it is wanted and at hand; and whether it is wanted and is not.
    fn key(&self, app: &AppWork<'_>, account: &Account, may_delete: bool) -> Result<(Option<Keyring>, bool), Failure> {
        let is_wanted = may_delete && self.repack_below > 0;
        let keyring = if is_wanted { unlock::unlock_if_at_hand(app, account, &self.unlock)? } else { None };
        let locked = is_wanted && keyring.is_none();
        Ok((keyring, locked))
    }

    fn check(&self, config: &Config, account: &Account, may_delete: bool) -> Result<(), Failure> {
        let Some(name) = &self.store else { return Ok(()) };
        if !may_delete {
            return Err(write_note::why_not(account).into());
        }
        match config.stores.iter().any(|store| store.name == *name) {
            true => Ok(()),
            false => Err(Failure::usage(text!("store-unknown", name = name)).hint(text!("store-unknown-hint"))),
        }
    }

    fn open_stores<'r>(
        &self,
        remotes: &'r Remotes,
        config: &Config,
        (account, may_delete): (&Account, bool),
        done: &mut PruneStats,
    ) -> Vec<&'r Remote> {
        let mut opened = Vec::new();
        for store in config.stores.iter().filter(|s| may_delete && self.store.as_ref().is_none_or(|name| s.name == *name)) {
            match remotes.open_to_read(account, &store.name) {
                Ok(remote) => opened.push(remote),
                Err(error) => done.skipped.push((Some(store.name.clone()), Passed::Failed(error.into()))),
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
        let mut chunk_index = ChunkIndex::open(account)?;
        let watcher = app.watcher();
        let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
        let mut work = Pruner {
            account,
            chunk_index: &mut chunk_index,
            stores: tools.opened.to_vec(),
            keyring: tools.keyring,
            terms: Terms { grace: self.grace, now: app.session.now() },
            repack_below: self.repack_below,
            job: app.job(&on_event),
            waiting,
        };
        work.catch_up(&mut done)?;
        let plan = work.plan()?;
        let mut reply = self.planned(&plan, may_delete);
        // told before the work, which may take long
        (app.on_event)(Event::Prune(Box::new(reply.clone())));
        let mut done = work.execute(&plan, done)?;
        let there = std::mem::take(&mut done.there);
        reply.done = Some(Pruned::of(done));
        Ok((there, reply))
    }

    fn planned(&self, plan: &PrunePlan, may_delete: bool) -> PruneReply {
        let candidates = &plan.candidates;
        let unknown = |(name, why): &(crate::core::name::ObjectName, ObjectFault)| Unknown {
            object: name.to_string(),
            reason: faults::object(why),
        };
        PruneReply {
            dry_run: self.dry_run,
            may_delete,
            plan: plan.places.iter().map(Planned::of).collect(),
            repack: Repack {
                packs: candidates.len() as u64,
                read_bytes: candidates.iter().map(|one| one.size).sum(),
                write_bytes: candidates.iter().map(|one| one.live).sum(),
            },
            repack_locked: false,
            unknown: plan.unknown.iter().map(unknown).collect(),
            done: None,
        }
    }
}
