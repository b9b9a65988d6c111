//! How much of a group of objects has moved, for whoever watches: little by little where a limit lets bytes through so, else object by object.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::repository::remote::Remote;
use crate::engine::{Event, Job};
use crate::provider::limit::Gate;

/// Between two looks at what went through.
const LOOK: Duration = Duration::from_millis(250);

/// What was told of a group that moves.
pub(super) struct Count<'a> {
    job: Job<'a>,
    gate: Option<Arc<Gate>>,
    /// What had gone through before the group.
    before: u64,
    all: u64,
    arrived: Cell<u64>,
    told: Cell<u64>,
}

impl<'a> Count<'a> {
    /// Of a group of so many bytes.
    pub fn of(remote: &Remote, all: u64, job: Job<'a>) -> Self {
        let gate = remote.provider().gate();
        let before = gate.as_ref().map_or(0, |gate| gate.passed());
        Self { job, gate, before, all, arrived: Cell::new(0), told: Cell::new(0) }
    }

    /// An object of so many bytes is there.
    pub fn arrived(&self, bytes: u64) {
        self.arrived.set(self.arrived.get() + bytes);
        self.tell(self.arrived.get());
    }

    /// Watches while the group moves.
    pub async fn beside<T>(&self, moving: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            moved = moving => moved,
            never = self.watch() => match never {},
        }
    }

    async fn watch(&self) -> Infallible {
        let Some(gate) = &self.gate else { return std::future::pending().await };
        loop {
            tokio::time::sleep(LOOK).await;
            self.tell(gate.passed().saturating_sub(self.before));
        }
    }

    /// What is told never goes back, nor beyond the group: what was sent twice is sent once for whoever watches.
    fn tell(&self, bytes: u64) {
        let bytes = bytes.min(self.all);
        if let Some(more) = bytes.checked_sub(self.told.get()).filter(|more| *more > 0) {
            self.told.set(bytes);
            self.job.tell(Event::Bytes(more));
        }
    }
}
