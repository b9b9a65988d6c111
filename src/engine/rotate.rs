//! Later generations of keys: made by whoever unlocks the account, adopted by each device from the grant that only it opens.
//!
//! Order keeps every object readable: the object that tells the owner of the new keys is durable before any grant of them, and a
//! device writes under a generation only once its vault holds the objects that its grant names.

use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::random::Random;
use crate::core::rotation::{self, Grant};
use crate::core::seal::{Refused, Sealed, hash};
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::ask::Asked;
use crate::engine::incident::{Kind, Raised};
use crate::engine::places::in_vault;
use crate::provider::PlaceError;
use crate::provider::folder::Folder;
use crate::store::device::Device;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The newest generation now.
    pub generation: u32,
    /// Devices that were granted it.
    pub granted: u64,
    /// Whether an earlier rotation, cut off or made elsewhere, was finished instead of making new keys.
    pub finished: bool,
}

/// Makes a new generation of keys and grants it to every device that is not revoked. One that was cut off is finished instead.
pub fn rotate(
    account: &mut AccountWriter,
    keyring: &mut Keyring,
    asked: &Asked,
    random: &dyn Random,
) -> Result<Rotated, EngineError> {
    let finished = keyring.newest() > account.device.keys.generation();
    if !finished {
        make_way(account, keyring, asked)?;
        let made = rotation::rotate(keyring, random)?;
        let made = made.ok_or_else(|| EngineError::Usage("the account has as many generations of keys as it may".into()))?;
        publish(account, asked, &made)?;
    }
    if account.device.link.is_none() {
        // enrolled by an early version; the owner is here, so that what it lacks can be made now
        let link = keyring.link(&account.device.id);
        account.set_link(link)?;
    }
    let granted = grant(account, keyring, random)?;
    let stays = account.roster.member(&account.device.id).is_some_and(|member| member.is_active());
    if stays && !account.adopt_grant()? {
        return Err(EngineError::Damaged { what: "the vault".into(), why: "it does not give back the keys just made".into() });
    }
    Ok(Rotated { generation: keyring.newest(), granted, finished })
}

/// Puts the object of a new generation into the stores that were asked, then into the vault. One that is taken in a store was made
/// by another machine at the same time; nothing is changed then.
fn publish(account: &Account, asked: &Asked, made: &Sealed) -> Result<(), EngineError> {
    let name = made.name();
    for store in &asked.stores {
        let failed = |error| EngineError::Place { place: format!("the store {}", store.name), error };
        match asked.runtime.block_on(store.provider.get(&name, None)) {
            Err(PlaceError::Missing) => {}
            Ok(_) => return Err(failed(PlaceError::Taken)),
            Err(error) => return Err(failed(error)),
        }
    }
    for store in &asked.stores {
        let put = asked.runtime.block_on(store.provider.put(made));
        put.map_err(|error| EngineError::Place { place: format!("the store {}", store.name), error })?;
    }
    account.vault.put_now(made).map_err(in_vault).map(|_| ())
}

/// Clears the name of the next generation of what does not open with the owner's keys, in the stores that were asked and in the vault:
/// whoever can write to one store could else keep the owner from ever changing the keys.
fn make_way(account: &Account, keyring: &mut Keyring, asked: &Asked) -> Result<(), EngineError> {
    let name = ObjectName::Keys((keyring.newest() + 1).into());
    for store in &asked.stores {
        let failed = |error| EngineError::Place { place: format!("the store {}", store.name), error };
        match asked.runtime.block_on(store.provider.get(&name, None)) {
            // made by another machine meanwhile: `publish` finds it there
            Ok(bytes) if rotation::extend(keyring, &bytes).is_ok() => return Err(failed(PlaceError::Taken)),
            Ok(_) => asked.runtime.block_on(store.provider.remove(&name)).map_err(failed)?,
            // what makes no sense is told by `publish`, which finds the name taken
            Err(_) => {}
        }
    }
    if account.vault.size_now(&name).is_ok() {
        account.vault.set_aside_now(&name).map_err(in_vault)?;
    }
    Ok(())
}

/// Grants the newest generation to every active device that has no grant of it; this device comes last.
fn grant(account: &Account, keyring: &Keyring, random: &dyn Random) -> Result<u64, EngineError> {
    let mut told = Vec::new();
    for generation in 2..=keyring.newest() {
        let bytes = account.vault.get_now(&ObjectName::Keys(generation.into()), None).map_err(in_vault)?;
        told.push(hash(&bytes));
    }
    let lost = || EngineError::Damaged { what: "the account".into(), why: "it has no keys".into() };
    let grant = Grant::new(keyring, told).ok_or_else(lost)?;
    let mut devices: Vec<DeviceId> = account.roster.members.iter().filter(|m| m.is_active()).map(|m| m.id).collect();
    devices.sort_by_key(|id| *id == account.device.id);
    let mut granted = 0;
    for device in devices {
        let name = ObjectName::Grant(device, keyring.newest().into());
        let there = account.vault.get_now(&name, None);
        let opens = |bytes: &Vec<u8>| Grant::told_by(&grant.keys, device, &keyring.link(&device), &name, bytes).is_ok();
        if !there.as_ref().is_ok_and(opens) {
            if account.vault.size_now(&name).is_ok() {
                account.vault.set_aside_now(&name).map_err(in_vault)?;
            }
            account.vault.put_now(&grant.seal(keyring, device, random)?).map_err(in_vault)?;
            granted += 1;
        }
    }
    Ok(granted)
}

/// Takes over the newest grant of this device that the vault holds, when all it names is there. Whether there was one; the caller
/// writes the device's file.
pub fn take_grant(device: &mut Device, vault: &Folder) -> Result<bool, EngineError> {
    let Some(link) = &device.link else { return Ok(false) };
    let mut names = Vec::new();
    vault
        .list_now(&format!("grants/{}", device.id), &mut |page| names.extend(page.iter().map(|listed| listed.name)))
        .map_err(in_vault)?;
    let held = u64::from(device.keys.generation());
    names.retain(|name| matches!(name, ObjectName::Grant(_, generation) if *generation > held));
    names.sort();
    for name in names.iter().rev() {
        // one that does not open is found by `verify`; the device goes on with what it has
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
fn is_told(vault: &Folder, grant: &Grant, held: u64) -> bool {
    let later = grant.told.iter().zip(2u64..).filter(|(_, generation)| *generation > held);
    later
        .into_iter()
        .all(|(told, generation)| vault.get_now(&ObjectName::Keys(generation), None).is_ok_and(|bytes| hash(&bytes) == *told))
}

/// What bears the name of keys and does not open, with the reason: nothing of the account, or a damaged copy. It is as if it were absent.
pub type Unopened = (ObjectName, String);

/// Opens the later generations that `get` finds, in turn, up to the first that is missing or does not open; the latter is given, for
/// the owner to be told. Anybody who can write to one store can put something there: it must not keep the owner from what is sound.
pub fn extend(
    keyring: &mut Keyring,
    get: &mut dyn FnMut(&ObjectName) -> Result<Vec<u8>, PlaceError>,
    place: &str,
) -> Result<Option<Unopened>, EngineError> {
    loop {
        let name = ObjectName::Keys((keyring.newest() + 1).into());
        let bytes = match get(&name) {
            Ok(bytes) => bytes,
            Err(PlaceError::Missing) => return Ok(None),
            Err(error @ (PlaceError::Nonsense(_) | PlaceError::Local(_))) => return Ok(Some((name, error.to_string()))),
            Err(error) => return Err(EngineError::Place { place: place.to_owned(), error }),
        };
        if let Err(why) = rotation::extend(keyring, &bytes) {
            return Ok(Some((name, why.to_string())));
        }
    }
}

/// The same from the vault; what does not open there is told as an incident.
pub fn extend_here(account: &Account, keyring: &mut Keyring) -> Result<(), EngineError> {
    let unopened = extend(keyring, &mut |name| account.vault.get_now(name, None), VAULT)?;
    if let Some((name, why)) = unopened {
        account.raise(Raised::of(Kind::Damaged, VAULT).numbers(1, 0).object(&format!("{name}: {why}")));
    }
    Ok(())
}

/// The vault, as incidents name it.
const VAULT: &str = "the local vault";

/// Checks an object of keys or a grant as far as can be: with the owner's key that it opens, else that it is this account's.
pub fn check(account: &Account, keyring: Option<&Keyring>, name: ObjectName, bytes: &[u8]) -> Result<(), Refused> {
    Sealed::recognise(account.id(), name, bytes.to_vec(), None)?;
    match keyring {
        Some(keyring) => crate::core::seal::open(&crate::core::seal::With::Owner(keyring), &name, bytes).map(|_| ()),
        None => Ok(()),
    }
}
