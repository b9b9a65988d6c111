//! Files in snapshots by their names.

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::forms::entry::{Entry, Found};
use crate::app::forms::snapshot::Snapshot as Listed;
use crate::app::job::{Audited, Job};
use crate::app::reading::Reading;
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Event, Failure, Text};
use crate::core::manifest::Node;
use crate::core::name::RelPath;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::local::audit;
use crate::text;

/// Finds files.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Find {
    /// A part of a name, or a pattern such as `*benchy*`; with a `/`, of a path. Upper and lower case are alike.
    pub pattern: String,
    /// This snapshot only; without, all.
    #[serde(default)]
    pub snapshot: Option<String>,
    /// Files come as events alone, and the reply only counts them.
    #[serde(default)]
    pub streamed: bool,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// What was looked for.
    pub pattern: String,
    /// How many files.
    pub count: u64,
    /// The files, where they did not come as events.
    pub found: Vec<Found>,
}

impl Answer for Findings {}

/// What is looked for.
enum Pattern {
    /// Part of a name or path, in lower case.
    Part(String),
    /// A pattern of a name or path.
    Glob(Box<GlobMatcher>),
}

/// What is wrong with a pattern.
fn no_pattern(kind: &globset::ErrorKind) -> Text {
    use globset::ErrorKind as E;
    match kind {
        E::UnclosedClass => text!("find-open-class"),
        E::InvalidRange(..) => text!("find-no-range"),
        E::UnopenedAlternates | E::UnclosedAlternates | E::NestedAlternates => text!("find-open-alternates"),
        _ => text!("find-not-understood"),
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, Failure> {
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Self::Part(text.to_lowercase()));
        }
        let glob = GlobBuilder::new(text).case_insensitive(true).literal_separator(false).build();
        let glob =
            glob.map_err(|error| Failure::usage(text!("find-no-pattern", pattern = text, why = no_pattern(error.kind()))))?;
        Ok(Self::Glob(Box::new(glob.compile_matcher())))
    }

    fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Part(part) => name.to_lowercase().contains(part),
            Self::Glob(glob) => glob.is_match(name),
        }
    }
}

impl Job for Find {
    type Reply = Findings;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(audit::Event::Browse, "find").names([self.pattern.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<Findings, Failure> {
        let pattern = Pattern::parse(&self.pattern)?;
        let by_path = self.pattern.contains('/');
        let wanted = |path: &RelPath| {
            let meant = if by_path { path.as_bytes() } else { path.file_name() };
            pattern.is_match(&String::from_utf8_lossy(meant))
        };
        let reading = Reading::open(work, &self.unlock)?;
        let notes = DeletionNotes::read(&reading.account)?;
        let history = reading.account.history();
        let snapshots = match &self.snapshot {
            Some(name) => vec![snapshots::choose(&reading.account, name)?],
            None => snapshots::snapshots(&reading.account)?.0,
        };
        let mut findings = Findings { pattern: self.pattern.clone(), count: 0, found: Vec::new() };
        for info in snapshots {
            let heading = Listed::of(&reading.account, &notes, &history, &info);
            let (device, number) = (info.head.device, info.head.number);
            if let Err(failure) = self.in_one(work, &reading, info, heading, &wanted, &mut findings) {
                match snapshots::head(&reading.account, device, number) {
                    // forgotten and pruned by another process while it was looked at
                    Err(error) if error.is_absence() => {}
                    _ => return Err(failure),
                }
            }
        }
        Ok(findings)
    }
}

impl Find {
    fn in_one(
        &self,
        work: &Work<'_>,
        reading: &Reading,
        info: SnapshotInfo,
        heading: Listed,
        wanted: &dyn Fn(&RelPath) -> bool,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        let mut heading = Some(heading);
        let reader = reading.reader(&info);
        let (number, device) = (info.head.number, info.device_name.clone());
        let snapshot = Snapshot::open(&reader, info.head)?;
        for entry in snapshot.entries() {
            work.cancel.check()?;
            let entry = entry?;
            if matches!(entry.node, Node::Folder) || !wanted(&entry.path) {
                continue;
            }
            findings.count += 1;
            let found = Found { snapshot: number, device: device.clone(), entry: Entry::from(&entry) };
            if !self.streamed {
                findings.found.push(found);
                continue;
            }
            if let Some(heading) = heading.take() {
                (work.on_event)(Event::InSnapshot(Box::new(heading)));
            }
            (work.on_event)(Event::Found(Box::new(found)));
        }
        Ok(())
    }
}
