//! Asking whoever sits at the terminal: secrets are not echoed and never stand on a command line.

use std::io::IsTerminal;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

use super::screen::Screen;
use super::{rescue, setup, source, store};
use crate::app::Cancel;
use crate::app::prompt::{Shown, Wanted};
use crate::app::{Exit, Failure, Prompt, Text};
use crate::core::secret::SecretText;
use crate::surface::words;
use crate::text;

/// The environment's passphrase and one-time code.
const PASSPHRASE: &str = "PRINTKEEP_PASSPHRASE";
const CODE: &str = "PRINTKEEP_CODE";

/// How soon Ctrl-C is noticed while somebody is asked.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The longest answer, in bytes.
const MAX_ANSWER: u64 = 1024;

/// Whoever sits at the terminal.
pub struct Terminal<'a> {
    /// How it is shown.
    pub screen: &'a Screen,
    /// Set by Ctrl-C.
    pub cancel: &'a Cancel,
}

impl Prompt for Terminal<'_> {
    fn is_there(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn given_passphrase(&self) -> Option<SecretText> {
        variable(PASSPHRASE)
    }

    fn given_code(&self) -> Option<SecretText> {
        variable(CODE)
    }

    fn secret(&self, wanted: Wanted, about: Option<&Text>) -> Result<SecretText, Failure> {
        let question = match wanted {
            Wanted::Passphrase => text!("ask-passphrase"),
            Wanted::NewPassphrase => text!("ask-new-passphrase"),
            Wanted::NewPassphraseAgain => text!("ask-new-passphrase-again"),
            Wanted::EnrollCode => text!("ask-enroll-code"),
            Wanted::OneTimeCode => text!("ask-one-time-code"),
        };
        if let Some(about) = about {
            words::note(&self.screen.words.say(about));
        }
        let read = rpassword::prompt_password(format!("{} ", self.screen.words.say(&question)));
        read.map(SecretText::new).map_err(|error| unread(&error))
    }

    fn answer(&self, question: &Text) -> Result<String, Failure> {
        words::note(&self.screen.words.say(question));
        self.wait_for_line()?;
        let mut line = String::new();
        let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_ANSWER);
        std::io::BufRead::read_line(&mut input, &mut line).map_err(|error| unread(&error))?;
        Ok(line.trim().to_owned())
    }

    fn show(&self, shown: Shown<'_>) {
        let words = &self.screen.words;
        let lines = match shown {
            Shown::Rescue(plan) => rescue::lines(plan, words),
            Shown::Setup(made) => setup::lines(made, words),
            Shown::Detected(found) => source::detected(found, words),
            Shown::Source(added) => source::added(added, words),
            Shown::Store(added) => store::lines::added(added, words),
            Shown::Tested(found) => store::lines::tested(found, words),
        };
        lines.iter().for_each(|line| words::note(line));
    }
}

impl Terminal<'_> {
    /// Waits until a line was typed, so that Ctrl-C ends it meanwhile. What is no terminal is read at once.
    fn wait_for_line(&self) -> Result<(), Failure> {
        let input = std::io::stdin();
        if !input.is_terminal() {
            return Ok(());
        }
        loop {
            if self.cancel.is_cancelled() {
                return Err(stopped());
            }
            let mut watched = [PollFd::new(&input, PollFlags::IN)];
            match rustix::event::poll(&mut watched, Some(&PATIENCE)) {
                Ok(0) | Err(Errno::INTR) => {}
                _ => return Ok(()),
            }
        }
    }
}

fn stopped() -> Failure {
    Failure::new(Exit::Stopped, text!("stopped")).hint(text!("stopped-hint"))
}

fn variable(name: &str) -> Option<SecretText> {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map(SecretText::new)
}

/// Ctrl-C at a prompt is a stop like any other.
fn unread(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::Interrupted => stopped(),
        _ => Failure::new(Exit::Failed, text!("answer-unread", why = error.to_string())),
    }
}
