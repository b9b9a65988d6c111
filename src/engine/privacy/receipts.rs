//! Receipts of what was deleted: signed documents, kept beside the accounts, so that they outlive them.

use std::path::PathBuf;

use serde_json::Value;

use super::signed::{self, NotSigned};
use crate::consent::sha256;
use crate::core::name::hex;
use crate::engine::EngineError;
use crate::local::home::{Home, private_folder, read_small, write_private};

/// The most receipts that are shown.
const MAX_SHOWN: usize = 10_000;

/// A receipt that is kept.
pub struct DeletionReceipt {
    /// Where.
    pub path: PathBuf,
    /// What it says, where its signature holds; else what is wrong with it.
    pub document: Result<Value, NotSigned>,
}

fn folder(home: &Home) -> PathBuf {
    home.root().join("receipts")
}

/// Keeps a signed document; `now` is in seconds since 1970.
pub fn keep(home: &Home, now: i64, document: &Value) -> Result<PathBuf, EngineError> {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let path = folder(home).join(format!("{now:012}-{}.json", hex(&sha256(text.as_bytes())[..4])));
    private_folder(&folder(home))?;
    write_private(&path, text.as_bytes())?;
    Ok(path)
}

/// Every receipt, oldest first.
pub fn all(home: &Home) -> Vec<DeletionReceipt> {
    let Ok(entries) = std::fs::read_dir(folder(home)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = read_small(&path, signed::MAX_FILE).ok().flatten().unwrap_or_default();
        let document = signed::check(&String::from_utf8_lossy(&bytes)).map(|(document, _)| document);
        DeletionReceipt { path, document }
    };
    paths.into_iter().take(MAX_SHOWN).map(read).collect()
}
