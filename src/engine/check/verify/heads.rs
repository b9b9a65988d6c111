//! Heads: each opens, each names the one before it, and what they need is gathered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::gaps::Absent;
use super::{Check, IndexId};
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::roster::Member;
use crate::core::seal::Refused;
use crate::core::snapshot::{Head, Needs};
use crate::engine::EngineError;
use crate::engine::error::ObjectFault;
use crate::engine::repository::{snapshots, usage};

/// So many numbers that lack between the snapshots of a device are looked for.
const MAX_GAP: u64 = 10_000;
/// The snapshot before one, as the chain tells of it.
enum Before {
    /// The hash of its head.
    Hash(ObjectHash),
    /// Its head may be gone: it is one of those that were forgotten under its number.
    Forgotten(Vec<ObjectHash>),
    /// Its head is missing or refused, which is told already.
    Unknown,
}

impl Before {
    fn may_be(&self, named: &ObjectHash) -> bool {
        match self {
            Self::Hash(hash) => hash == named,
            // but for one that was gone before it was forgotten
            Self::Forgotten(hashes) => hashes.iter().any(|hash| hash == named || hash.as_bytes() == &[0; 32]),
            Self::Unknown => true,
        }
    }

    /// One that was forgotten may be gone; the one after it must name it all the same. None where none was.
    fn forgotten(words: &[(ObjectHash, i64)]) -> Option<Self> {
        (!words.is_empty()).then(|| Self::Forgotten(words.iter().map(|(hash, _)| *hash).collect()))
    }
}

impl Check<'_> {
    /// Opens every head, follows each device's chain from 1, and gathers what they need.
    pub(super) fn heads(&mut self) -> Result<Vec<Needs>, EngineError> {
        let mut listed: BTreeMap<DeviceId, BTreeSet<u64>> = BTreeMap::new();
        for name in self.held.keys() {
            if let ObjectName::Head(device, number) = name {
                listed.entry(*device).or_default().insert(*number);
            }
        }
        let (own, newest) = (self.account.device.id, self.account.head.map_or(0, |(number, _)| number));
        // a store need not have what was not sent to it yet
        let known = if self.request.store { self.newest_sent(&own) } else { newest };
        if known > 0 {
            listed.entry(own).or_default().insert(known);
        }
        let there = listed.get(&own).and_then(BTreeSet::last).copied().unwrap_or(0);
        // what this device made after it was revoked is sent nowhere
        let last = (there + 1..=newest).take_while(|number| !self.account.roster.is_after_revocation(&own, *number)).last();
        self.report.unsent = last.unwrap_or(0).saturating_sub(there);
        let mut needs: HashMap<IndexId, Needs> = HashMap::new();
        let mut absent = BTreeMap::new();
        for (device, numbers) in listed {
            absent.insert(device, self.chain(device, numbers, &mut needs)?);
        }
        self.judge_absent(absent);
        let mut needs: Vec<_> = needs.into_values().collect();
        needs.sort_by_key(|need| (need.index, need.hash));
        Ok(needs)
    }

    /// The newest snapshot of a device that the store was seen to hold; 0 for none.
    fn newest_sent(&self, device: &DeviceId) -> u64 {
        let known = self.account.memory.store(self.remote.name());
        known.and_then(|known| known.heads.get(device)).map_or(0, |(number, _)| *number)
    }

    /// One device's snapshots, each after the one before it; gives what lacks between them.
    fn chain(
        &mut self,
        device: DeviceId,
        numbers: BTreeSet<u64>,
        needs: &mut HashMap<IndexId, Needs>,
    ) -> Result<Absent, EngineError> {
        let (mut previous, last) = (Before::Hash(ObjectHash::from_bytes([0; 32])), numbers.last().copied());
        let (mut absent, mut before) = (Absent::default(), 0);
        for number in numbers {
            self.gap(device, before + 1..number, &mut absent, &mut previous);
            before = number;
            let forgotten = Before::forgotten(self.notes.forgotten(&device, number));
            if let Some(forgotten) = forgotten.filter(|_| !self.held.contains_key(&ObjectName::Head(device, number))) {
                previous = forgotten;
                continue;
            }
            let Some((head, hash)) = self.one_head(device, number)? else {
                previous = Before::Unknown;
                continue;
            };
            if !previous.may_be(&head.previous) {
                self.problem(head.name(), ObjectFault::Unchained);
            }
            previous = Before::Hash(hash);
            if !self.notes.forgets(&device, number, &hash) {
                self.needs_of(head, needs);
            }
        }
        let own = self.account.head.filter(|(number, _)| device == self.account.device.id && last == Some(*number));
        if let Some((number, _)) = own.filter(|(_, hash)| !previous.may_be(hash)) {
            self.problem(ObjectName::Head(device, number), ObjectFault::NotOurs);
        }
        Ok(absent)
    }

    /// Numbers before one that is there: what the owner let go, and what is not believed of a revoked device, lacks nobody.
    fn gap(&self, device: DeviceId, gap: Range<u64>, absent: &mut Absent, previous: &mut Before) {
        // a made-up number far ahead keeps nobody busy
        let end = gap.start.saturating_add(MAX_GAP.saturating_sub(absent.looked())).min(gap.end);
        for number in gap.start..end {
            let forgotten = Before::forgotten(self.notes.forgotten(&device, number));
            if forgotten.is_none() && !self.account.roster.believes_none(&device, number) {
                absent.numbers.push(number);
                absent.before = gap.end;
            }
            *previous = forgotten.unwrap_or(Before::Unknown);
        }
        if end < gap.end {
            *previous = Before::Unknown;
            let is_missed = self.account.roster.member(&device).is_none_or(|member| member.is_active());
            if is_missed {
                absent.beyond = absent.beyond.or(Some(end));
                absent.more = absent.more.saturating_add(gap.end - end);
                absent.before = gap.end;
            }
        }
    }

    /// What a head needs, and that it does.
    fn needs_of(&mut self, head: Head, needs: &mut HashMap<IndexId, Needs>) {
        let from = (head.device, head.number);
        let is_own = head.device == self.account.device.id;
        for need in head.needs {
            let named = self.named.entry(head.device).or_default();
            *named += need.ordinals().count();
            // the packs of an index object are named once, whatever the number of snapshots
            *named -= needs.get(&(need.index, need.hash)).map_or(0, |known| known.ordinals().count()).min(*named);
            if !is_own && *named > self.job.profile.others_word.0 {
                self.others_word.refuse(&ObjectName::Index(head.device, need.index));
                continue;
            }
            for at in need.ordinals() {
                usage::use_by(self.users.entry(((need.index, need.hash), at)).or_default(), from);
            }
            merge(needs, need);
        }
    }

    fn one_head(&mut self, device: DeviceId, number: u64) -> Result<Option<(Head, ObjectHash)>, EngineError> {
        let name = ObjectName::Head(device, number);
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        self.report.snapshots += 1;
        match snapshots::believe(self.account, &name, &bytes) {
            Ok(believed) => {
                let is_active = self.account.roster.member(&device).is_some_and(Member::is_active);
                let others = believed.0.seen.iter().filter(|seen| is_active && seen.device != device);
                self.told_of.extend(others.map(|seen| ObjectName::Head(seen.device, seen.number)));
                Ok(Some(believed))
            }
            Err(Refused::Revoked) if self.account.roster.believes_none(&device, number) => {
                self.report.disbelieved.push((device, number));
                Ok(None)
            }
            Err(why) => {
                self.problem(name, why);
                // what it needs there is looked at all the same, by this machine's copy
                let ours = self.account.vault.get_now(&name, None).ok();
                Ok(ours.and_then(|bytes| snapshots::believe(self.account, &name, &bytes).ok()))
            }
        }
    }
}

fn merge(needs: &mut HashMap<IndexId, Needs>, need: Needs) {
    match needs.get_mut(&(need.index, need.hash)) {
        None => {
            needs.insert((need.index, need.hash), need);
        }
        Some(known) => {
            let mut ordinals: Vec<u32> = known.ordinals().chain(need.ordinals()).collect();
            ordinals.sort_unstable();
            ordinals.dedup();
            known.packs = crate::core::snapshot::runs(ordinals);
        }
    }
}
