//! What a rescue would do, as plain data.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enter::Scene;
use super::{Outcome, Rescued, shown};
use crate::app::Text;
use crate::app::misuse::misplaced;
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::restore::rescue::{self, Plan};

/// One source of the old device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its label in the snapshot.
    pub label: String,
    /// Where it was.
    pub from: String,
    /// Where it goes; none where it cannot.
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
    /// Files that are there and differ.
    pub differ: u64,
    /// Bytes to write.
    pub to_write: u64,
}

/// Room on one disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// Bytes that are needed.
    pub needed: u64,
    /// Bytes that are free.
    pub free: u64,
}

fn part(part: &rescue::Part) -> Part {
    Part {
        label: part.label.to_string(),
        from: shown(&part.from),
        to: part.to.as_ref().ok().cloned(),
        reason: part.to.as_ref().err().map(|why| misplaced(*why)),
        files: part.files,
        bytes: part.bytes,
        exists: part.there.exists,
        same: part.there.same,
        differ: part.there.differ,
        to_write: part.there.missing_bytes,
    }
}

/// The plan, told.
pub fn told(plan: &Plan, info: &SnapshotInfo, scene: &Scene) -> Rescued {
    Rescued {
        outcome: Outcome::Planned,
        entered: scene.entered,
        device: scene.account.device.name.clone(),
        rescued: info.device_name.clone(),
        snapshot: info.head.number,
        time: info.head.time,
        plan: plan.parts.iter().map(part).collect(),
        room: plan.room.iter().map(|(needed, free)| Room { needed: *needed, free: *free }).collect(),
        shown: false,
        configured: false,
        files: 0,
        bytes: 0,
        already: 0,
        failed: 0,
        notices: Vec::new(),
    }
}
