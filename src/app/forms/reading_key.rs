//! Whether this machine keeps a key that reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::key_agent::reading_key::Held;

/// Whether this machine keeps a key that reads, as far as it can be told without asking a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKey {
    /// None: reading needs the passphrase or the recovery kit.
    None,
    /// One is kept.
    Kept,
    /// One is kept that is older than the account's newest keys: it is not used any more.
    Stale,
}

impl From<Held> for ReadingKey {
    fn from(held: Held) -> Self {
        match held {
            Held::Nothing => Self::None,
            Held::Key => Self::Kept,
            Held::Stale => Self::Stale,
        }
    }
}
