//! Letters sent from here: what they are, where they went, and what is to become of them; sealed under a key of this device.
//!
//! Plaintext: 1; then to the end, per letter: id 16, receiver 16, name (bytes), size (varint), time (`i64`), state 1, parts: count
//! (varint), id 16 each; stores: count (varint), name (bytes) and whether it is whole there 1 each.

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::letter::{MAX_NAME, MAX_PARTS};
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::random::Random;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::{EngineError, Misuse};
use crate::local::home::{read_small, write_private};
use crate::local::local_seal;

/// The most letters that wait to be taken.
const MOST: usize = 1000;
/// The largest file, in bytes.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// The most stores of a letter: as many as the settings take.
const MAX_STORES: usize = 64;

/// What is to become of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// It is being written; a run that finds it so takes it back.
    Unfinished = 1,
    /// It waits for a store, or for its device to take it.
    Queued = 2,
    /// Its device took it; what is left of it is removed.
    Taken = 3,
    /// The owner took it back; it is removed everywhere.
    Cancelled = 4,
}

/// A letter sent from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: ObjectId,
    /// Whom it is for.
    pub to: DeviceId,
    /// The file's name.
    pub name: Vec<u8>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was sent, in seconds since 1970.
    pub time: i64,
    /// What is to become of it.
    pub state: State,
    /// The ids of its parts.
    pub parts: Vec<ObjectId>,
    /// Stores it went to, and whether it is whole there.
    pub stores: Vec<(String, bool)>,
}

impl Sent {
    /// The object that tells of it.
    pub fn name(&self) -> ObjectName {
        ObjectName::Letter(self.to, self.id)
    }

    /// Its objects, in the order they are sent.
    pub fn objects(&self) -> impl Iterator<Item = ObjectName> + '_ {
        self.parts.iter().map(|id| ObjectName::Letter(self.to, *id)).chain([self.name()])
    }

    /// Whether it went to a store, and whole.
    pub fn whole_in(&self, store: &str) -> Option<bool> {
        self.stores.iter().find(|(name, _)| name == store).map(|(_, whole)| *whole)
    }

    /// Remembers that it goes, or went, to a store.
    pub fn went_to(&mut self, store: &str, whole: bool) {
        self.left(store);
        self.stores.push((store.to_owned(), whole));
    }

    /// Remembers that nothing of it is in a store.
    pub fn left(&mut self, store: &str) {
        self.stores.retain(|(name, _)| name != store);
    }
}

/// The letters sent from here.
#[derive(Default)]
pub struct Outbox {
    /// Oldest first.
    pub entries: Vec<Sent>,
}

impl Outbox {
    /// Reads it.
    pub fn load(account: &Account) -> Result<Self, EngineError> {
        let path = account.folder().join("outbox.sealed");
        let Some(sealed) = read_small(&path, MAX_FILE)? else { return Ok(Self::default()) };
        let opened = local_seal::open(&account.local_key(b"outbox"), b"outbox", &sealed);
        let entries = opened
            .and_then(|bytes| decode(&bytes).ok())
            .ok_or_else(|| EngineError::Damaged { what: OwnFile::At(path.clone()), why: Damage::Outbox })?;
        Ok(Self { entries })
    }

    /// Adds a letter.
    pub fn push(&mut self, entry: Sent) -> Result<(), EngineError> {
        if self.entries.len() >= MOST {
            return Err(EngineError::Usage(Misuse::LettersWait(MOST)));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Writes it, whole or not at all.
    pub fn save(&self, account: &AccountWriter, random: &dyn Random) -> Result<(), EngineError> {
        let sealed = local_seal::seal(&account.local_key(b"outbox"), b"outbox", &self.encode(), random)?;
        Ok(write_private(&account.folder().join("outbox.sealed"), &sealed)?)
    }

    /// Removes from the vault what no longer needs to lie there, and forgets what is done; gives what was forgotten.
    /// `stores` are all that are configured.
    pub fn settle(&mut self, account: &AccountWriter, stores: &[String]) -> Result<Vec<Sent>, EngineError> {
        let mut done = Vec::new();
        for entry in &self.entries {
            let everywhere = !stores.is_empty() && stores.iter().all(|store| entry.whole_in(store) == Some(true));
            let over = matches!(entry.state, State::Cancelled | State::Taken);
            if over || (entry.state == State::Queued && everywhere) {
                let objects: Vec<_> = entry.objects().collect();
                objects.iter().rev().try_for_each(|name| account.vault_writer().remove_now(name)).map_err(in_vault)?;
            }
            // a store that is no longer configured is no longer ours to clean
            let anywhere = entry.stores.iter().any(|(name, _)| stores.is_empty() || stores.contains(name));
            if over && !anywhere {
                done.push(entry.clone());
            }
        }
        self.entries.retain(|entry| !done.iter().any(|done| done.id == entry.id));
        Ok(done)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(1);
        for entry in &self.entries {
            out.raw(entry.id.as_bytes());
            out.raw(entry.to.as_bytes());
            out.bytes(&entry.name);
            out.varint(entry.size);
            out.raw(&entry.time.to_le_bytes());
            out.u8(entry.state as u8);
            out.varint(entry.parts.len() as u64);
            entry.parts.iter().for_each(|id| out.raw(id.as_bytes()));
            out.varint(entry.stores.len() as u64);
            for (name, whole) in &entry.stores {
                out.bytes(name.as_bytes());
                out.u8((*whole).into());
            }
        }
        out.into_vec()
    }
}

fn decode(bytes: &[u8]) -> Result<Vec<Sent>, Bad> {
    let mut input = Reader::new(bytes);
    if input.u8()? != 1 {
        return Err(Bad("it was made by a later version"));
    }
    let mut entries = Vec::new();
    while !input.is_empty() {
        if entries.len() >= MOST {
            return Err(Bad("more letters than may wait"));
        }
        entries.push(entry(&mut input)?);
    }
    Ok(entries)
}

fn entry(input: &mut Reader<'_>) -> Result<Sent, Bad> {
    let (id, to) = (ObjectId::from_bytes(input.array()?), DeviceId::from_bytes(input.array()?));
    let (name, size) = (input.bytes(MAX_NAME)?.to_vec(), input.varint()?);
    let time = i64::from_le_bytes(input.array()?);
    let state = match input.u8()? {
        1 => State::Unfinished,
        2 => State::Queued,
        3 => State::Taken,
        4 => State::Cancelled,
        _ => return Err(Bad("a letter of an unknown state")),
    };
    let count = input.count(MAX_PARTS)?;
    let parts = (0..count).map(|_| input.array().map(ObjectId::from_bytes)).collect::<Result<_, _>>()?;
    let count = input.count(MAX_STORES)?;
    let mut stores = Vec::new();
    for _ in 0..count {
        let name = std::str::from_utf8(input.bytes(64)?).map_err(|_| Bad("a store's name is not UTF-8"))?;
        stores.push((name.to_owned(), input.u8()? != 0));
    }
    Ok(Sent { id, to, name, size, time, state, parts, stores })
}
