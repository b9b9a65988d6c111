//! Putting files back where they were: each source of a snapshot goes to the path that it had on the device.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::core::manifest::Node;
use crate::core::name::RelPath;
use crate::engine::account::Account;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::restore::rescue::destination;
use crate::engine::restore::{self, Place, Replace, Report};
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
            true => Part { to, place: Place::Bare, paths: wanted },
            false => {
                let name = to.file_name().and_then(|name| RelPath::new(name.as_bytes()));
                let parent = to.parent().unwrap_or(Path::new("/")).to_owned();
                Part { to: parent, place: name.map_or(Place::Bare, Place::At), paths: wanted }
            }
        });
    }
    Ok(found)
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
    fetcher: &ChunkReader<'_>,
    snapshot: &Snapshot<'_>,
    parts: &[Part],
    replace: Replace,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let mut total = Report::default();
    for part in parts {
        let request =
            restore::Request { paths: part.paths.clone(), to: part.to.clone(), place: part.place.clone(), replace, workers: 2 };
        let report = restore::restore(fetcher, snapshot, &request, job)?;
        total.files += report.files;
        total.bytes += report.bytes;
        total.already += report.already;
        total.beside += report.beside;
        total.failed += report.failed;
    }
    Ok(total)
}
