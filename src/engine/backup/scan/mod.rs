//! Looking at the sources: entries in the order of their paths, one folder's names in memory for each level.
//!
//! Every step is taken from an open folder to a name in it, and links are not followed below a root, so that neither a path of
//! any length nor a folder swapped for a link while it is looked at leads elsewhere. A root itself may be a link, and so may what lies
//! directly in it: in Moonraker's layout `printer_data/config` and `printer_data/gcodes` often are, and what they lead to is what the
//! owner means. It is taken under the link's place, unless it lies in a source already.

mod rules;
mod walk;

use crate::core::name::RelPath;
use crate::engine::skip::Skip;
use crate::provider::reason::Reason;
pub use rules::Rules;
pub use walk::Walk;

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags};

/// A source: a folder or file, and what of it is wanted.
#[derive(Clone)]
pub struct Root {
    /// The first component of its entries' paths.
    pub label: Vec<u8>,
    /// Where it is.
    pub path: PathBuf,
    /// What of it is wanted.
    pub rules: Rules,
    /// Whether settings that hold credentials are left out.
    pub no_credentials: bool,
    /// Files that last changed before, in seconds since 1970, are left out.
    pub since: Option<i64>,
}

/// What the file system says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Bytes of content.
    pub size: u64,
    /// Modification time, seconds since 1970.
    pub mtime_s: i64,
    /// Modification time, nanoseconds.
    pub mtime_ns: u32,
    /// Change time, seconds since 1970.
    pub ctime_s: i64,
    /// Change time, nanoseconds.
    pub ctime_ns: u32,
    /// Inode.
    pub ino: u64,
    /// File system.
    pub dev: u64,
    /// Type and permissions.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names it has.
    pub nlink: u64,
    /// Blocks of 512 bytes it takes.
    pub blocks: u64,
}

impl Stat {
    /// Modification time.
    pub fn mtime(&self) -> (i64, u32) {
        (self.mtime_s, self.mtime_ns)
    }

    fn from_raw(stat: &rustix::fs::Stat) -> Self {
        Self {
            size: stat.st_size as u64,
            mtime_s: stat.st_mtime,
            mtime_ns: nanoseconds(stat.st_mtime_nsec),
            ctime_s: stat.st_ctime,
            ctime_ns: nanoseconds(stat.st_ctime_nsec),
            ino: stat.st_ino,
            dev: stat.st_dev,
            mode: stat.st_mode,
            uid: stat.st_uid,
            gid: stat.st_gid,
            nlink: stat.st_nlink,
            blocks: stat.st_blocks as u64,
        }
    }
}

/// The part of a time below a second, of whichever type the system gives it; none that cannot be.
fn nanoseconds(said: impl TryInto<u32>) -> u32 {
    said.try_into().unwrap_or(0)
}

/// What the file system says of an open file.
pub fn stat_of(file: &File) -> io::Result<Stat> {
    let m = file.metadata()?;
    Ok(Stat {
        size: m.len(),
        mtime_s: m.mtime(),
        mtime_ns: nanoseconds(m.mtime_nsec()),
        ctime_s: m.ctime(),
        ctime_ns: nanoseconds(m.ctime_nsec()),
        ino: m.ino(),
        dev: m.dev(),
        mode: m.mode(),
        uid: m.uid(),
        gid: m.gid(),
        nlink: m.nlink(),
        blocks: m.blocks(),
    })
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink {
        /// What it points at.
        target: Vec<u8>,
    },
    /// A file.
    File,
}

/// One entry, with the open folder it lies in.
pub struct Entry {
    /// Label and path below the root.
    pub path: RelPath,
    /// What the file system says of it.
    pub stat: Stat,
    /// What it is.
    pub node: Node,
    /// Whether only its content tells if it is wanted.
    pub decide_by_content: bool,
    /// Where it really lies, when a link directly below a root stands in its place.
    pub through: Option<PathBuf>,
    /// Whether it is a link to a file or folder that lies in no source.
    pub leads_out: bool,
    parent: Arc<OwnedFd>,
    name: Vec<u8>,
}

impl Entry {
    /// Opens a file for reading: never a link, never a pipe that would block; what is open is still a file.
    pub fn open(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.parent, self.name.as_slice(), flags | OFlags::NOATIME, Mode::empty());
        let opened = match opened {
            // only the owner may leave access times alone
            Err(rustix::io::Errno::PERM) => rustix::fs::openat(&self.parent, self.name.as_slice(), flags, Mode::empty()),
            opened => opened,
        };
        let file = File::from(opened?);
        if FileType::from_raw_mode(file.metadata()?.mode()) != FileType::RegularFile {
            return Err(Reason::NoFileAnyMore {}.into());
        }
        Ok(file)
    }
}

/// What the walk comes upon.
pub enum Observed {
    /// Something to back up.
    Entry(Entry),
    /// Something that is left out.
    Skipped {
        /// Where.
        path: RelPath,
        /// Why.
        why: Skip,
    },
    /// Something that cannot be looked at; the walk goes on.
    Problem {
        /// Where.
        path: RelPath,
        /// What the system said.
        error: io::Error,
    },
}

impl Observed {
    /// The size of a file.
    pub fn file_size(&self) -> Option<u64> {
        match self {
            Self::Entry(Entry { node: Node::File, stat, .. }) => Some(stat.size),
            _ => None,
        }
    }
}

/// Each path with the label it gets: its last component, made unique by `-2`, `-3`, …; `/` is `root`. Paths keep their order.
pub fn labels(paths: &[PathBuf]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    let mut sorted: Vec<usize> = (0..paths.len()).collect();
    sorted.sort_by(|a, b| paths[*a].cmp(&paths[*b]));
    let mut labelled = vec![Vec::new(); paths.len()];
    for at in sorted {
        let name = paths[at].file_name().map_or(b"root".to_vec(), |name| name.as_bytes().to_vec());
        let mut label = name.clone();
        let mut number = 2;
        while taken.contains(&label) {
            label = [name.as_slice(), format!("-{number}").as_bytes()].concat();
            number += 1;
        }
        taken.push(label.clone());
        labelled[at] = label;
    }
    paths.iter().cloned().zip(labelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unique_whatever_the_order() {
        let paths = ["/b/gcodes", "/", "/a/gcodes"].map(PathBuf::from);
        let labels = labels(&paths).into_iter().map(|(_, l)| String::from_utf8(l).unwrap()).collect::<Vec<_>>();
        assert_eq!(labels, ["gcodes-2", "root", "gcodes"]);
    }
}
