//! `drill`: a random sample of the newest snapshot comes back into nothing; a failed one is an incident.

use serde_json::json;

use crate::engine::audit::now;
use crate::engine::catalog::Catalog;
use crate::engine::drill;
use crate::engine::entries::Snapshot;
use crate::engine::fetch::Fetcher;
use crate::engine::incident::{Kind, LastDrill, Raised};
use crate::engine::places::Places;
use crate::engine::{EngineError, Watch, runtime, select, stores};
use crate::surface::args::Drill;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// What the local vault is called among places.
const VAULT: &str = "the local vault";

/// Tries.
pub fn run(context: &Context, args: &Drill) -> Result<Answer, Failure> {
    let config = context.config()?;
    let account = context.look()?;
    let keyring = ask::unlock(context, &account, &args.unlock)?;
    let catalog = Catalog::open(&account)?;
    let runtime = runtime()?;
    let store = match &args.store {
        Some(name) => vec![stores::named(&account, &config.stores, name)?],
        None => Vec::new(),
    };
    let places = if store.is_empty() { Places::vault_only(&account) } else { Places::stores_only(&store, &runtime) };
    let place = args.store.clone().unwrap_or_else(|| VAULT.into());
    let info = select::choose(&account, "latest")?;
    let fetcher = Fetcher::new(&catalog, places, &keyring, info.head.device);
    let (number, own) = (info.head.number, info.own);
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let done = Snapshot::open(&fetcher, info.head)
        .and_then(|snapshot| drill::drill(&fetcher, &snapshot, (args.sample, own), &context.random, watch, &context.cancel));
    let notices = progress.finish();
    let report = match done {
        // a snapshot that does not even open is a drill that failed; a store that is away is none
        Err(error @ (EngineError::Damaged { .. } | EngineError::Object { .. })) => {
            failed(&account, &place, 1, &error.to_string());
            return Err(error.into());
        }
        done => done?,
    };
    let (count, tried) = (report.failed.len() as u64, report.files + report.failed.len() as u64);
    match report.failed.first() {
        Some((_, why)) => failed(&account, &place, count, why),
        None => account.remedied(Kind::Drill, &place),
    }
    account.remember_drill(LastDrill {
        time: now(),
        place: place.clone(),
        files: report.files,
        bytes: report.bytes,
        failed: count,
    });
    let mut lines = vec![format!(
        "Tried {} of {} of snapshot {number} from {place}: {} came back whole ({}), {} held against unchanged sources.",
        tried,
        words::count(report.of, "file"),
        report.files,
        words::size(report.bytes),
        report.compared,
    )];
    if count > 0 {
        lines.push(format!("{} did not come back; they are named above.", words::count(count, "file")));
    }
    let fields = json!({
        "snapshot": number, "place": place, "of": report.of, "tried": tried, "files": report.files, "bytes": report.bytes,
        "compared": report.compared, "failed": count, "notices": notices,
    });
    Ok(Answer::new(lines, fields).exit(if count == 0 { Exit::Done } else { Exit::Damaged }))
}

fn failed(account: &crate::engine::account::Account, place: &str, count: u64, why: &str) {
    account.raise(Raised::of(Kind::Drill, place).numbers(count, 0).object(why));
}
