//! A place that keeps what its store answers as incidents: one that is not trusted, or refuses the credentials; and its remedy.

use std::sync::atomic::{AtomicU8, Ordering};

use super::book::Book;
use super::{Kind, Raised};
use crate::config::Store;
use crate::core::name::ObjectName;
use crate::core::seal::Sealed;
use crate::engine::account::Account;
use crate::engine::audit::now;
use crate::engine::listings;
use crate::provider::{Listed, Pending, PlaceError, Provider, Range, Receipt, scope};

const NOT_TRUSTED: u8 = 1;
const REFUSED: u8 = 2;
const ANSWERED: u8 = 4;
const AWAY: u8 = 8;
const FULL: u8 = 16;
const TAKEN: u8 = 32;

/// A provider around a provider.
pub struct Listening {
    inner: Box<dyn Provider>,
    ear: Ear,
}

/// Where what is heard goes; each thing once for each time a store is opened.
struct Ear {
    store: String,
    is_new: bool,
    book: Book,
    heard: AtomicU8,
}

impl Ear {
    fn of(account: &Account, config: &Store) -> Self {
        let is_new = config.trust.system_roots() && !listings::was_there(account, &config.name);
        Self { store: config.name.clone(), is_new, book: account.incident_book(), heard: AtomicU8::new(0) }
    }

    fn hear<T>(&self, answer: Result<T, PlaceError>) -> Result<T, PlaceError> {
        let (bit, kind, object) = match &answer {
            Ok(_) | Err(PlaceError::Missing) => (ANSWERED, None, ""),
            // a server that was never reached, and whose roots or key nobody named, is being set up
            Err(PlaceError::NotTrusted(_)) if self.is_new => return answer,
            Err(PlaceError::NotTrusted(what)) => (NOT_TRUSTED, Some(Kind::NotTrusted), what.as_str()),
            Err(PlaceError::Refused(what)) => (REFUSED, Some(Kind::Refused), what.as_str()),
            Err(PlaceError::Unreachable(what)) => (AWAY, Some(Kind::Away), what.as_str()),
            Err(PlaceError::Full(what)) => (FULL, Some(Kind::Full), what.as_str()),
            Err(_) => return answer,
        };
        if self.heard.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            match kind {
                // since when it is away is known from the first time
                Some(Kind::Away) if self.book.is_raised(Kind::Away, &self.store) => {}
                Some(kind) => {
                    self.book.raise(Raised::of(kind, &self.store).object(object), now(), true);
                }
                None => {
                    // how long it is out of step is looked at elsewhere
                    let ours = |what: &Raised| match what.kind {
                        Kind::NotTrusted | Kind::Refused => true,
                        Kind::Away => what.known == 0,
                        _ => false,
                    };
                    self.book.remedied(&|incident| ours(&incident.what) && incident.what.subject == self.store, now());
                }
            }
        }
        answer
    }

    /// The same for an object that is sent: one that is taken shows that there is room again.
    fn hear_taken<T>(&self, answer: Result<T, PlaceError>) -> Result<T, PlaceError> {
        if answer.is_ok() && self.heard.fetch_or(TAKEN, Ordering::Relaxed) & TAKEN == 0 {
            let full = |what: &Raised| what.kind == Kind::Full && what.subject == self.store;
            self.book.remedied(&|incident| full(&incident.what), now());
        }
        self.hear(answer)
    }
}

impl Listening {
    /// Listens to a store.
    pub fn to(account: &Account, config: &Store, inner: Box<dyn Provider>) -> Box<dyn Provider> {
        Box::new(Self { inner, ear: Ear::of(account, config) })
    }

    /// The same for a store that could not even be opened.
    pub fn to_opening<T>(account: &Account, config: &Store, opened: Result<T, PlaceError>) -> Result<T, PlaceError> {
        match opened {
            Ok(opened) => Ok(opened),
            failed => Ear::of(account, config).hear(failed),
        }
    }
}

impl Provider for Listening {
    fn put<'a>(&'a self, object: &'a Sealed) -> Pending<'a, Receipt> {
        Box::pin(async move { self.ear.hear_taken(self.inner.put(object).await) })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, range: Option<Range>) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { self.ear.hear(self.inner.get(name, range).await) })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(async move { self.ear.hear(self.inner.list(folder, page).await) })
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move { self.ear.hear(self.inner.remove(name).await) })
    }

    fn earlier<'a>(&'a self, name: &'a ObjectName, nth: usize) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { self.ear.hear(self.inner.earlier(name, nth).await) })
    }

    fn narrow(&self) -> Option<&scope::Narrow> {
        self.inner.narrow()
    }

    fn place(&self) -> String {
        self.inner.place()
    }
}
