//! The first contact with a server: the owner is shown its key and asked whether it is theirs. Setting up is no attack.

use crate::app::work::Work;
use crate::app::{Exit, Failure};
use crate::consent::{Item, Permit};
use crate::engine::EngineError;
use crate::engine::account::{Account, consent};
use crate::engine::error::PlaceName;
use crate::engine::repository::stores;
use crate::provider::ProviderError;
use crate::provider::address::{Address, Pin};
use crate::{config, text};

/// The store with its server's key, where nobody said whom to trust there and the owner says that it is theirs. A store that says whom
/// to trust stays as it is, and so does one that may not be reached yet or is away.
pub fn met(work: &Work<'_>, account: &Account, store: config::Store) -> Result<config::Store, Failure> {
    let Ok(permit) = account.ledger.permit(Item::Network) else { return Ok(store) };
    met_with(work, &permit, store)
}

/// The same before there is an account here, where naming the store is the owner's yes to reaching it; a server whose certificate nobody
/// known signed is asked about, too.
pub fn met_before_joining(work: &Work<'_>, store: config::Store) -> Result<config::Store, Failure> {
    if !store.address.needs_network() {
        return Ok(store);
    }
    let permit = consent::before_there_is_an_account(&work.session.home, work.session.asked())?;
    if stores::shows_a_strangers_certificate(&permit, &store) {
        let key = stores::key_of(&permit, &store, work.runtime())
            .map_err(|error| EngineError::Place { place: PlaceName::Store(store.name.clone()), error })?;
        return known(work, &store, key);
    }
    met_with(work, &permit, store)
}

fn met_with(work: &Work<'_>, permit: &Permit, store: config::Store) -> Result<config::Store, Failure> {
    if stores::says_whom_to_trust(&store) {
        return Ok(store);
    }
    match stores::key_of(permit, &store, work.runtime()) {
        Ok(key) => known(work, &store, key),
        Err(ProviderError::Unreachable(_)) if matches!(store.address, Address::Sftp(_)) => Ok(store),
        Err(error) => Err(EngineError::Place { place: PlaceName::Store(store.name.clone()), error }.into()),
    }
}

/// The store, trusted by the key that its server shows, once the owner says that it is the server's.
pub fn known(work: &Work<'_>, store: &config::Store, key: Pin) -> Result<config::Store, Failure> {
    let shown = key_text(&store.address, &key);
    if !work.prompt.is_there() {
        let failure = Failure::usage(text!("store-key-new", store = store.address.to_string(), key = &shown));
        return Err(failure.hint(text!("store-key-new-hint", key = &shown)));
    }
    let question = text!("store-key-question", store = store.address.to_string(), key = &shown);
    let refused = text!("store-key-refused", store = store.address.to_string());
    work.must_agree(&question, "--pin", refused).map_err(|failure| match failure.exit {
        Exit::Declined => failure.hint(text!("store-key-refused-hint")),
        _ => failure,
    })?;
    let tls12 = store.trust.allows_tls12();
    let pinned = config::Store::new(store.name.clone(), &store.address.to_string(), None, &[shown], false, tls12);
    let pinned = pinned.map_err(crate::app::access::asked_wrong)?;
    Ok(config::Store { trust: pinned.trust, ..store.clone() })
}

/// A key as its owner would look it up.
pub fn key_text(address: &Address, key: &Pin) -> String {
    if matches!(address, Address::Sftp(_)) { key.as_fingerprint() } else { key.to_string() }
}
