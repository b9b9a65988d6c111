//! One sync with one store: what it works with, what both sides hold, and what came of it so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::engine::account::known_state::{Anomaly, Finding};
use crate::engine::error::SyncFault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::listings::{add_unshown, disbelieved, held};
use crate::engine::repository::remote::Remote;
use crate::engine::repository::shown::Beyond;
use crate::engine::sync::junk::Junk;
use crate::engine::sync::others_word::OthersWord;
use crate::engine::sync::report::Report;
use crate::engine::sync::tamper::{self, Inspection};
use crate::engine::sync::transfer::Stop;
use crate::engine::{EngineError, Job, Notice};
use crate::provider::ProviderError;

/// How often a store is looked at anew while it, or the account, changes.
const LOOKS: usize = 3;

/// Objects of a place, by name, with their sizes in bytes.
pub type Objects = BTreeMap<ObjectName, u64>;

/// One sync with one store.
pub struct Round<'a> {
    pub(super) account: &'a mut AccountWriter,
    pub(super) chunk_index: &'a mut ChunkIndex,
    pub(super) remote: &'a Remote,
    pub(super) job: Job<'a>,
    /// What the vault held when objects began to move.
    pub(super) ours: Objects,
    /// What the store held when it was listed, as far as this device knows.
    pub(super) theirs: Objects,
    /// What the store shows that contradicts what is known, and what was read of it already.
    pub(super) found: Inspection,
    /// What else is known to lie there: what was sent, and what is not shown.
    pub(super) there: BTreeSet<ObjectName>,
    /// What it showed besides and nothing explained.
    pub(super) beyond: Beyond,
    /// What it gave that is none.
    pub(super) junk: Junk,
    /// How much of what other devices tell is taken over.
    pub(super) others_word: Option<OthersWord>,
    /// Whether the store holds another list of devices, which this device cannot read: it may not be named there.
    pub(super) is_apart: bool,
    /// What devices said twice under one number, and is said under others now.
    pub(super) said_anew: Vec<Finding>,
    /// Whether nothing that was to be sent is left.
    pub(super) sent_all: bool,
    /// For whoever asked; nothing here steers the round.
    pub(super) report: Report,
}

impl<'a> Round<'a> {
    /// A round with a store that showed these objects.
    pub fn new(
        account: &'a mut AccountWriter,
        chunk_index: &'a mut ChunkIndex,
        remote: &'a Remote,
        theirs: Objects,
        job: Job<'a>,
    ) -> Self {
        let (ours, found, there, beyond, junk, report) = Default::default();
        let (is_apart, said_anew, sent_all, others_word) = (false, Vec::new(), false, None);
        Self {
            account,
            chunk_index,
            remote,
            job,
            ours,
            theirs,
            found,
            there,
            beyond,
            junk,
            others_word,
            is_apart,
            said_anew,
            sent_all,
            report,
        }
    }

    /// Adds to what the store shows what is remembered of it and not shown to this device.
    pub(super) fn add_unshown(&mut self) {
        self.there = add_unshown(self.account, self.remote, &mut self.theirs);
        self.report.unlisted = self.remote.unlisted();
    }

    /// Looks what the vault holds.
    pub(super) fn look_here(&mut self) -> Result<(), EngineError> {
        self.ours = held(self.account)?;
        Ok(())
    }

    /// Holds what the store shows against what is known, and remembers what is wrong before anything is done about it.
    pub(super) fn inspect(&mut self) -> Result<(), EngineError> {
        let read = std::mem::take(&mut self.found.read);
        self.found = tamper::inspect(self.account, Some(self.chunk_index), self.remote, &self.theirs, read)?;
        for _ in 0..LOOKS {
            // what is wrong still once both were read anew is wrong: another process or device may have changed keys, devices, snapshots meanwhile
            if self.found.findings.is_empty() || !self.look_anew()? {
                break;
            }
            self.found = tamper::inspect(self.account, Some(self.chunk_index), self.remote, &self.theirs, HashMap::new())?;
        }
        self.theirs.retain(|name, _| !self.found.went.contains(name));
        self.settle_histories()?;
        self.settle_facts()?;
        let (superseded, held_back) = (&self.found.superseded, &self.found.held_back);
        self.ours.retain(|name, _| !matches!(name, ObjectName::Slot(id) if superseded.contains(id) || held_back.contains(id)));
        self.report.store_problems = tamper::note_store_problems(self.account, self.remote.name(), &self.found)?;
        self.told_of_numbers()?;
        let remote = self.remote;
        let left = self.ours.keys().filter(|name| remote.shows(name) && !remote.writes(name) && !self.theirs.contains_key(name));
        let said = |name: &&ObjectName| !matches!(name, ObjectName::Letter(..) | ObjectName::Index(..));
        self.report.left = left.filter(said).copied().collect();
        Ok(())
    }

    /// Reads the account, the store's listing and the vault's anew; whether any of them is another by now.
    fn look_anew(&mut self) -> Result<bool, EngineError> {
        let standing = |account: &AccountWriter| {
            (account.roster.number, account.device.keys.generation(), account.known_slots(), account.gone.clone(), account.head)
        };
        let (before, ours) = (standing(self.account), std::mem::take(&mut self.ours));
        self.account.refresh()?;
        self.look_here()?;
        self.chunk_index.absorb_new(self.account)?;
        let now = self.remote.list_of(self.account).map_err(|error| self.lost(error))?;
        self.beyond = now.beyond;
        let theirs = std::mem::replace(&mut self.theirs, now.objects);
        self.add_unshown();
        Ok(standing(self.account) != before || self.ours != ours || self.theirs != theirs)
    }

    /// Objects of the store that this device may read.
    pub(super) fn readable(&self) -> impl Iterator<Item = (&ObjectName, &u64)> {
        self.theirs.iter().filter(|(name, _)| self.remote.reads(name))
    }

    /// How much of what other devices tell is taken over in this round.
    pub(super) fn others_word(&mut self) -> &mut OthersWord {
        let Self { account, chunk_index, ours, job, others_word, .. } = self;
        others_word.get_or_insert_with(|| OthersWord::of(account, chunk_index, ours, job.profile.others_word))
    }

    /// Whether an object can be had from the store.
    pub(super) fn offers(&self, name: &ObjectName) -> bool {
        self.theirs.contains_key(name) && self.remote.reads(name)
    }

    /// Tells of an object that could not be moved.
    pub(super) fn not_moved(&mut self, name: ObjectName, why: SyncFault) {
        if self.junk.tells(&self.account.roster, &name, &why) {
            self.tell_not_moved(name, why);
        }
    }

    fn tell_not_moved(&mut self, name: ObjectName, why: SyncFault) {
        self.job.notice(Notice::NotMoved(name, &why));
        self.report.failed.push((name, why));
    }

    /// Tells how much was not told of one by one.
    pub(super) fn tell_rest(&mut self) {
        let not_looked_at = self.found.not_looked_at.take();
        for (name, count) in self.junk.rest().into_iter().chain(not_looked_at) {
            self.tell_not_moved(name, SyncFault::More { count });
        }
        for (name, device, count) in self.others_word.take().map(|mut word| word.rest()).unwrap_or_default() {
            let device = self.account.roster.member(&device).map(|member| member.name.clone()).unwrap_or_default();
            self.tell_not_moved(name, SyncFault::TooMuchTold { device, count });
        }
    }

    /// Looks once more whether what was shown besides is explained, now that all index objects are here, and else tells of it.
    pub(super) fn judge_beyond(&mut self) -> Result<(), EngineError> {
        if self.beyond.count == 0 || !self.report.waiting.is_empty() {
            return Ok(());
        }
        let now = self.remote.list_of(self.account).map_err(|error| self.lost(error))?;
        self.theirs = now.objects;
        self.theirs.retain(|name, _| !self.found.went.contains(name));
        self.add_unshown();
        if let Beyond { count, first: Some(first) } = now.beyond {
            self.found.findings.push(Finding { device: None, ..Finding::at(Anomaly::Unexplained, Some(first), count, 0) });
            self.report.store_problems = tamper::note_store_problems(self.account, self.remote.name(), &self.found)?;
        }
        Ok(())
    }

    /// What the store did not do, as an error that names it.
    pub(super) fn lost(&self, error: ProviderError) -> EngineError {
        self.remote.lost(error)
    }

    /// The end of a round in which nothing may move.
    pub(super) fn left_alone(mut self) -> Result<Report, EngineError> {
        self.there.extend(self.theirs.keys());
        if let Some(found) = self.ungranted() {
            // what was found wrong there before stays so: nothing else was looked at
            let known = self.account.memory.store(self.remote.name()).map(|known| known.store_problems.clone());
            let known = known.into_iter().flatten().map(|problem| problem.finding);
            self.found.findings.extend(known.filter(|known| known.what != Anomaly::Ungranted).chain([found]));
            self.report.store_problems = tamper::note_store_problems(self.account, self.remote.name(), &self.found)?;
        }
        Ok(Report { there: self.there, ..self.report })
    }

    /// That the store shows what is sealed under later keys, which the owner signed, and nothing that gives them to this device.
    fn ungranted(&self) -> Option<Finding> {
        if !self.is_apart && self.report.waiting.is_empty() {
            return None;
        }
        let (own, held) = (self.account.device.id, u64::from(self.account.device.keys.generation()));
        let later = |name: &&ObjectName| matches!(name, ObjectName::Keys(generation) if *generation > held);
        let proved = |name: &&ObjectName| self.account.vault.size_now(name).is_ok();
        let Some(ObjectName::Keys(newest)) = self.theirs.keys().filter(later).filter(proved).max() else { return None };
        let is_given =
            |name: &ObjectName| matches!(name, ObjectName::Grant(device, generation) if *device == own && *generation > held);
        let grant = ObjectName::Grant(own, *newest);
        let is_active = self.account.roster.member(&own).is_some_and(|member| member.is_active());
        let is_kept_back = is_active && self.remote.shows(&grant) && !self.theirs.keys().any(is_given);
        is_kept_back.then(|| Finding::at(Anomaly::Ungranted, Some(grant), *newest, held))
    }

    /// What the store gave under names of the account and nothing proves is told with the rest that is wrong there: by type, with the first.
    fn tell_made_up(&mut self) -> Result<(), EngineError> {
        let is_made_up = |why: &SyncFault| matches!(why, SyncFault::Refused(why) if why.is_made_up());
        let mut names: Vec<ObjectName> =
            self.report.failed.iter().filter(|(_, why)| is_made_up(why)).map(|(name, _)| *name).collect();
        // what was looked at before anything moved is told already
        let told = |name: &ObjectName| self.found.findings.iter().any(|finding| finding.object == Some(*name));
        names.retain(|name| !told(name) && !self.found.refused.contains(name));
        names.retain(|name| !matches!(name, ObjectName::Head(..) | ObjectName::Roster(_)));
        if names.is_empty() {
            return Ok(());
        }
        names.sort_unstable();
        names.dedup();
        let by_type = names.chunk_by(|a, b| a.object_type() == b.object_type());
        let findings = by_type.map(|some| {
            let first = some.first().copied();
            let pack = self.chunk_index.packs().iter().find(|pack| first == Some(ObjectName::Pack(pack.id)));
            let found = Finding::at(Anomaly::Changed, first, some.len() as u64, 0);
            Finding { device: found.device.or(pack.map(|pack| pack.device)), ..found }
        });
        let findings: Vec<Finding> = findings.collect();
        self.found.findings.extend(findings);
        self.report.store_problems = tamper::note_store_problems(self.account, self.remote.name(), &self.found)?;
        Ok(())
    }

    /// Remembers what lies there, also of a round that was cut off, and gives what came of it.
    pub(super) fn end(mut self, moved: Result<(), Stop>) -> Result<Report, EngineError> {
        self.tell_rest();
        self.report.disbelieved = disbelieved(self.account, &self.theirs);
        self.there.extend(self.theirs.keys());
        self.tell_made_up()?;
        if let Some(found) = self.ungranted() {
            self.found.findings.push(found);
            self.report.store_problems = tamper::note_store_problems(self.account, self.remote.name(), &self.found)?;
        }
        let gone = &self.account.gone;
        self.there.retain(|name| !matches!(name, ObjectName::Slot(id) if gone.contains(id)));
        self.there.extend(&self.found.lacking);
        let is_in_step = moved.is_ok() && self.sent_all;
        self.report.refilled = self.found.is_refilled && is_in_step;
        let visit = (self.remote.name(), self.job.now());
        tamper::note_there(self.account, visit, is_in_step, &self.found, &self.there)?;
        let stopped = match moved {
            Ok(()) => None,
            Err(Stop::Store(error)) => Some(error),
            Err(Stop::Here(error)) => return Err(error),
        };
        Ok(Report { there: self.there, stopped, ..self.report })
    }
}
