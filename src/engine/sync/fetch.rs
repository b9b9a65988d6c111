//! What this machine lacks is fetched from a store.

use std::collections::{BTreeSet, HashSet};

use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::roster::MAX_BELIEVED;
use crate::core::seal;
use crate::core::slot;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::snapshots;
use crate::engine::repository::told;
use crate::engine::sync::batch::Hashes;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::order::{DELETION_NOTE, fetch_rank};
use crate::engine::sync::report::{Pull, Report};
use crate::engine::sync::round::Round;
use crate::engine::sync::transfer::Stop;
use crate::engine::{EngineError, Event, Job};

/// Fetches what this machine lacks and sends nothing.
///
/// # Errors
/// [`EngineError::Place`] for a store that gives no more, and whatever fails on this machine.
pub fn pull(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    pull: Pull,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let shown = remote.list_of(account).map_err(|error| remote.lost(error))?;
    let mut round = Round::new(account, chunk_index, remote, shown.objects, job);
    round.beyond = shown.beyond;
    round.look_here()?;
    round.fetch_missing(pull).map_err(|stop| stop.at(remote))?;
    round.tell_rest();
    Ok(round.report)
}

/// Fetches the snapshots of one device that a store shows and this machine lacks, the newest first, as many as can be believed of one that is
/// revoked; gives the numbers of those that are sealed under keys which this machine was not given.
///
/// # Errors
/// As for [`pull`].
pub fn snapshots_of(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    device: DeviceId,
    job: Job<'_>,
) -> Result<Vec<u64>, EngineError> {
    let notes = DeletionNotes::read(account)?;
    let mut theirs = remote.list_in_of(account, &["heads"]).map_err(|error| remote.lost(error))?;
    theirs.retain(|name, _| name.device() == Some(device));
    let mut round = Round::new(account, chunk_index, remote, theirs, job);
    round.look_here()?;
    let lacking = round.theirs.iter().rev().take(MAX_BELIEVED).filter(|(name, _)| !round.ours.contains_key(*name));
    let mut lacking: Vec<(ObjectName, u64)> = lacking.map(|(name, size)| (*name, *size)).collect();
    let let_go = round.let_go(&notes, &lacking)?;
    lacking.retain(|(name, _)| !let_go.contains(name));
    round.fetch_group(&lacking, &Hashes::new()).map_err(|stop| stop.at(remote))?;
    let number = |name: &ObjectName| if let ObjectName::Head(_, number) = name { Some(*number) } else { None };
    Ok(round.report.waiting.iter().filter_map(number).collect())
}

impl Round<'_> {
    /// Fetches later keys and this device's grant of them first: without, it could not read what is sealed under them. Then deletion
    /// notes, so that what they let go is not missed.
    pub(super) fn fetch_keys(&mut self) -> Result<(), EngineError> {
        self.fetch_first(|account, name| match name {
            ObjectName::Keys(_) | ObjectName::Grant(..) => true,
            // those of devices that are not known yet to have the right come after the roster
            ObjectName::DeletionNote(device, number) => account.roster.may_count(device, *number),
            _ => false,
        })
    }

    /// Fetches what the store has of these and this machine lacks.
    pub(super) fn fetch_first(&mut self, is_meant: fn(&Account, &ObjectName) -> bool) -> Result<(), EngineError> {
        let names: Vec<ObjectName> = self.theirs.keys().filter(|name| is_meant(self.account, name)).copied().collect();
        for name in names {
            if self.account.vault.size_now(&name).is_err() {
                self.fetch_one(name)?;
            }
        }
        Ok(())
    }

    /// Fetches keys that came to the store since it was listed: another device made them meanwhile. Whether this device holds later ones now.
    pub(super) fn fetch_later_keys(&mut self) -> Result<bool, EngineError> {
        let before = self.account.device.keys.generation();
        // those that another process made on this machine
        self.account.refresh()?;
        let now = self.remote.list_in(&["keys", "grants"]).map_err(|error| self.lost(error))?;
        for (name, size) in now {
            if self.remote.reads(&name) && self.account.vault.size_now(&name).is_err() && !self.theirs.contains_key(&name) {
                self.theirs.insert(name, size);
                self.fetch_one(name)?;
            }
        }
        Ok(self.account.device.keys.generation() > before)
    }

    /// What waited for keys that this device holds by now is fetched once more.
    fn fetch_waiting(&mut self) -> Result<(), EngineError> {
        if self.report.waiting.is_empty() || !self.fetch_later_keys()? {
            return Ok(());
        }
        std::mem::take(&mut self.report.waiting).into_iter().try_for_each(|name| self.fetch_one(name))
    }

    /// Fetches what is missing, what is needed before what needs it; packs last, where all is pulled.
    pub(super) fn fetch_missing(&mut self, pull: Pull) -> Result<(), Stop> {
        self.fetch_named()?;
        self.chunk_index.absorb_new(self.account)?;
        let mut wanted = SyncFilter::of(self.account, self.chunk_index)?;
        let mut lacking = wanted.lacking_indexes(self.readable());
        // a listing that is too long to be kept whole may have lost them; their names are known
        if self.beyond.count > 0 {
            lacking.extend(
                wanted.unlisted_indexes(|name| self.theirs.contains_key(name)).filter(|(name, _)| self.remote.reads(name)),
            );
        }
        // believed snapshots name them: they are asked for whatever else the store gave
        self.fetch_told(&lacking, &Hashes::new())?;
        if !lacking.is_empty() {
            self.chunk_index.absorb_new(self.account)?;
            wanted = SyncFilter::of(self.account, self.chunk_index)?;
        }
        if pull == Pull::All { self.fetch_packs(&wanted) } else { Ok(()) }
    }

    fn fetch_packs(&mut self, wanted: &SyncFilter) -> Result<(), Stop> {
        let wants = |name: &ObjectName| self.offers(name) && wanted.sends(name, |pack| self.offers(pack));
        let hashes: Hashes = told::Packs::of(self.chunk_index).into_hashes().collect();
        // one that is here as any of those who tell of it says is here
        let here: HashSet<ObjectId> = self.chunk_index.packs().iter().filter(|pack| pack.present).map(|pack| pack.id).collect();
        let lacking: BTreeSet<ObjectId> =
            self.chunk_index.packs().iter().map(|pack| pack.id).filter(|id| !here.contains(id)).collect();
        let lacking = lacking.into_iter().map(ObjectName::Pack).filter(wants);
        let packs: Vec<(ObjectName, u64)> = lacking.filter_map(|name| Some((name, *self.theirs.get(&name)?))).collect();
        self.job.tell(Event::Total { files: packs.len() as u64, bytes: packs.iter().map(|(_, size)| size).sum() });
        self.fetch_told(&packs, &hashes)
    }

    /// Fetches what is missing of all but packs.
    pub(super) fn fetch_named(&mut self) -> Result<(), Stop> {
        let missing = self.missing();
        // who is a device that may delete and what was forgotten comes first: what the devices that may delete let go is not fetched
        let (first, rest) = missing.split_at(missing.partition_point(|(name, _)| fetch_rank(name) <= fetch_rank(&DELETION_NOTE)));
        for (name, _) in first {
            self.job.check()?;
            self.fetch_one(*name)?;
        }
        let notes = DeletionNotes::read(self.account)?;
        let is_of_use = |name: &ObjectName| match name {
            ObjectName::Head(device, number) if self.account.roster.is_after_revocation(device, *number) => false,
            name => !notes.lets_go(name),
        };
        let mut rest: Vec<(ObjectName, u64)> = rest.iter().filter(|(name, _)| is_of_use(name)).copied().collect();
        let let_go = self.let_go(&notes, &rest)?;
        rest.retain(|(name, _)| !let_go.contains(name));
        let facts: Hashes = self.account.own_facts().map(|(name, hash)| (name, vec![hash])).collect();
        rest.chunk_by(|(a, _), (b, _)| fetch_rank(a) == fetch_rank(b)).try_for_each(|group| self.fetch_group(group, &facts))?;
        Ok(self.fetch_waiting()?)
    }

    /// Which of these heads were forgotten: by the hash of what lies there, or by the one that the head after it names.
    fn let_go(&mut self, notes: &DeletionNotes, names: &[(ObjectName, u64)]) -> Result<BTreeSet<ObjectName>, EngineError> {
        let mut found = BTreeSet::new();
        for (name, _) in names {
            let ObjectName::Head(device, number) = *name else { continue };
            if !notes.may_be_forgotten(&device, number) {
                continue;
            }
            let after = number.checked_add(1).and_then(|after| snapshots::head(self.account, device, after).ok());
            let named = match (self.found.take(name), after) {
                (Some(bytes), _) => Some(seal::hash(&bytes)),
                (None, Some((after, _))) => Some(after.previous),
                (None, None) => self.remote.find(name)?.map(|bytes| seal::hash(&bytes)),
            };
            if named.is_some_and(|hash| notes.forgets(&device, number, &hash)) {
                found.insert(*name);
            }
        }
        Ok(found)
    }

    /// What the store has of all but packs and this machine lacks, in the order in which it is fetched.
    fn missing(&self) -> Vec<(ObjectName, u64)> {
        let wanted = |name: &ObjectName| match name {
            _ if self.found.refused.contains(name) => false,
            ObjectName::Slot(id) if self.account.gone.contains(id) => false,
            ObjectName::Slot(id) => match &self.found.slots {
                Some(proved) => proved.contains(id),
                None => self.theirs.get(name).is_some_and(|size| slot::may_have_size(*size)),
            },
            // facts stay with the device that recorded them, and come back to it alone
            ObjectName::Fact(device, number) => *device == self.account.device.id && self.account.facts.holds(*number),
            ObjectName::Pack(_) | ObjectName::Letter(..) => false,
            _ => true,
        };
        let missing = self.readable().filter(|(name, _)| !self.ours.contains_key(name) && wanted(name));
        let mut missing: Vec<(ObjectName, u64)> = missing.map(|(name, size)| (*name, *size)).collect();
        missing.sort_by_key(|(name, _)| (fetch_rank(name), *name));
        missing
    }
}
