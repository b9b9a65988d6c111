//! Erasing a whole account: keys first, then what lies here, then every object in every store, listed again to prove it.
//!
//! A plan outside the account's folder says how far it came, so that an erasure that was interrupted, or whose store was away, goes on
//! at the next run. It holds what the account's own files held before they were destroyed: the stores, their credentials, and a
//! key that signs the receipt, for which the device vouched in the order. It is shredded once everything is gone. A store in a region
//! that the owner no longer allows is emptied like any other: nothing is sent there.

mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use plan::{Plan, PlannedStore};

use crate::config::{Config, Store as StoreConfig};
use crate::consent::Permit;
use crate::core::name::{AccountId, ObjectId, ObjectName};
use crate::core::secret::Secret;
use crate::core::slot::{self, Opener};
use crate::engine::EngineError;
use crate::engine::account::identity::load_device;
use crate::engine::error::{Damage, OwnFile};
use crate::engine::key_agent::reading_key;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::stores;
use crate::engine::runtime::Runtime;
use crate::local::home::{DiskError, Home, read_small};
use crate::local::recovery_kit::Kit;
use crate::local::shred;
use crate::local::work_lock::{self, Waiting, WorkKind};
use crate::provider::address::Address;
use crate::provider::credentials::Credentials;
use crate::provider::folder::Folder;
use crate::provider::reason::Reason;
use crate::provider::{Provider, ProviderError};

/// So often a store that still shows something is gone through.
const ROUNDS: u32 = 3;
/// And so often in all, where each listing shows others.
const MOST_ROUNDS: u32 = 1000;
/// The largest recovery kit, in bytes.
const MAX_KIT: u64 = 1024 * 1024;

/// What became of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtStore {
    /// It shows nothing of the account any more; so many objects were removed.
    Gone(u64),
    /// It could not be emptied now; why.
    Away(String),
    /// The owner chose to leave what lies there; why it was not reached.
    Left(String),
}

/// Destroys everything of the account on this machine: keys first.
pub fn here(home: &Home, plan: &mut Plan) -> Result<(), EngineError> {
    if plan.here {
        return Ok(());
    }
    let folder = home.account(&plan.name);
    // another account may bear the name by now
    let other = load_device(home, &plan.name).is_ok_and(|device| device.keys.account() != plan.account);
    let vault = home.vault().join(plan.account.to_string());
    if !other && folder.is_dir() {
        let lock = work_lock::take(&folder, WorkKind::Whole, &Waiting::no())?;
        let kits = kits(home, plan.account, &vault);
        shred::file(&folder.join("device.key"))?;
        shred::file(&folder.join(reading_key::FILE))?;
        kits.iter().try_for_each(|kit| shred::file(kit))?;
        ["slots", "keys", "grants"].iter().try_for_each(|keys| shred::folder(&vault.join(keys)))?;
        shred::folder(&folder)?;
        let aside = (1..).map(|number| home.set_aside(&plan.name, number)).take_while(|path| path.is_dir());
        aside.into_iter().try_for_each(|path| shred::folder(&path))?;
        drop(lock);
    }
    // sealed under keys that are gone; overwriting them would say nothing more
    match std::fs::remove_dir_all(&vault) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(DiskError::at("remove", &vault)(error).into());
        }
        _ => {}
    }
    plan.here = true;
    plan.save(home)
}

/// The account's recovery kits in the home, under whichever names: those that name it, and bare words that open it.
fn kits(home: &Home, account: AccountId, vault: &Path) -> Vec<PathBuf> {
    let slots = slots(vault);
    let opens = |entropy: &Secret<32>| {
        let opens = |(name, bytes): &(_, Vec<u8>)| slot::open(Some(account), name, bytes, &Opener::Recovery(entropy)).is_ok();
        slots.iter().any(opens)
    };
    let is_its = |path: &PathBuf| {
        let Some(bytes) = read_small(path, MAX_KIT).ok().flatten() else { return false };
        let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        Kit::parse(&text).is_ok_and(|(of, entropy)| of.map_or_else(|| opens(&entropy), |of| of == account))
    };
    home.loose_files(MAX_KIT).into_iter().filter(is_its).collect()
}

/// The slots that lie in a vault.
fn slots(vault: &Path) -> Vec<(ObjectName, Vec<u8>)> {
    let entries = std::fs::read_dir(vault.join("slots")).into_iter().flatten().flatten();
    let read = |path: PathBuf| {
        let id = ObjectId::parse(path.file_name()?.to_str()?)?;
        Some((ObjectName::Slot(id), read_small(&path, MAX_KIT).ok()??))
    };
    entries.filter_map(|entry| read(entry.path())).collect()
}

/// Empties every store that is not empty yet, and says what became of each. The permit is the owner's yes to network use.
pub fn at_stores(
    home: &Home,
    plan: &mut Plan,
    permit: Option<&Permit>,
    runtime: &Runtime,
) -> Result<Vec<(String, AtStore)>, EngineError> {
    let config = Config::parse(&plan.stores_toml).map_err(|error| damaged(Damage::Format(error.to_string())))?;
    let mut outcomes = Vec::new();
    for store in &config.stores {
        let Some(at) = plan.stores.iter().position(|planned| planned.name == store.name) else { continue };
        if let Some(removed) = plan.stores[at].done {
            outcomes.push((store.name.clone(), AtStore::Gone(removed)));
            continue;
        }
        let emptied = open(plan, &plan.stores[at], store, permit)
            .and_then(|place| empty(&Remote::new(&store.name, place, runtime), &mut plan.stores[at].removed));
        let outcome = match emptied {
            Ok(()) => {
                let removed = plan.stores[at].removed;
                plan.stores[at].done = Some(removed);
                plan.save(home)?;
                remove_frame(plan, store);
                AtStore::Gone(removed)
            }
            Err(error) if plan.here_only => AtStore::Left(error.to_string()),
            Err(error) => AtStore::Away(error.to_string()),
        };
        outcomes.push((store.name.clone(), outcome));
    }
    plan.save(home)?;
    Ok(outcomes)
}

fn damaged(why: Damage) -> EngineError {
    EngineError::Damaged { what: OwnFile::ErasurePlan, why }
}

fn open(
    plan: &Plan,
    planned: &PlannedStore,
    store: &StoreConfig,
    permit: Option<&Permit>,
) -> Result<Box<dyn Provider>, ProviderError> {
    if let Address::Folder(path) = &store.address {
        let ours = path.join(plan.account.to_string());
        if !path.is_dir() || planned.known && !ours.is_dir() {
            return Err(ProviderError::Unmounted(Reason::AccountGone { path: path.display().to_string() }));
        }
        return Ok(Box::new(Folder::create(path, plan.account)?));
    }
    let permit = permit.ok_or(ProviderError::Refused(Reason::NoConsent {}))?;
    let credentials = planned.credentials.as_ref().and_then(|bytes| Credentials::decode(bytes).ok());
    let credentials = credentials.ok_or(ProviderError::Refused(Reason::NoCredentials {}))?;
    stores::reach(permit, store, &credentials, plan.account)
}

/// Removes every object, keys first, until a listing shows none.
fn empty(remote: &Remote, removed: &mut u64) -> Result<(), ProviderError> {
    let (mut left, mut before) = (ROUNDS, BTreeMap::new());
    for _ in 0..MOST_ROUNDS {
        // a listing gives so many names at a time; a store that shows the same again gets no further round for it
        let held: BTreeMap<ObjectName, u64> = remote.list()?;
        if held.is_empty() {
            return Ok(());
        }
        if held.keys().any(|name| before.contains_key(name)) {
            left -= 1;
        }
        if left == 0 {
            break;
        }
        let is_key = |name: &&ObjectName| matches!(name, ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..));
        let (keys, rest): (Vec<_>, Vec<_>) = held.keys().partition(is_key);
        for name in keys.into_iter().chain(rest) {
            remote.remove(name)?;
            *removed += 1;
        }
        before = held;
    }
    match remote.list()?.len() {
        0 => Ok(()),
        left => Err(ProviderError::Nonsense(Reason::StillThere { count: left.to_string() })),
    }
}

/// Removes the empty folders and the mark that a folder on a disk keeps for the account.
fn remove_frame(plan: &Plan, store: &StoreConfig) {
    if let Address::Folder(path) = &store.address {
        // what cannot be removed says nothing, and what others put there is theirs
        let _ = Folder::remove_frame(path, plan.account);
    }
}
