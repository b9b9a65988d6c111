//! Files that go from device to device: sending one, and which come into this device's folder.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::job::{Audited, Job, Recording};
use crate::app::jobs::inbox_exchange::{Exchanged, SentFile, each_store, is_old};
use crate::app::reasons::told;
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text};
use crate::engine::inbox::{self, Inbox, Outbox, Waiting};
use crate::engine::repository::snapshots;
use crate::local::audit::Event;
use crate::{config, text};

/// Sends a file to a device that allows it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSend {
    /// The file.
    pub file: PathBuf,
    /// The device, by its name or the first 8 digits of its id.
    pub to: String,
    /// How the account is unlocked.
    #[serde(default)]
    pub unlock: Unlock,
}

/// A file that was sealed for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSent {
    /// Its id.
    pub id: String,
    /// The file.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub file: PathBuf,
    /// The id of the device that it is for.
    pub to: String,
    /// What the owner calls that device.
    pub device: String,
    /// Whether it is whole in a store already; else it waits in the vault.
    pub sent: bool,
    /// Store by store.
    pub stores: Vec<Exchanged>,
    /// Whether it was stopped on the way.
    pub stopped: bool,
}

impl Answer for DeviceSent {
    // what waits for a store is safe in the vault
    fn exit(&self) -> Exit {
        if self.stopped { Exit::Stopped } else { Exit::Done }
    }
}

impl Job for DeviceSend {
    type Reply = DeviceSent;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Share, "sent").names([self.file.display().to_string(), self.to.clone()]))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceSent, Failure> {
        let config = work.session.config()?;
        let mut account = work.open(WorkKind::Inbox)?;
        let device = snapshots::other_device(&account, &self.to)?;
        let member = account.roster.member(&device).filter(|member| member.is_active());
        let name = member.map(|member| member.name.clone());
        let name = name.ok_or_else(|| Failure::usage(text!("send-revoked", device = &self.to)))?;
        let keyring = unlock::unlock(work, &account, &self.unlock)?;
        let watcher = work.watcher();
        let request = inbox::Request { to: device, file: &self.file };
        let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
        let id = inbox::send(&account, &keyring, &request, work.job(&on_event))?;
        let (stores, worst) = each_store(work, &config, &mut account)?;
        Ok(DeviceSent {
            id: id.to_string(),
            file: self.file,
            to: device.to_string(),
            device: name,
            sent: stores.iter().any(|store| !store.sent.is_empty()),
            stores,
            stopped: worst == Exit::Stopped,
        })
    }
}

/// Takes a file back that was sent and not taken yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSendCancel {
    /// How its id begins.
    pub id: String,
}

/// A file that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSendCancelled {
    /// Its id.
    pub cancelled: String,
    /// Its name.
    pub name: String,
}

impl Answer for DeviceSendCancelled {}

impl Job for DeviceSendCancel {
    type Reply = DeviceSendCancelled;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Share, "taken back"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceSendCancelled, Failure> {
        let account = work.open(WorkKind::Inbox)?;
        let sent = inbox::cancel(&account, &self.id, &work.session.random)?;
        Ok(DeviceSendCancelled { cancelled: sent.id.to_string(), name: String::from_utf8_lossy(&sent.name).into_owned() })
    }
}

/// Lets files that the owner sends to this device into a folder.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct InboxAllow {
    /// The folder; it is made where it is not there.
    pub folder: PathBuf,
    /// The largest file that is taken, in bytes.
    pub max_bytes: u64,
}

/// The folder that files come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InboxFolder {
    /// Where it is; none where this device takes nothing.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub folder: Option<PathBuf>,
    /// The largest file that is taken, in bytes.
    pub max_bytes: Option<u64>,
    /// Whether it was made just now.
    #[serde(default)]
    pub made: bool,
}

impl Answer for InboxFolder {}

impl Job for InboxAllow {
    type Reply = InboxFolder;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Share, "inbox allowed").names([self.folder.display().to_string()]))
    }

    fn run(self, work: &Work<'_>) -> Result<InboxFolder, Failure> {
        let made = make(&self.folder)?;
        let path = match Inbox::check(work.session.home.root(), &self.folder) {
            Ok(path) => path,
            Err(error) => {
                // a folder that may be no inbox is not left behind
                if made {
                    let _ = std::fs::remove_dir(&self.folder);
                }
                return Err(error.into());
            }
        };
        let inbox = config::Inbox { path: path.clone(), max_bytes: self.max_bytes };
        work.change_config(|config| {
            config.inbox = Some(inbox);
            Ok(())
        })?;
        Ok(InboxFolder { folder: Some(path), max_bytes: Some(self.max_bytes), made })
    }
}

/// Makes a folder where none is, but none above it: a mistyped path is not filled in. Gives whether it was made.
fn make(folder: &Path) -> Result<bool, Failure> {
    match std::fs::create_dir(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::path(folder, &error).hint(text!("inbox-folder-hint"))),
    }
}

/// Lets nothing in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct InboxDeny {}

impl Job for InboxDeny {
    type Reply = InboxFolder;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Share, "inbox denied"))
    }

    fn run(self, work: &Work<'_>) -> Result<InboxFolder, Failure> {
        work.change_config(|config| {
            config.inbox = None;
            Ok(())
        })?;
        Ok(InboxFolder { folder: None, max_bytes: None, made: false })
    }
}

/// Shows what is allowed, what waits, and what was sent from here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct InboxShow {}

/// What is allowed, what waits, and what was sent from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InboxShown {
    /// The folder that files come to, if any.
    pub inbox: Option<InboxFolder>,
    /// Files for this device that stay in a store.
    pub waiting: Vec<WaitingFile>,
    /// Files that were sent from here.
    pub sent: Vec<SentFile>,
    /// What the clock says, in seconds since 1970.
    pub now: i64,
}

/// A file for this device that stays in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitingFile {
    /// Its id.
    pub id: String,
    /// The store.
    pub store: String,
    /// The name that it would have; none where that does not open.
    pub name: Option<String>,
    /// What the owner calls the device that sent it; none where nobody knows.
    pub from: Option<String>,
    /// Why it stays.
    pub reason: Text,
    /// Its size in bytes.
    pub size: u64,
    /// When it was sent, in seconds since 1970.
    pub time: i64,
    /// Whether it has waited for more than 30 days.
    pub old: bool,
}

impl Answer for InboxShown {
    fn tally(&self) -> Tally {
        Tally { objects: (self.waiting.len() + self.sent.len()) as u64, ..Tally::default() }
    }
}

impl Job for InboxShow {
    type Reply = InboxShown;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<InboxShown, Failure> {
        let account = work.open_read_only()?;
        let now = work.session.now();
        let inbox = work.session.config()?.inbox;
        let waiting = |one: &Waiting| WaitingFile {
            id: one.id.to_string(),
            store: one.store.clone(),
            name: one.name.clone(),
            from: one.from.clone(),
            reason: told(&one.why),
            size: one.size,
            time: one.time,
            old: is_old(one.time, now),
        };
        Ok(InboxShown {
            inbox: inbox.map(|inbox| InboxFolder { folder: Some(inbox.path), max_bytes: Some(inbox.max_bytes), made: false }),
            waiting: Waiting::load(&account)?.iter().map(waiting).collect(),
            sent: Outbox::load(&account)?.entries.iter().map(|sent| SentFile::of(&account, sent, now)).collect(),
            now,
        })
    }
}

/// Takes what the stores hold for this device now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct InboxReceive {}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InboxReceived {
    /// Store by store.
    pub stores: Vec<Exchanged>,
    /// How it ended.
    pub ended: Exit,
}

impl Answer for InboxReceived {
    fn exit(&self) -> Exit {
        self.ended
    }

    fn tally(&self) -> Tally {
        let arrived = self.stores.iter().flat_map(|store| &store.arrived).filter(|one| one.path.is_some());
        arrived.fold(Tally::default(), |tally, one| Tally {
            objects: tally.objects + 1,
            bytes: tally.bytes.saturating_add(one.size),
            moved: tally.moved.saturating_add(one.size),
        })
    }
}

impl Job for InboxReceive {
    type Reply = InboxReceived;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Share, "received"))
    }

    fn run(self, work: &Work<'_>) -> Result<InboxReceived, Failure> {
        let config = work.session.config()?;
        let mut account = work.open(WorkKind::Inbox)?;
        if config.stores.is_empty() {
            return Err(Failure::usage(text!("inbox-no-store")).hint(text!("inbox-no-store-hint")));
        }
        let (stores, ended) = each_store(work, &config, &mut account)?;
        Ok(InboxReceived { stores, ended })
    }
}
