//! What index objects tell of packs: who says it, and whose word counts where devices contradict each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};

/// What is told of each pack. This device's own word counts before that of devices that may delete, and theirs before the others': nobody
/// changes what is believed of a pack that they tell of. Others who contradict each other are all heard, and the bytes decide.
/// Of what one device says of a pack so much is heard, so that nobody says a thousand things.
pub struct Packs(HashMap<ObjectId, Told>);

/// So many hashes of one pack are heard from one device.
const MOST: usize = 16;

struct Told {
    rank: Rank,
    hashes: Vec<ObjectHash>,
    /// Who told each of them first.
    by: Vec<DeviceId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Own,
    MayDelete,
    Other,
}

impl Packs {
    /// What the index objects say that are known.
    pub fn of(chunk_index: &ChunkIndex) -> Self {
        let mut told: HashMap<ObjectId, Told> = HashMap::new();
        for pack in chunk_index.packs() {
            let new = Told { rank: rank(chunk_index, &pack.device), hashes: vec![pack.hash], by: vec![pack.device] };
            match told.entry(pack.id) {
                Entry::Vacant(entry) => drop(entry.insert(new)),
                Entry::Occupied(mut entry) if new.rank < entry.get().rank => drop(entry.insert(new)),
                Entry::Occupied(mut entry) => entry.get_mut().hear(&new),
            }
        }
        Self(told)
    }

    /// The hashes of which a pack must have one.
    pub fn get(&self, id: &ObjectId) -> &[ObjectHash] {
        self.0.get(id).map(|told| told.hashes.as_slice()).unwrap_or_default()
    }

    /// Whether a record of a pack is of those whose word counts.
    pub fn believes(&self, pack: &PackInfo) -> bool {
        self.get(&pack.id).contains(&pack.hash)
    }

    /// The same, by name.
    pub fn into_hashes(self) -> impl Iterator<Item = (ObjectName, Vec<ObjectHash>)> {
        self.0.into_iter().map(|(id, told)| (ObjectName::Pack(id), told.hashes))
    }
}

impl Told {
    fn hear(&mut self, new: &Self) {
        let said = self.by.iter().filter(|device| new.by.contains(device)).count();
        if new.rank == self.rank && said < MOST && new.hashes.iter().all(|hash| !self.hashes.contains(hash)) {
            self.hashes.extend_from_slice(&new.hashes);
            self.by.extend_from_slice(&new.by);
        }
    }
}

fn rank(chunk_index: &ChunkIndex, device: &DeviceId) -> Rank {
    match (chunk_index.is_this(device), chunk_index.may_delete(device)) {
        (true, _) => Rank::Own,
        (_, true) => Rank::MayDelete,
        _ => Rank::Other,
    }
}
