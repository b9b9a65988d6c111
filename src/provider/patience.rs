//! How long a server is waited for: a silence, and then a least mean rate over the whole of an answer, so that one which trickles is
//! given up after a time that is bounded by what it gives.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// How long a server may be silent.
pub(in crate::provider) const IDLE: Duration = Duration::from_secs(30);
/// The slowest link that is waited for while a body is sent, in bytes per second: 64 kbit/s.
pub(in crate::provider) const SLOWEST: usize = 8 * 1024;
/// So many bodies may share a limit, or a link.
pub(in crate::provider) const MOST_AT_ONCE: u32 = 8;
/// The slowest that an answer may come once a first silence is over, in bytes per second: that of the slowest link, which so many share.
const LEAST: usize = SLOWEST / MOST_AT_ONCE as usize;

/// How long so many bytes may take on the slowest link that is shared.
pub(in crate::provider) fn worth(bytes: usize) -> Duration {
    Duration::from_secs((bytes / LEAST) as u64)
}

/// The same, and a first silence.
fn granted(bytes: usize) -> Duration {
    IDLE + worth(bytes)
}

/// How an answer comes: what came of it, and how long it was waited for. Time that a limit takes is none of it.
#[derive(Default)]
pub(in crate::provider) struct Arrival {
    /// Bytes that came.
    pub read: usize,
    waited: Duration,
}

impl Arrival {
    /// What comes next, unless the server is silent for too long, or the whole comes too slowly.
    pub async fn within<T>(&mut self, next: impl Future<Output = T>) -> Result<T, ProviderError> {
        let left = granted(self.read).saturating_sub(self.waited);
        let begun = Instant::now();
        let came = tokio::time::timeout(left.min(IDLE), next).await;
        self.waited += begun.elapsed();
        let why = if left < IDLE { Reason::TooSlow {} } else { Reason::FellSilent {} };
        came.map_err(|_| ProviderError::Unreachable(why))
    }
}

/// The same for an answer whose parts come several at once: how much came since it was asked for.
pub(in crate::provider) struct Trickle {
    begun: Instant,
    came: AtomicUsize,
}

impl Trickle {
    /// Begins to wait.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), came: AtomicUsize::new(0) }
    }

    /// Whether so many more bytes came in time; `limited` says how long a limit lets so many bytes take.
    pub fn keeps_up(&self, bytes: usize, limited: impl FnOnce(usize) -> Duration) -> bool {
        let came = self.came.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.begun.elapsed() <= granted(came) + limited(came) * MOST_AT_ONCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_trickle_are_given_up_and_those_of_a_slow_link_are_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let until = |bytes: usize, pause: Duration, most: usize| {
            runtime.block_on(async {
                let (trickle, mut parts) = (Trickle::begin(), 0);
                while parts < most && trickle.keeps_up(bytes, |_| Duration::ZERO) {
                    tokio::time::sleep(pause).await;
                    parts += 1;
                }
                parts
            })
        };
        assert!(until(8, Duration::from_secs(5), 1000) <= 8, "eight bytes in five seconds");
        assert_eq!(until(32 << 10, Duration::from_secs(30), 1000), 1000);
    }
}
