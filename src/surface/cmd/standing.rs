//! The owner's standing rules for snapshots: a keeper applies them by itself, before each sync and after each backup; what nothing needs
//! then is pruned, once its grace period is over, wherever the sync came to its end.
//!
//! What goes wrong here is told and changes no exit code: the backup was made, or the sync was done.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::runtime::Runtime;
use serde_json::{Value, json};

use super::prune::{done_fields, told};
use crate::config::{Config, Retention};
use crate::core::name::ObjectName;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::audit::Note;
use crate::engine::catalog::Catalog;
use crate::engine::keep::Book;
use crate::engine::keep::forget::{self, Request};
use crate::engine::keep::plan::Terms;
use crate::engine::keep::prune::{Done, Work, is_due};
use crate::engine::places::Store;
use crate::engine::retention::Verdict;
use crate::engine::{EngineError, stores};
use crate::store::audit::{Event, Outcome};
use crate::store::work_lock::{self, Waiting};
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::keep_args::rules;
use crate::surface::words;

/// What the rules did, for the answer.
pub struct Told {
    /// For the owner.
    pub lines: Vec<String>,
    /// For programs.
    pub fields: Value,
}

fn is_keeper(account: &Account) -> bool {
    account.roster.is_keeper(&account.device.id)
}

fn trouble(done: Result<Option<Told>, Failure>) -> Option<Told> {
    done.unwrap_or_else(|failure| {
        words::note(&format!("Your standing rules for snapshots were not applied: {}.", failure.message));
        None
    })
}

/// Forgets what no rule keeps; where there are no stores, or this device only writes, what nothing needs in the vault is pruned.
pub fn after_backup(context: &Context, config: &Config, account: &mut AccountWriter) -> Option<Told> {
    let kept = config.snapshots.as_ref()?;
    trouble(after_backup_or_fail(context, config, kept, account))
}

fn after_backup_or_fail(
    context: &Context,
    config: &Config,
    kept: &Retention,
    account: &mut AccountWriter,
) -> Result<Option<Told>, Failure> {
    let forgotten = forget(context, kept, account)?;
    if is_keeper(account) && !config.stores.is_empty() {
        return Ok(forgotten);
    }
    let mut catalog = Catalog::open(account)?;
    let pruned = prune(context, config, kept, (account, &mut catalog), &Runtime::new(&context.cancel)?, &[])?;
    Ok(joined(forgotten, pruned))
}

/// Forgets what no rule keeps, so that the sync takes the word along.
pub fn before_sync(context: &Context, config: &Config, account: &mut AccountWriter) -> Option<Told> {
    let kept = config.snapshots.as_ref()?;
    trouble(forget(context, kept, account))
}

/// Prunes the vault and the stores that were synced without a fault, where something is due.
pub fn after_sync(
    context: &Context,
    config: &Config,
    work: (&mut AccountWriter, &mut Catalog),
    runtime: &Runtime,
    synced: &[(String, BTreeSet<ObjectName>)],
    said: &mut Option<Told>,
) {
    let Some(kept) = &config.snapshots else { return };
    let pruned = trouble(prune(context, config, kept, work, runtime, synced));
    *said = joined(said.take(), pruned);
}

fn joined(first: Option<Told>, second: Option<Told>) -> Option<Told> {
    match (first, second) {
        (Some(mut first), Some(second)) => {
            first.lines.extend(second.lines);
            if let (Value::Object(to), Value::Object(from)) = (&mut first.fields, second.fields) {
                to.extend(from);
            }
            Some(first)
        }
        (first, second) => first.or(second),
    }
}

fn forget(context: &Context, kept: &Retention, account: &AccountWriter) -> Result<Option<Told>, Failure> {
    if !is_keeper(account) {
        return Ok(None);
    }
    let rules = rules(kept);
    let request = Request { snapshots: &[], rules: &rules, device: None, now: context.now() };
    let judged = forget::choose(account, &Book::read(account)?, &request)?;
    if judged.iter().all(|one| one.verdict != Verdict::Drop) {
        return Ok(None);
    }
    let count = forget::forget(account, &judged, request.now, &context.random)?;
    account.audit(Note::of(Event::Forget, Outcome::Done).what("by standing rules").amount(count, 0));
    let line = format!("{} forgotten by your standing rules ({}).", words::count(count, "snapshot"), kept.words());
    Ok(Some(Told { lines: vec![line], fields: json!({ "forgotten": count }) }))
}

fn prune(
    context: &Context,
    config: &Config,
    kept: &Retention,
    (account, catalog): (&mut AccountWriter, &mut Catalog),
    runtime: &Runtime,
    synced: &[(String, BTreeSet<ObjectName>)],
) -> Result<Option<Told>, Failure> {
    let listings: Vec<BTreeMap<ObjectName, u64>> =
        synced.iter().map(|(_, there)| there.iter().map(|name| (*name, 0)).collect()).collect();
    let (keeper, terms) = (is_keeper(account), Terms { grace: kept.grace(), now: context.now() });
    if !is_due(account, catalog, terms, if keeper { &listings } else { &[] })? {
        return Ok(None);
    }
    let mut opened: Vec<Store> = Vec::new();
    for store in config.stores.iter().filter(|store| keeper && synced.iter().any(|(name, _)| *name == store.name)) {
        opened.push(stores::open_to_read(account, store).map_err(EngineError::from)?);
    }
    account.turn_to(work_lock::Work::Prune, &Waiting::no())?;
    let mut work = Work {
        account,
        catalog,
        stores: &opened,
        runtime,
        keyring: None,
        terms,
        repack_below: 0,
        goal: context.profile(config).pack_goal,
        random: &context.random,
        watch: &|_| {},
        cancel: &context.cancel,
        waiting: &Waiting::no(),
    };
    let survey = work.survey()?;
    let done = work.carry_out(&survey, Done::default())?;
    for (store, there) in &done.there {
        crate::engine::sync::remember_there(account, store, there, &context.random)?;
    }
    done.skipped.iter().for_each(|(store, why)| words::note(&format!("{store}: nothing more was pruned there: {why}")));
    let removed: u64 = done.removed.iter().map(|(_, count, _)| count).sum();
    account.audit(Note::of(Event::Prune, Outcome::Done).what("by standing rules").amount(removed, 0));
    Ok(Some(Told { lines: told(&done), fields: done_fields(&done) }))
}
