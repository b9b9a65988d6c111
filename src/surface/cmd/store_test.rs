//! `store test`: what a store's server really does, and what the credentials may do there.

use serde_json::json;

use crate::config;
use crate::engine::account::Account;
use crate::engine::stores::{self, OpenError};
use crate::engine::{EngineError, runtime};
use crate::provider::address::Address;
use crate::provider::medium;
use crate::provider::probe::{self, Check, Report};
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;

/// A check in words, with what the place said.
pub fn told(check: &Check) -> String {
    match &check.note {
        Some(note) => format!("{} ({note})", check.what),
        None => check.what.into(),
    }
}

/// Tests one store, or all.
pub fn run(context: &Context, name: Option<&str>) -> Result<Answer, Failure> {
    let config = context.config()?;
    let account = context.open(Work::Small)?;
    let wanted: Vec<_> = config.stores.iter().filter(|s| name.is_none_or(|name| s.name == name)).collect();
    if wanted.is_empty() {
        return Err(name.map_or_else(
            || Failure::usage("there is no store to test").hint("add one: `printkeep store add URL`"),
            super::store::unknown,
        ));
    }
    let runtime = runtime()?;
    let (mut lines, mut found, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    let count = wanted.len();
    for store in wanted {
        let report = match test(context, &account, store, &runtime) {
            Ok(report) => report,
            Err(OpenError::Place(_, error)) if count > 1 => {
                lines.push(format!("{}: {}", store.name, store.address));
                lines.push(format!("  NO   it {error}"));
                found.push(json!({ "store": store.name, "usable": false, "error": error.to_string() }));
                worst = Exit::Store;
                continue;
            }
            Err(error) => return Err(EngineError::from(error).into()),
        };
        lines.push(format!("{}: {}", store.name, store.address));
        for check in &report.checks {
            let mark = if check.passed { "yes" } else { "NO " };
            lines.push(format!("  {mark}  {}", told(check)));
        }
        if !report.usable() {
            lines.push("  This store cannot be used as it is.".into());
            worst = Exit::Store;
        }
        if report.left > 0 {
            lines.push("  A small object of this test stays there; a keeper's `prune` removes it.".into());
        }
        let checks: Vec<_> = report
            .checks
            .iter()
            .map(|c| json!({ "what": c.what, "passed": c.passed, "needed": c.needed, "note": c.note }))
            .collect();
        found.push(json!({ "store": store.name, "usable": report.usable(), "checks": checks, "left": report.left }));
    }
    Ok(Answer::new(lines, json!({ "stores": found })).exit(worst))
}

fn test(
    context: &Context,
    account: &Account,
    store: &config::Store,
    runtime: &tokio::runtime::Runtime,
) -> Result<Report, OpenError> {
    // the test's own objects are not locked, so that they can be removed
    let plain = config::Store { lock: None, ..store.clone() };
    let (keys, random) = (&account.device.keys, &context.random);
    let opened = stores::open_wide(account, &plain)?;
    let server = stores::server(account, &plain)?;
    let mut report = if store.write_only {
        let scope = stores::scope(account);
        runtime.block_on(probe::probe_writer(&*opened.provider, &scope, server.as_ref(), keys, random))
    } else {
        runtime.block_on(probe::probe(&*opened.provider, keys, random))
    };
    if let Address::Folder(path) = &store.address {
        report.checks.extend(medium::probe(path));
    }
    if let Some(server) = server {
        if report.usable() && !store.write_only {
            report.checks.extend(runtime.block_on(server.honours(keys, random)));
        }
        if let (true, Some(lock)) = (report.usable(), store.lock) {
            let check = runtime.block_on(server.honours_lock(lock.mode, keys, random));
            report.left += u64::from(check.passed);
            report.checks.push(check);
        }
        report.checks.extend(runtime.block_on(server.clock()));
    }
    Ok(report)
}
