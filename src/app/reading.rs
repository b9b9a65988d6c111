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
use crate::engine::repository::remote::Store;
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::repository::stores;
use crate::engine::runtime::Runtime;

/// An account, unlocked, with the stores that may be read: folders always, others with consent.
pub struct Reading<'w> {
    /// The account.
    pub account: Account,
    chunk_index: ChunkIndex,
    keyring: Keyring,
    stores: Vec<Store>,
    runtime: &'w Runtime,
}

impl<'w> Reading<'w> {
    /// Opens and unlocks it.
    pub fn open(work: &'w Work<'_>, how: &Unlock) -> Result<Self, Failure> {
        let config = work.session.config()?;
        let account = work.look()?;
        let keyring = unlock::unlock(work, &account, how)?;
        let chunk_index = ChunkIndex::open(&account)?;
        let stores = stores::readable(&account, &config.stores);
        Ok(Self { account, chunk_index, keyring, stores, runtime: work.runtime() })
    }

    /// Fetches chunks of a snapshot from the vault, then the stores.
    pub fn fetcher(&self, of: &SnapshotInfo) -> ChunkReader<'_> {
        let places = ReadOrder::with_stores(&self.account, &self.stores, self.runtime);
        ChunkReader::new(&self.chunk_index, places, &self.keyring, of.head.device)
    }
}

/// Paths as the bytes that an owner typed.
pub fn bytes_of(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| path.as_os_str().as_bytes().to_vec()).collect()
}
