//! Arguments of the commands that let snapshots go or make them stay: `forget`, `tag`, `pin`, `unpin`, `prune`.

use clap::{Args, Subcommand};

use super::args::Unlock;
use crate::engine::retention::Rules;

/// `forget`
#[derive(Args)]
pub struct Forget {
    /// Snapshots to forget: a number, or one behind a device's name and a colon [default: those that no --keep rule keeps]
    #[arg(conflicts_with_all = ["keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within", "keep_tag", "device"])]
    pub snapshots: Vec<String>,
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
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub keep_within: Option<i64>,
    /// Keep all with this tag
    #[arg(long, value_name = "TAG")]
    pub keep_tag: Vec<String>,
    /// Judge the snapshots of this device, or of all; each device's are judged apart
    #[arg(long, value_name = "NAME", default_value = "all")]
    pub device: String,
    /// Only say what would be forgotten
    #[arg(long)]
    pub dry_run: bool,
}

impl Forget {
    /// The rules.
    pub fn rules(&self) -> Rules {
        Rules {
            last: self.keep_last,
            hourly: self.keep_hourly,
            daily: self.keep_daily,
            weekly: self.keep_weekly,
            monthly: self.keep_monthly,
            yearly: self.keep_yearly,
            within: self.keep_within,
            tags: self.keep_tag.clone(),
        }
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

/// The longest time that may be given, in seconds: a hundred years.
const LONGEST: i64 = 100 * 366 * 86_400;

fn parse_time(text: &str) -> Result<i64, String> {
    let wrong = || "a time is a number and h, d, w or y, such as 30d; at most a hundred years".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "y" => 365 * 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Some(i64::from(number) * seconds).filter(|time| *time <= LONGEST).ok_or_else(wrong)
}

fn parse_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|n| *n <= 95).ok_or_else(|| "a share is 0% to 95%".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read_or_refused() {
        assert_eq!([parse_time("12h"), parse_time("30d"), parse_time("0d")], [Ok(43_200), Ok(2_592_000), Ok(0)]);
        for bad in ["", "d", "30", "-1d", "1.5d", "30 d", "4294967295y", "ü", "30ü"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
        assert_eq!([parse_percent("50%"), parse_percent("0")], [Ok(50), Ok(0)]);
        assert!(parse_percent("96%").is_err() && parse_percent("%").is_err() && parse_percent("-1").is_err());
    }
}
