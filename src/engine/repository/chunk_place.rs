//! Where chunks lie.

use std::collections::HashMap;

use crate::core::name::ChunkId;
use crate::core::pack::Location;

/// Where a chunk lies: the ordinal of its pack, and where there.
pub type ChunkPlace = (u32, Location);

/// The places of one chunk, the oldest first; most chunks have one.
#[derive(Debug, Clone)]
pub(in crate::engine) enum ChunkPlaces {
    /// One.
    One(ChunkPlace),
    /// Several.
    Several(Vec<ChunkPlace>),
}

impl ChunkPlaces {
    /// The oldest first.
    pub(in crate::engine) fn as_slice(&self) -> &[ChunkPlace] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }

    pub(super) fn push(&mut self, place: ChunkPlace) {
        match self {
            Self::One(first) => *self = Self::Several(vec![*first, place]),
            Self::Several(places) => places.push(place),
        }
    }
}

/// Chunks and their places in memory.
pub(in crate::engine) type Overlay = HashMap<ChunkId, ChunkPlaces>;
