//! Consent at work: the ledger of an account under the policy in force, decisions that are booked before they take effect, and
//! withdrawals that reach a process at work.

use std::sync::Arc;

use crate::consent::{ConsentContext, ConsentState, Decision, Entry, Item, Ledger, Permit};
use crate::engine::EngineError;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::records::record;
use crate::engine::account::{Account, AccountWriter, by_itself};
use crate::engine::error::broken;
use crate::local::audit::{Event, Outcome};
use crate::local::home::Home;
use crate::local::journal::Journal;
use crate::local::{consent_withdrawal, policies};

/// The ledger that these entries make under the policy in force.
pub fn replay(home: &Home, entries: &[Entry]) -> Result<Ledger, EngineError> {
    let mut ledger = under_policy(home);
    entries.iter().try_for_each(|entry| ledger.push(*entry)).map_err(broken)?;
    Ok(ledger)
}

/// The owner's yes to reaching one place before there is an account to book it in; it is booked once there is.
pub fn before_there_is_an_account(home: &Home, asked: ConsentContext) -> Result<Permit, EngineError> {
    let mut ledger = under_policy(home);
    ledger.push(ledger.decide(Item::Network, Decision::Granted, asked, [0; 16])?).map_err(broken)?;
    Ok(ledger.permit(Item::Network)?)
}

/// An empty ledger under the policy in force; where that cannot be read, one that allows nothing.
fn under_policy(home: &Home) -> Ledger {
    Ledger::under(policies::in_force(home).ok().map(Arc::new))
}

impl AccountWriter {
    /// Books a decision, durably, before it takes effect.
    pub fn decide(&mut self, item: Item, decision: Decision, asked: ConsentContext) -> Result<Entry, EngineError> {
        let bell = consent_withdrawal::bell(&self.folder());
        let entry = self.write(|account, journal| account.enter(journal, item, decision, asked))?;
        if decision == Decision::Granted && item == Item::Network {
            consent_withdrawal::watch(&self.folder(), &self.ledger.halt(), bell);
        }
        Ok(entry)
    }

    /// Books what was left to be taken back. Where the journal's end was torn, what was cut off may have been a withdrawal, so that
    /// everything counts as withdrawn.
    pub(in crate::engine) fn take_withdrawals(&mut self, torn: bool) -> Result<(), EngineError> {
        self.write(|account, journal| {
            let left = consent_withdrawal::waiting(&account.folder())?;
            for item in if torn { Item::all().collect() } else { left.clone() } {
                account.withdraw(journal, item)?;
            }
            if left.is_empty() { Ok(()) } else { Ok(consent_withdrawal::booked(&account.folder())?) }
        })
    }
}

impl Account {
    /// Books a decision in the journal, which this process holds; then it takes effect, here and in whoever is at work.
    pub(in crate::engine) fn enter(
        &mut self,
        journal: &mut Journal,
        item: Item,
        decision: Decision,
        asked: ConsentContext,
    ) -> Result<Entry, EngineError> {
        let entry = self.ledger.decide(item, decision, asked, *self.device.id.as_bytes())?;
        journal.append(record::CONSENT, &entry.encode())?;
        self.ledger.push(entry).map_err(broken)?;
        let word = match decision {
            Decision::Granted => "granted",
            Decision::Denied => "denied",
            Decision::Withdrawn => "withdrawn",
        };
        if decision != Decision::Granted {
            consent_withdrawal::ring(&self.folder())?;
        }
        self.logs().audit(AuditEntry::of(Event::Consent, Outcome::Done).what(&format!("{} {word}", item.as_str())));
        Ok(entry)
    }

    /// Whether an item stands, under the policy in force or one before it.
    pub(in crate::engine) fn may_stand(&self, item: Item) -> bool {
        matches!(self.ledger.standing(item), ConsentState::Granted | ConsentState::Stale)
    }

    /// From now on a withdrawal that is left or booked beside this process stops what uses the network.
    pub(in crate::engine) fn hear_withdrawals(&self) {
        if self.ledger.permit(Item::Network).is_ok() {
            consent_withdrawal::watch(&self.folder(), &self.ledger.halt(), self.bell);
        }
    }

    /// Heeds what was taken back and is not booked yet, where this process only looks. Where the journal's end is torn, what was cut off
    /// may have been a withdrawal: everything counts as withdrawn.
    pub(in crate::engine) fn heed_withdrawals(&mut self, torn: bool) -> Result<(), EngineError> {
        for item in if torn { Item::all().collect() } else { consent_withdrawal::waiting(&self.folder())? } {
            if self.ledger.standing(item) == ConsentState::Granted {
                let entry = self.ledger.decide(item, Decision::Withdrawn, by_itself(), *self.device.id.as_bytes())?;
                self.ledger.push(entry).map_err(broken)?;
            }
        }
        Ok(())
    }
}
