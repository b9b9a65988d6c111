//! `rescue`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::access::Access;
use super::entry::named;
use crate::app::forms::rescue::{Entered, InTheWay, Outcome, Part, Rescued, Stands};
use crate::app::jobs::rescue as job;
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::Words;
use crate::text;

/// So many files that something stands in the place of are named, of each source in the plan, and at the end.
const MOST_TOLD: usize = 20;

/// `rescue`
#[derive(Args)]
pub struct Rescue {
    /// The store
    pub store: String,
    /// The recovery kit
    #[arg(long, value_name = "KIT", value_hint = ValueHint::FilePath)]
    pub recovery_kit: PathBuf,
    /// Which device
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Which snapshot
    #[arg(long, value_name = "NUMBER")]
    pub snapshot: Option<u64>,
    /// For trying
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub root: Option<PathBuf>,
    /// Only the plan
    #[arg(long)]
    pub plan: bool,
    /// Ask nothing
    #[arg(long, conflicts_with = "plan")]
    pub yes: bool,
    /// Replace what differs
    #[arg(long)]
    pub overwrite: bool,
    /// Owners as they were
    #[arg(long)]
    pub owners: bool,
    /// This machine's name
    #[arg(long, value_name = "NAME")]
    pub device_name: Option<String>,
    /// File with a passphrase
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// How the store is reached
    #[command(flatten)]
    pub access: Access,
}

impl Rescue {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Rescue(job::Rescue {
            store: self.store,
            recovery_kit: self.recovery_kit,
            device: self.device,
            snapshot: self.snapshot,
            root: self.root,
            plan: self.plan,
            yes: self.yes,
            overwrite: self.overwrite,
            owners: self.owners,
            device_name: self.device_name,
            passphrase_file: self.passphrase_file,
            access: self.access.into(),
        }))
    }
}

/// The lines of the reply, or of the plan before it is asked.
pub fn lines(reply: &Rescued, words: &Words) -> Vec<String> {
    let plan = || plan(reply, words);
    match reply.outcome {
        Outcome::Planned => plan(),
        Outcome::NoRoom => plan().into_iter().chain([words.say(&text!("rescue-no-room"))]).collect(),
        Outcome::Unasked => plan().into_iter().chain([words.say(&text!("rescue-unasked"))]).collect(),
        Outcome::Declined => vec![words.say(&text!("rescue-declined"))],
        Outcome::PutBack if reply.shown => done(reply, words),
        Outcome::PutBack => plan().into_iter().chain(done(reply, words)).collect(),
    }
}

fn plan(reply: &Rescued, words: &Words) -> Vec<String> {
    let head = text!("rescue-snapshot", number = reply.snapshot, device = &reply.rescued, time = Arg::Time(reply.time));
    let mut lines = vec![words.say(&head)];
    for part in &reply.plan {
        lines.push(part_line(part, words));
        lines.extend(standing(part, reply.overwrite, words));
    }
    for room in &reply.room {
        let said = text!("rescue-room", needed = Arg::Bytes(room.needed), free = Arg::Bytes(room.free));
        lines.push(words.say(&said));
        if room.needed > room.free {
            lines.push(words.say(&text!("rescue-room-lacks")));
        }
    }
    lines.push(words.say(&entered(reply)));
    lines
}

/// What becomes of this machine: told last, where whoever is asked reads it.
fn entered(reply: &Rescued) -> Text {
    match (reply.entered, &reply.root) {
        (Entered::Joined, _) => text!("rescue-joined", device = &reply.device),
        (Entered::Before, _) => text!("rescue-before", device = &reply.device),
        (Entered::Looked, _) if reply.plan_only => text!("rescue-looked"),
        (Entered::Looked, Some(root)) => text!("rescue-below", root = root.as_path()),
        (Entered::Looked, None) if reply.outcome == Outcome::Planned => text!("rescue-looks", device = &reply.device),
        (Entered::Looked, None) => text!("rescue-looked"),
    }
}

fn part_line(part: &Part, words: &Words) -> String {
    let Some(to) = &part.to else {
        let why = part.reason.clone().unwrap_or_else(|| text!("rescue-part-no-reason"));
        return words.say(&text!("rescue-part-cannot", path = &part.from, why = why));
    };
    let there = match (part.exists, part.same, part.differ) {
        (false, _, _) => text!("rescue-there-nothing"),
        (true, 0, 0) => text!("rescue-there-none"),
        (true, same, 0) => text!("rescue-there-same", same = Arg::Count(same)),
        (true, same, differ) => text!("rescue-there-differ", same = Arg::Count(same), differ = Arg::Count(differ)),
    };
    let files = text!("files", count = Arg::Count(part.files));
    words.say(&text!("rescue-part", path = to.as_path(), files = files, bytes = Arg::Bytes(part.bytes), there = there))
}

/// What of a source something stands in the place of, and what becomes of it.
fn standing(part: &Part, overwrite: bool, words: &Words) -> Vec<String> {
    if part.differ == 0 {
        return Vec::new();
    }
    let count = Arg::Count(part.differ);
    let head = if overwrite { text!("rescue-replaced", count = count) } else { text!("rescue-not-put-back", count = count) };
    let lines = in_the_way(&part.standing, part.differ, words);
    std::iter::once(words.say(&head)).chain(lines.into_iter().map(|line| format!("    {line}"))).collect()
}

/// The first of so many files, with what stands in their place.
fn in_the_way(first: &[InTheWay], count: u64, words: &Words) -> Vec<String> {
    let told = |one: &InTheWay| {
        words.say(&match one.stands {
            Stands::Newer => text!("rescue-stands-newer", path = &one.path),
            Stands::Other => text!("rescue-stands-other", path = &one.path),
            Stands::Folder => text!("rescue-stands-folder", path = &one.path),
        })
    };
    let first: Vec<String> = first.iter().take(MOST_TOLD).map(told).collect();
    named(&first, count, words)
}

fn done(reply: &Rescued, words: &Words) -> Vec<String> {
    let files = text!("files", count = Arg::Count(reply.files));
    let mut lines = vec![words.say(&text!("rescue-put-back", files = files, bytes = Arg::Bytes(reply.bytes)))];
    if reply.already > 0 {
        lines.push(words.say(&text!("rescue-already", count = Arg::Count(reply.already))));
    }
    if reply.beside > 0 {
        lines.push(words.say(&text!("restored-beside", count = Arg::Count(reply.beside))));
    }
    lines.extend(lacking(reply, words));
    if reply.configured {
        let new = text!("rescue-new-device", device = &reply.device, old = &reply.rescued);
        lines.extend(words.say(&new).lines().map(str::to_owned));
        lines.push(words.say(&match &reply.again {
            Some(again) => text!("rescue-next-again", again = again, count = Arg::Count(reply.kept)),
            None => text!("rescue-next"),
        }));
    } else {
        lines.push(words.say(&text!("rescue-tried")));
    }
    lines
}

/// What was not put back because something stands in its place.
fn kept(reply: &Rescued, words: &Words) -> Vec<String> {
    if reply.kept == 0 {
        return Vec::new();
    }
    let head = words.say(&text!("rescue-kept", count = Arg::Count(reply.kept)));
    std::iter::once(head).chain(in_the_way(&reply.kept_first, reply.kept, words)).collect()
}

/// What was not put back, for whichever reason.
fn lacking(reply: &Rescued, words: &Words) -> Vec<String> {
    let failed = (reply.failed > 0).then(|| words.say(&text!("rescue-failed", count = Arg::Count(reply.failed))));
    failed.into_iter().chain(kept(reply, words)).collect()
}

/// Why not all is back, where it is not.
pub fn wrong(reply: &Rescued, words: &Words) -> Vec<String> {
    match reply.outcome {
        Outcome::PutBack => lacking(reply, words),
        Outcome::Planned | Outcome::NoRoom | Outcome::Unasked | Outcome::Declined => lines(reply, words),
    }
}
