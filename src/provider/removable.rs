//! What a folder's file system can do, and which disk it is: sticks and shares come and go, and another may lie at their path.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};

use crate::core::name::{hex, unhex};
use crate::provider::dir::{self, Dir};
use crate::provider::probe::{Check, Shown, Trial};
use crate::provider::reason::Reason;

/// The name of the file that tells one disk from another, in the account's part of a store.
pub const MARKER: &str = "printkeep-store.id";

/// A random number that a store bears from its first day.
pub type StoreId = [u8; 16];

/// The number that an account's part of a store bears; none when it bears none, or something that is none.
pub fn marker(account_root: &Path) -> io::Result<Option<StoreId>> {
    let file = match ours(account_root).and_then(|ours| ours.open(MARKER)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut text = String::new();
    match file.take(64).read_to_string(&mut text) {
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(None),
        read => read.map(|_| unhex(text.trim_end())),
    }
}

/// Marks an account's part of a store; a mark that is there stays.
pub fn mark(account_root: &Path, id: &StoreId) -> io::Result<()> {
    let ours = ours(account_root)?;
    let mut draft = ours.draft()?;
    let marked = writeln!(draft.file, "{}", hex(id))
        .and_then(|()| draft.file.sync_all())
        .and_then(|()| ours.publish(&draft, &ours, MARKER))
        .and_then(|()| ours.sync());
    if marked.is_err() {
        ours.discard(&draft);
    }
    marked
}

/// The folder of an account in a store: never a link, whoever put it there.
fn ours(account_root: &Path) -> io::Result<Dir> {
    let name = account_root.file_name().and_then(|name| name.to_str()).ok_or(ErrorKind::NotFound)?;
    Dir::at(account_root.parent().unwrap_or(Path::new("/")))?.folder(name)
}

/// Tries, in a folder of its own that is removed again, what a file system can do.
pub fn probe(root: &Path) -> Vec<Check> {
    let mut checks = vec![free(root)];
    match new_folder(root) {
        Ok(here) => {
            checks.extend(tried(&here));
            // made just now, under a name that nothing had
            let _ = fs::remove_dir_all(here);
        }
        Err(error) => checks.push(check(Trial::NewFolder, true, Err(error))),
    }
    checks
}

/// Whether a folder lies on another file system than this machine's copy: else one fault takes both, and where a stick was meant, it is
/// not mounted.
pub fn another_disk(root: &Path, vault: &Path) -> Check {
    check(Trial::AnotherDisk, false, disk_of(root).and_then(|there| Ok(there != disk_of(vault)?)))
}

/// The file system on which something lies, or will lie once its folders are made.
pub fn disk_of(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match path.parent() {
            Some(above) => disk_of(above),
            None => Err(error),
        },
        found => Ok(found?.dev()),
    }
}

/// A new folder under a random name.
fn new_folder(root: &Path) -> io::Result<PathBuf> {
    let here = root.join(format!(".printkeep-probe-{}", dir::random_digits()?));
    DirBuilder::new().mode(0o700).create(&here)?;
    Ok(here)
}

fn check(what: Trial, needed: bool, done: io::Result<bool>) -> Check {
    let note = done.as_ref().err().map(|error| Shown::System(Reason::of_system(error)));
    Check { what, passed: done.unwrap_or(false), needed, note }
}

fn free(root: &Path) -> Check {
    let told = rustix::fs::statvfs(root).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let note = match &told {
        Ok(free) => Shown::Free(*free),
        Err(error) => Shown::System(Reason::of_system(&(*error).into())),
    };
    Check { what: Trial::FreeSpace, passed: told.is_ok_and(|free| free > 0), needed: false, note: Some(note) }
}

fn tried(here: &Path) -> Vec<Check> {
    let (first, second, third) = (here.join("first"), here.join("second"), here.join("third"));
    let write = |path: &Path| {
        // somebody may have put another folder in the place of ours by now
        let mut file = File::create_new(path)?;
        file.write_all(b"a probe")?;
        file.sync_all()
    };
    let mut checks = vec![
        check(Trial::Fsync, true, write(&first).map(|()| true)),
        check(Trial::FolderFsync, false, File::open(here).and_then(|folder| folder.sync_all()).map(|()| true)),
        check(Trial::HardLinks, false, fs::hard_link(&first, &second).map(|()| true)),
    ];
    let renamed =
        write(&third).and_then(|()| match rustix::fs::renameat_with(CWD, &third, CWD, &first, RenameFlags::NOREPLACE) {
            Err(rustix::io::Errno::EXIST) => Ok(true),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(false),
        });
    checks.push(check(Trial::RenameNoReplace, false, renamed));
    if !checks.iter().rev().take(2).any(|check| check.passed) {
        checks.push(Check { what: Trial::NeverReplaced, passed: false, needed: false, note: Some(Shown::OneWriter) });
    }
    let cased = here.join("FIRST").try_exists().map(|there| !there);
    checks.push(check(Trial::Case, false, cased));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_known_by_its_mark_which_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(marker(folder.path()).unwrap(), None);
        mark(folder.path(), &[7; 16]).unwrap();
        assert!(mark(folder.path(), &[8; 16]).is_err());
        assert_eq!(marker(folder.path()).unwrap(), Some([7; 16]));
        for bad in ["", "xyz", "\u{0}", &"7".repeat(100_000)] {
            fs::write(folder.path().join(MARKER), bad).unwrap();
            assert_eq!(marker(folder.path()).unwrap(), None);
        }
    }

    #[test]
    fn a_folder_on_the_disk_of_the_vault_is_told_from_one_on_another_also_before_it_is_there() {
        let (here, vault) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [here.path().to_owned(), here.path().join("media/stick")] {
            let check = another_disk(&folder, vault.path());
            assert!(!check.passed && !check.needed && check.what == Trial::AnotherDisk, "{check:?}");
        }
        if let Ok(other) = tempfile::tempdir_in("/dev/shm") {
            let differs = disk_of(other.path()).unwrap() != disk_of(vault.path()).unwrap();
            assert_eq!(another_disk(&other.path().join("store"), vault.path()).passed, differs);
        }
    }

    #[test]
    fn a_probe_tells_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let checks = probe(folder.path());
        assert!(checks.len() >= 6 && checks.iter().all(|check| check.passed || !check.needed), "{checks:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let nowhere = probe(&folder.path().join("missing"));
        assert!(nowhere.iter().any(|check| check.needed && !check.passed));
    }
}
