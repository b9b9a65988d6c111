//! The command line of `account`.

use clap::{Args, Subcommand};

use super::args::Unlock;

/// `account`
#[derive(Args)]
pub struct Accounts {
    /// What to do
    #[command(subcommand)]
    pub command: AccountCommand,
}

/// `account …`
#[derive(Subcommand)]
pub enum AccountCommand {
    /// List the accounts on this machine, and whether they are unlocked
    List,
    /// Keep the account unlocked for a while: commands that read need no passphrase until it is locked again
    Unlock(UnlockFor),
    /// Lock it now: its keys leave memory before this comes back
    Lock,
    /// Holds the keys; started by `account unlock`
    #[command(hide = true)]
    Hold {
        /// Seconds
        idle: u64,
        /// Seconds
        longest: u64,
    },
}

/// `account unlock`
#[derive(Args)]
pub struct UnlockFor {
    /// Lock it when nothing has read for so long: 15m, 2h
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = limit)]
    pub idle: std::time::Duration,
    /// Lock it after so long in any case
    #[arg(long = "for", value_name = "TIME", default_value = "8h", value_parser = limit)]
    pub longest: std::time::Duration,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// A time such as 90s, 15m, 8h or 2d, from a second to a week.
fn limit(text: &str) -> Result<std::time::Duration, String> {
    let what = "write a time from 1s to 7d: 90s, 15m, 8h, 2d";
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(what)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(what.into()),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).ok_or(what)?;
    if (1..=7 * 86_400).contains(&seconds) { Ok(std::time::Duration::from_secs(seconds)) } else { Err(what.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_bounded() {
        let seconds = |text| limit(text).map(|time| time.as_secs());
        assert_eq!([seconds("1s"), seconds("15m"), seconds("8h"), seconds("7d")], [Ok(1), Ok(900), Ok(28_800), Ok(604_800)]);
        for bad in ["", "s", "0s", "8d", "-1h", "1", "15 m", "1w", "99999999999999999999d", "1µ", "604801s"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
