//! What a rescue would do, as plain data.

use std::path::{Path, PathBuf};

use super::enter::Scene;
use crate::app::forms::rescue::{InTheWay, Outcome, Part, Rescued, Room, Stands};
use crate::app::misuse::misplaced;
use crate::engine::error::Standing;
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::restore::Report;
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
        standing: part.there.standing.iter().map(|(path, stands)| in_the_way(path, *stands)).collect(),
        to_write: part.there.to_write,
    }
}

fn in_the_way(path: &Path, stands: Standing) -> InTheWay {
    let stands = match stands {
        Standing::Newer => Stands::Newer,
        Standing::Other => Stands::Other,
        Standing::Folder => Stands::Folder,
    };
    InTheWay { path: printable(path), stands }
}

/// Takes over what one source lacks for what stands in its place.
pub fn add_kept(reply: &mut Rescued, part: &rescue::Part, report: &Report) {
    let places = report.kept_first.iter().map(|(path, stands)| (part.target(path), *stands));
    let named = |(path, stands): (Option<PathBuf>, Standing)| path.map(|path| in_the_way(&path, stands));
    reply.kept += report.kept;
    reply.kept_first.extend(places.filter_map(named));
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
        overwrite: asked.overwrite,
        configured: false,
        files: 0,
        bytes: 0,
        already: 0,
        beside: 0,
        kept: 0,
        kept_first: Vec::new(),
        again: None,
        failed: 0,
        notices: Vec::new(),
    }
}

/// A path from elsewhere, fit to be shown.
pub fn printable(path: &Path) -> String {
    path.display().to_string().chars().filter(|c| !c.is_control()).collect()
}
