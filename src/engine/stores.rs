//! The owner's stores, opened: folders at once, others only with consent and with credentials that lie sealed on this device.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Store as StoreConfig;
use crate::consent::{Purpose, Refusal};
use crate::core::name::ObjectName;
use crate::core::random::Random;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::keep::Book;
use crate::engine::places::Store;
use crate::provider::address::{Address, S3Address};
use crate::provider::cloud::Cloud;
use crate::provider::credentials::Credentials;
use crate::provider::folder::Folder;
use crate::provider::retry::Retry;
use crate::provider::{PlaceError, Provider, tls};
use crate::store::entropy::SystemRandom;
use crate::store::home::{DiskError, private_folder, read_small, write_private};
use crate::store::local_seal;

/// Why a store could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The owner has not allowed network use.
    Consent(Refusal),
    /// There are no credentials for it on this device.
    NoCredentials(String),
    /// The place itself.
    Place(String, PlaceError),
    /// This machine's disk, or a damaged file.
    Here(EngineError),
}

impl From<OpenError> for EngineError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Consent(refusal) => Self::Consent(refusal),
            OpenError::NoCredentials(name) => {
                let what =
                    format!("there are no credentials for it on this device; `printkeep store add --name {name}` sets them");
                Self::Place { place: format!("the store {name}"), error: PlaceError::Refused(what) }
            }
            OpenError::Place(name, error) => Self::Place { place: format!("the store {name}"), error },
            OpenError::Here(error) => error,
        }
    }
}

/// Opens a store of the settings.
pub fn open(account: &Account, config: &StoreConfig) -> Result<Store, OpenError> {
    let provider = match &config.address {
        Address::Folder(path) => {
            is_there(account, config, path)?;
            let folder = Folder::create(path, account.id()).map_err(|error| OpenError::Place(config.name.clone(), error))?;
            Box::new(folder) as Box<dyn Provider>
        }
        Address::S3(address) => {
            let cloud = cloud(account, config, address)?;
            Box::new(Retry::around(Box::new(cloud), Arc::new(SystemRandom::new())))
        }
    };
    Ok(Store { name: config.name.clone(), provider })
}

/// A folder that is not there, or is empty where it was not, is a disk that is not mounted: nothing is written beside it.
fn is_there(account: &Account, config: &StoreConfig, path: &Path) -> Result<(), OpenError> {
    let away = |what: &str| {
        let error = PlaceError::Unreachable(format!("{} {what}; is its disk mounted?", path.display()));
        Err(OpenError::Place(config.name.clone(), error))
    };
    if !path.is_dir() {
        return away("is not there");
    }
    let known = crate::engine::sync::known_there(account, &config.name).map_err(OpenError::Here)?;
    if known.is_empty() || path.join(account.id().to_string()).is_dir() { Ok(()) } else { away("no longer holds this account") }
}

/// A store's cloud storage itself, for what only `store test` asks of a server; none when it is a folder.
pub fn server(account: &Account, config: &StoreConfig) -> Result<Option<Cloud>, OpenError> {
    match &config.address {
        Address::S3(address) => cloud(account, config, address).map(Some),
        Address::Folder(_) => Ok(None),
    }
}

/// Opens cloud storage for an account.
fn cloud(account: &Account, config: &StoreConfig, address: &S3Address) -> Result<Cloud, OpenError> {
    // consent first: without it not even the credentials are looked at
    let permit = account.ledger.permit(Purpose::Network).map_err(OpenError::Consent)?;
    let credentials = read_credentials(account, &config.name).map_err(OpenError::Here)?;
    let credentials = credentials.ok_or_else(|| OpenError::NoCredentials(config.name.clone()))?;
    let cloud = Cloud::new(&permit, address, &config.trust, &credentials, account.id());
    cloud.map_err(|error| OpenError::Place(config.name.clone(), error))
}

/// The stores that may be read now: a store that cannot be opened is left out, because the vault may have what is wanted.
pub fn readable(account: &Account, configs: &[StoreConfig]) -> Vec<Store> {
    configs.iter().filter_map(|config| open(account, config).ok()).collect()
}

/// Opens the store of this name.
pub fn named(account: &Account, configs: &[StoreConfig], name: &str) -> Result<Store, EngineError> {
    let config = configs.iter().find(|config| config.name == name);
    let config =
        config.ok_or_else(|| EngineError::Usage(format!("there is no store {name:?}; `printkeep store list` lists them")))?;
    Ok(open(account, config)?)
}

/// Whether the store's trust can be set up: roots known, files readable.
pub fn check_trust(config: &StoreConfig) -> Result<(), EngineError> {
    match &config.address {
        Address::S3(address) => tls::config(&address.endpoint, &config.trust)
            .map(|_| ())
            .or_else(|why| if address.endpoint.scheme() == "http" { Ok(()) } else { Err(EngineError::Usage(why)) }),
        Address::Folder(path) if !path.is_dir() => {
            Err(EngineError::Usage(format!("there is no folder {}; make it or mount it first", path.display())))
        }
        Address::Folder(_) => Ok(()),
    }
}

fn credentials_path(account: &Account, name: &str) -> PathBuf {
    account.folder().join("credentials").join(format!("{name}.sealed"))
}

/// Keeps a store's credentials, sealed under a key of this device.
pub fn keep_credentials(
    account: &Account,
    name: &str,
    credentials: &Credentials,
    random: &dyn Random,
) -> Result<(), EngineError> {
    let path = credentials_path(account, name);
    private_folder(path.parent().unwrap_or(&path))?;
    let sealed = local_seal::seal(&account.local_key(b"credentials"), name.as_bytes(), &credentials.encode(), random)?;
    Ok(write_private(&path, &sealed)?)
}

/// Forgets a store's credentials.
pub fn forget_credentials(account: &Account, name: &str) -> Result<(), EngineError> {
    let path = credentials_path(account, name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DiskError::at("remove", &path)(error).into()),
        _ => Ok(()),
    }
}

/// The credentials of a store that lie sealed on this device.
pub fn read_credentials(account: &Account, name: &str) -> Result<Option<Credentials>, EngineError> {
    let path = credentials_path(account, name);
    let Some(sealed) = read_small(&path, 64 * 1024)? else { return Ok(None) };
    let damaged =
        || EngineError::Damaged { what: path.display().to_string(), why: "it does not open; set the credentials anew".into() };
    let opened = local_seal::open(&account.local_key(b"credentials"), name.as_bytes(), &sealed).ok_or_else(damaged)?;
    Credentials::decode(&opened).map(Some).map_err(|_| damaged())
}

/// What a store still lacks, as far as is known here without asking it: objects and bytes.
pub fn waiting(account: &Account, name: &str, held: &BTreeMap<ObjectName, u64>) -> Result<(u64, u64), EngineError> {
    let known = crate::engine::sync::known_there(account, name)?;
    let book = Book::read(account)?;
    let missing = held.iter().filter(|(object, _)| !known.contains(*object) && !book.lets_go(object));
    Ok(missing.fold((0, 0), |(count, bytes), (_, size)| (count + 1, bytes + size)))
}
