//! What the engine is given, for tests that call it in this process.

use printkeep::engine::clock::Clock;
use printkeep::engine::profile::Profile;
use printkeep::engine::repository::chunk_reader::ChunkReader;
use printkeep::engine::repository::snapshot::Snapshot;
use printkeep::engine::restore;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::{Cancel, Job, OnEvent};
use printkeep::local::os_random::SystemRandom;

use crate::support::program::{Home, contents};

/// What a job is made of.
pub struct JobTools {
    random: SystemRandom,
    cancel: Cancel,
    runtime: Runtime,
    profile: Profile,
}

impl JobTools {
    /// For work that `cancel` stops.
    pub fn new(cancel: &Cancel) -> Self {
        Self { random: SystemRandom::new(), cancel: cancel.clone(), runtime: Runtime::new(cancel), profile: Profile::pc() }
    }

    /// A job that `on_event` watches.
    pub fn job<'a>(&'a self, on_event: OnEvent<'a>) -> Job<'a> {
        let Self { random, cancel, runtime, profile } = self;
        Job { random, clock: Clock::SYSTEM, cancel, on_event, runtime, profile }
    }
}

/// Restores a snapshot with what was opened before, and finds what the home's source holds.
pub fn comes_back(home: &Home, reader: &ChunkReader<'_>, snapshot: &Snapshot<'_>) {
    let to = home.folder.path().join("to");
    let request = restore::Request {
        paths: vec![],
        to: to.clone(),
        place: restore::Place::Labelled,
        replace: restore::Replace::Nothing,
        owners: restore::Owners::OfFolder,
        workers: 2,
    };
    let tools = JobTools::new(&Cancel::default());
    let report = restore::restore(reader, snapshot, &request, tools.job(&|_| {})).unwrap();
    assert_eq!((report.failed, contents(&to.join("data"))), (0, contents(&home.data)));
}
