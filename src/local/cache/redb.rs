//! redb 4 as local state: little memory, and safe across power cuts by itself.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use redb::{Database, Durability, ReadableDatabase, TableDefinition, TableError};

use crate::provider::regular_file;

use super::{CacheError, CacheStore, KEY_LEN, RawChange, Visitor, folder};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("state");
const FILE: &str = "state.redb";
/// redb's page cache, in bytes.
const CACHE: usize = 2 * 1024 * 1024;

/// A redb database.
pub struct Redb(Database);

/// Whether a folder holds such a database.
pub fn is_in(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

fn failed(error: impl std::fmt::Display) -> CacheError {
    CacheError::Database(error.to_string())
}

fn opening(error: redb::DatabaseError) -> CacheError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => CacheError::InUse,
        error => failed(error),
    }
}

impl Redb {
    /// Opens the database in a folder that is there.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let file = path.join(FILE);
        let mut options = OpenOptions::new();
        let private = regular_file::open_with(&file, options.create(true).append(true).mode(0o600)).map_err(failed)?;
        drop(private);
        let this = Self(Database::builder().set_cache_size(CACHE).create(&file).map_err(opening)?);
        let table = this.0.begin_read().map_err(failed)?.open_table(TABLE).map(|_| ());
        match table {
            // a commit costs two syncs, so one that changes nothing is left out
            Err(TableError::TableDoesNotExist(_)) => this.write(Durability::Immediate, &[])?,
            table => table.map_err(failed)?,
        }
        folder::sync(path, &[]).map_err(failed)?;
        Ok(this)
    }

    fn write(&self, durability: Durability, changes: &[RawChange]) -> Result<(), CacheError> {
        let mut transaction = self.0.begin_write().map_err(failed)?;
        transaction.set_durability(durability).map_err(failed)?;
        {
            let mut table = transaction.open_table(TABLE).map_err(failed)?;
            for (key, value) in changes {
                match value {
                    Some(value) => table.insert(key.as_slice(), value.as_slice()).map_err(failed)?,
                    None => table.remove(key.as_slice()).map_err(failed)?,
                };
            }
        }
        transaction.commit().map_err(failed)
    }
}

impl CacheStore for Redb {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, CacheError> {
        let table = self.0.begin_read().map_err(failed)?.open_table(TABLE).map_err(failed)?;
        Ok(table.get(key.as_slice()).map_err(failed)?.map(|value| value.value().to_vec()))
    }

    fn apply(&self, changes: &[RawChange]) -> Result<(), CacheError> {
        self.write(Durability::None, changes)
    }

    fn for_each(&self, table: u8, f: Visitor<'_>) -> Result<(), CacheError> {
        let open = self.0.begin_read().map_err(failed)?.open_table(TABLE).map_err(failed)?;
        let (first, end) = ([table], [table + 1]);
        for item in open.range::<&[u8]>(first.as_slice()..end.as_slice()).map_err(failed)? {
            let (key, value) = item.map_err(failed)?;
            if f(key.value(), value.value()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn barrier(&self) -> Result<(), CacheError> {
        self.write(Durability::Immediate, &[])
    }
}
