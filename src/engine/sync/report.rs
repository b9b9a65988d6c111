//! What a sync is to pull, and what it did.

use std::collections::BTreeSet;

use crate::core::name::ObjectName;
use crate::core::snapshot;
use crate::engine::account::known_state::StoreProblem;
use crate::engine::error::SyncFault;
use crate::provider::ProviderError;

/// What a sync is to pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Nothing.
    Nothing,
    /// Everything but packs: enough to look and to restore from the store.
    Metadata,
    /// Everything.
    All,
}

/// What a sync did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Objects sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Those of them that took the place of what a check found damaged there.
    pub resent: u64,
    /// Objects fetched.
    pub fetched: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// Replaced key slots removed from the store.
    pub removed: u64,
    /// Whether an empty place, which the owner said took the store's place, holds everything by now.
    pub refilled: bool,
    /// Objects that could not be moved, with the reason.
    pub failed: Vec<(ObjectName, SyncFault)>,
    /// Objects under later keys than this device holds: they wait until it is granted them.
    pub waiting: Vec<ObjectName>,
    /// What the store holds now.
    pub there: BTreeSet<ObjectName>,
    /// What is wrong with what the store shows.
    pub store_problems: Vec<StoreProblem>,
    /// Folders that the store refuses to list to this device, which only writes there.
    pub unlisted: BTreeSet<String>,
    /// Objects that the store lacks and that another device must send, because this one only writes there.
    pub left: Vec<ObjectName>,
    /// Snapshots there that a device made after it was revoked.
    pub disbelieved: Vec<snapshot::SnapshotId>,
    /// Why the store took or gave no more, where that ended the run; what was moved before counts.
    pub stopped: Option<ProviderError>,
}
