//! A store in the settings: read from its table with every value checked, and written back.

use std::path::PathBuf;

use super::{ConfigError, ConfigFault, Store, StoreTable, check_region, wrong};
use crate::provider::address::error::AddressError;
use crate::provider::address::{Address, Pin, Trust};
use crate::provider::limit::Rate;
use crate::provider::s3::object_lock::ObjectLock;

impl Store {
    pub(super) fn check(table: StoreTable) -> Result<Self, ConfigError> {
        let StoreTable { name, url, ca_file, pins, system_roots, allow_tls12, limit, write_only, lock, region } = table;
        let store = Self::new(name, &url, ca_file.map(PathBuf::from), &pins, system_roots, allow_tls12)?;
        Self { write_only, ..store.limited(limit.as_deref())? }.locked(lock.as_deref())?.in_region(region)
    }

    /// The same, in a region that the owner names; S3 stores are in the one of their address otherwise.
    pub fn in_region(mut self, region: Option<String>) -> Result<Self, ConfigError> {
        region.iter().try_for_each(|region| check_region(region))?;
        self.region = region;
        Ok(self)
    }

    /// Where what lies there is; none where nobody said. A folder is where its owner mounted it.
    pub fn region(&self) -> Option<&str> {
        match (&self.region, &self.address) {
            (Some(region), _) => Some(region),
            (None, Address::S3(address)) => Some(&address.region),
            (None, _) => None,
        }
    }

    /// The same, so that what is put there cannot be removed for a time: `30d`.
    pub fn locked(mut self, lock: Option<&str>) -> Result<Self, ConfigError> {
        let name = &self.name;
        self.lock = match (lock, lock.and_then(ObjectLock::parse)) {
            (None, _) => None,
            (Some(_), Some(lock)) if matches!(self.address, Address::S3(_)) => Some(lock),
            (Some(_), Some(_)) => return wrong(ConfigFault::LockNotS3 { name: name.clone() }),
            (Some(text), None) => {
                return wrong(ConfigFault::NoLock { name: name.clone(), lock: text.to_owned() });
            }
        };
        Ok(self)
    }

    /// The same, with a limit on its bytes: `500 KB/s`.
    pub fn limited(mut self, limit: Option<&str>) -> Result<Self, ConfigError> {
        self.limit = match limit {
            None => None,
            Some(text) => match Rate::parse(text) {
                Some(rate) => Some(rate),
                None => {
                    return wrong(ConfigFault::NoLimit { name: self.name, limit: text.to_owned() });
                }
            },
        };
        Ok(self)
    }

    /// A store, checked: its name, where it is and whom to trust there.
    pub fn new(
        name: String,
        url: &str,
        ca_file: Option<PathBuf>,
        pins: &[String],
        system_roots: bool,
        allow_tls12: bool,
    ) -> Result<Self, ConfigError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(1..=64).contains(&name.len()) || !name.chars().all(plain) {
            return wrong(ConfigFault::StoreName { name });
        }
        let address = Address::parse(url).map_err(|error| ConfigError::Store(name.clone(), error))?;
        let trust = Trust::new(ca_file, pins, system_roots, allow_tls12);
        let trust = trust.map_err(|error| ConfigError::Store(name.clone(), error))?;
        if matches!(address, Address::Sftp(_)) && trust.has_more_than_pins() {
            return Err(ConfigError::Store(name, AddressError::HostKey {}));
        }
        Ok(Self { name, address, trust, limit: None, write_only: false, lock: None, region: None, elsewhere: false })
    }

    pub(super) fn table(&self) -> StoreTable {
        StoreTable {
            name: self.name.clone(),
            url: self.address.to_string(),
            ca_file: self.trust.ca_file().map(|path| path.display().to_string()),
            pins: self.trust.pins().iter().map(|pin| self.pin_text(pin)).collect(),
            system_roots: self.trust.system_roots(),
            allow_tls12: self.trust.allows_tls12(),
            limit: self.limit.map(|limit| limit.to_string()),
            write_only: self.write_only,
            lock: self.lock.map(|lock| lock.to_string()),
            region: self.region.clone(),
        }
    }

    /// A pin as its owner would look it up.
    fn pin_text(&self, pin: &Pin) -> String {
        if matches!(self.address, Address::Sftp(_)) { pin.as_fingerprint() } else { pin.to_string() }
    }
}
