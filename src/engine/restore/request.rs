//! What a restore is asked for, and what it did.

use std::path::PathBuf;

use crate::core::name::RelPath;
use crate::engine::error::{FileFault, Standing};

/// What to restore, and where to.
pub struct Request {
    /// Paths as the snapshot lists them; none for everything.
    pub paths: Vec<RelPath>,
    /// The folder that everything goes below.
    pub to: PathBuf,
    /// Where below that folder.
    pub place: Place,
    /// Which files that are there already may be replaced.
    pub replace: Replace,
    /// Whom what is written belongs to.
    pub owners: Owners,
    /// Threads that write files.
    pub workers: usize,
}

/// Where an entry goes below the folder that is restored to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Under its source's label, as the snapshot lists it.
    Labelled,
    /// Under this path in the place of the label.
    At(RelPath),
    /// Without the label: what lay in the source lies in the folder.
    Bare,
    /// Without this folder of the snapshot, which has the label and one name: what lay in it lies in the folder. Nothing else goes there.
    Within(RelPath),
}

impl Place {
    /// Where an entry of the snapshot goes; none for the folder itself.
    pub fn of(&self, path: &RelPath) -> Option<RelPath> {
        let label = path.components().next().map_or(0, <[u8]>::len);
        let below = path.as_bytes().get(label + 1..);
        match (self, below) {
            (Self::Labelled, _) => Some(path.clone()),
            (Self::At(there), None) => Some(there.clone()),
            (Self::At(there), Some(below)) => RelPath::new(&[there.as_bytes(), b"/", below].concat()),
            (Self::Bare, below) => RelPath::new(below?),
            (Self::Within(folder), _) => RelPath::new(path.as_bytes().strip_prefix(folder.as_bytes())?.strip_prefix(b"/")?),
        }
    }
}

/// Which files that stand where others are to come may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// None that differs: what did not come for that is counted apart from what failed.
    Nothing,
    /// Those that are not newer; what differs stays beside it under another name.
    Older,
    /// All.
    Everything,
    /// All; what differs stays beside it under another name.
    Beside,
}

impl Replace {
    /// Whether what is replaced stays under another name.
    pub fn keeps(self) -> bool {
        matches!(self, Self::Older | Self::Beside)
    }

    /// Whether what stands there may go.
    ///
    /// # Errors
    /// It may not; a folder never does.
    pub fn admits(self, stands: Standing) -> Result<(), FileFault> {
        let is_kept = match self {
            Self::Nothing => true,
            Self::Older => stands != Standing::Other,
            Self::Everything | Self::Beside => stands == Standing::Folder,
        };
        if is_kept { Err(FileFault::Stands(stands)) } else { Ok(()) }
    }
}

/// Whom restored files and folders belong to, and whether they get the bits that lend somebody's rights (setuid, setgid, sticky).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// To whoever owns the folder that everything goes below, without such bits: whoever wrote the snapshot grants nothing here.
    OfFolder,
    /// To whom they belonged, with such bits; only root can do this.
    OfSnapshot,
}

/// What a restore did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already, byte for byte.
    pub already: u64,
    /// Files and links that stood in the way and lie beside it now.
    pub beside: u64,
    /// What could not be restored.
    pub failed: u64,
    /// Files and links that did not come, where nothing is replaced and something that differs stands in their place.
    pub kept: u64,
    /// The first of them, as the snapshot lists them, with what stands there.
    pub kept_first: Vec<(RelPath, Standing)>,
    /// Paths that were asked for and of which nothing could be restored.
    pub nothing_of: Vec<RelPath>,
}
