//! The account's devices as the newest roster names them: found, added, called by a name of their own.

use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::roster::{MAX_NAME, Member, Roster};
use crate::core::seal::Proved;
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::{EngineError, Misuse};
use crate::local::device::Device;
use crate::provider::folder::Folder;
use crate::provider::folder_reader::FolderReader;
use crate::provider::{Listed, ProviderError};

/// Whether a name may be given to a device.
pub fn check_name(name: &str) -> Result<(), EngineError> {
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(|c| c.is_control() || c == ':') {
        return Err(EngineError::Usage(Misuse::DeviceName));
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

/// Puts a new roster into the vault. Another under its name was left by an attempt to join that failed before it was real.
pub fn put_roster(vault: &Folder, sealed: &Proved) -> Result<(), EngineError> {
    match vault.put_now(sealed) {
        Err(ProviderError::Taken) => {
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
        Some((roster, hash)) => (roster.number.saturating_add(1), hash, roster.members),
        None => (1, ObjectHash::from_bytes([0; 32]), Vec::new()),
    };
    members.push(device.member());
    Roster { number, previous, members }
}

/// A roster as the journal holds it: its number, then its bytes.
pub(in crate::engine) fn numbered_roster(device: &Device, numbered: &[u8]) -> Result<(Roster, Vec<u8>), EngineError> {
    let lost = || EngineError::Own { what: OwnFile::Journal, why: Damage::NoDevices };
    let (number, bytes) = numbered.split_first_chunk::<8>().ok_or_else(lost)?;
    let name = ObjectName::Roster(u64::from_le_bytes(*number));
    let roster = Roster::open(&device.keys, &name, bytes).map_err(|why| EngineError::Object { name, why })?;
    Ok((roster, bytes.to_vec()))
}

/// The newest roster: the journal's, unless the vault holds a newer one that is the account's; then the journal's beside it.
pub(in crate::engine) fn known_roster(
    vault: &FolderReader,
    device: &Device,
    remembered: Option<&[u8]>,
) -> Result<(Roster, Vec<u8>, Option<Roster>), EngineError> {
    let (known, bytes) = numbered_roster(device, remembered.unwrap_or_default())?;
    Ok(match newer_roster(vault, &device.keys, known.number)? {
        Some((newer, bytes)) => (newer, bytes, Some(known)),
        None => (known, bytes, None),
    })
}

/// The newest roster that the vault holds and that is the account's, where it is later than this number.
pub(in crate::engine) fn newer_roster(
    vault: &FolderReader,
    keys: &WriterKeys,
    than: u64,
) -> Result<Option<(Roster, Vec<u8>)>, EngineError> {
    let known = ObjectName::Roster(than);
    let mut newer = Vec::new();
    let mut look = |page: &[Listed]| newer.extend(page.iter().map(|l| l.name).filter(|n| *n > known));
    vault.list_now("roster", &mut look).map_err(in_vault)?;
    newer.sort();
    let open = |name: ObjectName| {
        let bytes = vault.get_now(&name, None).ok()?;
        Some((Roster::open(keys, &name, &bytes).ok()?, bytes))
    };
    Ok(newer.into_iter().rev().find_map(open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::DeviceId;
    use crate::core::roster::Role;
    use crate::core::sign::VerifyingKey;

    fn member(n: u8, name: &str) -> Member {
        let key = VerifyingKey::from_bytes([n; 32]);
        Member { id: DeviceId::from_bytes([n; 16]), key, role: Role::AppendOnly, last_note: None, name: name.into() }
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
