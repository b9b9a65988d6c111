//! What a store shows, read page by page into a bounded number of names. What the account knows is kept, however much it is; of all
//! else only so many names as fit, those of its devices and the lowest numbers first: the rest is counted, and one of them named.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::engine::account::Account;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::provider::Listed;

/// What is known of an account's names, asked only where a listing is too long to be kept whole.
pub trait Names: Sync {
    /// Whether a device is on the account's list.
    fn is_member(&self, device: &DeviceId) -> bool;

    /// Whether the account knows of an object itself.
    fn explains(&self, name: &ObjectName) -> bool;
}

/// Nothing is known.
pub struct Nothing;

impl Names for Nothing {
    fn is_member(&self, _: &DeviceId) -> bool {
        false
    }

    fn explains(&self, _: &ObjectName) -> bool {
        false
    }
}

/// What the vault holds, and the packs that index objects there tell of.
pub struct OfAccount<'a> {
    account: &'a Account,
    packs: OnceLock<HashSet<ObjectId>>,
}

impl<'a> OfAccount<'a> {
    /// What an account knows.
    pub fn new(account: &'a Account) -> Self {
        Self { account, packs: OnceLock::new() }
    }

    fn packs(&self) -> &HashSet<ObjectId> {
        self.packs.get_or_init(|| {
            let index = ChunkIndex::open(self.account);
            index.iter().flat_map(ChunkIndex::packs).map(|pack| pack.id).collect()
        })
    }
}

impl Names for OfAccount<'_> {
    fn is_member(&self, device: &DeviceId) -> bool {
        self.account.roster.member(device).is_some()
    }

    fn explains(&self, name: &ObjectName) -> bool {
        match name {
            ObjectName::Pack(id) if self.packs().contains(id) => true,
            name => self.account.vault.size_now(name).is_ok(),
        }
    }
}

/// Names that were shown and not kept.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// How many.
    pub count: u64,
    /// One of them.
    pub first: Option<ObjectName>,
}

/// What a store shows.
#[derive(Debug, Default)]
pub struct Shown {
    /// The objects that were kept, with their sizes in bytes.
    pub objects: BTreeMap<ObjectName, u64>,
    /// What was shown besides.
    pub beyond: Beyond,
}

/// Names of one folder that bear the name of one device of the account, or of none.
type Group = (&'static str, Option<DeviceId>);

/// Takes up a listing.
pub struct Collector<'a> {
    names: &'a dyn Names,
    most: usize,
    /// Names of which it was not asked yet whether the account knows them.
    loose: BTreeMap<Group, BTreeMap<ObjectName, u64>>,
    count: usize,
    shown: Shown,
}

impl<'a> Collector<'a> {
    /// One that keeps so many names beside those that are known.
    pub fn new(names: &'a dyn Names, most: usize) -> Self {
        Self { names, most, loose: BTreeMap::new(), count: 0, shown: Shown::default() }
    }

    /// Takes up a page. A size that is above what any object of its type has is taken as just above it, so that sums of sizes stay sums.
    pub fn take(&mut self, page: &[Listed]) {
        for Listed { name, size } in page {
            let size = (*size).min(name.max_size() as u64 + 1);
            let device = name.device().filter(|device| self.names.is_member(device));
            let group = self.loose.entry((name.folder(), device)).or_default();
            self.count += usize::from(group.insert(*name, size).is_none());
            if self.count > self.most {
                self.let_go();
            }
        }
    }

    /// Makes room in the largest group for one more, by its last name: the same of the same listing, whoever looks again.
    fn let_go(&mut self) {
        let largest = self.loose.values_mut().max_by_key(|group| group.len());
        let Some((name, size)) = largest.and_then(BTreeMap::pop_last) else { return };
        self.count -= 1;
        if self.names.explains(&name) {
            self.shown.objects.insert(name, size);
        } else {
            self.shown.beyond.count += 1;
            self.shown.beyond.first.get_or_insert(name);
        }
    }

    /// What was shown.
    pub fn end(self) -> Shown {
        let mut shown = self.shown;
        self.loose.into_values().for_each(|group| shown.objects.extend(group));
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: DeviceId = DeviceId::from_bytes([1; 16]);

    struct Known(HashSet<ObjectName>);

    impl Names for Known {
        fn is_member(&self, device: &DeviceId) -> bool {
            *device == OURS
        }

        fn explains(&self, name: &ObjectName) -> bool {
            self.0.contains(name)
        }
    }

    fn id(n: u32) -> [u8; 16] {
        let mut id = [0xab; 16];
        id[..4].copy_from_slice(&n.to_le_bytes());
        id
    }

    #[test]
    fn whatever_is_made_up_what_is_known_and_the_next_of_a_device_stay() {
        let pack = |n| ObjectName::Pack(ObjectId::from_bytes(id(n)));
        let known = Known((0..500).map(|n| pack(n * 7)).chain((1..50).map(|n| ObjectName::Head(OURS, n))).collect());
        let next = ObjectName::Head(OURS, 50);
        let mut all: Vec<ObjectName> = known.0.iter().copied().chain([next]).collect();
        all.extend((0..20_000).map(|n| pack(1_000_000 + n)));
        all.extend((0..20_000).map(|n| ObjectName::Head(DeviceId::from_bytes(id(n)), 1)));
        all.extend((0..20_000).map(|n| ObjectName::Head(OURS, 1000 + n)));
        let mut collector = Collector::new(&known, 300);
        for page in all.chunks(1000) {
            let page: Vec<Listed> = page.iter().map(|name| Listed { name: *name, size: 5 }).collect();
            collector.take(&page);
            assert!(collector.count <= 300, "bounded at any time");
        }
        let shown = collector.end();
        assert!(known.0.iter().chain([&next]).all(|name| shown.objects.contains_key(name)));
        assert!(shown.objects.len() <= 300 + known.0.len(), "{}", shown.objects.len());
        assert_eq!(shown.beyond.count + shown.objects.len() as u64, all.len() as u64);
        assert!(shown.beyond.first.is_some());
    }

    #[test]
    fn a_listing_that_fits_is_kept_whole_without_asking_anybody() {
        let mut collector = Collector::new(&Nothing, 300);
        let page: Vec<Listed> =
            (0..300).map(|n| Listed { name: ObjectName::Slot(ObjectId::from_bytes(id(n))), size: 1 }).collect();
        collector.take(&page);
        collector.take(&page);
        let shown = collector.end();
        assert_eq!((shown.objects.len(), shown.beyond), (300, Beyond::default()));
    }
}
