//! The command lines of `data` and `retention`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};

use super::args::Unlock;
use super::consent_args::{Named, parse_item, parse_items};
use crate::consent::{Class, Item};

/// `data`
#[derive(Args)]
pub struct Data {
    /// What to do
    #[command(subcommand)]
    pub command: DataCommand,
}

/// `data …`
#[derive(Subcommand)]
pub enum DataCommand {
    /// Show what this device recorded, exactly as it is held
    Show {
        /// What opens the values; without, items, times and sizes are shown
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Write everything held about you into one archive, for you and for programs
    Export {
        /// The archive (tar) to write
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
        /// What opens the values; without, items, times and sizes are written
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Say how something is, where what was recorded is wrong; both are kept
    Correct {
        /// Such as device.model
        #[arg(value_parser = parse_item)]
        item: Item,
        /// How it is; recorded as the item is: masked where the table says so
        value: String,
    },
    /// Delete what is held, here and in your stores; it does not come back
    Erase(Erase),
    /// Show the signed receipts of what was deleted
    Receipts,
}

/// `data erase`
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true))]
pub struct Erase {
    /// Facts of one item, or of all items of a purpose
    #[arg(long, value_parser = parse_items, value_name = "ITEM", group = "what")]
    pub item: Option<Named>,
    /// Facts of a class: personal or sensitive
    #[arg(long, value_parser = parse_class, value_name = "CLASS", group = "what")]
    pub class: Option<Class>,
    /// Facts that a device recorded; its snapshots go with `forget` and `prune`
    #[arg(long, value_name = "NAME", group = "what")]
    pub device: Option<String>,
    /// The account and everything in it: keys first, then every object here and in every store
    #[arg(long, group = "what")]
    pub whole_account: bool,
    /// Leave what lies beyond the network where it is, because you have not allowed its use; without the keys nobody reads it
    #[arg(long, requires = "whole_account")]
    pub here_only: bool,
    /// Do not ask: the name of the account that is erased
    #[arg(long, value_name = "ACCOUNT")]
    pub yes_erase: Option<String>,
}

impl Erase {
    /// The items that are meant, where it is items.
    pub fn items(&self) -> Option<Vec<Item>> {
        let of_class = |class: Class| Item::all().filter(|item| item.class() == class).collect();
        self.item.as_ref().map(|named| named.0.clone()).or_else(|| self.class.map(of_class))
    }
}

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
    /// Show how long each item is kept, and what is deleted next
    Show,
}

fn parse_class(text: &str) -> Result<Class, String> {
    let known = [Class::Personal, Class::Sensitive].into_iter().find(|class| class.as_str() == text);
    known.ok_or_else(|| "there are these: personal, sensitive".into())
}
