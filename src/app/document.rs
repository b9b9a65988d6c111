//! The kinds of documents that this device signs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What kind of document, as it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// Every consent record.
    ConsentRecords,
    /// The consent record of one item.
    ConsentReceipt,
    /// What was deleted, and where.
    DeletionReceipt,
    /// That an account is to be erased.
    ErasureOrder,
    /// That an account was erased.
    ErasureReceipt,
    /// The audit log.
    AuditLog,
    /// Problems.
    Problems,
    /// All that is held about the owner.
    DataExport,
}

impl DocumentKind {
    /// What a document says; none of a kind that is unknown here.
    pub fn of(document: &Value) -> Option<Self> {
        Self::deserialize(&document["kind"]).ok()
    }
}
