//! One-time codes, for commands that are not asked of the service layer yet.

use crate::app::second_factor;
use crate::engine::account::Account;
use crate::store::totp::TotpError;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};

/// The environment's code, for scripts.
const VARIABLE: &str = "PRINTKEEP_CODE";

/// Asks for a code, where this device needs one.
pub fn ask(context: &Context, account: &Account) -> Result<(), Failure> {
    if !account.second_factor {
        return Ok(());
    }
    let code = match std::env::var(VARIABLE).ok().filter(|code| !code.is_empty()) {
        Some(code) => code,
        None => ask::line("One-time code: ")?,
    };
    if code.is_empty() {
        let hint = Some("type it, or set PRINTKEEP_CODE".into());
        return Err(Failure { exit: Exit::Locked, message: "a one-time code is needed".into(), hint });
    }
    Ok(second_factor::with(account, |codes| codes.check(&code, context.now(), &context.random))?)
}

impl From<TotpError> for Failure {
    fn from(error: TotpError) -> Self {
        crate::app::Failure::from(error).into()
    }
}
