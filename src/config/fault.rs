//! What can be wrong with the settings.

use crate::named_faults;
use crate::provider::address::error::AddressError;

/// What is wrong with the settings, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// Something in them.
    Fault(ConfigFault),
    /// The address of the store of this name, or whom to trust there.
    Store(String, AddressError),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Store(name, why) => write!(f, "the store {name:?}: {why}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigFault> for ConfigError {
    fn from(fault: ConfigFault) -> Self {
        Self::Fault(fault)
    }
}

named_faults! {
    /// Something wrong in the settings.
    ConfigFault {
        /// What the reader of TOML says.
        Unread { said } "unread"
            "{said}"
        /// The same, and on which line.
        Line { line, said } "line"
            "line {line}: {said}"
        /// Too many sources.
        ManySources { most } "many-sources"
            "there are more than {most} sources; take some out"
        /// Too many stores.
        ManyStores { most } "many-stores"
            "there are more than {most} stores; take some out"
        /// Two stores of one name.
        TwoStores { name } "two-stores"
            "two stores are named {name:?}; give one another name"
        /// The hook is no full path.
        Hook { path } "hook"
            "the hook {path:?} must be a full path, beginning with /"
        /// No number of days.
        Days { days, most } "days"
            "{days} is no number of days; there are 1 to {most}"
        /// A path that is no text.
        NotText { path } "not-text"
            "the path {path} is not UTF-8 and cannot stand in the settings"
        /// A source that is no full path.
        SourcePath { path } "source-path"
            "the source {path:?} must be a full path, beginning with /"
        /// A source with too many patterns.
        ManyPatterns { path, most } "many-patterns"
            "the source {path:?} has more than {most} patterns"
        /// A word for no kind of file.
        NoKind { word } "no-kind"
            "{word:?} is no kind; there are images, video, prints, settings and everything"
        /// An inbox that is no full path.
        InboxPath { path } "inbox-path"
            "the inbox {path:?} must be a full path, beginning with /"
        /// No region is called so.
        NoRegion { region } "no-region"
            "{region:?} is no region: use 1 to 64 letters, digits, - and _"
        /// A pattern that is too long.
        LongPattern { most } "long-pattern"
            "a pattern is longer than {most} bytes"
        /// A pattern that is none, and what its reader says.
        Pattern { pattern, said } "pattern"
            "the pattern {pattern:?} is not in gitignore form: {said}"
        /// A lock where there is none.
        LockNotS3 { name } "lock-not-s3"
            "the store {name:?}: only S3 stores know a lock"
        /// No lock is written so.
        NoLock { name, lock } "no-lock"
            "the store {name:?}: {lock:?} is no lock; write it like \"30d\", for 1 to 3660 days"
        /// No limit is written so.
        NoLimit { name, limit } "no-limit"
            "the store {name:?}: {limit:?} is no limit; write it like \"500 KB/s\" or \"2 MB/s\", at least 1 KB/s"
        /// No store is called so.
        StoreName { name } "store-name"
            "{name:?} is no name for a store: use 1 to 64 letters, digits, - and _"
        /// No time is written so.
        Time { time } "time"
            "{time:?} in [snapshots]: a time is a number and h, d, w or y, such as 30d; at most a hundred years"
        /// Too many tags.
        ManyTags { most } "many-tags"
            "[snapshots] names more than {most} tags; take some out"
        /// Rules that keep nothing.
        KeepsNothing {} "keeps-nothing" "[snapshots] keeps nothing; say what stays, such as keep_last = 10, or take it out"
    }
}
