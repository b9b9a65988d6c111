//! The reading key kept on this machine, under the keyring of the owner's session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ReadingKey;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, Text};
use crate::engine::EngineError;
use crate::engine::key_agent::reading_key;
use crate::local::audit::Event;
use crate::local::system_keyring::SystemKeyring;

/// Keeps the reading key on this machine, or no longer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyRemember {
    /// No longer.
    pub off: bool,
    /// How the account is unlocked now.
    pub unlock: Unlock,
}

/// What this machine keeps now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Remembered {
    /// What.
    pub reading_key: ReadingKey,
    /// Whether one was kept before.
    pub was_kept: bool,
    /// Whether the session's keyring is free of what it kept for it.
    pub keyring_cleared: Option<bool>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyring_trouble: Option<Text>,
}

impl Answer for Remembered {}

impl Job for KeyRemember {
    type Reply = Remembered;

    fn audited(&self) -> Option<Audited> {
        let what = if self.off { "reading key kept here no longer" } else { "reading key kept here" };
        Some(Audited::of(Event::Key, what))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Remembered, Failure> {
        if self.off { forget(work) } else { remember(work, &self.unlock) }
    }
}

/// Keeps it; the owner's passphrase or kit is needed once.
fn remember(work: &Work<'_>, how: &Unlock) -> Result<Remembered, Failure> {
    let account = work.open(WorkKind::Keys)?;
    if work.session.is_small_printer(&work.session.config()?) {
        return Err(EngineError::WritesOnly(account.device.name.clone()).into());
    }
    reading_key::may_remember(&account)?;
    // a keyring that is away is told before anything is typed
    let system = SystemKeyring::connect().map_err(EngineError::from)?;
    let keyring = unlock::unlock_as_owner(work, &account, how)?;
    reading_key::remember(&account, &keyring, &system, &work.session.random)?;
    Ok(Remembered { reading_key: ReadingKey::Kept, was_kept: false, keyring_cleared: None, keyring_trouble: None })
}

/// Keeps it no longer.
fn forget(work: &Work<'_>) -> Result<Remembered, Failure> {
    let account = work.open(WorkKind::Keys)?;
    let none = Remembered { reading_key: ReadingKey::None, was_kept: false, keyring_cleared: None, keyring_trouble: None };
    if !reading_key::forget(&account)? {
        return Ok(none);
    }
    let cleared = SystemKeyring::connect().map_err(EngineError::from).and_then(|system| reading_key::clear(&account, &system));
    let trouble = cleared.err().map(|error| Failure::from(error).message);
    Ok(Remembered { was_kept: true, keyring_cleared: Some(trouble.is_none()), keyring_trouble: trouble, ..none })
}
