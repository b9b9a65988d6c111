//! One file of a snapshot, byte for byte, to whoever asks; nothing is written to the disk.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::entry::{Entry, SnapshotRef};
use crate::app::job::{Audited, Job, Recording};
use crate::app::reading::{PathQuery, Reading, shell_word};
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Event, Failure};
use crate::core::manifest::{self, Node};
use crate::core::name::RelPath;
use crate::engine::EngineError;
use crate::engine::repository::content::content;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots;
use crate::local::audit;
use crate::text;

/// Gives the content of a file as [`Event::Content`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Cat {
    /// A number, `latest`, or either behind a device's name and a colon.
    pub snapshot: String,
    /// The file, as it is listed, as it was on the device, or its end.
    pub path: PathBuf,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was given.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// The snapshot.
    #[serde(flatten)]
    pub which: SnapshotRef,
    /// The file.
    pub entry: Entry,
    /// Its bytes, all of them given.
    pub bytes: u64,
}

impl Answer for Given {
    fn tally(&self) -> Tally {
        Tally { objects: 1, bytes: self.bytes, moved: 0 }
    }
}

impl Job for Cat {
    type Reply = Given;

    fn audited(&self) -> Option<Audited> {
        let names = [self.snapshot.clone(), self.path.display().to_string()];
        Some(Audited::of(audit::Event::Restore, "cat").names(names).begins(true))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Given, Failure> {
        let reading = Reading::open(work, &self.unlock)?;
        let info = snapshots::choose(&reading.account, &self.snapshot)?;
        let which = SnapshotRef::of(&info);
        let reader = reading.reader(&info);
        let snapshot = Snapshot::open(&reader, info.head.clone())?;
        let typed = |snapshot: &str| format!("cat {snapshot} {}", shell_word(&self.path));
        let asked = PathQuery { info: &info, paths: std::slice::from_ref(&self.path), typed: &typed };
        let paths = reading.named(work, &snapshot, &asked)?;
        let no_file = || Failure::usage(text!("cat-no-file", path = self.path.as_path())).hint(text!("cat-no-file-hint"));
        let [path] = &paths[..] else { return Err(no_file()) };
        let found = entry_at(&snapshot, path)?;
        if !matches!(found.node, Node::File { .. }) {
            return Err(no_file());
        }
        let mut give = |bytes: &[u8]| (work.on_event)(Event::Content { bytes: bytes.to_vec() });
        let bytes = content(&reader, &found, &mut give, work.cancel)?;
        Ok(Given { which, entry: Entry::from(&found), bytes })
    }
}

fn entry_at(snapshot: &Snapshot<'_>, path: &RelPath) -> Result<manifest::Entry, EngineError> {
    for entry in snapshot.entries() {
        let entry = entry?;
        if entry.path == *path {
            return Ok(entry);
        }
    }
    Err(EngineError::NoPath(path.to_string()))
}
