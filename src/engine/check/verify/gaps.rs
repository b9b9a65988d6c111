//! Numbers that lack between a device's snapshots: missing where anything shows that they were there, and else of unknown fate.

use std::collections::BTreeMap;

use super::Check;
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::error::ObjectFault;
use crate::engine::repository::listings;

/// So many snapshots of a device that are missing are named one by one.
const NAMED: usize = 8;

/// Numbers that lack below the newest snapshot of a device.
#[derive(Default)]
pub(super) struct Absent {
    pub(super) numbers: Vec<u64>,
    /// Where they are looked for no further, and how many more there are.
    pub(super) beyond: Option<u64>,
    pub(super) more: u64,
    /// The snapshot before which the last of them lack.
    pub(super) before: u64,
}

impl Absent {
    /// How many numbers were looked for.
    pub(super) fn looked(&self) -> u64 {
        self.numbers.len() as u64
    }
}

/// Snapshots of a device that lack before another, and that nobody ever saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Whose.
    pub device: DeviceId,
    /// The first number that lacks.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The snapshot before which the last of them lack.
    pub before: u64,
}

impl Check<'_> {
    /// What lacks is missing where it is known to have been; where nobody ever saw it, nothing tells whether it was made: that is told in
    /// one line, with its device.
    pub(super) fn judge_absent(&mut self, absent: BTreeMap<DeviceId, Absent>) {
        let lacking = absent.into_iter().filter(|(_, absent)| absent.before > 0);
        let lacking: Vec<(DeviceId, Absent)> = lacking.collect();
        if lacking.is_empty() {
            return;
        }
        let account = self.account;
        let listed = account.memory.store_names().flat_map(|store| listings::known_there(account, store));
        self.told_of.extend(listed.filter(|name| matches!(name, ObjectName::Head(..))));
        for (device, absent) in lacking {
            let (seen, unseen): (Vec<u64>, Vec<u64>) = absent.numbers.iter().partition(|number| self.was_seen(device, **number));
            for number in seen.iter().take(NAMED) {
                self.problem(ObjectName::Head(device, *number), ObjectFault::Missing);
            }
            if let Some(next) = seen.get(NAMED) {
                self.problem(ObjectName::Head(device, *next), ObjectFault::More((seen.len() - NAMED) as u64));
            }
            let count = (unseen.len() as u64).saturating_add(absent.more);
            if let Some(first) = unseen.first().copied().or(absent.beyond) {
                self.report.gaps.push(Gap { device, first, count, before: absent.before });
            }
        }
    }

    /// Whether anything here shows that there was such a snapshot: it is this device's own, lies in the vault, stood in a store, or another
    /// device's snapshot tells of it.
    fn was_seen(&self, device: DeviceId, number: u64) -> bool {
        let (account, name) = (self.account, ObjectName::Head(device, number));
        let known = account.memory.stores().filter_map(|store| store.heads.get(&device).copied());
        device == account.device.id
            || self.told_of.contains(&name)
            || known.chain(account.memory.newest(&device)).any(|(known, _)| known == number)
            || account.vault.size_now(&name).is_ok()
    }
}
