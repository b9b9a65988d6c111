//! `forget`.

use clap::Args;

use super::rules::Keep;
use super::snapshots::judged;
use crate::app::jobs::forget::{self as job, Forgotten};
use crate::app::{Arg, Failure, Request};
use crate::surface::words::Words;
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
    let mut lines: Vec<String> = reply.snapshots.iter().map(|one| judged(one, words)).collect();
    lines.extend(reply.gone.iter().map(|one| {
        let name = if one.own { one.number.to_string() } else { format!("{}:{}", one.device, one.number) };
        words.say(&text!("forget-gone", snapshot = name))
    }));
    let (gone, kept) = (Arg::Count(reply.forgotten), Arg::Count(reply.kept));
    lines.push(words.say(&match reply.dry_run {
        true => text!("forget-would", count = gone, kept = kept),
        false => text!("forget-done", count = gone, kept = kept),
    }));
    if reply.forgotten > reply.gone.len() as u64 && !reply.dry_run {
        lines.push(words.say(&text!("forget-then-prune")));
    }
    lines
}
