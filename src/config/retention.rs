//! What the settings say of snapshots that may go: rules that a device that may delete applies by itself.

use serde::{Deserialize, Serialize};

use super::{ConfigError, wrong};

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
            if let Err(why) = parse_time(time) {
                return wrong(format!("{time:?} in [snapshots]: {why}"));
            }
        }
        if self.keep_tags.len() > MAX_TAGS {
            return wrong(format!("[snapshots] names more than {MAX_TAGS} tags; take some out"));
        }
        if self.keeps_nothing() {
            return wrong("[snapshots] keeps nothing; say what stays, such as keep_last = 10, or take it out");
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

    /// In words, as the settings put it.
    pub fn words(&self) -> String {
        let counts = [
            (self.keep_last, "last"),
            (self.keep_hourly, "hourly"),
            (self.keep_daily, "daily"),
            (self.keep_weekly, "weekly"),
            (self.keep_monthly, "monthly"),
            (self.keep_yearly, "yearly"),
        ];
        let counted = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        let within = self.keep_within.iter().map(|time| format!("all within {time}"));
        let tags = self.keep_tags.iter().map(|tag| format!("all tagged {tag:?}"));
        counted.chain(within).chain(tags).collect::<Vec<_>>().join(", ")
    }
}

/// Reads a time of hours, days, weeks or years, in seconds.
pub fn parse_time(text: &str) -> Result<i64, String> {
    let wrong = || "a time is a number and h, d, w or y, such as 30d; at most a hundred years".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "y" => 365 * 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Some(i64::from(number) * seconds).filter(|time| *time <= LONGEST).ok_or_else(wrong)
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
        assert_eq!(rules.words(), "3 last, all within 30d");
    }
}
