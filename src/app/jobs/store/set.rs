//! Changes a store: its address, whom to trust there, its credentials, how this device uses it. What is not named stays as it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LockMode, add, locked, unknown};
use crate::app::access::{Access, asked_wrong};
use crate::app::answer::Answer;
use crate::app::forms::store::StoreInfo;
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::app::{Arg, Failure, address, contact};
use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::engine::repository::stores::LiesThere;
use crate::engine::repository::{listings, stores};
use crate::engine::sync::tamper;
use crate::local::audit::Event;
use crate::provider::address::Address;
use crate::provider::credentials::Credentials;
use crate::{config, text};

/// Changes a store.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreSet {
    /// Its name.
    pub name: String,
    /// Where it is from now on; the same address again takes the disk or bucket that is there now.
    pub url: Option<String>,
    /// How it is reached from now on; what it does not say stays.
    pub access: Access,
    /// Whether it may be used as fast as the network goes.
    pub no_limit: bool,
    /// Where it lies.
    pub region: Option<String>,
    /// Whether this device reads there, too.
    pub reads: Option<bool>,
    /// For how long what is put there from now on cannot be removed.
    pub lock: Option<String>,
    /// Who can lift the lock.
    pub lock_mode: LockMode,
    /// Whether what is put there from now on has no lock; locks that are there stay.
    pub no_lock: bool,
    /// Whether a place that holds nothing is taken without a question, though the one before held snapshots.
    pub yes: bool,
}

/// A store was changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoreChanged {
    /// The store.
    pub store: StoreInfo,
    /// Whether its credentials are new.
    pub new_credentials: bool,
    /// Bytes that the next sync sends anew, where the place before held snapshots and this one holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anew: Option<u64>,
}

impl Answer for StoreChanged {}

impl Job for StoreSet {
    type Reply = StoreChanged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "store changed").names([self.name.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<StoreChanged, Failure> {
        let config = work.session.config()?;
        let before = config.stores.iter().find(|store| store.name == self.name).ok_or_else(|| unknown(&self.name))?;
        if !self.says_anything() {
            return Err(Failure::usage(text!("store-set-nothing")).hint(text!("store-set-nothing-hint")));
        }
        let store = self.changed(before)?;
        add::is_allowed(&config, &store)?;
        add::is_elsewhere(work, &store)?;
        let is_reached_anew = self.url.is_some() || self.access != Access::default();
        let (mut new_credentials, mut anew) = (false, None);
        let store = if is_reached_anew {
            let mut account = work.open(WorkKind::Small)?;
            let _held = work.waiting(|waiting| account.hold_store(&self.name, waiting))?;
            let store = contact::met(work, &account, store)?;
            stores::check_trust(&store)?;
            let credentials = self.credentials(work, before, &store)?;
            let asked = self.ask_where_nothing_lies(work, &account, &store, credentials.as_ref())?;
            new_credentials = credentials.is_some();
            self.reach(work, &mut account, before, (&store, credentials))?;
            // the owner vouches for a place that holds nothing, and for no other
            if asked.is_some_and(|(_, lies)| lies == LiesThere::Nothing) {
                tamper::take_empty(&mut account, &self.name)?;
            }
            anew = asked.map(|(bytes, _)| bytes);
            store
        } else {
            store
        };
        let info = StoreInfo::of(&store);
        put(work, store)?;
        Ok(StoreChanged { store: info, new_credentials, anew })
    }
}

/// Writes a store into the settings, in the place of the one of its name.
pub fn put(work: &Work<'_>, store: config::Store) -> Result<(), Failure> {
    work.change_config(|config| {
        let name = store.name.clone();
        let there = config.stores.iter_mut().find(|other| other.name == name);
        *there.ok_or_else(|| unknown(&name))? = store;
        Ok(())
    })
}

impl StoreSet {
    fn says_anything(&self) -> bool {
        let other = self.url.is_some() || self.no_limit || self.region.is_some() || self.reads.is_some();
        other || self.lock.is_some() || self.no_lock || self.access != Access::default()
    }

    /// The store as it is from now on.
    fn changed(&self, before: &config::Store) -> Result<config::Store, Failure> {
        self.access.check_limit(Some(&self.name))?;
        let url = self.url.as_deref().map(address::meant).transpose()?.unwrap_or_else(|| before.address.to_string());
        let trust = &before.trust;
        let tls12 = self.access.allow_tls12 || trust.allows_tls12();
        let store = if self.access.says_trust() {
            let (pins, roots) = (&self.access.pin, self.access.system_roots);
            config::Store::new(before.name.clone(), &url, self.access.roots_file()?, pins, roots, tls12)
        } else {
            let pins: Vec<String> = trust.pins().iter().map(ToString::to_string).collect();
            config::Store::new(before.name.clone(), &url, trust.ca_file().map(Into::into), &pins, trust.system_roots(), tls12)
        };
        let store = store.map_err(asked_wrong)?;
        let limit = before.limit.map(|limit| limit.to_string());
        let limit = if self.no_limit { None } else { self.access.limit.clone().or(limit) };
        let store = store.limited(limit.as_deref()).map_err(asked_wrong)?;
        let region = self.region.clone().or_else(|| before.region.clone());
        let store = store.in_region(region).map_err(asked_wrong)?;
        let store = config::Store { write_only: self.reads.map_or(before.write_only, |reads| !reads), ..store };
        match (&self.lock, self.no_lock) {
            (Some(lock), _) => locked(store, Some(lock), self.lock_mode),
            (None, true) => Ok(store),
            (None, false) => Ok(config::Store { lock: before.lock, ..store }),
        }
    }

    /// Asks before a place is taken that holds no snapshot, where the one before held some: it may be the wrong one, or not mounted.
    /// Gives how many bytes are to be sent there anew, and what else lies there.
    ///
    /// # Errors
    /// The owner does not agree; nothing was changed.
    fn ask_where_nothing_lies(
        &self,
        work: &Work<'_>,
        account: &AccountWriter,
        store: &config::Store,
        credentials: Option<&Credentials>,
    ) -> Result<Option<(u64, LiesThere)>, Failure> {
        let is_head = |name: &ObjectName| matches!(name, ObjectName::Head(..));
        let held = listings::known_there(account, &self.name).into_iter().filter(is_head).count();
        if self.url.is_none() || held == 0 {
            return Ok(None);
        }
        let kept = if credentials.is_none() { stores::read_credentials(account, &self.name)? } else { None };
        let lies = match stores::lies_at(account, store, credentials.or(kept.as_ref()), work.runtime()) {
            None | Some(LiesThere::Snapshots) => return Ok(None),
            Some(lies) => lies,
        };
        let anew = listings::held(account)?.values().sum();
        let (address, size) = (store.address.to_string(), Arg::Bytes(anew));
        let question = text!("store-set-empty-ask", store = &self.name, count = held, address = address, size = size);
        if !self.yes {
            work.must_agree(&question, "--yes", text!("store-set-not-agreed"))?;
        }
        Ok(Some((anew, lies)))
    }

    /// Keeps new credentials, where some are named, and knows the place anew.
    fn reach(
        &self,
        work: &Work<'_>,
        account: &mut AccountWriter,
        before: &config::Store,
        (store, credentials): (&config::Store, Option<Credentials>),
    ) -> Result<(), Failure> {
        if let Some(credentials) = &credentials {
            stores::keep_credentials(account, &self.name, credentials, &work.session.random)?;
        }
        // the same address: a disk or bucket may have been replaced, and what was known to be there still counts
        if before.address != store.address {
            tamper::forget_store(account, &self.name)?;
        }
        if self.url.is_some() {
            listings::forget_there(account, &self.name)?;
            if matches!(store.address, Address::Folder(_)) {
                stores::forget_disk(account, &self.name)?;
                stores::prepare(account, store)?;
            }
        }
        Ok(())
    }

    /// Credentials that are named; a place of another kind needs some.
    fn credentials(
        &self,
        work: &Work<'_>,
        before: &config::Store,
        store: &config::Store,
    ) -> Result<Option<Credentials>, Failure> {
        let Some(kind) = stores::credential_kind(&store.address) else { return Ok(None) };
        if stores::credential_kind(&before.address) != Some(kind) {
            return self.access.credentials(&work.files, store);
        }
        match self.access.named_credentials(&work.files, kind)? {
            Some(named) => Ok(Some(named)),
            // an address that is given anew may come with new ones in the environment
            None if self.url.is_some() => Ok(self.access.credentials(&work.files, store).ok().flatten()),
            None => Ok(None),
        }
    }
}
