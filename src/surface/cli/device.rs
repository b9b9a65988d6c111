//! `device`: the account's devices, and what goes from one to another.

use clap::{Args, Subcommand};

use super::unlock::Owner;
use crate::app::jobs::device::{
    self as job, Device as Shown, DeviceChanged, DeviceEnrolled, DeviceRevoked, DeviceRole, Devices, Outlook, Remains,
};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::Words;
use crate::text;

/// `device`
#[derive(Args)]
pub struct Device {
    /// What to do
    #[command(subcommand)]
    pub command: DeviceCommand,
}

/// `device …`
#[derive(Subcommand)]
pub enum DeviceCommand {
    /// List them
    List,
    /// Another name
    Rename {
        /// Its name
        name: String,
        /// Its new name
        new: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// It may delete
    AllowDelete {
        /// Its name
        name: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// It only adds
    ForbidDelete {
        /// Its name
        name: String,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// This one is named again
    Rejoin {
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Nothing more is believed of it
    Revoke {
        /// Its name
        name: String,
        /// Believe none above
        #[arg(long, value_name = "NUMBER")]
        last: Option<u64>,
        /// Ask nothing
        #[arg(long)]
        yes: bool,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
    /// Bring its newest files here
    Follow(super::follow::Follow),
    /// Send it a file
    Send(super::inbox::Send),
    /// Let files in
    Inbox(super::inbox::Inbox),
    /// Let a new one in
    Enroll {
        /// Where to wait
        #[arg(long, value_name = "ADDR")]
        listen: Option<std::net::SocketAddr>,
        /// Give it credentials
        #[arg(long)]
        share_credentials: bool,
        /// The owner's key
        #[command(flatten)]
        owner: Owner,
    },
}

impl Device {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            DeviceCommand::List => Request::DeviceList(job::DeviceList {}),
            DeviceCommand::Rename { name, new, owner } => {
                Request::DeviceRename(job::DeviceRename { name, new, owner: owner.into() })
            }
            DeviceCommand::AllowDelete { name, owner } => {
                Request::DeviceAllowDelete(job::DeviceAllowDelete { name, owner: owner.into() })
            }
            DeviceCommand::ForbidDelete { name, owner } => {
                Request::DeviceForbidDelete(job::DeviceForbidDelete { name, owner: owner.into() })
            }
            DeviceCommand::Rejoin { owner } => Request::DeviceRejoin(job::DeviceRejoin { owner: owner.into() }),
            DeviceCommand::Revoke { name, last, yes, owner } => {
                Request::DeviceRevoke(job::DeviceRevoke { name, last, yes, owner: owner.into() })
            }
            DeviceCommand::Follow(args) => args.request(),
            DeviceCommand::Send(args) => args.request(),
            DeviceCommand::Inbox(args) => args.request(),
            DeviceCommand::Enroll { listen, share_credentials, owner } => {
                let listen = listen.map(|at| at.to_string());
                Request::DeviceEnroll(job::DeviceEnroll { listen, share_credentials, owner: owner.into() })
            }
        })
    }
}

/// The lines of `device list`.
pub fn list(reply: &Devices, words: &Words) -> Vec<String> {
    let names = reply.devices.iter().map(|device| device.name.chars().count()).max().unwrap_or_default();
    let role = |device: &Shown| {
        words.say(&match device.role {
            DeviceRole::AddsOnly => text!("device-adds-only"),
            DeviceRole::MayDelete => text!("device-may-delete"),
            DeviceRole::Revoked => text!("device-revoked-word"),
        })
    };
    let roles = reply.devices.iter().map(|device| role(device).chars().count()).max().unwrap_or_default();
    let line = |device: &Shown| {
        let id: String = device.id.chars().take(8).collect();
        let made = words.say(&match device.last {
            Some(last) => text!("device-last", number = last.snapshot, time = Arg::Time(last.time)),
            None => text!("device-last-none"),
        });
        let mark = if device.this { format!("  {}", words.say(&text!("device-this"))) } else { String::new() };
        format!("{:names$}  {id}  {:roles$}  {made}{mark}", device.name, role(device))
    };
    reply.devices.iter().map(line).collect()
}

/// The lines of `device rename`.
pub fn renamed(reply: &DeviceChanged, words: &Words) -> Vec<String> {
    changed(reply, words, words.say(&text!("device-renamed", before = &reply.before, name = &reply.device)))
}

/// The lines of `device allow-delete`.
pub fn allowed(reply: &DeviceChanged, words: &Words) -> Vec<String> {
    changed(reply, words, words.say(&text!("device-allowed", name = &reply.device)))
}

/// The lines of `device forbid-delete`.
pub fn forbidden(reply: &DeviceChanged, words: &Words) -> Vec<String> {
    changed(reply, words, words.say(&text!("device-forbidden", name = &reply.device)))
}

/// The lines of `device rejoin`.
pub fn rejoined(reply: &DeviceChanged, words: &Words) -> Vec<String> {
    changed(reply, words, words.say(&text!("device-rejoined", name = &reply.device)))
}

fn changed(reply: &DeviceChanged, words: &Words, told: String) -> Vec<String> {
    let mut lines = vec![told];
    lines.extend(reply.set_aside.iter().map(|one| words.say(&text!("device-set-aside", why = one.reason.clone()))));
    lines.push(words.say(&text!("device-sync")));
    lines
}

/// The lines of `device revoke`.
pub fn revoked(reply: &DeviceRevoked, words: &Words) -> Vec<String> {
    let believed = match (reply.last_believed, reply.last_time) {
        (Some(number), Some(time)) => text!("device-revoked-believed", number = number, time = Arg::Time(time)),
        _ => text!("device-revoked-nothing"),
    };
    let mut lines = vec![words.say(&text!("device-revoked", name = &reply.device, believed = believed))];
    lines.extend(not_believed(&reply.snapshots).iter().map(|text| words.say(text)));
    lines.push(words.say(&match &reply.keys_why {
        None => text!("device-revoked-keys"),
        Some(why) => text!("device-revoked-no-keys", why = why.clone()),
    }));
    lines.push(words.say(&text!("device-remains")));
    lines.extend(reply.remains.iter().map(|remains| {
        words.say(&match remains {
            Remains::Sync => text!("device-remains-sync"),
            Remains::Credentials => text!("device-remains-credentials"),
        })
    }));
    lines
}

/// What of a revoked device's snapshots was not known before, and what is believed no longer.
fn not_believed(found: &Outlook) -> Vec<Text> {
    let first = found.first_unseen.map(|number| number.to_string()).unwrap_or_default();
    let unseen = (found.unseen > 0).then(|| text!("device-revoked-unseen", count = found.unseen, first = first));
    let first_fetched = found.first_fetched.unwrap_or_default().to_string();
    let fetched = (found.fetched > 0).then(|| text!("device-revoked-fetched", count = found.fetched, first = first_fetched));
    let many = (found.too_many > 0).then(|| text!("device-revoked-many", count = found.too_many));
    let unreached = (!found.unreached.is_empty()).then(|| text!("device-revoked-unreached", stores = found.unreached.join(", ")));
    [fetched, unseen, many, unreached].into_iter().flatten().collect()
}

/// The lines of `device enroll`.
pub fn enrolled(reply: &DeviceEnrolled, words: &Words) -> Vec<String> {
    let mut lines = vec![
        words.say(&text!("device-enrolled", name = &reply.device)),
        words.say(&text!("device-enrolled-compare", fingerprint = &reply.fingerprint)),
    ];
    if !reply.kept_here.is_empty() {
        lines.push(words.say(&text!("device-enrolled-kept", names = reply.kept_here.join(", "))));
    }
    lines.push(words.say(&text!("device-enrolled-sync")));
    lines
}
