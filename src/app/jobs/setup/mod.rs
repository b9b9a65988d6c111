//! Setting up: an account, this device, its key slots and the recovery kit; or joining an account on a new machine.

mod guest;
mod guide;
mod join;
mod make;
mod steps;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use guest::Enrolled;
pub use guide::{Guided, Step, StepName, StepState};
pub use join::{Failed, Join, Joined, at_store, failed, join_store, own_passphrase};
pub use make::{Made, New, make_account, make_first_account, new_account};

use crate::app::access::Access;
use crate::app::reply::{Answer, Tally};
use crate::app::request::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Exit, Failure, unlock};
use crate::local::audit::Event;
use crate::text;

/// Sets this machine up: makes an account, or joins one.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Setup {
    /// A store whose account is joined with the recovery kit; its address.
    pub join: Option<String>,
    /// A device that waits to let this one in; host and port.
    pub enroll: Option<String>,
    /// Where the recovery kit goes; with `join`, the kit to use.
    pub recovery_kit: Option<PathBuf>,
    /// A file whose first line is the passphrase.
    pub passphrase_file: Option<PathBuf>,
    /// What to call this device; none for the host's name.
    pub device_name: Option<String>,
    /// A file whose first line is the code that the other device shows.
    pub code_file: Option<PathBuf>,
    /// How the store is reached.
    pub access: Access,
    /// Whether nothing is asked.
    pub yes: bool,
}

/// What was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "set_up", rename_all = "snake_case")]
pub enum SetupReply {
    /// A new account.
    Made(Made),
    /// An account in a store that was joined.
    Joined(Joined),
    /// An account that another device let this one into.
    Enrolled(Enrolled),
    /// A guided run.
    Guided(Guided),
}

impl Answer for SetupReply {
    fn exit(&self) -> Exit {
        match self {
            Self::Made(_) | Self::Enrolled(_) | Self::Guided(_) => Exit::Done,
            Self::Joined(joined) => joined.exit(),
        }
    }

    fn tally(&self) -> Tally {
        Tally::default()
    }
}

impl Job for Setup {
    type Reply = SetupReply;

    fn audited(&self) -> Option<Audited> {
        let joins = self.join.is_some() || self.enroll.is_some();
        Some(Audited::of(Event::Account, if joins { "joined" } else { "made" }))
    }

    fn run(self, work: &Work<'_>) -> Result<SetupReply, Failure> {
        if let Some(address) = &self.enroll {
            let enrolled = guest::enroll_at(work, address, self.device_name.clone(), self.code_file.as_ref())?;
            return Ok(SetupReply::Enrolled(enrolled));
        }
        if let Some(url) = &self.join {
            let missing = || Failure::usage(text!("join-needs-kit")).hint(text!("join-needs-kit-hint"));
            let kit = unlock::read_kit(self.recovery_kit.as_deref().ok_or_else(missing)?)?;
            let how = Join {
                url,
                kit: &kit,
                access: &self.access,
                device_name: self.device_name.clone(),
                passphrase_file: self.passphrase_file.as_deref(),
            };
            return join::join_and_tell(work, &how).map(SetupReply::Joined);
        }
        if work.prompt.is_there() && !self.yes {
            return guide::guide(work, &self);
        }
        let passphrase = unlock::new_passphrase(work, self.passphrase_file.as_deref())?;
        let new = New { device_name: self.device_name, passphrase: passphrase.as_ref(), recovery_kit: self.recovery_kit };
        make_account(work, &new).map(SetupReply::Made)
    }
}
