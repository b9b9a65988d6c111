//! A database that outgrows sled goes on in redb: its entries are carried over as they lie, under the same salt.
//!
//! sled keeps every key's place in memory (1 M keys: 245 MB, redb: 71 MB of which most is cache), so that a PC with many files would
//! leave its 48 MiB. A kill in the middle leaves either database whole, or none, which is a cache that vanished.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::{BATCH, Backend, CacheError, CacheStore, FILES, Inner, KEY_LEN, Place, RawChange, folder, open_store};
use crate::core::random::Random;

/// A sled database of this many bytes on the disk is moved on: about 10,000 keys.
const OUTGROWN: u64 = if cfg!(test) { 2 } else { 6 } * 1024 * 1024;
/// It is weighed whenever so many keys were put.
const WEIGH_AFTER: usize = 4096;

impl Inner {
    /// Whether it is time to move on, after `put` more changes.
    pub(super) fn has_outgrown(&self, place: &Place, put: usize) -> bool {
        if self.backend != Backend::Sled || self.put.fetch_add(put, Ordering::Relaxed) + put < WEIGH_AFTER {
            return false;
        }
        self.put.store(0, Ordering::Relaxed);
        folder::weigh(&place.folder) > OUTGROWN
    }
}

/// Carries every entry over and puts the new database in the place of the old one.
pub(super) fn moved(place: &Place, old: &mut Inner, random: &dyn Random) -> Result<Inner, CacheError> {
    let next = next_to(place);
    folder::remove(&next)?;
    folder::make(&next)?;
    let new = open_store(&next, Backend::Redb)?;
    let mut batch: Vec<RawChange> = Vec::with_capacity(BATCH);
    let mut failed = None;
    old.store.for_each(FILES, &mut |key, value| {
        if let Ok(key) = <[u8; KEY_LEN]>::try_from(key) {
            batch.push((key, Some(value.to_vec())));
        }
        if batch.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match new.apply(&std::mem::take(&mut batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), Err)?;
    new.apply(&batch)?;
    old.keys.write_size(&new, place, Backend::Redb, 0, random)?;
    new.barrier()?;
    drop(new);
    old.store.close();
    folder::remove(&place.folder)?;
    std::fs::rename(&next, &place.folder).map_err(folder::failed_at(&next))?;
    place.open(random)
}

fn next_to(place: &Place) -> PathBuf {
    let mut path = place.folder.as_os_str().to_owned();
    path.push(".next");
    PathBuf::from(path)
}
