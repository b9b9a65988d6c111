//! `key …`: the words.

pub mod lines;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::app::jobs::key as job;
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::{Owner, Unlock};

/// `key`
#[derive(Args)]
pub struct Key {
    /// What to do
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// `key …`
#[derive(Subcommand)]
pub enum KeyCommand {
    /// What opens the account
    List,
    /// A new passphrase
    Passphrase {
        /// How the account is unlocked now
        #[command(flatten)]
        unlock: Unlock,
        /// File with the new one
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        new_passphrase_file: Option<PathBuf>,
    },
    /// The recovery kit
    Kit(Kit),
    /// New keys
    Rotate(Owner),
    /// One-time codes
    Codes {
        /// On, off, or how it stands
        #[command(subcommand)]
        command: CodesCommand,
    },
    /// The reading key
    Remember {
        /// No longer
        #[arg(long, conflicts_with_all = ["passphrase_file", "recovery_kit"])]
        off: bool,
        /// How the account is unlocked now
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Unlocked for a while
    Unlock(UnlockFor),
    /// Locked now
    Lock,
    /// The accounts of this machine
    Accounts,
    /// Holds the keys; started by `key unlock`
    #[command(hide = true)]
    Hold {
        /// Seconds
        idle: u64,
        /// Seconds
        longest: u64,
    },
}

/// `key kit`
#[derive(Args)]
pub struct Kit {
    /// Only prove that this one opens the account
    #[arg(long, value_name = "KIT", value_hint = ValueHint::FilePath, conflicts_with_all = ["page", "to", "yes", "passphrase_file", "recovery_kit"])]
    pub test: Option<PathBuf>,
    /// Only write the page of the one that lives
    #[arg(long, conflicts_with_all = ["yes", "passphrase_file"])]
    pub page: bool,
    /// Where to
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// How the account is unlocked now
    #[command(flatten)]
    pub unlock: Unlock,
}

/// `key codes …`
#[derive(Subcommand)]
pub enum CodesCommand {
    /// On
    On {
        /// File to write the secret to
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: Option<PathBuf>,
    },
    /// Off
    Off {
        /// How the account is unlocked
        #[command(flatten)]
        unlock: Unlock,
    },
    /// How it stands
    Status,
}

/// `key unlock`
#[derive(Args)]
pub struct UnlockFor {
    /// How long nothing may read
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = limit)]
    pub idle: std::time::Duration,
    /// How long at most
    #[arg(long = "for", value_name = "TIME", default_value = "8h", value_parser = limit)]
    pub longest: std::time::Duration,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// A time such as 90s, 15m, 8h or 2d, from a second to a week.
fn limit(text: &str) -> Result<std::time::Duration, String> {
    let what = "value-time-limit";
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

impl Key {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            KeyCommand::List => Request::KeyList(job::KeyList {}),
            KeyCommand::Passphrase { unlock, new_passphrase_file } => {
                Request::KeyPassphrase(job::KeyPassphrase { unlock: unlock.into(), new_passphrase_file })
            }
            KeyCommand::Kit(args) => args.request(),
            KeyCommand::Rotate(owner) => Request::KeyRotate(job::KeyRotate { owner: owner.into() }),
            KeyCommand::Codes { command: CodesCommand::On { to } } => Request::KeyCodesOn(job::codes::KeyCodesOn { to }),
            KeyCommand::Codes { command: CodesCommand::Off { unlock } } => {
                Request::KeyCodesOff(job::codes::KeyCodesOff { unlock: unlock.into() })
            }
            KeyCommand::Codes { command: CodesCommand::Status } => Request::KeyCodesStatus(job::codes::KeyCodesStatus {}),
            KeyCommand::Remember { off, unlock } => {
                Request::KeyRemember(job::remember::KeyRemember { off, unlock: unlock.into() })
            }
            KeyCommand::Unlock(args) => Request::KeyUnlock(job::agent::KeyUnlock {
                idle: args.idle.as_secs(),
                longest: args.longest.as_secs(),
                unlock: args.unlock.into(),
            }),
            KeyCommand::Lock => Request::KeyLock(job::agent::KeyLock {}),
            KeyCommand::Accounts => Request::KeyAccounts(job::agent::KeyAccounts {}),
            // a process of its own, which is asked nothing
            KeyCommand::Hold { .. } => return Err(Failure::mistake()),
        })
    }
}

impl Kit {
    fn request(self) -> Request {
        let Self { test, page, to, yes, unlock } = self;
        match test {
            Some(kit) => Request::KeyKitTest(job::kit::KeyKitTest { kit }),
            None if page => Request::KeyKitPage(job::kit::KeyKitPage { kit: unlock.recovery_kit, to }),
            None => Request::KeyKit(job::kit::KeyKit { unlock: unlock.into(), to, yes }),
        }
    }
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
