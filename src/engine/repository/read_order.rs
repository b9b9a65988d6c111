//! Where objects are read from: the vault first, then the owner's stores; a damaged copy is passed over for the next one, and at last
//! for an earlier version, where a store keeps some.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::core::name::ObjectName;
use crate::core::seal::Refused;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::error::in_vault;
use crate::engine::repository::remote::Remote;
use crate::provider::folder_reader::FolderReader;
use crate::provider::{ProviderError, Range};

/// The vault and the stores that may be read now.
pub struct ReadOrder<'a> {
    account: &'a Account,
    has_vault: bool,
    stores: Vec<&'a Remote>,
    earlier: Mutex<BTreeSet<(ObjectName, String)>>,
}

impl<'a> ReadOrder<'a> {
    /// The local vault alone: no socket is opened.
    pub fn vault_only(account: &'a Account) -> Self {
        Self { account, has_vault: true, stores: Vec::new(), earlier: Mutex::default() }
    }

    /// The vault, then these stores.
    pub fn with_stores(account: &'a Account, stores: impl IntoIterator<Item = &'a Remote>) -> Self {
        Self { has_vault: true, ..Self::stores_only(account, stores) }
    }

    /// These stores alone, as if the vault were lost.
    pub fn stores_only(account: &'a Account, stores: impl IntoIterator<Item = &'a Remote>) -> Self {
        Self { account, has_vault: false, stores: stores.into_iter().collect(), earlier: Mutex::default() }
    }

    /// Whose objects are read.
    pub fn account(&self) -> &'a Account {
        self.account
    }

    fn vault(&self) -> Option<&FolderReader> {
        self.has_vault.then_some(&self.account.vault)
    }

    fn in_vault(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, EngineError> {
        let vault = self.vault().ok_or(ProviderError::Missing).and_then(|vault| match vault.get_now(name, range) {
            // a damaged pack that was set aside still gives every chunk that is whole
            Err(ProviderError::Missing) if matches!(name, ObjectName::Pack(_)) => vault.get_set_aside(name, range),
            got => got,
        });
        vault.map_err(in_vault)
    }

    /// Reads an object, or part of it, from the nearest place whose copy passes `check`.
    pub fn read<T>(
        &self,
        name: &ObjectName,
        range: Option<Range>,
        check: impl Fn(&[u8]) -> Result<T, Refused>,
    ) -> Result<T, EngineError> {
        let nearest =
            self.in_vault(name, range).and_then(|bytes| check(&bytes).map_err(|why| EngineError::Object { name: *name, why }));
        let mut failed = match (nearest, self.stores.first()) {
            (Ok(value), _) => return Ok(value),
            (Err(_), Some(store)) if !self.has_vault => store.lost(ProviderError::Missing),
            (Err(error), _) => error,
        };
        for store in &self.stores {
            match store.get_part(name, range) {
                Ok(bytes) => match check(&bytes) {
                    Ok(value) => return Ok(value),
                    Err(why) => failed = EngineError::Object { name: *name, why },
                },
                Err(ProviderError::Missing) => {}
                Err(error @ ProviderError::Stopped) => return Err(store.lost(error)),
                Err(error) => failed = store.lost(error),
            }
        }
        for store in &self.stores {
            let part = |bytes: &[u8]| check(cut(bytes, range));
            if let Some(value) = store.earlier(name, part) {
                self.earlier.lock().unwrap_or_else(PoisonError::into_inner).insert((*name, store.name().to_owned()));
                return Ok(value);
            }
        }
        self.stores.first().map_or(Ok(()), |store| store.runtime().check())?;
        Err(failed)
    }

    /// Objects that came from an earlier version, and the stores that had it.
    pub fn earlier(&self) -> BTreeSet<(ObjectName, String)> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads part of an object from the vault alone.
    pub fn read_near<T>(
        &self,
        name: &ObjectName,
        range: Range,
        check: impl Fn(&[u8]) -> Result<T, Refused>,
    ) -> Result<T, EngineError> {
        let bytes = self.in_vault(name, Some(range))?;
        check(&bytes).map_err(|why| EngineError::Object { name: *name, why })
    }

    /// Whether there is another place to read from than the vault.
    pub fn has_stores(&self) -> bool {
        !self.stores.is_empty()
    }

    /// Whether the vault holds the object, so that reading parts of it costs no request.
    pub fn is_near(&self, name: &ObjectName) -> bool {
        self.stores.is_empty() || self.vault().is_some_and(|vault| vault.size_now(name).is_ok())
    }
}

/// The part of an object that was asked for.
fn cut(bytes: &[u8], range: Option<Range>) -> &[u8] {
    let Some(Range { offset, length }) = range else { return bytes };
    let at = |place: u64| usize::try_from(place).map_or(bytes.len(), |place| place.min(bytes.len()));
    &bytes[at(offset)..at(offset.saturating_add(length))]
}
