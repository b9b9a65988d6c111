//! Two histories of one device: the one that is known here, and another that a store shows under the same numbers. Both bear the device's
//! signature: it was put back to an older state and used numbers again, or another machine uses its keys.
//!
//! What a store shows takes the place of what is here only where it goes on from the same snapshot without a gap, where that store never
//! showed anything else under these numbers, and where no snapshot goes by it: this device gives its own other numbers, and another's
//! must all be there under other numbers already.

use std::collections::BTreeMap;

use crate::core::name::{DeviceId, ObjectHash};
use crate::core::snapshot::Head;
use crate::engine::account::Account;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;
use crate::engine::sync::tamper::rules::{Chain, MAX_GAP, all_forgotten};

/// Heads that were read and are believed, by number, each with its hash.
pub(super) type Heads = BTreeMap<u64, (Head, ObjectHash)>;

/// What a store's history of a device is beside the one known here.
pub(super) enum Beside {
    /// All that it shows from there on is known here, these under other numbers by now.
    Before(Vec<u64>),
    /// It takes the place of the one here.
    After(Apart),
}

/// What takes the place of what is here.
#[derive(Debug, Clone)]
pub struct Apart {
    /// Whose snapshots they are.
    pub device: DeviceId,
    /// The first number that is another there.
    pub first: u64,
    /// The hash of the snapshot before it.
    pub before: ObjectHash,
    /// What the store shows from there on.
    pub theirs: Vec<(u64, ObjectHash)>,
    /// The numbers here that make way.
    pub ours: Vec<u64>,
    /// Snapshots of this device that get other numbers, in order.
    pub anew: Vec<Head>,
}

impl Apart {
    /// The last number that the store shows.
    pub fn shown(&self) -> u64 {
        self.theirs.last().map_or(0, |(number, _)| *number)
    }

    /// The last number once this device's own have other ones.
    pub fn last(&self) -> u64 {
        self.shown() + self.anew.len() as u64
    }

    /// The hash that a number has in the store.
    pub fn hash(&self, number: u64) -> Option<ObjectHash> {
        self.theirs.iter().find(|(known, _)| *known == number).map(|(_, hash)| *hash)
    }
}

/// What is known when two histories are weighed.
pub(super) struct Histories<'a> {
    pub(super) account: &'a Account,
    pub(super) notes: &'a DeletionNotes,
    pub(super) chain: &'a Chain<'a>,
    pub(super) read: &'a Heads,
}

impl Histories<'_> {
    /// Weighs a store's history that is another than the one here from this number on; none where neither holds all that the other does.
    pub(super) fn judge(&self, broken: u64) -> Option<Beside> {
        let first = self.first(broken);
        // what this store showed once is no other history: it changed
        if self.chain.there.is_some_and(|there| there >= first) {
            return None;
        }
        let ours = self.ours(first)?;
        let theirs: Vec<(u64, &(Head, ObjectHash))> = self.theirs(broken)?;
        let is_ours = |(number, (head, hash)): &(u64, &(Head, ObjectHash))| {
            ours.get(number).is_some_and(|(_, own)| own == hash) || ours.values().any(|(own, _)| own.is_numbered_anew(head))
        };
        if theirs.iter().all(is_ours) {
            let others = theirs.iter().filter(|(number, (_, hash))| ours.get(number).is_none_or(|(_, own)| own != hash));
            return Some(Beside::Before(others.map(|(number, _)| *number).collect()));
        }
        let before = self.follows(first, &theirs)?;
        let is_theirs = |head: &Head| theirs.iter().any(|(_, (their, _))| their.is_numbered_anew(head));
        let is_let_go = |(number, (_, hash)): &(u64, (Head, ObjectHash))| self.notes.forgets(&self.chain.device, *number, hash);
        let numbers = ours.keys().copied().collect();
        let anew = ours.into_iter().filter(|one| !is_let_go(one)).map(|(_, (head, _))| head);
        let anew: Vec<Head> = anew.filter(|head| !is_theirs(head)).collect();
        let is_own = self.chain.device == self.account.device.id;
        let theirs = theirs.into_iter().map(|(number, (_, hash))| (number, *hash)).collect();
        let apart = Apart { device: self.chain.device, first, before, theirs, ours: numbers, anew };
        (is_own || apart.anew.is_empty()).then_some(Beside::After(apart))
    }

    /// Where they part: before the first that the store shows may lie some that were forgotten there.
    fn first(&self, broken: u64) -> u64 {
        let is_gone = |number: &u64| self.chain.numbers.binary_search(number).is_err() && (self.chain.forgotten)(*number);
        let gone = (1..broken).rev().take_while(is_gone).take(usize::try_from(MAX_GAP).unwrap_or(usize::MAX));
        gone.last().unwrap_or(broken)
    }

    /// What is here from that number on; none where any of it does not open.
    fn ours(&self, first: u64) -> Option<Heads> {
        let names = snapshots::head_names(self.account).ok()?;
        let numbers = names.get(&self.chain.device)?.iter().filter(|number| **number >= first);
        let opened = |number: &u64| Some((*number, snapshots::head(self.account, self.chain.device, *number).ok()?));
        let ours: Heads = numbers.map(opened).collect::<Option<_>>()?;
        (!ours.is_empty()).then_some(ours)
    }

    /// What the store shows from that number on; none where any of it was not read.
    fn theirs(&self, broken: u64) -> Option<Vec<(u64, &(Head, ObjectHash))>> {
        let numbers = self.chain.numbers.iter().filter(|number| **number >= broken);
        numbers.map(|number| Some((*number, self.read.get(number)?))).collect()
    }

    /// Whether it goes on from what is known here, each snapshot naming the one before it, and nothing missing that nobody let go. The hash of
    /// the one before the first.
    fn follows(&self, first: u64, theirs: &[(u64, &(Head, ObjectHash))]) -> Option<ObjectHash> {
        let next = theirs.first().filter(|(number, _)| *number == first).map(|(_, (head, _))| head.previous);
        let let_go = |number| next.filter(|named| self.notes.excuses(&self.chain.device, number, Some(named)));
        let start = match first {
            0 | 1 => ObjectHash::from_bytes([0; 32]),
            _ => (self.chain.known)(first - 1).or_else(|| let_go(first - 1))?,
        };
        let (mut before, mut previous) = (first.checked_sub(1)?, start);
        for (number, (head, hash)) in theirs {
            let between = number.checked_sub(1)?;
            if between > before {
                if !all_forgotten(before, between, self.chain.forgotten) {
                    return None;
                }
                previous = head.previous;
            }
            if head.previous != previous {
                return None;
            }
            (before, previous) = (*number, *hash);
        }
        Some(start)
    }
}
