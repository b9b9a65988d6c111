//! What kind of problem, how bad, and what it is about, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::account::problem::{self, ProblemKind};

/// What kind: what is kept until it is remedied, or what only holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Kind {
    /// Kept.
    Kept(#[schemars(with = "String")] ProblemKind),
    /// Holds now.
    Now(Condition),
}

/// What only holds now: seen from what lies here, and kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Printkeep's home cannot be written to.
    HomeReadOnly,
    /// Only a recovery kit opens the account, and none was ever seen outside of the home.
    KitUnproved,
    /// This device was revoked.
    Revoked,
    /// The list of devices that holds does not name this one; nobody revoked it.
    Unlisted,
    /// Devices were revoked here, though the list that holds does not say so.
    RevokedApart,
    /// There is no snapshot yet.
    NoBackup,
    /// There is no source.
    NoSource,
    /// The last snapshot bears an impossible time.
    BackupClock,
    /// There is no recovery kit.
    NoKit,
    /// The recovery kit lies beside what it is to open.
    KitHere,
    /// A store needs a consent that was not given.
    NoConsent,
    /// A store has no credentials here.
    NoCredentials,
    /// A store was never synced with.
    NeverSynced,
    /// A folder no longer holds all that was sent there.
    StoreLacks,
    /// The reading key that is kept here is older than the account's keys.
    StaleReadingKey,
}

impl Condition {
    /// All of them; each has four messages.
    pub const ALL: [Self; 15] = [
        Self::HomeReadOnly,
        Self::KitUnproved,
        Self::Revoked,
        Self::Unlisted,
        Self::RevokedApart,
        Self::NoBackup,
        Self::NoSource,
        Self::BackupClock,
        Self::NoKit,
        Self::KitHere,
        Self::NoConsent,
        Self::NoCredentials,
        Self::NeverSynced,
        Self::StoreLacks,
        Self::StaleReadingKey,
    ];

    /// The word for it in the names of its messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HomeReadOnly => "home-read-only",
            Self::KitUnproved => "kit-unproved",
            Self::Revoked => "revoked",
            Self::Unlisted => "unlisted",
            Self::RevokedApart => "revoked-apart",
            Self::NoBackup => "no-backup",
            Self::NoSource => "no-source",
            Self::BackupClock => "backup-clock",
            Self::NoKit => "no-kit",
            Self::KitHere => "kit-here",
            Self::NoConsent => "no-consent",
            Self::NoCredentials => "no-credentials",
            Self::NeverSynced => "never-synced",
            Self::StoreLacks => "store-lacks",
            Self::StaleReadingKey => "stale-reading-key",
        }
    }
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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

impl From<problem::Grade> for Grade {
    fn from(grade: problem::Grade) -> Self {
        match grade {
            problem::Grade::Info => Self::Info,
            problem::Grade::Warning => Self::Warning,
            problem::Grade::Serious => Self::Serious,
            problem::Grade::Critical => Self::Critical,
        }
    }
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The account, this machine, or the device that is named beside it.
    Account,
    /// The local vault.
    Vault,
    /// The store of this name.
    Store(String),
    /// The folder or file of this path, which is backed up.
    Source(String),
    /// That the device joined.
    Joined,
    /// That the device was revoked.
    Revoked,
}

impl From<&problem::Subject> for Subject {
    fn from(subject: &problem::Subject) -> Self {
        match subject {
            problem::Subject::Account => Self::Account,
            problem::Subject::Vault => Self::Vault,
            problem::Subject::Store(name) => Self::Store(name.clone()),
            problem::Subject::Source(path) => Self::Source(path.clone()),
            problem::Subject::Joined => Self::Joined,
            problem::Subject::Revoked => Self::Revoked,
        }
    }
}
