//! What all longer work of the engine is given together: randomness, the clock, a way to stop, whoever watches, and what the machine bears.

use crate::core::random::Random;
use crate::engine::cancel::Cancel;
use crate::engine::clock::Clock;
use crate::engine::error::EngineError;
use crate::engine::profile::Profile;
use crate::engine::progress::{Event, Notice, OnEvent};
use crate::engine::runtime::Runtime;

/// What longer work is given together; one per request, as it was asked.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Randomness, for names and keys.
    pub random: &'a dyn Random,
    /// The clock that what is kept is dated by.
    pub clock: Clock,
    /// Asked between steps whether to stop.
    pub cancel: &'a Cancel,
    /// Told what happens meanwhile.
    pub on_event: OnEvent<'a>,
    /// Drives what providers do, until `cancel` stops it.
    pub runtime: &'a Runtime,
    /// Sizes and costs that fit the machine.
    pub profile: &'a Profile,
}

impl<'a> Job<'a> {
    /// The same job, watched by another: for a part whose events mean something else to whoever asked.
    #[must_use]
    pub fn watched_by(self, on_event: OnEvent<'a>) -> Self {
        Self { on_event, ..self }
    }

    /// What the clock says, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Tells whoever watches.
    pub fn tell(&self, event: Event<'_>) {
        (self.on_event)(event);
    }

    /// Tells whoever watches something that the owner should know.
    pub fn notice(&self, notice: Notice<'_>) {
        self.tell(Event::Notice(notice));
    }

    /// Stops here if a stop was asked for.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], where it was.
    pub fn check(&self) -> Result<(), EngineError> {
        self.cancel.check()
    }
}
