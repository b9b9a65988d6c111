//! What the settings say of snapshots that may go: rules that a device that may delete applies by itself.

use serde::{Deserialize, Serialize};

use super::{ConfigError, ConfigFault, wrong};

/// The longest time that may be given, in seconds: a hundred years.
const LONGEST: i64 = 100 * 366 * 86_400;
const MAX_TAGS: usize = 1000;
/// How long what nothing needs stays, where the settings say nothing.
const GRACE: &str = "7d";

/// `[snapshots]` as it is written, and the rules themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The newest so many of each device.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_last: u32,
    /// The last one of each of so many hours.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_hourly: u32,
    /// Of each of so many days.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_daily: u32,
    /// Of each of so many weeks.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_weekly: u32,
    /// Of each of so many months.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_monthly: u32,
    /// Of each of so many years.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_yearly: u32,
    /// All that are at most so much older than the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_within: Option<String>,
    /// All with one of these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep_tags: Vec<String>,
    /// How long what nothing needs stays before it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<String>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Retention {
    /// Refuses what makes no sense.
    pub(super) fn check(self) -> Result<Self, ConfigError> {
        for time in [&self.keep_within, &self.grace].into_iter().flatten() {
            if parse_time(time).is_err() {
                return wrong(ConfigFault::Time { time: time.clone() });
            }
        }
        if self.keep_tags.len() > MAX_TAGS {
            return wrong(ConfigFault::ManyTags { most: MAX_TAGS.to_string() });
        }
        if self.keeps_nothing() {
            return wrong(ConfigFault::KeepsNothing {});
        }
        Ok(self)
    }

    /// Whether no rule keeps anything.
    pub fn keeps_nothing(&self) -> bool {
        Self { grace: None, ..self.clone() } == Self::default()
    }

    /// The time of `keep_within`, in seconds.
    pub fn within(&self) -> Option<i64> {
        self.keep_within.as_deref().and_then(|time| parse_time(time).ok())
    }

    /// How long what nothing needs stays, in seconds.
    pub fn grace(&self) -> i64 {
        parse_time(self.grace.as_deref().unwrap_or(GRACE)).unwrap_or(LONGEST)
    }
}

/// What was given is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTime;

/// Reads a time of hours, days, weeks or years, in seconds.
///
/// # Errors
/// What is no number with h, d, w or y behind it, or is longer than a hundred years.
pub fn parse_time(text: &str) -> Result<i64, NoTime> {
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(NoTime)?;
    let seconds = match unit {
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "y" => 365 * 86_400,
        _ => return Err(NoTime),
    };
    let number: u32 = number.parse().map_err(|_| NoTime)?;
    Some(i64::from(number) * seconds).filter(|time| *time <= LONGEST).ok_or(NoTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        assert_eq!([parse_time("12h"), parse_time("30d"), parse_time("0d")], [Ok(43_200), Ok(2_592_000), Ok(0)]);
        for bad in ["", "d", "30", "-1d", "1.5d", "30 d", "4294967295y", "ü", "30ü"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rules_that_keep_nothing_or_make_no_sense_are_refused() {
        let one = |keep_last, within: Option<&str>| Retention {
            keep_last,
            keep_within: within.map(Into::into),
            grace: Some("1d".into()),
            ..Retention::default()
        };
        assert!(one(0, None).check().is_err(), "a grace alone keeps nothing");
        assert!(one(3, None).check().is_ok() && one(0, Some("30d")).check().is_ok());
        assert!(one(3, Some("30")).check().is_err());
        let rules = one(3, Some("30d"));
        assert_eq!((rules.within(), rules.grace(), Retention::default().grace()), (Some(2_592_000), 86_400, 604_800));
    }
}
