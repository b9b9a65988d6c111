//! Where incidents are kept: one small sealed file, replaced whole under a lock, so that every process may add to it.
//!
//! At most 256 are kept; those that are remedied go first, then the oldest. A file that does not open is replaced by a new one: what
//! it told is lost, and the audit log still names it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Kind, Raised};
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::secret::Secret;
use crate::store::entropy::SystemRandom;
use crate::store::guard;
use crate::store::home::{read_small, write_private};
use crate::store::local_seal;

const MAX_KEPT: usize = 256;
const MAX_TEXT: usize = 400;
const MAX_FILE: u64 = 4 * 1024 * 1024;
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// A condition that lasts counts once a day, in seconds.
const DAY: i64 = 86_400;

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its number on this device.
    pub number: u64,
    /// What went wrong, as it was seen last.
    pub what: Raised,
    /// When it was seen first, in seconds since 1970.
    pub first: i64,
    /// When it was seen last.
    pub last: i64,
    /// How often.
    pub count: u32,
    /// When the owner acknowledged it.
    pub acknowledged: Option<i64>,
    /// When it was seen to be gone.
    pub remedied: Option<i64>,
    /// When the hook took it.
    pub told: Option<i64>,
    /// How often the hook failed on it.
    pub told_failed: u32,
    /// Whether it was shown on a terminal.
    pub shown: bool,
}

impl Incident {
    /// Whether it is neither remedied nor acknowledged.
    pub fn is_open(&self) -> bool {
        self.remedied.is_none() && self.acknowledged.is_none()
    }

    /// How bad it is.
    pub fn grade(&self) -> super::Grade {
        self.what.kind.grade(self.count, self.what.known)
    }
}

/// How the last drill went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDrill {
    /// When, in seconds since 1970.
    pub time: i64,
    /// From where.
    pub place: String,
    /// How many files came back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many did not.
    pub failed: u64,
}

/// What the file holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Kept {
    pub incidents: Vec<Incident>,
    pub drill: Option<LastDrill>,
    next: u64,
}

/// The file.
pub(in crate::engine) struct Book {
    path: PathBuf,
    key: Secret<32>,
}

impl Book {
    pub fn at(account: &Path, key: Secret<32>) -> Self {
        Self { path: account.join("incidents"), key }
    }

    /// What is kept; nothing where it cannot be read.
    pub fn load(&self) -> Kept {
        let sealed = read_small(&self.path, MAX_FILE).ok().flatten();
        let opened = sealed.and_then(|sealed| local_seal::open(&self.key, b"incidents", &sealed));
        opened.and_then(|bytes| Kept::decode(&bytes).ok()).unwrap_or_default()
    }

    /// Changes what is kept, durably. Whether that could be done.
    pub fn change(&self, change: &mut dyn FnMut(&mut Kept)) -> bool {
        let lock = self.path.with_extension("lock");
        let Ok(Some(_lock)) = guard::take(&lock, LOCK_WAIT) else { return false };
        let before = self.load();
        let mut kept = before.clone();
        change(&mut kept);
        if kept == before {
            return true;
        }
        kept.shrink();
        let sealed = local_seal::seal(&self.key, b"incidents", &kept.encode(), &SystemRandom::new());
        sealed.is_ok_and(|sealed| write_private(&self.path, &sealed).is_ok())
    }

    /// Counts an incident; whether it is new. `again`: it happened once more, rather than lasts.
    pub fn raise(&self, raised: Raised, now: i64, again: bool) -> Option<bool> {
        let mut new = false;
        let done = self.change(&mut |kept| {
            let same = |incident: &&mut Incident| {
                let what = &incident.what;
                let open = incident.remedied.is_none();
                open && what.kind == raised.kind && what.subject == raised.subject && what.device == raised.device
            };
            match kept.incidents.iter_mut().find(same) {
                Some(incident) if again || now.saturating_sub(incident.last) >= DAY => {
                    let before = incident.grade();
                    incident.count = incident.count.saturating_add(1);
                    incident.last = now;
                    incident.what = raised.clone();
                    // what grew worse is told anew
                    if incident.grade() > before {
                        (incident.acknowledged, incident.told, incident.told_failed, incident.shown) = (None, None, 0, false);
                    }
                }
                Some(_) => {}
                None => {
                    kept.next = kept.next.max(1);
                    let number = kept.next;
                    kept.next += 1;
                    new = true;
                    kept.incidents.push(Incident {
                        number,
                        what: raised.clone(),
                        first: now,
                        last: now,
                        count: 1,
                        acknowledged: None,
                        remedied: None,
                        told: None,
                        told_failed: 0,
                        shown: false,
                    });
                }
            }
        });
        done.then_some(new)
    }

    /// Whether it was raised and is not remedied yet.
    pub fn is_raised(&self, kind: super::Kind, subject: &str) -> bool {
        let same = |incident: &Incident| incident.what.kind == kind && incident.what.subject == subject;
        self.load().incidents.iter().any(|incident| incident.remedied.is_none() && same(incident))
    }

    /// Marks as remedied what is open and is meant.
    pub fn remedied(&self, meant: &dyn Fn(&Incident) -> bool, now: i64) {
        // most runs have nothing to mark, and write nothing
        if self.load().incidents.iter().any(|incident| incident.remedied.is_none() && meant(incident)) {
            self.change(&mut |kept| {
                let open = kept.incidents.iter_mut().filter(|incident| incident.remedied.is_none());
                open.filter(|incident| meant(incident)).for_each(|incident| incident.remedied = Some(now));
            });
        }
    }
}

impl Kept {
    fn shrink(&mut self) {
        while self.incidents.len() > MAX_KEPT {
            let at = self.incidents.iter().position(|incident| incident.remedied.is_some()).unwrap_or(0);
            self.incidents.remove(at);
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(1);
        out.u64(self.next);
        out.u8(self.drill.is_some().into());
        if let Some(drill) = &self.drill {
            out.raw(&drill.time.to_le_bytes());
            text(&mut out, &drill.place);
            [drill.files, drill.bytes, drill.failed].iter().for_each(|number| out.u64(*number));
        }
        out.varint(self.incidents.len() as u64);
        for incident in &self.incidents {
            let what = &incident.what;
            out.u64(incident.number);
            out.u8(what.kind as u8);
            [&what.subject, &what.device, &what.object].iter().for_each(|part| text(&mut out, part));
            [what.known, what.shown].iter().for_each(|number| out.u64(*number));
            [incident.first, incident.last].iter().for_each(|at| out.raw(&at.to_le_bytes()));
            [incident.count, incident.told_failed].iter().for_each(|count| out.u32(*count));
            [incident.acknowledged, incident.remedied, incident.told].iter().for_each(|at| {
                out.u8(at.is_some().into());
                at.iter().for_each(|at| out.raw(&at.to_le_bytes()));
            });
            out.u8(incident.shown.into());
        }
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        if input.u8()? != 1 {
            return Err(Bad("incidents of a later version"));
        }
        let next = input.u64()?;
        let drill = match input.u8()? {
            0 => None,
            _ => Some(LastDrill {
                time: time(&mut input)?,
                place: read_text(&mut input)?,
                files: input.u64()?,
                bytes: input.u64()?,
                failed: input.u64()?,
            }),
        };
        let count = input.count(MAX_KEPT)?;
        let incidents = (0..count).map(|_| read_incident(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { incidents, drill, next })
    }
}

fn read_incident(input: &mut Reader<'_>) -> Result<Incident, Bad> {
    let (number, kind) = (input.u64()?, Kind::from_code(input.u8()?)?);
    let (subject, device, object) = (read_text(input)?, read_text(input)?, read_text(input)?);
    let (known, shown) = (input.u64()?, input.u64()?);
    Ok(Incident {
        number,
        what: Raised { kind, subject, device, object, known, shown },
        first: time(input)?,
        last: time(input)?,
        count: input.u32()?,
        told_failed: input.u32()?,
        acknowledged: maybe(input)?,
        remedied: maybe(input)?,
        told: maybe(input)?,
        shown: input.u8()? != 0,
    })
}

fn text(out: &mut Writer, text: &str) {
    out.bytes(&text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)]);
}

fn read_text(input: &mut Reader<'_>) -> Result<String, Bad> {
    String::from_utf8(input.bytes(MAX_TEXT)?.to_vec()).map_err(|_| Bad("a text that is not UTF-8"))
}

fn time(input: &mut Reader<'_>) -> Result<i64, Bad> {
    input.array().map(i64::from_le_bytes)
}

fn maybe(input: &mut Reader<'_>) -> Result<Option<i64>, Bad> {
    Ok(if input.u8()? == 0 { None } else { Some(time(input)?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn book(folder: &Path) -> Book {
        Book::at(folder, Secret::random(&Counting::new(3)).unwrap())
    }

    #[test]
    fn the_same_is_counted_and_not_told_twice_and_comes_back_as_new_once_remedied() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path());
        let store = || Raised::of(Kind::NotTrusted, "nas").object("pin");
        assert_eq!(book.raise(store(), 10, true), Some(true));
        assert_eq!(book.raise(store(), 20, true), Some(false));
        assert_eq!(book.raise(Raised::of(Kind::NotTrusted, "other"), 20, true), Some(true));
        // what only lasts counts once a day
        assert_eq!(book.raise(store(), 30, false), Some(false));
        let first = book.load().incidents[0].clone();
        assert_eq!(
            (first.number, first.count, first.first, first.last, first.grade()),
            (1, 2, 10, 20, super::super::Grade::Serious)
        );
        book.raise(store(), 20 + DAY, false);
        assert_eq!(book.load().incidents[0].grade(), super::super::Grade::Critical);
        book.remedied(&|incident| incident.what.subject == "nas", 99);
        assert_eq!(book.load().incidents[0].remedied, Some(99));
        assert_eq!(book.raise(store(), 100, true), Some(true));
        assert_eq!(book.load().incidents.len(), 3);
    }

    #[test]
    fn what_is_kept_reads_back_and_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path());
        let drill = LastDrill { time: 5, place: "nas".into(), files: 3, bytes: 9, failed: 1 };
        book.change(&mut |kept| kept.drill = Some(drill.clone()));
        for n in 0..300 {
            book.raise(Raised::of(Kind::Damaged, &format!("{n}{}", "x".repeat(1000))).numbers(n, 2), n as i64, true);
        }
        let kept = book.load();
        assert_eq!((kept.incidents.len(), kept.drill.clone(), kept.next), (MAX_KEPT, Some(drill), 301));
        assert_eq!(Kept::decode(&kept.encode()), Ok(kept.clone()));
        assert_eq!(kept.incidents.last().unwrap().number, 300);
        std::fs::write(folder.path().join("incidents"), b"nonsense").unwrap();
        assert_eq!(book.raise(Raised::of(Kind::Disk, ""), 1, true), Some(true));
    }
}
