//! `key totp`: one-time codes, asked for on this device before what cannot be undone.

use serde_json::json;

use crate::core::secret::{Secret, SecretText};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::store::home::write_private;
use crate::store::totp::{self, Codes, SECRET_LEN, TotpError};
use crate::store::work_lock::Work;
use crate::surface::args::TotpCommand;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// The environment's code, for scripts.
const VARIABLE: &str = "PRINTKEEP_TOTP";
/// The label of the key that the secret is sealed under.
const KEY: &[u8] = b"totp";

/// Turns codes on or off, or tells how it stands.
pub fn run(context: &Context, command: TotpCommand) -> Result<Answer, Failure> {
    match command {
        TotpCommand::On { to } => on(context, to),
        TotpCommand::Off { unlock } => {
            let mut account = context.open(Work::Keys)?;
            if !account.second_factor {
                return Ok(told(false));
            }
            // who lost the app has the kit
            if unlock.recovery_kit.is_some() {
                ask::unlock_as_owner(context, &account, &unlock)?;
            } else {
                ask(context, &account)?;
            }
            account.remember_second_factor(false)?;
            let folder = account.folder();
            Codes::new(&folder, account.local_key(KEY)).disable()?;
            Ok(told(false))
        }
        TotpCommand::Status => Ok(told(context.look()?.second_factor)),
    }
}

fn told(needed: bool) -> Answer {
    let line = if needed {
        "One-time codes are asked for on this device before a device is revoked or anything is erased."
    } else {
        "No one-time codes are asked for on this device. `printkeep key totp on` turns them on."
    };
    Answer::new(vec![line.into()], json!({ "totp": needed }))
}

fn on(context: &Context, to: Option<std::path::PathBuf>) -> Result<Answer, Failure> {
    let mut account = context.open(Work::Keys)?;
    if account.second_factor {
        return Err(
            Failure::usage("one-time codes are on already").hint("`printkeep key totp off` first, with a code or the kit")
        );
    }
    let secret: Secret<SECRET_LEN> = Secret::random(&context.random).map_err(EngineError::from)?;
    let address =
        totp::address(&secret, account.name.as_str()).ok_or_else(|| Failure::usage("no address can be made for an app"))?;
    match &to {
        Some(path) => {
            write_private(path, address.as_bytes())?;
            words::note(&format!("The secret for your app is in {}; delete that file afterwards.", path.display()));
        }
        None => words::note(&format!("Add this to your app (an authenticator): {}", *address)),
    }
    let code = code("The code that the app shows now: ")?;
    let folder = account.folder();
    Codes::new(&folder, account.local_key(KEY)).enable(&secret, code.expose(), context.now(), &context.random)?;
    account.remember_second_factor(true)?;
    let mut answer = told(true);
    answer.lines.push("If you lose the app: `printkeep key totp off --recovery-kit FILE`.".into());
    Ok(answer)
}

/// Asks for a code, where this device needs one.
pub fn ask(context: &Context, account: &Account) -> Result<(), Failure> {
    if !account.second_factor {
        return Ok(());
    }
    let code = code("One-time code: ")?;
    let folder = account.folder();
    Ok(Codes::new(&folder, account.local_key(KEY)).check(code.expose(), context.now(), &context.random)?)
}

fn code(question: &str) -> Result<SecretText, Failure> {
    if let Some(code) = std::env::var(VARIABLE).ok().filter(|code| !code.is_empty()) {
        return Ok(SecretText::new(code));
    }
    // also from a pipe: whoever waits for the secret before it can answer
    let line = ask::line(question)?;
    if !line.is_empty() {
        return Ok(SecretText::new(line));
    }
    Err(Failure {
        exit: Exit::Locked,
        message: "a one-time code is needed".into(),
        hint: Some("type it, or set PRINTKEEP_TOTP".into()),
    })
}

impl From<TotpError> for Failure {
    fn from(error: TotpError) -> Self {
        let message = error.to_string();
        match error {
            TotpError::Disk(error) => error.into(),
            TotpError::Randomness => EngineError::Randomness.into(),
            TotpError::Lost(_) => Self {
                exit: Exit::Damaged,
                message,
                hint: Some("turn codes off with the recovery kit: `printkeep key totp off --recovery-kit FILE`".into()),
            },
            _ => Self {
                exit: Exit::Locked,
                message,
                hint: Some("codes change every 30 seconds; is this machine's clock right?".into()),
            },
        }
    }
}
