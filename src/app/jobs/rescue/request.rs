//! What a rescue is asked for with.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::access::Access;

/// Puts everything a lost device had back to where it was.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Rescue {
    /// The address of the store that holds the account.
    pub store: String,
    /// The account's recovery kit.
    pub recovery_kit: PathBuf,
    /// Which device to rescue, by its name or the first 8 digits of its id; none for the only one.
    pub device: Option<String>,
    /// Which of its snapshots; none for the newest.
    pub snapshot: Option<u64>,
    /// A folder that everything is put below, for trying.
    pub root: Option<PathBuf>,
    /// Whether only the plan is wanted.
    pub plan: bool,
    /// Whether nothing is asked.
    pub yes: bool,
    /// Whether files that are there and differ are replaced.
    pub overwrite: bool,
    /// Whether files get the owners, and the setuid, setgid and sticky bits, that the snapshot names: as root, of a device of the account.
    pub owners: bool,
    /// What to call this machine; none for the host's name.
    pub device_name: Option<String>,
    /// A file whose first line is a passphrase for this machine.
    pub passphrase_file: Option<PathBuf>,
    /// How the store is reached.
    pub access: Access,
}
