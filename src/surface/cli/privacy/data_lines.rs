//! The lines of what is held about the owner, and of what was deleted.

use crate::app::Arg;
use crate::app::jobs::privacy::data::{Corrected, Exported, Fact, Facts, LogHeld, ReceiptInfo, Receipts, Retention};
use crate::app::jobs::privacy::erase::{DeviceErased, Erased};
use crate::app::jobs::privacy::erase_account::{AccountErased, ErasedStore, Outcome};
use crate::app::jobs::privacy::policy::class;
use crate::surface::cli::problems::place;
use crate::surface::words::{self, Words};
use crate::text;

use super::consent_lines::{deleted, kind};

/// `privacy data`
pub fn facts(reply: &Facts, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.facts.iter().flat_map(|one| fact(one, words)).collect();
    if reply.facts.is_empty() {
        lines.push(words.say(&text!("facts-none")));
    } else if !reply.opened {
        lines.push(words.say(&text!("facts-sealed")));
    }
    lines.push(log(&reply.log, words));
    let unknown = words.say(&text!("facts-not-known"));
    lines.extend(reply.not_known_here.iter().map(|item| format!("{item:<24}{unknown}")));
    lines.push(words.say(&text!("facts-rest")));
    lines
}

fn log(held: &LogHeld, words: &Words) -> String {
    let since = held.since.map_or_else(|| text!("log-held-nothing"), |since| text!("log-held-since", since = Arg::Time(since)));
    words.say(&text!("log-held", count = Arg::Count(held.entries), since = since, days = held.days))
}

fn fact(fact: &Fact, words: &Words) -> Vec<String> {
    let sealed = match fact.correction {
        true => text!("facts-corrected-size", size = Arg::Bytes(fact.sealed_bytes)),
        false => text!("facts-size", size = Arg::Bytes(fact.sealed_bytes)),
    };
    let mut lines = vec![format!("{:<24}{}  {}", fact.item, words::time(fact.seconds), words.say(&sealed))];
    lines.extend(fact.text.iter().flat_map(|text| text.lines()).map(|line| format!("  {line}")));
    lines.extend(fact.error.as_ref().map(|why| format!("  {}", words.say(&text!("facts-unopened", why = why.clone())))));
    lines
}

/// `privacy export`
pub fn exported(reply: &Exported, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("export-written", path = reply.file.as_path(), count = reply.files))];
    if !reply.opened && reply.facts > 0 {
        lines.push(words.say(&text!("export-sealed")));
    }
    lines
}

/// `privacy correct`
pub fn corrected(reply: &Corrected, words: &Words) -> Vec<String> {
    vec![words.say(&text!("corrected", item = &reply.item, text = reply.text.trim_end()))]
}

/// `privacy receipts`
pub fn receipts(reply: &Receipts, words: &Words) -> Vec<String> {
    if reply.receipts.is_empty() {
        return vec![words.say(&text!("receipts-none"))];
    }
    reply.receipts.iter().flat_map(|one| receipt(one, words)).collect()
}

fn receipt(receipt: &ReceiptInfo, words: &Words) -> Vec<String> {
    let file = receipt.file.display();
    match (&receipt.document, &receipt.error) {
        (Some(document), _) => {
            let kind = receipt.kind.map_or_else(|| text!("document-of-no-kind"), kind);
            // of one that is about an account, no place is told
            let what = match document.get("store") {
                Some(store) => text!("receipt-of-place", kind = kind, place = place(store.as_str())),
                None => kind,
            };
            vec![format!("{}  {}", document["time"].as_str().unwrap_or_default(), words.say(&what)), format!("  {file}")]
        }
        (None, Some(why)) => vec![format!("{file}: {}", words.say(why))],
        (None, None) => vec![file.to_string()],
    }
}

/// `privacy retention`
pub fn retention(reply: &Retention, words: &Words) -> Vec<String> {
    let mut lines = vec![log(&reply.log, words)];
    for item in &reply.items {
        let kept = words.say(&text!("retention-days", count = Arg::Count(item.days.into())));
        let held = words.say(&match item.next {
            Some(next) => text!("retention-held", count = item.held, until = Arg::Time(next)),
            None => text!("retention-nothing"),
        });
        lines.push(format!("{:<24}{:<11}{kept:<14}  {held}", item.item, words.say(&class(item.class))));
    }
    let waiting = reply.waiting.iter();
    lines.extend(waiting.map(|waits| words.say(&text!("retention-waits", store = &waits.store, count = waits.records))));
    lines.push(words.say(&text!("retention-when")));
    lines
}

/// `privacy erase`
pub fn erased(reply: &Erased, words: &Words) -> Vec<String> {
    let mut lines = deleted(&reply.deleted, words);
    if reply.deleted.records == 0 {
        lines.push(words.say(&text!("erase-nothing")));
    }
    if !reply.still_allowed.is_empty() {
        lines.push(words.say(&text!("erase-still-allowed", items = reply.still_allowed.join(", "))));
    }
    lines
}

/// `privacy erase --device`
pub fn device_erased(reply: &DeviceErased, words: &Words) -> Vec<String> {
    if let Some(here) = &reply.here {
        return erased(here, words);
    }
    let mut lines = Vec::new();
    for one in &reply.places {
        lines.push(words.say(&match &one.error {
            None => text!("erased-place", place = place(one.store.as_deref()), count = one.removed.unwrap_or_default()),
            Some(why) => text!("erased-place-away", place = place(one.store.as_deref()), why = why.clone()),
        }));
    }
    lines.push(words.say(&match reply.told_the_device {
        true => text!("erased-device-told"),
        false => text!("erased-device-untold", device = &reply.this_device),
    }));
    lines
}

/// `privacy erase --whole-account`
pub fn account_erased(reply: &AccountErased, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("erased-account", name = &reply.account))];
    lines.extend(reply.places.iter().map(|place| words.say(&store_erased(place))));
    let is_left = |place: &ErasedStore| place.outcome != Outcome::Gone;
    if reply.places.iter().any(is_left) {
        lines.push(words.say(&text!("erased-kits-open")));
    }
    lines.extend(reply.kit_pages.iter().map(|page| words.say(&text!("erased-kit-page", path = page))));
    if !reply.finished {
        lines.push(words.say(&text!("erased-go-on")));
        return lines;
    }
    lines.extend(reply.receipt.as_ref().map(|path| words.say(&text!("erased-receipt", path = path.as_path()))));
    if !reply.other_devices.is_empty() {
        lines.push(words.say(&text!("erased-other-devices", devices = reply.other_devices.join(", "))));
    }
    lines
}

fn store_erased(place: &ErasedStore) -> crate::app::Text {
    let why = place.why.clone().unwrap_or_default();
    match place.outcome {
        Outcome::Gone => text!("erased-store", store = &place.store, count = place.removed.unwrap_or_default()),
        Outcome::Away => text!("erased-store-away", store = &place.store, why = why),
        Outcome::Left => text!("erased-store-left", store = &place.store, why = why),
    }
}
