//! The reader: walks the sources, passes over what is unchanged, reads and cuts the rest.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use zeroize::Zeroizing;

use super::files::{Known, Signature};
use super::request::{Counts, Request};
use super::window::{Buffer, ChunkJob, Ending, Lines, Step};
use super::worker::Shared;
use crate::core::chunker::Chunker;
use crate::core::manifest::{Attributes, Entry, Node};
use crate::core::name::RelPath;
use crate::engine::account::Account;
use crate::engine::backup::extents::{Extent, extents};
use crate::engine::backup::scan::{self, Observed, Root, Stat, Walk};
use crate::engine::backup::secret_scan;
use crate::engine::skip::{self, Skip};
use crate::engine::{EngineError, Event, Job, Notice, clock};
use crate::kind::{self, FileKind, Group};

/// So often somebody who waits for the packer looks whether it is still there.
const LOOK: Duration = Duration::from_millis(100);

/// Bytes of a file's beginning that its kind is told by.
const HEAD: usize = 4096;

/// So many links that were followed are named.
const NAMED: usize = 100;

/// Why reading a file ended early.
enum Stop {
    /// The file cannot be read; the backup goes on.
    File(io::Error),
    /// The backup cannot go on.
    Run(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Run(error)
    }
}

/// The reader's state; see the module.
pub struct Reader<'a> {
    shared: Shared<'a>,
    request: &'a Request,
    lines: Lines,
    cutter: Chunker,
    number: u64,
    counts: Counts,
    job: Job<'a>,
}

impl<'a> Reader<'a> {
    /// A reader for one run.
    pub fn new(account: &'a Account, shared: Shared<'a>, request: &'a Request, lines: Lines, job: Job<'a>) -> Self {
        let cutter = Chunker::new(job.profile.sizes, &account.device.keys.newest().cutter());
        Self { shared, request, lines, cutter, number: 0, counts: Counts::default(), job }
    }

    /// Reads every source and says so; its channels close then, and also where it ends before.
    pub fn read_all(mut self) -> Result<Counts, EngineError> {
        for observed in Walk::new(self.request.roots.clone(), &self.request.skip) {
            self.job.check()?;
            match observed {
                Observed::Entry(entry) => self.entry(entry)?,
                Observed::Skipped { path, why } => self.leave_out(&path, why),
                Observed::Problem { path, error } => self.failed(&path, &error),
            }
        }
        self.send(Step::Done)?;
        Ok(self.counts)
    }

    /// Counts what is left out, and tells at once of what an owner would not expect; of the rest there may be thousands.
    fn leave_out(&mut self, path: &RelPath, why: Skip) {
        let count = self.counts.omitted.add(path, why);
        let special = matches!(why, Skip::Pipe | Skip::Socket | Skip::Device);
        self.counts.skipped += u64::from(special);
        if special || why == Skip::Database && count == 1 {
            self.notice(Notice::Skipped(path, why));
        }
    }

    fn notice(&self, notice: Notice<'_>) {
        self.job.notice(notice);
    }

    fn failed(&mut self, path: &RelPath, error: &io::Error) {
        self.counts.failed += 1;
        self.notice(Notice::Failed(path, &error.into()));
    }

    /// Sends a step; a packer that is gone has told its reason elsewhere.
    fn send(&mut self, step: Step) -> Result<(), EngineError> {
        let number = self.take_number()?;
        self.lines.steps.send((number, step)).map_err(|_| EngineError::Cancelled)
    }

    fn take_number(&mut self) -> Result<u64, EngineError> {
        self.lines.window.send(()).map_err(|_| EngineError::Cancelled)?;
        self.number += 1;
        Ok(self.number - 1)
    }

    fn entry(&mut self, entry: scan::Entry) -> Result<(), EngineError> {
        if let Some(real) = entry.through.clone().filter(|_| self.counts.followed.len() < NAMED) {
            self.counts.followed.push((entry.path.clone(), real));
        }
        if !matches!(entry.node, scan::Node::Dir) && skip::is_put_aside(entry.path.file_name()) {
            self.counts.put_aside.add(&entry.path);
        }
        if entry.leads_out {
            self.leave_out(&entry.path, Skip::LeadsOut);
        }
        let attributes = attributes(&entry.stat);
        let node = match &entry.node {
            scan::Node::Dir => Node::Folder,
            scan::Node::Symlink { target } => Node::Link { target: target.clone() },
            scan::Node::File => return self.file(&entry, attributes),
        };
        self.send(Step::Entry(Box::new(Entry { path: entry.path, attributes, node }), Vec::new()))
    }

    fn file(&mut self, entry: &scan::Entry, attributes: Attributes) -> Result<(), EngineError> {
        self.job.tell(Event::File(&entry.path));
        if let Some(known) = self.known(entry)? {
            self.job.tell(Event::Bytes(entry.stat.size));
            let Known { kind, content, facts, packs, .. } = known;
            let node = Node::File { kind, size: entry.stat.size, content, facts };
            self.send(Step::Entry(Box::new(Entry { path: entry.path.clone(), attributes, node }), packs))?;
            self.job.tell(Event::FileDone);
            return Ok(());
        }
        match self.read_file(entry, attributes) {
            Ok(()) => {
                self.job.tell(Event::FileDone);
                Ok(())
            }
            Err(Stop::File(error)) => {
                self.failed(&entry.path, &error);
                self.send(Step::Abandon)
            }
            Err(Stop::Run(error)) => Err(error),
        }
    }

    /// What the cache knows of a file, when the file is unchanged and everything it was cut into is still in the vault.
    fn known(&self, entry: &scan::Entry) -> Result<Option<Known>, EngineError> {
        let chunk_index = self.shared.chunk_index.read().unwrap_or_else(PoisonError::into_inner);
        let Some(value) = self.shared.cache.get(entry.path.as_bytes())? else { return Ok(None) };
        let Some(known) = Known::decode(&value, &chunk_index) else { return Ok(None) };
        // whether such a file holds credentials is seen only by looking
        if self.root(entry).is_some_and(|root| root.no_credentials) && FileKind::from_code(known.kind).group() == Group::Settings
        {
            return Ok(None);
        }
        let held = |(first, length): &(u32, u32)| (*first..first + length).all(|ordinal| chunk_index.is_own(ordinal));
        Ok((known.signature.still_holds(&entry.stat) && known.packs.iter().all(held)).then_some(known))
    }

    fn read_file(&mut self, entry: &scan::Entry, attributes: Attributes) -> Result<(), Stop> {
        let mut file = entry.open().map_err(Stop::File)?;
        let before = scan::stat_of(&file).map_err(Stop::File)?;
        let opened_at = clock::of_files();
        let mut head = [0; HEAD];
        let length = read_up_to(&mut file, &mut head).map_err(Stop::File)?;
        let file_kind = kind::identify(&head[..length], before.size, entry.path.file_name());
        if entry.decide_by_content && !self.wants(entry, file_kind) {
            self.leave_out(&entry.path, Skip::Kind);
            return Ok(());
        }
        if file_kind.group() == Group::Settings && self.leaves_out(entry, &file) {
            return Ok(());
        }
        self.send(Step::Begin(Box::new((entry.path.clone(), attributes))))?;
        let read = self.content(&mut file, &before, file_kind)?;
        let after = scan::stat_of(&file).map_err(Stop::File)?;
        let unchanged = read == before.size && after.size == before.size && after.mtime() == before.mtime();
        if !unchanged {
            self.counts.changed += 1;
            self.notice(Notice::Changed(&entry.path));
        }
        let facts = kind::facts(file_kind, &OnDisk { file: &file, length: read });
        let signature = if unchanged { Signature::of(&before, opened_at) } else { None };
        self.counts.read += 1;
        self.send(Step::End(Box::new(Ending { kind: file_kind.code(), facts, signature })))?;
        Ok(())
    }

    fn wants(&self, entry: &scan::Entry, file_kind: FileKind) -> bool {
        self.root(entry).is_some_and(|root| root.rules.wants(file_kind.group()))
    }

    /// The source that an entry belongs to.
    fn root(&self, entry: &scan::Entry) -> Option<&'a Root> {
        let label = entry.path.components().next().unwrap_or_default();
        self.request.roots.iter().find(|root| root.label == label)
    }

    /// Tells of credentials in a settings file; whether the owner wants such a file left out.
    fn leaves_out(&mut self, entry: &scan::Entry, file: &File) -> bool {
        let found = kind::credentials(&secret_scan::text(file));
        if found.is_empty() {
            return false;
        }
        let left_out = self.root(entry).is_some_and(|root| root.no_credentials);
        self.counts.credentials += 1;
        if left_out {
            self.leave_out(&entry.path, Skip::Credentials);
        }
        self.notice(Notice::Credentials(&entry.path, &found, left_out));
        left_out
    }

    /// Reads the content extent by extent; gives how many bytes of file it stands for.
    fn content(&mut self, file: &mut File, stat: &Stat, file_kind: FileKind) -> Result<u64, Stop> {
        let mut at = 0;
        for Extent { offset, len, hole } in extents(file, stat.size) {
            if hole {
                self.send(Step::Hole(len))?;
                self.job.tell(Event::Bytes(len));
                at = offset + len;
                continue;
            }
            file.seek(SeekFrom::Start(offset)).map_err(Stop::File)?;
            let read = self.data(file, len, file_kind)?;
            at = offset + read;
            if read < len {
                break;
            }
        }
        Ok(at)
    }

    /// Reads `len` bytes of data, or up to the end of a file that shrank.
    fn data(&mut self, file: &mut File, len: u64, file_kind: FileKind) -> Result<u64, Stop> {
        let (fixed, level) = (self.job.profile.fixed, self.job.profile.level_of(file_kind));
        let repeats_in_part = level.is_some() && len > self.job.profile.sizes.min() as u64;
        let goal = if repeats_in_part { self.job.profile.sizes.max() } else { fixed };
        let (mut left, mut sent) = (len, 0);
        let mut buffer = self.buffer()?;
        loop {
            self.job.check()?;
            let want = (goal - buffer.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
            let got = fill(file, &mut buffer, want).map_err(Stop::File)?;
            left -= got as u64;
            let at_end = left == 0 || got < want;
            if buffer.is_empty() {
                self.return_buffer(buffer);
                return Ok(sent);
            }
            let cut = if repeats_in_part { self.cutter.next(&buffer, at_end).unwrap_or(buffer.len()) } else { buffer.len() };
            let mut rest = self.buffer()?;
            rest.extend_from_slice(&buffer[cut..]);
            buffer.truncate(cut);
            sent += cut as u64;
            self.counts.read_bytes += cut as u64;
            self.job.tell(Event::Bytes(cut as u64));
            self.take_room(cut)?;
            let number = self.take_number()?;
            self.lines.jobs.send(ChunkJob { number, bytes: buffer, level }).map_err(|_| EngineError::Cancelled)?;
            if at_end {
                left = 0;
            }
            buffer = rest;
        }
    }

    fn take_room(&self, bytes: usize) -> Result<(), EngineError> {
        while !self.shared.room.take(bytes, LOOK) {
            if self.shared.gone.load(Ordering::Acquire) {
                return Err(EngineError::Cancelled);
            }
        }
        Ok(())
    }

    fn buffer(&self) -> Result<Buffer, EngineError> {
        loop {
            match self.lines.spare.recv_timeout(LOOK) {
                Ok(buffer) => return Ok(buffer),
                Err(RecvTimeoutError::Timeout) if !self.shared.gone.load(Ordering::Acquire) => {}
                Err(_) => return Err(EngineError::Cancelled),
            }
        }
    }

    fn return_buffer(&self, mut buffer: Buffer) {
        buffer.clear();
        // there is room for every buffer
        let _ = self.lines.spare_back.send(buffer);
    }
}

fn attributes(stat: &Stat) -> Attributes {
    let Stat { mode, uid, gid, mtime_s, mtime_ns, .. } = *stat;
    Attributes { mode: mode & 0o7777, uid, gid, mtime_s, mtime_ns: mtime_ns.min(999_999_999) }
}

/// Appends up to `want` bytes; fewer only at the end of the file.
fn fill(file: &mut File, buffer: &mut Zeroizing<Vec<u8>>, want: usize) -> io::Result<usize> {
    io::Read::take(file, want as u64).read_to_end(buffer)
}

fn read_up_to(file: &mut File, out: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < out.len() {
        match file.read_at(&mut out[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// A file as the parsers of `kind` read it.
struct OnDisk<'a> {
    file: &'a File,
    length: u64,
}

impl kind::Source for OnDisk<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        let room = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        self.file.read_at(&mut buf[..room], offset).unwrap_or(0)
    }
}
