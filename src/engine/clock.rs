//! The clock that what is kept is dated by.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock: the machine's own, or one that a test has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(Option<i64>);

impl Clock {
    /// The machine's clock.
    pub const SYSTEM: Self = Self(None);

    /// A clock that stands at a time, in seconds since 1970.
    pub const fn at(time: i64) -> Self {
        Self(Some(time))
    }

    /// What the clock says, in seconds since 1970; negative before.
    pub fn now(self) -> i64 {
        self.0.unwrap_or_else(system)
    }
}

fn system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or_else(|before| -(before.duration().as_secs() as i64), |after| after.as_secs() as i64)
}

/// What the kernel dates files by, in seconds and nanoseconds since 1970: held against the times of files, and kept nowhere.
pub fn of_files() -> (i64, u32) {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or((0, 0), |since| (since.as_secs() as i64, since.subsec_nanos()))
}
