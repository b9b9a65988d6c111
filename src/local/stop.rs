//! How whoever waits in this layer hears that it is to stop waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Asked while something is waited for; a clone asks the same.
#[derive(Clone)]
pub struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stop").field(&self.is_asked()).finish()
    }
}

impl Stop {
    /// Nobody stops it.
    pub fn never() -> Self {
        Self::when(|| false)
    }

    /// Stops once `asked` says so.
    pub fn when(asked: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(asked))
    }

    /// The same, and by itself after so long.
    pub fn within(self, most: Duration) -> Self {
        let began = Instant::now();
        Self::when(move || began.elapsed() >= most || self.is_asked())
    }

    /// Whether to stop.
    pub fn is_asked(&self) -> bool {
        (self.0)()
    }

    /// Lets so much time pass; whether all of it passed.
    pub fn rest(&self, time: Duration) -> bool {
        let began = Instant::now();
        while let Some(left) = time.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
            if self.is_asked() {
                return false;
            }
            std::thread::sleep(left.min(LOOK));
        }
        true
    }
}
