//! What every job tells of itself: what the audit log says of it, what is recorded after it, and its work.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::Failure;
use crate::app::answer::Answer;
use crate::app::work::Work;
use crate::local::audit::Event;

/// What the audit log says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The kind of entry.
    pub event: Event,
    /// Which part of it; a literal, for nothing personal may stand there.
    pub what: &'static str,
    /// Whom or what by name; shown masked.
    pub names: Vec<String>,
    /// Whether it is written down before the work too, so that work which is killed stands there.
    pub begins: bool,
    /// Whether it is on the way to having room again: the room that is kept for it is given up.
    pub frees_room: bool,
}

impl Audited {
    /// An entry.
    pub fn of(event: Event, what: &'static str) -> Self {
        Self { event, what, names: Vec::new(), begins: false, frees_room: false }
    }

    /// With names.
    pub fn names(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names.extend(names);
        self
    }

    /// Written down before the work too.
    pub fn begins(mut self, begins: bool) -> Self {
        self.begins = begins;
        self
    }

    /// On the way to having room again.
    pub fn frees_room(mut self, frees: bool) -> Self {
        self.frees_room = frees;
        self
    }
}

/// What is recorded after a request, of what the owner allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Nothing: it only shows, or is about the records themselves.
    Nothing,
    /// What it did and what went wrong.
    Operation,
    /// The same, and the facts of the device; old ones are deleted.
    Facts,
}

/// Something that can be asked for.
pub trait Job: Serialize + DeserializeOwned + JsonSchema {
    /// What is replied.
    type Reply: Answer;

    /// What the audit log says of it; none where no data is touched. There is no default: whoever adds a job decides.
    fn audited(&self) -> Option<Audited>;

    /// What is recorded after it.
    fn recording(&self) -> Recording {
        Recording::Nothing
    }

    /// Does it.
    fn run(self, work: &Work<'_>) -> Result<Self::Reply, Failure>;
}
