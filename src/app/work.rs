//! What one request works with: the session, whoever can be asked, whoever watches, and whether to stop.

use std::path::PathBuf;

use crate::app::event::{OnEvent, Watcher};
use crate::app::{Event, Failure, Prompt, Session, Text};
use crate::engine::Cancel;
use crate::engine::account::Account;

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
}

/// What an account is opened for: work of one kind waits for work of the same kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Backing up.
    Backup,
    /// Syncing.
    Sync,
    /// Removing what nothing needs.
    Prune,
    /// Repairing.
    Repair,
    /// Keys, devices, codes.
    Keys,
    /// Files that go from device to device.
    Inbox,
    /// Following another device.
    Follow,
    /// Facts of the device.
    Records,
    /// One or two short records: consent, forgetting, settings.
    Small,
    /// The whole account.
    Whole,
}

impl<'a> Work<'a> {
    /// Opens the account for writing.
    pub fn open(&self, _purpose: Purpose) -> Result<Account, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        Ok(Account::open(&self.session.home, name, &self.session.random)?)
    }

    /// Opens the account for reading, also while another process works on it.
    pub fn look(&self) -> Result<Account, Failure> {
        let name = Account::choose(&self.session.home, self.session.account.as_ref())?;
        Ok(Account::look(&self.session.home, name)?)
    }

    /// A watcher of the engine's events: `&|event| watcher.take(event)` is what the engine calls.
    pub fn watcher(&self) -> Watcher<'a> {
        Watcher::new(self.on_event, None)
    }

    /// The same, for work with one store.
    pub fn watcher_of(&self, store: &str) -> Watcher<'a> {
        Watcher::new(self.on_event, Some(store))
    }

    /// Asks a question that is answered with yes or no; anything but a yes is a no.
    ///
    /// # Errors
    /// Where nobody can be asked: the request should have said yes beforehand.
    pub fn agrees(&self, question: &Text) -> Result<bool, Failure> {
        if !self.prompt.is_there() {
            return Err(Failure::nobody_to_ask());
        }
        let answer = self.prompt.answer(question)?.to_lowercase();
        Ok(["y", "yes", "是"].contains(&answer.as_str()))
    }

    /// Tells whoever watches something that is no part of the reply.
    pub fn remark(&self, text: Text) {
        (self.on_event)(Event::Remark { text });
    }

    /// The full path of something, as the owner sees it: links in the way stay, `..` is taken out by the system's own view.
    pub fn full_path(&self, path: &std::path::Path) -> Result<PathBuf, Failure> {
        let failed = |error: std::io::Error| Failure::path(path, &error);
        let absolute = std::path::absolute(path).map_err(failed)?;
        if absolute.components().any(|c| matches!(c, std::path::Component::ParentDir)) {
            return absolute.canonicalize().map_err(failed);
        }
        Ok(absolute.components().collect())
    }
}
