//! The account's devices: which there are, what each may do, and letting one in or go.

mod enroll;
mod follow;
mod inbox;
mod revoke;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::answer::{Answer, Tally};
use crate::app::forms::setup::Failed;
use crate::app::job::{Audited, Job};
use crate::app::owner::{self, Opened, Owner};
use crate::app::work::Work;
use crate::core::roster::{self as list, Member};
use crate::engine::account::{Account, devices};
use crate::engine::devices::change::{self, Change};
use crate::engine::devices::rejoin;
use crate::engine::repository::snapshots;
use crate::engine::sync::reconcile::Reconciled;
use crate::local::audit::Event;

pub use enroll::{DeviceEnroll, DeviceEnrolled};
pub use follow::{DeviceFollow, Followed};
pub use inbox::{
    DeviceSend, DeviceSendCancel, DeviceSendCancelled, DeviceSent, InboxAllow, InboxDeny, InboxFolder, InboxReceive,
    InboxReceived, InboxShow, InboxShown, WaitingFile,
};
pub use revoke::{DeviceRevoke, DeviceRevoked, Outlook, Remains};

/// Lists the devices.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeviceList {}

/// The devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Devices {
    /// By the order in which they joined.
    pub devices: Vec<Device>,
    /// The number of the list, which grows with each change.
    pub list: u64,
    /// The generation of the account's keys.
    pub generation: u32,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Device {
    /// What its owner calls it.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What it may do.
    pub role: DeviceRole,
    /// Whether it is this one.
    pub this: bool,
    /// Its last snapshot, if it has any.
    pub last: Option<Last>,
}

/// A device's last snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Last {
    /// Its number.
    pub snapshot: u64,
    /// When it was made, by its device's clock, in seconds since 1970.
    pub time: i64,
}

/// What a device may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// It adds snapshots.
    AddsOnly,
    /// It may also let snapshots go.
    MayDelete,
    /// Nothing more of it is believed.
    Revoked,
}

impl DeviceRole {
    /// What a member may do.
    pub fn of(member: &Member) -> Self {
        match &member.role {
            list::Role::AppendOnly => Self::AddsOnly,
            list::Role::MayDelete => Self::MayDelete,
            list::Role::Revoked(..) => Self::Revoked,
        }
    }
}

impl Answer for Devices {
    fn tally(&self) -> Tally {
        Tally { objects: self.devices.len() as u64, ..Tally::default() }
    }
}

impl Job for DeviceList {
    type Reply = Devices;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Devices, Failure> {
        let account = work.open_read_only()?;
        let of = |member: &Member| {
            Ok(Device {
                name: member.name.clone(),
                id: member.id.to_string(),
                role: DeviceRole::of(member),
                this: member.id == account.device.id,
                last: last(&account, member)?,
            })
        };
        let devices = account.roster.members.iter().map(of).collect::<Result<_, Failure>>()?;
        Ok(Devices { devices, list: account.roster.number, generation: account.device.keys.generation() })
    }
}

fn last(account: &Account, member: &Member) -> Result<Option<Last>, Failure> {
    Ok(snapshots::last(account, member.id)?.map(|last| Last { snapshot: last.number, time: last.time }))
}

/// Gives a device another name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRename {
    /// Its name, or 8 digits of its id.
    pub name: String,
    /// Its new name.
    pub new: String,
    /// The owner's key.
    #[serde(default)]
    pub owner: Owner,
}

/// Lets a device say what is no longer needed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeviceAllowDelete {
    /// Its name, or 8 digits of its id.
    pub name: String,
    /// The owner's key.
    #[serde(default)]
    pub owner: Owner,
}

/// Lets a device only add snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeviceForbidDelete {
    /// Its name, or 8 digits of its id.
    pub name: String,
    /// The owner's key.
    #[serde(default)]
    pub owner: Owner,
}

/// Puts this device back into the list of devices that holds and does not name it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeviceRejoin {
    /// The owner's key.
    pub owner: Owner,
}

/// A device that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceChanged {
    /// What it is called now.
    pub device: String,
    /// What it was called before.
    pub before: String,
    /// Its id.
    pub id: String,
    /// What it may do.
    pub role: DeviceRole,
    /// The number of the list of devices.
    pub list: u64,
    /// What was set aside, because another machine's change holds.
    pub set_aside: Vec<Failed>,
}

impl Answer for DeviceChanged {}

impl DeviceChanged {
    fn of(account: &Account, before: String, changed: &Member, asked: &Reconciled) -> Self {
        Self {
            device: changed.name.clone(),
            before,
            id: changed.id.to_string(),
            role: DeviceRole::of(changed),
            list: account.roster.number,
            set_aside: crate::app::forms::setup::failed(&asked.set_aside),
        }
    }
}

impl Job for DeviceRename {
    type Reply = DeviceChanged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "renamed").names([self.name.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceChanged, Failure> {
        devices::check_name(&self.new)?;
        change(work, &self.name, Change::Rename(self.new), &self.owner)
    }
}

impl Job for DeviceAllowDelete {
    type Reply = DeviceChanged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "allowed to delete").names([self.name.clone()]).frees_room(true))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceChanged, Failure> {
        change(work, &self.name, Change::Allow, &self.owner)
    }
}

impl Job for DeviceRejoin {
    type Reply = DeviceChanged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "rejoined"))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceChanged, Failure> {
        let Opened { mut account, keyring, asked } = owner::open(work, &self.owner)?;
        let before = account.device.name.clone();
        let member = rejoin::rejoin(&mut account, &keyring, &asked.stores, &work.session.random)?;
        Ok(DeviceChanged::of(&account, before, &member, &asked))
    }
}

impl Job for DeviceForbidDelete {
    type Reply = DeviceChanged;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Device, "forbidden to delete").names([self.name.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<DeviceChanged, Failure> {
        change(work, &self.name, Change::Disallow, &self.owner)
    }
}

fn change(work: &Work<'_>, name: &str, change: Change, owner: &Owner) -> Result<DeviceChanged, Failure> {
    // a name that is not there is told before anything is unlocked or fetched
    let before = change::find(&work.open_read_only()?, name)?.name;
    let Opened { mut account, keyring, asked } = owner::open(work, owner)?;
    let device = change::find(&account, name)?;
    let changed = change::change(&mut account, &keyring, device.id, change, &work.session.random)?;
    Ok(DeviceChanged::of(&account, before, &changed, &asked))
}
