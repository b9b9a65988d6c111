//! `device follow`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::app::forms::following::{ChangeKind, Followings};
use crate::app::jobs::device::{DeviceFollow, Followed};
use crate::app::{Arg, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `device follow`
#[derive(Args)]
pub struct Follow {
    /// The device
    pub device: String,
    /// Its source
    pub source: OsString,
    /// Where the files come to
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: PathBuf,
    /// One round
    #[arg(long)]
    pub once: bool,
    /// Time between rounds
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_time)]
    pub every: u64,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// Seconds, from a number with s, m or h.
pub fn parse_time(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("value-time".into()),
    };
    let seconds = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).filter(|n| (1..=7 * 86_400).contains(n));
    seconds.ok_or_else(|| "value-time-range".into())
}

impl Follow {
    /// What it asks for.
    pub fn request(self) -> Request {
        let every = (!self.once).then_some(self.every);
        let (source, unlock) = (PathBuf::from(self.source), self.unlock.into());
        Request::DeviceFollow(DeviceFollow { device: self.device, source, to: self.to, every, unlock })
    }
}

/// A change in a line.
pub fn change_line(change: &Followings, device: &str, words: &Words) -> String {
    let path = change.path.as_str();
    words.say(&match change.change {
        ChangeKind::New => text!("follow-new", path = path),
        ChangeKind::Updated => text!("follow-updated", path = path),
        ChangeKind::Beside => text!("follow-beside", path = path, name = change.name.clone().unwrap_or_default()),
        ChangeKind::Kept => text!("follow-kept", path = path, device = device),
        ChangeKind::Failed => match change.reason.clone() {
            Some(why) => text!("follow-failed", path = path, why = why),
            None => text!("follow-failed", path = path, why = ""),
        },
    })
}

/// The lines of the reply.
pub fn lines(reply: &Followed, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!(
        "follow-brought",
        count = Arg::Count(reply.brought),
        bytes = Arg::Bytes(reply.bytes),
        number = reply.snapshot,
        to = reply.to.as_path()
    ))];
    if reply.beside > 0 {
        lines.push(words.say(&text!("follow-edited", count = Arg::Count(reply.beside))));
    }
    if reply.failed > 0 {
        lines.push(words.say(&text!("follow-not-brought", count = Arg::Count(reply.failed))));
    }
    lines
}
