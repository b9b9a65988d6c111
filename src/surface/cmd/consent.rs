//! `consent`: what you allowed, and since when; without it no socket is opened and nothing is recorded.

use serde_json::{Value, json};

use crate::consent::record::{self, SCHEMA, Sources};
use crate::consent::{Decision, Entry, Item, Language, Ledger, Policy, Purpose, Refusal, Standing};
use crate::core::name::{hex, unhex};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::store::home::{read_small, write_private};
use crate::store::work_lock::Work;
use crate::store::{policies, withdrawal};
use crate::surface::consent_args::{ConsentCommand, Out};
use crate::surface::context::{Context, language};
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::{signed, words};

/// Shows, decides, and hands out.
pub fn run(context: &Context, command: ConsentCommand) -> Result<Answer, Failure> {
    match command {
        ConsentCommand::Show(tongue) => Ok(show(&context.look()?.ledger, tongue.lang.unwrap_or_else(language))),
        ConsentCommand::Grant(items) => grant(context, &items.list()),
        ConsentCommand::Deny(items) => take_back(context, &items.list(), Decision::Denied),
        ConsentCommand::Withdraw(items) => take_back(context, &items.list(), Decision::Withdrawn),
        ConsentCommand::History => Ok(history(&context.look()?)),
        ConsentCommand::Export(out) => export(context, None, &out),
        ConsentCommand::Receipt { item, out } => export(context, Some(item), &out),
        ConsentCommand::Check { file } => check(&file),
    }
}

fn show(ledger: &Ledger, language: Language) -> Answer {
    let mut lines = Vec::new();
    for purpose in Purpose::ALL {
        for item in purpose.items() {
            lines.push(format!("{:<24}{}", item.as_str(), standing(ledger, item)));
        }
    }
    let stale = Item::all().filter(|item| ledger.standing(*item) == Standing::Stale).count() as u64;
    if stale > 0 {
        lines.push(format!(
            "The policy has changed on {}: `printkeep policy diff`, then grant or deny.",
            words::count(stale, "item")
        ));
    }
    match ledger.policy() {
        Some(policy) => {
            lines.push(format!("Under the policy {:?}, version {}: `printkeep policy show`.", policy.id(), policy.version()))
        }
        None => lines.push("The policy in force cannot be read, so that nothing is allowed: `printkeep policy reset`.".into()),
    }
    let consents: Vec<Value> = Item::all().map(|item| item_fields(ledger, item, language)).collect();
    let policy = ledger.policy().map(policy_fields);
    Answer::new(lines, json!({ "consents": consents, "policy": policy }))
}

fn standing(ledger: &Ledger, item: Item) -> String {
    let when = ledger.last(item).map(|entry| words::time(entry.asked.time)).unwrap_or_default();
    let by_itself = ledger.last(item).is_some_and(|entry| entry.asked.time == 0);
    match ledger.standing(item) {
        _ if !item.purpose().is_served() => "never: nothing in Printkeep does this".into(),
        Standing::Unasked => "not allowed (never granted)".into(),
        Standing::Denied => format!("not allowed (denied {when})"),
        Standing::Granted => format!("allowed since {when}"),
        Standing::Withdrawn if by_itself => "not allowed (withdrawn)".into(),
        Standing::Withdrawn => format!("not allowed (withdrawn {when})"),
        Standing::Stale => format!("not allowed (granted {when}; the policy has changed since)"),
    }
}

fn item_fields(ledger: &Ledger, item: Item, language: Language) -> Value {
    let statement = ledger.policy().and_then(|policy| policy.statement(item));
    json!({
        "purpose": item.as_str(), "allowed": ledger.standing(item) == Standing::Granted, "standing": ledger.standing(item).as_str(),
        "since": ledger.last(item).map(|entry| entry.asked.time), "class": item.class().as_str(),
        "masking": item.masking().as_str(), "days": ledger.policy().map(|policy| policy.days(item)),
        "meaning": statement.map(|said| said.purpose.in_language(language)),
    })
}

/// A policy for programs.
pub fn policy_fields(policy: &Policy) -> Value {
    json!({ "id": policy.id(), "version": policy.version(), "date": policy.date(), "sha256": hex(&policy.hash()) })
}

fn grant(context: &Context, items: &[Item]) -> Result<Answer, Failure> {
    let mut account = context.open(Work::Small)?;
    let asked = context.asked();
    // all or none
    for item in items {
        account.ledger.decide(*item, Decision::Granted, asked, [0; 16])?;
    }
    let mut lines = Vec::new();
    for item in items {
        account.decide(*item, Decision::Granted, asked)?;
        let statement = account.ledger.policy().and_then(|policy| policy.statement(*item));
        let said = statement.map(|said| said.purpose.in_language(asked.language)).unwrap_or_default();
        lines.push(format!("{:<24}{}", item.as_str(), standing(&account.ledger, *item)));
        lines.push(format!("  {said}"));
    }
    lines.push("You can take it back at any time: `printkeep consent withdraw`.".into());
    let fields: Vec<_> = items.iter().map(|item| item_fields(&account.ledger, *item, asked.language)).collect();
    Ok(Answer::new(lines, json!({ "consents": fields })))
}

fn take_back(context: &Context, items: &[Item], decision: Decision) -> Result<Answer, Failure> {
    let asked = context.asked();
    let mut account = match context.open(Work::Records) {
        Ok(account) => account,
        Err(failure) if failure.exit == Exit::Busy => return leave(context, items),
        Err(failure) => return Err(failure),
    };
    let mut lines = Vec::new();
    for item in items {
        account.decide(*item, decision, asked)?;
        lines.push(format!("{:<24}{}", item.as_str(), standing(&account.ledger, *item)));
    }
    let deleted = super::erase::after_withdrawal(context, &mut account)?;
    lines.extend(deleted.lines);
    let fields: Vec<_> = items.iter().map(|item| item_fields(&account.ledger, *item, asked.language)).collect();
    Ok(Answer::new(lines, json!({ "consents": fields, "deleted": deleted.fields })))
}

/// Another printkeep is at work: it is told, and stops by itself.
fn leave(context: &Context, items: &[Item]) -> Result<Answer, Failure> {
    let name = Account::choose(&context.home, context.account.as_ref())?;
    withdrawal::leave(&context.home.account(&name), items)?;
    let words: Vec<_> = items.iter().map(|item| item.as_str()).collect();
    let line = format!("Withdrawn: {}. The printkeep at work stops using it within a second, and books it.", words.join(", "));
    Ok(Answer::new(vec![line], json!({ "left": words })))
}

fn history(account: &Account) -> Answer {
    let entries = account.ledger.entries();
    let line = |entry: &Entry| {
        let decision = match entry.decision {
            Decision::Granted => "granted",
            Decision::Withdrawn => "withdrawn",
            Decision::Denied => "denied",
        };
        let when = if entry.asked.time == 0 { "by itself".into() } else { words::time(entry.asked.time) };
        let (surface, language) = (entry.asked.surface.as_str(), entry.asked.language.as_str());
        format!("{when:<21}{decision:<11}{:<24}policy {}, {surface}, {language}", entry.item.as_str(), entry.version)
    };
    let mut lines: Vec<String> = entries.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("Nothing was ever decided; everything is refused.".into());
    }
    let fields: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "purpose": entry.item.as_str(), "decision": entry.decision as u8, "time": entry.asked.time,
                "surface": entry.asked.surface.as_str(), "language": entry.asked.language.as_str(), "policy": entry.version,
                "sha256": hex(&entry.hash()), "previous": hex(&entry.previous),
            })
        })
        .collect();
    Answer::new(lines, json!({ "entries": fields }))
}

fn export(context: &Context, item: Option<Item>, out: &Out) -> Result<Answer, Failure> {
    let account = context.look()?;
    let principal = account.id().to_string();
    let (known, time) = (policies::known(&context.home), words::rfc3339);
    let sources = Sources { principal: &principal, policies: &known, time: &time };
    let document = match item {
        None => {
            let ledger: Vec<String> = account.ledger.entries().iter().map(|entry| hex(&entry.encode())).collect();
            json!({
                "schema": SCHEMA, "kind": "consent records", "time": time(context.now()), "account": principal,
                "fingerprint": account.fingerprint(), "records": record::records(&account.ledger, &sources), "ledger": ledger,
            })
        }
        Some(item) => {
            let record = record::record(&account.ledger, item, &sources)
                .ok_or_else(|| Failure::usage(format!("nothing was ever decided on {}", item.as_str())))?;
            json!({ "schema": SCHEMA, "kind": "consent receipt", "time": time(context.now()), "account": principal, "record": record })
        }
    };
    hand_out(&signed::sign(&account, document), out)
}

/// Shows a document or writes it to a file.
pub fn hand_out(document: &Value, out: &Out) -> Result<Answer, Failure> {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let fields = json!({ "signed": document, "file": out.to });
    match &out.to {
        None => Ok(Answer::new(text.lines().map(str::to_owned).collect(), fields)),
        Some(path) => {
            write_private(path, text.as_bytes())?;
            let line = format!("Written to {}; `printkeep consent check` shows whether it is unchanged.", path.display());
            Ok(Answer::new(vec![line], fields))
        }
    }
}

fn check(file: &std::path::Path) -> Result<Answer, Failure> {
    let damaged = |what: &str| Failure {
        exit: Exit::Damaged,
        message: format!("{}: {what}", file.display()),
        hint: Some("ask whoever made it for another copy".into()),
    };
    let bytes = read_small(file, signed::MAX_FILE)?.ok_or_else(|| Failure::usage(format!("{} is not there", file.display())))?;
    let text = String::from_utf8(bytes).map_err(|_| damaged("it is no text"))?;
    let (document, key) = signed::check(&text).map_err(damaged)?;
    let mut lines = vec![format!("The signature holds: {}.", document["kind"].as_str().unwrap_or("a document"))];
    lines.push(format!("Signed by the device with the key {}.", hex(key.as_bytes())));
    let mut count = None;
    if let Some(ledger) = document["ledger"].as_array() {
        let mut replayed = Ledger::under(None);
        for entry in ledger {
            let bytes = entry.as_str().and_then(unhex_any).ok_or_else(|| damaged("an entry is no hexadecimal"))?;
            let entry = Entry::decode(&bytes).map_err(|why| damaged(why.0))?;
            replayed.push(entry).map_err(|why| damaged(why.0))?;
        }
        count = Some(replayed.entries().len());
        lines.push(format!("{} follow one another without a gap.", words::count(ledger.len() as u64, "decision")));
    }
    Ok(Answer::new(lines, json!({ "kind": document["kind"], "key": hex(key.as_bytes()), "entries": count })))
}

fn unhex_any(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| unhex::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte)).collect()
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure: Self = EngineError::from(refusal).into();
        match refusal {
            Refusal::NoPolicy(_) => failure.hint("`printkeep policy reset` puts the built-in one in force again"),
            Refusal::NotServed(_) => Self { exit: Exit::Usage, hint: None, ..failure },
            Refusal::Stale(item) => failure.hint(format!(
                "read `printkeep policy show`, then `printkeep consent grant {}`; backups into the vault go on without",
                item.as_str()
            )),
            Refusal::NotGranted(_) | Refusal::Withdrawn(_) => failure,
        }
    }
}
