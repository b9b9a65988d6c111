//! `snapshots`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use crate::app::forms::judged::{JudgedSnapshot, KeptBy};
use crate::app::forms::snapshot::Snapshot;
use crate::app::jobs::marks::{self, Pinned, Tagged};
use crate::app::jobs::snapshots::{self as job, SnapshotList};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::{self, Words};
use crate::text;

/// So many snapshots that are lost are named.
const MOST_NUMBERS: usize = 20;

/// `snapshots`
#[derive(Args)]
pub struct Snapshots {
    /// What to do
    #[command(subcommand)]
    pub command: Option<SnapshotsCommand>,
}

/// `snapshots …`
#[derive(Subcommand)]
pub enum SnapshotsCommand {
    /// List them
    List,
    /// Give a tag
    Tag(TagArgs),
    /// Take a tag
    Untag(TagArgs),
    /// Never forget it
    Pin(PinArgs),
    /// Let it be forgotten
    Unpin(PinArgs),
}

/// A snapshot and a tag.
#[derive(Args)]
pub struct TagArgs {
    /// The snapshot
    pub snapshot: String,
    /// The tag
    pub tag: String,
}

/// A snapshot.
#[derive(Args)]
pub struct PinArgs {
    /// The snapshot
    pub snapshot: String,
}

impl Snapshots {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            None | Some(SnapshotsCommand::List) => Request::Snapshots(job::Snapshots {}),
            Some(SnapshotsCommand::Tag(TagArgs { snapshot, tag })) => Request::SnapshotTag(marks::SnapshotTag { snapshot, tag }),
            Some(SnapshotsCommand::Untag(TagArgs { snapshot, tag })) => {
                Request::SnapshotUntag(marks::SnapshotUntag { snapshot, tag })
            }
            Some(SnapshotsCommand::Pin(PinArgs { snapshot })) => Request::SnapshotPin(marks::SnapshotPin { snapshot }),
            Some(SnapshotsCommand::Unpin(PinArgs { snapshot })) => Request::SnapshotUnpin(marks::SnapshotUnpin { snapshot }),
        })
    }
}

/// The lines of the reply.
pub fn lines(reply: &SnapshotList, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.snapshots.iter().map(|snapshot| line(snapshot, words)).collect();
    if reply.snapshots.is_empty() && reply.lost.is_empty() {
        lines.push(words.say(&text!("snapshots-none")));
    }
    lines.extend(disbelieved(reply, words));
    lines.extend(wrong(reply, words));
    lines
}

/// Those that devices made after they were revoked, in a line for each device.
fn disbelieved(reply: &SnapshotList, words: &Words) -> Vec<String> {
    let mut by_device: BTreeMap<(bool, &str), Vec<u64>> = BTreeMap::new();
    for one in &reply.disbelieved {
        by_device.entry((one.own, &one.device)).or_default().push(one.number);
    }
    let say = |((own, device), found): ((bool, &str), Vec<u64>)| match own {
        true => text!("snapshots-disbelieved-here", count = found.len(), numbers = numbers(&found)),
        false => text!("snapshots-disbelieved", count = found.len(), numbers = numbers(&found), device = device),
    };
    by_device.into_iter().map(|one| words.say(&say(one))).collect()
}

/// Those that do not open, or are lost.
pub fn wrong(reply: &SnapshotList, words: &Words) -> Vec<String> {
    let refused = |one: &job::Refused| words.say(&text!("snapshots-refused", object = &one.object, reason = one.reason.clone()));
    let lost = (!reply.lost.is_empty())
        .then(|| words.say(&text!("snapshots-lost", count = reply.lost.len(), numbers = numbers(&reply.lost))));
    reply.refused.iter().map(refused).chain(lost).collect()
}

/// The first few of these numbers.
fn numbers(lost: &[u64]) -> String {
    let first = lost.iter().take(MOST_NUMBERS).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if lost.len() > MOST_NUMBERS { first + ", …" } else { first }
}

/// A snapshot in a line.
pub fn line(snapshot: &Snapshot, words: &Words) -> String {
    let name = if snapshot.own { snapshot.number.to_string() } else { format!("{}:{}", snapshot.device, snapshot.number) };
    let files = words.say(&text!("files", count = Arg::Count(snapshot.files)));
    let (bytes, stored) = (words::size(snapshot.bytes), words::size(snapshot.stored));
    let mut said: Vec<String> = snapshot.tags.clone();
    said.extend(snapshot.ahead.then(|| words.say(&text!("snapshots-ahead"))));
    said.extend(snapshot.pinned.then(|| words.say(&text!("snapshots-pinned"))));
    said.extend(snapshot.forgotten.then(|| words.say(&text!("snapshots-forgotten"))));
    said.extend(lacking(&snapshot.missing, snapshot.unread, words));
    let said = if said.is_empty() { String::new() } else { format!("  [{}]", said.join(", ")) };
    format!("{name:>6}  {}  {files:>13}  {bytes:>8}  +{stored}{said}", words::time(snapshot.time))
}

/// What a backup was to take and could not, in a few words; nothing where it took all.
pub fn lacking(missing: &[String], unread: u64, words: &Words) -> Vec<String> {
    let sources = (!missing.is_empty()).then(|| text!("incomplete-sources", sources = missing.join(", ")));
    let files = (unread > 0).then(|| text!("incomplete-files", count = Arg::Count(unread)));
    sources.iter().chain(&files).map(|text| words.say(text)).collect()
}

/// A tag that was given or taken.
pub fn tagged(reply: &Tagged, words: &Words) -> Vec<String> {
    let name = if reply.own { reply.number.to_string() } else { format!("{}:{}", reply.device, reply.number) };
    vec![words.say(&match reply.added {
        true => text!("snapshot-tagged", name = name, tag = &reply.tag),
        false => text!("snapshot-untagged", name = name, tag = &reply.tag),
    })]
}

/// A snapshot that was pinned, or is pinned no longer.
pub fn pinned(reply: &Pinned, words: &Words) -> Vec<String> {
    let name = if reply.own { reply.number.to_string() } else { format!("{}:{}", reply.device, reply.number) };
    vec![words.say(&if reply.pinned { text!("snapshot-pinned", name = name) } else { text!("snapshot-unpinned", name = name) })]
}

/// A snapshot that was judged, in a line: with its sources where it goes, and with what it lacks.
pub fn judged(one: &JudgedSnapshot, words: &Words) -> String {
    let name = if one.own { one.number.to_string() } else { format!("{}:{}", one.device, one.number) };
    let word = words.say(&if one.kept { text!("forget-keeps") } else { text!("forget-forgets") });
    let why = one.reason.map(|reason| format!("  ({})", words.say(&kept_by(reason)))).unwrap_or_default();
    let held = if one.kept || one.sources.is_empty() { String::new() } else { format!("  {}", one.sources.join(", ")) };
    let lacks = match one.missing.is_empty() {
        true => String::new(),
        false => format!("  [{}]", words.say(&text!("incomplete-sources", sources = one.missing.join(", ")))),
    };
    format!("{word:<7} {name:>6}  {}{why}{held}{lacks}", words::time(one.time))
}

fn kept_by(reason: KeptBy) -> Text {
    match reason {
        KeptBy::Newest => text!("keep-newest"),
        KeptBy::Pinned => text!("keep-pinned"),
        KeptBy::Last => text!("keep-last"),
        KeptBy::Hourly => text!("keep-hourly"),
        KeptBy::Daily => text!("keep-daily"),
        KeptBy::Weekly => text!("keep-weekly"),
        KeptBy::Monthly => text!("keep-monthly"),
        KeptBy::Yearly => text!("keep-yearly"),
        KeptBy::Within => text!("keep-within"),
        KeptBy::Tag => text!("keep-tag"),
        KeptBy::Source => text!("keep-source"),
        KeptBy::TimeNotBelieved => text!("keep-time-not-believed"),
    }
}
