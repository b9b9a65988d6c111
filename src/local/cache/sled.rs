//! sled 0.34 as local state, by rules found in experiments: `flush` alone loses acknowledged data at a power cut, a kill while it
//! writes `snap.*.generating` keeps it from opening, and it never syncs `conf` nor the folders that name its files.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::provider::regular_file;

use super::{CacheError, CacheStore, KEY_LEN, RawChange, Visitor, folder};

/// sled's page cache, in bytes.
const CACHE: u64 = 4 * 1024 * 1024;

/// How often, a millisecond apart, it is looked whether sled's threads have let go of a database that was closed.
const LOOKS: u32 = 2000;

/// A sled database.
pub struct Sled {
    // dropped in this order
    db: sled::Db,
    file: Shared,
}

/// The file that sled writes to, for syncing it ourselves. Dropped after sled, it waits until sled's threads, which outlive the
/// database, let go of it: whoever opened or removed the folder before that would be refused, or write beside them.
struct Shared(File);

impl Drop for Shared {
    fn drop(&mut self) {
        for _ in 0..LOOKS {
            match self.0.try_lock() {
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
    }
}

fn failed(error: impl std::fmt::Display) -> CacheError {
    CacheError::Database(error.to_string())
}

/// sled says in words alone that another process holds its lock.
fn opening(error: sled::Error) -> CacheError {
    match error.to_string() {
        text if text.contains("could not acquire lock") => CacheError::InUse,
        text => CacheError::Database(text),
    }
}

impl Sled {
    /// Opens the database in a folder that is there.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        remove_half_snapshots(path).map_err(failed)?;
        let db = sled::Config::new().path(path).cache_capacity(CACHE).flush_every_ms(Some(500)).open().map_err(opening)?;
        let file = Shared(regular_file::open(&path.join("db")).map_err(failed)?);
        // at every opening: a run may have been killed before it came to this
        folder::sync(path, &["conf", "db"]).map_err(failed)?;
        Ok(Self { db, file })
    }
}

fn remove_half_snapshots(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating")) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl CacheStore for Sled {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, CacheError> {
        Ok(self.db.get(key).map_err(failed)?.map(|value| value.to_vec()))
    }

    fn apply(&self, changes: &[RawChange]) -> Result<(), CacheError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        self.db.apply_batch(batch).map_err(failed)
    }

    fn for_each(&self, table: u8, f: Visitor<'_>) -> Result<(), CacheError> {
        for item in self.db.scan_prefix([table]) {
            let (key, value) = item.map_err(failed)?;
            if f(&key, &value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn barrier(&self) -> Result<(), CacheError> {
        self.db.flush().map_err(failed)?;
        // flush calls sync_file_range on Linux, which reaches neither the disk's cache nor the file's size
        self.file.0.sync_all().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// sled's threads hold on to its files for a while after it was dropped.
    #[test]
    fn it_opens_again_at_once() {
        let rounds = || {
            let folder = tempfile::tempdir().unwrap();
            for round in 0..30u32 {
                let db = Sled::open(folder.path()).unwrap_or_else(|error| panic!("{round}: {error}"));
                db.apply(&[([1; KEY_LEN], Some(round.to_le_bytes().to_vec()))]).unwrap();
            }
        };
        // crowded, so that its threads come late
        std::thread::scope(|scope| (0..12).for_each(|_| drop(scope.spawn(rounds))));
    }

    #[test]
    fn a_half_written_snapshot_does_not_keep_it_from_opening() {
        let folder = tempfile::tempdir().unwrap();
        {
            let db = Sled::open(folder.path()).unwrap();
            db.apply(&[([1; KEY_LEN], Some(vec![1]))]).unwrap();
            db.barrier().unwrap();
        }
        let half = folder.path().join("snap.FFFFFFFFFFFFFFF0.generating");
        std::fs::write(&half, "half").unwrap();
        assert_eq!(Sled::open(folder.path()).unwrap().get(&[1; KEY_LEN]).unwrap(), Some(vec![1]));
        assert!(!half.exists());
    }
}
