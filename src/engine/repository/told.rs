//! What index objects tell of packs: who says it, and whose word counts where devices contradict each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::seal;
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};

/// The hashes that an object may have, as those say whose word on it counts.
#[derive(Debug, Clone)]
pub struct Told(Vec<ObjectHash>);

impl From<ObjectHash> for Told {
    fn from(hash: ObjectHash) -> Self {
        Self(vec![hash])
    }
}

impl Told {
    /// Whether it may have this one.
    pub fn holds(&self, hash: &ObjectHash) -> bool {
        self.0.contains(hash)
    }

    /// The one that these bytes must have: their own where that is told, else the first.
    pub fn meant(&self, bytes: &[u8]) -> Option<ObjectHash> {
        match self.0.as_slice() {
            [] | [_] => self.0.first().copied(),
            // devices contradict each other
            all => Some(seal::hash(bytes)).filter(|own| all.contains(own)).or_else(|| all.first().copied()),
        }
    }
}

/// What is told of each pack. This device's own word counts before that of devices that may delete, and theirs before the others': nobody
/// changes what is believed of a pack that they tell of. Others who contradict each other are all heard, and the bytes decide.
pub struct Packs(HashMap<ObjectId, (Rank, Told)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Own,
    MayDelete,
    Other,
}

impl Packs {
    /// What the index objects say that are known.
    pub fn of(chunk_index: &ChunkIndex) -> Self {
        let mut told: HashMap<ObjectId, (Rank, Told)> = HashMap::new();
        for pack in chunk_index.packs() {
            let rank = rank(chunk_index, &pack.device);
            match told.entry(pack.id) {
                Entry::Vacant(entry) => drop(entry.insert((rank, pack.hash.into()))),
                Entry::Occupied(mut entry) if rank < entry.get().0 => drop(entry.insert((rank, pack.hash.into()))),
                Entry::Occupied(mut entry) if rank == entry.get().0 && !entry.get().1.holds(&pack.hash) => {
                    entry.get_mut().1.0.push(pack.hash);
                }
                Entry::Occupied(_) => {}
            }
        }
        Self(told)
    }

    /// What is told of one.
    pub fn get(&self, id: &ObjectId) -> Option<&Told> {
        self.0.get(id).map(|(_, told)| told)
    }

    /// Whether a record of a pack is of those whose word counts.
    pub fn believes(&self, pack: &PackInfo) -> bool {
        self.get(&pack.id).is_some_and(|told| told.holds(&pack.hash))
    }

    /// What is told of each, by name.
    pub fn into_names(self) -> impl Iterator<Item = (ObjectName, Told)> {
        self.0.into_iter().map(|(id, (_, told))| (ObjectName::Pack(id), told))
    }
}

fn rank(chunk_index: &ChunkIndex, device: &DeviceId) -> Rank {
    match (chunk_index.is_this(device), chunk_index.may_delete(device)) {
        (true, _) => Rank::Own,
        (_, true) => Rank::MayDelete,
        _ => Rank::Other,
    }
}
