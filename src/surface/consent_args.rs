//! The command lines of `consent` and `policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::consent::{Item, Language, Purpose};

/// `consent`
#[derive(Args)]
pub struct Consent {
    /// What to do
    #[command(subcommand)]
    pub command: ConsentCommand,
}

/// What a decision is about.
#[derive(Args)]
pub struct Items {
    /// network; device, connection, or one part of them such as device.serial; operation-log; diagnostics
    #[arg(required = true, value_parser = parse_items, value_name = "ITEM")]
    pub items: Vec<Named>,
}

impl Items {
    /// Each item once, in the order of the table.
    pub fn list(&self) -> Vec<Item> {
        Item::all().filter(|item| self.items.iter().any(|named| named.0.contains(item))).collect()
    }
}

/// Items that one word names.
#[derive(Debug, Clone)]
pub struct Named(pub Vec<Item>);

/// `consent …`
#[derive(Subcommand)]
pub enum ConsentCommand {
    /// Show what you allowed, and since when
    Show(Tongue),
    /// Allow something; each by itself, under the policy in force
    Grant(Items),
    /// Say no; not saying anything means no as well
    Deny(Items),
    /// Take it back: use stops within a second, also in a printkeep that is at work
    Withdraw(Items),
    /// Show every decision, in the order they were made
    History,
    /// Write consent records in the form of ISO/IEC TS 27560, signed by this device
    Export(Out),
    /// Write the receipt of one item, signed by this device
    Receipt {
        /// Such as network or device.serial
        #[arg(value_parser = parse_item)]
        item: Item,
        /// Where to
        #[command(flatten)]
        out: Out,
    },
    /// Check an export or a receipt: that this is what a device signed, whole and in order
    Check {
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// Where a document goes.
#[derive(Args)]
pub struct Out {
    /// File to write [default: shown]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
}

/// In which language.
#[derive(Args)]
pub struct Tongue {
    /// en or zh-CN [default: the system's, where policies speak it, else en]
    #[arg(long, value_parser = parse_language)]
    pub lang: Option<Language>,
}

/// `policy`
#[derive(Args)]
pub struct PolicyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// `policy …`
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Show the policy in force, its version and whom to ask
    Show {
        /// In which language
        #[command(flatten)]
        tongue: Tongue,
        /// Another one: a version, the first digits of a SHA-256, or a file
        #[arg(long, value_name = "POLICY")]
        policy: Option<String>,
    },
    /// List the policies known here
    List,
    /// Show what changed between two policies, and which consents it touches
    Diff {
        /// A version, the first digits of a SHA-256, or a file
        old: String,
        /// A version, the first digits of a SHA-256, or a file
        new: String,
        /// In which language
        #[command(flatten)]
        tongue: Tongue,
    },
    /// Put a policy of your own in force; a broken one is refused, and the one in force stays
    Install {
        /// The policy, as TOML
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Put the policy that comes with Printkeep in force again
    Reset,
}

fn words() -> String {
    Purpose::ALL.map(Purpose::as_str).join(", ")
}

pub(super) fn parse_items(text: &str) -> Result<Named, String> {
    let items = Item::named(text);
    if items.is_empty() {
        Err(format!("there are these: {}; `printkeep consent show` lists their parts", words()))
    } else {
        Ok(Named(items))
    }
}

pub(super) fn parse_item(text: &str) -> Result<Item, String> {
    match Item::named(text)[..] {
        [item] => Ok(item),
        [] => parse_items(text).map(|_| Item::Network),
        _ => Err("it has several parts; name one, as `printkeep consent show` lists them".into()),
    }
}

fn parse_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "policies speak en and zh-CN".into())
}
