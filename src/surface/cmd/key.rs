//! `key`: what opens the account: passphrase, recovery kit, the reading key kept here; and a new generation of its keys.

use std::path::Path;

use serde_json::json;

use crate::core::slot::SlotKind;
use crate::engine::holder;
use crate::engine::reading_key::{self, Held};
use crate::engine::{EngineError, runtime, stores, unlock};
use crate::store::system_keyring::SystemKeyring;
use crate::store::work_lock::Work;
use crate::surface::args::{KeyCommand, RecoveryCommand, Unlock};
use crate::surface::ask;
use crate::surface::cmd::device::rotate_keys;
use crate::surface::cmd::init::{store_addresses, write_kit};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;

/// Changes or lists key slots.
pub fn run(context: &Context, command: KeyCommand) -> Result<Answer, Failure> {
    match command {
        KeyCommand::List => list(context),
        KeyCommand::Totp { command } => super::totp::run(context, command),
        KeyCommand::Rotate(owner) => {
            let mut answer = rotate_keys(context, &owner)?;
            if reading_key::held(&context.look()?)? == Held::Stale {
                let told = "The reading key kept on this machine is stale now: keep the new one with `printkeep key remember`.";
                answer.lines.push(told.into());
            }
            Ok(answer)
        }
        KeyCommand::Remember { unlock } => remember(context, &unlock),
        KeyCommand::Forget => forget(context),
        KeyCommand::Passphrase { unlock: how, new_passphrase_file } => {
            let mut account = context.open(Work::Keys)?;
            let keyring = ask::unlock_as_owner(context, &account, &how)?;
            let file = new_passphrase_file.as_deref();
            // the environment's passphrase is the one that unlocks; the new one comes from a file or a prompt
            let new = if file.is_some() || ask::can_ask() { ask::new_passphrase(context, file)? } else { None };
            let new = new.ok_or_else(|| {
                Failure::usage("there is no new passphrase").hint("give --new-passphrase-file FILE, or run it on a terminal")
            })?;
            let cost = context.profile(&context.config()?).cost;
            unlock::set_passphrase(&mut account, &keyring, &new, cost, &context.random)?;
            holder::lock(&account)?;
            let lines = vec!["The passphrase is set on this device; the one before no longer opens it.".into(), SYNC.into()];
            Ok(Answer::new(lines, json!({ "set": "passphrase" })))
        }
        KeyCommand::Recovery { test: Some(RecoveryCommand::Test { kit }), .. } => test(context, &kit),
        KeyCommand::Recovery { test: None, unlock: how, to } => {
            let mut account = context.open(Work::Keys)?;
            let keyring = ask::unlock_as_owner(context, &account, &how)?;
            let path = to.unwrap_or_else(|| context.home.root().join(format!("recovery-kit-{}.txt", context.now())));
            let path = std::path::absolute(path).map_err(|e| Failure::usage(format!("--to: {e}")))?;
            if path.exists() {
                return Err(Failure::usage(format!("{} is there already", path.display())).hint("name another file with --to"));
            }
            let kit = unlock::prepare_kit(&keyring, &context.random)?;
            // the page is on the disk before the old kit is worth nothing
            write_kit(&account, kit.entropy, &path, context.now(), &store_addresses(&context.config()?))?;
            unlock::replace_kit(&mut account, &kit.slot)?;
            holder::lock(&account)?;
            let lines = vec![
                format!("The new recovery kit is {}.", path.display()),
                "Print it or copy it to a stick, keep it safe, and delete it from this machine. The kit before no longer opens the account.".into(),
                SYNC.into(),
            ];
            Ok(Answer::new(lines, json!({ "set": "recovery", "recovery_kit": path })))
        }
    }
}

const SYNC: &str = "Run `printkeep sync` so that your stores forget the old one too.";

/// Keeps the reading key on this machine; the owner's passphrase or kit is needed once.
fn remember(context: &Context, how: &Unlock) -> Result<Answer, Failure> {
    let account = context.open(Work::Keys)?;
    if context.is_small_printer(&context.config()?) {
        return Err(EngineError::WritesOnly(account.device.name.clone()).into());
    }
    reading_key::may_remember(&account)?;
    // a keyring that is away is told before anything is typed
    let system = SystemKeyring::connect().map_err(EngineError::from)?;
    let keyring = ask::unlock_as_owner(context, &account, how)?;
    reading_key::remember(&account, &keyring, &system, &context.random)?;
    let lines = vec![
        "This machine keeps the reading key from now on: while your session's keyring is open, reading back needs no passphrase."
            .into(),
        "Neither this home nor the keyring opens anything without the other. `printkeep key forget` ends it.".into(),
    ];
    Ok(Answer::new(lines, json!({ "reading_key": "kept" })))
}

/// Keeps it no longer.
fn forget(context: &Context) -> Result<Answer, Failure> {
    let account = context.open(Work::Keys)?;
    if !reading_key::forget(&account)? {
        return Ok(Answer::new(vec!["This machine keeps no reading key.".into()], json!({ "reading_key": "none" })));
    }
    let cleared = SystemKeyring::connect().map_err(EngineError::from).and_then(|system| reading_key::clear(&account, &system));
    let mut lines = vec!["This machine keeps no reading key any more.".into()];
    if let Err(error) = &cleared {
        lines.push(format!("What your session's keyring kept for it opens nothing now, and is still there: {error}."));
    }
    Ok(Answer::new(lines, json!({ "reading_key": "none", "keyring_cleared": cleared.is_ok() })))
}

/// Proves that a kit opens the account from the vault, and from each store that may be read now.
fn test(context: &Context, kit: &Path) -> Result<Answer, Failure> {
    let (of, entropy) = ask::read_kit(kit)?;
    let account = context.look()?;
    if of.is_some_and(|of| of != account.id()) {
        return Err(EngineError::WrongKit.into());
    }
    let key = unlock::Key::Kit(entropy);
    unlock::unlock(&account, &key)?;
    let mut lines = vec![format!("The kit opens the account with the fingerprint {}.", account.fingerprint())];
    let (mut told, mut worst) = (Vec::new(), Exit::Done);
    let (config, runtime) = (context.config()?, runtime()?);
    for store in &config.stores {
        let opened = stores::open_to_read(&account, store).map_err(EngineError::from);
        let tried = opened.and_then(|store| unlock::unlock_from(&account, &*store.provider, &runtime, &key));
        let opens = tried.is_ok();
        let said = match tried.map_err(Failure::from) {
            Ok(_) => "it opens what lies there, too".to_owned(),
            Err(failure) => {
                worst = failure.exit;
                failure.message
            }
        };
        lines.push(format!("  {}: {said}", store.name));
        told.push(json!({ "store": store.name, "opens": opens, "said": said }));
    }
    let fields = json!({ "opens": true, "fingerprint": account.fingerprint(), "stores": told });
    Ok(Answer::new(lines, fields).exit(worst))
}

fn list(context: &Context) -> Result<Answer, Failure> {
    let account = context.look()?;
    let slots = unlock::list(&account)?;
    let mut told = Vec::new();
    for slot in &slots {
        let what: String = match slot.kind {
            Ok(SlotKind::Recovery) => "recovery kit".into(),
            Ok(SlotKind::Passphrase(_)) => {
                let here = if slot.here { " (this one)" } else { "" };
                format!("passphrase on {}{here}", slot.device.as_deref().unwrap_or("an unknown device"))
            }
            Err(why) => format!("cannot be read: {why}"),
        };
        told.push((what, slot.name, slot.here));
    }
    let held = reading_key::held(&account)?;
    let kept = match held {
        Held::Nothing => None,
        Held::Key => Some("the reading key kept on this machine, with your session's keyring"),
        Held::Stale => Some("the reading key kept on this machine: stale, from before `key rotate`"),
    };
    // names are random; what they open is what an owner looks for
    told.sort();
    let lines = told.iter().map(|(what, name, _)| format!("{name}  {what}")).chain(kept.map(str::to_owned)).collect();
    let fields: Vec<_> =
        told.iter().map(|(what, name, here)| json!({ "slot": name.to_string(), "what": what, "here": here })).collect();
    Ok(Answer::new(lines, json!({ "slots": fields, "reading_key": held.word() })))
}
