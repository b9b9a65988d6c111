//! Repairing: local state rebuilt, damaged objects fetched again or set aside.

use crate::app::jobs::check::forms::{Check, Damage, Repaired};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, faults, reasons, unlock};
use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::check::doctor;
use crate::engine::repository::remotes::Remotes;

/// Rebuilds and repairs.
pub fn run(work: &Work<'_>, asked: &Check, remotes: &Remotes) -> Result<Repaired, Failure> {
    let mut account = work.open(WorkKind::Repair)?;
    let opened = remotes.readable(&account);
    let watcher = work.watcher();
    let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
    // what a passphrase or kit opens may be among what is lost
    let came = doctor::fetch_lost(&mut account, &opened, work.job(&on_event))?;
    let mut keyring = unlock::first_keys_if_given(work, &account, &asked.unlock)?;
    let report = doctor::doctor(&mut account, keyring.as_mut(), &opened, asked.read_data, work.job(&on_event))?;
    let names = |list: &[ObjectName]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let others = &report.others;
    let lost: Vec<_> = others.lost.iter().map(|(name, _)| *name).chain(report.lost.iter().copied()).collect();
    let repaired: Vec<_> = came.iter().chain(&others.repaired).chain(&report.repaired).copied().collect();
    let kept = others.lost.iter().map(|(name, why)| Damage { object: name.to_string(), reason: faults::object(why) });
    Ok(Repaired {
        indexes: report.indexes,
        packs: report.packs,
        state_was_set_aside: report.state.as_ref().map(reasons::cache),
        repaired: names(&repaired),
        earlier: names(&report.earlier),
        lost_packs: report.lost.len() as u64,
        lost: names(&lost),
        kept: kept.collect(),
        set_aside: others.set_aside.iter().map(|(name, _)| name.to_string()).collect(),
        stored_anew: report.stored_anew,
        unreached: if lost.is_empty() { Vec::new() } else { unreached(work, &account, remotes)? },
    })
}

/// The stores that give nothing now.
fn unreached(work: &Work<'_>, account: &Account, remotes: &Remotes) -> Result<Vec<String>, Failure> {
    let names = work.session.config()?.stores.into_iter().map(|store| store.name);
    let gives = |name: &String| remotes.open_to_read(account, name).is_ok_and(|remote| remote.list_in(&["slots"]).is_ok());
    let unreached = names.filter(|name| !gives(name)).collect();
    work.cancel.check()?;
    Ok(unreached)
}
