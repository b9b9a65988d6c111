//! A problem: what went wrong, how bad that is by written rules, and what one is told of.

use serde::{Deserialize, Serialize};

use crate::core::codec::Bad;
use crate::core::name::DeviceId;

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

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
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
    /// A source could not be read by the last backup that was to take it.
    Source = 21,
    /// Files inside of a source could not be read by the last backup that took it.
    Unread = 22,
    /// The last backup made no snapshot.
    BackupFailed = 23,
    /// The vault lost snapshots that this device made, or the account's keys.
    VaultLost = 24,
    /// A store may not be written to, or not be read.
    Closed = 25,
    /// A store lacks what nobody here ever saw: it keeps that back, or it was never made, or not sent yet.
    KeptBack = 26,
    /// The newest snapshot of another device bears a time that is still to come.
    DeviceClock = 27,
    /// A device was put back to an older state and used numbers again, or another machine uses its keys.
    PutBack = 28,
}

impl ProblemKind {
    /// All of them.
    pub const ALL: [Self; 28] = [
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
        Self::Source,
        Self::Unread,
        Self::BackupFailed,
        Self::VaultLost,
        Self::Closed,
        Self::KeptBack,
        Self::DeviceClock,
        Self::PutBack,
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
            Self::Source => "source",
            Self::Unread => "unread",
            Self::BackupFailed => "backup-failed",
            Self::VaultLost => "vault-lost",
            Self::Closed => "closed",
            Self::KeptBack => "kept-back",
            Self::DeviceClock => "device-clock",
            Self::PutBack => "put-back",
        }
    }

    pub(super) fn from_code(code: u8) -> Result<Self, Bad> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code).ok_or(Bad("a problem of an unknown kind"))
    }

    /// How bad it is, by the rules above.
    pub fn grade(self, count: u32, known: u64) -> Grade {
        match self {
            Self::Fork | Self::AuditBroken => Grade::Critical,
            Self::NotTrusted if count >= 3 => Grade::Critical,
            Self::WrongPassphrase if known >= 10 => Grade::Critical,
            Self::Damaged | Self::Forged | Self::Rollback | Self::Roster | Self::NotTrusted => Grade::Serious,
            Self::WrongPassphrase | Self::Drill | Self::Intruder | Self::VaultLost | Self::KeptBack | Self::PutBack => {
                Grade::Serious
            }
            Self::Refused | Self::AuditUnwritten | Self::Silent | Self::DeviceSilent => Grade::Warning,
            Self::Disk | Self::Clock | Self::DeviceClock | Self::Policy => Grade::Warning,
            // away for an hour is no problem yet; for days it is, and their number is known then
            Self::Away if known > 0 => Grade::Warning,
            Self::Full | Self::Closed | Self::Source | Self::Unread | Self::BackupFailed => Grade::Warning,
            Self::Away | Self::Devices => Grade::Info,
        }
    }
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The account, this machine, or a device that is named beside it: there is only one.
    Account,
    /// The local vault.
    Vault,
    /// The store of this name.
    Store(String),
    /// The folder or file of this path, which is backed up.
    Source(String),
    /// That a device joined.
    Joined,
    /// That a device was revoked.
    Revoked,
}

impl Subject {
    /// The store of this name, or the vault where none is named.
    pub fn place(store: Option<&str>) -> Self {
        store.map_or(Self::Vault, |store| Self::Store(store.to_owned()))
    }

    /// Whether it is the store of this name.
    pub fn is_store(&self, name: &str) -> bool {
        matches!(self, Self::Store(store) if store == name)
    }

    /// Its code, and its name where it has one, as they are kept.
    pub(super) fn parts(&self) -> (u8, &str) {
        match self {
            Self::Account => (0, ""),
            Self::Vault => (1, ""),
            Self::Store(name) => (2, name),
            Self::Source(path) => (3, path),
            Self::Joined => (4, ""),
            Self::Revoked => (5, ""),
        }
    }

    pub(super) fn from_parts(code: u8, name: String) -> Result<Self, Bad> {
        Ok(match code {
            0 => Self::Account,
            1 => Self::Vault,
            2 => Self::Store(name),
            3 => Self::Source(name),
            4 => Self::Joined,
            5 => Self::Revoked,
            _ => return Err(Bad("a problem of something unknown")),
        })
    }
}

/// What is away is a folder, and not a server: it is to be mounted, and no network is to blame.
pub const FOLDER: u64 = 1;
/// What [`NewProblem::shown`] tells of a store that is a folder, where it is there and what it held is not.
pub const EMPTY_FOLDER: u64 = 2;
/// What [`NewProblem::shown`] tells of a store that may not even be read.
pub const UNREADABLE: u64 = 1;

/// Something that just went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProblem {
    /// What.
    pub kind: ProblemKind,
    /// What it is about.
    pub subject: Subject,
    /// Which device: two problems are of one device only where this is the same, whatever it is called.
    pub device_id: Option<DeviceId>,
    /// The owner's name for it.
    pub device: String,
    /// What exactly: a name, or why, in a form of no language that the service layer reads.
    pub object: String,
    /// A number that is known: a snapshot, days, bytes, tries.
    pub known: u64,
    /// A number that was shown. Of a store that is away: [`FOLDER`] where it is a folder, [`EMPTY_FOLDER`] where that is there and empty; of one that is closed: [`UNREADABLE`] where it may not be read either; of a disk that is nearly full: whether it holds
    /// any snapshot; of a vault that lost something: whether the account's keys are lost with it; of a device whose clock is ahead: the time that it says, in seconds since 1970.
    pub shown: u64,
}

impl NewProblem {
    /// One of this kind.
    pub fn of(kind: ProblemKind, subject: Subject) -> Self {
        Self { kind, subject, device_id: None, device: String::new(), object: String::new(), known: 0, shown: 0 }
    }

    /// Whether it is the same that lasts: of that kind, about that, and of that device.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.subject, self.device_id) == (other.kind, &other.subject, other.device_id)
    }

    /// How bad it is once it was seen so often: by its kind; but a folder that is there and no longer holds what was sent is no stick in a drawer,
    /// and a device that joined is to be looked at: a thief's does just that.
    pub fn grade(&self, count: u32) -> Grade {
        let is_emptied = self.kind == ProblemKind::Away && self.shown == EMPTY_FOLDER;
        self.kind.grade(count, self.known).max(if is_emptied || self.subject == Subject::Joined {
            Grade::Warning
        } else {
            Grade::Info
        })
    }

    /// With its numbers.
    pub fn numbers(self, known: u64, shown: u64) -> Self {
        Self { known, shown, ..self }
    }

    /// With its device, and what the owner calls it.
    pub fn device(self, id: Option<DeviceId>, name: &str) -> Self {
        Self { device_id: id, device: name.into(), ..self }
    }

    /// With what exactly.
    pub fn object(self, object: &str) -> Self {
        Self { object: object.into(), ..self }
    }
}
