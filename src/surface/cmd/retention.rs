//! `retention`: how long each item, source and snapshot is kept, what is deleted next, and the rules by which snapshots go by themselves.

use serde_json::{Value, json};

use crate::config::Config;
use crate::consent::Item;
use crate::engine::account::Account;
use crate::engine::facts::deletion::{days, ends};
use crate::engine::keep::{Book, due};
use crate::engine::sync;
use crate::surface::context::Context;
use crate::surface::data_args::{Retention, RetentionCommand, SetRules};
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Shows, sets, ends.
pub fn run(context: &Context, args: &Retention) -> Result<Answer, Failure> {
    match &args.command {
        RetentionCommand::Show => show(context),
        RetentionCommand::Set(rules) => set(context, rules),
        RetentionCommand::Off => {
            let mut config = context.config()?;
            let was = config.snapshots.take().is_some();
            context.save_config(&config)?;
            let line = if was { "Snapshots go by hand alone from now on." } else { "There were no standing rules." };
            Ok(Answer::new(vec![line.into()], json!({ "snapshots": Value::Null, "were_on": was })))
        }
    }
}

fn set(context: &Context, args: &SetRules) -> Result<Answer, Failure> {
    let rules = args.keep.retention(args.grace.clone());
    if rules.keeps_nothing() {
        return Err(Failure::usage("nothing says which snapshots stay")
            .hint("give rules such as --keep-last 10 --keep-daily 14 --keep-monthly 12"));
    }
    let (mut config, account) = (context.config()?, context.look()?);
    config.snapshots = Some(rules.clone());
    context.save_config(&config)?;
    let mut lines = vec![format!("Of each device's snapshots these stay: {}, the newest, and what is pinned.", rules.words())];
    lines.push(if account.roster.is_keeper(&account.device.id) {
        "This device forgets the others after each backup and before each sync, and prunes what nothing needs after the grace period."
            .into()
    } else {
        format!(
            "This device only writes: it lets go in its own vault what a keeper forgot. To make it one: `printkeep device allow {}`.",
            account.device.name
        )
    });
    lines.push("`printkeep forget --dry-run` with the same rules tells what would go.".into());
    Ok(Answer::new(lines, json!({ "snapshots": rules })))
}

fn show(context: &Context) -> Result<Answer, Failure> {
    let (config, account) = (context.config()?, context.look()?);
    let (mut lines, mut items) = (Vec::new(), Vec::new());
    for item in Item::all().filter(|item| item.is_recorded()) {
        let times: Vec<i64> = account.facts.held().filter(|(_, held)| held.item == item).map(|(_, held)| held.time).collect();
        let next = times.iter().map(|time| ends(&account, item, *time)).min();
        let kept = words::count(days(&account, item).into(), "day");
        let held = match next {
            Some(next) => format!("{} held, the oldest until {}", times.len(), words::time(next)),
            None => "nothing held".into(),
        };
        lines.push(format!("{:<24}{:<11}kept {kept:<9}  {held}", item.as_str(), item.class().as_str()));
        items.push(json!({
            "item": item.as_str(), "class": item.class().as_str(), "days": days(&account, item), "held": times.len(), "next": next,
        }));
    }
    let mut waiting = Vec::new();
    for store in account.facts.waiting_stores() {
        let count = account.facts.waiting(store).len();
        lines.push(format!(
            "Store {store:?}: {} wait to be removed by `printkeep sync`.",
            words::count(count as u64, "deleted record")
        ));
        waiting.push(json!({ "store": store, "records": count }));
    }
    lines.push("Each backup and sync deletes what is over its time, and what consent no longer allows.".into());
    let mut sources = Vec::new();
    for source in config.sources.iter().filter(|source| source.keep_days.is_some()) {
        let days = source.keep_days.unwrap_or_default();
        lines.push(format!(
            "{}: files that did not change for {} are left out of new snapshots, and go with the older ones.",
            source.path.display(),
            words::count(days.into(), "day")
        ));
        sources.push(json!({ "path": source.path, "days": days }));
    }
    let snapshots = snapshots(&config, &account, &mut lines)?;
    Ok(Answer::new(lines, json!({ "items": items, "waiting": waiting, "sources": sources, "snapshots": snapshots })))
}

/// By which rules snapshots stay, and what goes next.
fn snapshots(config: &Config, account: &Account, lines: &mut Vec<String>) -> Result<Value, Failure> {
    let grace = config.snapshots.as_ref().map_or(7 * 86_400, crate::config::Retention::grace);
    lines.push(match &config.snapshots {
        Some(rules) => format!("Snapshots: {} stay, the newest, and what is pinned; a keeper lets the others go.", rules.words()),
        None => "Snapshots are kept until you let them go: `printkeep forget`, or by rules: `printkeep retention set`.".into(),
    });
    let due = due(account, &Book::read(account)?, &sync::held(account)?, grace)?;
    let mut tell = |count: u64, what: &str, first: Option<i64>| {
        if let Some(first) = first {
            let by = if config.snapshots.is_some() {
                "the next sync or backup after it"
            } else {
                "the next `printkeep prune` after it"
            };
            lines.push(format!("{} here: the first goes from {} on, with {by}.", words::count(count, what), words::time(first)));
        }
    };
    tell(due.snapshots, "forgotten snapshot", due.first_snapshot);
    tell(due.objects, "unneeded object", due.first_object);
    Ok(json!({
        "rules": config.snapshots, "grace": grace, "forgotten": due.snapshots, "first_forgotten": due.first_snapshot,
        "unneeded": due.objects, "first_unneeded": due.first_object,
    }))
}
