//! One inspection of a store: what it shows, read once, and what is found wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::roster::{Role, Roster, newest};
use crate::core::seal::{self, Refused, With};
use crate::core::signed::Signed;
use crate::core::snapshot::{Head, Seen};
use crate::engine::EngineError;
use crate::engine::account::known_state::{Anomaly, Finding, KnownStore};
use crate::engine::account::{Account, keys};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::snapshots;
use crate::engine::sync::tamper::histories::{Apart, Beside, Heads, Histories};
use crate::engine::sync::tamper::rules::{self, Chain, Link, Witness};
use crate::provider::ProviderError;

/// What was read is kept for the sync that follows, up to so many bytes.
const KEEP: usize = 8 * 1024 * 1024;

/// So many heads that are not believed are passed over at the end of a device's chain, and so many lists of devices.
const MAX_JUNK: usize = 16;

/// So many snapshots of a device may wait for keys that this device was not granted.
const MAX_LATER: usize = 512;

/// So many findings of one kind about objects of one kind stand one by one.
const ALIKE: usize = 8;

/// What an inspection of a store gave.
#[derive(Default)]
pub struct Inspection {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Objects that contradict what is known: they are not fetched.
    pub refused: BTreeSet<ObjectName>,
    /// Packs and index objects that the store lost and that snapshots need.
    pub lacking: BTreeSet<ObjectName>,
    /// Key slots that another device replaced.
    pub superseded: Vec<ObjectId>,
    /// The key slots that may be fetched; none where they were not looked at.
    pub slots: Option<BTreeSet<ObjectId>>,
    /// Key slots that were there and are not shown, while so many others are that not each was looked at: one of these may have taken their
    /// place, so that they are not sent again.
    pub held_back: BTreeSet<ObjectId>,
    /// How many key slots were shown and not looked at, and one of them.
    pub not_looked_at: Option<(ObjectName, u64)>,
    /// Whether the owner said that an empty place took the store's place, which no sync left whole yet.
    pub is_refilled: bool,
    /// Objects that were listed and went before they were read.
    pub went: BTreeSet<ObjectName>,
    /// Histories of devices that take the place of those here.
    pub apart: Vec<Apart>,
    /// Heads there that have other numbers by now.
    pub before: BTreeSet<ObjectName>,
    pub(super) heads: BTreeMap<DeviceId, (u64, ObjectHash)>,
    /// What was read already, so that it is not read again.
    pub read: HashMap<ObjectName, Vec<u8>>,
    pub(super) kept: usize,
}

impl Inspection {
    /// The bytes of an object that was read already.
    pub fn take(&mut self, name: &ObjectName) -> Option<Vec<u8>> {
        self.read.remove(name)
    }
}

/// Heads that are believed, by number, and the highest that cannot be read yet.
type ReadHeads = (Heads, Option<u64>);

/// What reading a head gave.
enum OneHead {
    /// It is believed.
    Opened(Box<(Head, ObjectHash)>),
    /// It is sealed under keys that this device was not granted yet.
    Later,
    /// It is not what it should be.
    Not,
}

/// One inspection.
pub(super) struct Inspector<'a> {
    pub(super) account: &'a Account,
    pub(super) theirs: &'a BTreeMap<ObjectName, u64>,
    /// What is remembered of what it held.
    pub(super) was_there: &'a BTreeSet<ObjectName>,
    pub(super) memory: KnownStore,
    pub(super) inspection: Inspection,
    /// What the devices that may delete of the newest roster let go: its absence says nothing.
    pub(super) notes: DeletionNotes,
    pub(super) remote: &'a Remote,
    pub(super) roster: Roster,
}

impl Inspector<'_> {
    /// Whether the absence of an object says anything: a device that only writes sees its own part.
    pub(super) fn shows(&self, name: &ObjectName) -> bool {
        self.remote.shows(name)
    }

    pub(super) fn finding(&mut self, what: Anomaly, object: ObjectName) {
        let found = Finding::at(what, Some(object), 1, 0);
        let is_same = |other: &&mut Finding| {
            (other.what, other.device) == (what, found.device) && other.object.is_some_and(|o| o.folder() == object.folder())
        };
        let mut alike = self.inspection.findings.iter_mut().filter(is_same);
        // what comes after some of a kind is counted with the last of them
        match alike.nth(ALIKE - 1) {
            Some(last) => last.known += 1,
            None => self.inspection.findings.push(found),
        }
    }

    /// Reads an object; none when it is not there or cannot be read there.
    pub(super) fn get(&mut self, name: ObjectName) -> Result<Option<Vec<u8>>, EngineError> {
        if let Some(bytes) = self.inspection.read.get(&name) {
            return Ok(Some(bytes.clone()));
        }
        match self.remote.get(&name) {
            Ok(bytes) => {
                if self.inspection.kept + bytes.len() <= KEEP {
                    self.inspection.kept += bytes.len();
                    self.inspection.read.insert(name, bytes.clone());
                }
                Ok(Some(bytes))
            }
            Err(ProviderError::Missing | ProviderError::Nonsense(_) | ProviderError::Local(_)) => Ok(None),
            Err(error) => Err(self.remote.lost(error)),
        }
    }

    /// Whether an object that was listed went meanwhile: the store says that it is missing, and shows it no longer.
    pub(super) fn went(&mut self, name: ObjectName) -> Result<bool, EngineError> {
        if !matches!(self.remote.get(&name), Err(ProviderError::Missing)) {
            return Ok(false);
        }
        let is_gone = !self.now_in(&name)?.contains(&name);
        if is_gone {
            self.inspection.went.insert(name);
        }
        Ok(is_gone)
    }

    /// What the store shows now in the folder of an object.
    pub(super) fn now_in(&self, name: &ObjectName) -> Result<BTreeSet<ObjectName>, EngineError> {
        let shown = self.remote.list_in_of(self.account, &[name.folder()]).map_err(|error| self.remote.lost(error))?;
        Ok(shown.into_keys().collect())
    }

    /// Rosters go on from the one known here, and none that was there is gone; the newest sound one tells whose heads to believe.
    pub(super) fn rosters(&mut self) -> Result<(), EngineError> {
        let numbers: Vec<u64> =
            self.theirs.keys().filter_map(|n| if let ObjectName::Roster(n) = n { Some(*n) } else { None }).collect();
        let newest = numbers.last().copied().unwrap_or(0);
        let known = self.memory.roster;
        if newest < known {
            self.inspection.findings.push(Finding::at(Anomaly::OlderRoster, None, known, newest));
        }
        let lost = (1..=known.min(newest)).filter(|n| numbers.binary_search(n).is_err());
        let lost: Vec<u64> = lost.collect();
        if let Some(first) = lost.first() {
            let object = Some(ObjectName::Roster(*first));
            self.inspection.findings.push(Finding::at(Anomaly::Missing, object, lost.len() as u64, 0));
        }
        let ours = self.account.roster.number;
        if numbers.is_empty() {
            return Ok(());
        }
        if newest <= ours {
            return self.old_roster(newest);
        }
        let mut hash = seal::hash(self.account.roster_bytes());
        // beyond what goes on from ours, so many may be made up before nobody looks any further
        let (mut junk, next) = (0, |roster: &Roster| roster.number.checked_add(1));
        for number in numbers.into_iter().filter(|number| *number > ours) {
            if junk == MAX_JUNK {
                break;
            }
            let name = ObjectName::Roster(number);
            let opened = self.get(name)?.map(|bytes| (proof::roster(self.account, &name, &bytes), seal::hash(&bytes)));
            match opened {
                Some((Ok(roster), new)) if Some(roster.number) == next(&self.roster) && roster.previous == hash => {
                    (self.roster, hash) = (roster, new);
                }
                Some((Ok(_), _)) => {
                    junk += 1;
                    self.inspection.refused.insert(name);
                    self.finding(Anomaly::RosterForked, name);
                }
                Some((Err(Refused::NoKey), _)) => break,
                // the device whose roster did not win takes it back
                None if number > known && self.went(name)? => break,
                _ => {
                    junk += 1;
                    self.finding(Anomaly::Changed, name);
                }
            }
        }
        Ok(())
    }

    /// The store's newest roster is one that is known here.
    fn old_roster(&mut self, number: u64) -> Result<(), EngineError> {
        let name = ObjectName::Roster(number);
        let Some(bytes) = self.get(name)? else {
            self.finding(Anomaly::Changed, name);
            return Ok(());
        };
        let ours = if number == self.account.roster.number {
            Some(seal::hash(self.account.roster_bytes()))
        } else {
            let held = self.account.vault.get_now(&name, None).ok();
            held.filter(|held| proof::roster(self.account, &name, held).is_ok()).map(|held| seal::hash(&held))
        };
        let opens = proof::roster(self.account, &name, &bytes).is_ok();
        match ours {
            _ if !opens => self.finding(Anomaly::Changed, name),
            Some(hash) if hash != seal::hash(&bytes) => self.finding(Anomaly::RosterForked, name),
            _ => {}
        }
        Ok(())
    }

    /// Every device's chain, then what the heads that were read say of one another. Gives this device's newest head there.
    pub(super) fn heads(&mut self) -> Result<Option<Head>, EngineError> {
        let mut listed: BTreeMap<DeviceId, Vec<u64>> = self.memory.heads.keys().map(|device| (*device, Vec::new())).collect();
        for name in self.theirs.keys() {
            if let ObjectName::Head(device, number) = name {
                listed.entry(*device).or_default().push(*number);
            }
        }
        listed.retain(|device, _| self.shows(&ObjectName::Head(*device, 0)));
        self.strangers(&mut listed);
        let (mut said, mut shown, mut own) = (Vec::new(), BTreeMap::new(), None);
        for (device, mut numbers) in listed {
            let Some(member) = self.roster.member(&device) else { continue };
            let mut there = self.memory.heads.get(&device).map(|(number, _)| *number);
            if let Role::Revoked(believed) = &member.role {
                let is_seen = |number: &u64| believed.binary_search_by_key(number, |(seen, _)| *seen).is_ok();
                numbers.retain(is_seen);
                there = there.map(|number| number.min(newest(believed)));
            }
            let is_active = member.is_active();
            let (read, later) = self.read_heads(device, &mut numbers)?;
            shown.insert(device, numbers.last().copied().max(later).unwrap_or(0));
            let broken = self.judge_chain(device, &numbers, &read, there);
            let sound = read.into_iter().filter(|(number, _)| broken.is_none_or(|broken| *number < broken));
            for (number, (head, hash)) in sound {
                self.inspection.heads.insert(device, (number, hash));
                let mut seen = head.seen.clone();
                seen.retain(|seen| self.shows(&ObjectName::Head(seen.device, seen.number)));
                // what a revoked device says of others is nothing: its owner ended that with it
                if is_active {
                    said.push((device, seen));
                }
                if device == self.account.device.id {
                    own = Some(head);
                }
            }
        }
        self.judge_words(&said, &shown);
        Ok(own)
    }

    /// Takes away the snapshots of devices that are on no list: however many they are, they are one finding.
    fn strangers(&mut self, listed: &mut BTreeMap<DeviceId, Vec<u64>>) {
        let roster = &self.roster;
        let strangers = listed.extract_if(.., |device, _| roster.member(device).is_none());
        let (mut first, mut count) = (None, 0);
        for (device, numbers) in strangers {
            count += (numbers.len() as u64).max(1);
            first = first.or(Some((device, numbers.first().copied())));
        }
        if let Some((device, number)) = first {
            let object = number.map(|number| ObjectName::Head(device, number));
            let found = Finding::at(Anomaly::Stranger, object, count, 0);
            self.inspection.findings.push(Finding { device: Some(device), ..found });
        }
    }

    /// Reads the heads that are new here and the newest; takes off the end of `numbers` what is not believed or not readable yet, of
    /// which the highest is given.
    fn read_heads(&mut self, device: DeviceId, numbers: &mut Vec<u64>) -> Result<ReadHeads, EngineError> {
        let known = self.memory.heads.get(&device).map_or(0, |(number, _)| *number);
        let (mut read, mut later, mut junk, mut waiting) = (BTreeMap::new(), None, 0, 0);
        while let Some(newest) = numbers.last().copied().filter(|_| junk < MAX_JUNK && waiting < MAX_LATER) {
            match self.one_head(device, newest)? {
                OneHead::Opened(found) => {
                    read.insert(newest, *found);
                    break;
                }
                OneHead::Later => {
                    waiting += 1;
                    later = later.max(Some(newest));
                }
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
            // the next sync judges the chain without it
            if !self.went(name)? {
                self.finding(Anomaly::Changed, name);
            }
            return Ok(OneHead::Not);
        };
        let key_of = |device: &DeviceId| self.roster.key_of(device);
        let hash = seal::hash(&bytes);
        match keys::anew(self.account, |keys, _| Head::open(&With::Device(keys), self.account.id(), &name, &bytes, &key_of)) {
            Ok(head) if self.roster.believes(&device, number, &hash) => Ok(OneHead::Opened(Box::new((head, hash)))),
            Ok(_) => Ok(OneHead::Not),
            // what claims to be sealed under later keys says nothing, unless other bytes are known to belong there
            Err(Refused::NoKey) if self.known(&device, number).is_none_or(|known| known == hash) => Ok(OneHead::Later),
            Err(_) => {
                self.finding(Anomaly::Changed, name);
                Ok(OneHead::Not)
            }
        }
    }

    /// Gives the first number that must not be taken over.
    fn judge_chain(&mut self, device: DeviceId, numbers: &[u64], read: &Heads, there: Option<u64>) -> Option<u64> {
        let links = read.iter().map(|(n, (head, hash))| (*n, Link { previous: head.previous, hash: *hash })).collect();
        let known = |number| self.known(&device, number);
        let was = |number| self.was_there.contains(&ObjectName::Head(device, number)) || self.known(&device, number).is_some();
        // by the hash that the head after it names, or that this store was seen to hold: another head of that number says nothing
        let named = |number: u64| match read.get(&number.saturating_add(1)) {
            Some((after, _)) => Some(after.previous),
            None => there.filter(|there| *there >= number).and_then(|_| known(number)),
        };
        let is_let_go =
            |number| self.notes.excuses(&device, number, None) && self.notes.excuses(&device, number, named(number).as_ref());
        let forgotten = |number| is_let_go(number) || self.roster.believes_none(&device, number);
        let chain = Chain { device, numbers, read: &links, there, known: &known, was: &was, forgotten: &forgotten };
        let (mut found, mut broken) = rules::chain(&chain);
        let histories = Histories { account: self.account, notes: &self.notes, chain: &chain, read };
        let is_active = self.roster.member(&device).is_some_and(|member| member.is_active());
        let beside = broken.filter(|_| is_active).and_then(|broken| histories.judge(broken));
        let newest = read.keys().last().copied().unwrap_or(0);
        let own = self.account.head.map_or(0, |(number, _)| number);
        let apart = rules::apart(own, &chain);
        if beside.is_some() {
            found.retain(|finding| !matches!(finding.what, Anomaly::Forked | Anomaly::Unchained));
        }
        self.inspection.findings.extend(found);
        self.set_beside(device, beside);
        if device == self.account.device.id && newest > own && broken.is_none() {
            self.inspection.findings.push(Finding::of(Anomaly::Ahead, device, own, newest));
            // what an older state of this machine made before follows what it knows without a gap; a thief with its key makes any number
            broken = apart;
        }
        if let Some(broken) = broken {
            self.inspection.refused.extend(numbers.iter().filter(|n| **n >= broken).map(|n| ObjectName::Head(device, *n)));
        }
        broken
    }

    /// Keeps what a store's history of a device is beside the one here: what takes its place is told.
    fn set_beside(&mut self, device: DeviceId, beside: Option<Beside>) {
        match beside {
            Some(Beside::Before(numbers)) => {
                self.inspection.before.extend(numbers.into_iter().map(|number| ObjectName::Head(device, number)));
            }
            Some(Beside::After(apart)) => {
                let found = Finding::of(Anomaly::PutBack, device, apart.last(), apart.shown());
                self.inspection.findings.push(Finding { object: Some(ObjectName::Head(device, apart.first)), ..found });
                self.inspection.apart.push(apart);
            }
            None => {}
        }
    }

    fn judge_words(&mut self, said: &[(DeviceId, Vec<Seen>)], shown: &BTreeMap<DeviceId, u64>) {
        let mut found: Vec<Finding> = Vec::new();
        for (by, seen) in said {
            let witness = Witness {
                shown: &|device| shown.get(device).copied().unwrap_or(0),
                known: &|device, number| self.known_by_now(device, number),
                forgotten: &|device, number, hash| self.notes.excuses(device, number, hash),
                active: &|device| self.roster.member(device).map(|member| member.is_active()),
            };
            for new in rules::seen(*by, seen, &witness) {
                let told = |f: &Finding| f.device == new.device && (f.what == new.what || f.what == Anomaly::Older);
                if new.what == Anomaly::Contradicted && said_before(self.account, seen, &new) {
                    continue;
                }
                if !found.iter().chain(&self.inspection.findings).any(told) {
                    found.push(new);
                }
            }
        }
        self.inspection.findings.extend(found);
    }

    /// What the hash of a snapshot is known to be, once what the store shows took the place of what is here.
    fn known_by_now(&self, device: &DeviceId, number: u64) -> Option<ObjectHash> {
        let apart = self.inspection.apart.iter().find(|apart| apart.device == *device && number >= apart.first);
        apart.map_or_else(|| self.known(device, number), |apart| apart.hash(number))
    }

    /// What the hash of a snapshot is known to be: by memory, or by the copy in the vault.
    fn known(&self, device: &DeviceId, number: u64) -> Option<ObjectHash> {
        let own = self.account.head.filter(|_| *device == self.account.device.id);
        let remembered = [self.memory.heads.get(device).copied(), self.account.memory.newest(device), own];
        let remembered = remembered.into_iter().flatten().find(|(known, _)| *known == number).map(|(_, hash)| hash);
        remembered.or_else(|| snapshots::head(self.account, *device, number).ok().map(|(_, hash)| hash))
    }
}

/// Whether a device tells of a snapshot that was here under this number, and has another by now: it did not hear of that yet.
fn said_before(account: &Account, seen: &[Seen], found: &Finding) -> bool {
    let Some(device) = found.device else { return false };
    let before = account.vault.get_set_aside(&ObjectName::Head(device, found.known), None).map(|bytes| seal::hash(&bytes));
    before.is_ok_and(|before| seen.iter().any(|seen| (seen.device, seen.number, seen.hash) == (device, found.known, before)))
}
