//! What is deleted on this device is removed from a store, with a receipt once its listing shows it gone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, receipts};
use crate::config::Config;
use crate::consent::Item;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::record_index::Why;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::privacy::records::deletion;
use crate::engine::privacy::signed;
use crate::engine::repository::remote::Shelf;

/// What was removed from a store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordsGone {
    /// Records that it showed and shows no longer.
    pub removed: u64,
    /// Records that the owner wanted deleted and that it shows no longer.
    pub settled: u64,
    /// The receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<PathBuf>,
    /// Why nothing could be removed; the next sync tries again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
}

impl RecordsGone {
    /// How it ended.
    pub fn exit(&self) -> Exit {
        if self.error.is_none() { Exit::Done } else { Exit::Incomplete }
    }
}

/// The names of the stores that records go to: not where this device only writes, because it could not delete them there.
pub fn store_names(config: &Config) -> Vec<String> {
    config.stores.iter().filter(|store| !store.write_only).map(|store| store.name.clone()).collect()
}

/// Removes from a store whatever is deleted here; none where nothing was to be removed, and the store is asked nothing. `there` is what it
/// holds, and loses what goes.
pub fn remove(
    work: &Work<'_>,
    account: &mut AccountWriter,
    (store, shelf): (&str, &Shelf<'_>),
    there: &mut BTreeSet<ObjectName>,
) -> Result<Option<RecordsGone>, Failure> {
    let (own, facts) = (account.device.id, &account.facts);
    let is_stray =
        |name: &ObjectName| matches!(name, ObjectName::Fact(device, number) if *device == own && !facts.holds(*number));
    if facts.waiting(store).is_empty() && !there.iter().any(is_stray) {
        return Ok(None);
    }
    let cleaned = match deletion::clean(account, shelf, store) {
        Ok(cleaned) => cleaned,
        Err(error @ (EngineError::Cancelled | EngineError::Consent(_))) => return Err(error.into()),
        Err(error) => return Ok(Some(RecordsGone { error: Some(Failure::from(error).message), ..RecordsGone::default() })),
    };
    there.retain(|name| !cleaned.removed.contains(name));
    let owed: Vec<_> = cleaned.settled.iter().filter(|(.., why)| matches!(why, Why::Withdrawn | Why::Erased)).copied().collect();
    let kept = if owed.is_empty() { None } else { Some(receipts::keep(work.session, &receipt(work, account, store, &owed))?) };
    Ok(Some(RecordsGone { removed: cleaned.removed.len() as u64, settled: owed.len() as u64, receipt: kept, error: None }))
}

/// A receipt of records deleted in a place, whose listing showed none of them afterwards.
pub fn receipt(work: &Work<'_>, account: &Account, place: &str, gone: &[(u64, Item, Why)]) -> Value {
    let records: Vec<Value> =
        gone.iter().map(|(number, item, why)| json!({ "number": number, "item": item.as_str(), "why": why.as_str() })).collect();
    let time = jiff::Timestamp::from_second(work.session.now()).map(|time| time.to_string()).unwrap_or_default();
    let document = json!({
        "kind": "deletion receipt", "time": time, "account": account.id().to_string(),
        "fingerprint": account.fingerprint(), "place": place, "records": records,
        "proof": "the place was listed afterwards, and showed none of them",
    });
    signed::sign(account, document)
}
