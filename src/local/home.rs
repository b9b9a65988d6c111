//! Where everything lies: one folder, `PRINTKEEP_HOME`, with one folder for each account and one vault.
//!
//! ```text
//! config.toml            what the owner chose
//! recovery-kit.txt       until the owner moves it to a safe place
//! reserve                room for whatever frees room on a full disk
//! accounts/<name>/       0700: device.key, journals, locks, state
//! vault/<account id>/    sealed objects, the same as in every other place
//! ```

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::provider::dir::{Dir, random_digits};
use crate::provider::regular_file;

/// So many files in a home are looked at for recovery kits.
const MAX_KITS: usize = 100;

/// The folder that holds everything.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

/// A failure of this machine's own disk: what was tried, where, and what the system said.
#[derive(Debug)]
pub struct DiskError {
    /// What was tried; a test holds it against the words of `disk-cannot-…`.
    pub action: &'static str,
    /// Where.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl DiskError {
    /// The error of trying `action` at `path`.
    pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { action, path, source }
    }
}

impl DiskError {
    /// Whether it failed because this process may only read there.
    pub fn is_read_only(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
    }
}

impl std::fmt::Display for DiskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.path.display(), self.source)
    }
}

impl std::error::Error for DiskError {}

impl Home {
    /// The home at this path; nothing is created yet.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The owner's settings.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The home or its settings, where its group or everybody may write to it, and for whom it is to be closed, as `chmod` takes it. No group is
    /// taken for this user's own: who is in it is told by others.
    pub fn written_by_others(&self) -> Option<(PathBuf, &'static str)> {
        let open_to = |path: PathBuf| {
            let closes = match fs::metadata(&path).ok()?.mode() & 0o022 {
                0 => return None,
                0o020 => "g-w",
                0o002 => "o-w",
                _ => "go-w",
            };
            Some((path, closes))
        };
        [self.root.clone(), self.config()].into_iter().find_map(open_to)
    }

    /// Sealed objects of every account.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// Where a new recovery kit is put when the owner names no other place: the account's own name, unless it is the first.
    pub fn recovery_kit(&self, name: &AccountName) -> PathBuf {
        let first = self.root.join("recovery-kit.txt");
        if first.exists() { self.root.join(format!("recovery-kit-{}.txt", name.as_str())) } else { first }
    }

    /// Files in the home that may be recovery kits, of whichever account: those that bear such a name, the newest first, at most a hundred.
    pub fn recovery_kits(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let is_kit = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("recovery-kit") && [".txt", ".html", ".htm"].iter().any(|end| name.ends_with(end))
        };
        let paths = entries.flatten().map(|entry| entry.path()).filter(is_kit).take(MAX_KITS);
        let age = |path: &PathBuf| fs::symlink_metadata(path).and_then(|meta| meta.modified()).ok();
        let mut kits: Vec<PathBuf> = paths.collect();
        kits.sort_by(|a, b| age(b).cmp(&age(a)).then_with(|| a.cmp(b)));
        kits
    }

    /// Every file of at most so many bytes that somebody put into the home, under whichever name: all but what lies in the accounts and the vault.
    /// Links are not followed.
    pub fn loose_files(&self, limit: u64) -> Vec<PathBuf> {
        let own = [self.root.join("accounts"), self.vault()];
        let (mut found, mut folders) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.metadata() {
                    Ok(meta) if meta.is_dir() && !own.contains(&entry.path()) => folders.push(entry.path()),
                    Ok(meta) if meta.is_file() && meta.len() <= limit => found.push(entry.path()),
                    _ => {}
                }
            }
        }
        found
    }

    /// One account's own folder.
    pub fn account(&self, name: &AccountName) -> PathBuf {
        self.root.join("accounts").join(name.as_str())
    }

    /// The accounts that were made here, by name.
    pub fn accounts(&self) -> Result<Vec<AccountName>, DiskError> {
        let folder = self.root.join("accounts");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(DiskError::at("read", &folder))?,
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| AccountName::parse(entry.ok()?.file_name().to_str()?))
            .filter(|name| self.account(name).join("device.key").exists())
            .collect();
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(names)
    }

    /// The folders of accounts, by name, that hold no device's key: the key is gone, or they were never made whole.
    pub fn without_key(&self) -> Result<Vec<AccountName>, DiskError> {
        let folder = self.root.join("accounts");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(DiskError::at("read", &folder))?,
        };
        let names = entries.flatten().filter(|entry| entry.path().is_dir() && !entry.path().join("device.key").exists());
        let mut names: Vec<_> = names.filter_map(|entry| AccountName::parse(entry.file_name().to_str()?)).collect();
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(names)
    }

    /// Where the folder of an account that lost its key is set aside: under a name that no account has.
    pub fn set_aside(&self, name: &AccountName, number: u32) -> PathBuf {
        self.root.join("accounts").join(format!("{}.lost-{number}", name.as_str()))
    }

    /// Accounts, by their ids, of which the vault holds backups; where no account is here, the keys to write them are gone.
    pub fn backed_up(&self) -> Vec<String> {
        let vault = fs::read_dir(self.vault()).into_iter().flatten().flatten();
        let holds = |entry: &fs::DirEntry| fs::read_dir(entry.path().join("heads")).is_ok_and(|mut heads| heads.next().is_some());
        vault.filter(holds).filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    /// Makes the home and an account's folder, readable by nobody else.
    pub fn create_account(&self, name: &AccountName) -> Result<PathBuf, DiskError> {
        let folder = self.account(name);
        private_folder(&folder)?;
        private_folder(&self.vault())?;
        Ok(folder)
    }
}

/// A name for an account on this machine: 1 to 64 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// Reads a name; anything that could be a path is none.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        ((1..=64).contains(&text.len()) && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The full path of what a person names, as it is shown: without `.` and doubled `/`. Links stay as they are named, but for `..`, which
/// is what the system says it is.
///
/// # Errors
/// The folder that a `..` leads out of is not there.
pub fn full_path(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let parts: Vec<_> = absolute.components().collect();
    let Some(last) = parts.iter().rposition(|part| *part == std::path::Component::ParentDir) else {
        return Ok(parts.iter().collect());
    };
    let mut real = parts[..=last].iter().collect::<PathBuf>().canonicalize()?;
    real.extend(&parts[last + 1..]);
    Ok(real)
}

/// Makes a folder and those above it, 0700.
pub fn private_folder(path: &Path) -> Result<(), DiskError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(DiskError::at("create the folder", path))
}

/// Writes a private file (0600) so that a power cut leaves the old one or the new one: temp file, fsync, rename, fsync. The temp file
/// is new, whatever lies beside it: nobody can have made it beforehand to read along, or to lead the secret elsewhere.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    write(path, bytes, |temp| fs::rename(temp, path))
}

/// The same for a file that is not there yet: whatever bears the name stays, a link too.
///
/// # Errors
/// `AlreadyExists` where something bears it.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    write(path, bytes, |temp| match rustix::fs::renameat_with(CWD, temp, CWD, path, RenameFlags::NOREPLACE) {
        // a file system that knows no such rename: looking first has to do
        Err(Errno::INVAL | Errno::NOSYS) if path.symlink_metadata().is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(Errno::INVAL | Errno::NOSYS) => fs::rename(temp, path),
        done => Ok(done?),
    })
}

fn write(path: &Path, bytes: &[u8], publish: impl Fn(&Path) -> io::Result<()>) -> Result<(), DiskError> {
    // a bare name lies in the folder that the process is in
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let temp = folder.join(format!(".printkeep-{}.tmp", random_digits()?));
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&temp)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| publish(&temp));
        if written.is_err() {
            let _ = fs::remove_file(&temp);
        }
        written.and_then(|()| Dir::at(folder)?.sync())
    };
    write().map_err(DiskError::at("write", path))
}

/// Removes a file; one that is not there is no error.
pub fn remove_if_there(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError::at("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Reads a file of this machine's own of at most `limit` bytes; none when there is no such file. What is no regular file is an error at once.
pub fn read_small(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, DiskError> {
    match regular_file::open(path).and_then(|file| regular_file::read(file, limit)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::at("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_takes_no_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "mine").unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("link")).unwrap();
        for name in ["file", "link"] {
            assert_eq!(write_new(&at(name), b"new").unwrap_err().source.kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!(fs::read(at("file")).unwrap(), b"mine");
        write_new(&at("new"), b"new").unwrap();
        assert_eq!(fs::read(at("new")).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left");
    }

    #[test]
    fn names_of_accounts_are_no_paths() {
        for bad in ["", ".", "..", "a/b", "a b", "ä", &"x".repeat(65)] {
            assert!(AccountName::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_full_path_has_no_detours() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        fs::create_dir_all(at.join("a/b")).unwrap();
        std::os::unix::fs::symlink(at.join("a/b"), at.join("link")).unwrap();
        for (named, full) in [("a/../page.txt", "page.txt"), ("./a//b/", "a/b"), ("link/new", "link/new"), ("link/../x", "a/x")] {
            assert_eq!(full_path(&at.join(named)).unwrap(), at.join(full), "{named}");
        }
        assert!(full_path(&at.join("not there/../x")).is_err());
    }

    #[test]
    fn a_private_file_never_goes_through_what_somebody_put_beside_it() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (kit, open, elsewhere) =
            (folder.path().join("kit.txt"), folder.path().join("kit.txt.new"), folder.path().join("elsewhere"));
        fs::write(&open, "").unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
        fs::write(&elsewhere, "theirs").unwrap();
        symlink(&elsewhere, &kit).unwrap();
        write_private(&kit, b"secret").unwrap();
        let made = fs::symlink_metadata(&kit).unwrap();
        assert!(made.is_file() && made.mode() & 0o777 == 0o600 && made.ino() != fs::metadata(&open).unwrap().ino());
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs");
        assert_eq!(fs::read(&open).unwrap(), b"");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left");
    }
}
