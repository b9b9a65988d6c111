//! The journal: small typed records, appended, sealed, chained and synced; the truth that no vault can give back.
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
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::core::keys::derive;
use crate::core::random::{self, Random};
use crate::core::secret::Secret;
use crate::local::home::{read_small, write_private};

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

/// A journal that is open for appending.
pub struct Journal {
    path: PathBuf,
    key: Secret<32>,
    file: File,
    chain: blake3::Hasher,
    epoch: Option<(Aes256Gcm, u64)>,
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
        let mut file = OpenOptions::new().read(true).write(true).mode(0o600).open(path).map_err(disk)?;
        if file.metadata().map_err(disk)?.len() > MAX_FILE {
            return Err(JournalError::TooLarge(path.to_owned()));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let (records, good) = read(&bytes, key).map_err(|at| JournalError::Damaged { path: path.to_owned(), at: at as u64 })?;
        let recovery = Recovery { dropped: (bytes.len() - good) as u64 };
        if recovery.dropped > 0 {
            file.set_len(good as u64).and_then(|()| file.sync_all()).map_err(disk)?;
        }
        file.seek(SeekFrom::Start(good as u64)).map_err(disk)?;
        let mut chain = blake3::Hasher::new();
        chain.update(&bytes[..good]);
        let salt = random::bytes(random).map_err(|_| JournalError::Randomness)?;
        let key = Secret::filled_by(|to| to.copy_from_slice(key.expose()));
        let journal = Self { path: path.to_owned(), key, file, chain, epoch: None, salt, length: good as u64, closed: false };
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
        let mut bytes = vec![0; more as usize];
        self.file.read_exact_at(&mut bytes, self.length).map_err(disk)?;
        let (records, good) = read_on(&bytes, &self.key, &mut self.chain).map_err(|at| damaged(self.length + at as u64))?;
        let dropped = (bytes.len() - good) as u64;
        self.length += good as u64;
        let cut = if dropped > 0 { self.file.set_len(self.length).and_then(|()| self.file.sync_all()) } else { Ok(()) };
        cut.and_then(|()| self.file.seek(SeekFrom::Start(self.length))).map_err(|e| JournalError::Disk(self.path.clone(), e))?;
        // behind the epoch of another, records of the own one would not open
        self.epoch = None;
        self.salt = random::bytes(random).map_err(|_| JournalError::Randomness)?;
        Ok(Tail { records, replaced: false, dropped })
    }

    /// The records of a journal that another process may be appending to: what is not whole yet is left out, and nothing is
    /// written.
    pub fn look(path: &Path, key: &Secret<32>) -> Result<Vec<Record>, JournalError> {
        let damaged = |at| JournalError::Damaged { path: path.to_owned(), at: at as u64 };
        let look = || {
            let bytes = read_small(path, MAX_FILE).map_err(|e| JournalError::Disk(path.to_owned(), e.source))?;
            read(&bytes.ok_or_else(|| damaged(0))?, key).map(|(records, _)| records).map_err(damaged)
        };
        // reading beside a process that writes may give some of its bytes and not others, or what it cuts off just then: damage is
        // only what stays
        for _ in 0..LOOKS {
            match look() {
                Err(JournalError::Damaged { .. }) => std::thread::sleep(PAUSE),
                looked => return looked,
            }
        }
        look()
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
        let (cipher, number) = match self.epoch.take() {
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
        self.frame(&mut frames, sealed.len() as u32, &sealed);
        // until the disk has it, what lies there is unknown
        self.closed = true;
        self.file
            .write_all(&frames)
            .and_then(|()| self.file.sync_data())
            .map_err(|e| JournalError::Disk(self.path.clone(), e))?;
        self.closed = false;
        self.length += frames.len() as u64;
        self.epoch = Some((cipher, number + 1));
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
        let moved = std::fs::rename(&temp, &self.path).and_then(|()| File::open(folder)?.sync_all());
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
    let frames = bytes.strip_prefix(&MAGIC).ok_or(0usize)?;
    let mut chain = blake3::Hasher::new();
    chain.update(&MAGIC);
    let (records, good) = read_on(frames, key, &mut chain).map_err(|at| MAGIC.len() + at)?;
    Ok((records, MAGIC.len() + good))
}

/// The records of frames that begin an epoch, and how many bytes of them are good, which `chain` has gone over then; or the byte at
/// which they are damaged.
fn read_on(bytes: &[u8], key: &Secret<32>, chain: &mut blake3::Hasher) -> Result<(Vec<Record>, usize), usize> {
    let (mut records, mut at) = (Vec::new(), 0);
    let mut epoch: Option<(Aes256Gcm, u64)> = None;
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
            epoch = Some((cipher(key, body), 0));
        } else {
            let Some((cipher, number)) = &mut epoch else { return Err(at) };
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
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn key() -> Secret<32> {
        Secret::random(&Counting::new(91)).unwrap()
    }

    fn record(n: u8) -> Record {
        Record { kind: n, bytes: vec![n; usize::from(n) * 3] }
    }

    /// A journal of five records in two epochs.
    fn made(folder: &Path) -> PathBuf {
        let path = folder.join("journal");
        for (seed, numbers) in [(1, 1..4u8), (2, 4..6)] {
            let (mut journal, _, _) = Journal::open(&path, &key(), &Counting::new(seed)).unwrap();
            numbers.for_each(|n| journal.append(n, &record(n).bytes).unwrap());
        }
        path
    }

    #[test]
    fn records_come_back_in_order_and_are_not_readable_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path());
        let (mut journal, records, recovery) = Journal::open(&path, &key(), &Counting::new(3)).unwrap();
        assert_eq!((records, recovery), ((1..6).map(record).collect(), Recovery::default()));
        journal.append(9, b"canary").unwrap();
        assert!(!std::fs::read(&path).unwrap().windows(6).any(|w| w == b"canary"));
        assert!(matches!(
            Journal::open(&path, &Secret::random(&Counting::new(4)).unwrap(), &Counting::new(5)),
            Err(JournalError::Damaged { .. })
        ));
    }

    /// A power cut leaves a beginning of the file: what was whole in it comes back, and appending goes on.
    #[test]
    fn every_cut_gives_a_beginning_of_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(made(folder.path())).unwrap();
        let mut most = 0;
        for cut in MAGIC.len()..=whole.len() {
            let (records, good) = read(&whole[..cut], &key()).unwrap();
            assert_eq!(records, (1..=records.len() as u8).map(record).collect::<Vec<_>>());
            assert!(good <= cut && records.len() >= most);
            most = records.len();
            let path = folder.path().join("cut");
            std::fs::write(&path, [&whole[..cut], &[0; 100]].concat()).unwrap();
            let (mut journal, again, _) = Journal::open(&path, &key(), &Counting::new(cut as u64)).unwrap();
            assert_eq!(again.len(), records.len(), "zeros after the cut");
            journal.append(7, b"next").unwrap();
            assert_eq!(Journal::open(&path, &key(), &Counting::new(0)).unwrap().1.len(), records.len() + 1);
        }
    }

    /// A changed byte before the last record is damage, told with its place; in the last record it is a torn tail.
    #[test]
    fn no_change_in_the_middle_is_taken_for_a_torn_tail() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(made(folder.path())).unwrap();
        let last = whole.len() - (1 + record(5).bytes.len() + TAG) - HEAD;
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            match read(&bytes, &key()) {
                Err(damaged) => assert!(damaged <= at, "{at}"),
                Ok((records, good)) => assert!(at >= last && records.len() == 4 && good == last, "{at}"),
            }
        }
    }

    #[test]
    fn records_are_not_removed_swapped_or_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(made(folder.path())).unwrap();
        let mut frames = Vec::new();
        let mut at = MAGIC.len();
        while at < whole.len() {
            let length = u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
            let end = at + HEAD + if length == EPOCH { SALT } else { length as usize };
            frames.push(&whole[at..end]);
            at = end;
        }
        let forge = |order: &[usize]| [&MAGIC[..], &order.iter().flat_map(|i| frames[*i].to_vec()).collect::<Vec<_>>()].concat();
        assert_eq!(read(&forge(&[0, 1, 2, 3, 4, 5, 6]), &key()).unwrap().0.len(), 5);
        for order in [&[0, 2, 3, 4, 5, 6][..], &[0, 2, 1, 3, 4, 5, 6], &[0, 1, 1, 2, 3], &[4, 5, 6], &[0, 1, 2, 4, 5, 6]] {
            assert!(read(&forge(order), &key()).is_err(), "{order:?}");
        }
    }

    #[test]
    fn rewriting_keeps_what_it_is_given_and_appending_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path());
        let (journal, _, _) = Journal::open(&path, &key(), &Counting::new(6)).unwrap();
        let mut journal = journal.rewrite(&[record(2)], &Counting::new(7)).unwrap();
        journal.append(3, &record(3).bytes).unwrap();
        assert_eq!(Journal::open(&path, &key(), &Counting::new(8)).unwrap().1, [record(2), record(3)]);
    }

    /// Two that append in turn read each other's records, across a compaction by either, and a third reads all of them.
    #[test]
    fn those_that_append_in_turn_take_over_what_the_others_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path());
        let (mut one, _, _) = Journal::open(&path, &key(), &Counting::new(11)).unwrap();
        let (mut two, _, _) = Journal::open(&path, &key(), &Counting::new(12)).unwrap();
        let mut seen = Vec::new();
        for round in 0..6u8 {
            let (writer, reader) = if round % 2 == 0 { (&mut one, &mut two) } else { (&mut two, &mut one) };
            for n in 0..=round {
                writer.catch_up(&Counting::new(u64::from(round) + 20)).unwrap();
                writer.append(round, &[n]).unwrap();
            }
            let tail = reader.catch_up(&Counting::new(u64::from(round) + 40)).unwrap();
            assert!(!tail.replaced && tail.dropped == 0);
            assert_eq!(tail.records, (0..=round).map(|n| Record { kind: round, bytes: vec![n] }).collect::<Vec<_>>());
            seen.extend(tail.records);
            assert!(reader.catch_up(&Counting::new(1)).unwrap().records.is_empty());
        }
        let mut two = two.rewrite(&[record(3)], &Counting::new(60)).unwrap();
        two.append(4, b"after").unwrap();
        let tail = one.catch_up(&Counting::new(61)).unwrap();
        assert!(tail.replaced && tail.records.len() == 2);
        one.append(5, b"mine").unwrap();
        assert_eq!(two.catch_up(&Counting::new(62)).unwrap().records, [Record { kind: 5, bytes: b"mine".to_vec() }]);
        assert_eq!(Journal::open(&path, &key(), &Counting::new(63)).unwrap().1.len(), 3);
        assert_eq!(seen.len(), 21);
    }

    /// What a killed process left half-written is dropped by the next that writes, and told.
    #[test]
    fn a_torn_append_of_another_is_dropped_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path());
        let (mut one, _, _) = Journal::open(&path, &key(), &Counting::new(13)).unwrap();
        let before = std::fs::metadata(&path).unwrap().len();
        let (mut two, _, _) = Journal::open(&path, &key(), &Counting::new(14)).unwrap();
        two.append(1, b"half").unwrap();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(before + 30).unwrap();
        let tail = one.catch_up(&Counting::new(15)).unwrap();
        assert_eq!((tail.records.len(), tail.dropped), (0, 30));
        one.append(2, b"next").unwrap();
        assert_eq!(Journal::open(&path, &key(), &Counting::new(16)).unwrap().1.len(), 6);
        // what was acknowledged and is gone is damage
        OpenOptions::new().write(true).open(&path).unwrap().set_len(before - 3).unwrap();
        assert!(matches!(one.catch_up(&Counting::new(17)), Err(JournalError::Damaged { .. })));
    }

    #[test]
    fn a_failed_append_closes_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path());
        let (mut journal, _, _) = Journal::open(&path, &key(), &Counting::new(9)).unwrap();
        journal.file = File::open(&path).unwrap();
        assert!(matches!(journal.append(1, b"x"), Err(JournalError::Disk(..))));
        assert!(matches!(journal.append(1, b"x"), Err(JournalError::Closed(_))));
    }
}
