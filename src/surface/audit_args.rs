//! The command lines of `incidents` and `drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::args::Unlock;

/// `incidents`
#[derive(Args)]
pub struct IncidentsArgs {
    /// What to do
    #[command(subcommand)]
    pub command: IncidentsCommand,
}

/// `incidents …`
#[derive(Subcommand)]
pub enum IncidentsCommand {
    /// List what went wrong, the newest last
    List {
        /// Also what is remedied or acknowledged
        #[arg(long)]
        all: bool,
    },
    /// Show one: what happened, what was done, what you can do, the remedy
    Show {
        /// Its number
        number: u64,
    },
    /// Say that you have seen one: it is no problem of `status` any more
    Ack {
        /// Its number
        number: u64,
    },
    /// Write all of them, signed by this device
    Export {
        /// File to write
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
    },
}

/// `drill`
#[derive(Args)]
pub struct Drill {
    /// How many files to try, chosen at random
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub sample: u32,
    /// Bring them from this store alone, as if the vault were lost [default: the vault]
    #[arg(long, value_name = "NAME")]
    pub store: Option<String>,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}
