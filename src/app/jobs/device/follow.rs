//! Following: the newest files of another device come here, once or as they change.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::following::Followings;
use crate::app::job::{Audited, Job, Recording};
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Event, Exit, Failure, faults};
use crate::core::keys::Keyring;
use crate::core::name::DeviceId;
use crate::engine::account::writer::AccountWriter;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshots;
use crate::engine::repository::stores::OpenError;
use crate::engine::restore::follow::{self, Change, Report};
use crate::engine::sync::{Pull, fetch};
use crate::local::audit;
use crate::text;

/// Changes that a reply names; more are counted only.
const NAMED: usize = 1000;

/// Brings the newest files of another device here.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeviceFollow {
    /// The device, by its name or the first 8 digits of its id.
    pub device: String,
    /// Its source: a label as `ls` shows it, or its path there.
    pub source: PathBuf,
    /// The folder that the files come to.
    pub to: PathBuf,
    /// Seconds between rounds; none for one round only.
    #[serde(default)]
    pub every: Option<u64>,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// What was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Followed {
    /// The newest snapshot that was seen.
    pub snapshot: u64,
    /// The folder that the files came to.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub to: PathBuf,
    /// Files that were brought.
    pub brought: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were edited here: the incoming version lies beside each.
    pub beside: u64,
    /// Files that were deleted there and are kept here.
    pub kept: u64,
    /// Files that could not be brought in the last round.
    pub failed: u64,
    /// Whether a store could not be reached in the last round.
    pub unreached: bool,
    /// Whether it was stopped between two rounds.
    pub stopped: bool,
    /// The first thousand changes.
    pub changes: Vec<Followings>,
}

impl Answer for Followed {
    fn exit(&self) -> Exit {
        match (self.stopped, self.failed, self.unreached) {
            (true, ..) => Exit::Stopped,
            (_, 0, false) => Exit::Done,
            (_, 0, true) => Exit::Store,
            _ => Exit::Incomplete,
        }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.brought, bytes: self.bytes, moved: self.bytes }
    }
}

impl Job for DeviceFollow {
    type Reply = Followed;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(audit::Event::Restore, "follow").names([self.device.clone()]).begins(true))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Followed, Failure> {
        let (keyring, device, to) = {
            let account = work.open_read_only()?;
            let device = snapshots::other_device(&account, &self.device)?;
            let to = follow::folder(&account, &self.to)?;
            (unlock::unlock(work, &account, &self.unlock)?, device, to)
        };
        let mut run = Run { work, asked: &self, keyring, device, reply: nothing_yet(to) };
        loop {
            let (done, again) = (run.round(), self.every);
            match (done, again) {
                (Ok(report), _) => run.add(&report),
                (Err(failure), Some(_)) if failure.exit == Exit::Stopped => return Ok(run.stopped()),
                (Err(failure), None) => return Err(failure),
                (Err(failure), Some(_)) if !may_pass(&failure) => return Err(failure),
                // the next round may go better, and nothing was lost
                (Err(failure), Some(_)) => work.remark(text!("follow-round-failed", why = failure.message)),
            }
            match self.every {
                None => return Ok(run.reply),
                Some(every) if !sleep(work, Duration::from_secs(every)) => return Ok(run.stopped()),
                Some(_) => {}
            }
        }
    }
}

fn nothing_yet(to: PathBuf) -> Followed {
    Followed {
        snapshot: 0,
        to,
        brought: 0,
        bytes: 0,
        beside: 0,
        kept: 0,
        failed: 0,
        unreached: false,
        stopped: false,
        changes: Vec::new(),
    }
}

/// Whether waiting may help: a store that is away, another printkeep at work, a disk that is full for now.
fn may_pass(failure: &Failure) -> bool {
    matches!(failure.exit, Exit::Store | Exit::Busy | Exit::Failed | Exit::Damaged)
}

/// Sleeps, and says whether nobody asked to stop.
fn sleep(work: &Work<'_>, time: Duration) -> bool {
    let end = Instant::now() + time;
    while !work.cancel.is_cancelled() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
    false
}

struct Run<'a> {
    work: &'a Work<'a>,
    asked: &'a DeviceFollow,
    keyring: Keyring,
    device: DeviceId,
    reply: Followed,
}

impl Run<'_> {
    /// One round; the account is held for its time only, so that backups go on between rounds.
    fn round(&mut self) -> Result<Report, Failure> {
        let work = self.work;
        let mut account = work.open(WorkKind::Follow)?;
        let remotes = Remotes::of(&work.session.config()?.stores, work.runtime());
        let mut chunk_index = ChunkIndex::open(&account)?;
        let open = self.pull(&mut account, &mut chunk_index, &remotes)?;
        let info = follow::newest(&account, self.device)?;
        let places = ReadOrder::with_stores(&account, open);
        let reader = ChunkReader::new(&chunk_index, places, &self.keyring, self.device);
        let request = follow::Request { source: self.asked.source.as_os_str().as_bytes(), to: &self.reply.to.clone() };
        let changes = &mut self.reply.changes;
        let mut tell = |change: Change| {
            let change = Followings::from(&change);
            (work.on_event)(Event::Followed { change: Box::new(change.clone()), device: info.device_name.clone() });
            if changes.len() < NAMED {
                changes.push(change);
            }
        };
        Ok(follow::follow(&account, &reader, &info, &request, &mut tell, work.quiet_job())?)
    }

    /// Fetches what the stores have of lists; gives those that could be opened.
    fn pull<'r>(
        &mut self,
        account: &mut AccountWriter,
        chunk_index: &mut ChunkIndex,
        remotes: &'r Remotes,
    ) -> Result<Vec<&'r Remote>, Failure> {
        let work = self.work;
        let mut open = Vec::new();
        self.reply.unreached = false;
        for store in &work.session.config()?.stores {
            let opened = match remotes.open_to_read(account, &store.name) {
                Ok(opened) => opened,
                Err(error @ OpenError::Consent(_)) => return Err(error.into()),
                Err(error) => {
                    self.reply.unreached = true;
                    work.remark(Failure::from(error).message);
                    continue;
                }
            };
            match fetch::pull(account, chunk_index, opened, Pull::Metadata, work.quiet_job()) {
                Ok(report) => {
                    report.failed.iter().for_each(|(name, why)| {
                        work.remark(text!("follow-damaged", object = name.to_string(), why = faults::sync(why)))
                    });
                }
                Err(error) if error.is_stop() => return Err(error.into()),
                Err(error) => {
                    self.reply.unreached = true;
                    work.remark(Failure::from(error).message);
                }
            }
            open.push(opened);
        }
        Ok(open)
    }

    fn add(&mut self, report: &Report) {
        let total = &mut self.reply;
        total.snapshot = report.snapshot;
        total.brought += report.brought;
        total.bytes += report.bytes;
        total.beside += report.beside;
        total.kept += report.kept;
        // what failed is tried again in the next round
        total.failed = report.failed;
    }

    fn stopped(mut self) -> Followed {
        self.reply.stopped = true;
        self.reply
    }
}
