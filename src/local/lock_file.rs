//! A lock beside a small file, taken by any process for a moment: waited for so long and no longer, and only until a stop is asked for.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::local::home::DiskError;
use crate::local::may_vanish;
use crate::local::stop::Stop;
use crate::provider::regular_file;

const PAUSE: Duration = Duration::from_millis(10);
/// So long a lock is still waited for once a stop was asked for: what was done is written down also by whoever was stopped.
const AFTER_STOP: Duration = Duration::from_millis(200);

/// Held until dropped; the system lets go of it when the process ends.
#[derive(Debug)]
pub struct LockFile {
    _file: File,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// Another process did not let go of it in time.
    Held,
    /// A stop was asked for meanwhile.
    Stopped,
    /// The disk failed.
    Disk(DiskError),
}

/// Opens a file that is locked, and makes it (0600) if need be; nobody's pipe or link in its place is opened.
pub fn open(path: &Path) -> Result<File, DiskError> {
    may_vanish::set_folder_aside(path)?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    regular_file::open_with(path, &mut options).map_err(DiskError::at("open", path))
}

/// Takes the lock at `path`, as soon as no other process holds it.
///
/// # Errors
/// When that does not happen within `wait`, or a stop was asked for a moment ago.
pub fn take(path: &Path, wait: Duration, stop: &Stop) -> Result<LockFile, NotTaken> {
    lock(path, wait, stop, File::try_lock)
}

/// Takes a share of it: others may have one too.
pub fn share(path: &Path, wait: Duration, stop: &Stop) -> Result<LockFile, NotTaken> {
    lock(path, wait, stop, File::try_lock_shared)
}

fn lock(path: &Path, wait: Duration, stop: &Stop, attempt: fn(&File) -> Result<(), TryLockError>) -> Result<LockFile, NotTaken> {
    let file = open(path).map_err(NotTaken::Disk)?;
    let (started, mut stopped) = (Instant::now(), None);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(LockFile { _file: file }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(NotTaken::Disk(DiskError::at("lock", path)(error))),
        }
        if stop.is_asked() && stopped.get_or_insert_with(Instant::now).elapsed() >= AFTER_STOP {
            return Err(NotTaken::Stopped);
        }
        if started.elapsed() >= wait {
            return Err(NotTaken::Held);
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_so_long_and_only_until_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = take(&path, Duration::ZERO, &Stop::never()).unwrap();
        assert!(matches!(take(&path, Duration::from_millis(30), &Stop::never()), Err(NotTaken::Held)));
        assert!(matches!(share(&path, Duration::ZERO, &Stop::never()), Err(NotTaken::Held)));
        // for ever, but for the stop
        assert!(matches!(take(&path, Duration::MAX, &Stop::when(|| true)), Err(NotTaken::Stopped)));
        assert!(matches!(take(&path, Duration::MAX, &Stop::never().within(Duration::from_millis(30))), Err(NotTaken::Stopped)));
        drop(held);
        // a folder that bears its name stands in nobody's way
        std::fs::create_dir(folder.path().join("other")).unwrap();
        drop(take(&folder.path().join("other"), Duration::ZERO, &Stop::never()).unwrap());
        // what is free is taken also by whoever was stopped
        drop(take(&path, Duration::ZERO, &Stop::when(|| true)).unwrap());
        let _first = share(&path, Duration::ZERO, &Stop::never()).unwrap();
        assert!(share(&path, Duration::ZERO, &Stop::never()).is_ok());
    }
}
