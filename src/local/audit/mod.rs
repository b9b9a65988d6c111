//! The audit log: what was done with the account's data, appended, sealed, chained; nothing in it is changed, only whole old files go.
//!
//! ```text
//! audit/<n>.journal   journals (see `local/journal.rs`) under a key of their own; the first record of each is its beginning
//! audit/newest        how far the log reaches, sealed: file, length, chain; written after each entry
//! audit/lock          held while an entry is appended, by any process, for a moment
//! ```
//!
//! A beginning names the file's own number, the file before it with its length and chain, and through which number old files were
//! let go; so a file that was removed, exchanged, moved or cut is found, and named. That the newest file was cut, or everything
//! removed, shows by `newest`, and by the mark of it that the account's journal keeps from the last run. A torn tail behind what
//! `newest` tells was never acknowledged; it is dropped and told apart from damage.
//!
//! Where the newest file is not what it was, the log goes on in a new file whose beginning says so; what is there stays as it is.

pub mod entry;
mod mark;
mod verify;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use entry::{Entry, Event, Outcome};
pub use mark::Mark;
pub use verify::{Break, Checked};

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::random::Random;
use crate::core::secret::Secret;
use crate::local::home::{DiskError, private_folder, read_small, remove_if_there, write_private};
use crate::local::journal::{self, Journal, JournalError, Record};
use crate::local::local_seal;
use crate::local::lock_file::{self, LockFile, NotTaken};
use crate::local::stop::Stop;
use crate::provider::reason::Reason;

/// A file larger than this is followed by the next, in bytes.
pub const ROTATE_SIZE: u64 = 512 * 1024;
/// A file older than this is followed by the next, in seconds.
pub const ROTATE_AGE: i64 = 30 * DAY;
/// The most files that are kept.
const MAX_FILES: usize = 64;
const MAX_LISTED: usize = 10_000;
const DAY: i64 = 86_400;
/// How long another process may hold the log.
const LOCK_WAIT: Duration = Duration::from_secs(2);

const BEGIN: u8 = 1;
const ENTRY: u8 = 2;
const RETIRED: u8 = 3;

/// Why an entry was not written, or the log not read.
#[derive(Debug)]
pub enum AuditError {
    /// The disk failed.
    Disk(DiskError),
    /// The newest file could not be written.
    Journal(JournalError),
    /// Another process holds the log and does not let go.
    Held,
    /// The system gives no random bytes.
    Randomness,
}

impl std::fmt::Display for AuditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(error) => error.fmt(f),
            Self::Journal(error) => error.fmt(f),
            Self::Held => f.write_str("another process holds it"),
            Self::Randomness => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for AuditError {}

impl AuditError {
    /// Why, as a place says why it did not do what it was asked.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Disk(DiskError { source, .. }) | Self::Journal(JournalError::Disk(_, source)) => Reason::of_system(source),
            Self::Held => Reason::HeldElsewhere {},
            Self::Randomness | Self::Journal(JournalError::Randomness) => Reason::NoRandomness {},
            Self::Journal(JournalError::Damaged { at, .. }) => Reason::DamagedFrom { byte: at.to_string() },
            Self::Journal(JournalError::TooLarge(_)) => Reason::OverLimit {},
            Self::Journal(JournalError::Closed(_)) => Reason::NotWritten {},
        }
    }
}

impl From<DiskError> for AuditError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

impl From<JournalError> for AuditError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// How a file of the log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Begin {
    number: u64,
    /// The file before it, as far as it was good.
    previous: Option<Mark>,
    /// Files up to this number were let go.
    retired: u64,
    /// The file before it was not what it should have been.
    broken: bool,
    time: i64,
}

impl Begin {
    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u64(self.number);
        out.u64(self.retired);
        out.u8(self.broken.into());
        out.raw(&self.time.to_le_bytes());
        self.previous.iter().for_each(|previous| out.raw(&previous.encode()));
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let (number, retired, broken) = (input.u64()?, input.u64()?, input.u8()? != 0);
        let time = i64::from_le_bytes(input.array()?);
        let previous = if input.is_empty() { None } else { Some(Mark::read(&mut input)?) };
        input.finish()?;
        Ok(Self { number, previous, retired, broken, time })
    }
}

/// The audit log of an account on this device.
pub struct Trail {
    folder: PathBuf,
    key: Secret<32>,
    known: Option<Mark>,
    stop: Stop,
}

impl Trail {
    /// The log below an account's folder; `known` is how far it reached when it was last marked.
    pub fn at(account: &Path, key: Secret<32>, known: Option<Mark>) -> Self {
        Self { folder: account.join("audit"), key, known, stop: Stop::never() }
    }

    /// The same, whose lock is waited for only until that stop.
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number}.journal"))
    }

    /// The numbers of its files, in order.
    fn files(&self) -> Result<Vec<u64>, AuditError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(DiskError::at("read", &self.folder))?,
        };
        let number = |name: &str| name.strip_suffix(".journal")?.parse::<u64>().ok();
        let named = entries.take(MAX_LISTED).filter_map(|entry| number(entry.ok()?.file_name().to_str()?));
        let mut numbers: Vec<u64> = named.filter(|number| *number > 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// How far the log reaches, by its own word.
    pub fn newest(&self) -> Result<Option<Mark>, AuditError> {
        let sealed = read_small(&self.folder.join("newest"), 4096)?;
        let opened = sealed.and_then(|sealed| local_seal::open(&self.key, b"newest", &sealed));
        Ok(opened.and_then(|bytes| Mark::read(&mut Reader::new(&bytes)).ok()))
    }

    fn lock(&self) -> Result<LockFile, AuditError> {
        private_folder(&self.folder)?;
        match lock_file::take(&self.folder.join("lock"), LOCK_WAIT, &self.stop) {
            Err(NotTaken::Disk(error)) => Err(error.into()),
            Err(NotTaken::Held | NotTaken::Stopped) => Err(AuditError::Held),
            Ok(lock) => Ok(lock),
        }
    }

    /// Appends an entry; it is on the disk when this returns.
    pub fn append(&self, entry: &Entry, random: &dyn Random) -> Result<(), AuditError> {
        let _lock = self.lock()?;
        let (mut journal, number) = self.open_newest(entry.time, random)?;
        journal.append(ENTRY, &entry.encode())?;
        self.reaches(&journal, number, random)
    }

    /// Lets whole files go whose entries are all older than `days`, or that are too many. Neither the clock nor the log's last
    /// time alone is believed: the earlier of the two counts.
    pub fn retire(&self, days: u32, now: i64, random: &dyn Random) -> Result<u64, AuditError> {
        let files = self.files()?;
        // the newest two stay
        let Some((_, older)) = files.split_last().filter(|(_, older)| older.len() > 1) else { return Ok(0) };
        let last = self.last_time()?.unwrap_or(now);
        let limit = now.min(last).saturating_sub(i64::from(days) * DAY);
        let begins = |number: u64| self.begin_of(number).map_or(i64::MAX, |begin| begin.time);
        let old = older.windows(2).take_while(|pair| begins(pair[1]) < limit).count();
        let count = old.max(files.len().saturating_sub(MAX_FILES)).min(older.len() - 1);
        let Some(through) = count.checked_sub(1).map(|at| older[at]) else { return Ok(0) };
        let _lock = self.lock()?;
        let (mut journal, number) = self.open_newest(now, random)?;
        journal.append(RETIRED, &through.to_le_bytes())?;
        self.reaches(&journal, number, random)?;
        for number in &older[..count] {
            remove_if_there(&self.path(*number))?;
        }
        Ok(count as u64)
    }

    /// The newest file, open for appending; a new one where it is full, old, or not what it was.
    fn open_newest(&self, now: i64, random: &dyn Random) -> Result<(Journal, u64), AuditError> {
        let (files, newest) = (self.files()?, self.newest()?);
        let told = [newest, self.known].into_iter().flatten().max_by_key(|mark| (mark.file, mark.length));
        let last = files.last().copied();
        let read = match last {
            Some(number) => self.read(number)?,
            None => Read::default(),
        };
        let here = last.map(|number| Mark { file: number, length: read.good as u64, chain: read.chain() });
        let whole = read.damaged.is_none() && told.is_none_or(|told| last == Some(told.file) && read.reaches(&told))
            // the word of how far it reaches is itself a part of the log
            && (newest.is_some() || last.is_none());
        let begin = read.begin();
        if let (true, Some(number), Some(begin)) = (whole, last, begin)
            && read.good as u64 <= ROTATE_SIZE
            && now.saturating_sub(begin.time) <= ROTATE_AGE
            && begin.number == number
        {
            let (journal, _, _) = Journal::open(&self.path(number), &self.key, random)?;
            return Ok((journal, number));
        }
        let number = last.unwrap_or(0).max(told.map_or(0, |told| told.file)) + 1;
        let broken = !whole || begin.is_none() && last.is_some();
        let begin = Begin { number, previous: here, retired: read.retired(), broken, time: now };
        let (mut journal, _, _) = Journal::open(&self.path(number), &self.key, random)?;
        journal.append(BEGIN, &begin.encode())?;
        Ok((journal, number))
    }

    fn reaches(&self, journal: &Journal, number: u64, random: &dyn Random) -> Result<(), AuditError> {
        let mark = Mark { file: number, length: journal.length(), chain: journal.chain() };
        let sealed = local_seal::seal(&self.key, b"newest", &mark.encode(), random).map_err(|_| AuditError::Randomness)?;
        Ok(write_private(&self.folder.join("newest"), &sealed)?)
    }

    /// One file, as far as it is good.
    fn read(&self, number: u64) -> Result<Read, AuditError> {
        let bytes = read_small(&self.path(number), journal::MAX_FILE)?.unwrap_or_default();
        Ok(match journal::read(&bytes, &self.key) {
            Ok((records, good)) => Read { bytes, records, good, damaged: None },
            Err(at) => {
                // what stands before the damage is still what was written
                let (records, good) = journal::read(bytes.get(..at).unwrap_or_default(), &self.key).unwrap_or_default();
                Read { bytes, records, good, damaged: Some(at as u64) }
            }
        })
    }

    fn begin_of(&self, number: u64) -> Option<Begin> {
        self.read(number).ok()?.begin()
    }

    /// Whether the log still holds what it was known to hold: a quick look at the files that `newest` and the mark name.
    pub fn holds(&self) -> Result<bool, AuditError> {
        let newest = self.newest()?;
        if newest.is_none() && !self.files()?.is_empty() {
            return Ok(false);
        }
        for mark in [newest, self.known].into_iter().flatten() {
            if !self.path(mark.file).exists() {
                let last = self.files()?.last().copied().unwrap_or(0);
                if self.read(last)?.retired() < mark.file {
                    return Ok(false);
                }
            } else if !self.read(mark.file)?.reaches(&mark) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The time of the newest entry.
    pub fn last_time(&self) -> Result<Option<i64>, AuditError> {
        for number in self.files()?.into_iter().rev().take(2) {
            let records = self.read(number)?.records;
            let last = records.iter().rev().find(|record| record.kind == ENTRY);
            if let Some(entry) = last.and_then(|record| Entry::decode(&record.bytes).ok()) {
                return Ok(Some(entry.time));
            }
        }
        Ok(None)
    }

    /// The latest time that any entry of the newest file bears.
    pub fn latest_time(&self) -> Result<Option<i64>, AuditError> {
        let Some(number) = self.files()?.last().copied() else { return Ok(None) };
        let records = self.read(number)?.records;
        let entries = records.iter().filter(|record| record.kind == ENTRY);
        Ok(entries.filter_map(|record| Entry::decode(&record.bytes).ok()).map(|entry| entry.time).max())
    }

    /// When the log begins.
    pub fn since(&self) -> Result<Option<i64>, AuditError> {
        Ok(self.files()?.first().and_then(|number| self.begin_of(*number)).map(|begin| begin.time))
    }
}

/// What was read of a file.
#[derive(Default)]
struct Read {
    bytes: Vec<u8>,
    records: Vec<Record>,
    good: usize,
    damaged: Option<u64>,
}

impl Read {
    fn chain(&self) -> [u8; 32] {
        *blake3::hash(&self.bytes[..self.good]).as_bytes()
    }

    /// Whether what a mark tells of stands in it unchanged.
    fn reaches(&self, mark: &Mark) -> bool {
        let told = usize::try_from(mark.length).ok().filter(|length| *length <= self.good);
        told.is_some_and(|length| *blake3::hash(&self.bytes[..length]).as_bytes() == mark.chain)
    }

    fn begin(&self) -> Option<Begin> {
        self.records.first().filter(|first| first.kind == BEGIN).and_then(|first| Begin::decode(&first.bytes).ok())
    }

    /// Through which number files were let go, as far as it tells.
    fn retired(&self) -> u64 {
        let later = self.records.iter().filter(|record| record.kind == RETIRED);
        let later = later.filter_map(|record| Some(u64::from_le_bytes(record.bytes.as_slice().try_into().ok()?)));
        later.chain(self.begin().map(|begin| begin.retired)).max().unwrap_or(0)
    }
}
