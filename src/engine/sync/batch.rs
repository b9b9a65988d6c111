//! Groups of objects on their way: sent and fetched several at once, checked before they enter the vault, and entered in the report.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::error::SyncFault;
use crate::engine::repository::proof;
use crate::engine::repository::told::Told;
use crate::engine::sync::count::Count;
use crate::engine::sync::round::Round;
use crate::engine::sync::transfer::{Moved, Pace, Stop, Trouble, carry};
use crate::engine::{Event, Notice};
use crate::provider::{Provider, ProviderError, PutReceipt, Range};

/// Hashes that objects must have, where signed objects tell them.
pub(super) type Hashes = HashMap<ObjectName, Told>;

impl Round<'_> {
    /// Sends objects of one rank, in any order; gives how many could not be moved.
    pub(super) fn send_group(&mut self, group: &[(ObjectName, u64)], hashes: &Hashes, pace: &mut Pace) -> Result<u64, Stop> {
        let Self { account, remote, job, report, there, .. } = self;
        let (account, remote, job): (&Account, _, _) = (account, *remote, *job);
        let send = |name, _| send_one(account, remote.provider(), name, hashes.get(&name));
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

    /// Fetches objects of one rank, in any order; those that were read before are not asked for again.
    pub(super) fn fetch_group(&mut self, group: &[(ObjectName, u64)], hashes: &Hashes) -> Result<(), Stop> {
        let (remote, cancel) = (self.remote, self.job.cancel);
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
                // a store that gives more than it listed is not listened to
                let range = matches!(name, ObjectName::Pack(_)).then_some(Range { offset: 0, length: size });
                remote.provider().get(&name, range).await.map_err(Trouble::Store)
            }
        };
        let done = |name, size, moved: Moved<Vec<u8>>| {
            match moved {
                Ok(bytes) => {
                    let told = hashes.get(&name).and_then(|told| told.meant(&bytes));
                    self.take_in(name, bytes, told)?;
                }
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

async fn send_one(
    account: &Account,
    provider: &dyn Provider,
    name: ObjectName,
    told: Option<&Told>,
) -> Result<PutReceipt, Trouble> {
    let bytes = account.vault.get_now(&name, None).map_err(|error| Trouble::Object(SyncFault::Vault(error)))?;
    let told = told.and_then(|told| told.meant(&bytes));
    let (_, sealed) = proof::prove(account, name, bytes, told).map_err(|why| Trouble::Object(SyncFault::Refused(why)))?;
    provider.put(&sealed).await.map_err(Trouble::Store)
}
