//! Heads: each opens, each names the one before it, and what they need is gathered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Check, IndexId};
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::seal::Refused;
use crate::core::snapshot::{Head, Needs};
use crate::engine::EngineError;
use crate::engine::error::ObjectFault;
use crate::engine::repository::{snapshots, usage};

/// So many numbers that a device's snapshots pass over are looked for.
const MAX_GAPS: usize = 1_000;

/// The snapshot before one, as the chain tells of it.
enum Before {
    /// The hash of its head.
    Hash(ObjectHash),
    /// Its head is missing or refused, which is told already.
    Unknown,
}

/// One device's snapshots, as far as they were looked at.
struct Chain {
    device: DeviceId,
    previous: Before,
    /// The number that comes next.
    next: u64,
    /// How many more that are passed over are looked for.
    gaps: usize,
}

impl Before {
    fn may_be(&self, named: &ObjectHash) -> bool {
        match self {
            Self::Hash(hash) => hash == named,
            Self::Unknown => true,
        }
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
        for (device, numbers) in listed {
            self.chain(device, numbers, &mut needs)?;
        }
        let mut needs: Vec<_> = needs.into_values().collect();
        needs.sort_by_key(|need| (need.index, need.hash));
        Ok(needs)
    }

    /// The newest snapshot of a device that the store was seen to hold; 0 for none.
    fn newest_sent(&self, device: &DeviceId) -> u64 {
        let known = self.account.memory.store(self.remote.name());
        known.and_then(|known| known.heads.get(device)).map_or(0, |(number, _)| *number)
    }

    /// One device's snapshots, each after the one before it.
    fn chain(
        &mut self,
        device: DeviceId,
        numbers: BTreeSet<u64>,
        needs: &mut HashMap<IndexId, Needs>,
    ) -> Result<(), EngineError> {
        let last = numbers.last().copied();
        let mut chain = Chain { device, previous: Before::Hash(ObjectHash::from_bytes([0; 32])), next: 1, gaps: MAX_GAPS };
        for number in numbers {
            let is_forgotten = self.forgotten(&device, number).is_some();
            let one = if is_forgotten { None } else { self.one_head(device, number)? };
            // a number that nothing proves passes over none
            if is_forgotten || one.is_some() || self.is_known(device, number) {
                self.gap(&mut chain, number, needs)?;
                chain.next = number + 1;
            }
            match one {
                Some(one) => self.link(&mut chain, one, needs),
                None => chain.previous = self.forgotten(&device, number).unwrap_or(Before::Unknown),
            }
        }
        let previous = chain.previous;
        let own = self.account.head.filter(|(number, _)| device == self.account.device.id && last == Some(*number));
        if let Some((number, _)) = own.filter(|(_, hash)| !previous.may_be(hash)) {
            self.problem(ObjectName::Head(device, number), ObjectFault::NotOurs);
        }
        Ok(())
    }

    /// Takes a head for the next of its chain.
    fn link(&mut self, chain: &mut Chain, (head, hash): (Head, ObjectHash), needs: &mut HashMap<IndexId, Needs>) {
        if !chain.previous.may_be(&head.previous) {
            self.problem(head.name(), ObjectFault::Unchained);
        }
        chain.previous = Before::Hash(hash);
        if !self.notes.forgets(&head.device, head.number, &hash) {
            self.needs_of(head, needs);
        }
    }

    /// Whether a device made a snapshot of this number, whatever lies under its name.
    fn is_known(&self, device: DeviceId, number: u64) -> bool {
        let own = self.account.head.filter(|_| device == self.account.device.id);
        let known = own.into_iter().chain(self.account.memory.newest(&device)).map(|(newest, _)| newest).max();
        known.is_some_and(|newest| number <= newest) || self.account.vault.size_now(&ObjectName::Head(device, number)).is_ok()
    }

    /// What is known of the snapshot before the next, where this one was forgotten and is not there: the next must name it all the same, but for
    /// one that was gone before it was forgotten.
    fn forgotten(&self, device: &DeviceId, number: u64) -> Option<Before> {
        let hash = self.notes.forgotten(device, number)?;
        let is_known = hash.as_bytes() != &[0; 32];
        let is_gone = !self.held.contains_key(&ObjectName::Head(*device, number));
        is_gone.then_some(if is_known { Before::Hash(hash) } else { Before::Unknown })
    }

    /// The numbers before one that is there, as many as may still be looked for: each was forgotten or is missing.
    fn gap(&mut self, chain: &mut Chain, end: u64, needs: &mut HashMap<IndexId, Needs>) -> Result<(), EngineError> {
        for number in chain.next..end {
            if let Some(before) = self.forgotten(&chain.device, number) {
                chain.previous = before;
                continue;
            }
            chain.previous = Before::Unknown;
            let Some(left) = chain.gaps.checked_sub(1) else { break };
            chain.gaps = left;
            if let Some(one) = self.one_head(chain.device, number)? {
                self.link(chain, one, needs);
            }
        }
        Ok(())
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
            Ok(believed) => Ok(Some(believed)),
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
