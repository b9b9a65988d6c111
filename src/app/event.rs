//! What happens while work goes on, as plain data for whoever watches.

use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Text;
use crate::app::entry::{Changed, Entry, Found};
use crate::engine::skip::Skip;
use crate::kind::Sort;
use crate::{engine, text};

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
    /// An entry that is listed.
    Entry(Box<Entry>),
    /// What is found next lies in this snapshot.
    InSnapshot(Box<crate::app::jobs::snapshots::Snapshot>),
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
        change: Box<crate::app::jobs::device::Followings>,
        /// What the owner calls that device.
        device: String,
    },
    /// What pruning is about to do and what it costs; the reply tells it again, with what was done.
    Prune(Box<crate::app::jobs::prune::PruneReply>),
    /// A problem that was found and is told for the first time.
    Problem(Box<crate::app::jobs::problems::Problem>),
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

/// Something about one file or object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// What kind of notice.
    pub kind: NoticeKind,
    /// The file or object.
    pub subject: String,
    /// Why.
    pub reason: Text,
}

/// A kind of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Not backed up, because of what it is or what a rule says.
    Skipped,
    /// Not backed up or not restored, because of an error.
    Failed,
    /// Backed up as it was read, while something changed it.
    Changed,
    /// Restored, and what stood in its place was kept beside it.
    Beside,
    /// Holds passwords or keys.
    Credentials,
    /// An object is damaged or missing.
    Object,
    /// Local state was set aside and is rebuilt.
    State,
    /// An object could not be moved now.
    NotMoved,
}

impl NoticeKind {
    /// Whether nothing went wrong.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Skipped | Self::Beside)
    }
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
}

impl<'a> Watcher<'a> {
    /// A watcher; `store` is the one that its steps are about.
    pub fn new(on_event: OnEvent<'a>, store: Option<&str>) -> Self {
        Self { on_event, store: store.map(str::to_owned), notices: Mutex::default() }
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
        (self.on_event)(Event::Notice(notice));
    }

    /// The first thousand notices.
    pub fn finish(self) -> Vec<Notice> {
        self.notices.into_inner().unwrap_or_else(PoisonError::into_inner)
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

impl From<&engine::Notice<'_>> for Notice {
    fn from(notice: &engine::Notice<'_>) -> Self {
        let of = |kind, subject: String, reason| Self { kind, subject, reason };
        match notice {
            engine::Notice::Skipped(path, why) => of(NoticeKind::Skipped, path.to_string(), skipped(*why)),
            engine::Notice::Failed(path, why) => of(NoticeKind::Failed, path.to_string(), Text::plain(*why)),
            engine::Notice::Changed(path) => of(NoticeKind::Changed, path.to_string(), text!("notice-changed")),
            engine::Notice::Beside(path, name) => of(NoticeKind::Beside, path.to_string(), text!("notice-beside", name = *name)),
            engine::Notice::Credentials(path, found, left_out) => {
                of(NoticeKind::Credentials, path.to_string(), credentials(found, *left_out))
            }
            engine::Notice::Object(name, why) => of(NoticeKind::Object, name.to_string(), Text::plain(*why)),
            engine::Notice::StateRebuilt(why) => of(NoticeKind::State, String::new(), text!("notice-state", why = *why)),
            engine::Notice::NotMoved(name, why) => of(NoticeKind::NotMoved, name.to_string(), Text::plain(*why)),
        }
    }
}

/// Which lines hold passwords or keys: the first three, and how many more.
pub fn credentials(found: &[crate::kind::Find], left_out: bool) -> Text {
    let first = found.iter().take(3).map(|find| text!("source-secret", line = find.line, what = held(find.sort)));
    let lines = first.reduce(|before, one| text!("notice-credentials-and", before = before, one = one));
    let (lines, more) = (lines.unwrap_or_else(|| Text::plain("")), found.len().saturating_sub(3));
    match left_out {
        true => text!("notice-credentials-left-out", lines = lines, more = more),
        false => text!("notice-credentials", lines = lines, more = more),
    }
}

fn held(sort: Sort) -> Text {
    match sort {
        Sort::WifiKey => text!("holds-wifi-key"),
        Sort::Password => text!("holds-password"),
        Sort::Token => text!("holds-token"),
        Sort::Address => text!("holds-address"),
        Sort::PrivateKey => text!("holds-private-key"),
    }
}

/// Why something of a source is left out.
pub fn skipped(why: Skip) -> Text {
    match why {
        Skip::Pipe => text!("skip-pipe"),
        Skip::Socket => text!("skip-socket"),
        Skip::Device => text!("skip-device"),
        Skip::Old => text!("skip-old"),
        Skip::Pattern => text!("skip-pattern"),
        Skip::Kind => text!("skip-kind"),
        Skip::Credentials => text!("skip-credentials"),
        Skip::Database => text!("skip-database"),
        Skip::Temporary => text!("skip-temporary"),
        Skip::Remade => text!("skip-remade"),
        Skip::LostFound => text!("skip-lost-found"),
        Skip::LeadsOut => text!("skip-leads-out"),
    }
}
