//! Withdrawals for a printkeep that is at work: a file of words beside its lock, looked for while it uses the network.
//!
//! Whoever cannot book it at once writes down what the owner takes back; the next one that opens the account books the withdrawal in
//! the ledger and removes the file. Whoever books one rings the bell, a file of which only the change counts. A process that uses the
//! network looks for both, and stops.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::consent::Item;
use crate::local::home::{DiskError, read_small, write_private};
use crate::provider::dir::Dir;
use crate::provider::regular_file;

const MAX_FILE: u64 = 64 * 1024;
/// How often a working process looks.
const LOOK: Duration = Duration::from_millis(200);

fn path(account: &Path) -> PathBuf {
    account.join("withdrawn")
}

/// Writes down that the owner takes back `items`; durable when this returns.
pub fn leave(account: &Path, items: &[Item]) -> Result<(), DiskError> {
    let path = path(account);
    let write = || {
        let mut file = regular_file::open_with(&path, OpenOptions::new().create(true).append(true).mode(0o600))?;
        let lines: String = items.iter().map(|item| format!("{}\n", item.as_str())).collect();
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        Dir::at(account)?.sync()
    };
    write().map_err(DiskError::at("write", &path))
}

/// What was written down and not booked yet. A file that cannot be read whole takes back everything.
pub fn waiting(account: &Path) -> Result<Vec<Item>, DiskError> {
    let path = path(account);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = read_small(&path, MAX_FILE)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let items: Option<Vec<Item>> = text.lines().map(Item::parse).collect();
    // a line that a power cut left half is still a withdrawal, of nobody knows what
    Ok(items.filter(|items| !items.is_empty() && text.ends_with('\n')).unwrap_or_else(|| Item::all().collect()))
}

/// Removes the file: everything in it is booked.
pub fn booked(account: &Path) -> Result<(), DiskError> {
    crate::local::home::remove_if_there(&path(account))
}

/// How the bell was last rung, or that it never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bell(Option<(u64, i64, i64)>);

fn bell_path(account: &Path) -> PathBuf {
    account.join("withdrawn.bell")
}

/// The bell as it is now; taken before the ledger is read, so that nothing falls between.
pub fn bell(account: &Path) -> Bell {
    Bell(std::fs::metadata(bell_path(account)).ok().map(|file| (file.ino(), file.mtime(), file.mtime_nsec())))
}

/// Tells whoever is at work that a withdrawal was booked.
pub fn ring(account: &Path) -> Result<(), DiskError> {
    write_private(&bell_path(account), b"")
}

/// Sets `halt` once a withdrawal is written down or booked after `since`, as long as somebody else holds it too.
pub fn watch(account: &Path, halt: &Arc<AtomicBool>, since: Bell) {
    let (account, path, held) = (account.to_owned(), path(account), Arc::downgrade(halt));
    let look = move || {
        loop {
            std::thread::sleep(LOOK);
            let Some(halt) = held.upgrade() else { return };
            if path.exists() || bell(&account) != since {
                halt.store(true, Ordering::SeqCst);
                return;
            }
        }
    };
    if std::thread::Builder::new().name("withdrawals".into()).spawn(look).is_err() {
        // a process that cannot hear the owner may not use the network
        halt.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_found_and_a_torn_file_takes_back_everything() {
        let folder = tempfile::tempdir().unwrap();
        assert!(waiting(folder.path()).unwrap().is_empty());
        leave(folder.path(), &[Item::Network]).unwrap();
        leave(folder.path(), &[Item::Serial, Item::Mac]).unwrap();
        assert_eq!(waiting(folder.path()).unwrap(), [Item::Network, Item::Serial, Item::Mac]);
        booked(folder.path()).unwrap();
        assert!(waiting(folder.path()).unwrap().is_empty());
        let before = bell(folder.path());
        ring(folder.path()).unwrap();
        let rung = bell(folder.path());
        ring(folder.path()).unwrap();
        assert!(before != rung && rung != bell(folder.path()), "each ring is heard");
        for torn in ["", "netw", "network\nser", "\u{0}\n"] {
            std::fs::write(path(folder.path()), torn).unwrap();
            assert_eq!(waiting(folder.path()).unwrap().len(), Item::all().count(), "{torn:?}");
        }
    }
}
