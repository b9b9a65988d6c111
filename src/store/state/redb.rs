//! redb 4 as local state: little memory, and safe across power cuts by itself.

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase, TableDefinition};

use super::{KEY_LEN, Look, RawChange, StateError, StateStore};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("state");
/// redb's page cache, in bytes.
const CACHE: usize = 2 * 1024 * 1024;

/// A redb database.
pub struct Redb(Database);

fn failed(error: impl std::fmt::Display) -> StateError {
    StateError::Database(error.to_string())
}

impl Redb {
    /// Opens the database in a folder that is there.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let db = Database::builder().set_cache_size(CACHE).create(folder.join("state.redb")).map_err(failed)?;
        let this = Self(db);
        this.write(Durability::Immediate, &[])?;
        Ok(this)
    }

    fn write(&self, durability: Durability, changes: &[RawChange]) -> Result<(), StateError> {
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

impl StateStore for Redb {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, StateError> {
        let table = self.0.begin_read().map_err(failed)?.open_table(TABLE).map_err(failed)?;
        Ok(table.get(key.as_slice()).map_err(failed)?.map(|value| value.value().to_vec()))
    }

    fn apply(&self, changes: &[RawChange]) -> Result<(), StateError> {
        self.write(Durability::None, changes)
    }

    fn for_each(&self, table: u8, f: Look<'_>) -> Result<(), StateError> {
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

    fn barrier(&self) -> Result<(), StateError> {
        self.write(Durability::Immediate, &[])
    }

    fn clear(&self) -> Result<(), StateError> {
        let transaction = self.0.begin_write().map_err(failed)?;
        transaction.delete_table(TABLE).map_err(failed)?;
        transaction.open_table(TABLE).map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}
