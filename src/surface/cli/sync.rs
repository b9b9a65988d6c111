//! `sync`.

use clap::{Args, ValueEnum};

use super::{inbox_exchange, rules};
use crate::app::jobs::records_at_store::RecordsGone;
use crate::app::jobs::sync::{self as job, Pull, Synced, SyncedStore};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::Words;
use crate::text;

/// `sync`
#[derive(Args)]
pub struct Sync {
    /// One store
    #[arg(long, value_name = "NAME")]
    pub store: Option<String>,
    /// What is fetched
    #[arg(long, value_enum, default_value = "all")]
    pub pull: PullWord,
}

/// What `sync` fetches.
#[derive(Clone, Copy, ValueEnum)]
pub enum PullWord {
    /// Everything
    All,
    /// Enough to look
    Metadata,
    /// Nothing
    Nothing,
}

impl Sync {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        let pull = match self.pull {
            PullWord::All => Pull::All,
            PullWord::Metadata => Pull::Metadata,
            PullWord::Nothing => Pull::Nothing,
        };
        Ok(Request::Sync(job::Sync { store: self.store, pull }))
    }
}

/// The lines of the reply. Why a store took no part was told when it was known.
pub fn lines(reply: &Synced, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.stores.iter().flat_map(|store| of_store(store, words)).collect();
    lines.extend(reply.snapshots.iter().flat_map(|applied| rules::applied(applied, words)));
    lines
}

fn of_store(told: &SyncedStore, words: &Words) -> Vec<String> {
    let mut said = Vec::new();
    if told.error.is_none() || told.sent > 0 || told.fetched > 0 {
        said.push(moved(told));
    }
    said.extend(told.write_only.then(|| narrowed(told, words)));
    if !told.failed.is_empty() {
        said.push(text!("sync-not-moved", store = &told.store, count = told.failed.len()));
    }
    if !told.alarms.is_empty() {
        said.push(text!("sync-alarms", store = &told.store, count = told.alarms.len()));
    }
    for intruder in &told.intruders {
        let count = Arg::Count(intruder.snapshots);
        said.push(text!("sync-intruder", store = &told.store, count = count, device = &intruder.device));
    }
    let mut lines: Vec<String> = said.iter().map(|text| words.say(text)).collect();
    lines.extend(told.letters.iter().flat_map(|letters| inbox_exchange::lines(letters, words)));
    lines.extend(told.deleted_facts.iter().filter_map(|gone| records(&told.store, gone)).map(|text| words.say(&text)));
    if told.waiting > 0 {
        let count = Arg::Count(told.waiting);
        lines.push(words.say(&match told.can_be_given {
            true => text!("sync-waits", count = count),
            false => text!("sync-waits-for-ever", count = count),
        }));
    }
    lines
}

fn moved(told: &SyncedStore) -> Text {
    let (sent, fetched) = (Arg::Count(told.sent), Arg::Count(told.fetched));
    let (sent_bytes, fetched_bytes) = (Arg::Bytes(told.sent_bytes), Arg::Bytes(told.fetched_bytes));
    match told.sent + told.fetched {
        0 => text!("sync-in-step", store = &told.store),
        _ => text!(
            "sync-moved",
            store = &told.store,
            sent = sent,
            sent_bytes = sent_bytes,
            fetched = fetched,
            fetched_bytes = fetched_bytes
        ),
    }
}

fn records(store: &str, gone: &RecordsGone) -> Option<Text> {
    (gone.removed > 0).then(|| text!("sync-records-removed", store = store, count = Arg::Count(gone.removed)))
}

/// What a device that only writes did not look at.
fn narrowed(told: &SyncedStore, words: &Words) -> Text {
    let folders = match told.unlisted.is_empty() {
        true => String::new(),
        false => words.say(&text!("sync-narrowed-unlisted", folders = told.unlisted.join(", "))),
    };
    let left = match told.left.len() {
        0 => String::new(),
        count => words.say(&text!("sync-narrowed-left", count = count)),
    };
    text!("sync-narrowed", unlisted = folders, left = left)
}
