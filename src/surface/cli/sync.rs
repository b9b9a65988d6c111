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
    let mut lines: Vec<String> = reply.stores.iter().flat_map(|store| of_store(store, reply.revoked, words)).collect();
    lines.extend(reply.revoked.then(|| words.say(&text!("sync-revoked"))));
    lines.extend(reply.snapshots.iter().flat_map(|applied| rules::applied(applied, words)));
    lines
}

fn of_store(synced: &SyncedStore, revoked: bool, words: &Words) -> Vec<String> {
    let mut said = Vec::new();
    let is_in_step = synced.error.is_none() && synced.failed.is_empty();
    if is_in_step || synced.sent > 0 || synced.fetched > 0 {
        said.push(moved(synced));
    }
    said.extend(synced.refilled.then(|| text!("sync-refilled", store = &synced.store)));
    said.extend((synced.resent > 0).then(|| text!("sync-resent", store = &synced.store, count = synced.resent)));
    said.extend(synced.write_only.then(|| narrowed(synced, words)));
    if !synced.failed.is_empty() {
        said.push(text!("sync-not-moved", store = &synced.store, count = synced.failed.len()));
    }
    if !synced.problems.is_empty() {
        said.push(text!("sync-problems", store = &synced.store, count = synced.problems.len()));
    }
    for intruder in &synced.intruders {
        let count = Arg::Count(intruder.snapshots);
        said.push(text!("sync-intruder", store = &synced.store, count = count, device = &intruder.device));
    }
    let mut lines: Vec<String> = said.iter().map(|text| words.say(text)).collect();
    lines.extend(synced.inbox.iter().flat_map(|exchanged| inbox_exchange::lines(exchanged, words)));
    lines.extend(synced.deleted_facts.iter().filter_map(|gone| records(&synced.store, gone)).map(|text| words.say(&text)));
    // a device that was revoked is given no keys
    if synced.waiting > 0 && !revoked {
        let count = Arg::Count(synced.waiting);
        lines.push(words.say(&match synced.can_be_given {
            true => text!("sync-waits", store = &synced.store, count = count),
            false => text!("sync-waits-for-ever", store = &synced.store, count = count),
        }));
    }
    lines
}

fn moved(synced: &SyncedStore) -> Text {
    let (sent, fetched) = (Arg::Count(synced.sent), Arg::Count(synced.fetched));
    let (sent_bytes, fetched_bytes) = (Arg::Bytes(synced.sent_bytes), Arg::Bytes(synced.fetched_bytes));
    match synced.sent + synced.fetched {
        0 => text!("sync-in-step", store = &synced.store),
        _ => text!(
            "sync-moved",
            store = &synced.store,
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
fn narrowed(synced: &SyncedStore, words: &Words) -> Text {
    let folders = match synced.unlisted.is_empty() {
        true => String::new(),
        false => words.say(&text!("sync-narrowed-unlisted", folders = synced.unlisted.join(", "))),
    };
    let left = match synced.left.len() {
        0 => String::new(),
        count => words.say(&text!("sync-narrowed-left", count = count)),
    };
    text!("sync-narrowed", unlisted = folders, left = left)
}
