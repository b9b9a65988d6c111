//! Who asks and where: the home, the account that was named, sizes, language; what lasts longer than one request.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::{Exit, Failure, Text};
use crate::config::{self, Config, ProfileName};
use crate::consent::{ConsentContext, Language, Surface};
use crate::engine::EngineError;
use crate::engine::clock::Clock;
use crate::engine::profile::Profile;
use crate::local::home::{AccountName, Home, private_folder, read_small, write_private};
use crate::local::lock_file::{self, NotTaken};
use crate::local::os_random::SystemRandom;
use crate::local::stop::Stop;
use crate::local::work_lock::Wait;
use crate::text;

/// Changing the settings takes milliseconds; a process that holds them longer hangs.
const SETTINGS_WAIT: Duration = Duration::from_secs(10);

/// What every request works in. It holds no account open and no secret.
pub struct Session {
    /// Where everything lies.
    pub home: Home,
    /// The account that was named.
    pub account: Option<AccountName>,
    /// Randomness.
    pub random: SystemRandom,
    /// Where the machine's own file system begins.
    pub system_root: PathBuf,
    /// Sizes and costs that were asked for.
    pub profile: Option<ProfileName>,
    /// The language of whoever asks, where policies speak it.
    pub language: Language,
    /// What whoever asks sees.
    pub surface: Surface,
    /// Whether somebody watches, so that counting beforehand pays.
    pub watched: bool,
    /// Whether and how long other work is waited for that excludes what is asked.
    pub wait: Wait,
    /// The clock; tests set it.
    pub clock: Clock,
    /// Writes a message in a language: the surface's words, for what leaves Printkeep in sentences whoever asks (the owner's hook, exports).
    pub say: fn(&Text, Language) -> String,
}

impl Session {
    /// A session of a home, for whoever sees `surface`.
    pub fn new(home: PathBuf, surface: Surface) -> Self {
        Self {
            home: Home::at(home),
            account: None,
            random: SystemRandom::new(),
            system_root: PathBuf::from("/"),
            profile: None,
            language: Language::English,
            surface,
            watched: false,
            wait: Wait::No,
            clock: Clock::SYSTEM,
            say: |text, _| text.to_string(),
        }
    }

    /// The owner's settings.
    pub fn config(&self) -> Result<Config, Failure> {
        if let Some((path, closes)) = self.home.written_by_others() {
            // they may name a program that is run
            let hint = text!("settings-written-by-others-hint", path = path.as_path(), closes = closes);
            return Err(Failure::usage(text!("settings-written-by-others", path = path.as_path())).hint(hint));
        }
        match read_small(&self.home.config(), config::MAX_FILE)? {
            Some(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Usage, text!("settings-not-utf8")))?;
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

    /// Reads the owner's settings, lets them be changed, and writes them, under a lock: of two changes at once none is lost. `change` must not wait
    /// for anybody. Nothing is written where it fails or changes nothing.
    ///
    /// # Errors
    /// Busy when another process holds the lock for ten seconds; stopped when `stop` is asked for meanwhile.
    pub fn change_config<T>(&self, stop: &Stop, change: impl FnOnce(&mut Config) -> Result<T, Failure>) -> Result<T, Failure> {
        private_folder(self.home.root())?;
        let _lock = lock_file::take(&self.home.root().join("config.lock"), SETTINGS_WAIT, stop).map_err(|why| match why {
            NotTaken::Held => Failure::new(Exit::Busy, text!("settings-busy")).hint(text!("busy-hint")),
            NotTaken::Stopped => EngineError::Cancelled.into(),
            NotTaken::Disk(error) => error.into(),
        })?;
        let mut config = self.config()?;
        let before = config.clone();
        let done = change(&mut config)?;
        if config != before {
            self.save_config(&config)?;
        }
        Ok(done)
    }

    /// Sizes and costs: what was asked for, or the settings, or what fits the machine's memory.
    pub fn profile(&self, config: &Config) -> Profile {
        if self.is_small_printer(config) { Profile::printer_small() } else { Profile::pc() }
    }

    /// Whether this machine is to be taken for a small printer.
    pub fn is_small_printer(&self, config: &Config) -> bool {
        let fitting = || if little_memory() { ProfileName::PrinterSmall } else { ProfileName::Pc };
        self.profile.or(config.profile).unwrap_or_else(fitting) == ProfileName::PrinterSmall
    }

    /// What the clock says, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// How the owner is asked now.
    pub fn asked(&self) -> ConsentContext {
        ConsentContext { language: self.language, surface: self.surface, time: self.now() }
    }
}

/// Whether the machine has less than 400 MB of memory, as small printers do.
fn little_memory() -> bool {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    total.is_some_and(|kib| kib < 400_000)
}
