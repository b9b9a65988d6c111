//! A device that was put back to an older state and used numbers again: the snapshots that a store shows under them hold, so that whoever
//! saw these believes what comes next, and the others get the next numbers, with the same content.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::deletion_note::{DeletionNote, Statement};
use crate::core::name::{DeviceId, ObjectName};
use crate::core::seal::hash;
use crate::core::snapshot::Head;
use crate::engine::EngineError;
use crate::engine::account::known_state::{Anomaly, Finding, StoreObservation};
use crate::engine::account::renumbering::{NumberedAnew, Renumbering};
use crate::engine::error::in_vault;
use crate::engine::repository::deletion_notes::{self, DeletionNotes};
use crate::engine::repository::{listings, snapshots};
use crate::engine::sync::round::Round;
use crate::engine::sync::tamper::histories::Apart;
use crate::local::work_lock::{Held, Waiting};

/// Sealed objects by name.
type Sealed = Vec<(ObjectName, Vec<u8>)>;

impl Round<'_> {
    /// Brings together two histories of a device, where that loses no snapshot; else the one here stays, and nothing of it goes there.
    pub(super) fn settle_histories(&mut self) -> Result<(), EngineError> {
        let held = self.hold_still()?;
        for apart in std::mem::take(&mut self.found.apart) {
            let is_own = apart.device == self.account.device.id;
            let is_done = match (is_own, &held) {
                (true, None) => false,
                (true, Some(_)) => self.number_anew(&apart)?,
                (false, _) => self.take_their_numbers(&apart)?,
            };
            let is_of = |name: &ObjectName| matches!(name, ObjectName::Head(device, number) if *device == apart.device && *number >= apart.first);
            if is_done {
                self.found.refused.retain(|name| !is_of(name));
            } else {
                self.ours.retain(|name, _| !is_of(name));
            }
        }
        self.put_right_numbers()?;
        self.tell_numbered_anew()
    }

    /// Holds the vault where this device's snapshots get other numbers, so that no backup goes on from the old ones; none while one does.
    fn hold_still(&mut self) -> Result<Option<Held>, EngineError> {
        let own = self.account.device.id;
        if !self.found.apart.iter().any(|apart| apart.device == own) {
            return Ok(None);
        }
        let held = match self.account.hold_vault(&Waiting::no()) {
            Ok(held) => held,
            Err(EngineError::Busy(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let before = self.account.head;
        self.account.refresh()?;
        Ok((self.account.head == before).then_some(held))
    }

    /// Takes over what the store shows of this device, and gives what it made since the next numbers.
    fn number_anew(&mut self, apart: &Apart) -> Result<bool, EngineError> {
        let Some(mut objects) = self.shown_heads(apart)? else { return Ok(false) };
        let device = &self.account.device;
        let (mut number, mut previous) = apart.theirs.last().map_or((0, apart.before), |(number, hash)| (*number, *hash));
        for head in &apart.anew {
            number += 1;
            let head = Head { number, previous, ..head.clone() };
            let sealed = head.seal(&device.keys, &device.signer, self.job.random)?;
            previous = sealed.hash();
            objects.push((sealed.name(), sealed.into_bytes()));
        }
        objects.extend(self.marks_under_new_numbers(apart)?);
        let plan = Renumbering {
            store: self.remote.name().to_owned(),
            told: vec![NumberedAnew {
                first: ObjectName::Head(apart.device, apart.first),
                shown: apart.shown(),
                last: apart.last(),
            }],
            before: Some(apart.before),
            gone: self.without_number(apart, number),
            objects,
        };
        if !plan.fits() {
            return Ok(false);
        }
        self.account.number_anew(plan)?;
        self.look_here()?;
        Ok(true)
    }

    /// A note that gives pins and tags of what this device numbers anew to the new numbers, where it said so since it was put back: in notes that
    /// the store does not have.
    fn marks_under_new_numbers(&self, apart: &Apart) -> Result<Option<(ObjectName, Vec<u8>)>, EngineError> {
        let (account, own) = (&*self.account, apart.device);
        if !account.roster.may_delete(&own) {
            return Ok(None);
        }
        let notes = DeletionNotes::read(account)?;
        let Some(newest) = notes.newest().find(|seen| seen.device == own) else { return Ok(None) };
        let since = (1..=newest.number).map(|number| ObjectName::DeletionNote(own, number));
        let mut marks = Marks::default();
        for name in since.filter(|name| !self.theirs.contains_key(name)) {
            let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
            let opened = deletion_notes::open(account, &name, &bytes);
            opened.iter().for_each(|(note, _)| note.said.iter().for_each(|said| marks.take(own, said)));
        }
        let numbers: BTreeMap<u64, u64> = apart.anew.iter().map(|head| head.number).zip(apart.shown() + 1..).collect();
        let said = marks.moved(own, &numbers);
        if said.is_empty() {
            return Ok(None);
        }
        let note = DeletionNote {
            deleter: own,
            number: newest.number + 1,
            previous: newest.hash,
            order: notes.order() + 1,
            time: self.job.now(),
            heads: Vec::new(),
            said,
        };
        let sealed = note.seal(&account.device.keys, &account.device.signer, self.job.random)?;
        Ok(Some((sealed.name(), sealed.into_bytes())))
    }

    /// What lies here under numbers behind the last, or under those that were forgotten there.
    fn without_number(&self, apart: &Apart, last: u64) -> Vec<ObjectName> {
        let has = |number: &u64| apart.hash(*number).is_some() || (apart.shown() < *number && *number <= last);
        let gone = apart.ours.iter().filter(|number| !has(number));
        gone.map(|number| ObjectName::Head(apart.device, *number)).collect()
    }

    /// The heads that the store shows; none where they are not those that were looked at.
    fn shown_heads(&mut self, apart: &Apart) -> Result<Option<Sealed>, EngineError> {
        let mut objects = Vec::new();
        for (number, told) in &apart.theirs {
            let name = ObjectName::Head(apart.device, *number);
            let bytes = match self.found.take(&name) {
                Some(bytes) => Some(bytes),
                None => self.remote.find(&name)?,
            };
            match bytes.filter(|bytes| hash(bytes) == *told) {
                Some(bytes) => objects.push((name, bytes)),
                None => return Ok(None),
            }
        }
        Ok(Some(objects))
    }

    /// Another device's snapshots that are here have other numbers there: they make way, and what is there is fetched with the rest.
    fn take_their_numbers(&mut self, apart: &Apart) -> Result<bool, EngineError> {
        let device = apart.device;
        let (number, hash) = (apart.first.saturating_sub(1), apart.before);
        let note = |store: String| StoreObservation::Head { store, device, number, hash };
        // what was known first: a run that is cut off then finds two histories again, or takes over the one there
        for store in self.account.memory.stores_that_saw(&device, apart.first) {
            self.account.remember_observation(note(store))?;
        }
        if self.account.memory.newest(&device).is_some_and(|(newest, _)| newest >= apart.first) {
            self.account.remember_observation(note(String::new()))?;
        }
        for number in apart.ours.iter().rev() {
            self.account.vault_writer().set_aside_now(&ObjectName::Head(device, *number)).map_err(in_vault)?;
        }
        self.look_here()?;
        Ok(true)
    }

    /// What lies in the store under a number that is another's by now makes way for that, where it may be removed.
    fn put_right_numbers(&mut self) -> Result<(), EngineError> {
        for name in std::mem::take(&mut self.found.before) {
            let ObjectName::Head(device, number) = name else { continue };
            let here = snapshots::head(self.account, device, number).map(|(_, hash)| hash);
            let is_gone = here.is_ok() && !self.remote.only_writes() && self.remote.remove(&name).is_ok();
            match self.ours.get(&name).copied() {
                _ if is_gone => drop(self.theirs.remove(&name)),
                // it stays there: ours is not sent under a name that is taken
                Some(size) => drop(self.theirs.insert(name, size)),
                None => {}
            }
        }
        Ok(())
    }

    /// A fact of this device under a number whose fact here is another: it was recorded before this machine was put back, and nothing here tells of
    /// what it is, so that it could not be deleted by item. It makes way, as others do that are held no longer.
    pub(super) fn settle_facts(&mut self) -> Result<(), EngineError> {
        let known = listings::known_there(self.account, self.remote.name());
        let is_new = |name: &ObjectName| self.offers(name) && !known.contains(name) && !self.remote.only_writes();
        let facts: Vec<_> = self.account.own_facts().filter(|(name, _)| is_new(name)).collect();
        for (name, held) in facts {
            let is_other = self.remote.find(&name)?.is_some_and(|there| hash(&there) != held);
            if is_other && self.remote.remove(&name).is_ok() {
                self.theirs.remove(&name);
            }
        }
        Ok(())
    }

    /// What got other numbers is told with what is wrong with the store that showed them, also where the run that did it was cut off.
    fn tell_numbered_anew(&mut self) -> Result<(), EngineError> {
        self.found.findings.append(&mut self.said_anew);
        let Some((store, told)) = self.account.numbered_anew() else { return Ok(()) };
        if store != self.remote.name() {
            return Ok(());
        }
        let device = self.account.device.id;
        for NumberedAnew { first, shown, last } in told {
            let is_told = |finding: &Finding| finding.what == Anomaly::PutBack && finding.object == Some(first);
            if !self.found.findings.iter().any(is_told) {
                let found = Finding::of(Anomaly::PutBack, device, last, shown);
                self.found.findings.push(Finding { object: Some(first), ..found });
            }
        }
        Ok(())
    }

    /// What got other numbers and was kept as a problem is told.
    pub(super) fn told_of_numbers(&self) -> Result<(), EngineError> {
        match self.account.numbered_anew() {
            Some((store, _)) if store == self.remote.name() => self.account.told_of_renumbering(),
            _ => Ok(()),
        }
    }
}

/// What a device said of its own snapshots, by number: whether one is pinned, and its tags.
#[derive(Default)]
struct Marks {
    pins: BTreeMap<u64, bool>,
    tags: BTreeSet<(u64, String)>,
}

impl Marks {
    fn take(&mut self, own: DeviceId, said: &Statement) {
        match said {
            Statement::Pin(device, number) if *device == own => drop(self.pins.insert(*number, true)),
            Statement::Unpin(device, number) if *device == own => drop(self.pins.insert(*number, false)),
            Statement::Tag(device, number, text) if *device == own => drop(self.tags.insert((*number, text.clone()))),
            Statement::Untag(device, number, text) if *device == own => drop(self.tags.remove(&(*number, text.clone()))),
            _ => {}
        }
    }

    /// Taken from the old numbers and given to the new ones.
    fn moved(&self, own: DeviceId, numbers: &BTreeMap<u64, u64>) -> Vec<Statement> {
        let mut said = Vec::new();
        for (number, _) in self.pins.iter().filter(|(_, is_pinned)| **is_pinned) {
            if let Some(new) = numbers.get(number) {
                said.extend([Statement::Unpin(own, *number), Statement::Pin(own, *new)]);
            }
        }
        for (number, text) in &self.tags {
            if let Some(new) = numbers.get(number) {
                said.extend([Statement::Untag(own, *number, text.clone()), Statement::Tag(own, *new, text.clone())]);
            }
        }
        // what is taken goes first: a number may be an old one and a new one
        said.sort_by_key(|said| matches!(said, Statement::Pin(..) | Statement::Tag(..)));
        said
    }
}
