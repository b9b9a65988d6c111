//! Facts that the device records of itself with its owner's consent: one way in, which takes a [`Permit`] and a masked value of the
//! same item; what is no longer allowed or kept long enough goes at once, here first, then from each store.
//!
//! ```compile_fail
//! # fn f(account: &mut printkeep::engine::account::Account, r: &dyn printkeep::core::random::Random) {
//! let _ = printkeep::engine::privacy::records::record(account, "serial 42", 0, r);
//! # }
//! ```

pub mod deletion;
pub mod moonraker;
pub mod network;
pub mod observe;
pub mod settings;
pub mod system;
pub mod view;

use crate::consent::mask::{Masked, Raw};
use crate::consent::{Item, Permit, Refusal};
use crate::core::device_record::{DeviceRecord, Origin};
use crate::core::random::Random;
use crate::core::secret::Secret;
use crate::engine::EngineError;
use crate::engine::account::record_index::{Held, RecordEvent};
use crate::engine::account::records::record;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::in_vault;
use crate::local::consent_withdrawal;
use crate::local::journal::Journal;

/// How a value comes into the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Only where it differs from what was recorded last.
    Changes,
    /// Each time: what happened, not what is.
    Always,
    /// As the owner's correction, beside what was recorded.
    Correction,
}

/// Records a fact: the only way in. Gives its number; none where nothing changed.
///
/// # Errors
/// Refuses a value of another item than the permit's, and one whose consent was taken back meanwhile.
pub fn record(
    account: &mut AccountWriter,
    permit: &Permit,
    masked: &Masked,
    take: Take,
    time: i64,
    random: &dyn Random,
) -> Result<Option<u64>, EngineError> {
    let item = masked.item();
    if permit.item() != item {
        return Err(Refusal::NotGranted(item).into());
    }
    // a permit may have grown old in a long run
    account.ledger.permit(item)?;
    if consent_withdrawal::waiting(&account.folder())?.contains(&item) {
        return Err(Refusal::Withdrawn(item).into());
    }
    let digest = *blake3::keyed_hash(account.local_key(b"facts").expose(), masked.text().as_bytes()).as_bytes();
    let vault = account.vault_writer().clone();
    account.write(|account, journal| {
        // what another process took back meanwhile is known here
        account.ledger.permit(item)?;
        if take == Take::Changes && account.facts.newest(item).is_some_and(|held| held.digest == digest) {
            return Ok(None);
        }
        let origin = if take == Take::Correction { Origin::Correction } else { Origin::Recorded };
        let consent = account.ledger.last(item).map_or([0; 32], crate::consent::Entry::hash);
        // the next number is known only while nobody else records
        let (device, number, text) = (account.device.id, account.facts.next(), masked.text().to_owned());
        let fact = DeviceRecord { device, number, item: item.code(), origin, time, consent, text };
        let sealed = fact.seal(&account.device.keys, &account.device.signer, random)?;
        // the journal first: an object that nothing tells of could not be deleted by item
        account.note_facts(journal, RecordEvent::Recorded(number, Held { item, origin, time, hash: sealed.hash(), digest }))?;
        // and the object in the same step: one that is booked and not there is taken for lost
        vault.put_now(&sealed).map_err(in_vault)?;
        Ok(Some(number))
    })
}

/// Masks what was read of an item as the table says, under this account's key.
pub fn mask(account: &Account, permit: &Permit, values: &[Raw], names: &[String]) -> Option<Masked> {
    Masked::of(permit, values, &pseudonym_key(account, permit.item()), names)
}

/// The key for pseudonyms of an item: the account's, not the device's, so that the owner tells what is the same thing.
fn pseudonym_key(account: &Account, item: Item) -> Secret<32> {
    account.device.keys.newest().pseudonyms(&[item.code()])
}

impl Account {
    /// Remembers something of the facts, durably, in the journal that this process holds.
    pub(in crate::engine) fn note_facts(&mut self, journal: &mut Journal, note: RecordEvent) -> Result<(), EngineError> {
        journal.append(record::FACTS, &note.encode())?;
        self.facts.apply(note);
        Ok(())
    }
}
