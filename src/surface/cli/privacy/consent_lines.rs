//! The lines of what is allowed, and of signed documents.

use crate::app::deletion::DeletedHere;
use crate::app::document::DocumentKind;
use crate::app::jobs::privacy::Document;
use crate::app::jobs::privacy::consent::{Consent, Consents, DecisionInfo, Decisions, Granted, TakenBack};
use crate::app::jobs::privacy::record::DocumentChecked;
use crate::app::{Arg, Text};
use crate::consent::{ConsentState, Decision, Surface};
use crate::surface::words::Words;
use crate::text;

/// `privacy show`
pub fn show(reply: &Consents, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.consents.iter().map(|consent| line(consent, words)).collect();
    if reply.stale > 0 {
        lines.push(words.say(&text!("privacy-stale", count = reply.stale)));
    }
    lines.push(words.say(&match &reply.policy {
        Some(policy) => text!("privacy-under", id = &policy.id, version = policy.version.to_string()),
        None => text!("privacy-no-policy"),
    }));
    lines
}

/// An item and how it stands.
fn line(consent: &Consent, words: &Words) -> String {
    format!("{:<24}{}", consent.purpose, standing(consent, words))
}

fn standing(consent: &Consent, words: &Words) -> String {
    let time = Arg::Time(consent.since.unwrap_or_default());
    words.say(&match (consent.served, consent.standing, consent.since) {
        (false, ..) => text!("standing-never"),
        (_, ConsentState::Granted, _) => text!("standing-granted", time = time),
        (_, ConsentState::Denied, _) => text!("standing-denied", time = time),
        (_, ConsentState::Withdrawn, Some(0)) => text!("standing-withdrawn-by-itself"),
        (_, ConsentState::Withdrawn, _) => text!("standing-withdrawn", time = time),
        (_, ConsentState::Stale, _) => text!("standing-stale", time = time),
        (_, ConsentState::Unasked, _) => text!("standing-unasked"),
    })
}

/// `privacy grant`
pub fn granted(reply: &Granted, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for consent in &reply.consents {
        lines.push(line(consent, words));
        lines.push(format!("  {}", consent.meaning.as_deref().unwrap_or_default()));
    }
    lines.push(words.say(&text!("privacy-granted")));
    lines
}

/// `privacy deny`, `privacy withdraw`
pub fn taken_back(reply: &TakenBack, words: &Words) -> Vec<String> {
    if !reply.left.is_empty() {
        return vec![words.say(&text!("privacy-left", items = reply.left.join(", ")))];
    }
    let mut lines: Vec<String> = reply.consents.iter().map(|consent| line(consent, words)).collect();
    lines.extend(deleted(&reply.deleted, words));
    lines
}

/// What was deleted here, and what waits.
pub fn deleted(deleted: &DeletedHere, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    if deleted.records > 0 {
        lines.push(words.say(&text!("records-deleted", count = deleted.records)));
    }
    if !deleted.waiting.is_empty() {
        lines.push(words.say(&text!("records-waiting", stores = deleted.waiting.join(", "))));
    }
    lines
}

/// `privacy history`
pub fn history(reply: &Decisions, words: &Words) -> Vec<String> {
    if reply.entries.is_empty() {
        return vec![words.say(&text!("history-none"))];
    }
    let line = |entry: &DecisionInfo| {
        let when = match entry.time {
            0 => words.say(&text!("history-by-itself")),
            time => crate::surface::words::time(time),
        };
        let decision = words.say(&match entry.decision {
            Decision::Granted => text!("history-granted"),
            Decision::Denied => text!("history-denied"),
            Decision::Withdrawn => text!("history-withdrawn"),
        });
        let under = text!(
            "history-under",
            version = entry.policy.to_string(),
            surface = asked_on(entry.surface),
            language = &entry.language
        );
        format!("{when:<21}{decision:<11}{:<24}{}", entry.purpose, words.say(&under))
    };
    reply.entries.iter().map(line).collect()
}

/// `privacy consent-record export`, `… receipt`
pub fn document(reply: &Document, words: &Words) -> Vec<String> {
    match &reply.file {
        Some(path) => vec![words.say(&text!("document-written", path = path.as_path()))],
        None => serde_json::to_string_pretty(&reply.signed).unwrap_or_default().lines().map(str::to_owned).collect(),
    }
}

/// `privacy consent-record check`
pub fn checked(reply: &DocumentChecked, words: &Words) -> Vec<String> {
    let kind = reply.kind.map_or_else(|| text!("document-of-no-kind"), kind);
    let mut lines =
        vec![words.say(&text!("document-holds", kind = kind)), words.say(&text!("document-signed", key = &reply.key))];
    lines.extend(reply.entries.map(|count| words.say(&text!("document-decisions", count = count))));
    lines
}

/// What kind of document.
pub fn kind(kind: DocumentKind) -> Text {
    match kind {
        DocumentKind::ConsentRecords => text!("document-kind-consent-records"),
        DocumentKind::ConsentReceipt => text!("document-kind-consent-receipt"),
        DocumentKind::DeletionReceipt => text!("document-kind-deletion-receipt"),
        DocumentKind::ErasureOrder => text!("document-kind-erasure-order"),
        DocumentKind::ErasureReceipt => text!("document-kind-erasure-receipt"),
        DocumentKind::AuditLog => text!("document-kind-audit-log"),
        DocumentKind::Problems => text!("document-kind-problems"),
        DocumentKind::DataExport => text!("document-kind-data-export"),
    }
}

fn asked_on(surface: Surface) -> Text {
    match surface {
        Surface::CommandLine => text!("asked-on-command-line"),
        Surface::Page => text!("asked-on-page"),
        Surface::Tray => text!("asked-on-tray"),
        Surface::Itself => text!("asked-on-nothing"),
    }
}
