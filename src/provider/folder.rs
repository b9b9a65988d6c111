//! A folder as a place: the local vault, a stick, a mounted share. What it confirms is on the disk: file, then its name.
//!
//! Calls block; the trait's futures are ready at once. An object is written to `tmp/`, synced, and linked to its name, so that
//! nothing half-written is ever seen and nothing is ever replaced, whoever else writes there. No link in it is followed, and only what
//! this module made is removed: a stick or a share may hold what others put there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use crate::core::codec::clamp_usize;
use crate::core::name::{AccountId, ObjectName};
use crate::core::seal::Proved;
use crate::provider::dir::Dir;
use crate::provider::reason::Reason;
use crate::provider::removable::MARKER;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Range, Wanted};

/// Objects told of at once.
const PAGE: usize = 1000;

/// Where objects lie until they are whole.
const UNFINISHED: &str = "tmp";

/// What is unfinished for so long, in seconds, was left by a run that was killed: longer than any object takes on its way.
const FORGOTTEN: i64 = 24 * 60 * 60;

/// What is written to try whether a folder takes anything.
const TRIED: [u8; 4096] = [0; 4096];

/// One account's objects in a folder.
#[derive(Clone)]
pub struct Folder {
    account: AccountId,
    root: PathBuf,
    shown: String,
}

impl Folder {
    /// The account's part of a folder that others may write to as well, made (0700) if need be; what a run left half-written long ago
    /// is removed.
    pub fn create(root: &Path, account: AccountId) -> Result<Self, ProviderError> {
        Self::made(root, account, FORGOTTEN)
    }

    /// The same for this machine's own vault while nobody else works on its account: everything half-written is of runs that are gone.
    pub fn create_own(root: &Path, account: AccountId) -> Result<Self, ProviderError> {
        Self::made(root, account, i64::MIN)
    }

    fn made(root: &Path, account: AccountId, forgotten: i64) -> Result<Self, ProviderError> {
        let place = Self::at(root, account);
        place.make_folders(root).map_err(|e| place.error(e))?;
        // what stands there instead of ours is told when something is to be written
        if let Ok(unfinished) = place.dir().and_then(|dir| dir.folder(UNFINISHED)) {
            // a disk that may only be read still gives what it holds
            let _ = unfinished.remove_drafts(forgotten);
        }
        Ok(place)
    }

    fn make_folders(&self, root: &Path) -> io::Result<()> {
        let ours = Dir::made_at(root)?.made_folder(&self.account.to_string())?;
        ObjectName::FOLDERS.iter().chain(&[UNFINISHED]).try_for_each(|folder| ours.make(folder))
    }

    /// The account's part of a folder that others make, there or not: where it is not, it holds nothing.
    pub fn at(root: &Path, account: AccountId) -> Self {
        Self { account, root: root.join(account.to_string()), shown: root.display().to_string() }
    }

    /// The account's part of a folder that must be there already, for reading.
    pub fn open(root: &Path, account: AccountId) -> Result<Self, ProviderError> {
        let place = Self::at(root, account);
        place.dir().map_err(|e| place.error(e))?;
        Ok(place)
    }

    /// The accounts whose objects lie in a folder.
    pub fn accounts(root: &Path) -> io::Result<Vec<AccountId>> {
        let name = |entry: io::Result<fs::DirEntry>| AccountId::parse(entry.ok()?.file_name().to_str()?);
        Ok(fs::read_dir(root)?.filter_map(name).collect())
    }

    /// Removes what is left of an account once its objects are gone: empty folders, unfinished files, the mark. Whatever else lies there
    /// is not ours, and stays.
    pub fn remove_frame(root: &Path, account: AccountId) -> io::Result<()> {
        let (root, name) = (Dir::at(root)?, account.to_string());
        let ours = root.folder(&name)?;
        if let Ok(unfinished) = ours.folder(UNFINISHED) {
            unfinished.remove_drafts(i64::MIN)?;
        }
        for folder in ObjectName::FOLDERS {
            let Ok(outer) = ours.folder(folder) else { continue };
            outer.each(&mut |inner, kind| {
                if kind == FileType::Directory {
                    outer.remove_empty(inner);
                }
                Ok(())
            })?;
            ours.remove_empty(folder);
        }
        ours.remove_empty(UNFINISHED);
        ours.remove(MARKER)?;
        root.remove_empty(&name);
        Ok(())
    }

    /// The account's own folder: never a link, whoever put it there.
    fn dir(&self) -> io::Result<Dir> {
        let root = self.root.parent().unwrap_or(Path::new("/"));
        Dir::at(root)?.folder(&self.account.to_string())
    }

    /// The folder that an object lies in, and its name there.
    fn place_of(&self, name: &ObjectName) -> io::Result<(Dir, String)> {
        let path = name.to_string();
        let mut dir = self.dir()?;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return Ok((dir, part.to_owned()));
            }
            dir = dir.folder(part)?;
        }
        Err(ErrorKind::NotFound.into())
    }

    /// The same, with the folder made if need be.
    fn made_place_of(&self, name: &ObjectName) -> io::Result<(Dir, String)> {
        let path = name.to_string();
        let (folders, file) = path.rsplit_once('/').ok_or(ErrorKind::NotFound)?;
        let dir = folders.split('/').try_fold(self.dir()?, |dir, folder| dir.made_folder(folder))?;
        Ok((dir, file.to_owned()))
    }

    /// Whether it takes what is written, tried with a file that is gone again: whoever changes another place first has to know.
    pub fn try_writing(&self) -> Result<(), ProviderError> {
        let tried = || {
            let ours = self.dir()?;
            let unfinished = ours.made_folder(UNFINISHED)?;
            let mut draft = unfinished.draft()?;
            let written = draft.file.write_all(&TRIED).and_then(|()| draft.file.sync_all());
            unfinished.discard(&draft);
            written?;
            ObjectName::FOLDERS.iter().try_for_each(|folder| ours.made_folder(folder)?.may_be_written())
        };
        tried().map_err(|e| self.error(e))
    }

    /// Keeps an object; see [`Provider::put`].
    pub fn put_now(&self, object: &Proved) -> Result<PutReceipt, ProviderError> {
        if object.account() != self.account {
            return Err(ProviderError::Nonsense(Reason::OtherAccount {}));
        }
        match self.publish(object) {
            Ok(()) => Ok(PutReceipt::new(object, self.place())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if self.holds(object).map_err(|e| self.error(e))? {
                    Ok(PutReceipt::new(object, self.place()))
                } else {
                    Err(ProviderError::Taken)
                }
            }
            Err(error) => Err(self.error(error)),
        }
    }

    fn publish(&self, object: &Proved) -> io::Result<()> {
        // a copy made by other means, such as git, may lack the empty folder
        let unfinished = self.dir()?.made_folder(UNFINISHED)?;
        let mut draft = unfinished.draft()?;
        let named = draft.file.write_all(object.bytes()).and_then(|()| draft.file.sync_all()).and_then(|()| {
            let (folder, name) = self.made_place_of(&object.name())?;
            unfinished.publish(&draft, &folder, &name)?;
            folder.sync()?;
            folder.is(&name, &draft)
        });
        match named {
            Ok(true) => Ok(()),
            // some network file systems number files anew; what counts is what lies there
            Ok(false) => Err(ErrorKind::AlreadyExists.into()),
            Err(error) => {
                unfinished.discard(&draft);
                Err(error)
            }
        }
    }

    fn holds(&self, object: &Proved) -> io::Result<bool> {
        let bytes = object.bytes();
        let (folder, name) = self.place_of(&object.name())?;
        let mut file = match folder.open(&name) {
            // something else than a file has the name
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
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
    pub fn get_now(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, ProviderError> {
        self.get_wanted(name, Wanted::of(name, range))
    }

    fn get_wanted(&self, name: &ObjectName, wanted: Wanted) -> Result<Vec<u8>, ProviderError> {
        let file = self.place_of(name).and_then(|(folder, name)| folder.open(&name));
        self.read(file, name, wanted)
    }

    /// Reads from an open file what is wanted of the object in it; one that is larger than it may be is not read at all.
    fn read(&self, file: io::Result<File>, name: &ObjectName, wanted: Wanted) -> Result<Vec<u8>, ProviderError> {
        let opened = file.and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size, file) = opened.map_err(|e| self.error(e))?;
        let (offset, length) = wanted.range().map_or((0, size), |r| (r.offset, r.length.min(size.saturating_sub(r.offset))));
        if length > wanted.most() as u64 {
            return Err(wanted.exceeded(name));
        }
        let mut bytes = vec![0; clamp_usize(length)];
        file.read_exact_at(&mut bytes, offset).map_err(|e| self.error(e))?;
        Ok(bytes)
    }

    /// The size of an object, in bytes.
    pub fn size_now(&self, name: &ObjectName) -> Result<u64, ProviderError> {
        self.place_of(name).and_then(|(folder, name)| folder.size(&name)).map_err(|e| self.error(e))
    }

    /// Removes an object; see [`Provider::remove`].
    pub fn remove_now(&self, name: &ObjectName) -> Result<(), ProviderError> {
        match self.place_of(name).and_then(|(folder, name)| folder.remove(&name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.error(error)),
            _ => Ok(()),
        }
    }

    /// Moves a damaged object out of the way, into `set-aside/`, where nothing looks for it.
    pub fn set_aside_now(&self, name: &ObjectName) -> Result<(), ProviderError> {
        let aside = || {
            let to = self.dir()?.made_folder("set-aside")?;
            let (folder, file) = self.place_of(name)?;
            folder.rename(&file, &to, &aside_name(name))
        };
        aside().map_err(|e| self.error(e))
    }

    /// Reads what was set aside from under a name, or part of it.
    pub fn get_set_aside(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, ProviderError> {
        let file = self.dir().and_then(|dir| dir.folder("set-aside")?.open(&aside_name(name)));
        self.read(file, name, Wanted::of(name, range))
    }

    /// Whether these very bytes were set aside from under this name before.
    pub fn was_set_aside(&self, name: &ObjectName, bytes: &[u8]) -> bool {
        self.get_set_aside(name, None).is_ok_and(|before| before == bytes)
    }

    /// Tells of the objects below a folder; see [`Provider::list`].
    pub fn list_now(&self, folder: &str, page: &mut dyn FnMut(&[Listed])) -> Result<(), ProviderError> {
        let mut found = Vec::new();
        let opened = self.dir().and_then(|dir| folder.split('/').try_fold(dir, |dir, part| dir.folder(part)));
        let listed = opened.and_then(|dir| walk(&dir, folder, 0, &mut found, page));
        absent_is_fine(listed).map_err(|e| self.error(e))?;
        if !found.is_empty() {
            page(&found);
        }
        Ok(())
    }

    /// The names of everything there, whatever its size: no file is looked at.
    pub fn names_now(&self) -> Result<BTreeSet<ObjectName>, ProviderError> {
        let mut found = BTreeSet::new();
        let dir = self.dir().map_err(|e| self.error(e))?;
        for folder in ObjectName::FOLDERS {
            let named = dir.folder(folder).and_then(|dir| names(&dir, folder, 0, &mut found));
            absent_is_fine(named).map_err(|e| self.error(e))?;
        }
        Ok(found)
    }

    fn error(&self, error: io::Error) -> ProviderError {
        let why = Reason::of_system(&error);
        match error.kind() {
            ErrorKind::NotFound => ProviderError::Missing,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => ProviderError::Full(why),
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => ProviderError::ReadOnly(why),
            _ => ProviderError::Local(why),
        }
    }
}

fn aside_name(name: &ObjectName) -> String {
    name.to_string().replace('/', "-")
}

/// Tells of the objects in an open folder, `below` the account's, and in the folders in it.
fn walk(dir: &Dir, below: &str, depth: u8, found: &mut Vec<Listed>, page: &mut dyn FnMut(&[Listed])) -> io::Result<()> {
    dir.each(&mut |name, kind| {
        let path = format!("{below}/{name}");
        if kind == FileType::Directory && depth < 2 {
            return absent_is_fine(dir.folder(name).and_then(|inner| walk(&inner, &path, depth + 1, found, page)));
        }
        let Some(object) = ObjectName::parse(&path).filter(|_| kind == FileType::RegularFile) else { return Ok(()) };
        let size = match dir.size(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            size => size?,
        };
        found.push(Listed { name: object, size });
        if found.len() == PAGE {
            page(found);
            found.clear();
        }
        Ok(())
    })
}

/// Gathers the names of the objects in an open folder, `below` the account's, and in the folders in it.
fn names(dir: &Dir, below: &str, depth: u8, found: &mut BTreeSet<ObjectName>) -> io::Result<()> {
    dir.each(&mut |name, kind| {
        let path = format!("{below}/{name}");
        if kind == FileType::Directory && depth < 2 {
            return absent_is_fine(dir.folder(name).and_then(|inner| names(&inner, &path, depth + 1, found)));
        }
        found.extend(ObjectName::parse(&path).filter(|_| kind == FileType::RegularFile));
        Ok(())
    })
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

impl Provider for Folder {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(std::future::ready(self.put_now(object)))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(std::future::ready(self.get_wanted(name, wanted)))
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
