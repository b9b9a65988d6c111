//! Later generations of keys: adopted by each device from the grant that only it opens, and opened by who holds the ones before.
//!
//! Another process may change the keys, or the list of devices, while this one works: what does not open with what was read when the work began
//! is tried with what the vault tells now.

use zeroize::Zeroizing;

use crate::core::keys::{Keyring, WriterKeys};
use crate::core::name::ObjectName;
use crate::core::proof::Unproved;
use crate::core::roster::Roster;
use crate::core::rotation::{self, Grant};
use crate::core::seal::{self, Refused, With, hash};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::devices::newer_roster;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::error::{PlaceName, SyncFault, in_vault};
use crate::local::device::Device;
use crate::provider::ProviderError;
use crate::provider::folder_reader::FolderReader;

/// Takes over the newest grant of this device that the vault holds, when all it names is there. Whether there was one; the caller
/// writes the device's file.
pub fn take_grant(device: &mut Device, vault: &FolderReader) -> Result<bool, EngineError> {
    let Some(keys) = granted(device, vault)? else { return Ok(false) };
    device.keys = keys;
    Ok(true)
}

/// The newest keys that the vault grants this device, where they are later than those that it holds.
fn granted(device: &Device, vault: &FolderReader) -> Result<Option<WriterKeys>, EngineError> {
    let Some(link) = &device.link else { return Ok(None) };
    let mut names = Vec::new();
    vault
        .list_now(&format!("grants/{}", device.id), &mut |page| names.extend(page.iter().map(|listed| listed.name)))
        .map_err(in_vault)?;
    let held = u64::from(device.keys.generation());
    names.retain(|name| matches!(name, ObjectName::Grant(_, generation) if *generation > held));
    names.sort();
    for name in names.iter().rev() {
        // one that does not open is found by `check`; the device goes on with what it has
        if let Ok(bytes) = vault.get_now(name, None)
            && let Ok(grant) = Grant::open(&device.keys, device.id, link, name, &bytes)
            && is_told(vault, &grant, held)
        {
            return Ok(Some(grant.keys));
        }
    }
    Ok(None)
}

/// Opens something with the keys and the list of devices that were read when the work began, or with those that the vault tells of now.
pub fn anew<T>(account: &Account, open: impl Fn(&WriterKeys, &Roster) -> Result<T, Refused>) -> Result<T, Refused> {
    let why = match open(&account.device.keys, &account.roster) {
        Err(why @ (Refused::NoKey | Refused::Unsigned)) => why,
        done => return done,
    };
    match newest(account) {
        // a vault that cannot be looked at says nothing new
        Ok((None, None)) | Err(_) => Err(why),
        Ok((keys, roster)) => open(keys.as_ref().unwrap_or(&account.device.keys), roster.as_ref().unwrap_or(&account.roster)),
    }
}

/// The keys and the list of devices that the vault tells of now, each where it is later than what was read when the work began.
pub fn newest(account: &Account) -> Result<(Option<WriterKeys>, Option<Roster>), EngineError> {
    let keys = granted(&account.device, &account.vault)?;
    let roster = newer_roster(&account.vault, keys.as_ref().unwrap_or(&account.device.keys), account.roster.number)?;
    Ok((keys, roster.map(|(roster, _)| roster)))
}

/// Opens something with the owner's keys, or with the later ones that the vault tells of now.
pub fn with_later<T>(account: &Account, keyring: &Keyring, open: impl Fn(&Keyring) -> Result<T, Refused>) -> Result<T, Refused> {
    match open(keyring) {
        Err(Refused::NoKey) => later(account, keyring).map_or(Err(Refused::NoKey), |keyring| open(&keyring)),
        done => done,
    }
}

/// The owner's keys with the later ones that the vault tells of by now; none where it tells of none.
pub fn later(account: &Account, keyring: &Keyring) -> Option<Keyring> {
    account.vault.size_now(&ObjectName::Keys((keyring.newest() + 1).into())).ok()?;
    let plain = Zeroizing::new(keyring.encode().into_vec());
    let mut later = Keyring::decode(&plain).ok()?;
    extend(&mut later, &mut |name| account.vault.get_now(name, None), &PlaceName::Vault).ok()?;
    (later.newest() > keyring.newest()).then_some(later)
}

/// Whether the vault holds what tells the owner of every generation after `held`, as the grant names it.
fn is_told(vault: &FolderReader, grant: &Grant, held: u64) -> bool {
    let later = grant.told.iter().zip(2u64..).filter(|(_, generation)| *generation > held);
    later
        .into_iter()
        .all(|(told, generation)| vault.get_now(&ObjectName::Keys(generation), None).is_ok_and(|bytes| hash(&bytes) == *told))
}

/// What bears the name of keys and does not open, with the reason: nothing of the account, or a damaged copy. It is as if it were absent.
pub type Unopened = (ObjectName, SyncFault);

/// Opens the later generations that `get` finds, in turn, up to the first that is missing or does not open; the latter is given, for
/// the owner to be told. Anybody who can write to one store can put something there: it must not keep the owner from what is sound.
pub fn extend(
    keyring: &mut Keyring,
    get: &mut dyn FnMut(&ObjectName) -> Result<Vec<u8>, ProviderError>,
    place: &PlaceName,
) -> Result<Option<Unopened>, EngineError> {
    loop {
        let name = ObjectName::Keys((keyring.newest() + 1).into());
        let bytes = match get(&name) {
            Ok(bytes) => bytes,
            Err(ProviderError::Missing) => return Ok(None),
            Err(error @ (ProviderError::Nonsense(_) | ProviderError::Local(_))) => {
                return Ok(Some((name, SyncFault::Store(error))));
            }
            Err(error) => return Err(EngineError::Place { place: place.clone(), error }),
        };
        if let Err(why) = rotation::extend(keyring, &bytes) {
            return Ok(Some((name, SyncFault::Refused(why))));
        }
    }
}

/// The same from the vault; what does not open there is told as a problem.
pub fn extend_here(account: &Account, keyring: &mut Keyring) -> Result<(), EngineError> {
    let unopened = extend(keyring, &mut |name| account.vault.get_now(name, None), &PlaceName::Vault)?;
    if let Some((name, _)) = unopened {
        account.logs().raise(NewProblem::of(ProblemKind::Damaged, Subject::Vault).numbers(1, 0).object(&name.to_string()));
    }
    Ok(())
}

/// Checks an object of keys or a grant as far as can be: with the owner's key that it opens, else that it is this account's.
pub fn check(account: &Account, keyring: Option<&Keyring>, name: ObjectName, bytes: &[u8]) -> Result<(), Refused> {
    Unproved::new(account.id(), name, bytes.to_vec())?.owners(&account.device.keys)?;
    match keyring {
        Some(keyring) => with_later(account, keyring, |keyring| seal::open(&With::Owner(keyring), &name, bytes).map(|_| ())),
        None => Ok(()),
    }
}
