//! One object that a store gave: proved, then kept in the vault.

use crate::core::name::{ObjectHash, ObjectName};
use crate::core::proof::Content;
use crate::core::seal::Refused;
use crate::engine::EngineError;
use crate::engine::error::SyncFault;
use crate::engine::error::in_vault;
use crate::engine::repository::proof;
use crate::engine::sync::round::Round;
use crate::provider::ProviderError;

impl Round<'_> {
    /// Fetches one object, unless it was read before.
    pub(super) fn fetch_one(&mut self, name: ObjectName) -> Result<(), EngineError> {
        let size = self.theirs.get(&name).copied().unwrap_or_default();
        if self.junk.passes_over(self.account, &name) || !self.others_word().grants(&name, size) {
            return Ok(());
        }
        match self.found.take(&name).map_or_else(|| self.remote.get(&name), Ok) {
            Ok(bytes) => self.take_in(name, bytes, &[]),
            Err(error @ (ProviderError::Missing | ProviderError::Nonsense(_))) => {
                self.not_moved(name, SyncFault::Store(error));
                Ok(())
            }
            Err(error) => Err(self.lost(error)),
        }
    }

    /// Checks what a store gave, and keeps it in the vault.
    pub(super) fn take_in(&mut self, name: ObjectName, bytes: Vec<u8>, told: &[ObjectHash]) -> Result<(), EngineError> {
        match self.checked(name, bytes, told)? {
            Ok(()) => {}
            // it waits until this device is granted the keys
            Err(SyncFault::Refused(Refused::NoKey)) if self.report.waiting.contains(&name) => {}
            Err(SyncFault::Refused(Refused::NoKey)) => self.report.waiting.push(name),
            Err(why) => self.not_moved(name, why),
        }
        Ok(())
    }

    /// The same; why it is not kept, where that is the object's own fault.
    fn checked(&mut self, name: ObjectName, bytes: Vec<u8>, told: &[ObjectHash]) -> Result<Result<(), SyncFault>, EngineError> {
        let (content, sealed) = match proof::prove(self.account, name, bytes, told) {
            Ok(proved) => proved,
            Err(why) => return Ok(Err(SyncFault::Refused(why))),
        };
        if let Content::Index(index) = &content
            && !self.others_word().takes(&name, index.packs.len())
        {
            return Ok(Ok(()));
        }
        match self.account.vault_writer().put_now(&sealed) {
            Err(error @ ProviderError::Taken) => return Ok(Err(SyncFault::Vault(error))),
            kept => self.chunk_index.holds(&kept.map_err(in_vault)?),
        }
        self.report.fetched += 1;
        self.report.fetched_bytes += sealed.bytes().len() as u64;
        match (content, name) {
            (Content::Roster(roster), _) => self.account.adopt_roster(roster, sealed.bytes())?,
            (_, ObjectName::Keys(_) | ObjectName::Grant(..)) => drop(self.account.adopt_grant()?),
            _ => {}
        }
        Ok(Ok(()))
    }
}
