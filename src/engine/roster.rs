//! The owner's changes to the list of devices: each is a new roster, signed with the account's key and chained to the one before.

use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::random::Random;
use crate::core::roster::{MAX_NAME, Member, Roster, Standing};
use crate::core::seal::Sealed;
use crate::core::slot::SlotKind;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::places::in_vault;
use crate::engine::{EngineError, select, unlock};
use crate::provider::Listed;
use crate::provider::PlaceError;
use crate::provider::folder::Folder;
use crate::store::device::Device;

/// A change to one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another name.
    Rename(String),
    /// It may say what is no longer needed, and others need not store what it holds.
    Allow,
    /// It only adds snapshots.
    Disallow,
    /// Nothing it makes from now on is believed.
    Revoke,
}

/// The last snapshot of a device that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub number: u64,
    /// BLAKE3 of its head.
    pub hash: ObjectHash,
    /// When it was made, in seconds since 1970.
    pub time: i64,
}

/// The newest snapshot of a device that the vault holds and that is believed.
pub fn last(account: &Account, device: DeviceId) -> Result<Option<Last>, EngineError> {
    let names = select::head_names(account)?;
    for number in names.get(&device).into_iter().flatten().rev() {
        if let Ok((head, hash)) = select::head(account, device, *number) {
            return Ok(Some(Last { number: head.number, hash, time: head.time }));
        }
    }
    Ok(None)
}

/// The device that an owner means: by its name, or by at least 8 digits of its id.
pub fn find(account: &Account, wanted: &str) -> Result<Member, EngineError> {
    let members = &account.roster.members;
    let named: Vec<&Member> = members.iter().filter(|member| member.name == wanted).collect();
    let by_id = |member: &&Member| wanted.len() >= 8 && member.id.to_string().starts_with(wanted);
    let found = if named.is_empty() { members.iter().filter(by_id).collect() } else { named };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(EngineError::Usage(format!("there is no device {wanted:?}; `printkeep device list` lists them"))),
        _ => Err(EngineError::Usage(format!("several devices are called {wanted:?}; give 8 digits of the id that list shows"))),
    }
}

/// Whether a name may be given to a device.
pub fn check_name(name: &str) -> Result<(), EngineError> {
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(|c| c.is_control() || c == ':') {
        return Err(EngineError::Usage("a device's name has 1 to 64 bytes and neither : nor control characters".into()));
    }
    Ok(())
}

/// The name, with a number behind it where another device has it already.
pub fn free_name(members: &[Member], wanted: &str) -> String {
    let taken = |name: &str| members.iter().any(|member| member.name == name);
    let numbered = |n: usize| {
        let tail = format!("-{n}");
        let mut end = wanted.len().min(MAX_NAME - tail.len());
        while !wanted.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}{tail}", &wanted[..end])
    };
    // one more number than there are members is free
    let mut tries = (2..members.len() + 3).map(numbered);
    if taken(wanted) { tries.find(|name| !taken(name)).unwrap_or_else(|| wanted.to_owned()) } else { wanted.to_owned() }
}

/// Makes a change and signs the new roster; gives the device's line in it.
pub fn change(
    account: &mut AccountWriter,
    keyring: &Keyring,
    device: DeviceId,
    change: Change,
    random: &dyn Random,
) -> Result<Member, EngineError> {
    let mut members = account.roster.members.clone();
    let revoked_at = last(account, device)?.map_or((0, ObjectHash::from_bytes([0; 32])), |last| (last.number, last.hash));
    let gone = || EngineError::Usage("there is no such device any more; `printkeep device list` lists them".into());
    let at = members.iter().position(|member| member.id == device).ok_or_else(gone)?;
    let held = members[at].clone();
    let wanted = match &change {
        Change::Rename(name) => {
            check_name(name)?;
            if members.iter().any(|member| member.name == *name && member.id != device) {
                return Err(EngineError::Usage(format!("another device is called {name:?} already")));
            }
            Member { name: name.clone(), ..held.clone() }
        }
        _ if !held.is_active() => {
            return Err(EngineError::Usage(format!("{:?} was revoked; enrol it anew to let it in again", held.name)));
        }
        Change::Allow => Member { standing: Standing::Keeper, ..held.clone() },
        Change::Disallow => Member { standing: Standing::Writer, ..held.clone() },
        Change::Revoke => Member { standing: Standing::Revoked(revoked_at.0, revoked_at.1), ..held.clone() },
    };
    if wanted != held {
        members[at] = wanted.clone();
        publish(account, keyring, members, random)?;
    }
    if change == Change::Revoke {
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
    let before = account.roster.number;
    account.write(|account, journal| {
        if account.roster.number != before {
            // a sync took over a newer one while this one was thought of
            return Err(EngineError::Busy(None));
        }
        let previous = account.sealed_roster()?.hash();
        let roster = Roster { number: before + 1, previous, members };
        let sealed = roster.seal(keyring, &account.device.keys, random)?;
        put_roster(&account.vault, &sealed)?;
        account.put_roster(journal, roster, sealed.bytes())
    })
}

/// Puts a new roster into the vault. Another under its name was left by an attempt to join that failed before it was real.
pub fn put_roster(vault: &Folder, sealed: &Sealed) -> Result<(), EngineError> {
    match vault.put_now(sealed) {
        Err(PlaceError::Taken) => {
            vault.set_aside_now(&sealed.name()).map_err(in_vault)?;
            vault.put_now(sealed).map_err(in_vault)?;
        }
        done => {
            done.map_err(in_vault)?;
        }
    }
    Ok(())
}

/// The roster with one device more.
pub fn add_member(before: Option<(Roster, ObjectHash)>, device: &Device) -> Roster {
    let (number, previous, mut members) = match before {
        Some((roster, hash)) => (roster.number + 1, hash, roster.members),
        None => (1, ObjectHash::from_bytes([0; 32]), Vec::new()),
    };
    members.push(device.member());
    Roster { number, previous, members }
}

/// The passphrase of a revoked device opens nothing any more, as far as this machine and its stores are concerned.
fn close_slots(account: &mut AccountWriter, device: DeviceId) -> Result<(), EngineError> {
    for slot in unlock::list(account)?.into_iter().filter(|slot| slot.kind == Ok(SlotKind::Passphrase(device))) {
        account.remember_gone(slot.name.place())?;
        account.vault.remove_now(&slot.name).map_err(in_vault)?;
    }
    Ok(())
}

/// A roster as the journal holds it: its number, then its bytes.
pub(in crate::engine) fn numbered_roster(device: &Device, numbered: &[u8]) -> Result<(Roster, Vec<u8>), EngineError> {
    let lost = || EngineError::Own { what: "the journal".into(), why: "it holds no roster of the account's devices".into() };
    let (number, bytes) = numbered.split_first_chunk::<8>().ok_or_else(lost)?;
    let name = ObjectName::Roster(u64::from_le_bytes(*number));
    let roster = Roster::open(&device.keys, &name, bytes).map_err(|why| EngineError::Object { name, why })?;
    Ok((roster, bytes.to_vec()))
}

/// The newest roster: the journal's, unless the vault holds a newer one that is the account's.
pub(in crate::engine) fn known_roster(
    vault: &Folder,
    device: &Device,
    remembered: Option<&[u8]>,
) -> Result<(Roster, Vec<u8>), EngineError> {
    let mut known = numbered_roster(device, remembered.unwrap_or_default())?;
    let name = ObjectName::Roster(known.0.number);
    let mut newer = Vec::new();
    let mut look = |page: &[Listed]| newer.extend(page.iter().map(|l| l.name).filter(|n| *n > name));
    vault.list_now("roster", &mut look).map_err(in_vault)?;
    newer.sort();
    for name in newer {
        if let Ok(bytes) = vault.get_now(&name, None)
            && let Ok(roster) = Roster::open(&device.keys, &name, &bytes)
        {
            known = (roster, bytes);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::sign::VerifyingKey;

    fn member(n: u8, name: &str) -> Member {
        let key = VerifyingKey::from_bytes([n; 32]);
        Member { id: DeviceId::from_bytes([n; 16]), key, standing: Standing::Writer, name: name.into() }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_stays_within_its_limit() {
        let long = "ä".repeat(32);
        let members = [member(1, "printer"), member(2, "printer-2"), member(3, &long)];
        assert_eq!(free_name(&members, "other"), "other");
        assert_eq!(free_name(&members, "printer"), "printer-3");
        let numbered = free_name(&members, &long);
        assert!(numbered.len() <= MAX_NAME && numbered.ends_with("ä-2"), "{numbered}");
    }

    #[test]
    fn names_that_would_mislead_are_refused() {
        for bad in ["", "a:b", "a\nb", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(check_name("Ender 3 V2").is_ok());
    }
}
