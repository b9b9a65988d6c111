//! `source`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::app::forms::source::{Detected, Source as Shown, SourceAdded, SourcesDetected, Whose, Worth};
use crate::app::jobs::source::{self as job, Holds, SecretFile, SecretsFound, SourceRemoved, Sources};
use crate::app::{Arg, Failure, Request, Text};
use crate::kind::Group;
use crate::surface::words::Words;
use crate::text;

/// `source`
#[derive(Args)]
pub struct Source {
    /// What to do
    #[command(subcommand)]
    pub command: SourceCommand,
}

/// `source …`
#[derive(Subcommand)]
pub enum SourceCommand {
    /// Add one
    Add {
        /// Where it is
        #[arg(value_hint = ValueHint::AnyPath)]
        path: PathBuf,
        /// Kinds wanted
        #[arg(long, value_delimiter = ',', default_value = "everything")]
        kinds: Vec<String>,
        /// Taken all the same
        #[arg(long, value_name = "PATTERN")]
        include: Vec<String>,
        /// Left out
        #[arg(long, value_name = "PATTERN")]
        exclude: Vec<String>,
        /// No passwords
        #[arg(long)]
        no_credentials: bool,
        /// No old files
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        keep_days: Option<u32>,
    },
    /// List them
    List,
    /// Remove one
    Remove {
        /// Where it is
        #[arg(value_hint = ValueHint::AnyPath)]
        path: PathBuf,
    },
    /// Find what printers keep
    Detect {
        /// Add what is found
        #[arg(long)]
        add: bool,
    },
    /// Look for passwords
    Secrets {
        /// Where
        #[arg(value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
}

impl Source {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            SourceCommand::Add { path, kinds, include, exclude, no_credentials, keep_days } => {
                Request::SourceAdd(job::SourceAdd { path, kinds, include, exclude, no_credentials, keep_days })
            }
            SourceCommand::List => Request::SourceList(job::SourceList {}),
            SourceCommand::Remove { path } => Request::SourceRemove(job::SourceRemove { path }),
            SourceCommand::Detect { add } => Request::SourceDetect(job::SourceDetect { add }),
            SourceCommand::Secrets { paths } => Request::SourceSecrets(job::SourceSecrets { paths }),
        })
    }
}

/// The lines of `source list`.
pub fn list(reply: &Sources, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.sources.iter().map(|source| line(source, words)).collect();
    if lines.is_empty() {
        lines.push(words.say(&text!("source-list-none")));
    }
    lines
}

/// The lines of `source add`.
pub fn added(reply: &SourceAdded, words: &Words) -> Vec<String> {
    let mut lines = added_midway(reply, words);
    lines.push(words.say(&text!("source-added-next")));
    lines
}

/// A source that was added in the middle of a guided run, which itself says what is next.
pub fn added_midway(reply: &SourceAdded, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("source-added", source = line(&reply.added, words)))];
    if let Some(before) = reply.before.as_ref().filter(|before| **before != reply.added) {
        lines.push(words.say(&text!("source-added-before", source = line(before, words))));
    }
    if let Some(other) = &reply.overlaps {
        lines.push(words.say(&text!("source-added-overlaps", path = other.as_path())));
    }
    lines
}

/// The lines of `source remove`.
pub fn removed(reply: &SourceRemoved, words: &Words) -> Vec<String> {
    vec![words.say(&text!("source-removed", path = reply.removed.as_path()))]
}

/// The lines of `source detect`.
pub fn detected(reply: &SourcesDetected, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply
        .found
        .iter()
        .zip(1..)
        .map(|(found, number): (_, u32)| format!("{number:>3}  {}", found_line(found, words)))
        .collect();
    if reply.choosing {
        lines.extend(reply.found.is_empty().then(|| words.say(&text!("source-detected-none-here"))));
        return lines;
    }
    lines.push(words.say(&if reply.found.is_empty() {
        text!("source-detected-none")
    } else if reply.add {
        text!("source-detected-added", added = Arg::Count(reply.added), count = reply.sources.len())
    } else if reply.found.iter().all(|found| found.source) {
        text!("source-detected-all")
    } else {
        text!("source-detected-next")
    }));
    lines
}

/// Something that was found, in a line.
pub fn found_line(found: &Detected, words: &Words) -> String {
    let size = text!("source-size", files = Arg::Count(found.size.files), bytes = Arg::Bytes(found.size.bytes));
    let size = if found.size.at_least { text!("source-size-at-least", size = size) } else { size };
    let mut notes: Vec<String> = found.source.then(|| words.say(&text!("source-is-one"))).into_iter().collect();
    notes.extend(found.about.map(|about| {
        words.say(&match about {
            Worth::MayHoldPasswords => text!("source-may-hold-passwords"),
            Worth::OwnBackups => text!("source-own-backups"),
            Worth::PrintHistory => text!("source-print-history"),
        })
    }));
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    format!("{:<18}{}  {}{notes}", words.say(&whose(found.what)), found.path.display(), words.say(&size))
}

/// The lines of `source secrets`.
pub fn secrets(reply: &SecretsFound, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.files.iter().map(|file| secret_line(file, words)).collect();
    lines.push(words.say(&match (reply.looked_at, reply.files.is_empty()) {
        (0, _) => text!("source-secrets-no-settings"),
        (count, true) => text!("source-secrets-none", count = Arg::Count(count)),
        _ => text!("source-secrets-leave-out"),
    }));
    lines
}

fn secret_line(file: &SecretFile, words: &Words) -> String {
    let first: Vec<String> = file.credentials.iter().take(3).map(|one| words.say(&held(one.line, one.holds))).collect();
    let more = file.credentials.len().saturating_sub(3);
    let more = if more > 0 { words.say(&text!("source-secrets-more", count = more)) } else { String::new() };
    format!("{}: {}{more}", file.path, first.join(", "))
}

fn held(line: u32, holds: Holds) -> Text {
    let what = match holds {
        Holds::WifiKey => text!("holds-wifi-key"),
        Holds::Password => text!("holds-password"),
        Holds::Token => text!("holds-token"),
        Holds::Address => text!("holds-address"),
        Holds::PrivateKey => text!("holds-private-key"),
    };
    text!("source-secret", line = line, what = what)
}

/// A source in a line.
pub fn line(source: &Shown, words: &Words) -> String {
    let kinds = match &source.kinds {
        None => words.say(&text!("source-everything")),
        Some(kinds) => kinds.iter().map(|kind| words.say(&kind_word(*kind))).collect::<Vec<_>>().join(", "),
    };
    let mut line = words.say(&text!("source-line", path = source.path.as_path(), kinds = kinds));
    if !source.exclude.is_empty() {
        line.push_str(&words.say(&text!("source-line-exclude", patterns = source.exclude.join(" "))));
    }
    if !source.include.is_empty() {
        line.push_str(&words.say(&text!("source-line-include", patterns = source.include.join(" "))));
    }
    if source.no_credentials {
        line.push_str(&words.say(&text!("source-line-no-passwords")));
    }
    if let Some(days) = source.keep_days {
        line.push_str(&words.say(&text!("source-line-days", count = days)));
    }
    line
}

fn kind_word(kind: Group) -> Text {
    match kind {
        Group::Images => text!("kind-images"),
        Group::Video => text!("kind-video"),
        Group::Prints => text!("kind-prints"),
        Group::Settings => text!("kind-settings"),
        Group::Other => text!("kind-other"),
    }
}

fn whose(what: Whose) -> Text {
    match what {
        Whose::Moonraker => text!("whose-moonraker"),
        Whose::Timelapse => text!("whose-timelapse"),
        Whose::OctoPrint => text!("whose-octoprint"),
        Whose::CrealityOs => text!("whose-creality"),
    }
}
