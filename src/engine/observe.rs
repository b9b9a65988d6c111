//! stub
use crate::core::name::RelPath;
use crate::kind::Group;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    pub size: u64,
    pub mtime_s: i64,
    pub mtime_ns: u32,
    pub ctime_s: i64,
    pub ctime_ns: u32,
    pub ino: u64,
    pub dev: u64,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub nlink: u64,
    pub blocks: u64,
}
impl Stat {
    pub fn mtime(&self) -> (i64, u32) {
        (self.mtime_s, self.mtime_ns)
    }
}
fn stat(m: &fs::Metadata) -> Stat {
    Stat {
        size: m.len(),
        mtime_s: m.mtime(),
        mtime_ns: m.mtime_nsec() as u32,
        ctime_s: m.ctime(),
        ctime_ns: m.ctime_nsec() as u32,
        ino: m.ino(),
        dev: m.dev(),
        mode: m.mode(),
        uid: m.uid(),
        gid: m.gid(),
        nlink: m.nlink(),
        blocks: m.blocks(),
    }
}
pub fn stat_of(f: &File) -> io::Result<Stat> {
    Ok(stat(&f.metadata()?))
}
pub enum Node {
    Dir,
    Symlink { target: Vec<u8> },
    File,
}
pub struct Entry {
    pub path: RelPath,
    pub stat: Stat,
    pub node: Node,
    pub decide_by_content: bool,
    abs: PathBuf,
}
impl Entry {
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.abs)
    }
}
#[derive(Debug)]
pub struct Skip;
impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("special")
    }
}
pub enum Observed {
    Entry(Entry),
    Skipped { path: RelPath, why: Skip },
    Problem { path: RelPath, error: io::Error },
}
impl Observed {
    pub fn file_size(&self) -> Option<u64> {
        match self {
            Self::Entry(Entry { node: Node::File, stat, .. }) => Some(stat.size),
            _ => None,
        }
    }
}
#[derive(Clone)]
pub struct Rules;
impl Rules {
    pub fn wants(&self, _: Group) -> bool {
        true
    }
}
#[derive(Clone)]
pub struct Root {
    pub label: Vec<u8>,
    pub path: PathBuf,
    pub rules: Rules,
}
pub struct Walk {
    stack: Vec<(RelPath, PathBuf)>,
}
impl Walk {
    pub fn new(mut roots: Vec<Root>, _: &[PathBuf]) -> Self {
        roots.sort_by(|a, b| b.label.cmp(&a.label));
        Self { stack: roots.into_iter().map(|r| (RelPath::new(&r.label).unwrap(), r.path)).collect() }
    }
    pub fn next(&mut self) -> Option<Observed> {
        let (path, abs) = self.stack.pop()?;
        let m = match fs::symlink_metadata(&abs) {
            Ok(m) => m,
            Err(error) => return Some(Observed::Problem { path, error }),
        };
        let node = if m.is_dir() {
            let mut names: Vec<_> = fs::read_dir(&abs).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort_by(|a, b| b.as_bytes().cmp(a.as_bytes()));
            for n in names {
                self.stack.push((path.join(n.as_bytes()).unwrap(), abs.join(&n)));
            }
            Node::Dir
        } else if m.is_symlink() {
            Node::Symlink { target: fs::read_link(&abs).unwrap().as_os_str().as_bytes().to_vec() }
        } else if m.is_file() {
            Node::File
        } else {
            return Some(Observed::Skipped { path, why: Skip });
        };
        Some(Observed::Entry(Entry { path, stat: stat(&m), node, decide_by_content: false, abs }))
    }
}
