//! `follow`: the newest files of another device come here, once or as they change.

use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::core::keys::Keyring;
use crate::core::name::DeviceId;
use crate::engine::catalog::Catalog;
use crate::engine::fetch::Fetcher;
use crate::engine::follow::{self, Change, Report};
use crate::engine::places::Places;
use crate::engine::runtime::Runtime;
use crate::engine::stores::OpenError;
use crate::engine::sync::{self, Pull};
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, select, stores};
use crate::store::work_lock::Work;
use crate::surface::args::Follow;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Changes that a JSON answer names; more are counted only.
const NAMED: usize = 1000;

/// Follows.
pub fn run(context: &Context, args: &Follow) -> Result<Answer, Failure> {
    let (keyring, device, to) = {
        let account = context.look()?;
        let device = select::other_device(&account, &args.device)?;
        let to = follow::folder(&account, &args.to)?;
        (ask::unlock(context, &account, &args.unlock)?, device, to)
    };
    let mut run = Run { context, args, keyring, device, to, changes: Vec::new(), total: Report::default(), unreached: false };
    loop {
        let done = run.round();
        match done {
            Ok(report) => run.add(&report),
            Err(failure) if args.once || !may_pass(&failure) => {
                return if failure.exit == Exit::Stopped && !args.once { Ok(run.answer(Exit::Stopped)) } else { Err(failure) };
            }
            // the next round may go better, and nothing was lost
            Err(failure) => words::note(&format!("this round failed: {}", failure.message)),
        }
        if args.once {
            let exit = match (run.total.failed, run.unreached) {
                (0, false) => Exit::Done,
                (0, true) => Exit::Store,
                _ => Exit::Incomplete,
            };
            return Ok(run.answer(exit));
        }
        if !sleep(context, args.every) {
            return Ok(run.answer(Exit::Stopped));
        }
    }
}

/// Whether waiting may help: a store that is away, another printkeep at work, a disk that is full for now.
fn may_pass(failure: &Failure) -> bool {
    matches!(failure.exit, Exit::Store | Exit::Busy | Exit::Failed | Exit::Damaged)
}

/// Sleeps, and says whether nobody asked to stop.
fn sleep(context: &Context, time: Duration) -> bool {
    let end = Instant::now() + time;
    while !context.cancel.is_cancelled() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
    false
}

struct Run<'a> {
    context: &'a Context,
    args: &'a Follow,
    keyring: Keyring,
    device: DeviceId,
    to: std::path::PathBuf,
    changes: Vec<Value>,
    total: Report,
    unreached: bool,
}

impl Run<'_> {
    /// One round; the account is held for its time only, so that backups go on between rounds.
    fn round(&mut self) -> Result<Report, Failure> {
        let context = self.context;
        let config = context.config()?;
        let mut account = context.open(Work::Follow)?;
        let runtime = Runtime::new(&context.cancel)?;
        let mut catalog = Catalog::open(&account)?;
        let mut open = Vec::new();
        self.unreached = false;
        for store in &config.stores {
            let opened = match stores::open_to_read(&account, store) {
                Ok(opened) => opened,
                Err(error @ OpenError::Consent(_)) => return Err(error.into()),
                Err(error) => {
                    self.unreached = true;
                    words::note(&EngineError::from(error).to_string());
                    continue;
                }
            };
            let shelf = Shelf::new(&*opened.provider, &runtime);
            match sync::pull(&mut account, &mut catalog, &shelf, Pull::Metadata, &|_| {}, &context.cancel) {
                Ok(report) => report.failed.iter().for_each(|(name, why)| words::note(&format!("{name}: {why}"))),
                Err(error @ EngineError::Cancelled) => return Err(error.into()),
                Err(error) => {
                    self.unreached = true;
                    words::note(&error.to_string());
                }
            }
            open.push(opened);
        }
        let info = follow::newest(&account, self.device)?;
        let places = Places::with_stores(&account, &open, &runtime);
        let fetcher = Fetcher::new(&catalog, places, &self.keyring, self.device);
        let request = follow::Request { source: self.args.source.as_bytes(), to: &self.to };
        let (changes, shown) = (&mut self.changes, !context.json && !context.quiet);
        let mut tell = |change: Change| {
            let line = line(&change, &info.device_name);
            if matches!(change, Change::Failed(..)) && !context.json {
                words::note(&line);
            } else if shown {
                words::print(&line);
            }
            if changes.len() < NAMED {
                changes.push(fields(&change));
            }
        };
        Ok(follow::follow(&account, &fetcher, &info, &request, &context.random, &mut tell, &context.cancel)?)
    }

    fn add(&mut self, report: &Report) {
        let total = &mut self.total;
        total.snapshot = report.snapshot;
        total.brought += report.brought;
        total.bytes += report.bytes;
        total.beside += report.beside;
        total.kept += report.kept;
        // what failed is tried again in the next round
        total.failed = report.failed;
    }

    fn answer(&self, exit: Exit) -> Answer {
        let total = &self.total;
        let mut lines = vec![format!(
            "Brought {} ({}) of snapshot {} to {}.",
            words::count(total.brought, "change"),
            words::size(total.bytes),
            total.snapshot,
            self.to.display(),
        )];
        if total.beside > 0 {
            lines.push(format!("{} edited here: the incoming version lies beside each.", words::count(total.beside, "file")));
        }
        if total.failed > 0 {
            lines.push(format!("{} could not be brought; the next round tries again.", words::count(total.failed, "item")));
        }
        let fields = json!({
            "snapshot": total.snapshot, "to": self.to, "brought": total.brought, "bytes": total.bytes, "beside": total.beside,
            "kept": total.kept, "failed": total.failed, "changes": self.changes,
        });
        Answer::new(lines, fields).exit(exit)
    }
}

fn line(change: &Change, device: &str) -> String {
    match change {
        Change::New(path) => format!("new      {path}"),
        Change::Updated(path) => format!("updated  {path}"),
        Change::Beside(path, name) => format!("edited   {path}: it was edited here and is kept; the other version is {name:?}"),
        Change::Kept(path) => format!("kept     {path}: it was deleted on {device}"),
        Change::Failed(path, why) => format!("failed   {path}: {why}"),
    }
}

fn fields(change: &Change) -> Value {
    match change {
        Change::New(path) => json!({ "change": "new", "path": path.to_string() }),
        Change::Updated(path) => json!({ "change": "updated", "path": path.to_string() }),
        Change::Beside(path, name) => json!({ "change": "beside", "path": path.to_string(), "name": name }),
        Change::Kept(path) => json!({ "change": "kept", "path": path.to_string() }),
        Change::Failed(path, why) => json!({ "change": "failed", "path": path.to_string(), "reason": why }),
    }
}
