//! The lines of what `key …` replies.

use crate::app::Arg;
use crate::app::jobs::key::agent::{AccountInfo, Accounts, LockedReply, Unlocked, UnlockedReply};
use crate::app::jobs::key::codes::CodesReply;
use crate::app::jobs::key::kit::{KitOpens, KitWritten};
use crate::app::jobs::key::remember::Remembered;
use crate::app::jobs::key::{KeyInfo, KeyKind, Keys, KeysRotated, PassphraseSet, ReadingKey};
use crate::surface::words::Words;
use crate::text;

/// `key list`
pub fn list(reply: &Keys, words: &Words) -> Vec<String> {
    let line = |key: &KeyInfo| {
        let device = key.device.clone().unwrap_or_else(|| words.say(&text!("key-device-unknown")));
        words.say(&match (key.kind, key.here) {
            (KeyKind::RecoveryKit, _) => text!("key-kit"),
            (KeyKind::Passphrase, true) => text!("key-passphrase-here", device = device),
            (KeyKind::Passphrase, false) => text!("key-passphrase", device = device),
            (KeyKind::Unknown, _) => {
                text!(
                    "key-unreadable",
                    object = &key.object,
                    why = key.unreadable.clone().unwrap_or_else(|| text!("refused-changed"))
                )
            }
        })
    };
    let mut lines: Vec<String> = reply.keys.iter().map(line).collect();
    match reply.reading_key {
        ReadingKey::None => {}
        ReadingKey::Kept => lines.push(words.say(&text!("key-reading-kept"))),
        ReadingKey::Stale => lines.push(words.say(&text!("key-reading-stale"))),
    }
    lines
}

/// `key passphrase`
pub fn passphrase(reply: &PassphraseSet, words: &Words) -> Vec<String> {
    let said = match reply.replaced {
        true => [text!("passphrase-set-anew", device = &reply.device), text!("key-then-sync")],
        false => [text!("passphrase-set", device = &reply.device), text!("passphrase-then-sync")],
    };
    said.iter().map(|text| words.say(text)).collect()
}

/// `key kit`
pub fn kit(reply: &KitWritten, words: &Words) -> Vec<String> {
    let path = reply.recovery_kit.as_path();
    if !reply.new {
        return vec![words.say(&text!("kit-page-written", path = path))];
    }
    let mut lines = vec![words.say(&text!("kit-written", path = path))];
    lines.extend(reply.deleted.iter().map(|dead| words.say(&text!("kit-dead-deleted", path = dead.as_path()))));
    lines.push(words.say(&text!("key-then-sync")));
    lines
}

/// `key kit --test`
pub fn tested(reply: &KitOpens, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("kit-opens", fingerprint = &reply.fingerprint))];
    lines.extend(reply.stores.iter().map(|store| {
        let said = store.why.clone().unwrap_or_else(|| text!("kit-opens-there"));
        format!("  {}: {}", store.store, words.say(&said))
    }));
    lines
}

/// `key rotate`
pub fn rotated(reply: &KeysRotated, words: &Words) -> Vec<String> {
    let generation = Arg::Count(reply.generation.into());
    let mut lines = vec![words.say(&if reply.finished {
        text!("keys-rotated-finished", generation = generation)
    } else {
        text!("keys-rotated", generation = generation)
    })];
    lines.extend(reply.set_aside.iter().map(|aside| words.say(aside)));
    lines.push(words.say(&text!("keys-rotated-next")));
    lines.extend(reply.some_may_be_old.then(|| words.say(&text!("keys-rotated-old"))));
    if reply.reading_key == ReadingKey::Stale {
        lines.push(words.say(&text!("keys-rotated-stale")));
    }
    lines
}

/// `key remember`
pub fn remembered(reply: &Remembered, words: &Words) -> Vec<String> {
    if reply.reading_key == ReadingKey::Kept {
        return vec![words.say(&text!("reading-key-remembered"))];
    }
    if !reply.was_kept {
        return vec![words.say(&text!("reading-key-none"))];
    }
    let mut lines = vec![words.say(&text!("reading-key-forgotten"))];
    if let Some(why) = &reply.keyring_trouble {
        lines.push(words.say(&text!("reading-key-left", why = why.clone())));
    }
    lines
}

/// `key codes …`
pub fn codes(reply: &CodesReply, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&if reply.codes { text!("codes-are-on") } else { text!("codes-are-off") })];
    if reply.codes && reply.changed {
        lines.push(words.say(&text!("codes-lost-app")));
    }
    lines
}

/// `key unlock`
pub fn unlocked(reply: &UnlockedReply, words: &Words) -> Vec<String> {
    let (idle, longest) = (Arg::Seconds(reply.idle), Arg::Seconds(reply.longest));
    let sleep = if reply.state.as_ref().is_some_and(|state| state.hears_sleep) {
        text!("unlocked-hears-sleep")
    } else {
        text!("unlocked-hears-nothing")
    };
    vec![words.say(&text!("unlocked", idle = idle, longest = longest)), words.say(&sleep)]
}

/// `key lock`
pub fn locked(reply: &LockedReply, words: &Words) -> Vec<String> {
    vec![words.say(&if reply.was_unlocked { text!("locked-now") } else { text!("locked-already") })]
}

/// `key accounts`
pub fn accounts(reply: &Accounts, words: &Words) -> Vec<String> {
    reply.accounts.iter().map(|account| of_one(account, words)).collect()
}

fn of_one(account: &AccountInfo, words: &Words) -> String {
    if let Some(why) = &account.error {
        return words.say(&text!("account-unusable", name = &account.name, why = why.clone()));
    }
    let said = match &account.state {
        Some(Unlocked { left, idle_left, .. }) => {
            text!("account-unlocked", left = Arg::Seconds(*left), idle = Arg::Seconds(*idle_left))
        }
        None => text!("account-locked"),
    };
    let (fingerprint, device) =
        (account.fingerprint.as_deref().unwrap_or_default(), account.device.as_deref().unwrap_or_default());
    format!("{}  {fingerprint}  {device}  {}", account.name, words.say(&said))
}
