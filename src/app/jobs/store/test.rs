//! Tries what a store's server really does, and what the credentials may do there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{set, unknown};
use crate::app::forms::store::{StoresTested, Tested, TestedCheck};
use crate::app::job::{Audited, Job};
use crate::app::work::{Opened, Work, WorkKind};
use crate::app::{Failure, contact};
use crate::config::{self, Config};
use crate::consent::Item;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::error::PlaceName;
use crate::engine::repository::stores::{self, OpenError};
use crate::engine::runtime::Runtime;
use crate::local::audit::Event;
use crate::provider::address::Address;
use crate::provider::probe::{self, Report};
use crate::provider::{NotDriven, ProviderError, removable};
use crate::text;

/// Tests one store, or all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreTest {
    /// Which; all where none is named.
    pub name: Option<String>,
}

impl Job for StoreTest {
    type Reply = StoresTested;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Sync, "store tested"))
    }

    fn run(self, work: &Work<'_>) -> Result<StoresTested, Failure> {
        let mut config = work.session.config()?;
        let account = work.open_or_read(WorkKind::Small)?;
        let is_wanted = |store: &config::Store| self.name.as_ref().is_none_or(|name| store.name == *name);
        let wanted: Vec<usize> = (0..config.stores.len()).filter(|at| is_wanted(&config.stores[*at])).collect();
        if wanted.is_empty() {
            let none = || Failure::usage(text!("store-none-to-test")).hint(text!("store-none-hint"));
            return Err(self.name.as_deref().map_or_else(none, unknown));
        }
        let runtime = work.runtime();
        let mut tested = Vec::new();
        for at in &wanted {
            meet(work, &account, &mut config, *at)?;
            let store = &config.stores[*at];
            // the test writes there, and removes what it wrote
            let _held = match &account {
                Opened::Writer(account) => Some(work.waiting(|waiting| account.hold_store(&store.name, waiting))?),
                Opened::Reader(_) => None,
            };
            match test(work, &account, store, runtime) {
                Ok(report) => tested.push(found(store, &report)),
                Err(OpenError::Place(_, error)) if wanted.len() > 1 => tested.push(away(store, &error)),
                Err(error) => return Err(EngineError::from(error).into()),
            }
        }
        Ok(StoresTested { stores: tested })
    }
}

/// A server that nobody said to trust is met, and its key kept once the owner says that it is theirs; one whose certificate nobody
/// known signed likewise.
fn meet(work: &Work<'_>, account: &Account, config: &mut Config, at: usize) -> Result<(), Failure> {
    let store = config.stores[at].clone();
    let Ok(permit) = account.ledger.permit(Item::Network) else { return Ok(()) };
    let met = if !stores::says_whom_to_trust(&store) {
        contact::met(work, account, store.clone())?
    } else if stores::is_signed_by_nobody_known(&permit, account, &store) {
        let key = stores::key_of(&permit, &store, work.runtime())
            .map_err(|error| EngineError::Place { place: PlaceName::Store(store.name.clone()), error })?;
        contact::known(work, &store, key)?
    } else {
        return Ok(());
    };
    if met != store {
        config.stores[at] = met.clone();
        set::put(work, met)?;
    }
    Ok(())
}

fn found(store: &config::Store, report: &Report) -> Tested {
    Tested {
        store: store.name.clone(),
        address: store.address.to_string(),
        usable: report.usable(),
        checks: report.checks.iter().map(TestedCheck::of).collect(),
        left: report.left,
        error: None,
    }
}

fn away(store: &config::Store, error: &ProviderError) -> Tested {
    let error = Some(Failure::at(&PlaceName::Store(store.name.clone()), error).message);
    Tested { store: store.name.clone(), address: store.address.to_string(), usable: false, checks: Vec::new(), left: 0, error }
}

fn test(work: &Work<'_>, account: &Account, store: &config::Store, runtime: &Runtime) -> Result<Report, OpenError> {
    // the test's own objects are not locked, so that they can be removed
    let plain = config::Store { lock: None, ..store.clone() };
    let (keys, random) = (&account.device.keys, &work.session.random);
    stores::make_frame(account, &plain)?;
    let opened = stores::open_wide(account, &plain)?;
    let server = stores::server(account, &plain)?;
    let stopped = |stop: NotDriven| OpenError::Place(store.name.clone(), stop.into());
    let probed = if store.write_only {
        let scope = stores::scope(account);
        runtime.run(probe::probe_writer(&*opened, &scope, server.as_ref(), keys, random))
    } else {
        runtime.run(probe::probe(&*opened, keys, random))
    };
    let mut report = probed.map_err(stopped)?;
    if let Address::Folder(path) = &store.address {
        report.checks.extend(removable::probe(path));
        report.checks.push(removable::another_disk(path, &work.session.home.vault()));
    }
    if let Some(server) = server {
        if report.usable() && !store.write_only {
            report.checks.extend(runtime.run(server.honours(keys, random)).map_err(stopped)?);
        }
        if let (true, Some(lock)) = (report.usable(), store.lock) {
            let check = runtime.run(server.honours_lock(lock.mode, keys, random)).map_err(stopped)?;
            report.left += u64::from(check.passed);
            report.checks.push(check);
        }
        report.checks.extend(runtime.run(server.clock()).map_err(stopped)?);
    }
    Ok(report)
}
