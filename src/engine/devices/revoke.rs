//! What the owner should know before a device is revoked: what of it is believed from then on, and what is lost by it.
//!
//! Of a revoked device the snapshots are believed that the list of devices names: those that the machine holds which revokes it. So they are
//! fetched first from every store that was asked; what lies in others, or is more than the list names, is counted.

use std::collections::BTreeSet;

use crate::config::Store as StoreConfig;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::MAX_BELIEVED;
use crate::engine::account::AccountWriter;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::{listings, snapshots};
use crate::engine::sync::fetch;
use crate::engine::sync::reconcile::Reconciled;
use crate::engine::{EngineError, Job};

/// What a revocation means for the snapshots of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// How many are believed from then on.
    pub believed: u64,
    /// The newest of them.
    pub newest: Option<u64>,
    /// Those of them that came from the stores just now: this machine had not seen them before.
    pub fetched: Vec<u64>,
    /// Those that are known to be somewhere and that this machine has not: they are lost by it.
    pub unseen: BTreeSet<u64>,
    /// How many older ones are more than a list of devices names.
    pub too_many: u64,
    /// The stores that did not tell what of it lies there.
    pub unreached: Vec<String>,
}

/// Fetches what the stores that were asked have of a device's snapshots, and looks what its revocation means that believes none above `last`.
///
/// # Errors
/// Where a store that was asked gives no more, and whatever fails on this machine.
pub fn outlook(
    account: &mut AccountWriter,
    configs: &[StoreConfig],
    asked: &Reconciled,
    (device, last): (DeviceId, u64),
    job: Job<'_>,
) -> Result<Outlook, EngineError> {
    let (mut found, mut chunk_index) = (Outlook::default(), ChunkIndex::open(account)?);
    let before = snapshots::head_names(account)?.remove(&device).unwrap_or_default();
    for config in configs {
        // what is narrowed to what this device writes shows nothing of another
        let shows = |store: &&Remote| store.name() == config.name && store.shows(&ObjectName::Head(device, 1));
        match asked.stores.iter().find(shows) {
            Some(store) => found.unseen.extend(fetch::snapshots_of(account, &mut chunk_index, store, device, job)?),
            None => {
                found.unreached.push(config.name.clone());
                found.unseen.extend(listings::known_there(account, &config.name).iter().filter_map(|name| number(name, device)));
            }
        }
    }
    found.unseen.extend(account.memory.newest(&device).map(|(number, _)| number));
    let notes = DeletionNotes::read(account)?;
    let held = snapshots::head_names(account)?.remove(&device).unwrap_or_default();
    let after = |number: u64| snapshots::head(account, device, number.saturating_add(1)).ok().map(|(head, _)| head.previous);
    let is_let_go =
        |number: u64| notes.may_be_forgotten(&device, number) && notes.excuses(&device, number, after(number).as_ref());
    found.unseen.retain(|number| *number <= last && held.binary_search(number).is_err() && !is_let_go(*number));
    let links = snapshots::links(account, &notes, device, last)?;
    found.fetched = links.iter().map(|(number, _)| *number).filter(|number| before.binary_search(number).is_err()).collect();
    found.believed = links.len() as u64;
    found.newest = links.last().map(|(number, _)| *number);
    if let Some((oldest, _)) = links.first().filter(|_| links.len() == MAX_BELIEVED) {
        let older = held.iter().filter(|number| *number < oldest && !snapshots::is_forgotten(account, &notes, device, **number));
        found.too_many = older.count() as u64;
    }
    Ok(found)
}

fn number(name: &ObjectName, device: DeviceId) -> Option<u64> {
    match name {
        ObjectName::Head(of, number) if *of == device => Some(*number),
        _ => None,
    }
}
