//! Object lock: what is put cannot be removed or replaced for a time, by whomever; and removing once the time is over.

use std::fmt;

use jiff::Timestamp;

/// The longest lock, in days: ten years. One that is longer is more likely a slip, and COMPLIANCE cannot be taken back.
const MAX_DAYS: u32 = 3660;

/// Who can lift a lock before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whom the owner gave a special right.
    Governance,
    /// Nobody.
    Compliance,
}

/// How long what is put cannot be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectLock {
    /// Who can lift it.
    pub mode: Mode,
    /// For so long.
    pub days: u32,
}

impl ObjectLock {
    /// Reads what `Display` writes: `30d`, or `30d compliance`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, mode) = text.split_once(' ').unwrap_or((text, "governance"));
        let mode = match mode {
            "governance" => Mode::Governance,
            "compliance" => Mode::Compliance,
            _ => return None,
        };
        let days: u32 = days.strip_suffix('d')?.parse().ok()?;
        (1..=MAX_DAYS).contains(&days).then_some(Self { mode, days })
    }

    /// The headers of a put at this time.
    pub(super) fn headers(self, now: Timestamp) -> Vec<(&'static str, String)> {
        until(self.mode, now.as_second() + i64::from(self.days) * 86_400)
    }
}

/// The headers that lock an object until a time, in seconds since 1970.
pub(super) fn until(mode: Mode, second: i64) -> Vec<(&'static str, String)> {
    let mode = if mode == Mode::Compliance { "COMPLIANCE" } else { "GOVERNANCE" };
    let date = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    vec![("x-amz-object-lock-mode", mode.into()), ("x-amz-object-lock-retain-until-date", date.to_string())]
}

impl fmt::Display for ObjectLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.mode == Mode::Compliance { " compliance" } else { "" };
        write!(f, "{}d{mode}", self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_read_back_what_they_write() {
        for text in ["1d", "30d", "365d compliance"] {
            assert_eq!(ObjectLock::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "30", "0d", "-1d", "30d forever", "99999d", "d", "30d  compliance"] {
            assert_eq!(ObjectLock::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_put_says_until_when_it_is_kept() {
        let headers = ObjectLock::parse("30d").unwrap().headers(Timestamp::from_second(1_700_000_000).unwrap());
        assert_eq!(headers[0].1, "GOVERNANCE");
        assert_eq!(headers[1].1, "2023-12-14T22:13:20Z");
    }
}
