//! The command line of `device`, and what every change needs that all machines of the account must know.

use clap::{Args, Subcommand};

use super::args::Unlock;

/// The owner's key, and whether stores are asked first.
#[derive(Args)]
pub struct Owner {
    /// Go on though a store cannot be asked; no other machine may change the account meanwhile
    #[arg(long)]
    pub offline: bool,
    /// How the account is unlocked
    #[command(flatten)]
    pub unlock: Unlock,
}

/// `device`
#[derive(Args)]
pub struct Device {
    /// What to do
    #[command(subcommand)]
    pub command: DeviceCommand,
}

/// `device …`
#[derive(Subcommand)]
pub enum DeviceCommand {
    /// List the devices, what each may do, and its last snapshot
    List,
    /// Give a device another name
    Rename {
        /// Its name, or 8 digits of its id
        name: String,
        /// Its new name
        new: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Let a device say what is no longer needed; others need not store what it holds
    Allow {
        /// Its name, or 8 digits of its id
        name: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Let a device only add snapshots, as it does from the beginning
    Disallow {
        /// Its name, or 8 digits of its id
        name: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Believe nothing more of a device that was lost, stolen or given away, and change the account's keys
    Revoke {
        /// Its name, or 8 digits of its id
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Let a new device in that never sees the passphrase or the kit: it is shown a code to type there
    Enroll {
        /// Address to wait at [default: a free port on every address]
        #[arg(long, value_name = "ADDR")]
        listen: Option<std::net::SocketAddr>,
        /// Give it the credentials of your stores too
        #[arg(long)]
        share_credentials: bool,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
}
