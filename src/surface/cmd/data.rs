//! `data`: what is held about the owner, to see, take away, correct and erase.

use serde_json::{Value, json};

use super::{correct, erase, export};
use crate::consent::{Item, Standing};
use crate::core::recorded::Origin;
use crate::engine::account::Account;
use crate::engine::facts::observe;
use crate::engine::facts::view::{self, Shown};
use crate::surface::args::Unlock;
use crate::surface::context::Context;
use crate::surface::data_args::DataCommand;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::{ask, receipts, words};

/// Shows, hands out, corrects, erases.
pub fn run(context: &Context, command: DataCommand) -> Result<Answer, Failure> {
    match command {
        DataCommand::Show { unlock } => show(context, &unlock),
        DataCommand::Export { to, unlock } => export::run(context, &to, &unlock),
        DataCommand::Correct { item, value } => correct::run(context, item, &value),
        DataCommand::Erase(args) => erase::run(context, &args),
        DataCommand::Receipts => Ok(show_receipts(context)),
    }
}

fn show(context: &Context, how: &Unlock) -> Result<Answer, Failure> {
    let account = context.look()?;
    let keyring = ask::unlock_if_at_hand(context, &account, how)?;
    let facts = view::facts(&account, keyring.as_ref())?;
    let mut lines = Vec::new();
    for fact in &facts {
        let origin = if fact.held.origin == Origin::Correction { ", your correction" } else { "" };
        let (when, size) = (words::time(fact.held.time), words::size(fact.size));
        lines.push(format!("{:<24}{when}  {size} sealed{origin}", fact.held.item.as_str()));
        match &fact.opened {
            Some(Ok(opened)) => lines.extend(opened.text.lines().map(|line| format!("  {line}"))),
            Some(Err(why)) => lines.push(format!("  it does not open: {why}")),
            None => {}
        }
    }
    if facts.is_empty() {
        lines.push("This device recorded nothing about you.".into());
    } else if keyring.is_none() {
        lines.push("To see what they say, give --passphrase-file or --recovery-kit.".into());
    }
    let unknown = not_known(&account);
    lines.extend(unknown.iter().map(|item| format!("{:<24}allowed, and not known here", item.as_str())));
    lines.push("Your backups are shown by `snapshots` and `ls`; `printkeep data export` takes all the rest along.".into());
    let damaged = facts.iter().any(|fact| matches!(fact.opened, Some(Err(_))));
    let unknown: Vec<&str> = unknown.iter().map(|item| item.as_str()).collect();
    let fields =
        json!({ "facts": facts.iter().map(fields).collect::<Vec<_>>(), "opened": keyring.is_some(), "not_known_here": unknown });
    Ok(Answer::new(lines, fields).exit(if damaged { Exit::Damaged } else { Exit::Done }))
}

/// Items that are allowed and of which nothing is held.
pub fn not_known(account: &Account) -> Vec<Item> {
    let is_allowed = |item: &Item| account.ledger.standing(*item) == Standing::Granted;
    observe::items().filter(is_allowed).filter(|item| account.facts.newest(*item).is_none()).collect()
}

/// A fact for programs.
pub fn fields(fact: &Shown) -> Value {
    let (text, consent, error) = match &fact.opened {
        Some(Ok(opened)) => (Some(&opened.text), Some(crate::core::name::hex(&opened.consent)), None),
        Some(Err(why)) => (None, None, Some(why)),
        None => (None, None, None),
    };
    json!({
        "number": fact.number, "item": fact.held.item.as_str(), "class": fact.held.item.class().as_str(),
        "masking": fact.held.item.masking().as_str(), "time": words::rfc3339(fact.held.time), "sealed_bytes": fact.size,
        "correction": fact.held.origin == Origin::Correction, "legal_basis": "consent", "consent": consent, "text": text, "error": error,
    })
}

fn show_receipts(context: &Context) -> Answer {
    let (mut lines, mut fields, mut exit) = (Vec::new(), Vec::new(), Exit::Done);
    for receipt in receipts::all(context) {
        match &receipt.document {
            Ok(document) => {
                let of = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
                let place = if document["place"].is_null() { String::new() } else { format!(", {}", of("place")) };
                lines.push(format!("{}  {}{place}", of("time"), of("kind")));
                lines.push(format!("  {}", receipt.path.display()));
            }
            Err(why) => {
                lines.push(format!("{}: {why}", receipt.path.display()));
                exit = Exit::Damaged;
            }
        }
        let (document, error) = match receipt.document {
            Ok(document) => (document, None),
            Err(why) => (Value::Null, Some(why)),
        };
        fields.push(json!({ "file": receipt.path, "document": document, "error": error }));
    }
    if lines.is_empty() {
        lines.push("There are no receipts: nothing was deleted for you yet.".into());
    }
    Answer::new(lines, json!({ "receipts": fields })).exit(exit)
}
