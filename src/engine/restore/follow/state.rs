//! What following wrote last, path by path: sealed under a key of this device, bounded, and a cache that may vanish (then every
//! file that differs counts as an edit).
//!
//! Plaintext: 1; newest head 32 (zeros for none); then to the end, by path: path (bytes), kind 1, gone 1, version 16, size
//! (varint), keyed BLAKE3 of the content 32.

use std::collections::BTreeMap;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::{ObjectHash, RelPath};
use crate::core::random::Random;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::{EngineError, Misuse};
use crate::local::home::{private_folder, read_small, write_private};
use crate::local::local_seal;

/// It is written after so many changes, and at the end of a round.
pub const SAVE_EVERY: u32 = 64;
/// The most entries that are remembered.
pub const MOST: usize = 200_000;
/// The largest file, in bytes.
const MAX_FILE: usize = 64 * 1024 * 1024;

/// What an entry was when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// It was never written: something of the owner's stood there.
    Nothing = 0,
    /// A file.
    File = 1,
    /// A symbolic link.
    Link = 2,
    /// A folder.
    Folder = 3,
}

/// What is remembered of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which version of it was dealt with last.
    pub version: [u8; 16],
    /// Whether it was deleted there since.
    pub gone: bool,
    /// What was written last.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub size: u64,
    /// Keyed BLAKE3 of its content, or of a link's target.
    pub hash: [u8; 32],
}

/// What was written last.
pub struct FollowState {
    name: String,
    /// The head that the last whole round brought.
    pub newest: Option<ObjectHash>,
    /// Changes since it was saved.
    pub changed: u32,
    entries: BTreeMap<RelPath, (Known, bool)>,
}

impl FollowState {
    /// Reads it; one that is missing or does not open is empty.
    pub fn load(account: &Account, name: &str) -> Result<Self, EngineError> {
        let empty = Self { name: name.to_owned(), newest: None, changed: 0, entries: BTreeMap::new() };
        let Some(sealed) = read_small(&path(account, name), MAX_FILE as u64 + 1024)? else { return Ok(empty) };
        let opened = local_seal::open(&account.local_key(b"follow memory"), name.as_bytes(), &sealed);
        let read = opened.and_then(|bytes| decode(&bytes).ok());
        Ok(read.map_or(empty, |(newest, entries)| Self { name: name.to_owned(), newest, changed: 0, entries }))
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is known of an entry that the snapshot has.
    pub fn see(&mut self, path: &RelPath) -> Option<Known> {
        self.entries.get_mut(path).map(|(known, seen)| {
            *seen = true;
            known.clone()
        })
    }

    /// Remembers an entry; false where there are as many already as can be.
    #[must_use]
    pub fn remember(&mut self, path: &RelPath, known: Known) -> bool {
        if self.entries.len() >= MOST && !self.entries.contains_key(path) {
            return false;
        }
        self.entries.insert(path.clone(), (known, true));
        true
    }

    /// Entries that the snapshot no longer has, each told once.
    pub fn deleted_there(&mut self) -> Vec<RelPath> {
        let mut found = Vec::new();
        for (path, (known, seen)) in &mut self.entries {
            if !*seen && !known.gone {
                known.gone = true;
                if known.kind == EntryKind::File || known.kind == EntryKind::Link {
                    found.push(path.clone());
                }
            }
        }
        found
    }

    /// Writes it, whole or not at all.
    pub fn save(&mut self, account: &AccountWriter, random: &dyn Random) -> Result<(), EngineError> {
        let plain = self.encode();
        if plain.len() > MAX_FILE {
            return Err(EngineError::Usage(Misuse::LongNames));
        }
        let path = path(account, &self.name);
        private_folder(path.parent().unwrap_or(&path))?;
        let sealed = local_seal::seal(&account.local_key(b"follow memory"), self.name.as_bytes(), &plain, random)?;
        write_private(&path, &sealed)?;
        self.changed = 0;
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(1);
        out.raw(self.newest.unwrap_or(ObjectHash::from_bytes([0; 32])).as_bytes());
        for (path, (known, _)) in &self.entries {
            out.bytes(path.as_bytes());
            out.u8(known.kind as u8);
            out.u8(known.gone.into());
            out.raw(&known.version);
            out.varint(known.size);
            out.raw(&known.hash);
        }
        out.into_vec()
    }
}

type Entries = BTreeMap<RelPath, (Known, bool)>;

fn decode(bytes: &[u8]) -> Result<(Option<ObjectHash>, Entries), Bad> {
    let mut input = Reader::new(bytes);
    if input.u8()? != 1 {
        return Err(Bad("it was made by a later version"));
    }
    let newest: [u8; 32] = input.array()?;
    let mut entries = BTreeMap::new();
    while !input.is_empty() {
        let path = RelPath::new(input.bytes(RelPath::MAX)?).ok_or(Bad("a path that could leave its folder"))?;
        let kind = match input.u8()? {
            0 => EntryKind::Nothing,
            1 => EntryKind::File,
            2 => EntryKind::Link,
            3 => EntryKind::Folder,
            _ => return Err(Bad("an entry of an unknown kind")),
        };
        let gone = input.u8()? != 0;
        let known = Known { version: input.array()?, gone, kind, size: input.varint()?, hash: input.array()? };
        entries.insert(path, (known, false));
        if entries.len() > MOST {
            return Err(Bad("more entries than are remembered"));
        }
    }
    Ok(((newest != [0; 32]).then(|| ObjectHash::from_bytes(newest)), entries))
}

fn path(account: &Account, name: &str) -> std::path::PathBuf {
    account.folder().join("follow").join(format!("{name}.sealed"))
}
