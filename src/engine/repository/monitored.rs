//! A place that keeps what its store answers as problems: one that is not trusted, refuses the credentials, is full, or may not be written to; and
//! its remedy.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::config::Store;
use crate::engine::account::Account;
use crate::engine::account::problem::{EMPTY_FOLDER, FOLDER, NewProblem, ProblemKind, Subject, UNREADABLE};
use crate::engine::account::problem_log::ProblemLog;
use crate::engine::clock::Clock;
use crate::engine::repository::listings;
use crate::provider::around::{Around, Asked};
use crate::provider::reason::Reason;
use crate::provider::{Pending, Provider, ProviderError};

const NOT_TRUSTED: u8 = 1;
const REFUSED: u8 = 2;
const ANSWERED: u8 = 4;
const AWAY: u8 = 8;
const FULL: u8 = 16;
const TAKEN: u8 = 32;
const CLOSED: u8 = 64;

/// A provider around a provider.
pub struct Monitored {
    inner: Box<dyn Provider>,
    ear: Ear,
}

/// Where what is heard goes; each thing once for each time a store is opened.
struct Ear {
    store: String,
    is_new: bool,
    log: ProblemLog,
    clock: Clock,
    heard: AtomicU8,
}

impl Ear {
    fn of(account: &Account, config: &Store) -> Self {
        let is_new = config.trust.system_roots() && !listings::was_there(account, &config.name);
        Self {
            store: config.name.clone(),
            is_new,
            log: account.logs().problem_log(),
            clock: account.clock,
            heard: AtomicU8::new(0),
        }
    }

    fn hear<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        let (bit, kind, object) = match &answer {
            Ok(_) | Err(ProviderError::Missing) => (ANSWERED, None, String::new()),
            // a server that was never reached, and whose roots or key nobody named, is being set up
            Err(ProviderError::NotTrusted(_)) if self.is_new => return answer,
            Err(ProviderError::NotTrusted(what)) => (NOT_TRUSTED, Some(ProblemKind::NotTrusted), what.record()),
            Err(ProviderError::Refused(what)) => (REFUSED, Some(ProblemKind::Refused), what.record()),
            Err(ProviderError::Unreachable(what) | ProviderError::Unmounted(what)) => {
                (AWAY, Some(ProblemKind::Away), what.record())
            }
            Err(ProviderError::Full(what)) => (FULL, Some(ProblemKind::Full), what.record()),
            Err(ProviderError::ReadOnly(what)) => (CLOSED, Some(ProblemKind::Closed), what.record()),
            Err(_) => return answer,
        };
        if self.heard.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            match kind {
                Some(ProblemKind::Closed) => self.raise(ProblemKind::Closed, &object, UNREADABLE),
                Some(kind) => self.raise(kind, &object, shown(&answer)),
                None => {
                    // how long it is out of step is looked at elsewhere
                    let ours = |what: &NewProblem| match what.kind {
                        ProblemKind::NotTrusted | ProblemKind::Refused => true,
                        ProblemKind::Away => what.known == 0,
                        ProblemKind::Closed => what.shown == UNREADABLE,
                        _ => false,
                    };
                    self.log
                        .remedied(&|problem| ours(&problem.what) && problem.what.subject.is_store(&self.store), self.clock.now());
                }
            }
        }
        answer
    }

    /// Since when it is away is known from the first time; why it is, from the last.
    fn raise(&self, kind: ProblemKind, object: &str, shown: u64) {
        let raised = NewProblem::of(kind, Subject::Store(self.store.clone())).object(object);
        match self.log.raised(kind, &raised.subject).filter(|_| kind == ProblemKind::Away) {
            Some(known) if (known.object.as_str(), known.shown) == (object, shown) => {}
            Some(known) => drop(self.log.raise(raised.numbers(known.known, shown), self.clock.now(), false)),
            None => drop(self.log.raise(raised.numbers(0, shown), self.clock.now(), true)),
        }
    }

    /// The same for an object that is sent: one that is taken shows that there is room again, and that the store may be written to.
    fn hear_taken<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        match &answer {
            Ok(_) if self.heard.fetch_or(TAKEN, Ordering::Relaxed) & TAKEN == 0 => {
                let takes_nothing = |kind| matches!(kind, ProblemKind::Full | ProblemKind::Closed);
                let ours = |what: &NewProblem| takes_nothing(what.kind) && what.subject.is_store(&self.store);
                self.log.remedied(&|problem| ours(&problem.what), self.clock.now());
            }
            Err(ProviderError::ReadOnly(what)) => {
                if self.heard.fetch_or(CLOSED, Ordering::Relaxed) & CLOSED == 0 {
                    self.raise(ProblemKind::Closed, &what.record(), 0);
                }
                return answer;
            }
            _ => {}
        }
        self.hear(answer)
    }

    /// The same for an object that is to go: where nothing may be removed, something may be sent all the same.
    fn hear_removed<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        if matches!(answer, Err(ProviderError::ReadOnly(_))) { answer } else { self.hear(answer) }
    }
}

/// What is told of a store that is a folder and does not give what it held.
fn shown<T>(answer: &Result<T, ProviderError>) -> u64 {
    match answer {
        Err(ProviderError::Unmounted(Reason::AccountGone { .. })) => EMPTY_FOLDER,
        Err(ProviderError::Unmounted(_)) => FOLDER,
        _ => 0,
    }
}

impl Monitored {
    /// Listens to a store.
    pub fn to(account: &Account, config: &Store, inner: Box<dyn Provider>) -> Box<dyn Provider> {
        Box::new(Self { inner, ear: Ear::of(account, config) })
    }

    /// The same for a folder that was only looked at.
    pub fn to_folder(account: &Account, config: &Store, found: Result<(), ProviderError>) -> Result<(), ProviderError> {
        Ear::of(account, config).hear(found)
    }

    /// The same for a store that could not even be opened.
    pub fn to_opening<T>(account: &Account, config: &Store, opened: Result<T, ProviderError>) -> Result<T, ProviderError> {
        match opened {
            Ok(opened) => Ok(opened),
            failed => Ear::of(account, config).hear(failed),
        }
    }
}

impl Around for Monitored {
    fn inner(&self) -> &dyn Provider {
        &*self.inner
    }

    fn through<'a, T: Send + 'a>(&'a self, asked: Asked, call: impl FnOnce() -> Pending<'a, T> + Send + 'a) -> Pending<'a, T> {
        Box::pin(async move {
            let answer = call().await;
            match asked {
                Asked::Put(_) => self.ear.hear_taken(answer),
                Asked::Remove => self.ear.hear_removed(answer),
                Asked::Get(_) | Asked::List => self.ear.hear(answer),
            }
        })
    }
}
