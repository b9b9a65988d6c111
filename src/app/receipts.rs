//! Receipts of what was deleted: signed documents, kept beside the accounts, so that they outlive them.

use std::path::PathBuf;

use serde_json::Value;

use crate::app::{Failure, Session};
use crate::consent::sha256;
use crate::core::name::hex;
use crate::engine::privacy::signed;
use crate::local::home::{private_folder, read_small, write_private};

/// The most receipts that are shown.
const MAX_SHOWN: usize = 10_000;

/// A receipt that is kept.
pub struct Receipt {
    /// Where.
    pub path: PathBuf,
    /// What it says, where its signature holds; else what is wrong with it.
    pub document: Result<Value, &'static str>,
}

fn folder(session: &Session) -> PathBuf {
    session.home.root().join("receipts")
}

/// Keeps a signed document.
pub fn keep(session: &Session, document: &Value) -> Result<PathBuf, Failure> {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let path = folder(session).join(format!("{:012}-{}.json", session.now(), hex(&sha256(text.as_bytes())[..4])));
    private_folder(&folder(session))?;
    write_private(&path, text.as_bytes())?;
    Ok(path)
}

/// Every receipt, oldest first.
pub fn all(session: &Session) -> Vec<Receipt> {
    let Ok(entries) = std::fs::read_dir(folder(session)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = read_small(&path, signed::MAX_FILE).ok().flatten().unwrap_or_default();
        let document = signed::check(&String::from_utf8_lossy(&bytes)).map(|(document, _)| document);
        Receipt { path, document }
    };
    paths.into_iter().take(MAX_SHOWN).map(read).collect()
}
