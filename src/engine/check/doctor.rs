//! The doctor: local state is rebuilt from the vault, damaged objects are fetched again from a store, and damaged packs that no store
//! has are set aside, so that the next backup stores their content anew; until then what is whole in them is still read there. Nothing
//! is deleted.

use std::cell::RefCell;

use crate::core::codec::clamp_u32;
use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::core::seal::Refused;
use crate::engine::account::AccountWriter;
use crate::engine::backup::open_cache;
use crate::engine::error::{ObjectFault, in_vault};
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::known_damage::{self, KnownDamage};
use crate::engine::repository::listings;
use crate::engine::repository::proof;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::engine::retention::write_note;
use crate::engine::sync::repair::{self, Repaired};
use crate::engine::sync::{Pull, fetch};
use crate::engine::{EngineError, Event, Job, Notice, Phase};
use crate::local::cache::CacheError;
use crate::provider::PutReceipt;

/// What the doctor found and did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Why local state had been set aside, if it had.
    pub state: Option<CacheError>,
    /// Index objects read.
    pub indexes: u32,
    /// What was found of objects that are no packs.
    pub others: Repaired,
    /// Packs looked at.
    pub packs: u64,
    /// Packs fetched again from a store.
    pub repaired: Vec<ObjectName>,
    /// Objects, packs or not, that a store shows no longer or changed, and that came from an earlier version there.
    pub earlier: Vec<ObjectName>,
    /// Packs that are damaged or missing and could not be fetched, and that hold what lies nowhere else.
    pub lost: Vec<ObjectName>,
    /// Packs that are gone and whose whole content was stored anew: nothing is lost with them.
    pub stored_anew: u64,
}

/// Rebuilds local state; looks at every object but packs, at every pack that these tell of, and at every byte of it where `read_data`
/// says so or a check found it damaged before. With the keys that a slot holds, later ones are proved that no grant tells of.
pub fn doctor(
    account: &mut AccountWriter,
    keyring: Option<&mut Keyring>,
    stores: &[&Remote],
    read_data: bool,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    job.tell(Event::Phase(Phase::Rebuilding));
    let (cache, state) = open_cache(account, job.profile.backend, job.random)?;
    cache.clear()?;
    drop(cache);
    account.put_back_roster()?;
    write_note::repair(account, job.random)?;
    let (others, earlier) = repair_others(account, keyring, &Stores { stores })?;
    for (name, why) in &others.lost {
        job.notice(Notice::Object(*name, &ObjectFault::NoCopy(Box::new(why.clone()))));
    }
    let mut chunk_index = ChunkIndex::rebuild(account)?;
    let report = Report { state, indexes: clamp_u32(chunk_index.index_count()), others, earlier, ..Report::default() };
    let known = known_damage::known(account, None)?.unwrap_or_default();
    let stores = Stores { stores };
    let mut looking = Packs { account, stores, read_data, known, job, report, came: Vec::new(), gone: Vec::new() };
    looking.at_all(&chunk_index)?;
    let Packs { mut report, came, gone, .. } = looking;
    came.iter().for_each(|receipt| chunk_index.holds(receipt));
    tell_lost(&mut chunk_index, &gone, &mut report, job);
    chunk_index.publish(account);
    Ok(report)
}

/// Fetches what snapshots need and the vault lost, from every store that has it: rosters, keys, notes, snapshots, index objects. Packs come
/// with the rest of the repair. Gives what came.
pub fn fetch_lost(account: &mut AccountWriter, stores: &[&Remote], job: Job<'_>) -> Result<Vec<ObjectName>, EngineError> {
    account.put_back_roster()?;
    let mut chunk_index = ChunkIndex::open(account)?;
    let needed = UsedPacks::of(account, &chunk_index, &DeletionNotes::read(account)?)?;
    if needed.unknown.is_empty() && VaultLoss::of(account)?.is_nothing() {
        return Ok(Vec::new());
    }
    let before = listings::held(account)?;
    for store in stores {
        match fetch::pull(account, &mut chunk_index, store, Pull::Metadata, job) {
            // the next one may have what this one does not give
            Err(error @ EngineError::Place { .. }) if !error.is_stop() => {}
            done => drop(done?),
        }
    }
    Ok(listings::held(account)?.into_keys().filter(|name| !before.contains_key(name)).collect())
}

/// Where good copies may come from.
struct Stores<'a> {
    stores: &'a [&'a Remote],
}

impl Stores<'_> {
    /// Stops here if a stop was asked for: a store that was left then says nothing of what it has.
    fn check(&self) -> Result<(), EngineError> {
        self.stores.first().map_or(Ok(()), |store| store.runtime().check())
    }

    /// What the first store gives that shows a good one.
    fn shown<T>(&self, name: &ObjectName, mut check: impl FnMut(Vec<u8>) -> Option<T>) -> Option<T> {
        self.stores.iter().find_map(|store| check(store.get(name).ok()?))
    }

    /// The same from an earlier version, where a store keeps those.
    fn earlier<T>(&self, name: &ObjectName, check: impl Fn(&[u8]) -> Result<T, Refused>) -> Option<T> {
        self.stores.iter().find_map(|store| store.earlier(name, &check))
    }
}

/// Everything but packs: what is damaged comes from a store, and where that shows no good one from an earlier version there; gives those too.
fn repair_others(
    account: &mut AccountWriter,
    keyring: Option<&mut Keyring>,
    stores: &Stores<'_>,
) -> Result<(Repaired, Vec<ObjectName>), EngineError> {
    let came_back = RefCell::new(Vec::new());
    let others = repair::everything(account, keyring, &|name, good| {
        let found = stores.shown(name, |bytes| good(&bytes).then_some(bytes)).or_else(|| {
            let good = RefCell::new(good);
            let found = stores
                .earlier(name, |bytes| if good.borrow_mut()(bytes) { Ok(bytes.to_vec()) } else { Err(Refused::Changed) })?;
            came_back.borrow_mut().push(*name);
            Some(found)
        });
        stores.check()?;
        Ok(found)
    })?;
    Ok((others, came_back.into_inner()))
}

/// Looking at packs.
struct Packs<'a> {
    account: &'a AccountWriter,
    stores: Stores<'a>,
    read_data: bool,
    /// What a check found damaged before: it is looked at whatever is asked for.
    known: KnownDamage,
    job: Job<'a>,
    report: Report,
    /// Receipts of those that were fetched.
    came: Vec<PutReceipt>,
    /// Those that are damaged or missing and that no store has.
    gone: Vec<PackInfo>,
}

impl Packs<'_> {
    fn at_all(&mut self, chunk_index: &ChunkIndex) -> Result<(), EngineError> {
        let notes = DeletionNotes::read(self.account)?;
        let needed = UsedPacks::of(self.account, chunk_index, &notes)?;
        for pack in chunk_index.packs() {
            self.job.check()?;
            self.report.packs += 1;
            // what nothing needs may be gone: a device that may delete let it go
            let is_known = needed.unknown.is_empty() || notes.is_dropped(&pack.id);
            let unneeded = is_known && !needed.packs.contains(&pack.id);
            let is_well = if pack.present { !self.is_damaged(pack) } else { unneeded };
            if !is_well {
                self.repair(pack)?;
            }
        }
        Ok(())
    }

    fn is_damaged(&self, pack: &PackInfo) -> bool {
        (self.read_data || self.known.contains_key(&ObjectName::Pack(pack.id))) && known_damage::is_damaged(self.account, pack)
    }

    /// Fetches a pack from a store, or notes that none has it.
    fn repair(&mut self, pack: &PackInfo) -> Result<(), EngineError> {
        let (account, name) = (self.account, ObjectName::Pack(pack.id));
        let good = |bytes: Vec<u8>| proof::prove(account, name, bytes, &[pack.hash]).map(|(_, sealed)| sealed);
        let fetched = self.stores.shown(&name, |bytes| good(bytes).ok()).or_else(|| {
            let sealed = self.stores.earlier(&name, |bytes| good(bytes.to_vec()))?;
            self.report.earlier.push(name);
            Some(sealed)
        });
        self.job.check()?;
        // a good one is in hand, or there is none; what is set aside is still read where it is whole
        if account.vault.size_now(&name).is_ok() {
            account.vault_writer().set_aside_now(&name).map_err(in_vault)?;
        }
        match fetched {
            Some(sealed) => {
                self.came.push(account.vault_writer().put_now(&sealed).map_err(in_vault)?);
                self.report.repaired.push(name);
            }
            None => self.gone.push(pack.clone()),
        }
        Ok(())
    }
}

/// Which of the packs that are gone hold what lies nowhere else.
fn tell_lost(chunk_index: &mut ChunkIndex, gone: &[PackInfo], report: &mut Report, job: Job<'_>) {
    gone.iter().for_each(|pack| chunk_index.gone(&pack.id));
    for pack in gone {
        if chunk_index.is_stored_anew(pack) {
            report.stored_anew += 1;
            continue;
        }
        let name = ObjectName::Pack(pack.id);
        job.notice(Notice::Object(name, &ObjectFault::Gone));
        report.lost.push(name);
    }
}
