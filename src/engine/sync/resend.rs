//! What a check found damaged in a store is sent again: this machine's copy takes its place, where that is proved whole and the other is
//! proved not to be. One after the other, so that a run which is cut off leaves one gap at most, which the next run fills.

use crate::core::name::ObjectName;
use crate::core::seal::Proved;
use crate::engine::account::Account;
use crate::engine::account::problem::{ProblemKind, Subject};
use crate::engine::error::SyncFault;
use crate::engine::repository::known_damage::{self, KnownDamage};
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::repair::{self, Known};
use crate::engine::sync::round::Round;
use crate::engine::sync::transfer::Stop;
use crate::provider::{ProviderError, PutReceipt};

/// What became of an object that was found damaged.
enum Outcome {
    /// It lies there whole, or is missing and sent with the rest.
    Whole,
    /// This machine's copy took its place.
    Replaced(PutReceipt),
    /// It is what lies here as well: what the check found wrong is nothing that sending repairs.
    Same,
    /// It is damaged there still; why.
    Stays(SyncFault),
    /// The store takes or gives no more.
    Stopped(ProviderError),
}

impl Round<'_> {
    /// Sends again what is remembered as damaged there. What could not be repaired is told, and stays remembered.
    pub(super) fn send_damaged(&mut self) -> Result<(), Stop> {
        let known = known_damage::known(self.account, Some(self.remote.name()))?;
        let Some(mut known) = known.filter(|known| !known.is_empty() && !self.remote.only_writes()) else { return Ok(()) };
        let done = self.replace_each(&mut known);
        known_damage::remember(self.account.logs(), Some(self.remote.name()), &known)?;
        if done? && known.is_empty() {
            self.account.logs().remedied(ProblemKind::Damaged, &Subject::Store(self.remote.name().to_owned()));
        }
        Ok(())
    }

    /// Takes from the list what is repaired; whether all that is taken from it is seen to be so.
    fn replace_each(&mut self, known: &mut KnownDamage) -> Result<bool, Stop> {
        let hashes = self.proofs();
        let mut is_all = true;
        // what only the owner's key shows to be wrong is the same bytes here
        let names: Vec<ObjectName> = known.iter().filter(|(_, why)| why.is_none()).map(|(name, _)| *name).collect();
        for name in names {
            self.job.check()?;
            let is_there = self.theirs.contains_key(&name);
            match if is_there { repair_one(self.account, self.remote, &hashes, name) } else { Outcome::Whole } {
                Outcome::Whole => drop(known.remove(&name)),
                Outcome::Replaced(receipt) => {
                    self.report.sent += 1;
                    self.report.sent_bytes += receipt.size();
                    self.report.resent += 1;
                    self.theirs.insert(name, receipt.size());
                    known.remove(&name);
                }
                Outcome::Same => is_all = false,
                Outcome::Stays(why) => self.not_moved(name, why),
                Outcome::Stopped(error) => return Err(Stop::Store(error)),
            }
        }
        Ok(is_all)
    }

    /// The hashes that objects must have: packs' as index objects tell, keys' and slots' as this device knows.
    fn proofs(&self) -> Known {
        let mut hashes = repair::known_hashes(self.account);
        hashes.extend(self.chunk_index.told_hashes());
        hashes
    }
}

fn repair_one(account: &Account, remote: &Remote, hashes: &Known, name: ObjectName) -> Outcome {
    let theirs = match remote.get(&name) {
        Ok(bytes) => bytes,
        Err(ProviderError::Nonsense(_) | ProviderError::Missing | ProviderError::Local(_)) => Vec::new(),
        Err(error) => return Outcome::Stopped(error),
    };
    let ours = account.vault.get_now(&name, None).unwrap_or_default();
    let is_pack = matches!(name, ObjectName::Pack(_));
    let is_proved = !is_pack || hashes.contains_key(&name);
    let is_whole = |bytes: &[u8]| is_proved && repair::check(account, hashes, &name, bytes).is_ok();
    match (is_whole(&theirs), is_whole(&ours)) {
        (true, _) if is_pack => Outcome::Whole,
        (true, true) if theirs != ours => Outcome::Stays(SyncFault::EitherCopy),
        (true, _) => Outcome::Same,
        (false, false) => Outcome::Stays(SyncFault::NoWholeCopy),
        (false, true) => match proof::prove(account, name, ours, repair::told(hashes, &name)) {
            Ok((_, sealed)) => replace(remote, &sealed),
            Err(why) => Outcome::Stays(SyncFault::Refused(why)),
        },
    }
}

/// Puts a whole copy in the place of a damaged one. A place replaces nothing by itself, so the damaged one goes first.
fn replace(remote: &Remote, sealed: &Proved) -> Outcome {
    use ProviderError as E;
    match remote.remove(&sealed.name()) {
        Ok(()) => {}
        Err(error @ (E::Locked(_) | E::Refused(_) | E::ReadOnly(_) | E::Local(_) | E::Nonsense(_))) => {
            return Outcome::Stays(SyncFault::Irreplaceable(error));
        }
        Err(error) => return Outcome::Stopped(error),
    }
    match remote.put(sealed) {
        Ok(receipt) => Outcome::Replaced(receipt),
        // another copy was put there in this moment, or the removed one shows still
        Err(error @ E::Taken) => Outcome::Stays(SyncFault::Irreplaceable(error)),
        Err(error) => Outcome::Stopped(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::chunk::Encoded;
    use crate::core::keys::Keyring;
    use crate::core::name::{AccountId, ChunkId};
    use crate::core::pack::PackWriter;
    use crate::core::testing::Counting;
    use crate::engine::Cancel;
    use crate::engine::runtime::Runtime;
    use crate::provider::folder::Folder;
    use crate::provider::{Listed, Pending, Provider, Wanted};

    /// A folder that removes nothing, with this reason.
    struct RefusingFolder(Folder, ProviderError);

    impl Provider for RefusingFolder {
        fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
            self.0.put(object)
        }

        fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
            self.0.get(name, wanted)
        }

        fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            self.0.list(folder, page)
        }

        fn remove<'a>(&'a self, _name: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(std::future::ready(Err(self.1.clone())))
        }

        fn place(&self) -> String {
            self.0.place()
        }
    }

    #[test]
    fn a_store_that_keeps_what_is_damaged_is_told_with_what_to_do_and_ends_no_run() {
        let (folder, random) = (tempfile::tempdir().unwrap(), Counting::new(5));
        let id = AccountId::from_bytes([1; 16]);
        let keys = Keyring::random(id, &random).unwrap().writer().unwrap();
        let mut pack = PackWriter::new(&keys, 4096, &random).unwrap();
        pack.add(ChunkId::from_bytes([1; 32]), &Encoded::raw(zeroize::Zeroizing::new(vec![7; 100])));
        let (sealed, _) = pack.finish(&keys);
        let cases = [
            (ProviderError::Locked("2027-01-01".into()), "until 2027-01-01"),
            (ProviderError::Refused("403".into()), "remove it there yourself"),
            (ProviderError::ReadOnly("no".into()), "remove it there yourself"),
        ];
        for (refusal, words) in cases {
            let place = RefusingFolder(Folder::create(folder.path(), id).unwrap(), refusal);
            let remote = Remote::new("nas", Box::new(place), &Runtime::new(&Cancel::default()));
            assert!(matches!(replace(&remote, &sealed), Outcome::Stays(why) if why.to_string().contains(words)));
        }
        let whole = Remote::new("nas", Box::new(Folder::create(folder.path(), id).unwrap()), &Runtime::new(&Cancel::default()));
        assert!(matches!(replace(&whole, &sealed), Outcome::Replaced(_)));
    }
}
