//! Setting up: an account, this device, its key slots and the recovery kit; or joining an account on a new machine.

mod asking;
mod guest;
mod guide;
mod join;
mod keys;
mod make;
mod request;
mod sources;
mod standing;
mod stores;

use crate::app::forms::setup::SetupReply;
use crate::app::job::{Audited, Job};
use crate::app::prompt::Unasked;
use crate::app::work::Work;
use crate::app::{Failure, Text, unlock};
use crate::local::audit::Event;
use crate::text;

pub use join::{Join, at_store, join_store, own_passphrase};
pub use make::{New, announce, make_account, make_first_account, new_account};
pub use request::Setup;

impl Job for Setup {
    type Reply = SetupReply;

    fn audited(&self) -> Option<Audited> {
        let joins = self.join.is_some() || self.enroll.is_some();
        Some(Audited::of(Event::Account, if joins { "joined" } else { "made" }))
    }

    fn run(self, work: &Work<'_>) -> Result<SetupReply, Failure> {
        let done = match self.yes {
            true => self.set_up(&work.unasked(&Unasked(work.prompt))),
            false => self.set_up(work),
        };
        done.map_err(|failure| where_nothing_is(work, failure))
    }
}

/// Where no account is yet, there is nothing to read back: another folder does as well as one that cannot be written to.
fn where_nothing_is(work: &Work<'_>, failure: Failure) -> Failure {
    let is_unwritable = |hint: &Text| matches!(&*hint.id, "disk-read-only-hint" | "disk-permission-hint");
    let is_new = || work.session.home.accounts().is_ok_and(|accounts| accounts.is_empty());
    match failure.hint.as_ref().is_some_and(is_unwritable) && is_new() {
        true => failure.hint(text!("setup-unwritable-hint", path = work.session.home.root())),
        false => failure,
    }
}

impl Setup {
    fn set_up(self, work: &Work<'_>) -> Result<SetupReply, Failure> {
        if let Some(address) = &self.enroll {
            let enrolled = guest::enroll_at(work, address, self.device_name.clone(), self.code_file.as_ref())?;
            return Ok(SetupReply::Enrolled(enrolled));
        }
        if let Some(url) = &self.join {
            let missing = || Failure::usage(text!("join-needs-kit")).hint(text!("join-needs-kit-hint"));
            let kit_file = self.recovery_kit.as_deref().ok_or_else(missing)?;
            let kit = unlock::read_kit(work, kit_file)?;
            let how = Join {
                url,
                kit: &kit,
                kit_file,
                access: &self.access,
                device_name: self.device_name.clone(),
                passphrase_file: self.passphrase_file.as_deref(),
            };
            return join::join_and_tell(work, &how).map(SetupReply::Joined);
        }
        if work.prompt.is_there() {
            return guide::guide(work, &self);
        }
        let passphrase = unlock::new_passphrase(work, self.passphrase_file.as_deref())?;
        let new = New { device_name: self.device_name, passphrase: passphrase.as_ref(), recovery_kit: self.recovery_kit };
        make_account(work, &new).map(SetupReply::Made)
    }
}
