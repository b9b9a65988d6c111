//! The reading key that this machine keeps by its owner's choice, so that reading back needs no passphrase.
//!
//! The account's keys lie in `reading.sealed`, under a key made of two halves: a random one in the keyring of the owner's session, and
//! one of this device's own. A copy of the home opens nothing without the session, and what the session keeps opens nothing without
//! the home. It is a matter of this machine alone: no vault and no store ever holds any of it.
//!
//! Layout: magic `PKRK`, version 1, newest generation of the keys in it `u32`, then what `Keyring::encode` writes as a sealed local
//! value (see `local_seal`), bound to all before it.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::core::codec::{Bad, Reader};
use crate::core::keys::{Keyring, derive};
use crate::core::random::Random;
use crate::core::secret::Secret;
use crate::core::slot::SlotKind;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter, keys, slots};
use crate::engine::error::{Damage, OwnFile};
use crate::local::home::{DiskError, read_small};
use crate::local::system_keyring::{KeyringError, SystemKeyring};
use crate::local::{local_seal, shred};
use crate::provider::dir::Dir;

/// Its file in the account's folder.
pub const FILE: &str = "reading.sealed";
const MAGIC: [u8; 4] = *b"PKRK";
const VERSION: u8 = 1;
/// Magic, version, generation.
const HEAD: usize = 9;
const MAX_FILE: u64 = 1024 * 1024;

/// What this machine holds, as far as it can be told without asking the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nothing: reading needs the passphrase or the recovery kit.
    Nothing,
    /// The reading key.
    Key,
    /// One that is older than the account's newest keys: it is not used any more.
    Stale,
}

fn path(account: &Account) -> PathBuf {
    account.folder().join(FILE)
}

/// What the keyring files it under.
fn item(account: &Account) -> String {
    format!("{}/{}", account.id(), account.device.id)
}

/// The key of the file: both halves are needed.
fn key_of(account: &Account, half: &Secret<32>) -> Secret<32> {
    derive(half.expose(), account.local_key(b"reading").expose(), &[b"printkeep/1 reading key"])
}

fn damaged(account: &Account, why: impl Into<Damage>) -> EngineError {
    EngineError::Damaged { what: OwnFile::At(path(account)), why: Damage::ReadingKey(Box::new(why.into())) }
}

/// The file, and the generation that it tells of.
fn read(account: &Account) -> Result<Option<(Vec<u8>, u32)>, EngineError> {
    let Some(bytes) = read_small(&path(account), MAX_FILE)? else { return Ok(None) };
    let head = |bytes: &[u8]| -> Result<u32, Bad> {
        let mut input = Reader::new(bytes);
        if input.array()? != MAGIC || input.u8()? != VERSION {
            return Err(Bad("it is no reading key, or of a later version"));
        }
        input.u32()
    };
    let generation = head(&bytes).map_err(|bad| damaged(account, bad))?;
    Ok(Some((bytes, generation)))
}

/// What this machine holds; asks nobody.
pub fn held(account: &Account) -> Result<Held, EngineError> {
    let Some((_, generation)) = read(account)? else { return Ok(Held::Nothing) };
    // what bears the name of later keys is no proof of any: anybody may have put it there
    Ok(if generation < account.device.keys.generation() { Held::Stale } else { Held::Key })
}

/// Refuses a device that only writes: one that was enrolled has no passphrase of its own.
pub fn may_remember(account: &Account) -> Result<(), EngineError> {
    let own = Ok(SlotKind::Passphrase(account.device.id));
    let has_one = slots::list(account)?.iter().any(|slot| slot.kind == own);
    if has_one { Ok(()) } else { Err(EngineError::WritesOnly(account.device.name.clone())) }
}

/// Keeps the reading key on this machine from now on; one that was kept before is replaced.
pub fn remember(
    account: &AccountWriter,
    keyring: &Keyring,
    system: &SystemKeyring,
    random: &dyn Random,
) -> Result<(), EngineError> {
    may_remember(account)?;
    let half = Secret::random(random)?;
    let mut file = [MAGIC.as_slice(), &[VERSION], &keyring.newest().to_le_bytes()].concat();
    let plain = Zeroizing::new(keyring.encode().into_vec());
    let sealed = local_seal::seal(&key_of(account, &half), &file, &plain, random)?;
    file.extend_from_slice(&sealed);
    // the keyring first: a file that was never there before can be opened, and one that is cut off from its half says so
    system.put(&item(account), &half)?;
    Ok(shred::replace(&path(account), &file)?)
}

/// The account's keys, from what this machine keeps; written down as every unlock is.
pub fn recall(account: &Account, system: &SystemKeyring) -> Result<Keyring, EngineError> {
    let done = recalled(account, system);
    slots::audit(account, "reading key kept here", &done);
    done
}

fn recalled(account: &Account, system: &SystemKeyring) -> Result<Keyring, EngineError> {
    match held(account)? {
        Held::Nothing => return Err(EngineError::Locked),
        Held::Stale => return Err(EngineError::StaleKey),
        Held::Key => {}
    }
    let Some((bytes, generation)) = read(account)? else { return Err(EngineError::Locked) };
    let half = system.get(&item(account))?.ok_or(KeyringError::Gone {})?;
    let (head, sealed) = bytes.split_at_checked(HEAD).ok_or_else(|| damaged(account, Bad("it is too short")))?;
    let opened = local_seal::open(&key_of(account, &half), head, sealed);
    let opened = opened.ok_or_else(|| damaged(account, Damage::NotWithKeyring))?;
    let mut keyring = Keyring::decode(&opened).map_err(|bad| damaged(account, bad))?;
    if keyring.account() != account.id() || keyring.newest() != generation {
        return Err(damaged(account, Damage::OtherThanSaid));
    }
    keys::extend_here(account, &mut keyring)?;
    slots::check(account, keyring)
}

/// Keeps it no longer: once the file is gone, what may be left in a keyring that is away opens nothing. Whether anything was kept.
pub fn forget(account: &AccountWriter) -> Result<bool, EngineError> {
    let was = path(account).exists();
    shred::file(&path(account))?;
    let folder = account.folder();
    let synced = Dir::at(&folder).and_then(|folder| folder.sync());
    synced.map_err(DiskError::at("sync", &folder))?;
    Ok(was)
}

/// Takes what the keyring kept out of it.
pub fn clear(account: &AccountWriter, system: &SystemKeyring) -> Result<(), EngineError> {
    Ok(system.remove(&item(account))?)
}
