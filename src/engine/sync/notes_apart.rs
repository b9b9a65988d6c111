//! Two chains of deletion notes of one device, which was put back to an older state and used numbers again: those in the store hold, and what
//! the others say is said again behind them. What is said there and here alike is left.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::deletion_note::DeletionNote;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::seal::hash;
use crate::engine::EngineError;
use crate::engine::account::known_state::{Anomaly, Finding};
use crate::engine::account::renumbering::{NumberedAnew, Renumbering};
use crate::engine::error::in_vault;
use crate::engine::repository::deletion_notes::{self, DeletionNotes};
use crate::engine::repository::listings;
use crate::engine::sync::round::Round;
use crate::local::work_lock;

/// So many notes of a device are looked through for the first that is another.
const MOST: u64 = 4096;

/// Notes by number, each with its bytes and their hash.
type Chain = BTreeMap<u64, (DeletionNote, Vec<u8>, ObjectHash)>;

/// Two chains from the first note on that is another.
struct Apart {
    device: DeviceId,
    first: u64,
    theirs: Chain,
    ours: Chain,
}

impl Apart {
    /// Notes of the one that the other has under no number.
    fn only_in<'a>(one: &'a Chain, other: &'a Chain) -> impl Iterator<Item = &'a DeletionNote> {
        let is_there = |note: &DeletionNote| other.values().any(|(there, ..)| says_the_same(there, note));
        one.values().map(|(note, ..)| note).filter(move |note| !is_there(note))
    }

    fn shown(&self) -> u64 {
        self.theirs.keys().last().copied().unwrap_or(0)
    }

    fn name(&self, number: u64) -> ObjectName {
        ObjectName::DeletionNote(self.device, number)
    }

    /// Numbers that bear something else here and there.
    fn other(&self) -> impl DoubleEndedIterator<Item = u64> {
        let is_same = |number: &u64, ours: &ObjectHash| self.theirs.get(number).is_some_and(|(.., theirs)| theirs == ours);
        self.ours.iter().filter(move |(number, (.., hash))| !is_same(number, hash)).map(|(number, _)| *number)
    }
}

/// Whether one note is another under another number.
fn says_the_same(one: &DeletionNote, other: &DeletionNote) -> bool {
    (one.time, &one.said) == (other.time, &other.said)
}

impl Round<'_> {
    /// Brings together what devices that may delete said twice under one number, before anything is judged by it.
    pub(super) fn settle_notes(&mut self) -> Result<(), EngineError> {
        let numbers =
            |name: &ObjectName| if let ObjectName::DeletionNote(device, number) = name { Some((*device, *number)) } else { None };
        let known = listings::known_there(self.account, self.remote.name());
        let mut newest: BTreeMap<DeviceId, u64> = BTreeMap::new();
        for (device, number) in self.readable().filter(|(name, _)| !known.contains(*name)).filter_map(|(name, _)| numbers(name)) {
            let is_here = || self.account.vault.size_now(&ObjectName::DeletionNote(device, number)).is_ok();
            if self.account.roster.may_delete(&device) && is_here() {
                let newest = newest.entry(device).or_default();
                *newest = (*newest).max(number);
            }
        }
        if newest.is_empty() {
            return Ok(());
        }
        let _moment = work_lock::take_moment(&self.account.folder(), "notes", &self.account.stop)?;
        for (device, number) in newest {
            if let Some(apart) = self.notes_apart(device, number)? {
                self.settle_chain(apart)?;
            }
        }
        Ok(())
    }

    /// The two chains; none where they are one, or the store's is none.
    fn notes_apart(&mut self, device: DeviceId, newest: u64) -> Result<Option<Apart>, EngineError> {
        let notes = DeletionNotes::read(self.account)?;
        let refused: BTreeSet<ObjectName> = notes.refused().iter().map(|(name, _)| *name).collect();
        let (mut first, mut before) = (newest.saturating_add(1), ObjectHash::from_bytes([0; 32]));
        for number in (1..=newest).rev().take(usize::try_from(MOST).unwrap_or(usize::MAX)) {
            let name = ObjectName::DeletionNote(device, number);
            let here = self.account.vault.get_now(&name, None).map_err(in_vault)?;
            let Some(there) = self.remote.find(&name)? else { return Ok(None) };
            if here == there && !refused.contains(&name) {
                before = hash(&here);
                break;
            }
            first = number;
        }
        if first > newest {
            return Ok(None);
        }
        let Some(theirs) = self.their_notes(device, first, before)? else { return Ok(None) };
        let ours = self.our_notes(device, first)?;
        Ok(Some(Apart { device, first, theirs, ours }))
    }

    /// The store's notes from that number on; none where one does not follow the one before it.
    fn their_notes(&self, device: DeviceId, first: u64, before: ObjectHash) -> Result<Option<Chain>, EngineError> {
        let (mut chain, mut previous) = (Chain::new(), before);
        for number in first.. {
            let name = ObjectName::DeletionNote(device, number);
            if !self.theirs.contains_key(&name) {
                break;
            }
            let Some(bytes) = self.remote.find(&name)? else { return Ok(None) };
            match deletion_notes::open(self.account, &name, &bytes) {
                Ok((note, hash)) if note.previous == previous => {
                    previous = hash;
                    chain.insert(number, (note, bytes, hash));
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(chain))
    }

    fn our_notes(&self, device: DeviceId, first: u64) -> Result<Chain, EngineError> {
        let mut chain = Chain::new();
        for number in first.. {
            let name = ObjectName::DeletionNote(device, number);
            if self.account.vault.size_now(&name).is_err() {
                break;
            }
            let bytes = self.account.vault.get_now(&name, None).map_err(in_vault)?;
            if let Ok((note, hash)) = deletion_notes::open(self.account, &name, &bytes) {
                chain.insert(number, (note, bytes, hash));
            }
        }
        Ok(chain)
    }

    fn settle_chain(&mut self, apart: Apart) -> Result<(), EngineError> {
        let is_own = apart.device == self.account.device.id;
        if Apart::only_in(&apart.theirs, &apart.ours).next().is_none() {
            return self.put_right_notes(&apart);
        }
        if is_own {
            return self.say_again(apart);
        }
        if Apart::only_in(&apart.ours, &apart.theirs).next().is_some() {
            return Ok(());
        }
        // all that is here is said there under other numbers
        for number in apart.other().rev() {
            self.account.vault_writer().set_aside_now(&apart.name(number)).map_err(in_vault)?;
        }
        for number in apart.theirs.keys() {
            self.fetch_one(apart.name(*number))?;
        }
        let found = Finding::of(Anomaly::PutBack, apart.device, apart.shown(), apart.shown());
        self.said_anew.push(Finding { object: Some(apart.name(apart.first)), ..found });
        Ok(())
    }

    /// What lies there under a number that is another's by now makes way for that.
    fn put_right_notes(&mut self, apart: &Apart) -> Result<(), EngineError> {
        for number in apart.other().filter(|number| apart.theirs.contains_key(number)) {
            if !self.remote.only_writes() && self.remote.remove(&apart.name(number)).is_ok() {
                self.theirs.remove(&apart.name(number));
            }
        }
        Ok(())
    }

    /// Takes over the store's notes of this device, and says behind them what only the others say. Which snapshots of its own they looked at is left
    /// out: those numbers may be others' by now.
    fn say_again(&mut self, apart: Apart) -> Result<(), EngineError> {
        let device = &self.account.device;
        let order = DeletionNotes::read(self.account)?.order();
        let mut order = apart.theirs.values().map(|(note, ..)| note.order).fold(order, u64::max);
        let (mut number, mut previous) = apart.theirs.iter().last().map_or((0, None), |(n, (.., hash))| (*n, Some(*hash)));
        let theirs = apart.theirs.iter().map(|(number, (_, bytes, _))| (apart.name(*number), bytes.clone()));
        let mut objects: Vec<(ObjectName, Vec<u8>)> = theirs.collect();
        for note in Apart::only_in(&apart.ours, &apart.theirs) {
            (number, order) = (number + 1, order + 1);
            let mut note = DeletionNote { number, previous: previous.unwrap_or(note.previous), order, ..note.clone() };
            note.heads.retain(|seen| seen.device != device.id);
            let sealed = note.seal(&device.keys, &device.signer, self.job.random)?;
            previous = Some(sealed.hash());
            objects.push((sealed.name(), sealed.into_bytes()));
        }
        let told = NumberedAnew { first: apart.name(apart.first), shown: apart.shown(), last: number };
        let gone = apart.ours.keys().filter(|ours| **ours > number).map(|ours| apart.name(*ours)).collect();
        let store = self.remote.name().to_owned();
        let plan = Renumbering { store, told: vec![told], before: None, objects, gone };
        if plan.fits() { self.account.number_anew(plan) } else { Ok(()) }
    }
}
