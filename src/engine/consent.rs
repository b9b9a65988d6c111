//! Consent at work: the ledger of an account under the policy in force, decisions that are booked before they take effect, and
//! withdrawals that reach a process at work.

use std::sync::Arc;

use crate::consent::{Asked, Decision, Entry, Item, Language, Ledger, Permit, Standing, Surface};
use crate::core::codec::Bad;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::audit::Note;
use crate::store::audit::{Event, Outcome};
use crate::store::home::Home;
use crate::store::{policies, withdrawal};

/// The ledger that these entries make under the policy in force.
pub fn replay(home: &Home, entries: &[Entry]) -> Result<Ledger, EngineError> {
    let mut ledger = under_policy(home);
    entries.iter().try_for_each(|entry| ledger.push(*entry)).map_err(broken)?;
    Ok(ledger)
}

/// The owner's yes to reaching one place before there is an account to book it in; it is booked once there is.
pub fn before_there_is_an_account(home: &Home, asked: Asked) -> Result<Permit, EngineError> {
    let mut ledger = under_policy(home);
    ledger.push(ledger.decide(Item::Network, Decision::Granted, asked, [0; 16])?).map_err(broken)?;
    Ok(ledger.permit(Item::Network)?)
}

/// An empty ledger under the policy in force; where that cannot be read, one that allows nothing.
fn under_policy(home: &Home) -> Ledger {
    Ledger::under(policies::in_force(home).ok().map(Arc::new))
}

pub(in crate::engine) fn broken(why: Bad) -> EngineError {
    EngineError::Own { what: "the consent ledger".into(), why: why.0.into() }
}

/// A decision that Printkeep takes itself, always against use.
fn by_itself() -> Asked {
    Asked { language: Language::English, surface: Surface::Itself, time: 0 }
}

impl Account {
    /// Books a decision, durably, before it takes effect.
    pub fn decide(&mut self, item: Item, decision: Decision, asked: Asked) -> Result<Entry, EngineError> {
        let entry = self.ledger.decide(item, decision, asked, *self.device.id.as_bytes())?;
        self.remember_consent(entry)?;
        let word = match decision {
            Decision::Granted => "granted",
            Decision::Denied => "denied",
            Decision::Withdrawn => "withdrawn",
        };
        self.audit(Note::of(Event::Consent, Outcome::Done).what(&format!("{} {word}", item.as_str())));
        if decision == Decision::Granted && item == Item::Network {
            self.hear_withdrawals();
        }
        Ok(entry)
    }

    /// From now on a withdrawal that is left beside the account stops what uses the network.
    pub(in crate::engine) fn hear_withdrawals(&self) {
        if self.ledger.permit(Item::Network).is_ok() {
            withdrawal::watch(&self.folder(), &self.ledger.halt());
        }
    }

    /// Books what was taken back while another process held the account. Where the journal's end was torn, what was cut off may
    /// have been a withdrawal, so that everything counts as withdrawn.
    pub(in crate::engine) fn take_withdrawals(&mut self, torn: bool) -> Result<(), EngineError> {
        let left = withdrawal::waiting(&self.folder())?;
        for item in if torn { Item::all().collect() } else { left.clone() } {
            if matches!(self.ledger.standing(item), Standing::Granted | Standing::Stale) {
                self.decide(item, Decision::Withdrawn, by_itself())?;
            }
        }
        if left.is_empty() { Ok(()) } else { Ok(withdrawal::booked(&self.folder())?) }
    }

    /// Heeds what was taken back and is not booked yet, where this process only looks.
    pub(in crate::engine) fn heed_withdrawals(&mut self) -> Result<(), EngineError> {
        for item in withdrawal::waiting(&self.folder())? {
            if self.ledger.standing(item) == Standing::Granted {
                let entry = self.ledger.decide(item, Decision::Withdrawn, by_itself(), *self.device.id.as_bytes())?;
                self.ledger.push(entry).map_err(broken)?;
            }
        }
        Ok(())
    }
}
