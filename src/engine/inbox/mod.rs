//! The post: files that the unlocked owner sends to one device, and what arrives in the folder that a device's owner allowed.
//!
//! Letters are no part of a backup: `sync` leaves them alone, only the sender carries them to a store and only the receiver
//! takes them out of it. Parts go before the object that tells of them, so that whoever finds that finds a whole letter.

mod outbox;
mod receive;
mod waiting;

pub use outbox::{Outbox, Sent, State};
pub use receive::{Arrival, Inbox, receive};
pub use waiting::Waiting;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::core::keys::Keyring;
use crate::core::letter::{self, Letter, MAX_PARTS, Part, PartRef};
use crate::core::name::{DeviceId, ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::Sealed;
use crate::engine::account::Account;
use crate::engine::error::in_vault;
use crate::engine::repository::remote::Remote;
use crate::engine::{Cancel, EngineError, Event, OnEvent};
use crate::local::home::DiskError;
use crate::provider::ProviderError;

/// Bytes of a part as this version sends it: half of what is allowed, so that a small printer takes it with 24 MiB.
const PART: usize = 4 * 1024 * 1024;

/// Letters older than this, in seconds, are shown as old.
pub const OLD: i64 = 30 * 24 * 3600;

/// What is to be sent.
pub struct Request<'a> {
    /// Whom to.
    pub to: DeviceId,
    /// The file.
    pub file: &'a Path,
    /// What the clock says, in seconds since 1970.
    pub time: i64,
}

/// Seals a file into a letter that waits in the vault for the next `sync`; gives its id.
pub fn send(
    account: &Account,
    keyring: &Keyring,
    request: &Request<'_>,
    random: &dyn Random,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<ObjectId, EngineError> {
    let mut outbox = Outbox::load(account)?;
    // what a killed run left half-written is taken back
    outbox.entries.iter_mut().filter(|e| e.state == State::Unfinished).for_each(|e| e.state = State::Cancelled);
    outbox.settle(account, &[])?;
    let (mut file, about) = open(request.file)?;
    let parts = about.len().div_ceil(PART as u64);
    if parts > MAX_PARTS as u64 {
        return Err(EngineError::Usage(format!("{} is too large for a letter", request.file.display())));
    }
    let id = ObjectId::random(random)?;
    let link = keyring.link(&request.to);
    let name = request.file.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let ids: Vec<_> = (0..parts as u32).map(|n| letter::part_id(&link, &id, n)).collect();
    let (to, time, size) = (request.to, request.time, about.len());
    outbox.push(Sent { id, to, name: name.clone(), size, time, state: State::Unfinished, parts: ids, stores: Vec::new() })?;
    outbox.save(account, random)?;
    on_event(Event::Total { files: 1, bytes: size });
    let seal = || -> Result<(), EngineError> {
        let (parts, hash) = put_parts(account, keyring, &mut file, id, request, size, random, on_event, cancel)?;
        let mtime = (about.mtime(), about.mtime_nsec() as u32);
        let mode = about.mode() & 0o7777;
        let letter = Letter { to, from: account.device.id, time, size, mode, mtime, hash, name, parts };
        let sealed = letter.seal(id, keyring, &account.device.keys, random)?;
        account.vault.put_now(&sealed).map(|_| ()).map_err(in_vault)
    };
    let done = seal();
    if let Some(entry) = outbox.entries.iter_mut().find(|entry| entry.id == id) {
        entry.state = if done.is_ok() { State::Queued } else { State::Cancelled };
    }
    if done.is_err() {
        outbox.settle(account, &[])?;
    }
    outbox.save(account, random)?;
    done.map(|()| id)
}

fn open(path: &Path) -> Result<(File, std::fs::Metadata), EngineError> {
    let about = std::fs::metadata(path).map_err(DiskError::at("read", path))?;
    if !about.is_file() {
        return Err(EngineError::Usage(format!("{} is no file; a letter carries one file", path.display())));
    }
    let file = File::open(path).map_err(DiskError::at("read", path))?;
    let about = file.metadata().map_err(DiskError::at("read", path))?;
    Ok((file, about))
}

#[allow(clippy::too_many_arguments)]
fn put_parts(
    account: &Account,
    keyring: &Keyring,
    file: &mut File,
    id: ObjectId,
    request: &Request<'_>,
    size: u64,
    random: &dyn Random,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(Vec<PartRef>, [u8; 32]), EngineError> {
    let changed = || EngineError::Usage(format!("{} changed while it was read; send it again", request.file.display()));
    let (mut parts, mut hasher, mut left) = (Vec::new(), blake3::Hasher::new(), size);
    let mut buffer = zeroize::Zeroizing::new(vec![0; PART.min(size as usize)]);
    while left > 0 {
        cancel.check()?;
        let length = PART.min(usize::try_from(left).unwrap_or(PART));
        let bytes = &mut buffer[..length];
        file.read_exact(bytes).map_err(|_| changed())?;
        hasher.update(bytes);
        let part = Part { to: request.to, letter: id, number: parts.len() as u32, bytes };
        let sealed = part.seal(keyring, &account.device.keys, random)?;
        account.vault.put_now(&sealed).map_err(in_vault)?;
        parts.push(PartRef { hash: sealed.hash(), length: length as u32 });
        left -= length as u64;
        on_event(Event::Bytes(length as u64));
    }
    if file.read(&mut [0]).map_err(|_| changed())? > 0 {
        return Err(changed());
    }
    Ok((parts, *hasher.finalize().as_bytes()))
}

/// What carrying letters to a store did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Letters that are there whole now.
    pub sent: Vec<Sent>,
    /// Letters that were there and are no longer: their device took them.
    pub taken: Vec<Sent>,
    /// Letters that were taken back.
    pub cancelled: Vec<Sent>,
    /// What could not be done, in words.
    pub failed: Vec<String>,
}

/// The names of letters that a store holds.
pub fn held(remote: &Remote) -> Result<BTreeSet<ObjectName>, EngineError> {
    let listed = remote.list_in(&["inbox"]).map_err(|error| remote.lost(error))?;
    Ok(listed.into_keys().collect())
}

/// Carries waiting letters to a store, and notices those that were taken. `stores` are all that are configured.
pub fn carry(
    account: &Account,
    remote: &Remote,
    stores: &[String],
    there: &BTreeSet<ObjectName>,
    random: &dyn Random,
    cancel: &Cancel,
) -> Result<Carried, EngineError> {
    // what a device may neither write nor list is not judged by its absence: the letters wait for another store
    if remote.only_writes() {
        return Ok(Carried::default());
    }
    let (mut outbox, store) = (Outbox::load(account)?, remote.name());
    let mut carried = Carried::default();
    for at in 0..outbox.entries.len() {
        cancel.check()?;
        let whole = outbox.entries[at].whole_in(store);
        match (outbox.entries[at].state, whole) {
            (State::Queued, Some(true)) if !there.contains(&outbox.entries[at].name()) => {
                outbox.entries[at].state = State::Taken;
                carried.taken.push(outbox.entries[at].clone());
                // parts that the device may not remove are left to the owner of the store
                let _ = take_back(remote, &outbox.entries[at], there);
                outbox.entries[at].left(store);
            }
            (State::Queued, Some(true)) => {}
            (State::Queued, _) => {
                // remembered first, so that taking it back finds what a killed run sent
                outbox.entries[at].went_to(store, false);
                outbox.save(account, random)?;
                match put_all(account, remote, &outbox.entries[at], there, cancel) {
                    Ok(()) => {
                        outbox.entries[at].went_to(store, true);
                        carried.sent.push(outbox.entries[at].clone());
                    }
                    Err(
                        error @ (EngineError::Object { .. }
                        | EngineError::Vault(ProviderError::Missing)
                        | EngineError::Place { error: ProviderError::Missing, .. }),
                    ) => {
                        carried.failed.push(format!("the letter {} cannot be sent: {error}", outbox.entries[at].id));
                    }
                    Err(error) => return Err(error),
                }
            }
            (State::Unfinished, _) => {}
            (State::Cancelled | State::Taken, None) => {}
            (State::Cancelled | State::Taken, Some(_)) => {
                let entry = &outbox.entries[at];
                match take_back(remote, entry, there) {
                    Err(error) if entry.state == State::Cancelled => {
                        carried.failed.push(format!("the letter {} cannot be taken back from {store}: {error}", entry.id));
                    }
                    _ => outbox.entries[at].left(store),
                }
            }
        }
    }
    let settled = outbox.settle(account, stores)?;
    carried.cancelled = settled.into_iter().filter(|entry| entry.state == State::Cancelled).collect();
    outbox.save(account, random)?;
    Ok(carried)
}

fn put_all(
    account: &Account,
    remote: &Remote,
    entry: &Sent,
    there: &BTreeSet<ObjectName>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    for name in entry.objects() {
        cancel.check()?;
        if there.contains(&name) {
            continue;
        }
        let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
        let sealed = Sealed::recognise(account.id(), name, bytes, None).map_err(|why| EngineError::Object { name, why })?;
        remote.put(&sealed).map_err(|error| remote.lost(error))?;
    }
    Ok(())
}

/// Removes a letter from a store: what tells of it first, so that nobody finds half of it.
fn take_back(remote: &Remote, entry: &Sent, there: &BTreeSet<ObjectName>) -> Result<(), ProviderError> {
    let objects: Vec<_> = entry.objects().filter(|name| there.contains(name)).collect();
    objects.iter().rev().try_for_each(|name| remote.remove(name))
}

/// Takes a letter back that was not taken yet; what went to a store is removed there by the next `sync`.
pub fn cancel(account: &Account, wanted: &str, random: &dyn Random) -> Result<Sent, EngineError> {
    let mut outbox = Outbox::load(account)?;
    let found: Vec<_> = outbox.entries.iter_mut().filter(|e| e.id.to_string().starts_with(wanted)).collect();
    let [entry] = <[_; 1]>::try_from(found).map_err(|found| {
        let what = if found.is_empty() { "no letter" } else { "more than one letter" };
        EngineError::Usage(format!("{what} that was sent from here has an id that begins with {wanted:?}"))
    })?;
    entry.state = State::Cancelled;
    let entry = entry.clone();
    outbox.save(account, random)?;
    outbox.settle(account, &[])?;
    outbox.save(account, random)?;
    Ok(entry)
}
