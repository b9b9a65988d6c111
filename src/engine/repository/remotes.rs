//! The owner's stores as one request uses them: each is opened once, by whoever needs it first, and handed on.

use std::cell::OnceCell;

use crate::config::Store as StoreConfig;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::repository::remote::Remote;
use crate::engine::repository::stores::{self, OpenError};
use crate::engine::runtime::Runtime;
use crate::engine::{EngineError, Misuse};

/// The owner's stores of one request.
pub struct Remotes {
    stores: Vec<(StoreConfig, OnceCell<Remote>)>,
    runtime: Runtime,
    room: Option<usize>,
}

impl Remotes {
    /// Those of the settings; none is open yet.
    pub fn of(configs: &[StoreConfig], runtime: &Runtime) -> Self {
        let stores = configs.iter().map(|config| (config.clone(), OnceCell::new())).collect();
        Self { stores, runtime: runtime.clone(), room: None }
    }

    /// The same with room for so many bytes on their way at once, in each.
    pub fn with_room(self, room: usize) -> Self {
        Self { room: Some(room), ..self }
    }

    /// One store that is open already.
    pub fn holding(config: &StoreConfig, open: Remote) -> Self {
        let runtime = open.runtime().clone();
        Self { stores: vec![(config.clone(), OnceCell::from(open))], runtime, room: None }
    }

    /// What drives their futures.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    fn at(&self, name: &str) -> Result<&(StoreConfig, OnceCell<Remote>), OpenError> {
        let unknown = || EngineError::Usage(Misuse::NoStore(name.to_owned()));
        self.stores.iter().find(|(config, _)| config.name == name).ok_or_else(|| OpenError::Here(unknown()))
    }

    /// The store of this name to be written; where this device only writes, narrowed to what a writer needs.
    pub fn open(&self, account: &AccountWriter, name: &str) -> Result<&Remote, OpenError> {
        stores::prepare(account, &self.at(name)?.0)?;
        self.opened(account, name)
    }

    /// One that could not be opened is tried anew when it is asked for again.
    fn opened(&self, account: &Account, name: &str) -> Result<&Remote, OpenError> {
        let (config, cell) = self.at(name)?;
        if let Some(open) = cell.get() {
            return Ok(open);
        }
        let open = stores::open(account, config, &self.runtime)?;
        let open = match self.room {
            Some(room) => open.with_room(room),
            None => open,
        };
        Ok(cell.get_or_init(|| open))
    }

    /// The same to read what lies there; one where this device only writes is refused.
    pub fn open_to_read(&self, account: &Account, name: &str) -> Result<&Remote, OpenError> {
        let (config, _) = self.at(name)?;
        if config.write_only { Err(stores::only_written(config)) } else { self.opened(account, name) }
    }

    /// The stores that may be read now: one that cannot be opened is left out, because the vault may have what is wanted.
    pub fn readable(&self, account: &Account) -> Vec<&Remote> {
        self.stores.iter().filter_map(|(config, _)| self.open_to_read(account, &config.name).ok()).collect()
    }
}
