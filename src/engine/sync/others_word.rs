//! How much of what another device tells in index objects is taken over: so many packs and bytes, whatever it signs. It would all be held
//! in memory by whoever looks for a chunk, and kept on the disk; what is beyond is passed over, counted and told once, by the device's name.

use std::collections::BTreeMap;

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;

/// What is known of one device.
#[derive(Default)]
struct Told {
    packs: usize,
    bytes: u64,
    /// How many index objects of it were passed over, and the first of them.
    beyond: u64,
    first: Option<ObjectName>,
}

/// What other devices told, and how much of it is taken over.
pub struct OthersWord {
    own: DeviceId,
    most: (usize, u64),
    told: BTreeMap<DeviceId, Told>,
}

impl OthersWord {
    /// For a machine that takes over so much of each and holds nothing yet.
    pub fn new(account: &Account, most: (usize, u64)) -> Self {
        Self { own: account.device.id, most, told: BTreeMap::new() }
    }

    /// For a machine that takes over so much of each; `ours` is what its vault holds already.
    pub fn of(account: &Account, chunk_index: &ChunkIndex, ours: &BTreeMap<ObjectName, u64>, most: (usize, u64)) -> Self {
        let mut told: BTreeMap<DeviceId, Told> = BTreeMap::new();
        chunk_index.packs().iter().for_each(|pack| told.entry(pack.device).or_default().packs += 1);
        for (name, size) in ours {
            if let ObjectName::Index(device, _) = name {
                told.entry(*device).or_default().bytes += size;
            }
        }
        Self { told, ..Self::new(account, most) }
    }

    /// Whether an object of so many bytes may be asked for; an index object that may not is counted. None of a device is asked for after one
    /// that was too much.
    pub fn grants(&mut self, name: &ObjectName, size: u64) -> bool {
        let ObjectName::Index(device, _) = name else { return true };
        let told = self.told.entry(*device).or_default();
        let is_within = told.beyond == 0 && told.packs < self.most.0 && told.bytes.saturating_add(size) <= self.most.1;
        if *device != self.own && !is_within {
            return told.refuse(name);
        }
        told.bytes = told.bytes.saturating_add(size);
        true
    }

    /// Whether an index object that tells of so many packs is taken over; one that is not is counted.
    pub fn takes(&mut self, name: &ObjectName, packs: usize) -> bool {
        let ObjectName::Index(device, _) = name else { return true };
        let told = self.told.entry(*device).or_default();
        if *device != self.own && told.packs + packs > self.most.0 {
            return told.refuse(name);
        }
        told.packs += packs;
        true
    }

    /// Counts one that is passed over before it was asked for.
    pub fn refuse(&mut self, name: &ObjectName) {
        if let ObjectName::Index(device, _) = name {
            self.told.entry(*device).or_default().refuse(name);
        }
    }

    /// The devices of which something was passed over: the first, and how many in all.
    pub fn rest(&mut self) -> Vec<(ObjectName, DeviceId, u64)> {
        let told = std::mem::take(&mut self.told).into_iter();
        told.filter_map(|(device, told)| Some((told.first?, device, told.beyond))).collect()
    }
}

impl Told {
    fn refuse(&mut self, name: &ObjectName) -> bool {
        self.beyond += 1;
        self.first.get_or_insert(*name);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;

    fn index(device: u8, n: u8) -> ObjectName {
        ObjectName::Index(DeviceId::from_bytes([device; 16]), ObjectId::from_bytes([n; 16]))
    }

    #[test]
    fn one_that_tells_of_too_much_is_told_once_and_takes_nothing_of_the_others() {
        let mut word = OthersWord { own: DeviceId::from_bytes([1; 16]), most: (100, 1000), told: BTreeMap::new() };
        let mut take = |device, n, packs, size| word.grants(&index(device, n), size) && word.takes(&index(device, n), packs);
        assert!(take(2, 1, 60, 400) && take(3, 1, 100, 1000) && take(2, 2, 40, 600));
        // by packs, by bytes, and none after it, however small
        assert!(!take(2, 3, 1, 1) && !take(2, 4, 0, 0) && !take(3, 2, 0, 1));
        // one's own is never too much
        assert!(take(1, 1, 5000, 50_000) && take(1, 2, 5000, 50_000));
        let rest = word.rest();
        let of = |device: u8| DeviceId::from_bytes([device; 16]);
        assert_eq!(rest, [(index(2, 3), of(2), 2), (index(3, 2), of(3), 1)]);
    }
}
