//! The doctor: local state is rebuilt from the vault, damaged objects are fetched again from a store, and damaged packs that no store
//! has are set aside, so that the next backup stores their content anew; until then what is whole in them is still read there. Nothing
//! is deleted.

use std::cell::RefCell;

use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::core::random::Random;
use crate::core::seal::{Refused, Sealed};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::backup::open_cache;
use crate::engine::error::in_vault;
use crate::engine::profile::Profile;
use crate::engine::repository::chunk_index::{ChunkIndex, PackInfo};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::known_damage;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::usage::UsedPacks;
use crate::engine::sync::repair::{self, Repaired};
use crate::engine::{Cancel, EngineError, Event, Notice, OnEvent, Phase};

/// What the doctor found and did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Why local state had been set aside, if it had.
    pub state: Option<String>,
    /// Index objects read.
    pub indexes: u32,
    /// What was found of objects that are no packs.
    pub mended: Repaired,
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
#[allow(clippy::too_many_arguments)]
pub fn doctor(
    account: &mut AccountWriter,
    keyring: Option<&mut Keyring>,
    profile: &Profile,
    stores: &[&Remote],
    read_data: bool,
    random: &dyn Random,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<Report, EngineError> {
    on_event(Event::Phase(Phase::Rebuilding));
    let (cache, state) = open_cache(account, profile.backend, random)?;
    cache.clear()?;
    drop(cache);
    put_back_roster(account)?;
    let came_back = RefCell::new(Vec::new());
    let mended = repair::everything(account, keyring, &|name, good| {
        let shown = stores.iter().find_map(|store| store.get(name).ok().filter(|bytes| good(bytes)));
        shown.or_else(|| {
            let good = RefCell::new(good);
            let check = |bytes: &[u8]| if good.borrow_mut()(bytes) { Ok(bytes.to_vec()) } else { Err(Refused::Changed) };
            let found = stores.iter().find_map(|store| store.earlier(name, check))?;
            came_back.borrow_mut().push(*name);
            Some(found)
        })
    })?;
    for (name, why) in &mended.lost {
        on_event(Event::Notice(Notice::Object(*name, &format!("{why}; no store has a good copy"))));
    }
    let earlier_ones = came_back.into_inner();
    let mut chunk_index = ChunkIndex::rebuild(account)?;
    let mut report =
        Report { state, indexes: chunk_index.index_count() as u32, mended, earlier: earlier_ones, ..Report::default() };
    let needed = UsedPacks::of(account, &chunk_index, &DeletionNotes::read(account)?)?;
    // what a check found before is looked at whatever is asked for
    let known = known_damage::known(account, None)?.unwrap_or_default();
    let (mut gone, mut came) = (Vec::new(), Vec::new());
    for pack in chunk_index.packs() {
        cancel.check()?;
        let name = ObjectName::Pack(pack.id);
        report.packs += 1;
        let damaged = pack.present && (read_data || known.contains_key(&name)) && known_damage::is_damaged(account, pack);
        // what nothing needs may be gone: a device that may delete let it go
        let unneeded = needed.unknown.is_empty() && !needed.packs.contains(&pack.id);
        if (pack.present && !damaged) || (!pack.present && unneeded) {
            continue;
        }
        let fetched = stores.iter().find_map(|store| {
            let bytes = store.get(&name).ok()?;
            Sealed::recognise(account.id(), name, bytes, Some(pack.hash)).ok()
        });
        let fetched = fetched.or_else(|| {
            let check = |bytes: &[u8]| Sealed::recognise(account.id(), name, bytes.to_vec(), Some(pack.hash));
            let sealed = stores.iter().find_map(|store| store.earlier(&name, check))?;
            report.earlier.push(name);
            Some(sealed)
        });
        // a good one is in hand, or there is none; what is set aside is still read where it is whole
        if account.vault.size_now(&name).is_ok() {
            account.vault.set_aside_now(&name).map_err(in_vault)?;
        }
        match fetched {
            Some(sealed) => {
                came.push(account.vault.put_now(&sealed).map_err(in_vault)?);
                report.repaired.push(name);
            }
            None => gone.push(pack.clone()),
        }
    }
    came.iter().for_each(|receipt| chunk_index.holds(receipt));
    tell_lost(&mut chunk_index, &gone, &mut report, on_event);
    chunk_index.publish(account);
    Ok(report)
}

/// Which of the packs that are gone hold what lies nowhere else.
fn tell_lost(chunk_index: &mut ChunkIndex, gone: &[PackInfo], report: &mut Report, on_event: OnEvent<'_>) {
    gone.iter().for_each(|pack| chunk_index.gone(&pack.id));
    for pack in gone {
        if chunk_index.is_stored_anew(pack) {
            report.stored_anew += 1;
            continue;
        }
        let name = ObjectName::Pack(pack.id);
        on_event(Event::Notice(Notice::Object(name, "it is damaged or missing, and no store has it")));
        report.lost.push(name);
    }
}

/// Puts the newest roster back into a vault that lost it or holds other bytes under its name.
fn put_back_roster(account: &Account) -> Result<(), EngineError> {
    let sealed = account.sealed_roster()?;
    match account.vault.get_now(&sealed.name(), None) {
        Ok(bytes) if bytes == sealed.bytes() => return Ok(()),
        Ok(_) => account.vault.set_aside_now(&sealed.name()).map_err(in_vault)?,
        Err(_) => {}
    }
    account.vault.put_now(&sealed).map_err(in_vault).map(|_| ())
}
