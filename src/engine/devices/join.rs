//! Joining: a new machine takes its place in an account that lies in a store, with the recovery kit.

use std::collections::BTreeMap;

use crate::config::Store as StoreConfig;
use crate::consent::{ConsentContext, Decision, Item};
use crate::core::keys::{Keyring, WriterKeys};
use crate::core::name::{AccountId, ObjectHash, ObjectName};
use crate::core::proof::Unproved;
use crate::core::roster::{MAX_NAME, Roster};
use crate::core::seal::{Proved, Refused};
use crate::core::secret::Secret;
use crate::core::slot::{self, Opener};
use crate::engine::account::devices::put_roster;
use crate::engine::account::known_state::StoreProblem;
use crate::engine::account::slots::MOST_OTHERS;
use crate::engine::account::{AccountWriter, NewAccount, consent, keys};
use crate::engine::error::{Damage, OwnFile, PlaceName, SyncFault, in_vault};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::{listings, stores};
use crate::engine::runtime::Runtime;
use crate::engine::sync::{self, Pull, Report, fetch};
use crate::engine::{EngineError, Job, Misuse};
use crate::provider::address::Address;
use crate::provider::credentials::Credentials;
use crate::provider::folder::Folder;
use crate::provider::reason::Reason;
use crate::provider::{Listed, Provider, ProviderError};

/// So many accounts of a store are named.
const MOST_NAMED: usize = 4;

/// What joining needs.
pub struct Request<'a> {
    /// Where and as what this device joins.
    pub new: NewAccount<'a>,
    /// The store that holds the account.
    pub store: &'a StoreConfig,
    /// Its credentials, unless it is a folder.
    pub credentials: Option<Credentials>,
    /// The kit's secret.
    pub kit: &'a Secret<32>,
    /// How the owner said yes to reaching the store, which naming it is.
    pub asked: ConsentContext,
}

/// What joining gave.
pub struct Joined {
    /// The account, open.
    pub account: AccountWriter,
    /// The store that it was found in, open.
    pub remote: Remote,
    /// Objects of the store that are damaged or missing; the rest can be restored all the same.
    pub failed: Vec<(ObjectName, SyncFault)>,
    /// What is wrong with what the store shows, as far as a machine can tell that was never there.
    pub store_problems: Vec<StoreProblem>,
    /// Why this device's line and key slot wait here for a later sync, where the store may only be read: until then no other device
    /// knows of this one.
    pub pending: Option<ProviderError>,
}

/// Joins; once the settings name the store, `settle` makes the account real here. Nothing in the store is changed but by adding: this device's line in a new roster, and its key slot.
pub fn join(mut request: Request<'_>, job: Job<'_>) -> Result<Joined, EngineError> {
    let (mut account, remote, unopened) = enter(&mut request, job)?;
    let mut chunk_index = ChunkIndex::open(&account)?;
    let report = sync::sync(&mut account, &mut chunk_index, &remote, Pull::Metadata, job)?;
    let pending = match &report.stopped {
        // what may only be read is read; a later sync makes this device known there
        Some(error @ ProviderError::ReadOnly(_)) => Some(error.clone()),
        Some(error) => return Err(remote.lost(error.clone())),
        None => None,
    };
    listings::remember_there(&account, &request.store.name, &report.there, job.random)?;
    let failed = failed(&report, unopened);
    Ok(Joined { account, remote, failed, store_problems: report.store_problems, pending })
}

/// Looks at an account in a store without taking a place in it: nothing is added there, and no other device ever hears of it. The home of
/// the request is one for this look alone, which the caller removes afterwards.
pub fn inspect(mut request: Request<'_>, job: Job<'_>) -> Result<Joined, EngineError> {
    let (mut account, remote, unopened) = enter(&mut request, job)?;
    let mut chunk_index = ChunkIndex::open(&account)?;
    let report = fetch::pull(&mut account, &mut chunk_index, &remote, Pull::Metadata, job)?;
    let failed = failed(&report, unopened);
    Ok(Joined { account, remote, failed, store_problems: Vec::new(), pending: None })
}

fn failed(report: &Report, unopened: Option<keys::Unopened>) -> Vec<(ObjectName, SyncFault)> {
    let unopened = unopened.filter(|(name, _)| report.failed.iter().all(|(told, _)| told != name));
    report.failed.iter().cloned().chain(unopened).collect()
}

/// Whether the first list of changes holds where they were made apart; one that there is holds before none.
fn outranks(here: &Lists, there: &Lists) -> bool {
    match (here.last(), there.last()) {
        (Some((roster, sealed)), Some((other, its))) => roster.outranks(&sealed.hash(), other, &its.hash()),
        (here, _) => here.is_some(),
    }
}

/// Opens the account with the kit and makes this device's part of it, in the request's home alone.
fn enter(request: &mut Request<'_>, job: Job<'_>) -> Result<(AccountWriter, Remote, Option<keys::Unopened>), EngineError> {
    let Job { random, runtime, .. } = job;
    let (remote, unlocked, lists) = {
        let request = &*request;
        let (account, remote) = find_account(request, runtime)?;
        let names = remote.list_in(&["slots", "roster"]).map_err(|error| remote.lost(error))?;
        let mut unlocked = unlock(&remote, &names, account, request.kit)?;
        let there = lists(&remote, names.keys(), &unlocked.keyring)?;
        let here = lists_here(request, account, &mut unlocked.keyring, runtime)?;
        (remote, unlocked, if outranks(&here, &there) { here } else { there })
    };
    let Unlocked { keyring, unopened, slot } = unlocked;
    let no_devices = || EngineError::Damaged { what: OwnFile::Account, why: Damage::NoDevices };
    let (roster, sealed) = lists.last().ok_or_else(no_devices)?;
    request.new.device_name = own_name(roster, &request.new.device_name);
    let mut account = AccountWriter::enrol(&request.new, &keyring, Some((roster.clone(), sealed.hash())), random)?;
    follow(&account, &lists)?;
    // what opened the account is kept, whatever else the store shows among its slots
    if let Ok(slot) = slot.owners(&account.device.keys)
        && account.vault.size_now(&slot.name()).is_err()
    {
        account.vault_writer().put_now(&slot).map_err(in_vault)?;
    }
    if request.store.address.needs_network() {
        account.decide(Item::Network, Decision::Granted, request.asked)?;
    }
    if let Some(credentials) = &request.credentials {
        stores::keep_credentials(&account, &request.store.name, credentials, random)?;
    }
    Ok((account, remote, unopened))
}

/// A name that no other device has, so that an owner tells them apart: boards of one kind come with one host name.
fn own_name(roster: &Roster, wanted: &str) -> String {
    let taken = |name: &str| roster.members.iter().any(|member| member.name == name);
    let mut name = wanted.to_owned();
    let mut number = 2;
    while taken(&name) && number <= roster.members.len() + 2 {
        let mark = format!("-{number}");
        let mut end = wanted.len().min(MAX_NAME - mark.len());
        while !wanted.is_char_boundary(end) {
            end -= 1;
        }
        name = format!("{}{mark}", &wanted[..end]);
        number += 1;
    }
    name
}

fn open_place(request: &Request<'_>, account: AccountId, runtime: &Runtime) -> Result<Remote, EngineError> {
    let lost = |error| EngineError::Place { place: PlaceName::Store(request.store.name.clone()), error };
    let provider: Box<dyn Provider> = match &request.store.address {
        Address::Folder(path) => {
            std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
            Box::new(Folder::open(path, account).map_err(lost)?)
        }
        _ => {
            let permit = consent::before_there_is_an_account(request.new.home, request.asked)?;
            let credentials = request
                .credentials
                .as_ref()
                .ok_or_else(|| EngineError::Usage(Misuse::NoCredentials(request.store.name.clone())))?;
            stores::reach(&permit, request.store, credentials, account).map_err(lost)?
        }
    };
    Ok(Remote::new(&request.store.name, provider, runtime))
}

/// The account that the kit opens, and the store with it: the kit's page names it; a folder and a bucket may be looked through.
fn find_account(request: &Request<'_>, runtime: &Runtime) -> Result<(AccountId, Remote), EngineError> {
    let mut candidates: Vec<AccountId> = request.new.kit_account.into_iter().collect();
    let says_which = !candidates.is_empty();
    if !says_which {
        candidates = accounts_there(request, runtime)?;
    }
    for account in &candidates {
        // a folder without this account is no failure; a store that cannot be looked at is, and says so itself
        let remote = match open_place(request, *account, runtime) {
            Err(EngineError::Place { error: ProviderError::Missing, .. }) => continue,
            remote => remote?,
        };
        let slots = remote.list_in(&["slots"]).map_err(|error| remote.lost(error))?;
        // of several accounts the one that the kit opens is meant
        let opens = || match unlock(&remote, &slots, *account, request.kit) {
            Err(error) if error.is_stop() => Err(error),
            done => Ok(done.is_ok()),
        };
        if !slots.is_empty() && (says_which || opens()?) {
            return Ok((*account, remote));
        }
    }
    if !says_which && !candidates.is_empty() {
        return Err(EngineError::WrongKit);
    }
    let why = match candidates[..] {
        [] => Misuse::KitWithoutAccount,
        [of, ..] => not_there(request, of, runtime),
    };
    runtime.check()?;
    Err(EngineError::Usage(why))
}

/// Why the kit's account is not in the store: it holds others, where it can be looked through, or none that is known of.
fn not_there(request: &Request<'_>, of: AccountId, runtime: &Runtime) -> Misuse {
    let address = request.store.address.to_string();
    // one that cannot be looked through says nothing of others; a stop is heard by whoever asked
    let there: Vec<AccountId> = accounts_there(request, runtime).unwrap_or_default();
    match there.is_empty() || there.contains(&of) {
        false => Misuse::KitOfAnother {
            of: of.to_string(),
            address,
            there: there.iter().take(MOST_NAMED).map(ToString::to_string).collect(),
        },
        true => Misuse::NotInStore { address, has_versions: matches!(request.store.address, Address::S3(_)) },
    }
}

/// The accounts in a store that can be looked through: a folder, or a bucket.
fn accounts_there(request: &Request<'_>, runtime: &Runtime) -> Result<Vec<AccountId>, EngineError> {
    match (&request.store.address, &request.credentials) {
        (Address::Folder(path), _) => Folder::accounts(path).map_err(|error| unreadable(path, &error)),
        (Address::S3(_), Some(credentials)) => {
            let lost = |error| EngineError::Place { place: PlaceName::Store(request.store.name.clone()), error };
            let permit = consent::before_there_is_an_account(request.new.home, request.asked)?;
            let nobody = AccountId::from_bytes([0; 16]);
            let cloud = stores::cloud(&permit, request.store, credentials, nobody).map_err(lost)?;
            runtime.block_on(cloud.accounts()).map_err(lost)
        }
        _ => Ok(Vec::new()),
    }
}

/// A folder that is not there, or cannot be read: a disk that is not mounted, most of all.
fn unreadable(path: &std::path::Path, error: &std::io::Error) -> EngineError {
    EngineError::Place { place: PlaceName::Folder(path.to_owned()), error: ProviderError::Unmounted(Reason::of_system(error)) }
}

/// What a kit opened.
struct Unlocked {
    keyring: Keyring,
    /// The first later generation of keys that does not open.
    unopened: Option<keys::Unopened>,
    /// The slot.
    slot: Unproved,
}

/// The account's keys: from the slot that the kit names, or else from one of the first others that are shown with a size that slots have.
fn unlock(
    remote: &Remote,
    names: &BTreeMap<ObjectName, u64>,
    account: AccountId,
    kit: &Secret<32>,
) -> Result<Unlocked, EngineError> {
    let own = slot::name_of(kit);
    let is_other = |name: &ObjectName| matches!(name, ObjectName::Slot(_)) && *name != own;
    let others = names.iter().filter(|(name, size)| is_other(name) && slot::may_have_size(**size)).map(|(name, _)| *name);
    for name in [own].into_iter().chain(others.take(MOST_OTHERS)) {
        let Ok(bytes) = remote.get(&name) else {
            // a store that was left at a stop says nothing of the kit
            remote.runtime().check()?;
            continue;
        };
        if let Ok(mut keyring) = slot::open(Some(account), &name, &bytes, &Opener::Recovery(kit)) {
            let mut get = |name: &ObjectName| remote.get(name);
            let unopened = keys::extend(&mut keyring, &mut get, remote.named())?;
            let slot = Unproved::new(account, name, bytes).map_err(|why| EngineError::Object { name, why })?;
            return Ok(Unlocked { keyring, unopened, slot });
        }
    }
    Err(EngineError::WrongKit)
}

/// The lists of devices in turn, as they lie in some place.
pub(super) type Lists = Vec<(Roster, Proved)>;

/// So many names behind the last list that holds are looked at: whether the account signed them after all.
const MOST_BEHIND: usize = 64;

/// The lists of devices of a place, up to the first that is not the account's. Every one before another must be there: where the account signed
/// one that lies behind, somebody removed what lies between. What it did not sign says nothing, and is told by a sync.
pub(super) fn lists<'a>(
    remote: &Remote,
    names: impl Iterator<Item = &'a ObjectName>,
    keyring: &Keyring,
) -> Result<Lists, EngineError> {
    let keys = keyring.writer().ok_or(EngineError::WrongKit)?;
    let names = names.filter(|name| matches!(name, ObjectName::Roster(_))).copied();
    let (mut lists, mut broken): (Lists, _) = (Vec::new(), None);
    for name in names {
        let proved = list(remote, &keys, name)?;
        let first = (0, ObjectHash::from_bytes([0; 32]));
        let (number, previous) = lists.last().map_or(first, |(before, sealed)| (before.number, sealed.hash()));
        let follows = |(roster, _): &(Roster, Proved)| roster.number == number + 1 && roster.previous == previous;
        match proved {
            Ok(proved) if follows(&proved) && broken.is_none() => lists.push(proved),
            // the account's own, and the one before it is not there
            Ok(_) => return Err(EngineError::Object { name, why: Refused::Changed }),
            Err(why) => {
                let (_, count) = broken.get_or_insert((EngineError::Object { name, why }, 0));
                *count += 1;
                if *count > MOST_BEHIND {
                    break;
                }
            }
        }
    }
    match broken {
        Some((why, _)) if lists.is_empty() => Err(why),
        _ => Ok(lists),
    }
}

/// One list of a place, or why it is none of the account's.
fn list(remote: &Remote, keys: &WriterKeys, name: ObjectName) -> Result<Result<(Roster, Proved), Refused>, EngineError> {
    let Some(bytes) = remote.find(&name)? else { return Ok(Err(Refused::Changed)) };
    Ok(Unproved::new(keys.account(), name, bytes).and_then(|given| given.roster(keys)))
}

/// Those that the vault here tells of, where it holds the account already: the device's key was lost, and what that device changed last may have
/// been sent nowhere. What does not hold together says nothing.
fn lists_here(request: &Request<'_>, account: AccountId, keyring: &mut Keyring, runtime: &Runtime) -> Result<Lists, EngineError> {
    let Ok(vault) = Folder::open(&request.new.home.vault(), account) else { return Ok(Lists::new()) };
    let vault = Remote::new("vault", Box::new(vault), runtime);
    let names = vault.list_in(&["roster"]).map_err(|error| vault.lost(error))?;
    keys::extend(keyring, &mut |name| vault.get(name), vault.named())?;
    let found = lists(&vault, names.keys(), keyring);
    runtime.check()?;
    Ok(found.unwrap_or_default())
}

/// Makes the vault tell of the lists that this device follows, and of no other.
pub(super) fn follow(account: &AccountWriter, lists: &[(Roster, Proved)]) -> Result<(), EngineError> {
    let vault = account.vault_writer();
    lists.iter().try_for_each(|(_, sealed)| put_roster(vault, sealed))?;
    let (newest, mut later) = (ObjectName::Roster(account.roster.number), Vec::new());
    let mut look = |page: &[Listed]| later.extend(page.iter().map(|listed| listed.name).filter(|name| *name > newest));
    vault.list_now("roster", &mut look).map_err(in_vault)?;
    later.iter().try_for_each(|name| vault.set_aside_now(name)).map_err(in_vault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;
    use crate::engine::Cancel;
    use crate::provider::{Pending, PutReceipt, Wanted};

    /// A store that is left at a stop as it is asked for anything.
    struct LeftStore(Cancel);

    impl Provider for LeftStore {
        fn put<'a>(&'a self, _object: &'a Proved) -> Pending<'a, PutReceipt> {
            Box::pin(std::future::pending())
        }

        fn get<'a>(&'a self, _name: &'a ObjectName, _wanted: Wanted) -> Pending<'a, Vec<u8>> {
            self.0.cancel();
            Box::pin(std::future::pending())
        }

        fn list<'a>(&'a self, _folder: &'a str, _page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            Box::pin(std::future::pending())
        }

        fn remove<'a>(&'a self, _name: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(std::future::pending())
        }

        fn place(&self) -> String {
            "the store".into()
        }
    }

    #[test]
    fn a_store_that_is_left_at_a_stop_says_nothing_of_the_kit() {
        let cancel = Cancel::default();
        let remote = Remote::new("nas", Box::new(LeftStore(cancel.clone())), &Runtime::new(&cancel));
        let names = [1, 2].map(|n| (ObjectName::Slot(ObjectId::from_bytes([n; 16])), 440)).into();
        let opened = unlock(&remote, &names, AccountId::from_bytes([7; 16]), &Secret::filled_by(|to| to.fill(3)));
        assert!(opened.is_err_and(|error| error.is_stop()));
    }
}
