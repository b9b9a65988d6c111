//! `account`: which there are on this machine; kept unlocked for a while, and locked.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::holder::{self, Limits, State};
use crate::store::home::DiskError;
use crate::surface::account_args::{AccountCommand, UnlockFor};
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Lists, unlocks, locks.
pub fn run(context: &Context, command: AccountCommand) -> Result<Answer, Failure> {
    match command {
        AccountCommand::List => list(context),
        AccountCommand::Unlock(args) => unlock_for(context, &args),
        AccountCommand::Lock => {
            let was = holder::lock(&context.look()?)?;
            let line = if was { "Locked: the keys are out of memory." } else { "It was locked already." };
            Ok(Answer::new(vec![line.into()], json!({ "locked": true, "was_unlocked": was })))
        }
        AccountCommand::Hold { idle, longest } => {
            hold(context, Limits { idle: Duration::from_secs(idle), longest: Duration::from_secs(longest) })
        }
    }
}

fn unlock_for(context: &Context, args: &UnlockFor) -> Result<Answer, Failure> {
    let limits = Limits { idle: args.idle, longest: args.longest };
    let account = context.look()?;
    let keyring = ask::unlock_as_owner(context, &account, &args.unlock)?;
    let program = std::env::current_exe().map_err(DiskError::at("find", std::path::Path::new("printkeep")))?;
    let mut command = Command::new(program);
    command.arg("--home").arg(context.home.root()).args(["--account", account.name.as_str(), "account", "hold"]);
    command.args(limits.seconds()).current_dir("/").env_clear();
    // where it hears of sleep
    command.envs(std::env::var_os("DBUS_SYSTEM_BUS_ADDRESS").map(|bus| ("DBUS_SYSTEM_BUS_ADDRESS", bus)));
    let hears_sleep = holder::start(&account, &keyring, &mut command)?;
    let mut lines = vec![
        format!(
            "Unlocked until nothing has read for {}, for {} at most, or until `printkeep account lock`.",
            time(limits.idle.as_secs()),
            time(limits.longest.as_secs())
        ),
        "Until then every program that runs as you can read your backup. What changes keys, devices or codes still asks.".into(),
    ];
    lines.push(if hears_sleep {
        "It locks before this machine sleeps, and when your screen is locked.".into()
    } else {
        "This system does not tell when it goes to sleep: it locks when the machine wakes. Lock it before you close the lid."
            .into()
    });
    Ok(Answer::new(lines, fields(holder::state(&account)?)))
}

/// Holds the keys that come on its input; detached from the terminal it was started at.
fn hold(context: &Context, limits: Limits) -> Result<Answer, Failure> {
    // it fails where it leads a group already, which is as good
    let _ = rustix::process::setsid();
    let account = context.look()?;
    // unbuffered: no buffer of the library's keeps a copy
    let unbuffered = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().map(File::from);
    let streams = unbuffered(std::io::stdin().as_fd()).and_then(|input| Ok((input, unbuffered(std::io::stdout().as_fd())?)));
    let (mut input, ready) = streams.map_err(DiskError::at("open", std::path::Path::new("standard input")))?;
    let mut ready = Ready(Some(ready));
    let done = holder::serve(&account, limits, &mut input, &mut ready, &context.cancel);
    match done {
        Ok(_) => Ok(Answer::new(Vec::new(), json!({}))),
        Err(error) => {
            let failure = Failure::from(error);
            let _ = ready.write_all(failure.message.as_bytes());
            Err(failure)
        }
    }
}

/// Standard output, which is closed with the first word: whoever started this process waits for its end.
struct Ready(Option<File>);

impl Write for Ready {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.as_mut().map_or(Ok(bytes.len()), |to| to.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0 = None;
        close_standard_streams()
    }
}

/// Points standard input and output at nothing.
fn close_standard_streams() -> std::io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    Ok(())
}

fn list(context: &Context) -> Result<Answer, Failure> {
    let names = context.home.accounts()?;
    let (mut lines, mut told) = (Vec::new(), Vec::new());
    for name in names {
        match Account::look(&context.home, name.clone()) {
            Ok(account) => {
                let state = holder::state(&account)?;
                let said = match state {
                    Some(state) => format!("unlocked, for {} or {} idle", time(state.left), time(state.idle_left)),
                    None => "locked".into(),
                };
                lines.push(format!("{}  {}  {}  {said}", name.as_str(), account.fingerprint(), account.device.name));
                let mut fields = fields(state);
                fields["name"] = name.as_str().into();
                fields["fingerprint"] = account.fingerprint().into();
                fields["device"] = account.device.name.as_str().into();
                told.push(fields);
            }
            Err(error) => {
                let failure = Failure::from(error);
                lines.push(format!("{}  cannot be opened: {}", name.as_str(), failure.message));
                told.push(json!({ "name": name.as_str(), "error": failure.message }));
            }
        }
    }
    if lines.is_empty() {
        return Err(EngineError::NoAccount.into());
    }
    Ok(Answer::new(lines, json!({ "accounts": told })))
}

fn fields(state: Option<State>) -> Value {
    match state {
        None => json!({ "unlocked": false }),
        Some(state) => json!({
            "unlocked": true, "process": state.process, "idle_seconds": state.idle, "idle_left": state.idle_left,
            "left": state.left, "hears_sleep": state.hears_sleep,
        }),
    }
}

/// A time in words, in the largest unit that says it.
fn time(seconds: u64) -> String {
    match seconds {
        0..120 => words::count(seconds, "second"),
        120..7200 => words::count(seconds / 60, "minute"),
        7200..172_800 => words::count(seconds / 3600, "hour"),
        _ => words::count(seconds / 86_400, "day"),
    }
}
