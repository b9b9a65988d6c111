//! What a store lacks is sent to it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use crate::core::name::{ObjectHash, ObjectName};
use crate::engine::account::{Account, unproved};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::batch;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::order::{head_turns, rank};
use crate::engine::sync::report::Report;
use crate::engine::sync::transfer::Pace;
use crate::engine::{Cancel, EngineError, Event, OnEvent};
use crate::provider::ProviderError;

#[allow(clippy::too_many_arguments)]
pub(super) fn send_missing(
    account: &Account,
    chunk_index: &ChunkIndex,
    remote: &Remote,
    wanted: &SyncFilter,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let hashes = pack_hashes(chunk_index);
    let mut missing = missing(account, chunk_index, wanted, ours, theirs, &|name| remote.writes(name));
    let turns = head_turns(account, missing.iter().map(|(name, _)| *name));
    let turn = |name: &ObjectName| (rank(name), turns.get(name).copied().unwrap_or(0));
    missing.sort_by_key(|(name, _)| (turn(name), *name));
    report.sent_all = false;
    on_event(Event::Total { files: missing.len() as u64, bytes: missing.iter().map(|(_, size)| size).sum() });
    let mut pace = Pace::new(Instant::now());
    for group in missing.chunk_by(|(a, _), (b, _)| turn(a) == turn(b)) {
        let failed_before = report.failed.len();
        batch::send(account, remote, group, &hashes, &mut pace, report, on_event, cancel)?;
        // a snapshot goes out only when all it may need is there
        // and a device is not granted keys that the owner could not find
        let needed = matches!(group[0].0, ObjectName::Pack(_) | ObjectName::Index(..) | ObjectName::Keys(_));
        if report.stopped.is_some() || report.failed.len() > failed_before && needed {
            return Ok(());
        }
    }
    report.sent_all = missing.iter().all(|(name, _)| report.there.contains(name));
    Ok(())
}

fn pack_hashes(chunk_index: &ChunkIndex) -> HashMap<ObjectName, ObjectHash> {
    chunk_index.packs().iter().map(|pack| (ObjectName::Pack(pack.id), pack.hash)).collect()
}

/// What of the vault a store lacks and this device may send there, each with its size in bytes. Packs that no index object tells of, as
/// runs leave them that were stopped, are no part of it.
pub(super) fn missing(
    account: &Account,
    chunk_index: &ChunkIndex,
    wanted: &SyncFilter,
    ours: &BTreeMap<ObjectName, u64>,
    theirs: &BTreeMap<ObjectName, u64>,
    writes: &dyn Fn(&ObjectName) -> bool,
) -> Vec<(ObjectName, u64)> {
    let told: HashSet<ObjectName> = chunk_index.packs().iter().map(|pack| ObjectName::Pack(pack.id)).collect();
    // what moved need not be sent where the store has it: there it came from in this very run, or is not to be read
    let there = |pack: &ObjectName| ours.contains_key(pack) || theirs.contains_key(pack);
    let known = |name: &ObjectName| match name {
        name if !writes(name) => false,
        ObjectName::Pack(_) => told.contains(name) && wanted.sends(name, there),
        // the post goes its own way: see `letters`
        ObjectName::Letter(..) => false,
        // what was withdrawn meanwhile is not sent, nor what another device recorded
        ObjectName::Fact(device, number) => {
            *device == account.device.id && account.facts.holds(*number) && !wanted.is_erased(name)
        }
        name => unproved::may_travel(account, name) && wanted.sends(name, there),
    };
    let missing = ours.iter().filter(|(name, size)| theirs.get(name) != Some(size) && known(name));
    missing.map(|(name, size)| (*name, *size)).collect()
}

pub(super) fn remove_replaced(
    account: &Account,
    remote: &Remote,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
) -> Result<(), EngineError> {
    for id in &account.gone {
        let name = ObjectName::Slot(*id);
        if theirs.contains_key(&name) {
            match remote.remove(&name) {
                Ok(()) => report.removed += 1,
                // a later sync removes it
                Err(ProviderError::Locked(_)) => {}
                Err(error) => report.failed.push((name, error.to_string())),
            }
        }
    }
    Ok(())
}
