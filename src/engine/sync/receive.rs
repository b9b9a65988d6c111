//! One object that a store gave: checked, then kept in the vault.

use crate::core::name::{ObjectHash, ObjectName};
use crate::core::seal::{Refused, Sealed};
use crate::engine::account::{AccountWriter, unproved};
use crate::engine::error::in_vault;
use crate::engine::repository::believe::believe;
use crate::engine::repository::remote::Remote;
use crate::engine::sync::report::{Report, not_moved};
use crate::engine::{EngineError, OnEvent};
use crate::provider::ProviderError;

pub(super) fn fetch_one(
    account: &mut AccountWriter,
    remote: &Remote,
    name: ObjectName,
    expected: Option<ObjectHash>,
    read: Option<Vec<u8>>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    let bytes = match read.map_or_else(|| remote.get(&name), Ok) {
        Ok(bytes) => bytes,
        Err(error @ (ProviderError::Missing | ProviderError::Nonsense(_))) => return not_moved(report, on_event, name, &error),
        Err(error) => return Err(remote.lost(error)),
    };
    take_in(account, name, bytes, expected, report, on_event)
}

/// Checks what a store gave, and keeps it in the vault.
pub(super) fn take_in(
    account: &mut AccountWriter,
    name: ObjectName,
    bytes: Vec<u8>,
    expected: Option<ObjectHash>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    if unproved::was_refused(account, &name, &bytes) {
        return not_moved(report, on_event, name, &unproved::SET_ASIDE);
    }
    match believe(account, name, &bytes) {
        Ok(roster) => {
            let sealed = match Sealed::recognise(account.id(), name, bytes, expected) {
                Ok(sealed) => sealed,
                Err(why) => return not_moved(report, on_event, name, &why),
            };
            match account.vault.put_now(&sealed) {
                Err(error @ ProviderError::Taken) => return not_moved(report, on_event, name, &in_vault(error)),
                kept => kept.map_err(in_vault)?,
            };
            report.fetched += 1;
            report.fetched_bytes += sealed.bytes().len() as u64;
            match (roster, name) {
                (Some(roster), _) => account.adopt_roster(roster, sealed.bytes()),
                (None, ObjectName::Keys(_) | ObjectName::Grant(..)) => account.adopt_grant().map(|_| ()),
                _ => Ok(()),
            }
        }
        Err(Refused::NoKey) => {
            report.waiting.push(name);
            Ok(())
        }
        Err(why @ Refused::Revoked) => {
            report.revoked.insert(name);
            not_moved(report, on_event, name, &why)
        }
        Err(why) => not_moved(report, on_event, name, &why),
    }
}
