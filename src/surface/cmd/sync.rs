//! `sync`: the vault and the stores come to the same state.

use serde_json::{Value, json};

use super::standing;
use crate::engine::account::Account;
use crate::engine::catalog::Catalog;
use crate::engine::facts::deletion;
use crate::engine::runtime::Runtime;
use crate::engine::sync::{self, Pull};
use crate::engine::truth::Visit;
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, Watch, stores};
use crate::store::work_lock::Work;
use crate::surface::alarm;
use crate::surface::args::{PullWord, Sync};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Syncs with one store or all; one that fails does not keep the others waiting.
pub fn run(context: &Context, args: &Sync) -> Result<Answer, Failure> {
    let config = context.config()?;
    let mut account = context.open(Work::Sync)?;
    let wanted: Vec<_> = config.stores.iter().filter(|s| args.store.as_ref().is_none_or(|name| s.name == *name)).collect();
    if wanted.is_empty() {
        return Err(match &args.store {
            Some(name) => Failure::usage(format!("there is no store {name:?}")).hint("`printkeep store list` lists them"),
            None => Failure::usage("there is no store to sync with").hint("add one: `printkeep store add URL`"),
        });
    }
    let pull = match args.pull {
        PullWord::All => Pull::All,
        PullWord::Metadata => Pull::Metadata,
        PullWord::Nothing => Pull::Nothing,
    };
    let runtime = Runtime::new(&context.cancel)?;
    let mut catalog = Catalog::open(&account)?;
    // what was taken back while another process held the account is not sent any more
    deletion::tidy(&mut account, &super::erase::store_names(&config), context.now())?;
    let mut kept = standing::before_sync(context, &config, &mut account);
    let mut synced: Vec<(String, std::collections::BTreeSet<crate::core::name::ObjectName>)> = Vec::new();
    let room = context.profile(&config).room;
    let (mut lines, mut fields, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    let (count, mut away) = (wanted.len(), 0);
    for store in wanted {
        let progress = context.progress();
        let watch: Watch<'_> = &|event| progress.event(event);
        // for as long as this store is worked on; a backup and the other stores go on
        let held = context.waiting(|waiting| account.hold_store(&store.name, waiting));
        let done =
            held.as_ref().map_err(EngineError::again).and_then(|_| Ok(stores::open(&account, store)?)).and_then(|opened| {
                let visit = Visit { store: &store.name, time: context.now() };
                let shelf = Shelf::new(&*opened.provider, &runtime).with_room(room);
                sync::sync(&mut account, &mut catalog, &shelf, visit, pull, watch, &context.cancel)
            });
        progress.finish();
        match done {
            Ok(mut report) => {
                let facts = match report.stopped {
                    None => super::erase::at_store(context, &mut account, (store, &runtime), &mut report.there)?,
                    Some(_) => super::erase::Told::default(),
                };
                account.tell_of_intruders(&store.name, &report.disbelieved);
                sync::remember_there(&account, &store.name, &report.there, &context.random)?;
                lines.push(format!(
                    "{}: sent {} ({}), fetched {} ({}).",
                    store.name,
                    words::count(report.sent, "object"),
                    words::size(report.sent_bytes),
                    words::count(report.fetched, "object"),
                    words::size(report.fetched_bytes),
                ));
                lines.extend(store.write_only.then(|| narrowed(&report)));
                if !report.failed.is_empty() {
                    lines.push(format!(
                        "{} could not be moved; they are named above.",
                        words::count(report.failed.len() as u64, "object")
                    ));
                    worst = if worst == Exit::Done { Exit::Incomplete } else { worst };
                }
                if !report.alarms.is_empty() {
                    lines.extend(alarm::lines(&account, &report.alarms));
                    worst = Exit::Damaged;
                }
                let intruders = alarm::intruders(&account, &report.disbelieved);
                worst = if worst == Exit::Done && !intruders.is_empty() { Exit::Incomplete } else { worst };
                lines.extend(intruders);
                let mut letters = Value::Null;
                if report.stopped.is_none() {
                    let post = super::post::exchange(context, &config, &mut account, (store, &runtime), &report.there)?;
                    lines.extend(post.lines);
                    worst = if worst == Exit::Done { post.exit } else { worst };
                    letters = json!(post.fields);
                }
                lines.extend(facts.lines);
                worst = if worst == Exit::Done { facts.exit } else { worst };
                if !report.waiting.is_empty() {
                    lines.push(waits(&account, report.waiting.len() as u64));
                }
                if report.stopped.is_none() && report.alarms.is_empty() && report.failed.is_empty() {
                    synced.push((store.name.clone(), report.there.clone()));
                }
                let failed: Vec<_> =
                    report.failed.iter().map(|(n, why)| json!({ "object": n.to_string(), "reason": why })).collect();
                let mut told = json!({
                    "store": store.name, "sent": report.sent, "sent_bytes": report.sent_bytes, "fetched": report.fetched,
                    "fetched_bytes": report.fetched_bytes, "removed": report.removed, "failed": failed, "waiting": report.waiting.len(),
                    "disbelieved": alarm::heads(&report.disbelieved),
                    "letters": letters, "deleted_facts": facts.fields,
                    "write_only": store.write_only, "unlisted": report.unlisted,
                    "left": report.left.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "alarms": alarm::fields(&account, &report.alarms),
                });
                if let Some(error) = report.stopped {
                    let stopped = EngineError::Place { place: "it".into(), error };
                    stop(&store.name, stopped, &mut told, &mut worst, &mut away);
                }
                fields.push(told);
            }
            Err(error @ (EngineError::Cancelled | EngineError::Consent(_))) => return Err(error.into()),
            Err(error) if count == 1 => return Err(error.into()),
            Err(error) => {
                let mut told = json!({ "store": store.name });
                stop(&store.name, error, &mut told, &mut worst, &mut away);
                fields.push(told);
            }
        }
    }
    // a stick in a drawer is no failure, as long as the backup got somewhere
    if away == count && worst == Exit::Done {
        worst = Exit::Store;
    }
    standing::after_sync(context, &config, (&mut account, &mut catalog), &runtime, &synced, &mut kept);
    let mut answer = json!({ "stores": fields });
    if let Some(told) = kept {
        lines.extend(told.lines);
        answer["snapshots"] = told.fields;
    }
    Ok(Answer::new(lines, answer).exit(worst))
}

/// What a device that only writes did not look at, in a line.
fn narrowed(report: &sync::Report) -> String {
    let mut line =
        String::from("  This device only writes there: other devices' snapshots, key slots and what packs hold were passed over");
    if !report.unlisted.is_empty() {
        let folders: Vec<_> = report.unlisted.iter().map(String::as_str).collect();
        line.push_str(&format!("; {} may not be listed, so that what was sent there goes by memory", folders.join(", ")));
    }
    if !report.left.is_empty() {
        line.push_str(&format!(
            "; {} of the owner's must come from a device that may write them",
            words::count(report.left.len() as u64, "object")
        ));
    }
    line + "."
}

/// Tells in a line why a store took no part, or no more; one that is away may come back, and the others go on.
fn stop(name: &str, error: EngineError, told: &mut Value, worst: &mut Exit, away: &mut usize) {
    let is_away = matches!(&error, EngineError::Place { error, .. } if error.is_transient());
    let failure = Failure::from(error);
    let hint = failure.hint.as_ref().filter(|_| !is_away).map(|hint| format!("; {hint}")).unwrap_or_default();
    words::note(&format!("{name}: {}{hint}", failure.message));
    told["error"] = failure.message.into();
    told["hint"] = failure.hint.into();
    told["away"] = is_away.into();
    if is_away {
        *away += 1;
    } else {
        *worst = failure.exit;
    }
}

/// What cannot be opened here yet, and what to do.
fn waits(account: &Account, count: u64) -> String {
    let waits = format!("{} sealed under keys that this device was not given yet", words::count(count, "object"));
    match account.device.link {
        Some(_) => format!("{waits}; it gets them once the device that changed the keys has synced."),
        None => format!("{waits}; it was enrolled by an early version and must be enrolled again: `printkeep setup --join`."),
    }
}
