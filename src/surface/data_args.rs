//! The command line of `retention`.

use clap::{Args, Subcommand};

use super::keep_args::{Keep, check_time};

/// `retention`
#[derive(Args)]
pub struct Retention {
    /// What to do
    #[command(subcommand)]
    pub command: RetentionCommand,
}

/// `retention …`
#[derive(Subcommand)]
pub enum RetentionCommand {
    /// Show how long each item, source and snapshot is kept, and what is deleted next
    Show,
    /// Let snapshots go by rules from now on: a keeper forgets after each backup and sync what no rule keeps, and prunes it
    Set(SetRules),
    /// Let snapshots go by hand alone
    Off,
}

/// `retention set`
#[derive(Args)]
pub struct SetRules {
    /// What stays
    #[command(flatten)]
    pub keep: Keep,
    /// How long what nothing needs stays before it is removed [default: 7d]
    #[arg(long, value_name = "TIME", value_parser = check_time)]
    pub grace: Option<String>,
}
