//! sled 0.34 as local state, by rules found in experiments: `flush` alone loses acknowledged data at a power cut, and a kill while
//! it writes `snap.*.generating` keeps it from opening.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{KEY_LEN, Look, RawChange, StateError, StateStore};

/// sled's page cache, in bytes.
const CACHE: u64 = 4 * 1024 * 1024;

/// A sled database.
pub struct Sled {
    db: sled::Db,
    folder: PathBuf,
}

fn failed(error: impl std::fmt::Display) -> StateError {
    StateError::Database(error.to_string())
}

impl Sled {
    /// Opens the database in a folder that is there.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        remove_half_snapshots(folder).map_err(failed)?;
        let fresh = !folder.join("db").exists();
        let db = sled::Config::new().path(folder).cache_capacity(CACHE).flush_every_ms(Some(500)).open().map_err(failed)?;
        if fresh {
            sync_new(folder).map_err(failed)?;
        }
        Ok(Self { db, folder: folder.to_owned() })
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

/// sled never syncs `conf` nor the folders that name its files.
fn sync_new(folder: &Path) -> io::Result<()> {
    for name in ["conf", "db", "."] {
        File::open(folder.join(name))?.sync_all()?;
    }
    folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

impl StateStore for Sled {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.db.get(key).map_err(failed)?.map(|value| value.to_vec()))
    }

    fn apply(&self, changes: &[RawChange]) -> Result<(), StateError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        self.db.apply_batch(batch).map_err(failed)
    }

    fn for_each(&self, table: u8, f: Look<'_>) -> Result<(), StateError> {
        for item in self.db.scan_prefix([table]) {
            let (key, value) = item.map_err(failed)?;
            if f(&key, &value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn barrier(&self) -> Result<(), StateError> {
        self.db.flush().map_err(failed)?;
        // flush calls sync_file_range on Linux, which does not reach the disk's cache nor the file's size
        File::open(self.folder.join("db")).and_then(|db| db.sync_all()).map_err(failed)
    }

    fn clear(&self) -> Result<(), StateError> {
        self.db.clear().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_written_snapshot_does_not_keep_it_from_opening() {
        let folder = tempfile::tempdir().unwrap();
        {
            let db = Sled::open(folder.path()).unwrap();
            db.apply(&[([1; KEY_LEN], Some(vec![1]))]).unwrap();
            db.barrier().unwrap();
        }
        std::fs::write(folder.path().join("snap.0000000000000001.generating"), "half").unwrap();
        assert_eq!(Sled::open(folder.path()).unwrap().get(&[1; KEY_LEN]).unwrap(), Some(vec![1]));
    }
}
