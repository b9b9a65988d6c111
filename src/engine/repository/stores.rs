//! The owner's stores, opened: folders at once, others only with consent and with credentials that lie sealed on this device.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Store as StoreConfig;
use crate::consent::{Item, Permit, Refusal};
use crate::core::name::{AccountId, ObjectName};
use crate::core::random::{self, Random};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{Damage, OwnFile, PlaceName};
use crate::engine::repository::monitored::Monitored;
use crate::engine::repository::remote::Remote;
use crate::engine::runtime::Runtime;
use crate::engine::{EngineError, Misuse};
use crate::local::home::{private_folder, read_small};
use crate::local::os_random::SystemRandom;
use crate::local::{local_seal, may_vanish, shred};
use crate::provider::address::{Address, Pin, Trust};
use crate::provider::credentials::{CredentialKind, Credentials};
use crate::provider::folder::Folder;
use crate::provider::limit::Limit;
use crate::provider::reason::Reason;
use crate::provider::removable::{self, StoreId};
use crate::provider::retry::Retry;
use crate::provider::revocable::Revocable;
use crate::provider::s3::S3;
use crate::provider::scope::Scope;
use crate::provider::scoped::ScopedProvider;
use crate::provider::sftp::{self, Sftp};
use crate::provider::time_budget::TimeBudget;
use crate::provider::webdav::WebDav;
use crate::provider::{Provider, ProviderError, tls};

/// Why a store could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The owner has not allowed network use.
    Consent(Refusal),
    /// There are no credentials for it on this device.
    NoCredentials(String),
    /// The place itself.
    Place(String, ProviderError),
    /// This machine's disk, or a damaged file.
    Here(EngineError),
}

impl From<OpenError> for EngineError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Consent(refusal) => Self::Consent(refusal),
            OpenError::NoCredentials(name) => {
                Self::Place { place: PlaceName::Store(name), error: ProviderError::Refused(Reason::NoCredentials {}) }
            }
            OpenError::Place(name, error) => Self::Place { place: PlaceName::Store(name), error },
            OpenError::Here(error) => error,
        }
    }
}

/// Opens a store of the settings; where this device only writes, narrowed to what a writer needs.
pub fn open(account: &Account, config: &StoreConfig, runtime: &Runtime) -> Result<Remote, OpenError> {
    let wide = open_wide(account, config)?;
    let provider = if config.write_only { Box::new(ScopedProvider::around(wide, scope(account))) } else { wide };
    Ok(Remote::new(&config.name, provider, runtime))
}

/// Why a store is not read where this device only writes.
pub fn only_written(config: &StoreConfig) -> OpenError {
    let name = &config.name;
    OpenError::Place(name.clone(), ProviderError::Refused(Reason::OnlyWrites { store: name.clone() }))
}

/// What this device may do where it only writes.
pub fn scope(account: &Account) -> Scope {
    Scope { device: account.device.id, deleters: account.roster.deleters().collect() }
}

/// Opens a store without narrowing it: for `store test`, which finds out what the credentials may do.
pub fn open_wide(account: &Account, config: &StoreConfig) -> Result<Box<dyn Provider>, OpenError> {
    let lost = |error| OpenError::Place(config.name.clone(), error);
    Ok(match &config.address {
        Address::Folder(path) => {
            if let Err(error) = is_there(account, config, path) {
                return Err(away(account, config, error));
            }
            let folder = Folder::at(path, account.id());
            Monitored::to(account, config, Limit::around(Box::new(folder), config.limit))
        }
        Address::S3(_) | Address::WebDav(_) | Address::Sftp(_) => {
            in_allowed_region(config)?;
            // consent first: without it not even the credentials are looked at
            let permit = account.ledger.permit(Item::Network).map_err(OpenError::Consent)?;
            let credentials = read_credentials(account, &config.name).map_err(OpenError::Here)?;
            let credentials = credentials.ok_or_else(|| OpenError::NoCredentials(config.name.clone()))?;
            let reached = reach(&permit, config, &credentials, account.id());
            Monitored::to(account, config, Monitored::to_opening(account, config, reached).map_err(lost)?)
        }
    })
}

/// Makes what a folder needs to be written as a store, and remembers which disk it is on; whoever only reads it does without.
///
/// # Errors
/// [`OpenError::Place`] where it is not mounted, is another disk, or cannot be made.
pub fn prepare(account: &AccountWriter, config: &StoreConfig) -> Result<(), OpenError> {
    let Address::Folder(path) = &config.address else { return Ok(()) };
    make_frame(account, config)?;
    know_again(account, config, path)
}

/// Makes the account's own folders in a store that is a folder; one that may only be read is left as it is.
///
/// # Errors
/// As [`prepare`].
pub fn make_frame(account: &Account, config: &StoreConfig) -> Result<(), OpenError> {
    let Address::Folder(path) = &config.address else { return Ok(()) };
    is_there(account, config, path).map_err(|error| away(account, config, error))?;
    match Folder::create(path, account.id()) {
        Ok(_) | Err(ProviderError::ReadOnly(_)) => Ok(()),
        Err(error) => Err(OpenError::Place(config.name.clone(), error)),
    }
}

/// Looks whether the folder of a store is there, as a sync would find it, and keeps what that says. Asks no network.
pub fn look_at_folder(account: &Account, config: &StoreConfig) {
    if matches!(config.address, Address::Folder(_)) {
        // what it says is kept as a problem, or that it is gone
        let _ = Monitored::to_folder(account, config, why_away(account, config).map_or(Ok(()), Err));
    }
}

/// Why a store that is a folder cannot be used now; none where it can, and for every other store, which only the network tells of.
pub fn why_away(account: &Account, config: &StoreConfig) -> Option<ProviderError> {
    let Address::Folder(path) = &config.address else { return None };
    match is_there(account, config, path) {
        Err(OpenError::Place(_, error)) => Some(error),
        _ => None,
    }
}

/// What lies in a store that is a folder, as far as that can be told without any network: nothing where it is there and what was kept there is gone;
/// none where it is away, and for every other store.
pub fn lies_there(account: &Account, config: &StoreConfig) -> Option<BTreeSet<ObjectName>> {
    let Address::Folder(path) = &config.address else { return None };
    match why_away(account, config) {
        None => match Folder::at(path, account.id()).names_now() {
            Err(ProviderError::Missing) => Some(BTreeSet::new()),
            there => there.ok(),
        },
        Some(ProviderError::Unmounted(Reason::AccountGone { .. })) => Some(BTreeSet::new()),
        Some(_) => None,
    }
}

/// Remembers since when a disk is away.
fn away(account: &Account, config: &StoreConfig, error: OpenError) -> OpenError {
    match error {
        OpenError::Place(name, error) => match Monitored::to_opening::<()>(account, config, Err(error)) {
            Err(error) => OpenError::Place(name, error),
            Ok(()) => OpenError::Place(name, ProviderError::Missing),
        },
        error => error,
    }
}

/// Whether the owner lets anything go where the store lies.
fn in_allowed_region(config: &StoreConfig) -> Result<(), OpenError> {
    if !config.elsewhere {
        return Ok(());
    }
    let what = match config.region() {
        Some(region) => Reason::OtherRegion { region: region.to_owned() },
        None => Reason::UnknownRegion { store: config.name.clone() },
    };
    Err(OpenError::Place(config.name.clone(), ProviderError::Refused(what)))
}

/// A store beyond the network, for one account: within its limit, tried again when it is away.
pub fn reach(
    permit: &Permit,
    config: &StoreConfig,
    credentials: &Credentials,
    account: AccountId,
) -> Result<Box<dyn Provider>, ProviderError> {
    let (trust, limit, random) = (&config.trust, config.limit, Arc::new(SystemRandom::new()));
    let place: Box<dyn Provider> = match &config.address {
        Address::S3(_) => Box::new(cloud(permit, config, credentials, account)?),
        Address::WebDav(address) => {
            let place = WebDav::new(permit, address, trust, credentials.duplicate(), account, random.clone())?;
            Box::new(place.within(limit))
        }
        Address::Sftp(address) => Box::new(Sftp::new(permit, address, trust, credentials.duplicate(), account)?.within(limit)),
        Address::Folder(_) => return Err(ProviderError::Nonsense(Reason::NotSendable {})),
    };
    let patient = TimeBudget::around(Box::new(Retry::around(place, random)));
    Ok(Revocable::around(Box::new(patient), permit))
}

/// A store in the cloud, as its settings say.
pub fn cloud(permit: &Permit, config: &StoreConfig, credentials: &Credentials, account: AccountId) -> Result<S3, ProviderError> {
    let Address::S3(address) = &config.address else { return Err(ProviderError::Nonsense(Reason::NotSendable {})) };
    let cloud = S3::new(permit, address, &config.trust, credentials, account)?.within(config.limit).locked(config.lock);
    Ok(if config.write_only { cloud.blind() } else { cloud })
}

/// What of the account lies where a store is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiesThere {
    /// Snapshots.
    Snapshots,
    /// No snapshot, and something else.
    Others,
    /// Nothing.
    Nothing,
}

/// What of the account lies where a store is to be; none where the place does not tell, or may not be asked.
pub fn lies_at(
    account: &Account,
    config: &StoreConfig,
    credentials: Option<&Credentials>,
    runtime: &Runtime,
) -> Option<LiesThere> {
    let place: Box<dyn Provider> = match &config.address {
        Address::Folder(path) => Box::new(Folder::at(path, account.id())),
        Address::S3(_) | Address::WebDav(_) | Address::Sftp(_) => {
            in_allowed_region(config).ok()?;
            let permit = account.ledger.permit(Item::Network).ok()?;
            reach(&permit, config, credentials?, account.id()).ok()?
        }
    };
    let place = Remote::new(&config.name, place, runtime);
    if !place.list_in(&["heads"]).ok()?.is_empty() {
        return Some(LiesThere::Snapshots);
    }
    Some(if place.list_in(&ObjectName::FOLDERS).ok()?.is_empty() { LiesThere::Nothing } else { LiesThere::Others })
}

/// What a store's credentials are; none for a folder.
pub fn credential_kind(address: &Address) -> Option<CredentialKind> {
    match address {
        Address::Folder(_) => None,
        Address::S3(_) => Some(CredentialKind::Keys),
        Address::WebDav(_) => Some(CredentialKind::Login),
        Address::Sftp(_) => Some(CredentialKind::Ssh),
    }
}

/// A folder that is not there, or is empty where it was not, is a disk that is not mounted; one with another mark is another
/// disk: nothing is written beside it.
fn is_there(account: &Account, config: &StoreConfig, path: &Path) -> Result<(), OpenError> {
    let away = |why: Reason| Err(OpenError::Place(config.name.clone(), ProviderError::Unmounted(why)));
    let shown = path.display().to_string();
    if !path.is_dir() {
        return away(Reason::NotMounted { path: shown });
    }
    let known = crate::engine::repository::listings::known_there(account, &config.name);
    let ours = path.join(account.id().to_string());
    let mark = read_mark(account, &config.name);
    match std::fs::metadata(&ours) {
        // a folder that may not be looked into is not empty
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Err(unlooked(config, &error)),
        Ok(found) if found.is_dir() => {}
        _ if known.is_empty() && mark.is_none() => {}
        _ => return away(Reason::AccountGone { path: shown }),
    }
    match mark {
        Some(expected) if marker_of(config, &ours)? != Some(expected) => {
            away(Reason::OtherDisk { path: shown, store: config.name.clone(), address: config.address.to_string() })
        }
        _ => Ok(()),
    }
}

fn marker_of(config: &StoreConfig, ours: &Path) -> Result<Option<StoreId>, OpenError> {
    removable::marker(ours).map_err(|error| unlooked(config, &error))
}

/// What a folder says that cannot be looked into.
fn unlooked(config: &StoreConfig, error: &std::io::Error) -> OpenError {
    let why = Reason::of_system(error);
    let is_closed = error.kind() == std::io::ErrorKind::PermissionDenied;
    OpenError::Place(config.name.clone(), if is_closed { ProviderError::ReadOnly(why) } else { ProviderError::Local(why) })
}

/// Remembers which disk it is, and marks one that bears no mark yet.
fn know_again(account: &AccountWriter, config: &StoreConfig, path: &Path) -> Result<(), OpenError> {
    if read_mark(account, &config.name).is_some() {
        return Ok(());
    }
    let ours = path.join(account.id().to_string());
    let random = SystemRandom::new();
    let id = match marker_of(config, &ours)? {
        Some(id) => id,
        None => {
            let id = random::bytes(&random).map_err(|_| OpenError::Here(EngineError::Randomness))?;
            // a disk that may only be read is known by what lies there
            if removable::mark(&ours, &id).is_err() {
                return Ok(());
            }
            id
        }
    };
    match keep_mark(account, &config.name, &id, &random) {
        // nor is a home that may only be read: the next run that can write looks again
        Err(EngineError::Disk(error)) if error.is_read_only() => Ok(()),
        kept => kept.map_err(OpenError::Here),
    }
}

fn mark_path(account: &Account, name: &str) -> PathBuf {
    account.folder().join("listings").join(format!("{name}.disk"))
}

/// The mark of the disk that was added; one that does not open is none, and the disk is believed again.
fn read_mark(account: &Account, name: &str) -> Option<StoreId> {
    let sealed = may_vanish::read(&mark_path(account, name), 4096)?;
    let opened = local_seal::open(&account.local_key(b"disk"), name.as_bytes(), &sealed);
    opened.and_then(|bytes| bytes.as_slice().try_into().ok())
}

fn keep_mark(account: &AccountWriter, name: &str, id: &StoreId, random: &dyn Random) -> Result<(), EngineError> {
    let path = mark_path(account, name);
    private_folder(path.parent().unwrap_or(&path))?;
    let sealed = local_seal::seal(&account.local_key(b"disk"), name.as_bytes(), id, random)?;
    Ok(may_vanish::write(&path, &sealed)?)
}

/// Forgets which disk a folder was on and what it held: the owner says anew where it is.
pub fn forget_disk(account: &AccountWriter, name: &str) -> Result<(), EngineError> {
    crate::engine::repository::listings::forget_there(account, name)?;
    Ok(may_vanish::remove(&mark_path(account, name))?)
}

/// A store's cloud storage itself, for what only `store test` asks of a server; none when it is none.
pub fn server(account: &Account, config: &StoreConfig) -> Result<Option<S3>, OpenError> {
    if !matches!(config.address, Address::S3(_)) {
        return Ok(None);
    }
    in_allowed_region(config)?;
    // consent first: without it not even the credentials are looked at
    let permit = account.ledger.permit(Item::Network).map_err(OpenError::Consent)?;
    let credentials = read_credentials(account, &config.name).map_err(OpenError::Here)?;
    let credentials = credentials.ok_or_else(|| OpenError::NoCredentials(config.name.clone()))?;
    cloud(&permit, config, &credentials, account.id()).map(Some).map_err(|error| OpenError::Place(config.name.clone(), error))
}

/// Whether the settings say whom to trust at a store, so that nobody need be asked at the first contact.
pub fn says_whom_to_trust(config: &StoreConfig) -> bool {
    let trust = &config.trust;
    let of_the_web = |endpoint: &url::Url| {
        let said = trust.ca_file().is_some() || trust.system_roots() || !trust.pins().is_empty();
        said || endpoint.scheme() == "http" || tls::known_roots(endpoint).is_some()
    };
    match &config.address {
        Address::Folder(_) => true,
        Address::S3(address) => of_the_web(&address.endpoint),
        Address::WebDav(address) => of_the_web(&address.folder),
        Address::Sftp(_) => !trust.pins().is_empty(),
    }
}

/// The key that a store's server shows; the permit is the owner's yes to network use.
pub fn key_of(permit: &Permit, config: &StoreConfig, runtime: &Runtime) -> Result<Pin, ProviderError> {
    if permit.item() != Item::Network {
        return Err(ProviderError::Refused(Reason::NoConsent {}));
    }
    match &config.address {
        Address::Folder(_) => Err(ProviderError::Nonsense(Reason::NotSendable {})),
        Address::S3(address) => tls::key_of(&address.endpoint),
        Address::WebDav(address) => tls::key_of(&address.folder),
        Address::Sftp(address) => runtime.block_on(sftp::host_key(address)),
    }
}

/// Whether a store that was never reached shows a certificate that no root of the system signed, as a new NAS does.
pub fn is_signed_by_nobody_known(permit: &Permit, account: &Account, config: &StoreConfig) -> bool {
    !crate::engine::repository::listings::was_there(account, &config.name) && shows_a_strangers_certificate(permit, config)
}

/// Whether a store shows a certificate that no root of the system signed.
pub fn shows_a_strangers_certificate(permit: &Permit, config: &StoreConfig) -> bool {
    let endpoint = match &config.address {
        Address::S3(address) => &address.endpoint,
        Address::WebDav(address) => &address.folder,
        Address::Folder(_) | Address::Sftp(_) => return false,
    };
    let asks_the_system = permit.item() == Item::Network && config.trust.system_roots() && endpoint.scheme() == "https";
    asks_the_system && tls::is_signed_by_nobody(endpoint, &config.trust)
}

/// Whether the store's trust can be set up: roots known, files readable.
pub fn check_trust(config: &StoreConfig) -> Result<(), EngineError> {
    match &config.address {
        Address::S3(address) => trusted(&address.endpoint, &config.trust),
        Address::WebDav(address) => trusted(&address.folder, &config.trust),
        // a host key that is not pinned is shown when it is first met
        Address::Sftp(_) => Ok(()),
        Address::Folder(path) if !path.is_dir() => Err(EngineError::Usage(Misuse::NoFolder(path.clone()))),
        Address::Folder(_) => Ok(()),
    }
}

fn trusted(endpoint: &url::Url, trust: &Trust) -> Result<(), EngineError> {
    match tls::config(endpoint, trust) {
        Err(why @ Reason::NoRoots { .. }) if endpoint.scheme() != "http" => {
            Err(EngineError::Place { place: PlaceName::Address(endpoint.to_string()), error: ProviderError::NotTrusted(why) })
        }
        Err(why) if endpoint.scheme() != "http" => Err(EngineError::Usage(Misuse::Trust(why))),
        _ => Ok(()),
    }
}

fn credentials_path(account: &Account, name: &str) -> PathBuf {
    account.folder().join("credentials").join(format!("{name}.sealed"))
}

/// Whether a store needs credentials and none lie on this device, as where another device told of it.
pub fn lacks_credentials(account: &Account, config: &StoreConfig) -> bool {
    credential_kind(&config.address).is_some() && !credentials_path(account, &config.name).exists()
}

/// Keeps a store's credentials, sealed under a key of this device.
pub fn keep_credentials(
    account: &AccountWriter,
    name: &str,
    credentials: &Credentials,
    random: &dyn Random,
) -> Result<(), EngineError> {
    let path = credentials_path(account, name);
    private_folder(path.parent().unwrap_or(&path))?;
    let sealed = local_seal::seal(&account.local_key(b"credentials"), name.as_bytes(), &credentials.encode(), random)?;
    Ok(shred::replace(&path, &sealed)?)
}

/// Forgets a store's credentials.
pub fn forget_credentials(account: &AccountWriter, name: &str) -> Result<(), EngineError> {
    Ok(shred::file(&credentials_path(account, name))?)
}

/// The credentials of a store that lie sealed on this device.
pub fn read_credentials(account: &Account, name: &str) -> Result<Option<Credentials>, EngineError> {
    let path = credentials_path(account, name);
    let Some(sealed) = read_small(&path, 64 * 1024)? else { return Ok(None) };
    let damaged = || EngineError::Damaged { what: OwnFile::At(path.clone()), why: Damage::Credentials };
    let opened = local_seal::open(&account.local_key(b"credentials"), name.as_bytes(), &sealed).ok_or_else(damaged)?;
    Credentials::decode(&opened).map(Some).map_err(|_| damaged())
}
