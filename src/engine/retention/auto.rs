//! The owner's standing rules for snapshots: a device that may delete applies them by itself, before each sync and after each backup; what
//! nothing needs then is pruned, once its grace period is over, wherever the sync came to its end.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Retention, Store as StoreConfig};
use crate::core::name::ObjectName;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::listings;
use crate::engine::repository::remote::Remote;
use crate::engine::retention::forget::{self, Judged, Request};
use crate::engine::retention::plan::Terms;
use crate::engine::retention::policy::{Rules, Verdict};
use crate::engine::retention::prune::{PruneStats, Pruner, is_due};
use crate::engine::{EngineError, Job};
use crate::local::audit::{Event, Outcome};
use crate::local::work_lock::{self, Waiting};

/// What the rules did.
#[derive(Debug, Default)]
pub struct Applied {
    /// The snapshots that they forgot.
    pub forgotten: Vec<Judged>,
    /// What was pruned then, where anything was due.
    pub pruned: Option<PruneStats>,
}

/// The standing rules, and what they are applied with.
pub struct StandingRules<'a> {
    /// The rules.
    pub rules: &'a Retention,
    /// The owner's stores.
    pub stores: &'a [StoreConfig],
    /// What the job is given; nobody watches.
    pub job: Job<'a>,
}

/// A store that was synced without a fault, and what it holds.
pub type InStep<'a> = (&'a Remote, BTreeSet<ObjectName>);

impl StandingRules<'_> {
    /// Forgets what no rule keeps; where there are no stores, or this device may not delete, what nothing needs in the vault is pruned.
    pub fn after_backup(&self, account: &mut AccountWriter) -> Result<Applied, EngineError> {
        let forgotten = self.forget(account)?;
        if may_delete(account) && !self.stores.is_empty() {
            return Ok(Applied { forgotten, pruned: None });
        }
        let mut chunk_index = ChunkIndex::open(account)?;
        let pruned = self.prune(account, &mut chunk_index, &[])?;
        Ok(Applied { forgotten, pruned })
    }

    /// Forgets what no rule keeps, and gives it. Before a sync, so that it takes the word along.
    pub fn forget(&self, account: &AccountWriter) -> Result<Vec<Judged>, EngineError> {
        if !may_delete(account) {
            return Ok(Vec::new());
        }
        let rules = Rules::from(self.rules);
        let request = Request { snapshots: &[], rules: &rules, device: None, now: self.job.now() };
        let judged = forget::choose(account, &DeletionNotes::read(account)?, &request)?;
        if judged.iter().all(|one| one.verdict != Verdict::Drop) {
            return Ok(Vec::new());
        }
        let count = forget::forget(account, &judged, &[], self.job)?;
        account.logs().audit(AuditEntry::of(Event::Forget, Outcome::Done).what("by standing rules").amount(count, 0));
        Ok(judged.into_iter().filter(|one| one.verdict == Verdict::Drop).collect())
    }

    /// Prunes the vault and the stores that were synced without a fault, where something is due.
    pub fn prune(
        &self,
        account: &mut AccountWriter,
        chunk_index: &mut ChunkIndex,
        in_step: &[InStep<'_>],
    ) -> Result<Option<PruneStats>, EngineError> {
        let terms = Terms { grace: self.rules.grace(), now: self.job.now() };
        let may_delete = may_delete(account);
        let listed = |(_, there): &InStep<'_>| there.iter().map(|name| (*name, 0)).collect();
        let listings: Vec<BTreeMap<ObjectName, u64>> = if may_delete { in_step.iter().map(listed).collect() } else { Vec::new() };
        if !is_due(account, chunk_index, terms, &listings)? {
            return Ok(None);
        }
        // where this device only writes, it removes nothing
        let stores = in_step.iter().map(|(remote, _)| *remote).filter(|remote| may_delete && !remote.only_writes()).collect();
        account.turn_to(work_lock::WorkKind::Prune, &Waiting::no())?;
        let done = self.execute(account, chunk_index, stores, terms)?;
        for (store, there) in &done.there {
            // a cache: one that cannot be written makes the next sync look again
            let _ = listings::remember_there(account, store, there, self.job.random);
        }
        let removed: u64 = done.removed.iter().map(|(_, count, _)| count).sum();
        account.logs().audit(AuditEntry::of(Event::Prune, Outcome::Done).what("by standing rules").amount(removed, 0));
        Ok(Some(done))
    }

    fn execute(
        &self,
        account: &mut AccountWriter,
        chunk_index: &mut ChunkIndex,
        stores: Vec<&Remote>,
        terms: Terms,
    ) -> Result<PruneStats, EngineError> {
        let mut work = Pruner {
            account,
            chunk_index,
            stores,
            keyring: None,
            terms,
            repack_below: 0,
            job: self.job,
            waiting: &Waiting::no(),
        };
        let plan = work.plan()?;
        work.execute(&plan, PruneStats::default())
    }
}

fn may_delete(account: &Account) -> bool {
    account.roster.may_delete(&account.device.id)
}
