//! What a sync sends and fetches of packs, index objects and heads: what is still needed. And a second look after heads were sent:
//! a device that may delete may have been removing what they need in that very moment.
//!
//! A device sends its head, then reads the deletion notes again; a device that may delete writes its note that it removes packs, then reads the heads
//! again. So at least one of the two sees the other: the device that deletes keeps what the head needs, or the device sends it once more.

use std::collections::BTreeMap;

use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::{Report, receive, send};
use crate::engine::{Cancel, EngineError, Event, Notice, OnEvent};

/// After heads were sent: what they need is there still, or is sent again.
pub fn look_again(
    account: &mut AccountWriter,
    chunk_index: &ChunkIndex,
    remote: &Remote,
    ours: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let sent_heads = report.there.iter().any(|name| matches!(name, ObjectName::Head(..)));
    if !sent_heads || account.roster.deleters().next().is_none() {
        return Ok(());
    }
    let lost = |error| remote.lost(error);
    let notes = remote.list_in(&["keeps"]).map_err(lost)?;
    for name in notes.keys().filter(|name| !ours.contains_key(name)) {
        if account.vault.size_now(name).is_err() {
            receive::fetch_one(account, remote, *name, None, None, report, on_event)?;
        }
    }
    let mut now = remote.list_in(&["packs", "index"]).map_err(lost)?;
    // heads and the rest were sent just now; only what may have been removed is looked for
    now.extend(
        ours.iter().filter(|(name, _)| !matches!(name, ObjectName::Pack(_) | ObjectName::Index(..))).map(|(n, s)| (*n, *s)),
    );
    // what may not be listed is believed to be there: it was sent just now, or before
    now.extend(ours.iter().filter(|(name, _)| remote.hides(name)).map(|(n, s)| (*n, *s)));
    let wanted = SyncFilter::of(account, chunk_index)?;
    send::send_missing(account, chunk_index, remote, &wanted, ours, &now, report, on_event, cancel)?;
    for id in wanted.needed.packs.iter().filter(|id| wanted.book.is_going(id)) {
        let why = "a device that may delete is removing it from the stores just now, and a snapshot that was sent needs it; sync again later";
        let name = ObjectName::Pack(*id);
        if ours.contains_key(&name) {
            on_event(Event::Notice(Notice::NotMoved(name, why)));
            report.failed.push((name, why.into()));
        }
    }
    Ok(())
}
