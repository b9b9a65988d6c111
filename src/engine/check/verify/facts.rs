//! Recorded facts in a verification: each is this account's and lies where it belongs; with the owner's key it opens and is signed.
//! That one is gone is no fault: they are deleted as consent and time say.

use super::Check;
use crate::core::device_record::DeviceRecord;
use crate::core::name::ObjectName;
use crate::core::proof::Unproved;
use crate::core::seal::With;
use crate::core::signed::Signed;
use crate::engine::EngineError;
use crate::engine::account::keys;

impl Check<'_> {
    /// Checks every fact of the place.
    pub(super) fn facts(&mut self) -> Result<(), EngineError> {
        let names: Vec<_> = self.held.keys().filter(|name| matches!(name, ObjectName::Fact(..))).copied().collect();
        for name in names {
            let Some(bytes) = self.read(name)? else { continue };
            let known = match name {
                ObjectName::Fact(device, number) if device == self.account.device.id => self.account.facts.get(number),
                _ => None,
            };
            let key_of = |device: &_| self.account.roster.key_of(device);
            let sound = match self.request.keyring {
                Some(keyring) => keys::with_later(self.account, keyring, |keyring| {
                    DeviceRecord::open(&With::Owner(keyring), self.account.id(), &name, &bytes, &key_of).map(|_| ())
                }),
                None => Ok(()),
            };
            let whole = Unproved::new(self.account.id(), name, bytes);
            let whole = whole.and_then(|given| known.map_or(Ok(()), |held| given.by_hash(held.hash).map(drop)));
            if let Err(why) = whole.and(sound) {
                self.problem(name, why);
            }
        }
        Ok(())
    }
}
