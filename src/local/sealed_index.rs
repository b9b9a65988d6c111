//! A sorted file of many small records that is written once, sealed, and put in its place by a rename; read by as many processes as
//! like, without a lock and in little memory: a binary search over the first key of each block, then one block.
//!
//! ```text
//! magic PKSI, version 1; salt 32
//! blocks    42 records of 48 bytes each, sealed (2032 bytes); the last may hold fewer
//! table     the first 8 bytes of each block's first record, then whatever the writer keeps beside; in sealed parts of 64 KiB
//! tail      records u64, length of the table u64, sealed (32 bytes)
//! ```
//!
//! Blocks, parts and tail are sealed under a key of the file's own salt, each with its number as the nonce (`local_seal::Blocks`); the
//! file's name, which tells of what account it is, is associated data. What was cut, moved, exchanged or changed does not open. An
//! older file put back in its place opens: it is a cache, and its reader looks what it lacks.
//!
//! A million records take 48 MB on the disk and 190 kB of memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::core::codec::clamp_usize;
use crate::core::random::{self, Random};
use crate::core::secret::Secret;
use crate::local::local_seal::Blocks;
use crate::provider::dir::Dir;
use crate::provider::reason::Reason;

/// Bytes of a record: key and value.
pub const RECORD: usize = KEY + VALUE;
/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of a value.
pub const VALUE: usize = 16;

const MAGIC: [u8; 5] = *b"PKSI\x01";
const SALT: usize = 32;
const START: u64 = (MAGIC.len() + SALT) as u64;
const TAG: usize = 16;
/// Records in a block.
const PER_BLOCK: usize = 42;
const BLOCK: usize = PER_BLOCK * RECORD;
const PART: usize = 64 * 1024;
const TAIL: usize = 16;
/// The longest table that is read, in bytes.
const MAX_TABLE: u64 = 1024 * 1024 * 1024;
/// Blocks that are read at once where all are read.
const AT_ONCE: u64 = 32;
/// The number of the tail; no block comes near it.
const LAST: u64 = u64::MAX;

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Writes a file.
pub struct Builder {
    out: BufWriter<File>,
    blocks: Blocks,
    block: Vec<u8>,
    number: u64,
    first: Vec<u8>,
    records: u64,
}

impl Builder {
    /// Begins one in an empty file.
    ///
    /// # Errors
    /// What the disk says, and that there is no randomness.
    pub fn new(file: File, key: &Secret<32>, name: &[u8], random: &dyn Random) -> io::Result<Self> {
        let salt: [u8; SALT] = random::bytes(random).map_err(|_| Reason::NoRandomness {})?;
        let mut out = BufWriter::with_capacity(PART, file);
        out.write_all(&MAGIC)?;
        out.write_all(&salt)?;
        let blocks = Blocks::new(key, &salt, name);
        Ok(Self { out, blocks, block: Vec::with_capacity(BLOCK + TAG), number: 0, first: Vec::new(), records: 0 })
    }

    /// Adds a record; none comes before the last one.
    pub fn push(&mut self, record: &[u8; RECORD]) -> io::Result<()> {
        if self.block.is_empty() {
            self.first.extend_from_slice(&record[..8]);
        }
        self.block.extend_from_slice(record);
        self.records += 1;
        if self.block.len() == BLOCK { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> io::Result<()> {
        let mut block = std::mem::take(&mut self.block);
        self.write(self.number, &mut block)?;
        self.number += 1;
        block.clear();
        self.block = block;
        Ok(())
    }

    fn write(&mut self, number: u64, block: &mut Vec<u8>) -> io::Result<()> {
        self.blocks.seal(number, block).map_err(io::Error::other)?;
        self.out.write_all(block)
    }

    /// Ends it, with what is kept beside the records.
    pub fn finish(mut self, beside: &[u8]) -> io::Result<File> {
        if !self.block.is_empty() {
            self.close()?;
        }
        let mut table = std::mem::take(&mut self.first);
        table.extend_from_slice(beside);
        for (part, number) in table.chunks(PART).zip(self.number..) {
            self.write(number, &mut part.to_vec())?;
        }
        let mut tail = [self.records.to_le_bytes(), (table.len() as u64).to_le_bytes()].concat();
        self.write(LAST, &mut tail)?;
        self.out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// Puts what `build` writes in the place of the file at `path`: whole and durable, or not at all.
pub fn publish(path: &Path, build: impl FnOnce(File) -> io::Result<File>) -> io::Result<()> {
    let temp = path.with_extension("new");
    let _ = fs::remove_file(&temp);
    let made = create(&temp).and_then(build).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&temp, path));
    if made.is_err() {
        let _ = fs::remove_file(&temp);
    }
    made?;
    path.parent().map_or(Ok(()), |folder| Dir::at(folder)?.sync())
}

fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().create_new(true).read(true).write(true).mode(0o600).open(path)
}

/// An empty file without a name, in the folder for temporary files: it is gone with whoever holds it.
pub fn nameless(random: &dyn Random) -> io::Result<File> {
    let number: [u8; 8] = random::bytes(random).map_err(|_| Reason::NoRandomness {})?;
    let path = std::env::temp_dir().join(format!(".printkeep-{:016x}", u64::from_le_bytes(number)));
    let file = create(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// A file that is open for reading; it stays what it is when another takes its place.
pub struct SealedIndex {
    file: File,
    blocks: Blocks,
    first: Vec<u64>,
    records: u64,
}

impl SealedIndex {
    /// Opens a file, and gives what is kept beside its records.
    ///
    /// # Errors
    /// What the disk says; `InvalidData` where it is damaged, cut, or of another name or key.
    pub fn open(file: File, key: &Secret<32>, name: &[u8]) -> io::Result<(Self, Vec<u8>)> {
        let length = file.metadata()?.len();
        let mut head = [0; MAGIC.len() + SALT];
        let tail_at = length.checked_sub((TAIL + TAG) as u64).ok_or_else(|| broken("it is cut"))?;
        file.read_exact_at(&mut head, 0)?;
        let (magic, salt) = head.split_first_chunk::<5>().ok_or_else(|| broken("it is cut"))?;
        let salt: &[u8; SALT] = salt.try_into().map_err(|_| broken("it is cut"))?;
        if *magic != MAGIC {
            return Err(broken("it is no index of this version"));
        }
        let mut this = Self { blocks: Blocks::new(key, salt, name), file, first: Vec::new(), records: 0 };
        let tail = this.read(LAST, tail_at, TAIL)?;
        let number = |at: usize| tail.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        let (records, table) = (number(0), number(8));
        this.records = records;
        let parts = table.div_ceil(PART as u64);
        let sealed =
            records.checked_mul(RECORD as u64).and_then(|n| n.checked_add(START + (this.block_count() + parts) * TAG as u64));
        if table > MAX_TABLE || sealed.and_then(|n| n.checked_add(table)) != Some(tail_at) {
            return Err(broken("it is cut"));
        }
        let table = this.table(table)?;
        let (first, beside) = table
            .split_at_checked(usize::try_from(this.block_count() * 8).unwrap_or(usize::MAX))
            .ok_or_else(|| broken("it is cut"))?;
        this.first = first.as_chunks::<8>().0.iter().map(|first| u64::from_be_bytes(*first)).collect();
        Ok((this, beside.to_vec()))
    }

    fn table(&self, length: u64) -> io::Result<Vec<u8>> {
        let mut table = Vec::new();
        let mut at = START + self.records * RECORD as u64 + self.block_count() * TAG as u64;
        for number in self.block_count().. {
            let part = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(table.len()).min(PART);
            if part == 0 {
                break;
            }
            table.extend(self.read(number, at, part)?);
            at += (part + TAG) as u64;
        }
        Ok(table)
    }

    fn block_count(&self) -> u64 {
        self.records.div_ceil(PER_BLOCK as u64)
    }

    fn read(&self, number: u64, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut sealed = vec![0; length + TAG];
        self.file.read_exact_at(&mut sealed, at)?;
        self.blocks.open(number, &sealed).ok_or_else(|| broken("a block of it is damaged"))
    }

    fn block(&self, number: u64) -> io::Result<Vec<u8>> {
        let records = (self.records - number * PER_BLOCK as u64).min(PER_BLOCK as u64);
        self.read(number, START + number * (BLOCK + TAG) as u64, clamp_usize(records).saturating_mul(RECORD))
    }

    /// How many records it holds.
    pub fn len(&self) -> u64 {
        self.records
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Gives the values of every record with this key, in their order.
    pub fn find(&self, key: &[u8; KEY], each: &mut dyn FnMut(&[u8; VALUE])) -> io::Result<()> {
        let prefix = key.first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first));
        let after = self.first.partition_point(|first| *first < prefix);
        for number in after.saturating_sub(1)..self.first.len() {
            if self.first[number] > prefix {
                break;
            }
            let block = self.block(number as u64)?;
            let records = block.as_chunks::<RECORD>().0;
            let from = records.partition_point(|record| record[..KEY] < key[..]);
            for record in records[from..].iter().take_while(|record| record[..KEY] == key[..]) {
                record.last_chunk::<VALUE>().into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }

    /// Every record in order.
    pub fn records(&self) -> Records<'_> {
        Records { index: self, number: 0, read: Vec::new().into_iter() }
    }
}

/// Reads a file from its first record to its last.
pub struct Records<'a> {
    index: &'a SealedIndex,
    number: u64,
    read: std::vec::IntoIter<[u8; RECORD]>,
}

impl Records<'_> {
    fn more(&mut self) -> io::Result<()> {
        let mut records = Vec::new();
        let end = self.index.block_count().min(self.number + AT_ONCE);
        for number in self.number..end {
            records.extend_from_slice(self.index.block(number)?.as_chunks::<RECORD>().0);
        }
        self.number = end;
        self.read = records.into_iter();
        Ok(())
    }
}

impl Iterator for Records<'_> {
    type Item = io::Result<[u8; RECORD]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.as_slice().is_empty()
            && self.number < self.index.block_count()
            && let Err(error) = self.more()
        {
            self.number = self.index.block_count();
            return Some(Err(error));
        }
        self.read.next().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn key() -> Secret<32> {
        Secret::random(&Counting::new(8)).unwrap()
    }

    /// Keys of which many share their first 8 bytes and some are the same.
    fn record(n: u32) -> [u8; RECORD] {
        let mut record = [0; RECORD];
        record[6..10].copy_from_slice(&(n / 3).to_be_bytes());
        record[44..].copy_from_slice(&n.to_be_bytes());
        record
    }

    fn made(path: &Path, count: u32) {
        publish(path, |file| {
            let mut builder = Builder::new(file, &key(), b"name", &Counting::new(1))?;
            (0..count).try_for_each(|n| builder.push(&record(n)))?;
            builder.finish(b"beside")
        })
        .unwrap();
    }

    fn open(path: &Path) -> io::Result<(SealedIndex, Vec<u8>)> {
        SealedIndex::open(File::open(path)?, &key(), b"name")
    }

    #[test]
    fn every_record_is_found_whatever_their_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        for count in [0, 1, 41, 42, 43, 84, 5000, 200_001] {
            made(&path, count);
            let (index, beside) = open(&path).unwrap();
            assert_eq!((index.len(), beside.as_slice()), (u64::from(count), &b"beside"[..]));
            assert!(index.records().map(Result::unwrap).eq((0..count).map(record)), "{count}");
            for n in (0..count + 3).step_by(if count > 1000 { 997 } else { 1 }) {
                let mut found = Vec::new();
                let wanted = record(n);
                index.find(wanted.first_chunk().unwrap(), &mut |value| found.push(*value)).unwrap();
                let expected: Vec<_> =
                    (0..count).skip((n / 3 * 3) as usize).take(3).map(record).filter(|r| r[..32] == wanted[..32]).collect();
                assert!(found.iter().eq(expected.iter().map(|r| r.last_chunk::<VALUE>().unwrap())), "{n} of {count}");
            }
        }
    }

    #[test]
    fn what_was_cut_or_changed_or_is_of_another_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        made(&path, 200);
        let good = fs::read(&path).unwrap();
        assert!(!good.windows(6).any(|w| w == b"beside"));
        for cut in 0..good.len() {
            fs::write(&path, &good[..cut]).unwrap();
            assert!(open(&path).is_err(), "{cut}");
        }
        for at in (0..good.len()).step_by(11) {
            let mut bytes = good.clone();
            bytes[at] ^= 4;
            fs::write(&path, &bytes).unwrap();
            let read = open(&path).and_then(|(index, _)| index.records().collect::<io::Result<Vec<_>>>());
            assert!(read.is_err(), "{at}");
        }
        fs::write(&path, &good).unwrap();
        assert!(SealedIndex::open(File::open(&path).unwrap(), &key(), b"other").is_err());
        assert!(SealedIndex::open(File::open(&path).unwrap(), &Secret::random(&Counting::new(9)).unwrap(), b"name").is_err());
    }

    #[test]
    fn whoever_reads_goes_on_reading_what_it_opened_when_another_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        made(&path, 100);
        let (index, _) = open(&path).unwrap();
        made(&path, 3);
        assert_eq!(index.records().count(), 100);
        assert_eq!(open(&path).unwrap().0.len(), 3);
        let file = nameless(&Counting::new(4)).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert!(publish(&folder.path().join("none/x"), Ok).is_err());
    }
}
