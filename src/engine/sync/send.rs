//! What a store lacks is sent to it.

use std::time::Instant;

use crate::core::name::ObjectName;
use crate::engine::Event;
use crate::engine::account::unproved;
use crate::engine::sync::batch::Hashes;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::order::{head_turns, rank};
use crate::engine::sync::report::Reason;
use crate::engine::sync::round::{Objects, Round};
use crate::engine::sync::transfer::{Pace, Stop};
use crate::provider::ProviderError;

impl Round<'_> {
    /// Sends what `theirs` lacks, what is needed before what needs it.
    pub(super) fn send_missing(&mut self, wanted: &SyncFilter, theirs: &Objects) -> Result<(), Stop> {
        let packs = self.chunk_index.packs().iter();
        let hashes: Hashes = packs.map(|pack| (ObjectName::Pack(pack.id), pack.hash)).collect();
        let mut missing = self.unsent(wanted, theirs, &hashes);
        let turns = head_turns(self.account, missing.iter().map(|(name, _)| *name));
        let turn = |name: &ObjectName| (rank(name), turns.get(name).copied().unwrap_or(0));
        missing.sort_by_key(|(name, _)| (turn(name), *name));
        self.job.tell(Event::Total { files: missing.len() as u64, bytes: missing.iter().map(|(_, size)| size).sum() });
        let mut pace = Pace::new(Instant::now());
        for group in missing.chunk_by(|(a, _), (b, _)| turn(a) == turn(b)) {
            let failed = self.send_group(group, &hashes, &mut pace)?;
            // a snapshot goes out only when all it may need is there
            // and a device is not granted keys that the owner could not find
            let is_needed = matches!(group[0].0, ObjectName::Pack(_) | ObjectName::Index(..) | ObjectName::Keys(_));
            if failed > 0 && is_needed {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What is to be sent, in the order of names.
    fn unsent(&self, wanted: &SyncFilter, theirs: &Objects, hashes: &Hashes) -> Vec<(ObjectName, u64)> {
        let (account, ours) = (&*self.account, &self.ours);
        // what moved need not be sent where the store has it: there it came from in this very run, or is not to be read
        let there = |pack: &ObjectName| ours.contains_key(pack) || theirs.contains_key(pack);
        let known = |name: &ObjectName| match name {
            name if !self.remote.writes(name) => false,
            ObjectName::Pack(_) => hashes.contains_key(name) && wanted.sends(name, there),
            // the post goes its own way: see `inbox`
            ObjectName::Letter(..) => false,
            // what was withdrawn meanwhile is not sent, nor what another device recorded
            ObjectName::Fact(device, number) => {
                *device == account.device.id && account.facts.holds(*number) && !wanted.is_erased(name)
            }
            name => unproved::may_travel(account, name) && wanted.sends(name, there),
        };
        let missing = ours.iter().filter(|(name, size)| theirs.get(name) != Some(size) && known(name));
        missing.map(|(name, size)| (*name, *size)).collect()
    }

    /// Removes from the store the key slots that were replaced.
    pub(super) fn remove_replaced(&mut self) {
        let replaced = self.account.gone.iter().map(|id| ObjectName::Slot(*id));
        for name in replaced.filter(|name| self.theirs.contains_key(name)).collect::<Vec<_>>() {
            match self.remote.remove(&name) {
                Ok(()) => self.report.removed += 1,
                // a later sync removes it
                Err(ProviderError::Locked(_)) => {}
                Err(error) => self.report.failed.push((name, Reason::Store(error))),
            }
        }
    }
}
