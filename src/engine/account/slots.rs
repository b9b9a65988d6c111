//! From a passphrase or a recovery kit to the account's keys.

use crate::core::keys::Keyring;
use crate::core::name::{DeviceId, ObjectName};
use crate::core::proof::Unproved;
use crate::core::random::Random;
use crate::core::seal::{Proved, Refused};
use crate::core::secret::{Secret, SecretText};
use crate::core::slot::{self, Cost, Opener, SlotKind};
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::problem_log::Problem;
use crate::engine::account::{Account, AccountWriter, keys};
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::{EngineError, Misuse};
use crate::local::audit::{Event, Outcome};
use crate::local::os_random::SystemRandom;
use crate::local::shred;
use crate::local::unlock_attempts::{self, NoAttempt};
use crate::provider::ProviderError;

/// So many slots are tried that neither the kit names nor this device knows.
pub(in crate::engine) const MOST_OTHERS: usize = 64;

/// What the owner brings to unlock an account.
pub enum Key {
    /// What was typed, or stood in a file or in `PRINTKEEP_PASSPHRASE`.
    Passphrase(SecretText),
    /// The words of a recovery kit.
    Kit(Secret<32>),
}

/// A key slot as `key list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotInfo {
    /// Its name.
    pub name: ObjectName,
    /// What opens it, or why it cannot be read.
    pub kind: Result<SlotKind, Refused>,
    /// The device whose passphrase it is, by the owner's name for it.
    pub device: Option<String>,
    /// Whether it is this device's.
    pub here: bool,
}

/// Opens the account with what the owner brought: every slot of the right kind is tried.
pub fn unlock(account: &Account, key: &Key) -> Result<Keyring, EngineError> {
    let read = |name: &ObjectName| account.vault.get_now(name, None).map_err(in_vault);
    unlock_with(account, key, some_slots(account)?, &read)
}

/// How many seconds must pass before the next passphrase may be tried; none where one may be now.
pub fn must_wait(account: &Account) -> Option<u64> {
    unlock_attempts::wait(&account.folder(), &account.local_key(b"tries"), account.now())
}

/// Whether a key opens the account from the vault; nothing is written down or counted, so for keys of this machine's own files alone.
pub fn opens(account: &Account, key: &Key) -> bool {
    let read = |name: &ObjectName| account.vault.get_now(name, None).map_err(in_vault);
    slots(account).is_ok_and(|names| open_slot(account, key, names, &read).is_ok())
}

/// The account's keys as far as a slot holds them: those of later generations are left where they are.
pub fn first_keys(account: &Account, key: &Key) -> Result<Keyring, EngineError> {
    open_slot(account, key, some_slots(account)?, &|name| account.vault.get_now(name, None).map_err(in_vault))
}

/// The same with the slots that lie in another place.
pub fn unlock_from(
    account: &Account,
    key: &Key,
    names: Vec<ObjectName>,
    read: &dyn Fn(&ObjectName) -> Result<Vec<u8>, EngineError>,
) -> Result<Keyring, EngineError> {
    unlock_with(account, key, names, read)
}

/// Every try is written down; wrong passphrases are counted, and slowed down.
fn unlock_with(
    account: &Account,
    key: &Key,
    names: Vec<ObjectName>,
    read: &dyn Fn(&ObjectName) -> Result<Vec<u8>, EngineError>,
) -> Result<Keyring, EngineError> {
    let Key::Passphrase(_) = key else {
        let done = try_slots(account, key, names, read);
        audit(account, "recovery kit", &done);
        return done;
    };
    let (counter, random) = (account.local_key(b"tries"), SystemRandom::new());
    let begun = unlock_attempts::begin(&account.folder(), &counter, account.now(), &random, &account.stop);
    let attempt = match begun {
        Ok(attempt) => attempt,
        Err(NoAttempt::Stopped) => return Err(EngineError::Cancelled),
        Err(NoAttempt::TooSoon(seconds)) => {
            let refused = Err(EngineError::TooSoon(seconds));
            audit(account, "passphrase, too soon", &refused);
            return refused;
        }
    };
    let done = try_slots(account, key, names, read);
    audit(account, "passphrase", &done);
    match &done {
        Ok(_) => {
            attempt.right();
            // before the owner has seen it, a right one tells nothing of who tried the others
            let is_seen = |one: &Problem| one.what.kind == ProblemKind::WrongPassphrase && one.acknowledged.is_some();
            account.logs().remedied_where(&is_seen);
        }
        Err(EngineError::WrongPassphrase) => {
            let wrong = attempt.wrong(&account.stop).ok_or(EngineError::Cancelled)?;
            if wrong >= unlock_attempts::FREE {
                account.logs().raise(NewProblem::of(ProblemKind::WrongPassphrase, Subject::Account).numbers(wrong.into(), 0));
            }
        }
        Err(_) => attempt.void(&counter, &random),
    }
    done
}

pub(in crate::engine) fn audit(account: &Account, what: &str, done: &Result<Keyring, EngineError>) {
    let outcome = match done {
        Ok(_) => Outcome::Done,
        Err(EngineError::WrongPassphrase | EngineError::WrongKit | EngineError::TooSoon(_)) => Outcome::Refused,
        Err(_) => Outcome::Failed,
    };
    account.logs().audit(AuditEntry::of(Event::Unlock, outcome).what(what));
}

fn try_slots(
    account: &Account,
    key: &Key,
    names: Vec<ObjectName>,
    read: &dyn Fn(&ObjectName) -> Result<Vec<u8>, EngineError>,
) -> Result<Keyring, EngineError> {
    let mut keyring = open_slot(account, key, names, read)?;
    // later generations than the slot holds
    keys::extend_here(account, &mut keyring)?;
    check(account, keyring)
}

fn open_slot(
    account: &Account,
    key: &Key,
    names: Vec<ObjectName>,
    read: &dyn Fn(&ObjectName) -> Result<Vec<u8>, EngineError>,
) -> Result<Keyring, EngineError> {
    let device = &account.device;
    let opener = match key {
        Key::Passphrase(passphrase) => Opener::Passphrase { passphrase, device: device.id, secret_key: &device.secret_key },
        Key::Kit(kit) => Opener::Recovery(kit),
    };
    // the kit's own comes first, then those that this device made or took over
    let own = if let Key::Kit(kit) = key { Some(slot::name_of(kit)) } else { None };
    let others = names.into_iter().filter(|name| own != Some(*name));
    let (known, others): (Vec<_>, Vec<_>) = others.partition(|name| account.slot_hash(name).is_some());
    let mut refused = None;
    for name in own.into_iter().chain(known).chain(others.into_iter().take(MOST_OTHERS)) {
        let bytes = match read(&name) {
            Err(error) if error.is_absence() => continue,
            Err(EngineError::Place {
                error: ProviderError::Missing | ProviderError::Nonsense(_) | ProviderError::Local(_),
                ..
            }) => {
                continue;
            }
            bytes => bytes?,
        };
        // what the account did not sign costs whoever unlocks nothing
        let proved = Unproved::new(account.id(), name, bytes).and_then(|given| given.owners(&account.device.keys));
        let sealed = match proved {
            Ok(sealed) => sealed,
            Err(why) => {
                refused = refused.or(Some((name, why)));
                continue;
            }
        };
        let bytes = sealed.bytes();
        match slot::open(Some(account.id()), &name, bytes, &opener) {
            Ok(keyring) => return Ok(keyring),
            Err(Refused::NoKey) => continue,
            // that it is the wrong passphrase or kit says more than that something is no slot
            Err(why) if refused.is_none_or(|(_, before)| before != Refused::Changed) => refused = Some((name, why)),
            Err(_) => {}
        }
    }
    Err(match (refused, key) {
        (Some((_, Refused::Changed)), Key::Passphrase(_)) => EngineError::WrongPassphrase,
        (Some((_, Refused::Changed)), Key::Kit(_)) => EngineError::WrongKit,
        (Some((name, why)), _) => EngineError::Object { name, why },
        (None, Key::Passphrase(_)) => EngineError::Usage(Misuse::NoPassphrase),
        (None, Key::Kit(_)) => EngineError::WrongKit,
    })
}

/// The keys must be those this device writes to: a slot that a thief or a provider swapped in is refused.
pub(in crate::engine) fn check(account: &Account, keyring: Keyring) -> Result<Keyring, EngineError> {
    let held = &account.device.keys;
    if keyring.newest() < held.generation() {
        let why = Damage::KeysMissing(ObjectName::Keys((keyring.newest() + 1).into()));
        return Err(EngineError::Damaged { what: OwnFile::Vault, why });
    }
    let same = keyring
        .writer_of(held.generation())
        .is_some_and(|keys| keys.recipient().to_bytes() == held.recipient().to_bytes() && keys.roster() == held.roster());
    if same { Ok(keyring) } else { Err(EngineError::Damaged { what: OwnFile::KeySlot, why: Damage::OtherKeys }) }
}

fn slots(account: &Account) -> Result<Vec<ObjectName>, EngineError> {
    let mut names = Vec::new();
    account.vault.list_now("slots", &mut |page| names.extend(page.iter().map(|l| l.name))).map_err(in_vault)?;
    names.sort();
    Ok(names)
}

/// The same, of which there must be one: before any passphrase or kit can be wrong, there is something that it opens.
fn some_slots(account: &Account) -> Result<Vec<ObjectName>, EngineError> {
    let names = slots(account)?;
    if names.is_empty() { Err(no_slots(account)) } else { Ok(names) }
}

/// Why the vault holds no key slot: it lost them, or none ever came to a device that was let in to write.
pub fn no_slots(account: &Account) -> EngineError {
    if were_here(account) { EngineError::KeysLost } else { EngineError::KeysAwaited(account.device.name.clone()) }
}

/// Whether key slots were ever here, as far as the journal tells.
pub fn were_here(account: &Account) -> bool {
    !account.known_slots().is_empty() || account.memory.has_seen_slots()
}

/// Whether key slots were here, and the vault holds none any more.
pub fn are_lost(account: &Account) -> Result<bool, EngineError> {
    Ok(were_here(account) && slots(account)?.is_empty())
}

/// The account's key slots.
pub fn list(account: &Account) -> Result<Vec<SlotInfo>, EngineError> {
    let info = |name: ObjectName| {
        let kind = match account.vault.get_now(&name, None) {
            Ok(bytes) => slot::kind(&bytes),
            Err(ProviderError::Nonsense(_) | ProviderError::Local(_)) => Err(Refused::Changed),
            Err(error) => return Err(in_vault(error)),
        };
        let of = |id| account.roster.members.iter().find(|m| m.id == id).map(|m| m.name.clone());
        let device = if let Ok(SlotKind::Passphrase(id)) = kind { of(id) } else { None };
        Ok(SlotInfo { name, here: kind == Ok(SlotKind::Passphrase(account.device.id)), kind, device })
    };
    slots(account)?.into_iter().map(info).collect()
}

/// Sets a new passphrase on this device: the new slot is written first, then the old ones of this device go.
pub fn set_passphrase(
    account: &mut AccountWriter,
    keyring: &Keyring,
    passphrase: &SecretText,
    cost: Cost,
    random: &dyn Random,
) -> Result<ObjectName, EngineError> {
    let device = &account.device;
    let opener = Opener::Passphrase { passphrase, device: device.id, secret_key: &device.secret_key };
    let (sealed, kind) = (slot::seal(keyring, &opener, cost, random)?, SlotKind::Passphrase(device.id));
    // a stop that was asked for while the slot was made is heeded: nothing has changed yet
    if account.stop.is_asked() {
        return Err(EngineError::Cancelled);
    }
    replace(account, &sealed, kind)
}

/// A new recovery kit that does not hold yet.
pub struct NewKit {
    /// Its secret.
    pub entropy: Secret<32>,
    /// The slot it opens.
    pub slot: Proved,
}

/// Makes a new recovery kit; it holds once its slot has replaced the old one, which is after its page was written.
pub fn prepare_kit(keyring: &Keyring, random: &dyn Random) -> Result<NewKit, EngineError> {
    let entropy = Secret::random(random)?;
    let slot = slot::seal(keyring, &Opener::Recovery(&entropy), Cost::PRINTER, random)?;
    Ok(NewKit { entropy, slot })
}

/// Makes a new kit's slot hold, and the old one's go.
pub fn replace_kit(account: &mut AccountWriter, slot: &Proved) -> Result<(), EngineError> {
    replace(account, slot, SlotKind::Recovery).map(|_| ())
}

fn replace(account: &mut AccountWriter, sealed: &Proved, kind: SlotKind) -> Result<ObjectName, EngineError> {
    let old: Vec<_> = list(account)?.into_iter().filter(|s| s.kind == Ok(kind)).map(|s| s.name).collect();
    account.add_slot(sealed)?;
    for name in old {
        remove(account, &name)?;
    }
    Ok(sealed.name())
}

/// The passphrases of other devices that were revoked open nothing any more, as far as this machine and its stores are concerned.
pub fn close_revoked(account: &mut AccountWriter) -> Result<(), EngineError> {
    let own = account.device.id;
    let is_revoked = |id: &DeviceId| *id != own && account.roster.member(id).is_some_and(|member| !member.is_active());
    if !account.roster.members.iter().any(|member| is_revoked(&member.id)) {
        return Ok(());
    }
    let of_revoked = |slot: &SlotInfo| matches!(slot.kind, Ok(SlotKind::Passphrase(id)) if is_revoked(&id));
    let closed: Vec<ObjectName> = list(account)?.into_iter().filter(of_revoked).map(|slot| slot.name).collect();
    closed.iter().try_for_each(|name| remove(account, name))
}

/// Removes a slot for good; its bytes are overwritten, since whoever finds them and knows the old passphrase opens the account.
pub fn remove(account: &mut AccountWriter, name: &ObjectName) -> Result<(), EngineError> {
    account.remember_gone(name.place())?;
    let path = account.home.vault().join(account.id().to_string()).join(name.to_string());
    shred::behind(&path, || account.vault_writer().remove_now(name)).map_err(in_vault)
}
