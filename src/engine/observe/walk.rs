//! The walk: depth first, names sorted in each folder, at most [`MAX_DEPTH`] deep.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};

use super::rules::Verdict;
use super::{Entry, Node, Observed, Root, Rules, Skip, Stat};
use crate::core::name::RelPath;

/// The deepest folder below a root.
pub const MAX_DEPTH: usize = 512;

/// A walk over some roots, sorted by their labels.
pub struct Walk {
    roots: std::vec::IntoIter<Root>,
    rules: Option<Rules>,
    since: Option<i64>,
    levels: Vec<Level>,
    skip: Vec<(u64, u64)>,
}

/// An open folder, and the names in it that are still to come, in order.
struct Level {
    path: RelPath,
    below: PathBuf,
    folder: Arc<OwnedFd>,
    names: std::vec::IntoIter<Vec<u8>>,
}

impl Walk {
    /// A walk over `roots` that leaves out the folders in `skip`, by whatever path they are reached.
    pub fn new(mut roots: Vec<Root>, skip: &[PathBuf]) -> Self {
        roots.sort_by(|a, b| a.label.cmp(&b.label));
        let identity = |path: &PathBuf| rustix::fs::stat(path).ok().map(|stat| (stat.st_dev, stat.st_ino));
        Self {
            roots: roots.into_iter(),
            rules: None,
            since: None,
            levels: Vec::new(),
            skip: skip.iter().filter_map(identity).collect(),
        }
    }

    fn is_skipped(&self, stat: &Stat) -> bool {
        self.skip.contains(&(stat.dev, stat.ino))
    }

    /// Starts the next root, which alone may be a link.
    fn next_root(&mut self) -> Option<Option<Observed>> {
        let Root { label, path, rules, since, .. } = self.roots.next()?;
        let Some(named) = RelPath::new(&label) else { return Some(None) };
        // a root may be a link, and is taken for what it points at
        let path = path.canonicalize().unwrap_or(path);
        let looked = look_at_root(&path);
        (self.rules, self.since) = (Some(rules), since);
        Some(match looked {
            Err(error) => Some(Observed::Problem { path: named, error }),
            Ok((_, stat)) if self.is_skipped(&stat) => None,
            Ok((parent, stat)) => self.node(named, PathBuf::new(), parent, path.as_os_str().as_bytes(), stat, true),
        })
    }

    /// What to do with one name.
    fn node(
        &mut self,
        path: RelPath,
        below: PathBuf,
        parent: Arc<OwnedFd>,
        name: &[u8],
        stat: Stat,
        is_root: bool,
    ) -> Option<Observed> {
        let kind = FileType::from_raw_mode(stat.mode);
        let verdict = match (&self.rules, is_root) {
            (Some(rules), false) => rules.verdict(&below, kind == FileType::Directory),
            _ => Verdict::Take,
        };
        if verdict == Verdict::Leave || self.is_skipped(&stat) {
            return None;
        }
        let node = match kind {
            FileType::Directory => match self.enter(&path, below, &parent, name, is_root) {
                Ok(()) => Node::Dir,
                Err(error) => return Some(Observed::Problem { path, error }),
            },
            FileType::RegularFile if self.since.is_some_and(|since| stat.mtime_s < since) => {
                return Some(Observed::Skipped { path, why: Skip::Old });
            }
            FileType::RegularFile => Node::File,
            FileType::Symlink => match rustix::fs::readlinkat(&parent, name, Vec::new()) {
                Ok(target) => Node::Symlink { target: target.into_bytes() },
                Err(error) => return Some(Observed::Problem { path, error: error.into() }),
            },
            FileType::Fifo => return Some(Observed::Skipped { path, why: Skip::Pipe }),
            FileType::Socket => return Some(Observed::Skipped { path, why: Skip::Socket }),
            _ => return Some(Observed::Skipped { path, why: Skip::Device }),
        };
        Some(Observed::Entry(Entry {
            path,
            stat,
            node,
            decide_by_content: verdict == Verdict::Look,
            parent,
            name: name.to_vec(),
        }))
    }

    fn enter(&mut self, path: &RelPath, below: PathBuf, parent: &Arc<OwnedFd>, name: &[u8], is_root: bool) -> io::Result<()> {
        if self.levels.len() >= MAX_DEPTH {
            return Err(io::Error::other(format!("it lies more than {MAX_DEPTH} folders deep")));
        }
        let follow = if is_root { OFlags::empty() } else { OFlags::NOFOLLOW };
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC | follow;
        let folder = Arc::new(rustix::fs::openat(parent, name, flags, Mode::empty())?);
        let mut names = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(name);
            }
        }
        names.sort_unstable();
        self.levels.push(Level { path: path.clone(), below, folder, names: names.into_iter() });
        Ok(())
    }

    /// The next name of the innermost folder.
    fn next_name(&mut self) -> Option<Option<Observed>> {
        let level = self.levels.last_mut()?;
        let Some(name) = level.names.next() else {
            self.levels.pop();
            return Some(None);
        };
        let Some(path) = level.path.join(&name) else {
            let error = io::Error::other(format!("a name in it makes a path longer than {} bytes", RelPath::MAX));
            return Some(Some(Observed::Problem { path: level.path.clone(), error }));
        };
        let (below, folder) = (level.below.join(OsStr::from_bytes(&name)), level.folder.clone());
        match rustix::fs::statat(&folder, name.as_slice(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Some(self.node(path, below, folder, &name, Stat::from_raw(&stat), false)),
            // it was removed since the folder was read
            Err(rustix::io::Errno::NOENT) => Some(None),
            Err(error) => Some(Some(Observed::Problem { path, error: error.into() })),
        }
    }
}

impl Iterator for Walk {
    type Item = Observed;

    fn next(&mut self) -> Option<Observed> {
        loop {
            let step = if self.levels.is_empty() { self.next_root()? } else { self.next_name()? };
            if step.is_some() {
                return step;
            }
        }
    }
}

fn look_at_root(path: &Path) -> io::Result<(Arc<OwnedFd>, Stat)> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let folder = rustix::fs::openat(CWD, parent, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let stat = rustix::fs::statat(CWD, path, AtFlags::empty())?;
    Ok((Arc::new(folder), Stat::from_raw(&stat)))
}
