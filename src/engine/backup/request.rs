//! What a backup is asked for, and what it did.

use std::path::PathBuf;

use crate::core::name::RelPath;
use crate::core::snapshot::Stats;
use crate::engine::backup::scan::Root;
use crate::engine::skip::{Omissions, Omitted};

/// What a backup is to take.
pub struct Request {
    /// The sources, labelled.
    pub roots: Vec<Root>,
    /// Folders that are never backed up, such as Printkeep's own home.
    pub skip: Vec<PathBuf>,
    /// Whether to count files beforehand, for whoever watches a progress bar.
    pub count_first: bool,
}

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The snapshot's number.
    pub number: u64,
    /// Counts of the snapshot.
    pub stats: Stats,
    /// What was met while it was made.
    pub met: Counts,
}

/// What is met while the sources are read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Files whose content was read, because they are new or changed.
    pub read: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Files and folders that could not be backed up.
    pub failed: u64,
    /// Files that changed while they were read.
    pub changed: u64,
    /// Special files left out.
    pub skipped: u64,
    /// Settings files among those read that hold credentials.
    pub credentials: u64,
    /// Files and links that a restore in place put aside; they are in the snapshot.
    pub put_aside: Omitted,
    /// Everything that was left out, by reason.
    pub omitted: Omissions,
    /// Links directly in a source that were followed, with where they lead; at most 100.
    pub followed: Vec<(RelPath, PathBuf)>,
}
