//! Adds a store.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LockMode, locked};
use crate::app::access::{Access, asked_wrong};
use crate::app::forms::store::{StoreAdded, StoreInfo, TestedCheck};
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, contact};
use crate::config::{self, Config};
use crate::consent::Item;
use crate::engine::EngineError;
use crate::engine::error::Misuse;
use crate::engine::repository::{listings, stores};
use crate::local::audit::Event;
use crate::provider::address::Address;
use crate::provider::removable;
use crate::text;

/// What a store is called when its owner says nothing.
const NAME: &str = "store";

/// Adds a store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreAdd {
    /// Where it is: an address, or a folder's path.
    pub url: String,
    /// What to call it; else it is named by its number.
    pub name: Option<String>,
    /// How it is reached.
    pub access: Access,
    /// Where it lies.
    pub region: Option<String>,
    /// Whether this device only writes there.
    pub write_only: bool,
    /// For how long what is put there cannot be removed, like `30d`.
    pub lock: Option<String>,
    /// Who can lift the lock.
    pub lock_mode: LockMode,
}

impl Job for StoreAdd {
    type Reply = StoreAdded;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "store added").names(self.name.clone()))
    }

    fn run(self, work: &Work<'_>) -> Result<StoreAdded, Failure> {
        let config = work.session.config()?;
        let name = self.name.clone().unwrap_or_else(|| free_name(&config));
        let store = config::Store { write_only: self.write_only, ..self.access.describe(&name, &self.url)? };
        let store = store.in_region(self.region.clone()).map_err(asked_wrong)?;
        let store = locked(store, self.lock.as_deref(), self.lock_mode)?;
        is_new(&config, &store)?;
        is_allowed(&config, &store)?;
        is_elsewhere(work, &store)?;
        let credentials = self.access.credentials(&work.files, &store)?;
        let account = work.open(WorkKind::Small)?;
        let store = contact::met(work, &account, store)?;
        stores::check_trust(&store)?;
        if let Some(credentials) = credentials {
            stores::keep_credentials(&account, &name, &credentials, &work.session.random)?;
        }
        listings::forget_there(&account, &name)?;
        let mut lacks = Vec::new();
        if let Address::Folder(path) = &store.address {
            stores::forget_disk(&account, &name)?;
            stores::prepare(&account, &store)?;
            let mut checks = removable::probe(path);
            checks.push(removable::another_disk(path, &work.session.home.vault()));
            lacks = checks.iter().filter(|check| !check.passed).map(TestedCheck::of).collect();
        }
        let needs_consent = store.address.needs_network() && account.ledger.permit(Item::Network).is_err();
        let info = StoreInfo::of(&store);
        work.change_config(|config| {
            is_new(config, &store)?;
            config.stores.push(store);
            Ok(())
        })?;
        Ok(StoreAdded { store: info, lacks, needs_consent })
    }
}

/// `store`, and behind it the first number that is free.
pub fn free_name(config: &Config) -> String {
    let is_taken = |name: &str| config.stores.iter().any(|store| store.name == name);
    let numbered = (2..).map(|number: u32| format!("{NAME}-{number}"));
    std::iter::once(NAME.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// A store that is there is never replaced by another one.
fn is_new(config: &Config, store: &config::Store) -> Result<(), Failure> {
    if config.stores.iter().any(|other| other.name == store.name) {
        let hint = text!("store-name-taken-hint", name = &store.name);
        return Err(Failure::usage(text!("store-name-taken", name = &store.name)).hint(hint));
    }
    match config.stores.iter().find(|other| other.address == store.address) {
        Some(other) => Err(Failure::usage(text!("store-address-taken", name = &other.name, address = store.address.to_string()))
            .hint(text!("store-address-taken-hint", name = &other.name))),
        None => Ok(()),
    }
}

/// A copy in Printkeep's own folders would be lost with the vault, and pass for a second one.
pub fn is_elsewhere(work: &Work<'_>, store: &config::Store) -> Result<(), Failure> {
    let Address::Folder(path) = &store.address else { return Ok(()) };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(path).starts_with(real(work.session.home.root())) {
        Err(EngineError::Usage(Misuse::OwnFolder(path.clone())).into())
    } else {
        Ok(())
    }
}

/// Whether the owner lets anything go where the store lies.
pub fn is_allowed(config: &Config, store: &config::Store) -> Result<(), Failure> {
    if config::allowed(config.regions.as_deref(), store) {
        return Ok(());
    }
    let failure = match store.region() {
        Some(region) => Failure::usage(text!("store-region-denied", region = region)),
        None => Failure::usage(text!("store-region-unsaid")),
    };
    Err(failure.hint(text!("store-region-hint")))
}
