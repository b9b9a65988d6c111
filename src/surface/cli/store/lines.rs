//! The lines of what `store …` replies.

use crate::app::forms::store::{StoreAdded, StoreInfo, StoresTested, Tested, TestedCheck};
use crate::app::jobs::store::regions::{Regions, StoreRegion};
use crate::app::jobs::store::rights::Rights;
use crate::app::jobs::store::set::StoreChanged;
use crate::app::jobs::store::undo::StoreUndone;
use crate::app::jobs::store::{StoreRemoved, Stores};
use crate::app::{Arg, Text};
use crate::provider::probe::Trial;
use crate::surface::words::Words;
use crate::text;

/// So many names are told one by one.
const NAMED: usize = 20;

/// A store that was added in the middle of a guided run, which itself says what is next, and asked before it took the disk of the vault.
pub fn added_midway(reply: &StoreAdded, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("store-added", name = &reply.store.name, url = &reply.store.url))];
    let lacks = reply.lacks.iter().filter(|check| check.what != Trial::AnotherDisk);
    lines.extend(lacks.map(|check| lacking(check, words)));
    lines
}

/// Stores that were tried in the middle of a guided run: in one line where nothing is wanting.
pub fn tested_midway(reply: &StoresTested, words: &Words) -> Vec<String> {
    let is_well = |store: &Tested| {
        store.error.is_none() && store.checks.iter().all(|check| check.passed || check.what == Trial::AnotherDisk)
    };
    let said = |store: &Tested| {
        if is_well(store) { vec![words.say(&text!("store-test-well", name = &store.store))] } else { of_one(store, words) }
    };
    reply.stores.iter().flat_map(said).collect()
}

/// `store add`
pub fn added(reply: &StoreAdded, words: &Words) -> Vec<String> {
    let store = &reply.store;
    let mut lines = vec![words.say(&text!("store-added", name = &store.name, url = &store.url))];
    if store.write_only || store.lock.is_some() {
        lines.push(words.say(&text!("store-added-use", how = used(store))));
    }
    lines.extend(reply.lacks.iter().map(|check| lacking(check, words)));
    if reply.needs_consent {
        lines.push(words.say(&text!("store-needs-consent")));
    }
    lines.push(words.say(&text!("store-added-next")));
    lines.push(words.say(&text!("store-added-kit")));
    lines
}

fn lacking(check: &TestedCheck, words: &Words) -> String {
    match check.what {
        Trial::AnotherDisk => words.say(&text!("store-same-disk")),
        _ => words.say(&text!("store-lacks", what = checked(check, words))),
    }
}

/// `store list`
pub fn list(reply: &Stores, words: &Words) -> Vec<String> {
    if reply.stores.is_empty() {
        return vec![words.say(&text!("store-list-none"))];
    }
    let line = |store: &StoreInfo| {
        let is_special = store.write_only || store.lock.is_some() || store.limit.is_some();
        let how = if is_special { format!(" ({})", words.say(&used(store))) } else { String::new() };
        format!("{}: {}{how}", store.name, store.url)
    };
    reply.stores.iter().map(line).collect()
}

/// `store set`
pub fn changed(reply: &StoreChanged, words: &Words) -> Vec<String> {
    let store = &reply.store;
    let mut lines = vec![words.say(&text!("store-changed", name = &store.name, url = &store.url, how = used(store)))];
    lines.extend(reply.new_credentials.then(|| words.say(&text!("store-changed-credentials"))));
    lines.extend(reply.anew.map(|size| words.say(&text!("store-changed-empty", size = Arg::Bytes(size)))));
    lines
}

/// `store remove`
pub fn removed(reply: &StoreRemoved, words: &Words) -> Vec<String> {
    vec![words.say(&text!("store-removed", name = &reply.removed))]
}

/// How this device uses a store.
fn used(store: &StoreInfo) -> Text {
    let how = if store.write_only { text!("store-use-writes") } else { text!("store-use-reads") };
    let how = match &store.lock {
        Some(lock) => text!("store-use-locked", how = how, lock = lock),
        None => how,
    };
    match &store.limit {
        Some(limit) => text!("store-use-limited", how = how, limit = limit),
        None => how,
    }
}

/// A check in words, with what the place said.
fn checked(check: &TestedCheck, words: &Words) -> String {
    let what = words.say(&tried(check.what));
    match check.note.as_ref().map(|note| words.say(note)) {
        Some(note) if words.is_chinese() => format!("{what}（{note}）"),
        Some(note) => format!("{what} ({note})"),
        None => what,
    }
}

fn tried(what: Trial) -> Text {
    match what {
        Trial::Randomness => text!("probe-randomness"),
        Trial::Write => text!("probe-write"),
        Trial::ReadBack => text!("probe-read-back"),
        Trial::ReadPart => text!("probe-read-part"),
        Trial::Listed => text!("probe-listed"),
        Trial::WriteAgain => text!("probe-write-again"),
        Trial::OtherRefused => text!("probe-other-refused"),
        Trial::Removed => text!("probe-removed"),
        Trial::TrustListed => text!("probe-trust-listed"),
        Trial::SentListed => text!("probe-sent-listed"),
        Trial::PacksUnread => text!("probe-packs-unread"),
        Trial::KeysUnlisted => text!("probe-keys-unlisted"),
        Trial::ServerRefuses => text!("probe-server-refuses"),
        Trial::NothingRemoved => text!("probe-nothing-removed"),
        Trial::NewFolder => text!("probe-new-folder"),
        Trial::FreeSpace => text!("probe-free-space"),
        Trial::AnotherDisk => text!("probe-another-disk"),
        Trial::Fsync => text!("probe-fsync"),
        Trial::FolderFsync => text!("probe-folder-fsync"),
        Trial::HardLinks => text!("probe-hard-links"),
        Trial::RenameNoReplace => text!("probe-rename-no-replace"),
        Trial::NeverReplaced => text!("probe-never-replaced"),
        Trial::Case => text!("probe-case"),
        Trial::Clock => text!("probe-clock"),
        Trial::OnlyNew => text!("probe-only-new"),
        Trial::Parts => text!("probe-parts"),
        Trial::LockHolds => text!("probe-lock-holds"),
    }
}

/// `store test`
pub fn tested(reply: &StoresTested, words: &Words) -> Vec<String> {
    reply.stores.iter().flat_map(|store| of_one(store, words)).collect()
}

fn of_one(tested: &Tested, words: &Words) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", tested.store, tested.address)];
    let (yes, no) = (words.say(&text!("store-test-yes")), words.say(&text!("store-test-no")));
    if let Some(error) = &tested.error {
        lines.push(format!("  {no}  {}", words.say(&text!("store-test-error", why = error.clone()))));
        return lines;
    }
    let line = |check: &TestedCheck| format!("  {}  {}", if check.passed { &yes } else { &no }, checked(check, words));
    lines.extend(tested.checks.iter().map(line));
    if !tested.usable {
        lines.push(format!("  {}", words.say(&text!("store-test-unusable"))));
    }
    if tested.left > 0 {
        lines.push(format!("  {}", words.say(&text!("store-test-left"))));
    }
    lines
}

/// `store rights`: the policy alone, so that it can be passed on; what else there is to do was told beside it.
pub fn rights(reply: &Rights, words: &Words) -> Vec<String> {
    match &reply.policy {
        Some(policy) => serde_json::to_string_pretty(policy).unwrap_or_default().lines().map(str::to_owned).collect(),
        None => reply.notes.iter().map(|note| words.say(note)).collect(),
    }
}

/// `store undo`
pub fn undone(reply: &StoreUndone, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.back.iter().take(NAMED).map(|name| format!("  {name}")).collect();
    if reply.back.len() > NAMED {
        lines.push(format!("  {}", words.say(&text!("store-undo-more", count = reply.back.len() - NAMED))));
    }
    let (looked, hidden, replaced) = (Arg::Count(reply.looked), Arg::Count(reply.hidden), Arg::Count(reply.replaced));
    let (place, since) = (reply.place.as_str(), Arg::Time(reply.since));
    lines.push(words.say(&if reply.dry_run {
        text!("store-undo-would", place = place, looked = looked, hidden = hidden, replaced = replaced, since = since)
    } else {
        text!("store-undo-did", place = place, looked = looked, hidden = hidden, replaced = replaced, since = since)
    }));
    let lost = reply.lost.iter();
    lines.extend(lost.map(|lost| words.say(&text!("store-undo-lost", object = &lost.object, why = lost.reason.clone()))));
    if !reply.back.is_empty() && !reply.dry_run {
        lines.push(words.say(&text!("store-undo-next")));
    }
    lines
}

/// `store regions`
pub fn regions(reply: &Regions, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&match &reply.regions {
        None => text!("regions-any"),
        Some(regions) => text!("regions-only", regions = regions.join(", ")),
    })];
    let line = |store: &StoreRegion| {
        let place = match (&store.region, store.folder) {
            (Some(region), _) => region.clone(),
            (None, true) => words.say(&text!("regions-folder")),
            (None, false) => words.say(&text!("regions-unsaid")),
        };
        let unused = if store.allowed { String::new() } else { format!(": {}", words.say(&text!("regions-unused"))) };
        format!("{}: {place}{unused}", store.store)
    };
    lines.extend(reply.stores.iter().map(line));
    lines
}
