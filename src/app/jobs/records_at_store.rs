//! What is deleted on this device is removed from a store, with a receipt once its listing shows it gone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::work::Work;
use crate::app::{self, Exit, Failure, Text};
use crate::consent::Item;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::record_index::Why;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::privacy::receipts;
use crate::engine::privacy::records::deletion;
use crate::engine::repository::remote::Remote;

/// What was removed from a store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordsGone {
    /// Records that it showed and shows no longer.
    pub removed: u64,
    /// Records that the owner wanted deleted and that it shows no longer.
    pub settled: u64,
    /// The receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
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

/// Removes from a store whatever is deleted here; none where nothing was to be removed, and the store is asked nothing. `there` is what it
/// holds, and loses what goes.
pub fn remove(
    work: &Work<'_>,
    account: &mut AccountWriter,
    remote: &Remote,
    there: &mut BTreeSet<ObjectName>,
) -> Result<Option<RecordsGone>, Failure> {
    let store = remote.name();
    let (own, facts) = (account.device.id, &account.facts);
    let is_stray =
        |name: &ObjectName| matches!(name, ObjectName::Fact(device, number) if *device == own && !facts.holds(*number));
    if facts.waiting(store).is_empty() && !there.iter().any(is_stray) {
        return Ok(None);
    }
    let cleaned = match deletion::clean(account, remote) {
        Ok(cleaned) => cleaned,
        Err(error) if error.is_stop() || matches!(error, EngineError::Consent(_)) => return Err(error.into()),
        Err(error) => return Ok(Some(RecordsGone { error: Some(Failure::from(error).message), ..RecordsGone::default() })),
    };
    there.retain(|name| !cleaned.removed.contains(name));
    let owed: Vec<_> = cleaned.settled.iter().filter(|(.., why)| matches!(why, Why::Withdrawn | Why::Erased)).copied().collect();
    let kept = if owed.is_empty() { None } else { Some(keep(work, account, store, &owed)?) };
    Ok(Some(RecordsGone { removed: cleaned.removed.len() as u64, settled: owed.len() as u64, receipt: kept, error: None }))
}

fn keep(work: &Work<'_>, account: &Account, store: &str, owed: &[(u64, Item, Why)]) -> Result<PathBuf, Failure> {
    let session = work.session;
    Ok(receipts::keep(&session.home, session.now(), &app::deletion::receipt(session, account, Some(store), owed))?)
}
