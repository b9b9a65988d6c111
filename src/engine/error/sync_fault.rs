//! Why an object could not be moved between the vault and a store, as data.

use crate::core::refused::Refused;
use crate::provider::ProviderError;

/// Why an object could not be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncFault {
    /// It is not what it should be.
    Refused(Refused),
    /// The store did not do with it what it was asked.
    Store(ProviderError),
    /// The vault did not do with it what it was asked.
    Vault(ProviderError),
    /// Another machine changed the devices at the same time, and its change holds.
    RosterLost,
    /// The same, and its list does not say that these devices were revoked: here they are.
    RevokedApart(Vec<String>),
    /// The same, and its list does not name this device.
    Unlisted,
    /// Another list of devices than this machine's, under keys that this device was not given.
    ListSealed,
    /// Another machine changed the devices at the same time, and this machine's later change holds.
    RosterWon,
    /// Two machines rotated the keys apart, or the store's copy is damaged.
    KeysApart,
    /// So many of its kind are no more what they should be; they were not told of one by one, and not all asked for.
    More {
        /// How many.
        count: u64,
    },
    /// This device tells of more than this machine takes over of another's; it is the first of so many of its index objects that were passed over.
    TooMuchTold {
        /// What the owner calls it.
        device: String,
        /// How many.
        count: u64,
    },
    /// It is damaged there, and this machine has no whole copy.
    NoWholeCopy,
    /// It was found damaged there, is not what this machine has, and nothing tells which is right.
    EitherCopy,
    /// It is damaged there, and the store does not let it be replaced.
    Irreplaceable(ProviderError),
    /// A device that may delete said that it removes it from the stores, though a snapshot that was sent needs it: it may be at that now, or was
    /// cut short.
    Going {
        /// What the owner calls it.
        device: String,
        /// When it said so, by its clock, in seconds since 1970.
        since: i64,
    },
    /// This device said so, in a run that was cut short.
    CutShort {
        /// When, in seconds since 1970.
        since: i64,
    },
}

impl std::fmt::Display for SyncFault {
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
            Self::Vault(error) => return write!(f, "the local vault {error}"),
            Self::RosterLost => {
                "another machine changed the devices at the same time; its change holds and this machine's is set aside: make yours \
                 again with `printkeep device`"
            }
            Self::RevokedApart(names) => {
                return write!(f, "another machine changed the devices too; revoked on this one alone: {}", names.join(", "));
            }
            Self::Unlisted => {
                "another machine changed the devices at the same time, and the list that holds does not name this one: put it back with \
                 `printkeep device rejoin`"
            }
            Self::ListSealed => "it is another list of devices, under keys that this device was not given; nothing is sent there",
            Self::RosterWon => {
                "another machine changed the devices at the same time; this machine's later change holds there now"
            }
            Self::KeysApart => {
                "two machines rotated the keys apart, or the store's copy is damaged; nothing was moved, so that nothing becomes \
                 unreadable: set up anew, with `printkeep setup --join`, the one that has backed up less since"
            }
            Self::More { count } => return write!(f, "it and others of its kind, {count} in all, were passed over"),
            Self::TooMuchTold { device, count } => return write!(f, "{device:?} tells of too much: {count} were passed over"),
            Self::Going { device, .. } => {
                return write!(
                    f,
                    "{device:?} said that it removes it from the stores, and a snapshot that was sent needs it; sync again later"
                );
            }
            Self::CutShort { .. } => {
                "a prune of this device was cut short after it said that it removes it, and a snapshot needs it; run \
                 `printkeep prune` again"
            }
        })
    }
}
