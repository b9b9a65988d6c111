//! Letters on their way: what waits here goes to a store, what was taken back leaves it, and what its device took is noticed.

use std::collections::BTreeSet;

use super::{Outbox, Sent, State};
use crate::core::name::ObjectName;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{ObjectFault, in_vault};
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::{EngineError, Job};
use crate::provider::ProviderError;

/// What carrying letters to a store did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Letters that are there whole now.
    pub sent: Vec<Sent>,
    /// Letters that were there and are no longer: their device took them.
    pub taken: Vec<Sent>,
    /// Letters that were taken back.
    pub cancelled: Vec<Sent>,
    /// What could not be done.
    pub failed: Vec<NotCarried>,
}

/// What could not be done with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCarried {
    /// It cannot be sent.
    NotSent(Sent, ObjectFault),
    /// It cannot be taken back.
    NotTakenBack(Sent, ProviderError),
}

/// The names of letters that a store holds.
pub fn held(remote: &Remote) -> Result<BTreeSet<ObjectName>, EngineError> {
    let listed = remote.list_in(&["inbox"]).map_err(|error| remote.lost(error))?;
    Ok(listed.into_keys().collect())
}

/// Carries waiting letters to a store, and notices those that were taken. `stores` are all that are configured.
pub fn carry(
    account: &AccountWriter,
    remote: &Remote,
    stores: &[String],
    there: &BTreeSet<ObjectName>,
    job: Job<'_>,
) -> Result<Carried, EngineError> {
    // what a device may neither write nor list is not judged by its absence: the letters wait for another store
    if remote.only_writes() {
        return Ok(Carried::default());
    }
    let outbox = Outbox::load(account)?;
    let mut round = Round { account, remote, there, job, outbox, carried: Carried::default() };
    for at in 0..round.outbox.entries.len() {
        job.check()?;
        round.one(at)?;
    }
    let Round { mut outbox, mut carried, .. } = round;
    let settled = outbox.settle(account, stores)?;
    carried.cancelled = settled.into_iter().filter(|entry| entry.state == State::Cancelled).collect();
    outbox.save(account, job.random)?;
    Ok(carried)
}

/// One round with one store.
struct Round<'a> {
    account: &'a AccountWriter,
    remote: &'a Remote,
    there: &'a BTreeSet<ObjectName>,
    job: Job<'a>,
    outbox: Outbox,
    carried: Carried,
}

impl Round<'_> {
    fn one(&mut self, at: usize) -> Result<(), EngineError> {
        let entry = &self.outbox.entries[at];
        match (entry.state, entry.whole_in(self.remote.name())) {
            (State::Queued, Some(true)) if !self.there.contains(&entry.name()) => self.taken(at),
            (State::Queued, Some(true)) | (State::Unfinished, _) | (State::Cancelled | State::Taken, None) => {}
            (State::Queued, _) => self.put(at)?,
            (State::Cancelled | State::Taken, Some(_)) => self.withdraw(at)?,
        }
        Ok(())
    }

    /// It was there and is no longer: its device took it.
    fn taken(&mut self, at: usize) {
        let entry = &mut self.outbox.entries[at];
        entry.state = State::Taken;
        self.carried.taken.push(entry.clone());
        // parts that the device may not remove are left to the owner of the store
        let _ = take_back(self.remote, entry, self.there);
        entry.left(self.remote.name());
    }

    fn put(&mut self, at: usize) -> Result<(), EngineError> {
        // remembered first, so that taking it back finds what a killed run sent
        self.outbox.entries[at].went_to(self.remote.name(), false);
        self.outbox.save(self.account, self.job.random)?;
        let entry = &mut self.outbox.entries[at];
        match put_all(self.account, self.remote, entry, self.there, self.job) {
            Ok(()) => {
                entry.went_to(self.remote.name(), true);
                self.carried.sent.push(entry.clone());
                Ok(())
            }
            Err(error) => {
                let why = match error {
                    EngineError::Object { why, .. } => ObjectFault::Refused(why),
                    EngineError::Vault(ProviderError::Missing) | EngineError::Place { error: ProviderError::Missing, .. } => {
                        ObjectFault::Missing
                    }
                    error => return Err(error),
                };
                self.carried.failed.push(NotCarried::NotSent(entry.clone(), why));
                Ok(())
            }
        }
    }

    /// What was taken back, or taken, goes from the store.
    fn withdraw(&mut self, at: usize) -> Result<(), EngineError> {
        let entry = &mut self.outbox.entries[at];
        match take_back(self.remote, entry, self.there) {
            Err(error @ ProviderError::Stopped) => return Err(self.remote.lost(error)),
            Err(error) if entry.state == State::Cancelled => {
                self.carried.failed.push(NotCarried::NotTakenBack(entry.clone(), error));
            }
            _ => entry.left(self.remote.name()),
        }
        Ok(())
    }
}

fn put_all(
    account: &Account,
    remote: &Remote,
    entry: &Sent,
    there: &BTreeSet<ObjectName>,
    job: Job<'_>,
) -> Result<(), EngineError> {
    for name in entry.objects() {
        job.check()?;
        if there.contains(&name) {
            continue;
        }
        let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
        let (_, sealed) = proof::prove(account, name, bytes, &[]).map_err(|why| EngineError::Object { name, why })?;
        remote.put(&sealed).map_err(|error| remote.lost(error))?;
    }
    Ok(())
}

/// Removes a letter from a store: what tells of it first, so that nobody finds half of it.
fn take_back(remote: &Remote, entry: &Sent, there: &BTreeSet<ObjectName>) -> Result<(), ProviderError> {
    let objects: Vec<_> = entry.objects().filter(|name| there.contains(name)).collect();
    objects.iter().rev().try_for_each(|name| remote.remove(name))
}
