//! An open folder that others may write to as well: every step from it is a name in it, no link is followed, only regular files are
//! read, and only what bears a name of our own making is ever removed.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use crate::core::name::{hex, unhex};
use crate::provider::reason::Reason;

/// What begins the name of a file that is not finished.
const UNFINISHED: &str = "printkeep-";

/// A folder that is open.
pub struct Dir(OwnedFd);

/// A file that is being written, under a name that nothing else has.
pub struct Draft {
    /// To write to.
    pub file: File,
    name: String,
}

impl Dir {
    /// Opens a folder by a path that the owner gave: links on the way there are the owner's, and followed.
    pub fn at(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
    }

    /// The same, made (0700) with the folders above it if need be.
    pub fn made_at(path: &Path) -> io::Result<Self> {
        match Self::at(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                Self::at(path)
            }
            opened => opened,
        }
    }

    /// Opens a folder in this one; whatever else bears the name, a link too, is an error.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(fd) => Ok(Self(fd)),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(Reason::NotOurFolder { name: name.to_owned() }.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a folder in this one (0700, durable) unless something bears the name.
    pub fn make(&self, name: &str) -> io::Result<()> {
        match rustix::fs::mkdirat(&self.0, name, Mode::RWXU) {
            Ok(()) => self.sync(),
            Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a folder in this one, made if need be.
    pub fn made_folder(&self, name: &str) -> io::Result<Self> {
        match self.folder(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make(name)?;
                self.folder(name)
            }
            opened => opened,
        }
    }

    /// What bears a name in it, links not followed; none where nothing does.
    pub fn stat(&self, name: &str) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The size in bytes of a regular file in it; `NotFound` for whatever else bears the name.
    pub fn size(&self, name: &str) -> io::Result<u64> {
        let stat = self.stat(name)?.filter(is_regular).ok_or(ErrorKind::NotFound)?;
        Ok(u64::try_from(stat.st_size).unwrap_or_default())
    }

    /// Opens a regular file in it for reading; `NotFound` for whatever else bears the name, and no pipe is waited for.
    pub fn open(&self, name: &str) -> io::Result<File> {
        // opening a device may already do something
        self.size(name)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::NotFound.into()) }
    }

    /// Tells of every name in it with its type, until `see` fails.
    pub fn each(&self, see: &mut dyn FnMut(&str, FileType) -> io::Result<()>) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            // every name of ours is in ASCII
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => match self.stat(name)? {
                    Some(stat) => FileType::from_raw_mode(stat.st_mode),
                    None => continue,
                },
                kind => kind,
            };
            see(name, kind)?;
        }
        Ok(())
    }

    /// Whether this user may make and remove names in it, as the system says.
    pub fn may_be_written(&self) -> io::Result<()> {
        match rustix::fs::accessat(&self.0, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
            // an old system does not say
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Ok(()),
            asked => Ok(asked?),
        }
    }

    /// Begins a file (0600) under a random name that nothing has, so that no two processes, wherever they run, ever write one.
    pub fn draft(&self) -> io::Result<Draft> {
        let name = format!("{UNFINISHED}{}", random_digits()?);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&self.0, name.as_str(), flags, Mode::RUSR | Mode::WUSR)?);
        Ok(Draft { file, name })
    }

    /// Gives a draft of this folder its name in another, without ever replacing anything; `AlreadyExists` when something bears the
    /// name. By link, or by a rename that refuses where there are no links.
    pub fn publish(&self, draft: &Draft, to: &Self, name: &str) -> io::Result<()> {
        // the file that is open, whatever bears its name by now
        let open = format!("/proc/self/fd/{}", draft.file.as_raw_fd());
        match rustix::fs::linkat(CWD, open, &to.0, name, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => {
                self.discard(draft);
                Ok(())
            }
            Err(Errno::EXIST) => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => match rustix::fs::renameat_with(&self.0, &draft.name, &to.0, name, RenameFlags::NOREPLACE) {
                // FAT has neither; one process writes a vault at a time, so looking first is enough
                Err(Errno::INVAL | Errno::NOSYS) if to.stat(name)?.is_none() => {
                    Ok(rustix::fs::renameat(&self.0, &draft.name, &to.0, name)?)
                }
                Err(Errno::INVAL | Errno::NOSYS) => Err(ErrorKind::AlreadyExists.into()),
                done => Ok(done?),
            },
        }
    }

    /// Whether a name in it is that of the draft's own file.
    pub fn is(&self, name: &str, draft: &Draft) -> io::Result<bool> {
        let ours = rustix::fs::fstat(&draft.file)?;
        Ok(self.stat(name)?.is_some_and(|there| (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)))
    }

    /// Takes a draft back.
    pub fn discard(&self, draft: &Draft) {
        // one that cannot be removed now goes with the others once it is old
        let _ = self.remove(&draft.name);
    }

    /// Removes drafts that nobody finished: those that are `seconds` older than the folder's own last change. Both times come from
    /// the file system that holds them, so that no machine's clock decides over another's work.
    pub fn remove_drafts(&self, seconds: i64) -> io::Result<()> {
        let newest = rustix::fs::fstat(&self.0)?.st_mtime;
        let mut old = Vec::new();
        self.each(&mut |name, kind| {
            let ours = name.strip_prefix(UNFINISHED).and_then(unhex::<16>).is_some() && kind == FileType::RegularFile;
            if ours && self.stat(name)?.is_some_and(|stat| newest.saturating_sub(stat.st_mtime) >= seconds) {
                old.push(name.to_owned());
            }
            Ok(())
        })?;
        old.iter().try_for_each(|name| self.remove(name))
    }

    /// Removes a regular file; whatever else bears the name stays.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match self.stat(name)? {
            Some(stat) if is_regular(&stat) => match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
                Err(Errno::NOENT) => Ok(()),
                done => Ok(done?),
            },
            _ => Ok(()),
        }
    }

    /// Removes a folder in it that is empty; one that is not stays.
    pub fn remove_empty(&self, name: &str) {
        let _ = rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR);
    }

    /// Moves a regular file into another folder.
    pub fn rename(&self, name: &str, to: &Self, new: &str) -> io::Result<()> {
        self.size(name)?;
        Ok(rustix::fs::renameat(&self.0, name, &to.0, new)?)
    }

    /// Keeps the names in it.
    pub fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            // some network file systems cannot sync a folder
            Err(Errno::INVAL) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// 32 digits that nobody else has: for names, never for secrets.
pub fn random_digits() -> io::Result<String> {
    let mut random = [0; 16];
    match SystemRandom::new().fill(&mut random) {
        Ok(()) => Ok(hex(&random)),
        Err(_) => Err(Reason::NoRandomness {}.into()),
    }
}

fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}
