//! Backing up: the given paths, or the configured sources, into the local vault.

mod choose;
pub mod remember;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::applied::{self, Applied};
use super::setup::{announce, make_first_account};
use crate::app::answer::{Answer, Tally};
use crate::app::event::Watcher;
use crate::app::forms::notice::Notice;
use crate::app::forms::omission::Omission;
use crate::app::forms::setup::Made;
use crate::app::job::{Audited, Job, Recording};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text, own_folders};
use crate::config::Config;
use crate::engine::account::{AccountWriter, slots};
use crate::engine::backup::{self, Report, Request};
use crate::engine::skip::{self, Skip};
use crate::local::audit::Event;
use crate::text;
use choose::{Selection, all_away, away};
use remember::Took;

/// Backs up. On an empty home an account is made first, without a question where nobody can be asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Backup {
    /// Folders or files; none for the sources.
    pub paths: Vec<PathBuf>,
    /// Patterns, in gitignore form, that are left out.
    pub exclude: Vec<String>,
}

/// What a backup did.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BackedUp {
    /// The account that was made for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// The snapshot's number on this device.
    pub snapshot: u64,
    /// Files in it.
    pub files: u64,
    /// Folders in it.
    pub folders: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Bytes that it added to the vault.
    pub stored: u64,
    /// Files that were read, because they are new or changed.
    pub read: u64,
    /// Bytes that were read.
    pub read_bytes: u64,
    /// Files, folders and sources that could not be backed up.
    pub failed: u64,
    /// Sources that are not in it, because they could not be read.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Files that changed while they were read.
    pub changed: u64,
    /// Pipes, sockets and devices, which have no content.
    pub skipped: u64,
    /// Settings files that hold passwords or keys.
    pub credentials: u64,
    /// Those of them that were left out.
    pub left_out: u64,
    /// Files left out, because they did not change for longer than their source is kept.
    pub old: u64,
    /// Files that a restore in place put aside; they are in the snapshot until the owner deletes them.
    pub put_aside: PutAside,
    /// Given paths that no source holds: a backup without paths does not take them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub no_source: Vec<PathBuf>,
    /// Everything that was left out, by reason.
    pub omitted: BTreeMap<Omission, Omitted>,
    /// Links directly in a source whose content is backed up in their place; at most 100.
    pub followed: Vec<Followed>,
    /// Whether nobody can read it: the vault lost the account's keys, and there is no store that may have them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Where it lies.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub vault: PathBuf,
    /// How many stores there are to send it to.
    pub stores: u64,
    /// The first thousand notices about single files.
    pub notices: Vec<Notice>,
    /// What the standing rules did afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Applied>,
}

/// What was left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Omitted {
    /// How many; a folder counts once, with everything in it.
    pub count: u64,
    /// The first of them, at most 20.
    pub first: Vec<String>,
    /// Why.
    pub reason: Text,
}

/// What a restore in place put aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PutAside {
    /// How many files and links.
    pub count: u64,
    /// The first of them, at most 20.
    pub first: Vec<String>,
}

/// A link that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Followed {
    /// The link, as the snapshot names it.
    pub path: String,
    /// Where it leads.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub to: PathBuf,
}

impl Answer for BackedUp {
    fn exit(&self) -> Exit {
        if self.failed == 0 && self.changed == 0 && !self.unreadable { Exit::Done } else { Exit::Incomplete }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.files, bytes: self.bytes, moved: self.read_bytes }
    }
}

impl Job for Backup {
    type Reply = BackedUp;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Backup, "").names(self.paths.iter().map(|path| path.display().to_string())))
    }

    fn recording(&self) -> Recording {
        Recording::Facts
    }

    fn run(self, work: &Work<'_>) -> Result<BackedUp, Failure> {
        let config = work.session.config()?;
        let chosen = choose::choose(work, &config, &Selection { paths: &self.paths, exclude: &self.exclude });
        let chosen = chosen.inspect_err(|failure| remember::failed(work, failure, !self.paths.is_empty()))?;
        if chosen.roots.is_empty() {
            let failure = all_away(work, &chosen.missing);
            remember::away(work, &chosen.missing, &failure);
            return Err(failure);
        }
        let no_source = choose::no_source(&config, &chosen, &self.paths);
        let made = make_first_account(work)?;
        let done = back_up(work, &config, chosen).inspect_err(|failure| remember::failed(work, failure, false));
        match (done, made) {
            (Ok(reply), made) => Ok(BackedUp { made, no_source, ..reply }),
            (Err(failure), made) => {
                // the account and its kit are there all the same
                made.iter().for_each(|made| announce(made, work));
                Err(failure)
            }
        }
    }
}

fn back_up(work: &Work<'_>, config: &Config, chosen: choose::Chosen) -> Result<BackedUp, Failure> {
    let session = work.session;
    let choose::Chosen { mut roots, missing } = chosen;
    let mut account = work.open(WorkKind::Backup)?;
    if backup::has_leapt(&account, session.now()) && roots.iter().any(|root| root.since.is_some()) {
        work.remark(text!("backup-clock-leapt"));
        roots.iter_mut().for_each(|root| root.since = None);
    }
    remember::begun(work, &account);
    let watcher = work.watcher();
    missing.iter().for_each(|(path, why)| away(&watcher, path, why));
    let taken = roots.iter().map(|root| (String::from_utf8_lossy(&root.label).into_owned(), root.path.clone())).collect();
    let request = Request { roots, skip: own_folders::all(&session.home, config), count_first: session.watched };
    let started = std::time::Instant::now();
    let report = backup::backup(&mut account, &request, work.job(&|event| watcher.take(event)))?;
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut reply = self::reply(&report, took_ms, watcher);
    let took = Took { taken, missing: &missing, unread: reply.failed, notices: &reply.notices };
    reply.missing = remember::made((&account, config), reply.snapshot, &took);
    reply.failed += missing.len() as u64;
    reply.vault = session.home.vault();
    reply.stores = config.stores.len() as u64;
    reply.unreadable = config.stores.is_empty() && slots::are_lost(&account)?;
    reply.snapshots = standing_rules(work, config, &mut account);
    Ok(reply)
}

/// What goes wrong with the rules is told, and changes nothing: the backup was made.
fn standing_rules(work: &Work<'_>, config: &Config, account: &mut AccountWriter) -> Option<Applied> {
    let standing = applied::standing(work, config)?;
    applied::outcome(work, standing.after_backup(account))
}

fn reply(report: &Report, took_ms: u64, watcher: Watcher<'_>) -> BackedUp {
    let met = &report.met;
    let paths = |omitted: &skip::Omitted| omitted.first.iter().map(ToString::to_string).collect();
    let omitted = |(why, omitted): (Skip, &skip::Omitted)| {
        let told = Omitted { count: omitted.count, first: paths(omitted), reason: crate::app::forms::notice::skipped(why) };
        (Omission::from(why), told)
    };
    BackedUp {
        made: None,
        snapshot: report.number,
        files: report.stats.files,
        folders: report.stats.folders,
        bytes: report.stats.bytes,
        stored: report.stats.stored,
        read: met.read,
        read_bytes: met.read_bytes,
        failed: met.failed,
        missing: Vec::new(),
        changed: met.changed,
        skipped: met.skipped,
        credentials: met.credentials,
        left_out: met.omitted.count(Skip::Credentials),
        old: met.omitted.count(Skip::Old),
        put_aside: PutAside { count: met.put_aside.count, first: paths(&met.put_aside) },
        no_source: Vec::new(),
        omitted: met.omitted.iter().map(omitted).collect(),
        followed: met.followed.iter().map(|(path, to)| Followed { path: path.to_string(), to: to.clone() }).collect(),
        unreadable: false,
        took_ms,
        vault: PathBuf::new(),
        stores: 0,
        notices: watcher.finish(),
        snapshots: None,
    }
}
