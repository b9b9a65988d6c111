//! `send` and `inbox`: a file goes to one device, into the folder that its owner allowed there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::config::{self, Config};
use crate::core::name::{ObjectId, ObjectName};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::letters::{self, Arrival, Carried, Inbox, OLD, Outbox, Sent, State, Waiting};
use crate::engine::runtime::Runtime;
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, Watch, select, stores};
use crate::store::work_lock::Work;
use crate::surface::args::{self, InboxCommand};
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// `send`
pub fn send(context: &Context, args: &args::Send) -> Result<Answer, Failure> {
    let config = context.config()?;
    let mut account = context.open(Work::Inbox)?;
    if let Some(id) = &args.cancel {
        let sent = letters::cancel(&account, id, &context.random)?;
        let line =
            format!("Took back {}; what went to a store is removed there by the next `printkeep sync`.", shown(&sent.name));
        return Ok(Answer::new(vec![line], json!({ "cancelled": sent.id.to_string() })));
    }
    let (Some(file), Some(to)) = (&args.file, &args.to) else {
        return Err(Failure::usage("say which file, and to which device with --to"));
    };
    let device = select::other_device(&account, to)?;
    if !account.roster.member(&device).is_some_and(|member| member.is_active()) {
        return Err(Failure::usage(format!("the device {to:?} was revoked; nothing is sent to it")));
    }
    let keyring = ask::unlock(context, &account, &args.unlock)?;
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let request = letters::Request { to: device, file, time: context.now() };
    let id = letters::send(&account, &keyring, &request, &context.random, watch, &context.cancel)?;
    progress.finish();
    let mut lines = vec![format!("Sealed {} for {to:?} alone; its id is {}.", file.display(), short(id))];
    let (told, worst) = each_store(context, &config, &mut account)?;
    if !told.iter().any(|store| store.sent) {
        lines.push("It waits in the vault; `printkeep sync` sends it.".into());
    }
    lines.extend(told.iter().flat_map(|store| store.lines.clone()));
    let fields = json!({
        "id": id.to_string(), "to": device.to_string(), "sent": told.iter().any(|store| store.sent),
        "stores": told.into_iter().map(|store| store.fields).collect::<Vec<_>>(),
    });
    // what waits for a store is safe in the vault
    Ok(Answer::new(lines, fields).exit(if worst == Exit::Stopped { worst } else { Exit::Done }))
}

/// `inbox`
pub fn inbox(context: &Context, command: InboxCommand) -> Result<Answer, Failure> {
    let mut config = context.config()?;
    match command {
        InboxCommand::Allow { folder, max_size } => {
            let path = Inbox::check(context.home.root(), &folder)?;
            let line =
                format!("Files of up to {} that you send to this device come to {}.", words::size(max_size), path.display());
            let fields = json!({ "folder": path, "max_bytes": max_size });
            config.inbox = Some(config::Inbox { path, max_bytes: max_size });
            context.save_config(&config)?;
            let more = "Only you, with your passphrase or kit, can send them; no file there is ever replaced.".into();
            Ok(Answer::new(vec![line, more], fields))
        }
        InboxCommand::Deny => {
            config.inbox = None;
            context.save_config(&config)?;
            Ok(Answer::new(vec!["This device takes no letters; they stay in the store.".into()], json!({ "folder": null })))
        }
        InboxCommand::Show => show(context, &config),
        InboxCommand::Receive => {
            let mut account = context.open(Work::Inbox)?;
            if config.stores.is_empty() {
                return Err(Failure::usage("there is no store to look in").hint("add one: `printkeep store add URL`"));
            }
            let (told, worst) = each_store(context, &config, &mut account)?;
            let mut lines: Vec<_> = told.iter().flat_map(|store| store.lines.clone()).collect();
            if lines.is_empty() && worst == Exit::Done {
                lines.push("Nothing was sent to this device.".into());
            }
            let fields = told.into_iter().map(|store| store.fields).collect::<Vec<_>>();
            Ok(Answer::new(lines, json!({ "stores": fields })).exit(worst))
        }
    }
}

fn show(context: &Context, config: &Config) -> Result<Answer, Failure> {
    let account = context.look()?;
    let now = context.now();
    let mut lines = vec![match &config.inbox {
        Some(inbox) => format!("Files of up to {} come to {}.", words::size(inbox.max_bytes), inbox.path.display()),
        None => "This device takes no letters. `printkeep inbox allow FOLDER` lets them in.".into(),
    }];
    let waiting = Waiting::load(&account)?;
    for letter in &waiting {
        let (name, from, why) = (shown(letter.name.as_bytes()), shown(letter.from.as_bytes()), shown(letter.why.as_bytes()));
        let id = short(letter.id);
        lines.push(format!("waits   {id}  {}  {name} from {from}{}: {why}", words::size(letter.size), age(letter.time, now)));
    }
    let sent = Outbox::load(&account)?.entries;
    for letter in &sent {
        let to = account.roster.member(&letter.to).map_or_else(|| letter.to.to_string(), |member| member.name.clone());
        let state = match letter.state {
            State::Unfinished => "not whole",
            State::Queued if letter.stores.iter().any(|(_, whole)| *whole) => "sent",
            State::Queued => "waits for `sync`",
            State::Taken => "taken",
            State::Cancelled => "taken back",
        };
        let (id, name) = (short(letter.id), shown(&letter.name));
        lines.push(format!("{state:<7} {id}  {}  {name} to {to}{}", words::size(letter.size), age(letter.time, now)));
    }
    if waiting.iter().any(|w| is_old(w.time, now)) || sent.iter().any(|s| is_old(s.time, now)) {
        lines.push(
            "Letters older than 30 days are marked; on the device that sent one, `printkeep send --cancel ID` takes it back."
                .into(),
        );
    }
    let inbox = config.inbox.as_ref().map(|inbox| json!({ "folder": inbox.path, "max_bytes": inbox.max_bytes }));
    let fields = json!({
        "inbox": inbox,
        "waiting": waiting.iter().map(|w| json!({
            "id": w.id.to_string(), "store": w.store, "name": w.name, "from": w.from, "reason": w.why, "size": w.size,
            "time": w.time, "old": is_old(w.time, now),
        })).collect::<Vec<_>>(),
        "sent": sent.iter().map(|s| sent_fields(s, now)).collect::<Vec<_>>(),
    });
    Ok(Answer::new(lines, fields))
}

fn sent_fields(sent: &Sent, now: i64) -> Value {
    json!({
        "id": sent.id.to_string(), "to": sent.to.to_string(), "name": String::from_utf8_lossy(&sent.name), "size": sent.size,
        "time": sent.time, "state": format!("{:?}", sent.state).to_lowercase(), "old": is_old(sent.time, now),
        "stores": sent.stores.iter().map(|(name, whole)| json!({ "store": name, "whole": whole })).collect::<Vec<_>>(),
    })
}

fn is_old(time: i64, now: i64) -> bool {
    time > 0 && now.saturating_sub(time) > OLD
}

fn age(time: i64, now: i64) -> String {
    if is_old(time, now) { format!(", {} days old", now.saturating_sub(time) / 86_400) } else { String::new() }
}

fn short(id: ObjectId) -> String {
    id.to_string().chars().take(8).collect()
}

/// A name from elsewhere, fit for a terminal.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().filter(|c| !c.is_control()).collect()
}

/// What the post did in one store.
pub struct Told {
    /// For people.
    pub lines: Vec<String>,
    /// For programs.
    pub fields: Value,
    /// How it went.
    pub exit: Exit,
    sent: bool,
}

fn each_store(context: &Context, config: &Config, account: &mut AccountWriter) -> Result<(Vec<Told>, Exit), Failure> {
    let (mut told, mut worst) = (Vec::new(), Exit::Done);
    let runtime = Runtime::new(&context.cancel)?;
    for store in &config.stores {
        let done = stores::open(account, store).map_err(EngineError::from).and_then(|opened| {
            let there = letters::held(&Shelf::new(&*opened.provider, &runtime))?;
            Ok((opened, there))
        });
        match done
            .map_err(Failure::from)
            .and_then(|(opened, there)| through(context, config, account, (&opened, &runtime), &there))
        {
            Ok(one) => {
                worst = if worst == Exit::Done { one.exit } else { worst };
                told.push(one);
            }
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => {
                let lines = vec![format!("{}: {}", store.name, failure.message)];
                let fields = json!({ "store": store.name, "error": failure.message, "hint": failure.hint });
                told.push(Told { lines, fields, exit: failure.exit, sent: false });
                worst = failure.exit;
            }
        }
    }
    Ok((told, worst))
}

fn through(
    context: &Context,
    config: &Config,
    account: &mut AccountWriter,
    (store, runtime): (&crate::engine::places::Store, &crate::engine::runtime::Runtime),
    there: &BTreeSet<ObjectName>,
) -> Result<Told, Failure> {
    let shelf = Shelf::new(&*store.provider, runtime);
    let names: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    let carried = letters::carry(account, &shelf, (&store.name, &names), there, &context.random, &context.cancel)?;
    let inbox = config.inbox.as_ref().map(|inbox| Inbox { folder: inbox.path.clone(), max_size: inbox.max_bytes });
    let arrivals = letters::receive(account, &shelf, there, inbox.as_ref(), &context.cancel)?;
    Waiting::remember(account, &store.name, &arrivals, &context.random)?;
    let mut told = told(account, &store.name, &carried, &arrivals, context.now());
    if inbox.is_none() && carried.failed.is_empty() {
        // the owner's own choice is no fault
        told.exit = Exit::Done;
    }
    Ok(told)
}

fn told(account: &Account, store: &str, carried: &Carried, arrivals: &[Arrival], now: i64) -> Told {
    let device = |sent: &Sent| account.roster.member(&sent.to).map_or_else(|| sent.to.to_string(), |m| m.name.clone());
    let mut lines: Vec<String> = Vec::new();
    let mut line = |what: &str, sent: &[Sent]| {
        lines.extend(sent.iter().map(|sent| format!("{store}: {} {what} {}.", shown(&sent.name), device(sent))));
    };
    line("is there for", &carried.sent);
    line("is no longer there: it was taken by", &carried.taken);
    line("was taken back; it does not go to", &carried.cancelled);
    lines.extend(carried.failed.iter().map(|why| format!("{store}: {why}")));
    let mut exit = if carried.failed.is_empty() { Exit::Done } else { Exit::Incomplete };
    for arrival in arrivals {
        let (name, from) = (shown(arrival.name.as_bytes()), shown(arrival.from.as_bytes()));
        match &arrival.outcome {
            Ok(path) => lines.push(format!("Received {name} ({}) from {from}: {}.", words::size(arrival.size), path.display())),
            Err(why) => {
                lines.push(format!("{store}: {name} ({}) from {from} stays there: {why}", words::size(arrival.size)));
                exit = Exit::Incomplete;
            }
        }
    }
    let mut fields = Map::new();
    fields.insert("store".into(), store.into());
    for (key, sent) in [("sent", &carried.sent), ("taken", &carried.taken), ("cancelled", &carried.cancelled)] {
        fields.insert(key.into(), sent.iter().map(|sent| sent_fields(sent, now)).collect());
    }
    fields.insert("failed".into(), carried.failed.clone().into());
    let arrived = arrivals.iter().map(|a| {
        let (path, why) = (a.outcome.as_ref().ok(), a.outcome.as_ref().err());
        json!({ "id": a.id.to_string(), "name": a.name, "size": a.size, "from": a.from, "path": path, "reason": why })
    });
    fields.insert("arrived".into(), arrived.collect());
    Told { lines, fields: Value::Object(fields), exit, sent: !carried.sent.is_empty() }
}
