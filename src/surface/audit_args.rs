//! The command lines of `audit`, `incidents` and `drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::args::Unlock;

/// `audit`
#[derive(Args)]
pub struct Audit {
    /// What to do
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// `audit …`
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Show the newest entries
    Show {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 50)]
        last: usize,
        /// Show names of files, devices and stores; without, each stands as a word that is always the same for the same name
        #[arg(long)]
        names: bool,
    },
    /// Check that nothing was removed, changed or put elsewhere; names what was (exit 7)
    Verify,
    /// Write the whole log, signed by this device
    Export {
        /// File to write
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
        /// With names
        #[arg(long)]
        names: bool,
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
