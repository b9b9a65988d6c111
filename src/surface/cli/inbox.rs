//! `device send` and `device inbox`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::inbox_exchange::{self, device, file};
use crate::app::jobs::device::{
    self as job, DeviceSendCancelled, DeviceSent, InboxFolder, InboxReceived, InboxShown, WaitingFile,
};
use crate::app::jobs::inbox_exchange::{SentFile, SentState};
use crate::app::{Arg, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `device send`
#[derive(Args)]
pub struct Send {
    /// The file
    #[arg(required_unless_present = "cancel", requires = "to", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// The device
    #[arg(long, value_name = "DEVICE")]
    pub to: Option<String>,
    /// Take one back
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "to"])]
    pub cancel: Option<String>,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

impl Send {
    /// What it asks for.
    pub fn request(self) -> Request {
        match self.cancel {
            Some(id) => Request::DeviceSendCancel(job::DeviceSendCancel { id }),
            None => {
                let (file, to) = (self.file.unwrap_or_default(), self.to.unwrap_or_default());
                Request::DeviceSend(job::DeviceSend { file, to, unlock: self.unlock.into() })
            }
        }
    }
}

/// `device inbox`
#[derive(Args)]
pub struct Inbox {
    /// What to do
    #[command(subcommand)]
    pub command: InboxCommand,
}

/// `device inbox …`
#[derive(Subcommand)]
pub enum InboxCommand {
    /// Let files in
    Allow {
        /// The folder
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// The largest file
        #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = parse_size)]
        max_size: u64,
    },
    /// Let nothing in
    Deny,
    /// What is allowed, waits, was sent
    Show,
    /// Take what is there
    Receive,
}

impl Inbox {
    /// What it asks for.
    pub fn request(self) -> Request {
        match self.command {
            InboxCommand::Allow { folder, max_size } => Request::InboxAllow(job::InboxAllow { folder, max_bytes: max_size }),
            InboxCommand::Deny => Request::InboxDeny(job::InboxDeny {}),
            InboxCommand::Show => Request::InboxShow(job::InboxShow {}),
            InboxCommand::Receive => Request::InboxReceive(job::InboxReceive {}),
        }
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        _ => return Err("value-size".into()),
    };
    // more than the settings file can say is more than any disk
    let size = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).filter(|n| (1..=i64::MAX as u64).contains(n));
    size.ok_or_else(|| "value-size-range".into())
}

/// The lines of `device send`.
pub fn sent(reply: &DeviceSent, words: &Words) -> Vec<String> {
    let (file, id) = (reply.file.as_path(), short(&reply.id));
    let mut lines = vec![words.say(&text!("send-sealed", file = file, device = &reply.device, id = id))];
    if !reply.sent {
        lines.push(words.say(&text!("send-waits")));
    }
    lines.extend(reply.stores.iter().flat_map(|store| inbox_exchange::lines(store, words)));
    lines
}

/// The lines of `device send --cancel`.
pub fn cancelled(reply: &DeviceSendCancelled, words: &Words) -> Vec<String> {
    vec![words.say(&text!("send-cancelled", name = &reply.name))]
}

/// The lines of `device inbox allow`.
pub fn allowed(reply: &InboxFolder, words: &Words) -> Vec<String> {
    let mut lines = vec![folder(Some(reply), words)];
    if reply.made {
        lines.push(words.say(&text!("inbox-made")));
    }
    lines.push(words.say(&text!("inbox-only-you")));
    lines
}

/// The lines of `device inbox deny`.
pub fn denied(_: &InboxFolder, words: &Words) -> Vec<String> {
    vec![words.say(&text!("inbox-denied"))]
}

fn folder(of: Option<&InboxFolder>, words: &Words) -> String {
    match of.and_then(|inbox| Some((inbox.folder.as_deref()?, inbox.max_bytes?))) {
        Some((path, size)) => words.say(&text!("inbox-folder", path = path, size = Arg::Bytes(size))),
        None => words.say(&text!("inbox-none")),
    }
}

/// The lines of `device inbox show`.
pub fn show(reply: &InboxShown, words: &Words) -> Vec<String> {
    let mut lines = vec![folder(reply.inbox.as_ref(), words)];
    lines.extend(reply.waiting.iter().map(|one| waiting(one, reply.now, words)));
    lines.extend(reply.sent.iter().map(|one| outgoing(one, reply.now, words)));
    if reply.waiting.iter().any(|one| one.old) || reply.sent.iter().any(|one| one.old) {
        lines.push(words.say(&text!("inbox-old")));
    }
    lines
}

fn age(old: bool, time: i64, now: i64, words: &Words) -> String {
    let days = now.saturating_sub(time) / 86_400;
    if old { words.say(&text!("inbox-age", count = Arg::Count(days.unsigned_abs()))) } else { String::new() }
}

fn waiting(one: &WaitingFile, now: i64, words: &Words) -> String {
    words.say(&text!(
        "inbox-waits",
        id = short(&one.id),
        size = Arg::Bytes(one.size),
        name = file(one.name.as_deref()),
        from = device(one.from.as_deref()),
        age = age(one.old, one.time, now, words),
        why = one.reason.clone()
    ))
}

fn outgoing(one: &SentFile, now: i64, words: &Words) -> String {
    let state = match one.state {
        SentState::Unfinished => text!("sent-unfinished"),
        SentState::Queued if one.stores.iter().any(|store| store.whole) => text!("sent-there"),
        SentState::Queued => text!("sent-waits"),
        SentState::Taken => text!("sent-taken"),
        SentState::Cancelled => text!("sent-cancelled"),
    };
    words.say(&text!(
        "inbox-sent",
        state = state,
        id = short(&one.id),
        size = Arg::Bytes(one.size),
        name = &one.name,
        device = &one.device,
        age = age(one.old, one.time, now, words)
    ))
}

fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// The lines of `device inbox receive`.
pub fn received(reply: &InboxReceived, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.stores.iter().flat_map(|store| inbox_exchange::lines(store, words)).collect();
    if lines.is_empty() {
        lines.push(words.say(&text!("inbox-nothing")));
    }
    lines
}
