//! The command line of `key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::args::Unlock;
use super::device_args::Owner;

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
    /// Set a new passphrase on this device
    Passphrase {
        /// How the account is unlocked now
        #[command(flatten)]
        unlock: Unlock,
        /// File whose first line is the new passphrase [default: asked for]
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Make a new recovery kit; the old one no longer opens the account
    #[command(args_conflicts_with_subcommands = true)]
    Recovery {
        /// Or try the one you have
        #[command(subcommand)]
        test: Option<RecoveryCommand>,
        /// How the account is unlocked now
        #[command(flatten)]
        unlock: Unlock,
        /// Where to write the new kit; a name that ends in .html gives a page to print with a QR code
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: Option<PathBuf>,
    },
    /// Keep the reading key on this machine, under your session's keyring: reading back needs no passphrase then
    Remember {
        /// How the account is unlocked now
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Keep the reading key on this machine no longer
    Forget,
    /// One-time codes from an app, asked for on this device before what cannot be undone: revoking, erasing
    Totp {
        /// On, off, or how it stands
        #[command(subcommand)]
        command: TotpCommand,
    },
    /// List what opens the account
    List,
    /// Change the account's keys: what is backed up from now on is sealed under new ones
    Rotate(Owner),
}

/// `key totp …`
#[derive(Subcommand)]
pub enum TotpCommand {
    /// Show a secret for an app, and take it into use once a code proves that the app has it
    On {
        /// File to write the secret's address to, for scanning or copying [default: shown]
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: Option<PathBuf>,
    },
    /// Ask for codes no longer; needs one, or the recovery kit
    Off {
        /// How the account is unlocked
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Whether codes are asked for
    Status,
}

/// `key recovery …`
#[derive(Subcommand)]
pub enum RecoveryCommand {
    /// Prove that a recovery kit opens this account, here and in your stores, without showing anything of it
    Test {
        /// The kit
        #[arg(value_name = "KIT", value_hint = ValueHint::FilePath)]
        kit: PathBuf,
    },
}
