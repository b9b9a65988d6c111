//! Consent records and receipts in the form of ISO/IEC TS 27560:2023, clause 6.3: header, PII processing, parties, events.
//!
//! One record for each item that was ever decided on; its events are the ledger's entries, oldest first.

use serde_json::{Value, json};

use super::item::Item;
use super::ledger::{Decision, Entry, Ledger};
use super::policy::Policy;
use crate::core::name::hex;

/// What the form is called in the documents.
pub const SCHEMA: &str = "ISO/IEC TS 27560:2023";

/// What a record needs besides the ledger.
pub struct Sources<'a> {
    /// Whose consents they are: the account, in hexadecimal.
    pub principal: &'a str,
    /// The policies that are known here.
    pub policies: &'a [Policy],
    /// Seconds since 1970 as RFC 3339 text.
    pub time: &'a dyn Fn(i64) -> String,
}

/// The record of every item that was decided on.
pub fn records(ledger: &Ledger, sources: &Sources<'_>) -> Vec<Value> {
    Item::all().filter_map(|item| record(ledger, item, sources)).collect()
}

/// The record of one item; none when nothing was ever decided on it.
pub fn record(ledger: &Ledger, item: Item, sources: &Sources<'_>) -> Option<Value> {
    let entries: Vec<&Entry> = ledger.entries().iter().filter(|entry| entry.item == item).collect();
    let (first, last) = (entries.first()?, entries.last()?);
    let policy = sources.policies.iter().find(|policy| policy.hash() == last.policy);
    let parties: Vec<Value> = [
        Some(json!({ "party_id": "principal", "party_role": "pii_principal", "party_name": sources.principal })),
        policy.map(|policy| {
            let name = policy.title.in_language(last.asked.language);
            let contact = policy.contact.in_language(last.asked.language);
            json!({ "party_id": policy.id(), "party_role": "pii_controller", "party_name": name, "party_contact": contact })
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    Some(json!({
        "header": {
            "schema_version": SCHEMA, "record_id": hex(&first.hash()), "pii_principal_id": sources.principal,
        },
        "pii_processing": {
            "privacy_notice": notice(last, policy), "language": last.asked.language.as_str(),
            "purposes": [purpose(item, last, policy)],
        },
        "party_identification": parties,
        "event": entries.iter().map(|entry| event(entry, sources)).collect::<Vec<_>>(),
        "consent_status": ledger.standing(item).as_str(),
    }))
}

fn notice(entry: &Entry, policy: Option<&Policy>) -> Value {
    json!({ "id": policy.map(Policy::id), "version": entry.version, "date": policy.map(Policy::date), "sha256": hex(&entry.policy) })
}

fn purpose(item: Item, entry: &Entry, policy: Option<&Policy>) -> Value {
    let statement = policy.and_then(|policy| policy.statement(item));
    let language = entry.asked.language;
    json!({
        "purpose": statement.map(|said| said.purpose.in_language(language)),
        "purpose_type": item.purpose().as_str(),
        "lawful_basis": statement.map(|said| said.basis.as_str()),
        "pii_information": [{
            "pii_type": item.as_str(), "pii_attribute_id": item.code(), "pii_optional": true,
            "sensitive_pii_category": item.class().as_str(), "masking": item.masking().as_str(),
        }],
        "pii_controllers": policy.map(|policy| [policy.id()]),
        "collection_method": "by Printkeep on this device",
        "processing_method": "sealed with AES-256-GCM to the account's key before it is written anywhere",
        "storage_locations": ["the account's local vault", "the owner's stores, while network use is allowed"],
        "retention_period": policy.map(|policy| format!("P{}D", policy.days(item))),
        "processing_locations": statement.map(|said| said.regions.clone()),
        "recipient_third_parties": statement.map(|said| said.recipients.in_language(language)),
        "withdrawal_method": format!("printkeep privacy withdraw {}", item.as_str()),
        "privacy_rights": ["access", "rectification", "erasure", "portability", "withdrawal"],
    })
}

fn event(entry: &Entry, sources: &Sources<'_>) -> Value {
    let state = match entry.decision {
        Decision::Granted => "consent given",
        Decision::Withdrawn => "consent withdrawn",
        Decision::Denied => "consent refused",
    };
    json!({
        "event_time": (sources.time)(entry.asked.time), "event_type": "explicit", "event_state": state,
        "entity_id": hex(&entry.device), "event_surface": entry.asked.surface.as_str(), "language": entry.asked.language.as_str(),
        "notice_version": entry.version, "notice_sha256": hex(&entry.policy),
        "entry_sha256": hex(&entry.hash()), "previous_sha256": hex(&entry.previous),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentContext, Language, Surface};

    #[test]
    fn a_record_tells_every_decision_and_what_the_policy_said() {
        let policy = Policy::built_in();
        let mut ledger = Ledger::under(Some(policy.clone().into()));
        for (time, decision) in [(5, Decision::Granted), (6, Decision::Withdrawn)] {
            let asked = ConsentContext { language: Language::Chinese, surface: Surface::CommandLine, time };
            ledger.push(ledger.decide(Item::Serial, decision, asked, [7; 16]).unwrap()).unwrap();
        }
        let time = |seconds: i64| format!("{seconds}");
        let sources = Sources { principal: "ab", policies: &[policy], time: &time };
        let records = records(&ledger, &sources);
        let [record] = &records[..] else { panic!("{records:?}") };
        assert_eq!(record["header"]["schema_version"], "ISO/IEC TS 27560:2023");
        assert_eq!(record["header"]["record_id"], hex(&ledger.entries()[0].hash()));
        let purpose = &record["pii_processing"]["purposes"][0];
        assert!(purpose["purpose"].as_str().unwrap().contains("序列号"));
        assert_eq!((&purpose["lawful_basis"], &purpose["retention_period"]), (&json!("consent"), &json!("P365D")));
        assert_eq!(purpose["withdrawal_method"], "printkeep privacy withdraw device.serial");
        let notice = json!({ "id": "printkeep", "version": 1, "date": "2026-11-25", "sha256": hex(&Policy::built_in().hash()) });
        assert!(record.to_string().contains(&format!("\"privacy_notice\":{notice}")), "{record}");
        assert_eq!(record["event"][1]["event_state"], "consent withdrawn");
        assert_eq!(record["event"][1]["previous_sha256"], record["event"][0]["entry_sha256"]);
        assert_eq!(record["consent_status"], "withdrawn");
    }
}
