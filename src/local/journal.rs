//! The journal: small typed records, appended, sealed, chained and synced; what no vault can give back.
//!
//! File: magic `PKJL`, version 1; then frames. A frame is a head of 8 bytes, the length of its body (`u32`) and a check (`u32`:
//! the first 4 bytes of keyed BLAKE3 of the chain, the length and, in an epoch, the salt), then the body.
//! - Length `0xffff_ffff`: an epoch begins; its body is a salt (32). The key of its records is HKDF-SHA256 of the journal's key
//!   with the salt; records count from 0 in each epoch. Every process that writes begins an epoch, so that a record written again
//!   after a torn one never meets the same key and nonce.
//! - Otherwise: a record; its body is kind 1 and bytes, sealed with AES-256-GCM; nonce: 4 zero bytes and the record's number
//!   (`u64`, big endian); associated data: the chain.
//!
//! The chain is BLAKE3 of everything in the file before the frame, so that a record that was removed, swapped, repeated or changed
//! breaks every record after it.
//!
//! What a power cut leaves of the last append is told from damage so: a head or body that the file does not hold whole, or one
//! that is wrong with nothing but zeros behind it, is a torn tail, which is dropped and reported; anything else is damage, and
//! nothing is dropped. A torn tail was never acknowledged, unless the disk itself rotted in the last record; whoever opens the
//! journal is told, and treats consent as not given.
//!
//! Several processes append to one journal in turn, each while it holds the lock of whoever owns the journal: it takes over first
//! what others appended ([`Journal::catch_up`]), and begins an epoch of its own behind them. Compaction puts another file in the
//! place of this one, which shows by its inode: it is read whole then.
//!
//! Limits: records of 64 KiB, files of 64 MiB.

pub use crate::local::journal_error::JournalError;

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::core::codec::{clamp_u32, clamp_usize};
use crate::core::keys::derive;
use crate::core::random::{self, Random};
use crate::core::secret::Secret;
use crate::local::home::{read_small, write_private};
use crate::provider::dir::Dir;
use crate::provider::regular_file;

/// The longest record, in bytes.
pub const MAX_RECORD: usize = 64 * 1024;
/// The longest journal, in bytes.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;

const MAGIC: [u8; 5] = *b"PKJL\x01";
const EPOCH: u32 = u32::MAX;
const HEAD: usize = 8;
const SALT: usize = 32;
const TAG: usize = 16;
/// How often, and how long apart, a journal is read again that seems damaged while another process may be writing it.
const LOOKS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(25);

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is, as its writer numbers kinds.
    pub kind: u8,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// What opening a journal found besides its records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes of a torn last append that were dropped.
    pub dropped: u64,
}

/// What others wrote since this process last read.
#[derive(Debug, Default)]
pub struct Tail {
    /// Their records; every record where the file is another.
    pub records: Vec<Record>,
    /// Whether another file took the journal's place, so that `records` is all there is.
    pub replaced: bool,
    /// Bytes of a torn last append that were dropped.
    pub dropped: u64,
}

/// The cipher of an epoch, and the number of its next record.
type Epoch = (Aes256Gcm, u64);

/// A journal that is open for appending.
pub struct Journal {
    path: PathBuf,
    key: Secret<32>,
    file: File,
    chain: blake3::Hasher,
    /// The epoch that the file ends in.
    epoch: Option<Epoch>,
    /// Whether this process began it, and so may append to it.
    own: bool,
    salt: [u8; SALT],
    length: u64,
    closed: bool,
}

impl Journal {
    /// Opens or makes a journal, and gives its records. The caller holds the account's lock.
    pub fn open(path: &Path, key: &Secret<32>, random: &dyn Random) -> Result<(Self, Vec<Record>, Recovery), JournalError> {
        let disk = |error| JournalError::Disk(path.to_owned(), error);
        if !path.exists() {
            write_private(path, &MAGIC).map_err(|error| disk(error.source))?;
        }
        let mut file = regular_file::open_with(path, OpenOptions::new().read(true).write(true)).map_err(disk)?;
        if file.metadata().map_err(disk)?.len() > MAX_FILE {
            return Err(JournalError::TooLarge(path.to_owned()));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let damaged = |at: usize| JournalError::Damaged { path: path.to_owned(), at: at as u64 };
        let Whole { records, good, epoch } = read_whole(&bytes, key).map_err(damaged)?;
        let recovery = Recovery { dropped: (bytes.len() - good) as u64 };
        if recovery.dropped > 0 {
            file.set_len(good as u64).and_then(|()| file.sync_all()).map_err(disk)?;
        }
        file.seek(SeekFrom::Start(good as u64)).map_err(disk)?;
        let mut chain = blake3::Hasher::new();
        chain.update(&bytes[..good]);
        let salt = random::bytes(random).map_err(|_| JournalError::Randomness)?;
        let key = Secret::filled_by(|to| to.copy_from_slice(key.expose()));
        let journal =
            Self { path: path.to_owned(), key, file, chain, epoch, own: false, salt, length: good as u64, closed: false };
        Ok((journal, records, recovery))
    }

    /// Takes over what other processes wrote since; the caller holds the account's lock until it has appended its own.
    pub fn catch_up(&mut self, random: &dyn Random) -> Result<Tail, JournalError> {
        let disk = |error| JournalError::Disk(self.path.clone(), error);
        if self.closed {
            return Err(JournalError::Closed(self.path.clone()));
        }
        let (here, there) = (self.file.metadata().map_err(disk)?, std::fs::metadata(&self.path).map_err(disk)?);
        if (here.dev(), here.ino()) != (there.dev(), there.ino()) {
            let (journal, records, recovery) = Self::open(&self.path, &self.key, random)?;
            *self = journal;
            return Ok(Tail { records, replaced: true, dropped: recovery.dropped });
        }
        if here.len() == self.length {
            return Ok(Tail::default());
        }
        let damaged = |at: u64| JournalError::Damaged { path: self.path.clone(), at };
        // what was acknowledged is gone
        let more = here.len().checked_sub(self.length).ok_or_else(|| damaged(here.len()))?;
        if here.len() > MAX_FILE {
            return Err(JournalError::TooLarge(self.path.clone()));
        }
        let mut bytes = vec![0; clamp_usize(more)];
        self.file.read_exact_at(&mut bytes, self.length).map_err(disk)?;
        // another may have gone on with an epoch whose beginning was read before
        let read = read_on(&bytes, &self.key, &mut self.chain, &mut self.epoch);
        let (records, good) = read.map_err(|at| damaged(self.length + at as u64))?;
        let dropped = (bytes.len() - good) as u64;
        self.length += good as u64;
        let cut = if dropped > 0 { self.file.set_len(self.length).and_then(|()| self.file.sync_all()) } else { Ok(()) };
        cut.and_then(|()| self.file.seek(SeekFrom::Start(self.length))).map_err(|e| JournalError::Disk(self.path.clone(), e))?;
        // behind the epoch of another, records of the own one would not open
        self.own = false;
        self.salt = random::bytes(random).map_err(|_| JournalError::Randomness)?;
        Ok(Tail { records, replaced: false, dropped })
    }

    /// The records of a journal that another process may be appending to, and whether its end is torn and stays so: what is not whole
    /// yet is left out, and nothing is written.
    pub fn read_only(path: &Path, key: &Secret<32>) -> Result<(Vec<Record>, bool), JournalError> {
        let damaged = |at| JournalError::Damaged { path: path.to_owned(), at: at as u64 };
        let attempt = || {
            let bytes = read_small(path, MAX_FILE).map_err(|e| JournalError::Disk(path.to_owned(), e.source))?;
            let bytes = bytes.ok_or_else(|| damaged(0))?;
            read(&bytes, key).map(|(records, good)| (records, good < bytes.len())).map_err(damaged)
        };
        // reading beside a process that writes may give some of its bytes and not others, or what it cuts off just then: damaged or torn
        // is only what stays so
        for _ in 0..LOOKS {
            match attempt() {
                Ok((_, true)) | Err(JournalError::Damaged { .. }) => std::thread::sleep(PAUSE),
                looked => return looked,
            }
        }
        attempt()
    }

    /// Appends a record; it is on the disk when this returns. After a failure the journal takes no more records.
    pub fn append(&mut self, kind: u8, bytes: &[u8]) -> Result<(), JournalError> {
        if self.closed {
            return Err(JournalError::Closed(self.path.clone()));
        }
        if bytes.len() > MAX_RECORD || self.length + (bytes.len() + 256) as u64 > MAX_FILE {
            return Err(JournalError::TooLarge(self.path.clone()));
        }
        let mut frames = Vec::new();
        let (cipher, number) = match self.epoch.take().filter(|_| self.own) {
            Some(epoch) => epoch,
            None => {
                self.frame(&mut frames, EPOCH, &self.salt.clone());
                (cipher(&self.key, &self.salt), 0)
            }
        };
        let plain = [&[kind], bytes].concat();
        let chain = *self.chain.finalize().as_bytes();
        let sealed =
            cipher.encrypt(&nonce(number), Payload { msg: &plain, aad: &chain }).map_err(|_| JournalError::Randomness)?;
        self.frame(&mut frames, clamp_u32(sealed.len()), &sealed);
        // until the disk has it, what lies there is unknown
        self.closed = true;
        self.file
            .write_all(&frames)
            .and_then(|()| self.file.sync_data())
            .map_err(|e| JournalError::Disk(self.path.clone(), e))?;
        self.closed = false;
        self.length += frames.len() as u64;
        (self.epoch, self.own) = (Some((cipher, number + 1)), true);
        Ok(())
    }

    /// How long it is now, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The chain: BLAKE3 of everything in it.
    pub fn chain(&self) -> [u8; 32] {
        *self.chain.finalize().as_bytes()
    }

    fn frame(&mut self, out: &mut Vec<u8>, length: u32, body: &[u8]) {
        let head = head(&self.key, self.chain.finalize().as_bytes(), length, body);
        self.chain.update(&head).update(body);
        out.extend_from_slice(&head);
        out.extend_from_slice(body);
    }

    /// Writes a new journal of just these records in the place of this one: whole, or not at all.
    pub fn rewrite(self, records: &[Record], random: &dyn Random) -> Result<Self, JournalError> {
        let temp = self.path.with_extension("compact");
        let _ = std::fs::remove_file(&temp);
        let (mut new, _, _) = Self::open(&temp, &self.key, random)?;
        for record in records {
            new.append(record.kind, &record.bytes)?;
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let moved = std::fs::rename(&temp, &self.path).and_then(|()| Dir::at(folder)?.sync());
        moved.map_err(|e| JournalError::Disk(self.path.clone(), e))?;
        new.path = self.path;
        Ok(new)
    }
}

fn cipher(key: &Secret<32>, salt: &[u8]) -> Aes256Gcm {
    let key: Secret<32> = derive(key.expose(), salt, &[b"printkeep/1 journal"]);
    Aes256Gcm::new(key.expose().into())
}

fn nonce(number: u64) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn head(key: &Secret<32>, chain: &[u8; 32], length: u32, body: &[u8]) -> [u8; HEAD] {
    let mut hasher = blake3::Hasher::new_keyed(key.expose());
    hasher.update(chain).update(&length.to_le_bytes());
    if length == EPOCH {
        hasher.update(body);
    }
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..].copy_from_slice(&hasher.finalize().as_bytes()[..4]);
    head
}

/// The records of a journal and how many of its bytes are good; or the byte at which it is damaged. Pure, for the fuzzer.
pub fn read(bytes: &[u8], key: &Secret<32>) -> Result<(Vec<Record>, usize), usize> {
    read_whole(bytes, key).map(|whole| (whole.records, whole.good))
}

/// What a whole journal gives.
struct Whole {
    records: Vec<Record>,
    /// How many bytes are good.
    good: usize,
    /// The epoch they end in.
    epoch: Option<Epoch>,
}

fn read_whole(bytes: &[u8], key: &Secret<32>) -> Result<Whole, usize> {
    let frames = bytes.strip_prefix(&MAGIC).ok_or(0usize)?;
    let mut chain = blake3::Hasher::new();
    chain.update(&MAGIC);
    let mut epoch = None;
    let (records, good) = read_on(frames, key, &mut chain, &mut epoch).map_err(|at| MAGIC.len() + at)?;
    Ok(Whole { records, good: MAGIC.len() + good, epoch })
}

/// The records of the frames that follow on `chain` and `epoch`, and how many bytes of them are good, which both have gone over then;
/// or the byte at which they are damaged.
fn read_on(
    bytes: &[u8],
    key: &Secret<32>,
    chain: &mut blake3::Hasher,
    epoch: &mut Option<Epoch>,
) -> Result<(Vec<Record>, usize), usize> {
    let (mut records, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let link = *chain.finalize().as_bytes();
        let torn = |end: usize| rest.get(end..).is_none_or(|after| after.iter().all(|b| *b == 0));
        let Some((found, after)) = rest.split_first_chunk::<HEAD>() else { return Ok((records, at)) };
        let length = u32::from_le_bytes([found[0], found[1], found[2], found[3]]);
        let size = if length == EPOCH { SALT } else { length as usize };
        let body = after.get(..size);
        let expected = match (length, body) {
            (EPOCH, None) => return Ok((records, at)),
            (_, body) => head(key, &link, length, body.unwrap_or_default()),
        };
        if *found != expected || size > MAX_RECORD + 1 + TAG {
            let end = if length == EPOCH { HEAD + SALT } else { HEAD };
            return if torn(end) { Ok((records, at)) } else { Err(at) };
        }
        let Some(body) = body else { return Ok((records, at)) };
        if length == EPOCH {
            *epoch = Some((cipher(key, body), 0));
        } else {
            let Some((cipher, number)) = epoch.as_mut() else { return Err(at) };
            let opened = cipher.decrypt(&nonce(*number), Payload { msg: body, aad: &link });
            match opened.ok().as_deref().and_then(<[u8]>::split_first) {
                Some((kind, bytes)) => records.push(Record { kind: *kind, bytes: bytes.to_vec() }),
                None if torn(HEAD + size) => return Ok((records, at)),
                None => return Err(at),
            }
            *number += 1;
        }
        chain.update(found).update(body);
        at += HEAD + size;
    }
    Ok((records, at))
}

#[cfg(test)]
mod tests;
