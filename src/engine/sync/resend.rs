//! What a check found damaged in a store is sent again: this machine's copy takes its place, where that is proved whole and the other is
//! proved not to be. One after the other, so that a run which is cut off leaves one gap at most, which the next run fills.

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::core::seal::Sealed;
use crate::engine::account::Account;
use crate::engine::account::problem::ProblemKind;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::known_damage;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::repair::{self, Known};
use crate::engine::sync::{Report, not_moved};
use crate::engine::{EngineError, OnEvent};
use crate::provider::ProviderError;

/// What became of an object that was found damaged.
enum Outcome {
    /// A whole copy lies there now.
    Whole,
    /// It is what lies here as well, and what the check found wrong is nothing that sending mends.
    Same,
    /// It is damaged there still; why.
    Stays(String),
    /// The store takes or gives no more.
    Stopped(ProviderError),
}

/// Sends again what is remembered as damaged in a store; `theirs` tells of it then. What could not be mended is told, and stays remembered.
pub(super) fn send_damaged(
    account: &Account,
    chunk_index: &ChunkIndex,
    remote: &Remote,
    theirs: &mut BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    let store = Some(remote.name());
    let known = known_damage::known(account, store)?.filter(|known| !known.is_empty() && !remote.only_writes());
    let Some(mut known) = known else { return Ok(()) };
    let hashes = proofs(account, chunk_index);
    let mut all_mended = true;
    // what only the owner's key shows to be wrong is the same bytes here
    let names: Vec<ObjectName> = known.iter().filter(|(_, why)| why.is_none()).map(|(name, _)| *name).collect();
    for name in names {
        let outcome = match theirs.contains_key(&name) {
            // what is missing is sent with the rest
            false => Outcome::Whole,
            true => mend(account, remote, &hashes, name, report),
        };
        match outcome {
            Outcome::Whole => {
                if let (Some(size), Ok(ours)) = (theirs.get_mut(&name), account.vault.size_now(&name)) {
                    *size = ours;
                }
                known.remove(&name);
            }
            Outcome::Same => all_mended = false,
            Outcome::Stays(why) => not_moved(report, on_event, name, &why)?,
            Outcome::Stopped(error) => {
                report.stopped = Some(error);
                break;
            }
        }
    }
    known_damage::remember(account, store, &known)?;
    if known.is_empty() && all_mended {
        account.remedied(ProblemKind::Damaged, remote.name());
    }
    Ok(())
}

/// The hashes that objects must have: packs' as index objects tell, keys' and slots' as this device knows.
fn proofs(account: &Account, chunk_index: &ChunkIndex) -> Known {
    let mut hashes = repair::known_hashes(account);
    hashes.extend(chunk_index.packs().iter().map(|pack| (ObjectName::Pack(pack.id), pack.hash)));
    hashes
}

fn mend(account: &Account, remote: &Remote, hashes: &Known, name: ObjectName, report: &mut Report) -> Outcome {
    let theirs = match remote.get(&name) {
        Ok(bytes) => bytes,
        Err(ProviderError::Nonsense(_) | ProviderError::Missing) => Vec::new(),
        Err(ProviderError::Local(why)) => return Outcome::Stays(why),
        Err(error) => return Outcome::Stopped(error),
    };
    let ours = account.vault.get_now(&name, None).unwrap_or_default();
    let is_proved = !matches!(name, ObjectName::Pack(_)) || hashes.contains_key(&name);
    let is_whole = |bytes: &[u8]| is_proved && repair::check(account, hashes, &name, bytes).is_ok();
    match (is_whole(&theirs), is_whole(&ours)) {
        (true, _) if matches!(name, ObjectName::Pack(_)) => return Outcome::Whole,
        (true, _) if theirs == ours => return Outcome::Same,
        (true, true) => return Outcome::Stays("the copy there is not this machine's, and nothing tells which is right".into()),
        (true, false) => return Outcome::Same,
        (false, false) => {
            let why = "it is damaged there, and this machine has no whole copy; a device that has one sends it with `printkeep check \
                       --store` and `printkeep sync`";
            return Outcome::Stays(why.into());
        }
        (false, true) => {}
    }
    match Sealed::recognise(account.id(), name, ours, hashes.get(&name).copied()) {
        Ok(sealed) => replace(remote, &sealed, report),
        Err(why) => Outcome::Stays(why.to_string()),
    }
}

/// Puts a whole copy in the place of a damaged one. A place replaces nothing by itself, so the damaged one goes first.
fn replace(remote: &Remote, sealed: &Sealed, report: &mut Report) -> Outcome {
    match remote.remove(&sealed.name()) {
        Ok(()) => {}
        Err(ProviderError::Locked(until)) => {
            return Outcome::Stays(format!(
                "it is damaged there, and the store's lock keeps it until {until}; a `printkeep sync` after that sends it again, and until \
                 then it is read from another copy"
            ));
        }
        Err(error @ (ProviderError::Refused(_) | ProviderError::ReadOnly(_) | ProviderError::Local(_))) => {
            return Outcome::Stays(format!(
                "it is damaged there, and the store does not let this device replace it ({error}); remove it there yourself, and the next \
                 `printkeep sync` sends it again"
            ));
        }
        Err(error) => return Outcome::Stopped(error),
    }
    match remote.put(sealed) {
        Ok(receipt) => {
            report.sent += 1;
            report.sent_bytes += receipt.size();
            report.resent += 1;
            report.there.insert(sealed.name());
            Outcome::Whole
        }
        Err(ProviderError::Taken) => Outcome::Stays("another copy was put there in this moment".into()),
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
    use crate::provider::{Listed, Pending, Provider, PutReceipt, Range};

    /// A folder that removes nothing, with this reason.
    struct Keeper(Folder, ProviderError);

    impl Provider for Keeper {
        fn put<'a>(&'a self, object: &'a Sealed) -> Pending<'a, PutReceipt> {
            self.0.put(object)
        }

        fn get<'a>(&'a self, name: &'a ObjectName, range: Option<Range>) -> Pending<'a, Vec<u8>> {
            self.0.get(name, range)
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
            let place = Keeper(Folder::create(folder.path(), id).unwrap(), refusal);
            let remote = Remote::new("nas", Box::new(place), &Runtime::new(&Cancel::default()));
            let mut report = Report::default();
            assert!(matches!(replace(&remote, &sealed, &mut report), Outcome::Stays(why) if why.contains(words)));
            assert_eq!((report.sent, report.stopped), (0, None));
        }
        let whole = Remote::new("nas", Box::new(Folder::create(folder.path(), id).unwrap()), &Runtime::new(&Cancel::default()));
        let mut report = Report::default();
        assert!(matches!(replace(&whole, &sealed, &mut report), Outcome::Whole));
        assert_eq!((report.sent, report.resent), (1, 1));
    }
}
