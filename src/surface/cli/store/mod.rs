//! `store …`: the words.

pub mod lines;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};

use super::access::Access;
use crate::app::jobs::store as job;
use crate::app::{Failure, Request};

/// `store`
#[derive(Args)]
pub struct Store {
    /// What to do
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// `store …`
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Add a store
    Add(Box<Add>),
    /// List the stores
    List,
    /// Change a store
    Set(Box<Set>),
    /// Forget a store
    Remove {
        /// Its name
        name: String,
    },
    /// Try a store
    Test {
        /// Its name
        name: Option<String>,
    },
    /// What credentials must be allowed
    Rights(Rights),
    /// Show again what was shown
    Undo(Box<Undo>),
    /// Regions
    Regions {
        /// The only ones
        #[arg(conflicts_with = "any")]
        regions: Vec<String>,
        /// Any
        #[arg(long)]
        any: bool,
    },
}

/// `store add`
#[derive(Args)]
pub struct Add {
    /// Where it is
    pub url: String,
    /// What to call it
    #[arg(long)]
    pub name: Option<String>,
    /// How it is reached
    #[command(flatten)]
    pub access: Access,
    /// Where it lies
    #[arg(long)]
    pub region: Option<String>,
    /// This device only writes there
    #[arg(long)]
    pub write_only: bool,
    /// How long what is put there cannot be removed
    #[arg(long, value_name = "DAYS")]
    pub lock: Option<String>,
    /// Who can lift the lock
    #[arg(long, value_name = "MODE", requires = "lock", default_value = "governance")]
    pub lock_mode: LockMode,
}

/// `store set`
#[derive(Args)]
#[command(group = ArgGroup::new("reads").multiple(false))]
pub struct Set {
    /// Its name
    pub name: String,
    /// Where it is
    #[arg(long)]
    pub url: Option<String>,
    /// How it is reached
    #[command(flatten)]
    pub access: Access,
    /// No limit
    #[arg(long, conflicts_with = "limit")]
    pub no_limit: bool,
    /// Where it lies
    #[arg(long)]
    pub region: Option<String>,
    /// This device only writes there
    #[arg(long, group = "reads")]
    pub write_only: bool,
    /// It reads there, too
    #[arg(long, group = "reads")]
    pub read_write: bool,
    /// How long what is put there cannot be removed
    #[arg(long, value_name = "DAYS")]
    pub lock: Option<String>,
    /// Who can lift the lock
    #[arg(long, value_name = "MODE", requires = "lock", default_value = "governance")]
    pub lock_mode: LockMode,
    /// No lock
    #[arg(long, conflicts_with = "lock")]
    pub no_lock: bool,
    /// Ask nothing
    #[arg(long)]
    pub yes: bool,
}

/// `store rights`
#[derive(Args)]
pub struct Rights {
    /// Its name
    pub name: Option<String>,
    /// For a device that only writes there
    #[arg(long)]
    pub write_only: bool,
    /// For a device that may delete
    #[arg(long, conflicts_with = "write_only")]
    pub may_delete: bool,
    /// Whose credentials they are
    #[arg(long, value_name = "ARN")]
    pub principal: Option<String>,
    /// A policy that stays
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub with: Option<PathBuf>,
    /// The server refuses to replace
    #[arg(long)]
    pub never_replace: bool,
}

/// `store undo`
#[derive(Args)]
pub struct Undo {
    /// Its name or address
    pub store: String,
    /// The time
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// Only say it
    #[arg(long)]
    pub dry_run: bool,
    /// Whose account
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recovery_kit: Option<PathBuf>,
    /// How an address is reached
    #[command(flatten)]
    pub access: Access,
}

/// Who can lift a lock.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LockMode {
    /// Whom the owner gave a special right.
    Governance,
    /// Nobody.
    Compliance,
}

impl From<LockMode> for job::LockMode {
    fn from(mode: LockMode) -> Self {
        match mode {
            LockMode::Governance => Self::Governance,
            LockMode::Compliance => Self::Compliance,
        }
    }
}

impl Store {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            StoreCommand::Add(args) => Request::StoreAdd(args.job()),
            StoreCommand::List => Request::StoreList(job::StoreList {}),
            StoreCommand::Set(args) => Request::StoreSet(args.job()),
            StoreCommand::Remove { name } => Request::StoreRemove(job::StoreRemove { name }),
            StoreCommand::Test { name } => Request::StoreTest(job::test::StoreTest { name }),
            StoreCommand::Rights(args) => Request::StoreRights(args.job()),
            StoreCommand::Undo(args) => Request::StoreUndo(args.job()),
            StoreCommand::Regions { regions, any } => Request::StoreRegions(job::regions::StoreRegions { regions, any }),
        })
    }
}

impl Add {
    fn job(self) -> job::add::StoreAdd {
        let Self { url, name, access, region, write_only, lock, lock_mode } = self;
        let (access, lock_mode) = (access.into(), lock_mode.into());
        job::add::StoreAdd { url, name, access, region, write_only, lock, lock_mode }
    }
}

impl Set {
    fn job(self) -> job::set::StoreSet {
        let Self { name, url, access, no_limit, region, write_only, read_write, lock, lock_mode, no_lock, yes } = self;
        let reads = (write_only || read_write).then_some(read_write);
        let (access, lock_mode) = (access.into(), lock_mode.into());
        job::set::StoreSet { name, url, access, no_limit, region, reads, lock, lock_mode, no_lock, yes }
    }
}

impl Rights {
    fn job(self) -> job::rights::StoreRights {
        let Self { name, write_only, may_delete, principal, with, never_replace } = self;
        job::rights::StoreRights { name, write_only, may_delete, principal, with, never_replace }
    }
}

impl Undo {
    fn job(self) -> job::undo::StoreUndo {
        let Self { store, since, dry_run, recovery_kit, access } = self;
        job::undo::StoreUndo { store, since, dry_run, recovery_kit, access: access.into() }
    }
}
