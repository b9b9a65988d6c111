//! Syncing with a store: what it lacks is pushed, what this machine lacks is pulled; a run that was cut off goes on where it was.
//!
//! Order makes it safe without locks: packs before the index objects that tell of them, these before the snapshots that need
//! them, so that at any moment the store holds only snapshots that can be restored. Every object that is sent is first checked
//! against what signed objects say of it; every object that is fetched is checked before it enters the vault.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Instant;

use crate::core::index::Index;
use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::random::Random;
use crate::core::roster::Roster;
use crate::core::seal::{Refused, Sealed, With};
use crate::core::slot;
use crate::engine::account::Account;
use crate::engine::carry::{Moved, Pace, Trouble, carry};
use crate::engine::catalog::Catalog;
use crate::engine::places::in_vault;
use crate::engine::select;
use crate::engine::verify::Shelf;
use crate::engine::{Cancel, EngineError, Event, Notice, Phase, Watch};
use crate::provider::{Listed, PlaceError, Provider, Range};
use crate::store::home::{private_folder, read_small, remove_if_there, write_private};
use crate::store::local_seal;

/// What a sync is to pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Nothing.
    Nothing,
    /// Everything but packs: enough to look and to restore from the store.
    Metadata,
    /// Everything.
    All,
}

/// What a sync did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Objects sent.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Objects fetched.
    pub fetched: u64,
    /// Their bytes.
    pub fetched_bytes: u64,
    /// Replaced key slots removed from the store.
    pub removed: u64,
    /// Objects that could not be moved, with the reason.
    pub failed: Vec<(ObjectName, String)>,
    /// What the store holds now.
    pub there: BTreeSet<ObjectName>,
    /// Why the store took or gave no more, where that ended the run; what was moved before counts.
    pub stopped: Option<PlaceError>,
}

/// Syncs with one store; what is on its way at once takes about `room` bytes of memory.
pub fn sync(
    account: &mut Account,
    catalog: &mut Catalog,
    shelf: &Shelf<'_>,
    pull: Pull,
    room: usize,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    let lost = |error| EngineError::Place { place: shelf.provider.place(), error };
    let theirs = shelf.list().map_err(lost)?;
    let ours = held(account)?;
    let mut report = Report::default();
    let road = Road { shelf, ours: &ours, theirs: &theirs, room, watch, cancel };
    if pull != Pull::Nothing {
        watch(Event::Phase(Phase::Downloading));
        road.fetch_missing(account, catalog, pull, &mut report)?;
    }
    if report.stopped.is_none() {
        watch(Event::Phase(Phase::Uploading));
        road.send_missing(account, catalog, &mut report)?;
    }
    if report.stopped.is_none() {
        remove_replaced(account, shelf, &theirs, &mut report)?;
    }
    report.there.extend(theirs.keys());
    Ok(report)
}

/// What the vault holds, by name, with sizes.
pub fn held(account: &Account) -> Result<BTreeMap<ObjectName, u64>, EngineError> {
    let mut found = BTreeMap::new();
    for folder in ObjectName::FOLDERS {
        account
            .vault
            .list_now(folder, &mut |page: &[Listed]| found.extend(page.iter().map(|l| (l.name, l.size))))
            .map_err(in_vault)?;
    }
    Ok(found)
}

/// The order in which objects are sent: what is needed before what needs it.
fn rank(name: &ObjectName) -> u8 {
    match name {
        ObjectName::Slot(_) => 0,
        ObjectName::Keys(_) => 1,
        ObjectName::Grant(..) => 2,
        ObjectName::Roster(_) => 3,
        ObjectName::Pack(_) => 4,
        ObjectName::Index(..) => 5,
        ObjectName::Head(..) => 6,
        ObjectName::Keep(..) => 7,
        ObjectName::Letter(..) => 8,
    }
}

/// Both ends of the way, and what each holds.
struct Road<'a> {
    shelf: &'a Shelf<'a>,
    ours: &'a BTreeMap<ObjectName, u64>,
    theirs: &'a BTreeMap<ObjectName, u64>,
    room: usize,
    watch: Watch<'a>,
    cancel: &'a Cancel,
}

impl Road<'_> {
    fn send_missing(&self, account: &Account, catalog: &Catalog, report: &mut Report) -> Result<(), EngineError> {
        let hashes: HashMap<ObjectName, ObjectHash> = catalog.packs().iter().map(|p| (ObjectName::Pack(p.id), p.hash)).collect();
        let known = |name: &ObjectName| !matches!(name, ObjectName::Pack(_)) || hashes.contains_key(name);
        let missing = self.ours.iter().filter(|(name, size)| self.theirs.get(name) != Some(size) && known(name));
        let mut missing: Vec<(ObjectName, u64)> = missing.map(|(name, size)| (*name, *size)).collect();
        missing.sort_by_key(|(name, _)| (rank(name), *name));
        (self.watch)(Event::Total { files: missing.len() as u64, bytes: missing.iter().map(|(_, size)| size).sum() });
        let provider = self.shelf.provider;
        let job = |name, _| send_one(account, provider, name, hashes.get(&name).copied());
        let mut pace = Pace::new(Instant::now());
        for group in missing.chunk_by(|(a, _), (b, _)| rank(a) == rank(b)) {
            let failed_before = report.failed.len();
            let done = |name, _, moved| {
                match moved {
                    Ok(bytes) => {
                        report.sent += 1;
                        report.sent_bytes += bytes;
                        report.there.insert(name);
                        (self.watch)(Event::Bytes(bytes));
                        (self.watch)(Event::FileDone);
                    }
                    Err(why) => self.not_moved(report, name, why),
                }
                Ok(())
            };
            let ended = self.shelf.runtime.block_on(carry(group, self.room, &mut pace, self.cancel, job, done))?;
            // a snapshot goes out only when all it may need is there
            let lacks = report.failed.len() > failed_before && matches!(group[0].0, ObjectName::Pack(_) | ObjectName::Index(..));
            if ended.is_some() || lacks {
                report.stopped = ended;
                return Ok(());
            }
        }
        Ok(())
    }

    fn fetch_missing(
        &self,
        account: &mut Account,
        catalog: &mut Catalog,
        pull: Pull,
        report: &mut Report,
    ) -> Result<(), EngineError> {
        let wanted = |name: &ObjectName| match name {
            ObjectName::Slot(id) => !account.gone.contains(id),
            ObjectName::Pack(_) => false,
            _ => true,
        };
        let missing = self.theirs.iter().filter(|(name, _)| !self.ours.contains_key(name) && wanted(name));
        let mut missing: Vec<(ObjectName, u64)> = missing.map(|(name, size)| (*name, *size)).collect();
        missing.sort_by_key(|(name, _)| (rank(name), *name));
        // the roster comes before what its devices signed
        for group in missing.chunk_by(|(a, _), (b, _)| rank(a) == rank(b)) {
            self.fetch(account, group, &HashMap::new(), report)?;
            if report.stopped.is_some() {
                break;
            }
        }
        catalog.absorb_new(account)?;
        if pull == Pull::All && report.stopped.is_none() {
            let lacking = catalog.packs().iter().filter(|p| !p.present && self.theirs.contains_key(&ObjectName::Pack(p.id)));
            let (lacking, hashes): (Vec<_>, HashMap<_, _>) =
                lacking.map(|p| ((ObjectName::Pack(p.id), u64::from(p.size)), (ObjectName::Pack(p.id), p.hash))).unzip();
            (self.watch)(Event::Total { files: lacking.len() as u64, bytes: lacking.iter().map(|(_, size)| size).sum() });
            self.fetch(account, &lacking, &hashes, report)?;
        }
        Ok(())
    }

    fn fetch(
        &self,
        account: &mut Account,
        items: &[(ObjectName, u64)],
        hashes: &HashMap<ObjectName, ObjectHash>,
        report: &mut Report,
    ) -> Result<(), EngineError> {
        let provider = self.shelf.provider;
        let job = |name, size| async move {
            // a store that gives more than it listed is not listened to
            let range = matches!(name, ObjectName::Pack(_)).then_some(Range { offset: 0, length: size });
            provider.get(&name, range).await.map_err(Trouble::Store)
        };
        let done = |name, size, moved: Moved<Vec<u8>>| {
            let taken = match moved {
                Ok(bytes) => take_in(account, name, bytes, hashes.get(&name).copied()),
                Err(why) => Err(Trouble::Object(why)),
            };
            match taken {
                Ok(bytes) => {
                    report.fetched += 1;
                    report.fetched_bytes += bytes;
                }
                Err(Trouble::Object(why)) => self.not_moved(report, name, why),
                Err(trouble) => return Err(trouble),
            }
            if matches!(name, ObjectName::Pack(_)) {
                (self.watch)(Event::Bytes(size));
            }
            Ok(())
        };
        let mut pace = Pace::new(Instant::now());
        report.stopped = self.shelf.runtime.block_on(carry(items, self.room, &mut pace, self.cancel, job, done))?;
        Ok(())
    }

    fn not_moved(&self, report: &mut Report, name: ObjectName, why: String) {
        (self.watch)(Event::Notice(Notice::NotMoved(name, &why)));
        report.failed.push((name, why));
    }
}

async fn send_one(
    account: &Account,
    provider: &dyn Provider,
    name: ObjectName,
    hash: Option<ObjectHash>,
) -> Result<u64, Trouble> {
    let bytes = account.vault.get_now(&name, None).map_err(|error| Trouble::Object(in_vault(error).to_string()))?;
    let sealed = Sealed::recognise(account.id(), name, bytes, hash).map_err(|why| Trouble::Object(why.to_string()))?;
    provider.put(&sealed).await.map(|receipt| receipt.size()).map_err(Trouble::Store)
}

/// Checks what a store gave, and keeps it in the vault.
fn take_in(account: &mut Account, name: ObjectName, bytes: Vec<u8>, expected: Option<ObjectHash>) -> Result<u64, Trouble> {
    let refuse = |why: Refused| Trouble::Object(why.to_string());
    let roster = believe(account, name, &bytes).map_err(refuse)?;
    let sealed = Sealed::recognise(account.id(), name, bytes, expected).map_err(refuse)?;
    account.vault.put_now(&sealed).map_err(|error| match error {
        PlaceError::Taken => Trouble::Object(in_vault(error).to_string()),
        error => Trouble::Here(in_vault(error)),
    })?;
    if let Some(roster) = roster {
        account.adopt_roster(roster, sealed.bytes()).map_err(Trouble::Here)?;
    }
    Ok(sealed.bytes().len() as u64)
}

/// Checks an object that a store gave, as far as a device can: signatures, account, place. Packs are checked by their hash.
fn believe(account: &Account, name: ObjectName, bytes: &[u8]) -> Result<Option<Roster>, Refused> {
    let with = With::Device(&account.device.keys);
    let key_of = |device: &DeviceId| account.roster.key_of(device);
    match name {
        ObjectName::Roster(_) => Roster::open(&account.device.keys, &name, bytes).map(Some),
        ObjectName::Index(..) => Index::open(&with, account.id(), &name, bytes, &key_of).map(|_| None),
        ObjectName::Head(..) => select::believe(account, &name, bytes).map(|_| None),
        ObjectName::Slot(_) => slot::kind(bytes).map(|_| None),
        // sealed to others, or checked by their hash
        ObjectName::Pack(_) | ObjectName::Keys(_) | ObjectName::Grant(..) | ObjectName::Letter(..) | ObjectName::Keep(..) => {
            Ok(None)
        }
    }
}

fn remove_replaced(
    account: &Account,
    shelf: &Shelf<'_>,
    theirs: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
) -> Result<(), EngineError> {
    for id in &account.gone {
        let name = ObjectName::Slot(*id);
        if theirs.contains_key(&name) {
            match shelf.runtime.block_on(shelf.provider.remove(&name)) {
                Ok(()) => report.removed += 1,
                Err(error) => report.failed.push((name, error.to_string())),
            }
        }
    }
    Ok(())
}

/// What a store held after the last sync, so that `status` tells what waits without asking it. A cache: one that is missing or
/// damaged only makes more seem to wait.
pub fn known_there(account: &Account, store: &str) -> Result<BTreeSet<ObjectName>, EngineError> {
    let Some(sealed) = read_small(&listing_path(account, store), MAX_LISTING)? else { return Ok(BTreeSet::new()) };
    let opened = local_seal::open(&account.local_key(b"listing"), store.as_bytes(), &sealed);
    let text = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).unwrap_or_default();
    Ok(text.lines().filter_map(ObjectName::parse).collect())
}

/// Remembers what a store holds.
pub fn remember_there(
    account: &Account,
    store: &str,
    names: &BTreeSet<ObjectName>,
    random: &dyn Random,
) -> Result<(), EngineError> {
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    let path = listing_path(account, store);
    private_folder(path.parent().unwrap_or(&path))?;
    let sealed = local_seal::seal(&account.local_key(b"listing"), store.as_bytes(), text.as_bytes(), random)?;
    Ok(write_private(&path, &sealed)?)
}

/// Forgets what a store held: another disk may stand at its address now.
pub fn forget_there(account: &Account, store: &str) -> Result<(), EngineError> {
    Ok(remove_if_there(&listing_path(account, store))?)
}

/// The largest remembered listing, in bytes: about a million names.
const MAX_LISTING: u64 = 64 * 1024 * 1024;

fn listing_path(account: &Account, store: &str) -> PathBuf {
    account.folder().join("listings").join(format!("{store}.sealed"))
}
