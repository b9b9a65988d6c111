//! That everything is what was written; with the owner's key, that it opens.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Checked, Intruder};
use crate::app::alarm::device_name;
use crate::app::jobs::problems::{Problem, VAULT};
use crate::app::work::Work;
use crate::app::{Failure, unlock};
use crate::config::Config;
use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::account::problem::{NewProblem, ProblemKind};
use crate::engine::check::verify::{self, Report, Request};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Shelf;
use crate::engine::repository::stores;
use crate::engine::runtime::Runtime;
use crate::engine::sync::tamper;
use crate::provider::Provider;

/// Files that are affected are told up to so many.
const MOST_AFFECTED: usize = 1000;

/// An object that is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Damage {
    /// The object.
    pub object: String,
    /// How.
    pub reason: String,
}

/// Verifies the vault or a store.
pub fn run(work: &Work<'_>, config: &Config, asked: &Check) -> Result<Checked, Failure> {
    let account = work.look()?;
    let keyring = unlock::unlock_if_given(work, &account, &asked.unlock)?;
    let runtime = work.runtime();
    let store = asked.store.as_ref().map(|name| stores::named(&account, &config.stores, name)).transpose()?;
    let provider: &dyn Provider = store.as_ref().map_or(&account.vault, |store| &*store.provider);
    let found_in = RefCell::new(BTreeSet::new());
    let look = || elsewhere(&account, config, runtime, &found_in);
    let request = Request { read_data: asked.read_data, keyring: keyring.as_ref(), store: store.is_some(), elsewhere: &look };
    let watcher = work.watcher();
    let shelf = Shelf::new(provider, runtime);
    let report = verify::verify(&account, &shelf, &request, &|event| watcher.take(event), work.cancel)?;
    let alarms = match &asked.store {
        Some(name) => tamper::examine(&account, &shelf, name)?,
        None => Vec::new(),
    };
    tell(&account, asked, &report);
    let damaged: HashSet<_> = report.problems.iter().map(|(name, _)| *name).collect();
    let affected = match &keyring {
        Some(keyring) if !damaged.is_empty() => {
            verify::affected(&account, &ChunkIndex::open(&account)?, keyring, &damaged, MOST_AFFECTED)?
        }
        _ => Vec::new(),
    };
    Ok(Checked {
        place: provider.place(),
        store: asked.store.clone(),
        snapshots: report.snapshots,
        objects: report.objects,
        bytes: report.bytes,
        opened: report.opened,
        unneeded: report.unneeded,
        stored_anew: report.stored_anew,
        elsewhere: report.elsewhere,
        elsewhere_in: if report.elsewhere > 0 { found_in.into_inner().into_iter().collect() } else { Vec::new() },
        read_data: asked.read_data,
        unlocked: keyring.is_some(),
        damaged: report.problems.iter().map(|(name, why)| Damage { object: name.to_string(), reason: why.clone() }).collect(),
        affected,
        problems: alarms.iter().map(|alarm| Problem::of_alarm(&account, alarm)).collect(),
        rogues: report.rogues.iter().map(|device| device_name(&account, device)).collect(),
        disbelieved: report.disbelieved.iter().map(|(device, number)| ObjectName::Head(*device, *number).to_string()).collect(),
        intruders: intruders(&account, &report),
        repair: None,
        tried: None,
    })
}

/// What lies in the stores that can be read now, with its size; asked for only where the vault lacks something.
fn elsewhere(
    account: &Account,
    config: &Config,
    runtime: &Runtime,
    found_in: &RefCell<BTreeSet<String>>,
) -> BTreeMap<ObjectName, u64> {
    let mut held = BTreeMap::new();
    for store in stores::readable(account, &config.stores) {
        if let Ok(listed) = Shelf::new(&*store.provider, runtime).list() {
            found_in.borrow_mut().insert(store.name.clone());
            held.extend(listed);
        }
    }
    held
}

/// Keeps what was found as a problem, or that it is gone.
fn tell(account: &Account, asked: &Check, report: &Report) {
    let place = asked.store.clone().unwrap_or_else(|| VAULT.into());
    match report.problems.first() {
        Some((name, why)) => {
            let raised =
                NewProblem::of(ProblemKind::Damaged, &place).numbers(report.problems.len() as u64, asked.read_data.into());
            account.raise(raised.object(&format!("{name}: {why}")));
        }
        // what only a look at every byte found is not seen to be gone by less
        None if asked.read_data
            || !account.problems().iter().any(|i| i.what.kind == ProblemKind::Damaged && i.what.shown > 0) =>
        {
            account.remedied(ProblemKind::Damaged, &place);
        }
        None => {}
    }
    // what this machine took over before it heard of a theft says nothing of who writes now
    if asked.store.is_some() {
        account.tell_of_intruders(&place, &report.disbelieved);
    }
}

fn intruders(account: &Account, report: &Report) -> Vec<Intruder> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (device, _) in &report.disbelieved {
        *counts.entry(device_name(account, device)).or_default() += 1;
    }
    counts.into_iter().map(|(device, snapshots)| Intruder { device, snapshots }).collect()
}
