//! Removing files so that what they held is gone: overwritten in place, synced, unlinked.
//!
//! On flash and on file systems that copy on write the old blocks may live on until the device reuses them; so what is shredded here
//! are keys that lie sealed nowhere else, and everything else in the account is unreadable without them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::local::home::{DiskError, write_private};
use crate::provider::regular_file;

/// Larger files are unlinked without being overwritten: they hold sealed bytes alone.
const MAX_OVERWRITTEN: u64 = 16 * 1024 * 1024;

/// Overwrites a file, and removes it; one that is not there is no error.
pub fn file(path: &Path) -> Result<(), DiskError> {
    let overwritten = opened(path).and_then(|old| old.map_or(Ok(()), |(old, length)| overwrite(old, length)));
    match overwritten.and_then(|()| fs::remove_file(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError::at("erase", path)(error)),
        _ => Ok(()),
    }
}

/// Writes a private file in the place of another, whole or not at all, and overwrites the one before.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    behind(path, || write_private(path, bytes))
}

/// Overwrites what a file held, once `change` has replaced or removed it. A power cut between the two leaves the old blocks on the disk, under no
/// name; and so does a disk that does not let them be overwritten.
pub fn behind<T, E>(path: &Path, change: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let old = opened(path);
    let done = change()?;
    if let Ok(Some((old, length))) = old {
        let _ = overwrite(old, length);
    }
    Ok(done)
}

/// A file that may be overwritten, and how long it is; none for a link, which is removed as a link (what it points to is not ours), and for
/// what is too long.
fn opened(path: &Path) -> io::Result<Option<(File, u64)>> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_file() || meta.len() > MAX_OVERWRITTEN {
        return Ok(None);
    }
    Ok(Some((regular_file::open_with(path, OpenOptions::new().write(true))?, meta.len())))
}

fn overwrite(mut file: File, length: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()
}

/// Overwrites and removes every file below a folder, and the folder; one that is not there is no error.
pub fn folder(path: &Path) -> Result<(), DiskError> {
    // a link is removed as a link here too
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_dir()) {
        return file(path);
    }
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(DiskError::at("read", path))?,
    };
    for entry in entries {
        let entry = entry.map_err(DiskError::at("read", path))?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder { folder(&entry.path())? } else { file(&entry.path())? }
    }
    fs::remove_dir(path).map_err(DiskError::at("remove", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replaced_is_overwritten_once_the_new_one_is_there() {
        let root = tempfile::tempdir().unwrap();
        let (key, old) = (root.path().join("key"), root.path().join("old"));
        replace(&key, b"first").unwrap();
        fs::hard_link(&key, &old).unwrap();
        replace(&key, b"the second").unwrap();
        assert_eq!((fs::read(&key).unwrap(), fs::read(&old).unwrap()), (b"the second".to_vec(), vec![0; 5]));
        // what could not be replaced is left as it was
        assert!(behind(&key, || Err::<(), _>("the disk is full")).is_err());
        assert_eq!(fs::read(&key).unwrap(), b"the second");
        behind(&key, || fs::remove_file(&key)).unwrap();
        assert!(!key.exists());
    }

    #[test]
    fn everything_goes_and_what_links_point_to_stays() {
        let root = tempfile::tempdir().unwrap();
        let (outside, inside) = (root.path().join("outside"), root.path().join("inside"));
        fs::write(&outside, "mine").unwrap();
        fs::create_dir_all(inside.join("deep")).unwrap();
        fs::write(inside.join("deep/key"), vec![7; 100_000]).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        let hard = root.path().join("hard");
        fs::hard_link(inside.join("deep/key"), &hard).unwrap();
        folder(&inside).unwrap();
        assert!(!inside.exists());
        assert_eq!(fs::read(&outside).unwrap(), b"mine");
        // the same blocks, seen by another name: they are overwritten, not only unlinked
        assert!(fs::read(&hard).unwrap().iter().all(|byte| *byte == 0));
        folder(&inside).unwrap();
        file(&inside).unwrap();
        // a link where the folder should be goes as a link
        std::os::unix::fs::symlink(root.path(), &inside).unwrap();
        folder(&inside).unwrap();
        assert!(fs::symlink_metadata(&inside).is_err() && outside.exists());
    }
}
