//! Bringing files back: below a folder, or to where they were.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::entry::SnapshotRef;
use crate::app::forms::notice::Notice;
use crate::app::job::{Audited, Job, Recording};
use crate::app::reading::{PathQuery, Reading, shell_word};
use crate::app::unlock::Unlock;
use crate::app::work::Work;
use crate::app::{Arg, Exit, Failure};
use crate::core::name::RelPath;
use crate::engine::account::Account;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::named::measure;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::engine::restore::in_place::Part;
use crate::engine::restore::{self as engine, Owners, Place, Replace, Report, in_place};
use crate::local::audit;
use crate::local::home::full_path;
use crate::text;

/// So many places are named in a question.
const MAX_TOLD: usize = 10;

/// Restores a snapshot, or parts of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Restore {
    /// A number, `latest`, or either behind a device's name and a colon.
    pub snapshot: String,
    /// Parts of it, as they are listed, as they were on the device, or their ends; none for everything.
    #[serde(default)]
    pub paths: Vec<PathBuf>,
    /// The folder that everything goes below; none to put everything back to where it was.
    #[serde(default)]
    pub to: Option<PathBuf>,
    /// Whether files that differ are replaced and gone; else they are kept beside, and below a folder a newer one keeps its place.
    #[serde(default)]
    pub overwrite: bool,
    /// Whether files get the owners, and the setuid, setgid and sticky bits, that the snapshot names: as root, of a device of the account.
    #[serde(default)]
    pub owners: bool,
    /// Whether nobody is asked before files are put back to where they were.
    #[serde(default)]
    pub yes: bool,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was restored.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// The snapshot.
    #[serde(flatten)]
    pub which: SnapshotRef,
    /// Newer ones of other devices, where the newest was asked for without saying whose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub newer: Vec<SnapshotRef>,
    /// The folder that everything went below; none where it went back to where it was.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub to: Option<PathBuf>,
    /// Where it went back to, a few of the places; where it went below a folder, none. What could not be put back is not among them.
    pub places: Vec<String>,
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already, byte for byte.
    pub already: u64,
    /// Files that stood there and lie beside the restored ones now.
    pub beside: u64,
    /// What could not be restored.
    pub failed: u64,
    /// Objects that came from an earlier version: a store shows others now, or none.
    pub earlier: Vec<Earlier>,
    /// What was told of files on the way.
    pub notices: Vec<Notice>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// An object that came from an earlier version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Earlier {
    /// The object.
    pub object: String,
    /// The store.
    pub store: String,
}

impl Answer for Restored {
    fn exit(&self) -> Exit {
        if self.failed == 0 { Exit::Done } else { Exit::Incomplete }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.files, bytes: self.bytes, moved: 0 }
    }
}

impl Job for Restore {
    type Reply = Restored;

    fn audited(&self) -> Option<Audited> {
        let to = self.to.as_ref().map_or_else(|| "in place".to_owned(), |to| format!("to {}", to.display()));
        let paths = self.paths.iter().map(|path| path.display().to_string());
        let names = [self.snapshot.clone(), to].into_iter().chain(paths);
        Some(Audited::of(audit::Event::Restore, "restore").names(names).begins(true))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Restored, Failure> {
        let to = self.to.as_ref().map(|to| full_path(to).map_err(|error| Failure::path(to, &error))).transpose()?;
        if to.as_ref().is_some_and(|to| to.parent().is_none()) {
            return Err(Failure::usage(text!("restore-to-root")).hint(text!("restore-to-root-hint")));
        }
        let reading = Reading::open(work, &self.unlock)?;
        let info = snapshots::choose(&reading.account, &self.snapshot)?;
        let owners = asked_owners(self.owners, &reading.account, &info)?;
        let which = SnapshotRef::of(&info);
        let reader = reading.reader(&info);
        let snapshot = Snapshot::open(&reader, info.head.clone())?;
        let typed = |snapshot: &str| self.typed(snapshot);
        let paths = reading.named(work, &snapshot, &PathQuery { info: &info, paths: &self.paths, typed: &typed })?;
        let newer = if self.snapshot == "latest" { reading.newer_elsewhere(&info)? } else { Vec::new() };
        let (watcher, started) = (work.watcher_by_reason(), std::time::Instant::now());
        let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
        let job = work.job(&on_event);
        let (report, places) = match &to {
            Some(to) => (self.below(&reader, &snapshot, (paths, to.clone(), owners), job)?, Vec::new()),
            None => self.in_place(work, &reading, &reader, (&snapshot, &which), (&paths, owners), job)?,
        };
        let earlier = reader.earlier().into_iter().map(|(name, store)| Earlier { object: name.to_string(), store });
        let Report { files, bytes, already, beside, failed, .. } = report;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (earlier, notices) = (earlier.collect(), watcher.finish());
        Ok(Restored { which, newer, to, places, files, bytes, already, beside, failed, earlier, notices, milliseconds })
    }
}

impl Restore {
    /// What is typed for the same from another snapshot.
    fn typed(&self, snapshot: &str) -> String {
        let paths = self.paths.iter().map(|path| format!(" {}", shell_word(path)));
        let owners = if self.owners { " --owners" } else { "" };
        let to = self.to.as_ref().map_or_else(|| " --in-place".to_owned(), |to| format!(" --to {}", shell_word(to)));
        format!("restore {snapshot}{}{to}{owners}", paths.collect::<String>())
    }

    fn below(
        &self,
        reader: &ChunkReader<'_>,
        snapshot: &Snapshot<'_>,
        (paths, to, owners): (Vec<RelPath>, PathBuf, Owners),
        job: crate::engine::Job<'_>,
    ) -> Result<Report, Failure> {
        let replace = if self.overwrite { Replace::Everything } else { Replace::Older };
        let request = engine::Request { paths, to, place: Place::Labelled, replace, owners, workers: 2 };
        engine::restore(reader, snapshot, &request, job).map_err(|error| not_below(error.into()))
    }

    /// Asks, and puts back.
    fn in_place(
        &self,
        work: &Work<'_>,
        reading: &Reading,
        reader: &ChunkReader<'_>,
        (snapshot, which): (&Snapshot<'_>, &SnapshotRef),
        (paths, owners): (&[RelPath], Owners),
        job: crate::engine::Job<'_>,
    ) -> Result<(Report, Vec<String>), Failure> {
        let parts = in_place::parts(&reading.account, snapshot, paths, work.cancel)?;
        if !self.yes {
            let (files, bytes) = measure(snapshot, paths, work.cancel)?;
            let question = text!(
                "restore-in-place-ask",
                files = text!("files", count = files),
                size = Arg::Bytes(bytes),
                snapshot = which.snapshot,
                device = &which.device,
                time = Arg::Time(which.time),
                places = places(&parts, &[]).join("\n"),
                overwrite = if self.overwrite { text!("restore-ask-replaces") } else { text!("restore-ask-keeps") },
            );
            work.must_agree(&question, "--yes", text!("restore-not-agreed"))?;
        }
        let replace = if self.overwrite { Replace::Everything } else { Replace::Beside };
        let report = in_place::put_back(reader, snapshot, &parts, (replace, owners), job)?;
        let places = places(&parts, &report.nothing_of);
        Ok((report, places))
    }
}

/// Whom what is restored belongs to: owners as they were are given by root alone, and taken from nobody who is no device of the account.
pub fn asked_owners(asked: bool, account: &Account, info: &SnapshotInfo) -> Result<Owners, Failure> {
    if !asked {
        return Ok(Owners::OfFolder);
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::usage(text!("restore-owners-root")).hint(text!("restore-owners-root-hint")));
    }
    if account.roster.member(&info.head.device).is_none_or(|member| !member.is_active()) {
        return Err(Failure::usage(text!("restore-owners-revoked", device = &info.device_name))
            .hint(text!("restore-owners-revoked-hint")));
    }
    Ok(Owners::OfSnapshot)
}

/// What is put back may go to any folder that this user may write to.
fn not_below(failure: Failure) -> Failure {
    let is_refused = failure.hint.as_ref().is_some_and(|hint| hint.id == "disk-permission-hint");
    if is_refused { failure.hint(text!("restore-permission-hint")) } else { failure }
}

/// A few of the places that paths go to, but for some of these.
fn places(parts: &[Part], without: &[RelPath]) -> Vec<String> {
    let told = |path: &&RelPath| !without.contains(path);
    let targets =
        parts.iter().flat_map(|part| part.paths.iter().filter(told).map(|path| part.target(path).display().to_string()));
    let mut places: Vec<String> = targets.take(MAX_TOLD + 1).collect();
    if places.len() > MAX_TOLD {
        places[MAX_TOLD] = "…".into();
    }
    places
}
