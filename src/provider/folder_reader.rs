//! A folder as a place that is only read: whoever holds it can put nothing there, set nothing aside and remove nothing.
//!
//! ```compile_fail
//! use printkeep::core::name::ObjectName;
//! use printkeep::provider::folder_reader::FolderReader;
//! fn remove(vault: &FolderReader) {
//!     vault.remove_now(&ObjectName::Roster(1)).ok();
//! }
//! ```
//!
//! ```
//! use printkeep::core::name::ObjectName;
//! use printkeep::provider::folder::Folder;
//! fn remove(vault: &Folder) {
//!     vault.remove_now(&ObjectName::Roster(1)).ok();
//! }
//! ```

use std::future::ready;
use std::path::Path;

use crate::core::name::{AccountId, ObjectName};
use crate::core::seal::Proved;
use crate::provider::folder::Folder;
use crate::provider::reason::Reason;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Range, Wanted};

/// One account's objects in a folder, to be read.
#[derive(Clone)]
pub struct FolderReader(Folder);

impl FolderReader {
    /// The account's part of a folder; where there is none, nothing is read from it, and what it should hold is missing.
    ///
    /// # Errors
    /// [`ProviderError::Local`] where the disk does not give it.
    pub fn open(root: &Path, account: AccountId) -> Result<Self, ProviderError> {
        match Folder::open(root, account) {
            Err(ProviderError::Missing) => Ok(Self(Folder::at(root, account))),
            opened => opened.map(Self),
        }
    }

    /// What a writer of the folder reads itself.
    pub fn of(folder: &Folder) -> Self {
        Self(folder.clone())
    }

    /// Reads an object or part of it; see [`Provider::get`].
    pub fn get_now(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, ProviderError> {
        self.0.get_now(name, range)
    }

    /// The size of an object, in bytes.
    pub fn size_now(&self, name: &ObjectName) -> Result<u64, ProviderError> {
        self.0.size_now(name)
    }

    /// Tells of the objects below a folder; see [`Provider::list`].
    pub fn list_now(&self, folder: &str, page: &mut dyn FnMut(&[Listed])) -> Result<(), ProviderError> {
        self.0.list_now(folder, page)
    }

    /// Reads what was set aside from under a name, or part of it.
    pub fn get_set_aside(&self, name: &ObjectName, range: Option<Range>) -> Result<Vec<u8>, ProviderError> {
        self.0.get_set_aside(name, range)
    }

    /// Whether these very bytes were set aside from under this name before.
    pub fn was_set_aside(&self, name: &ObjectName, bytes: &[u8]) -> bool {
        self.0.was_set_aside(name, bytes)
    }
}

/// To be looked at like a store; what would write is refused.
impl Provider for FolderReader {
    fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(ready(Err(self.refusal())))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        self.0.get(name, wanted)
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        self.0.list(folder, page)
    }

    fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(ready(Err(self.refusal())))
    }

    fn place(&self) -> String {
        self.0.place()
    }
}

impl FolderReader {
    fn refusal(&self) -> ProviderError {
        ProviderError::ReadOnly(Reason::OpenToRead {})
    }
}
