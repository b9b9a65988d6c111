//! A second look after heads were sent: a device that may delete may have been removing what they need in that very moment.
//!
//! A device sends its head, then reads the deletion notes again; a device that may delete writes its note that it removes packs, then reads the heads
//! again. So at least one of the two sees the other: the device that deletes keeps what the head needs, or the device sends it once more.

use crate::core::name::ObjectName;
use crate::engine::error::SyncFault;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::round::{Objects, Round};
use crate::engine::sync::transfer::Stop;

impl Round<'_> {
    /// After heads were sent: what they need is there still, or is sent again.
    pub(super) fn look_again(&mut self) -> Result<(), Stop> {
        if self.account.roster.deleters().next().is_none() {
            return Ok(());
        }
        let notes = self.remote.list_in(&["keeps"]).map_err(|error| self.lost(error))?;
        for name in notes.into_keys() {
            if !self.ours.contains_key(&name) && self.account.vault.size_now(&name).is_err() {
                self.fetch_one(name)?;
            }
        }
        let now = self.there_now()?;
        // a prune on this machine may have moved what is needed into packs of its own meanwhile
        self.chunk_index.absorb_new(self.account)?;
        let wanted = SyncFilter::of(self.account, self.chunk_index)?;
        self.send_missing(&wanted, &now)?;
        let going = wanted.needed.packs.iter().filter(|id| wanted.notes.is_going(id)).map(|id| ObjectName::Pack(*id));
        for name in going.filter(|name| self.ours.contains_key(name)).collect::<Vec<_>>() {
            self.not_moved(name, SyncFault::Going);
        }
        Ok(())
    }

    /// What the store holds now: heads and the rest were sent just now; only what may have been removed is looked for.
    fn there_now(&self) -> Result<Objects, Stop> {
        let mut now = self.remote.list_in(&["packs", "index"]).map_err(|error| self.lost(error))?;
        // what may not be listed is believed to be there: it was sent just now, or before
        let stays = |name: &ObjectName| !matches!(name, ObjectName::Pack(_) | ObjectName::Index(..)) || self.remote.hides(name);
        now.extend(self.ours.iter().filter(|(name, _)| stays(name)).map(|(name, size)| (*name, *size)));
        Ok(now)
    }
}
