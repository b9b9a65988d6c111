//! What the vault holds, what a store holds that nobody believes, and what each store held after the last sync, remembered on this
//! machine, sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::core::name::ObjectName;
use crate::core::random::Random;
use crate::core::snapshot::SnapshotId;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::engine::repository::known_damage;
use crate::engine::repository::remote::Remote;
use crate::local::home::private_folder;
use crate::local::{local_seal, may_vanish};
use crate::provider::Listed;

/// What a store held after the last sync, so that `status` tells what waits without asking it. A cache: one that is missing or
/// damaged only makes more seem to wait.
pub fn known_there(account: &Account, store: &str) -> BTreeSet<ObjectName> {
    let Some(sealed) = may_vanish::read(&listing_path(account, store), MAX_LISTING) else { return BTreeSet::new() };
    let opened = local_seal::open(&account.local_key(b"listing"), store.as_bytes(), &sealed);
    let text = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).unwrap_or_default();
    text.lines().filter_map(ObjectName::parse).collect()
}

/// Whether a store was ever reached, as far as is remembered.
pub fn was_there(account: &Account, store: &str) -> bool {
    listing_path(account, store).exists()
}

/// Adds what is remembered of where a store refuses to be listed, as far as the vault holds it still; gives all that is remembered
/// and not shown, which is not forgotten by that.
pub fn add_unshown(account: &Account, remote: &Remote, theirs: &mut BTreeMap<ObjectName, u64>) -> BTreeSet<ObjectName> {
    if !remote.only_writes() {
        return BTreeSet::new();
    }
    let mut known = known_there(account, remote.name());
    known.retain(|name| !remote.shows(name));
    let hidden = known.iter().filter(|name| remote.hides(name));
    theirs.extend(hidden.filter_map(|name| Some((*name, account.vault.size_now(name).ok()?))));
    known
}

/// Remembers what a store holds.
///
/// # Errors
/// What the disk says: no work fails for it, because what is not remembered only costs the next one time.
pub fn remember_there(
    account: &AccountWriter,
    store: &str,
    names: &BTreeSet<ObjectName>,
    random: &dyn Random,
) -> Result<(), EngineError> {
    let text = text_of(names, MAX_TEXT);
    let path = listing_path(account, store);
    private_folder(path.parent().unwrap_or(&path))?;
    let sealed = local_seal::seal(&account.local_key(b"listing"), store.as_bytes(), text.as_bytes(), random)?;
    Ok(may_vanish::write(&path, &sealed)?)
}

/// Forgets what a store held, and what was found damaged there.
pub fn forget_there(account: &AccountWriter, store: &str) -> Result<(), EngineError> {
    known_damage::forget(account, store)?;
    Ok(may_vanish::remove(&listing_path(account, store))?)
}

/// Names, one a line, as many as fit: packs, of which there are most, last.
fn text_of(names: &BTreeSet<ObjectName>, most: usize) -> String {
    let (packs, rest): (Vec<&ObjectName>, Vec<&ObjectName>) = names.iter().partition(|name| matches!(name, ObjectName::Pack(_)));
    let mut text = String::new();
    for name in rest.into_iter().chain(packs) {
        let line = format!("{name}\n");
        if text.len() + line.len() > most {
            break;
        }
        text.push_str(&line);
    }
    text
}

/// The largest remembered listing, in bytes: about a million names.
const MAX_LISTING: u64 = 64 * 1024 * 1024;
/// What of it is names; the rest is more than a seal takes.
const MAX_TEXT: usize = 64 * 1024 * 1024 - 4096;

fn listing_path(account: &Account, store: &str) -> PathBuf {
    account.folder().join("listings").join(format!("{store}.sealed"))
}

/// Snapshots of these that a device made after it was revoked, as this machine knows.
pub fn disbelieved(account: &Account, theirs: &BTreeMap<ObjectName, u64>) -> Vec<SnapshotId> {
    let of = |name: &ObjectName| if let ObjectName::Head(device, number) = name { Some((*device, *number)) } else { None };
    theirs.keys().filter_map(of).filter(|(device, number)| account.roster.is_after_revocation(device, *number)).collect()
}

/// What the vault holds, by name, with sizes.
pub fn held(account: &Account) -> Result<BTreeMap<ObjectName, u64>, EngineError> {
    let mut found = BTreeMap::new();
    // heads first and packs last, as they are written the other way round: whoever backs up meanwhile leaves no head without its packs
    let (late, first): (Vec<&str>, Vec<&str>) =
        ObjectName::FOLDERS.iter().partition(|folder| ["index", "packs"].contains(folder));
    for folder in first.into_iter().chain(late.into_iter().rev()) {
        account
            .vault
            .list_now(folder, &mut |page: &[Listed]| found.extend(page.iter().map(|l| (l.name, l.size))))
            .map_err(in_vault)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::{DeviceId, ObjectId};

    #[test]
    fn what_is_written_of_a_listing_is_never_more_than_is_read_and_packs_go_first() {
        let device = DeviceId::from_bytes([1; 16]);
        let pack = |n: u8| ObjectName::Pack(ObjectId::from_bytes([n; 16]));
        let names: BTreeSet<ObjectName> =
            (0..=255).map(pack).chain((1..4).map(|number| ObjectName::Head(device, number))).collect();
        let text = text_of(&names, 1000);
        let kept: Vec<ObjectName> = text.lines().filter_map(ObjectName::parse).collect();
        assert!(text.len() <= 1000 && text.len() > 900, "{}", text.len());
        assert_eq!(kept.iter().filter(|name| matches!(name, ObjectName::Head(..))).count(), 3);
        assert_eq!(text_of(&names, MAX_TEXT).lines().count(), names.len());
        const { assert!((MAX_TEXT as u64) < MAX_LISTING) };
    }
}
