//! Objects that the whole account leans on and that the vault lost or holds damaged: keys, grants, rosters, key slots, heads, index
//! objects, notes. Each is fetched again from a place that has a good copy, proved by its signature or by a hash that a signed object
//! or the journal gives, before it takes the place of the damaged one, which is set aside.
//!
//! What cannot be told apart is left alone: without proof one copy is no better than the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::keys::Keyring;
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::proof::Unproved;
use crate::core::rotation::{self, Grant};
use crate::core::seal::{Proved, Refused};
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{ObjectFault, in_vault};
use crate::engine::repository::{listings, proof};
use crate::engine::sync::round::Round;
use crate::provider::ProviderError;

/// What was looked at and found wanting.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Fetched again.
    pub repaired: Vec<ObjectName>,
    /// Damaged or missing, with the reason, and no place has a good copy.
    pub lost: Vec<(ObjectName, ObjectFault)>,
    /// What bears the name of keys, opens for nobody and is needed by nothing: set aside, with the reason.
    pub set_aside: Vec<(ObjectName, ObjectFault)>,
}

/// Gives the first copy of an object in other places that passes the check; an error is a stop that was asked for.
pub type Find<'a> = &'a dyn Fn(&ObjectName, &mut dyn FnMut(&[u8]) -> bool) -> Result<Option<Vec<u8>>, EngineError>;

/// Hashes that objects must have, where they are known.
pub(super) type Known = BTreeMap<ObjectName, Vec<ObjectHash>>;

/// Repairs all of these objects but packs and letters.
pub fn everything(account: &mut AccountWriter, keyring: Option<&mut Keyring>, find: Find<'_>) -> Result<Repaired, EngineError> {
    let names = listings::held(account)?.into_keys().filter(|name| !matches!(name, ObjectName::Pack(_) | ObjectName::Letter(..)));
    bring_back(account, names.collect(), keyring, find)
}

impl Round<'_> {
    /// Repairs those without which nothing can be read or believed, few and small, before a sync carries them to anybody.
    pub(super) fn repair(&mut self) -> Result<(), EngineError> {
        self.account.put_back_roster()?;
        let own = self.account.device.id;
        let names = listings::held(self.account)?.into_keys().filter(|name| {
            matches!(name, ObjectName::Keys(_) | ObjectName::Roster(_) | ObjectName::Slot(_))
                || matches!(name, ObjectName::Grant(device, _) if *device == own)
        });
        let (remote, theirs) = (self.remote, &self.theirs);
        let find = |name: &ObjectName, good: &mut dyn FnMut(&[u8]) -> bool| {
            let bytes = theirs.get(name).filter(|_| remote.reads(name)).and_then(|_| remote.get(name).ok());
            remote.runtime().check()?;
            Ok(bytes.filter(|bytes| good(bytes)))
        };
        for name in bring_back(self.account, names.collect(), None, &find)?.repaired {
            self.report.fetched += 1;
            self.report.fetched_bytes += theirs.get(&name).copied().unwrap_or_default();
        }
        Ok(())
    }
}

fn bring_back(
    account: &mut AccountWriter,
    mut names: BTreeSet<ObjectName>,
    keyring: Option<&mut Keyring>,
    find: Find<'_>,
) -> Result<Repaired, EngineError> {
    let generation = u64::from(account.device.keys.generation());
    names.extend((2..=generation).map(ObjectName::Keys));
    names.extend((1..=account.roster.number).map(ObjectName::Roster));
    names.extend(account.known_slots());
    let mut done = Repaired::default();
    // this device's grants first: they tell what the keys must be
    let (grants, rest): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| matches!(name, ObjectName::Grant(device, _) if *device == account.device.id));
    one_by_one(account, &grants, &Known::new(), find, &mut done)?;
    let mut known = known_hashes(account);
    let mut rest = rest;
    if let Some(keyring) = keyring {
        prove_keys(account, keyring, find, &mut known, &mut done)?;
        for name in rest.extract_if(.., |name| opens_for_nobody(account, keyring, name, None)) {
            let good = find(&name, &mut |bytes| !opens_for_nobody(account, keyring, &name, Some(bytes)))?;
            match good.map(|bytes| proof::prove(account, name, bytes, &[])) {
                Some(Ok((_, sealed))) => replace(account, &sealed, &mut done)?,
                _ => set_aside(account, name, Refused::Changed.into(), &mut done)?,
            }
        }
    }
    one_by_one(account, &rest, &known, find, &mut done)?;
    if done.repaired.iter().any(|name| matches!(name, ObjectName::Keys(_) | ObjectName::Grant(..))) {
        account.adopt_grant()?;
    }
    Ok(done)
}

fn one_by_one(
    account: &AccountWriter,
    names: &[ObjectName],
    known: &Known,
    find: Find<'_>,
    done: &mut Repaired,
) -> Result<(), EngineError> {
    let newest = ObjectName::Roster(account.roster.number);
    for name in names {
        let held = account.vault.get_now(name, None);
        // a list that was replaced is good to have, and nothing needs it
        let may_lack = matches!(name, ObjectName::Roster(_)) && *name != newest && matches!(held, Err(ProviderError::Missing));
        let why = match held {
            Ok(bytes) => match check(account, known, name, &bytes) {
                Ok(()) => continue,
                Err(why) => ObjectFault::from(why),
            },
            Err(error) => error.into(),
        };
        let found = find(name, &mut |bytes| check(account, known, name, bytes).is_ok())?;
        match found.map(|bytes| proof::prove(account, *name, bytes, told(known, name))) {
            Some(Ok((_, sealed))) => replace(account, &sealed, done)?,
            _ if may_lack => {}
            _ if is_foreign(account, name) => set_aside(account, *name, why, done)?,
            _ => done.lost.push((*name, why)),
        }
    }
    Ok(())
}

/// Whether the owner's keys show that it is no key and no grant of the account's, or a damaged copy of a later one than this device
/// needs, of which it has no good one.
fn opens_for_nobody(account: &Account, keyring: &Keyring, name: &ObjectName, bytes: Option<&[u8]>) -> bool {
    let newest = account.device.keys.generation().max(keyring.newest());
    match (name, keyring.writer()) {
        // each is sealed under the one before: behind one that does not open none does
        (ObjectName::Keys(generation), _) => *generation > u64::from(newest),
        (ObjectName::Grant(device, _), Some(keys)) => {
            let opens = |bytes: &[u8]| Grant::told_by(&keys, *device, &keyring.link(device), name, bytes).is_ok();
            !bytes.map_or_else(|| account.vault.get_now(name, None).is_ok_and(|held| opens(&held)), opens)
        }
        _ => false,
    }
}

/// Whether nothing that this device knows of needs what bears this name and is not what it should be: a key slot that it does not know,
/// or a grant of later keys than it holds. Anybody who can write to a store may have put it there.
fn is_foreign(account: &Account, name: &ObjectName) -> bool {
    let there = account.vault.size_now(name).is_ok();
    let held = u64::from(account.device.keys.generation());
    match name {
        ObjectName::Slot(_) => there && account.slot_hash(name).is_none(),
        ObjectName::Keys(generation) => there && *generation > held,
        ObjectName::Grant(device, generation) => there && (*device, *generation) != (account.device.id, held),
        _ => false,
    }
}

fn set_aside(account: &AccountWriter, name: ObjectName, why: ObjectFault, done: &mut Repaired) -> Result<(), EngineError> {
    account.vault_writer().set_aside_now(&name).map_err(in_vault)?;
    done.set_aside.push((name, why));
    Ok(())
}

/// Puts a good copy where the damaged one lay.
fn replace(account: &AccountWriter, sealed: &Proved, done: &mut Repaired) -> Result<(), EngineError> {
    if account.vault.size_now(&sealed.name()).is_ok() {
        account.vault_writer().set_aside_now(&sealed.name()).map_err(in_vault)?;
    }
    account.vault_writer().put_now(sealed).map_err(in_vault)?;
    done.repaired.push(sealed.name());
    Ok(())
}

/// The hashes that keys and key slots must have, as far as this device knows.
pub(super) fn known_hashes(account: &Account) -> Known {
    let mut known = known(account);
    known.extend(account.own_facts().map(|(name, hash)| (name, vec![hash])));
    known.extend(account.known_slots().into_iter().filter_map(|name| Some((name, vec![account.slot_hash(&name)?]))));
    known
}

/// What this device's newest grant tells of the keys before it.
fn known(account: &Account) -> Known {
    let device = &account.device;
    let name = ObjectName::Grant(device.id, device.keys.generation().into());
    let opened = device.link.as_ref().and_then(|link| {
        let bytes = account.vault.get_now(&name, None).ok()?;
        Grant::told_by(&device.keys, device.id, link, &name, &bytes).ok()
    });
    opened
        .unwrap_or_default()
        .into_iter()
        .zip(2u64..)
        .map(|(hash, generation)| (ObjectName::Keys(generation), vec![hash]))
        .collect()
}

/// Opens each generation of keys with the one before it, which proves it where no grant tells of it.
fn prove_keys(
    account: &AccountWriter,
    keyring: &mut Keyring,
    find: Find<'_>,
    known: &mut Known,
    done: &mut Repaired,
) -> Result<(), EngineError> {
    loop {
        let name = ObjectName::Keys((keyring.newest() + 1).into());
        let held = account.vault.get_now(&name, None);
        let sound = held.as_ref().is_ok_and(|bytes| rotation::extend(keyring, bytes).is_ok());
        if let (true, Ok(bytes)) = (sound, &held) {
            known.insert(name, vec![crate::core::seal::hash(bytes)]);
            continue;
        }
        let found = find(&name, &mut |bytes| rotation::extend(keyring, bytes).is_ok())?;
        match found.map(|bytes| proof::prove(account, name, bytes, &[])) {
            Some(Ok((_, sealed))) => {
                known.insert(name, vec![sealed.hash()]);
                replace(account, &sealed, done)?;
            }
            // the next ones cannot be opened without it
            _ => return Ok(()),
        }
    }
}

/// Whether bytes are what should lie under a name, as far as this device can tell.
pub(super) fn told<'k>(known: &'k Known, name: &ObjectName) -> &'k [ObjectHash] {
    known.get(name).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn check(account: &Account, known: &Known, name: &ObjectName, bytes: &[u8]) -> Result<(), Refused> {
    if let (ObjectName::Grant(device, _), Some(link)) = (name, &account.device.link)
        && *device == account.device.id
    {
        return Grant::told_by(&account.device.keys, *device, link, name, bytes).map(|_| ());
    }
    let told = told(known, name);
    if matches!(name, ObjectName::Fact(..)) && told.is_empty() {
        // only its device, and the owner's keys, can tell more
        return Unproved::new(account.id(), *name, bytes.to_vec()).map(drop);
    }
    match proof::prove(account, *name, bytes.to_vec(), told) {
        // sealed to others, or not to be believed for another reason than its bytes
        Err(Refused::NoKey | Refused::Revoked | Refused::MayNotDelete) => Ok(()),
        believed => believed.map(|_| ()),
    }
}
