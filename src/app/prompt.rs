//! How whoever asked is asked back: passphrases, codes, and questions before what cannot be undone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::forms::rescue::Rescued;
use crate::app::forms::setup::SetupReply;
use crate::app::forms::source::{SourceAdded, SourcesDetected};
use crate::app::forms::store::{StoreAdded, StoresTested};
use crate::app::{Failure, Text};
use crate::core::secret::SecretText;

/// A secret that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// The passphrase of an account.
    Passphrase,
    /// A new passphrase.
    NewPassphrase,
    /// A new passphrase, once more.
    NewPassphraseAgain,
    /// The code that another device shows.
    EnrollCode,
    /// A one-time code of the owner's app.
    OneTimeCode,
}

/// What is shown before a question: a plan, a list to choose from, what the step before did.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "shown", rename_all = "snake_case")]
pub enum Shown<'a> {
    /// What a rescue would do.
    Rescue(&'a Rescued),
    /// What was set up.
    Setup(&'a SetupReply),
    /// What is worth backing up, to choose from.
    Detected(&'a SourcesDetected),
    /// A source that was added.
    Source(&'a SourceAdded),
    /// A store that was added.
    Store(&'a StoreAdded),
    /// What tests of stores found.
    Tested(&'a StoresTested),
}

/// Whoever can be asked while work goes on. A surface without anybody to ask answers [`is_there`](Self::is_there) with false, and is not asked.
pub trait Prompt: Sync {
    /// Whether somebody can be asked now.
    fn is_there(&self) -> bool;

    /// The passphrase that was given beforehand, in the environment for instance, if any.
    fn given_passphrase(&self) -> Option<SecretText>;

    /// A one-time code that was given beforehand, if any.
    fn given_code(&self) -> Option<SecretText>;

    /// Asks for a secret, which is not shown as it is typed. `about` says whose it is, where that is not plain.
    fn secret(&self, wanted: SecretKind, about: Option<&Text>) -> Result<SecretText, Failure>;

    /// Asks a question and gives what was answered, in a line of at most 1024 bytes.
    fn answer(&self, question: &Text) -> Result<String, Failure>;

    /// Shows something before a question, as a reply would.
    fn show(&self, shown: Shown<'_>);
}

/// Whoever is there, but asked nothing: what was given beforehand is taken, and what happens is shown.
pub struct Unasked<'a>(pub &'a dyn Prompt);

impl Prompt for Unasked<'_> {
    fn is_there(&self) -> bool {
        false
    }

    fn given_passphrase(&self) -> Option<SecretText> {
        self.0.given_passphrase()
    }

    fn given_code(&self) -> Option<SecretText> {
        self.0.given_code()
    }

    fn secret(&self, _: SecretKind, _: Option<&Text>) -> Result<SecretText, Failure> {
        Err(Failure::nobody_to_ask())
    }

    fn answer(&self, _: &Text) -> Result<String, Failure> {
        Err(Failure::nobody_to_ask())
    }

    fn show(&self, shown: Shown<'_>) {
        self.0.show(shown);
    }
}

/// Nobody: for work that runs by itself.
pub struct Nobody;

impl Prompt for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn given_passphrase(&self) -> Option<SecretText> {
        None
    }

    fn given_code(&self) -> Option<SecretText> {
        None
    }

    fn secret(&self, _: SecretKind, _: Option<&Text>) -> Result<SecretText, Failure> {
        Err(Failure::nobody_to_ask())
    }

    fn answer(&self, _: &Text) -> Result<String, Failure> {
        Err(Failure::nobody_to_ask())
    }

    fn show(&self, _: Shown<'_>) {}
}
