//! A store that is open: how it is read and written, with blocking calls over any provider, and what this device may do there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::core::name::ObjectName;
use crate::core::seal::{Proved, Refused};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::error::PlaceName;
use crate::engine::repository::shown::{Collector, Names, Nothing, OfAccount, Shown};
use crate::engine::runtime::Runtime;
use crate::provider::{Provider, ProviderError, PutReceipt, Range, Wanted};

/// So many earlier versions of an object are tried.
const MOST_EARLIER: usize = 8;

/// The room of a small printer, which every machine has, in bytes.
const ROOM: usize = 4 << 20;

/// What a name costs from its listing to what is remembered of it, in bytes of the room, about.
const ROOM_OF_NAME: usize = 384;

/// Folders whose objects are listed after what needs them.
const LATE: [&str; 3] = ["roster", "index", "packs"];

/// A store of the owner's, open. A request opens each of its stores once, and hands it on.
pub struct Remote {
    name: String,
    named: PlaceName,
    provider: Box<dyn Provider>,
    runtime: Runtime,
    room: usize,
    /// The sizes that it announced, of all but packs, whose sizes signed objects tell.
    announced: Mutex<HashMap<ObjectName, u64>>,
}

impl Remote {
    /// A store by the name that the owner gave it, read and written with little memory.
    pub fn new(name: &str, provider: Box<dyn Provider>, runtime: &Runtime) -> Self {
        Self {
            name: name.into(),
            named: PlaceName::Store(name.into()),
            provider,
            runtime: runtime.clone(),
            room: ROOM,
            announced: Mutex::default(),
        }
    }

    /// This machine's own vault, to be looked at like a store.
    pub fn vault(account: &Account, runtime: &Runtime) -> Self {
        Self { named: PlaceName::Vault, ..Self::new("vault", Box::new(account.vault.clone()), runtime) }
    }

    /// The same with room for so many bytes on their way at once.
    pub fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// The owner's name for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What errors call it.
    pub fn named(&self) -> &PlaceName {
        &self.named
    }

    /// What and where it is, in words for the owner, without credentials.
    pub fn place(&self) -> String {
        self.provider.place()
    }

    /// What may be on its way at once, in bytes.
    pub fn room(&self) -> usize {
        self.room
    }

    /// What was asked of it and not done, as an error that names it.
    pub fn lost(&self, error: ProviderError) -> EngineError {
        EngineError::Place { place: self.named.clone(), error }
    }

    /// Its provider, for whoever asks for several things at once, with [`runtime`](Self::runtime).
    pub fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    /// What drives its futures.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Reads an object.
    pub fn get(&self, name: &ObjectName) -> Result<Vec<u8>, ProviderError> {
        self.get_part(name, None)
    }

    /// Reads an object, or `range` of it.
    pub fn get_part(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, ProviderError> {
        let wanted = range.map_or_else(|| self.all_of(name), |range| Wanted::part(name, range));
        // asked for before it is waited for: a stop that comes with the question is heard first
        let asked = self.provider.get(name, wanted);
        self.runtime.block_on(async { wanted.held_to(name, asked.await) })
    }

    /// The same for whoever asks for several at once. What is larger than wanted is no answer, whoever gives it.
    pub async fn fetch(&self, name: &ObjectName, wanted: Wanted) -> Result<Vec<u8>, ProviderError> {
        wanted.held_to(name, self.provider.get(name, wanted).await)
    }

    /// All of an object: as much as the store announced, where it was listed.
    fn all_of(&self, name: &ObjectName) -> Wanted {
        self.announced().get(name).map_or_else(|| Wanted::whole(name), |size| Wanted::announced(name, *size))
    }

    fn announced(&self) -> MutexGuard<'_, HashMap<ObjectName, u64>> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads an object; none where it lacks it, or answers what makes no sense.
    ///
    /// # Errors
    /// [`EngineError::Place`] for every other failure.
    pub fn find(&self, name: &ObjectName) -> Result<Option<Vec<u8>>, EngineError> {
        match self.get(name) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ProviderError::Missing | ProviderError::Nonsense(_)) => Ok(None),
            Err(error) => Err(self.lost(error)),
        }
    }

    /// Keeps an object.
    pub fn put(&self, object: &Proved) -> Result<PutReceipt, ProviderError> {
        // what lay there before is no measure of it
        self.announced().remove(&object.name());
        self.runtime.block_on(self.provider.put(object))
    }

    /// Removes an object; one that is not there is no error.
    pub fn remove(&self, name: &ObjectName) -> Result<(), ProviderError> {
        self.runtime.block_on(self.provider.remove(name))
    }

    /// Every object of the place with its size, as far as this device looks there. Heads are listed before what they need, so that a device which sends meanwhile
    /// does not seem to have left something out.
    pub fn list(&self) -> Result<BTreeMap<ObjectName, u64>, ProviderError> {
        Ok(self.look(&self.folders(), &Nothing)?.objects)
    }

    /// The same for an account, which knows many of them: these are kept, however many others are shown.
    pub fn list_of(&self, account: &Account) -> Result<Shown, ProviderError> {
        self.look(&self.folders(), &OfAccount::new(account))
    }

    fn folders(&self) -> Vec<&'static str> {
        let folders = ObjectName::FOLDERS.iter().copied().filter(|folder| !LATE.contains(folder)).chain(LATE);
        // where this device only writes, what it need not know is not asked for
        folders.filter(|folder| self.lists(folder)).collect()
    }

    /// The objects in these folders, each with its size.
    pub fn list_in(&self, folders: &[&str]) -> Result<BTreeMap<ObjectName, u64>, ProviderError> {
        Ok(self.look(folders, &Nothing)?.objects)
    }

    /// The same for an account: what it knows is kept, however many others are shown.
    pub fn list_in_of(&self, account: &Account, folders: &[&str]) -> Result<BTreeMap<ObjectName, u64>, ProviderError> {
        Ok(self.look(folders, &OfAccount::new(account))?.objects)
    }

    /// The same for whoever knows some names: these are kept.
    pub fn list_with(&self, folders: &[&str], names: &dyn Names) -> Result<BTreeMap<ObjectName, u64>, ProviderError> {
        Ok(self.look(folders, names)?.objects)
    }

    fn look(&self, folders: &[&str], names: &dyn Names) -> Result<Shown, ProviderError> {
        let mut collector = Collector::new(names, self.room / ROOM_OF_NAME);
        for folder in folders {
            self.runtime.block_on(self.provider.list(folder, &mut |page| collector.take(page)))?;
        }
        let shown = collector.end();
        let mut announced = self.announced();
        announced.retain(|name, _| !folders.contains(&name.folder()));
        announced.extend(shown.objects.iter().filter(|(name, _)| !matches!(name, ObjectName::Pack(_))).map(|(n, s)| (*n, *s)));
        Ok(shown)
    }

    /// What an earlier version of an object gives, where what the store shows now is missing or no longer what was written.
    pub fn earlier<T>(&self, name: &ObjectName, check: impl Fn(&[u8]) -> Result<T, Refused>) -> Option<T> {
        for nth in 0..MOST_EARLIER {
            // the next one may be sound, as long as there is one
            let earlier = self.runtime.block_on(self.provider.earlier(name, nth));
            let bytes = Wanted::whole(name).held_to(name, earlier).ok()?;
            if let Ok(value) = check(&bytes) {
                return Some(value);
            }
        }
        None
    }

    /// Whether this device only writes there, and neither reads what others sent nor removes anything.
    pub fn only_writes(&self) -> bool {
        self.provider.narrow().is_some()
    }

    fn lists(&self, folder: &str) -> bool {
        self.provider.narrow().is_none_or(|narrow| !narrow.scope().within(folder).is_empty())
    }

    /// Whether this device may read an object there.
    pub fn reads(&self, name: &ObjectName) -> bool {
        self.provider.narrow().is_none_or(|narrow| narrow.scope().reads(name))
    }

    /// Whether this device may write an object there.
    pub fn writes(&self, name: &ObjectName) -> bool {
        self.provider.narrow().is_none_or(|narrow| narrow.scope().writes(name))
    }

    /// Whether a listing tells that an object is there or not.
    pub fn shows(&self, name: &ObjectName) -> bool {
        self.provider.narrow().is_none_or(|narrow| narrow.shows(name))
    }

    /// Whether an object lies where the store refused to be listed, so that nothing says whether it is there.
    pub fn hides(&self, name: &ObjectName) -> bool {
        self.provider.narrow().is_some_and(|narrow| narrow.hides(name))
    }

    /// Folders that the store refused to list so far.
    pub fn unlisted(&self) -> BTreeSet<String> {
        self.provider.narrow().map(|narrow| narrow.unlisted()).unwrap_or_default()
    }
}
