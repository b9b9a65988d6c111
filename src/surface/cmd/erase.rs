//! `data erase`, and what a withdrawal deletes: here at once, in stores at the next sync that is allowed; each with a receipt.

use std::collections::BTreeSet;

use crate::engine::runtime::Runtime;
use serde_json::{Value, json};

use super::{erase_account, totp};
use crate::config::{Config, Store as StoreConfig};
use crate::consent::Item;
use crate::core::keep::Statement;
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::facts::book::Why;
use crate::engine::facts::deletion::{self, Deleted};
use crate::engine::keep::write;
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, select, stores};
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::data_args::Erase;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::{ask, receipts, signed, words};

/// Part of an answer.
pub struct Told {
    /// For people.
    pub lines: Vec<String>,
    /// For programs.
    pub fields: Value,
    /// How it ended.
    pub exit: Exit,
}

impl Default for Told {
    fn default() -> Self {
        Self { lines: Vec::new(), fields: Value::Null, exit: Exit::Done }
    }
}

/// The owner's names for the stores that facts go to: not where this device only writes, because it could not delete them there.
pub fn store_names(config: &Config) -> Vec<String> {
    config.stores.iter().filter(|store| !store.write_only).map(|store| store.name.clone()).collect()
}

/// `data erase`
pub fn run(context: &Context, args: &Erase) -> Result<Answer, Failure> {
    if args.whole_account {
        return erase_account::run(context, args);
    }
    let config = context.config()?;
    let mut account = context.open(Work::Records)?;
    let own = |name: &str| name == account.device.name || account.device.id.to_string().starts_with(name) && name.len() >= 8;
    let items = match &args.device {
        Some(name) if !own(name) => {
            let device = select::other_device(&account, name)?;
            confirm(context, &account, args, "the facts of that device are deleted in every store")?;
            return other_device(context, &account, &config, device);
        }
        Some(_) => Item::all().collect(),
        None => args.items().unwrap_or_default(),
    };
    confirm(context, &account, args, "these facts are deleted here and in every store")?;
    let gone = deletion::erase(&mut account, &items, &store_names(&config), context.now())?;
    let told = deleted(context, &account, &config, &gone)?;
    let mut lines = told.lines;
    if gone.is_empty() {
        lines.push("Nothing of this is held.".into());
    }
    let again: Vec<&str> =
        items.iter().filter(|i| i.is_recorded() && account.ledger.permit(**i).is_ok()).map(|i| i.as_str()).collect();
    if !again.is_empty() {
        lines.push(format!(
            "You still allow it to be recorded: {}. To end that: `printkeep consent withdraw ITEM`.",
            again.join(", ")
        ));
    }
    Ok(Answer::new(lines, json!({ "deleted": told.fields, "still_allowed": again })))
}

/// Asks for the account's name, unless it was given, and for a one-time code where this device needs one.
pub fn confirm(context: &Context, account: &Account, args: &Erase, what: &str) -> Result<(), Failure> {
    let name = account.name.as_str();
    let typed = match &args.yes_erase {
        Some(typed) => typed.clone(),
        None if ask::can_ask() => {
            ask::line(&format!("This cannot be undone: {what}. To go on, type the account's name, {name}:"))?
        }
        None => {
            return Err(Failure::usage(format!("this cannot be undone: {what}"))
                .hint(format!("to go on without being asked: --yes-erase {name}")));
        }
    };
    if typed != name {
        return Err(Failure::usage(format!("{typed:?} is not the account's name; nothing was erased")));
    }
    totp::ask(context, account)
}

/// Deletes what a withdrawal no longer allows to be held.
pub fn after_withdrawal(context: &Context, account: &mut AccountWriter) -> Result<Told, Failure> {
    let config = context.config()?;
    let gone = deletion::tidy(account, &store_names(&config), context.now())?;
    deleted(context, account, &config, &gone)
}

/// Tells what was deleted here and what waits, and keeps a receipt.
fn deleted(context: &Context, account: &Account, config: &Config, gone: &[Deleted]) -> Result<Told, Failure> {
    let wanted: Vec<_> = gone.iter().filter(|d| d.why != Why::Lost).map(|d| (d.number, d.item, d.why)).collect();
    let waiting: Vec<&str> = account.facts.waiting_stores().filter(|s| config.stores.iter().any(|c| c.name == **s)).collect();
    let mut told = Told::default();
    let mut kept = None;
    if !wanted.is_empty() {
        told.lines.push(format!("{} deleted on this device.", words::count(wanted.len() as u64, "record")));
        kept = Some(receipts::keep(context, &receipt(context, account, "the local vault", &wanted))?);
    }
    if !waiting.is_empty() {
        told.lines.push(format!("The next `printkeep sync` removes them from: {}.", waiting.join(", ")));
    }
    told.fields = json!({ "records": wanted.len(), "items": by_item(&wanted), "waiting": waiting, "receipt": kept });
    Ok(told)
}

/// Removes from a store whatever is deleted here, and keeps a receipt once its listing shows it gone.
pub fn at_store(
    context: &Context,
    account: &mut AccountWriter,
    (store, runtime): (&StoreConfig, &Runtime),
    there: &mut BTreeSet<ObjectName>,
) -> Result<Told, Failure> {
    let (own, facts) = (account.device.id, &account.facts);
    let is_stray =
        |name: &ObjectName| matches!(name, ObjectName::Fact(device, number) if *device == own && !facts.holds(*number));
    // a store where nothing is to be removed is asked nothing
    if facts.waiting(&store.name).is_empty() && !there.iter().any(is_stray) {
        return Ok(Told::default());
    }
    let opened = stores::open(account, store).map_err(EngineError::from)?;
    let shelf = Shelf::new(&*opened.provider, runtime);
    let cleaned = match deletion::clean(account, &shelf, &store.name) {
        Ok(cleaned) => cleaned,
        Err(error @ (EngineError::Cancelled | EngineError::Consent(_))) => return Err(error.into()),
        Err(error) => {
            let line = format!("{}: deleted records could not be removed there: {error}; the next sync tries again.", store.name);
            words::note(&line);
            return Ok(Told { fields: json!({ "error": error.to_string() }), exit: Exit::Incomplete, ..Told::default() });
        }
    };
    there.retain(|name| !cleaned.removed.contains(name));
    let owed: Vec<_> = cleaned.settled.iter().filter(|(.., why)| matches!(why, Why::Withdrawn | Why::Erased)).copied().collect();
    let mut told = Told::default();
    let mut kept = None;
    if !cleaned.removed.is_empty() {
        let count = words::count(cleaned.removed.len() as u64, "deleted record");
        told.lines.push(format!("{}: {count} removed; its listing no longer shows them.", store.name));
    }
    if !owed.is_empty() {
        kept = Some(receipts::keep(context, &receipt(context, account, &store.name, &owed))?);
    }
    told.fields = json!({ "removed": cleaned.removed.len(), "settled": owed.len(), "receipt": kept });
    Ok(told)
}

fn by_item(gone: &[(u64, Item, Why)]) -> Value {
    let items: BTreeSet<&str> = gone.iter().map(|(_, item, _)| item.as_str()).collect();
    items.into_iter().collect()
}

fn receipt(context: &Context, account: &Account, place: &str, gone: &[(u64, Item, Why)]) -> Value {
    let records: Vec<Value> =
        gone.iter().map(|(number, item, why)| json!({ "number": number, "item": item.as_str(), "why": why.as_str() })).collect();
    let document = json!({
        "kind": "deletion receipt", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
        "fingerprint": account.fingerprint(), "place": place, "records": records,
        "proof": "the place was listed afterwards, and showed none of them",
    });
    signed::sign(account, document)
}

/// Deletes the facts of another device in every store; a store that is away is told plainly.
fn other_device(context: &Context, account: &AccountWriter, config: &Config, device: DeviceId) -> Result<Answer, Failure> {
    let runtime = Runtime::new(&context.cancel)?;
    let (mut lines, mut told, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    let vault = Shelf::new(&account.vault, &runtime);
    // the word first: a device that hears of it sends nothing of this again, also where this run is cut off
    let mut names = deletion::all_of(&vault, device)?;
    let opened: Vec<_> =
        config.stores.iter().map(|store| (store, stores::open(account, store).map_err(EngineError::from))).collect();
    for (_, store) in &opened {
        if let Ok(Ok(found)) = store.as_ref().map(|store| deletion::all_of(&Shelf::new(&*store.provider, &runtime), device)) {
            names.extend(found);
        }
    }
    let keeper = account.roster.is_keeper(&account.device.id);
    if keeper && !names.is_empty() {
        let said = Statement::Mark(names.iter().map(ObjectName::place).collect());
        write::say(account, vec![said], &[], context.now(), &context.random)?;
    }
    let mut each = |name: &str, done: Result<u64, EngineError>| match done {
        Ok(count) => {
            lines.push(format!("{name}: {} removed; its listing shows none any more.", words::count(count, "record")));
            told.push(json!({ "place": name, "removed": count }));
        }
        Err(error) => {
            words::note(&format!("{name}: {error}; run this again when it is back"));
            told.push(json!({ "place": name, "error": error.to_string() }));
            worst = Exit::Store;
        }
    };
    each("vault", deletion::remove_all_of(&vault, device));
    for (store, opened) in opened {
        each(&store.name, opened.and_then(|opened| deletion::remove_all_of(&Shelf::new(&*opened.provider, &runtime), device)));
    }
    let document = json!({
        "kind": "deletion receipt", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
        "facts_of": device.to_string(), "places": told,
    });
    let kept = receipts::keep(context, &signed::sign(account, document))?;
    lines.push(if keeper {
        "Run `printkeep sync`: that device hears of it then and deletes its own copies. It records anew what is still allowed on it; to end that, withdraw the consent there.".into()
    } else {
        format!(
            "This device only writes, so that device sends what it still holds again: erase it there, or first `printkeep device allow {}` here.",
            account.device.name
        )
    });
    Ok(Answer::new(lines, json!({ "places": told, "receipt": kept, "told_the_device": keeper })).exit(worst))
}
