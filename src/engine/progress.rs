//! What a job tells while it goes on.

use std::path::Path;

use crate::core::name::{ObjectName, RelPath};
use crate::engine::error::{FileFault, ObjectFault, SyncFault};
use crate::engine::skip;
use crate::kind::Find;
use crate::local::cache::CacheError;

/// What happens while work goes on, for whoever watches.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step begins.
    Phase(Phase),
    /// How much there is to do, once it is known.
    Total {
        /// Files.
        files: u64,
        /// Bytes.
        bytes: u64,
    },
    /// Work on a file begins.
    File(&'a RelPath),
    /// More bytes were worked on.
    Bytes(u64),
    /// A file is done.
    FileDone,
    /// Something the owner should know; work goes on.
    Notice(Notice<'a>),
}

/// A step of a longer job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Local state is rebuilt from the vault.
    Rebuilding,
    /// Files are read and sealed.
    BackingUp,
    /// Files are written.
    Restoring,
    /// Objects are checked.
    Verifying,
    /// Objects that nothing needs are removed.
    Pruning,
    /// What is still needed of old packs moves to new ones.
    Repacking,
    /// Objects are sent.
    Uploading,
    /// Objects are fetched.
    Downloading,
}

/// Something the owner should know.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Not backed up, because of what it is.
    Skipped(&'a RelPath, skip::Skip),
    /// Not backed up or not restored, because of an error.
    Failed(&'a RelPath, &'a FileFault),
    /// Holds credentials: these lines; and whether it was left out for that.
    Credentials(&'a RelPath, &'a [Find], bool),
    /// Backed up as it was read, while something changed it.
    Changed(&'a RelPath),
    /// Restored, and what stood in its place lies beside it under this name.
    Beside(&'a RelPath, &'a str),
    /// An object is damaged or missing.
    Object(ObjectName, &'a ObjectFault),
    /// Local state in this folder was set aside and is rebuilt; why.
    StateRebuilt(&'a Path, &'a CacheError),
    /// An object could not be moved now.
    NotMoved(ObjectName, &'a SyncFault),
}

/// Receives events; called from several threads.
pub type OnEvent<'a> = &'a (dyn Fn(Event<'_>) + Sync);
