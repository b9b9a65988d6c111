//! What following another device made or found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::{Text, faults};
use crate::engine::restore::follow::Change;

/// A change that following made or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Followings {
    /// What kind.
    pub change: ChangeKind,
    /// The file.
    pub path: String,
    /// What the incoming version is called, where it lies beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A file that was not here.
    New,
    /// A newer version.
    Updated,
    /// It was edited here and is kept; the other version lies beside it.
    Beside,
    /// It was deleted there and is kept.
    Kept,
    /// It could not be brought.
    Failed,
}

impl From<&Change> for Followings {
    fn from(change: &Change) -> Self {
        let of = |change, path: String| Self { change, path, name: None, reason: None };
        match change {
            Change::New(path) => of(ChangeKind::New, path.to_string()),
            Change::Updated(path) => of(ChangeKind::Updated, path.to_string()),
            Change::Beside(path, name) => Self { name: Some(name.clone()), ..of(ChangeKind::Beside, path.to_string()) },
            Change::Kept(path) => of(ChangeKind::Kept, path.to_string()),
            Change::Failed(path, why) => Self { reason: Some(faults::file(why)), ..of(ChangeKind::Failed, path.to_string()) },
        }
    }
}
