//! What is wrong with one object or one file, as data: whoever shows it has the words.

use crate::core::refused::Refused;
use crate::core::seal;
use crate::engine::EngineError;
use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectFault {
    /// It is not there.
    Missing,
    /// Its bytes are not what they should be.
    Refused(Refused),
    /// The place where it lies did not give it.
    Place(ProviderError),
    /// It has another size than it should have, in bytes.
    Size {
        /// What it has.
        has: u64,
        /// What it should have.
        wanted: u64,
    },
    /// A pack that does not hold the chunks that its index object tells of.
    OtherChunks,
    /// An index object that tells of so many packs that are not there.
    Claims(usize),
    /// The first of so many index objects of this device that were passed over, because it tells of more than this machine takes over of another's.
    TooMuchTold {
        /// What the owner calls it.
        device: String,
        /// How many.
        count: u64,
    },
    /// A snapshot that does not follow the one before it.
    Unchained,
    /// It is not the snapshot that this device made.
    NotOurs,
    /// It is wrong in this way, and no store has a good copy.
    NoCopy(Box<Self>),
    /// It is the newest of so many snapshots that this device made and that are not there.
    Lost(usize),
    /// It is damaged or missing, and no store has it.
    Gone,
    /// It is another than the one that was forgotten, and was kept.
    OtherThanForgotten,
    /// So many of its kind are no more what they should be; they were not told of one by one, and not all looked at.
    More(u64),
    /// Written by the device of this name, which is not this one.
    WrittenBy(String, Box<Self>),
}

impl ObjectFault {
    /// Whether nothing lies under its name, whoever wrote it.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::WrittenBy(_, why) => why.is_absence(),
            _ => false,
        }
    }
}

impl From<Refused> for ObjectFault {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

impl From<ProviderError> for ObjectFault {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Missing => Self::Missing,
            error => Self::Place(error),
        }
    }
}

impl ObjectFault {
    /// The form in which it is remembered, in one line; only what a look without the owner's key cannot find again is.
    pub(in crate::engine) fn record(&self) -> String {
        match self {
            Self::WrittenBy(writer, why) => format!("{} {writer}", why.record()),
            Self::OtherChunks => "other-chunks".into(),
            _ => "changed".into(),
        }
    }

    /// What a record tells; one that says nothing known tells that the object was changed.
    pub(in crate::engine) fn recorded(record: &str) -> Self {
        let (what, writer) = record.split_once(' ').unwrap_or((record, ""));
        let why = if what == "other-chunks" { Self::OtherChunks } else { Self::Refused(seal::Refused::Changed) };
        if writer.is_empty() { why } else { Self::WrittenBy(writer.to_owned(), Box::new(why)) }
    }
}

impl std::fmt::Display for ObjectFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Refused(why) => why.fmt(f),
            Self::Place(error) => error.fmt(f),
            Self::Size { has, wanted } => write!(f, "it has {has} bytes and should have {wanted}"),
            Self::OtherChunks => f.write_str("it does not hold what its index object says"),
            Self::Claims(packs) => write!(f, "it tells of {packs} packs that are not there"),
            Self::TooMuchTold { device, count } => {
                write!(f, "{device:?} tells of too much; it and others, {count} in all, were passed over")
            }
            Self::Unchained => f.write_str("it does not follow the snapshot before it"),
            Self::NotOurs => f.write_str("it is not the snapshot that this device made"),
            Self::NoCopy(why) => write!(f, "{why}; no store that could be looked at has a good copy"),
            Self::Lost(count) => write!(f, "{count} snapshots that this device made are not there"),
            Self::Gone => f.write_str("it is damaged or missing, and no store has it"),
            Self::More(count) => write!(f, "it and others of its kind, {count} in all, were passed over"),
            Self::OtherThanForgotten => f.write_str("it is another than the one that was forgotten; it was kept"),
            Self::WrittenBy(writer, why) => write!(f, "{why}; it was written by {writer:?}"),
        }
    }
}

/// Why a file was not taken or not given back.
#[derive(Debug)]
pub enum FileFault {
    /// This machine's system did not do what it was asked.
    System(Reason),
    /// The backup did not give it.
    Backup(EngineError),
    /// Its pieces do not add up to its size.
    Pieces,
    /// It is back, and is not what its source is, whose size and time are the same.
    OtherThanSource,
    /// A folder that is followed holds more than so many files.
    Files(usize),
    /// It is a link there, and something else stands in its place here.
    Link,
    /// So many other versions lie beside it already.
    Beside(u32),
    /// Something stands in its place, and was kept.
    Stands(Standing),
}

/// What stands where a file or link is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something newer than it.
    Newer,
    /// Something else.
    Other,
    /// A folder, which nothing replaces.
    Folder,
}

impl From<std::io::Error> for FileFault {
    fn from(error: std::io::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&std::io::Error> for FileFault {
    fn from(error: &std::io::Error) -> Self {
        Self::System(Reason::of_system(error))
    }
}

impl From<EngineError> for FileFault {
    fn from(error: EngineError) -> Self {
        Self::Backup(error)
    }
}

impl std::fmt::Display for FileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System(why) => why.fmt(f),
            Self::Backup(error) => error.fmt(f),
            Self::Pieces => f.write_str("the backup is damaged: a file whose pieces do not add up"),
            Self::OtherThanSource => f.write_str("the source, unchanged by size and time, has other bytes"),
            Self::Files(most) => write!(f, "a folder of more than {most} files cannot be followed"),
            Self::Link => f.write_str("it is a link there, and something else stands in its place here; that was kept"),
            Self::Beside(most) => write!(f, "{most} other versions lie beside it already; take some away"),
            Self::Stands(Standing::Newer) => f.write_str("something newer stands in its place; it was kept"),
            Self::Stands(Standing::Other) => f.write_str("something else stands in its place; it was kept"),
            Self::Stands(Standing::Folder) => f.write_str("a folder stands in its place; it was kept"),
        }
    }
}
