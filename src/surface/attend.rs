//! What every command leaves behind: an entry in the audit log, incidents looked for and told, the owner's program told of them.
//!
//! Each command says here which event it is; a command that touches data and is not named here does not compile.

use serde_json::Value;

use super::args::{Command, InboxCommand};
use super::context::Context;
use super::exit::{Exit, Failure};
use super::show::Answer;
use super::words::Words;
use super::{cli, words};
use crate::app::jobs::problems::Problem;
use crate::config::{AUDIT_DAYS, Config, SILENT_DAYS};
use crate::engine::account::Account;
use crate::engine::audit::{self, Note};
use crate::engine::incident::{Grade, Kind, Raised, Watched, hook, watch};
use crate::store::audit::{Event, Outcome};

/// What a command will be in the log.
pub struct Planned {
    event: Event,
    what: &'static str,
    names: Vec<String>,
    begins: bool,
}

/// What the log says of a command; none for one that touches no data.
pub fn plan(command: &Command) -> Option<Planned> {
    let of = |event, what| Some(Planned { event, what, names: Vec::new(), begins: false });
    let on = |event, what, name: &str| Some(Planned { event, what, names: vec![name.to_owned()], begins: false });
    let path = |path: &std::path::Path| path.display().to_string();
    match command {
        Command::Device(_) | Command::Rescue(_) | Command::Setup(_) | Command::Snapshots(_) | Command::Source(_) => None,
        Command::Backup(_) | Command::Sync(_) | Command::Forget(_) | Command::Prune(_) | Command::Rules(_) => None,
        Command::Ls(_) | Command::Find(_) | Command::Diff(_) | Command::Cat(_) | Command::Restore(_) => None,
        Command::Send(args) => {
            let names = args.file.iter().map(|file| path(file)).chain(args.to.clone()).collect();
            let what = if args.cancel.is_some() { "taken back" } else { "sent" };
            Some(Planned { event: Event::Share, what, names, begins: false })
        }
        Command::Inbox(args) => match &args.command {
            InboxCommand::Allow { folder, .. } => on(Event::Share, "inbox allowed", &path(folder)),
            InboxCommand::Deny => of(Event::Share, "inbox denied"),
            InboxCommand::Receive => of(Event::Share, "received"),
            InboxCommand::Show => None,
        },
        Command::Store(_) => None,
        Command::Key(_) | Command::Privacy(_) => None,
        Command::Check(_) | Command::Problems(_) | Command::Status(_) | Command::Completions(_) | Command::Man(_) => None,
    }
}

/// Before a command that reads much back or lets much go: so that one which is killed stands in the log too.
pub fn begin(context: &Context, planned: Option<&Planned>) {
    if let Some(planned) = planned.filter(|planned| planned.begins)
        && let Ok(account) = context.look()
    {
        account.audit(Note::of(planned.event, Outcome::Begun).what(planned.what).names(planned.names.clone()));
    }
}

/// After a command: writes it down, looks for incidents, tells them.
pub fn end(context: &Context, planned: Option<&Planned>, done: &Result<Answer, Failure>) {
    let mut accounts = Vec::new();
    match context.look() {
        Ok(account) => accounts.push(account),
        // a policy holds for every account of the home
        Err(_) if planned.is_some_and(|planned| planned.event == Event::Policy) => {
            let names = context.home.accounts().unwrap_or_default();
            accounts.extend(names.into_iter().filter_map(|name| Account::look(&context.home, name).ok()));
        }
        Err(_) => {}
    }
    let config = context.config().unwrap_or_default();
    for account in &accounts {
        if let Some(planned) = planned {
            write(account, planned, done);
            if matches!(planned.event, Event::Backup | Event::Sync | Event::Prune) {
                let days = config.audit_days.unwrap_or(AUDIT_DAYS);
                // what cannot be let go today goes another day
                let _ = account.trail().retire(days, context.now(), &context.random);
            }
        }
        let synced = planned.is_some_and(|planned| planned.event == Event::Sync);
        attend(context, &config, account, synced);
    }
    if let Some(why) = audit::trouble() {
        words::note(&format!("printkeep: this was done, but not written to the audit log: {why}"));
        accounts.iter().for_each(|account| account.raise(Raised::of(Kind::AuditUnwritten, "").object(why)));
    } else if planned.is_some() {
        accounts.iter().for_each(|account| account.remedied(Kind::AuditUnwritten, ""));
    }
}

fn write(account: &Account, planned: &Planned, done: &Result<Answer, Failure>) {
    let exit = done.as_ref().map_or_else(|failure| failure.exit, |answer| answer.exit);
    let outcome = match exit {
        Exit::Done => Outcome::Done,
        Exit::Stopped => Outcome::Stopped,
        Exit::Locked | Exit::NoConsent => Outcome::Refused,
        _ if done.is_ok() => Outcome::Partly,
        _ => Outcome::Failed,
    };
    if (planned.event, outcome) == (Event::Consent, Outcome::Done) {
        return;
    }
    let (count, bytes) = done.as_ref().map(|answer| amount(&Value::Object(answer.fields.clone()))).unwrap_or_default();
    account.audit(Note::of(planned.event, outcome).what(planned.what).amount(count, bytes).names(planned.names.clone()));
}

/// How much a command did, by what it answers.
fn amount(fields: &Value) -> (u64, u64) {
    let number = |value: &Value, names: &[&str]| names.iter().find_map(|name| value[*name].as_u64()).unwrap_or(0);
    let mut total = (number(fields, &["files", "brought", "forgotten", "objects"]), number(fields, &["bytes"]));
    for part in ["stores", "removed"].iter().filter_map(|name| fields[*name].as_array()).flatten() {
        total.0 += number(part, &["sent", "objects"]) + number(part, &["fetched"]);
        total.1 += number(part, &["sent_bytes", "bytes"]) + number(part, &["fetched_bytes"]);
    }
    total
}

/// Looks for what lasts.
pub fn look(context: &Context, config: &Config, account: &Account, synced: bool) -> Result<(), Failure> {
    let silent_days = config.silent_days.unwrap_or(SILENT_DAYS);
    let stores: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    Ok(watch(account, &Watched { silent_days, free: free_space(&context.home.vault()), synced, stores: &stores })?)
}

/// Looks for incidents, tells those that are new, and hands them to the owner's program.
fn attend(context: &Context, config: &Config, account: &Account, synced: bool) {
    // what cannot be looked at now was told by the command itself
    let _ = look(context, config, account, synced);
    let said = Words::of(super::context::language());
    for incident in account.take_unshown().iter().filter(|incident| incident.grade() > Grade::Info) {
        let problem = Problem::of(account, incident);
        cli::problems::told(&problem, &said).iter().for_each(|line| words::note(line));
    }
    if let Some(program) = &config.hook {
        let session = context.session(false);
        let document = |incident: &_| Problem::of(account, incident).document(&session).to_string();
        if let Some(why) = hook::tell(account, program, &document) {
            words::note(&format!("printkeep: nobody was told of an incident: {why}; it is tried again next time"));
        }
    }
}

/// How many bytes are free where `path` lies; as many as can be where that is not known.
pub fn free_space(path: &std::path::Path) -> u64 {
    rustix::fs::statvfs(path).map_or(u64::MAX, |stat| stat.f_bavail * stat.f_frsize)
}
