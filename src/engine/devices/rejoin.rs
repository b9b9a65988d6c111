//! Rejoining: a device that the list of devices which holds does not name is put back into it, as who it was.
//!
//! Another machine changed the list when this device was let in, and its change held; nobody revoked this one. Its id and its key stay, so that
//! what it backed up meanwhile is believed again. The keys may have been changed since, and nobody granted them to a device that no list
//! named: the owner, who is here, gives them.

use crate::core::keys::Keyring;
use crate::core::name::ObjectHash;
use crate::core::random::Random;
use crate::core::roster::{Member, Roster};
use crate::core::seal::hash;
use crate::engine::account::AccountWriter;
use crate::engine::account::devices::free_name;
use crate::engine::devices::change::publish;
use crate::engine::devices::join::{Lists, follow, lists};
use crate::engine::devices::rotate;
use crate::engine::repository::remote::Remote;
use crate::engine::{EngineError, Misuse};

/// Puts this device back; gives its line. `stores` are those that were asked.
///
/// # Errors
/// [`Misuse::Listed`] where the list names it and it lacks no keys, [`Misuse::RevokedHere`] where its owner revoked it.
pub fn rejoin(
    account: &mut AccountWriter,
    keyring: &Keyring,
    stores: &[Remote],
    random: &dyn Random,
) -> Result<Member, EngineError> {
    if let Some(lists) = newer(account, keyring, stores)? {
        take_over(account, keyring, &lists)?;
    }
    let listed = account.roster.member(&account.device.id).cloned();
    let line = match listed {
        Some(member) if !member.is_active() => return Err(EngineError::Usage(Misuse::RevokedHere)),
        Some(member) if keyring.newest() == account.device.keys.generation() => {
            return Err(EngineError::Usage(Misuse::Listed(member.name)));
        }
        Some(member) => member,
        None => add(account, keyring, random)?,
    };
    if keyring.newest() > 1 {
        rotate::grant(account, keyring, random)?;
        account.adopt_grant()?;
    }
    Ok(line)
}

/// The list of a store that holds in the place of the one that is known here. This device alone could not read it, where it is sealed under
/// keys that it was not granted.
fn newer(account: &AccountWriter, keyring: &Keyring, stores: &[Remote]) -> Result<Option<Lists>, EngineError> {
    let mut newest: Option<Lists> = None;
    for store in stores {
        let names = store.list_in(&["roster"]).map_err(|error| store.lost(error))?;
        // what does not hold together is told by a sync
        let found = lists(store, names.keys(), keyring);
        store.runtime().check()?;
        let Ok(found) = found else { continue };
        let holds = found.last().is_some_and(|(roster, sealed)| {
            let outranks = |other: &Roster, its: &ObjectHash| roster.outranks(&sealed.hash(), other, its);
            outranks(&account.roster, &hash(account.roster_bytes()))
                && newest.as_ref().and_then(|lists| lists.last()).is_none_or(|(other, its)| outranks(other, &its.hash()))
        });
        if holds {
            newest = Some(found);
        }
    }
    Ok(newest)
}

/// Takes a list over in the place of the one that is known here; nothing where it says that this device was revoked.
fn take_over(account: &mut AccountWriter, keyring: &Keyring, lists: &Lists) -> Result<(), EngineError> {
    let Some((roster, sealed)) = lists.last() else { return Ok(()) };
    if roster.member(&account.device.id).is_some_and(|member| !member.is_active()) {
        return Err(EngineError::Usage(Misuse::RevokedHere));
    }
    // first: what cannot be read must not stand in the journal
    if let Some(keys) = keyring.writer() {
        account.take_keys(keys)?;
    }
    account.replace_roster(roster.clone(), sealed.bytes())?;
    follow(account, lists)
}

/// Adds this device to the list.
fn add(account: &mut AccountWriter, keyring: &Keyring, random: &dyn Random) -> Result<Member, EngineError> {
    let line = Member { name: free_name(&account.roster.members, &account.device.name), ..account.device.member() };
    let members = account.roster.members.iter().cloned().chain([line.clone()]).collect();
    publish(account, keyring, members, random)?;
    Ok(line)
}
