//! Repairing: local state rebuilt, damaged objects fetched again or set aside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Damage};
use crate::app::work::{Purpose, Work};
use crate::app::{Failure, unlock};
use crate::config::Config;
use crate::core::name::ObjectName;
use crate::engine::check::doctor;
use crate::engine::repository::stores;

/// What was repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repaired {
    /// Index objects read.
    pub indexes: u32,
    /// Packs looked at.
    pub packs: u64,
    /// Why local state had been set aside, if it had.
    pub state_was_set_aside: Option<String>,
    /// Objects fetched again from a store.
    pub repaired: Vec<String>,
    /// Those of them that came from an earlier version there.
    pub earlier: Vec<String>,
    /// Packs that could not be fetched and hold what lies nowhere else.
    pub lost_packs: u64,
    /// Everything that could not be fetched.
    pub lost: Vec<String>,
    /// Other objects that could not be fetched, and why; the vault should be kept for a store that may have them.
    pub kept: Vec<Damage>,
    /// Objects that were set aside, because nothing of the owner's needs them.
    pub set_aside: Vec<String>,
    /// Packs that are gone and whose whole content was stored anew.
    pub stored_anew: u64,
}

/// Rebuilds and repairs.
pub fn run(work: &Work<'_>, config: &Config, asked: &Check) -> Result<Repaired, Failure> {
    let mut account = work.open(Purpose::Repair)?;
    let mut keyring = unlock::first_keys_if_given(work, &account, &asked.unlock)?;
    let opened = stores::readable(&account, &config.stores);
    let watcher = work.watcher();
    let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
    let report = doctor::doctor(&mut account, keyring.as_mut(), &opened, asked.read_data, work.job(&on_event))?;
    let names = |list: &[ObjectName]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mended = &report.mended;
    let lost: Vec<_> = mended.lost.iter().map(|(name, _)| *name).chain(report.lost.iter().copied()).collect();
    let repaired: Vec<_> = mended.repaired.iter().chain(&report.repaired).copied().collect();
    let kept = mended.lost.iter().map(|(name, why)| Damage { object: name.to_string(), reason: why.to_string() });
    Ok(Repaired {
        indexes: report.indexes,
        packs: report.packs,
        state_was_set_aside: report.state.clone(),
        repaired: names(&repaired),
        earlier: names(&report.earlier),
        lost_packs: report.lost.len() as u64,
        lost: names(&lost),
        kept: kept.collect(),
        set_aside: mended.set_aside.iter().map(|(name, _)| name.to_string()).collect(),
        stored_anew: report.stored_anew,
    })
}
