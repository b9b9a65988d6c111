//! After a command: what the owner allows to be recorded is recorded, and what was kept long enough is deleted.
//!
//! It never changes how the command ended: a fact that cannot be recorded is told in a line.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::args::Command;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::show::Answer;
use super::words;
use crate::config::Config;
use crate::consent::mask::Raw;
use crate::consent::{Item, Standing};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::facts::observe::{Scene, observe};
use crate::engine::facts::{Take, deletion, mask, record};
use crate::store::work_lock::Work;

/// What is done after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Nothing: it only shows, or is about the records themselves.
    Nothing,
    /// What it did and what went wrong.
    Operation,
    /// The same, and the facts of the device; old ones are deleted.
    Facts,
}

/// The counts of bytes in answers that tell how much was moved.
const MOVED: [&str; 4] = ["read_bytes", "sent_bytes", "fetched_bytes", "written_bytes"];

impl Recording {
    /// What is done after this command.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Send(_) => Self::Operation,
            _ => Self::Nothing,
        }
    }

    /// Records, and gives the answer back, with what was recorded in it.
    pub fn note(self, context: &Context, name: &str, mut done: Result<Answer, Failure>) -> Result<Answer, Failure> {
        if self == Self::Nothing {
            return done;
        }
        match self.try_note(context, name, &done) {
            Ok(Some(fields)) => {
                if let Ok(answer) = &mut done {
                    answer.fields.insert("facts".into(), fields);
                }
            }
            Ok(None) => {}
            Err(failure) => words::note(&format!("what you allowed could not be recorded: {}", failure.message)),
        }
        done
    }

    fn try_note(self, context: &Context, name: &str, done: &Result<Answer, Failure>) -> Result<Option<Value>, Failure> {
        // most owners allow nothing: that costs no lock and no write
        match context.look() {
            Ok(account) if is_recording(&account) => {}
            _ => return Ok(None),
        }
        let mut account = match context.open(Work::Records) {
            Ok(account) => account,
            Err(failure) if failure.exit == Exit::Busy => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let config = context.config().unwrap_or_default();
        let (mut fields, time) = (json!({}), context.now());
        if self == Self::Facts {
            fields["deleted"] =
                deletion::tidy(&mut account, &crate::app::jobs::records_at_store::store_names(&config), time)?.len().into();
            if done.is_ok() {
                let sources: Vec<PathBuf> = config.sources.iter().map(|source| source.path.clone()).collect();
                let scene = Scene { root: &context.system_root, sources: &sources };
                let observed = observe(&mut account, &scene, time, &context.random)?;
                fields["recorded"] = observed.recorded.iter().map(|item| item.as_str()).collect();
                fields["not_known_here"] = observed.unknown.iter().map(|item| item.as_str()).collect();
            }
        }
        operation(context, &mut account, name, done)?;
        diagnosis(context, &mut account, &config, name, done)?;
        Ok(Some(fields))
    }
}

/// Whether anything is allowed to be recorded, or was recorded and may have to go.
fn is_recording(account: &Account) -> bool {
    let allowed = |item: Item| item.is_recorded() && account.ledger.standing(item) == Standing::Granted;
    account.facts.held().next().is_some() || Item::all().any(allowed)
}

fn happened(context: &Context, account: &mut AccountWriter, item: Item, values: &[Raw], names: &[String]) -> Result<(), Failure> {
    let Ok(permit) = account.ledger.permit(item) else { return Ok(()) };
    if let Some(masked) = mask(account, &permit, values, names) {
        record(account, &permit, &masked, Take::Always, context.now(), &context.random)?;
    }
    Ok(())
}

/// Which command ran, how it ended, how much it moved; no names.
fn operation(context: &Context, account: &mut AccountWriter, name: &str, done: &Result<Answer, Failure>) -> Result<(), Failure> {
    let (exit, moved) = match done {
        Ok(answer) => (answer.exit, moved(&Value::Object(answer.fields.clone()), 0)),
        Err(failure) => (failure.exit, 0),
    };
    let exit = (exit as u8).to_string();
    let values = [("command", name.to_owned()), ("exit", exit), ("bytes moved", moved.to_string())];
    happened(context, account, Item::OperationLog, &values, &[])
}

/// What went wrong, scrubbed of whatever could name something.
fn diagnosis(
    context: &Context,
    account: &mut AccountWriter,
    config: &Config,
    name: &str,
    done: &Result<Answer, Failure>,
) -> Result<(), Failure> {
    let Err(failure) = done else { return Ok(()) };
    let mut names: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    names.extend(account.roster.members.iter().map(|member| member.name.clone()));
    names.extend([account.name.as_str().to_owned(), account.device.name.clone()]);
    names.extend(std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    let values = [("command", name.to_owned()), ("error", failure.message.clone())];
    happened(context, account, Item::Diagnostics, &values, &names)
}

/// The bytes that an answer says were moved, its parts added up.
fn moved(value: &Value, depth: u8) -> u64 {
    match value {
        Value::Object(map) => {
            let of = |(name, value): (&String, &Value)| match value.as_u64() {
                Some(bytes) if MOVED.contains(&name.as_str()) => bytes,
                _ if depth < 4 => moved(value, depth + 1),
                _ => 0,
            };
            map.iter().map(of).fold(0, u64::saturating_add)
        }
        Value::Array(list) if depth < 4 => list.iter().map(|value| moved(value, depth + 1)).fold(0, u64::saturating_add),
        _ => 0,
    }
}
