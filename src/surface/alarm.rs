//! Alarms in words, in four parts: what happened, what it may mean, what Printkeep did, what the owner can do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::words;
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::keep::book::Which;
use crate::engine::truth::{Alarm, What};

/// An alarm, told.
struct Told {
    happened: String,
    meaning: &'static str,
    did: &'static str,
    todo: &'static str,
}

const LOST: &str =
    "the disk was replaced, wiped or set back to an older copy, somebody removed files there, or the provider hides them";
const SENT: &str = "sent again what this machine still holds, and changed nothing else there";
const SYNC: &str = "if you replaced or restored that disk, run `printkeep sync` again on each device until it reports nothing; if not, keep another copy and ask who can write there";
const REPLACED: &str = "if you replaced that disk, say so once on each device with `printkeep store add`, the same address and the same --name, and run `printkeep sync` until it reports nothing; if not, keep another copy and ask who can write there";
const KEPT: &str = "kept its own copy and fetched nothing that contradicts it";
const CLONED: &str =
    "the device was copied (an SD card cloned) or restored from an image, or somebody who holds its keys writes in its name";
const REJOIN: &str = "if you cloned or restored it, keep one copy and let the other join anew with `printkeep setup --join`; if not, treat the device as stolen";

/// The owner's name for a device.
pub fn device_name(account: &Account, device: &DeviceId) -> String {
    let member = account.roster.member(device);
    member.map_or_else(|| format!("unknown device {}", &device.to_string()[..8]), |member| member.name.clone())
}

fn told(account: &Account, alarm: &Alarm) -> Told {
    let finding = &alarm.finding;
    let name = |device: &Option<DeviceId>| device.as_ref().map_or_else(|| "?".into(), |device| device_name(account, device));
    let (device, by) = (name(&finding.device), name(&finding.by));
    let (known, shown) = (finding.known, finding.shown);
    let object = finding.object.map(|name| name.to_string()).unwrap_or_default();
    let of = |what: &str, text: String| format!("store {:?} {what}{text}", alarm.store);
    let (happened, meaning, did, todo) = match finding.what {
        What::Emptied => {
            (of("is empty", format!(": it held {} of this account", words::count(known, "object"))), LOST, SENT, REPLACED)
        }
        What::Older => (
            of("shows an older state", format!(": snapshot {shown} of {device:?} is its newest, and {known} was there")),
            LOST,
            SENT,
            SYNC,
        ),
        What::OlderRoster => {
            (of("shows an older list of devices", format!(": number {shown}, and {known} was there")), LOST, SENT, SYNC)
        }
        What::Missing => {
            let whose = finding.device.as_ref().map(|device| format!(" of {:?}", device_name(account, device)));
            let text = format!(" {}{}: {object}", words::count(known, "object"), whose.unwrap_or_default());
            (of("lacks", text), LOST, SENT, SYNC)
        }
        What::Forked => (
            of("shows another snapshot", format!(" {known} of {device:?} than the one known here: {device:?} has two histories")),
            CLONED,
            KEPT,
            REJOIN,
        ),
        What::Unchained => (
            of("shows snapshot", format!(" {known} of {device:?}, which does not follow the one before it")),
            CLONED,
            KEPT,
            REJOIN,
        ),
        What::Contradicted => (
            of("holds the word of", format!(" {by:?} that snapshot {known} of {device:?} is another than the one known here")),
            "the devices were shown different histories, the one was cloned or restored from an image, or the other lies",
            KEPT,
            "compare `printkeep snapshots` on both devices; let a cloned or restored one join anew, and revoke one that was taken over",
        ),
        What::Withheld => (
            of("shows", format!(" snapshot {shown} of {device:?} as its newest, and {by:?} saw number {known}")),
            LOST,
            "fetched what is there and removed nothing",
            "run `printkeep sync` on both devices; if it stays so, the provider hides snapshots, or the second device lies",
        ),
        What::Ahead => (
            of("holds snapshot", format!(" {shown} in the name of this device, whose newest here is {known}")),
            "this machine was restored from an older image, or a copy of it backs up in its name",
            "went on behind those snapshots, so that none is lost",
            "nothing, if you restored this machine; if a copy of it runs elsewhere, let that one join anew with `printkeep setup --join`",
        ),
        What::Changed => (
            of("shows a damaged or exchanged object", format!(": {object}{}", written_by(account, alarm))),
            "its disk is damaged, or somebody exchanged the object there",
            KEPT,
            "run `printkeep verify --store` with that store's name; remove the damaged file there and sync again, which sends it anew",
        ),
        What::RosterForked => (
            of("shows another list of devices", format!(" than the one known here: {object}")),
            "two devices joined at the same moment, or the store mixes two states of the account",
            KEPT,
            "compare the fingerprint in `printkeep status` on each device; where the devices listed differ, let the newest one join anew",
        ),
        What::SlotBack => (
            of("shows a replaced key slot", format!(" and lacks the one that replaced it: {object}")),
            "the store was set back to before you changed a passphrase or kit, and the old one may be tried there",
            SENT,
            "if you restored that disk, sync again; if not, treat the replaced passphrase or kit as known to somebody",
        ),
        What::Stranger => (
            of("names a device", format!(" that is not on the list of devices: {device:?} ({object})")),
            "the newest list of devices was removed there, or objects of another account were put in",
            "believed nothing in that device's name",
            "sync the device that joined last, which sends its list again; if you know no such device, ask who can write there",
        ),
    };
    Told { happened, meaning, did, todo }
}

/// What devices put into a store after they were revoked, a line for each device.
pub fn intruders(account: &Account, disbelieved: &[Which]) -> Vec<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (device, _) in disbelieved {
        *counts.entry(device_name(account, device)).or_default() += 1;
    }
    let line = |(name, count): (&String, &u64)| {
        let snapshots = words::count(*count, "snapshot");
        format!(
            "{snapshots} of {name:?}, made after it was revoked: not believed, and needed by nothing of yours. Take its access away at the provider; `printkeep prune` on a device that may delete removes what it wrote."
        )
    };
    counts.iter().map(line).collect()
}

/// Snapshots by their objects' names, for programs.
pub fn heads(of: &[Which]) -> Value {
    of.iter().map(|(device, number)| ObjectName::Head(*device, *number).to_string()).collect()
}

fn written_by(account: &Account, alarm: &Alarm) -> String {
    alarm.finding.device.as_ref().map(|device| format!(", written by {:?}", device_name(account, device))).unwrap_or_default()
}

/// An alarm in one line, as `status` shows it.
pub fn line(account: &Account, alarm: &Alarm) -> String {
    let told = told(account, alarm);
    let since = alarm.since.map(|time| format!(" (all was well on {})", words::time(time))).unwrap_or_default();
    format!("the {}{since}: {}", told.happened, told.todo)
}

/// Alarms in full.
pub fn lines(account: &Account, alarms: &[Alarm]) -> Vec<String> {
    let mut lines = Vec::new();
    for alarm in alarms {
        let told = told(account, alarm);
        lines.push(format!("ALARM: the {}.", told.happened));
        lines.push(format!("  It may mean: {}.", told.meaning));
        lines.push(format!("  Printkeep {}.", told.did));
        lines.push(format!("  You can: {}.", told.todo));
        lines.extend(alarm.since.map(|time| format!("  All was well at the sync of {}.", words::time(time))));
    }
    lines
}

/// Alarms for programs.
pub fn fields(account: &Account, alarms: &[Alarm]) -> Value {
    let one = |alarm: &Alarm| {
        let (told, finding) = (told(account, alarm), &alarm.finding);
        let name = |device: &Option<DeviceId>| device.as_ref().map(|device| device_name(account, device));
        json!({
            "kind": kind(finding.what), "store": alarm.store, "device": name(&finding.device), "by": name(&finding.by),
            "object": finding.object.as_ref().map(ObjectName::to_string), "known": finding.known, "shown": finding.shown,
            "since": alarm.since, "happened": told.happened, "meaning": told.meaning, "did": told.did, "todo": told.todo,
        })
    };
    alarms.iter().map(one).collect()
}

fn kind(what: What) -> &'static str {
    match what {
        What::Emptied => "emptied",
        What::Older => "older",
        What::OlderRoster => "older_roster",
        What::Missing => "missing",
        What::Forked => "forked",
        What::Unchained => "unchained",
        What::Contradicted => "contradicted",
        What::Withheld => "withheld",
        What::Ahead => "ahead",
        What::Changed => "changed",
        What::RosterForked => "roster_forked",
        What::SlotBack => "slot_back",
        What::Stranger => "stranger",
    }
}
