//! What went wrong with a journal.

use std::io;
use std::path::PathBuf;

/// Why a journal cannot be used.
#[derive(Debug)]
pub enum JournalError {
    /// The disk failed.
    Disk(PathBuf, io::Error),
    /// It is damaged at this byte: nothing was dropped.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        at: u64,
    },
    /// A record or the file is over its limit.
    TooLarge(PathBuf),
    /// An append failed before; what is on the disk is unknown until the journal is opened again.
    Closed(PathBuf),
    /// The system gives no random bytes.
    Randomness,
}

impl std::fmt::Display for JournalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Damaged { path, at } => write!(f, "{} is damaged at byte {at}", path.display()),
            Self::TooLarge(path) => write!(f, "{} is over its size limit", path.display()),
            Self::Closed(path) => write!(f, "{} could not be written before and must be opened again", path.display()),
            Self::Randomness => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for JournalError {}
