//! What a new account is made of, whether it may be made here, and the fingerprint by which two people compare one.

use std::path::Path;

use crate::core::name::AccountId;
use crate::core::roster::Roster;
use crate::core::secret::SecretText;
use crate::core::slot::Cost;
use crate::engine::EngineError;
use crate::engine::clock::Clock;
use crate::engine::error::{Damage, LostKey, OwnFile};
use crate::local::device::{Device, LoadError};
use crate::local::home::{AccountName, DiskError, Home};

/// The account's fingerprint: four groups of four characters of Crockford's base 32.
pub fn fingerprint(account: AccountId, signing: &[u8; 32]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let hash = blake3::hash(&[account.as_bytes().as_slice(), signing].concat());
    let mut bits = u128::from_be_bytes(std::array::from_fn(|i| hash.as_bytes()[i]));
    let mut groups = vec![String::new(); 4];
    for group in &mut groups {
        for _ in 0..4 {
            group.push(char::from(DIGITS[(bits >> 123) as usize]));
            bits <<= 5;
        }
    }
    groups.join("-")
}

/// What a new account is made of.
pub struct NewAccount<'a> {
    /// Where it will lie.
    pub home: &'a Home,
    /// What it is called here.
    pub name: AccountName,
    /// The clock that what is kept of it is dated by.
    pub clock: Clock,
    /// What this device is called.
    pub device_name: String,
    /// The owner's passphrase; without one only the recovery kit opens the account.
    pub passphrase: Option<&'a SecretText>,
    /// What trying a passphrase costs.
    pub cost: Cost,
    /// The account that a recovery kit's page names, where one joins.
    pub kit_account: Option<AccountId>,
}

/// One account is one name in a home: two would write one vault.
pub fn refuse_second(home: &Home, account: AccountId) -> Result<(), EngineError> {
    for name in home.accounts()? {
        if load_device(home, &name)?.keys.account() == account {
            return Err(EngineError::AccountExists(name.as_str().to_owned()));
        }
    }
    Ok(())
}

/// Whether the key of this account, or of any where none is named, is gone: its folder is there, or the vault holds backups that no
/// account here made. A new account beside them would look as if all were well.
pub fn lost_key(home: &Home, wanted: Option<&AccountName>) -> Result<Option<LostKey>, DiskError> {
    let here = home.accounts()?;
    let id = |name: &AccountName| load_device(home, name).ok().map(|device| device.keys.account().to_string());
    let known: Vec<String> = here.iter().filter_map(id).collect();
    let holds_others = home.backed_up().iter().any(|id| !known.contains(id));
    let vault = holds_others.then(|| home.vault());
    let keyless = home.without_key()?;
    // what was made half, and never worked with, is no loss
    let is_lost = |name: &&AccountName| {
        holds_others || ["index.sealed", "listings"].iter().any(|file| home.account(name).join(file).exists())
    };
    let found = match wanted {
        Some(wanted) => keyless.iter().filter(|name| *name == wanted).find(is_lost).map(|name| home.account(name)),
        None if !here.is_empty() => None,
        None => keyless
            .iter()
            .find(is_lost)
            .map(|name| home.account(name))
            .or(vault.as_ref().map(|_| home.root().join("accounts/NAME"))),
    };
    Ok(found.map(|folder| LostKey { file: folder.join("device.key"), vault }))
}

/// Moves the folder of an account whose key is gone out of the way of the one that takes its place: with the key from a copy it is of use again.
pub fn set_aside_keyless(home: &Home, name: &AccountName) -> Result<(), DiskError> {
    if lost_key(home, Some(name))?.is_none() { Ok(()) } else { set_aside(home, name) }
}

/// Moves the folder of this very account out of the way of the device that takes its place, where its own was revoked.
pub fn set_aside_revoked(home: &Home, name: &AccountName, account: AccountId, newest: &Roster) -> Result<(), EngineError> {
    if !home.accounts()?.contains(name) {
        return Ok(());
    }
    let device = load_device(home, name)?;
    let is_revoked = newest.member(&device.id).is_some_and(|member| !member.is_active());
    if device.keys.account() == account && is_revoked { Ok(set_aside(home, name)?) } else { Ok(()) }
}

/// Moves an account's folder to a name that no account has.
fn set_aside(home: &Home, name: &AccountName) -> Result<(), DiskError> {
    let folder = home.account(name);
    let free = (1..).map(|number: u32| home.set_aside(name, number)).find(|path| path.symlink_metadata().is_err());
    free.map_or(Ok(()), |to| std::fs::rename(&folder, to)).map_err(DiskError::at("set aside", &folder))
}

/// Removes what an earlier attempt left that never wrote its key file.
pub fn clear_half_made(folder: &Path) -> Result<(), EngineError> {
    // sealed under keys that are gone with the attempt
    let _ = std::fs::remove_dir_all(folder.join("audit"));
    for left in ["history", "problems", "tries"] {
        crate::local::home::remove_if_there(&folder.join(left))?;
    }
    let journal = folder.join("account.journal");
    match std::fs::remove_file(&journal) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DiskError::at("remove", &journal)(error).into()),
        _ => Ok(()),
    }
}

/// This device's keys for an account.
pub fn load_device(home: &Home, name: &AccountName) -> Result<Device, EngineError> {
    let path = home.account(name).join("device.key");
    match Device::load(&path) {
        Ok(Some(device)) => Ok(device),
        Ok(None) => Err(EngineError::UnknownAccount(name.as_str().to_owned())),
        Err(LoadError::Disk(error)) => Err(error.into()),
        Err(LoadError::Damaged(bad)) => Err(EngineError::Own { what: OwnFile::At(path), why: bad.into() }),
    }
}

/// Whether the account was called so when it was made here; false where that was not written down yet. Somebody who swaps the
/// folders of two accounts would make what belongs to one go to the other.
pub fn is_called(was: Option<&str>, name: &AccountName) -> Result<bool, EngineError> {
    match was {
        None => Ok(false),
        Some(was) if was == name.as_str() => Ok(true),
        Some(was) => {
            Err(EngineError::Own { what: OwnFile::Folder(name.as_str().to_owned()), why: Damage::Called(was.to_owned()) })
        }
    }
}
