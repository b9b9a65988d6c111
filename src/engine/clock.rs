//! What the clock says.

/// What the clock says, in seconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or_else(|before| -(before.duration().as_secs() as i64), |after| after.as_secs() as i64)
}
