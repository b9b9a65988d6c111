//! Which snapshots there are, and which one an owner means.

use std::collections::{BTreeMap, HashSet};

use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::roster::{Link, MAX_BELIEVED};
use crate::core::seal::{self, Refused, With};
use crate::core::signed::Signed;
use crate::core::snapshot::{Head, Seen, SnapshotId};
use crate::engine::account::{Account, keys};
use crate::engine::error::in_vault;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::engine::{EngineError, Misuse};
use crate::provider::Listed;

/// A snapshot as it is listed.
#[derive(Debug, Clone)]
pub struct SnapshotInfo {
    /// Its head.
    pub head: Head,
    /// BLAKE3 of its sealed bytes.
    pub hash: ObjectHash,
    /// What the owner calls its device.
    pub device_name: String,
    /// Whether this device made it.
    pub own: bool,
}

/// Names of the heads that the vault holds, by device, in order.
pub fn head_names(account: &Account) -> Result<BTreeMap<DeviceId, Vec<u64>>, EngineError> {
    let mut names: BTreeMap<DeviceId, Vec<u64>> = BTreeMap::new();
    let mut look = |page: &[Listed]| {
        for listed in page {
            if let ObjectName::Head(device, number) = listed.name {
                names.entry(device).or_default().push(number);
            }
        }
    };
    account.vault.list_now("heads", &mut look).map_err(in_vault)?;
    names.values_mut().for_each(|numbers| numbers.sort_unstable());
    Ok(names)
}

/// Heads in the vault that nobody believes: of devices that were revoked, and none of those that the owner saw of them.
pub fn disbelieved(account: &Account) -> Result<HashSet<SnapshotId>, EngineError> {
    let is_revoked = |device: &DeviceId| account.roster.member(device).is_some_and(|member| !member.is_active());
    let mut found = HashSet::new();
    for (device, numbers) in head_names(account)?.into_iter().filter(|(device, _)| is_revoked(device)) {
        for number in numbers {
            let bytes = account.vault.get_now(&ObjectName::Head(device, number), None);
            // one that cannot be read is told by whoever needs it
            if bytes.is_ok_and(|bytes| !account.roster.believes(&device, number, &seal::hash(&bytes))) {
                found.insert((device, number));
            }
        }
    }
    Ok(found)
}

/// Opens the head of a device.
pub fn head(account: &Account, device: DeviceId, number: u64) -> Result<(Head, ObjectHash), EngineError> {
    let name = ObjectName::Head(device, number);
    let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
    believe(account, &name, &bytes).map_err(|why| EngineError::Object { name, why })
}

/// Whether the head of this number that is here was forgotten, not another that bears its number.
pub fn is_forgotten(account: &Account, notes: &DeletionNotes, device: DeviceId, number: u64) -> bool {
    let is_this = || head(account, device, number).is_ok_and(|(_, hash)| notes.forgets(&device, number, &hash));
    notes.may_be_forgotten(&device, number) && is_this()
}

/// Opens a head and believes it: signed by its device, and not made after that device was revoked.
pub fn believe(account: &Account, name: &ObjectName, bytes: &[u8]) -> Result<(Head, ObjectHash), Refused> {
    let hash = seal::hash(bytes);
    keys::anew(account, |keys, roster| {
        let key_of = |device: &DeviceId| roster.key_of(device);
        let head = Head::open(&With::Device(keys), account.id(), name, bytes, &key_of)?;
        if roster.believes(&head.device, head.number, &hash) { Ok((head, hash)) } else { Err(Refused::Revoked) }
    })
}

/// Snapshots that open, and those that do not with the reason.
pub type Snapshots = (Vec<SnapshotInfo>, Vec<(ObjectName, Refused)>);

/// Every snapshot that opens, by device and number; and those that do not, with the reason.
pub fn snapshots(account: &Account) -> Result<Snapshots, EngineError> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (device, numbers) in head_names(account)? {
        for number in numbers {
            match head(account, device, number) {
                Ok((head, hash)) => found.push(info(account, head, hash)),
                Err(EngineError::Object { name, why }) => refused.push((name, why)),
                // forgotten by another process since it was listed
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok((found, refused))
}

fn info(account: &Account, head: Head, hash: ObjectHash) -> SnapshotInfo {
    let member = account.roster.members.iter().find(|m| m.id == head.device);
    let device_name = member.map_or_else(|| "unknown device".into(), |m| m.name.clone());
    SnapshotInfo { own: head.device == account.device.id, head, hash, device_name }
}

/// The newest head of every other device, as a snapshot tells of it.
pub fn seen(account: &Account) -> Result<Vec<Seen>, EngineError> {
    let mut seen = Vec::new();
    for (device, numbers) in head_names(account)? {
        if device == account.device.id {
            continue;
        }
        if let Some(number) = numbers.last()
            && let Ok((_, hash)) = head(account, device, *number)
        {
            seen.push(Seen { device, number: *number, hash });
        }
    }
    Ok(seen)
}

/// The snapshot that an owner means: `latest`, a number, or either behind a device's name and a colon. Without a device it is this
/// device's, or, when this device made none, that of the only device that has one.
pub fn choose(account: &Account, text: &str) -> Result<SnapshotInfo, EngineError> {
    let unknown = || EngineError::NoSnapshot(text.to_owned());
    let (wanted_device, which) = match text.rsplit_once(':') {
        Some((device, which)) => (Some(device), which),
        None => (None, text),
    };
    if let Some(wanted) = wanted_device
        && !account.roster.members.iter().any(|member| device_matches(account, &member.id, wanted))
    {
        return Err(EngineError::Usage(Misuse::NoDevice(wanted.to_owned())));
    }
    let (names, lost) = (head_names(account)?, VaultLoss::of(account)?.snapshots);
    let own = account.device.id;
    let made_none = !names.contains_key(&own) && lost.is_empty();
    let is_wanted = |device: &DeviceId| match wanted_device {
        Some(wanted) => device_matches(account, device, wanted),
        None => made_none || *device == own,
    };
    if is_wanted(&own) {
        refuse_lost(&lost, names.get(&own), which)?;
    }
    let candidates: Vec<_> = names.iter().filter(|(device, _)| is_wanted(device)).collect();
    let mut found = Vec::new();
    for (device, numbers) in candidates {
        let wanted: Vec<u64> = match which {
            "latest" => numbers.iter().rev().copied().collect(),
            _ => which.parse().ok().filter(|n| numbers.contains(n)).into_iter().collect(),
        };
        for number in wanted {
            match head(account, *device, number) {
                // what a device made after it was revoked is no snapshot
                Err(EngineError::Object { why: Refused::Revoked, .. }) if which == "latest" => continue,
                // forgotten by another process since it was listed
                Err(error) if error.is_absence() => continue,
                opened => {
                    let (head, hash) = opened?;
                    found.push(info(account, head, hash));
                    break;
                }
            }
        }
    }
    // by whose clock which of them is the newest, nobody can tell: a device says what time it likes
    if found.len() > 1 {
        let names: Vec<_> = found.iter().map(|s| format!("{}:{which}", s.device_name)).collect();
        return Err(EngineError::Usage(Misuse::WhichSnapshot { which: which.to_owned(), names }));
    }
    found.pop().ok_or_else(unknown)
}

/// The same as `latest`; of several devices the one whose clock says the latest time, and none that is still to come: to be tried and named, and for
/// nothing that an owner takes it for.
pub fn latest_of_any(account: &Account) -> Result<SnapshotInfo, EngineError> {
    match choose(account, "latest") {
        Err(EngineError::Usage(Misuse::WhichSnapshot { which, names })) => {
            let found = names.iter().filter_map(|name| choose(account, name).ok());
            let said = |time| (!is_ahead(account, time), time);
            found.max_by_key(|snapshot| said(snapshot.head.time)).ok_or(EngineError::NoSnapshot(which))
        }
        chosen => chosen,
    }
}

/// An older snapshot is not given for the newest that was made, nor another device's: what the vault lost is told.
fn refuse_lost(lost: &[u64], held: Option<&Vec<u64>>, which: &str) -> Result<(), EngineError> {
    let wanted = match which {
        "latest" => lost.last().copied().filter(|lost| held.and_then(|held| held.last()).is_none_or(|held| held < lost)),
        _ => which.parse().ok().filter(|number| lost.contains(number)),
    };
    wanted.map_or(Ok(()), |number| Err(EngineError::SnapshotLost(number)))
}

/// Whether an owner means this device: by its name, or by at least 8 digits of its id.
pub fn device_matches(account: &Account, device: &DeviceId, wanted: &str) -> bool {
    let id = device.to_string();
    let named = account.roster.members.iter().any(|m| m.id == *device && m.name == wanted);
    named || (wanted.len() >= 8 && id.starts_with(wanted))
}

/// The device that an owner means by a name or the first 8 digits of an id: another than this one, and only one.
pub fn other_device(account: &Account, wanted: &str) -> Result<DeviceId, EngineError> {
    let named = |id: &DeviceId, name: &str| name == wanted || (wanted.len() >= 8 && id.to_string().starts_with(wanted));
    let found: Vec<_> = account.roster.members.iter().filter(|m| named(&m.id, &m.name)).collect();
    match found[..] {
        [] => Err(EngineError::Usage(Misuse::NoDevice(wanted.to_owned()))),
        [member] if member.id == account.device.id => Err(EngineError::Usage(Misuse::ThisDevice(wanted.to_owned()))),
        [member] => Ok(member.id),
        _ => {
            let ids: Vec<_> = found.iter().map(|m| m.id.to_string().chars().take(8).collect::<String>()).collect();
            Err(EngineError::Usage(Misuse::SameName { name: wanted.to_owned(), ids }))
        }
    }
}

/// The last snapshot of a device that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub number: u64,
    /// BLAKE3 of its head.
    pub hash: ObjectHash,
    /// When it was made, in seconds since 1970.
    pub time: i64,
}

/// Every snapshot of a device up to a number that the vault holds, that is believed and that nobody let go, by number, in ascending order; the newest
/// where there are too many.
pub fn links(account: &Account, notes: &DeletionNotes, device: DeviceId, last: u64) -> Result<Vec<Link>, EngineError> {
    let names = head_names(account)?;
    let numbers = names.get(&device).into_iter().flatten().rev();
    let numbers = numbers.filter(|number| **number <= last);
    let opened = numbers.filter_map(|number| head(account, device, *number).ok());
    let opened = opened.filter(|(head, hash)| !notes.forgets(&device, head.number, hash));
    let mut links: Vec<Link> = opened.map(|(head, hash)| (head.number, hash)).take(MAX_BELIEVED).collect();
    links.reverse();
    Ok(links)
}

/// The newest snapshot of a device that the vault holds and that is believed.
pub fn last(account: &Account, device: DeviceId) -> Result<Option<Last>, EngineError> {
    last_of(account, device, &|_| true)
}

/// The newest of these whose time is not still to come.
pub fn last_not_ahead(account: &Account, device: DeviceId) -> Result<Option<Last>, EngineError> {
    last_of(account, device, &|last| !is_ahead(account, last.time))
}

fn last_of(account: &Account, device: DeviceId, is_meant: &dyn Fn(&Last) -> bool) -> Result<Option<Last>, EngineError> {
    let names = head_names(account)?;
    let opened = names.get(&device).into_iter().flatten().rev().filter_map(|number| head(account, device, *number).ok());
    let mut found = opened.map(|(head, hash)| Last { number: head.number, hash, time: head.time }).take(MOST_READ);
    Ok(found.find(is_meant))
}

/// How far ahead of this machine's clock a true time may seem, in seconds.
const SLACK: i64 = 86_400;
/// So many snapshots of a device are read to find its newest with a time that can be.
const MOST_READ: usize = 64;

/// Whether a time is still to come by this machine's clock, so that nothing follows from it.
pub fn is_ahead(account: &Account, time: i64) -> bool {
    time > account.now().saturating_add(SLACK)
}
