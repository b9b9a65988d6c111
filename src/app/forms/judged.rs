//! A snapshot that rules or the owner judged, and whether it stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::retention::forget::Judged;
use crate::engine::retention::policy::{Reason, Verdict};

/// A snapshot that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedSnapshot {
    /// Its number on its device.
    pub number: u64,
    /// What the owner calls its device.
    pub device: String,
    /// The device's id.
    pub device_id: String,
    /// Whether this device made it.
    pub own: bool,
    /// When it was made, in seconds since 1970.
    pub time: i64,
    /// The sources that are in it, by their paths on the device; nothing where this device does not know.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Those that could not be read.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Whether it stays.
    pub kept: bool,
    /// Which rule keeps it.
    pub reason: Option<KeptBy>,
}

/// Why a snapshot stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeptBy {
    /// It is the newest.
    Newest,
    /// It is pinned.
    Pinned,
    /// It is one of the newest so many.
    Last,
    /// It is the last of an hour.
    Hourly,
    /// It is the last of a day.
    Daily,
    /// It is the last of a week.
    Weekly,
    /// It is the last of a month.
    Monthly,
    /// It is the last of a year.
    Yearly,
    /// It is young enough.
    Within,
    /// It bears a tag that is kept.
    Tag,
    /// It is the newest of a source.
    Source,
    /// Its time is not believed.
    TimeNotBelieved,
}

impl From<Reason> for KeptBy {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Newest => Self::Newest,
            Reason::Pinned => Self::Pinned,
            Reason::Last => Self::Last,
            Reason::Hourly => Self::Hourly,
            Reason::Daily => Self::Daily,
            Reason::Weekly => Self::Weekly,
            Reason::Monthly => Self::Monthly,
            Reason::Yearly => Self::Yearly,
            Reason::Within => Self::Within,
            Reason::Tag => Self::Tag,
            Reason::Source => Self::Source,
            Reason::TimeNotBelieved => Self::TimeNotBelieved,
        }
    }
}

impl JudgedSnapshot {
    /// What the engine judged.
    pub fn of(judged: &Judged) -> Self {
        let reason = match judged.verdict {
            Verdict::Keep(why) => Some(KeptBy::from(why)),
            Verdict::Drop => None,
        };
        let known = judged.backup.clone().unwrap_or_default();
        let head = &judged.snapshot.head;
        Self {
            number: head.number,
            device: judged.snapshot.device_name.clone(),
            device_id: head.device.to_string(),
            own: judged.snapshot.own,
            time: head.time,
            sources: known.sources,
            missing: known.missing,
            kept: reason.is_some(),
            reason,
        }
    }
}
