//! Following: the newest files of another device's source come into a folder here, only what changed, never over an edit.
//!
//! What was written last is remembered; a file here that differs from it is the owner's edit, and the incoming version is
//! written beside it. What is deleted there stays here; what the owner deletes here comes back only when it changes there.

mod state;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use crate::core::codec::Writer;
use crate::core::keys::ChunkUse;
use crate::core::letter::numbered;
use crate::core::manifest::{Attributes, Content, Entry, Node, Piece};
use crate::core::name::{DeviceId, RelPath};
use crate::core::secret::Secret;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::FileFault;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::engine::restore::{Draft, Folder, Folders, Place, Target, is_same, set_attributes};
use crate::engine::{Cancel, EngineError, Job, Misuse};
use crate::local::home::{DiskError, full_path};
use crate::provider::reason::Reason;
use state::{EntryKind, FollowState, Known};

/// What is followed, and where to.
pub struct Request<'a> {
    /// A source's label, or the path it has on its device.
    pub source: &'a [u8],
    /// The folder that its files come to.
    pub to: &'a Path,
}

/// What happened to a file.
#[derive(Debug)]
pub enum Change {
    /// It is new here.
    New(RelPath),
    /// It changed there and was replaced here.
    Updated(RelPath),
    /// It changed there and was edited here: the incoming version is beside it, under this name.
    Beside(RelPath, String),
    /// It was deleted there and is kept here.
    Kept(RelPath),
    /// It could not be brought, with the reason.
    Failed(RelPath, FileFault),
}

/// What a round did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// The snapshot's number.
    pub snapshot: u64,
    /// Files brought or replaced.
    pub brought: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files written beside an edit.
    pub beside: u64,
    /// Files deleted there and kept here.
    pub kept: u64,
    /// Files that could not be brought.
    pub failed: u64,
    /// Whether everything was as the round before left it.
    pub unchanged: bool,
}

/// The newest snapshot of a device that is believed.
pub fn newest(account: &Account, device: DeviceId) -> Result<SnapshotInfo, EngineError> {
    snapshots::choose(account, &format!("{device}:latest"))
}

/// One round: brings what changed since the last.
pub fn follow(
    account: &AccountWriter,
    reader: &ChunkReader<'_>,
    info: &SnapshotInfo,
    request: &Request<'_>,
    tell: &mut dyn FnMut(Change),
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let Job { random, cancel, .. } = job;
    let mut memory = FollowState::load(account, &memory_name(info.head.device, request))?;
    let mut report = Report { snapshot: info.head.number, ..Report::default() };
    if memory.newest == Some(info.hash) {
        return Ok(Report { unchanged: true, ..report });
    }
    if !memory.is_empty() && !request.to.is_dir() {
        return Err(EngineError::Usage(Misuse::TargetGone(request.to.to_owned())));
    }
    let snapshot = Snapshot::open(reader, info.head.clone())?;
    let label = source(&snapshot, request.source)?;
    let target = Target::open(request.to)?;
    let lost = |error: io::Error| EngineError::Disk(DiskError::at("look at", request.to)(error));
    let mut round = Round {
        reader,
        key: account.local_key(b"follow"),
        mark: format!(" (from {}, snapshot {})", plain(&info.device_name), info.head.number),
        owner: target.root().owner().map_err(lost)?,
        cancel,
    };
    let mut folders = Folders::default();
    let done = each(&snapshot, &label, cancel, &mut |entry| {
        let outcome = round.entry(&target, &mut folders, &mut memory, &entry);
        let change = match outcome {
            Ok(change) => change,
            Err(Failure::Stop(error)) => return Err(error),
            Err(Failure::Here(why)) => Some(Change::Failed(entry.path.clone(), why)),
        };
        if let Some(change) = change {
            count(&mut report, &change, &entry);
            tell(change);
            memory.changed += 1;
        }
        if memory.changed >= state::SAVE_EVERY {
            memory.save(account, random)?;
        }
        Ok(())
    });
    if done.is_ok() {
        for path in memory.deleted_there() {
            report.kept += 1;
            tell(Change::Kept(path));
        }
        memory.newest = (report.failed == 0).then_some(info.hash);
        target.sync()?;
    }
    memory.save(account, random)?;
    done.map(|()| report)
}

fn count(report: &mut Report, change: &Change, entry: &Entry) {
    match change {
        Change::New(_) | Change::Updated(_) => {
            report.brought += 1;
            if let Node::File { size, .. } = &entry.node {
                report.bytes += size;
            }
        }
        Change::Beside(..) => report.beside += 1,
        Change::Failed(..) => report.failed += 1,
        Change::Kept(_) => report.kept += 1,
    }
}

fn memory_name(device: DeviceId, request: &Request<'_>) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut hasher = blake3::Hasher::new();
    for part in [device.as_bytes().as_slice(), request.source, request.to.as_os_str().as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The label of the source that an owner means.
fn source(snapshot: &Snapshot<'_>, wanted: &[u8]) -> Result<RelPath, EngineError> {
    let wanted = wanted.strip_suffix(b"/").filter(|rest| !rest.is_empty()).unwrap_or(wanted);
    let found = snapshot.root.sources.iter().find(|s| s.path == wanted || s.label.as_bytes() == wanted);
    found.map(|source| source.label.clone()).ok_or_else(|| {
        let have: Vec<_> = snapshot.root.sources.iter().map(|s| s.label.to_string()).collect();
        EngineError::Usage(Misuse::NoSource { wanted: String::from_utf8_lossy(wanted).into_owned(), have })
    })
}

/// Every entry below a source's label, with its path there; a source that is a file has its own name.
fn each(
    snapshot: &Snapshot<'_>,
    label: &RelPath,
    cancel: &Cancel,
    work: &mut dyn FnMut(Entry) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    for entry in snapshot.entries() {
        cancel.check()?;
        let mut entry = entry?;
        if entry.path.is_within(label) {
            let file = entry.path == *label && !matches!(entry.node, Node::Folder);
            match if file { Place::Labelled } else { Place::Bare }.of(&entry.path) {
                Some(path) => entry.path = path,
                None => continue,
            }
            work(entry)?;
        }
    }
    Ok(())
}

/// A device's name, fit for a file name.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c == '/' || c.is_control() { '_' } else { c }).collect()
}

enum Failure {
    Stop(EngineError),
    Here(FileFault),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Here(FileFault::from(&error))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            error if error.is_stop() => Self::Stop(error),
            error => Self::Here(error.into()),
        }
    }
}

impl From<FileFault> for Failure {
    fn from(why: FileFault) -> Self {
        match why {
            FileFault::Backup(error) => error.into(),
            why => Self::Here(why),
        }
    }
}

struct Round<'a> {
    reader: &'a ChunkReader<'a>,
    key: Secret<32>,
    mark: String,
    owner: (u32, u32),
    cancel: &'a Cancel,
}

impl Round<'_> {
    /// Brings one entry, unless nothing about it changed there.
    fn entry(
        &mut self,
        target: &Target,
        folders: &mut Folders,
        memory: &mut FollowState,
        entry: &Entry,
    ) -> Result<Option<Change>, Failure> {
        let version = self.version(&entry.node);
        let known = memory.see(&entry.path);
        if known.as_ref().is_some_and(|known| known.version == version && !known.gone) {
            return Ok(None);
        }
        let parent = folders.parent_of(target, &entry.path)?;
        let (written, change) = match &entry.node {
            Node::Folder => self.folder(&parent, entry)?,
            Node::Link { target } => self.link(&parent, entry, target, known.as_ref())?,
            Node::File { size, content, .. } => self.file(&parent, entry, *size, content, known.as_ref())?,
        };
        // what lies there after an edit was not written here; what was written before is remembered still
        let written =
            written.or(known.map(|known| (known.kind, known.size, known.hash))).unwrap_or((EntryKind::Nothing, 0, [0; 32]));
        if !memory.remember(&entry.path, Known { version, gone: false, kind: written.0, size: written.1, hash: written.2 }) {
            return Err(Failure::Here(FileFault::Files(state::MOST)));
        }
        Ok(change)
    }

    fn folder(&self, parent: &Folder, entry: &Entry) -> Result<Outcome, Failure> {
        let name = entry.path.file_name();
        if parent.stat(name)?.is_none() {
            let folder = parent.enter(name)?;
            set_attributes(&folder, &self.attributes(entry))?;
        }
        Ok((Some((EntryKind::Folder, 0, [0; 32])), None))
    }

    fn link(&self, parent: &Folder, entry: &Entry, to: &[u8], known: Option<&Known>) -> Result<Outcome, Failure> {
        let (name, path) = (entry.path.file_name(), entry.path.clone());
        let wrote = Some((EntryKind::Link, 0, self.hash(to)));
        let Some(there) = parent.stat(name)? else {
            parent.new_link(to, name)?;
            return Ok((wrote, Some(Change::New(path))));
        };
        let stands = if is_type(&there, FileType::Symlink) { Some(parent.read_link(name)?) } else { None };
        match stands {
            Some(stands) if stands == to => Ok((wrote, None)),
            Some(stands) if known.is_some_and(|k| k.kind == EntryKind::Link && k.hash == self.hash(&stands)) => {
                parent.remove(name);
                parent.new_link(to, name)?;
                Ok((wrote, Some(Change::Updated(path))))
            }
            _ => Err(Failure::Here(FileFault::Link)),
        }
    }

    fn file(
        &self,
        parent: &Folder,
        entry: &Entry,
        size: u64,
        content: &Content,
        known: Option<&Known>,
    ) -> Result<Outcome, Failure> {
        let (name, path) = (entry.path.file_name(), entry.path.clone());
        let Some(there) = parent.stat(name)? else {
            let (draft, hash) = self.draft(parent, entry, size, content)?;
            settle(parent, draft, |draft| parent.publish_new(draft, name))?;
            return Ok((Some((EntryKind::File, size, hash)), Some(Change::New(path))));
        };
        if is_type(&there, FileType::RegularFile) {
            let mut file = parent.open(name)?;
            let stands = there.st_size as u64;
            if stands == size && is_same(self.reader, &file, content)? {
                file.seek(SeekFrom::Start(0))?;
                return Ok((Some((EntryKind::File, size, self.hash_of(&mut file)?)), None));
            }
            file.seek(SeekFrom::Start(0))?;
            let ours = known.is_some_and(|k| k.kind == EntryKind::File && k.size == stands);
            if ours && known.is_some_and(|k| self.hash_of(&mut file).is_ok_and(|hash| hash == k.hash)) {
                let (draft, hash) = self.draft(parent, entry, size, content)?;
                settle(parent, draft, |draft| {
                    // an edit while the new version was fetched is an edit all the same
                    let now = parent.stat(name)?.map(|now| (now.st_ino, now.st_size, now.st_mtime, now.st_mtime_nsec));
                    if now != Some((there.st_ino, there.st_size, there.st_mtime, there.st_mtime_nsec)) {
                        return Err(Reason::EditedNow {}.into());
                    }
                    parent.publish(draft, name)
                })?;
                return Ok((Some((EntryKind::File, size, hash)), Some(Change::Updated(path))));
            }
        }
        let beside = self.beside(parent, entry, size, content)?;
        Ok((None, beside.map(|name| Change::Beside(path, name))))
    }

    /// Writes the incoming version beside an edit, under a name that nothing has; none when it lies there already.
    fn beside(&self, parent: &Folder, entry: &Entry, size: u64, content: &Content) -> Result<Option<String>, Failure> {
        let own = String::from_utf8_lossy(entry.path.file_name()).into_owned();
        for number in 1..=MOST_BESIDE {
            let mark = if number == 1 { self.mark.clone() } else { format!("{} ({number})", self.mark) };
            let name = numbered(&own, &mark);
            match parent.stat(name.as_bytes())? {
                Some(there) if is_type(&there, FileType::RegularFile) && there.st_size as u64 == size => {
                    if is_same(self.reader, &parent.open(name.as_bytes())?, content)? {
                        return Ok(None);
                    }
                }
                Some(_) => {}
                None => {
                    let (draft, _) = self.draft(parent, entry, size, content)?;
                    settle(parent, draft, |draft| parent.publish_new(draft, name.as_bytes()))?;
                    return Ok(Some(name));
                }
            }
        }
        Err(Failure::Here(FileFault::Beside(MOST_BESIDE)))
    }

    /// Fetches a file into a draft, and gives what its content hashes to.
    fn draft(&self, parent: &Folder, entry: &Entry, size: u64, content: &Content) -> Result<(Draft, [u8; 32]), Failure> {
        let mut draft = parent.draft(entry.path.file_name())?;
        let done = self.fill(&mut draft.file, size, content).and_then(|hash| {
            set_attributes(&draft.file, &self.attributes(entry))?;
            Ok(hash)
        });
        match done {
            Ok(hash) => Ok((draft, hash)),
            Err(failure) => {
                parent.discard(draft);
                Err(failure)
            }
        }
    }

    fn fill(&self, file: &mut File, size: u64, content: &Content) -> Result<[u8; 32], Failure> {
        let (mut hasher, mut written) = (blake3::Hasher::new_keyed(self.key.expose()), 0u64);
        for piece in self.reader.pieces(content) {
            self.cancel.check()?;
            let piece = piece?;
            match &piece {
                Piece::Chunk(chunk) => {
                    let opened = self.reader.chunk(ChunkUse::Data, chunk)?;
                    hasher.update(opened.bytes());
                    file.write_all(opened.bytes())?;
                }
                Piece::Hole(length) => {
                    io::copy(&mut io::repeat(0).take(*length), &mut hasher)?;
                    file.seek(SeekFrom::Current(i64::try_from(*length).map_err(io::Error::other)?))?;
                }
            }
            written = written.saturating_add(piece.len());
        }
        if written != size {
            return Err(Failure::Here(FileFault::Pieces));
        }
        file.set_len(size)?;
        Ok(*hasher.finalize().as_bytes())
    }

    fn hash(&self, bytes: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(self.key.expose(), bytes).as_bytes()
    }

    fn hash_of(&self, file: &mut File) -> io::Result<[u8; 32]> {
        let mut hasher = blake3::Hasher::new_keyed(self.key.expose());
        io::copy(file, &mut hasher)?;
        Ok(*hasher.finalize().as_bytes())
    }

    /// What tells one version of an entry from the next.
    fn version(&self, node: &Node) -> [u8; 16] {
        let mut out = Writer::new();
        match node {
            Node::Folder => out.u8(1),
            Node::File { size, content, .. } => {
                out.u8(2);
                out.varint(*size);
                content.encode(&mut out);
            }
            Node::Link { target } => {
                out.u8(3);
                out.raw(target);
            }
        }
        let mut version = [0; 16];
        version.copy_from_slice(&self.hash(out.as_slice())[..16]);
        version
    }

    /// Files belong to whom the folder belongs; a mode that gives rights beyond one's own is not taken over.
    fn attributes(&self, entry: &Entry) -> Attributes {
        Attributes { mode: entry.attributes.mode & 0o777, uid: self.owner.0, gid: self.owner.1, ..entry.attributes }
    }
}

/// What was written (kind, size, hash), and what there is to tell.
type Outcome = (Option<(EntryKind, u64, [u8; 32])>, Option<Change>);

/// How many versions are put beside an edit before one says so.
const MOST_BESIDE: u32 = 100;

fn is_type(there: &rustix::fs::Stat, wanted: FileType) -> bool {
    FileType::from_raw_mode(there.st_mode) == wanted
}

/// Gives a draft its name, or takes it back.
fn settle(parent: &Folder, draft: Draft, publish: impl FnOnce(&Draft) -> io::Result<()>) -> Result<(), Failure> {
    let published = publish(&draft);
    if published.is_err() {
        parent.discard(draft);
    }
    Ok(published?)
}

/// The folder that an owner names, whole and not Printkeep's own.
pub fn folder(account: &Account, path: &Path) -> Result<PathBuf, EngineError> {
    let path = full_path(path).map_err(DiskError::at("look at", path))?;
    let real = path.canonicalize().unwrap_or_else(|_| path.clone());
    let home = account.home.root().canonicalize().unwrap_or_else(|_| account.home.root().to_owned());
    if real.starts_with(&home) {
        return Err(EngineError::Usage(Misuse::OwnFolder(path)));
    }
    Ok(path)
}
