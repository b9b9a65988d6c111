//! `forget`, `tag`, `pin`, `unpin`: what a keeper says of snapshots.

use serde_json::json;

use crate::engine::keep::forget::{self, Judged, Request};
use crate::engine::keep::{Book, write};
use crate::engine::retention::Verdict;
use crate::engine::select::SnapshotInfo;
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::keep_args::{Forget, Pin, TagCommand, rules};
use crate::surface::show::Answer;
use crate::surface::words;

/// Forgets snapshots; their space comes back with `prune`.
pub fn forget(context: &Context, args: &Forget) -> Result<Answer, Failure> {
    let rules = rules(&args.keep.retention(None));
    if args.snapshots.is_empty() && rules.is_empty() {
        return Err(Failure::usage("nothing says what to forget and what to keep")
            .hint("name snapshots, or give rules such as --keep-last 10 --keep-daily 14 --keep-monthly 12"));
    }
    let account = context.look()?;
    if !args.dry_run {
        write::must_be_keeper(&account)?;
    }
    let request = Request {
        snapshots: &args.snapshots,
        rules: &rules,
        device: (args.device != "all").then_some(args.device.as_str()),
        now: context.now(),
    };
    let judged = forget::choose(&account, &Book::read(&account)?, &request)?;
    let gone = judged.iter().filter(|one| one.verdict == Verdict::Drop).count() as u64;
    if !args.dry_run && gone > 0 {
        forget::forget(&context.open(Work::Small)?, &judged, request.now, &context.random)?;
    }
    let mut lines: Vec<String> = judged.iter().map(line).collect();
    let kept = judged.len() as u64 - gone;
    let would = if args.dry_run { "Would forget" } else { "Forgot" };
    lines.push(format!("{would} {}; {kept} stay.", words::count(gone, "snapshot")));
    if gone > 0 && !args.dry_run {
        lines.push("`printkeep prune` gives the space back, after a grace period.".into());
    }
    let fields = json!({
        "dry_run": args.dry_run, "forgotten": gone, "kept": kept,
        "snapshots": judged.iter().map(fields).collect::<Vec<_>>(),
    });
    Ok(Answer::new(lines, fields))
}

fn line(judged: &Judged) -> String {
    let (word, why) = match judged.verdict {
        Verdict::Keep(why) => ("keep", format!("  ({why})")),
        Verdict::Drop => ("forget", String::new()),
    };
    format!("{word:<7} {:>6}  {}{why}", name(&judged.snapshot), words::time(judged.snapshot.head.time))
}

fn fields(judged: &Judged) -> serde_json::Value {
    let reason = match judged.verdict {
        Verdict::Keep(why) => Some(why),
        Verdict::Drop => None,
    };
    let head = &judged.snapshot.head;
    json!({
        "number": head.number, "device": judged.snapshot.device_name, "device_id": head.device.to_string(), "time": head.time,
        "kept": reason.is_some(), "reason": reason,
    })
}

fn name(snapshot: &SnapshotInfo) -> String {
    let number = snapshot.head.number;
    if snapshot.own { number.to_string() } else { format!("{}:{number}", snapshot.device_name) }
}

/// Gives or takes a tag.
pub fn tag(context: &Context, command: &TagCommand) -> Result<Answer, Failure> {
    let (snapshot, text, add) = match command {
        TagCommand::Add { snapshot, text } => (snapshot, text, true),
        TagCommand::Remove { snapshot, text } => (snapshot, text, false),
    };
    let account = context.open(Work::Small)?;
    let done = forget::tag(&account, snapshot, text, add, context.now(), &context.random)?;
    let line = if add {
        format!("Snapshot {} is tagged {text:?}.", name(&done))
    } else {
        format!("Snapshot {} is not tagged {text:?}.", name(&done))
    };
    Ok(Answer::new(vec![line], json!({ "number": done.head.number, "device": done.device_name, "tag": text, "added": add })))
}

/// Pins or unpins.
pub fn pin(context: &Context, args: &Pin, pinned: bool) -> Result<Answer, Failure> {
    let account = context.open(Work::Small)?;
    let done = forget::pin(&account, &args.snapshot, pinned, context.now(), &context.random)?;
    let line = match pinned {
        true => format!("Snapshot {} is pinned: it is not forgotten before `printkeep unpin`.", name(&done)),
        false => format!("Snapshot {} is not pinned.", name(&done)),
    };
    Ok(Answer::new(vec![line], json!({ "number": done.head.number, "device": done.device_name, "pinned": pinned })))
}
