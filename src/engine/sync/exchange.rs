//! A second look after heads were sent: a device that may delete may have been removing what they need in that very moment.
//!
//! A device sends its head, then reads the deletion notes again; a device that may delete writes its note that it removes packs, then reads the heads
//! again. So at least one of the two sees the other: the device that deletes keeps what the head needs, or the device sends it once more.

use std::collections::BTreeMap;

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::error::SyncFault;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::round::{Objects, Round};
use crate::engine::sync::transfer::Stop;
use crate::local::work_lock::{self, WorkKind};

/// No device removes for longer what it said that it removes, in seconds: a day. What it said before was cut short.
const LONGEST: i64 = 86_400;

impl Round<'_> {
    /// After heads were sent: what they need is there still, or is sent again.
    pub(super) fn look_again(&mut self) -> Result<(), Stop> {
        if self.account.roster.deleters().next().is_none() {
            return Ok(());
        }
        let notes = self.remote.list_in_of(self.account, &["keeps"]).map_err(|error| self.lost(error))?;
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
        for (by, (since, name)) in self.going(&wanted) {
            if let Some(why) = self.removal(by, since) {
                self.not_moved(name, why);
            }
        }
        Ok(())
    }

    /// The devices that said that they remove what snapshots need, each with when it said so last and one such pack.
    fn going(&self, wanted: &SyncFilter) -> BTreeMap<DeviceId, (i64, ObjectName)> {
        let mut found = BTreeMap::new();
        for id in &wanted.needed.packs {
            let name = ObjectName::Pack(*id);
            if let Some((by, since)) = wanted.notes.going(id).filter(|_| self.ours.contains_key(&name)) {
                let known = found.entry(by).or_insert((since, name));
                *known = (*known).max((since, name));
            }
        }
        found
    }

    /// What that means now: whoever removes something looks at the heads once more when it is done, and sends anew what they need. So nothing is said
    /// of a device that is at it no longer: what went there was sent again just now.
    fn removal(&self, by: DeviceId, since: i64) -> Option<SyncFault> {
        if by == self.account.device.id && work_lock::who(&self.account.folder(), WorkKind::Prune).is_none() {
            return Some(SyncFault::CutShort { since });
        }
        let device = self.account.roster.member(&by).map(|member| member.name.clone()).unwrap_or_default();
        (self.job.now().saturating_sub(since) < LONGEST).then_some(SyncFault::Going { device, since })
    }

    /// What the store holds now: heads and the rest were sent just now; only what may have been removed is looked for.
    fn there_now(&self) -> Result<Objects, Stop> {
        let mut now = self.remote.list_in_of(self.account, &["packs", "index"]).map_err(|error| self.lost(error))?;
        // what may not be listed is believed to be there: it was sent just now, or before
        let stays = |name: &ObjectName| !matches!(name, ObjectName::Pack(_) | ObjectName::Index(..)) || self.remote.hides(name);
        now.extend(self.ours.iter().filter(|(name, _)| stays(name)).map(|(name, size)| (*name, *size)));
        Ok(now)
    }
}
