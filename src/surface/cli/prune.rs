//! `prune`.

use clap::Args;

use crate::app::forms::prune::{Planned, PruneReply, Pruned, Unknown};
use crate::app::jobs::prune as job;
use crate::app::{Arg, Failure, Request, Text};
use crate::config::{NoTime, parse_time};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `prune`
#[derive(Args)]
pub struct Prune {
    /// Only say it
    #[arg(long)]
    pub dry_run: bool,
    /// Grace period
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = parse_grace)]
    pub grace: i64,
    /// Written anew below this
    #[arg(long, value_name = "PERCENT", default_value = "50%", value_parser = parse_percent)]
    pub repack_below: u8,
    /// One store
    #[arg(long, value_name = "NAME")]
    pub store: Option<String>,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// Seconds, from a number with h, d, w or y.
fn parse_grace(text: &str) -> Result<i64, String> {
    parse_time(text).map_err(|NoTime| "value-span".into())
}

impl Prune {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Prune(job::Prune {
            dry_run: self.dry_run,
            grace: self.grace,
            repack_below: self.repack_below,
            store: self.store,
            unlock: self.unlock.into(),
        }))
    }
}

/// The lines of the reply; the plan was told before the work.
pub fn lines(reply: &PruneReply, words: &Words) -> Vec<String> {
    match &reply.done {
        None => plan(reply, words),
        Some(pruned) => done(pruned, words),
    }
}

fn place(store: Option<&String>) -> Text {
    match store {
        None => text!("the-vault"),
        Some(name) => text!("the-store", name = name),
    }
}

/// What will be done, and what it costs.
pub fn plan(reply: &PruneReply, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.plan.iter().map(|planned| words.say(&planned_text(planned))).collect();
    let repack = &reply.repack;
    if repack.packs > 0 {
        let (read, write) = (Arg::Bytes(repack.read_bytes), Arg::Bytes(repack.write_bytes));
        lines.push(words.say(&text!("prune-repack", count = Arg::Count(repack.packs), read = read, write = write)));
    }
    let unknown = |one: &Unknown| words.say(&text!("prune-unknown", object = &one.object, reason = one.reason.clone()));
    lines.extend(reply.unknown.iter().map(unknown));
    if reply.repack_locked {
        lines.push(words.say(&text!("prune-repack-locked")));
    }
    lines
}

fn planned_text(planned: &Planned) -> Text {
    let (remove, later) = (Arg::Count(planned.remove), Arg::Count(planned.later));
    let (bytes, later_bytes) = (Arg::Bytes(planned.remove_bytes), Arg::Bytes(planned.later_bytes));
    let place = place(planned.store.as_ref());
    match &planned.store {
        None => text!("prune-plan", place = place, count = remove, bytes = bytes, later = later, later_bytes = later_bytes),
        Some(_) => text!(
            "prune-plan-store",
            place = place,
            count = remove,
            bytes = bytes,
            later = later,
            later_bytes = later_bytes,
            requests = Arg::Count(planned.requests)
        ),
    }
}

/// What was done.
pub fn done(pruned: &Pruned, words: &Words) -> Vec<String> {
    let mut said = Vec::new();
    for one in &pruned.removed {
        let (count, bytes) = (Arg::Count(one.objects), Arg::Bytes(one.bytes));
        said.push(text!("prune-removed", count = count, bytes = bytes, place = place(one.store.as_ref())));
    }
    for one in &pruned.locked {
        let count = Arg::Count(one.objects);
        said.push(text!("prune-locked", count = count, store = &one.store, until = &one.first_until));
    }
    if pruned.marked > 0 {
        said.push(text!("prune-marked", count = Arg::Count(pruned.marked)));
    }
    let repacked = &pruned.repacked;
    if repacked.packs > 0 {
        let (read, written) = (Arg::Bytes(repacked.read_bytes), Arg::Bytes(repacked.written_bytes));
        said.push(text!("prune-repacked", count = Arg::Count(repacked.packs), read = read, written = written));
    }
    if repacked.no_room > 0 {
        said.push(text!("prune-repack-no-room", count = Arg::Count(repacked.no_room)));
    }
    if repacked.left > 0 {
        said.push(text!("prune-repack-left", count = Arg::Count(repacked.left)));
    }
    said.iter().map(|text| words.say(text)).collect()
}

fn parse_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|n| *n <= 95).ok_or_else(|| "value-share".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_or_refused() {
        assert_eq!([parse_percent("50%"), parse_percent("0")], [Ok(50), Ok(0)]);
        assert!(parse_percent("96%").is_err() && parse_percent("%").is_err() && parse_percent("-1").is_err());
    }
}
