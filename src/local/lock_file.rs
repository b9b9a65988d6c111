//! A lock beside a small file, taken by any process for a moment, with a bounded wait.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::local::home::DiskError;

const PAUSE: Duration = Duration::from_millis(10);

/// Held until dropped; the system lets go of it when the process ends.
pub struct LockFile {
    _file: File,
}

/// Takes the lock at `path`, or gives none when another process does not let go of it within `wait`.
pub fn take(path: &Path, wait: Duration) -> Result<Option<LockFile>, DiskError> {
    let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = open.map_err(DiskError::at("open", path))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(LockFile { _file: file })),
            Err(TryLockError::WouldBlock) if started.elapsed() < wait => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(DiskError::at("lock", path)(error)),
        }
    }
}
