//! Why an object is not what it should be.

/// Why sealed bytes were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// They do not start as an object does.
    NotAnObject,
    /// Made by a later version, or under a suite this one does not know.
    UnknownVersion,
    /// Its bytes break the format; what is wrong, in words.
    Malformed(&'static str),
    /// An object of another account.
    OtherAccount,
    /// An object that belongs under another name, or of another type.
    OtherPlace,
    /// Sealed under a key that is not held here.
    NoKey,
    /// The key does not open it, or it was changed.
    Changed,
    /// A signature is missing or not that of the device or account it names.
    Unsigned,
    /// Nothing that is signed tells of it.
    Untold,
    /// Of a revoked device, and none of the snapshots that the owner saw of it.
    Revoked,
    /// A note of a device that the owner did not let say what is needed.
    MayNotDelete,
}

impl Refused {
    /// Whether it says that the bytes are damaged, or were made by nobody of the account; not that somebody else, or later, can tell more.
    pub fn is_made_up(self) -> bool {
        match self {
            Self::NotAnObject | Self::Malformed(_) | Self::OtherAccount | Self::OtherPlace | Self::Changed | Self::Unsigned => {
                true
            }
            Self::UnknownVersion | Self::NoKey | Self::Untold | Self::Revoked | Self::MayNotDelete => false,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAnObject => "not made by Printkeep",
            Self::UnknownVersion => "made by a later version of Printkeep",
            Self::Malformed(what) => what,
            Self::OtherAccount => "belongs to another account",
            Self::OtherPlace => "belongs under another name",
            Self::NoKey => "sealed under a key that is not held here",
            Self::Changed => "damaged or changed",
            Self::Unsigned => "neither this account nor its device signed it as it stands: damaged, or made up",
            Self::Untold => "nothing that is signed tells of it",
            Self::Revoked => "of a revoked device, and not among what the owner saw of it then",
            Self::MayNotDelete => "made by a device that may not delete",
        })
    }
}

impl std::error::Error for Refused {}

impl From<super::codec::Bad> for Refused {
    fn from(bad: super::codec::Bad) -> Self {
        Self::Malformed(bad.0)
    }
}
