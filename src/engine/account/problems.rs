//! Problems of an account: kept, counted, remedied, acknowledged.

use std::collections::BTreeMap;

use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::Roster;
use crate::core::snapshot::SnapshotId;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::logs::Logs;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::problem_log::{LastDrill, Problem, ProblemLog};
use crate::local::audit::{Break, Checked, Entry, Event, Outcome};

impl Logs<'_> {
    /// Checks the whole log, and keeps what is wrong as a problem, in the form that the service layer reads.
    pub fn check_trail(&self, each: &mut dyn FnMut(Entry), told: &dyn Fn(&Break) -> String) -> Result<Checked, EngineError> {
        let checked = self.trail().check(each)?;
        match checked.breaks.first() {
            Some(first) => self.raise(NewProblem::of(ProblemKind::AuditBroken, Subject::Account).object(&told(first))),
            None => self.remedied(ProblemKind::AuditBroken, &Subject::Account),
        }
        Ok(checked)
    }
}

impl Account {
    /// All problems that are kept, the newest last.
    pub fn problems(&self) -> Vec<Problem> {
        self.logs().problem_log().load().problems
    }

    /// The last drill.
    pub fn last_drill(&self) -> Option<LastDrill> {
        self.logs().problem_log().load().drill
    }
}

impl Logs<'_> {
    pub(in crate::engine) fn problem_log(&self) -> ProblemLog {
        ProblemLog::at(&self.folder(), self.local_key(b"problems"), self.stop.clone())
    }

    /// Keeps a problem, durably, and counts it. One that is new goes to the audit log too.
    pub fn raise(&self, raised: NewProblem) {
        let word = raised.kind.as_str();
        if self.problem_log().raise(raised, self.now(), true) == Some(true) {
            self.audit(AuditEntry::of(Event::Problem, Outcome::Done).what(word));
        }
    }

    /// What raised it is gone.
    pub fn remedied(&self, kind: ProblemKind, subject: &Subject) {
        self.problem_log().remedied(&|problem| problem.what.kind == kind && problem.what.subject == *subject, self.now());
    }

    /// What raised those that are meant is gone.
    pub fn remedied_where(&self, meant: &dyn Fn(&Problem) -> bool) {
        self.problem_log().remedied(meant, self.now());
    }

    /// Those of this kind were shown by whoever met them.
    pub fn mark_shown(&self, kind: ProblemKind) {
        self.problem_log().change(&mut |kept| {
            kept.problems.iter_mut().filter(|problem| problem.what.kind == kind).for_each(|problem| problem.shown = true);
        });
    }

    /// Remembers how a drill went.
    pub fn remember_drill(&self, drill: LastDrill) {
        self.problem_log().change(&mut |kept| kept.drill = Some(drill.clone()));
    }

    /// The owner has seen it; none where there is no such problem.
    pub fn acknowledge(&self, number: u64) -> Option<Problem> {
        let mut found = None;
        self.problem_log().change(&mut |kept| {
            if let Some(problem) = kept.problems.iter_mut().find(|problem| problem.number == number) {
                problem.acknowledged = Some(problem.acknowledged.unwrap_or_else(|| self.now()));
                found = Some(problem.clone());
            }
        });
        found
    }

    /// Gives the problems that were not shown yet, and remembers that they are.
    pub fn take_unshown(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.problems().iter().any(|problem| problem.is_open() && !problem.shown) {
            self.problem_log().change(&mut |kept| {
                found = kept.problems.iter().filter(|problem| problem.is_open() && !problem.shown).cloned().collect();
                kept.problems.iter_mut().for_each(|problem| problem.shown = true);
            });
        }
        found
    }

    /// Tells of snapshots that other devices put into a store after they were revoked, or that there are none any more.
    pub fn tell_of_intruders(&self, store: &str, disbelieved: &[SnapshotId]) {
        let name = |device: &DeviceId| self.roster.member(device).map(|member| member.name.clone()).unwrap_or_default();
        let mut found: BTreeMap<DeviceId, Vec<ObjectName>> = BTreeMap::new();
        for (device, number) in disbelieved.iter().filter(|(device, _)| *device != self.device.id) {
            found.entry(*device).or_default().push(ObjectName::Head(*device, *number));
        }
        let gone = |what: &NewProblem| {
            what.kind == ProblemKind::Intruder
                && what.subject.is_store(store)
                && !what.device_id.is_some_and(|device| found.contains_key(&device))
        };
        self.problem_log().remedied(&|problem| gone(&problem.what), self.now());
        for (device, heads) in &found {
            let first = heads.first().map(ToString::to_string).unwrap_or_default();
            let subject = Subject::Store(store.to_owned());
            self.raise(
                NewProblem::of(ProblemKind::Intruder, subject)
                    .device(Some(*device), &name(device))
                    .object(&first)
                    .numbers(heads.len() as u64, 0),
            );
        }
    }

    /// Tells of devices that another machine let in or revoked.
    pub(in crate::engine) fn tell_of_devices(&self, newer: &Roster) {
        for member in newer.members.iter().filter(|member| member.id != self.device.id) {
            let change = match self.roster.member(&member.id) {
                None => Subject::Joined,
                Some(before) if before.is_active() && !member.is_active() => Subject::Revoked,
                Some(_) => continue,
            };
            self.raise(NewProblem::of(ProblemKind::Devices, change).device(Some(member.id), &member.name));
        }
    }
}
