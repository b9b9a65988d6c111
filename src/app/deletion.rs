//! What is deleted of recorded facts here, with a signed receipt; stores follow at the next sync that is allowed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::document::DocumentKind;
use crate::app::{Failure, Session};
use crate::config::Config;
use crate::consent::Item;
use crate::engine::account::record_index::Why;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::privacy::records::deletion::{self, Deleted};
use crate::engine::privacy::{receipts, rfc3339, signed};

/// What was deleted on this device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeletedHere {
    /// How many records.
    pub records: u64,
    /// Of which items.
    pub items: Vec<String>,
    /// The stores that the next sync removes them from.
    pub waiting: Vec<String>,
    /// The signed receipt.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub receipt: Option<PathBuf>,
}

/// The owner's names for the stores that facts go to: not where this device only writes, because it could not delete them there.
pub fn store_names(config: &Config) -> Vec<String> {
    config.stores.iter().filter(|store| !store.write_only).map(|store| store.name.clone()).collect()
}

/// Deletes what a withdrawal no longer allows to be held, and what was kept long enough.
pub fn tidy(session: &Session, account: &mut AccountWriter) -> Result<DeletedHere, Failure> {
    let config = session.config()?;
    let gone = deletion::tidy(account, &store_names(&config), session.now())?;
    here(session, account, &config, &gone)
}

/// Tells what was deleted here and what waits, and keeps a receipt.
pub fn here(session: &Session, account: &Account, config: &Config, gone: &[Deleted]) -> Result<DeletedHere, Failure> {
    let wanted: Vec<_> = gone.iter().filter(|d| d.why != Why::Lost).map(|d| (d.number, d.item, d.why)).collect();
    let waiting = account.facts.waiting_stores().filter(|store| config.stores.iter().any(|known| known.name == **store));
    let items: BTreeSet<&str> = wanted.iter().map(|(_, item, _)| item.as_str()).collect();
    let receipt = match wanted.is_empty() {
        true => None,
        false => Some(receipts::keep(&session.home, session.now(), &receipt(session, account, None, &wanted))?),
    };
    Ok(DeletedHere {
        records: wanted.len() as u64,
        items: items.into_iter().map(str::to_owned).collect(),
        waiting: waiting.map(ToString::to_string).collect(),
        receipt,
    })
}

/// A receipt of records deleted in a store, or in the local vault where none is named, whose listing showed none of them afterwards.
pub fn receipt(session: &Session, account: &Account, store: Option<&str>, gone: &[(u64, Item, Why)]) -> Value {
    let records: Vec<Value> =
        gone.iter().map(|(number, item, why)| json!({ "number": number, "item": item.as_str(), "why": why.as_str() })).collect();
    let document = json!({
        "kind": DocumentKind::DeletionReceipt, "time": rfc3339(session.now()), "account": account.id().to_string(),
        "fingerprint": account.fingerprint(), "store": store, "records": records,
        "proof": "the place was listed afterwards, and showed none of them",
    });
    signed::sign(account, document)
}
