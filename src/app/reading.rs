//! An account that is open for reading: what every job that looks inside a snapshot needs.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::app::Failure;
use crate::app::unlock::{self, Unlock};
use crate::app::work::Work;
use crate::core::keys::Keyring;
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshots::SnapshotInfo;

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
    pub fn fetcher(&self, of: &SnapshotInfo) -> ChunkReader<'_> {
        let places = ReadOrder::with_stores(&self.account, self.remotes.readable(&self.account));
        ChunkReader::new(&self.chunk_index, places, &self.keyring, of.head.device)
    }
}

/// Paths as the bytes that an owner typed.
pub fn bytes_of(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| path.as_os_str().as_bytes().to_vec()).collect()
}
