//! An account that is open for reading: what every job that looks inside a snapshot needs.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::app::Failure;
use crate::app::unlock::{self, Unlock};
use crate::app::work::Work;
use crate::core::keys::Keyring;
use crate::engine::account::Account;
use crate::engine::catalog::Catalog;
use crate::engine::fetch::Fetcher;
use crate::engine::places::{Places, Store};
use crate::engine::runtime::Runtime;
use crate::engine::select::SnapshotInfo;
use crate::engine::stores;

/// An account, unlocked, with the stores that may be read: folders always, others with consent.
pub struct Reading {
    /// The account.
    pub account: Account,
    catalog: Catalog,
    keyring: Keyring,
    stores: Vec<Store>,
    runtime: Runtime,
}

impl Reading {
    /// Opens and unlocks it.
    pub fn open(work: &Work<'_>, how: &Unlock) -> Result<Self, Failure> {
        let config = work.session.config()?;
        let account = work.look()?;
        let keyring = unlock::unlock(work, &account, how)?;
        let catalog = Catalog::open(&account)?;
        let stores = stores::readable(&account, &config.stores);
        Ok(Self { account, catalog, keyring, stores, runtime: Runtime::new(work.cancel)? })
    }

    /// Fetches chunks of a snapshot from the vault, then the stores.
    pub fn fetcher(&self, of: &SnapshotInfo) -> Fetcher<'_> {
        let places = Places::with_stores(&self.account, &self.stores, &self.runtime);
        Fetcher::new(&self.catalog, places, &self.keyring, of.head.device)
    }
}

/// Paths as the bytes that an owner typed.
pub fn bytes_of(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| path.as_os_str().as_bytes().to_vec()).collect()
}
