//! Looking at a store: the listing, the newest head of each device and those not known yet, the newest roster, the key slots. No
//! more is read, so that a sync in which nothing changed costs a handful of requests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{excuse, needs, slots};
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::known_state::{Anomaly, Finding};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::{listings, snapshots};
use crate::engine::sync::tamper::inspector::{Inspection, Inspector};

/// Looks at what a store shows and holds it against what this machine knows; `read` holds what was read of it just before.
pub fn inspect(
    account: &Account,
    chunk_index: Option<&ChunkIndex>,
    remote: &Remote,
    theirs: &BTreeMap<ObjectName, u64>,
    read: HashMap<ObjectName, Vec<u8>>,
) -> Result<Inspection, EngineError> {
    let store = remote.name();
    let memory = account.memory.store(store).cloned().unwrap_or_default();
    let was_there = listings::known_there(account, store);
    let mut inspection = Inspection { read, ..Inspection::default() };
    inspection.is_refilled = memory.is_refilled;
    if theirs.is_empty() && memory.is_refilled {
        return Ok(inspection);
    }
    if theirs.is_empty() {
        if memory.roster > 0 || !memory.heads.is_empty() || !was_there.is_empty() {
            inspection.findings.push(Finding::at(Anomaly::Emptied, None, was_there.len() as u64, 0));
        }
        return Ok(inspection);
    }
    let mut inspector = Inspector {
        account,
        remote,
        theirs,
        was_there: &was_there,
        memory,
        roster: account.roster.clone(),
        notes: DeletionNotes::default(),
        inspection,
    };
    inspector.rosters()?;
    inspector.notes = DeletionNotes::read_by(account, &inspector.roster)?;
    slots::judge(&mut inspector)?;
    let own = inspector.heads()?;
    let own = own.filter(|head| inspector.memory.heads.get(&account.device.id).is_some_and(|(there, _)| *there >= head.number));
    needs::judge(&mut inspector, chunk_index, own.as_ref(), &was_there)?;
    if inspector.inspection.is_refilled {
        excuse::unsent(&mut inspector.inspection.findings, &was_there, theirs);
    }
    Ok(inspector.inspection)
}

/// The newest heads that a store holds after a sync, as far as they are believed and known here.
pub fn newest_there(account: &Account, found: &Inspection, there: &BTreeSet<ObjectName>) -> Vec<(DeviceId, u64, ObjectHash)> {
    let mut newest = found.heads.clone();
    let mut sent: BTreeMap<DeviceId, u64> = BTreeMap::new();
    for name in there.difference(&found.refused) {
        if let ObjectName::Head(device, number) = name {
            sent.entry(*device).and_modify(|n| *n = (*n).max(*number)).or_insert(*number);
        }
    }
    for (device, number) in sent {
        if newest.get(&device).is_none_or(|(known, _)| *known < number)
            && let Ok((_, hash)) = snapshots::head(account, device, number)
        {
            newest.insert(device, (number, hash));
        }
    }
    newest.into_iter().map(|(device, (number, hash))| (device, number, hash)).collect()
}
