//! The command line: typed words, checked before anything is done, and the request that they make.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};

use super::help::MOST_COLUMNS;
use super::{
    backup, cat, check, device, diff, find, follow, forget, key, ls, privacy, problems, prune, rescue, restore, rules, setup,
    shell, snapshots, source, status, store, sync,
};
use crate::app::{Failure, Request};
use crate::config::ProfileName;
use crate::local::home::AccountName;
use crate::local::work_lock::Wait;

/// Encrypted, local-first backup for 3D printers.
///
/// Pictures, time-lapse videos, print files and settings are sealed into a local vault that works with no network, and go to
/// your own storage only after you allowed it.
#[derive(Parser)]
#[command(name = "printkeep", version, max_term_width = MOST_COLUMNS)]
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
    /// Sizes and costs: pc (about 50 MiB of memory) or printer-small (about 35 MiB)
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
    AccountName::parse(text).ok_or_else(|| "value-account".into())
}

fn parse_wait(text: &str) -> Result<Wait, String> {
    if text.is_empty() {
        Ok(Wait::Forever)
    } else {
        follow::parse_time(text).map(|seconds| Wait::For(std::time::Duration::from_secs(seconds)))
    }
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Set this machine up
    Setup(Box<setup::Setup>),
    /// Back up folders or files, or the configured sources
    Backup(backup::Backup),
    /// Choose what is backed up
    Source(source::Source),
    /// List snapshots
    Snapshots(snapshots::Snapshots),
    /// List what a snapshot holds
    Ls(ls::Ls),
    /// Find files in snapshots by name
    Find(find::Find),
    /// Write one file of a snapshot to standard output
    Cat(cat::Cat),
    /// Show what changed between two snapshots
    Diff(diff::Diff),
    /// Bring files back
    Restore(restore::Restore),
    /// Put everything a lost device had back to where it was, on a new machine
    Rescue(Box<rescue::Rescue>),
    /// Check that the backup is what was written
    Check(check::Check),
    /// Choose where sealed objects go besides the local vault
    Store(store::Store),
    /// What the owner allows, what is held about them, their rights
    Privacy(privacy::Privacy),
    /// Bring the vault and the stores to the same state
    Sync(sync::Sync),
    /// Passphrase, recovery kit, a reading key kept here, and the account's keys
    Key(key::Key),
    /// Let snapshots go, by name or by rules
    Forget(forget::Forget),
    /// Remove what no snapshot needs
    Prune(prune::Prune),
    /// The rules by which snapshots go by themselves
    Rules(rules::Rules),
    /// The account's devices: which there are, what each may do
    Device(device::Device),
    /// What went wrong, what was done about it, and what you can do
    Problems(problems::Problems),
    /// Last backup, what waits for upload, space, problems
    Status(status::Status),
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions(shell::Completions),
    /// Write the manual pages
    #[command(hide = true)]
    Man(shell::Man),
}

impl Arguments {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        let (json, streamed) = (self.json, !self.json);
        match self.command {
            Command::Device(args) => args.request(),
            Command::Cat(args) => args.request(json),
            Command::Check(args) => args.request(),
            Command::Diff(args) => args.request(streamed),
            Command::Find(args) => args.request(streamed),
            Command::Ls(args) => args.request(streamed),
            Command::Problems(args) => args.request(),
            Command::Restore(args) => args.request(),
            Command::Status(args) => args.request(),
            Command::Rescue(args) => args.request(),
            Command::Setup(args) => args.request(),
            Command::Snapshots(args) => args.request(),
            Command::Backup(args) => args.request(),
            Command::Sync(args) => args.request(),
            Command::Forget(args) => args.request(),
            Command::Prune(args) => args.request(),
            Command::Rules(args) => args.request(),
            Command::Store(args) => args.request(),
            Command::Key(args) => args.request(),
            Command::Privacy(args) => args.request(),
            Command::Source(args) => args.request(),
            // these ask nothing, and were answered before
            Command::Completions(_) | Command::Man(_) => Err(Failure::mistake()),
        }
    }
}
