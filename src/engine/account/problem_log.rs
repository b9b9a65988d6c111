//! Where problems are kept: one small sealed file, replaced whole under a lock, so that every process may add to it.
//!
//! At most 256 are kept; those that are remedied go first, then the oldest. A file that does not open is replaced by a new one: what
//! it told is lost, and the audit log still names it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::DeviceId;
use crate::core::secret::Secret;
use crate::engine::account::problem::{self, NewProblem, ProblemKind, Subject};
use crate::local::home::{read_small, write_private};
use crate::local::os_random::SystemRandom;
use crate::local::stop::Stop;
use crate::local::{local_seal, lock_file};

const MAX_KEPT: usize = 256;
const MAX_TEXT: usize = 4000;
const MAX_FILE: u64 = 4 * 1024 * 1024;
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// A condition that lasts counts once a day, in seconds.
const DAY: i64 = 86_400;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its number on this device.
    pub number: u64,
    /// What went wrong, as it was seen last.
    pub what: NewProblem,
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

impl Problem {
    /// One that is kept nowhere: it has no number.
    pub fn unkept(what: NewProblem, now: i64) -> Self {
        Self {
            number: 0,
            what,
            first: now,
            last: now,
            count: 1,
            acknowledged: None,
            remedied: None,
            told: None,
            told_failed: 0,
            shown: false,
        }
    }

    /// Whether it is neither remedied nor acknowledged.
    pub fn is_open(&self) -> bool {
        self.remedied.is_none() && self.acknowledged.is_none()
    }

    /// How bad it is.
    pub fn grade(&self) -> problem::Grade {
        self.what.grade(self.count)
    }
}

/// How the last drill went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDrill {
    /// When, in seconds since 1970.
    pub time: i64,
    /// From which store; none is the local vault.
    pub store: Option<String>,
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
    pub problems: Vec<Problem>,
    pub drill: Option<LastDrill>,
    next: u64,
}

/// The file.
pub(in crate::engine) struct ProblemLog {
    path: PathBuf,
    key: Secret<32>,
    stop: Stop,
}

impl ProblemLog {
    /// The file of an account, whose lock is waited for until `stop`.
    pub fn at(account: &Path, key: Secret<32>, stop: Stop) -> Self {
        Self { path: account.join("problems"), key, stop }
    }

    /// What is kept; nothing where it cannot be read.
    pub fn load(&self) -> Kept {
        let sealed = read_small(&self.path, MAX_FILE).ok().flatten();
        let opened = sealed.and_then(|sealed| local_seal::open(&self.key, b"problems", &sealed));
        opened.and_then(|bytes| Kept::decode(&bytes).ok()).unwrap_or_default()
    }

    /// Changes what is kept, durably. Whether that could be done.
    pub fn change(&self, change: &mut dyn FnMut(&mut Kept)) -> bool {
        let lock = self.path.with_extension("lock");
        let Ok(_lock) = lock_file::take(&lock, LOCK_WAIT, &self.stop) else { return false };
        let before = self.load();
        let mut kept = before.clone();
        change(&mut kept);
        if kept == before {
            return true;
        }
        kept.shrink();
        let sealed = local_seal::seal(&self.key, b"problems", &kept.encode(), &SystemRandom::new());
        sealed.is_ok_and(|sealed| write_private(&self.path, &sealed).is_ok())
    }

    /// Counts a problem; whether it is new. `again`: it happened once more, rather than lasts.
    pub fn raise(&self, raised: NewProblem, now: i64, again: bool) -> Option<bool> {
        let mut new = false;
        let done = self.change(&mut |kept| {
            let same = |problem: &&mut Problem| problem.remedied.is_none() && problem.what.is_same(&raised);
            match kept.problems.iter_mut().find(same) {
                Some(problem) => {
                    let before = problem.grade();
                    if again || now.saturating_sub(problem.last) >= DAY {
                        problem.count = problem.count.saturating_add(1);
                        problem.last = now;
                    }
                    // it is told by what holds now, not by what held when it began
                    problem.what = raised.clone();
                    // what grew worse is told anew
                    if problem.grade() > before {
                        (problem.acknowledged, problem.told, problem.told_failed, problem.shown) = (None, None, 0, false);
                    }
                }
                None => {
                    kept.next = kept.next.max(1);
                    let number = kept.next;
                    kept.next += 1;
                    new = true;
                    kept.problems.push(Problem { number, ..Problem::unkept(raised.clone(), now) });
                }
            }
        });
        done.then_some(new)
    }

    /// What was raised of this kind and is not remedied yet.
    pub fn raised(&self, kind: problem::ProblemKind, subject: &Subject) -> Option<NewProblem> {
        let same = |problem: &Problem| problem.what.kind == kind && problem.what.subject == *subject;
        let found = self.load().problems.into_iter().find(|problem| problem.remedied.is_none() && same(problem));
        found.map(|problem| problem.what)
    }

    /// Marks as remedied what is open and is meant.
    pub fn remedied(&self, meant: &dyn Fn(&Problem) -> bool, now: i64) {
        // most runs have nothing to mark, and write nothing
        if self.load().problems.iter().any(|problem| problem.remedied.is_none() && meant(problem)) {
            self.change(&mut |kept| {
                let open = kept.problems.iter_mut().filter(|problem| problem.remedied.is_none());
                open.filter(|problem| meant(problem)).for_each(|problem| problem.remedied = Some(now));
            });
        }
    }
}

impl Kept {
    fn shrink(&mut self) {
        while self.problems.len() > MAX_KEPT {
            let at = self.problems.iter().position(|problem| problem.remedied.is_some()).unwrap_or(0);
            self.problems.remove(at);
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(3);
        out.u64(self.next);
        out.u8(self.drill.is_some().into());
        if let Some(drill) = &self.drill {
            out.raw(&drill.time.to_le_bytes());
            text(&mut out, drill.store.as_deref().unwrap_or_default());
            [drill.files, drill.bytes, drill.failed].iter().for_each(|number| out.u64(*number));
        }
        out.varint(self.problems.len() as u64);
        for problem in &self.problems {
            let what = &problem.what;
            out.u64(problem.number);
            out.u8(what.kind as u8);
            let (code, name) = what.subject.parts();
            out.u8(code);
            out.u8(what.device_id.is_some().into());
            what.device_id.iter().for_each(|device| out.raw(device.as_bytes()));
            [name, &what.device, &what.object].iter().for_each(|part| text(&mut out, part));
            [what.known, what.shown].iter().for_each(|number| out.u64(*number));
            [problem.first, problem.last].iter().for_each(|at| out.raw(&at.to_le_bytes()));
            [problem.count, problem.told_failed].iter().for_each(|count| out.u32(*count));
            [problem.acknowledged, problem.remedied, problem.told].iter().for_each(|at| {
                out.u8(at.is_some().into());
                at.iter().for_each(|at| out.raw(&at.to_le_bytes()));
            });
            out.u8(problem.shown.into());
        }
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        if input.u8()? != 3 {
            return Err(Bad("problems of another version"));
        }
        let next = input.u64()?;
        let drill = match input.u8()? {
            0 => None,
            _ => Some(LastDrill {
                time: time(&mut input)?,
                store: Some(read_text(&mut input)?).filter(|store| !store.is_empty()),
                files: input.u64()?,
                bytes: input.u64()?,
                failed: input.u64()?,
            }),
        };
        let count = input.count(MAX_KEPT)?;
        let problems = (0..count).map(|_| read_problem(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { problems, drill, next })
    }
}

fn read_problem(input: &mut Reader<'_>) -> Result<Problem, Bad> {
    let (number, kind) = (input.u64()?, ProblemKind::from_code(input.u8()?)?);
    let code = input.u8()?;
    let device_id = if input.u8()? == 0 { None } else { Some(DeviceId::from_bytes(input.array()?)) };
    let subject = Subject::from_parts(code, read_text(input)?)?;
    let (device, object) = (read_text(input)?, read_text(input)?);
    let (known, shown) = (input.u64()?, input.u64()?);
    Ok(Problem {
        number,
        what: NewProblem { kind, subject, device_id, device, object, known, shown },
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

    fn log(folder: &Path) -> ProblemLog {
        ProblemLog::at(folder, Secret::random(&Counting::new(3)).unwrap(), Stop::never())
    }

    #[test]
    fn two_devices_of_one_name_have_a_problem_each() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        let joined = |id: u8| {
            NewProblem::of(problem::ProblemKind::Devices, Subject::Joined).device(Some(DeviceId::from_bytes([id; 16])), "vm-2")
        };
        assert_eq!(log.raise(joined(1), 10, true), Some(true));
        log.change(&mut |kept| kept.problems[0].acknowledged = Some(11));
        assert_eq!(log.raise(joined(1), 12, true), Some(false));
        assert_eq!(log.raise(joined(2), 13, true), Some(true));
        let kept = log.load().problems;
        assert_eq!(kept.iter().map(|one| one.acknowledged.is_some()).collect::<Vec<_>>(), [true, false]);
        assert!(kept.iter().all(|one| one.what.device == "vm-2"));
    }

    #[test]
    fn the_same_is_counted_and_not_told_twice_and_comes_back_as_new_once_remedied() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        let of = |kind, store: &str| NewProblem::of(kind, Subject::Store(store.into()));
        let store = || of(ProblemKind::NotTrusted, "nas").object("pin");
        assert_eq!(log.raise(store(), 10, true), Some(true));
        assert_eq!(log.raise(store(), 20, true), Some(false));
        assert_eq!(log.raise(of(ProblemKind::NotTrusted, "other"), 20, true), Some(true));
        // what only lasts counts once a day
        assert_eq!(log.raise(store(), 30, false), Some(false));
        let first = log.load().problems[0].clone();
        assert_eq!(
            (first.number, first.count, first.first, first.last, first.grade()),
            (1, 2, 10, 20, crate::engine::account::problem::Grade::Serious)
        );
        log.raise(store(), 20 + DAY, false);
        assert_eq!(log.load().problems[0].grade(), crate::engine::account::problem::Grade::Critical);
        log.remedied(&|problem| problem.what.subject.is_store("nas"), 99);
        assert_eq!(log.load().problems[0].remedied, Some(99));
        assert_eq!(log.raise(store(), 100, true), Some(true));
        assert_eq!(log.load().problems.len(), 3);
    }

    #[test]
    fn what_is_kept_reads_back_and_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        let drill = LastDrill { time: 5, store: Some("nas".into()), files: 3, bytes: 9, failed: 1 };
        log.change(&mut |kept| kept.drill = Some(drill.clone()));
        for n in 0..300 {
            let store = Subject::Store(format!("{n}{}", "x".repeat(MAX_TEXT)));
            log.raise(NewProblem::of(ProblemKind::Damaged, store).numbers(n, 2), n as i64, true);
        }
        let kept = log.load();
        assert_eq!((kept.problems.len(), kept.drill.clone(), kept.next), (MAX_KEPT, Some(drill), 301));
        assert_eq!(Kept::decode(&kept.encode()), Ok(kept.clone()));
        assert_eq!(kept.problems.last().unwrap().number, 300);
        for (n, subject) in [Subject::Account, Subject::Vault, Subject::Source("/a".into()), Subject::Joined, Subject::Revoked]
            .into_iter()
            .enumerate()
        {
            log.raise(NewProblem::of(ProblemKind::Devices, subject.clone()), 400 + n as i64, true);
            assert_eq!(log.load().problems.last().unwrap().what.subject, subject);
        }
        std::fs::write(folder.path().join("problems"), b"nonsense").unwrap();
        assert_eq!(log.raise(NewProblem::of(ProblemKind::Disk, Subject::Account), 1, true), Some(true));
    }
}
