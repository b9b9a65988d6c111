//! Removing files so that what they held is gone: overwritten in place, synced, unlinked.
//!
//! On flash and on file systems that copy on write the old blocks may live on until the device reuses them; so what is shredded here
//! are keys that lie sealed nowhere else, and everything else in the account is unreadable without them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::local::home::DiskError;
use crate::provider::regular_file;

const BLOCK: usize = 64 * 1024;
/// Larger files are unlinked without being overwritten: they hold sealed bytes alone.
const MAX_OVERWRITTEN: u64 = 16 * 1024 * 1024;

/// Overwrites a file, and removes it; one that is not there is no error.
pub fn file(path: &Path) -> Result<(), DiskError> {
    match overwrite(path).and_then(|()| fs::remove_file(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError::at("erase", path)(error)),
        _ => Ok(()),
    }
}

fn overwrite(path: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    // a link is removed as a link: what it points to is not ours
    if !meta.is_file() || meta.len() > MAX_OVERWRITTEN {
        return Ok(());
    }
    let mut file = regular_file::open_with(path, OpenOptions::new().write(true))?;
    let mut left = meta.len() as usize;
    while left > 0 {
        let step = left.min(BLOCK);
        file.write_all(&[0; BLOCK][..step])?;
        left -= step;
    }
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
