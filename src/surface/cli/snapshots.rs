//! `snapshots`.

use clap::Args;

use crate::app::jobs::snapshots::{self as job, Snapshot, SnapshotList};
use crate::app::{Arg, Failure, Request};
use crate::surface::words::{self, Words};
use crate::text;

/// `snapshots`
#[derive(Args)]
pub struct Snapshots {}

impl Snapshots {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Snapshots(job::Snapshots {}))
    }
}

/// The lines of the reply.
pub fn lines(reply: &SnapshotList, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.snapshots.iter().map(|snapshot| line(snapshot, words)).collect();
    if reply.snapshots.is_empty() {
        lines.push(words.say(&text!("snapshots-none")));
    }
    let refused = |one: &job::Refused| words.say(&text!("snapshots-refused", object = &one.object, reason = one.reason.clone()));
    lines.extend(reply.refused.iter().map(refused));
    lines
}

/// A snapshot in a line.
pub fn line(snapshot: &Snapshot, words: &Words) -> String {
    let name = if snapshot.own { snapshot.number.to_string() } else { format!("{}:{}", snapshot.device, snapshot.number) };
    let files = words.say(&text!("files", count = Arg::Count(snapshot.files)));
    let (bytes, stored) = (words::size(snapshot.bytes), words::size(snapshot.stored));
    let mut said: Vec<String> = snapshot.tags.clone();
    said.extend(snapshot.pinned.then(|| words.say(&text!("snapshots-pinned"))));
    said.extend(snapshot.forgotten.then(|| words.say(&text!("snapshots-forgotten"))));
    let said = if said.is_empty() { String::new() } else { format!("  [{}]", said.join(", ")) };
    format!("{name:>6}  {}  {files:>13}  {bytes:>8}  +{stored}{said}", words::time(snapshot.time))
}
