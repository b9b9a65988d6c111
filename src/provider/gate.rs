//! A rate in bytes per second, and the gate that lets bytes through at it, in the order in which they were booked.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Bytes per second; at least 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u64);

/// Units in the order in which they are tried when a rate is written.
const UNITS: [(&str, u64); 7] = [
    ("GB/s", 1_000_000_000),
    ("MB/s", 1_000_000),
    ("MiB/s", 1 << 20),
    ("KB/s", 1000),
    ("KiB/s", 1 << 10),
    ("kB/s", 1000),
    ("B/s", 1),
];

impl Rate {
    /// Reads `500 KB/s`, `2 MB/s`, `64 KiB/s`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (unit, size) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
        let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        let rate = number.checked_mul(*size)?;
        (1000..=1_000_000_000_000).contains(&rate).then_some(Self(rate))
    }

    /// How long so many bytes take.
    fn time_of(self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 / self.0 as f64)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = UNITS.iter().find(|(_, size)| self.0.is_multiple_of(*size)).unwrap_or(&("B/s", 1));
        write!(f, "{} {unit}", self.0 / size)
    }
}

/// Lets bytes through at a rate; shared by all that goes to one store.
#[derive(Debug)]
pub struct Gate {
    rate: Rate,
    /// When the bytes that are booked have had their time.
    free: Mutex<Option<Instant>>,
    /// Bytes that had their turn.
    passed: AtomicU64,
}

impl Gate {
    /// A gate, where there is a limit.
    pub fn of(rate: Option<Rate>) -> Option<Arc<Self>> {
        rate.map(|rate| Arc::new(Self { rate, free: Mutex::new(None), passed: AtomicU64::new(0) }))
    }

    /// How long so many bytes take.
    pub fn time_of(&self, bytes: usize) -> Duration {
        self.rate.time_of(bytes)
    }

    /// Books bytes, and says when those booked before have had their time.
    pub(in crate::provider) fn reserve(&self, bytes: usize) -> Instant {
        let now = Instant::now();
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = free.map_or(now, |free| free.max(now));
        *free = Some(begin + self.rate.time_of(bytes));
        begin
    }

    /// Waits until it is the turn of so many bytes.
    pub async fn turn(&self, bytes: usize) {
        tokio::time::sleep_until(self.reserve(bytes)).await;
        self.passed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How many bytes had their turn so far.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}
