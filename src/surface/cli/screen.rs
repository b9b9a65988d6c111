//! How answers are shown, and how failures are.

use super::document;
use crate::app::{Exit, Failure};
use crate::surface::words::{self, Words};

/// How answers are shown.
pub struct Screen {
    /// The words.
    pub words: Words,
    /// One JSON document instead of text.
    pub json: bool,
    /// Only what went wrong.
    pub quiet: bool,
}

impl Screen {
    /// Says why a command failed and what to do.
    pub fn fail(&self, name: &str, failure: &Failure) -> Exit {
        if self.json {
            words::print(&document::failure(name, failure, &self.words).to_string());
            return failure.exit;
        }
        words::note(&format!("printkeep: {}", self.words.say(&failure.message)));
        if let Some(hint) = &failure.hint {
            words::note(&format!("  {}", self.words.say(hint)));
        }
        failure.exit
    }
}
