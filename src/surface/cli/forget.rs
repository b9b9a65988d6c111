//! `forget`.

use clap::Args;

use super::rules::Keep;
use crate::app::forms::judged::JudgedSnapshot;
use crate::app::jobs::forget::{self as job, Forgotten};
use crate::app::{Arg, Failure, Request};
use crate::surface::words::{self, Words};
use crate::text;

/// `forget`
#[derive(Args)]
pub struct Forget {
    /// Snapshots
    #[arg(conflicts_with_all = ["keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within", "keep_tag", "device"])]
    pub snapshots: Vec<String>,
    /// What stays
    #[command(flatten)]
    pub keep: Keep,
    /// Whose snapshots
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Only say it
    #[arg(long)]
    pub dry_run: bool,
}

impl Forget {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        let device = self.device.filter(|name| name != "all");
        Ok(Request::Forget(job::Forget { snapshots: self.snapshots, keep: self.keep.into(), device, dry_run: self.dry_run }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Forgotten, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.snapshots.iter().map(|one| line(one, words)).collect();
    let (gone, kept) = (Arg::Count(reply.forgotten), Arg::Count(reply.kept));
    lines.push(words.say(&match reply.dry_run {
        true => text!("forget-would", count = gone, kept = kept),
        false => text!("forget-done", count = gone, kept = kept),
    }));
    if reply.forgotten > 0 && !reply.dry_run {
        lines.push(words.say(&text!("forget-then-prune")));
    }
    lines
}

/// A snapshot that was judged, in a line: with its sources where it goes, and with what it lacks.
pub fn line(one: &JudgedSnapshot, words: &Words) -> String {
    let name = if one.own { one.number.to_string() } else { format!("{}:{}", one.device, one.number) };
    let word = words.say(&if one.kept { text!("forget-keeps") } else { text!("forget-forgets") });
    let why = one.reason.as_deref().map(|reason| format!("  ({})", words.say(&reason_text(reason)))).unwrap_or_default();
    let held = if one.kept || one.sources.is_empty() { String::new() } else { format!("  {}", one.sources.join(", ")) };
    let lacks = match one.missing.is_empty() {
        true => String::new(),
        false => format!("  [{}]", words.say(&text!("incomplete-sources", sources = one.missing.join(", ")))),
    };
    format!("{word:<7} {name:>6}  {}{why}{held}{lacks}", words::time(one.time))
}

fn reason_text(reason: &str) -> crate::app::Text {
    match reason {
        "the newest" => text!("keep-newest"),
        "pinned" => text!("keep-pinned"),
        "last" => text!("keep-last"),
        "hourly" => text!("keep-hourly"),
        "daily" => text!("keep-daily"),
        "weekly" => text!("keep-weekly"),
        "monthly" => text!("keep-monthly"),
        "yearly" => text!("keep-yearly"),
        "within" => text!("keep-within"),
        "tag" => text!("keep-tag"),
        "source" => text!("keep-source"),
        "its time is not believed" => text!("keep-time-not-believed"),
        other => crate::app::Text::plain(other),
    }
}
