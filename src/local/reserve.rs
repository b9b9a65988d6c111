//! Room kept for the day on which the disk is full: a file of no content that is given up for whatever frees room, which must write a little
//! before it can (a note, the journal, the log), and is made again afterwards.
//!
//! One lies in the home, and one beside the vault where that lies on another disk. What cannot be kept today is kept another day.

use std::fs::{File, Metadata, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;

use crate::local::home::{Home, remove_if_there};
use crate::provider::regular_file;

/// What it is called.
const NAME: &str = "reserve";

/// How large it is, in bytes: a note of all that a large vault lets go, and what is written beside it.
const SIZE: u64 = 1024 * 1024;

/// It is kept in steps of so many bytes, where there is less room than that.
const STEP: u64 = 64 * 1024;

/// What is written at once, where room cannot be taken otherwise.
const BLOCK: usize = 4096;

/// Gives it up.
pub fn give_up(home: &Home) {
    for path in places(home) {
        // one that stays is no hindrance: whatever does not fit says so itself
        let _ = remove_if_there(&path);
    }
}

/// Keeps it, as far as there is room; without an account there is nothing to keep it for.
pub fn keep(home: &Home) {
    if home.accounts().is_ok_and(|accounts| accounts.is_empty()) {
        return give_up(home);
    }
    for path in places(home) {
        let kept = path.symlink_metadata().map_or(0, |there| there.len());
        if kept < SIZE {
            make(&path);
        }
    }
}

/// Where it lies: on the disk of the home, and on that of the vault where it is another.
fn places(home: &Home) -> Vec<PathBuf> {
    let disk = |path: &Path| std::fs::metadata(path).ok().filter(Metadata::is_dir).map(|there| there.dev());
    let (root, vault) = (home.root(), home.vault());
    let (at_home, at_vault) = (disk(root), disk(&vault));
    let mut places = Vec::new();
    places.extend(at_home.map(|_| root.join(NAME)));
    places.extend(at_vault.filter(|_| at_vault != at_home).map(|_| vault.join(NAME)));
    places
}

/// Takes as much as there is room for; where not even a block is, no file stays.
fn make(path: &Path) {
    let mut options = OpenOptions::new();
    let opened = regular_file::open_with(path, options.create(true).truncate(false).write(true).mode(0o600));
    let Ok(file) = opened else { return };
    let mut size = SIZE;
    while size > 0 && !take(&file, size) {
        size -= STEP;
    }
    if size == 0 {
        let _ = remove_if_there(path);
    }
}

/// Takes so much of the disk. A file system that cannot promise room is written to: what does not compress, in case it does that.
fn take(file: &File, size: u64) -> bool {
    match rustix::fs::fallocate(file.as_fd(), FallocateFlags::empty(), 0, size) {
        Ok(()) => true,
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => fill(file, size),
        Err(_) => false,
    }
}

fn fill(file: &File, size: u64) -> bool {
    use std::os::unix::fs::FileExt;
    let mut noise = blake3::Hasher::new().update(NAME.as_bytes()).finalize_xof();
    let mut block = [0; BLOCK];
    let written = (0..size / BLOCK as u64).try_for_each(|at| {
        noise.fill(&mut block);
        file.write_all_at(&block, at * BLOCK as u64)
    });
    written.and_then(|()| file.sync_data()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::home::AccountName;

    #[test]
    fn it_takes_real_room_goes_and_comes_back_and_needs_an_account() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home"));
        keep(&home);
        assert!(!home.root().exists(), "nothing is made for it");
        let account = home.create_account(&AccountName::parse("default").unwrap()).unwrap();
        let path = home.root().join(NAME);
        keep(&home);
        assert!(!path.exists(), "an account without its key is none");
        std::fs::write(account.join("device.key"), "x").unwrap();
        for _ in 0..2 {
            keep(&home);
            let there = path.metadata().unwrap();
            assert!(there.len() == SIZE && there.blocks() * 512 >= SIZE, "{there:?}");
            give_up(&home);
            assert!(!path.exists());
        }
        // what was kept in part is kept whole, and what it is written with takes as much
        std::fs::write(&path, "part").unwrap();
        keep(&home);
        assert_eq!(path.metadata().unwrap().len(), SIZE);
        let file = File::create(folder.path().join("filled")).unwrap();
        assert!(fill(&file, SIZE) && file.metadata().unwrap().blocks() * 512 >= SIZE);
        // somebody's folder or link in its place stays as it is
        give_up(&home);
        std::fs::create_dir(&path).unwrap();
        keep(&home);
        assert!(path.is_dir());
    }
}
