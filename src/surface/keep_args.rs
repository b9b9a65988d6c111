//! Arguments of the commands that let snapshots go or make them stay: `forget`, `tag`, `pin`, `unpin`, `prune`.

use clap::{Args, Subcommand};

use super::args::Unlock;
use crate::config::{Retention, parse_time};
use crate::engine::retention::Rules;

/// `forget`
#[derive(Args)]
pub struct Forget {
    /// Snapshots to forget: a number, or one behind a device's name and a colon [default: those that no --keep rule keeps]
    #[arg(conflicts_with_all = ["keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within", "keep_tag", "device"])]
    pub snapshots: Vec<String>,
    /// What stays
    #[command(flatten)]
    pub keep: Keep,
    /// Judge the snapshots of this device, or of all; each device's are judged apart
    #[arg(long, value_name = "NAME", default_value = "all")]
    pub device: String,
    /// Only say what would be forgotten
    #[arg(long)]
    pub dry_run: bool,
}

/// Which snapshots stay.
#[derive(Args)]
pub struct Keep {
    /// Keep the newest N of each device
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_last: u32,
    /// Keep the last one of each of N hours
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_hourly: u32,
    /// Keep the last one of each of N days (UTC)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_daily: u32,
    /// Keep the last one of each of N weeks
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_weekly: u32,
    /// Keep the last one of each of N months
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_monthly: u32,
    /// Keep the last one of each of N years
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep_yearly: u32,
    /// Keep all that are at most so much older than the newest: 12h, 30d, 8w, 2y
    #[arg(long, value_name = "TIME", value_parser = check_time)]
    pub keep_within: Option<String>,
    /// Keep all with this tag
    #[arg(long, value_name = "TAG")]
    pub keep_tag: Vec<String>,
}

impl Keep {
    /// As the settings hold them.
    pub fn retention(&self, grace: Option<String>) -> Retention {
        Retention {
            keep_last: self.keep_last,
            keep_hourly: self.keep_hourly,
            keep_daily: self.keep_daily,
            keep_weekly: self.keep_weekly,
            keep_monthly: self.keep_monthly,
            keep_yearly: self.keep_yearly,
            keep_within: self.keep_within.clone(),
            keep_tags: self.keep_tag.clone(),
            grace,
        }
    }
}

/// The rules of settings.
pub fn rules(of: &Retention) -> Rules {
    Rules {
        last: of.keep_last,
        hourly: of.keep_hourly,
        daily: of.keep_daily,
        weekly: of.keep_weekly,
        monthly: of.keep_monthly,
        yearly: of.keep_yearly,
        within: of.within(),
        tags: of.keep_tags.clone(),
    }
}

/// `tag`
#[derive(Args)]
pub struct Tag {
    /// What to do
    #[command(subcommand)]
    pub command: TagCommand,
}

/// `tag …`
#[derive(Subcommand)]
pub enum TagCommand {
    /// Give a snapshot a tag
    Add {
        /// The snapshot
        snapshot: String,
        /// At most 64 bytes
        text: String,
    },
    /// Take a tag from a snapshot
    Remove {
        /// The snapshot
        snapshot: String,
        /// The tag
        text: String,
    },
}

/// `pin` and `unpin`
#[derive(Args)]
pub struct Pin {
    /// A number, `latest`, or either behind a device's name and a colon
    pub snapshot: String,
}

/// `prune`
#[derive(Args)]
pub struct Prune {
    /// Only say what would be done, and what it would cost
    #[arg(long)]
    pub dry_run: bool,
    /// How long what nothing needs stays before it is removed: 0d, 12h, 7d, 4w
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = parse_time)]
    pub grace: i64,
    /// Move what is needed out of packs of which less than this is needed; 0% for never. Needs your passphrase or recovery kit
    #[arg(long, value_name = "PERCENT", default_value = "50%", value_parser = parse_percent)]
    pub repack_below: u8,
    /// Prune this store and the local vault only [default: every store that can be reached]
    #[arg(long, value_name = "NAME")]
    pub store: Option<String>,
    /// How the account is unlocked, for repacking
    #[command(flatten)]
    pub unlock: Unlock,
}

/// A time that is kept as it was written.
pub fn check_time(text: &str) -> Result<String, String> {
    parse_time(text).map(|_| text.to_owned())
}

fn parse_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|n| *n <= 95).ok_or_else(|| "a share is 0% to 95%".into())
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
