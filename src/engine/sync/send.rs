//! What a store lacks is sent to it.

use std::time::Instant;

use crate::core::name::ObjectName;
use crate::engine::Event;
use crate::engine::error::SyncFault;
use crate::engine::sync::batch::Hashes;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::order::{head_turns, rank};
use crate::engine::sync::round::{Objects, Round};
use crate::engine::sync::transfer::{Pace, Stop};
use crate::provider::ProviderError;

impl Round<'_> {
    /// Sends what `theirs` lacks, what is needed before what needs it.
    pub(super) fn send_missing(&mut self, wanted: &SyncFilter, theirs: &Objects) -> Result<(), Stop> {
        let mut hashes: Hashes = self.chunk_index.told_hashes();
        hashes.extend(self.account.own_facts().map(|(name, hash)| (name, vec![hash])));
        let remote = self.remote;
        let may = |name: &ObjectName| remote.writes(name);
        let mut missing = wanted.unsent(self.account, &self.ours, theirs, &|pack| hashes.contains_key(pack), &may);
        let turns = head_turns(self.account, missing.iter().map(|(name, _)| *name));
        let turn = |name: &ObjectName| (rank(name), turns.get(name).copied().unwrap_or(0));
        missing.sort_by_key(|(name, _)| (turn(name), *name));
        self.job.tell(Event::Total { files: missing.len() as u64, bytes: missing.iter().map(|(_, size)| size).sum() });
        self.sent_all = false;
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
        self.sent_all = missing.iter().all(|(name, _)| self.there.contains(name));
        Ok(())
    }

    /// Removes from the store the key slots that were replaced.
    pub(super) fn remove_replaced(&mut self) {
        let replaced = self.account.gone.iter().map(|id| ObjectName::Slot(*id));
        for name in replaced.filter(|name| self.theirs.contains_key(name)).collect::<Vec<_>>() {
            match self.remote.remove(&name) {
                Ok(()) => self.report.removed += 1,
                // a later sync removes it
                Err(ProviderError::Locked(_)) => {}
                Err(error) => self.report.failed.push((name, SyncFault::Store(error))),
            }
        }
    }
}
