//! `backup`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{rules, setup};
use crate::app::forms::omission::Omission;
use crate::app::jobs::backup::{self as job, BackedUp, Omitted};
use crate::app::reading::shell_word;
use crate::app::{Arg, Failure, Request};
use crate::surface::words::Words;
use crate::text;

/// So many of a kind are named.
const MOST_TOLD: usize = 3;

/// `backup`
#[derive(Args)]
pub struct Backup {
    /// Folders or files
    #[arg(value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Left out
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

impl Backup {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Backup(job::Backup { paths: self.paths, exclude: self.exclude }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &BackedUp, words: &Words) -> Vec<String> {
    let mut lines = reply.made.as_ref().map(|made| setup::made(made, words)).unwrap_or_default();
    let seconds = format!("{:.1}", reply.took_ms as f64 / 1000.0);
    lines.push(words.say(&text!(
        "backup-done",
        number = Arg::Count(reply.snapshot),
        files = Arg::Count(reply.files),
        bytes = Arg::Bytes(reply.bytes),
        read = Arg::Count(reply.read),
        read_bytes = Arg::Bytes(reply.read_bytes),
        stored = Arg::Bytes(reply.stored),
        seconds = seconds
    )));
    lines.extend(left_out(reply, words));
    lines.extend(not_whole(reply, words));
    if reply.snapshot == 1 {
        lines.push(words.say(&text!("backup-first", vault = reply.vault.as_path())));
        lines.push(words.say(&if reply.stores == 0 { text!("backup-no-store") } else { text!("backup-to-sync") }));
    }
    let add = |path: &PathBuf| words.say(&text!("backup-no-source", path = shell_word(path)));
    lines.extend(reply.no_source.iter().take(MOST_TOLD).map(add));
    lines.extend(reply.snapshots.iter().flat_map(|applied| rules::applied(applied, words)));
    lines
}

/// What is not in the snapshot by rule, and what is in it though it lies elsewhere.
fn left_out(reply: &BackedUp, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |count: u64, text| lines.extend((count > 0).then(|| words.say(&text)));
    let with_credentials = reply.credentials.saturating_sub(reply.left_out);
    say(reply.skipped, text!("backup-special", count = Arg::Count(reply.skipped)));
    say(with_credentials, text!("backup-credentials", count = Arg::Count(with_credentials)));
    say(reply.left_out, text!("backup-credentials-left-out", count = Arg::Count(reply.left_out)));
    say(reply.old, text!("backup-old", count = Arg::Count(reply.old)));
    let aside = reply.put_aside.count;
    say(aside, text!("backup-put-aside", count = Arg::Count(aside), names = first_names(&reply.put_aside.first, aside)));
    for link in &reply.followed {
        lines.push(words.say(&text!("backup-followed", path = &link.path, to = link.to.as_path())));
    }
    lines.extend(reply.omitted.iter().filter_map(|(why, omitted)| omission(*why, omitted, words)));
    lines
}

/// What was left out for one reason, the first few by name; what has a line of its own is not told again.
fn omission(why: Omission, omitted: &Omitted, words: &Words) -> Option<String> {
    let names = first_names(&omitted.first, omitted.count);
    let count = Arg::Count(omitted.count);
    Some(words.say(&match why {
        Omission::Pipe | Omission::Socket | Omission::Device | Omission::Old | Omission::Credentials => return None,
        Omission::Database => text!("backup-database", names = names),
        Omission::LeadsOut => text!("backup-leads-out", count = count, names = names),
        Omission::Pattern | Omission::Kind | Omission::Temporary | Omission::Remade | Omission::LostFound | Omission::Own => {
            text!("backup-omitted", count = count, reason = omitted.reason.clone(), names = names)
        }
    }))
}

/// The first few by name.
fn first_names(first: &[String], count: u64) -> String {
    let names = first.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join(", ");
    if count > MOST_TOLD as u64 { names + ", …" } else { names }
}

/// What is not in the snapshot and was to be, or that nobody can read it.
pub fn not_whole(reply: &BackedUp, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    if reply.unreadable {
        lines.push(words.say(&text!("backup-unreadable")));
    }
    if reply.changed > 0 {
        lines.push(words.say(&text!("backup-changed", count = Arg::Count(reply.changed))));
    }
    lines.extend(reply.missing.iter().map(|path| words.say(&text!("backup-missing", path = path))));
    let files = reply.failed.saturating_sub(reply.missing.len() as u64);
    if files > 0 {
        lines.push(words.say(&text!("backup-failed", count = Arg::Count(files))));
    }
    lines
}
