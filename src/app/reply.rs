//! What comes back: how it ended, the job's own answer, and what was done beside it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::request::VERSION;
use crate::app::{Exit, Text};

pub use crate::app::request::ReplyBody as Body;

/// A reply.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// The version of its form.
    pub printkeep: u32,
    /// Whether it ended with nothing to tell.
    pub ok: bool,
    /// How it ended.
    pub exit: Exit,
    /// The job's own answer.
    #[serde(flatten)]
    pub body: Body,
    /// What was recorded and deleted of what the owner allowed to be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// What was done, but could not be recorded or written to the audit log, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<Text>,
}

/// What was recorded of what the owner allowed.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// How many records were deleted, because they were old or allowed no longer.
    pub deleted: u64,
    /// Items of which something new was recorded.
    pub recorded: Vec<String>,
    /// Items that are allowed and not known here.
    pub not_known_here: Vec<String>,
}

impl Reply {
    /// The reply with this body.
    pub fn of(body: Body) -> Self {
        let exit = body.answer().exit();
        Self { printkeep: VERSION, ok: exit == Exit::Done, exit, body, recorded: None, unwritten: Vec::new() }
    }
}
