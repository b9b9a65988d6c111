//! What setting up is asked for with.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::access::Access;

/// Sets this machine up: makes an account, or joins one.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Setup {
    /// A store whose account is joined with the recovery kit; its address.
    pub join: Option<String>,
    /// A device that waits to let this one in; host and port.
    pub enroll: Option<String>,
    /// Where the recovery kit goes; with `join`, the kit to use.
    pub recovery_kit: Option<PathBuf>,
    /// A file whose first line is the passphrase.
    pub passphrase_file: Option<PathBuf>,
    /// What to call this device; none for the host's name.
    pub device_name: Option<String>,
    /// A file whose first line is the code that the other device shows.
    pub code_file: Option<PathBuf>,
    /// How the store is reached.
    pub access: Access,
    /// Whether nothing is asked.
    pub yes: bool,
}
