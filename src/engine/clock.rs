//! The clock that what is kept is dated by.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock: the machine's own, or one that a test sets.
#[derive(Debug, Clone, Copy)]
pub struct Clock(fn() -> i64);

impl Clock {
    /// The machine's clock.
    pub const SYSTEM: Self = Self(system);

    /// A clock that says what `now` gives, in seconds since 1970.
    pub const fn saying(now: fn() -> i64) -> Self {
        Self(now)
    }

    /// What the clock says, in seconds since 1970; negative before.
    pub fn now(self) -> i64 {
        (self.0)()
    }
}

fn system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or_else(|before| -(before.duration().as_secs() as i64), |after| after.as_secs() as i64)
}

/// What the clock says, in seconds since 1970.
pub fn now() -> i64 {
    Clock::SYSTEM.now()
}
