//! What a place's server really does, tried with one small object that is removed again.

use serde::{Deserialize, Serialize};

use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::{self, Proved, To};
use crate::provider::reason::Reason;
use crate::provider::s3::S3;
use crate::provider::scope::{NEEDED, Scope};
use crate::provider::{Listed, Provider, ProviderError, Range, Wanted};

/// What is tried of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trial {
    /// This machine gives random bytes.
    Randomness,
    /// A file can be written.
    Write,
    /// It reads back as it was written.
    ReadBack,
    /// Part of it can be read.
    ReadPart,
    /// It is listed, in its size.
    Listed,
    /// Writing it again is accepted.
    WriteAgain,
    /// Another file under its name is refused.
    OtherRefused,
    /// It can be removed, which only a device that cleans up needs.
    Removed,
    /// What tells whom to believe can be listed.
    TrustListed,
    /// It is listed, in its size, by a device that only writes; else what is sent goes by memory.
    SentListed,
    /// Packs cannot be read back with these credentials.
    PacksUnread,
    /// What opens the account cannot be listed with these credentials.
    KeysUnlisted,
    /// The server itself refuses to replace; else the bucket is to keep versions.
    ServerRefuses,
    /// Nothing can be removed with these credentials.
    NothingRemoved,
    /// A folder can be made.
    NewFolder,
    /// There is free space.
    FreeSpace,
    /// It lies on another disk than the copy on this machine.
    AnotherDisk,
    /// Files are on the disk when it says so.
    Fsync,
    /// So are names.
    FolderFsync,
    /// A file may have two names.
    HardLinks,
    /// A rename can refuse to replace.
    RenameNoReplace,
    /// Nothing is ever replaced, whoever writes.
    NeverReplaced,
    /// Names differ by case, which ours need not.
    Case,
    /// This machine's clock and the server's are close.
    Clock,
    /// It can be told to write only what is not there yet, on which nothing relies.
    OnlyNew,
    /// A file can be written in parts.
    Parts,
    /// It keeps what is locked until its time.
    LockHolds,
}

/// What a trial showed besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The place did not do what it was asked.
    Place(ProviderError),
    /// The system did not.
    System(Reason),
    /// So many bytes are free.
    Free(u64),
    /// The credentials can do what they should not.
    TheyCan,
    /// This machine's clock is so many seconds behind.
    Behind(u64),
    /// It is so many seconds ahead.
    Ahead(u64),
    /// Only one device at a time may write: neither links nor renames that refuse to replace.
    OneWriter,
    /// The bucket keeps no versions, which a lock needs.
    NoVersions,
    /// What was locked was removed.
    WasRemoved,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was tried.
    pub what: Trial,
    /// Whether it works.
    pub passed: bool,
    /// Whether the place cannot be used without it.
    pub needed: bool,
    /// What it showed.
    pub note: Option<Shown>,
}

/// What a probe found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Everything that was tried, in order.
    pub checks: Vec<Check>,
    /// Objects of the test that could not be removed.
    pub left: u64,
}

impl Report {
    /// Whether everything that is needed works.
    pub fn usable(&self) -> bool {
        self.checks.iter().all(|check| check.passed || !check.needed)
    }

    /// Something that should be refused.
    fn refuses(&mut self, what: Trial, done: Result<(), ProviderError>) {
        let (passed, note) = match done {
            Ok(()) => (false, Some(Shown::TheyCan)),
            Err(ProviderError::Refused(_) | ProviderError::ReadOnly(_) | ProviderError::Taken) => (true, None),
            Err(error) => (false, Some(Shown::Place(error))),
        };
        self.checks.push(Check { what, passed, needed: false, note });
    }

    fn add(&mut self, what: Trial, needed: bool, done: Result<bool, ProviderError>) -> bool {
        let (passed, note) = match done {
            Ok(passed) => (passed, None),
            Err(error) => (false, Some(Shown::Place(error))),
        };
        self.checks.push(Check { what, passed, needed, note });
        passed
    }
}

/// Writes, reads, lists, offers another object under the same name, and removes.
pub async fn probe(place: &dyn Provider, keys: &WriterKeys, random: &dyn Random) -> Report {
    let mut report = Report::default();
    let Ok((first, second)) = objects(keys, ObjectName::Slot, random) else {
        report.add(Trial::Randomness, true, Ok(false));
        return report;
    };
    let name = first.name();
    if !report.add(Trial::Write, true, place.put(&first).await.map(|_| true)) {
        return report;
    }
    report.add(Trial::ReadBack, true, place.get(&name, Wanted::whole(&name)).await.map(|bytes| bytes == first.bytes()));
    let range = Range { offset: 7, length: 33 };
    let part = place.get(&name, Wanted::part(&name, range)).await.map(|bytes| bytes == first.bytes()[7..40]);
    report.add(Trial::ReadPart, true, part);
    let mut listed = false;
    let mut look = |page: &[Listed]| listed |= page.iter().any(|l| l.name == name && l.size == first.bytes().len() as u64);
    let list = place.list("slots", &mut look).await;
    report.add(Trial::Listed, true, list.map(|()| listed));
    report.add(Trial::WriteAgain, true, place.put(&first).await.map(|_| true));
    let replaced = place.put(&second).await;
    report.add(Trial::OtherRefused, true, Ok(matches!(replaced, Err(ProviderError::Taken))));
    report.add(Trial::Removed, false, removed(place, &name).await);
    report
}

/// What the credentials of a device that only writes may do: what they must, and what they need not. The one object that is written
/// bears a pack's name, so that no device takes it for anything else, and stays where it may not be removed.
pub async fn probe_writer(
    place: &dyn Provider,
    scope: &Scope,
    server: Option<&S3>,
    keys: &WriterKeys,
    random: &dyn Random,
) -> Report {
    let mut report = Report::default();
    let Ok((first, second)) = objects(keys, ObjectName::Pack, random) else {
        report.add(Trial::Randomness, true, Ok(false));
        return report;
    };
    let name = first.name();
    for folder in scope.readable() {
        let done = place.list(&folder, &mut |_| {}).await.map(|()| true);
        if done.is_err() || report.checks.is_empty() {
            report.add(Trial::TrustListed, NEEDED.iter().any(|needed| folder.starts_with(needed)), done);
        }
    }
    if !report.add(Trial::Write, true, place.put(&first).await.map(|_| true)) {
        return report;
    }
    report.left = 1;
    let mut listed = false;
    let mut look = |page: &[Listed]| listed |= page.iter().any(|l| l.name == name && l.size == first.bytes().len() as u64);
    let shard: String = name.to_string().chars().take("packs/00".len()).collect();
    let list = place.list(&shard, &mut look).await;
    report.add(Trial::SentListed, false, list.map(|()| listed));
    report.add(Trial::WriteAgain, true, place.put(&first).await.map(|_| true));
    let replaced = place.put(&second).await;
    report.add(Trial::OtherRefused, true, Ok(matches!(replaced, Err(ProviderError::Taken))));
    report.refuses(Trial::PacksUnread, place.get(&name, Wanted::whole(&name)).await.map(|_| ()));
    report.refuses(Trial::KeysUnlisted, place.list("slots", &mut |_| {}).await);
    if let Some(server) = server {
        report.refuses(Trial::ServerRefuses, server.replaces(&second).await);
    }
    let gone = place.remove(&name).await;
    report.left = u64::from(gone.is_err());
    report.refuses(Trial::NothingRemoved, gone);
    report
}

async fn removed(place: &dyn Provider, name: &ObjectName) -> Result<bool, ProviderError> {
    place.remove(name).await?;
    Ok(matches!(place.get(name, Wanted::whole(name)).await, Err(ProviderError::Missing)))
}

/// Two sealed objects that say nothing, under one name.
fn objects(
    keys: &WriterKeys,
    name: fn(ObjectId) -> ObjectName,
    random: &dyn Random,
) -> Result<(Proved, Proved), crate::core::random::NoRandomness> {
    let name = name(ObjectId::random(random)?);
    let make = |body: &[u8]| seal::seal(keys, name, To::Devices, body, random);
    // of another size, for a listing that shows no more than that
    Ok((make(b"a probe")?, make(&[0; 1000])?))
}
