//! Looking at a store: the listing, the newest head of each device and those not known yet, the newest roster, the key slots. No
//! more is read, so that a sync in which nothing changed costs a handful of requests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::memory::StoreMemory;
use super::rules::{self, Chain, Link, Witness};
use super::{Finding, What, needs, slots};
use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::roster::{Roster, Standing};
use crate::core::seal::{self, Refused, With};
use crate::core::snapshot::Head;
use crate::engine::account::Account;
use crate::engine::catalog::Catalog;
use crate::engine::keep::Book;
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, select, sync};
use crate::provider::PlaceError;

/// What was read is kept for the sync that follows, up to so many bytes.
const KEEP: usize = 8 * 1024 * 1024;
/// So many heads that are not believed are passed over at the end of a device's chain.
const MAX_JUNK: usize = 16;

/// What a look at a store gave.
#[derive(Default)]
pub struct Look {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Objects that contradict what is known: they are not fetched.
    pub refused: BTreeSet<ObjectName>,
    /// Packs and index objects that the store lost and that snapshots need.
    pub lacking: BTreeSet<ObjectName>,
    /// Key slots that another device replaced.
    pub superseded: Vec<ObjectId>,
    heads: BTreeMap<DeviceId, (u64, ObjectHash)>,
    read: HashMap<ObjectName, Vec<u8>>,
    kept: usize,
}

impl Look {
    /// The bytes of an object that was read already.
    pub fn take(&mut self, name: &ObjectName) -> Option<Vec<u8>> {
        self.read.remove(name)
    }
}

/// Looks at what a store shows and holds it against what this machine knows; `read` holds what was read of it just before.
pub fn look(
    account: &Account,
    catalog: Option<&Catalog>,
    shelf: &Shelf<'_>,
    store: &str,
    theirs: &BTreeMap<ObjectName, u64>,
    read: HashMap<ObjectName, Vec<u8>>,
) -> Result<Look, EngineError> {
    let memory = account.memory.store(store).cloned().unwrap_or_default();
    let was_there = sync::known_there(account, store)?;
    let mut look = Look { read, ..Look::default() };
    if theirs.is_empty() {
        if memory.roster > 0 || !memory.heads.is_empty() || !was_there.is_empty() {
            look.findings.push(Finding::at(What::Emptied, None, was_there.len() as u64, 0));
        }
        return Ok(look);
    }
    let mut eye = Eye { account, shelf, theirs, memory, roster: account.roster.clone(), book: Book::default(), look };
    eye.rosters()?;
    eye.book = Book::read_by(account, &eye.roster)?;
    slots::judge(&mut eye)?;
    let own = eye.heads()?;
    let own = own.filter(|head| eye.memory.heads.get(&account.device.id).is_some_and(|(there, _)| *there >= head.number));
    needs::judge(&mut eye, catalog, own.as_ref(), &was_there)?;
    Ok(eye.look)
}

/// The newest heads that a store holds after a sync, as far as they are believed and known here.
pub fn newest_there(account: &Account, found: &Look, there: &BTreeSet<ObjectName>) -> Vec<(DeviceId, u64, ObjectHash)> {
    let mut newest = found.heads.clone();
    let mut sent: BTreeMap<DeviceId, u64> = BTreeMap::new();
    for name in there.difference(&found.refused) {
        if let ObjectName::Head(device, number) = name {
            sent.entry(*device).and_modify(|n| *n = (*n).max(*number)).or_insert(*number);
        }
    }
    for (device, number) in sent {
        if newest.get(&device).is_none_or(|(known, _)| *known < number)
            && let Ok((_, hash)) = select::head(account, device, number)
        {
            newest.insert(device, (number, hash));
        }
    }
    newest.into_iter().map(|(device, (number, hash))| (device, number, hash)).collect()
}

/// Heads that are believed, by number, and the highest that cannot be read yet.
type Heads = (BTreeMap<u64, (Head, ObjectHash)>, Option<u64>);

/// What reading a head gave.
enum OneHead {
    /// It is believed.
    Opened(Box<(Head, ObjectHash)>),
    /// It is sealed under keys that this device was not granted yet.
    Later,
    /// It is not what it should be.
    Not,
}

/// One look.
pub struct Eye<'a> {
    pub account: &'a Account,
    pub theirs: &'a BTreeMap<ObjectName, u64>,
    pub memory: StoreMemory,
    pub look: Look,
    /// What the keepers of the newest roster let go: its absence says nothing.
    pub book: Book,
    shelf: &'a Shelf<'a>,
    roster: Roster,
}

impl Eye<'_> {
    /// Whether the absence of an object says anything: a device that only writes sees its own part.
    pub fn shows(&self, name: &ObjectName) -> bool {
        self.shelf.provider.narrow().is_none_or(|narrow| narrow.shows(name))
    }

    pub fn finding(&mut self, what: What, object: ObjectName) {
        self.look.findings.push(Finding::at(what, Some(object), 1, 0));
    }

    /// Reads an object; none when it is not there or cannot be read there.
    pub fn get(&mut self, name: ObjectName) -> Result<Option<Vec<u8>>, EngineError> {
        if let Some(bytes) = self.look.read.get(&name) {
            return Ok(Some(bytes.clone()));
        }
        match self.shelf.get(&name) {
            Ok(bytes) => {
                if self.look.kept + bytes.len() <= KEEP {
                    self.look.kept += bytes.len();
                    self.look.read.insert(name, bytes.clone());
                }
                Ok(Some(bytes))
            }
            Err(PlaceError::Missing | PlaceError::Nonsense(_) | PlaceError::Local(_)) => Ok(None),
            Err(error) => Err(EngineError::Place { place: self.shelf.provider.place(), error }),
        }
    }

    /// Rosters go on from the one known here, and none that was there is gone; the newest sound one tells whose heads to believe.
    fn rosters(&mut self) -> Result<(), EngineError> {
        let numbers: Vec<u64> =
            self.theirs.keys().filter_map(|n| if let ObjectName::Roster(n) = n { Some(*n) } else { None }).collect();
        let newest = numbers.last().copied().unwrap_or(0);
        let known = self.memory.roster;
        if newest < known {
            self.look.findings.push(Finding::at(What::OlderRoster, None, known, newest));
        }
        let lost = (1..=known.min(newest)).filter(|n| numbers.binary_search(n).is_err());
        let lost: Vec<u64> = lost.collect();
        if let Some(first) = lost.first() {
            let object = Some(ObjectName::Roster(*first));
            self.look.findings.push(Finding::at(What::Missing, object, lost.len() as u64, 0));
        }
        let ours = self.account.roster.number;
        if numbers.is_empty() {
            return Ok(());
        }
        if newest <= ours {
            return self.old_roster(newest);
        }
        let mut hash = seal::hash(self.account.roster_bytes());
        for number in numbers.into_iter().filter(|number| *number > ours) {
            let name = ObjectName::Roster(number);
            let opened =
                self.get(name)?.map(|bytes| (Roster::open(&self.account.device.keys, &name, &bytes), seal::hash(&bytes)));
            match opened {
                Some((Ok(roster), new)) if roster.number == self.roster.number + 1 && roster.previous == hash => {
                    (self.roster, hash) = (roster, new);
                }
                Some((Ok(_), _)) => {
                    self.look.refused.insert(name);
                    self.finding(What::RosterForked, name);
                }
                Some((Err(Refused::NoKey), _)) => break,
                _ => self.finding(What::Changed, name),
            }
        }
        Ok(())
    }

    /// The store's newest roster is one that is known here.
    fn old_roster(&mut self, number: u64) -> Result<(), EngineError> {
        let name = ObjectName::Roster(number);
        let Some(bytes) = self.get(name)? else {
            self.finding(What::Changed, name);
            return Ok(());
        };
        let ours = if number == self.account.roster.number {
            Some(seal::hash(self.account.roster_bytes()))
        } else {
            let held = self.account.vault.get_now(&name, None).ok();
            held.filter(|held| Roster::open(&self.account.device.keys, &name, held).is_ok()).map(|held| seal::hash(&held))
        };
        let opens = Roster::open(&self.account.device.keys, &name, &bytes).is_ok();
        match ours {
            _ if !opens => self.finding(What::Changed, name),
            Some(hash) if hash != seal::hash(&bytes) => self.finding(What::RosterForked, name),
            _ => {}
        }
        Ok(())
    }

    /// Every device's chain, then what the heads that were read say of one another. Gives this device's newest head there.
    fn heads(&mut self) -> Result<Option<Head>, EngineError> {
        let mut listed: BTreeMap<DeviceId, Vec<u64>> = self.memory.heads.keys().map(|device| (*device, Vec::new())).collect();
        for name in self.theirs.keys() {
            if let ObjectName::Head(device, number) = name {
                listed.entry(*device).or_default().push(*number);
            }
        }
        listed.retain(|device, _| self.shows(&ObjectName::Head(*device, 0)));
        let (mut said, mut shown, mut own) = (Vec::new(), BTreeMap::new(), None);
        for (device, mut numbers) in listed {
            let Some(member) = self.roster.member(&device) else {
                let object = numbers.first().map(|number| ObjectName::Head(device, *number));
                self.look.findings.push(Finding::at(What::Stranger, object, numbers.len() as u64, 0));
                continue;
            };
            let mut there = self.memory.heads.get(&device).map(|(number, _)| *number);
            if let Standing::Revoked(last, _) = member.standing {
                numbers.retain(|number| *number <= last);
                there = there.map(|number| number.min(last));
            }
            let (read, later) = self.read_heads(device, &mut numbers)?;
            shown.insert(device, numbers.last().copied().max(later).unwrap_or(0));
            let broken = self.judge_chain(device, &numbers, &read, there);
            let sound = read.into_iter().filter(|(number, _)| broken.is_none_or(|broken| *number < broken));
            for (number, (head, hash)) in sound {
                self.look.heads.insert(device, (number, hash));
                let mut seen = head.seen.clone();
                seen.retain(|seen| self.shows(&ObjectName::Head(seen.device, seen.number)));
                said.push((device, seen));
                if device == self.account.device.id {
                    own = Some(head);
                }
            }
        }
        self.judge_words(&said, &shown);
        Ok(own)
    }

    /// Reads the heads that are new here and the newest; takes off the end of `numbers` what is not believed or not readable yet, of
    /// which the highest is given.
    fn read_heads(&mut self, device: DeviceId, numbers: &mut Vec<u64>) -> Result<Heads, EngineError> {
        let known = self.memory.heads.get(&device).map_or(0, |(number, _)| *number);
        let (mut read, mut later, mut junk) = (BTreeMap::new(), None, 0);
        while let Some(newest) = numbers.last().copied().filter(|_| junk < MAX_JUNK) {
            match self.one_head(device, newest)? {
                OneHead::Opened(found) => {
                    read.insert(newest, *found);
                    break;
                }
                OneHead::Later => later = later.max(Some(newest)),
                OneHead::Not => junk += 1,
            }
            numbers.pop();
        }
        if read.is_empty() {
            numbers.clear();
        }
        for number in numbers.iter().copied().filter(|number| *number > known) {
            if !read.contains_key(&number)
                && let OneHead::Opened(found) = self.one_head(device, number)?
            {
                read.insert(number, *found);
            }
        }
        Ok((read, later))
    }

    fn one_head(&mut self, device: DeviceId, number: u64) -> Result<OneHead, EngineError> {
        let name = ObjectName::Head(device, number);
        let Some(bytes) = self.get(name)? else {
            self.finding(What::Changed, name);
            return Ok(OneHead::Not);
        };
        let key_of = |device: &DeviceId| self.roster.key_of(device);
        let with = With::Device(&self.account.device.keys);
        let hash = seal::hash(&bytes);
        match Head::open(&with, self.account.id(), &name, &bytes, &key_of) {
            Ok(head) if self.roster.believes(&device, number, &hash) => Ok(OneHead::Opened(Box::new((head, hash)))),
            Ok(_) => Ok(OneHead::Not),
            // what claims to be sealed under later keys says nothing, unless other bytes are known to belong there
            Err(Refused::NoKey) if self.known(&device, number).is_none_or(|known| known == hash) => Ok(OneHead::Later),
            Err(_) => {
                self.finding(What::Changed, name);
                Ok(OneHead::Not)
            }
        }
    }

    /// Gives the first number that must not be taken over.
    fn judge_chain(
        &mut self,
        device: DeviceId,
        numbers: &[u64],
        read: &BTreeMap<u64, (Head, ObjectHash)>,
        there: Option<u64>,
    ) -> Option<u64> {
        let links = read.iter().map(|(n, (head, hash))| (*n, Link { previous: head.previous, hash: *hash })).collect();
        let known = |number| self.known(&device, number);
        let forgotten = |number| self.book.forgotten(&device, number).is_some();
        let chain = Chain { device, numbers, read: &links, there, known: &known, forgotten: &forgotten };
        let (found, broken) = rules::chain(&chain);
        self.look.findings.extend(found);
        let newest = read.keys().last().copied().unwrap_or(0);
        let own = self.account.head.map_or(0, |(number, _)| number);
        if device == self.account.device.id && newest > own && broken.is_none() {
            self.look.findings.push(Finding::of(What::Ahead, device, own, newest));
        }
        if let Some(broken) = broken {
            self.look.refused.extend(numbers.iter().filter(|n| **n >= broken).map(|n| ObjectName::Head(device, *n)));
        }
        broken
    }

    fn judge_words(&mut self, said: &[(DeviceId, Vec<crate::core::snapshot::Seen>)], shown: &BTreeMap<DeviceId, u64>) {
        let mut found: Vec<Finding> = Vec::new();
        for (by, seen) in said {
            let witness = Witness {
                shown: &|device| shown.get(device).copied().unwrap_or(0),
                known: &|device, number| self.known(device, number),
                forgotten: &|device, number| self.book.forgotten(device, number).is_some(),
                active: &|device| self.roster.member(device).map(|member| member.is_active()),
            };
            for new in rules::seen(*by, seen, &witness) {
                let told = |f: &Finding| f.device == new.device && (f.what == new.what || f.what == What::Older);
                if !found.iter().chain(&self.look.findings).any(told) {
                    found.push(new);
                }
            }
        }
        self.look.findings.extend(found);
    }

    /// What the hash of a snapshot is known to be: by memory, or by the copy in the vault.
    fn known(&self, device: &DeviceId, number: u64) -> Option<ObjectHash> {
        let own = self.account.head.filter(|_| *device == self.account.device.id);
        let remembered = [self.memory.heads.get(device).copied(), self.account.memory.newest(device), own];
        let remembered = remembered.into_iter().flatten().find(|(known, _)| *known == number).map(|(_, hash)| hash);
        remembered.or_else(|| select::head(self.account, *device, number).ok().map(|(_, hash)| hash))
    }
}
