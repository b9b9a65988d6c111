//! What every command works in: home, account, settings, clock, and how it answers.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::Arguments;
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::show::{Answer, document};
use super::words;
use crate::app::Session;
use crate::config::{self, Config, ProfileName};
use crate::consent::{Asked, Language, Surface};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::backup::Profile;
use crate::engine::{Cancel, EngineError};
use crate::store::entropy::SystemRandom;
use crate::store::home::{AccountName, Home, private_folder, read_small, write_private};
use crate::store::work_lock::{Holder, Wait, Waiting, Work};

/// What every command works in.
pub struct Context {
    /// Where everything lies.
    pub home: Home,
    /// The account that was named.
    pub account: Option<AccountName>,
    /// Randomness.
    pub random: SystemRandom,
    /// Set by Ctrl-C.
    pub cancel: Arc<Cancel>,
    /// One JSON document instead of text.
    pub json: bool,
    /// Only what went wrong.
    pub quiet: bool,
    /// Where the machine's own file system begins.
    pub system_root: PathBuf,
    profile: Option<ProfileName>,
    wait: Wait,
}

impl Context {
    /// Reads what holds for every command, and listens for Ctrl-C.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let home = match &arguments.home {
            Some(home) => std::path::absolute(home).map_err(|e| Failure::usage(format!("--home: {e}")))?,
            None => default_home()?,
        };
        let cancel = Arc::new(Cancel::default());
        super::progress::stop_on_signals(cancel.clone());
        Ok(Self {
            home: Home::at(home),
            account: arguments.account.clone(),
            random: SystemRandom::new(),
            cancel,
            json: arguments.json,
            quiet: arguments.quiet,
            system_root: arguments.system_root.clone().unwrap_or_else(|| PathBuf::from("/")),
            profile: arguments.profile,
            wait: arguments.wait.unwrap_or(Wait::No),
        })
    }

    /// The same for the service layer; `watched` where somebody watches a bar.
    pub fn session(&self, watched: bool) -> Session {
        let mut session = Session::new(self.home.root().to_owned(), Surface::CommandLine);
        session.account.clone_from(&self.account);
        session.system_root.clone_from(&self.system_root);
        session.profile = self.profile;
        session.language = language();
        session.wait = self.wait;
        session.watched = watched;
        session.say = |text, language| words::Words::of(language).say(text);
        session
    }

    /// The owner's settings.
    pub fn config(&self) -> Result<Config, Failure> {
        match read_small(&self.home.config(), config::MAX_FILE)? {
            Some(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| Failure::usage("config.toml is not UTF-8"))?;
                Ok(Config::parse(&text)?)
            }
            None => Ok(Config::default()),
        }
    }

    /// Writes the owner's settings.
    pub fn save_config(&self, config: &Config) -> Result<(), Failure> {
        private_folder(self.home.root())?;
        Ok(write_private(&self.home.config(), config.to_toml()?.as_bytes())?)
    }

    /// Sizes and costs: what the command line says, or the settings, or what fits the machine's memory.
    pub fn profile(&self, config: &Config) -> Profile {
        if self.is_small_printer(config) { Profile::printer_small() } else { Profile::pc() }
    }

    /// Whether this machine is to be taken for a small printer.
    pub fn is_small_printer(&self, config: &Config) -> bool {
        let fitting = || if little_memory() { ProfileName::PrinterSmall } else { ProfileName::Pc };
        self.profile.or(config.profile).unwrap_or_else(fitting) == ProfileName::PrinterSmall
    }

    /// Opens the account for a kind of work, once no other goes on that excludes it.
    pub fn open(&self, work: Work) -> Result<AccountWriter, Failure> {
        let name = Account::choose(&self.home, self.account.as_ref())?;
        self.waiting(|waiting| Ok(AccountWriter::open(&self.home, name, work, waiting, &self.random)?))
    }

    /// How other work is waited for, as the owner said.
    pub fn waiting<T>(&self, f: impl FnOnce(&Waiting<'_>) -> T) -> T {
        let is_cancelled = || self.cancel.is_cancelled();
        let on_wait = |holder: Option<&Holder>| {
            words::note(&format!("Waiting: {}.", EngineError::Busy(holder.cloned())));
        };
        f(&Waiting { wait: self.wait, is_cancelled: &is_cancelled, on_wait: &on_wait })
    }

    /// Opens the account for reading, whoever works on it.
    pub fn look(&self) -> Result<Account, Failure> {
        let name = Account::choose(&self.home, self.account.as_ref())?;
        Ok(Account::look(&self.home, name)?)
    }

    /// A watcher for long work: bars for a terminal, else plain lines.
    pub fn progress(&self) -> Progress {
        Progress::new(self.json || self.quiet)
    }

    /// What the clock says, in seconds since 1970.
    pub fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    /// How the owner is asked now: on the command line, in the language of the system where policies speak it.
    pub fn asked(&self) -> Asked {
        Asked { language: language(), surface: Surface::CommandLine, time: self.now() }
    }

    /// Answers, and gives the exit code.
    pub fn finish(&self, command: &str, answer: Answer) -> Exit {
        if self.json {
            words::print(&document(command, &answer).to_string());
        } else if !self.quiet {
            answer.lines.iter().for_each(|line| words::print(line));
        }
        answer.exit
    }

    /// Says why it failed and what to do, and gives the exit code.
    pub fn fail(&self, command: &str, failure: &Failure) -> Exit {
        words::report(command, failure, self.json)
    }
}

/// The language of the owner's system, where policies speak it; else English.
pub fn language() -> Language {
    let locale =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()));
    locale.and_then(|locale| Language::parse(&locale)).unwrap_or(Language::English)
}

fn default_home() -> Result<PathBuf, Failure> {
    match std::env::var_os("HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home).join(".printkeep")),
        None => Err(Failure::usage("there is no HOME to lie under").hint("give --home FOLDER or set PRINTKEEP_HOME")),
    }
}

/// Whether the machine has less than 400 MB of memory, as small printers do.
fn little_memory() -> bool {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    total.is_some_and(|kib| kib < 400_000)
}
