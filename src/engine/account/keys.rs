//! Later generations of keys: adopted by each device from the grant that only it opens, and opened by who holds the ones before.

use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::core::rotation::{self, Grant};
use crate::core::seal::{Refused, Sealed, hash};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::error::{PlaceName, SyncFault, in_vault};
use crate::local::device::Device;
use crate::provider::ProviderError;
use crate::provider::folder_reader::FolderReader;

/// Takes over the newest grant of this device that the vault holds, when all it names is there. Whether there was one; the caller
/// writes the device's file.
pub fn take_grant(device: &mut Device, vault: &FolderReader) -> Result<bool, EngineError> {
    let Some(link) = &device.link else { return Ok(false) };
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
            device.keys = grant.keys;
            return Ok(true);
        }
    }
    Ok(false)
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
    Sealed::recognise(account.id(), name, bytes.to_vec(), None)?;
    match keyring {
        Some(keyring) => crate::core::seal::open(&crate::core::seal::With::Owner(keyring), &name, bytes).map(|_| ()),
        None => Ok(()),
    }
}
