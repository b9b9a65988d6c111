//! What a store shows that contradicts what is known, as plain data; its words are those of the problem that it becomes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::account::known_state::{self, Anomaly};

/// A contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreProblem {
    /// What kind: a word that stays the same.
    pub kind: String,
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
            kind: word(finding.what).to_owned(),
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

/// The word for what a store shows, which stays the same.
pub fn word(what: Anomaly) -> &'static str {
    match what {
        Anomaly::Emptied => "emptied",
        Anomaly::Older => "older",
        Anomaly::OlderRoster => "older_roster",
        Anomaly::Missing => "missing",
        Anomaly::Forked => "forked",
        Anomaly::Unchained => "unchained",
        Anomaly::Contradicted => "contradicted",
        Anomaly::Withheld => "withheld",
        Anomaly::Ahead => "ahead",
        Anomaly::Changed => "changed",
        Anomaly::RosterForked => "roster_forked",
        Anomaly::SlotBack => "slot_back",
        Anomaly::Stranger => "stranger",
    }
}
