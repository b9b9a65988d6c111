//! Making an account: this device, its key slots and the recovery kit, which is on the disk before the account is real.

use std::path::PathBuf;

use crate::app::forms::setup::Made;
use crate::app::work::Work;
use crate::app::{Failure, Session, kit, unlock};
use crate::core::secret::SecretText;
use crate::engine::EngineError;
use crate::engine::account::devices::check_name;
use crate::engine::account::identity::lost_key;
use crate::engine::account::{AccountWriter, NewAccount};
use crate::local::home::{AccountName, full_path};
use crate::text;

/// What an account is called when the owner names none.
const DEFAULT_NAME: &str = "default";

/// Tells at once of the account and its kit, for work that may be stopped before its reply is seen.
pub fn announce(made: &Made, work: &Work<'_>) {
    work.remark(text!("made-announced", account = &made.account, kit = made.recovery_kit.as_path()));
}

/// What an account is made with.
#[derive(Default)]
pub struct New<'a> {
    /// What to call this device; none for the host's name.
    pub device_name: Option<String>,
    /// A passphrase besides the kit.
    pub passphrase: Option<&'a SecretText>,
    /// Where the recovery kit goes; none for the home.
    pub recovery_kit: Option<PathBuf>,
}

/// Makes an account where the home holds none and none was named, for a first backup; asks for a passphrase where somebody can be asked.
/// None where there is one already.
pub fn make_first_account(work: &Work<'_>) -> Result<Option<Made>, Failure> {
    if work.session.account.is_some() || !work.session.home.accounts()?.is_empty() {
        return Ok(None);
    }
    let passphrase = unlock::new_passphrase(work, None)?;
    make_account(work, &New { passphrase: passphrase.as_ref(), ..New::default() }).map(Some)
}

/// Makes an account: the kit is on the disk before the account is real, so that none is without a kit.
pub fn make_account(work: &Work<'_>, with: &New<'_>) -> Result<Made, Failure> {
    let (session, home) = (work.session, &work.session.home);
    let new = new_account(work, with.device_name.clone(), with.passphrase)?;
    refuse_beside_lost_key(session, &new.name)?;
    let path = match &with.recovery_kit {
        Some(path) => full_path(path).map_err(|error| Failure::path(path, &error))?,
        None => home.recovery_kit(&new.name),
    };
    if path.symlink_metadata().is_ok() {
        return Err(Failure::usage(text!("kit-there-already", path = path.as_path())).hint(text!("kit-there-already-hint")));
    }
    let (mut account, secret) = AccountWriter::create(new, &session.random)?;
    kit::write(&account, secret, &path, session.now(), &kit::places(session)?)?;
    account.settle()?;
    unlock::written(session, &account, &path);
    Ok(Made {
        account: account.name.as_str().to_owned(),
        account_id: account.id().to_string(),
        device: account.device.name.clone(),
        vault: home.vault(),
        recovery_kit: path,
        fingerprint: account.fingerprint(),
        passphrase: with.passphrase.is_some(),
    })
}

/// What a new account is made of, from the settings and what was asked.
pub fn new_account<'a>(
    work: &Work<'a>,
    device_name: Option<String>,
    passphrase: Option<&'a SecretText>,
) -> Result<NewAccount<'a>, Failure> {
    let session = work.session;
    let name = session.account.clone().or_else(|| AccountName::parse(DEFAULT_NAME)).ok_or_else(Failure::mistake)?;
    let device_name = device_name.unwrap_or_else(host_name);
    check_name(&device_name)?;
    let cost = session.profile(&session.config()?).cost;
    Ok(NewAccount { home: &session.home, name, clock: session.clock, device_name, passphrase, cost, kit_account: None })
}

/// The host's name, sealed into the list of devices so that an owner tells them apart; it is never sent in the clear.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control() && *c != ':').take(32).collect();
    if name.is_empty() { "this device".into() } else { name }
}

/// An account whose key is gone looks like one that was never made; a new one beside it would hide its snapshots. One that is named, and
/// was never here, is meant.
fn refuse_beside_lost_key(session: &Session, name: &AccountName) -> Result<(), Failure> {
    let unnamed = if session.account.is_none() { lost_key(&session.home, None)? } else { None };
    match lost_key(&session.home, Some(name))?.or(unnamed) {
        Some(lost) => Err(EngineError::KeyLost(lost).into()),
        None => Ok(()),
    }
}
