//! Local state: a cache of files, chunks and packs that may vanish, behind one small trait.
//!
//! Truth is elsewhere (sealed objects and the journal), so whatever is wrong with a database, an error, a panic, a stamp of
//! another account or format, a key it was not sealed under, has one answer: it is set aside and an empty one takes its place, by
//! itself. Only a disk that gives no empty one is an error.
//!
//! Keys are keyed hashes (BLAKE3) of table and key, and values are sealed (`store::local_seal::Values`) under a key of the
//! database's own salt. An old value put back in its own place is not noticed: what a cache says is checked by those who use it.
//!
//! The database keeps, under 33 zero bytes, its header: version 1, salt 32, and sealed: stamp 32, size in bytes when it was last
//! weighed (`u64`). Databases never shrink by themselves: one that doubled since then is weighed when it is opened, and begun anew
//! when it is larger than four times what lives in it.
//!
//! One process owns a database: whoever opens one takes the lock beside its folder first. One that another process owns is in use,
//! which is no damage, and is left as it is.

mod folder;
mod grow;
mod guard;
mod header;
mod redb;
mod sled;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use guard::Guarded;
pub use guard::is_guarding;
use header::Keys;

use crate::core::random::{NoRandomness, Random};
use crate::core::secret::Secret;
use crate::local::lock_file::LockFile;
use crate::local::os_random::SystemRandom;
use crate::provider::reason::Reason;

/// Changes in one batch: more make sled take gigabytes.
const BATCH: usize = 100;
/// The largest value, in bytes.
pub const MAX_VALUE: usize = 4096;
/// The longest key that a backend sees: a first byte and a hash.
const KEY_LEN: usize = 33;
/// The first byte of the key of a file as it was read.
const FILES: u8 = 1;

/// What keeps the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// sled 0.34, for PCs; a database that outgrows it goes on in redb, because sled keeps about 300 bytes of memory for each key.
    Sled,
    /// redb 4: memory that does not grow with the keys, less disk; for small printers.
    Redb,
}

/// A key, and the value it gets or loses.
type RawChange = ([u8; KEY_LEN], Option<Vec<u8>>);

/// Looks at a raw key and value.
type Visitor<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// A database of short keys and values; see the module for what may be expected of it. After an error it is asked nothing more.
trait CacheStore: Send + Sync {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, CacheError>;
    /// Makes at most `BATCH` changes, all or none; seen at once, durable after `barrier`.
    fn apply(&self, changes: &[RawChange]) -> Result<(), CacheError>;
    /// Gives every key and value whose key begins with `first`, until told to stop.
    fn for_each(&self, first: u8, f: Visitor<'_>) -> Result<(), CacheError>;
    /// What was applied before survives a power cut.
    fn barrier(&self) -> Result<(), CacheError>;
}

/// Why local state cannot be used now. Whoever gets `Database`, `Strange`, `Panicked`, `Failed`, `Damaged`, `Foreign` or `Bloated` closes
/// it, sets it aside and opens an empty one; the others are for the caller (`InUse`, `TooLarge`) or the owner (`Folder`, `NoEmpty`, `Randomness`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheError {
    /// Another process owns it.
    InUse,
    /// The database, in its own words.
    Database(String),
    /// The database's code panicked.
    Panicked,
    /// It failed before and is asked nothing more.
    Failed,
    /// A value that does not open.
    Damaged,
    /// Of another account, device or version.
    Foreign,
    /// More than four times as large as what lives in it.
    Bloated,
    /// A value over the size limit.
    TooLarge,
    /// What lies in its place is no folder.
    NoFolder(PathBuf),
    /// What lies there is no database, and would not be read as one.
    Strange(PathBuf),
    /// The disk failed; where, and what the system says.
    Folder(PathBuf, Reason),
    /// No empty one can be made there; why.
    NoEmpty(PathBuf, Box<Self>),
    /// The system gives no random bytes.
    Randomness,
}

impl std::fmt::Display for CacheError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse => f.write_str("another printkeep uses it"),
            Self::Database(what) => write!(f, "the database failed: {what}"),
            Self::Panicked => f.write_str("the database failed: it is damaged in a way that it does not expect"),
            Self::Failed => f.write_str("the database failed before"),
            Self::Damaged => f.write_str("a value is damaged, or sealed under another key"),
            Self::Foreign => f.write_str("it is of another account, device or version"),
            Self::Bloated => f.write_str("it had grown to more than four times what lives in it"),
            Self::TooLarge => write!(f, "a value is over its limit of {MAX_VALUE} bytes"),
            Self::NoFolder(path) => write!(f, "{} is not a folder", path.display()),
            Self::Strange(path) => write!(f, "{} is neither a file nor a folder of a database", path.display()),
            Self::Folder(path, why) => write!(f, "{}: {why}", path.display()),
            Self::NoEmpty(path, why) => write!(f, "cannot make an empty database in {}: {why}", path.display()),
            Self::Randomness => NoRandomness.fmt(f),
        }
    }
}

impl std::error::Error for CacheError {}

impl From<NoRandomness> for CacheError {
    fn from(_: NoRandomness) -> Self {
        Self::Randomness
    }
}

/// A value to put, or a key to forget.
#[derive(Clone)]
pub struct Change {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Change {
    /// Puts a value of at most [`MAX_VALUE`] bytes.
    pub fn put(key: &[u8], value: Vec<u8>) -> Self {
        Self { key: key.to_vec(), value: Some(value) }
    }

    /// Forgets a key.
    pub fn forget(key: &[u8]) -> Self {
        Self { key: key.to_vec(), value: None }
    }

    /// The value it puts.
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }
}

/// Keys are names of files, which are personal.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").finish_non_exhaustive()
    }
}

/// Local state that is open.
pub struct Opened {
    /// It.
    pub state: Cache,
    /// Why the one before was set aside, if it was.
    pub rebuilt: Option<CacheError>,
}

/// Local state; see the module.
pub struct Cache {
    place: Place,
    inner: RwLock<Inner>,
    random: Box<dyn Random>,
    // let go of after the database was closed
    owner: LockFile,
}

/// Where a database lies and what it must answer to.
struct Place {
    folder: PathBuf,
    backend: Backend,
    local_key: Secret<32>,
    stamp: [u8; 32],
}

/// A database and the keys of its salt.
struct Inner {
    store: Guarded,
    keys: Keys,
    /// What keeps it now.
    backend: Backend,
    /// Keys put since it was last weighed.
    put: AtomicUsize,
}

impl Cache {
    /// Opens the database in `folder`. One that does not open, or bears another stamp, is set aside and an empty one made; only
    /// when that fails is it an error.
    pub fn open(
        folder: &Path,
        backend: Backend,
        local_key: &Secret<32>,
        stamp: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Opened, CacheError> {
        let local_key = Secret::filled_by(|to| to.copy_from_slice(local_key.expose()));
        let place = Place { folder: folder.to_owned(), backend, local_key, stamp: *stamp };
        let owner = folder::own(folder)?;
        let (inner, rebuilt) = match place.open(random) {
            Ok(inner) => (inner, None),
            Err(why @ (CacheError::InUse | CacheError::Folder(..) | CacheError::Randomness)) => return Err(why),
            Err(why) => {
                folder::set_aside(folder, &owner)?;
                (place.make(random)?, Some(why))
            }
        };
        let state = Self { place, inner: RwLock::new(inner), random: Box::new(SystemRandom::new()), owner };
        Ok(Opened { state, rebuilt })
    }

    fn inner(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, CacheError> {
        let inner = self.inner();
        let raw = inner.keys.raw_key(key);
        inner.store.get(&raw)?.map(|sealed| inner.keys.open_value(&raw, &sealed)).transpose()
    }

    /// Makes changes, in batches of 100 that are whole or not at all.
    pub fn apply(&self, changes: &[Change]) -> Result<(), CacheError> {
        if changes.iter().filter_map(Change::value).any(|value| value.len() > MAX_VALUE) {
            return Err(CacheError::TooLarge);
        }
        let inner = self.inner();
        for batch in changes.chunks(BATCH) {
            let raw = |change: &Change| {
                let key = inner.keys.raw_key(&change.key);
                let value = change.value().map(|value| inner.keys.seal(&key, value, &*self.random)).transpose()?;
                Ok((key, value))
            };
            inner.store.apply(&batch.iter().map(raw).collect::<Result<Vec<_>, CacheError>>()?)?;
        }
        let outgrown = inner.has_outgrown(&self.place, changes.len());
        drop(inner);
        if outgrown { self.grow() } else { Ok(()) }
    }

    /// Moves on to the database whose memory does not grow with its keys.
    fn grow(&self) -> Result<(), CacheError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.backend == Backend::Sled {
            *inner = grow::moved(&self.place, &mut inner, &*self.random)?;
        }
        Ok(())
    }

    /// Gives every value, in no order.
    pub fn for_each(&self, f: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), CacheError> {
        let inner = self.inner();
        let mut failed = None;
        inner.store.for_each(FILES, &mut |key, sealed| match inner.keys.open_value(key, sealed) {
            Ok(value) => f(&value),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// What was applied before survives a power cut.
    pub fn barrier(&self) -> Result<(), CacheError> {
        self.inner().store.barrier()
    }

    /// Begins anew: an empty database with a new salt, in the room of the old one.
    pub fn clear(&self) -> Result<(), CacheError> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.store.close();
        *inner = self.place.make(&*self.random)?;
        Ok(())
    }

    /// Bytes it takes on the disk.
    pub fn len_on_disk(&self) -> u64 {
        folder::weigh(&self.place.folder)
    }

    /// Closes it and sets it aside.
    pub fn set_aside(self) -> Result<(), CacheError> {
        let Self { place, inner, owner, .. } = self;
        drop(inner);
        folder::set_aside(&place.folder, &owner)
    }
}

/// Sets a database aside that this process has closed; one that another process owns is left as it is.
pub fn set_aside(folder: &Path) -> Result<(), CacheError> {
    folder::set_aside(folder, &folder::own(folder)?)
}

fn open_store(folder: &Path, backend: Backend) -> Result<Guarded, CacheError> {
    Guarded::open(|| {
        Ok(match backend {
            Backend::Sled => Box::new(sled::Sled::open(folder)?),
            Backend::Redb => Box::new(redb::Redb::open(folder)?),
        })
    })
}

impl Place {
    fn open(&self, random: &dyn Random) -> Result<Inner, CacheError> {
        folder::make(&self.folder)?;
        // a database that has grown stays where it is
        let backend = if redb::is_in(&self.folder) { Backend::Redb } else { self.backend };
        let store = open_store(&self.folder, backend)?;
        let keys = Keys::open(&store, self, backend, random)?;
        Ok(Inner { store, keys, backend, put: AtomicUsize::new(0) })
    }

    /// An empty database. On a full disk the one that was set aside gives its room.
    fn make(&self, random: &dyn Random) -> Result<Inner, CacheError> {
        let fresh = || {
            folder::remove(&self.folder)?;
            self.open(random)
        };
        let made = fresh().or_else(|_| {
            folder::forget_set_aside(&self.folder)?;
            fresh()
        });
        made.map_err(|why| match why {
            CacheError::Folder(..) | CacheError::Randomness => why,
            why => CacheError::NoEmpty(self.folder.clone(), Box::new(why)),
        })
    }
}
