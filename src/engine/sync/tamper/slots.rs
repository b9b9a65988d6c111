//! Key slots in a store: the bytes that are known, none gone but those that were replaced.

use std::collections::{BTreeMap, BTreeSet};

use super::inspector::Inspector;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::proof::Unproved;
use crate::core::random;
use crate::core::roster::Roster;
use crate::core::seal;
use crate::core::slot::{self, SlotKind};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::known_state::{Anomaly, MAX_SLOTS};
use crate::local::os_random::SystemRandom;

/// The key slots that a store should hold from now on: those that lie there and are known here, and those missed already.
pub fn expected(account: &Account, there: &BTreeSet<ObjectName>, known: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let held = |id: &ObjectId| account.vault.size_now(&ObjectName::Slot(*id)).is_ok();
    let listed = there.iter().filter_map(|name| if let ObjectName::Slot(id) = name { Some(*id) } else { None });
    let slots = listed.filter(held).chain(known.iter().copied());
    slots.filter(|id| !account.gone.contains(id) && !account.memory.is_superseded(id)).take(MAX_SLOTS).collect()
}

/// So many slots that are not known and may be some are read.
const MAX_UNKNOWN: usize = 512;

/// So many later lists of devices are looked into.
const MAX_LATER: usize = 16;

/// Stands for all key slots.
const ANY: ObjectName = ObjectName::Slot(ObjectId::from_bytes([0; 16]));

/// Reads the slots of a store and holds them against what is known.
pub(super) fn judge(inspector: &mut Inspector<'_>) -> Result<(), EngineError> {
    if !inspector.shows(&ANY) {
        return Ok(());
    }
    let mut listed = some(inspector, ids(inspector.theirs.keys()))?;
    if one_went(inspector, &listed)? {
        // what took its place is looked for as well
        let now = ids(inspector.now_in(&ANY)?.iter());
        listed = some(inspector, now)?;
    }
    let (mut kinds, mut old) = (BTreeMap::new(), None);
    for id in listed.iter().copied() {
        if is_settled(inspector.account, &id) {
            old = Some(id);
        } else if let Some(kind) = one(inspector, ObjectName::Slot(id))? {
            kinds.insert(id, kind);
        }
    }
    inspector.inspection.slots = Some(kinds.keys().copied().collect());
    let account = inspector.account;
    let missing: Vec<ObjectId> = inspector.memory.slots.iter().copied().filter(|id| !is_settled(account, id)).collect();
    for id in missing.into_iter().filter(|id| !listed.contains(id)) {
        let kind = account.vault.get_now(&ObjectName::Slot(id), None).ok().and_then(|bytes| slot::kind(&bytes).ok());
        // another device set a new passphrase or made a new kit: its slot is there in the place of this one; or revoked the device whose it was
        let is_replaced = |kind: SlotKind| kinds.values().any(|other| *other == kind);
        if kind.is_some_and(is_replaced) || is_of_revoked(inspector, kind)? {
            inspector.inspection.superseded.push(id);
        } else {
            if inspector.inspection.not_looked_at.is_some() {
                inspector.inspection.held_back.insert(id);
            }
            inspector.finding(if old.is_some() { Anomaly::SlotBack } else { Anomaly::Missing }, ObjectName::Slot(id));
        }
    }
    replaced_unseen(inspector, &listed, &kinds);
    Ok(())
}

/// Whether it is a device's whose revocation this store shows, and this one has not heard of yet.
fn is_of_revoked(inspector: &mut Inspector<'_>, kind: Option<SlotKind>) -> Result<bool, EngineError> {
    let Some(SlotKind::Passphrase(device)) = kind else { return Ok(false) };
    let own = inspector.account.roster.number;
    let later = |name: &&ObjectName| matches!(name, ObjectName::Roster(number) if *number > own);
    let names: Vec<ObjectName> = inspector.theirs.keys().filter(later).take(MAX_LATER).copied().collect();
    for name in names {
        let Some(bytes) = inspector.get(name)? else { continue };
        let shown = Roster::open(&inspector.account.device.keys, &name, &bytes);
        if shown.is_ok_and(|roster| roster.member(&device).is_some_and(|member| !member.is_active())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Slots that came from elsewhere before this store was looked at, and whose maker put another in their place since. A recovery kit is none
/// of these: this device may have made it.
fn replaced_unseen(inspector: &mut Inspector<'_>, listed: &BTreeSet<ObjectId>, kinds: &BTreeMap<ObjectId, SlotKind>) {
    let account = inspector.account;
    let unseen = account.known_slots().into_iter().filter(|name| {
        let id = name.place();
        !listed.contains(&id) && !inspector.memory.slots.contains(&id) && !is_settled(account, &id)
    });
    let is_replaced = |name: &ObjectName| {
        let kind = account.vault.get_now(name, None).ok().and_then(|bytes| slot::kind(&bytes).ok());
        let is_others = matches!(kind, Some(SlotKind::Passphrase(device)) if device != account.device.id);
        is_others && kind.is_some_and(|kind| kinds.values().any(|other| *other == kind))
    };
    let replaced: Vec<ObjectId> = unseen.filter(is_replaced).map(|name| name.place()).collect();
    inspector.inspection.superseded.extend(replaced);
}

fn ids<'n>(names: impl Iterator<Item = &'n ObjectName>) -> BTreeSet<ObjectId> {
    names.filter_map(|name| if let ObjectName::Slot(id) = name { Some(*id) } else { None }).collect()
}

/// Those of the slots that are known, and so many of the others that may be some. Which of these is drawn anew each time: whoever puts many
/// beside them decides neither which are looked at nor which never are. What has a size that no slot has is none, unread.
fn some(inspector: &mut Inspector<'_>, listed: BTreeSet<ObjectId>) -> Result<BTreeSet<ObjectId>, EngineError> {
    let (account, theirs) = (inspector.account, inspector.theirs);
    let is_known = |id: &ObjectId| {
        inspector.memory.slots.contains(id) || is_settled(account, id) || account.slot_hash(&ObjectName::Slot(*id)).is_some()
    };
    let (known, others): (BTreeSet<ObjectId>, BTreeSet<ObjectId>) = listed.into_iter().partition(is_known);
    // what came since the listing has no size yet
    let may_be = |id: &ObjectId| theirs.get(&ObjectName::Slot(*id)).is_none_or(|size| slot::may_have_size(*size));
    let (mut others, none): (Vec<ObjectId>, Vec<ObjectId>) = others.into_iter().partition(may_be);
    for name in none.into_iter().map(ObjectName::Slot) {
        if inspector.inspection.refused.insert(name) {
            inspector.finding(Anomaly::Changed, name);
        }
    }
    inspector.inspection.not_looked_at = None;
    if others.len() > MAX_UNKNOWN {
        let drawn: [u8; 32] = random::bytes(&SystemRandom::new())?;
        others.sort_by_cached_key(|id| seal::hash(&[&drawn[..], id.as_bytes()].concat()));
        let rest = others.split_off(MAX_UNKNOWN);
        inspector.inspection.not_looked_at = rest.first().map(|first| (ObjectName::Slot(*first), rest.len() as u64));
    }
    Ok(known.into_iter().chain(others).collect())
}

fn is_settled(account: &Account, id: &ObjectId) -> bool {
    account.gone.contains(id) || account.memory.is_superseded(id)
}

/// Whether one of the slots was replaced since the store was listed.
fn one_went(inspector: &mut Inspector<'_>, listed: &BTreeSet<ObjectId>) -> Result<bool, EngineError> {
    let (account, mut some_went) = (inspector.account, false);
    for id in listed.iter().filter(|id| !is_settled(account, id)) {
        let name = ObjectName::Slot(*id);
        some_went |= inspector.get(name)?.is_none() && inspector.went(name)?;
    }
    Ok(some_went)
}

fn one(inspector: &mut Inspector<'_>, name: ObjectName) -> Result<Option<SlotKind>, EngineError> {
    let bytes = inspector.get(name)?;
    let kind = bytes.as_deref().and_then(|bytes| slot::kind(bytes).ok());
    let held = || inspector.account.vault.get_now(&name, None).ok().map(|bytes| seal::hash(&bytes));
    let known = inspector.account.slot_hash(&name).or_else(held);
    let same = known.is_none_or(|known| bytes.as_deref().is_some_and(|bytes| seal::hash(bytes) == known));
    // what the account did not sign takes no slot's place, whatever its header says
    let proved = bytes.map(|bytes| Unproved::new(inspector.account.id(), name, bytes));
    let is_owners = proved.is_some_and(|given| given.and_then(|given| given.owners(&inspector.account.device.keys)).is_ok());
    if kind.is_none() || !same || !is_owners {
        inspector.inspection.refused.insert(name);
        inspector.finding(Anomaly::Changed, name);
        return Ok(None);
    }
    Ok(kind)
}
