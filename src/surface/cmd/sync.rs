//! `sync`: the vault and the stores come to the same state.

use serde_json::json;

use crate::engine::account::Account;
use crate::engine::backup::open_catalog;
use crate::engine::sync::{self, Pull};
use crate::engine::truth::Visit;
use crate::engine::verify::Shelf;
use crate::engine::{Watch, runtime, stores};
use crate::surface::alarm;
use crate::surface::args::{PullWord, Sync};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Syncs with one store or all; one that fails does not keep the others waiting.
pub fn run(context: &Context, args: &Sync) -> Result<Answer, Failure> {
    let config = context.config()?;
    let mut account = context.open()?;
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
    let runtime = runtime()?;
    let (mut catalog, _) = open_catalog(&account, context.profile(&config).backend, &context.random)?;
    catalog.absorb_new(&account)?;
    let (mut lines, mut fields, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    for store in wanted {
        let progress = context.progress();
        let watch: Watch<'_> = &|event| progress.event(event);
        let done = stores::open(&account, store).map_err(Failure::from).and_then(|opened| {
            let visit = Visit { store: &store.name, time: context.now() };
            let shelf = Shelf { provider: &*opened.provider, runtime: &runtime };
            Ok(sync::sync(&mut account, &mut catalog, &shelf, visit, pull, watch, &context.cancel)?)
        });
        progress.finish();
        match done {
            Ok(report) => {
                sync::remember_there(&account, &store.name, &report.there, &context.random)?;
                lines.push(format!(
                    "{}: sent {} ({}), fetched {} ({}).",
                    store.name,
                    words::count(report.sent, "object"),
                    words::size(report.sent_bytes),
                    words::count(report.fetched, "object"),
                    words::size(report.fetched_bytes),
                ));
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
                let post = super::post::exchange(context, &config, &mut account, (store, &runtime), &report.there)?;
                lines.extend(post.lines);
                worst = if worst == Exit::Done { post.exit } else { worst };
                if !report.waiting.is_empty() {
                    lines.push(waits(&account, report.waiting.len() as u64));
                }
                let failed: Vec<_> =
                    report.failed.iter().map(|(n, why)| json!({ "object": n.to_string(), "reason": why })).collect();
                fields.push(json!({
                    "store": store.name, "sent": report.sent, "sent_bytes": report.sent_bytes, "fetched": report.fetched,
                    "fetched_bytes": report.fetched_bytes, "removed": report.removed, "failed": failed, "waiting": report.waiting.len(),
                    "letters": post.fields,
                    "alarms": alarm::fields(&account, &report.alarms),
                }));
            }
            Err(failure) if config.stores.len() == 1 || failure.exit == Exit::Stopped || failure.exit == Exit::NoConsent => {
                return Err(failure);
            }
            Err(failure) => {
                words::note(&format!("{}: {}", store.name, failure.message));
                if let Some(hint) = &failure.hint {
                    words::note(&format!("  {hint}"));
                }
                fields.push(json!({ "store": store.name, "error": failure.message, "hint": failure.hint }));
                worst = failure.exit;
            }
        }
    }
    Ok(Answer::new(lines, json!({ "stores": fields })).exit(worst))
}

/// What cannot be opened here yet, and what to do.
fn waits(account: &Account, count: u64) -> String {
    let waits = format!("{} sealed under keys that this device was not given yet", words::count(count, "object"));
    match account.device.link {
        Some(_) => format!("{waits}; it gets them once the device that changed the keys has synced."),
        None => format!("{waits}; it was enrolled by an early version and must be enrolled again: `printkeep init --join`."),
    }
}
