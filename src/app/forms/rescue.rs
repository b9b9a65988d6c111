//! What a rescue would do, and what came of it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::notice::Notice;
use crate::app::{Exit, Text};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rescued {
    /// How far it went.
    pub outcome: Outcome,
    /// How this machine came into the account.
    pub entered: Entered,
    /// What this machine is called, or would be.
    pub device: String,
    /// The device that is rescued.
    pub rescued: String,
    /// Its snapshot.
    pub snapshot: u64,
    /// When that was made, by its device's clock, in seconds since 1970.
    pub time: i64,
    /// Source by source.
    pub plan: Vec<Part>,
    /// Disk by disk.
    pub room: Vec<Room>,
    /// The folder that everything goes below, for trying; none to where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub root: Option<PathBuf>,
    /// Whether only the plan was wanted.
    pub plan_only: bool,
    /// Whether the plan was shown before it was asked.
    pub shown: bool,
    /// Whether what differs is replaced, and kept beside.
    pub overwrite: bool,
    /// Whether the sources became this machine's.
    pub configured: bool,
    /// Files that were put back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already, byte for byte.
    pub already: u64,
    /// Files and links that were there, differed, and lie beside those that were put back.
    pub beside: u64,
    /// Files and links that were not put back, because something else stands in their place, which was kept.
    pub kept: u64,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept_first: Vec<InTheWay>,
    /// What is typed to put them back too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// Files or sources that could not be put back.
    pub failed: u64,
    /// What was told of single files.
    pub notices: Vec<Notice>,
}

impl Answer for Rescued {
    fn exit(&self) -> Exit {
        match self.outcome {
            Outcome::Planned => Exit::Done,
            Outcome::NoRoom => Exit::Failed,
            Outcome::Unasked => Exit::Usage,
            Outcome::Declined => Exit::Declined,
            Outcome::PutBack if self.failed == 0 && self.kept == 0 => Exit::Done,
            Outcome::PutBack => Exit::Incomplete,
        }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.files, bytes: self.bytes, moved: self.bytes }
    }
}

/// How far a rescue went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was only planned, as was asked.
    Planned,
    /// There is not enough room.
    NoRoom,
    /// Nobody could be asked.
    Unasked,
    /// The owner said no.
    Declined,
    /// It was put back.
    PutBack,
}

/// One source of the old device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its label in the snapshot.
    pub label: String,
    /// Where it was.
    pub from: String,
    /// Where it goes; none where it cannot.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub to: Option<PathBuf>,
    /// Why it cannot.
    pub reason: Option<Text>,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether anything is there.
    pub exists: bool,
    /// Files that are there as they were.
    pub same: u64,
    /// Files and links in whose place something else stands.
    pub differ: u64,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<InTheWay>,
    /// Bytes to write.
    pub to_write: u64,
}

/// A file or link in whose place something else stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InTheWay {
    /// Where it goes.
    pub path: String,
    /// What stands there.
    pub stands: Stands,
}

/// What stands where something is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// Something newer.
    Newer,
    /// Something else.
    Other,
    /// A folder, which nothing replaces.
    Folder,
}

/// Room on one disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// Bytes that are needed.
    pub needed: u64,
    /// Bytes that are free.
    pub free: u64,
}

/// How this machine came into the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    /// It only looked: no device was added.
    Looked,
    /// It joined as a new device.
    Joined,
    /// It was a device of the account already.
    Before,
}
