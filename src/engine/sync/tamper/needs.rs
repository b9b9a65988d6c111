//! Packs and index objects that a store lost though snapshots need them, from names and sizes alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::inspector::Inspector;
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::snapshot::Head;
use crate::engine::EngineError;
use crate::engine::account::known_state::{Anomaly, Finding};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::snapshots;
use crate::engine::repository::told;
use crate::engine::repository::usage::UsedPacks;

/// Names what is lost: of this device's newest snapshot there, and of all that was there and is no longer.
pub(super) fn judge(
    inspector: &mut Inspector<'_>,
    chunk_index: Option<&ChunkIndex>,
    own: Option<&Head>,
    was_there: &BTreeSet<ObjectName>,
) -> Result<(), EngineError> {
    let packs = by_index(chunk_index);
    let mut lost: BTreeMap<ObjectName, DeviceId> = BTreeMap::new();
    if let Some(head) = own {
        let needed = needed(inspector, head, &packs);
        lost.extend(needed.into_iter().filter(|(name, _)| !inspector.theirs.contains_key(name)));
    }
    let movable = |name: &&ObjectName| matches!(name, ObjectName::Pack(_) | ObjectName::Index(..)) && inspector.shows(name);
    let gone: BTreeSet<_> = was_there.iter().filter(movable).filter(|name| !inspector.theirs.contains_key(*name)).collect();
    if !gone.is_empty() {
        // only now, because it reads every head of the vault
        for (device, numbers) in snapshots::head_names(inspector.account)? {
            for number in numbers {
                let Ok((head, hash)) = snapshots::head(inspector.account, device, number) else { continue };
                if inspector.notes.forgets(&device, number, &hash) {
                    continue;
                }
                lost.extend(needed(inspector, &head, &packs).into_iter().filter(|(name, _)| gone.contains(name)));
            }
        }
    }
    lost.retain(|name, _| inspector.shows(name));
    if let (Some(chunk_index), false) = (chunk_index, lost.is_empty()) {
        // what moved is needed no more where it was, and what a device that may delete is removing is sent again where it is needed after all
        let needed = UsedPacks::of(inspector.account, chunk_index, &inspector.notes)?;
        lost.retain(|name, _| !inspector.notes.is_dropped(&name.place()) && (needed.has(name) || !needed.unknown.is_empty()));
    }
    let changed = chunk_index.map(|chunk_index| resized(chunk_index, inspector.theirs)).unwrap_or_default();
    tell(&mut inspector.inspection.findings, Anomaly::Missing, &lost);
    tell(&mut inspector.inspection.findings, Anomaly::Changed, &changed);
    let grants = lost_grants(inspector);
    tell(&mut inspector.inspection.findings, Anomaly::Missing, &grants);
    inspector.inspection.lacking.extend(lost.into_keys());
    Ok(())
}

/// What gives devices the account's keys, was there, and is there no longer: nobody takes it away.
fn lost_grants(inspector: &Inspector<'_>) -> BTreeMap<ObjectName, DeviceId> {
    let is_here = |name: &ObjectName| inspector.account.vault.size_now(name).is_ok();
    let is_lost = |name: &&ObjectName| inspector.shows(name) && !inspector.theirs.contains_key(*name) && is_here(name);
    let grants = inspector.was_there.iter().filter_map(|name| match name {
        ObjectName::Grant(device, _) => Some((name, *device)),
        _ => None,
    });
    grants.filter(|(name, _)| is_lost(name)).map(|(name, device)| (*name, device)).collect()
}

/// Packs that lie there in another size than all say whose word counts.
fn resized(chunk_index: &ChunkIndex, theirs: &BTreeMap<ObjectName, u64>) -> BTreeMap<ObjectName, DeviceId> {
    let told = told::Packs::of(chunk_index);
    let believed = || chunk_index.packs().iter().filter(|pack| told.believes(pack));
    let fits = |pack: &&PackInfo| theirs.get(&ObjectName::Pack(pack.id)) == Some(&u64::from(pack.size));
    let fitting: HashSet<ObjectId> = believed().filter(fits).map(|pack| pack.id).collect();
    let others = believed().filter(|pack| !fitting.contains(&pack.id) && theirs.contains_key(&ObjectName::Pack(pack.id)));
    others.map(|pack| (ObjectName::Pack(pack.id), pack.device)).collect()
}

/// One finding for each device whose objects they are.
fn tell(findings: &mut Vec<Finding>, what: Anomaly, objects: &BTreeMap<ObjectName, DeviceId>) {
    let mut by_device: BTreeMap<DeviceId, (ObjectName, u64)> = BTreeMap::new();
    for (name, device) in objects {
        by_device.entry(*device).or_insert((*name, 0)).1 += 1;
    }
    for (device, (first, count)) in by_device {
        findings.push(Finding { device: Some(device), ..Finding::at(what, Some(first), count, 0) });
    }
}

type ByIndex<'a> = HashMap<ObjectId, (DeviceId, HashMap<u32, &'a PackInfo>)>;

fn by_index(chunk_index: Option<&ChunkIndex>) -> ByIndex<'_> {
    let mut found: ByIndex<'_> = HashMap::new();
    for pack in chunk_index.map(ChunkIndex::packs).unwrap_or_default() {
        found.entry(pack.index).or_insert((pack.device, HashMap::new())).1.insert(pack.at, pack);
    }
    found
}

/// Who wrote an index object that a head needs, as far as the store or the vault shows it: what a device that may delete stored is needed by the
/// heads of others too.
fn writer(inspector: &Inspector<'_>, head: &Head, index: ObjectId) -> DeviceId {
    let is_there = |device: &DeviceId| inspector.theirs.contains_key(&ObjectName::Index(*device, index));
    let is_here = |device: &DeviceId| inspector.account.vault.size_now(&ObjectName::Index(*device, index)).is_ok();
    let devices = || inspector.account.roster.members.iter().map(|member| member.id);
    devices().find(is_there).or_else(|| devices().find(is_here)).unwrap_or(head.device)
}

/// The index objects and packs of a head, as far as its index objects are known here, each with its writer.
fn needed(inspector: &Inspector<'_>, head: &Head, packs: &ByIndex<'_>) -> Vec<(ObjectName, DeviceId)> {
    let mut names = Vec::new();
    for need in &head.needs {
        let Some((writer, by_ordinal)) = packs.get(&need.index) else {
            let writer = writer(inspector, head, need.index);
            names.push((ObjectName::Index(writer, need.index), writer));
            continue;
        };
        names.push((ObjectName::Index(*writer, need.index), *writer));
        names.extend(need.ordinals().filter_map(|at| by_ordinal.get(&at)).map(|pack| (ObjectName::Pack(pack.id), *writer)));
    }
    names
}
