//! How the account is unlocked: arguments that many commands take.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::app::{owner, unlock};

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

impl From<Unlock> for unlock::Unlock {
    fn from(how: Unlock) -> Self {
        Self { passphrase_file: how.passphrase_file, recovery_kit: how.recovery_kit }
    }
}

/// The owner's key, and whether stores are asked first.
#[derive(Args)]
pub struct Owner {
    /// Go on though a store cannot be asked
    #[arg(long)]
    pub offline: bool,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

impl From<Owner> for owner::Owner {
    fn from(typed: Owner) -> Self {
        Self { offline: typed.offline, unlock: typed.unlock.into() }
    }
}
