//! Snapshots that were made and are gone: the vault lost them, and no store is known to have them. Forgetting one ends what is told of it.

use crate::core::deletion_note::Statement;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::engine::account::Account;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::{listings, snapshots};
use crate::engine::{EngineError, Misuse};

/// A snapshot that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The device that made it.
    pub device: DeviceId,
    /// What the owner calls that device.
    pub device_name: String,
    /// Whether it is this device.
    pub own: bool,
    /// Its number.
    pub number: u64,
    hash: ObjectHash,
}

impl Lost {
    /// What a note says that forgets it.
    pub fn forgotten(&self) -> Statement {
        Statement::Forget(self.device, self.number, self.hash)
    }
}

/// The snapshot that an owner means, by a number, one behind a device's name and a colon, or the name of its head as a check tells it; none
/// where it is there, or never was.
///
/// # Errors
/// A store of these is known to have it, which brings it back; or it is forgotten already, or pinned.
pub fn meant(account: &Account, notes: &DeletionNotes, text: &str, stores: &[String]) -> Result<Option<Lost>, EngineError> {
    let Some((device, number)) = named(account, text) else { return Ok(None) };
    let held = snapshots::head_names(account)?.remove(&device).unwrap_or_default();
    let newest = newest_made(account, device).max(held.last().copied().unwrap_or(0));
    let member = account.roster.member(&device).filter(|_| (1..=newest).contains(&number) && !held.contains(&number));
    let Some(member) = member else { return Ok(None) };
    let refused = |misuse: fn(String) -> Misuse| Err(EngineError::Usage(misuse(text.to_owned())));
    let (own, hash) = (device == account.device.id, hash_of(account, device, number));
    if notes.excuses(&device, number, Some(&hash).filter(|hash| hash.as_bytes() != &[0; 32])) {
        return refused(Misuse::Forgotten);
    }
    if notes.is_pinned(&device, number) {
        return refused(Misuse::Pinned);
    }
    let head = ObjectName::Head(device, number);
    if let Some(store) = stores.iter().find(|store| listings::known_there(account, store).contains(&head)) {
        return Err(EngineError::Usage(Misuse::StoreHas { snapshot: text.to_owned(), store: store.clone() }));
    }
    Ok(Some(Lost { device, device_name: member.name.clone(), own, number, hash }))
}

fn named(account: &Account, text: &str) -> Option<(DeviceId, u64)> {
    if let Some(ObjectName::Head(device, number)) = ObjectName::parse(text) {
        return Some((device, number));
    }
    match text.rsplit_once(':') {
        None => Some((account.device.id, text.parse().ok()?)),
        Some((wanted, number)) => {
            let is_wanted = |id: &DeviceId| snapshots::device_matches(account, id, wanted);
            let member = account.roster.members.iter().find(|member| is_wanted(&member.id))?;
            Some((member.id, number.parse().ok()?))
        }
    }
}

/// The newest snapshot of a device that this machine made or saw in a store; 0 for none.
fn newest_made(account: &Account, device: DeviceId) -> u64 {
    let own = account.head.filter(|_| device == account.device.id).map(|(number, _)| number);
    let seen = account.memory.stores().filter_map(|known| known.heads.get(&device)).map(|(number, _)| *number);
    seen.chain(own).max().unwrap_or(0)
}

/// The hash of a head that is gone, as the one after it, the journal or what was seen in a store tells; zeros where nothing does. Zeros
/// let go no head that comes back.
fn hash_of(account: &Account, device: DeviceId, number: u64) -> ObjectHash {
    let next = snapshots::head(account, device, number + 1).ok().map(|(head, _)| head.previous);
    let own = account.head.filter(|_| device == account.device.id);
    let seen = account.memory.stores().filter_map(|known| known.heads.get(&device).copied());
    let known = own.into_iter().chain(seen).find(|(known, _)| *known == number).map(|(_, hash)| hash);
    next.or(known).unwrap_or_else(|| ObjectHash::from_bytes([0; 32]))
}
