//! How work is stopped: asked between steps, waited for beside what takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::error::EngineError;
use crate::local::stop::Stop;

/// Asked between steps whether to stop, and waited for beside what takes long; what was done stays done. A clone stops with it.
#[derive(Clone, Default)]
pub struct Cancel(Arc<StopFlag>);

#[derive(Default)]
struct StopFlag {
    asked: AtomicBool,
    bell: tokio::sync::Notify,
}

impl Cancel {
    /// Asks for a stop.
    pub fn cancel(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        self.0.bell.notify_waiters();
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// What waits for a lock or a file asks this.
    pub fn stop(&self) -> Stop {
        let this = self.clone();
        Stop::when(move || this.is_cancelled())
    }

    /// Ends once a stop is asked for.
    pub async fn cancelled(&self) {
        let mut rung = std::pin::pin!(self.0.bell.notified());
        // listening begins before it is asked, so that no stop is missed between
        rung.as_mut().enable();
        if !self.is_cancelled() {
            rung.await;
        }
    }

    /// Stops here if a stop was asked for.
    pub fn check(&self) -> Result<(), EngineError> {
        if self.is_cancelled() { Err(EngineError::Cancelled) } else { Ok(()) }
    }
}
