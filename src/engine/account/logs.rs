//! What is written of an account by whoever works with it, a reader too: the audit log, the problems that are kept, and what this
//! machine remembers of its own runs. Each file has a lock of moments of its own; one that cannot be written stops no work, and is told.
//! Whatever else of an account is written, its vault and its journal first of all, only an
//! [`AccountWriter`](crate::engine::account::AccountWriter) writes.

use std::ops::Deref;

use crate::engine::account::Account;

/// The logs of an account that is open.
#[derive(Clone, Copy)]
pub struct Logs<'a>(&'a Account);

impl Deref for Logs<'_> {
    type Target = Account;

    fn deref(&self) -> &Account {
        self.0
    }
}

impl Account {
    /// What a reader writes too: its logs, and nothing else.
    pub fn logs(&self) -> Logs<'_> {
        Logs(self)
    }
}
