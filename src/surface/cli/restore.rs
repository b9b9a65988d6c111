//! `restore`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use super::entry;
use crate::app::forms::entry::SnapshotRef;
use crate::app::jobs::restore::{self as job, Restored};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `restore`
#[derive(Args)]
#[command(group = ArgGroup::new("where").required(true).args(["to", "in_place"]))]
pub struct Restore {
    snapshot: String,
    paths: Vec<PathBuf>,
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    to: Option<PathBuf>,
    #[arg(long)]
    in_place: bool,
    #[arg(long)]
    overwrite: bool,
    #[arg(long)]
    owners: bool,
    #[arg(long, requires = "in_place")]
    yes: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Restore {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        let Self { snapshot, paths, to, in_place: _, overwrite, owners, yes, unlock } = self;
        Ok(Request::Restore(job::Restore { snapshot, paths, to, overwrite, owners, yes, unlock: unlock.into() }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Restored, words: &Words) -> Vec<String> {
    let (files, size) = (text!("files", count = reply.files), Arg::Bytes(reply.bytes));
    let (which, time) = (entry::which(&reply.which), Arg::Seconds(reply.milliseconds / 1000));
    let mut said = vec![match &reply.to {
        Some(to) => text!("restored-below", files = files, size = size, which = which, to = to.as_path(), time = time),
        None => text!("restored-in-place", files = files, size = size, which = which, time = time),
    }];
    said.extend((reply.already > 0).then(|| text!("restored-already", count = reply.already)));
    said.extend((reply.beside > 0).then(|| text!("restored-beside", count = reply.beside)));
    said.extend(failed(reply));
    said.extend((!reply.earlier.is_empty()).then(|| text!("restored-earlier", count = reply.earlier.len())));
    let newer = |which: &SnapshotRef| text!("restored-newer", device = &which.device, time = Arg::Time(which.time));
    said.extend(reply.newer.iter().map(newer));
    let mut lines: Vec<String> = said.iter().map(|text| words.say(text)).collect();
    lines.extend(reply.places.iter().map(|place| format!("  {place}")));
    lines
}

/// What could not be restored.
pub fn wrong(reply: &Restored, words: &Words) -> Vec<String> {
    failed(reply).iter().map(|text| words.say(text)).collect()
}

fn failed(reply: &Restored) -> Vec<Text> {
    let mut said = Vec::new();
    said.extend((reply.failed > 0).then(|| text!("restored-failed", count = reply.failed)));
    said.extend((reply.failed > 0 && reply.to.is_none()).then(|| text!("restored-failed-in-place")));
    said
}
