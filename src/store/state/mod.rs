//! Local state: a cache of files, chunks and packs that may vanish, behind one small trait.
//!
//! Truth is elsewhere (sealed objects and the journal), so whatever is wrong with a database, an error, a panic, a stamp of
//! another account or format, has one answer: it is set aside and an empty one takes its place, by itself.
//!
//! Keys are keyed hashes (BLAKE3) and values are sealed (AES-256-GCM) under a key of the database's own salt; nonces are random, so
//! that a database may hold 2³² writes before chance matters, and a new one has a new salt.
//!
//! The caller holds the account's lock: two processes never open one database.

mod redb;
mod sled;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::core::keys::derive;
use crate::core::random::{self, NoRandomness, Random};
use crate::core::secret::Secret;
use crate::store::entropy::SystemRandom;

/// Changes in one batch: more make sled take gigabytes.
const BATCH: usize = 100;
/// The largest value, in bytes.
pub const MAX_VALUE: usize = 4096;
/// The longest key that a backend sees: table and hash.
const KEY_LEN: usize = 33;
/// Under which a database keeps its stamp and salt.
const HEADER: [u8; KEY_LEN] = [0; KEY_LEN];

/// What a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// Files as they were read.
    Files = 1,
    /// Where chunks lie.
    Chunks = 2,
    /// Packs by their ordinal.
    Packs = 3,
}

/// What keeps the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// sled 0.34: fast reads; for PCs.
    Sled,
    /// redb 4: less memory and disk; for small printers.
    Redb,
}

/// A key, and the value it gets or loses.
type RawChange = ([u8; KEY_LEN], Option<Vec<u8>>);

/// Looks at a raw key and value.
type Look<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// A database of short keys and values; see the module for what may be expected of it.
trait StateStore: Send + Sync {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, StateError>;
    fn apply(&self, changes: &[RawChange]) -> Result<(), StateError>;
    fn for_each(&self, table: u8, f: Look<'_>) -> Result<(), StateError>;
    /// What was applied before survives a power cut.
    fn barrier(&self) -> Result<(), StateError>;
    fn clear(&self) -> Result<(), StateError>;
}

/// Why local state cannot be used now; running again sets it aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// The database, in its own words.
    Database(String),
    /// A value that does not open.
    Damaged,
    /// A value over the size limit.
    TooLarge,
    /// No folder for it can be made; what, in words.
    Folder(String),
    /// The system gives no random bytes.
    Randomness,
}

impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(what) => write!(f, "the database failed: {what}"),
            Self::Damaged => f.write_str("a value is damaged"),
            Self::TooLarge => f.write_str("a value is too large"),
            Self::Folder(what) => f.write_str(what),
            Self::Randomness => NoRandomness.fmt(f),
        }
    }
}

impl std::error::Error for StateError {}

impl From<NoRandomness> for StateError {
    fn from(_: NoRandomness) -> Self {
        Self::Randomness
    }
}

/// A value to put, or a key to forget.
#[derive(Debug, Clone)]
pub struct Change {
    table: Table,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Change {
    /// Puts a value of at most [`MAX_VALUE`] bytes.
    pub fn put(table: Table, key: &[u8], value: Vec<u8>) -> Self {
        Self { table, key: key.to_vec(), value: Some(value) }
    }

    /// Forgets a key.
    pub fn forget(table: Table, key: &[u8]) -> Self {
        Self { table, key: key.to_vec(), value: None }
    }

    /// The value it puts.
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }
}

/// Local state that is open.
pub struct Opened {
    /// It.
    pub state: State,
    /// Why the one before was set aside, if it was.
    pub rebuilt: Option<String>,
}

/// Local state; see the module.
pub struct State {
    store: Box<dyn StateStore>,
    stamp: [u8; 32],
    names: Secret<32>,
    key: LessSafeKey,
    random: SystemRandom,
}

impl State {
    /// Opens the database in `folder`. One that does not open, or bears another stamp, is set aside and an empty one made; only
    /// when that fails is it an error.
    pub fn open(
        folder: &Path,
        backend: Backend,
        local_key: &Secret<32>,
        stamp: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Opened, StateError> {
        let mut whole = blake3::Hasher::new();
        whole.update(b"printkeep/1 state").update(&[backend as u8]).update(stamp);
        let stamp = *whole.finalize().as_bytes();
        match Self::try_open(folder, backend, local_key, &stamp, random) {
            Ok(state) => Ok(Opened { state, rebuilt: None }),
            Err(why @ (StateError::Folder(_) | StateError::Randomness)) => Err(why),
            Err(why) => {
                set_aside(folder)?;
                let state = Self::try_open(folder, backend, local_key, &stamp, random)?;
                Ok(Opened { state, rebuilt: Some(why.to_string()) })
            }
        }
    }

    fn try_open(
        folder: &Path,
        backend: Backend,
        local_key: &Secret<32>,
        stamp: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Self, StateError> {
        std::fs::create_dir_all(folder).map_err(|e| StateError::Folder(format!("cannot make {}: {e}", folder.display())))?;
        // both databases panic on some damaged files
        let opened = catch_unwind(AssertUnwindSafe(|| -> Result<Box<dyn StateStore>, StateError> {
            Ok(match backend {
                Backend::Sled => Box::new(sled::Sled::open(folder)?),
                Backend::Redb => Box::new(redb::Redb::open(folder)?),
            })
        }));
        let store = opened.unwrap_or_else(|_| Err(StateError::Database("it panicked while it was opened".into())))?;
        let salt = match store.get(&HEADER)? {
            Some(header) => match header.split_first_chunk::<32>() {
                Some((found, salt)) if found == stamp && salt.len() == 32 => salt.to_vec(),
                _ => return Err(StateError::Database("it is of another account, device or version".into())),
            },
            None => {
                let salt: [u8; 32] = random::bytes(random)?;
                store.apply(&[(HEADER, Some([stamp.as_slice(), &salt].concat()))])?;
                salt.to_vec()
            }
        };
        let names = derive(local_key.expose(), &salt, &[b"printkeep/1 state names"]);
        let key: Secret<32> = derive(local_key.expose(), &salt, &[b"printkeep/1 state values"]);
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| StateError::Damaged)?;
        Ok(Self { store, stamp: *stamp, names, key: LessSafeKey::new(key), random: SystemRandom::new() })
    }

    fn raw_key(&self, table: Table, key: &[u8]) -> [u8; KEY_LEN] {
        let mut raw = [table as u8; KEY_LEN];
        raw[1..].copy_from_slice(blake3::keyed_hash(self.names.expose(), key).as_bytes());
        raw
    }

    fn seal(&self, raw_key: &[u8; KEY_LEN], value: &[u8]) -> Result<Vec<u8>, StateError> {
        if value.len() > MAX_VALUE {
            return Err(StateError::TooLarge);
        }
        let nonce: [u8; NONCE_LEN] = random::bytes(&self.random)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + value.len() + 16);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(value);
        let tag = self.key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(raw_key),
            &mut sealed[NONCE_LEN..],
        );
        sealed.extend_from_slice(tag.map_err(|_| StateError::Damaged)?.as_ref());
        Ok(sealed)
    }

    fn unseal(&self, raw_key: &[u8], mut sealed: Vec<u8>) -> Result<Vec<u8>, StateError> {
        let nonce = *sealed.first_chunk::<NONCE_LEN>().ok_or(StateError::Damaged)?;
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(raw_key), &mut sealed[NONCE_LEN..]);
        let length = opened.map_err(|_| StateError::Damaged)?.len();
        sealed.copy_within(NONCE_LEN..NONCE_LEN + length, 0);
        sealed.truncate(length);
        Ok(sealed)
    }

    /// The value of a key.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let raw = self.raw_key(table, key);
        self.store.get(&raw)?.map(|sealed| self.unseal(&raw, sealed)).transpose()
    }

    /// Makes changes, in batches that are whole or not at all.
    pub fn apply(&self, changes: &[Change]) -> Result<(), StateError> {
        for batch in changes.chunks(BATCH) {
            let raw = |change: &Change| {
                let key = self.raw_key(change.table, &change.key);
                let value = change.value.as_ref().map(|value| self.seal(&key, value)).transpose()?;
                Ok((key, value))
            };
            self.store.apply(&batch.iter().map(raw).collect::<Result<Vec<_>, StateError>>()?)?;
        }
        Ok(())
    }

    /// Gives every value of a table, in no order.
    pub fn for_each(&self, table: Table, f: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), StateError> {
        let mut failed = None;
        self.store.for_each(table as u8, &mut |key, sealed| match self.unseal(key, sealed.to_vec()) {
            Ok(value) => f(&value),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// What was applied before survives a power cut.
    pub fn barrier(&self) -> Result<(), StateError> {
        self.store.barrier()
    }

    /// Forgets everything but the stamp.
    pub fn clear(&self) -> Result<(), StateError> {
        let header = self.store.get(&HEADER)?;
        self.store.clear()?;
        debug_assert!(header.as_deref().is_some_and(|header| header.starts_with(&self.stamp)));
        self.store.apply(&[(HEADER, header)])
    }
}

/// Moves a database that cannot be used out of the way; one is kept, for whoever wants to know why.
pub fn set_aside(folder: &Path) -> Result<(), StateError> {
    let mut to = folder.as_os_str().to_owned();
    to.push(".set-aside");
    let to = PathBuf::from(to);
    let moved = std::fs::remove_dir_all(&to)
        .or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
        .and_then(|()| std::fs::rename(folder, &to));
    moved.map_err(|error| StateError::Folder(format!("cannot set {} aside: {error}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    const BACKENDS: [Backend; 2] = [Backend::Sled, Backend::Redb];

    fn key() -> Secret<32> {
        Secret::random(&Counting::new(1)).unwrap()
    }

    fn open(folder: &Path, backend: Backend, stamp: u8) -> Opened {
        State::open(folder, backend, &key(), &[stamp; 32], &Counting::new(2)).unwrap()
    }

    #[test]
    fn values_come_back_after_reopening() {
        for backend in BACKENDS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            {
                let Opened { state, rebuilt } = open(&path, backend, 1);
                assert_eq!(rebuilt, None);
                let changes: Vec<_> =
                    (0..250u32).map(|n| Change::put(Table::Packs, &n.to_le_bytes(), n.to_le_bytes().to_vec())).collect();
                state.apply(&changes).unwrap();
                state
                    .apply(&[
                        Change::put(Table::Files, b"name", b"value".to_vec()),
                        Change::forget(Table::Packs, &7u32.to_le_bytes()),
                    ])
                    .unwrap();
                state.barrier().unwrap();
            }
            let Opened { state, rebuilt } = open(&path, backend, 1);
            assert_eq!(rebuilt, None, "{backend:?}");
            assert_eq!(state.get(Table::Files, b"name").unwrap().as_deref(), Some(&b"value"[..]));
            assert_eq!(state.get(Table::Chunks, b"name").unwrap(), None);
            let mut count = 0;
            state
                .for_each(Table::Packs, &mut |_| {
                    count += 1;
                    ControlFlow::Continue(())
                })
                .unwrap();
            assert_eq!(count, 249);
            state.clear().unwrap();
            assert_eq!(state.get(Table::Files, b"name").unwrap(), None);
            assert_eq!(state.apply(&[Change::put(Table::Files, b"x", vec![0; MAX_VALUE + 1])]), Err(StateError::TooLarge));
        }
    }

    /// Whatever stands where the database should be, an empty one opens, and the reason is told.
    #[test]
    fn a_state_that_cannot_be_used_is_set_aside() {
        for backend in BACKENDS {
            let damages: [&dyn Fn(&Path); 4] = [
                &|path| garble(path, |bytes| bytes.fill(0xa5)),
                &|path| garble(path, |bytes| bytes.truncate(bytes.len() / 3)),
                &|path| {
                    std::fs::remove_dir_all(path).unwrap();
                    std::fs::write(path, "a file").unwrap();
                },
                &|path| std::fs::remove_dir_all(path).unwrap(),
            ];
            for (number, damage) in damages.iter().enumerate() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("state");
                let state = open(&path, backend, 1).state;
                state.apply(&[Change::put(Table::Files, b"name", b"value".to_vec())]).unwrap();
                state.barrier().unwrap();
                drop(state);
                damage(&path);
                match State::open(&path, backend, &key(), &[1; 32], &Counting::new(3)) {
                    Ok(opened) => {
                        let got = opened.state.get(Table::Files, b"name");
                        assert!(matches!(got, Ok(None) | Err(_)), "{backend:?} {number}: {got:?}");
                    }
                    Err(error) => assert!(number == 2, "{backend:?} {number}: {error}"),
                }
            }
        }
    }

    #[test]
    fn a_state_of_another_account_or_key_is_never_read() {
        for backend in BACKENDS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            open(&path, backend, 1).state.apply(&[Change::put(Table::Files, b"name", b"canary".to_vec())]).unwrap();
            let other = open(&path, backend, 2);
            assert!(other.rebuilt.is_some_and(|why| why.contains("another account")), "{backend:?}");
            assert!(path.with_extension("set-aside").exists());
        }
    }

    #[test]
    fn nothing_in_the_files_tells_what_is_in_them() {
        for backend in BACKENDS {
            let folder = tempfile::tempdir().unwrap();
            let state = open(folder.path(), backend, 1).state;
            state.apply(&[Change::put(Table::Files, b"canary-name", b"canary-value".to_vec())]).unwrap();
            state.barrier().unwrap();
            drop(state);
            let mut seen = 0;
            each_file(folder.path(), &mut |path| {
                let bytes = std::fs::read(path).unwrap();
                seen += bytes.len();
                assert!(!bytes.windows(6).any(|w| w == b"canary"), "{}", path.display());
            });
            assert!(seen > 0);
        }
    }

    fn garble(path: &Path, change: impl Fn(&mut Vec<u8>)) {
        each_file(path, &mut |file| {
            let mut bytes = std::fs::read(file).unwrap();
            change(&mut bytes);
            std::fs::write(file, bytes).unwrap();
        });
    }

    fn each_file(path: &Path, f: &mut dyn FnMut(&Path)) {
        for entry in std::fs::read_dir(path).unwrap().flatten() {
            if entry.path().is_dir() { each_file(&entry.path(), f) } else { f(&entry.path()) }
        }
    }
}
