//! Why work could not be done; each variant says who can act.

mod enrolling;
mod fault;
mod misuse;
mod own_file;
mod sync_fault;

use crate::consent::Refusal;
use crate::core::codec::Bad;
use crate::core::name::ObjectName;
use crate::core::random::NoRandomness;
use crate::core::seal::Refused;
use crate::local::cache::CacheError;
use crate::local::home::DiskError;
use crate::local::recovery_kit::KitError;
use crate::local::system_keyring::KeyringError;
use crate::local::work_lock::{Holder, LockError};
use crate::provider::{NotDriven, ProviderError};

pub use enrolling::Enrolling;
pub use fault::{FileFault, ObjectFault, Standing};
pub use misuse::{Misplaced, Misuse};
pub use own_file::{Damage, LostKey, OwnFile, PlaceName};
pub use sync_fault::SyncFault;

/// Why work could not be done; each variant says who can act.
#[derive(Debug)]
pub enum EngineError {
    /// There is no account here yet: the owner runs `setup`.
    NoAccount,
    /// The named account is not here.
    UnknownAccount(String),
    /// There are several accounts: the owner names one.
    WhichAccount(Vec<String>),
    /// The key of this device is gone, and its account was made here.
    KeyLost(LostKey),
    /// An account of this name is here already.
    AccountExists(String),
    /// Other work goes on that this must not go on beside; whose, where that is known.
    Busy(Option<Holder>),
    /// This machine's disk.
    Disk(DiskError),
    /// A file of ours is damaged.
    Damaged {
        /// Which file.
        what: OwnFile,
        /// How.
        why: Damage,
    },
    /// A file of this device's own that no vault gives back is damaged: the owner puts back a copy, or joins anew.
    Own {
        /// Which file.
        what: OwnFile,
        /// How.
        why: Damage,
    },
    /// The cache of local state failed; running again sets it aside.
    State(CacheError),
    /// The local vault did not do what it was asked.
    Vault(ProviderError),
    /// Another place did not do what it was asked.
    Place {
        /// Which place.
        place: PlaceName,
        /// What it said.
        error: ProviderError,
    },
    /// An object is not what it should be.
    Object {
        /// Which object.
        name: ObjectName,
        /// Why it was refused.
        why: Refused,
    },
    /// The passphrase does not open the account on this device.
    WrongPassphrase,
    /// Too many wrong passphrases: so many seconds must pass before the next.
    TooSoon(u64),
    /// The recovery kit does not open the account.
    WrongKit,
    /// The code that was typed on a new device is not the one that was shown.
    WrongCode,
    /// A device could not be enrolled.
    Enroll(Enrolling),
    /// A device stands in the list of devices, and may not have heard so.
    HalfEnrolled {
        /// Its name.
        device: String,
        /// What happened then.
        why: Box<Self>,
    },
    /// New keys of the account are in some places, and a later step failed.
    HalfRotated {
        /// The stores that have them.
        stores: Vec<String>,
        /// Whether this machine has them, so that devices wait to be given them.
        here: bool,
        /// What happened then.
        why: Box<Self>,
    },
    /// A recovery kit cannot be read.
    Kit(KitError),
    /// Neither a passphrase nor a recovery kit is at hand.
    Locked,
    /// The keyring of the owner's session did not do what it was asked.
    SystemKeyring(KeyringError),
    /// The reading key that this machine keeps is older than the account's newest keys.
    StaleKey,
    /// This device, so named, only writes: it keeps nothing that reads.
    WritesOnly(String),
    /// The owner has not allowed it.
    Consent(Refusal),
    /// Only a device that may delete may do this, and this device, so named, is none.
    MayNotDelete(String),
    /// There is no such snapshot.
    NoSnapshot(String),
    /// The vault lost this snapshot of this device.
    SnapshotLost(u64),
    /// The vault lost every key slot that was here.
    KeysLost,
    /// The account's keys have not come to this device, so named, which was let in to write.
    KeysAwaited(String),
    /// The path is in no such snapshot.
    NoPath(String),
    /// Several paths of the snapshot end in what was named.
    ManyPaths {
        /// What was named.
        text: String,
        /// Those that end so, a few of them.
        paths: Vec<String>,
    },
    /// What was asked for makes no sense.
    Usage(Misuse),
    /// The system gives no random bytes.
    Randomness,
    /// The system gives no threads.
    Threads(String),
    /// A mistake of ours, a thread that ended or a file that we wrote ourselves; what was reported as saved is saved.
    Crashed,
    /// The owner asked to stop.
    Cancelled,
}

impl EngineError {
    /// Whether the vault has nothing under the name that was asked for.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Vault(ProviderError::Missing))
    }

    /// Whether the owner asked to stop, here or while a place was waited for: nothing failed.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Vault(ProviderError::Stopped) | Self::Place { error: ProviderError::Stopped, .. })
    }
}

impl From<DiskError> for EngineError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

impl From<NoRandomness> for EngineError {
    fn from(_: NoRandomness) -> Self {
        Self::Randomness
    }
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        Self::Consent(refusal)
    }
}

impl From<NotDriven> for EngineError {
    fn from(why: NotDriven) -> Self {
        match why {
            NotDriven::Stopped => Self::Cancelled,
            NotDriven::NoThread(why) => Self::Threads(why),
        }
    }
}

impl From<LockError> for EngineError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Busy(holder) => Self::Busy(holder),
            LockError::Cancelled => Self::Cancelled,
            LockError::Disk(error) => Self::Disk(error),
        }
    }
}

impl From<KeyringError> for EngineError {
    fn from(error: KeyringError) -> Self {
        Self::SystemKeyring(error)
    }
}

impl From<CacheError> for EngineError {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::InUse => Self::Busy(None),
            error => Self::State(error),
        }
    }
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoAccount => f.write_str("there is no account here yet"),
            Self::UnknownAccount(name) => write!(f, "there is no account {name:?} here"),
            Self::KeyLost(lost) => write!(f, "this device's key is gone: {}", lost.file.display()),
            Self::WhichAccount(names) => write!(f, "there are several accounts here: {}", names.join(", ")),
            Self::AccountExists(name) => write!(f, "there is an account {name:?} here already"),
            Self::Busy(None) => f.write_str("another printkeep is working on this account"),
            Self::Busy(Some(Holder { pid, work, since })) => {
                let since = jiff::Timestamp::from_second(*since).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
                write!(
                    f,
                    "another printkeep is working on this account: {work}, since {}, process {pid}",
                    since.strftime("%F %H:%M")
                )
            }
            Self::Disk(error) => error.fmt(f),
            Self::Damaged { what, why } | Self::Own { what, why } => write!(f, "{what} is damaged: {why}"),
            Self::State(error) => write!(f, "local state cannot be used: {error}"),
            Self::Vault(error) => write!(f, "the local vault {error}"),
            Self::Place { place, error } => write!(f, "{place} {error}"),
            Self::Object { name, why } => write!(f, "{name}: {why}"),
            Self::WrongPassphrase => f.write_str("the passphrase does not open this account"),
            Self::TooSoon(seconds) => write!(f, "too many wrong passphrases: the next may be tried in {seconds} s"),
            Self::WrongKit => f.write_str("the recovery kit does not open this account"),
            Self::WrongCode => f.write_str("the code that was typed is not the one that was shown; nothing was enrolled"),
            Self::Enroll(why) => write!(f, "no device was enrolled: {why:?}"),
            Self::HalfEnrolled { device, why } => write!(f, "{device:?} stands in the list of devices: {why}"),
            Self::HalfRotated { why, .. } => write!(f, "the account's keys were changed in part: {why}"),
            Self::Kit(error) => error.fmt(f),
            Self::Locked => f.write_str("reading back needs your passphrase or the recovery kit"),
            Self::SystemKeyring(error) => error.fmt(f),
            Self::StaleKey => f.write_str("the reading key kept on this machine is from before `key rotate`"),
            Self::WritesOnly(name) => {
                write!(
                    f,
                    "this device, {name:?}, only writes: a printer keeps nothing that reads, nor does a device without a passphrase"
                )
            }
            Self::Consent(refusal) => refusal.fmt(f),
            Self::MayNotDelete(name) => write!(f, "this device, {name:?}, may add snapshots and let none go"),
            Self::NoSnapshot(name) => write!(f, "there is no snapshot {name:?}"),
            Self::SnapshotLost(number) => write!(f, "the local vault lost snapshot {number} of this device"),
            Self::KeysLost => f.write_str("the local vault lost the account's keys"),
            Self::KeysAwaited(name) => write!(f, "this device, {name:?}, only writes: the account's keys have not come here yet"),
            Self::NoPath(path) => write!(f, "the snapshot holds no {path:?}"),
            Self::ManyPaths { text, paths } => write!(f, "{text:?} may mean {}", paths.join(", ")),
            Self::Usage(what) => write!(f, "this cannot be done: {what:?}"),
            Self::Randomness => NoRandomness.fmt(f),
            Self::Threads(why) => write!(f, "the system gives no threads: {why}"),
            Self::Crashed => f.write_str("a mistake of Printkeep's own"),
            Self::Cancelled => f.write_str("stopped"),
        }
    }
}

impl std::error::Error for EngineError {}

/// The error of the local vault.
pub fn in_vault(error: ProviderError) -> EngineError {
    EngineError::Vault(error)
}

pub(in crate::engine) fn broken(why: Bad) -> EngineError {
    EngineError::Own { what: OwnFile::ConsentLedger, why: why.into() }
}
