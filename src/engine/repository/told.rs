//! What index objects tell of packs: who says it, and whose word counts where devices contradict each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::core::name::{DeviceId, ObjectHash, ObjectId};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};

/// What is told of each pack. This device's own word counts before that of devices that may delete, and theirs before the others': nobody
/// changes what is believed of a pack that they tell of. Others who contradict each other are all heard, and the bytes decide.
pub struct Packs(HashMap<ObjectId, (Rank, Vec<ObjectHash>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Own,
    MayDelete,
    Other,
}

impl Packs {
    /// What the index objects say that are known.
    pub fn of(chunk_index: &ChunkIndex) -> Self {
        let mut told: HashMap<ObjectId, (Rank, Vec<ObjectHash>)> = HashMap::new();
        for pack in chunk_index.packs() {
            let rank = rank(chunk_index, &pack.device);
            match told.entry(pack.id) {
                Entry::Vacant(entry) => drop(entry.insert((rank, vec![pack.hash]))),
                Entry::Occupied(mut entry) if rank < entry.get().0 => drop(entry.insert((rank, vec![pack.hash]))),
                Entry::Occupied(mut entry) if rank == entry.get().0 && !entry.get().1.contains(&pack.hash) => {
                    entry.get_mut().1.push(pack.hash);
                }
                Entry::Occupied(_) => {}
            }
        }
        Self(told)
    }

    /// The hashes of which a pack must have one.
    pub fn get(&self, id: &ObjectId) -> &[ObjectHash] {
        self.0.get(id).map(|(_, hashes)| hashes.as_slice()).unwrap_or_default()
    }

    /// Whether a record of a pack is of those whose word counts.
    pub fn believes(&self, pack: &PackInfo) -> bool {
        self.get(&pack.id).contains(&pack.hash)
    }
}

fn rank(chunk_index: &ChunkIndex, device: &DeviceId) -> Rank {
    match (chunk_index.is_this(device), chunk_index.may_delete(device)) {
        (true, _) => Rank::Own,
        (_, true) => Rank::MayDelete,
        _ => Rank::Other,
    }
}
