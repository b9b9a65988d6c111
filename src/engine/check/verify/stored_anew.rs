//! Packs that are gone, and whose every chunk lies in another pack that is there: what they held was stored anew, and nothing is lost.

use std::collections::{HashMap, HashSet};

use super::Check;
use crate::core::index::Index;
use crate::core::name::{ChunkId, DeviceId, ObjectId, ObjectName};
use crate::core::pack::PackRecord;
use crate::engine::repository::proof;

impl Check<'_> {
    /// Those of the packs that are gone, each with its device, whose content the same device or a device that may delete stored anew. The index objects
    /// are read once more, so that memory is taken only where something is gone.
    pub(super) fn stored_anew(&self, gone: &HashMap<ObjectId, DeviceId>) -> HashSet<ObjectId> {
        let (mut held, mut lacking) = (HashSet::new(), HashMap::new());
        for index in self.needed.iter().filter_map(|name| self.reread(name)) {
            for pack in index.packs {
                if gone.get(&pack.id) == Some(&index.device) {
                    lacking.insert(pack.id, chunks(&pack));
                } else if self.held.get(&ObjectName::Pack(pack.id)) == Some(&u64::from(pack.size)) {
                    held.extend(chunks(&pack).into_iter().map(|chunk| (index.device, chunk)));
                }
            }
        }
        let vouched = |device: &DeviceId, chunk: &ChunkId| {
            let mut writers = self.account.roster.deleters().chain([*device]);
            writers.any(|writer| held.contains(&(writer, *chunk)))
        };
        let whole = |(id, chunks): &(ObjectId, Vec<ChunkId>)| {
            gone.get(id).is_some_and(|device| chunks.iter().all(|chunk| vouched(device, chunk)))
        };
        lacking.into_iter().filter(whole).map(|(id, _)| id).collect()
    }

    fn reread(&self, name: &ObjectName) -> Option<Index> {
        let ObjectName::Index(..) = name else { return None };
        let bytes = self.remote.get(name).ok()?;
        proof::index(self.account, name, &bytes).ok()
    }
}

fn chunks(pack: &PackRecord) -> Vec<ChunkId> {
    pack.chunks.iter().map(|(id, _)| *id).collect()
}
