//! Joining an account that lies in a store, with its recovery kit.

use std::path::Path;

use super::make::new_account;
use crate::app::access::Access;
use crate::app::contact;
use crate::app::forms::setup::{Joined, failed};
use crate::app::forms::store_problem::StoreProblem;
use crate::app::jobs::store::add;
use crate::app::work::Work;
use crate::app::{Exit, Failure, faults, unlock};
use crate::config::{Config, Store};
use crate::core::name::AccountId;
use crate::core::secret::{Secret, SecretText};
use crate::engine::EngineError;
use crate::engine::account::NewAccount;
use crate::engine::devices::join;
use crate::engine::error::PlaceName;
use crate::engine::repository::snapshots;
use crate::local::passphrase;
use crate::provider::ProviderError;
use crate::provider::reason::Reason;
use crate::text;

/// What a store is called that was joined.
const NAME: &str = "store";

/// What joining takes.
pub struct Join<'a> {
    /// The store's address.
    pub url: &'a str,
    /// The account and secret of the recovery kit.
    pub kit: &'a (Option<AccountId>, Secret<32>),
    /// The file that the kit was read from.
    pub kit_file: &'a Path,
    /// How the store is reached.
    pub access: &'a Access,
    /// What to call this device; none for the host's name.
    pub device_name: Option<String>,
    /// A file with a passphrase for this device.
    pub passphrase_file: Option<&'a Path>,
}

/// Joins and says what was found.
pub fn join_and_tell(work: &Work<'_>, how: &Join<'_>) -> Result<Joined, Failure> {
    let (joined, store) = join_store(work, how)?;
    let account = &joined.account;
    let snapshots = snapshots::snapshots(account)?.0.len() as u64;
    Ok(Joined {
        account: account.name.as_str().to_owned(),
        account_id: account.id().to_string(),
        device: account.device.name.clone(),
        fingerprint: account.fingerprint(),
        store: store.address.to_string(),
        snapshots,
        failed: failed(&joined.failed),
        problems: joined.store_problems.iter().map(|one| StoreProblem::of(account, one)).collect(),
        pending: joined.pending.as_ref().map(faults::at_its_place),
    })
}

/// Joins the account that lies in a store, and writes the store into the settings.
pub fn join_store(work: &Work<'_>, how: &Join<'_>) -> Result<(join::Joined, Store), Failure> {
    let passphrase = own_passphrase(work, how.passphrase_file)?;
    let named = called(how.access.describe(NAME, how.url)?, &work.session.config()?);
    if add::is_elsewhere(work, &named).is_err()
        && let Some(joined) = join_through(work, how, passphrase.as_ref())?
    {
        return Ok(joined);
    }
    join_at(work, how, passphrase.as_ref(), named)
}

/// The vault here knows no more than the device that it was: what other machines changed since is known to the stores of the settings, which come
/// first. One that cannot be looked at is told, for a device that joins without may not be known there.
fn join_through(
    work: &Work<'_>,
    how: &Join<'_>,
    passphrase: Option<&SecretText>,
) -> Result<Option<(join::Joined, Store)>, Failure> {
    for store in work.session.config()?.stores {
        let (name, address) = (store.name.clone(), store.address.to_string());
        // nobody named it, so that nobody said yes to reaching it
        let why = match store.address.needs_network() {
            true => text!("join-through-network"),
            false => match join_at(work, how, passphrase, store) {
                Ok(joined) => {
                    work.remark(text!("join-through", store = name, address = address));
                    return Ok(Some(joined));
                }
                Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
                Err(failure) => failure.message,
            },
        };
        work.remark(text!("join-not-through", store = name, address = address, why = why));
    }
    Ok(None)
}

fn join_at(
    work: &Work<'_>,
    how: &Join<'_>,
    passphrase: Option<&SecretText>,
    store: Store,
) -> Result<(join::Joined, Store), Failure> {
    let session = work.session;
    let credentials = how.access.credentials(&work.files, &store)?;
    if store.address.needs_network() {
        // typing a store's address on a new machine is the owner's yes to reaching it, and is recorded as such
        work.remark(text!("join-is-consent"));
    }
    let store = contact::met_before_joining(work, store)?;
    let new = NewAccount { kit_account: how.kit.0, ..new_account(work, how.device_name.clone(), passphrase)? };
    let request = join::Request { new, store: &store, credentials, kit: &how.kit.1, asked: session.asked() };
    let mut joined = join::join(request, work.quiet_job()).map_err(|error| at_store(error, &store))?;
    work.change_config(|config| {
        // the vault of an account that was here is read, and is no second copy
        if add::is_elsewhere(work, &store).is_ok() {
            config.stores.retain(|other| other.name != store.name);
            config.stores.push(store.clone());
        }
        Ok(())
    })?;
    joined.account.settle()?;
    unlock::proved(work, &joined.account, how.kit_file);
    Ok((joined, store))
}

/// By the name that it has in the settings, or one that no other store has there.
fn called(store: Store, config: &Config) -> Store {
    let same = config.stores.iter().find(|other| other.address == store.address);
    Store { name: same.map_or_else(|| add::free_name(config), |same| same.name.clone()), ..store }
}

/// A passphrase for this device, if one was given.
pub fn own_passphrase(work: &Work<'_>, file: Option<&Path>) -> Result<Option<SecretText>, Failure> {
    let passphrase = unlock::given(work, file)?;
    if let Some(text) = &passphrase {
        passphrase::check(text).map_err(|weak| Failure::usage(text!("passphrase-weak", why = unlock::weak_because(weak))))?;
    }
    Ok(passphrase)
}

/// What happened at the store, with what to do while there is no account that `store set` could change.
pub fn at_store(error: EngineError, store: &Store) -> Failure {
    let error = by_its_address(error, store);
    let hint = match &error {
        EngineError::Place {
            error: ProviderError::NotTrusted(Reason::UnknownIssuer { key } | Reason::UnfitCertificate { key }),
            ..
        } if !key.is_empty() => Some(text!("join-unknown-issuer-hint", key = key)),
        EngineError::Place { error: ProviderError::NewKey(key), .. } => {
            Some(text!("join-unknown-issuer-hint", key = key.as_fingerprint()))
        }
        EngineError::Place { error: ProviderError::NotTrusted(_), .. } => Some(text!("join-not-trusted-hint")),
        EngineError::Place { error: ProviderError::Unreachable(_) | ProviderError::Unmounted(_), .. } => {
            Some(text!("join-unreachable-hint", store = store.address.to_string()))
        }
        EngineError::Place { error: ProviderError::Refused(_), .. } => Some(text!("join-refused-hint")),
        _ => None,
    };
    let failure = Failure::from(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// A store that is in no settings yet has no name that its owner gave it: its address names it.
fn by_its_address(error: EngineError, store: &Store) -> EngineError {
    match error {
        EngineError::Place { place: PlaceName::Store(_), error } => {
            EngineError::Place { place: PlaceName::Address(store.address.to_string()), error }
        }
        error => error,
    }
}
