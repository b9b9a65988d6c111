//! What changed between two snapshots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::forms::entry::{Changed, Entry, SnapshotRef};
use crate::app::job::{Audited, Job};
use crate::app::reading::Reading;
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Event, Failure};
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots;
use crate::engine::restore::browse;
use crate::local::audit;

/// Compares two snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// The earlier one: a number, `latest`, or either behind a device's name and a colon.
    pub before: String,
    /// The later one.
    pub after: String,
    /// Changes come as events alone, and the reply only counts them.
    #[serde(default)]
    pub streamed: bool,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The earlier snapshot.
    pub before: SnapshotRef,
    /// The later snapshot.
    pub after: SnapshotRef,
    /// How many entries are not the same.
    pub count: u64,
    /// The changes, where they did not come as events.
    pub changes: Vec<Changed>,
}

impl Answer for Changes {}

impl Job for Diff {
    type Reply = Changes;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(audit::Event::Browse, "diff"))
    }

    fn run(self, work: &Work<'_>) -> Result<Changes, Failure> {
        let reading = Reading::open(work, &self.unlock)?;
        let (before, after) =
            (snapshots::choose(&reading.account, &self.before)?, snapshots::choose(&reading.account, &self.after)?);
        let mut reply =
            Changes { before: SnapshotRef::of(&before), after: SnapshotRef::of(&after), count: 0, changes: Vec::new() };
        let fetchers = (reading.reader(&before), reading.reader(&after));
        let before = Snapshot::open(&fetchers.0, before.head)?;
        let after = Snapshot::open(&fetchers.1, after.head)?;
        let mut show = |change: browse::Change, entry: &_| {
            reply.count += 1;
            let changed = Changed { change: change.into(), entry: Entry::from(entry) };
            if self.streamed { (work.on_event)(Event::Changed(Box::new(changed))) } else { reply.changes.push(changed) }
        };
        browse::diff(&before, &after, &mut show, work.cancel)?;
        Ok(reply)
    }
}
