//! What a sync is to pull, and what it did.

use std::collections::BTreeSet;

use crate::core::name::ObjectName;
use crate::core::seal::Refused;
use crate::core::snapshot;
use crate::engine::account::known_state::StoreProblem;
use crate::engine::account::unproved;
use crate::engine::error::in_vault;
use crate::provider::ProviderError;

/// What a sync is to pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Nothing.
    Nothing,
    /// Everything but packs: enough to look and to restore from the store.
    Metadata,
    /// Everything.
    All,
}

/// What a sync did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Objects sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Those of them that took the place of what a check found damaged there.
    pub resent: u64,
    /// Objects fetched.
    pub fetched: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// Replaced key slots removed from the store.
    pub removed: u64,
    /// Objects that could not be moved, with the reason.
    pub failed: Vec<(ObjectName, Reason)>,
    /// Objects under later keys than this device holds: they wait until it is granted them.
    pub waiting: Vec<ObjectName>,
    /// What the store holds now.
    pub there: BTreeSet<ObjectName>,
    /// What is wrong with what the store shows.
    pub store_problems: Vec<StoreProblem>,
    /// Folders that the store refuses to list to this device, which only writes there.
    pub unlisted: BTreeSet<String>,
    /// Objects that the store lacks and that another device must send, because this one only writes there.
    pub left: Vec<ObjectName>,
    /// Snapshots there that a device made after it was revoked.
    pub disbelieved: Vec<snapshot::SnapshotId>,
    /// Why the store took or gave no more, where that ended the run; what was moved before counts.
    pub stopped: Option<ProviderError>,
}

/// Why an object could not be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is not what it should be.
    Refused(Refused),
    /// The store did not do with it what it was asked.
    Store(ProviderError),
    /// The vault did not do with it what it was asked.
    Vault(ProviderError),
    /// The same bytes were found to open for nobody before.
    SetAside,
    /// Another machine changed the devices at the same time, and its change holds.
    RosterLost,
    /// Another machine changed the devices at the same time, and this machine's later change holds.
    RosterWon,
    /// Two machines rotated the keys apart, or the store's copy is damaged.
    KeysApart,
    /// It is damaged there, and this machine has no whole copy.
    NoWholeCopy,
    /// It was found damaged there, is not what this machine has, and nothing tells which is right.
    EitherCopy,
    /// It is damaged there, and the store does not let it be replaced.
    Irreplaceable(ProviderError),
    /// A device that may delete is removing it from the stores, though a snapshot that was sent needs it.
    Going,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoWholeCopy => {
                "it is damaged there, and this machine has no whole copy; a device that has one sends it: `printkeep check` of this \
                 store there, then `printkeep sync`"
            }
            Self::EitherCopy => {
                "it was found damaged there, is not what this machine has, and nothing tells which is right; `printkeep check` tells \
                 what is wrong here"
            }
            Self::Irreplaceable(ProviderError::Locked(until)) => {
                return write!(
                    f,
                    "it is damaged there, and the store's lock keeps it until {until}; the first `printkeep sync` after that sends it \
                     again, and until then it is read from another copy"
                );
            }
            Self::Irreplaceable(error) => {
                return write!(
                    f,
                    "it is damaged there, and the store does not let this device replace it ({error}); remove it there yourself, and \
                     the next `printkeep sync` sends it again"
                );
            }
            Self::Refused(why) => return why.fmt(f),
            Self::Store(error) => return error.fmt(f),
            Self::Vault(error) => return in_vault(error.clone()).fmt(f),
            Self::SetAside => unproved::SET_ASIDE,
            Self::RosterLost => {
                "another machine changed the devices at the same time; its change holds and this machine's is set aside: make yours \
                 again with `printkeep device`"
            }
            Self::RosterWon => {
                "another machine changed the devices at the same time; this machine's later change holds there now"
            }
            Self::KeysApart => {
                "two machines rotated the keys apart, or the store's copy is damaged; nothing was moved, so that nothing becomes \
                 unreadable: set up anew, with `printkeep setup --join`, the one that has backed up less since"
            }
            Self::Going => {
                "a device that may delete is removing it from the stores just now, and a snapshot that was sent needs it; sync \
                 again later"
            }
        })
    }
}
