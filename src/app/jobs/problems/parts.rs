//! The four parts of a problem, each by the name of its message.

use crate::app::alarm::device_name;
use crate::app::{Arg, Text};
use crate::core::name::DeviceId;
use crate::engine::account::Account;
use crate::engine::incident::{Incident, Kind, Raised};
use crate::engine::truth::{Alarm, What};
use crate::text;

/// What happened and what it may mean; what was done; what the owner can do; the remedy.
pub type Parts = [Text; 4];

/// What the local vault is called among places.
pub const VAULT: &str = "the local vault";

/// The word for what a store shows, which stays the same.
pub fn word(what: What) -> &'static str {
    crate::app::alarm::kind(what)
}

/// Whether an incident is that of an alarm.
pub fn is_of(account: &Account, alarm: &Alarm, incident: &Incident) -> bool {
    let what = &incident.what;
    let member = alarm.finding.device.as_ref().and_then(|device| account.roster.member(device));
    let device = member.map(|member| member.name.as_str()).unwrap_or_default();
    alarm.finding.what.kind() == what.kind && alarm.store == what.subject && device == what.device
}

/// An incident by its kind.
pub fn of_incident(incident: &Incident) -> Parts {
    let what = &incident.what;
    let kind = match (what.kind, what.subject.as_str()) {
        (Kind::Devices, "joined") => "devices-joined",
        (Kind::Away, _) if what.known == 0 => "away-now",
        (kind, _) => kind.as_str(),
    };
    ["happened", "done", "advice", "remedy"].map(|part| with(Text::new(&format!("problem-{kind}-{part}")), what))
}

fn with(text: Text, what: &Raised) -> Text {
    let place: Arg = if what.subject == VAULT { text!("the-vault").into() } else { what.subject.as_str().into() };
    let known = match what.kind {
        Kind::Disk => Arg::Bytes(what.known),
        Kind::Clock => Arg::Seconds(what.known),
        _ => Arg::Count(what.known),
    };
    text.with("store", place).with("device", what.device.as_str()).with("object", what.object.as_str()).with("known", known)
}

/// What a store shows that contradicts what is known.
pub fn of_alarm(account: &Account, alarm: &Alarm) -> Parts {
    let finding = &alarm.finding;
    let name = |device: &Option<DeviceId>| device.as_ref().map_or_else(|| "?".into(), |device| device_name(account, device));
    let object = finding.object.map(|name| name.to_string()).unwrap_or_default();
    [happened(finding.what), done(finding.what), advice(finding.what), remedy(finding.what)].map(|text| {
        text.with("store", alarm.store.as_str())
            .with("device", name(&finding.device))
            .with("by", name(&finding.by))
            .with("object", object.as_str())
            .with("known", finding.known)
            .with("shown", finding.shown)
    })
}

fn happened(what: What) -> Text {
    match what {
        What::Emptied => text!("problem-emptied-happened"),
        What::Older => text!("problem-older-happened"),
        What::OlderRoster => text!("problem-older-list-happened"),
        What::Missing => text!("problem-missing-happened"),
        What::Forked => text!("problem-forked-happened"),
        What::Unchained => text!("problem-unchained-happened"),
        What::Contradicted => text!("problem-contradicted-happened"),
        What::Withheld => text!("problem-withheld-happened"),
        What::Ahead => text!("problem-ahead-happened"),
        What::Changed => text!("problem-changed-happened"),
        What::RosterForked => text!("problem-other-list-happened"),
        What::SlotBack => text!("problem-key-back-happened"),
        What::Stranger => text!("problem-stranger-happened"),
    }
}

fn done(what: What) -> Text {
    match what {
        What::Withheld => text!("problem-withheld-done"),
        What::Ahead => text!("problem-ahead-done"),
        What::Stranger => text!("problem-stranger-done"),
        What::Emptied | What::Older | What::OlderRoster | What::Missing | What::SlotBack => text!("problem-rollback-done"),
        What::Forked | What::Unchained | What::Contradicted => text!("problem-fork-done"),
        What::Changed => text!("problem-forged-done"),
        What::RosterForked => text!("problem-roster-done"),
    }
}

fn advice(what: What) -> Text {
    match what {
        What::Emptied => text!("problem-emptied-advice"),
        What::Contradicted => text!("problem-contradicted-advice"),
        What::Withheld => text!("problem-withheld-advice"),
        What::Ahead => text!("problem-ahead-advice"),
        What::SlotBack => text!("problem-key-back-advice"),
        What::Stranger => text!("problem-stranger-advice"),
        What::Older | What::OlderRoster | What::Missing => text!("problem-rollback-advice"),
        What::Forked | What::Unchained => text!("problem-fork-advice"),
        What::Changed => text!("problem-forged-advice"),
        What::RosterForked => text!("problem-roster-advice"),
    }
}

fn remedy(what: What) -> Text {
    match what.kind() {
        Kind::Rollback => text!("problem-rollback-remedy"),
        Kind::Fork => text!("problem-fork-remedy"),
        Kind::Forged => text!("problem-forged-remedy"),
        _ => text!("problem-roster-remedy"),
    }
}
