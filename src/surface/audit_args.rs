//! The command lines of `audit`, `incidents` and `drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

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
