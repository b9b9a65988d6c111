//! Writing a recovery kit: the page that its owner keeps.

use std::path::Path;

use crate::app::{Exit, Failure};
use crate::config::Config;
use crate::core::secret::Secret;
use crate::engine::account::{Account, fingerprint};
use crate::store::home::write_private;
use crate::store::kit::Kit;
use crate::text;

/// Writes the page to keep, readable by nobody else: as HTML with a QR code where the name ends so, else as text. `now` is in seconds
/// since 1970; `places` are the addresses of the owner's stores, which a new machine needs.
pub fn write(account: &Account, entropy: Secret<32>, path: &Path, now: i64, places: &[String]) -> Result<(), Failure> {
    let kit = Kit { account: account.id(), entropy };
    let mark = fingerprint(account.id(), account.device.keys.roster().as_bytes());
    let date = date(now);
    let printable = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"));
    let page = if printable { kit.sheet(&date, &mark, places) } else { kit.page(&date, &mark, places) };
    let page = page.ok_or_else(|| Failure::new(Exit::Failed, text!("kit-unwritable")))?;
    Ok(write_private(path, page.as_bytes())?)
}

/// Where the owner's stores are.
pub fn places(config: &Config) -> Vec<String> {
    config.stores.iter().map(|store| store.address.to_string()).collect()
}

/// The day in the owner's zone, as `2026-11-27`.
fn date(now: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_second(now).map(|time| time.to_zoned(zone).strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
