//! Passphrases and recovery kits: from a file, the environment, a prompt or the home, never from the command line.

use std::io::IsTerminal;
use std::path::Path;

use super::args::Unlock;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::words;
use crate::core::keys::Keyring;
use crate::core::name::AccountId;
use crate::core::secret::{Secret, SecretText};
use crate::core::slot::SlotKind;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::holder;
use crate::engine::reading_key::{self, Held};
use crate::engine::unlock::{self, Key};
use crate::store::home::read_small;
use crate::store::kit::Kit;
use crate::store::passphrase;
use crate::store::system_keyring::SystemKeyring;

/// The environment's passphrase.
const VARIABLE: &str = "PRINTKEEP_PASSPHRASE";

/// Whether somebody can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A passphrase that was given without asking: in a file or in the environment.
pub fn given(file: Option<&Path>) -> Result<Option<SecretText>, Failure> {
    if let Some(file) = file {
        let bytes = read_small(file, 64 * 1024)?;
        let bytes = bytes.ok_or_else(|| Failure::usage(format!("there is no passphrase file {}", file.display())))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::usage("the passphrase file is not UTF-8"))?;
        let line = zeroize::Zeroizing::new(text).lines().next().unwrap_or_default().to_owned();
        return Ok(Some(SecretText::new(line)));
    }
    Ok(std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()).map(SecretText::new))
}

fn prompt(text: &str) -> Result<SecretText, Failure> {
    let read = rpassword::prompt_password(text);
    read.map(SecretText::new).map_err(|error| Failure {
        exit: Exit::Failed,
        message: format!("cannot read the passphrase: {error}"),
        hint: None,
    })
}

/// Asks a question of whoever sits at the terminal, and gives the line that was typed.
pub fn line(question: &str) -> Result<String, Failure> {
    words::note(question);
    let mut line = String::new();
    let failed =
        |error: std::io::Error| Failure { exit: Exit::Failed, message: format!("cannot read the answer: {error}"), hint: None };
    std::io::BufRead::read_line(&mut std::io::Read::take(std::io::stdin().lock(), 1024), &mut line).map_err(failed)?;
    Ok(line.trim().to_owned())
}

/// A code that another device shows: from a file, or asked for; never from the command line.
pub fn code(file: Option<&Path>) -> Result<SecretText, Failure> {
    if let Some(file) = file {
        let bytes = read_small(file, 4096)?.ok_or_else(|| Failure::usage(format!("there is no code file {}", file.display())))?;
        let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        return Ok(SecretText::new(text.lines().next().unwrap_or_default().to_owned()));
    }
    if can_ask() {
        return prompt("Code that the other device shows: ");
    }
    Err(Failure::usage("there is no code").hint("give --code-file FILE, or run it on a terminal"))
}

/// A new passphrase: given, or asked for twice. Weak ones are refused with the reason, and a strong one is offered. None where
/// nobody can be asked.
pub fn new_passphrase(context: &Context, file: Option<&Path>) -> Result<Option<SecretText>, Failure> {
    if let Some(text) = given(file)? {
        return match passphrase::check(&text) {
            Ok(()) => Ok(Some(text)),
            Err(weak) => Err(Failure::usage(format!("the passphrase is too weak: {weak}")).hint(offer(context)?)),
        };
    }
    if !can_ask() {
        return Ok(None);
    }
    words::note("Choose a passphrase. It is needed to read your backup, not to make one.");
    words::note(&offer(context)?);
    loop {
        let first = prompt("Passphrase: ")?;
        if let Err(weak) = passphrase::check(&first) {
            words::note(&format!("Too weak: {weak}."));
            continue;
        }
        if prompt("Once more:  ")?.expose() == first.expose() {
            return Ok(Some(first));
        }
        words::note("The two are not the same.");
    }
}

fn offer(context: &Context) -> Result<String, Failure> {
    let words = passphrase::suggest(&context.random).map_err(EngineError::from)?;
    Ok(format!("A strong one, made just now: {}", words.expose()))
}

/// Reads a recovery kit.
pub fn read_kit(path: &Path) -> Result<(Option<AccountId>, Secret<32>), Failure> {
    let bytes = read_small(path, 64 * 1024)?;
    let bytes = bytes.ok_or_else(|| Failure::usage(format!("there is no recovery kit {}", path.display())))?;
    let text = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    Kit::parse(&text).map_err(|error| EngineError::Kit(error).into())
}

/// Unlocks the account for reading: with what was given, else as it was unlocked before, else with the reading key that this machine keeps, else as its owner does.
pub fn unlock(context: &Context, account: &Account, how: &Unlock) -> Result<Keyring, Failure> {
    if how.recovery_kit.is_some() || given(how.passphrase_file.as_deref())?.is_some() {
        return unlock_as_owner(context, account, how);
    }
    if let Some(keyring) = unlocked_before(account) {
        return Ok(keyring);
    }
    match recalled(account) {
        Ok(Some(keyring)) => Ok(keyring),
        Ok(None) => unlock_as_owner(context, account, how),
        Err(kept) => {
            words::note(&format!("The reading key kept on this machine was not used: {}.", kept.message));
            // that something is kept and fails is told, not that nothing was typed
            unlock_as_owner(context, account, how).map_err(|own| if own.exit == Exit::Locked && !can_ask() { kept } else { own })
        }
    }
}

/// The account's keys, where the owner unlocked it before; what holds them and fails is told, and no hindrance.
fn unlocked_before(account: &Account) -> Option<Keyring> {
    holder::keys(account).unwrap_or_else(|error| {
        words::note(&format!("What `printkeep key unlock` started was not used: {}.", Failure::from(error).message));
        None
    })
}

/// The account's keys, from what this machine keeps; none where it keeps nothing. Only then is the session's keyring asked.
fn recalled(account: &Account) -> Result<Option<Keyring>, Failure> {
    if reading_key::held(account)? == Held::Nothing {
        return Ok(None);
    }
    if reading_key::held(account)? == Held::Stale {
        return Err(EngineError::StaleKey.into());
    }
    let system = SystemKeyring::connect().map_err(EngineError::from)?;
    Ok(Some(reading_key::recall(account, &system)?))
}

/// Unlocks the account for a change that its owner makes: with what was given, else by asking, else with a recovery kit that still
/// lies in the home. What this machine keeps for reading does not do: whoever sits down at an open session is not the owner.
pub fn unlock_as_owner(context: &Context, account: &Account, how: &Unlock) -> Result<Keyring, Failure> {
    let key = match find_key(context, account, how)? {
        Some(key) => key,
        None => return Err(EngineError::Locked.into()),
    };
    Ok(unlock::unlock(account, &key)?)
}

/// Unlocks with what was given alone; none when nothing was.
pub fn unlock_if_given(account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    given_key(how)?.map(|key| unlock::unlock(account, &key)).transpose().map_err(Failure::from)
}

/// What a key slot holds, without keys that came later and may be damaged; none when nothing was given.
pub fn first_keys_if_given(account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    given_key(how)?.map(|key| unlock::first_keys(account, &key)).transpose().map_err(Failure::from)
}

fn given_key(how: &Unlock) -> Result<Option<Key>, Failure> {
    Ok(match (&how.recovery_kit, given(how.passphrase_file.as_deref())?) {
        (Some(kit), _) => Some(Key::Kit(read_kit(kit)?.1)),
        (None, Some(passphrase)) => Some(Key::Passphrase(passphrase)),
        (None, None) => None,
    })
}

/// Unlocks without asking: with what was given, else as it was unlocked before, else with what this machine keeps, else with a recovery kit that still lies in the home.
pub fn unlock_if_at_hand(context: &Context, account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    if let Some(keyring) = unlock_if_given(account, how)? {
        return Ok(Some(keyring));
    }
    if let Some(keyring) = unlocked_before(account) {
        return Ok(Some(keyring));
    }
    match recalled(account) {
        Ok(Some(keyring)) => return Ok(Some(keyring)),
        Ok(None) => {}
        Err(kept) => words::note(&format!("The reading key kept on this machine was not used: {}.", kept.message)),
    }
    match kit_in_home(context, account) {
        Some(key) => Ok(Some(unlock::unlock(account, &key)?)),
        None => Ok(None),
    }
}

fn find_key(context: &Context, account: &Account, how: &Unlock) -> Result<Option<Key>, Failure> {
    if let Some(kit) = &how.recovery_kit {
        return Ok(Some(Key::Kit(read_kit(kit)?.1)));
    }
    let has_passphrase = unlock::list(account)?.iter().any(|slot| slot.kind == Ok(SlotKind::Passphrase(account.device.id)));
    // a file that is named is meant, also where there is no passphrase: the owner is told so
    if has_passphrase || how.passphrase_file.is_some() {
        if let Some(passphrase) = given(how.passphrase_file.as_deref())? {
            return Ok(Some(Key::Passphrase(passphrase)));
        }
        if can_ask() {
            return Ok(Some(Key::Passphrase(prompt("Passphrase: ")?)));
        }
    }
    Ok(kit_in_home(context, account))
}

fn kit_in_home(context: &Context, account: &Account) -> Option<Key> {
    let (kit, entropy) = crate::app::unlock::living_kit(&context.home, account)?;
    if !context.quiet && !context.json {
        words::note(&format!("Using the recovery kit {}.", kit.display()));
    }
    Some(Key::Kit(entropy))
}
