//! A guided first run: step by step, each of which can be skipped; what is done already is shown and not asked again.
//!
//! Each step is done before the next is asked, so that it can be left at any question and taken up again.

use std::cell::RefCell;
use std::path::PathBuf;

use super::asking::{Said, ask, ask_yes, existing_folder, tell, typed_path};
use super::request::Setup;
use super::{Join, New, guest, join, keys, make_account, sources, standing, stores};
use crate::app::forms::setup::{Guided, SetupReply, Step, StepName, StepState};
use crate::app::prompt::Shown;
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, unlock};
use crate::core::name::AccountId;
use crate::engine::repository::snapshots;
use crate::provider::address::Address;
use crate::text;

/// Where kits lie that the first step meets.
struct Kits {
    /// The kit that opens the account.
    at_hand: Option<PathBuf>,
    /// The kit that this run made, where its owner named a place.
    made: Option<PathBuf>,
}

/// Goes through the steps.
pub fn guide(work: &Work<'_>, setup: &Setup) -> Result<SetupReply, Failure> {
    work.remark(text!("setup-welcome"));
    steps(work, setup).map(SetupReply::Guided).map_err(|failure| match failure.exit {
        Exit::Stopped => Failure { hint: Some(text!("setup-stopped-hint")), ..failure },
        _ => failure,
    })
}

fn steps(work: &Work<'_>, setup: &Setup) -> Result<Guided, Failure> {
    let mut guided = Guided::default();
    let kits = RefCell::new(Kits { at_hand: setup.recovery_kit.clone(), made: None });
    type Part<'p> = &'p dyn Fn(&Work<'_>) -> Result<Option<Step>, Failure>;
    let parts: [Part<'_>; 6] = [
        &|work| account(work, setup, &kits),
        &sources::sources,
        &|work| keys::passphrase(work, kits.borrow().at_hand.as_deref()),
        &stores::store,
        &stores::consent,
        // its page names the stores
        &|work| keys::recovery_kit(work, kits.borrow().made.as_deref()),
    ];
    for part in parts {
        match part(work)? {
            Some(step) => guided.steps.push(step),
            None => {
                guided.left = true;
                // what was left unanswered stands as it stood before
                if !guided.steps.is_empty() {
                    guided.steps.extend(standing::standing(work)?.into_iter().skip(guided.steps.len()));
                }
                break;
            }
        }
    }
    end(work, &mut guided)?;
    Ok(guided)
}

/// Says where it ends, and offers the first backup, and to send it where that is possible.
fn end(work: &Work<'_>, guided: &mut Guided) -> Result<(), Failure> {
    if guided.steps.is_empty() {
        return Ok(());
    }
    let config = work.session.config()?;
    guided.can_back_up = !config.sources.is_empty();
    guided.stores = config.stores.iter().map(|store| store.name.clone()).collect();
    let account = work.open_read_only()?;
    guided.has_backup = snapshots::head_names(&account)?.contains_key(&account.device.id);
    if guided.left || !guided.can_back_up || guided.has_backup {
        return Ok(());
    }
    drop(account);
    let is_done = |name| guided.steps.iter().any(|step| step.step == name && step.state != StepState::Skipped);
    let can_send = is_done(StepName::Store) && is_done(StepName::Consent);
    let question =
        if can_send { text!("setup-ask-backup-and-sync", stores = guided.stores.join(", ")) } else { text!("setup-ask-backup") };
    guided.back_up = ask_yes(work, &question, true)?.unwrap_or_default();
    guided.sync = guided.back_up && can_send;
    Ok(())
}

/// Makes or joins an account, unless one is here. Its kit is told, for the steps that need one.
fn account(work: &Work<'_>, setup: &Setup, kits: &RefCell<Kits>) -> Result<Option<Step>, Failure> {
    let here = work.session.home.accounts()?;
    let is_here = work.session.account.as_ref().map_or(!here.is_empty(), |name| here.contains(name));
    if is_here {
        let account = work.open_read_only()?;
        let about = text!("setup-account", account = account.name.as_str(), device = &account.device.name);
        return Ok(Some(Step::of(StepName::Account, StepState::Before, about)));
    }
    loop {
        let made = match ask(work, &text!("setup-ask-account"))? {
            Said::Leave => return Ok(None),
            Said::Nothing => new(work, setup).map(Some),
            Said::This(said) => match said.as_str() {
                "1" => new(work, setup).map(Some),
                "2" => joined(work, setup, kits),
                "3" => enrolled(work, setup),
                _ => {
                    work.remark(text!("setup-one-of-three"));
                    continue;
                }
            },
        };
        match made {
            Ok(Some(reply)) => {
                work.prompt.show(Shown::Setup(&reply));
                if matches!(reply, SetupReply::Made(_)) {
                    kits.borrow_mut().made.clone_from(&setup.recovery_kit);
                }
                let account = work.open_read_only()?;
                let about = text!("setup-account", account = account.name.as_str(), device = &account.device.name);
                return Ok(Some(Step::of(StepName::Account, StepState::Done, about)));
            }
            Ok(None) => work.remark(text!("setup-nothing-joined")),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

fn new(work: &Work<'_>, setup: &Setup) -> Result<SetupReply, Failure> {
    // one that was not given beforehand is asked for in a step of its own
    let file = setup.passphrase_file.as_deref();
    let passphrase = unlock::given(work, file)?.map(|_| unlock::new_passphrase(work, file)).transpose()?.flatten();
    let new =
        New { device_name: setup.device_name.clone(), passphrase: passphrase.as_ref(), recovery_kit: setup.recovery_kit.clone() };
    make_account(work, &new).map(SetupReply::Made)
}

fn joined(work: &Work<'_>, setup: &Setup, kits: &RefCell<Kits>) -> Result<Option<SetupReply>, Failure> {
    let Some(url) = asked(work, &text!("setup-ask-join"), |said| where_it_lies(work, setup, said))? else { return Ok(None) };
    let read = |said: &str| unlock::read_kit(work, &typed_path(said)).map(|kit| (typed_path(said), kit));
    let Some((path, kit)) = asked(work, &text!("setup-ask-kit"), read)? else { return Ok(None) };
    let mut access = setup.access.clone();
    if !stores::complete(work, &url, &mut access)? {
        return Ok(None);
    }
    let passphrase_file = setup.passphrase_file.as_deref();
    let device_name = setup.device_name.clone();
    let how = Join { url: &url, kit: &kit, kit_file: &path, access: &access, device_name, passphrase_file };
    let joined = join::join_and_tell(work, &how)?;
    kits.borrow_mut().at_hand = Some(path);
    Ok(Some(SetupReply::Joined(joined)))
}

fn enrolled(work: &Work<'_>, setup: &Setup) -> Result<Option<SetupReply>, Failure> {
    let Said::This(address) = ask(work, &text!("setup-ask-enroll"))? else { return Ok(None) };
    let enrolled = guest::enroll_at(work, &address, setup.device_name.clone(), setup.code_file.as_ref())?;
    Ok(Some(SetupReply::Enrolled(enrolled)))
}

/// Asks until what is answered can be taken; none where nothing is answered.
fn asked<T>(work: &Work<'_>, question: &Text, take: impl Fn(&str) -> Result<T, Failure>) -> Result<Option<T>, Failure> {
    loop {
        let Said::This(said) = ask(work, question)? else { return Ok(None) };
        match take(&said) {
            Ok(taken) => return Ok(Some(taken)),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

/// An address that may hold a backup; a folder is looked into.
fn where_it_lies(work: &Work<'_>, setup: &Setup, said: &str) -> Result<String, Failure> {
    if let Address::Folder(path) = setup.access.describe("store", said)?.address {
        let folder = existing_folder(work, &path.to_string_lossy())?;
        let is_account = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| AccountId::parse(name).is_some());
        let entries = std::fs::read_dir(&folder).map_err(|error| Failure::path(&folder, &error))?;
        if !entries.flatten().any(|entry| is_account(&entry.file_name())) {
            return Err(Failure::usage(text!("setup-no-backup-there", path = folder.as_path())));
        }
    }
    Ok(said.to_owned())
}
