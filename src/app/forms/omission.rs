//! Why something of a source is not in the snapshot.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::skip::Skip;

/// Why something of a source is not in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Omission {
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// A file that did not change for longer than its source is kept.
    Old,
    /// A pattern of the owner's says so; of a folder, with everything in it.
    Pattern,
    /// It is of a kind that the owner did not choose.
    Kind,
    /// Passwords or keys stand in it, and the owner wants such files left out.
    Credentials,
    /// A live database, which a plain copy would tear: Moonraker's.
    Database,
    /// Half-written, or an editor's leftover.
    Temporary,
    /// Made again by whatever made it, such as thumbnails.
    Remade,
    /// What a check of the file system put there.
    LostFound,
    /// A link, backed up as a link, whose target lies in no source.
    LeadsOut,
    /// A folder of Printkeep's own, which would grow with every backup.
    Own,
}

impl From<Skip> for Omission {
    fn from(why: Skip) -> Self {
        match why {
            Skip::Pipe => Self::Pipe,
            Skip::Socket => Self::Socket,
            Skip::Device => Self::Device,
            Skip::Old => Self::Old,
            Skip::Pattern => Self::Pattern,
            Skip::Kind => Self::Kind,
            Skip::Credentials => Self::Credentials,
            Skip::Database => Self::Database,
            Skip::Temporary => Self::Temporary,
            Skip::Remade => Self::Remade,
            Skip::LostFound => Self::LostFound,
            Skip::LeadsOut => Self::LeadsOut,
            Skip::Own => Self::Own,
        }
    }
}
