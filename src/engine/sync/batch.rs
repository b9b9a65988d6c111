//! Groups of objects on the road: sent and fetched several at once, checked at the vault's door, and entered in the report.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use crate::core::name::{ObjectHash, ObjectName};
use crate::core::seal::Sealed;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::receive::take_in;
use crate::engine::sync::tamper::Inspection;
use crate::engine::sync::transfer::{Moved, Pace, Trouble, carry};
use crate::engine::sync::{Report, not_moved};
use crate::engine::{Cancel, EngineError, Event, OnEvent};
use crate::provider::{Provider, Range};

/// Sends objects of one rank, in any order.
#[allow(clippy::too_many_arguments)]
pub fn send(
    account: &Account,
    remote: &Remote,
    group: &[(ObjectName, u64)],
    hashes: &HashMap<ObjectName, ObjectHash>,
    pace: &mut Pace,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let provider = remote.provider();
    let job = |name, _| send_one(account, provider, name, hashes.get(&name).copied());
    let done = |name, _, moved: Moved<u64>| match moved {
        Ok(bytes) => {
            report.sent += 1;
            report.sent_bytes += bytes;
            report.there.insert(name);
            on_event(Event::Bytes(bytes));
            on_event(Event::FileDone);
            Ok(())
        }
        Err(why) => not_moved(report, on_event, name, &why).map_err(Trouble::Here),
    };
    let ended = remote.runtime().block_on(carry(group, remote.room(), pace, cancel, job, done))?;
    report.stopped = ended;
    Ok(())
}

async fn send_one(
    account: &Account,
    provider: &dyn Provider,
    name: ObjectName,
    hash: Option<ObjectHash>,
) -> Result<u64, Trouble> {
    let bytes = account.vault.get_now(&name, None).map_err(|error| Trouble::Object(in_vault(error).to_string()))?;
    let sealed = Sealed::recognise(account.id(), name, bytes, hash).map_err(|why| Trouble::Object(why.to_string()))?;
    provider.put(&sealed).await.map(|receipt| receipt.size()).map_err(Trouble::Store)
}

/// Fetches objects of one rank, in any order; those that were read before are not asked for again.
#[allow(clippy::too_many_arguments)]
pub fn fetch(
    account: &mut AccountWriter,
    remote: &Remote,
    items: &[(ObjectName, u64)],
    hashes: &HashMap<ObjectName, ObjectHash>,
    found: &mut Inspection,
    report: &mut Report,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let (provider, found) = (remote.provider(), RefCell::new(found));
    let job = |name, size| {
        let read = found.borrow_mut().take(&name);
        async move {
            if let Some(bytes) = read {
                return Ok(bytes);
            }
            // a store that gives more than it listed is not listened to
            let range = matches!(name, ObjectName::Pack(_)).then_some(Range { offset: 0, length: size });
            provider.get(&name, range).await.map_err(Trouble::Store)
        }
    };
    let done = |name, size, moved: Moved<Vec<u8>>| {
        let taken = match moved {
            Ok(bytes) => take_in(account, name, bytes, hashes.get(&name).copied(), report, on_event),
            Err(why) => not_moved(report, on_event, name, &why),
        };
        if matches!(name, ObjectName::Pack(_)) {
            on_event(Event::Bytes(size));
        }
        taken.map_err(Trouble::Here)
    };
    let mut pace = Pace::new(Instant::now());
    let ended = remote.runtime().block_on(carry(items, remote.room(), &mut pace, cancel, job, done))?;
    report.stopped = ended;
    Ok(())
}
