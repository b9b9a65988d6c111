//! The order in which objects are sent and fetched: what is needed before what needs it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::repository::snapshots;

/// The order in which objects are sent: what is needed before what needs it.
pub(super) fn rank(name: &ObjectName) -> u8 {
    match name {
        ObjectName::Slot(_) => 0,
        ObjectName::Keys(_) => 1,
        ObjectName::Grant(..) => 2,
        ObjectName::Roster(_) => 3,
        ObjectName::Pack(_) => 4,
        ObjectName::Index(..) => 5,
        ObjectName::Head(..) => 6,
        ObjectName::DeletionNote(..) => 7,
        ObjectName::Letter(..) => 8,
        ObjectName::Fact(..) => 9,
    }
}

/// In which turn each head goes out: behind the one before it and behind those of other devices that it tells of, so that a run
/// which is cut off leaves neither a gap nor a word about what is not there.
pub(super) fn head_turns(account: &Account, names: impl Iterator<Item = ObjectName>) -> HashMap<ObjectName, usize> {
    let mut waiting: BTreeMap<DeviceId, BTreeSet<u64>> = BTreeMap::new();
    for name in names {
        if let ObjectName::Head(device, number) = name {
            waiting.entry(device).or_default().insert(number);
        }
    }
    let mut turns = HashMap::new();
    for turn in 0.. {
        let first: Vec<_> = waiting.iter().filter_map(|(device, numbers)| Some((*device, *numbers.first()?))).collect();
        if first.is_empty() {
            break;
        }
        let is_out =
            |device: &DeviceId, number: u64| waiting.get(device).and_then(BTreeSet::first).is_none_or(|first| *first > number);
        let may_go = |(device, number): &&(DeviceId, u64)| {
            let seen = snapshots::head(account, *device, *number).map(|(head, _)| head.seen).unwrap_or_default();
            seen.iter().all(|seen| seen.device == *device || is_out(&seen.device, seen.number))
        };
        let mut ready: Vec<_> = first.iter().filter(may_go).copied().collect();
        if ready.is_empty() {
            // devices that tell of each other's future lie; nobody waits for them
            ready = first;
        }
        for (device, number) in ready {
            turns.insert(ObjectName::Head(device, number), turn);
            waiting.entry(device).or_default().remove(&number);
        }
    }
    turns
}

/// Any note, for its rank.
pub(super) const DELETION_NOTE: ObjectName = ObjectName::DeletionNote(DeviceId::from_bytes([0; 16]), 0);

/// The order in which objects are fetched: who may say what, then what was said, then the rest as it was sent.
pub(super) fn fetch_rank(name: &ObjectName) -> u8 {
    match name {
        ObjectName::DeletionNote(..) => rank(&ObjectName::Roster(0)),
        name if rank(name) > rank(&ObjectName::Roster(0)) => rank(name) + 1,
        name => rank(name),
    }
}
