//! Enrolling: a new device is let in, with a code that is shown here and typed there.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::owner::{self, Opened, Owner};
use crate::app::work::Work;
use crate::config::Store;
use crate::consent::Item;
use crate::engine::EngineError;
use crate::engine::devices::enroll::{Limits, host};
use crate::local::audit::Event;
use crate::provider::address::Address;
use crate::text;

/// Waits for one new device, ten minutes at most, and lets it in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeviceEnroll {
    /// The address and port to wait at; none for a free port at every address.
    pub listen: Option<String>,
    /// Whether it gets the credentials of the stores too.
    pub share_credentials: bool,
    /// The owner's key.
    pub owner: Owner,
}

/// A device that was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceEnrolled {
    /// What it is called.
    pub device: String,
    /// Its id.
    pub id: String,
    /// The number of the list of devices.
    pub list: u64,
    /// The account's fingerprint, which the new device shows too.
    pub fingerprint: String,
    /// Whether it has the credentials of the stores.
    pub credentials_shared: bool,
    /// Stores that it was not told of, because they are folders of this machine.
    pub kept_here: Vec<String>,
}

impl Answer for DeviceEnrolled {}

impl Job for DeviceEnroll {
    type Reply = DeviceEnrolled;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "enrolled"))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceEnrolled, Failure> {
        let wrong =
            |at: &String| at.parse::<SocketAddr>().map_err(|_| Failure::usage(text!("device-enroll-listen", address = at)));
        let listen = self.listen.as_ref().map(wrong).transpose()?;
        // consent first: without it nothing is asked, unlocked or opened
        work.open_read_only()?.ledger.permit(Item::Network).map_err(EngineError::from)?;
        let config = work.session.config()?;
        let Opened { mut account, keyring, .. } = owner::open(work, &self.owner)?;
        let permit = account.ledger.permit(Item::Network).map_err(EngineError::from)?;
        // a folder of this machine is none of another's
        let (here, elsewhere): (Vec<Store>, Vec<Store>) =
            config.stores.into_iter().partition(|store| matches!(store.address, Address::Folder(_)));
        let offers = host::offers(&account, &elsewhere, self.share_credentials)?;
        let waiting = host::Waiting::listen(&permit, listen, &work.session.random)?;
        let address = waiting.address().map(|at| at.to_string()).unwrap_or_default();
        // told while it waits, because the other device needs it before there is a reply
        work.remark(text!("device-enroll-waiting", address = address, code = waiting.code().to_text()));
        let member = host::host(&mut account, &keyring, waiting, offers, Limits::default(), work.quiet_job())?;
        Ok(DeviceEnrolled {
            device: member.name.clone(),
            id: member.id.to_string(),
            list: account.roster.number,
            fingerprint: account.fingerprint(),
            credentials_shared: self.share_credentials,
            kept_here: here.into_iter().map(|store| store.name).collect(),
        })
    }
}
