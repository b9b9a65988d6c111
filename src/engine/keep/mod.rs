//! Keepers: what their notes say, which objects snapshots still need, forgetting, pruning. Only a keeper's word lets anything go,
//! and nothing goes that an unforgotten snapshot needs, whoever made it.

pub mod book;
pub mod exchange;
pub mod forget;
pub mod live;
pub mod needs;
pub mod plan;
pub mod prune;
pub mod repack;
pub mod write;

pub use book::Book;
pub use needs::Needed;

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::{EngineError, select};

/// What pruning could free in the vault, as far as is known without reading index objects.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Freed {
    /// Snapshots that are forgotten and still there.
    pub snapshots: u64,
    /// The bytes that these added, some of which others may need.
    pub snapshot_bytes: u64,
    /// Packs and index objects that are marked as unneeded and still there.
    pub marked: u64,
    /// Their bytes.
    pub marked_bytes: u64,
}

/// What pruning could free of what the vault holds.
pub fn could_free(account: &Account, held: &BTreeMap<ObjectName, u64>) -> Result<Freed, EngineError> {
    let (book, mut freed) = (Book::read(account)?, Freed::default());
    for (name, size) in held.iter().filter(|(name, _)| book.lets_go(name)) {
        if let ObjectName::Head(device, number) = name {
            freed.snapshots += 1;
            // one that does not open is for `verify` to tell of
            freed.snapshot_bytes += select::head(account, *device, *number).map_or(0, |(head, _)| head.stats.stored);
        } else {
            freed.marked += 1;
            freed.marked_bytes += size;
        }
    }
    Ok(freed)
}
