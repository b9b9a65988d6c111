//! The command line: typed words, checked before anything is done.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub use super::cli::access::Access;
use super::cli::key::Key;
use super::cli::privacy::Privacy;
use super::cli::store::Store;
use crate::config::ProfileName;
use crate::local::home::AccountName;
use crate::local::work_lock::Wait;

/// Encrypted, local-first backup for 3D printers.
///
/// Pictures, time-lapse videos, print files and settings are sealed into a local vault that works with no network, and go to
/// your own storage only after you allowed it.
#[derive(Parser)]
#[command(name = "printkeep", version, max_term_width = 110)]
pub struct Arguments {
    /// Folder that everything lies under [default: ~/.printkeep]
    #[arg(long, env = "PRINTKEEP_HOME", global = true, value_hint = ValueHint::DirPath)]
    pub home: Option<PathBuf>,
    /// Account to work with, where there are several
    #[arg(long, global = true, value_parser = parse_account)]
    pub account: Option<AccountName>,
    /// Where the machine's own file system begins, for a printkeep that runs in a container beside it [default: /]
    #[arg(long, env = "PRINTKEEP_SYSTEM_ROOT", global = true, hide = true, value_hint = ValueHint::DirPath)]
    pub system_root: Option<PathBuf>,
    /// Sizes and costs: pc (48 MiB of memory) or printer-small (24 MiB)
    #[arg(long, global = true)]
    pub profile: Option<ProfileName>,
    /// Wait while other work on the account goes on, so long or until it is done: --wait, --wait=10m
    #[arg(long, global = true, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = parse_wait)]
    pub wait: Option<Wait>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only what went wrong
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

fn parse_account(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).ok_or_else(|| "a name has 1 to 64 letters, digits, - and _".into())
}

fn parse_wait(text: &str) -> Result<Wait, String> {
    if text.is_empty() {
        Ok(Wait::Forever)
    } else {
        super::cli::follow::parse_time(text).map(|seconds| Wait::For(std::time::Duration::from_secs(seconds)))
    }
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Set this machine up
    Setup(Box<crate::surface::cli::setup::Setup>),
    /// Back up folders or files, or the configured sources
    Backup(crate::surface::cli::backup::Backup),
    /// Choose what is backed up
    Source(crate::surface::cli::source::Source),
    /// List snapshots
    Snapshots(crate::surface::cli::snapshots::Snapshots),
    /// List what a snapshot holds
    Ls(crate::surface::cli::ls::Ls),
    /// Find files in snapshots by name
    Find(crate::surface::cli::find::Find),
    /// Write one file of a snapshot to standard output
    Cat(crate::surface::cli::cat::Cat),
    /// Show what changed between two snapshots
    Diff(crate::surface::cli::diff::Diff),
    /// Bring files back
    Restore(crate::surface::cli::restore::Restore),
    /// Put everything a lost device had back to where it was, on a new machine
    Rescue(Box<crate::surface::cli::rescue::Rescue>),
    /// Check that the backup is what was written
    Check(crate::surface::cli::check::Check),
    /// Choose where sealed objects go besides the local vault
    Store(Store),
    /// What the owner allows, what is held about them, their rights
    Privacy(Privacy),
    /// Bring the vault and the stores to the same state
    Sync(crate::surface::cli::sync::Sync),
    /// Passphrase, recovery kit, a reading key kept here, and the account's keys
    Key(Key),
    /// Let snapshots go, by name or by rules
    Forget(crate::surface::cli::forget::Forget),
    /// Remove what no snapshot needs
    Prune(crate::surface::cli::prune::Prune),
    /// The rules by which snapshots go by themselves
    Rules(crate::surface::cli::rules::Rules),
    /// The account's devices: which there are, what each may do
    Device(crate::surface::cli::device::Device),
    /// What went wrong, what was done about it, and what you can do
    Problems(crate::surface::cli::problems::Problems),
    /// Last backup, what waits for upload, space, problems
    Status(crate::surface::cli::status::Status),
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions(crate::surface::cli::shell::Completions),
    /// Write the manual pages
    #[command(hide = true)]
    Man(crate::surface::cli::shell::Man),
}

/// How an account is unlocked for reading.
#[derive(Args, Clone, Default)]
pub struct Unlock {
    /// File whose first line is the passphrase
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Recovery kit to use instead of the passphrase
    #[arg(long, value_hint = ValueHint::FilePath)]
    pub recovery_kit: Option<PathBuf>,
}

impl From<Unlock> for crate::app::unlock::Unlock {
    fn from(how: Unlock) -> Self {
        Self { passphrase_file: how.passphrase_file, recovery_kit: how.recovery_kit }
    }
}
