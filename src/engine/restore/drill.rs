//! A drill: a random sample of files comes back into nothing, byte for byte checked, and is held against the source where that is
//! unchanged; so that a backup which could not be restored is known before it is needed.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::core::keys::ChunkUse;
use crate::core::manifest::{Content, Entry, Node, Piece};
use crate::core::name::RelPath;
use crate::core::random;
use crate::engine::error::FileFault;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::restore::is_same;
use crate::engine::{EngineError, Event, Job, Notice, Phase};
use crate::provider::regular_file;

/// How a drill went.
#[derive(Debug, Default)]
pub struct Report {
    /// How many files there are.
    pub of: u64,
    /// How many came back whole.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them were held against a source that is unchanged, and are the same.
    pub compared: u64,
    /// What did not come back, and why.
    pub failed: Vec<(RelPath, FileFault)>,
}

/// What is tried of a snapshot.
pub struct Part<'a> {
    /// The snapshot.
    pub snapshot: Snapshot<'a>,
    /// The sources that are tried, by their labels.
    pub labels: Vec<RelPath>,
}

/// Brings a sample of the files of snapshots of one device back into nothing. `own`: that device is this one, so that its sources may
/// be here.
pub fn drill(
    reader: &ChunkReader<'_>,
    parts: &[Part<'_>],
    (sample, own): (u32, bool),
    job: Job<'_>,
) -> Result<Report, EngineError> {
    job.tell(Event::Phase(Phase::Verifying));
    let mut report = Report::default();
    let chosen = choose(parts, sample, &mut report, job)?;
    let total = chosen.iter().map(|(_, entry)| size(entry)).sum();
    job.tell(Event::Total { files: chosen.len() as u64, bytes: total });
    for (part, entry) in chosen {
        job.check()?;
        job.tell(Event::File(&entry.path));
        let Node::File { size, content, .. } = &entry.node else { continue };
        match come_back(reader, content, *size, job).and_then(|()| match own {
            true => same_as_source(reader, &part.snapshot, &entry, content, *size),
            false => Ok(false),
        }) {
            Ok(compared) => {
                report.files += 1;
                report.bytes += size;
                report.compared += u64::from(compared);
            }
            Err(FileFault::Backup(error)) if error.is_stop() => return Err(error),
            Err(why) => {
                job.notice(Notice::Failed(&entry.path, &why));
                report.failed.push((entry.path, why));
            }
        }
        job.tell(Event::FileDone);
    }
    Ok(report)
}

fn size(entry: &Entry) -> u64 {
    if let Node::File { size, .. } = &entry.node { *size } else { 0 }
}

/// Every file has the same chance (reservoir sampling), and only the sample is held in memory.
fn choose<'a, 'b>(
    parts: &'a [Part<'b>],
    sample: u32,
    report: &mut Report,
    job: Job<'_>,
) -> Result<Vec<(&'a Part<'b>, Entry)>, EngineError> {
    let mut chosen: Vec<(&Part<'_>, Entry)> = Vec::new();
    for (part, entry) in parts.iter().flat_map(|part| part.snapshot.entries().map(move |entry| (part, entry))) {
        job.check()?;
        let entry = entry?;
        let is_meant = part.labels.iter().any(|label| entry.path.is_within(label));
        if !is_meant || !matches!(entry.node, Node::File { .. }) {
            continue;
        }
        report.of += 1;
        if chosen.len() < sample as usize {
            chosen.push((part, entry));
            continue;
        }
        let at = u64::from_le_bytes(random::bytes(job.random)?) % report.of;
        if let Some(place) = usize::try_from(at).ok().and_then(|at| chosen.get_mut(at)) {
            *place = (part, entry);
        }
    }
    Ok(chosen)
}

/// Every piece opens, is what its id says, and they add up.
fn come_back(reader: &ChunkReader<'_>, content: &Content, size: u64, job: Job<'_>) -> Result<(), FileFault> {
    let mut back = 0;
    for piece in reader.pieces(content) {
        job.check()?;
        let piece = piece?;
        if let Piece::Chunk(chunk) = &piece {
            reader.chunk(ChunkUse::Data, chunk)?;
        }
        back += piece.len();
        job.tell(Event::Bytes(piece.len()));
    }
    if back == size { Ok(()) } else { Err(FileFault::Pieces) }
}

/// Whether the source is here, unchanged by size and time, and has the same bytes; other bytes under the same size and time are a
/// failure. A source that changed since, or meanwhile, tells nothing.
fn same_as_source(
    reader: &ChunkReader<'_>,
    snapshot: &Snapshot<'_>,
    entry: &Entry,
    content: &Content,
    size: u64,
) -> Result<bool, FileFault> {
    let Some(path) = source_path(snapshot, &entry.path) else { return Ok(false) };
    let unchanged = |found: &Metadata| {
        let at = (entry.attributes.mtime_s, i64::from(entry.attributes.mtime_ns));
        found.is_file() && found.len() == size && (found.mtime(), found.mtime_nsec()) == at
    };
    // a pipe that stands there now would never end opening
    if !path.symlink_metadata().is_ok_and(|found| unchanged(&found)) {
        return Ok(false);
    }
    let Ok(file) = regular_file::open(&path) else { return Ok(false) };
    let same = is_same(reader, &file, content);
    if !file.metadata().is_ok_and(|found| unchanged(&found)) {
        return Ok(false);
    }
    match same {
        Ok(true) => Ok(true),
        Ok(false) => Err(FileFault::OtherThanSource),
        // the source's own disk
        Err(FileFault::System(_)) => Ok(false),
        Err(why) => Err(why),
    }
}

fn source_path(snapshot: &Snapshot<'_>, path: &RelPath) -> Option<PathBuf> {
    let source = snapshot.root.sources.iter().find(|source| path.is_within(&source.label))?;
    let from = PathBuf::from(OsStr::from_bytes(&source.path));
    match path.as_bytes().get(source.label.as_bytes().len() + 1..) {
        Some(below) => Some(from.join(OsStr::from_bytes(below))),
        None => Some(from),
    }
}
