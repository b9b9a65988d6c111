//! Stores: where sealed objects go besides the local vault, and how this device uses each.

pub mod add;
pub mod regions;
pub mod rights;
pub mod set;
pub mod test;
pub mod undo;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::access::asked_wrong;
use crate::app::answer::Answer;
use crate::app::forms::store::StoreInfo;
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::engine::repository::stores;
use crate::engine::sync::tamper;
use crate::local::audit::Event;
use crate::{config, text};

/// Who can lift a lock before its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Whom the owner gave a special right.
    #[default]
    Governance,
    /// Nobody.
    Compliance,
}

/// The same store, with the lock that is asked for.
fn locked(store: config::Store, lock: Option<&str>, mode: LockMode) -> Result<config::Store, Failure> {
    let text = lock.map(|days| format!("{days}{}", if mode == LockMode::Compliance { " compliance" } else { "" }));
    store.locked(text.as_deref()).map_err(asked_wrong)
}

/// There is no store of this name.
pub fn unknown(name: &str) -> Failure {
    Failure::usage(text!("store-unknown", name = name)).hint(text!("store-unknown-hint"))
}

/// Lists the stores.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct StoreList {}

/// The stores.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Stores {
    /// By the order in which they were added.
    pub stores: Vec<StoreInfo>,
}

impl Answer for Stores {}

impl Job for StoreList {
    type Reply = Stores;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Stores, Failure> {
        Ok(Stores { stores: work.session.config()?.stores.iter().map(StoreInfo::of).collect() })
    }
}

/// Forgets a store; what lies there stays there.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoreRemove {
    /// Its name.
    pub name: String,
}

/// A store was forgotten.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoreRemoved {
    /// Its name.
    pub removed: String,
}

impl Answer for StoreRemoved {}

impl Job for StoreRemove {
    type Reply = StoreRemoved;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "store removed").names([self.name.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<StoreRemoved, Failure> {
        if !work.session.config()?.stores.iter().any(|store| store.name == self.name) {
            return Err(unknown(&self.name));
        }
        let mut account = work.open(WorkKind::Small)?;
        let _held = work.waiting(|waiting| account.hold_store(&self.name, waiting))?;
        stores::forget_credentials(&account, &self.name)?;
        stores::forget_disk(&account, &self.name)?;
        tamper::forget_store(&mut account, &self.name)?;
        work.change_config(|config| {
            config.stores.retain(|store| store.name != self.name);
            Ok(())
        })?;
        Ok(StoreRemoved { removed: self.name })
    }
}
