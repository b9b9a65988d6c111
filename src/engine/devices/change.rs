//! The owner's changes to the list of devices: each is a new roster, signed with the account's key and chained to the one before.

use crate::core::header::ObjectType;
use crate::core::keys::Keyring;
use crate::core::name::DeviceId;
use crate::core::random::Random;
use crate::core::roster::{Link, Member, Role, Roster};
use crate::core::slot::SlotKind;
use crate::engine::account::devices::{check_name, put_roster};
use crate::engine::account::{Account, AccountWriter, slots};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;
use crate::engine::{EngineError, Misuse};

/// A change to one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another name.
    Rename(String),
    /// It may say what is no longer needed, and others need not store what it holds.
    Allow,
    /// It only adds snapshots.
    Disallow,
    /// Nothing it makes from now on is believed, and of what is known nothing above this number.
    Revoke(u64),
}

/// The device that an owner means: by its name, or by at least 8 digits of its id.
pub fn find(account: &Account, wanted: &str) -> Result<Member, EngineError> {
    let members = &account.roster.members;
    let named: Vec<&Member> = members.iter().filter(|member| member.name == wanted).collect();
    let by_id = |member: &&Member| wanted.len() >= 8 && member.id.to_string().starts_with(wanted);
    let found = if named.is_empty() { members.iter().filter(by_id).collect() } else { named };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(EngineError::Usage(Misuse::NoDevice(wanted.to_owned()))),
        several => {
            let ids = several.iter().map(|member| member.id.to_string().chars().take(8).collect()).collect();
            Err(EngineError::Usage(Misuse::SameName { name: wanted.to_owned(), ids }))
        }
    }
}

/// Makes a change and signs the new roster; gives the device's line in it.
pub fn change(
    account: &mut AccountWriter,
    keyring: &Keyring,
    device: DeviceId,
    change: Change,
    random: &dyn Random,
) -> Result<Member, EngineError> {
    let members = account.roster.members.clone();
    let gone = || EngineError::Usage(Misuse::NoDevice(device.to_string()));
    let at = members.iter().position(|member| member.id == device).ok_or_else(gone)?;
    let held = members[at].clone();
    let wanted = match &change {
        Change::Rename(name) => {
            check_name(name)?;
            if members.iter().any(|member| member.name == *name && member.id != device) {
                return Err(EngineError::Usage(Misuse::NameTaken(name.clone())));
            }
            Member { name: name.clone(), ..held.clone() }
        }
        // every list that is signed here says so
        Change::Revoke(_) if account.revoked_apart().iter().any(|line| line.id == device) => {
            publish(account, keyring, members, random)?;
            held.clone()
        }
        _ if !held.is_active() => {
            return Err(EngineError::Usage(Misuse::Revoked(held.name)));
        }
        Change::Allow => Member { role: Role::MayDelete, last_note: None, ..held.clone() },
        Change::Disallow => Member { role: Role::AppendOnly, last_note: last_note(account, &held)?, ..held.clone() },
        Change::Revoke(last) => {
            let role = Role::Revoked(snapshots::links(account, &DeletionNotes::read(account)?, device, *last)?);
            Member { role, last_note: last_note(account, &held)?, ..held.clone() }
        }
    };
    if wanted != held {
        let mut members = account.roster.members.clone();
        members[at] = wanted.clone();
        publish(account, keyring, members, random)?;
    }
    if matches!(change, Change::Revoke(_)) {
        close_slots(account, device)?;
    }
    Ok(wanted)
}

/// Signs a new roster of these devices, keeps it in the vault and in the journal.
pub fn publish(
    account: &mut AccountWriter,
    keyring: &Keyring,
    members: Vec<Member>,
    random: &dyn Random,
) -> Result<(), EngineError> {
    let (before, vault) = (account.roster.number, account.vault_writer().clone());
    account.write(|account, journal| {
        if account.roster.number != before {
            // a sync took over a newer one while this one was thought of
            return Err(EngineError::Busy(None));
        }
        let previous = account.sealed_roster()?.hash();
        let roster = Roster { number: before + 1, previous, members };
        let sealed = roster.seal(keyring, &account.device.keys, random)?;
        if sealed.bytes().len() > ObjectType::Roster.max_size() {
            return Err(EngineError::Usage(Misuse::ListFull));
        }
        put_roster(&vault, &sealed)?;
        account.put_roster(journal, roster, sealed.bytes())
    })
}

/// What a device said while it might delete holds on: its last note that counts.
fn last_note(account: &Account, held: &Member) -> Result<Option<Link>, EngineError> {
    let notes = DeletionNotes::read(account)?;
    let newest = notes.newest().find(|seen| seen.device == held.id);
    Ok(newest.map(|seen| (seen.number, seen.hash)))
}

/// The passphrase of a revoked device opens nothing any more, as far as this machine and its stores are concerned.
fn close_slots(account: &mut AccountWriter, device: DeviceId) -> Result<(), EngineError> {
    for slot in slots::list(account)?.into_iter().filter(|slot| slot.kind == Ok(SlotKind::Passphrase(device))) {
        slots::remove(account, &slot.name)?;
    }
    Ok(())
}
