//! The folder that is restored to: every step below it is taken from an open folder to a name in it, and no link is followed,
//! so that no path, link or race leads outside.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, RenameFlags, Timespec, Timestamps, Uid};

use super::Replace;
use crate::core::manifest::{Attributes, Entry};
use crate::core::name::RelPath;
use crate::engine::EngineError;
use crate::engine::error::{FileFault, Standing};
use crate::engine::skip::PUT_ASIDE;
use crate::local::home::DiskError;
use crate::provider::reason::Reason;

/// So many names beside one file are tried.
const MAX_BESIDE: u32 = 1000;

/// The folder that everything goes below.
pub struct Target {
    root: Folder,
    path: PathBuf,
}

impl Target {
    /// Opens the folder, and makes it if need be.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        fs::create_dir_all(path).map_err(DiskError::at("create the folder", path))?;
        let opened = rustix::fs::openat(CWD, path, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        let fd = opened.map_err(io::Error::from).map_err(DiskError::at("open the folder", path))?;
        Ok(Self { root: Folder::of(fd), path: path.to_owned() })
    }

    /// The folder itself.
    pub fn root(&self) -> &Folder {
        &self.root
    }

    /// Tells the file system to keep what was written.
    pub fn sync(&self) -> Result<(), EngineError> {
        rustix::fs::syncfs(self.root.as_fd())
            .map_err(io::Error::from)
            .map_err(DiskError::at("keep what was written to", &self.path))?;
        Ok(())
    }
}

/// An open folder below the target.
#[derive(Clone)]
pub struct Folder {
    fd: Arc<OwnedFd>,
    /// Whether it is to act as if its disk took upper and lower case for the same.
    #[cfg(test)]
    folds: bool,
}

impl Folder {
    fn of(fd: OwnedFd) -> Self {
        Self {
            fd: Arc::new(fd),
            #[cfg(test)]
            folds: false,
        }
    }

    /// The name under which the disk finds what is asked for; in a test it may be one that takes upper and lower case for the same.
    fn found<'n>(&self, name: &'n [u8]) -> Cow<'n, [u8]> {
        #[cfg(test)]
        if self.folds {
            let names = rustix::fs::Dir::read_from(&self.fd).unwrap().map(|entry| entry.unwrap().file_name().to_bytes().to_vec());
            return names.into_iter().find(|there| there.eq_ignore_ascii_case(name)).map_or(Cow::Borrowed(name), Cow::Owned);
        }
        Cow::Borrowed(name)
    }

    /// Opens a folder in this one, and makes it (0700 for now) if need be.
    pub fn enter(&self, name: &[u8]) -> io::Result<Self> {
        match rustix::fs::mkdirat(&self.fd, &*self.found(name), Mode::RWXU) {
            Ok(()) => self.open_folder(name),
            Err(rustix::io::Errno::EXIST) => self.bearer(name).and_then(|_| self.open_folder(name)),
            Err(error) => Err(error.into()),
        }
    }

    fn open_folder(&self, name: &[u8]) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, &*self.found(name), flags, Mode::empty()) {
            Ok(fd) => Ok(Self {
                fd: Arc::new(fd),
                #[cfg(test)]
                folds: self.folds,
            }),
            Err(rustix::io::Errno::NOTDIR | rustix::io::Errno::LOOP) => Err(Reason::LinkInTheWay {}.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// What stands under a name, links not followed.
    pub fn stat(&self, name: &[u8]) -> io::Result<Option<rustix::fs::Stat>> {
        match rustix::fs::statat(&self.fd, &*self.found(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, where it bears this very name: a disk that takes two names for one (FAT, a share) gives `a.gcode` for `A.gcode`, and what
    /// bears another name is never replaced.
    ///
    /// # Errors
    /// Where what stands there bears another name.
    pub fn bearer(&self, name: &[u8]) -> io::Result<Option<rustix::fs::Stat>> {
        let Some(there) = self.stat(name)? else { return Ok(None) };
        let other = other_case(name);
        // the names of a folder are read only where the disk seems to take two for one, or where that cannot be told by this
        let seems = name.is_ascii() && (other == name || self.stat(&other)?.is_none_or(|other| !is_same_file(&other, &there)));
        if seems || self.names_hold(name)? {
            return Ok(Some(there));
        }
        Err(Reason::SameToTheDisk {}.into())
    }

    /// Whether the folder lists this very name.
    fn names_hold(&self, name: &[u8]) -> io::Result<bool> {
        for entry in rustix::fs::Dir::read_from(&self.fd)? {
            if entry?.file_name().to_bytes() == name {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Opens a file in this folder for reading.
    pub fn open(&self, name: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(File::from(rustix::fs::openat(&self.fd, &*self.found(name), flags, Mode::empty())?))
    }

    /// Begins a file that is to get this name: without any name where the file system can (a run that is killed then leaves
    /// nothing), else under a name that the next run finds and begins anew. Nobody else may read it yet.
    pub fn draft(&self, name: &[u8]) -> io::Result<Draft> {
        let mode = Mode::RUSR | Mode::WUSR;
        if let Ok(fd) = rustix::fs::openat(&self.fd, ".", OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, mode)
            && rustix::fs::statat(CWD, in_proc(&fd), AtFlags::empty()).is_ok()
        {
            return Ok(Draft { file: File::from(fd), temp: None });
        }
        let temp = temp_name(name);
        self.remove(&temp);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Draft { file: File::from(rustix::fs::openat(&self.fd, &*temp, flags, mode)?), temp: Some(temp) })
    }

    /// Gives a finished draft its name, over whatever file or link has it.
    pub fn publish(&self, draft: &Draft, name: &[u8]) -> io::Result<()> {
        let name = &*self.found(name);
        let link = |to: &[u8]| rustix::fs::linkat(CWD, in_proc(&draft.file), &self.fd, to, AtFlags::SYMLINK_FOLLOW);
        let temp = match &draft.temp {
            Some(temp) => temp.clone(),
            None => {
                match link(name) {
                    Err(rustix::io::Errno::EXIST) => {}
                    linked => return Ok(linked?),
                }
                let temp = temp_name(name);
                self.remove(&temp);
                link(&temp)?;
                temp
            }
        };
        // what bears the name now may be of another process that restores to the same folder
        let ours = rustix::fs::fstat(&draft.file)?;
        if self.stat(&temp)?.is_none_or(|there| (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)) {
            return Err(Reason::OtherRestore {}.into());
        }
        Ok(rustix::fs::renameat(&self.fd, &*temp, &self.fd, name)?)
    }

    /// Gives a finished draft a name that nothing has; `AlreadyExists` when something has it.
    pub fn publish_new(&self, draft: &Draft, name: &[u8]) -> io::Result<()> {
        use rustix::io::Errno;
        let name = &*self.found(name);
        let Some(temp) = &draft.temp else {
            return Ok(rustix::fs::linkat(CWD, in_proc(&draft.file), &self.fd, name, AtFlags::SYMLINK_FOLLOW)?);
        };
        match rustix::fs::renameat_with(&self.fd, &**temp, &self.fd, name, RenameFlags::NOREPLACE) {
            // FAT cannot refuse by itself
            Err(Errno::INVAL | Errno::NOSYS) if self.stat(name)?.is_none() => {
                Ok(rustix::fs::renameat(&self.fd, &**temp, &self.fd, name)?)
            }
            Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
            renamed => Ok(renamed?),
        }
    }

    /// Bytes that whoever runs this may still write to its file system.
    pub fn free_space(&self) -> io::Result<u64> {
        let stat = rustix::fs::fstatvfs(&self.fd)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Who owns it.
    pub fn owner(&self) -> io::Result<(u32, u32)> {
        let stat = rustix::fs::fstat(&self.fd)?;
        Ok((stat.st_uid, stat.st_gid))
    }

    /// What a symbolic link in it points at.
    pub fn read_link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.fd, &*self.found(name), Vec::new())?.into_bytes())
    }

    /// Makes a symbolic link under a name that nothing has.
    pub fn new_link(&self, target: &[u8], name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, &self.fd, &*self.found(name))?)
    }

    /// Keeps the names in it.
    pub fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.fd) {
            // some network file systems cannot sync a folder
            Err(rustix::io::Errno::INVAL) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Takes a draft back.
    pub fn discard(&self, draft: Draft) {
        if let Some(temp) = draft.temp {
            self.remove(&temp);
        }
    }

    /// Removes a file or link; whatever cannot be removed stays.
    pub fn remove(&self, name: &[u8]) {
        let _ = rustix::fs::unlinkat(&self.fd, name, AtFlags::empty());
    }

    /// Gives what has this name a second one beside it that nothing has; the first stays too, where the file system knows two names.
    pub fn keep_beside(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        use rustix::io::Errno;
        for nth in 1..MAX_BESIDE {
            let end = if nth == 1 { PUT_ASIDE.to_owned() } else { format!("{PUT_ASIDE}-{nth}") };
            let beside = [name, end.as_bytes()].concat();
            match rustix::fs::linkat(&self.fd, name, &self.fd, &*beside, AtFlags::empty()) {
                Ok(()) => return Ok(beside),
                Err(Errno::EXIST) => continue,
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) if self.stat(&beside)?.is_none() => {
                    rustix::fs::renameat(&self.fd, name, &self.fd, &*beside)?;
                    return Ok(beside);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Reason::ManyBeside {}.into())
    }

    /// Makes a symbolic link, unless the same one is there. Gives the name that what stood there has now, where it was kept.
    pub fn link(&self, entry: &Entry, target: &[u8], replace: Replace) -> Result<Option<Vec<u8>>, FileFault> {
        let name = entry.path.file_name();
        let mut beside = None;
        if let Some(there) = self.bearer(name)? {
            let is_link = FileType::from_raw_mode(there.st_mode) == FileType::Symlink;
            if is_link && self.read_link(name)? == target {
                return Ok(None);
            }
            replace.admits(standing(&there, entry))?;
            if replace.keeps() {
                beside = Some(self.keep_beside(name)?);
            }
            self.remove(name);
        }
        self.new_link(target, name)?;
        let _ = rustix::fs::utimensat(&self.fd, name, &times(&entry.attributes), AtFlags::SYMLINK_NOFOLLOW);
        Ok(beside)
    }
}

/// What stands where an entry is to come.
pub fn standing(there: &rustix::fs::Stat, entry: &Entry) -> Standing {
    let newer = (there.st_mtime, there.st_mtime_nsec) > (entry.attributes.mtime_s, entry.attributes.mtime_ns.into());
    match FileType::from_raw_mode(there.st_mode) {
        FileType::Directory => Standing::Folder,
        _ if newer => Standing::Newer,
        _ => Standing::Other,
    }
}

/// A file that is being written and has not its name yet.
pub struct Draft {
    /// To write to.
    pub file: File,
    /// The name it has meanwhile, on file systems that know no nameless files.
    temp: Option<Vec<u8>>,
}

fn in_proc(fd: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Always the same for a name; it starts with a dot, so that Moonraker does not show it, and is never too long.
fn temp_name(name: &[u8]) -> Vec<u8> {
    format!(".printkeep-{}.tmp", &blake3::hash(name).to_hex()[..16]).into_bytes()
}

impl AsFd for Folder {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// A name with its letters in the other case.
fn other_case(name: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }).collect()
}

fn is_same_file(one: &rustix::fs::Stat, other: &rustix::fs::Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

/// Gives an open file or folder its mode, owner (where that is allowed) and time.
pub fn set_attributes(fd: impl AsFd, attributes: &Attributes) -> io::Result<()> {
    let fd = fd.as_fd();
    if rustix::process::geteuid().is_root() {
        let (uid, gid) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
        // file systems without owners, such as FAT, refuse
        let _ = rustix::fs::fchown(fd, Some(uid), Some(gid));
    }
    rustix::fs::fchmod(fd, Mode::from_raw_mode(attributes.mode))?;
    Ok(rustix::fs::futimens(fd, &times(attributes))?)
}

fn times(attributes: &Attributes) -> Timestamps {
    let time = Timespec { tv_sec: attributes.mtime_s, tv_nsec: attributes.mtime_ns.into() };
    Timestamps { last_access: time, last_modification: time }
}

/// The folders on the way to the current entry, and what each folder is to become when everything in it is there.
#[derive(Default)]
pub struct Folders {
    open: Vec<(RelPath, Folder)>,
    later: Vec<Later>,
}

/// What a folder is to become.
struct Later {
    path: RelPath,
    /// Where it lies in the snapshot.
    from: RelPath,
    attributes: Attributes,
}

impl Folders {
    /// The folder that an entry goes into; folders above it that were not asked for are made all the same.
    pub fn parent_of(&mut self, target: &Target, path: &RelPath) -> io::Result<Folder> {
        while self.open.last().is_some_and(|(open, _)| !path.is_within(open) || path == open) {
            self.open.pop();
        }
        let have = self.open.last().map_or(0, |(open, _)| open.components().count());
        let mut folder = self.open.last().map_or_else(|| target.root.clone(), |(_, folder)| folder.clone());
        let above: Vec<&[u8]> = path.components().collect();
        for depth in have..above.len() - 1 {
            folder = folder.enter(above[depth])?;
            let here =
                RelPath::new(&above[..=depth].join(&b'/')).ok_or_else(|| Reason::LongPath { most: RelPath::MAX.to_string() })?;
            self.open.push((here, folder.clone()));
        }
        Ok(folder)
    }

    /// Makes a folder and steps into it.
    pub fn enter(&mut self, parent: &Folder, entry: &Entry, from: &RelPath) -> io::Result<()> {
        let folder = parent.enter(entry.path.file_name())?;
        self.open.push((entry.path.clone(), folder));
        self.later.push(Later { path: entry.path.clone(), from: from.clone(), attributes: entry.attributes });
        Ok(())
    }

    /// Gives every folder its mode and time, the deepest first; one that failed is told as the snapshot lists it.
    pub fn finish(self, target: &Target, failed: &dyn Fn(&RelPath, io::Error)) {
        for Later { path, from, attributes } in self.later.iter().rev() {
            let opened = path.components().try_fold(target.root.clone(), |folder, name| folder.open_folder(name));
            if let Err(error) = opened.and_then(|folder| set_attributes(&*folder.fd, attributes)) {
                failed(from, error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::manifest::Node;
    use std::io::{Read, Write};

    /// A folder on a disk that takes upper and lower case for the same.
    fn folding(path: &Path) -> Folder {
        Folder { folds: true, ..Target::open(path).unwrap().root }
    }

    fn draft(folder: &Folder, name: &[u8], content: &str) -> Draft {
        let mut draft = folder.draft(name).unwrap();
        draft.file.write_all(content.as_bytes()).unwrap();
        draft
    }

    #[test]
    fn names_that_differ_by_case_never_replace_each_other_where_the_disk_takes_them_for_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = folding(place.path());
        folder.publish_new(&draft(&folder, b"A.gcode", "first"), b"A.gcode").unwrap();
        // both were found not to be there, and the other came first
        let late = draft(&folder, b"a.GCODE", "second");
        assert_eq!(folder.publish_new(&late, b"a.GCODE").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(folder.bearer(b"A.gcode").unwrap().is_some());
        assert!(folder.bearer(b"a.GCODE").unwrap_err().to_string().contains("another name"));
        let attributes = Attributes { mode: 0o644, uid: 0, gid: 0, mtime_s: i64::MAX, mtime_ns: 0 };
        let target = b"elsewhere".to_vec();
        let link = Entry { path: RelPath::new(b"a.Gcode").unwrap(), attributes, node: Node::Link { target: target.clone() } };
        assert!(folder.link(&link, &target, Replace::Everything).is_err());
        let mut content = String::new();
        folder.open(b"A.gcode").unwrap().read_to_string(&mut content).unwrap();
        assert_eq!(content, "first");
        // nor do two folders become one
        let inner = folder.enter(b"Parts").unwrap();
        inner.publish_new(&draft(&inner, b"one", "x"), b"one").unwrap();
        assert!(folder.enter(b"parts").is_err() && folder.enter(b"Parts").is_ok());
        assert!(inner.bearer(b"ONE").is_err());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn two_names_of_one_file_are_two_names() {
        let place = tempfile::tempdir().unwrap();
        let folder = Target::open(place.path()).unwrap().root;
        for name in ["a", "1", "\u{e4}"] {
            fs::write(place.path().join(name), "x").unwrap();
        }
        fs::hard_link(place.path().join("a"), place.path().join("A")).unwrap();
        for name in ["a", "A", "1", "\u{e4}"] {
            assert!(folder.bearer(name.as_bytes()).unwrap().is_some(), "{name}");
        }
        assert!(folder.bearer("\u{c4}".as_bytes()).unwrap().is_none());
    }
}
