//! How a request ends: one table of exits, and failures with what to do about them, each by the name of its message.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::reasons::{self, because};
use crate::app::{Arg, Text, damage, misuse};
use crate::config::ConfigError;
use crate::consent::Refusal;
use crate::core::name::ObjectName;
use crate::core::random::NoRandomness;
use crate::core::refused::Refused;
use crate::engine::EngineError;
use crate::engine::error::{LostKey, PlaceName};
use crate::engine::repository::stores::OpenError;
use crate::local::home::DiskError;
use crate::local::named_file::Unread;
use crate::local::work_lock::Holder;
use crate::provider::ProviderError;
use crate::provider::reason::Reason;
use crate::text;

/// How a request ended; a command line ends with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(with = "u8")]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The request or the settings make no sense.
    Usage = 2,
    /// Done, but for some parts, which are named.
    Incomplete = 3,
    /// The passphrase or recovery kit is missing or wrong.
    Locked = 4,
    /// The owner has not allowed it.
    NoConsent = 5,
    /// A store cannot be reached, or refuses.
    Store = 6,
    /// Something is damaged or missing.
    Damaged = 7,
    /// Another printkeep works on the same.
    Busy = 8,
    /// The owner said no to what was asked.
    Declined = 9,
    /// The owner stopped it.
    Stopped = 130,
}

impl Exit {
    const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Incomplete,
        Self::Locked,
        Self::NoConsent,
        Self::Store,
        Self::Damaged,
        Self::Busy,
        Self::Declined,
        Self::Stopped,
    ];

    /// For the operating system.
    pub fn code(self) -> std::process::ExitCode {
        std::process::ExitCode::from(self as u8)
    }

    /// The first of two that is not [`Done`](Self::Done): what went wrong first is told.
    pub fn or(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }
}

impl Serialize for Exit {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(*self as u8)
    }
}

impl<'de> Deserialize<'de> for Exit {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(from)?;
        let found = Self::ALL.into_iter().find(|exit| *exit as u8 == number);
        found.ok_or_else(|| serde::de::Error::custom(format!("{number} is no exit")))
    }
}

/// Why a request failed, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// How it ended.
    pub exit: Exit,
    /// What and where.
    pub message: Text,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

impl Failure {
    /// A failure.
    pub fn new(exit: Exit, message: Text) -> Self {
        Self { exit, message, hint: None }
    }

    /// A request that makes no sense.
    pub fn usage(message: Text) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// With what to do.
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Something was to be asked where nobody can be.
    pub fn nobody_to_ask() -> Self {
        Self::usage(text!("nobody-to-ask")).hint(text!("nobody-to-ask-hint"))
    }

    /// The same, where an option says yes beforehand.
    pub fn nobody_to_agree(option: &str) -> Self {
        Self::usage(text!("nobody-to-ask")).hint(text!("nobody-to-ask-yes-hint", option = option))
    }

    /// A path that cannot be used.
    pub fn path(path: &Path, error: &std::io::Error) -> Self {
        Self::usage(text!("path-unusable", path = path, why = because(&Reason::of_system(error))))
    }

    /// A mistake of Printkeep's own.
    pub fn mistake() -> Self {
        Self::new(Exit::Failed, text!("own-mistake")).hint(text!("own-mistake-hint"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(text!("settings-wrong", why = reasons::config(&error))).hint(text!("settings-wrong-hint"))
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<Unread> for Failure {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Disk(error) => error.into(),
            Unread::Stopped => EngineError::Cancelled.into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        EngineError::from(error).into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::from(&error)
    }
}

impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        use EngineError as E;
        let of = |exit, message, hint| Self { exit, message, hint: Some(hint) };
        match error {
            E::NoAccount => of(Exit::Failed, text!("no-account"), text!("no-account-hint")),
            E::UnknownAccount(name) => of(Exit::Usage, text!("account-unknown", name = name), text!("account-name-one")),
            E::KeyLost(lost) => Self::key_lost(lost),
            E::WhichAccount(names) => {
                of(Exit::Usage, text!("account-which", names = names.join(", ")), text!("account-name-one"))
            }
            E::AccountExists(name) => of(Exit::Usage, text!("account-exists", name = name), text!("account-exists-hint")),
            E::Busy(holder) => of(Exit::Busy, busy("busy", holder.as_ref()), text!("busy-hint")),
            E::Disk(error) => disk(error),
            E::State(error) => of(Exit::Failed, text!("state-unusable", why = reasons::cache(error)), text!("repair-hint")),
            E::Damaged { what, why } => of(Exit::Damaged, damage::own_file(what, why), text!("repair-hint")),
            E::Own { what, why } => of(Exit::Damaged, damage::own_file(what, why), text!("own-file-hint")),
            E::Object { name, why } => object(name, why),
            E::Vault(error) => Self::at_vault(error),
            E::Place { place, error } => Self::at(place, error),
            E::WrongPassphrase => of(Exit::Locked, text!("passphrase-wrong"), text!("passphrase-wrong-hint")),
            E::TooSoon(seconds) => {
                of(Exit::Locked, text!("passphrase-wait", wait = Arg::Seconds(*seconds)), text!("passphrase-wait-hint"))
            }
            E::WrongKit => of(Exit::Locked, text!("kit-wrong"), text!("kit-wrong-hint")),
            E::WrongCode => of(Exit::Locked, text!("code-wrong"), text!("code-wrong-hint")),
            E::HalfEnrolled { device, why } => of(
                Exit::Failed,
                text!("enroll-half-done", device = device, why = Self::from(&**why).message),
                text!("enroll-half-done-hint"),
            ),
            E::HalfRotated { stores, here, why } => Self::half_rotated(stores, *here, why),
            E::Enroll(why) => of(Exit::Failed, misuse::enrolling(why), text!("enroll-again")),
            E::Kit(error) => of(Exit::Locked, reasons::kit(error), text!("kit-unreadable-hint")),
            E::Locked => of(Exit::Locked, text!("locked"), text!("locked-hint")),
            E::SystemKeyring(error) => of(Exit::Locked, reasons::keyring(error), text!("keyring-hint")),
            E::StaleKey => of(Exit::Locked, text!("reading-key-stale"), text!("reading-key-stale-hint")),
            E::WritesOnly(name) => of(Exit::Usage, text!("writes-only", device = name), text!("writes-only-hint")),
            E::Consent(refusal) => refused(*refusal),
            E::MayNotDelete(name) => may_not_delete(name),
            E::NoSnapshot(name) => of(Exit::Usage, text!("no-snapshot", name = name), text!("no-snapshot-hint")),
            E::SnapshotLost(number) => Self::snapshot_lost(*number),
            E::KeysLost => of(Exit::Damaged, text!("keys-lost"), text!("keys-lost-hint")),
            E::KeysAwaited(name) => of(Exit::Locked, text!("keys-awaited", device = name), text!("keys-awaited-hint")),
            E::NoPath(path) => of(Exit::Usage, text!("no-path", path = path), text!("no-path-hint")),
            E::ManyPaths { text, paths } => {
                of(Exit::Usage, text!("many-paths", path = text, paths = paths.join(", ")), text!("many-paths-hint"))
            }
            E::Usage(misuse) => {
                let (message, hint) = misuse::message(misuse);
                Self { exit: Exit::Usage, message, hint }
            }
            E::Randomness => of(Exit::Failed, text!("no-randomness"), text!("no-randomness-hint")),
            E::Threads(why) => of(Exit::Failed, text!("no-threads", why = why), text!("no-threads-hint")),
            E::Crashed => Self::mistake(),
            E::Cancelled => of(Exit::Stopped, text!("stopped"), text!("stopped-hint")),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(refusal)
    }
}

/// What is wrong with an object. That its keys are not here says nothing of damage: another process, or another device, made them.
fn object(name: &ObjectName, why: &Refused) -> Failure {
    let object = name.to_string();
    match why {
        Refused::NoKey => Failure::new(Exit::Busy, text!("keys-changed", object = object)).hint(text!("keys-changed-hint")),
        why => {
            let message = text!("object-refused", object = object, why = reasons::refused(why));
            Failure::new(Exit::Damaged, message).hint(text!("object-refused-hint"))
        }
    }
}

/// What the owner has not allowed.
fn refused(refusal: Refusal) -> Failure {
    let of = |message| Failure::new(Exit::NoConsent, message);
    match refusal {
        Refusal::NotGranted(item) => {
            of(text!("consent-not-granted", item = item.as_str())).hint(text!("consent-hint", item = item.as_str()))
        }
        Refusal::Withdrawn(item) => {
            of(text!("consent-withdrawn", item = item.as_str())).hint(text!("consent-hint", item = item.as_str()))
        }
        Refusal::Stale(item) => {
            of(text!("consent-stale", item = item.as_str())).hint(text!("consent-stale-hint", item = item.as_str()))
        }
        Refusal::NoPolicy(item) => of(text!("consent-no-policy", item = item.as_str())).hint(text!("consent-no-policy-hint")),
        Refusal::NotServed(item) => Failure::usage(text!("consent-not-served", item = item.as_str())),
    }
}

/// Who works on the same, and since when, where that is known.
pub(super) fn busy(what: &str, holder: Option<&Holder>) -> Text {
    match (what, holder) {
        ("waiting", Some(holder)) => {
            text!("waiting-for", work = work(holder), since = Arg::Time(holder.since), pid = holder.pid.to_string())
        }
        ("waiting", None) => text!("waiting"),
        (_, Some(holder)) => {
            text!("busy-with", work = work(holder), since = Arg::Time(holder.since), pid = holder.pid.to_string())
        }
        (_, None) => text!("busy"),
    }
}

/// What it works at, and with which store.
fn work(holder: &Holder) -> Text {
    match holder.work.split_once(" with ") {
        Some((kind, store)) => text!("work-with", work = Text::of_words("work", kind), store = store),
        None => Text::of_words("work", &holder.work),
    }
}

impl Failure {
    /// New keys are in some places, and the work was not ended.
    fn half_rotated(stores: &[String], here: bool, why: &EngineError) -> Self {
        let Self { exit, message, .. } = Self::from(why);
        let message = match here {
            true => text!("keys-half-changed-here", why = message),
            false => text!("keys-half-changed", why = message, stores = stores.join(", ")),
        };
        Self::new(exit, message).hint(text!("keys-half-changed-hint"))
    }

    /// What is told in any case, also by whoever was stopped: something stands half done.
    pub(in crate::app) fn is_half_done(&self) -> bool {
        ["enroll-half-done", "keys-half-changed", "keys-half-changed-here"].contains(&&*self.message.id)
    }

    /// This device's key is gone: one advice, whatever was asked for.
    fn key_lost(lost: &LostKey) -> Self {
        let hint = match &lost.vault {
            Some(vault) => text!("key-lost-hint", vault = vault.as_path()),
            None => text!("key-lost-store-hint"),
        };
        Self::new(Exit::Damaged, text!("key-lost", path = lost.file.as_path())).hint(hint)
    }

    /// The vault lost a snapshot of this device.
    fn snapshot_lost(number: u64) -> Self {
        Self::new(Exit::Damaged, text!("snapshot-lost", number = number.to_string()))
            .hint(text!("snapshot-lost-hint", number = number.to_string()))
    }

    /// Whoever was asked said no.
    pub fn declined(message: Text) -> Self {
        Self::new(Exit::Declined, message)
    }

    /// Whoever was asked left instead of answering.
    pub fn left() -> Self {
        Self::new(Exit::Stopped, text!("stopped")).hint(text!("stopped-at-question-hint"))
    }

    /// What the local vault said.
    pub(super) fn at_vault(error: &ProviderError) -> Self {
        at_place(&text!("the-vault").into(), None, Exit::Failed, error)
    }

    /// What a place said; one that is full or may not be written refuses.
    pub(in crate::app) fn at(place: &PlaceName, error: &ProviderError) -> Self {
        let store = if let PlaceName::Store(name) = place { Some(name.as_str()) } else { None };
        at_place(&damage::place(place), store, Exit::Store, error)
    }

    /// The same where the place is named beside it.
    pub(in crate::app) fn at_its_place(error: &ProviderError) -> Self {
        at_place(&text!("the-place").into(), None, Exit::Store, error)
    }
}

fn disk(error: &DiskError) -> Failure {
    let message = text!(
        "disk",
        action = Text::of_words("disk-cannot", error.action),
        path = error.path.as_path(),
        why = because(&Reason::of_system(&error.source))
    );
    let hint = match error.source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => text!("disk-full-hint"),
        std::io::ErrorKind::PermissionDenied => text!("disk-permission-hint"),
        std::io::ErrorKind::ReadOnlyFilesystem => text!("disk-read-only-hint"),
        _ => text!("disk-hint"),
    };
    Failure::new(Exit::Failed, message).hint(hint)
}

/// What to do where a folder is away: a disk that is not there is mounted, and one that is there and empty may be a new one.
fn disk_hint(why: &Reason, store: Option<&str>) -> Text {
    match (why, store) {
        (Reason::AccountGone { .. }, Some(store)) => text!("place-emptied-hint", store = store),
        _ => text!("place-disk-hint"),
    }
}

/// What a place said; `store` is its name where it is a store of the settings, `refuses` how a request ends where it takes nothing.
fn at_place(place: &Arg, store: Option<&str>, refuses: Exit, error: &ProviderError) -> Failure {
    let (exit, message, hint) = match error {
        ProviderError::Missing => (Exit::Damaged, text!("place-missing", place = place.clone()), text!("place-missing-hint")),
        ProviderError::Taken => (Exit::Damaged, text!("place-taken", place = place.clone()), text!("place-taken-hint")),
        ProviderError::Unreachable(why) => {
            (Exit::Store, text!("place-unreachable", place = place.clone(), why = because(why)), text!("place-unreachable-hint"))
        }
        ProviderError::Unmounted(why) => {
            (Exit::Store, text!("place-unreachable", place = place.clone(), why = because(why)), disk_hint(why, store))
        }
        ProviderError::Withdrawn => {
            (Exit::NoConsent, text!("place-withdrawn", place = place.clone()), text!("place-withdrawn-hint"))
        }
        ProviderError::Refused(why @ Reason::NoCredentials {}) => (
            Exit::Store,
            text!("place-refused", place = place.clone(), why = because(why)),
            of_store(store, text!("place-no-credentials-hint")),
        ),
        ProviderError::Refused(why) => (
            Exit::Store,
            text!("place-refused", place = place.clone(), why = because(why)),
            of_store(store, text!("place-refused-hint")),
        ),
        ProviderError::Clock(why) => {
            (Exit::Store, text!("place-clock", place = place.clone(), why = because(why)), text!("place-clock-hint"))
        }
        ProviderError::Full(why) => {
            (refuses, text!("place-full", place = place.clone(), why = because(why)), text!("place-full-hint"))
        }
        ProviderError::Stopped => (Exit::Stopped, text!("stopped"), text!("stopped-hint")),
        ProviderError::ReadOnly(why) => {
            (refuses, text!("place-read-only", place = place.clone(), why = because(why)), text!("place-read-only-hint"))
        }
        ProviderError::Locked(until) => {
            (refuses, text!("place-locked", place = place.clone(), until = until), text!("place-locked-hint"))
        }
        ProviderError::NotTrusted(why @ Reason::NoRoots { .. }) => (Exit::Usage, because(why), text!("place-no-roots-hint")),
        ProviderError::NotTrusted(why) => {
            (Exit::Store, text!("place-not-trusted", place = place.clone(), why = because(why)), of_store(store, untrusted(why)))
        }
        ProviderError::NewKey(key) => {
            let key = key.as_fingerprint();
            (
                Exit::Store,
                text!("place-new-key", place = place.clone(), key = &key),
                of_store(store, text!("place-new-key-hint", key = &key)),
            )
        }
        ProviderError::Nonsense(why) => {
            (Exit::Store, text!("place-nonsense", place = place.clone(), why = because(why)), text!("place-nonsense-hint"))
        }
        ProviderError::Local(why) => {
            (Exit::Failed, text!("place-local", place = place.clone(), why = because(why)), text!("place-local-hint"))
        }
    };
    Failure::new(exit, message).hint(hint)
}

/// What to do about a store that is in the settings, by its name; another place is changed where it was named.
fn of_store(store: Option<&str>, hint: Text) -> Text {
    match store {
        Some(store) => hint.with("store", store),
        None => text!("place-named-hint"),
    }
}

/// What to do where a server is not trusted: it may be the owner's own, met for the first time; one that is known by its key or its name
/// may be another.
fn untrusted(why: &Reason) -> Text {
    match why {
        Reason::UnknownIssuer { key } | Reason::UnfitCertificate { key } if !key.is_empty() => {
            text!("place-unknown-issuer-hint", key = key)
        }
        _ => text!("place-not-trusted-hint"),
    }
}

/// This device lets nothing go.
fn may_not_delete(device: &str) -> Failure {
    let hint = text!("may-not-delete-hint", device = device);
    Failure::usage(text!("may-not-delete", device = device)).hint(hint)
}
