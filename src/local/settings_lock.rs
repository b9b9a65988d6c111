//! A lock around reading, changing and writing the settings, so that two processes that change them at once lose nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::local::home::DiskError;

/// Changing the settings takes milliseconds; a process that holds them longer hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Held while the settings change; the system lets go of it when the process ends, however it ends.
pub struct SettingsLock {
    _file: File,
}

impl SettingsLock {
    /// Waits for the lock of the settings in the folder `home`, ten seconds at most; none when it is held longer.
    pub fn take(home: &Path) -> Result<Option<Self>, DiskError> {
        let path = home.join("config.lock");
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = open.map_err(DiskError::at("open", &path))?;
        let end = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(DiskError::at("lock", &path)(error)),
            }
        }
    }
}
