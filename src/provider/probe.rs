//! What a place's server really does, tried with one small object that is removed again.

use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::{self, Sealed, To};
use crate::provider::{Listed, PlaceError, Provider, Range};

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
}

impl Report {
    /// Whether everything that is needed works.
    pub fn usable(&self) -> bool {
        self.checks.iter().all(|check| check.passed || !check.needed)
    }

    fn add(&mut self, what: &'static str, needed: bool, done: Result<bool, PlaceError>) -> bool {
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
    let Ok((first, second)) = objects(keys, random) else {
        report.add("random bytes on this machine", true, Ok(false));
        return report;
    };
    let name = first.name();
    if !report.add("an object can be written", true, place.put(&first).await.map(|_| true)) {
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
    report.add("another object under its name is refused", true, Ok(matches!(replaced, Err(PlaceError::Taken))));
    report.add("it can be removed (only the device that cleans up needs that)", false, removed(place, &name).await);
    report
}

async fn removed(place: &dyn Provider, name: &ObjectName) -> Result<bool, PlaceError> {
    place.remove(name).await?;
    Ok(matches!(place.get(name, None).await, Err(PlaceError::Missing)))
}

/// Two sealed objects that say nothing, under one name.
fn objects(keys: &WriterKeys, random: &dyn Random) -> Result<(Sealed, Sealed), crate::core::random::NoRandomness> {
    let name = ObjectName::Slot(ObjectId::random(random)?);
    let make = || seal::seal(keys, name, To::Devices, b"a probe", random);
    Ok((make()?, make()?))
}
