//! An account that is open for reading: what every job that looks inside a snapshot needs.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::app::forms::entry::SnapshotRef;
use crate::app::unlock::{self, Unlock};
use crate::app::work::Work;
use crate::app::{Arg, Failure, Text};
use crate::core::keys::Keyring;
use crate::core::name::RelPath;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::named::named;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::text;

/// In so many snapshots is looked for what another lacks.
const MOST_LOOKED: usize = 100;

/// An account, unlocked, with the stores that may be read: folders always, others with consent.
pub struct Reading {
    /// The account.
    pub account: Account,
    chunk_index: ChunkIndex,
    keyring: Keyring,
    remotes: Remotes,
}

impl Reading {
    /// Opens and unlocks it.
    pub fn open(work: &Work<'_>, how: &Unlock) -> Result<Self, Failure> {
        let config = work.session.config()?;
        let account = work.open_read_only()?;
        let keyring = unlock::unlock(work, &account, how)?;
        let chunk_index = ChunkIndex::open(&account)?;
        let remotes = Remotes::of(&config.stores, work.runtime());
        Ok(Self { account, chunk_index, keyring, remotes })
    }

    /// Fetches chunks of a snapshot from the vault, then the stores.
    pub fn reader(&self, of: &SnapshotInfo) -> ChunkReader<'_> {
        let places = ReadOrder::with_stores(&self.account, self.remotes.readable(&self.account));
        ChunkReader::new(&self.chunk_index, places, &self.keyring, of.head.device)
    }
}

/// What an owner asked for in a snapshot.
pub struct PathQuery<'a> {
    /// The snapshot that was meant.
    pub info: &'a SnapshotInfo,
    /// The paths in it.
    pub paths: &'a [PathBuf],
    /// What is typed for the same in another snapshot, which is given.
    pub typed: &'a dyn Fn(&str) -> String,
}

impl Reading {
    /// The paths that are meant in the open snapshot.
    ///
    /// # Errors
    /// Where it lacks one of them, the newest snapshot that has it is told, with what to type.
    pub fn named(&self, work: &Work<'_>, snapshot: &Snapshot<'_>, asked: &PathQuery<'_>) -> Result<Vec<RelPath>, Failure> {
        match named(snapshot, &bytes_of(asked.paths), work.cancel) {
            Err(error @ EngineError::NoPath(_)) => {
                let EngineError::NoPath(path) = &error else { return Err(error.into()) };
                let found = self.newest_with(work, asked.info, path.as_bytes());
                let failure = Failure::from(error);
                Err(match found? {
                    Some(info) => failure.hint(self.elsewhere(&info, asked.typed)),
                    None => failure,
                })
            }
            done => Ok(done?),
        }
    }

    /// The newest snapshot but this one that holds a path: of its own device first, then of the others.
    fn newest_with(&self, work: &Work<'_>, but: &SnapshotInfo, path: &[u8]) -> Result<Option<SnapshotInfo>, Failure> {
        let (mut all, _) = snapshots::snapshots(&self.account)?;
        all.retain(|info| (info.head.device, info.head.number) != (but.head.device, but.head.number));
        let is_ahead = |info: &SnapshotInfo| snapshots::is_ahead(&self.account, info.head.time);
        all.sort_by_key(|info| (info.head.device != but.head.device, is_ahead(info), info.head.time.saturating_neg()));
        for info in all.into_iter().take(MOST_LOOKED) {
            work.cancel.check()?;
            let reader = self.reader(&info);
            // one that does not open is told by whoever asks for it
            let Ok(snapshot) = Snapshot::open(&reader, info.head.clone()) else {
                work.cancel.check()?;
                continue;
            };
            match named(&snapshot, &[path.to_vec()], work.cancel) {
                Ok(_) | Err(EngineError::ManyPaths { .. }) => return Ok(Some(info)),
                Err(error) if error.is_stop() => return Err(error.into()),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    fn elsewhere(&self, info: &SnapshotInfo, typed: &dyn Fn(&str) -> String) -> Text {
        let number = info.head.number;
        let name = if info.own { number.to_string() } else { format!("{}:{number}", info.device_name) };
        let time = Arg::Time(info.head.time);
        let command = format!("printkeep {}", typed(&name));
        text!("no-path-elsewhere-hint", snapshot = number, device = &info.device_name, time = time, command = command)
    }

    /// The newest snapshot of each other device that is newer than this one.
    pub fn newer_elsewhere(&self, than: &SnapshotInfo) -> Result<Vec<SnapshotRef>, Failure> {
        let mut newer = Vec::new();
        for member in self.account.roster.members.iter().filter(|member| member.is_active() && member.id != than.head.device) {
            let last = snapshots::last_not_ahead(&self.account, member.id)?;
            if let Some(last) = last.filter(|last| last.time > than.head.time) {
                newer.push(SnapshotRef { snapshot: last.number, device: member.name.clone(), time: last.time });
            }
        }
        Ok(newer)
    }
}

/// A path as it is typed in a shell.
pub fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "._-/+:,@~".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Paths as the bytes that an owner typed.
fn bytes_of(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| path.as_os_str().as_bytes().to_vec()).collect()
}
