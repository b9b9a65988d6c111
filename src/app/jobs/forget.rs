//! Forgetting: which snapshots go, by name or by rules; their space comes back with pruning.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::Keep;
use crate::app::answer::{Answer, Tally};
use crate::app::forms::judged::JudgedSnapshot;
use crate::app::job::{Audited, Job, Recording};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure};
use crate::engine::account::Account;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;
use crate::engine::retention::forget::{self, Request};
use crate::engine::retention::lost::{self, Lost};
use crate::engine::retention::policy::{Rules, Verdict};
use crate::engine::retention::write_note;
use crate::local::audit::Event;
use crate::text;

/// Forgets snapshots.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Forget {
    /// Snapshots to forget: a number, or one behind a device's name and a colon; none for those that no rule keeps.
    pub snapshots: Vec<String>,
    /// What stays.
    #[serde(flatten)]
    pub keep: Keep,
    /// The device whose snapshots are judged; none for all. Each device's are judged apart.
    pub device: Option<String>,
    /// Only say what would be forgotten.
    pub dry_run: bool,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forgotten {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Snapshots that were forgotten.
    pub forgotten: u64,
    /// Snapshots of the account that stay, judged or not.
    pub kept: u64,
    /// Those that were judged.
    pub snapshots: Vec<JudgedSnapshot>,
    /// Those of the forgotten that were gone before: the vault lost them, and no store is known to have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<GoneSnapshot>,
}

/// A snapshot that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GoneSnapshot {
    /// Its number on its device.
    pub number: u64,
    /// What the owner calls its device.
    pub device: String,
    /// Whether this device made it.
    pub own: bool,
}

impl Answer for Forgotten {
    fn exit(&self) -> Exit {
        Exit::Done
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.forgotten, ..Tally::default() }
    }
}

impl Job for Forget {
    type Reply = Forgotten;

    fn audited(&self) -> Option<Audited> {
        let what = if self.dry_run { "dry run" } else { "forgotten" };
        Some(Audited::of(Event::Forget, what).names(self.snapshots.clone()).begins(!self.dry_run).frees_room(!self.dry_run))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Forgotten, Failure> {
        let rules = Rules::from(&self.keep.retention(None)?);
        if self.snapshots.is_empty() && rules.is_empty() {
            return Err(Failure::usage(text!("forget-nothing-said")).hint(text!("forget-nothing-said-hint")));
        }
        let account = work.open_read_only()?;
        if !self.dry_run {
            write_note::must_may_delete(&account)?;
        }
        let (session, notes) = (work.session, DeletionNotes::read(&account)?);
        let (lost, there) = self.told_apart(work, &account, &notes)?;
        let request = Request { snapshots: &there, rules: &rules, device: self.device.as_deref(), now: session.now() };
        let judged = if lost.is_empty() || !there.is_empty() { forget::choose(&account, &notes, &request)? } else { Vec::new() };
        let gone = judged.iter().filter(|one| one.verdict == Verdict::Drop).count() as u64;
        if !self.dry_run && gone + lost.len() as u64 > 0 {
            forget::forget(&work.open(WorkKind::Small)?, &judged, &lost, work.quiet_job())?;
        }
        let (all, _) = snapshots::snapshots(&account)?;
        let before = all.iter().filter(|one| !notes.forgets(&one.head.device, one.head.number, &one.hash)).count() as u64;
        Ok(Forgotten {
            dry_run: self.dry_run,
            forgotten: gone + lost.len() as u64,
            kept: before.saturating_sub(gone),
            snapshots: judged.iter().map(JudgedSnapshot::of).collect(),
            gone: lost
                .into_iter()
                .map(|Lost { number, device_name: device, own, .. }| GoneSnapshot { number, device, own })
                .collect(),
        })
    }
}

impl Forget {
    /// Of the snapshots that are named, those that are gone, and the names of the others.
    fn told_apart(&self, work: &Work<'_>, account: &Account, notes: &DeletionNotes) -> Result<(Vec<Lost>, Vec<String>), Failure> {
        let stores: Vec<String> = work.session.config()?.stores.into_iter().map(|store| store.name).collect();
        let (mut lost, mut there) = (Vec::new(), Vec::new());
        for text in &self.snapshots {
            match lost::meant(account, notes, text, &stores)? {
                Some(one) if lost.contains(&one) => {}
                Some(one) => lost.push(one),
                None => there.push(text.clone()),
            }
        }
        Ok((lost, there))
    }
}
