//! `data export`: everything held about the owner in one archive: JSON for programs, a page for people, an index that is signed.

use std::path::Path;

use serde_json::{Value, json};

use super::data;
use crate::config::Config;
use crate::consent::record::{self, Sources};
use crate::consent::{Item, sha256};
use crate::core::name::hex;
use crate::engine::account::Account;
use crate::engine::facts::view;
use crate::store::home::write_private;
use crate::store::policies;
use crate::surface::args::Unlock;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::{ask, receipts, signed, tar, words};

/// Writes the archive.
pub fn run(context: &Context, to: &Path, how: &Unlock) -> Result<Answer, Failure> {
    let account = context.look()?;
    let config = context.config()?;
    let keyring = ask::unlock_if_at_hand(context, &account, how)?;
    let facts: Vec<Value> = view::facts(&account, keyring.as_ref())?.iter().map(data::fields).collect();
    let parts = [
        ("facts", json!({ "device": account.device.id.to_string(), "opened": keyring.is_some(), "facts": facts })),
        ("consents", consents(context, &account)),
        ("devices", devices(&account)),
        ("stores", stores(&config)),
        ("retention", retention(&account)),
        ("receipts", receipts::all(context).into_iter().filter_map(|receipt| receipt.document.ok()).collect()),
    ];
    let mut files: Vec<(String, Vec<u8>)> = parts.iter().map(|(name, value)| (format!("{name}.json"), pretty(value))).collect();
    files.push(("policy.json".into(), pretty(&policy(context, &account))));
    files.push(("index.html".into(), page(&account, &parts).into_bytes()));
    let listed: Vec<Value> =
        files.iter().map(|(name, bytes)| json!({ "file": name, "bytes": bytes.len(), "sha256": hex(&sha256(bytes)) })).collect();
    let index = json!({
        "kind": "data export", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
        "fingerprint": account.fingerprint(), "files": listed,
    });
    files.push(("index.json".into(), pretty(&signed::sign(&account, index))));
    write_private(to, &tar::archive(&files, context.now()))?;
    let mut lines = vec![format!("Written to {}: {}.", to.display(), words::count(files.len() as u64, "file"))];
    if keyring.is_none() && !facts.is_empty() {
        lines.push(
            "It tells what was recorded and when, but not what it says: give --passphrase-file or --recovery-kit for that."
                .into(),
        );
    }
    Ok(Answer::new(lines, json!({ "file": to, "files": files.len(), "facts": facts.len(), "opened": keyring.is_some() })))
}

fn pretty(value: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

fn consents(context: &Context, account: &Account) -> Value {
    let principal = account.id().to_string();
    let (known, time) = (policies::known(&context.home), words::rfc3339);
    let sources = Sources { principal: &principal, policies: &known, time: &time };
    let ledger: Vec<String> = account.ledger.entries().iter().map(|entry| hex(&entry.encode())).collect();
    json!({ "records": record::records(&account.ledger, &sources), "ledger": ledger })
}

fn devices(account: &Account) -> Value {
    let device = |member: &crate::core::roster::Member| {
        json!({
            "device": member.id.to_string(), "name": member.name, "active": member.is_active(), "this": member.id == account.device.id,
            "snapshots": account.memory.newest(&member.id).map(|(number, _)| number),
        })
    };
    account.roster.members.iter().map(device).collect()
}

/// The stores by name and address; credentials are no data about the owner, and go nowhere.
fn stores(config: &Config) -> Value {
    config.stores.iter().map(|store| json!({ "name": store.name, "address": store.address.to_string() })).collect()
}

fn retention(account: &Account) -> Value {
    let recorded = Item::all().filter(|item| item.is_recorded());
    recorded.map(|item| json!({ "item": item.as_str(), "days": crate::engine::facts::deletion::days(account, item) })).collect()
}

fn policy(context: &Context, account: &Account) -> Value {
    let in_force = account.ledger.policy().map(super::consent::policy_fields);
    let known: Vec<Value> = policies::known(&context.home).iter().map(super::consent::policy_fields).collect();
    json!({ "in_force": in_force, "known": known })
}

/// The same for people, without scripts and without anything from elsewhere.
fn page(account: &Account, parts: &[(&str, Value)]) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Printkeep: your data</title>\n<style>body{{font-family:sans-serif;max-width:60em;margin:auto}}dt{{font-weight:bold}}pre{{white-space:pre-wrap}}</style>\n<h1>Your data</h1>\n<p>Account {}, device {}. Everything here is in the JSON files beside this page too; <code>index.json</code> names each by its SHA-256 and is signed by the device.</p>\n",
        escape(&account.fingerprint()),
        escape(&account.device.name),
    );
    for (name, value) in parts {
        out.push_str(&format!("<h2>{}</h2>\n", escape(name)));
        render(value, &mut out);
    }
    out.push_str("</html>\n");
    out
}

fn render(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push_str("<dl>");
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                out.push_str(&format!("<dt>{}</dt><dd>", escape(name)));
                render(value, out);
                out.push_str("</dd>\n");
            }
            out.push_str("</dl>");
        }
        Value::Array(list) => {
            out.push_str("<ol>");
            for value in list {
                out.push_str("<li>");
                render(value, out);
                out.push_str("</li>\n");
            }
            out.push_str("</ol>");
        }
        Value::String(text) => out.push_str(&format!("<pre>{}</pre>", escape(text))),
        other => out.push_str(&escape(&other.to_string())),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
