//! Object lock: what is put cannot be removed or replaced for a time, by whomever; and removing once the time is over.

use std::fmt;

use jiff::Timestamp;
use reqwest::{Method, StatusCode};

use super::{Cloud, MAX_ANSWER, lacks, refused};
use crate::provider::PlaceError;

/// The longest lock, in days: ten years. One that is longer is more likely a slip, and COMPLIANCE cannot be taken back.
const MAX_DAYS: u32 = 3660;
/// So many versions of one object are removed at once.
const MAX_VERSIONS: usize = 16;

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
pub struct Lock {
    /// Who can lift it.
    pub mode: Mode,
    /// For so long.
    pub days: u32,
}

impl Lock {
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

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.mode == Mode::Compliance { " compliance" } else { "" };
        write!(f, "{}d{mode}", self.days)
    }
}

/// What a server shows of an object's newest version.
struct Version {
    id: Option<String>,
    until: Option<Timestamp>,
}

impl Cloud {
    async fn newest_version(&self, key: &str) -> Result<Option<Version>, PlaceError> {
        let action = self.bucket.head_object(Some(&self.credentials), key);
        let answer = self.ask(action, Method::HEAD, &[], None, MAX_ANSWER).await?;
        match answer.status {
            StatusCode::OK => {
                let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
                let id = text("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned);
                let until = text("x-amz-object-lock-retain-until-date").and_then(|date| date.parse().ok());
                Ok(Some(Version { id, until }))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(lacks(refused(&answer), "s3:GetObject", key)),
        }
    }

    /// Removes the versions of an object for good, newest first; one that is locked stays, and so do those behind it. A plain removal
    /// would only hide them, and what was hidden would be paid for.
    pub(super) async fn remove_versions(&self, key: &str) -> Result<(), PlaceError> {
        for _ in 0..MAX_VERSIONS {
            let Some(version) = self.newest_version(key).await? else { return Ok(()) };
            if let Some(until) = version.until.filter(|until| *until > Timestamp::now()) {
                return Err(PlaceError::Locked(until.strftime("%Y-%m-%d %H:%M UTC").to_string()));
            }
            self.delete(key, version.id.as_deref()).await?;
        }
        Err(PlaceError::Nonsense(format!("it shows more than {MAX_VERSIONS} versions of {key}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_read_back_what_they_write() {
        for text in ["1d", "30d", "365d compliance"] {
            assert_eq!(Lock::parse(text).unwrap().to_string(), text);
        }
        for bad in ["", "30", "0d", "-1d", "30d forever", "99999d", "d", "30d  compliance"] {
            assert_eq!(Lock::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_put_says_until_when_it_is_kept() {
        let headers = Lock::parse("30d").unwrap().headers(Timestamp::from_second(1_700_000_000).unwrap());
        assert_eq!(headers[0].1, "GOVERNANCE");
        assert_eq!(headers[1].1, "2023-12-14T22:13:20Z");
    }
}
