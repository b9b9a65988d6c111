//! Deletes what is held of the owner's facts, here and in the stores; it does not come back.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::items;
use crate::app::answer::Answer;
use crate::app::deletion::{self, DeletedHere, store_names};
use crate::app::document::DocumentKind;
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text, second_factor};
use crate::config::Config;
use crate::consent::{Class, Item};
use crate::core::deletion_note::Statement;
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::EngineError;
use crate::engine::account::AccountWriter;
use crate::engine::privacy::records::deletion as facts;
use crate::engine::privacy::{receipts, rfc3339, signed};
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshots;
use crate::engine::retention::write_note;
use crate::local::audit::Event;
use crate::text;

/// Deletes facts of items or of a class.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyErase {
    /// Items, or purposes for all of their items.
    pub items: Vec<String>,
    /// A class instead: personal or sensitive.
    pub class: Option<String>,
    /// The name of the account, for whoever is not to be asked.
    pub yes_erase: Option<String>,
}

/// Facts were deleted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// What was deleted here, and what waits.
    pub deleted: DeletedHere,
    /// Items that are still allowed to be recorded.
    pub still_allowed: Vec<String>,
}

impl Answer for Erased {}

impl Job for PrivacyErase {
    type Reply = Erased;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Erase, ""))
    }

    fn run(self, work: &Work<'_>) -> Result<Erased, Failure> {
        let items = match &self.class {
            Some(class) => of_class(class)?,
            None => items(&self.items)?,
        };
        let mut account = work.open(WorkKind::Records)?;
        confirm(work, &account, self.yes_erase.as_deref(), text!("erase-what-facts"))?;
        erase(work, &mut account, &items)
    }
}

fn of_class(word: &str) -> Result<Vec<Item>, Failure> {
    let class = [Class::Personal, Class::Sensitive].into_iter().find(|class| class.as_str() == word);
    let class = class.ok_or_else(|| Failure::usage(text!("class-unknown", class = word)))?;
    Ok(Item::all().filter(|item| item.class() == class).collect())
}

fn erase(work: &Work<'_>, account: &mut AccountWriter, items: &[Item]) -> Result<Erased, Failure> {
    let config = work.session.config()?;
    let gone = facts::erase(account, items, &store_names(&config), work.session.now())?;
    let deleted = deletion::here(work.session, account, &config, &gone)?;
    let again = items.iter().filter(|item| item.is_recorded() && account.ledger.permit(**item).is_ok());
    Ok(Erased { deleted, still_allowed: again.map(|item| item.as_str().to_owned()).collect() })
}

/// Asks for the account's name, unless it was given, and for a one-time code where this device needs one.
pub fn confirm(work: &Work<'_>, account: &AccountWriter, given: Option<&str>, what: Text) -> Result<(), Failure> {
    let name = account.name.as_str();
    let typed = match given {
        Some(typed) => typed.to_owned(),
        None if work.prompt.is_there() => work.prompt.answer(&text!("erase-question", what = what, name = name))?,
        None => {
            return Err(Failure::usage(text!("erase-unasked", what = what)).hint(text!("erase-unasked-hint", name = name)));
        }
    };
    if typed != name {
        let other = text!("erase-other-name", typed = typed);
        // what is typed at the question is an answer, and a name beforehand is part of the request
        return Err(if given.is_some() { Failure::usage(other) } else { Failure::declined(other) });
    }
    second_factor::ask(work, account)
}

/// Deletes the facts that a device recorded; its snapshots go with `forget` and `prune`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyEraseDevice {
    /// The device, by its name or the first 8 digits of its id.
    pub device: String,
    /// The name of the account, for whoever is not to be asked.
    pub yes_erase: Option<String>,
}

/// The facts of a device were deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeviceErased {
    /// What was deleted of this device, where it is meant.
    pub here: Option<Erased>,
    /// Place by place, where another device is meant.
    pub places: Vec<ErasedPlace>,
    /// The signed receipt.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub receipt: Option<PathBuf>,
    /// Whether that device hears of it with the next sync.
    pub told_the_device: bool,
    /// What this device is called.
    pub this_device: String,
}

/// What was deleted at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErasedPlace {
    /// The store; none is the local vault.
    pub store: Option<String>,
    /// How many records.
    pub removed: Option<u64>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
}

impl Answer for DeviceErased {
    fn exit(&self) -> Exit {
        if self.places.iter().all(|place| place.error.is_none()) { Exit::Done } else { Exit::Store }
    }
}

impl Job for PrivacyEraseDevice {
    type Reply = DeviceErased;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Erase, ""))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceErased, Failure> {
        let mut account = work.open(WorkKind::Records)?;
        let name = self.device.as_str();
        if name == account.device.name || account.device.id.to_string().starts_with(name) && name.len() >= 8 {
            confirm(work, &account, self.yes_erase.as_deref(), text!("erase-what-facts"))?;
            let items: Vec<Item> = Item::all().collect();
            return Ok(DeviceErased { here: Some(erase(work, &mut account, &items)?), ..DeviceErased::default() });
        }
        let device = snapshots::other_device(&account, name)?;
        confirm(work, &account, self.yes_erase.as_deref(), text!("erase-what-device"))?;
        other_device(work, &account, &work.session.config()?, device)
    }
}

/// Deletes the facts of another device in every store; a store that is away is told plainly.
fn other_device(work: &Work<'_>, account: &AccountWriter, config: &Config, device: DeviceId) -> Result<DeviceErased, Failure> {
    let now = work.session.now();
    let remotes = Remotes::of(&config.stores, work.runtime());
    let vault = Remote::vault(account, remotes.runtime());
    // the word first: a device that hears of it sends nothing of this again, also where this run is cut off
    let mut names = facts::all_of(&vault, device)?;
    let opened: Vec<_> =
        config.stores.iter().map(|store| (store, remotes.open(account, &store.name).map_err(EngineError::from))).collect();
    for (_, store) in &opened {
        if let Ok(Ok(found)) = store.as_ref().map(|remote| facts::all_of(remote, device)) {
            names.extend(found);
        }
    }
    work.cancel.check()?;
    let told_the_device = account.roster.may_delete(&account.device.id);
    if told_the_device && !names.is_empty() {
        let said = Statement::Mark(names.iter().map(ObjectName::place).collect());
        write_note::say(account, vec![said], &[], work.quiet_job())?;
    }
    let place = |store: Option<&str>, done: Result<u64, EngineError>| match done {
        Ok(count) => ErasedPlace { store: store.map(str::to_owned), removed: Some(count), error: None },
        Err(error) => ErasedPlace { store: store.map(str::to_owned), removed: None, error: Some(Failure::from(error).message) },
    };
    let mut places = vec![place(None, facts::remove_all_of(&vault, device))];
    for (store, opened) in opened {
        let done = opened.and_then(|remote| facts::remove_all_of(remote, device));
        places.push(place(Some(&store.name), done));
    }
    let document = json!({
        "kind": DocumentKind::DeletionReceipt, "time": rfc3339(now), "account": account.id().to_string(), "facts_of": device.to_string(),
        "places": places.iter().map(|place| {
            json!({ "store": place.store, "removed": place.removed, "error": place.error.as_ref().map(ToString::to_string) })
        }).collect::<Vec<_>>(),
    });
    let receipt = receipts::keep(&work.session.home, now, &signed::sign(account, document))?;
    let this_device = account.device.name.clone();
    Ok(DeviceErased { here: None, places, receipt: Some(receipt), told_the_device, this_device })
}
