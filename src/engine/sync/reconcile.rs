//! What other machines of the account changed: stores are asked for newer keys, grants and rosters before this machine makes one, and
//! two changes that were made apart are brought together.
//!
//! A roster counts changes. Where two machines made the same number apart, the list that [outranks](Roster::outranks) the other holds; the
//! other change is set aside and told, so that the owner makes it again. Who was revoked in either stays revoked where that is known.

use crate::config::Store as StoreConfig;
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{Refused, hash};
use crate::engine::account::AccountWriter;
use crate::engine::error::SyncFault;
use crate::engine::error::in_vault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::stores::{self, OpenError};
use crate::engine::sync::report::Report;
use crate::engine::sync::round::Round;
use crate::engine::{EngineError, Job};
use crate::provider::ProviderError;

/// The stores that were asked, still open.
pub struct Reconciled {
    /// The stores.
    pub stores: Vec<Remote>,
    /// Those that could not be asked, with the reason.
    pub left_out: Vec<(String, String)>,
    /// What was set aside, because another machine's change holds.
    pub set_aside: Vec<(ObjectName, SyncFault)>,
}

/// Asks every store that may be asked for newer keys, grants and rosters. One that cannot be reached is an error unless `offline`
/// says that no other machine changes the account meanwhile.
pub fn ask(account: &mut AccountWriter, configs: &[StoreConfig], offline: bool, job: Job<'_>) -> Result<Reconciled, EngineError> {
    let mut asked = Reconciled { stores: Vec::new(), left_out: Vec::new(), set_aside: Vec::new() };
    let mut chunk_index = ChunkIndex::open(account)?;
    for config in configs {
        let failed = match stores::prepare(account, config).and_then(|()| stores::open(account, config, job.runtime)) {
            Ok(store) => match ask_one(account, &mut chunk_index, &store, job) {
                Ok(report) => {
                    asked.set_aside.extend(report.failed);
                    asked.stores.push(store);
                    continue;
                }
                Err(error) => error,
            },
            // what the owner has not allowed is not tried
            Err(OpenError::Consent(refusal)) => {
                asked.left_out.push((config.name.clone(), refusal.to_string()));
                continue;
            }
            Err(error) => error.into(),
        };
        match failed {
            EngineError::Place { .. } if offline && !failed.is_stop() => {
                asked.left_out.push((config.name.clone(), failed.to_string()))
            }
            error => return Err(error),
        }
    }
    Ok(asked)
}

fn ask_one(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let theirs = remote.list_in(&["keys", "grants", "roster"]).map_err(|error| remote.lost(error))?;
    let mut round = Round::new(account, chunk_index, remote, theirs, job);
    if !round.settle()? {
        return Err(remote.lost(ProviderError::Taken));
    }
    round.look_here()?;
    round.fetch_named().map_err(|stop| stop.at(remote))?;
    Ok(round.report)
}

impl Round<'_> {
    /// Brings together what two machines changed apart; whether objects may be moved between vault and store then.
    pub(super) fn settle(&mut self) -> Result<bool, EngineError> {
        let may_move = self.keys_agree()?;
        if may_move {
            // a list of devices may be sealed under them
            self.fetch_first(|account, name| {
                matches!(name, ObjectName::Keys(_))
                    || matches!(name, ObjectName::Grant(device, _) if *device == account.device.id)
            })?;
            self.rosters()?;
        }
        Ok(may_move)
    }

    fn keys_agree(&mut self) -> Result<bool, EngineError> {
        // of later generations than this device holds nothing is proved yet, neither here nor there
        let held = u64::from(self.account.device.keys.generation());
        let common = |name: &&ObjectName| {
            matches!(name, ObjectName::Keys(generation) if *generation <= held) && self.account.vault.size_now(name).is_ok()
        };
        let Some(name) = self.theirs.keys().filter(common).max().copied() else { return Ok(true) };
        let Some(there) = self.remote.find(&name)? else { return Ok(true) };
        if there == self.account.vault.get_now(&name, None).map_err(in_vault)? {
            return Ok(true);
        }
        match proof::prove(self.account, name, there, &[]) {
            Ok(_) => self.not_moved(name, SyncFault::KeysApart),
            Err(why) => {
                self.not_moved(name, SyncFault::Refused(why));
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rosters(&mut self) -> Result<(), EngineError> {
        let numbers = |name: &ObjectName| if let ObjectName::Roster(number) = name { Some(*number) } else { None };
        let Some(last) = self.theirs.keys().filter_map(numbers).max() else { return Ok(()) };
        let own = self.account.roster.number;
        let common = ObjectName::Roster(last.min(own));
        let here = if last < own {
            self.account.vault.get_now(&common, None).ok()
        } else {
            Some(self.account.sealed_roster()?.into_bytes())
        };
        let Some(there) = self.remote.find(&common)? else { return Ok(()) };
        if here.is_none_or(|here| here == there) {
            self.found.read.insert(common, there);
            return Ok(());
        }
        let mut chain = self.chain(last)?;
        if matches!(chain, Err((_, Refused::NoKey))) && self.fetch_later_keys()? {
            chain = self.chain(last)?;
        }
        let chain = match chain {
            Ok(chain) => chain,
            // sealed under keys that this device was not granted yet
            Err((name, Refused::NoKey)) => {
                self.not_moved(name, SyncFault::ListSealed);
                self.is_apart = true;
                return Ok(());
            }
            Err((name, why)) => {
                self.not_moved(name, SyncFault::Refused(why));
                return Ok(());
            }
        };
        let holds_there = chain.last().is_some_and(|(_, roster, bytes)| {
            roster.outranks(&hash(bytes), &self.account.roster, &hash(self.account.roster_bytes()))
        });
        if holds_there { self.take_over(chain) } else { self.put_right(&chain) }
    }

    /// The store's list holds, and what this machine changed apart is set aside.
    fn take_over(&mut self, chain: Vec<Link>) -> Result<(), EngineError> {
        let mut told = false;
        let is_named = chain.last().is_some_and(|(_, roster, _)| roster.member(&self.account.device.id).is_some());
        let apart = chain.last().map(|(_, roster, _)| roster.revocations_lost(&self.account.roster)).unwrap_or_default();
        let names: Vec<_> = apart.into_iter().map(|line| line.name).collect();
        let lost = || match (is_named, names.is_empty()) {
            (false, _) => SyncFault::Unlisted,
            (true, true) => SyncFault::RosterLost,
            (true, false) => SyncFault::RevokedApart(names.clone()),
        };
        for (name, _, bytes) in &chain {
            if self.account.vault.get_now(name, None).is_ok_and(|here| here == *bytes) {
                continue;
            }
            if self.account.vault.size_now(name).is_ok() {
                self.account.vault_writer().set_aside_now(name).map_err(in_vault)?;
                if !told {
                    self.not_moved(*name, lost());
                    told = true;
                }
            }
            let proved = proof::prove(self.account, *name, bytes.clone(), &[]);
            let (_, sealed) = proved.map_err(|why| EngineError::Object { name: *name, why })?;
            self.account.vault_writer().put_now(&sealed).map_err(in_vault)?;
        }
        match chain.into_iter().next_back() {
            Some((_, roster, bytes)) => self.account.replace_roster(roster, &bytes),
            None => Ok(()),
        }
    }

    /// This machine's list holds: what the store holds under its numbers makes way, and is sent with the rest.
    fn put_right(&mut self, chain: &[Link]) -> Result<(), EngineError> {
        for (name, _, bytes) in chain {
            let lacking = match self.account.vault.get_now(name, None) {
                Ok(here) => here == *bytes,
                Err(_) => true,
            };
            if lacking {
                continue;
            }
            match self.remote.remove(name) {
                Ok(()) => {
                    self.theirs.remove(name);
                    self.not_moved(*name, SyncFault::RosterWon);
                }
                Err(error) => self.not_moved(*name, SyncFault::Store(error)),
            }
        }
        Ok(())
    }

    /// The store's rosters up to `last`, each the account's and following the one before; or the first that is not.
    fn chain(&self, last: u64) -> Result<Result<Vec<Link>, (ObjectName, Refused)>, EngineError> {
        let mut chain: Vec<Link> = Vec::new();
        let mut previous = ObjectHash::from_bytes([0; 32]);
        for number in 1..=last {
            let name = ObjectName::Roster(number);
            let Some(bytes) = self.remote.find(&name)? else { return Ok(Err((name, Refused::Changed))) };
            match proof::roster(self.account, &name, &bytes) {
                Ok(roster) if roster.previous == previous => {
                    previous = hash(&bytes);
                    chain.push((name, roster, bytes));
                }
                Ok(_) => return Ok(Err((name, Refused::Changed))),
                Err(why) => return Ok(Err((name, why))),
            }
        }
        Ok(Ok(chain))
    }
}

/// A roster of a store: its name, what it says, its bytes.
type Link = (ObjectName, Roster, Vec<u8>);
