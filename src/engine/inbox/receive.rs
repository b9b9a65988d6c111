//! Receiving: a letter is believed with the account's signature only, and its file comes under a safe name into the one folder
//! that the owner allowed, never over another file.
//!
//! A kill between giving the file its name and remembering the letter brings the letter again: the file is found to be there,
//! byte for byte, and nothing is written twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use crate::core::codec::clamp_u32;
use crate::core::letter::{self, Letter, file_name, numbered, open_part, part_id};
use crate::core::manifest::Attributes;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::refused::Refused;
use crate::core::seal::With;
use crate::core::secret::Secret;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::remote::Remote;
use crate::engine::restore::{Draft, Folder, Target, set_attributes};
use crate::engine::{Cancel, EngineError, Misuse};
use crate::provider::reason::Reason;

/// Bytes that stay free on the disk of the inbox.
const SPARE: u64 = 16 * 1024 * 1024;
/// So many files that do not open are told of one by one, and after so many no more are looked at in a run.
const TOLD: u32 = 8;
const MAX_REFUSED: u32 = 256;
/// The most names that are tried for one file.
const MOST_NAMES: u32 = 1000;

/// What the owner allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// The folder that files come to.
    pub folder: PathBuf,
    /// The largest file, in bytes.
    pub max_size: u64,
}

/// A letter that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its id.
    pub id: ObjectId,
    /// The name its file has or would have; none where that does not open.
    pub name: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was sent, in seconds since 1970 by the sender's clock.
    pub time: i64,
    /// What the owner calls the device it was sent from; none where nobody knows.
    pub from: Option<String>,
    /// Where its file is, or why it stays in the store.
    pub outcome: Result<PathBuf, Stays>,
}

/// Takes what a store holds for this device. `there` are the letters it holds.
pub fn receive(
    account: &mut AccountWriter,
    remote: &Remote,
    there: &BTreeSet<ObjectName>,
    inbox: Option<&Inbox>,
    cancel: &Cancel,
) -> Result<Vec<Arrival>, EngineError> {
    let mine = |name: &&ObjectName| matches!(name, ObjectName::Letter(to, _) if *to == account.device.id);
    let ids: BTreeSet<ObjectId> = there.iter().filter(mine).map(ObjectName::place).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let Some(link) = account.device.link.as_ref().map(|link| Secret::filled_by(|to| to.copy_from_slice(link.expose()))) else {
        return Err(EngineError::Usage(Misuse::NoLetterKey));
    };
    let post = Post { remote, link: &link, there: &ids, cancel };
    let (mut arrivals, mut refused) = (Vec::new(), 0);
    let mut letters = post.letters().into_iter();
    for id in letters.by_ref() {
        cancel.check()?;
        if account.received.contains(&id) {
            post.remove(account, id)?;
            continue;
        }
        if let Some(arrival) = post.take(account, id, inbox)? {
            if is_refused(&arrival) {
                refused += 1;
                if refused > TOLD {
                    if refused == MAX_REFUSED {
                        break;
                    }
                    continue;
                }
            }
            if arrival.outcome.is_ok() {
                account.remember_received(id)?;
                post.remove(account, id)?;
            }
            arrivals.push(arrival);
        }
    }
    let untold = letters.len() as u64 + u64::from(refused.saturating_sub(TOLD));
    if let (true, Some(last)) = (refused > TOLD, arrivals.iter_mut().rfind(|one| is_refused(one))) {
        last.outcome = Err(Stays::Others(untold + 1));
    }
    Ok(arrivals)
}

fn is_refused(arrival: &Arrival) -> bool {
    matches!(arrival.outcome, Err(Stays::Refused(_)))
}

struct Post<'a> {
    remote: &'a Remote,
    link: &'a Secret<32>,
    there: &'a BTreeSet<ObjectId>,
    cancel: &'a Cancel,
}

impl Post<'_> {
    /// The parts of a letter that are there.
    fn parts(&self, id: &ObjectId) -> impl Iterator<Item = ObjectId> + '_ {
        let id = *id;
        let ids = (0..clamp_u32(letter::MAX_PARTS)).map(move |number| part_id(self.link, &id, number));
        ids.take_while(|id| self.there.contains(id))
    }

    /// Ids that are no part of another letter that is there.
    fn letters(&self) -> Vec<ObjectId> {
        let parts: BTreeSet<ObjectId> = self.there.iter().flat_map(|id| self.parts(id)).collect();
        self.there.difference(&parts).copied().collect()
    }

    fn get(&self, account: &Account, id: ObjectId) -> Result<Option<Vec<u8>>, EngineError> {
        self.remote.find(&ObjectName::Letter(account.device.id, id))
    }

    /// Removes a letter that was delivered: its parts first, so that a killed run finds what is left. A store that lets nothing
    /// be removed keeps it; it is not delivered again.
    fn remove(&self, account: &Account, id: ObjectId) -> Result<(), EngineError> {
        let parts: Vec<_> = self.parts(&id).collect();
        for id in parts.iter().rev().chain([&id]) {
            self.cancel.check()?;
            let name = ObjectName::Letter(account.device.id, *id);
            if self.remote.remove(&name).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Delivers a letter, or says why it stays; none for what is no letter, such as a part whose letter is not there yet.
    fn take(&self, account: &Account, id: ObjectId, inbox: Option<&Inbox>) -> Result<Option<Arrival>, EngineError> {
        let Some(bytes) = self.get(account, id)? else { return Ok(None) };
        let name = ObjectName::Letter(account.device.id, id);
        let with = With::Link(&account.device.keys, account.device.id, self.link);
        let letter = match Letter::open(&with, &name, &bytes) {
            Ok(Some(letter)) => letter,
            Ok(None) => return Ok(None),
            Err(why) => {
                let (size, outcome) = (bytes.len() as u64, Err(Stays::Refused(why)));
                return Ok(Some(Arrival { id, name: None, size, time: 0, from: None, outcome }));
            }
        };
        drop(bytes);
        let outcome = match self.deliver(account, id, &letter, inbox) {
            Ok(path) => Ok(path),
            Err(Undelivered::Stays(why)) => Err(why),
            Err(Undelivered::Failed(error)) => return Err(error),
        };
        let from = account.roster.member(&letter.from).map(|member| member.name.clone());
        Ok(Some(Arrival { id, name: Some(file_name(&letter.name)), size: letter.size, time: letter.time, from, outcome }))
    }

    fn deliver(&self, account: &Account, id: ObjectId, letter: &Letter, inbox: Option<&Inbox>) -> Result<PathBuf, Undelivered> {
        let inbox = inbox.ok_or(Stays::NotAllowed)?;
        if letter.size > inbox.max_size {
            return Err(Stays::TooLarge(inbox.max_size).into());
        }
        if !inbox.folder.is_dir() {
            return Err(Stays::NoFolder(inbox.folder.clone()).into());
        }
        let target = Target::open(&inbox.folder)?;
        let folder = target.root();
        let wanted = file_name(&letter.name);
        let mut name = match free_name(folder, &wanted, letter)? {
            Free::Name(name) => name,
            Free::There(name) => return Ok(inbox.folder.join(name)),
        };
        if folder.free_space()? < letter.size.saturating_add(SPARE) {
            return Err(Stays::NoRoom(inbox.folder.clone()).into());
        }
        if self.parts(&id).count() != letter.parts.len() {
            return Err(Stays::NotWhole.into());
        }
        let mut draft = folder.draft(name.as_bytes())?;
        let done = self.fill(account, id, letter, &mut draft).and_then(|()| {
            finish(folder, &draft.file, letter)?;
            loop {
                match folder.publish_new(&draft, name.as_bytes()) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match free_name(folder, &wanted, letter)? {
                        Free::Name(other) if other != name => name = other,
                        _ => return Err(Stays::OtherProgram.into()),
                    },
                    done => return Ok(done?),
                }
            }
        });
        match done {
            Ok(()) => {
                folder.sync()?;
                Ok(inbox.folder.join(name))
            }
            Err(stays) => {
                folder.discard(draft);
                Err(stays)
            }
        }
    }

    /// Writes the parts one after another: one part in memory at a time.
    fn fill(&self, account: &Account, id: ObjectId, letter: &Letter, draft: &mut Draft) -> Result<(), Undelivered> {
        let mut hasher = blake3::Hasher::new();
        for number in 0..clamp_u32(letter.parts.len()) {
            self.cancel.check()?;
            let sealed = self.get(account, part_id(self.link, &id, number))?;
            let sealed = sealed.ok_or(Stays::NotWhole)?;
            let written = open_part(self.link, &account.device.keys, (id, letter, number), &sealed, |bytes| {
                hasher.update(bytes);
                draft.file.write_all(bytes)
            });
            written.map_err(|why| Stays::Part(number + 1, why))??;
        }
        if *hasher.finalize().as_bytes() == letter.hash { Ok(()) } else { Err(Stays::OtherFile.into()) }
    }
}

/// Why a letter stays in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stays {
    /// This device takes none.
    NotAllowed,
    /// It does not open.
    Refused(Refused),
    /// It and others, so many in all, do not open, or were not looked at after so many that do not.
    Others(u64),
    /// It is larger than so many bytes, which the owner allows.
    TooLarge(u64),
    /// The inbox is not there.
    NoFolder(PathBuf),
    /// The disk of the inbox has no room for it.
    NoRoom(PathBuf),
    /// It is not whole in the store yet.
    NotWhole,
    /// The part of this number does not open.
    Part(u32, Refused),
    /// Its parts are not the file that it tells of.
    OtherFile,
    /// Another program writes to the inbox.
    OtherProgram,
    /// So many files of its name are in the inbox already.
    Names(u32),
    /// It cannot be written.
    Unwritten(Reason),
}

/// Why a letter was not delivered.
enum Undelivered {
    Stays(Stays),
    Failed(EngineError),
}

impl From<Stays> for Undelivered {
    fn from(why: Stays) -> Self {
        Self::Stays(why)
    }
}

impl From<io::Error> for Undelivered {
    fn from(error: io::Error) -> Self {
        Self::Stays(Stays::Unwritten(Reason::of_system(&error)))
    }
}

impl From<EngineError> for Undelivered {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Disk(error) => error.source.into(),
            error => Self::Failed(error),
        }
    }
}

enum Free {
    Name(String),
    There(String),
}

/// A name that nothing has; or the one under which the very file is there already.
fn free_name(folder: &Folder, wanted: &str, letter: &Letter) -> Result<Free, Undelivered> {
    for number in 1..=MOST_NAMES {
        let name = if number == 1 { wanted.to_owned() } else { numbered(wanted, &format!(" ({number})")) };
        match folder.stat(name.as_bytes())? {
            None => return Ok(Free::Name(name)),
            Some(there) if FileType::from_raw_mode(there.st_mode) == FileType::RegularFile => {
                if there.st_size as u64 == letter.size && hash_of(&mut folder.open(name.as_bytes())?)? == letter.hash {
                    return Ok(Free::There(name));
                }
            }
            Some(_) => {}
        }
    }
    Err(Stays::Names(MOST_NAMES).into())
}

fn hash_of(file: &mut File) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(*hasher.finalize().as_bytes()),
            n => hasher.update(&block[..n]),
        };
    }
}

/// Mode, owner and time, then to the disk. A received file is never executable, and belongs to whom the folder belongs.
fn finish(folder: &Folder, file: &File, letter: &Letter) -> io::Result<()> {
    let (uid, gid) = folder.owner()?;
    let mode = (letter.mode & 0o644) | 0o600;
    set_attributes(file, &Attributes { mode, uid, gid, mtime_s: letter.mtime.0, mtime_ns: letter.mtime.1 })?;
    file.sync_all()
}

impl Inbox {
    /// Whether a folder may be an inbox: a full path to a folder that is there and is not Printkeep's own.
    pub fn check(account_home: &Path, folder: &Path) -> Result<PathBuf, EngineError> {
        let missing = || EngineError::Usage(Misuse::NoFolder(folder.to_owned()));
        let real = folder.canonicalize().map_err(|_| missing())?;
        let home = account_home.canonicalize().unwrap_or_else(|_| account_home.to_owned());
        if !real.is_dir() {
            return Err(missing());
        }
        if real.starts_with(&home) || home.starts_with(&real) {
            return Err(EngineError::Usage(Misuse::OwnFolder(folder.to_owned())));
        }
        Ok(real)
    }
}
