//! Incidents: what went wrong that an owner must know, graded by written rules, kept until it is remedied, told once and counted.
//!
//! | grade | rule |
//! |---|---|
//! | critical | somebody may be acting against the owner: two histories of one device, a broken audit log; a store that is not the trusted one, three times or more; ten or more wrong passphrases in a row |
//! | serious | what was saved may be lost or was touched, or somebody tries to get in: a damaged or exchanged object, an older state, another list of devices, a revoked device that still writes, a store that is not the trusted one, wrong passphrases, a drill that failed |
//! | warning | protection stands still: no backup for days, here or on another device; refused credentials; a store away, out of step for days, or full; a disk nearly full; a wrong clock; a policy that cannot be read; an audit log that cannot be written |
//! | info | worth knowing: a store that does not answer; a device joined the account, or was revoked, from another machine |
//!
//! An incident is one by its kind, its subject (a store, a place) and its device: the same again is counted, not told again. It is
//! remedied when what raised it is seen to be gone, where that can be seen; wrong passphrases, broken logs and changes of
//! devices stay until the owner acknowledges them.

mod book;
mod heard;
pub mod hook;
mod watch;

pub use book::{Incident, LastDrill};
pub use heard::Listening;
pub use watch::{NEARLY_FULL, Watched, other_devices, watch};

use std::collections::BTreeMap;

use crate::core::codec::Bad;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::roster::Roster;
use crate::engine::account::Account;
use crate::engine::audit::{Note, now};
use crate::engine::keep::book::Which;
use crate::store::audit::{Event, Outcome};
use book::Book;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Worth knowing.
    Info,
    /// Protection stands still.
    Warning,
    /// What was saved may be lost or touched, or somebody tries to get in.
    Serious,
    /// Somebody may be acting against the owner.
    Critical,
}

impl Grade {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Serious => "serious",
            Self::Critical => "critical",
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An object is damaged or missing, here or in a store.
    Damaged = 1,
    /// A store shows an exchanged or forged object.
    Forged = 2,
    /// A store shows an older state, or lacks what was there.
    Rollback = 3,
    /// A device has two histories.
    Fork = 4,
    /// A store shows another list of devices.
    Roster = 5,
    /// A device joined or was revoked from another machine.
    Devices = 6,
    /// A store is not the one that is trusted: certificate, pin or host key.
    NotTrusted = 7,
    /// A store does not accept the credentials.
    Refused = 8,
    /// Wrong passphrases, several in a row.
    WrongPassphrase = 9,
    /// The audit log is not what was written.
    AuditBroken = 10,
    /// The audit log cannot be written.
    AuditUnwritten = 11,
    /// This device has not backed up for days.
    Silent = 12,
    /// Another device has not backed up for days.
    DeviceSilent = 13,
    /// The vault's disk is nearly full.
    Disk = 14,
    /// The clock is earlier than what was done before.
    Clock = 15,
    /// The policy in force cannot be read.
    Policy = 16,
    /// A drill failed.
    Drill = 17,
    /// A device that was revoked still writes to a store.
    Intruder = 18,
    /// A store does not answer, or is out of step for days.
    Away = 19,
    /// A store takes nothing more, because it is full.
    Full = 20,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Damaged,
        Self::Forged,
        Self::Rollback,
        Self::Fork,
        Self::Roster,
        Self::Devices,
        Self::NotTrusted,
        Self::Refused,
        Self::WrongPassphrase,
        Self::AuditBroken,
        Self::AuditUnwritten,
        Self::Silent,
        Self::DeviceSilent,
        Self::Disk,
        Self::Clock,
        Self::Policy,
        Self::Drill,
        Self::Intruder,
        Self::Away,
        Self::Full,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Forged => "forged",
            Self::Rollback => "rollback",
            Self::Fork => "fork",
            Self::Roster => "roster",
            Self::Devices => "devices",
            Self::NotTrusted => "not-trusted",
            Self::Refused => "refused",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::AuditBroken => "audit-broken",
            Self::AuditUnwritten => "audit-unwritten",
            Self::Silent => "silent",
            Self::DeviceSilent => "device-silent",
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Policy => "policy",
            Self::Drill => "drill",
            Self::Intruder => "intruder",
            Self::Away => "away",
            Self::Full => "full",
        }
    }

    fn from_code(code: u8) -> Result<Self, Bad> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code).ok_or(Bad("an incident of an unknown kind"))
    }

    /// How bad it is, by the rules above.
    pub fn grade(self, count: u32, known: u64) -> Grade {
        match self {
            Self::Fork | Self::AuditBroken => Grade::Critical,
            Self::NotTrusted if count >= 3 => Grade::Critical,
            Self::WrongPassphrase if known >= 10 => Grade::Critical,
            Self::Damaged | Self::Forged | Self::Rollback | Self::Roster | Self::NotTrusted => Grade::Serious,
            Self::WrongPassphrase | Self::Drill | Self::Intruder => Grade::Serious,
            Self::Refused | Self::AuditUnwritten | Self::Silent | Self::DeviceSilent => Grade::Warning,
            Self::Disk | Self::Clock | Self::Policy => Grade::Warning,
            // away for an hour is no problem yet; for days it is, and their number is known then
            Self::Away if known > 0 => Grade::Warning,
            Self::Full => Grade::Warning,
            Self::Away | Self::Devices => Grade::Info,
        }
    }
}

/// Something that just went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// What.
    pub kind: Kind,
    /// Which store or place; nothing where there is only one.
    pub subject: String,
    /// Which device, by the owner's name for it.
    pub device: String,
    /// What exactly, in a word or as the log of a machine would say it.
    pub object: String,
    /// A number that is known: a snapshot, days, bytes, tries.
    pub known: u64,
    /// A number that was shown.
    pub shown: u64,
}

impl Raised {
    /// One of this kind.
    pub fn of(kind: Kind, subject: &str) -> Self {
        Self { kind, subject: subject.into(), device: String::new(), object: String::new(), known: 0, shown: 0 }
    }

    /// With its numbers.
    pub fn numbers(self, known: u64, shown: u64) -> Self {
        Self { known, shown, ..self }
    }

    /// With its device.
    pub fn device(self, device: &str) -> Self {
        Self { device: device.into(), ..self }
    }

    /// With what exactly.
    pub fn object(self, object: &str) -> Self {
        Self { object: object.into(), ..self }
    }
}

impl Account {
    pub(in crate::engine) fn incident_book(&self) -> Book {
        Book::at(&self.folder(), self.local_key(b"incidents"))
    }

    /// Keeps an incident, durably, and counts it. One that is new goes to the audit log too.
    pub fn raise(&self, raised: Raised) {
        let word = raised.kind.as_str();
        if self.incident_book().raise(raised, now(), true) == Some(true) {
            self.audit(Note::of(Event::Incident, Outcome::Done).what(word));
        }
    }

    /// What raised it is gone.
    pub fn remedied(&self, kind: Kind, subject: &str) {
        self.incident_book().remedied(&|incident| incident.what.kind == kind && incident.what.subject == subject, now());
    }

    /// All incidents that are kept, the newest last.
    pub fn incidents(&self) -> Vec<Incident> {
        self.incident_book().load().incidents
    }

    /// The last drill.
    pub fn last_drill(&self) -> Option<LastDrill> {
        self.incident_book().load().drill
    }

    /// Remembers how a drill went.
    pub fn remember_drill(&self, drill: LastDrill) {
        self.incident_book().change(&mut |kept| kept.drill = Some(drill.clone()));
    }

    /// The owner has seen it; none where there is no such incident.
    pub fn acknowledge(&self, number: u64) -> Option<Incident> {
        let mut found = None;
        self.incident_book().change(&mut |kept| {
            if let Some(incident) = kept.incidents.iter_mut().find(|incident| incident.number == number) {
                incident.acknowledged = Some(incident.acknowledged.unwrap_or_else(now));
                found = Some(incident.clone());
            }
        });
        found
    }

    /// Gives the incidents that were not shown yet, and remembers that they are.
    pub fn take_unshown(&self) -> Vec<Incident> {
        let mut found = Vec::new();
        if self.incidents().iter().any(|incident| incident.is_open() && !incident.shown) {
            self.incident_book().change(&mut |kept| {
                found = kept.incidents.iter().filter(|incident| incident.is_open() && !incident.shown).cloned().collect();
                kept.incidents.iter_mut().for_each(|incident| incident.shown = true);
            });
        }
        found
    }

    /// Tells of snapshots that devices put into a store after they were revoked, or that there are none any more.
    pub fn tell_of_intruders(&self, store: &str, disbelieved: &[Which]) {
        let name = |device: &DeviceId| self.roster.member(device).map(|member| member.name.clone()).unwrap_or_default();
        let mut found: BTreeMap<String, Vec<ObjectName>> = BTreeMap::new();
        for (device, number) in disbelieved {
            found.entry(name(device)).or_default().push(ObjectName::Head(*device, *number));
        }
        let gone = |what: &Raised| what.kind == Kind::Intruder && what.subject == store && !found.contains_key(&what.device);
        self.incident_book().remedied(&|incident| gone(&incident.what), now());
        for (device, heads) in &found {
            let first = heads.first().map(ToString::to_string).unwrap_or_default();
            self.raise(Raised::of(Kind::Intruder, store).device(device).object(&first).numbers(heads.len() as u64, 0));
        }
    }

    /// Tells of devices that another machine let in or revoked.
    pub(in crate::engine) fn tell_of_devices(&self, newer: &Roster) {
        for member in newer.members.iter().filter(|member| member.id != self.device.id) {
            let word = match self.roster.member(&member.id) {
                None => "joined",
                Some(before) if before.is_active() && !member.is_active() => "revoked",
                Some(_) => continue,
            };
            self.raise(Raised::of(Kind::Devices, word).device(&member.name));
        }
    }
}
