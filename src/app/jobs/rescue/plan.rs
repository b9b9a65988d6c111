//! What a rescue would do, as plain data.

use std::path::Path;

use super::enter::Scene;
use crate::app::forms::rescue::{Outcome, Part, Rescued, Room};
use crate::app::misuse::misplaced;
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::restore::rescue::{self, Plan};

fn part(part: &rescue::Part) -> Part {
    Part {
        label: part.label.to_string(),
        from: printable(&part.from),
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
pub fn reply(plan: &Plan, info: &SnapshotInfo, scene: &Scene, asked: &super::Rescue) -> Rescued {
    Rescued {
        outcome: Outcome::Planned,
        entered: scene.entered,
        device: scene.account.device.name.clone(),
        rescued: info.device_name.clone(),
        snapshot: info.head.number,
        time: info.head.time,
        plan: plan.parts.iter().map(part).collect(),
        room: plan.room.iter().map(|(needed, free)| Room { needed: *needed, free: *free }).collect(),
        root: asked.root.clone(),
        plan_only: asked.plan,
        shown: false,
        configured: false,
        files: 0,
        bytes: 0,
        already: 0,
        failed: 0,
        notices: Vec::new(),
    }
}

/// A path from elsewhere, fit to be shown.
pub fn printable(path: &Path) -> String {
    path.display().to_string().chars().filter(|c| !c.is_control()).collect()
}
