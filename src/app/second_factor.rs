//! One-time codes, asked for on this device before what cannot be undone.

use crate::app::work::Work;
use crate::app::{Exit, Failure, Text};
use crate::core::secret::SecretText;
use crate::engine::EngineError;
use crate::engine::account::AccountWriter;
use crate::local::totp::{Codes, TotpError};
use crate::text;

/// The label of the key that the secret is sealed under.
const KEY: &[u8] = b"totp";

/// Does something with the codes of an account.
pub fn with<T>(account: &AccountWriter, f: impl FnOnce(&Codes<'_>) -> Result<T, TotpError>) -> Result<T, Failure> {
    let folder = account.folder();
    Ok(f(&Codes::new(&folder, account.local_key(KEY)))?)
}

/// Asks for a code, where this device needs one.
pub fn ask(work: &Work<'_>, account: &AccountWriter) -> Result<(), Failure> {
    if !account.second_factor {
        return Ok(());
    }
    let code = code(work, &text!("codes-question"))?;
    with(account, |codes| codes.check(code.expose(), work.session.now(), &work.session.random))
}

/// A code: given beforehand, or asked for; also of whoever is no terminal, and waits for the secret before it can answer.
pub fn code(work: &Work<'_>, question: &Text) -> Result<SecretText, Failure> {
    if let Some(code) = work.prompt.given_code() {
        return Ok(code);
    }
    let line = work.prompt.answer(question)?;
    if !line.is_empty() {
        return Ok(SecretText::new(line));
    }
    Err(Failure::new(Exit::Locked, text!("code-needed")).hint(text!("code-needed-hint")))
}

impl From<TotpError> for Failure {
    fn from(error: TotpError) -> Self {
        let locked = |message| Self::new(Exit::Locked, message).hint(text!("code-clock-hint"));
        match error {
            TotpError::Disk(error) => error.into(),
            TotpError::Randomness => EngineError::Randomness.into(),
            TotpError::Lost(path) => {
                Self::new(Exit::Damaged, text!("code-secret-lost", path = path.as_path())).hint(text!("code-secret-lost-hint"))
            }
            TotpError::Wrong => locked(text!("code-not-now")),
            TotpError::Used => locked(text!("code-used")),
            TotpError::Wait(seconds) => locked(text!("code-wait", wait = crate::app::Arg::Seconds(seconds))),
        }
    }
}
