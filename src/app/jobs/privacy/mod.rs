//! Privacy: what the owner allows, what is held about them, and their rights.

pub mod consent;
pub mod data;
pub mod erase;
pub mod erase_account;
pub mod log;
pub mod policy;
pub mod record;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::new_file;
use crate::app::{Failure, Session};
use crate::consent::{Item, Language, Policy, Purpose};
use crate::core::name::hex;
use crate::text;

/// A policy by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInfo {
    /// Whose it is.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its date.
    pub date: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

impl PolicyInfo {
    /// What a policy says of itself.
    pub fn of(policy: &Policy) -> Self {
        let (id, date) = (policy.id().to_owned(), policy.date().to_owned());
        Self { id, version: policy.version(), date, sha256: hex(&policy.hash()) }
    }
}

/// A document that this device signed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The document, with its signature.
    pub signed: Value,
    /// The file that it was written to.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub file: Option<PathBuf>,
}

impl crate::app::answer::Answer for Document {}

impl Document {
    /// Shows a document, or writes it to a file.
    fn hand_out(signed: Value, file: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(path) = &file {
            write_document(path, &signed)?;
        }
        Ok(Self { signed, file })
    }
}

/// Writes a signed document, readable by nobody else.
fn write_document(path: &Path, signed: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(signed).unwrap_or_default();
    new_file::write(path, text.as_bytes())
}

/// The items that words name, each once, in the order of the table: an item, or a purpose for all of its items.
fn items(words: &[String]) -> Result<Vec<Item>, Failure> {
    if words.is_empty() {
        return Err(unknown_item(""));
    }
    for word in words {
        if Item::named(word).is_empty() {
            return Err(unknown_item(word));
        }
    }
    Ok(Item::all().filter(|item| words.iter().any(|word| Item::named(word).contains(item))).collect())
}

/// The one item that a word names.
fn one_item(word: &str) -> Result<Item, Failure> {
    match Item::named(word)[..] {
        [item] => Ok(item),
        [] => Err(unknown_item(word)),
        _ => Err(Failure::usage(text!("item-several", item = word)).hint(text!("item-several-hint"))),
    }
}

fn unknown_item(word: &str) -> Failure {
    let known = Purpose::ALL.map(Purpose::as_str).join(", ");
    Failure::usage(text!("item-unknown", item = word, known = known)).hint(text!("item-several-hint"))
}

/// The language that is asked for, else that of whoever asks.
fn language(session: &Session, asked: Option<&str>) -> Result<Language, Failure> {
    let Some(word) = asked else { return Ok(session.language) };
    Language::parse(word).ok_or_else(|| Failure::usage(text!("language-unknown", language = word)))
}
