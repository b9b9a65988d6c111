//! The recovery kit: a new one, the page of the one that lives, and the proof that one opens the account.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::new_file;
use crate::app::unlock::{self as unlocking, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text, kit as page};
use crate::core::slot::SlotKind;
use crate::engine::account::{Account, slots};
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::{EngineError, key_agent};
use crate::local::audit::Event;
use crate::local::home::full_path;
use crate::local::shred;
use crate::text;

/// Makes a new recovery kit; the one before no longer opens the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyKit {
    /// How the account is unlocked now.
    pub unlock: Unlock,
    /// Where to write it; a name that ends in `.html` gives a page to print with a QR code.
    pub to: Option<PathBuf>,
    /// Whether the living kit may be ended without asking.
    pub yes: bool,
}

/// A kit's page was written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KitWritten {
    /// Where.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub recovery_kit: PathBuf,
    /// Whether the kit is new, so that the one before opens nothing.
    pub new: bool,
    /// Files of kits in the home that opened nothing any more, and were deleted.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub deleted: Vec<PathBuf>,
}

impl Answer for KitWritten {}

impl Job for KeyKit {
    type Reply = KitWritten;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "recovery kit made"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<KitWritten, Failure> {
        let mut account = work.open(WorkKind::Keys)?;
        let path = place(work, &account, self.to.as_deref())?;
        let lives = slots::list(&account)?.iter().any(|slot| slot.kind == Ok(SlotKind::Recovery));
        // whoever cannot make one is not asked whether to end the other
        let keyring = unlocking::unlock_as_owner(work, &account, &self.unlock)?;
        if lives && !self.yes {
            confirm(work)?;
        }
        let kit = slots::prepare_kit(&keyring, &work.session.random)?;
        // the page is on the disk before the old kit is worth nothing
        page::write(&account, kit.entropy, &path, work.session.now(), &page::places(work.session)?)?;
        slots::replace_kit(&mut account, &kit.slot)?;
        let now = work.session.now();
        account.logs().remember(|history| {
            (history.kit_made, history.kit_seen) = (Some(now), None);
            history.kit_pages.clear();
        });
        unlocking::written(work.session, &account, &path);
        key_agent::lock(&account)?;
        let deleted = delete_dead(work, &account)?;
        Ok(KitWritten { recovery_kit: path, new: true, deleted })
    }
}

/// Where a page goes; never in the place of another file.
fn place(work: &Work<'_>, account: &Account, to: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = match to {
        Some(path) => full_path(path).map_err(|error| Failure::path(path, &error))?,
        None => {
            let plain = work.session.home.recovery_kit(&account.name);
            let dated = || work.session.home.root().join(format!("recovery-kit-{}.txt", work.session.now()));
            if plain.symlink_metadata().is_ok() { dated() } else { plain }
        }
    };
    new_file::refuse_taken(&path)?;
    Ok(path)
}

/// A kit that lives is ended only by whoever says so.
fn confirm(work: &Work<'_>) -> Result<(), Failure> {
    if !work.prompt.is_there() {
        return Err(Failure::usage(text!("kit-lives")).hint(text!("kit-lives-hint")));
    }
    work.must_agree(&text!("kit-lives-question"), "--yes", text!("kit-kept")).map_err(|failure| match failure.exit {
        Exit::Declined => failure.hint(text!("kit-kept-hint")),
        _ => failure,
    })
}

/// Deletes the files of kits of this account in the home that open nothing any more: whoever kept them safe would keep nothing.
fn delete_dead(work: &Work<'_>, account: &Account) -> Result<Vec<PathBuf>, Failure> {
    let mut deleted = Vec::new();
    for kit in work.session.home.recovery_kits() {
        let Ok((Some(of), entropy)) = unlocking::read_kit_here(&kit) else { continue };
        if of == account.id() && !slots::opens(account, &slots::Key::Kit(entropy)) {
            shred::file(&kit)?;
            deleted.push(kit);
        }
    }
    Ok(deleted)
}

/// Writes the page of the kit that lives once more, with the stores of today on it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyKitPage {
    /// The kit; the one in the home where none is named.
    pub kit: Option<PathBuf>,
    /// Where to write the page; a name that ends in `.html` gives one to print with a QR code.
    pub to: Option<PathBuf>,
}

impl Job for KeyKitPage {
    type Reply = KitWritten;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "recovery kit written"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<KitWritten, Failure> {
        let account = work.open_read_only()?;
        let path = place(work, &account, self.to.as_deref())?;
        let entropy = match &self.kit {
            Some(kit) => unlocking::own_kit(work, &account, kit)?,
            None => {
                let missing = || Failure::new(Exit::Locked, text!("kit-page-none")).hint(text!("kit-page-none-hint"));
                unlocking::living_kit(&work.session.home, &account).ok_or_else(missing)?.1
            }
        };
        let key = slots::Key::Kit(entropy);
        slots::unlock(&account, &key)?;
        let slots::Key::Kit(entropy) = key else { return Err(Failure::mistake()) };
        page::write(&account, entropy, &path, work.session.now(), &page::places(work.session)?)?;
        unlocking::written(work.session, &account, &path);
        Ok(KitWritten { recovery_kit: path, new: false, deleted: Vec::new() })
    }
}

/// Proves that a kit opens the account, here and in the stores, without showing anything of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyKitTest {
    /// The kit.
    pub kit: PathBuf,
}

/// The kit opens the account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KitOpens {
    /// The account's fingerprint.
    pub fingerprint: String,
    /// Store by store.
    pub stores: Vec<KitAtStore>,
    /// How it ended at the first store where it did not open what lies there.
    #[serde(skip)]
    #[schemars(skip)]
    worst: Option<Exit>,
}

/// What a kit opens at a store.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KitAtStore {
    /// The store.
    pub store: String,
    /// Whether it opens what lies there.
    pub opens: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

impl Answer for KitOpens {
    fn exit(&self) -> Exit {
        self.worst.unwrap_or(Exit::Done)
    }
}

impl Job for KeyKitTest {
    type Reply = KitOpens;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "recovery kit tested"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<KitOpens, Failure> {
        let account = work.open_read_only()?;
        let key = slots::Key::Kit(unlocking::own_kit(work, &account, &self.kit)?);
        slots::unlock(&account, &key)?;
        unlocking::proved(work, &account, &self.kit);
        let (mut told, mut worst) = (Vec::new(), None);
        let config = work.session.config()?;
        let remotes = Remotes::of(&config.stores, work.runtime());
        for store in &config.stores {
            let opened = remotes.open_to_read(&account, &store.name).map_err(EngineError::from);
            let tried = opened.and_then(|remote| opens(&account, remote, &key));
            let why = tried.map_err(at_store).err();
            worst = why.as_ref().map(|failure| failure.exit).or(worst);
            told.push(KitAtStore { store: store.name.clone(), opens: why.is_none(), why: why.map(|failure| failure.message) });
        }
        Ok(KitOpens { fingerprint: account.fingerprint(), stores: told, worst })
    }
}

/// A kit that opens what lies here and not what lies there was made after the last sync.
fn at_store(error: EngineError) -> Failure {
    match error {
        EngineError::WrongKit => Failure::new(Exit::Locked, text!("kit-not-there-yet")),
        other => other.into(),
    }
}

/// Whether a slot of a store opens with the kit.
fn opens(account: &Account, remote: &Remote, key: &slots::Key) -> Result<(), EngineError> {
    let names = remote.list_in(&["slots"]).map_err(|error| remote.lost(error))?.into_keys().collect();
    slots::unlock_from(account, key, names, &|name| remote.get(name).map_err(|error| remote.lost(error))).map(|_| ())
}
