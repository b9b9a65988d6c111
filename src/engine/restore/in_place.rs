//! Putting files back where they were: each source of a snapshot goes to the path that it had on the device.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::core::manifest::Node;
use crate::core::name::RelPath;
use crate::engine::account::Account;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::restore::rescue::destination;
use crate::engine::restore::{self, Owners, Place, Replace, Report};
use crate::engine::{Cancel, EngineError, Job, Misuse};

/// What goes back below one folder.
#[derive(Debug, Clone)]
pub struct Part {
    /// The folder.
    pub to: PathBuf,
    /// Where below it.
    place: Place,
    /// What, as the snapshot lists it.
    pub paths: Vec<RelPath>,
}

impl Part {
    /// Where one of its paths goes.
    pub fn target(&self, path: &RelPath) -> PathBuf {
        self.place.of(path).map_or_else(|| self.to.clone(), |below| self.to.join(OsStr::from_bytes(below.as_bytes())))
    }
}

/// Sorts the paths (none for everything) by where they go.
///
/// # Errors
/// A source whose path on the device is none that can be written to is refused, and nothing is written.
pub fn parts(account: &Account, snapshot: &Snapshot<'_>, paths: &[RelPath], cancel: &Cancel) -> Result<Vec<Part>, EngineError> {
    let mut found = Vec::new();
    for source in &snapshot.root.sources {
        let wanted: Vec<RelPath> = match paths {
            [] => vec![source.label.clone()],
            paths => paths.iter().filter(|path| path.is_within(&source.label)).cloned().collect(),
        };
        if wanted.is_empty() {
            continue;
        }
        let from = Path::new(OsStr::from_bytes(&source.path));
        let to = destination(account.home.root(), from, None)
            .map_err(|why| EngineError::Usage(Misuse::Misplaced(from.to_owned(), why)))?;
        found.push(match is_folder(snapshot, &source.label, cancel)? {
            true => {
                let through = links_into_folders(account, &to, snapshot, &source.label, cancel)?;
                found.extend(through_links(to, wanted, through));
                continue;
            }
            false => {
                let name = to.file_name().and_then(|name| RelPath::new(name.as_bytes()));
                let parent = to.parent().unwrap_or(Path::new("/")).to_owned();
                Part { to: parent, place: name.map_or(Place::Bare, Place::At), paths: wanted }
            }
        });
    }
    Ok(found)
}

/// What lies directly in a source, in the snapshot: its path, and the folder that a link under its name leads to now, if it does.
type Child = (RelPath, Option<PathBuf>);

/// A backup takes what a link directly in a source leads to in the link's place (`config -> ~/klipper_config`). What is put back goes there, too,
/// where the link still leads to a folder; it is followed only if whoever owns that folder, this user or the system made it, as the kernel does
/// in folders that several write to. Empty where there is no such link.
fn links_into_folders(
    account: &Account,
    to: &Path,
    snapshot: &Snapshot<'_>,
    label: &RelPath,
    cancel: &Cancel,
) -> Result<Vec<Child>, EngineError> {
    if !std::fs::read_dir(to).into_iter().flatten().flatten().any(|there| there.path().is_symlink()) {
        return Ok(Vec::new());
    }
    let mut children = Vec::new();
    for entry in snapshot.entries() {
        cancel.check()?;
        let entry = entry?;
        let mut below = entry.path.components().skip(label.components().count());
        if let (true, Some(name), None) = (entry.path.is_within(label), below.next(), below.next()) {
            let leads =
                matches!(entry.node, Node::Folder).then(|| leads_to(account, &to.join(OsStr::from_bytes(name)))).flatten();
            children.push((entry.path.clone(), leads));
        }
    }
    Ok(if children.iter().any(|(_, leads)| leads.is_some()) { children } else { Vec::new() })
}

/// The folder that a link leads to, where it may be followed.
fn leads_to(account: &Account, link: &Path) -> Option<PathBuf> {
    let made = std::fs::symlink_metadata(link).ok().filter(std::fs::Metadata::is_symlink)?;
    let folder = link.canonicalize().ok()?;
    let there = std::fs::metadata(&folder).ok().filter(std::fs::Metadata::is_dir)?;
    let is_trusted = [0, rustix::process::geteuid().as_raw(), there.uid()].contains(&made.uid());
    let own = account.home.root().canonicalize().ok()?;
    (is_trusted && !folder.starts_with(&own)).then_some(folder)
}

/// The parts of a source in which links lead into other folders: one for each of these, and one for the rest.
fn through_links(to: PathBuf, wanted: Vec<RelPath>, children: Vec<Child>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = Vec::new();
    for path in wanted {
        // the source itself is all that lies in it
        let is_whole = children.iter().any(|(child, _)| *child != path && child.is_within(&path));
        let (through, straight): (Vec<&Child>, Vec<&Child>) = children
            .iter()
            .filter(|(child, _)| child.is_within(&path) || path.is_within(child))
            .partition(|(_, leads)| leads.is_some());
        match is_whole && !through.is_empty() {
            true => rest.extend(straight.into_iter().map(|(child, _)| child.clone())),
            false if through.is_empty() => rest.push(path.clone()),
            false => {}
        }
        for (child, leads) in through {
            let paths = vec![if is_whole { child.clone() } else { path.clone() }];
            parts.extend(leads.clone().map(|to| Part { to, place: Place::Within(child.clone()), paths }));
        }
    }
    if !rest.is_empty() {
        parts.insert(0, Part { to, place: Place::Bare, paths: rest });
    }
    parts
}

fn is_folder(snapshot: &Snapshot<'_>, label: &RelPath, cancel: &Cancel) -> Result<bool, EngineError> {
    for entry in snapshot.entries() {
        cancel.check()?;
        let entry = entry?;
        if entry.path == *label {
            return Ok(matches!(entry.node, Node::Folder));
        }
        if entry.path > *label {
            break;
        }
    }
    // a source whose own entry is not listed has something below it
    Ok(true)
}

/// Puts every part back; what stands there and differs is treated as `replace` says.
pub fn put_back(
    reader: &ChunkReader<'_>,
    snapshot: &Snapshot<'_>,
    parts: &[Part],
    (replace, owners): (Replace, Owners),
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let mut total = Report::default();
    for part in parts {
        let (paths, to, place) = (part.paths.clone(), part.to.clone(), part.place.clone());
        let request = restore::Request { paths, to, place, replace, owners, workers: 2 };
        let report = restore::restore(reader, snapshot, &request, job)?;
        total.files += report.files;
        total.bytes += report.bytes;
        total.already += report.already;
        total.beside += report.beside;
        total.failed += report.failed;
        total.kept += report.kept;
        total.kept_first.extend(report.kept_first);
        total.nothing_of.extend(report.nothing_of);
    }
    Ok(total)
}
