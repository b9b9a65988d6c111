//! `status`.

use clap::Args;

use super::problems;
use super::snapshots::lacking;
use crate::app::forms::problem::Problem;
use crate::app::forms::problem_kind::{Condition, Kind};
use crate::app::jobs::key::ReadingKey;
use crate::app::jobs::status::{self as job, Prunable, StatusReply, StoreStands};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::Words;
use crate::text;

/// `status`
#[derive(Args)]
pub struct Status {}

impl Status {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Status(job::Status {}))
    }
}

/// The lines of the reply.
pub fn lines(reply: &StatusReply, words: &Words) -> Vec<String> {
    let mut said = vec![
        text!("status-account", account = &reply.account, device = &reply.device, fingerprint = &reply.fingerprint),
        text!("status-vault", path = reply.vault.as_path()),
    ];
    said.push(last(reply));
    if let Some(last) = reply.last.as_ref().filter(|last| !last.missing.is_empty() || last.unread > 0) {
        said.push(text!("status-incomplete", lacks = lacking(&last.missing, last.unread, words).join("; ")));
    }
    said.extend(failed(reply));
    let (used, free) = (Arg::Bytes(reply.used_bytes), Arg::Bytes(reply.free_bytes));
    said.push(text!("status-space", used = used, free = free));
    let prunable = &reply.prunable;
    said.extend(frees(prunable));
    said.extend(reply.stores.iter().map(|store| text!("status-store", store = &store.store, stands = stands(store))));
    said.extend(reply.tried.as_ref().map(|tried| {
        let went = if tried.failed == 0 { text!("tried-well") } else { text!("tried-badly", count = tried.failed) };
        let files = text!("files", count = tried.files);
        text!(
            "status-tried",
            time = Arg::Time(tried.time),
            place = problems::place(tried.store.as_deref()),
            files = files,
            went = went
        )
    }));
    said.extend(kit(reply));
    said.extend(match reply.reading_key {
        ReadingKey::Kept => Some(text!("status-reading-key")),
        ReadingKey::None | ReadingKey::Stale => None,
    });
    let mut lines: Vec<String> = said.iter().map(|text| words.say(text)).collect();
    let told = reply.problems.iter().filter(|problem| !is_told_by_the_kit(problem));
    lines.extend(told.map(|problem| problems::short(problem, words)));
    if !reply.problems.iter().any(|problem| problem.needs_owner()) {
        lines.push(words.say(&match (reply.acknowledged, reply.stores.is_empty()) {
            (0, true) => text!("status-well"),
            (0, false) => text!("status-well-stores"),
            (count, _) => text!("status-acknowledged", count = Arg::Count(count)),
        }));
    }
    lines
}

/// The problems that need the owner.
pub fn wrong(reply: &StatusReply, words: &Words) -> Vec<String> {
    reply.problems.iter().filter(|problem| problem.needs_owner()).map(|problem| problems::short(problem, words)).collect()
}

fn last(reply: &StatusReply) -> Text {
    match (&reply.last, reply.last_lost) {
        (Some(last), _) => text!(
            "status-last",
            snapshot = Arg::Text(last.snapshot.to_string()),
            time = Arg::Time(last.time),
            files = text!("files", count = last.files),
            size = Arg::Bytes(last.bytes)
        ),
        (None, Some(number)) => text!("status-last-lost", snapshot = Arg::Text(number.to_string())),
        (None, None) if reply.problems.iter().any(is_left_out) => text!("status-none-believed"),
        (None, None) => text!("status-no-backup"),
    }
}

/// Whether a problem says that this device takes no part in the account.
fn is_left_out(problem: &Problem) -> bool {
    matches!(problem.kind, Kind::Now(Condition::Revoked | Condition::Unlisted))
}

/// What a prune would free in the vault, now and later.
fn frees(prunable: &Prunable) -> Option<Text> {
    let (now, later) = (Arg::Bytes(prunable.bytes), Arg::Bytes(prunable.later_bytes));
    match (prunable.bytes, prunable.later_bytes) {
        (0, 0) => None,
        (0, _) => Some(text!("status-prunable-later", later = later)),
        (_, 0) => Some(text!("status-prunable", now = now)),
        (..) => Some(text!("status-prunable-both", now = now, later = later)),
    }
}

/// That the last attempt at a backup made none.
fn failed(reply: &StatusReply) -> Option<Text> {
    let failed = reply.failed.as_ref()?;
    let (time, why) = (Arg::Time(failed.time), failed.why.clone());
    Some(match reply.last {
        Some(_) => text!("status-failed", time = time, why = why),
        None => text!("status-failed-first", time = time, why = why),
    })
}

/// Whether a problem says no more than the line of the kit.
fn is_told_by_the_kit(problem: &Problem) -> bool {
    problem.kind == Kind::Now(Condition::KitUnproved) && !problem.needs_owner()
}

/// When the kit that alone opens the account was last seen; where it is a problem by now, that says the same.
fn kit(reply: &StatusReply) -> Option<Text> {
    let says_it = |problem: &Problem| match problem.kind {
        Kind::Now(Condition::KitHere) => true,
        Kind::Now(Condition::KitUnproved) => problem.needs_owner(),
        _ => false,
    };
    if !reply.kit.alone || reply.problems.iter().any(says_it) {
        return None;
    }
    Some(match reply.kit.seen {
        Some(seen) => text!("status-kit-seen", time = Arg::Time(seen)),
        None => text!("status-kit-never-seen"),
    })
}

/// How a store stands: what hinders it first, else when it was in step, and what waits.
fn stands(store: &StoreStands) -> Text {
    let step = match store.in_step {
        Some(time) => text!("stands-in-step", time = Arg::Time(time)),
        None => text!("stands-never"),
    };
    let hinders = match (store.allowed, store.away_since, store.full_since) {
        (false, ..) => Some(text!("stands-not-allowed")),
        (true, Some(since), _) if store.emptied => Some(text!("stands-emptied", since = Arg::Time(since))),
        (true, Some(since), _) => Some(text!("stands-away", since = Arg::Time(since))),
        (true, None, Some(since)) => Some(text!("stands-full", since = Arg::Time(since))),
        (true, None, None) => store.closed_since.map(|since| text!("stands-closed", since = Arg::Time(since))),
    };
    let waits = match store.objects {
        0 => text!("stands-nothing-waits"),
        _ => text!("stands-waits", size = Arg::Bytes(store.bytes)),
    };
    match hinders {
        Some(hinders) => text!("stands-hindered", hinders = hinders, step = step, waits = waits),
        None => text!("stands", step = step, waits = waits),
    }
}
