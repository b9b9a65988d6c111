//! What other machines of the account changed: stores are asked for newer keys, grants and rosters before this machine makes one, and
//! two changes that were made apart are brought together.
//!
//! A roster counts changes. Where two machines made the same number apart, the longer list of changes holds, and where both are
//! equally long the store's; the other change is set aside and told, so that the owner makes it again.

use std::collections::{BTreeMap, HashMap};

use crate::config::Store as StoreConfig;
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{Refused, Sealed, hash};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::engine::repository::listings;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::stores::{self, OpenError};
use crate::engine::runtime::Runtime;
use crate::engine::sync::tamper::Inspection;
use crate::engine::sync::{self, Report, fetch};
use crate::engine::{Cancel, EngineError, OnEvent};
use crate::provider::ProviderError;

/// The stores that were asked, still open.
pub struct Reconciled {
    /// The stores.
    pub stores: Vec<Remote>,
    /// Those that could not be asked, with the reason.
    pub left_out: Vec<(String, String)>,
    /// What was set aside, because another machine's change holds.
    pub set_aside: Vec<(ObjectName, String)>,
}

const ROSTER_LOST: &str = "another machine changed the devices at the same time; its change holds and this machine's is set \
                           aside: make yours again with `printkeep device`";
const ROSTER_WON: &str = "another machine changed the devices at the same time; this machine's later change holds there now";
const KEYS_APART: &str = "two machines rotated the keys apart, or the store's copy is damaged; nothing was moved, so that nothing \
                          becomes unreadable: set up anew, with `printkeep setup --join`, the one that has backed up less since";

/// Asks every store that may be asked for newer keys, grants and rosters. One that cannot be reached is an error unless `offline`
/// says that no other machine changes the account meanwhile.
pub fn ask(
    account: &mut AccountWriter,
    configs: &[StoreConfig],
    offline: bool,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<Reconciled, EngineError> {
    let runtime = Runtime::new(cancel);
    let mut asked = Reconciled { stores: Vec::new(), left_out: Vec::new(), set_aside: Vec::new() };
    for config in configs {
        let failed = match stores::open(account, config, &runtime) {
            Ok(store) => match ask_one(account, &store, on_event, cancel) {
                Ok(report) => {
                    asked.set_aside.extend(report.failed);
                    asked.stores.push(store);
                    continue;
                }
                Err(error) => error,
            },
            // what the owner has not allowed is not tried
            Err(OpenError::Consent(refusal)) => {
                asked.left_out.push((config.name.clone(), refusal.to_string()));
                continue;
            }
            Err(error) => error.into(),
        };
        match failed {
            EngineError::Place { .. } if offline => asked.left_out.push((config.name.clone(), failed.to_string())),
            error => return Err(error),
        }
    }
    Ok(asked)
}

fn ask_one(account: &mut AccountWriter, remote: &Remote, on_event: OnEvent<'_>, cancel: &Cancel) -> Result<Report, EngineError> {
    let mut theirs = remote.list_in(&["keys", "grants", "roster"]).map_err(|error| remote.lost(error))?;
    let mut report = Report::default();
    if settle(account, remote, &mut theirs, &mut report, on_event)?.may_move {
        let ours = listings::held(account)?;
        fetch::fetch_named(account, remote, &ours, &theirs, &mut Inspection::default(), &mut report, on_event, cancel)?;
        match report.stopped {
            Some(error) => Err(remote.lost(error)),
            None => Ok(report),
        }
    } else {
        Err(remote.lost(ProviderError::Taken))
    }
}

/// Brings together what two machines changed apart.
pub fn settle(
    account: &mut AccountWriter,
    remote: &Remote,
    theirs: &mut BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<Settled, EngineError> {
    let mut settled = Settled::default();
    if keys_agree(account, remote, theirs, report, on_event)? {
        rosters(account, remote, theirs, &mut settled.read, report, on_event)?;
        settled.may_move = true;
    }
    Ok(settled)
}

/// What bringing together gave.
#[derive(Default)]
pub struct Settled {
    /// Whether objects may be moved between vault and store.
    pub may_move: bool,
    /// What was read of the store, so that it is not read again.
    pub read: HashMap<ObjectName, Vec<u8>>,
}

fn keys_agree(
    account: &Account,
    remote: &Remote,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<bool, EngineError> {
    // of later generations than this device holds nothing is proved yet, neither here nor there
    let held = u64::from(account.device.keys.generation());
    let common = |name: &&ObjectName| {
        matches!(name, ObjectName::Keys(generation) if *generation <= held) && account.vault.size_now(name).is_ok()
    };
    let Some(name) = theirs.keys().filter(common).max().copied() else { return Ok(true) };
    let (Some(there), here) = (remote.find(&name)?, account.vault.get_now(&name, None).map_err(in_vault)?) else {
        return Ok(true);
    };
    if there == here {
        return Ok(true);
    }
    match Sealed::recognise(account.id(), name, there, None) {
        Ok(_) => sync::not_moved(report, on_event, name, &KEYS_APART)?,
        Err(why) => {
            sync::not_moved(report, on_event, name, &why)?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn rosters(
    account: &mut AccountWriter,
    remote: &Remote,
    theirs: &mut BTreeMap<ObjectName, u64>,
    read: &mut HashMap<ObjectName, Vec<u8>>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    let numbers = |name: &ObjectName| if let ObjectName::Roster(number) = name { Some(*number) } else { None };
    let Some(last) = theirs.keys().filter_map(numbers).max() else { return Ok(()) };
    let own = account.roster.number;
    let common = ObjectName::Roster(last.min(own));
    let here = if last < own { account.vault.get_now(&common, None).ok() } else { Some(account.sealed_roster()?.into_bytes()) };
    match remote.find(&common)? {
        Some(there) if here.as_ref().is_some_and(|here| *here != there) => {}
        Some(there) => {
            read.insert(common, there);
            return Ok(());
        }
        None => return Ok(()),
    }
    let chain = match chain(account, remote, last)? {
        Ok(chain) => chain,
        // sealed under keys that this device was not granted yet
        Err((name, Refused::NoKey)) => {
            report.waiting.push(name);
            return Ok(());
        }
        Err((name, why)) => return sync::not_moved(report, on_event, name, &why),
    };
    if last < own {
        return put_right(account, remote, &chain, theirs, report, on_event);
    }
    let mut told = false;
    for (name, _, bytes) in &chain {
        if account.vault.get_now(name, None).is_ok_and(|here| here == *bytes) {
            continue;
        }
        if account.vault.size_now(name).is_ok() {
            account.vault.set_aside_now(name).map_err(in_vault)?;
            if !told {
                sync::not_moved(report, on_event, *name, &ROSTER_LOST)?;
                told = true;
            }
        }
        let sealed = Sealed::recognise(account.id(), *name, bytes.clone(), None);
        let sealed = sealed.map_err(|why| EngineError::Object { name: *name, why })?;
        account.vault.put_now(&sealed).map_err(in_vault)?;
    }
    match chain.into_iter().next_back() {
        Some((_, roster, bytes)) => account.replace_roster(roster, &bytes),
        None => Ok(()),
    }
}

/// This machine's list is longer: what the store holds under its numbers makes way, and is sent with the rest.
fn put_right(
    account: &Account,
    remote: &Remote,
    chain: &[Link],
    theirs: &mut BTreeMap<ObjectName, u64>,
    report: &mut Report,
    on_event: OnEvent<'_>,
) -> Result<(), EngineError> {
    for (name, _, bytes) in chain {
        let lacking = match account.vault.get_now(name, None) {
            Ok(here) => here == *bytes,
            Err(_) => true,
        };
        if lacking {
            continue;
        }
        match remote.remove(name) {
            Ok(()) => {
                theirs.remove(name);
                sync::not_moved(report, on_event, *name, &ROSTER_WON)?;
            }
            Err(error) => sync::not_moved(report, on_event, *name, &error)?,
        }
    }
    Ok(())
}

/// A roster of a store: its name, what it says, its bytes.
type Link = (ObjectName, Roster, Vec<u8>);

/// The store's rosters up to `last`, each the account's and following the one before; or the first that is not.
fn chain(account: &Account, remote: &Remote, last: u64) -> Result<Result<Vec<Link>, (ObjectName, Refused)>, EngineError> {
    let mut chain: Vec<Link> = Vec::new();
    let mut previous = ObjectHash::from_bytes([0; 32]);
    for number in 1..=last {
        let name = ObjectName::Roster(number);
        let Some(bytes) = remote.find(&name)? else { return Ok(Err((name, Refused::Changed))) };
        match Roster::open(&account.device.keys, &name, &bytes) {
            Ok(roster) if roster.previous == previous => {
                previous = hash(&bytes);
                chain.push((name, roster, bytes));
            }
            Ok(_) => return Ok(Err((name, Refused::Changed))),
            Err(why) => return Ok(Err((name, why))),
        }
    }
    Ok(Ok(chain))
}
