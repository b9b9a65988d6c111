//! A store that is open, and how it is read: blocking calls over any provider.

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::core::seal::Refused;
use crate::engine::runtime::Runtime;
use crate::provider::{Listed, Provider, ProviderError};

/// A store of the owner's, by the name the owner gave it.
pub struct Store {
    /// The owner's name for it.
    pub name: String,
    /// The place.
    pub provider: Box<dyn Provider>,
}

/// So many earlier versions of an object are tried.
const MOST_EARLIER: usize = 8;

/// What an earlier version in a store gives, where what it shows now is missing or no longer what was written.
pub fn earlier<T>(store: &Store, runtime: &Runtime, name: &ObjectName, check: impl Fn(&[u8]) -> Result<T, Refused>) -> Option<T> {
    for nth in 0..MOST_EARLIER {
        // the next one may be sound, as long as there is one
        let bytes = runtime.block_on(store.provider.earlier(name, nth)).ok()?;
        if let Ok(value) = check(&bytes) {
            return Some(value);
        }
    }
    None
}

/// How a place is read: blocking calls over any provider.
pub struct Shelf<'a> {
    /// The place.
    pub provider: &'a dyn Provider,
    /// Runs its futures.
    pub runtime: &'a crate::engine::runtime::Runtime,
    /// What may be on its way at once, in bytes.
    pub room: usize,
}

/// The room of a small printer, which every machine has.
const ROOM: usize = 4 << 20;

impl<'a> Shelf<'a> {
    /// A place, read and written with little memory.
    pub fn new(provider: &'a dyn Provider, runtime: &'a crate::engine::runtime::Runtime) -> Self {
        Self { provider, runtime, room: ROOM }
    }

    /// The same with more memory.
    pub fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// Reads an object.
    pub fn get(&self, name: &ObjectName) -> Result<Vec<u8>, ProviderError> {
        self.runtime.block_on(self.provider.get(name, None))
    }

    /// Every object of the place with its size, as far as this device looks there. Heads are listed before what they need, so that a device which sends meanwhile
    /// does not seem to have left something out.
    pub fn list(&self) -> Result<BTreeMap<ObjectName, u64>, ProviderError> {
        let mut found = BTreeMap::new();
        let (late, first): (Vec<&str>, Vec<&str>) =
            ObjectName::FOLDERS.iter().partition(|folder| ["index", "packs", "roster"].contains(folder));
        for folder in first.into_iter().chain(late.into_iter().rev()) {
            // where this device only writes, what it need not know is not asked for
            if self.provider.narrow().is_some_and(|narrow| narrow.scope().within(folder).is_empty()) {
                continue;
            }
            let mut look = |page: &[Listed]| found.extend(page.iter().map(|l| (l.name, l.size)));
            self.runtime.block_on(self.provider.list(folder, &mut look))?;
        }
        Ok(found)
    }
}
