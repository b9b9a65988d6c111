//! The post: files that the unlocked owner sends to one device, and what arrives in the folder that a device's owner allowed.
//!
//! Letters are no part of a backup: `sync` leaves them alone, only the sender carries them to a store and only the receiver
//! takes them out of it. Parts go before the object that tells of them, so that whoever finds that finds a whole letter.

mod carry;
mod outbox;
mod receive;
mod waiting;

pub use carry::{Carried, NotCarried, carry, held};
pub use outbox::{Outbox, Sent, State};
pub use receive::{Arrival, Inbox, Stays, receive};
pub use waiting::Waiting;

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::core::codec::{clamp_u32, clamp_usize};
use crate::core::keys::Keyring;
use crate::core::letter::{self, Letter, MAX_PARTS, Part, PartRef};
use crate::core::name::{DeviceId, ObjectId};
use crate::core::random::Random;
use crate::engine::account::AccountWriter;
use crate::engine::error::in_vault;
use crate::engine::{EngineError, Event, Job, Misuse};
use crate::local::home::DiskError;
use crate::provider::regular_file;

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
}

/// Seals a file into a letter that waits in the vault for the next `sync`; gives its id.
pub fn send(account: &AccountWriter, keyring: &Keyring, request: &Request<'_>, job: Job<'_>) -> Result<ObjectId, EngineError> {
    let mut outbox = Outbox::load(account)?;
    // what a killed run left half-written is taken back
    outbox.entries.iter_mut().filter(|e| e.state == State::Unfinished).for_each(|e| e.state = State::Cancelled);
    outbox.settle(account, &[])?;
    let (mut file, about) = open(request.file)?;
    let parts = u32::try_from(about.len().div_ceil(PART as u64)).ok().filter(|parts| *parts as usize <= MAX_PARTS);
    let parts = parts.ok_or_else(|| EngineError::Usage(Misuse::LargeLetter(request.file.to_owned())))?;
    let id = ObjectId::random(job.random)?;
    let link = keyring.link(&request.to);
    let name = request.file.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let ids: Vec<_> = (0..parts).map(|n| letter::part_id(&link, &id, n)).collect();
    let (to, time, size) = (request.to, job.now(), about.len());
    outbox.push(Sent { id, to, name: name.clone(), size, time, state: State::Unfinished, parts: ids, stores: Vec::new() })?;
    outbox.save(account, job.random)?;
    job.tell(Event::Total { files: 1, bytes: size });
    let seal = || -> Result<(), EngineError> {
        let (parts, hash) = Letters { account, keyring, request, job }.put_parts(id, &mut file, size)?;
        let mtime = (about.mtime(), u32::try_from(about.mtime_nsec()).unwrap_or(0));
        let mode = about.mode() & 0o7777;
        let letter = Letter { to, from: account.device.id, time, size, mode, mtime, hash, name, parts };
        let sealed = letter.seal(id, keyring, &account.device.keys, job.random)?;
        account.vault_writer().put_now(&sealed).map(|_| ()).map_err(in_vault)
    };
    let done = seal();
    if let Some(entry) = outbox.entries.iter_mut().find(|entry| entry.id == id) {
        entry.state = if done.is_ok() { State::Queued } else { State::Cancelled };
    }
    if done.is_err() {
        outbox.settle(account, &[])?;
    }
    outbox.save(account, job.random)?;
    done.map(|()| id)
}

fn open(path: &Path) -> Result<(File, std::fs::Metadata), EngineError> {
    let about = std::fs::metadata(path).map_err(DiskError::at("read", path))?;
    if !about.is_file() {
        return Err(EngineError::Usage(Misuse::NoFile(path.to_owned())));
    }
    let file = regular_file::open_followed(path).map_err(DiskError::at("read", path))?;
    let about = file.metadata().map_err(DiskError::at("read", path))?;
    Ok((file, about))
}

/// What a letter is sealed with.
struct Letters<'a> {
    account: &'a AccountWriter,
    keyring: &'a Keyring,
    request: &'a Request<'a>,
    job: Job<'a>,
}

impl Letters<'_> {
    /// Seals so many bytes of a file into parts; gives them and the hash of the whole.
    fn put_parts(&self, id: ObjectId, file: &mut File, size: u64) -> Result<(Vec<PartRef>, [u8; 32]), EngineError> {
        let Self { account, keyring, request, job } = self;
        let changed = || EngineError::Usage(Misuse::Changed(request.file.to_owned()));
        let (mut parts, mut hasher, mut left) = (Vec::new(), blake3::Hasher::new(), size);
        let mut buffer = zeroize::Zeroizing::new(vec![0; PART.min(clamp_usize(size))]);
        while left > 0 {
            job.check()?;
            let length = PART.min(clamp_usize(left));
            let bytes = &mut buffer[..length];
            file.read_exact(bytes).map_err(|_| changed())?;
            hasher.update(bytes);
            let part = Part { to: request.to, letter: id, number: clamp_u32(parts.len()), bytes };
            let sealed = part.seal(keyring, &account.device.keys, job.random)?;
            account.vault_writer().put_now(&sealed).map_err(in_vault)?;
            parts.push(PartRef { hash: sealed.hash(), length: clamp_u32(length) });
            left -= length as u64;
            job.tell(Event::Bytes(length as u64));
        }
        if file.read(&mut [0]).map_err(|_| changed())? > 0 {
            return Err(changed());
        }
        Ok((parts, *hasher.finalize().as_bytes()))
    }
}

/// Takes a letter back that was not taken yet; what went to a store is removed there by the next `sync`.
pub fn cancel(account: &AccountWriter, wanted: &str, random: &dyn Random) -> Result<Sent, EngineError> {
    let mut outbox = Outbox::load(account)?;
    let found: Vec<_> = outbox.entries.iter_mut().filter(|e| e.id.to_string().starts_with(wanted)).collect();
    let [entry] = <[_; 1]>::try_from(found).map_err(|found| {
        let which = if found.is_empty() { Misuse::NoLetter } else { Misuse::WhichLetter };
        EngineError::Usage(which(wanted.to_owned()))
    })?;
    entry.state = State::Cancelled;
    let entry = entry.clone();
    outbox.save(account, random)?;
    outbox.settle(account, &[])?;
    outbox.save(account, random)?;
    Ok(entry)
}
