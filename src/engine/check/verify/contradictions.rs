//! Devices that contradict each other on what a pack is: whose word counts, and who made something up.

use std::collections::BTreeMap;

use super::{Check, NeededPack};
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::pack::PackRecord;
use crate::core::seal;
use crate::engine::EngineError;
use crate::engine::error::ObjectFault;
use crate::engine::repository::proof;

impl Check<'_> {
    /// One record of each pack: this device's own before those of devices that may delete, and theirs before the others'; of equal ones
    /// that which the bytes bear out. Whoever says something else is named, and costs the pack nothing.
    pub(super) fn settled(&mut self, told: Vec<(ObjectId, NeededPack)>) -> Result<BTreeMap<ObjectId, NeededPack>, EngineError> {
        let mut packs: BTreeMap<ObjectId, NeededPack> = BTreeMap::new();
        let mut wrong: BTreeMap<ObjectName, (DeviceId, usize)> = BTreeMap::new();
        for (id, wanted) in told {
            let Some(known) = packs.get(&id).copied() else {
                packs.insert(id, wanted);
                continue;
            };
            if known.is_same(&wanted) {
                continue;
            }
            let other = if self.goes_before(&id, &wanted, &known)? { packs.insert(id, wanted).unwrap_or(known) } else { wanted };
            wrong.entry(ObjectName::Index(other.device, other.index)).or_insert((other.device, 0)).1 += 1;
        }
        for (name, (device, count)) in wrong {
            self.made_up(name, device, count);
        }
        Ok(packs)
    }

    /// Index objects of other devices that no snapshot needs: what they tell of is there, or the device claims what it does not hold.
    pub(super) fn claims(&mut self, packs: &BTreeMap<ObjectId, NeededPack>) -> Result<(), EngineError> {
        let own = self.account.device.id;
        let other = |name: &ObjectName| matches!(name, ObjectName::Index(device, _) if *device != own);
        let names: Vec<_> =
            self.held.keys().filter(|n| self.request.store && other(n) && !self.needed.contains(*n)).copied().collect();
        for name in names {
            let size = self.held.get(&name).copied().unwrap_or_default();
            if !self.others_word.grants(&name, size) {
                continue;
            }
            let Some(bytes) = self.read(name)? else { continue };
            match proof::index(self.account, &name, &bytes) {
                Err(why) => self.problem(name, why),
                Ok(index) => {
                    let there = |pack: &ObjectId, size: u32| self.held.get(&ObjectName::Pack(*pack)) == Some(&u64::from(size));
                    // what a device that may delete said that it removes is nothing that the device made up
                    let gone = |pack: &ObjectId| self.notes.is_dropped(pack);
                    // nor is what another says of a pack that snapshots need what counts there
                    let other = |pack: &PackRecord| {
                        packs.get(&pack.id).is_some_and(|needed| (needed.size, needed.hash) != (pack.size, pack.hash))
                    };
                    let is_wrong = |pack: &&PackRecord| (!there(&pack.id, pack.size) && !gone(&pack.id)) || other(pack);
                    let lacking = index.packs.iter().filter(is_wrong).count();
                    if lacking > 0 {
                        self.made_up(name, index.device, lacking);
                    }
                }
            }
        }
        Ok(())
    }

    /// Names a device that tells of so many packs what is not so.
    pub(super) fn made_up(&mut self, index: ObjectName, device: DeviceId, packs: usize) {
        self.report.rogues.insert(device);
        self.problem(index, self.of_writer(&device, ObjectFault::Claims(packs)));
    }

    fn goes_before(&mut self, id: &ObjectId, one: &NeededPack, other: &NeededPack) -> Result<bool, EngineError> {
        let (own, roster) = (self.account.device.id, &self.account.roster);
        let rank = |pack: &NeededPack| (pack.device != own, !roster.may_delete(&pack.device));
        if rank(one) != rank(other) {
            return Ok(rank(one) < rank(other));
        }
        let name = ObjectName::Pack(*id);
        match self.held.get(&name) {
            Some(size) if one.size != other.size => Ok(*size == u64::from(one.size)),
            Some(_) => Ok(self.read(name)?.is_some_and(|bytes| seal::hash(&bytes) == one.hash)),
            None => Ok(false),
        }
    }
}
