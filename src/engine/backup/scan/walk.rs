//! The walk: depth first, names sorted in each folder, at most [`MAX_DEPTH`] deep.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};

use super::rules::Verdict;
use super::{Entry, Node, Observed, Root, Rules, Stat};
use crate::core::name::RelPath;
use crate::engine::skip::Skip;
use crate::provider::reason::Reason;

/// The deepest folder below a root.
pub const MAX_DEPTH: usize = 512;

/// A walk over some roots, sorted by their labels.
pub struct Walk {
    roots: std::vec::IntoIter<Root>,
    rules: Option<Rules>,
    since: Option<i64>,
    levels: Vec<Level>,
    skip: Vec<(u64, u64)>,
    /// Where what is skipped really lies: no link leads in there.
    skipped: Vec<PathBuf>,
    /// Where each root really lies.
    sources: Vec<PathBuf>,
    /// The one that is walked now.
    root: PathBuf,
    /// What links directly in it lead to, where that is walked too.
    reached: Vec<PathBuf>,
}

/// What these hold is the system's, and no content of a source.
const SYSTEM: [&str; 3] = ["/dev", "/proc", "/sys"];

/// How a name is come upon.
enum Way {
    /// As a root: no rule applies, and it may be a link.
    Root,
    /// As a name in a folder.
    Below,
    /// Through a link directly in a root, to where it really lies.
    Through(PathBuf),
}

/// Where a folder lies: in the snapshot, below its root, and really.
struct Place {
    path: RelPath,
    below: PathBuf,
    real: PathBuf,
}

/// An open folder, and the names in it that are still to come, in order.
struct Level {
    path: RelPath,
    below: PathBuf,
    /// Where the folder really lies.
    real: PathBuf,
    folder: Arc<OwnedFd>,
    names: std::vec::IntoIter<Vec<u8>>,
}

impl Walk {
    /// A walk over `roots` that leaves out the folders in `skip`, by whatever path they are reached.
    pub fn new(mut roots: Vec<Root>, skip: &[PathBuf]) -> Self {
        roots.sort_by(|a, b| a.label.cmp(&b.label));
        let sources = roots.iter().map(|root| root.path.canonicalize().unwrap_or_else(|_| root.path.clone())).collect();
        let identity = |path: &PathBuf| rustix::fs::stat(path).ok().map(|stat| (stat.st_dev, stat.st_ino));
        Self {
            roots: roots.into_iter(),
            rules: None,
            since: None,
            levels: Vec::new(),
            skip: skip.iter().filter_map(identity).collect(),
            skipped: skip.iter().filter_map(|path| path.canonicalize().ok()).collect(),
            sources,
            root: PathBuf::new(),
            reached: Vec::new(),
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
        self.root.clone_from(&path);
        self.reached = self.links();
        Some(match looked {
            Err(error) => Some(Observed::Problem { path: named, error }),
            Ok((_, stat)) if self.is_skipped(&stat) => None,
            Ok((parent, stat)) => self.node(named, PathBuf::new(), parent, path.as_os_str().as_bytes(), stat, Way::Root),
        })
    }

    /// What the links directly in the root lead to, as far as they are followed.
    fn links(&self) -> Vec<PathBuf> {
        let names = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let links = names.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
        links.filter_map(|link| self.target(&link.path())).map(|(real, _)| real).collect()
    }

    /// What a link leads to, where it is a file or folder outside every source: neither what is walked anyhow, nor a folder that holds
    /// the root itself, which would never end.
    fn target(&self, link: &Path) -> Option<(PathBuf, Stat)> {
        let real = link.canonicalize().ok()?;
        let known = self.sources.iter().any(|source| real.starts_with(source)) || self.root.starts_with(&real);
        let is_skipped = self.skipped.iter().any(|folder| real.starts_with(folder) && real != *folder);
        if known || is_skipped || SYSTEM.iter().any(|system| real.starts_with(system)) {
            return None;
        }
        let (_, stat) = look_at_root(&real).ok()?;
        let kind = FileType::from_raw_mode(stat.mode);
        matches!(kind, FileType::Directory | FileType::RegularFile).then_some((real, stat))
    }

    /// Whether a link that is not followed leads to a file or folder that nothing takes.
    fn leads_out(&self, link: &Path) -> bool {
        let Ok(real) = link.canonicalize() else { return false };
        let taken = |folder: &PathBuf| real.starts_with(folder);
        let is_taken = self.sources.iter().any(taken) || self.reached.iter().any(taken);
        let is_systems = SYSTEM.iter().any(|system| real.starts_with(system));
        !is_taken && !is_systems && real.metadata().is_ok_and(|meta| meta.is_dir() || meta.is_file())
    }

    /// What to do with one name.
    fn node(
        &mut self,
        path: RelPath,
        below: PathBuf,
        parent: Arc<OwnedFd>,
        name: &[u8],
        stat: Stat,
        way: Way,
    ) -> Option<Observed> {
        let kind = FileType::from_raw_mode(stat.mode);
        let verdict = match (&self.rules, &way) {
            (_, Way::Root) | (None, _) => Verdict::Take,
            (Some(rules), _) => rules.verdict(&below, kind == FileType::Directory),
        };
        if self.is_skipped(&stat) {
            return Some(Observed::Skipped { path, why: Skip::Own });
        }
        if let Verdict::Leave(why) = verdict {
            return Some(Observed::Skipped { path, why });
        }
        let real = match &way {
            Way::Root => self.root.clone(),
            Way::Through(real) => real.clone(),
            Way::Below => self.levels.last().map(|level| level.real.join(OsStr::from_bytes(name))).unwrap_or_default(),
        };
        let leads_out = kind == FileType::Symlink && self.leads_out(&real);
        let node = match kind {
            FileType::Directory => match self.enter(Place { path: path.clone(), below, real }, &parent, name, &way) {
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
            decide_by_content: verdict == Verdict::Inspect,
            through: if let Way::Through(real) = way { Some(real) } else { None },
            leads_out,
            parent,
            name: name.to_vec(),
        }))
    }

    fn enter(&mut self, at: Place, parent: &Arc<OwnedFd>, name: &[u8], way: &Way) -> io::Result<()> {
        if self.levels.len() >= MAX_DEPTH {
            return Err(Reason::TooDeep { most: MAX_DEPTH.to_string() }.into());
        }
        let follow = if matches!(way, Way::Below) { OFlags::NOFOLLOW } else { OFlags::empty() };
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
        self.levels.push(Level { path: at.path, below: at.below, real: at.real, folder, names: names.into_iter() });
        Ok(())
    }

    /// A name in a folder: a link directly in a root is taken for what it leads to.
    fn found(&mut self, path: RelPath, below: PathBuf, folder: Arc<OwnedFd>, name: &[u8], stat: Stat) -> Option<Observed> {
        let is_link = FileType::from_raw_mode(stat.mode) == FileType::Symlink && self.levels.len() == 1;
        match is_link.then(|| self.target(&self.root.join(OsStr::from_bytes(name)))).flatten() {
            Some((real, stat)) => {
                let name = real.as_os_str().as_bytes().to_vec();
                self.node(path, below, folder, &name, stat, Way::Through(real))
            }
            None => self.node(path, below, folder, name, stat, Way::Below),
        }
    }

    /// The next name of the innermost folder.
    fn next_name(&mut self) -> Option<Option<Observed>> {
        let level = self.levels.last_mut()?;
        let Some(name) = level.names.next() else {
            self.levels.pop();
            return Some(None);
        };
        let Some(path) = level.path.join(&name) else {
            let is_long = level.path.as_bytes().len() + 1 + name.len() > RelPath::MAX;
            let error = match is_long {
                true => Reason::LongPath { most: RelPath::MAX.to_string() },
                false => Reason::TooDeep { most: RelPath::MAX_DEPTH.to_string() },
            }
            .into();
            return Some(Some(Observed::Problem { path: level.path.clone(), error }));
        };
        let (below, folder) = (level.below.join(OsStr::from_bytes(&name)), level.folder.clone());
        match rustix::fs::statat(&folder, name.as_slice(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Some(self.found(path, below, folder, &name, Stat::from_raw(&stat))),
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
