//! From a command line to a session: home, account, language; and the signals that stop what is asked.

use std::path::PathBuf;
use std::time::Duration;

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

/// Stops cleanly at Ctrl-C, SIGTERM or SIGHUP; a second one ends at once, which loses nothing that was reported as saved.
pub fn stop_on_signals(cancel: Cancel) {
    use tokio::signal::unix::{SignalKind, signal};
    let terminal = AsFound::inspect();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    // heard from here on, not only once the thread runs
    let heard = {
        let _inside = runtime.enter();
        kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>()
    };
    let Ok(mut signals) = heard else { return };
    std::thread::spawn(move || {
        runtime.block_on(async {
            let mut next = async || {
                let waiting = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
                futures_util::future::select_all(waiting).await;
            };
            next().await;
            cancel.cancel();
            if tokio::time::timeout(SAYS_SO, next()).await.is_err() {
                words::note(&Words::of(language()).say(&text!("stopping")));
                next().await;
            }
            terminal.restore();
            std::process::exit(Exit::Stopped as i32);
        });
    });
}
