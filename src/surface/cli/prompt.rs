//! Asking whoever sits at the terminal: secrets are not echoed and never stand on a command line.

use std::io::{IsTerminal, Stdin};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios};
use zeroize::Zeroizing;

use super::progress::Progress;
use super::screen::Screen;
use super::{rescue, setup, source, store};
use crate::app::Cancel;
use crate::app::prompt::{SecretKind, Shown};
use crate::app::reasons::because;
use crate::app::{Exit, Failure, Prompt, Text};
use crate::core::secret::SecretText;
use crate::provider::reason::Reason;
use crate::surface::words;
use crate::text;

/// The environment's passphrase and one-time code.
const PASSPHRASE: &str = "PRINTKEEP_PASSPHRASE";
const CODE: &str = "PRINTKEEP_CODE";

/// How soon Ctrl-C is noticed while somebody is asked.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The longest answer, in bytes; a terminal gives no longer line either.
const MAX_ANSWER: usize = 4096;

/// Whoever sits at the terminal.
pub struct Terminal<'a> {
    /// How it is shown.
    pub screen: &'a Screen,
    /// Set by Ctrl-C.
    pub cancel: &'a Cancel,
    /// The bar, which makes room for questions.
    pub progress: &'a Progress<'a>,
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

    fn secret(&self, wanted: SecretKind, about: Option<&Text>) -> Result<SecretText, Failure> {
        let question = match wanted {
            SecretKind::Passphrase => text!("ask-passphrase"),
            SecretKind::NewPassphrase => text!("ask-new-passphrase"),
            SecretKind::NewPassphraseAgain => text!("ask-new-passphrase-again"),
            SecretKind::EnrollCode => text!("ask-enroll-code"),
            SecretKind::OneTimeCode => text!("ask-one-time-code"),
        };
        self.progress.make_room();
        if let Some(about) = about {
            words::note(&self.screen.words.say(about));
        }
        let _unseen = Unseen::begin();
        words::ask(&self.screen.words.say(&question));
        Ok(SecretText::new(self.line()?.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn answer(&self, question: &Text) -> Result<String, Failure> {
        self.progress.make_room();
        words::ask(&self.screen.words.say(question));
        Ok(self.line()?.trim().to_owned())
    }

    fn show(&self, shown: Shown<'_>) {
        self.progress.make_room();
        let words = &self.screen.words;
        let lines = match shown {
            Shown::Rescue(plan) => rescue::lines(plan, words),
            Shown::Setup(made) => setup::midway(made, words),
            Shown::Detected(found) => source::detected(found, words),
            Shown::Source(added) => source::added_midway(added, words),
            Shown::Store(added) => store::lines::added_midway(added, words),
            Shown::Tested(found) => store::lines::tested_midway(found, words),
        };
        lines.iter().for_each(|line| words::note(line));
    }
}

impl Terminal<'_> {
    /// The next line that is typed; Ctrl-C ends it, and so does Ctrl-D, which is no answer. Where nobody types, the end of the input is an
    /// empty answer, and what follows the line stays for the next question.
    fn line(&self) -> Result<Zeroizing<String>, Failure> {
        let input = std::io::stdin();
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
        while line.len() < MAX_ANSWER && line.last() != Some(&b'\n') {
            self.wait_for_line(&input)?;
            let mut byte = Zeroizing::new([0]);
            let read = rustix::io::read(&input, &mut *byte).map_err(|error| unread(&error.into()))?;
            if self.cancel.is_cancelled() || read == 0 && line.is_empty() && input.is_terminal() {
                return Err(left());
            }
            if read == 0 {
                break;
            }
            line.push(byte[0]);
        }
        match std::str::from_utf8(&line) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(unread(&Reason::NotText {}.into())),
        }
    }

    /// Waits until a line was typed, so that Ctrl-C ends it meanwhile.
    fn wait_for_line(&self, input: &Stdin) -> Result<(), Failure> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(left());
            }
            let mut watched = [PollFd::new(input, PollFlags::IN)];
            match rustix::event::poll(&mut watched, Some(&PATIENCE)) {
                Ok(0) | Err(Errno::INTR) => {}
                _ => return Ok(()),
            }
        }
    }
}

/// While it lives, what is typed is not shown, but for the end of the line.
struct Unseen(Option<Termios>);

impl Unseen {
    fn begin() -> Self {
        let input = std::io::stdin();
        let before = rustix::termios::tcgetattr(&input).ok();
        if let Some(mut unseen) = before.clone() {
            unseen.local_modes.remove(LocalModes::ECHO);
            unseen.local_modes.insert(LocalModes::ECHONL);
            let _ = rustix::termios::tcsetattr(&input, OptionalActions::Now, &unseen);
        }
        Self(before)
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// How the terminal was when the program began: a program that ends in the middle of a question leaves it like that.
pub struct AsFound(Option<Termios>);

impl AsFound {
    /// As it is now.
    pub fn inspect() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    /// Makes it like that again, unless another program has the terminal by now.
    pub fn restore(&self) {
        let input = std::io::stdin();
        let is_ours = rustix::termios::tcgetpgrp(&input).is_ok_and(|group| group == rustix::process::getpgrp());
        if let Some(found) = self.0.as_ref().filter(|_| is_ours) {
            let _ = rustix::termios::tcsetattr(&input, OptionalActions::Now, found);
        }
    }
}

/// A stop in the middle of a line, which ends it.
fn left() -> Failure {
    words::note("");
    Failure::left()
}

fn variable(name: &str) -> Option<SecretText> {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map(SecretText::new)
}

/// Ctrl-C at a prompt is a stop like any other.
fn unread(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::Interrupted => Failure::left(),
        _ => Failure::new(Exit::Failed, text!("answer-unread", why = because(&Reason::of_system(error)))),
    }
}
