//! What the engine is given, for tests that call it in this process.

use printkeep::engine::clock::Clock;
use printkeep::engine::profile::Profile;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::{Cancel, Job, OnEvent};
use printkeep::local::os_random::SystemRandom;

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
