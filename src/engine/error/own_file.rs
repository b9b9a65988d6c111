//! Which file of ours is damaged and how, and which place did not do what it was asked, as data: whoever shows it has the words.

use std::path::PathBuf;

use crate::core::codec::Bad;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::local::audit::AuditError;
use crate::local::home::DiskError;
use crate::local::journal::JournalError;

/// A place that was asked for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceName {
    /// The local vault.
    Vault,
    /// The store of this name.
    Store(String),
    /// A server at this address, before it is a store.
    Address(String),
    /// A folder, before it is a store.
    Folder(PathBuf),
    /// The device that is enrolled, or that enrolls this one.
    OtherDevice,
}

impl std::fmt::Display for PlaceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vault => f.write_str("the local vault"),
            Self::Store(name) => write!(f, "the store {name}"),
            Self::Address(address) => f.write_str(address),
            Self::Folder(path) => write!(f, "the folder {}", path.display()),
            Self::OtherDevice => f.write_str("the other device"),
        }
    }
}

/// A device's key that is gone from an account that was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostKey {
    /// The file that is gone.
    pub file: PathBuf,
    /// The vault, where it holds backups of an account that no key here writes.
    pub vault: Option<PathBuf>,
}

/// A file of ours, or what several of them hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnFile {
    /// The account's journal.
    Journal,
    /// What the owner allowed, as the journal holds it.
    ConsentLedger,
    /// The audit log.
    AuditLog,
    /// The local vault.
    Vault,
    /// A key slot.
    KeySlot,
    /// The account as a whole.
    Account,
    /// The backup.
    Backup,
    /// What is remembered of the backup on this machine.
    LocalState,
    /// The process that holds the account's keys while it is unlocked.
    KeyAgent,
    /// The plan of an erasure.
    ErasurePlan,
    /// The folder of the account of this name.
    Folder(String),
    /// What a place, so described, gives.
    Place(String),
    /// The file of this path.
    At(PathBuf),
}

impl std::fmt::Display for OwnFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Journal => "the journal",
            Self::ConsentLedger => "the consent ledger",
            Self::AuditLog => "the audit log",
            Self::Vault => "the vault",
            Self::KeySlot => "a key slot",
            Self::Account => "the account",
            Self::Backup => "the backup",
            Self::LocalState => "the local state",
            Self::KeyAgent => "what holds the account's keys",
            Self::ErasurePlan => "the plan of an erasure",
            Self::Folder(account) => return write!(f, "the folder of the account {account:?}"),
            Self::Place(place) => place,
            Self::At(path) => return path.display().fmt(f),
        })
    }
}

/// How a file of ours is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// It breaks the format; what is wrong, as the format calls it.
    Format(String),
    /// It is sound up to this byte.
    FromByte(u64),
    /// It is over its size limit.
    TooLarge,
    /// A write failed before, and what is on the disk is unknown until it is opened again.
    Closed,
    /// It holds no list of the account's devices.
    NoDevices,
    /// It holds other keys than this device writes to.
    OtherKeys,
    /// It holds another account's keys.
    OtherAccount,
    /// These keys are missing there.
    KeysMissing(ObjectName),
    /// It does not give back the keys just made.
    KeysNotBack,
    /// It has no keys.
    NoKeys,
    /// It has no keys of this generation.
    NoKeysOf(u32),
    /// It has no key slot.
    NoSlot,
    /// It lacks this device's deletion note of this number, or holds another in its place.
    NoNote(u64),
    /// Nothing tells where the chunk lies whose id begins so.
    NoChunk(String),
    /// The pieces of a file do not add up.
    Pieces,
    /// It lost a chunk that it knew.
    LostChunk,
    /// A place vouches for another object than it was given.
    Receipt {
        /// What it was given.
        given: ObjectName,
        /// What it vouches for.
        named: ObjectName,
    },
    /// A store's credentials do not open.
    Credentials,
    /// The list of what was sent does not open.
    Outbox,
    /// The reading key that this machine keeps is wrong in this way.
    ReadingKey(Box<Self>),
    /// It does not open with what the keyring of the owner's session keeps.
    NotWithKeyring,
    /// It holds other keys than it says.
    OtherThanSaid,
    /// It holds the account that is called so on this machine.
    Called(String),
    /// It ended at once.
    Ended,
    /// What the process says of itself, in its own words.
    Said(String),
}

impl From<Bad> for Damage {
    fn from(bad: Bad) -> Self {
        Self::Format(bad.0.to_owned())
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Format(what) | Self::Said(what) => what,
            Self::FromByte(at) => return write!(f, "from byte {at} on"),
            Self::TooLarge => "it is over its size limit",
            Self::Closed => "it could not be written before and must be opened again",
            Self::NoDevices => "it holds no list of devices",
            Self::OtherKeys => "it holds other keys than this device writes to",
            Self::OtherAccount => "it holds those of another account",
            Self::KeysMissing(name) => return write!(f, "{name} is missing"),
            Self::KeysNotBack => "it does not give back the keys just made",
            Self::NoKeys => "it has no keys",
            Self::NoKeysOf(generation) => return write!(f, "it has no keys of generation {generation}"),
            Self::NoSlot => "it has no key slot, so nothing opens it",
            Self::NoNote(number) => return write!(f, "it lacks note {number} of this device, or holds another in its place"),
            Self::NoChunk(id) => return write!(f, "no index tells where the chunk {id} lies"),
            Self::Pieces => "a file whose pieces do not add up",
            Self::LostChunk => "it lost a chunk",
            Self::Receipt { given, named } => return write!(f, "it was given {given} and vouches for {named}"),
            Self::Credentials | Self::Outbox => "it does not open",
            Self::ReadingKey(why) => return why.fmt(f),
            Self::NotWithKeyring => "it does not open with what the keyring keeps",
            Self::OtherThanSaid => "it holds other keys than it says",
            Self::Called(was) => return write!(f, "it holds the account that is called {was:?} on this machine"),
            Self::Ended => "it ended at once",
        })
    }
}

impl EngineError {
    /// The backup breaks its format.
    pub(in crate::engine) fn bad_backup(bad: Bad) -> Self {
        Self::Damaged { what: OwnFile::Backup, why: bad.into() }
    }

    /// What went wrong with a journal, which may be the audit log's.
    fn of_journal(error: JournalError, damaged: impl FnOnce(Damage) -> Self) -> Self {
        match error {
            JournalError::Disk(path, source) => Self::Disk(DiskError { action: "read or write", path, source }),
            JournalError::Randomness => Self::Randomness,
            JournalError::Damaged { at, .. } => damaged(Damage::FromByte(at)),
            JournalError::TooLarge(_) => damaged(Damage::TooLarge),
            JournalError::Closed(_) => damaged(Damage::Closed),
        }
    }
}

impl From<JournalError> for EngineError {
    fn from(error: JournalError) -> Self {
        Self::of_journal(error, |why| Self::Own { what: OwnFile::Journal, why })
    }
}

impl From<AuditError> for EngineError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Disk(error) => Self::Disk(error),
            AuditError::Journal(error) => Self::of_journal(error, |why| Self::Damaged { what: OwnFile::AuditLog, why }),
            AuditError::Held => Self::Busy(None),
            AuditError::Randomness => Self::Randomness,
        }
    }
}
