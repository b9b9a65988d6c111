//! What a store shows that contradicts what is known, as plain data; its words are those of the problem that it becomes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::account::known_state::{self, Anomaly};

/// A contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreProblem {
    /// What kind.
    pub kind: Contradiction,
    /// The store.
    pub store: String,
    /// The device whose history it is.
    pub device: Option<String>,
    /// The device that tells of it.
    pub by: Option<String>,
    /// The object, or the first of several.
    pub object: Option<String>,
    /// The number that is known, or how many objects.
    pub known: u64,
    /// The number that the store shows.
    pub shown: u64,
    /// When a sync with the store last found nothing wrong, in seconds since 1970.
    pub since: Option<i64>,
}

impl StoreProblem {
    /// What is wrong, as it is told.
    pub fn of(account: &Account, of: &known_state::StoreProblem) -> Self {
        let finding = &of.finding;
        let name = |device: &Option<DeviceId>| device.as_ref().map(|device| device_name(account, device));
        Self {
            kind: finding.what.into(),
            store: of.store.clone(),
            device: name(&finding.device),
            by: name(&finding.by),
            object: finding.object.as_ref().map(ObjectName::to_string),
            known: finding.known,
            shown: finding.shown,
            since: of.since,
        }
    }
}

/// The owner's name for a device, or the begin of its id where the account lists none.
pub fn device_name(account: &Account, device: &DeviceId) -> String {
    let member = account.roster.member(device);
    member.map_or_else(|| device.to_string().chars().take(8).collect(), |member| member.name.clone())
}

/// What a store shows that contradicts what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contradiction {
    /// It is empty.
    Emptied,
    /// It shows an older state of a device.
    Older,
    /// It shows an older list of devices.
    OlderRoster,
    /// It lacks what was there.
    Missing,
    /// A device has two histories.
    Forked,
    /// A snapshot does not follow the one before it.
    Unchained,
    /// Two snapshots tell of different histories.
    Contradicted,
    /// It lacks the newest snapshots of a device, of which another tells.
    Withheld,
    /// It holds later snapshots of this device than this device made.
    Ahead,
    /// An object was exchanged or damaged.
    Changed,
    /// It shows another list of devices.
    RosterForked,
    /// It shows a key that was replaced.
    SlotBack,
    /// It names a device that is on no list.
    Stranger,
    /// It shows more names than the account can explain.
    Unexplained,
    /// It lacks snapshots before another of the same device, and nobody ever saw them.
    Gap,
    /// It lacks what gives this device the keys that newer objects there are sealed under.
    Ungranted,
    /// A device was put back to an older state and used numbers again, or another machine uses its keys.
    PutBack,
}

impl Contradiction {
    /// Whether nothing tells that anything is lost by it.
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::Gap | Self::Ungranted)
    }
}

impl From<Anomaly> for Contradiction {
    fn from(what: Anomaly) -> Self {
        match what {
            Anomaly::Emptied => Self::Emptied,
            Anomaly::Older => Self::Older,
            Anomaly::OlderRoster => Self::OlderRoster,
            Anomaly::Missing => Self::Missing,
            Anomaly::Forked => Self::Forked,
            Anomaly::Unchained => Self::Unchained,
            Anomaly::Contradicted => Self::Contradicted,
            Anomaly::Withheld => Self::Withheld,
            Anomaly::Ahead => Self::Ahead,
            Anomaly::Changed => Self::Changed,
            Anomaly::RosterForked => Self::RosterForked,
            Anomaly::SlotBack => Self::SlotBack,
            Anomaly::Stranger => Self::Stranger,
            Anomaly::Unexplained => Self::Unexplained,
            Anomaly::Gap => Self::Gap,
            Anomaly::Ungranted => Self::Ungranted,
            Anomaly::PutBack => Self::PutBack,
        }
    }
}
