//! `prune`: what no snapshot needs is marked, and after the grace period removed; its cost is told before anything is done.

use serde_json::{Value, json};

use crate::engine::catalog::Catalog;
use crate::engine::keep::plan::{Plan, Terms};
use crate::engine::keep::prune::{Done, Survey, Work};
use crate::engine::runtime::Runtime;
use crate::engine::{Watch, stores, sync};
use crate::store::work_lock::{self, Waiting};
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::keep_args::Prune;
use crate::surface::show::Answer;
use crate::surface::words;

/// Prunes the vault, and on a keeper the stores.
pub fn run(context: &Context, args: &Prune) -> Result<Answer, Failure> {
    context.waiting(|waiting| prune(context, args, waiting))
}

fn prune(context: &Context, args: &Prune, waiting: &Waiting<'_>) -> Result<Answer, Failure> {
    let config = context.config()?;
    let mut account = context.open(if args.dry_run { work_lock::Work::Small } else { work_lock::Work::Prune })?;
    let keeper = account.roster.is_keeper(&account.device.id);
    if let (Some(_), false) = (&args.store, keeper) {
        return Err(crate::engine::EngineError::NotKeeper(account.device.name.clone()).into());
    }
    let keyring = if keeper && args.repack_below > 0 { ask::unlock_if_at_hand(context, &account, &args.unlock)? } else { None };
    let (mut opened, mut done) = (Vec::new(), Done::default());
    for store in config.stores.iter().filter(|s| keeper && args.store.as_ref().is_none_or(|name| s.name == *name)) {
        match stores::open_to_read(&account, store) {
            Ok(store) => opened.push(store),
            Err(error) => done.skipped.push((store.name.clone(), crate::engine::EngineError::from(error).to_string())),
        }
    }
    if let Some(name) = &args.store
        && !config.stores.iter().any(|store| store.name == *name)
    {
        return Err(Failure::usage(format!("there is no store {name:?}")).hint("`printkeep store list` lists them"));
    }
    let runtime = Runtime::new(&context.cancel)?;
    let profile = context.profile(&config);
    let mut catalog = Catalog::open(&account)?;
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let mut work = Work {
        account: &mut account,
        catalog: &mut catalog,
        stores: &opened,
        runtime: &runtime,
        keyring: keyring.as_ref(),
        terms: Terms { grace: args.grace, now: context.now() },
        repack_below: args.repack_below,
        goal: profile.pack_goal,
        random: &context.random,
        watch,
        cancel: &context.cancel,
        waiting,
    };
    if !args.dry_run {
        work.catch_up(&mut done)?;
    }
    let survey = work.survey()?;
    let mut lines = cost(&survey);
    if keeper && keyring.is_none() && args.repack_below > 0 {
        lines
            .push("Packs that are mostly unneeded stay as they are: repacking needs --passphrase-file or --recovery-kit.".into());
    }
    let (names, plans): (Vec<_>, Vec<_>) =
        survey.places.iter().map(|(name, plan)| (name.clone(), plan_fields(name.as_deref(), plan))).unzip();
    let mut fields = json!({
        "dry_run": args.dry_run, "keeper": keeper, "plan": plans,
        "repack": { "packs": survey.candidates.len(), "read_bytes": survey.candidates.iter().map(|c| c.size).sum::<u64>(),
            "write_bytes": survey.candidates.iter().map(|c| c.live).sum::<u64>() },
        "unknown": survey.unknown.iter().map(|(name, why)| json!({ "object": name.to_string(), "reason": why })).collect::<Vec<_>>(),
    });
    if !args.dry_run {
        // told before the work, which may take long
        if !context.json && !context.quiet {
            lines.drain(..).for_each(|line| words::print(&line));
        }
        done = work.carry_out(&survey, done)?;
        lines.extend(told(&done));
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, done_fields(&done)) {
            fields.extend(more);
        }
    }
    progress.finish();
    for (store, there) in &done.there {
        if names.contains(&Some(store.clone())) {
            sync::remember_there(&account, store, there, &context.random)?;
        }
    }
    done.skipped.iter().for_each(|(store, why)| words::note(&format!("{store}: nothing more was done there: {why}")));
    let exit = match (survey.unknown.is_empty(), done.skipped.is_empty()) {
        (false, _) => Exit::Damaged,
        (true, false) => Exit::Incomplete,
        (true, true) => Exit::Done,
    };
    Ok(Answer::new(lines, fields).exit(exit))
}

fn place(name: Option<&str>) -> String {
    name.map_or_else(|| "the local vault".into(), |name| format!("the store {name:?}"))
}

/// What it will cost.
fn cost(survey: &Survey) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, plan) in &survey.places {
        let requests = if name.is_some() { format!(", about {}", words::count(plan.requests, "request")) } else { String::new() };
        lines.push(format!(
            "In {}: {} ({}) to remove now, {} ({}) after the grace period{requests}.",
            place(name.as_deref()),
            words::count(plan.remove.len() as u64, "object"),
            words::size(plan.bytes),
            words::count(plan.later, "object"),
            words::size(plan.later_bytes),
        ));
    }
    if !survey.candidates.is_empty() {
        lines.push(format!(
            "To repack: {}, {} to read and about {} to write and send.",
            words::count(survey.candidates.len() as u64, "pack"),
            words::size(survey.candidates.iter().map(|c| c.size).sum()),
            words::size(survey.candidates.iter().map(|c| c.live).sum()),
        ));
    }
    for (name, why) in &survey.unknown {
        lines.push(format!(
            "{name}: {why}; until that is mended only forgotten heads go: run `printkeep sync`, then `printkeep doctor`."
        ));
    }
    lines
}

fn plan_fields(name: Option<&str>, plan: &Plan) -> Value {
    json!({
        "store": name, "remove": plan.remove.len(), "remove_bytes": plan.bytes, "later": plan.later, "later_bytes": plan.later_bytes,
        "unmarked": plan.unmarked.len(), "requests": plan.requests,
    })
}

/// What was done.
pub(super) fn told(done: &Done) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, count, bytes) in &done.removed {
        lines.push(format!(
            "Removed {} ({}) from {}.",
            words::count(*count, "object"),
            words::size(*bytes),
            place(name.as_deref())
        ));
    }
    for (store, count, until) in &done.locked {
        lines.push(format!(
            "{} in the store {store:?} locked there, the first until {until}: kept now, for a later prune to remove.",
            if *count == 1 { "1 object is".into() } else { format!("{count} objects are") },
        ));
    }
    if done.marked > 0 {
        lines.push(format!(
            "Marked {} as unneeded; a later prune removes what no snapshot needs by then.",
            words::count(done.marked, "object")
        ));
    }
    let repacked = &done.repacked;
    if repacked.packs > 0 {
        lines.push(format!(
            "Repacked {}: {} read, {} written.",
            words::count(repacked.packs, "pack"),
            words::size(repacked.read),
            words::size(repacked.written)
        ));
    }
    if repacked.left > 0 {
        lines.push(format!(
            "{} left as they are, because they cannot be read; `printkeep verify --read-data` tells which.",
            words::count(repacked.left, "pack")
        ));
    }
    lines
}

pub(super) fn done_fields(done: &Done) -> Value {
    json!({
        "removed": done.removed.iter().map(|(name, count, bytes)| json!({ "store": name, "objects": count, "bytes": bytes })).collect::<Vec<_>>(),
        "marked": done.marked, "unmarked": done.unmarked,
        "repacked": { "packs": done.repacked.packs, "read_bytes": done.repacked.read, "written_bytes": done.repacked.written, "left": done.repacked.left },
        "locked": done.locked.iter().map(|(store, count, until)| json!({ "store": store, "objects": count, "first_until": until })).collect::<Vec<_>>(),
        "skipped": done.skipped.iter().map(|(store, why)| json!({ "store": store, "reason": why })).collect::<Vec<_>>(),
    })
}
