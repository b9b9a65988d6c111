//! Trying: a random sample of the newest snapshot comes back into nothing; one that does not is a problem.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Check;
use crate::app::entry::Which;
use crate::app::event::Notice;
use crate::app::jobs::problems::VAULT;
use crate::app::work::Work;
use crate::app::{Failure, unlock};
use crate::config::Config;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::problem::{NewProblem, ProblemKind};
use crate::engine::account::problem_log::LastDrill;
use crate::engine::clock::now;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::{snapshots, stores};
use crate::engine::restore::drill;

/// How files came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// The snapshot.
    #[serde(flatten)]
    pub which: Which,
    /// From where: a store, or the local vault.
    pub place: String,
    /// How many files the snapshot holds.
    pub of: u64,
    /// How many were tried.
    pub tried: u64,
    /// How many came back whole.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them were held against a source that is unchanged, and are the same.
    pub compared: u64,
    /// How many did not come back.
    pub failed: u64,
    /// What was told of files on the way.
    pub notices: Vec<Notice>,
}

/// Tries. Where the vault is known to lack what lies in stores, those are read too, as a restore would; else the vault stands for itself.
pub fn run(work: &Work<'_>, config: &Config, asked: &Check, sample: u32, with_stores: bool) -> Result<Tried, Failure> {
    let account = work.look()?;
    let keyring = unlock::unlock(work, &account, &asked.unlock)?;
    let chunk_index = ChunkIndex::open(&account)?;
    let runtime = work.runtime();
    let store = match &asked.store {
        Some(name) => vec![stores::named(&account, &config.stores, name)?],
        None if with_stores => stores::readable(&account, &config.stores),
        None => Vec::new(),
    };
    let places = match (&asked.store, with_stores) {
        (Some(_), _) => ReadOrder::stores_only(&store, runtime),
        (None, true) => ReadOrder::with_stores(&account, &store, runtime),
        (None, false) => ReadOrder::vault_only(&account),
    };
    let place = asked.store.clone().unwrap_or_else(|| VAULT.into());
    let info = snapshots::choose(&account, "latest")?;
    let (which, own) = (Which::of(&info), info.own);
    let fetcher = ChunkReader::new(&chunk_index, places, &keyring, info.head.device);
    let watcher = work.watcher();
    let on_event: crate::engine::OnEvent<'_> = &|event| watcher.take(event);
    let done = Snapshot::open(&fetcher, info.head)
        .and_then(|snapshot| drill::drill(&fetcher, &snapshot, (sample, own), &work.session.random, on_event, work.cancel));
    let report = match done {
        // a snapshot that does not even open did not come back; a store that is away says nothing
        Err(error @ (EngineError::Damaged { .. } | EngineError::Object { .. })) => {
            failed(&account, &place, 1, &error.to_string());
            return Err(error.into());
        }
        done => done?,
    };
    let count = report.failed.len() as u64;
    match report.failed.first() {
        Some((_, why)) => failed(&account, &place, count, why),
        None if report.of > 0 => account.remedied(ProblemKind::Drill, &place),
        None => {}
    }
    let (files, bytes) = (report.files, report.bytes);
    if report.of > 0 {
        account.remember_drill(LastDrill { time: now(), place: place.clone(), files, bytes, failed: count });
    }
    let (of, compared, notices) = (report.of, report.compared, watcher.finish());
    Ok(Tried { which, place, of, tried: files + count, files, bytes, compared, failed: count, notices })
}

fn failed(account: &Account, place: &str, count: u64, why: &str) {
    account.raise(NewProblem::of(ProblemKind::Drill, place).numbers(count, 0).object(why));
}
