//! Everything that is held about the owner in one archive: JSON for programs, a page for people, an index that is signed.

use serde_json::{Value, json};

use super::{receipts, rfc3339, signed, tar};
use crate::config::Config;
use crate::consent::record::{self, Sources};
use crate::consent::{Item, Policy, sha256};
use crate::core::device_record::Origin;
use crate::core::name::hex;
use crate::core::roster::Member;
use crate::engine::account::Account;
use crate::engine::privacy::records::deletion;
use crate::engine::privacy::records::view::Shown;
use crate::local::home::Home;
use crate::local::policies;

/// The archive, and how many files are in it. `now` is in seconds since 1970; `opened` says whether the facts could be read.
pub fn archive(home: &Home, account: &Account, config: &Config, facts: &[Shown], opened: bool, now: i64) -> (Vec<u8>, u64) {
    let facts: Vec<Value> = facts.iter().map(fact).collect();
    let parts = [
        ("facts", json!({ "device": account.device.id.to_string(), "opened": opened, "facts": facts })),
        ("consents", consents(home, account)),
        ("devices", devices(account)),
        ("stores", stores(config)),
        ("retention", retention(account)),
        ("receipts", receipts::all(home).into_iter().filter_map(|receipt| receipt.document.ok()).collect()),
    ];
    let mut files: Vec<(String, Vec<u8>)> = parts.iter().map(|(name, value)| (format!("{name}.json"), pretty(value))).collect();
    files.push(("policy.json".into(), pretty(&policies_of(home, account))));
    files.push(("index.html".into(), page(account, &parts).into_bytes()));
    let listed: Vec<Value> =
        files.iter().map(|(name, bytes)| json!({ "file": name, "bytes": bytes.len(), "sha256": hex(&sha256(bytes)) })).collect();
    let index = json!({
        "kind": "data-export", "time": rfc3339(now), "account": account.id().to_string(),
        "fingerprint": account.fingerprint(), "files": listed,
    });
    files.push(("index.json".into(), pretty(&signed::sign(account, index))));
    (tar::archive(&files, now), files.len() as u64)
}

fn pretty(value: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

/// A fact for programs.
fn fact(fact: &Shown) -> Value {
    let (text, consent, error) = match &fact.opened {
        Some(Ok(opened)) => (Some(&opened.text), Some(hex(&opened.consent)), None),
        Some(Err(why)) => (None, None, Some(why.to_string())),
        None => (None, None, None),
    };
    let item = fact.held.item;
    json!({
        "number": fact.number, "item": item.as_str(), "class": item.class().as_str(), "masking": item.masking().as_str(),
        "time": rfc3339(fact.held.time), "sealed_bytes": fact.size, "correction": fact.held.origin == Origin::Correction,
        "legal_basis": "consent", "consent": consent, "text": text, "error": error,
    })
}

fn consents(home: &Home, account: &Account) -> Value {
    let principal = account.id().to_string();
    let (known, time) = (policies::known(home), rfc3339);
    let sources = Sources { principal: &principal, policies: &known, time: &time };
    let ledger: Vec<String> = account.ledger.entries().iter().map(|entry| hex(&entry.encode())).collect();
    json!({ "records": record::records(&account.ledger, &sources), "ledger": ledger })
}

fn devices(account: &Account) -> Value {
    let device = |member: &Member| {
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
    recorded.map(|item| json!({ "item": item.as_str(), "days": deletion::days(account, item) })).collect()
}

fn policies_of(home: &Home, account: &Account) -> Value {
    let known: Vec<Value> = policies::known(home).iter().map(policy).collect();
    json!({ "in_force": account.ledger.policy().map(policy), "known": known })
}

fn policy(policy: &Policy) -> Value {
    json!({ "id": policy.id(), "version": policy.version(), "date": policy.date(), "sha256": hex(&policy.hash()) })
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
