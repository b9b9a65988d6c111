//! What a rescue is asked for with.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::access::Access;
use crate::app::reading::shell_word;
use crate::engine::restore::Replace;
use crate::local::home::full_path;

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
    /// Whether files that are there and differ are replaced; they are kept beside.
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

impl Rescue {
    /// What becomes of what stands where files go.
    pub(super) fn replace(&self) -> Replace {
        if self.overwrite { Replace::Beside } else { Replace::Nothing }
    }

    /// What is typed to put the same back over what stands in its place.
    pub(super) fn again(&self, device: &str, snapshot: u64, account: Option<&str>) -> String {
        let word = |text: &str| shell_word(Path::new(text));
        let root = self.root.iter().map(|root| format!(" --root {}", shell_word(root)));
        let account = account.map(|account| format!(" --account {}", word(account)));
        format!(
            "printkeep rescue {} --recovery-kit {} --device {} --snapshot {snapshot}{}{} --overwrite",
            word(&self.store),
            shell_word(&full_path(&self.recovery_kit).unwrap_or_else(|_| self.recovery_kit.clone())),
            word(device),
            root.collect::<String>(),
            account.unwrap_or_default(),
        )
    }
}
