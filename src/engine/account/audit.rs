//! What is done with the account's data goes to its audit log; a log that cannot be written stops nothing, and is told.
//!
//! Backing up and reading back go on when the log cannot be written, because a full disk is when an owner needs them most; whoever
//! works is told at the end, and a problem is kept. What must not happen unwritten, consent and changes of keys and devices, has
//! its own durable record in the account's journal, on the same disk.

use crate::engine::EngineError;
use crate::engine::account::logs::Logs;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::{Account, AccountWriter};
use crate::local::audit::{Entry, Event, Outcome, Trail};
use crate::local::os_random::SystemRandom;
use crate::provider::reason::Reason;

/// An entry in the making.
pub struct AuditEntry {
    event: Event,
    outcome: Outcome,
    what: String,
    count: u64,
    bytes: u64,
    names: Vec<String>,
}

impl AuditEntry {
    /// One of this event.
    pub fn of(event: Event, outcome: Outcome) -> Self {
        Self { event, outcome, what: String::new(), count: 0, bytes: 0, names: Vec::new() }
    }

    /// Which part of the event.
    pub fn what(mut self, what: &str) -> Self {
        self.what = what.into();
        self
    }

    /// How much.
    pub fn amount(mut self, count: u64, bytes: u64) -> Self {
        (self.count, self.bytes) = (count, bytes);
        self
    }

    /// Whom or what by name; shown masked.
    pub fn names(mut self, names: Vec<String>) -> Self {
        self.names = names;
        self
    }
}

impl Account {
    /// This account's audit log.
    pub fn trail(&self) -> Trail {
        Trail::at(&self.folder(), self.local_key(b"audit"), self.marked).until(self.stop.clone())
    }
}

impl Logs<'_> {
    /// Writes an entry. Where that fails, a problem is kept and why is given; what was done goes on.
    pub fn audit(&self, note: AuditEntry) -> Option<Reason> {
        let AuditEntry { event, outcome, what, count, bytes, names } = note;
        let entry = Entry { time: self.now(), event, outcome, device: self.device.id, count, bytes, what, names };
        let why = self.trail().append(&entry, &SystemRandom::new()).err()?.reason();
        // not through `raise`, which would write to the log that cannot be written
        self.problem_log().raise(
            NewProblem::of(ProblemKind::AuditUnwritten, Subject::Account).object(&why.record()),
            self.now(),
            true,
        );
        Some(why)
    }
}

impl AccountWriter {
    /// Marks in the account's journal how far the log reaches, so that the next run knows whether any of it is gone.
    pub(in crate::engine) fn mark_trail(&mut self) -> Result<(), EngineError> {
        let trail = self.trail();
        match trail.holds() {
            Ok(true) => {}
            Ok(false) => self.logs().raise(NewProblem::of(ProblemKind::AuditBroken, Subject::Account)),
            // a disk that does not read is told by whoever writes
            Err(_) => return Ok(()),
        }
        match trail.newest() {
            Ok(Some(mark)) if self.marked != Some(mark) => self.remember_mark(mark),
            _ => Ok(()),
        }
    }
}
