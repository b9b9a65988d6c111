//! What happens while work goes on, as plain data for whoever watches.

use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Text;
use crate::app::forms::entry::{Changed, Entry, Found};
use crate::app::forms::notice::{Alike, ByReason, Notice, NoticeKind};
use crate::app::version::VERSION;
use crate::engine;

/// Notices kept for a reply; more are counted only.
const KEPT: usize = 1000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step begins.
    Phase {
        /// Which.
        phase: Phase,
        /// With which store, where it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<String>,
    },
    /// How much there is to do, once it is known.
    Total {
        /// Files or objects.
        files: u64,
        /// Bytes.
        bytes: u64,
    },
    /// Work on a file begins.
    File {
        /// Its path.
        path: String,
    },
    /// More bytes were worked on.
    Bytes {
        /// How many more.
        bytes: u64,
    },
    /// A file is done.
    FileDone,
    /// Something about one file or object; work goes on.
    Notice(Notice),
    /// Files of which the same went wrong; told at the end of work that may meet many.
    Alike(Alike),
    /// An entry that is listed.
    Entry(Box<Entry>),
    /// What is found next lies in this snapshot.
    InSnapshot(Box<crate::app::forms::snapshot::Snapshot>),
    /// A file that was found.
    Found(Box<Found>),
    /// An entry that is not the same in two snapshots.
    Changed(Box<Changed>),
    /// The next bytes of a file that was asked for, verified; at most a few MiB.
    Content {
        /// The bytes; base64 in JSON.
        #[serde(with = "base64_bytes")]
        #[schemars(with = "String")]
        bytes: Vec<u8>,
    },
    /// Something the owner should know now; no part of the reply.
    Remark {
        /// What.
        text: Text,
    },
    /// A change that following another device made or found.
    Followed {
        /// The change.
        change: Box<crate::app::forms::following::Followings>,
        /// What the owner calls that device.
        device: String,
    },
    /// What pruning is about to do and what it costs; the reply tells it again, with what was done.
    Prune(Box<crate::app::forms::prune::PruneReply>),
    /// A problem that was found and is told for the first time.
    Problem(Box<crate::app::forms::problem::Problem>),
}

/// An event as it is streamed, for whoever speaks in documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventDocument {
    /// The version of its form.
    pub printkeep: u32,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl EventDocument {
    /// The document of an event.
    pub fn of(event: Event) -> Self {
        Self { printkeep: VERSION, event }
    }
}

/// A step of longer work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Local state is rebuilt from the vault.
    Rebuilding,
    /// Files are read and sealed.
    BackingUp,
    /// Files are written.
    Restoring,
    /// Objects are checked.
    Verifying,
    /// Objects that nothing needs are removed.
    Pruning,
    /// What is still needed of old packs moves to new ones.
    Repacking,
    /// Objects are sent.
    Uploading,
    /// Objects are fetched.
    Downloading,
    /// Another printkeep works on the same: this one waits for it.
    Waiting,
}

/// Bytes in JSON.
mod base64_bytes {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}

/// Receives events; called from several threads.
pub type OnEvent<'a> = &'a (dyn Fn(Event) + Sync);

/// Passes an engine's events on, and keeps its notices for the reply.
pub struct Watcher<'a> {
    on_event: OnEvent<'a>,
    store: Option<String>,
    notices: Mutex<Vec<Notice>>,
    /// What failed, where it is told at the end.
    by_reason: Option<Mutex<ByReason>>,
}

impl<'a> Watcher<'a> {
    /// A watcher; `store` is the one that its steps are about.
    pub fn new(on_event: OnEvent<'a>, store: Option<&str>) -> Self {
        Self { on_event, store: store.map(str::to_owned), notices: Mutex::default(), by_reason: None }
    }

    /// One that tells of files that failed at the end, each reason once.
    pub fn by_reason(on_event: OnEvent<'a>) -> Self {
        let mut watcher = Self::new(on_event, None);
        watcher.by_reason = Some(Mutex::default());
        watcher
    }

    /// Takes an event of the engine's.
    pub fn take(&self, event: engine::Event<'_>) {
        match event {
            engine::Event::Phase(phase) => (self.on_event)(Event::Phase { phase: phase.into(), store: self.store.clone() }),
            engine::Event::Total { files, bytes } => (self.on_event)(Event::Total { files, bytes }),
            engine::Event::File(path) => (self.on_event)(Event::File { path: path.to_string() }),
            engine::Event::Bytes(bytes) => (self.on_event)(Event::Bytes { bytes }),
            engine::Event::FileDone => (self.on_event)(Event::FileDone),
            engine::Event::Notice(notice) => self.notice((&notice).into()),
        }
    }

    /// Tells of something about a file or object.
    pub fn notice(&self, notice: Notice) {
        let mut kept = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(notice.clone());
        }
        drop(kept);
        let told = match &self.by_reason {
            Some(by_reason) if notice.kind == NoticeKind::Failed => {
                by_reason.lock().unwrap_or_else(PoisonError::into_inner).take(notice)
            }
            _ => Some(notice),
        };
        told.into_iter().for_each(|notice| (self.on_event)(Event::Notice(notice)));
    }

    /// The first thousand notices.
    pub fn finish(self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Watcher<'_> {
    /// What failed is told also where the work ends early.
    fn drop(&mut self) {
        let alike = self.by_reason.as_mut().map(|by_reason| by_reason.get_mut().unwrap_or_else(PoisonError::into_inner).drain());
        alike.into_iter().flatten().for_each(|alike| (self.on_event)(Event::Alike(alike)));
    }
}

impl From<engine::Phase> for Phase {
    fn from(phase: engine::Phase) -> Self {
        match phase {
            engine::Phase::Rebuilding => Self::Rebuilding,
            engine::Phase::BackingUp => Self::BackingUp,
            engine::Phase::Restoring => Self::Restoring,
            engine::Phase::Verifying => Self::Verifying,
            engine::Phase::Pruning => Self::Pruning,
            engine::Phase::Repacking => Self::Repacking,
            engine::Phase::Uploading => Self::Uploading,
            engine::Phase::Downloading => Self::Downloading,
        }
    }
}
