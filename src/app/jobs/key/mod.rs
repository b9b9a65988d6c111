//! Keys: what opens the account, and for how long.

pub mod agent;
pub mod codes;
pub mod kit;
pub mod remember;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::owner::{self, Opened, Owner};
use crate::app::reasons::refused;
use crate::app::unlock::{self as unlocking, Asked, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, Text, faults};
use crate::core::slot::SlotKind;
use crate::engine::account::slots;
use crate::engine::devices::rotate;
use crate::engine::error::SyncFault;
use crate::engine::key_agent::reading_key::{self, Held};
use crate::engine::key_agent::{self};
use crate::engine::repository::snapshots;
use crate::local::audit::Event;
use crate::text;

/// Lists what opens the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeyList {}

/// What opens the account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Keys {
    /// Passphrases and recovery kits.
    pub keys: Vec<KeyInfo>,
    /// The reading key that this machine keeps.
    pub reading_key: ReadingKey,
}

/// Something that opens the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyInfo {
    /// What kind.
    pub kind: KeyKind,
    /// The device whose passphrase it is; none for one that is unknown.
    pub device: Option<String>,
    /// Whether it is this device's.
    pub here: bool,
    /// The file that it opens, below the vault.
    pub object: String,
    /// Why it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Text>,
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The passphrase of a device.
    Passphrase,
    /// The recovery kit.
    RecoveryKit,
    /// Not known.
    Unknown,
}

/// What this machine keeps for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadingKey {
    /// Nothing.
    None,
    /// The reading key.
    Kept,
    /// One from before the account's keys were changed.
    Stale,
}

impl From<Held> for ReadingKey {
    fn from(held: Held) -> Self {
        match held {
            Held::Nothing => Self::None,
            Held::Key => Self::Kept,
            Held::Stale => Self::Stale,
        }
    }
}

impl Answer for Keys {}

impl Job for KeyList {
    type Reply = Keys;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Keys, Failure> {
        let account = work.open_read_only()?;
        let of = |slot: slots::SlotInfo| {
            let (kind, unreadable) = match slot.kind {
                Ok(SlotKind::Recovery) => (KeyKind::RecoveryKit, None),
                Ok(SlotKind::Passphrase(_)) => (KeyKind::Passphrase, None),
                Err(why) => (KeyKind::Unknown, Some(refused(&why))),
            };
            KeyInfo { kind, device: slot.device, here: slot.here, object: slot.name.to_string(), unreadable }
        };
        // names are random; what they open is what an owner looks for
        let mut keys: Vec<KeyInfo> = slots::list(&account)?.into_iter().map(of).collect();
        keys.sort_by(|a, b| (a.kind, &a.device, a.here, &a.object).cmp(&(b.kind, &b.device, b.here, &b.object)));
        Ok(Keys { keys, reading_key: reading_key::held(&account)?.into() })
    }
}

/// Sets a new passphrase on this device.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyPassphrase {
    /// How the account is unlocked now.
    pub unlock: Unlock,
    /// A file whose first line is the new passphrase; asked for where none is named.
    pub new_passphrase_file: Option<PathBuf>,
}

/// A passphrase was set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PassphraseSet {
    /// The device that it opens the account on.
    pub device: String,
    /// Whether there was one there before, which opens nothing any more.
    pub replaced: bool,
}

/// What came of setting a passphrase.
pub enum Set {
    /// It is set.
    Done(PassphraseSet),
    /// None was given.
    Nothing,
    /// Whoever was asked left.
    Left,
}

impl Answer for PassphraseSet {}

impl Job for KeyPassphrase {
    type Reply = PassphraseSet;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "passphrase set"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<PassphraseSet, Failure> {
        match self.set(work)? {
            Set::Done(set) => Ok(set),
            Set::Nothing => Err(Failure::usage(text!("passphrase-new-missing")).hint(text!("passphrase-new-missing-hint"))),
            Set::Left => Err(Failure::left()),
        }
    }
}

impl KeyPassphrase {
    /// Sets the new passphrase.
    pub fn set(self, work: &Work<'_>) -> Result<Set, Failure> {
        let mut account = work.open(WorkKind::Keys)?;
        let keyring = unlocking::unlock_as_owner(work, &account, &self.unlock)?;
        let file = self.new_passphrase_file.as_deref();
        // the passphrase that was given beforehand is the one that unlocks; the new one comes from a file or is asked for
        let given = file.map(|file| unlocking::new_passphrase(work, Some(file))).transpose()?.flatten();
        let new = match given.map_or_else(|| unlocking::asked_passphrase(work), |new| Ok(Asked::New(new)))? {
            Asked::New(new) => new,
            Asked::Nothing => return Ok(Set::Nothing),
            Asked::Left => return Ok(Set::Left),
        };
        let of_here = SlotKind::Passphrase(account.device.id);
        let replaced = slots::list(&account)?.iter().any(|slot| slot.kind == Ok(of_here));
        let cost = work.session.profile(&work.session.config()?).cost;
        slots::set_passphrase(&mut account, &keyring, &new, cost, &work.session.random)?;
        key_agent::lock(&account)?;
        Ok(Set::Done(PassphraseSet { device: account.device.name.clone(), replaced }))
    }
}

/// Changes the account's keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyRotate {
    /// The owner's key.
    pub owner: Owner,
}

/// The account's keys were changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KeysRotated {
    /// The newest generation now.
    pub generation: u32,
    /// Devices that can take it over.
    pub granted: u64,
    /// Whether an earlier change was finished instead of making new keys.
    pub finished: bool,
    /// Whether some device may be too old to take it over.
    pub some_may_be_old: bool,
    /// What this machine keeps for reading.
    pub reading_key: ReadingKey,
    /// What was set aside because it does not fit the account.
    pub set_aside: Vec<Text>,
}

impl Answer for KeysRotated {}

impl Job for KeyRotate {
    type Reply = KeysRotated;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "rotated"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<KeysRotated, Failure> {
        let Opened { mut account, mut keyring, asked } = owner::open(work, &self.owner)?;
        let rotated = rotate::rotate(&mut account, &mut keyring, &asked, &work.session.random)?;
        // whoever has no snapshot of a later version may be a device of the first version; it tells so itself when it syncs
        let some_may_be_old = snapshots::head_names(&account)?.len() < account.roster.members.len();
        let aside = |(name, why): &(crate::core::name::ObjectName, SyncFault)| {
            text!("object-refused", object = name.to_string(), why = faults::sync(why))
        };
        Ok(KeysRotated {
            generation: rotated.generation,
            granted: rotated.granted,
            finished: rotated.finished,
            some_may_be_old,
            reading_key: reading_key::held(&account)?.into(),
            set_aside: asked.set_aside.iter().map(aside).collect(),
        })
    }
}
