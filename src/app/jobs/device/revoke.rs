//! Revoking: nothing more is believed of a device that was lost, stolen or given away, and the account's keys are changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DeviceRole, Last};
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::owner::{self, Opened, Owner};
use crate::app::work::Work;
use crate::app::{Arg, Exit, Failure, Text, second_factor};
use crate::engine::devices::change::{self, Change};
use crate::engine::devices::{revoke as engine, rotate};
use crate::engine::repository::snapshots;
use crate::local::audit::Event;
use crate::text;

/// Believes nothing more of a device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoke {
    /// Its name, or 8 digits of its id.
    pub name: String,
    /// Believe its snapshots up to this number and none after, as where it was in wrong hands by then; none for all that are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// Whether nothing is asked.
    #[serde(default)]
    pub yes: bool,
    /// The owner's key.
    #[serde(default)]
    pub owner: Owner,
}

/// A device that was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoked {
    /// What it is called.
    pub device: String,
    /// Its id.
    pub id: String,
    /// What it may do.
    pub role: DeviceRole,
    /// The number of the list of devices.
    pub list: u64,
    /// The last snapshot of it that is believed, if any is.
    pub last_believed: Option<u64>,
    /// When that was made, by the device's clock.
    pub last_time: Option<i64>,
    /// What that means for its snapshots.
    #[serde(flatten)]
    pub snapshots: Outlook,
    /// The generation of the account's keys.
    pub generation: u32,
    /// Whether the keys were changed.
    pub keys_changed: bool,
    /// Why they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_why: Option<Text>,
    /// What remains for the owner.
    pub remains: Vec<Remains>,
}

/// What a revocation means for the snapshots of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outlook {
    /// How many are believed from then on.
    pub believed: u64,
    /// How many of them came from the stores just now.
    pub fetched: u64,
    /// The first of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_fetched: Option<u64>,
    /// How many are known to be somewhere and were not seen here: they are not believed.
    pub unseen: u64,
    /// The first of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_unseen: Option<u64>,
    /// How many older ones are more than the list of devices names: they are not believed either.
    pub too_many: u64,
    /// The stores that did not tell what of it lies there.
    pub unreached: Vec<String>,
}

impl From<&engine::Outlook> for Outlook {
    fn from(found: &engine::Outlook) -> Self {
        Self {
            believed: found.believed,
            fetched: found.fetched.len() as u64,
            first_fetched: found.fetched.first().copied(),
            unseen: found.unseen.len() as u64,
            first_unseen: found.unseen.first().copied(),
            too_many: found.too_many,
            unreached: found.unreached.clone(),
        }
    }
}

/// What remains for the owner after a device was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remains {
    /// A sync here and on the other devices.
    Sync,
    /// The credentials that the device had at the stores.
    Credentials,
}

impl Answer for DeviceRevoked {
    fn exit(&self) -> Exit {
        if self.keys_changed { Exit::Done } else { Exit::Incomplete }
    }
}

impl Job for DeviceRevoke {
    type Reply = DeviceRevoked;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "revoked").names([self.name.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceRevoked, Failure> {
        let looked = work.open_read_only()?;
        let device = change::find(&looked, &self.name)?;
        let here = device.id == looked.device.id;
        drop(looked);
        if here && !self.yes {
            let failure = Failure::usage(text!("device-revoke-here", name = &self.name));
            return Err(failure.hint(text!("device-revoke-here-hint")));
        }
        if !self.yes && !work.prompt.is_there() {
            return Err(Failure::usage(text!("device-revoke-nobody")).hint(text!("device-revoke-nobody-hint")));
        }
        let Opened { mut account, mut keyring, asked } = owner::open(work, &self.owner)?;
        let watcher = work.watcher();
        let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
        let (stores, last) = (work.session.config()?.stores, self.last.unwrap_or(u64::MAX));
        let outlook = engine::outlook(&mut account, &stores, &asked, (device.id, last), work.job(&on_event))?;
        if !self.yes {
            confirm(work, &device.name, &outlook)?;
        }
        second_factor::ask(work, &account)?;
        let random = &work.session.random;
        let revoked = change::change(&mut account, &keyring, device.id, Change::Revoke(last), random)?;
        let rotated = rotate::rotate(&mut account, &mut keyring, &asked, random);
        let last = snapshots::last(&account, device.id)?.map(|last| Last { snapshot: last.number, time: last.time });
        Ok(DeviceRevoked {
            device: device.name,
            id: revoked.id.to_string(),
            role: DeviceRole::of(&revoked),
            list: account.roster.number,
            last_believed: last.map(|last| last.snapshot),
            last_time: last.map(|last| last.time),
            snapshots: Outlook::from(&outlook),
            generation: keyring.newest(),
            keys_changed: rotated.is_ok(),
            keys_why: rotated.err().map(|error| Failure::from(error).message),
            remains: vec![Remains::Sync, Remains::Credentials],
        })
    }
}

/// Asks, with what of the device is believed afterwards and what is lost by it.
fn confirm(work: &Work<'_>, name: &str, found: &engine::Outlook) -> Result<(), Failure> {
    let number = found.newest.map(|number| number.to_string()).unwrap_or_default();
    let believed = text!("device-revoke-believed", count = found.believed, number = number);
    let lost = |is_so: bool, text: Text| if is_so { Arg::from(text) } else { Arg::Text(String::new()) };
    let first = found.unseen.first().map(|number| number.to_string()).unwrap_or_default();
    let unseen = text!("device-revoke-unseen", count = found.unseen.len(), first = first);
    let unreached = text!("device-revoke-unreached", stores = found.unreached.join(", "));
    let first_fetched = found.fetched.first().copied().unwrap_or_default();
    let before = first_fetched.saturating_sub(1).to_string();
    let fetched = text!("device-revoke-fetched", count = found.fetched.len(), first = first_fetched.to_string(), before = before);
    let question = text!("device-revoke-ask", name = name, believed = believed)
        .with("fetched", lost(!found.fetched.is_empty(), fetched))
        .with("unseen", lost(!found.unseen.is_empty(), unseen))
        .with("many", lost(found.too_many > 0, text!("device-revoke-many", count = found.too_many)))
        .with("unreached", lost(!found.unreached.is_empty(), unreached));
    let typed = work.prompt.answer(&question)?;
    if typed == name { Ok(()) } else { Err(Failure::declined(text!("device-revoke-unlike"))) }
}
