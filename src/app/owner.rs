//! Opening the account for a change that every machine of it must know: the owner's key, and the stores asked for what others changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure};
use crate::core::keys::Keyring;
use crate::engine::account::{AccountWriter, keys};
use crate::engine::error::{PlaceName, in_vault};
use crate::engine::sync::reconcile::{self, Reconciled};
use crate::text;

/// The owner's key, and whether the stores are asked first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Owner {
    /// Go on though a store cannot be asked; no other machine may change the account meanwhile.
    pub offline: bool,
    /// How the account is unlocked.
    pub unlock: Unlock,
}

/// The account, unlocked, once the stores were asked what other machines changed.
pub struct Opened {
    /// The account.
    pub account: AccountWriter,
    /// The owner's keys.
    pub keyring: Keyring,
    /// The stores that were asked.
    pub asked: Reconciled,
}

/// Opens the account for such a change.
pub fn open(work: &Work<'_>, owner: &Owner) -> Result<Opened, Failure> {
    let config = work.session.config()?;
    let mut account = work.open(WorkKind::Keys)?;
    // a store is changed before the vault is: one that cannot be written to is told while nothing is
    account.vault_writer().try_writing().map_err(in_vault)?;
    // a wrong passphrase is told before anything is fetched; keys that are missing here may come from the stores
    let early = match unlock::unlock_as_owner(work, &account, &owner.unlock) {
        Err(failure) if failure.exit == Exit::Damaged && account.device.keys.generation() > 1 => None,
        done => Some(done?),
    };
    let watcher = work.watcher();
    let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
    let asked = reconcile::ask(&mut account, &config.stores, owner.offline, work.job(&on_event));
    let asked = asked.map_err(|error| {
        let failure = Failure::from(error);
        if failure.exit == Exit::Store { failure.hint(text!("owner-ask-hint")) } else { failure }
    })?;
    for (store, why) in &asked.left_out {
        work.remark(text!("owner-not-asked", store = store, why = why));
    }
    let keyring = match early {
        Some(mut keyring) => {
            keys::extend(&mut keyring, &mut |name| account.vault.get_now(name, None), &PlaceName::Vault)?;
            keyring
        }
        None => unlock::unlock_as_owner(work, &account, &owner.unlock)?,
    };
    Ok(Opened { account, keyring, asked })
}
