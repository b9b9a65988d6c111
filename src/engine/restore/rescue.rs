//! Rescuing: everything a device had goes back to the paths it came from, on a new machine; first a plan, then the restore.
//!
//! The paths stand in the snapshot, so they are what the old device says: only full paths without `..` are taken, none below
//! Printkeep's own folder. A file that is there and differs is never replaced unless the owner says so, and then it is kept beside.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::core::manifest::{Attributes, Entry, Node};
use crate::core::name::{DeviceId, RelPath};
use crate::engine::account::Account;
use crate::engine::error::{Misplaced, Standing};
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots;
use crate::engine::restore::{self, Owners, Place, Replace, is_same, standing};
use crate::engine::{Cancel, EngineError, Job, Misuse};
use crate::local::home::DiskError;
use crate::provider::regular_file;

/// So many files that something stands in the place of are named, of each source.
const MAX_NAMED: usize = 1000;

/// A device that can be rescued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which device.
    pub id: DeviceId,
    /// What the owner calls it.
    pub name: String,
    /// Its snapshots, by number.
    pub snapshots: Vec<u64>,
}

/// The other devices of the account that have snapshots.
pub fn candidates(account: &Account) -> Result<Vec<Candidate>, EngineError> {
    let names = snapshots::head_names(account)?;
    let of = |(id, snapshots): (DeviceId, Vec<u64>)| {
        let name = account.roster.member(&id).map(|member| member.name.clone())?;
        Some(Candidate { id, name, snapshots })
    };
    Ok(names.into_iter().filter(|(id, _)| *id != account.device.id).filter_map(of).collect())
}

/// One source of the old device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its label in the snapshot.
    pub label: RelPath,
    /// Where it was on the old device.
    pub from: PathBuf,
    /// Where it goes; none when it cannot go there, with the reason beside it.
    pub to: Result<PathBuf, Misplaced>,
    /// Files it has.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is there already.
    pub there: There,
    /// Whether it is a folder.
    folder: Option<Attributes>,
}

/// What stands where a source is to go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    /// Whether anything is there.
    pub exists: bool,
    /// Files of the snapshot that are there as they were.
    pub same: u64,
    /// Files and links in whose place something else stands.
    pub differ: u64,
    /// The first of them: where they go, with what stands there.
    pub standing: Vec<(PathBuf, Standing)>,
    /// Bytes of the files that are to be written.
    pub to_write: u64,
}

/// What a rescue would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Source by source.
    pub parts: Vec<Part>,
    /// Bytes that are still to be written, and those that are free where they go, disk by disk.
    pub room: Vec<(u64, u64)>,
}

impl Part {
    /// Where something of it goes.
    pub fn target(&self, path: &RelPath) -> Option<PathBuf> {
        let to = self.to.as_ref().ok()?;
        let below = path.as_bytes().get(self.label.as_bytes().len() + 1..);
        Some(below.map_or_else(|| to.clone(), |below| to.join(std::ffi::OsStr::from_bytes(below))))
    }
}

impl Plan {
    /// Whether everything fits.
    pub fn fits(&self) -> bool {
        self.room.iter().all(|(needed, free)| needed <= free)
    }
}

/// Looks what the snapshot holds and what is there already; nothing is written. `own` is Printkeep's own folder, into which nothing goes.
pub fn plan(
    own: &Path,
    (reader, snapshot): (&ChunkReader<'_>, &Snapshot<'_>),
    root: Option<&Path>,
    replace: Replace,
    cancel: &Cancel,
) -> Result<Plan, EngineError> {
    let mut parts: Vec<Part> = Vec::new();
    for source in &snapshot.root.sources {
        let from = PathBuf::from(std::ffi::OsStr::from_bytes(&source.path));
        let to = destination(own, &from, root);
        let there = There { exists: to.as_ref().is_ok_and(|to| to.symlink_metadata().is_ok()), ..There::default() };
        parts.push(Part { label: source.label.clone(), from, to, files: 0, bytes: 0, there, folder: None });
    }
    for entry in snapshot.entries() {
        cancel.check()?;
        let entry = entry?;
        let Some(part) = parts.iter_mut().find(|part| entry.path.is_within(&part.label)) else { continue };
        match &entry.node {
            Node::Folder if entry.path == part.label => part.folder = Some(entry.attributes),
            Node::File { size, .. } => {
                part.files += 1;
                part.bytes += size;
                inspect(reader, part, &entry, replace);
                // what could not be compared because of a stop does not differ
                cancel.check()?;
            }
            Node::Link { .. } => inspect(reader, part, &entry, replace),
            Node::Folder => {}
        }
    }
    let room = room(&parts)?;
    Ok(Plan { parts, room })
}

/// Where a source goes, or why it cannot.
pub(super) fn destination(own: &Path, from: &Path, root: Option<&Path>) -> Result<PathBuf, Misplaced> {
    let plain = from.components().all(|c| matches!(c, std::path::Component::RootDir | std::path::Component::Normal(_)));
    if !from.is_absolute() || !plain || from.as_os_str().as_bytes().contains(&0) {
        return Err(Misplaced::NoFullPath);
    }
    let to = match (root, from.strip_prefix("/")) {
        (Some(root), Ok(below)) => root.join(below),
        _ => from.to_owned(),
    };
    if to.starts_with(own) {
        return Err(Misplaced::OwnFolder);
    }
    Ok(to)
}

/// Compares a file or link of the snapshot with what stands where it is to go: a file by size and time, else byte for byte.
fn inspect(reader: &ChunkReader<'_>, part: &mut Part, entry: &Entry, replace: Replace) {
    let Some(path) = part.target(&entry.path) else { return };
    let size = if let Node::File { size, .. } = &entry.node { *size } else { 0 };
    let Ok(there) = rustix::fs::lstat(&path) else {
        part.there.to_write += size;
        return;
    };
    match (&entry.node, is_as_it_was(reader, &path, entry)) {
        (Node::File { .. }, true) => part.there.same += 1,
        (_, true) => {}
        (_, false) => {
            let stands = standing(&there, entry);
            part.there.differ += 1;
            if part.there.standing.len() < MAX_NAMED {
                part.there.standing.push((path, stands));
            }
            // what it replaces stays beside it, so that all of it needs room
            part.there.to_write += if replace.admits(stands).is_ok() { size } else { 0 };
        }
    }
}

fn is_as_it_was(reader: &ChunkReader<'_>, path: &Path, entry: &Entry) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(there) = path.symlink_metadata() else { return false };
    match &entry.node {
        Node::File { size, content, .. } => {
            let time = (entry.attributes.mtime_s, i64::from(entry.attributes.mtime_ns));
            let alike = there.is_file() && there.len() == *size;
            alike && ((there.mtime(), there.mtime_nsec()) == time || compares(reader, path, content))
        }
        Node::Link { target } => std::fs::read_link(path).is_ok_and(|there| there.as_os_str().as_bytes() == &target[..]),
        Node::Folder => there.is_dir(),
    }
}

fn compares(reader: &ChunkReader<'_>, path: &Path, content: &crate::core::manifest::Content) -> bool {
    regular_file::open(path).is_ok_and(|file| is_same(reader, &file, content).unwrap_or(false))
}

/// What is needed and what is free, disk by disk.
fn room(parts: &[Part]) -> Result<Vec<(u64, u64)>, EngineError> {
    let mut disks: Vec<(u64, u64, u64)> = Vec::new();
    for part in parts {
        let Ok(to) = &part.to else { continue };
        let Some(nearest) = to.ancestors().find(|path| path.is_dir()) else { continue };
        use std::os::unix::fs::MetadataExt;
        let disk = std::fs::metadata(nearest).map_err(DiskError::at("look at", nearest))?.dev();
        let stat = rustix::fs::statvfs(nearest).map_err(io::Error::from).map_err(DiskError::at("look at", nearest))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        match disks.iter_mut().find(|(other, _, _)| *other == disk) {
            Some((_, needed, _)) => *needed += part.there.to_write,
            None => disks.push((disk, part.there.to_write, free)),
        }
    }
    Ok(disks.into_iter().map(|(_, needed, free)| (needed, free)).collect())
}

/// Puts one source back. Run again, it goes on: what is there already is compared, not written.
pub fn put_back(
    reader: &ChunkReader<'_>,
    snapshot: &Snapshot<'_>,
    part: &Part,
    root: Option<&Path>,
    (replace, owners): (Replace, Owners),
    job: Job<'_>,
) -> Result<restore::Report, EngineError> {
    let to = part.to.clone().map_err(|why| EngineError::Usage(Misuse::Misplaced(part.from.clone(), why)))?;
    let (to, place) = match (root, part.folder) {
        // for trying: nothing leaves that folder, not even by a link in the way
        (Some(root), _) => (root.to_owned(), below(&part.from)),
        (None, Some(attributes)) => {
            make_folders(&to, Some(attributes.mode), (owners == Owners::OfSnapshot).then_some(attributes))?;
            (to, Place::Bare)
        }
        (None, None) => {
            let parent = to.parent().unwrap_or(Path::new("/"));
            make_folders(parent, None, None)?;
            let name = to.file_name().and_then(|name| RelPath::new(name.as_bytes()));
            (parent.to_owned(), name.map_or(Place::Bare, Place::At))
        }
    };
    let request = restore::Request { paths: vec![part.label.clone()], to, place, replace, owners, workers: 2 };
    restore::restore(reader, snapshot, &request, job)
}

fn below(from: &Path) -> Place {
    let path = from.strip_prefix("/").ok().and_then(|path| RelPath::new(path.as_os_str().as_bytes()));
    path.map_or(Place::Bare, Place::At)
}

/// Makes a source's folder with its mode, and those above it; folders that are there are left as they are. They belong to whom the snapshot
/// says, or to whoever owns the nearest folder that is there.
fn make_folders(path: &Path, mode: Option<u32>, said: Option<Attributes>) -> Result<(), EngineError> {
    use std::os::unix::fs::MetadataExt;
    let missing: Vec<&Path> = path.ancestors().take_while(|path| !path.exists()).collect();
    for folder in missing.into_iter().rev() {
        let mode = mode.filter(|_| folder == path).map_or(0o755, |mode| mode & 0o777);
        let made = DirBuilder::new().mode(mode).create(folder).and_then(|()| {
            if rustix::process::geteuid().is_root() {
                let above = std::fs::metadata(folder.parent().unwrap_or(Path::new("/")))?;
                let (uid, gid) = said.map_or((above.uid(), above.gid()), |said| (said.uid, said.gid));
                std::os::unix::fs::chown(folder, Some(uid), Some(gid))?;
            }
            Ok(())
        });
        made.map_err(DiskError::at("make the folder", folder))?;
    }
    Ok(())
}
