//! What a place's server really does, tried with one small object that is removed again.

use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::{self, Sealed, To};
use crate::provider::s3::S3;
use crate::provider::scope::{NEEDED, Scope};
use crate::provider::{Listed, Provider, ProviderError, Range};

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was tried, in words.
    pub what: &'static str,
    /// Whether it works.
    pub passed: bool,
    /// Whether the place cannot be used without it.
    pub needed: bool,
    /// What the place said.
    pub note: Option<String>,
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
    fn refuses(&mut self, what: &'static str, done: Result<(), ProviderError>) {
        let (passed, note) = match done {
            Ok(()) => (false, Some("they can".to_owned())),
            Err(ProviderError::Refused(_) | ProviderError::ReadOnly(_) | ProviderError::Taken) => (true, None),
            Err(error) => (false, Some(error.to_string())),
        };
        self.checks.push(Check { what, passed, needed: false, note });
    }

    fn add(&mut self, what: &'static str, needed: bool, done: Result<bool, ProviderError>) -> bool {
        let (passed, note) = match done {
            Ok(passed) => (passed, None),
            Err(error) => (false, Some(error.to_string())),
        };
        self.checks.push(Check { what, passed, needed, note });
        passed
    }
}

/// Writes, reads, lists, offers another object under the same name, and removes.
pub async fn probe(place: &dyn Provider, keys: &WriterKeys, random: &dyn Random) -> Report {
    let mut report = Report::default();
    let Ok((first, second)) = objects(keys, ObjectName::Slot, random) else {
        report.add("random bytes on this machine", true, Ok(false));
        return report;
    };
    let name = first.name();
    if !report.add("a file can be written", true, place.put(&first).await.map(|_| true)) {
        return report;
    }
    report.add("it reads back as it was written", true, place.get(&name, None).await.map(|bytes| bytes == first.bytes()));
    let range = Range { offset: 7, length: 33 };
    let part = place.get(&name, Some(range)).await.map(|bytes| bytes == first.bytes()[7..40]);
    report.add("part of it can be read", true, part);
    let mut listed = false;
    let mut look = |page: &[Listed]| listed |= page.iter().any(|l| l.name == name && l.size == first.bytes().len() as u64);
    let list = place.list("slots", &mut look).await;
    report.add("it is listed, in its size", true, list.map(|()| listed));
    report.add("writing it again is accepted", true, place.put(&first).await.map(|_| true));
    let replaced = place.put(&second).await;
    report.add("another file under its name is refused", true, Ok(matches!(replaced, Err(ProviderError::Taken))));
    report.add("it can be removed (only the device that cleans up needs that)", false, removed(place, &name).await);
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
        report.add("random bytes on this machine", true, Ok(false));
        return report;
    };
    let name = first.name();
    for folder in scope.readable() {
        let done = place.list(&folder, &mut |_| {}).await.map(|()| true);
        if done.is_err() || report.checks.is_empty() {
            report.add("what tells whom to believe can be listed", NEEDED.iter().any(|needed| folder.starts_with(needed)), done);
        }
    }
    if !report.add("a file can be written", true, place.put(&first).await.map(|_| true)) {
        return report;
    }
    report.left = 1;
    let mut listed = false;
    let mut look = |page: &[Listed]| listed |= page.iter().any(|l| l.name == name && l.size == first.bytes().len() as u64);
    let shard: String = name.to_string().chars().take("packs/00".len()).collect();
    let list = place.list(&shard, &mut look).await;
    report.add("it is listed, in its size (else what is sent goes by memory)", false, list.map(|()| listed));
    report.add("writing it again is accepted", true, place.put(&first).await.map(|_| true));
    let replaced = place.put(&second).await;
    report.add("another file under its name is refused", true, Ok(matches!(replaced, Err(ProviderError::Taken))));
    report.refuses("packs cannot be read back with these credentials", place.get(&name, None).await.map(|_| ()));
    report.refuses("what opens the account cannot be listed with these credentials", place.list("slots", &mut |_| {}).await);
    if let Some(server) = server {
        let what = "the server itself refuses to replace (else let the bucket keep versions)";
        report.refuses(what, server.replaces(&second).await);
    }
    let gone = place.remove(&name).await;
    report.left = u64::from(gone.is_err());
    report.refuses("nothing can be removed with these credentials", gone);
    report
}

async fn removed(place: &dyn Provider, name: &ObjectName) -> Result<bool, ProviderError> {
    place.remove(name).await?;
    Ok(matches!(place.get(name, None).await, Err(ProviderError::Missing)))
}

/// Two sealed objects that say nothing, under one name.
fn objects(
    keys: &WriterKeys,
    name: fn(ObjectId) -> ObjectName,
    random: &dyn Random,
) -> Result<(Sealed, Sealed), crate::core::random::NoRandomness> {
    let name = name(ObjectId::random(random)?);
    let make = |body: &[u8]| seal::seal(keys, name, To::Devices, body, random);
    // of another size, for a listing that shows no more than that
    Ok((make(b"a probe")?, make(&[0; 1000])?))
}
