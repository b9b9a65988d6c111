//! Later generations of keys: made by whoever unlocks the account, adopted by each device from the grant that only it opens.
//!
//! Order keeps every object readable: the object that tells the owner of the new keys is durable before any grant of them, and a
//! device writes under a generation only once its vault holds the objects that its grant names.

use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::random::Random;
use crate::core::rotation::{self, Grant};
use crate::core::seal::{Proved, hash};
use crate::engine::account::AccountWriter;
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::sync::reconcile::Reconciled;
use crate::engine::{EngineError, Misuse};
use crate::provider::ProviderError;

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
    asked: &Reconciled,
    random: &dyn Random,
) -> Result<Rotated, EngineError> {
    let finished = keyring.newest() > account.device.keys.generation();
    if !finished {
        make_way(account, keyring, asked)?;
        let made = rotation::rotate(keyring, random)?;
        let made = made.ok_or(EngineError::Usage(Misuse::KeysFull))?;
        publish(account, asked, &made)?;
    }
    let stores = || asked.stores.iter().filter(|_| !finished).map(|store| store.name().to_owned()).collect();
    let granted = hand_out(account, keyring, random);
    granted.map(|granted| Rotated { generation: keyring.newest(), granted, finished }).map_err(|why| EngineError::HalfRotated {
        stores: stores(),
        here: true,
        why: Box::new(why),
    })
}

/// Gives the newest keys to every device, and takes them over here.
fn hand_out(account: &mut AccountWriter, keyring: &Keyring, random: &dyn Random) -> Result<u64, EngineError> {
    if account.device.link.is_none() {
        // enrolled by an early version; the owner is here, so that what it lacks can be made now
        let link = keyring.link(&account.device.id);
        account.set_link(link)?;
    }
    let granted = grant(account, keyring, random)?;
    let stays = account.roster.member(&account.device.id).is_some_and(|member| member.is_active());
    if stays && !account.adopt_grant()? {
        return Err(EngineError::Damaged { what: OwnFile::Vault, why: Damage::KeysNotBack });
    }
    Ok(granted)
}

/// Puts the object of a new generation into the stores that were asked, then into the vault. One that is taken in a store was made
/// by another machine at the same time; nothing is changed then.
///
/// # Errors
/// [`EngineError::HalfRotated`] where some store has it and a later place did not take it.
fn publish(account: &AccountWriter, asked: &Reconciled, made: &Proved) -> Result<(), EngineError> {
    let name = made.name();
    for store in &asked.stores {
        let failed = |error| store.lost(error);
        match store.get(&name) {
            Err(ProviderError::Missing) => {}
            Ok(_) => return Err(failed(ProviderError::Taken)),
            Err(error) => return Err(failed(error)),
        }
    }
    let mut stores: Vec<String> = Vec::new();
    let half = |stores: &[String], why| match stores {
        [] => why,
        some => EngineError::HalfRotated { stores: some.to_vec(), here: false, why: Box::new(why) },
    };
    for store in &asked.stores {
        store.put(made).map_err(|error| half(&stores, store.lost(error)))?;
        stores.push(store.name().to_owned());
    }
    account.vault_writer().put_now(made).map(drop).map_err(|error| half(&stores, in_vault(error)))
}

/// Clears the name of the next generation of what does not open with the owner's keys, in the stores that were asked and in the vault:
/// whoever can write to one store could else keep the owner from ever changing the keys.
fn make_way(account: &AccountWriter, keyring: &mut Keyring, asked: &Reconciled) -> Result<(), EngineError> {
    let name = ObjectName::Keys((keyring.newest() + 1).into());
    for store in &asked.stores {
        let failed = |error| store.lost(error);
        match store.get(&name) {
            // made by another machine meanwhile: `publish` finds it there
            Ok(bytes) if rotation::extend(keyring, &bytes).is_ok() => return Err(failed(ProviderError::Taken)),
            Ok(_) => store.remove(&name).map_err(failed)?,
            // what makes no sense is told by `publish`, which finds the name taken
            Err(_) => {}
        }
    }
    if account.vault.size_now(&name).is_ok() {
        account.vault_writer().set_aside_now(&name).map_err(in_vault)?;
    }
    Ok(())
}

/// Grants the newest generation to every active device that has no grant of it; this device comes last.
pub(super) fn grant(account: &AccountWriter, keyring: &Keyring, random: &dyn Random) -> Result<u64, EngineError> {
    let mut told = Vec::new();
    for generation in 2..=keyring.newest() {
        let bytes = account.vault.get_now(&ObjectName::Keys(generation.into()), None).map_err(in_vault)?;
        told.push(hash(&bytes));
    }
    let lost = || EngineError::Damaged { what: OwnFile::Account, why: Damage::NoKeys };
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
                account.vault_writer().set_aside_now(&name).map_err(in_vault)?;
            }
            account.vault_writer().put_now(&grant.seal(keyring, device, random)?).map_err(in_vault)?;
            granted += 1;
        }
    }
    Ok(granted)
}
