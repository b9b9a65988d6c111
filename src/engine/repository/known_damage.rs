//! What a check found damaged, place by place, remembered on this machine, sealed, until it is repaired or seen to be whole: the next backup
//! counts on none of it, the next sync sends it again, and no later check that reads less says that all is well.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::core::name::ObjectName;
use crate::core::seal::hash;
use crate::engine::EngineError;
use crate::engine::account::logs::Logs;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{ObjectFault, in_vault};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::told;
use crate::local::home::{private_folder, read_small, remove_if_there, write_private};
use crate::local::local_seal;
use crate::local::os_random::SystemRandom;
use crate::provider::ProviderError;

/// What was found damaged in a place. Where the bytes are what was written and only the owner's key shows what is wrong, the reason
/// stands beside the name: a look without the key cannot find it again.
pub type KnownDamage = BTreeMap<ObjectName, Option<ObjectFault>>;

/// The largest list, in bytes: about a million names.
const MAX_LIST: u64 = 64 * 1024 * 1024;

/// What was found damaged in a store, or in the local vault where none is named. None where nothing is remembered of it, or the list is
/// lost: then a look at every byte tells.
///
/// # Errors
/// [`EngineError::Disk`] where the list cannot be read.
pub fn known(account: &Account, store: Option<&str>) -> Result<Option<KnownDamage>, EngineError> {
    let Some(sealed) = read_small(&path(account, store), MAX_LIST)? else { return Ok(None) };
    let opened = local_seal::open(&account.local_key(b"damage"), place(store).as_bytes(), &sealed);
    let text = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let entry = |line: &str| match line.split_once(' ') {
        Some((name, why)) => Some((ObjectName::parse(name)?, Some(ObjectFault::recorded(why)))),
        None => Some((ObjectName::parse(line)?, None)),
    };
    Ok(text.map(|text| text.lines().filter_map(entry).collect()))
}

/// Remembers what is damaged in a place, in the stead of what was remembered of it before.
///
/// # Errors
/// [`EngineError::Disk`] where the list cannot be written.
pub fn remember(logs: Logs<'_>, store: Option<&str>, damage: &KnownDamage) -> Result<(), EngineError> {
    let path = path(&logs, store);
    if damage.is_empty() && !path.exists() {
        return Ok(());
    }
    let line = |(name, why): (&ObjectName, &Option<ObjectFault>)| match why {
        Some(why) => format!("{name} {}\n", why.record().replace('\n', " ")),
        None => format!("{name}\n"),
    };
    let text: String = damage.iter().map(line).collect();
    private_folder(path.parent().unwrap_or(&path))?;
    let key = logs.local_key(b"damage");
    let sealed = local_seal::seal(&key, place(store).as_bytes(), text.as_bytes(), &SystemRandom::new())?;
    Ok(write_private(&path, &sealed)?)
}

/// Forgets what was found in a store that the owner removed or put elsewhere.
///
/// # Errors
/// [`EngineError::Disk`] where the list cannot be removed.
pub fn forget(account: &AccountWriter, store: &str) -> Result<(), EngineError> {
    Ok(remove_if_there(&path(account, Some(store)))?)
}

/// Sets aside the packs of the vault that a check found damaged and that are so still, so that whoever writes next counts on none of them;
/// what is whole in them is read there.
///
/// # Errors
/// [`EngineError::Vault`] where one cannot be set aside, [`EngineError::Disk`] where the list cannot be read or written.
pub fn set_aside(account: &AccountWriter, chunk_index: &mut ChunkIndex) -> Result<(), EngineError> {
    let Some(mut damage) = known(account, None)?.filter(|damage| !damage.is_empty()) else { return Ok(()) };
    let is_meant = |pack: &&PackInfo| damage.contains_key(&ObjectName::Pack(pack.id));
    let meant: Vec<PackInfo> = chunk_index.packs().iter().filter(is_meant).cloned().collect();
    let told = told::Packs::of(chunk_index);
    for pack in meant.iter().filter(|pack| is_damaged(account, pack, &told)) {
        let name = ObjectName::Pack(pack.id);
        match account.vault_writer().set_aside_now(&name) {
            // another run was faster
            Ok(()) | Err(ProviderError::Missing) => {}
            Err(error) => return Err(in_vault(error)),
        }
        chunk_index.gone(&pack.id);
        damage.remove(&name);
    }
    remember(account.logs(), None, &damage)
}

/// Whether the vault holds other bytes than a pack's own, by all whose word counts, or the disk does not give them.
pub fn is_damaged(account: &Account, pack: &PackInfo, told: &told::Packs) -> bool {
    match account.vault.get_now(&ObjectName::Pack(pack.id), None) {
        Ok(bytes) => !told.get(&pack.id).contains(&hash(&bytes)),
        Err(error) => matches!(error, ProviderError::Local(_)),
    }
}

fn place(store: Option<&str>) -> String {
    store.map_or_else(|| "vault".to_owned(), |store| format!("store-{store}"))
}

fn path(account: &Account, store: Option<&str>) -> PathBuf {
    account.folder().join("damage").join(format!("{}.sealed", place(store)))
}
