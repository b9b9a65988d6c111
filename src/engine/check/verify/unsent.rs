//! What a place must hold of the account itself, and what of it a store need not have because it was not sent there yet.

use super::Check;
use crate::core::name::ObjectName;
use crate::engine::error::ObjectFault;
use crate::engine::repository::listings;

impl Check<'_> {
    /// What of these is not there is a problem, or was not sent yet.
    pub(super) fn must_be_there(&mut self, names: impl IntoIterator<Item = ObjectName>) {
        let lacking: Vec<ObjectName> = names.into_iter().filter(|name| !self.held.contains_key(name)).collect();
        if lacking.is_empty() {
            return;
        }
        let were_there = listings::known_there(self.account, self.remote.name());
        for name in lacking {
            if self.request.store && !were_there.contains(&name) && self.is_to_be_sent(&name) {
                self.report.unsent_parts += 1;
            } else {
                self.problem(name, ObjectFault::Missing);
            }
        }
    }

    /// Whether the next sync sends an object, and nothing remembered of the store says that it lay there.
    fn is_to_be_sent(&self, name: &ObjectName) -> bool {
        let memory = self.account.memory.store(self.remote.name());
        // the journal remembers it also where the listing is lost
        let was_seen = memory.is_some_and(|known| match name {
            ObjectName::Roster(number) => *number <= known.roster,
            ObjectName::Slot(id) => known.slots.contains(id),
            _ => false,
        });
        let is_held = || self.account.vault.size_now(name).is_ok();
        !was_seen && self.remote.writes(name) && is_held()
    }
}
