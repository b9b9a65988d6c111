//! The command line between devices: rescue, follow, send, inbox.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::args::Unlock;

/// `send`
#[derive(Args)]
pub struct Send {
    /// The file
    #[arg(required_unless_present = "cancel", requires = "to", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// The device, by its name or the first 8 digits of its id
    #[arg(long, value_name = "DEVICE")]
    pub to: Option<String>,
    /// Take back the letter whose id begins so, as `inbox show` lists it
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "to"])]
    pub cancel: Option<String>,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// `inbox`
#[derive(Args)]
pub struct InboxArgs {
    /// What to do
    #[command(subcommand)]
    pub command: InboxCommand,
}

/// `inbox …`
#[derive(Subcommand)]
pub enum InboxCommand {
    /// Let files that you send to this device into a folder; nothing there is ever replaced
    Allow {
        /// The folder
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// The largest file that is taken: bytes, or with kB, MB, GB
        #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = parse_size)]
        max_size: u64,
    },
    /// Let nothing in; letters stay in the store
    Deny,
    /// Show what is allowed, what waits, and what was sent from here and not taken yet
    Show,
    /// Take what the stores hold for this device now
    Receive,
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        _ => return Err("say a number of bytes, or with kB, MB or GB, such as 500MB".into()),
    };
    // more than the settings file can say is more than any disk
    let size = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).filter(|n| (1..=i64::MAX as u64).contains(n));
    size.ok_or_else(|| "that is no size of a file".into())
}
