//! What one request works with: the session, whoever can be asked, whoever watches, and whether to stop.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use crate::app::event::{OnEvent, Phase, Watcher};
use crate::app::failure::busy;
use crate::app::named_files::NamedFiles;
use crate::app::prompt::Unasked;
use crate::app::{Event, Failure, Prompt, Session, Text};
use crate::config::Config;
use crate::core::name::ObjectName;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::profile::Profile;
use crate::engine::repository::listings;
use crate::engine::runtime::Runtime;
use crate::engine::{self, Cancel, EngineError, Job};
use crate::local::home::full_path;
pub use crate::local::work_lock::WorkKind;
use crate::local::work_lock::{Holder, Waiting};
use crate::text;

/// An account that is open for writing, or where nothing can be written for reading.
pub enum Opened {
    /// For writing.
    Writer(Box<AccountWriter>),
    /// For reading.
    Reader(Box<Account>),
}

impl std::ops::Deref for Opened {
    type Target = Account;

    fn deref(&self) -> &Account {
        match self {
            Self::Writer(account) => account,
            Self::Reader(account) => account,
        }
    }
}

/// What one request works with.
pub struct Work<'a> {
    /// Who asks and where.
    pub session: &'a Session,
    /// Whoever can be asked.
    pub prompt: &'a dyn Prompt,
    /// Whoever watches.
    pub on_event: OnEvent<'a>,
    /// Whether to stop.
    pub cancel: &'a Cancel,
    /// The files that the request names.
    pub files: NamedFiles,
    runtime: Runtime,
    profile: OnceLock<Profile>,
}

impl<'a> Work<'a> {
    /// The work of one request.
    pub fn new(session: &'a Session, prompt: &'a dyn Prompt, on_event: OnEvent<'a>, cancel: &'a Cancel) -> Self {
        let files = NamedFiles::until(cancel.stop());
        Self { session, prompt, on_event, cancel, files, runtime: Runtime::new(cancel), profile: OnceLock::new() }
    }

    /// The same work of which nothing is asked: what it cannot decide is refused.
    pub fn unasked<'u>(&self, prompt: &'u Unasked<'u>) -> Work<'u>
    where
        'a: 'u,
    {
        Work::new(self.session, prompt, self.on_event, self.cancel)
    }

    /// What the engine is given for this request; `on_event` hears what happens, mostly a [`watcher`](Self::watcher).
    pub fn job<'j>(&'j self, on_event: engine::OnEvent<'j>) -> Job<'j> {
        let Session { random, clock, .. } = self.session;
        Job { random, clock: *clock, cancel: self.cancel, on_event, runtime: &self.runtime, profile: self.profile() }
    }

    /// The same for work that nobody watches.
    pub fn quiet_job(&self) -> Job<'_> {
        self.job(&|_| {})
    }

    /// What drives the futures of providers: one for all that this request does, begun when it is first needed.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Sizes and costs, as they were asked for or fit the machine.
    pub fn profile(&self) -> &Profile {
        // settings that cannot be read are told by whoever needs them for more
        self.profile.get_or_init(|| self.session.profile(&self.session.config().unwrap_or_default()))
    }

    /// Opens the account for a kind of work, once no other goes on that excludes it.
    pub fn open(&self, purpose: WorkKind) -> Result<AccountWriter, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        let Session { home, random, clock, .. } = self.session;
        self.waiting(|waiting| Ok(AccountWriter::open(home, name, purpose, waiting, (random, *clock))?))
    }

    /// The same; where this machine's disk can only be read, the account as a reader has it: for work that is needed just then, and whose
    /// result stands elsewhere.
    pub fn open_or_read(&self, purpose: WorkKind) -> Result<Opened, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        let Session { home, random, clock, .. } = self.session;
        match self.waiting(|waiting| AccountWriter::open(home, name, purpose, waiting, (random, *clock))) {
            Err(EngineError::Disk(error)) if error.is_read_only() => Ok(Opened::Reader(Box::new(self.open_read_only()?))),
            opened => Ok(Opened::Writer(Box::new(opened?))),
        }
    }

    /// The same as [`open`](Self::open), but waits no longer than `most`, neither here nor for steps that write; where that was not enough, it failed as if it was stopped.
    pub fn open_within(&self, purpose: WorkKind, most: Duration) -> Result<AccountWriter, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        let Session { home, random, clock, .. } = self.session;
        let waiting = Waiting { stop: self.cancel.stop().within(most), ..Waiting::no() };
        Ok(AccountWriter::open(home, name, purpose, &waiting, (random, *clock))?)
    }

    /// How other work is waited for, as whoever asks said.
    pub fn waiting<T>(&self, f: impl FnOnce(&Waiting<'_>) -> T) -> T {
        let on_wait = |holder: Option<&Holder>| {
            (self.on_event)(Event::Phase { phase: Phase::Waiting, store: None });
            self.remark(busy("waiting", holder));
        };
        f(&Waiting { wait: self.session.wait, stop: self.cancel.stop(), on_wait: &on_wait })
    }

    /// Changes the owner's settings; see [`Session::change_config`].
    pub fn change_config<T>(&self, change: impl FnOnce(&mut Config) -> Result<T, Failure>) -> Result<T, Failure> {
        self.session.change_config(&self.cancel.stop(), change)
    }

    /// Opens the account for reading, also while another process works on it.
    pub fn open_read_only(&self) -> Result<Account, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        let mut account = Account::open_read_only(&self.session.home, name, self.session.clock)?;
        account.heed(self.cancel.stop());
        Ok(account)
    }

    /// A watcher of the engine's events: `&|event| watcher.take(event)` is what the engine calls.
    pub fn watcher(&self) -> Watcher<'a> {
        Watcher::new(self.on_event, None)
    }

    /// The same, which tells of files that failed at the end, each reason once.
    pub fn watcher_by_reason(&self) -> Watcher<'a> {
        Watcher::by_reason(self.on_event)
    }

    /// The same, for work with one store.
    pub fn watcher_of(&self, store: &str) -> Watcher<'a> {
        Watcher::new(self.on_event, Some(store))
    }

    /// Asks a question that is answered with yes or no; anything but a yes is a no. `option` says yes beforehand on a command line.
    ///
    /// # Errors
    /// A no, which is told with `otherwise`; and where nobody can be asked: the request should have said yes beforehand.
    pub fn must_agree(&self, question: &Text, option: &str, otherwise: Text) -> Result<(), Failure> {
        if !self.prompt.is_there() {
            return Err(Failure::nobody_to_agree(option));
        }
        let answer = self.prompt.answer(question)?.to_lowercase();
        if ["y", "yes", "是"].contains(&answer.as_str()) { Ok(()) } else { Err(Failure::declined(otherwise)) }
    }

    /// Remembers what a store holds; where that cannot be written, it is told, and nothing fails.
    pub fn remember_there(&self, account: &AccountWriter, store: &str, there: &BTreeSet<ObjectName>) {
        if let Err(error) = listings::remember_there(account, store, there, &self.session.random) {
            self.remark(text!("listing-not-kept", store = store, why = Failure::from(error).message));
        }
    }

    /// Tells whoever watches something that is no part of the reply.
    pub fn remark(&self, text: Text) {
        (self.on_event)(Event::Remark { text });
    }

    /// The full path of something, as the owner sees it: links in the way stay, `..` is taken out by the system's own view.
    pub fn full_path(&self, path: &std::path::Path) -> Result<PathBuf, Failure> {
        full_path(path).map_err(|error| Failure::path(path, &error))
    }
}
