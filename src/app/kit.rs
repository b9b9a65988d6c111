//! Writing a recovery kit: the page that its owner keeps.

use std::path::Path;

use crate::app::{Exit, Failure, Session, contact, new_file};
use crate::config::Store;
use crate::core::secret::Secret;
use crate::engine::account::{Account, fingerprint};
use crate::local::recovery_kit::{Kit, Place};
use crate::local::shred;
use crate::provider::address::Address;
use crate::text;

/// Writes the page to keep, readable by nobody else: as HTML with a QR code where the name ends so, else as text. `now` is in seconds
/// since 1970; `places` tell a new machine where the account lies.
pub fn write(account: &Account, entropy: Secret<32>, path: &Path, now: i64, places: &[Place]) -> Result<(), Failure> {
    new_file::write(path, page(account, entropy, path, now, places)?.as_bytes())
}

/// Writes the page of a kit anew in its own place: whole, or the one that is there stays.
pub fn renew(account: &Account, entropy: Secret<32>, path: &Path, now: i64, places: &[Place]) -> Result<(), Failure> {
    Ok(shred::replace(path, page(account, entropy, path, now, places)?.as_bytes())?)
}

fn page(
    account: &Account,
    entropy: Secret<32>,
    path: &Path,
    now: i64,
    places: &[Place],
) -> Result<zeroize::Zeroizing<String>, Failure> {
    let kit = Kit { account: account.id(), entropy };
    let mark = fingerprint(account.id(), account.device.keys.roster().as_bytes());
    let date = date(now);
    let printable = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"));
    let page = if printable { kit.sheet(&date, &mark, places) } else { kit.page(&date, &mark, places) };
    page.ok_or_else(|| Failure::new(Exit::Failed, text!("kit-unwritable")))
}

/// Where the account lies, and what a new machine types to reach it: the owner's stores, or the vault where there is none.
pub fn places(session: &Session) -> Result<Vec<Place>, Failure> {
    let stores = session.config()?.stores;
    if stores.is_empty() {
        let address = Address::Folder(session.home.vault()).to_string();
        return Ok(vec![Place { address, trust: String::new(), credentials: false }]);
    }
    Ok(stores.iter().map(place).collect())
}

fn place(store: &Store) -> Place {
    let trust = &store.trust;
    let mut words: Vec<String> =
        trust.pins().iter().map(|pin| format!("--pin {}", contact::key_text(&store.address, pin))).collect();
    words.extend(trust.ca_file().map(|path| format!("--ca-file '{}'", path.display())));
    words.extend(trust.system_roots().then(|| "--system-roots".to_owned()));
    words.extend(trust.allows_tls12().then(|| "--allow-tls12".to_owned()));
    Place { address: store.address.to_string(), trust: words.join(" "), credentials: store.address.needs_network() }
}

/// The day in the owner's zone, as `2026-11-27`.
fn date(now: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_second(now).map(|time| time.to_zoned(zone).strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
