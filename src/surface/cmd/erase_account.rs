//! `data erase --whole-account`: keys first, then everything here, then every store; an erasure that was interrupted goes on.

use serde_json::{Value, json};

use super::erase::confirm;
use crate::consent::{Item, Refusal};
use crate::core::name::hex;
use crate::core::secret::Secret;
use crate::core::sign::SigningKey;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::erase::{self, AtStore, Plan};
use crate::engine::{EngineError, consent, holder};
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::data_args::Erase;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::{receipts, signed, words};

/// Erases the account, or goes on where it was interrupted.
pub fn run(context: &Context, args: &Erase) -> Result<Answer, Failure> {
    let is_meant = |plan: &Plan| context.account.as_ref().is_none_or(|name| *name == plan.name);
    let begun = Plan::all(&context.home)?.into_iter().find(is_meant);
    let mut plan = match begun {
        Some(plan) => plan,
        None => begin(context, args)?,
    };
    if args.here_only && !plan.here_only {
        plan.here_only = true;
        plan.save(&context.home)?;
    }
    carry_out(context, plan)
}

/// Asks, and writes the plan; from then on there is no way back.
fn begin(context: &Context, args: &Erase) -> Result<Plan, Failure> {
    let config = context.config()?;
    let name = Account::choose(&context.home, context.account.as_ref()).map_err(|error| no_account(context, error))?;
    let account = context.waiting(|waiting| AccountWriter::open(&context.home, name, Work::Whole, waiting, &context.random))?;
    let beyond = config.stores.iter().any(|store| store.address.needs_network());
    if beyond && !args.here_only && account.ledger.permit(Item::Network).is_err() {
        let failure: Failure = EngineError::Consent(Refusal::NotGranted(Item::Network)).into();
        return Err(failure.hint(
            "to erase in your stores too, `printkeep consent grant network` first; or leave what lies there, unreadable, with --here-only",
        ));
    }
    confirm(context, &account, args, "the account, its keys and every backup in it are erased, here and in every store")?;
    let others = account.roster.members.iter().filter(|m| m.id != account.device.id && m.is_active());
    let others: Vec<String> = others.map(|member| member.name.clone()).collect();
    let seed = Secret::random(&context.random).map_err(EngineError::from)?;
    let key = SigningKey::from_seed(Secret::filled_by(|to| to.copy_from_slice(seed.expose())));
    let key = key.map_err(|_| EngineError::Randomness)?;
    let order = json!({
        "kind": "erasure order", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
        "name": account.name.as_str(), "fingerprint": account.fingerprint(), "receipt_key": hex(key.public().as_bytes()),
        "stores": config.stores.iter().map(|s| json!({ "name": s.name, "address": s.address.to_string() })).collect::<Vec<_>>(),
        "other_devices": others,
    });
    let order = signed::sign(&account, order).to_string();
    holder::lock(&account)?;
    let plan = Plan::of(&account, &config, order, seed, context.now())?;
    plan.save(&context.home)?;
    Ok(plan)
}

/// Says that it was erased already, where a receipt tells of it.
fn no_account(context: &Context, error: EngineError) -> Failure {
    let mut erased = receipts::all(context).into_iter().filter_map(|receipt| Some((receipt.path, receipt.document.ok()?)));
    let last = erased.rfind(|(_, document)| document["kind"] == "erasure receipt");
    match (last, &error) {
        (Some((path, document)), EngineError::NoAccount | EngineError::UnknownAccount(_)) => Failure {
            exit: Exit::Usage,
            message: format!(
                "there is nothing left to erase: the account {} was erased at {}",
                document["name"],
                document["time"].as_str().unwrap_or_default()
            ),
            hint: Some(format!("the receipt is {}", path.display())),
        },
        _ => error.into(),
    }
}

fn carry_out(context: &Context, mut plan: Plan) -> Result<Answer, Failure> {
    erase::here(&context.home, &mut plan)?;
    // the owner allowed network use, and orders this now; the ledger that said so is gone
    let permit = match plan.network {
        true => Some(consent::before_there_is_an_account(&context.home, context.asked())?),
        false => None,
    };
    let outcomes = erase::at_stores(&context.home, &mut plan, permit.as_ref(), &context.cancel)?;
    let mut lines =
        vec![format!("The keys of the account {:?} are destroyed, and everything of it on this device.", plan.name.as_str())];
    lines.extend(outcomes.iter().map(|(name, outcome)| line(name, outcome)));
    let places: Vec<Value> = outcomes.iter().map(|(name, outcome)| fields(name, outcome)).collect();
    if outcomes.iter().any(|(_, outcome)| matches!(outcome, AtStore::Away(_))) {
        lines.push(
            "Nobody can read what is left without the keys. Run this again when the store is back: it goes on by itself.".into(),
        );
        return Ok(Answer::new(lines, json!({ "here": true, "places": places, "finished": false })).exit(Exit::Store));
    }
    let document = json!({
        "kind": "erasure receipt", "time": words::rfc3339(context.now()), "account": plan.account.to_string(),
        "name": plan.name.as_str(), "here": "keys overwritten, account and vault removed", "places": places,
        "proof": "each store was listed afterwards, and showed no object of the account",
        "order": serde_json::from_str::<Value>(&plan.order).unwrap_or_default(),
    });
    let kept = receipts::keep(context, &signed::sign_with(&plan.signer()?, document))?;
    lines.push(format!("The signed receipt is {}.", kept.display()));
    lines.extend(others(&plan));
    plan.finish(&context.home)?;
    Ok(Answer::new(lines, json!({ "here": true, "places": places, "finished": true, "receipt": kept })))
}

fn line(name: &str, outcome: &AtStore) -> String {
    match outcome {
        AtStore::Gone(count) => format!("{name}: {} removed; its listing shows none any more.", words::count(*count, "object")),
        AtStore::Away(why) => format!("{name}: not erased yet: {why}"),
        AtStore::Left(why) => format!("{name}: left as it is, unreadable: {why}"),
    }
}

fn fields(name: &str, outcome: &AtStore) -> Value {
    match outcome {
        AtStore::Gone(count) => json!({ "store": name, "outcome": "gone", "removed": count }),
        AtStore::Away(why) => json!({ "store": name, "outcome": "away", "why": why }),
        AtStore::Left(why) => json!({ "store": name, "outcome": "left", "why": why }),
    }
}

/// Other devices hold their own vaults and keys: they are told of.
fn others(plan: &Plan) -> Option<String> {
    let order: Value = serde_json::from_str(&plan.order).ok()?;
    let names: Vec<&str> = order["document"]["other_devices"].as_array()?.iter().filter_map(Value::as_str).collect();
    (!names.is_empty())
        .then(|| format!("These devices hold vaults and keys of their own; run it there too: {}.", names.join(", ")))
}
