//! What an owner says of a snapshot: tags, and that it is never forgotten.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::retention::forget;
use crate::local::audit::Event;

/// Gives a snapshot a tag.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotTag {
    /// A number, `latest`, or either behind a device's name and a colon.
    pub snapshot: String,
    /// The tag, of at most 64 bytes.
    pub tag: String,
}

/// Takes a tag from a snapshot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotUntag {
    /// The snapshot.
    pub snapshot: String,
    /// The tag.
    pub tag: String,
}

/// Lets a snapshot never be forgotten.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotPin {
    /// The snapshot.
    pub snapshot: String,
}

/// Lets a snapshot be forgotten again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotUnpin {
    /// The snapshot.
    pub snapshot: String,
}

/// A snapshot that has, or has no longer, a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tagged {
    /// Its number on its device.
    pub number: u64,
    /// What the owner calls its device.
    pub device: String,
    /// Whether this device made it.
    pub own: bool,
    /// The tag.
    pub tag: String,
    /// Whether it has it.
    pub added: bool,
}

/// A snapshot that is, or is no longer, pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pinned {
    /// Its number on its device.
    pub number: u64,
    /// What the owner calls its device.
    pub device: String,
    /// Whether this device made it.
    pub own: bool,
    /// Whether it is never forgotten.
    pub pinned: bool,
}

impl Answer for Tagged {}
impl Answer for Pinned {}

fn tag(work: &Work<'_>, snapshot: &str, tag: String, added: bool) -> Result<Tagged, Failure> {
    let account = work.open(WorkKind::Small)?;
    let SnapshotInfo { head, device_name, own, .. } = forget::tag(&account, snapshot, &tag, added, work.quiet_job())?;
    Ok(Tagged { number: head.number, device: device_name, own, tag, added })
}

fn pin(work: &Work<'_>, snapshot: &str, pinned: bool) -> Result<Pinned, Failure> {
    let account = work.open(WorkKind::Small)?;
    let SnapshotInfo { head, device_name, own, .. } = forget::pin(&account, snapshot, pinned, work.quiet_job())?;
    Ok(Pinned { number: head.number, device: device_name, own, pinned })
}

impl Job for SnapshotTag {
    type Reply = Tagged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Forget, "tagged").names([self.snapshot.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Tagged, Failure> {
        tag(work, &self.snapshot, self.tag, true)
    }
}

impl Job for SnapshotUntag {
    type Reply = Tagged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Forget, "untagged").names([self.snapshot.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Tagged, Failure> {
        tag(work, &self.snapshot, self.tag, false)
    }
}

impl Job for SnapshotPin {
    type Reply = Pinned;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Forget, "pinned").names([self.snapshot.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Pinned, Failure> {
        pin(work, &self.snapshot, true)
    }
}

impl Job for SnapshotUnpin {
    type Reply = Pinned;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Forget, "unpinned").names([self.snapshot.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Pinned, Failure> {
        pin(work, &self.snapshot, false)
    }
}
