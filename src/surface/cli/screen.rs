//! How answers are shown, and how failures are.

use std::io::{ErrorKind, Write};

use super::document;
use crate::app::reasons::because;
use crate::app::{Exit, Failure};
use crate::provider::reason::Reason;
use crate::surface::words::{self, Words};
use crate::text;

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
            return self.print(
                [serde_json::to_string(&document::failure(name, failure, &self.words)).unwrap_or_default()],
                failure.exit,
            );
        }
        self.tell(failure)
    }

    /// Prints lines; gives `exit`, or another where they cannot be printed whole.
    pub fn print<L: AsRef<str>>(&self, lines: impl IntoIterator<Item = L>, exit: Exit) -> Exit {
        let mut out = std::io::stdout().lock();
        let mut written = lines.into_iter().try_for_each(|line| writeln!(out, "{}", line.as_ref()));
        written = written.and_then(|()| out.flush());
        match written {
            // whoever reads has seen enough
            Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
            Err(error) => self.tell(&unwritable(&error)),
            Ok(()) => exit,
        }
    }

    /// Says beside the answer what went wrong.
    pub fn tell(&self, failure: &Failure) -> Exit {
        words::note(&format!("printkeep: {}", self.words.say(&failure.message)));
        if let Some(hint) = &failure.hint {
            words::note(&format!("  {}", self.words.say(hint)));
        }
        failure.exit
    }
}

/// Standard output does not take what was asked for.
pub fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, text!("output-unwritable", why = because(&Reason::of_system(error))))
        .hint(text!("output-unwritable-hint"))
}
