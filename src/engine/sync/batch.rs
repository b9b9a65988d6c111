//! Groups of objects on their way: sent and fetched several at once, checked before they enter the vault, and entered in the report.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use crate::core::name::{ObjectHash, ObjectName};
use crate::engine::account::Account;
use crate::engine::error::SyncFault;
use crate::engine::repository::proof;
use crate::engine::sync::count::Count;
use crate::engine::sync::junk::MOST_WAITING;
use crate::engine::sync::round::Round;
use crate::engine::sync::transfer::{Moved, Pace, Stop, Trouble, carry};
use crate::engine::{Event, Notice};
use crate::provider::{Provider, ProviderError, PutReceipt, Range, Wanted};

/// So many objects are asked for before it is looked what came of them.
const AT_ONCE: usize = 64;

/// Hashes that objects must have one of, where signed objects tell them: of a pack each index object that names it tells one, and no device's
/// word takes another's away.
pub(super) type Hashes = HashMap<ObjectName, Vec<ObjectHash>>;

impl Round<'_> {
    /// Sends objects of one rank, in any order; gives how many could not be moved.
    pub(super) fn send_group(&mut self, group: &[(ObjectName, u64)], hashes: &Hashes, pace: &mut Pace) -> Result<u64, Stop> {
        let Self { account, remote, job, report, there, .. } = self;
        let (account, remote, job): (&Account, _, _) = (account, *remote, *job);
        let send = |name, _| send_one(account, remote.provider(), name, told(hashes, &name));
        let count = Count::of(remote, group.iter().map(|(_, size)| size).sum(), job);
        let mut failed = 0;
        let done = |name, _, moved: Moved<PutReceipt>| {
            match moved {
                Ok(receipt) => {
                    count.arrived(receipt.size());
                    report.sent += 1;
                    report.sent_bytes += receipt.size();
                    there.insert(receipt.name());
                    job.tell(Event::FileDone);
                }
                // what another process removed from the vault since it was listed, such as a forgotten snapshot, is needed nowhere
                Err(SyncFault::Vault(ProviderError::Missing)) => {}
                Err(why) => {
                    failed += 1;
                    job.notice(Notice::NotMoved(name, &why));
                    report.failed.push((name, why));
                }
            }
            Ok(())
        };
        remote.runtime().block_on(count.beside(carry(group, remote.room(), pace, job.cancel, send, done)))?;
        Ok(failed)
    }

    /// Fetches objects of one rank that the store alone names, in any order: no more of those that open for nobody than it is granted.
    pub(super) fn fetch_group(&mut self, group: &[(ObjectName, u64)], hashes: &Hashes) -> Result<(), Stop> {
        for part in group.chunks(AT_ONCE) {
            let mut part = part.to_vec();
            part.retain(|(name, _)| !self.junk.passes_over(self.account, name));
            part.truncate(MOST_WAITING.saturating_sub(self.report.waiting.len()));
            self.fetch_told(&part, hashes)?;
        }
        Ok(())
    }

    /// Fetches objects that signed ones name, in any order; those that were read before, or refused, are not asked for again.
    pub(super) fn fetch_told(&mut self, group: &[(ObjectName, u64)], hashes: &Hashes) -> Result<(), Stop> {
        let group: Vec<_> = group.iter().filter(|(name, _)| !self.junk.was_refused(name)).copied().collect();
        let (remote, cancel) = (self.remote, self.job.cancel);
        let mut group = group.to_vec();
        group.retain(|(name, size)| self.others_word().grants(name, *size));
        let group = group.as_slice();
        // of what is fetched, packs alone are counted
        let packs = group.iter().filter(|(name, _)| matches!(name, ObjectName::Pack(_)));
        let count = Count::of(remote, packs.map(|(_, size)| size).sum(), self.job);
        let read = RefCell::new(std::mem::take(&mut self.found.read));
        let fetch = |name, size| {
            let read = read.borrow_mut().remove(&name);
            async move {
                if let Some(bytes) = read {
                    return Ok(bytes);
                }
                // of a pack what signed objects tell of it; of all else what the store announced
                let wanted = match name {
                    ObjectName::Pack(_) => Wanted::part(&name, Range { offset: 0, length: size }),
                    _ => Wanted::announced(&name, size),
                };
                remote.fetch(&name, wanted).await.map_err(Trouble::Store)
            }
        };
        let done = |name, size, moved: Moved<Vec<u8>>| {
            match moved {
                Ok(bytes) => self.take_in(name, bytes, told(hashes, &name))?,
                Err(why) => self.not_moved(name, why),
            }
            if matches!(name, ObjectName::Pack(_)) {
                count.arrived(size);
            }
            Ok(())
        };
        let mut pace = Pace::new(Instant::now());
        let carried = remote.runtime().block_on(count.beside(carry(group, remote.room(), &mut pace, cancel, fetch, done)));
        self.found.read = read.into_inner();
        carried
    }
}

/// What signed objects tell of an object.
fn told<'h>(hashes: &'h Hashes, name: &ObjectName) -> &'h [ObjectHash] {
    hashes.get(name).map(Vec::as_slice).unwrap_or_default()
}

async fn send_one(
    account: &Account,
    provider: &dyn Provider,
    name: ObjectName,
    told: &[ObjectHash],
) -> Result<PutReceipt, Trouble> {
    let bytes = account.vault.get_now(&name, None).map_err(|error| Trouble::Object(SyncFault::Vault(error)))?;
    let (_, sealed) = proof::prove(account, name, bytes, told).map_err(|why| Trouble::Object(SyncFault::Refused(why)))?;
    provider.put(&sealed).await.map_err(Trouble::Store)
}
