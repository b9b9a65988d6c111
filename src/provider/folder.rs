//! A folder as a place: the local vault, a stick, a mounted share. What it confirms is on the disk: file, then its name.
//!
//! Calls block; the trait's futures are ready at once. An object is written to `tmp/`, synced, and linked to its name, so that
//! nothing half-written is ever seen and nothing is ever replaced, whoever else writes there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::core::name::{AccountId, ObjectName};
use crate::core::pack::MAX_PACK;
use crate::core::seal::{MAX_OBJECT, Sealed};
use crate::provider::{Listed, Pending, PlaceError, Provider, Range, Receipt};

/// Objects told of at once.
const PAGE: usize = 1000;

/// One account's objects in a folder.
#[derive(Clone)]
pub struct Folder {
    account: AccountId,
    root: PathBuf,
    shown: String,
}

impl Folder {
    /// The account's part of the folder, made (0700) if need be; what killed runs left half-written is removed.
    ///
    /// The caller holds the account's lock where the folder is this machine's vault.
    pub fn create(root: &Path, account: AccountId) -> Result<Self, PlaceError> {
        let place = Self { account, root: root.join(account.to_string()), shown: root.display().to_string() };
        for folder in ObjectName::FOLDERS.iter().chain(&["tmp"]) {
            make_folder(&place.root.join(folder)).map_err(|e| place.error("make its folders", e))?;
        }
        place.clean().map_err(|e| place.error("clean up", e))?;
        Ok(place)
    }

    /// The account's part of a folder that must be there already, for reading.
    pub fn open(root: &Path, account: AccountId) -> Result<Self, PlaceError> {
        let place = Self { account, root: root.join(account.to_string()), shown: root.display().to_string() };
        if place.root.is_dir() { Ok(place) } else { Err(PlaceError::Missing) }
    }

    /// The accounts whose objects lie in a folder.
    pub fn accounts(root: &Path) -> io::Result<Vec<AccountId>> {
        let name = |entry: io::Result<fs::DirEntry>| AccountId::parse(entry.ok()?.file_name().to_str()?);
        Ok(fs::read_dir(root)?.filter_map(name).collect())
    }

    /// Removes temporary files of processes that are gone.
    fn clean(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join("tmp"))?.flatten() {
            let name = entry.file_name();
            let pid = name.to_str().and_then(|n| n.split('-').next()).and_then(|pid| pid.parse::<u32>().ok());
            let alive = pid.is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
            if !alive {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, name: &ObjectName) -> PathBuf {
        self.root.join(name.to_string())
    }

    /// Keeps an object; see [`Provider::put`].
    pub fn put_now(&self, object: &Sealed) -> Result<Receipt, PlaceError> {
        if object.account() != self.account {
            return Err(PlaceError::Nonsense("an object of another account was offered".into()));
        }
        let path = self.path(&object.name());
        match self.publish(object.bytes(), &path) {
            Ok(()) => Ok(Receipt::new(object, self.place())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if self.holds(&path, object.bytes()).map_err(|e| self.error("read", e))? {
                    Ok(Receipt::new(object, self.place()))
                } else {
                    Err(PlaceError::Taken)
                }
            }
            Err(error) => Err(self.error("write", error)),
        }
    }

    fn publish(&self, bytes: &[u8], path: &Path) -> io::Result<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let temp = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // a copy made by other means, such as git, may lack the empty folder
        make_folder(&self.root.join("tmp"))?;
        let temp = self.root.join("tmp").join(temp);
        let written = write_synced(&temp, bytes).and_then(|()| {
            let folder = path.parent().unwrap_or(&self.root);
            make_folder(folder)?;
            give_name(&temp, path)?;
            sync_folder(folder)
        });
        if written.is_err() {
            let _ = fs::remove_file(&temp);
        }
        written
    }

    fn holds(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        let mut file = File::open(path)?;
        if file.metadata()?.len() != bytes.len() as u64 {
            return Ok(false);
        }
        let mut block = vec![0; 64 * 1024];
        for part in bytes.chunks(64 * 1024) {
            file.read_exact(&mut block[..part.len()])?;
            if block[..part.len()] != *part {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads an object or part of it; see [`Provider::get`].
    pub fn get_now(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, PlaceError> {
        self.read(&self.path(name), range).map_err(|e| self.error("read", e))
    }

    fn read(&self, path: &Path, range: Option<Range>) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let (offset, wanted) = range.map_or((0, size), |r| (r.offset, r.length));
        let length = wanted.min(size.saturating_sub(offset));
        if length > MAX_OBJECT as u64 + MAX_PACK as u64 {
            return Err(io::Error::other("it is larger than any object"));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    /// The size of an object, in bytes.
    pub fn size_now(&self, name: &ObjectName) -> Result<u64, PlaceError> {
        let path = self.path(name);
        fs::symlink_metadata(&path).map(|m| m.len()).map_err(|e| self.error("look at", e))
    }

    /// Removes an object; see [`Provider::remove`].
    pub fn remove_now(&self, name: &ObjectName) -> Result<(), PlaceError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.error("remove", error)),
            _ => Ok(()),
        }
    }

    /// Moves a damaged object out of the way, into `set-aside/`, where nothing looks for it.
    pub fn set_aside_now(&self, name: &ObjectName) -> Result<(), PlaceError> {
        let folder = self.root.join("set-aside");
        let to = folder.join(name.to_string().replace('/', "-"));
        make_folder(&folder).and_then(|()| fs::rename(self.path(name), to)).map_err(|e| self.error("set aside", e))
    }

    /// Tells of the objects below a folder; see [`Provider::list`].
    pub fn list_now(&self, folder: &str, page: &mut dyn FnMut(&[Listed])) -> Result<(), PlaceError> {
        let mut found = Vec::new();
        self.walk(&self.root.join(folder), 0, &mut found, page).map_err(|e| self.error("list", e))?;
        if !found.is_empty() {
            page(&found);
        }
        Ok(())
    }

    fn walk(&self, folder: &Path, depth: u8, found: &mut Vec<Listed>, page: &mut dyn FnMut(&[Listed])) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < 2 {
                self.walk(&entry.path(), depth + 1, found, page)?;
            } else if kind.is_file()
                && let Some(name) = self.name_of(&entry.path())
            {
                let size = match entry.metadata() {
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    metadata => metadata?.len(),
                };
                found.push(Listed { name, size });
                if found.len() == PAGE {
                    page(found);
                    found.clear();
                }
            }
        }
        Ok(())
    }

    fn name_of(&self, path: &Path) -> Option<ObjectName> {
        ObjectName::parse(path.strip_prefix(&self.root).ok()?.to_str()?)
    }

    fn error(&self, action: &str, error: io::Error) -> PlaceError {
        let text = format!("cannot {action} {}: {error}", self.shown);
        match error.kind() {
            ErrorKind::NotFound => PlaceError::Missing,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => PlaceError::Full(text),
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => PlaceError::ReadOnly(text),
            _ => PlaceError::Local(text),
        }
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file its name without ever replacing another: by link, or by a rename that refuses where there are no links.
fn give_name(temp: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temp, path) {
        Ok(()) => fs::remove_file(temp),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) => match rustix::fs::renameat_with(CWD, temp, CWD, path, RenameFlags::NOREPLACE) {
            // FAT has neither; one process writes a vault at a time, so looking first is enough
            Err(Errno::INVAL | Errno::NOSYS) if !path.exists() => fs::rename(temp, path),
            Err(Errno::INVAL | Errno::NOSYS) => Err(ErrorKind::AlreadyExists.into()),
            done => Ok(done?),
        },
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // some network file systems cannot sync a folder
        Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Ok(()),
        done => done,
    }
}

impl Provider for Folder {
    fn put<'a>(&'a self, object: &'a Sealed) -> Pending<'a, Receipt> {
        Box::pin(std::future::ready(self.put_now(object)))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, range: Option<Range>) -> Pending<'a, Vec<u8>> {
        Box::pin(std::future::ready(self.get_now(name, range)))
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(std::future::ready(self.list_now(folder, page)))
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(std::future::ready(self.remove_now(name)))
    }

    fn place(&self) -> String {
        format!("the folder {}", self.shown)
    }
}
