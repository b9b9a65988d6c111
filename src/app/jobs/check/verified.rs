//! That everything is what was written; with the owner's key, that it opens.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::app::forms::problem::Problem;
use crate::app::forms::store_problem::device_name;
use crate::app::jobs::check::forms::{Check, Checked, Damage, Gap, Intruder};
use crate::app::reasons::kept;
use crate::app::work::Work;
use crate::app::{Failure, faults, unlock};
use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::known_state::Anomaly;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::check::verify::{self, Report, Request};
use crate::engine::error::ObjectFault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::known_damage;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::engine::sync::tamper;
use crate::text;

/// Files that are affected are told up to so many.
const MOST_AFFECTED: usize = 1000;

impl Gap {
    fn of(account: &Account, gap: &verify::Gap) -> Self {
        Self { device: device_name(account, &gap.device), first: gap.first, count: gap.count, before: gap.before }
    }
}

/// What a store shows that contradicts what is known; what was never seen is told once, by the verification itself.
fn contradictions(account: &Account, store: Option<&Remote>) -> Result<Vec<Problem>, Failure> {
    let found = store.map_or(Ok(Vec::new()), |remote| tamper::examine(account, remote))?;
    Ok(found.iter().filter(|one| one.finding.what != Anomaly::Gap).map(|one| Problem::of_shown(account, one)).collect())
}

/// Verifies the vault or a store.
pub fn run(work: &Work<'_>, asked: &Check, remotes: &Remotes) -> Result<Checked, Failure> {
    let account = work.open_read_only()?;
    let keyring = unlock::unlock_if_given(work, &account, &asked.unlock)?;
    let vault = Remote::vault(&account, remotes.runtime());
    let store = asked.store.as_ref().map(|name| remotes.open_to_read(&account, name)).transpose().map_err(EngineError::from)?;
    let remote = store.unwrap_or(&vault);
    let found_in = RefCell::new(BTreeSet::new());
    let look = || elsewhere(&account, remotes, &found_in);
    let known = known_damage::known(&account, asked.store.as_deref())?;
    let before = known.clone().unwrap_or_default();
    let request = Request {
        known: &before,
        read_data: asked.read_data,
        keyring: keyring.as_ref(),
        store: store.is_some(),
        elsewhere: &look,
    };
    let watcher = work.watcher();
    let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
    let report = verify::verify(&account, remote, &request, work.job(&on_event))?;
    tell(&account, asked, &report, known.is_some());
    Ok(Checked {
        place: remote.place(),
        store: asked.store.clone(),
        snapshots: report.snapshots,
        objects: report.objects,
        bytes: report.bytes,
        opened: report.opened,
        unneeded: report.unneeded,
        unsent: report.unsent,
        unsent_parts: report.unsent_parts,
        stored_anew: report.stored_anew,
        elsewhere: report.elsewhere,
        elsewhere_in: if report.elsewhere > 0 { found_in.into_inner().into_iter().collect() } else { Vec::new() },
        read_data: asked.read_data,
        unlocked: keyring.is_some(),
        keys_awaited: report.keys_awaited,
        later: report.later,
        damaged: report
            .problems
            .iter()
            .map(|(name, why)| Damage { object: name.to_string(), reason: faults::object(why) })
            .collect(),
        affected: affected(&account, keyring.as_ref(), &report)?,
        problems: contradictions(&account, store)?,
        rogues: report.rogues.iter().map(|device| device_name(&account, device)).collect(),
        gaps: report.gaps.iter().map(|gap| Gap::of(&account, gap)).collect(),
        disbelieved: report.disbelieved.iter().map(|(device, number)| ObjectName::Head(*device, *number).to_string()).collect(),
        intruders: intruders(&account, &report),
        repair: None,
        tried: None,
    })
}

/// The files that need what is damaged, as far as the owner's key is at hand.
fn affected(account: &Account, keyring: Option<&Keyring>, report: &Report) -> Result<Vec<String>, Failure> {
    let damaged: HashSet<_> = report.problems.iter().map(|(name, _)| *name).collect();
    match keyring {
        Some(keyring) if !damaged.is_empty() => {
            Ok(verify::affected(account, &ChunkIndex::open(account)?, keyring, &damaged, MOST_AFFECTED)?)
        }
        _ => Ok(Vec::new()),
    }
}

/// What lies in the stores that can be read now, with its size; asked for only where the vault lacks something.
fn elsewhere(account: &Account, remotes: &Remotes, found_in: &RefCell<BTreeSet<String>>) -> BTreeMap<ObjectName, u64> {
    let mut held = BTreeMap::new();
    for remote in remotes.readable(account) {
        if let Ok(listed) = remote.list_of(account) {
            found_in.borrow_mut().insert(remote.name().to_owned());
            held.extend(listed.objects);
        }
    }
    held
}

/// Keeps what was found as a problem, or that it is gone.
fn tell(account: &Account, asked: &Check, report: &Report, was_known: bool) {
    // a home that cannot be written to remembers neither this nor the problem
    let _ = known_damage::remember(account.logs(), asked.store.as_deref(), &report.damage);
    let place = Subject::place(asked.store.as_deref());
    let is_lost = asked.store.is_none() && VaultLoss::of(account).is_ok_and(|lost| !lost.is_nothing());
    // what the vault lost is a problem of its own
    let damaged: Vec<_> = report.problems.iter().filter(|(_, why)| !is_lost || *why != ObjectFault::Missing).collect();
    match damaged.first() {
        Some((name, why)) => {
            // as many as this very run tells, of which some may be told by another problem too
            let count = report.problems.len() as u64;
            let raised = NewProblem::of(ProblemKind::Damaged, place.clone()).numbers(count, asked.read_data.into());
            account.logs().raise(raised.object(&kept(&text!("of-file", file = name.to_string(), why = faults::object(why)))));
        }
        // what only a look at every byte found is seen to be gone by less only where it was known which, and looked at again
        None if asked.read_data || was_known || !found_by_bytes(account, &place) => {
            account.logs().remedied(ProblemKind::Damaged, &place);
        }
        None => {}
    }
    // what this machine took over before it heard of a theft says nothing of who writes now
    if let Some(store) = &asked.store {
        account.logs().tell_of_intruders(store, &report.disbelieved);
    }
}

/// Whether only a look at every byte found what is damaged in a place.
fn found_by_bytes(account: &Account, place: &Subject) -> bool {
    let is_it = |what: &NewProblem| what.kind == ProblemKind::Damaged && what.subject == *place && what.shown > 0;
    account.problems().iter().any(|problem| problem.remedied.is_none() && is_it(&problem.what))
}

fn intruders(account: &Account, report: &Report) -> Vec<Intruder> {
    let mut counts: BTreeMap<(String, bool), u64> = BTreeMap::new();
    for (device, _) in &report.disbelieved {
        *counts.entry((device_name(account, device), *device == account.device.id)).or_default() += 1;
    }
    counts.into_iter().map(|((device, own), snapshots)| Intruder { device, own, snapshots }).collect()
}
