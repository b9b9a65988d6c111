//! Policies: what is done with data, for whom, where and how long, item by item, in English and Simplified Chinese.
//!
//! A policy is a TOML file, named by its SHA-256. It must speak of every [`Item`] and of nothing else, in both languages; it may
//! shorten what the table of items keeps, and never lengthen it. A consent holds as long as what the policy says of its item
//! stays the same ([`Policy::terms`]).
//!
//! Limits: files of 256 KiB, texts of 8,000 characters, 64 processings without consent, 32 regions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::Item;
use crate::core::codec::Writer;
use crate::core::digest::sha256;

mod fault;
mod file;

pub use fault::PolicyFault;
pub use file::MAX_FILE;

/// A language that policies are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Language {
    /// English.
    English = 1,
    /// Simplified Chinese.
    Chinese = 2,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its tag (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language of a tag, or of a locale such as `zh_CN.UTF-8`.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.split(['-', '_', '.', '@']).next()?;
        match first.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The language of a number in ledgers.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|language| *language as u8 == code)
    }
}

/// The same said in every language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    en: String,
    #[serde(rename = "zh-CN")]
    zh: String,
}

impl Text {
    /// In one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// What the law bases it on (GDPR Art. 6(1), PIPL Art. 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The owner's consent.
    Consent,
    /// What the owner ordered cannot be done without.
    Contract,
    /// The law demands it.
    LegalObligation,
    /// Nothing is done, so that nothing needs a basis.
    None,
}

impl Basis {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal-obligation",
            Self::None => "none",
        }
    }
}

/// What a policy says of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it is wanted for.
    pub purpose: Text,
    /// Who gets it.
    pub recipients: Text,
    /// What the law bases it on.
    pub basis: Basis,
    /// Where it may go, as the policy's author names regions.
    pub regions: Vec<String>,
    /// How many days it is kept; 0 where nothing is recorded.
    pub days: u16,
}

/// Something that is done without asking, and why it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    /// Its name.
    pub name: String,
    /// What is done, and why.
    pub purpose: Text,
    /// What the law bases it on; never consent.
    pub basis: Basis,
}

/// A policy that was read and found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    id: String,
    version: u32,
    date: String,
    /// What it is called.
    pub title: Text,
    /// What it says as a whole.
    pub summary: Text,
    /// Who answers questions.
    pub contact: Text,
    statements: BTreeMap<Item, Statement>,
    /// What is done without asking.
    pub without: Vec<Without>,
    hash: [u8; 32],
}

/// Why a policy was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// In what it says of which item; none for the whole.
    pub item: Option<Item>,
    /// What is wrong.
    pub fault: PolicyFault,
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(item) = self.item {
            write!(f, "the kind of data {:?}: ", item.as_str())?;
        }
        self.fault.fmt(f)
    }
}

impl std::error::Error for PolicyError {}

impl From<PolicyFault> for PolicyError {
    fn from(fault: PolicyFault) -> Self {
        Self { item: None, fault }
    }
}

impl Policy {
    /// The policy that comes with Printkeep.
    pub fn built_in() -> Self {
        // a test reads it; were it broken, nothing would be allowed
        Self::parse(BUILT_IN).unwrap_or_else(|error| Self::nothing(&error))
    }

    /// A policy that allows nothing, for a build whose own is broken.
    fn nothing(error: &PolicyError) -> Self {
        let text = |text: &str| Text { en: text.to_owned(), zh: text.to_owned() };
        Self {
            id: "broken".into(),
            version: 0,
            date: String::new(),
            title: text("broken"),
            summary: text(&error.to_string()),
            contact: text(""),
            statements: BTreeMap::new(),
            without: Vec::new(),
            hash: [0; 32],
        }
    }

    /// Whose it is; versions of one id follow one another.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Its date, as its author writes dates.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// SHA-256 of its file.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// What it says of an item.
    pub fn statement(&self, item: Item) -> Option<&Statement> {
        self.statements.get(&item)
    }

    /// How many days a record of `item` is kept under it.
    pub fn days(&self, item: Item) -> u16 {
        self.statement(item).map_or(0, |statement| statement.days)
    }

    /// SHA-256 over whose policy it is and everything it says of an item: a consent holds while this stays the same.
    pub fn terms(&self, item: Item) -> [u8; 32] {
        let mut out = Writer::new();
        let mut put = |text: &str| out.bytes(text.as_bytes());
        put(&self.id);
        put(item.as_str());
        if let Some(statement) = self.statement(item) {
            for text in [&statement.purpose, &statement.recipients] {
                put(&text.en);
                put(&text.zh);
            }
            put(statement.basis.as_str());
            put(&statement.days.to_string());
            statement.regions.iter().for_each(|region| put(region));
        }
        sha256(&out.into_vec())
    }

    /// The items whose consents a step from `before` to this policy makes stale.
    pub fn touched_since(&self, before: &Self) -> Vec<Item> {
        Item::all().filter(|item| self.terms(*item) != before.terms(*item)).collect()
    }
}

/// The built-in policy's file.
pub const BUILT_IN: &str = include_str!("../policies/1.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policy_is_whole() {
        let policy = Policy::parse(BUILT_IN).unwrap();
        assert_eq!((policy.id(), policy.version()), ("printkeep", 1));
        for item in Item::all() {
            assert_eq!(policy.days(item), item.days(), "{item:?}");
        }
    }

    #[test]
    fn what_is_said_of_an_item_moves_its_terms_and_no_other() {
        let before = Policy::built_in();
        let text = BUILT_IN.replacen("Model name of the printer", "The model name of the printer", 1);
        assert_ne!(text, BUILT_IN);
        assert_eq!(Policy::parse(&text).unwrap().touched_since(&before), [Item::Model]);
        // neither a title nor a new date asks anybody again
        let text = BUILT_IN.replacen("date = \"2026", "date = \"2027", 1);
        assert_ne!(Policy::parse(&text).unwrap().hash(), before.hash());
        assert!(Policy::parse(&text).unwrap().touched_since(&before).is_empty());
        // another author's policy is another policy
        let text = BUILT_IN.replacen("id = \"printkeep\"", "id = \"acme\"", 1);
        assert_eq!(Policy::parse(&text).unwrap().touched_since(&before).len(), Item::all().count());
    }

    #[test]
    fn everything_a_statement_says_belongs_to_its_terms() {
        let before = Policy::built_in();
        let (head, from) = BUILT_IN.split_at(BUILT_IN.find("name = \"device.serial\"").unwrap());
        for (key, value) in [
            ("purpose.en", "\"x\""),
            ("purpose.zh-CN", "\"x\""),
            ("recipients.en", "\"x\""),
            ("recipients.zh-CN", "\"x\""),
            ("days", "1"),
        ] {
            let line = from.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
            let text = format!("{head}{}", from.replacen(line, &format!("{key} = {value}"), 1));
            assert_eq!(Policy::parse(&text).unwrap().touched_since(&before), [Item::Serial], "{key}");
        }
        let elsewhere = BUILT_IN.replacen("regions = [\"owner's choice\"]", "regions = [\"owner's choice\", \"eu\"]", 1);
        let elsewhere = Policy::parse(&elsewhere).unwrap();
        assert_eq!(elsewhere.touched_since(&before), [Item::Network]);
        let fewer = Policy::parse(&BUILT_IN.replacen("days = 365", "days = 7", 1)).unwrap();
        assert_eq!((fewer.days(Item::Model), fewer.days(Item::Os)), (7, 365));
    }
}
