//! Somebody at the keyboard, who answers as a test says.

use printkeep::app::prompt::{SecretKind, Shown};
use printkeep::app::{Failure, Prompt, Text};
use printkeep::core::secret::SecretText;

/// Types secrets and answers; nothing was given beforehand.
pub struct Typist<S, A> {
    /// What is typed where a secret is asked for.
    pub secret: S,
    /// What is typed where a question is asked.
    pub answer: A,
}

impl<S, A> Prompt for Typist<S, A>
where
    S: Fn(SecretKind) -> Result<SecretText, Failure> + Sync,
    A: Fn(&Text) -> String + Sync,
{
    fn is_there(&self) -> bool {
        true
    }

    fn given_passphrase(&self) -> Option<SecretText> {
        None
    }

    fn given_code(&self) -> Option<SecretText> {
        None
    }

    fn secret(&self, wanted: SecretKind, _: Option<&Text>) -> Result<SecretText, Failure> {
        (self.secret)(wanted)
    }

    fn answer(&self, question: &Text) -> Result<String, Failure> {
        Ok((self.answer)(question))
    }

    fn show(&self, _: Shown<'_>) {}
}
