//! What was set up: an account that was made, joined or entered by enrolling, and the steps of a guided run.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::app::forms::store_problem::StoreProblem;
use crate::app::{Exit, Text, faults};
use crate::core::name::ObjectName;
use crate::engine::error::SyncFault;

/// What was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "set_up", rename_all = "snake_case")]
pub enum SetupReply {
    /// A new account.
    Made(Made),
    /// An account in a store that was joined.
    Joined(Joined),
    /// An account that another device let this one into.
    Enrolled(Enrolled),
    /// A guided run.
    Guided(Guided),
}

impl Answer for SetupReply {
    fn exit(&self) -> Exit {
        match self {
            Self::Made(_) | Self::Enrolled(_) | Self::Guided(_) => Exit::Done,
            Self::Joined(joined) => joined.exit(),
        }
    }

    fn tally(&self) -> Tally {
        Tally::default()
    }
}

/// An account that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// What it is called here.
    pub account: String,
    /// Its id.
    pub account_id: String,
    /// What this device is called.
    pub device: String,
    /// The folder of its sealed objects.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub vault: PathBuf,
    /// Where its recovery kit lies until the owner moves it to a safe place.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub recovery_kit: PathBuf,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Whether it has a passphrase besides the kit.
    pub passphrase: bool,
}

/// An account that this device joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// What it is called here.
    pub account: String,
    /// Its id.
    pub account_id: String,
    /// What this device is called.
    pub device: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Where it was found.
    pub store: String,
    /// How many snapshots there are.
    pub snapshots: u64,
    /// Objects of the store that are damaged or missing; the rest can be restored all the same.
    pub failed: Vec<Failed>,
    /// What is wrong with what the store shows.
    pub problems: Vec<StoreProblem>,
    /// Why the store does not hold yet that this device joined, where it may only be read: a later sync makes it known there.
    pub pending: Option<Text>,
}

impl Joined {
    /// How joining ended.
    pub fn exit(&self) -> Exit {
        match (self.problems.is_empty(), self.failed.is_empty()) {
            (false, _) => Exit::Damaged,
            (true, false) => Exit::Incomplete,
            (true, true) => Exit::Done,
        }
    }
}

/// An object that is damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// Which.
    pub object: String,
    /// Why.
    pub reason: Text,
}

/// Objects and what the engine says of them.
pub fn failed(of: &[(ObjectName, SyncFault)]) -> Vec<Failed> {
    of.iter().map(|(name, why)| Failed { object: name.to_string(), reason: faults::sync(why) }).collect()
}

/// An account that this device was enrolled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Enrolled {
    /// What it is called here.
    pub account: String,
    /// Its id.
    pub account_id: String,
    /// What this device is called.
    pub device: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The names of the stores that it was told of.
    pub stores: Vec<String>,
    /// Whether the other device heard that this one is set up.
    pub heard: bool,
}

/// What came of a guided run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guided {
    /// The steps, as far as it went.
    pub steps: Vec<Step>,
    /// Whether it was left before its end.
    pub left: bool,
    /// Whether there is something that `backup` would take.
    pub can_back_up: bool,
    /// The names of the stores.
    pub stores: Vec<String>,
    /// Whether this device has a backup already.
    pub has_backup: bool,
    /// Whether the owner wants the first backup now: a request of its own, which comes next.
    pub back_up: bool,
    /// Whether the owner wants it sent to the stores, too.
    pub sync: bool,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Which.
    pub step: StepName,
    /// What came of it.
    pub state: StepState,
    /// What there is now.
    pub about: Text,
}

impl Step {
    /// A step and what came of it.
    pub fn of(step: StepName, state: StepState, about: Text) -> Self {
        Self { step, state, about }
    }
}

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// An account, made or joined.
    Account,
    /// What is backed up.
    Sources,
    /// A passphrase.
    Passphrase,
    /// The recovery kit, off this machine.
    RecoveryKit,
    /// A store, with its test.
    Store,
    /// The owner's consent to network use.
    Consent,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It was done just now.
    Done,
    /// It was done before, or is not needed.
    Before,
    /// The owner skipped it.
    Skipped,
}
