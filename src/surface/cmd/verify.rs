//! `verify`: the backup is what was written; with the passphrase, it opens.

use std::collections::HashSet;

use serde_json::json;

use crate::config::Config;
use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::engine::backup::open_catalog;
use crate::engine::incident::{Kind, Raised};
use crate::engine::verify::{self, Request, Shelf};
use crate::engine::{Watch, runtime, stores, truth};
use crate::provider::Provider;
use crate::surface::alarm;
use crate::surface::args::Verify;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Verifies the vault or a store.
pub fn run(context: &Context, args: &Verify) -> Result<Answer, Failure> {
    let config = context.config()?;
    let account = context.look()?;
    let keyring = ask::unlock_if_given(&account, &args.unlock)?;
    let runtime = runtime()?;
    let store = match &args.store {
        Some(name) => Some(stores::named(&account, &config.stores, name)?),
        None => None,
    };
    let provider: &dyn Provider = store.as_ref().map_or(&account.vault, |store| &*store.provider);
    let request = Request { read_data: args.read_data, keyring: keyring.as_ref(), store: store.is_some() };
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let report = verify::verify(&account, &Shelf::new(provider, &runtime), &request, watch, &context.cancel)?;
    let alarms = match &args.store {
        Some(name) => truth::examine(&account, &Shelf::new(provider, &runtime), name)?,
        None => Vec::new(),
    };
    progress.finish();
    let damaged: HashSet<_> = report.problems.iter().map(|(name, _)| *name).collect();
    let shelf_name = args.store.clone().unwrap_or_else(|| "the local vault".into());
    match report.problems.first() {
        Some((name, why)) => {
            let raised = Raised::of(Kind::Damaged, &shelf_name).numbers(report.problems.len() as u64, args.read_data.into());
            account.raise(raised.object(&format!("{name}: {why}")));
        }
        // what only a look at every byte found is not seen to be gone by less
        None if args.read_data || !account.incidents().iter().any(|i| i.what.kind == Kind::Damaged && i.what.shown > 0) => {
            account.remedied(Kind::Damaged, &shelf_name);
        }
        None => {}
    }
    // what this machine took over before it heard of a theft says nothing of who writes now
    if args.store.is_some() {
        account.tell_of_intruders(&shelf_name, &report.disbelieved);
    }
    let affected = match &keyring {
        Some(keyring) if !damaged.is_empty() => affected(context, &config, keyring, &damaged)?,
        _ => Vec::new(),
    };
    let proved = match (args.read_data, keyring.is_some()) {
        (false, _) => "every snapshot and index was read, and every pack is there in its size",
        (true, false) => "every byte is what was written",
        (true, true) => "every byte is what was written, and opens with your key",
    };
    let mut lines = vec![format!(
        "Checked {} in {}: {}, {} read.",
        words::count(report.snapshots, "snapshot"),
        provider.place(),
        words::count(report.objects, "object"),
        words::size(report.bytes),
    )];
    if report.stored_anew > 0 {
        lines.push(format!(
            "{} gone, with nothing lost: all they held was stored anew.",
            words::count(report.stored_anew, "pack")
        ));
    }
    lines.extend(alarm::lines(&account, &alarms));
    if damaged.is_empty() && alarms.is_empty() {
        lines.push(format!("All is well: {proved}."));
        if !args.read_data {
            lines.push("`printkeep verify --read-data` reads every byte.".into());
        }
    } else if !damaged.is_empty() {
        lines.push(format!("{} damaged or missing; they are named above.", words::count(report.problems.len() as u64, "object")));
        lines.extend(affected.iter().map(|file| format!("  affected: {file}")));
        if keyring.is_none() {
            lines.push("With --passphrase-file or --recovery-kit it tells which files are affected.".into());
        }
        lines.push(
            "`printkeep doctor` fetches what a store still has; the next backup stores anew what this machine still has. What neither brings \
             back is lost: `printkeep forget` lets the snapshots go that need it."
                .into(),
        );
    }
    lines.extend(alarm::intruders(&account, &report.disbelieved));
    let rogues: Vec<String> = report.rogues.iter().map(|device| alarm::device_name(&account, device)).collect();
    lines.extend(rogues.iter().map(|name| {
        format!("The device {name:?} signed what its packs do not hold: check it, and revoke it if it was taken over.")
    }));
    let fields = json!({
        "place": provider.place(), "snapshots": report.snapshots, "objects": report.objects, "bytes": report.bytes,
        "opened": report.opened, "unneeded": report.unneeded, "stored_anew": report.stored_anew, "read_data": args.read_data, "unlocked": keyring.is_some(),
        "problems": report.problems.iter().map(|(name, why)| json!({ "object": name.to_string(), "reason": why })).collect::<Vec<_>>(),
        "affected": affected, "alarms": alarm::fields(&account, &alarms), "rogues": rogues,
        "disbelieved": alarm::heads(&report.disbelieved),
    });
    let exit = match (damaged.is_empty() && alarms.is_empty(), args.store.is_none() || report.disbelieved.is_empty()) {
        (false, _) => Exit::Damaged,
        (true, false) => Exit::Incomplete,
        (true, true) => Exit::Done,
    };
    Ok(Answer::new(lines, fields).exit(exit))
}

/// The files that are affected; none are told while another process holds local state.
fn affected(
    context: &Context,
    config: &Config,
    keyring: &Keyring,
    damaged: &HashSet<ObjectName>,
) -> Result<Vec<String>, Failure> {
    let Ok(account) = context.open() else { return Ok(Vec::new()) };
    let (mut catalog, _) = open_catalog(&account, context.profile(config).backend, &context.random)?;
    catalog.absorb_new(&account)?;
    Ok(verify::affected(&account, &catalog, keyring, damaged, 1000)?)
}
