//! The folder a database lies in: made private, set aside when it cannot be used, weighed; nothing here looks into it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::CacheError;
use crate::local::home::{DiskError, private_folder};
use crate::local::lock_file::{self, LockFile, NotTaken};
use crate::local::stop::Stop;
use crate::provider::dir::Dir;
use crate::provider::reason::Reason;
use crate::provider::regular_file;

/// How long a process that is just ending may still own a database.
const OWNED: Duration = Duration::from_millis(500);
/// So deep a database's folder is looked into.
const LEVELS: u32 = 4;

/// Makes the folder (0700). Whatever else lies at its path is an error of the database, not of the disk: it is set aside. So is what lies in it and is
/// neither a file nor a folder: a database would open a pipe, and wait.
pub fn make(folder: &Path) -> Result<(), CacheError> {
    match fs::symlink_metadata(folder) {
        Ok(found) if !found.is_dir() => return Err(CacheError::NoFolder(folder.to_owned())),
        _ => private_folder(folder).map_err(|error| failed_at(folder)(error.source))?,
    }
    match strange(folder, LEVELS) {
        Some(path) => Err(CacheError::Strange(path)),
        None => Ok(()),
    }
}

/// What lies in the folder, at most a few levels deep, and is neither a file nor a folder.
fn strange(folder: &Path, depth: u32) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok().filter(|_| depth > 0)?;
    entries.flatten().find_map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => strange(&entry.path(), depth - 1),
        Ok(kind) if kind.is_file() => None,
        _ => Some(entry.path()),
    })
}

/// Moves a database that cannot be used out of the way, to `<folder>.set-aside`; the last one is kept, for whoever wants to know
/// why. The caller has closed it and owns it.
pub fn set_aside(folder: &Path, _owner: &LockFile) -> Result<(), CacheError> {
    forget_set_aside(folder)?;
    let moved = absent_is_fine(fs::rename(folder, set_aside_path(folder)));
    moved.map_err(failed_at(folder))
}

/// Makes this process the owner of the database in a folder.
pub fn own(folder: &Path) -> Result<LockFile, CacheError> {
    let mut lock = folder.as_os_str().to_owned();
    lock.push(".lock");
    let lock = PathBuf::from(lock);
    let failed = |error: DiskError| failed_at(folder)(error.source);
    lock.parent().map_or(Ok(()), private_folder).map_err(failed)?;
    lock_file::take(&lock, OWNED, &Stop::never()).map_err(|why| match why {
        NotTaken::Disk(error) => failed(error),
        NotTaken::Held | NotTaken::Stopped => CacheError::InUse,
    })
}

/// What the system says of a path.
pub fn failed_at(path: &Path) -> impl FnOnce(std::io::Error) -> CacheError {
    |error| CacheError::Folder(path.to_owned(), Reason::of_system(&error))
}

/// Deletes what was set aside: a full disk needs the room.
pub fn forget_set_aside(folder: &Path) -> Result<(), CacheError> {
    remove(&set_aside_path(folder))
}

/// Deletes whatever lies there: a folder, a file, a link (never what it points to), or nothing.
pub fn remove(path: &Path) -> Result<(), CacheError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    absent_is_fine(removed).map_err(failed_at(path))
}

fn set_aside_path(folder: &Path) -> PathBuf {
    let mut path = folder.as_os_str().to_owned();
    path.push(".set-aside");
    PathBuf::from(path)
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Syncs files of the folder, the folder, and the one above: databases do not sync the names of their own files.
pub fn sync(folder: &Path, names: &[&str]) -> io::Result<()> {
    for name in names {
        regular_file::open(&folder.join(name))?.sync_all()?;
    }
    Dir::at(folder)?.sync()?;
    folder.parent().map_or(Ok(()), |parent| Dir::at(parent)?.sync())
}

/// Bytes of all files in the folder, at most a few levels deep.
pub fn weigh(folder: &Path) -> u64 {
    fn sum(folder: &Path, depth: u32) -> u64 {
        let Some(entries) = fs::read_dir(folder).ok().filter(|_| depth > 0) else { return 0 };
        entries
            .flatten()
            .map(|entry| match entry.metadata() {
                Ok(found) if found.is_dir() => sum(&entry.path(), depth - 1),
                Ok(found) => found.len(),
                Err(_) => 0,
            })
            .sum()
    }
    sum(folder, LEVELS)
}
