//! From a command line to a session: home, account, language; and the signals that stop what is asked.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::prompt::AsFound;
use super::screen::Screen;
use crate::app::{Cancel, Exit, Failure, Session};
use crate::consent::{Language, Surface};
use crate::local::home::full_path;
use crate::local::work_lock::Wait;
use crate::surface::cli::args::Arguments;
use crate::surface::words::{self, Words};
use crate::text;

/// The session that a command line asks in.
pub fn session(arguments: &Arguments, screen: &Screen) -> Result<Session, Failure> {
    let home = match &arguments.home {
        Some(home) => full_path(home).map_err(|error| Failure::path(home, &error))?,
        None => default_home()?,
    };
    let mut session = Session::new(home, Surface::CommandLine);
    session.account.clone_from(&arguments.account);
    session.system_root = arguments.system_root.clone().unwrap_or_else(|| PathBuf::from("/"));
    session.profile = arguments.profile;
    session.language = screen.words.language();
    session.wait = arguments.wait.unwrap_or(Wait::No);
    session.watched = super::progress::is_watched(screen);
    session.say = |text, language| Words::of(language).say(text);
    Ok(session)
}

fn default_home() -> Result<PathBuf, Failure> {
    match std::env::var_os("HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home).join(".printkeep")),
        None => Err(Failure::usage(text!("no-home")).hint(text!("no-home-hint"))),
    }
}

/// The language of the owner's system, where Printkeep speaks it; else English.
pub fn language() -> Language {
    let set = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    locale.and_then(|locale| Language::parse(&locale)).unwrap_or(Language::English)
}

/// How long after a stop was asked for it is told that it is on its way: most work ends before.
const SAYS_SO: Duration = Duration::from_millis(300);
/// Between two looks whether a second one came.
const LOOK: Duration = Duration::from_millis(20);

/// Stops cleanly at Ctrl-C, SIGTERM or SIGHUP; a second one ends at once, which loses nothing that was reported as saved. It is the first that
/// `main` does, and hearing them the first that is done here: one that comes before ends the process as the system does.
pub fn stop_on_signals(cancel: Cancel) {
    // heard from here on, not only once the thread runs
    let Ok(mut heard) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    let terminal = AsFound::inspect();
    std::thread::spawn(move || {
        heard.forever().next();
        cancel.cancel();
        let is_second = |heard: &mut Signals| {
            std::thread::sleep(LOOK);
            heard.pending().next().is_some()
        };
        let asked = Instant::now();
        let mut ends_at_once = false;
        while !ends_at_once && asked.elapsed() < SAYS_SO {
            ends_at_once = is_second(&mut heard);
        }
        if !ends_at_once {
            words::note(&Words::of(language()).say(&text!("stopping")));
            heard.forever().next();
        }
        terminal.restore();
        std::process::exit(Exit::Stopped as i32);
    });
}
