//! Restoring: entries in order, files by several threads, nothing outside the target, nothing newer overwritten.
//!
//! A file is written without a name, or beside its place, and gets its name when it is whole. Before a run reports what it
//! restored, the file system is told to keep it (one `syncfs`); a run that was cut off is simply run again: what is there
//! already is compared, not trusted.

pub mod browse;
pub mod drill;
mod file;
pub mod follow;
pub mod in_place;
pub mod request;
pub mod rescue;
mod target;

pub(super) use file::is_same;
pub(super) use target::{Draft, Folder, Folders, Target, set_attributes, standing};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::core::manifest::{Attributes, Entry, Node};
use crate::core::name::RelPath;
use crate::engine::error::{FileFault, Standing};
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::named;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::{EngineError, Event, Job, Notice, Phase};
use crate::local::home::DiskError;
use file::{Outcome, restore_file};

pub use request::{Owners, Place, Replace, Report, Request};

/// So many of those that something stands in the place of are named.
const MAX_KEPT: usize = 1000;

/// Restores a snapshot, or the named parts of it.
pub fn restore(
    reader: &ChunkReader<'_>,
    snapshot: &Snapshot<'_>,
    request: &Request,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let (files, bytes) = named::measure(snapshot, &request.paths, job.cancel)?;
    let target = Target::open(&request.to)?;
    job.tell(Event::Phase(Phase::Restoring));
    job.tell(Event::Total { files, bytes });
    let report = Mutex::new(Report::default());
    let asked: Vec<PathOutcome> = request.paths.iter().map(|_| PathOutcome::default()).collect();
    let owner = target.root().owner().map_err(DiskError::at("look at", &request.to))?;
    let run = Run { reader, target: &target, request, owner, report: &report, asked: &asked, job };
    let (jobs, queue) = sync_channel::<Queued>(request.workers * 2);
    let (run, queue) = (&run, Arc::new(Mutex::new(queue)));
    let folders = thread::scope(|scope| {
        let working = |queue: Arc<_>| scope.spawn(move || run.work(&queue));
        let workers: Vec<_> = (0..request.workers).map(|_| working(queue.clone())).collect();
        // the queue goes with the last of them, so that nobody waits for room in it
        drop(queue);
        let done = run.walk(snapshot, &|file| jobs.send(file).map_err(|_| EngineError::Cancelled));
        drop(jobs);
        let broken = workers.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        if broken == 0 { done } else { Err(EngineError::Crashed) }
    })?;
    job.check()?;
    folders.finish(&target, &|path, error| run.told_failed(path, &error.into()));
    target.sync()?;
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    let lacking = request.paths.iter().zip(&asked).filter(|(_, came)| came.is_lacking());
    report.kept_first.sort_by(|(one, _), (other, _)| one.cmp(other));
    report.nothing_of = lacking.map(|(path, _)| path.clone()).collect();
    Ok(report)
}

/// What came of a path that was asked for.
#[derive(Default)]
struct PathOutcome {
    came: AtomicBool,
    failed: AtomicBool,
}

impl PathOutcome {
    /// Whether nothing of it could be restored.
    fn is_lacking(&self) -> bool {
        self.failed.load(Ordering::Relaxed) && !self.came.load(Ordering::Relaxed)
    }
}

/// A file for a worker, with the open folder it goes to.
struct Queued {
    entry: Entry,
    parent: target::Folder,
    /// Where it lies in the snapshot.
    from: RelPath,
}

struct Run<'a> {
    reader: &'a ChunkReader<'a>,
    target: &'a Target,
    request: &'a Request,
    /// Who owns the folder that everything goes below.
    owner: (u32, u32),
    report: &'a Mutex<Report>,
    asked: &'a [PathOutcome],
    job: Job<'a>,
}

impl Run<'_> {
    /// What was asked for and holds a path of the snapshot.
    fn asked_for(&self, from: &RelPath) -> impl Iterator<Item = &PathOutcome> {
        let holds = |path: &RelPath| from.is_within(path);
        self.request.paths.iter().zip(self.asked).filter(move |(path, _)| holds(path)).map(|(_, asked)| asked)
    }

    /// It did not come; `from` is where it lies in the snapshot, by which it is told.
    fn failed(&self, from: &RelPath, why: &FileFault) {
        self.asked_for(from).for_each(|asked| asked.failed.store(true, Ordering::Relaxed));
        match why {
            FileFault::Stands(stands) if self.request.replace == Replace::Nothing => self.kept(from, *stands),
            why => self.told_failed(from, why),
        }
    }

    fn kept(&self, from: &RelPath, stands: Standing) {
        self.tally(|report| {
            report.kept += 1;
            if report.kept_first.len() < MAX_KEPT {
                report.kept_first.push((from.clone(), stands));
            }
        });
    }

    /// A failure of what is no part of what was asked for, or was counted as it.
    fn told_failed(&self, path: &RelPath, why: &FileFault) {
        self.tally(|report| report.failed += 1);
        self.job.notice(Notice::Failed(path, why));
    }

    fn came(&self, from: &RelPath) {
        self.asked_for(from).for_each(|asked| asked.came.store(true, Ordering::Relaxed));
    }

    fn beside(&self, from: &RelPath, name: Option<Vec<u8>>) {
        if let Some(name) = name {
            self.tally(|report| report.beside += 1);
            self.job.notice(Notice::Beside(from, &String::from_utf8_lossy(&name)));
        }
    }

    fn tally(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What a file or folder gets of what the snapshot says of it.
    fn attributes(&self, said: Attributes) -> Attributes {
        match self.request.owners {
            Owners::OfSnapshot => said,
            Owners::OfFolder => Attributes { mode: said.mode & 0o777, uid: self.owner.0, gid: self.owner.1, ..said },
        }
    }

    /// Makes folders and links in order and hands files to the workers.
    fn walk(&self, snapshot: &Snapshot<'_>, send: &dyn Fn(Queued) -> Result<(), EngineError>) -> Result<Folders, EngineError> {
        let wanted = &self.request.paths;
        let mut folders = Folders::default();
        for entry in snapshot.entries() {
            self.job.check()?;
            let mut entry = entry?;
            if !wanted.is_empty() && !wanted.iter().any(|path| entry.path.is_within(path)) {
                continue;
            }
            let from = entry.path.clone();
            entry.attributes = self.attributes(entry.attributes);
            match self.request.place.of(&entry.path) {
                Some(path) => entry.path = path,
                // whoever restores into a folder made it as it is to be
                None => continue,
            }
            let parent = match folders.parent_of(self.target, &entry.path) {
                Ok(parent) => parent,
                Err(error) => {
                    self.failed(&from, &error.into());
                    continue;
                }
            };
            match &entry.node {
                Node::Folder => {
                    if let Err(error) = folders.enter(&parent, &entry, &from) {
                        self.failed(&from, &error.into());
                    }
                }
                Node::Link { target } => match parent.link(&entry, target, self.request.replace) {
                    Ok(beside) => {
                        self.came(&from);
                        self.beside(&from, beside);
                    }
                    Err(why) => self.failed(&from, &why),
                },
                Node::File { .. } => send(Queued { entry, parent, from })?,
            }
        }
        Ok(folders)
    }

    fn work(&self, queue: &Mutex<Receiver<Queued>>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Queued { entry, parent, from }) = next else { return };
            if self.job.cancel.is_cancelled() {
                continue;
            }
            self.job.tell(Event::File(&entry.path));
            match restore_file(self.reader, &parent, &entry, self.request.replace, self.job) {
                Ok(Outcome::Written { bytes, beside }) => {
                    self.came(&from);
                    self.tally(|report| {
                        report.files += 1;
                        report.bytes += bytes;
                    });
                    self.beside(&from, beside);
                }
                Ok(Outcome::Already) => {
                    self.came(&from);
                    self.tally(|report| report.already += 1);
                }
                // it did not fail: nothing more is restored
                Err(FileFault::Backup(error)) if error.is_stop() => continue,
                Err(why) => self.failed(&from, &why),
            }
            self.job.tell(Event::FileDone);
        }
    }
}
