//! Why a device could not be enrolled, as data: whoever shows it has the words.

use crate::config::ConfigError;
use crate::core::refused::Refused;

/// Why a device could not be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolling {
    /// Another device is being enrolled there.
    Busy,
    /// None came in time.
    TooLate,
    /// What the other device says is not what the protocol says.
    NotUnderstood(Refused),
    /// A message was changed on its way: only somebody between, or a broken network, changes one.
    Changed,
    /// There is more to tell the other device than fits a message.
    TooMuch,
    /// A store that the other device told of cannot be put into the settings.
    Store(ConfigError),
}
