//! A failure as programs read it: its message by name and in a sentence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::Exit;

/// The document of a failure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FailureDocument {
    /// The version of its form.
    pub printkeep: u32,
    /// What was asked, as far as that was understood; empty where nothing was.
    pub command: String,
    /// Never.
    pub ok: bool,
    /// How it ended.
    pub exit: Exit,
    /// What went wrong.
    pub error: ErrorDocument,
}

/// What went wrong, in the document of a failure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDocument {
    /// The name of the message.
    pub id: String,
    /// What it is about; a message in it has its sentence as `text`.
    pub args: Map<String, Value>,
    /// The message as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub hint: Option<String>,
}
