//! What every answer tells of itself: how it ended, and how much was done.

use crate::app::Exit;

/// What every job's answer tells of itself.
pub trait Answer {
    /// How it ended.
    fn exit(&self) -> Exit {
        Exit::Done
    }

    /// How much was done, for the audit log and the record of what ran.
    fn tally(&self) -> Tally {
        Tally::default()
    }
}

/// How much was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Files, objects or snapshots it was about.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that were read, sent, fetched or written for it.
    pub moved: u64,
}
