//! `setup`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::access::Access;
use crate::app::forms::setup::{Enrolled, Guided, Joined, Made, SetupReply, StepState};
use crate::app::forms::setup::{Failed, Step};
use crate::app::jobs::backup::Backup;
use crate::app::jobs::setup as job;
use crate::app::jobs::sync::Sync;
use crate::app::{Arg, Failure, Request};
use crate::surface::words::Words;
use crate::text;

/// `setup`
#[derive(Args)]
pub struct Setup {
    /// File with the passphrase
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Recovery kit
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recovery_kit: Option<PathBuf>,
    /// This device's name
    #[arg(long, value_name = "NAME")]
    pub device_name: Option<String>,
    /// Store to join
    #[arg(long, value_name = "STORE", requires = "recovery_kit")]
    pub join: Option<String>,
    /// Device that waits
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["join", "recovery_kit", "passphrase_file"])]
    pub enroll: Option<String>,
    /// File with the code
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "enroll")]
    pub code_file: Option<PathBuf>,
    /// Ask nothing
    #[arg(long)]
    pub yes: bool,
    /// How the store is reached
    #[command(flatten)]
    pub access: Access,
}

impl Setup {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(Request::Setup(job::Setup {
            join: self.join,
            enroll: self.enroll,
            recovery_kit: self.recovery_kit,
            passphrase_file: self.passphrase_file,
            device_name: self.device_name,
            code_file: self.code_file,
            access: self.access.into(),
            yes: self.yes,
        }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &SetupReply, words: &Words) -> Vec<String> {
    match reply {
        SetupReply::Made(reply) => {
            let mut lines = made(reply, words);
            lines.push(words.say(&text!("setup-next")));
            lines
        }
        SetupReply::Joined(reply) => {
            let mut lines = joined(reply, words);
            lines.push(words.say(&text!("joined-next")));
            lines
        }
        SetupReply::Enrolled(reply) => {
            let mut lines = enrolled(reply, words);
            lines.push(words.say(&text!("setup-next")));
            lines
        }
        SetupReply::Guided(reply) => guided(reply, words),
    }
}

/// The lines of what was made in the middle of a guided run, which itself says what is next.
pub fn midway(reply: &SetupReply, words: &Words) -> Vec<String> {
    match reply {
        SetupReply::Made(reply) => made_what(reply, words),
        SetupReply::Joined(reply) => joined(reply, words),
        SetupReply::Enrolled(reply) => enrolled(reply, words),
        SetupReply::Guided(reply) => guided(reply, words),
    }
}

/// An account that was just made.
pub fn made(made: &Made, words: &Words) -> Vec<String> {
    let keep = if made.passphrase { text!("made-keep-kit-passphrase") } else { text!("made-keep-kit") };
    let keep = words.say(&keep);
    made_what(made, words).into_iter().chain(keep.lines().map(str::to_owned)).collect()
}

fn made_what(made: &Made, words: &Words) -> Vec<String> {
    let said = words.say(&text!(
        "made",
        account = &made.account,
        device = &made.device,
        vault = made.vault.as_path(),
        kit = made.recovery_kit.as_path(),
        fingerprint = &made.fingerprint
    ));
    said.lines().map(str::to_owned).collect()
}

fn joined(reply: &Joined, words: &Words) -> Vec<String> {
    let said = text!(
        "joined",
        id = &reply.account_id,
        device = &reply.device,
        fingerprint = &reply.fingerprint,
        store = &reply.store,
        count = Arg::Count(reply.snapshots)
    );
    let mut lines: Vec<String> = words.say(&said).lines().map(str::to_owned).collect();
    if let Some(why) = &reply.pending {
        lines.push(words.say(&text!("joined-pending", why = why.clone())));
    }
    if !reply.failed.is_empty() {
        lines.push(words.say(&text!("joined-damaged", count = reply.failed.len())));
    }
    let failed = |one: &Failed| words.say(&text!("joined-damaged-one", object = &one.object, reason = one.reason.clone()));
    lines.extend(reply.failed.iter().map(failed));
    lines
}

fn enrolled(reply: &Enrolled, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = words
        .say(&text!("enrolled-here", device = &reply.device, fingerprint = &reply.fingerprint))
        .lines()
        .map(str::to_owned)
        .collect();
    if !reply.heard {
        lines.push(words.say(&text!("enrolled-unheard")));
    }
    if !reply.stores.is_empty() {
        lines.push(words.say(&text!("enrolled-stores", names = reply.stores.join(", "), first = reply.stores[0].as_str())));
    }
    lines
}

fn guided(reply: &Guided, words: &Words) -> Vec<String> {
    let line = |step: &Step| {
        let about = step.about.clone();
        words.say(&match step.state {
            StepState::Done | StepState::Before => text!("setup-step-done", about = about),
            StepState::Skipped => text!("setup-step-skipped", about = about),
        })
    };
    let mut lines: Vec<String> = reply.steps.iter().map(line).collect();
    let is_open = reply.left || reply.steps.iter().any(|step| step.state == StepState::Skipped);
    lines.push(words.say(&match reply {
        Guided { steps, .. } if steps.is_empty() => text!("setup-nothing-yet"),
        Guided { back_up: true, .. } => text!("setup-begins"),
        Guided { can_back_up: false, .. } => text!("setup-nothing-chosen"),
        Guided { has_backup: true, .. } => text!("setup-has-backup"),
        Guided { stores, .. } if stores.is_empty() => text!("setup-ready"),
        _ => text!("setup-ready-to-send"),
    }));
    // last, so that what comes first is said first
    if is_open && !reply.steps.is_empty() {
        lines.push(words.say(&text!("setup-go-on")));
    }
    lines
}

/// What the owner agreed to at the end of a guided run, to be done next.
pub fn agreed(reply: &SetupReply) -> Vec<Request> {
    let SetupReply::Guided(guided) = reply else { return Vec::new() };
    let backup = guided.back_up.then(|| Request::Backup(Backup::default()));
    let sync = guided.sync.then(|| Request::Sync(Sync::default()));
    backup.into_iter().chain(sync).collect()
}
