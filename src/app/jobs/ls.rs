//! What a snapshot holds.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::forms::entry::{Entry, SnapshotRef};
use crate::app::job::{Audited, Job};
use crate::app::reading::{PathQuery, Reading, shell_word};
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Event, Failure};
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots;
use crate::engine::restore::browse;
use crate::local::audit;

/// Lists a snapshot, or what is at a path in it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Ls {
    /// A number, `latest`, or either behind a device's name and a colon.
    pub snapshot: String,
    /// A path in it, as it is listed, as it was on the device, or its end.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Everything below, too.
    #[serde(default)]
    pub recursive: bool,
    /// Entries come as events alone, and the reply only counts them.
    #[serde(default)]
    pub streamed: bool,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was listed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// The snapshot.
    #[serde(flatten)]
    pub which: SnapshotRef,
    /// How many entries.
    pub count: u64,
    /// The entries, where they did not come as events.
    pub entries: Vec<Entry>,
}

impl Answer for Listing {}

impl Job for Ls {
    type Reply = Listing;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(audit::Event::Browse, "ls").names([self.snapshot.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Listing, Failure> {
        let reading = Reading::open(work, &self.unlock)?;
        let info = snapshots::choose(&reading.account, &self.snapshot)?;
        let mut listing = Listing { which: SnapshotRef::of(&info), count: 0, entries: Vec::new() };
        let reader = reading.reader(&info);
        let snapshot = Snapshot::open(&reader, info.head.clone())?;
        let typed = |snapshot: &str| match &self.path {
            Some(path) => format!("ls {snapshot} {}", shell_word(path)),
            None => format!("ls {snapshot}"),
        };
        let asked = PathQuery { info: &info, paths: self.path.as_slice(), typed: &typed };
        let paths = reading.named(work, &snapshot, &asked)?;
        let mut show = |entry| {
            listing.count += 1;
            let entry = Entry::from(&entry);
            if self.streamed { (work.on_event)(Event::Entry(Box::new(entry))) } else { listing.entries.push(entry) }
        };
        if paths.is_empty() {
            browse::list(&snapshot, None, self.recursive, &mut show, work.cancel)?;
        }
        for path in &paths {
            browse::list(&snapshot, Some(path), self.recursive, &mut show, work.cancel)?;
        }
        Ok(listing)
    }
}
