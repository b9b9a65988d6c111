//! `retention`: how long each item is kept, and what is deleted next.

use serde_json::json;

use crate::consent::Item;
use crate::engine::facts::deletion::{days, ends};
use crate::surface::context::Context;
use crate::surface::data_args::{Retention, RetentionCommand};
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Shows.
pub fn run(context: &Context, args: &Retention) -> Result<Answer, Failure> {
    match &args.command {
        RetentionCommand::Show => show(context),
    }
}

fn show(context: &Context) -> Result<Answer, Failure> {
    let account = context.look()?;
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
    Ok(Answer::new(lines, json!({ "items": items, "waiting": waiting })))
}
