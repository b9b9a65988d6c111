//! A store as the settings have it, that it was added, and what tests of it found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::reasons::because;
use crate::app::{Arg, Exit, Text, faults};
use crate::config;
use crate::provider::probe::{Check, Shown, Trial};
use crate::text;

/// A store as the settings have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreInfo {
    /// What the owner calls it.
    pub name: String,
    /// Where it is; without credentials.
    pub url: String,
    /// How fast it is used at most.
    pub limit: Option<String>,
    /// Whether this device only writes there.
    pub write_only: bool,
    /// For how long what is put there cannot be removed.
    pub lock: Option<String>,
    /// Where it lies, as far as somebody said.
    pub region: Option<String>,
}

impl StoreInfo {
    /// What the settings say of it.
    pub fn of(store: &config::Store) -> Self {
        Self {
            name: store.name.clone(),
            url: store.address.to_string(),
            limit: store.limit.map(|limit| limit.to_string()),
            write_only: store.write_only,
            lock: store.lock.map(|lock| lock.to_string()),
            region: store.region().map(str::to_owned),
        }
    }
}

/// A store was added.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoreAdded {
    /// The store.
    pub store: StoreInfo,
    /// What its disk lacks.
    pub lacks: Vec<TestedCheck>,
    /// Whether nothing is sent until the owner allows network use.
    pub needs_consent: bool,
}

impl Answer for StoreAdded {}

/// What the tests found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoresTested {
    /// Store by store.
    pub stores: Vec<Tested>,
}

impl Answer for StoresTested {
    fn exit(&self) -> Exit {
        if self.stores.iter().all(|tested| tested.usable) { Exit::Done } else { Exit::Store }
    }
}

/// What a test found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// The store.
    pub store: String,
    /// Where it is.
    pub address: String,
    /// Whether it can be used.
    pub usable: bool,
    /// What was tried.
    pub checks: Vec<TestedCheck>,
    /// Small objects of the test that stay there.
    pub left: u64,
    /// Why it could not be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestedCheck {
    /// What.
    #[schemars(with = "String")]
    pub what: Trial,
    /// Whether it works.
    pub passed: bool,
    /// Whether the store cannot be used without it.
    pub needed: bool,
    /// What it showed.
    pub note: Option<Text>,
}

impl TestedCheck {
    /// What a probe says.
    pub fn of(check: &Check) -> Self {
        Self { what: check.what, passed: check.passed, needed: check.needed, note: check.note.as_ref().map(shown) }
    }
}

/// What a trial showed.
fn shown(note: &Shown) -> Text {
    match note {
        Shown::Place(error) => faults::at_its_place(error),
        Shown::System(why) => because(why),
        Shown::Free(bytes) => text!("probed-free", bytes = Arg::Bytes(*bytes)),
        Shown::TheyCan => text!("probed-they-can"),
        Shown::Behind(seconds) => text!("probed-behind", seconds = Arg::Seconds(*seconds)),
        Shown::Ahead(seconds) => text!("probed-ahead", seconds = Arg::Seconds(*seconds)),
        Shown::OneWriter => text!("probed-one-writer"),
        Shown::NoVersions => text!("probed-no-versions"),
        Shown::WasRemoved => text!("probed-was-removed"),
    }
}
