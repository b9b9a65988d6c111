//! Pruning: what no snapshot needs is marked, and after a grace period removed, first from the stores, then from this machine's vault.
//!
//! Every step is safe to be killed at. What goes is announced in a note before it goes; right before, the heads of the place are read
//! again, so that what a snapshot that came meanwhile needs stays; right after, they are read once more, and what one that came in
//! that moment needs is sent anew. Heads go first, then index objects, then packs. A device that may not delete prunes its own vault
//! alone, by the deletion notes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::plan::{self, Ground, Terms};
use super::planner::{Planner, PrunePlan};
use super::repack::{self, Tools};
use super::write_note;
use crate::core::deletion_note::Statement;
use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::seal;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{ObjectFault, SyncFault, in_vault};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::listings;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::sync::{self, Pull};
use crate::engine::{EngineError, Event, Job, Notice, Phase};
use crate::local::work_lock::{Held, Waiting};
use crate::provider::ProviderError;

/// How often the heads of a store are fetched anew while others keep sending some.
const ATTEMPTS: usize = 4;

/// What pruning works with.
pub struct Pruner<'a> {
    /// The account.
    pub account: &'a mut AccountWriter,
    /// What is known of packs.
    pub chunk_index: &'a mut ChunkIndex,
    /// The stores that can be reached.
    pub stores: Vec<&'a Remote>,
    /// The owner's key, where it is at hand: without it nothing is repacked.
    pub keyring: Option<&'a Keyring>,
    /// When things go.
    pub terms: Terms,
    /// Packs of which less than so many percent are needed are repacked; 0 for none.
    pub repack_below: u8,
    /// What the job is given.
    pub job: Job<'a>,
    /// How other work is waited for: a sync of a store, a backup.
    pub waiting: &'a Waiting<'a>,
}

/// Why nothing, or not all, was done in a store.
#[derive(Debug)]
pub enum Passed {
    /// It failed.
    Failed(EngineError),
    /// A snapshot there cannot be read here.
    Unread(ObjectName, SyncFault),
    /// What it shows is not what is known of it.
    Untrue,
    /// Snapshots keep coming that this machine cannot read.
    Restless,
}

/// What was done.
#[derive(Debug, Default)]
pub struct PruneStats {
    /// By place as in the plan: objects removed, and their bytes.
    pub removed: Vec<(Option<String>, u64, u64)>,
    /// Packs and index objects newly marked.
    pub marked: u64,
    /// Those that some snapshot needs again.
    pub unmarked: u64,
    /// What was repacked.
    pub repacked: repack::RepackStats,
    /// Stores that keep some objects for a time, with how many and when the first can go.
    pub locked: Vec<(String, u64, String)>,
    /// Stores where nothing or not all was done, with the reason; none for this machine's vault.
    pub skipped: Vec<(Option<String>, Passed)>,
    /// What each store holds now, for those that were worked on.
    pub there: Vec<(String, BTreeSet<ObjectName>)>,
}

impl<'a> Pruner<'a> {
    fn may_delete(&self) -> bool {
        self.account.roster.may_delete(&self.account.device.id)
    }

    fn planner(&self) -> Planner<'_> {
        Planner {
            account: self.account,
            chunk_index: self.chunk_index,
            stores: self.stores.clone(),
            keyring: self.keyring,
            terms: self.terms,
            repack_below: self.repack_below,
            cancel: self.job.cancel,
        }
    }

    /// What the stores know and this machine does not: fetched, but for packs; and what they lack: sent. Stores that fail are named.
    pub fn catch_up(&mut self, done: &mut PruneStats) -> Result<(), EngineError> {
        for store in self.stores.clone() {
            if let Some(_held) = self.hold(store, done)? {
                self.sync_with(store, done)?;
            }
        }
        Ok(())
    }

    /// Takes a store; none where another process works on it, which is told.
    fn hold(&self, store: &Remote, done: &mut PruneStats) -> Result<Option<Held>, EngineError> {
        held(self.account.hold_store(store.name(), self.waiting), Some(store), done)
    }

    /// Syncs with one store; false when it failed, and is skipped from now on.
    fn sync_with(&mut self, store: &Remote, done: &mut PruneStats) -> Result<bool, EngineError> {
        if done.skipped.iter().any(|(name, _)| name.as_deref() == Some(store.name())) {
            return Ok(false);
        }
        match sync::sync(self.account, self.chunk_index, store, Pull::Metadata, self.job) {
            Ok(sync::Report { stopped: Some(error), .. }) if error != ProviderError::Stopped => {
                done.skipped.push((Some(store.name().to_owned()), Passed::Failed(store.lost(error))));
                Ok(false)
            }
            Ok(sync::Report { stopped: Some(error), .. }) => Err(store.lost(error)),
            Ok(report) => {
                let passed = Self::why_not(&report);
                let go_on = passed.is_none();
                done.skipped.extend(passed.map(|why| (Some(store.name().to_owned()), why)));
                done.there.retain(|(name, _)| *name != store.name());
                done.there.push((store.name().to_owned(), report.there));
                Ok(go_on)
            }
            // where nothing more fits into the vault, what is there can still go
            Err(error @ (EngineError::Place { .. } | EngineError::Vault(ProviderError::Full(_)))) if !error.is_stop() => {
                done.skipped.push((Some(store.name().to_owned()), Passed::Failed(error)));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Why nothing is to be removed in a store that was synced: it may need more than is known, or does not tell the truth.
    fn why_not(report: &sync::Report) -> Option<Passed> {
        if !report.store_problems.is_empty() {
            return Some(Passed::Untrue);
        }
        // nobody believes what a device made after it was revoked, nor what it needs
        let is_unread = |(name, why): &&(ObjectName, SyncFault)| {
            matches!(name, ObjectName::Head(..)) && *why != SyncFault::Refused(seal::Refused::Revoked)
        };
        report.failed.iter().find(is_unread).map(|(name, why)| Passed::Unread(*name, why.clone()))
    }

    /// Looks what would be done; nothing is changed.
    pub fn plan(&self) -> Result<PrunePlan, EngineError> {
        self.planner().plan()
    }

    /// Does what was planned.
    pub fn execute(&mut self, plan: &PrunePlan, mut done: PruneStats) -> Result<PruneStats, EngineError> {
        if self.may_delete() {
            done.repacked = self.repack(plan)?;
            let announced = self.announce(plan, &mut done)?;
            for store in self.stores.clone() {
                self.clear_store(store, &announced, &mut done)?;
            }
            self.clear_vault(Some(&announced), &mut done)?;
        } else {
            self.clear_vault(None, &mut done)?;
        }
        Ok(done)
    }

    fn repack(&mut self, plan: &PrunePlan) -> Result<repack::RepackStats, EngineError> {
        let Some(keyring) = self.keyring.filter(|_| !plan.candidates.is_empty()) else {
            return Ok(repack::RepackStats::default());
        };
        // what frees room without writing comes first: a later run writes anew what this one has no room for
        if !repack::has_room(self.account, &plan.candidates) {
            return Ok(repack::RepackStats { no_room: plan.candidates.len() as u64, ..Default::default() });
        }
        let tools = Tools {
            account: self.account,
            keyring,
            places: ReadOrder::with_stores(self.account, self.stores.iter().copied()),
            job: self.job,
        };
        repack::repack(&tools, self.chunk_index, &plan.needed, &plan.live, &plan.candidates)
    }

    /// Says in a note what is unneeded, what is needed again, and what goes now; gives what goes now.
    fn announce(&mut self, plan: &PrunePlan, done: &mut PruneStats) -> Result<HashSet<ObjectName>, EngineError> {
        // a backup that runs may count on what is about to be said to go, and one that begins afterwards knows what was said
        let _alone = self.account.hold_vault(self.waiting)?;
        self.chunk_index.absorb_new(self.account)?;
        let notes = DeletionNotes::read(self.account)?;
        let needed = UsedPacks::of(self.account, self.chunk_index, &notes)?;
        let mut said = Vec::new();
        if needed.unknown.is_empty() {
            let said_to_go = notes.all_marked().chain(notes.all_going()).collect::<BTreeSet<ObjectId>>().into_iter();
            let again: Vec<_> = said_to_go.filter(|id| needed.packs.contains(id) || needed.indexes.contains(id)).collect();
            let unmarked = plan.places.iter().flat_map(|(_, plan)| &plan.unmarked);
            let unneeded = |id: &&ObjectId| !needed.packs.contains(id) && !needed.indexes.contains(id);
            let marks: BTreeSet<ObjectId> = unmarked.filter(unneeded).copied().collect();
            (done.unmarked, done.marked) = (again.len() as u64, marks.len() as u64);
            said.extend((!again.is_empty()).then_some(Statement::Unmark(again)));
            said.extend((!marks.is_empty()).then(|| Statement::Mark(marks.into_iter().collect())));
        }
        // a clock that ran ahead said when these were forgotten: said again by a right one, they go in time
        for (device, number) in needed.forgotten.iter().copied() {
            let ahead = notes.forgotten(&device, number).iter().filter(|(_, time)| *time > self.terms.now);
            said.extend(ahead.map(|(hash, _)| Statement::Forget(device, number, *hash)));
        }
        // repacking may have found a use for what an earlier run, cut off, left over
        let goes = |name: &&ObjectName| matches!(name, ObjectName::Head(..)) || !needed.has(name);
        let going: HashSet<ObjectName> = plan.places.iter().flat_map(|(_, plan)| &plan.remove).filter(goes).copied().collect();
        let ids: BTreeSet<ObjectId> =
            going.iter().filter(|n| !matches!(n, ObjectName::Head(..))).map(ObjectName::place).collect();
        said.extend((!ids.is_empty()).then(|| Statement::Drop(ids.into_iter().collect())));
        self.job.check()?;
        if !said.is_empty() {
            write_note::say(self.account, said, &[], self.job)?;
        }
        self.job.tell(Event::FileDone);
        Ok(going)
    }

    /// Removes from a store what was announced and is still unneeded, once the note lies there.
    fn clear_store(&mut self, store: &Remote, announced: &HashSet<ObjectName>, done: &mut PruneStats) -> Result<(), EngineError> {
        let Some(_held) = self.hold(store, done)? else { return Ok(()) };
        // the note and the new packs go there, and what came meanwhile comes here
        if !self.sync_with(store, done)? {
            return Ok(());
        }
        self.job.tell(Event::Phase(Phase::Pruning));
        match self.try_clear_store(store, announced, done) {
            Err(EngineError::Place { place, error }) if !matches!(error, ProviderError::Missing | ProviderError::Stopped) => {
                done.skipped.push((Some(store.name().to_owned()), Passed::Failed(EngineError::Place { place, error })));
                Ok(())
            }
            cleared => cleared,
        }
    }

    fn try_clear_store(
        &mut self,
        store: &Remote,
        announced: &HashSet<ObjectName>,
        done: &mut PruneStats,
    ) -> Result<(), EngineError> {
        for attempt in 0.. {
            let heads = self.heads_of(store)?;
            if self.knows(store, &heads)? {
                break;
            }
            if attempt == ATTEMPTS || !self.sync_with(store, done)? {
                done.skipped.push((Some(store.name().to_owned()), Passed::Restless));
                return Ok(());
            }
        }
        self.chunk_index.absorb_new(self.account)?;
        let notes = DeletionNotes::read(self.account)?;
        let needed = UsedPacks::of(self.account, self.chunk_index, &notes)?;
        let before = store.list_of(self.account).map_err(|error| store.lost(error))?.objects;
        let plan = plan::plan(&self.planner().ground(&notes, &needed, None), &before);
        let (mut count, mut bytes) = (0, 0);
        let (mut gone, mut locked) = (BTreeSet::new(), Vec::new());
        for name in plan.remove.iter().filter(|name| announced.contains(name)) {
            self.job.check()?;
            match self.remove_there(store, name, &notes) {
                Ok(true) => {
                    count += 1;
                    bytes += before.get(name).copied().unwrap_or_default();
                    gone.insert(*name);
                }
                Ok(false) => {}
                // nothing needs it, so that it may as well stay until its time
                Err(EngineError::Place { error: ProviderError::Locked(until), .. }) => locked.push(until),
                Err(error) => return Err(error),
            }
            self.job.tell(Event::FileDone);
        }
        done.removed.push((Some(store.name().to_owned()), count, bytes));
        if let Some(first) = locked.iter().min() {
            done.locked.push((store.name().to_owned(), locked.len() as u64, first.clone()));
        }
        for (_, there) in done.there.iter_mut().filter(|(name, _)| *name == store.name()) {
            there.retain(|name| !gone.contains(name));
        }
        // a snapshot that came while things went: what it needs is sent anew
        if !gone.is_empty() && !self.knows(store, &self.heads_of(store)?)? {
            self.sync_with(store, done)?;
        }
        Ok(())
    }

    fn heads_of(&self, store: &Remote) -> Result<BTreeMap<ObjectName, u64>, EngineError> {
        store.list_in_of(self.account, &["heads"]).map_err(|error| store.lost(error))
    }

    /// Whether the vault holds these heads of a store, but for those that are forgotten or made after a revocation.
    fn knows(&self, store: &Remote, heads: &BTreeMap<ObjectName, u64>) -> Result<bool, EngineError> {
        let notes = DeletionNotes::read(self.account)?;
        for name in heads.keys() {
            let ObjectName::Head(device, number) = name else { continue };
            let revoked = self.account.roster.member(device).is_some_and(|member| !member.is_active());
            if !revoked && self.account.vault.size_now(name).is_err() && !store_lets_go(store, &notes, *device, *number)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes one object from a store; a head only when it is the very one that was forgotten, or nobody believes it.
    fn remove_there(&self, store: &Remote, name: &ObjectName, notes: &DeletionNotes) -> Result<bool, EngineError> {
        if let ObjectName::Head(device, number) = name {
            match store.get(name) {
                Ok(bytes) if notes.forgets(device, *number, &seal::hash(&bytes)) => {}
                Ok(_) if self.account.roster.is_after_revocation(device, *number) => {}
                Ok(_) => {
                    self.job.tell(Event::Notice(Notice::Object(*name, &ObjectFault::OtherThanForgotten)));
                    return Ok(false);
                }
                Err(ProviderError::Missing) => return Ok(false),
                Err(error) => return Err(store.lost(error)),
            }
        }
        store.remove(name).map_err(|error| store.lost(error)).map(|()| true)
    }

    /// Removes from this machine's vault what is unneeded; a device that may delete only what it announced.
    fn clear_vault(&mut self, announced: Option<&HashSet<ObjectName>>, done: &mut PruneStats) -> Result<(), EngineError> {
        self.job.tell(Event::Phase(Phase::Pruning));
        // a backup counts on what it found in the vault: nothing goes while one runs, and what one made meanwhile is looked at
        let alone = self.account.hold_vault(self.waiting);
        let Some(_alone) = held(alone, None, done)? else { return Ok(()) };
        self.chunk_index.absorb_new(self.account)?;
        let notes = DeletionNotes::read(self.account)?;
        let needed = UsedPacks::of(self.account, self.chunk_index, &notes)?;
        let held = listings::held(self.account)?;
        let plan = plan::plan(&self.planner().ground(&notes, &needed, Some(self.account.device.id)), &held);
        let (mut count, mut bytes) = (0, 0);
        for name in plan.remove.iter().filter(|name| announced.is_none_or(|announced| announced.contains(name))) {
            self.job.check()?;
            if let ObjectName::Head(device, number) = name {
                let there = self.account.vault.get_now(name, None).map_err(in_vault)?;
                let disbelieved = self.account.roster.is_after_revocation(device, *number);
                if !disbelieved && !notes.forgets(device, *number, &seal::hash(&there)) {
                    continue;
                }
            }
            self.account.vault_writer().remove_now(name).map_err(in_vault)?;
            if let ObjectName::Pack(id) = name {
                self.chunk_index.gone(id);
            }
            count += 1;
            bytes += held.get(name).copied().unwrap_or_default();
            self.job.tell(Event::FileDone);
        }
        done.removed.push((None, count, bytes));
        Ok(())
    }
}

/// Whether anything is to be said or removed: in the vault, or in stores that held these objects a moment ago.
pub fn is_due(
    account: &Account,
    chunk_index: &ChunkIndex,
    terms: Terms,
    there: &[BTreeMap<ObjectName, u64>],
) -> Result<bool, EngineError> {
    let notes = DeletionNotes::read(account)?;
    let needed = UsedPacks::of(account, chunk_index, &notes)?;
    let deleter = account.roster.may_delete(&account.device.id);
    let is_due = |own, held: &BTreeMap<ObjectName, u64>| {
        let ground = Ground { roster: &account.roster, notes: &notes, needed: &needed, chunk_index, terms, own };
        let plan = plan::plan(&ground, held);
        !plan.remove.is_empty() || deleter && !plan.unmarked.is_empty()
    };
    Ok(is_due(Some(account.device.id), &listings::held(account)?) || there.iter().any(|held| is_due(None, held)))
}

/// Whether the head that a store has under a number is one that was forgotten, or is gone by now.
fn store_lets_go(store: &Remote, notes: &DeletionNotes, device: DeviceId, number: u64) -> Result<bool, EngineError> {
    if !notes.may_be_forgotten(&device, number) {
        return Ok(false);
    }
    let there = store.find(&ObjectName::Head(device, number))?;
    Ok(there.is_none_or(|bytes| notes.forgets(&device, number, &seal::hash(&bytes))))
}

/// What was taken; none where other work goes on there, which is told.
fn held(taken: Result<Held, EngineError>, place: Option<&Remote>, done: &mut PruneStats) -> Result<Option<Held>, EngineError> {
    match taken {
        Ok(held) => Ok(Some(held)),
        Err(error @ EngineError::Busy(_)) => {
            done.skipped.push((place.map(|store| store.name().to_owned()), Passed::Failed(error)));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
