//! What a sync sends and fetches of packs, index objects and heads: what is still needed. And a second look after heads were sent:
//! a keeper may have been removing what they need in that very moment.
//!
//! A device sends its head, then reads the keepers' notes again; a keeper writes its note that it removes packs, then reads the heads
//! again. So at least one of the two sees the other: the keeper keeps what the head needs, or the device sends it once more.

use std::collections::{BTreeMap, HashSet};

use super::book::{Book, Which};
use super::needs::Needed;
use crate::core::name::{ObjectId, ObjectName};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::catalog::Catalog;
use crate::engine::select;
use crate::engine::sync::{self, Report};
use crate::engine::verify::Shelf;
use crate::engine::{Cancel, EngineError, Event, Notice, Watch};
use crate::provider::Listed;

/// What is worth sending and fetching.
pub struct Wanted {
    book: Book,
    needed: Needed,
    live: HashSet<Which>,
    /// Heads here that nobody believes: made by a device after it was revoked.
    disbelieved: HashSet<Which>,
}

impl Wanted {
    /// By what the vault holds now.
    pub fn of(account: &Account, catalog: &Catalog) -> Result<Self, EngineError> {
        let book = Book::read(account)?;
        let needed = Needed::of(account, catalog, &book)?;
        let live = needed.snapshots.iter().copied().collect();
        let heads = select::head_names(account)?.into_iter();
        let heads = heads.flat_map(|(device, numbers)| numbers.into_iter().map(move |number| (device, number)));
        let disbelieved = heads.filter(|(device, number)| account.roster.is_after_revocation(device, *number)).collect();
        Ok(Self { book, needed, live, disbelieved })
    }

    /// Whether an object is to be sent or fetched; `there` says which packs can be had without it.
    pub fn sends(&self, name: &ObjectName, there: impl Fn(&ObjectName) -> bool) -> bool {
        match name {
            ObjectName::Head(device, number) if self.disbelieved.contains(&(*device, *number)) => false,
            ObjectName::Head(device, number) => {
                !self.book.is_forgotten(device, *number) || self.live.contains(&(*device, *number))
            }
            // where not everything is known, too much is better than too little
            ObjectName::Pack(_) | ObjectName::Index(..) if !self.needed.unknown.is_empty() => true,
            // a pack whose content moved to where it cannot be had from
            ObjectName::Pack(id) if !self.needed.packs.contains(id) => !self.needed.stands_in(id, there),
            name => self.needed.has(name),
        }
    }

    /// Whether a keeper erased a fact in the owner's name.
    pub fn is_erased(&self, fact: &ObjectName) -> bool {
        self.book.marked(&fact.place()).is_some()
    }

    /// Index objects that snapshots need, the vault lacks and a store has, although a keeper marked them.
    pub fn lacking_indexes(&self, theirs: &BTreeMap<ObjectName, u64>) -> Vec<ObjectName> {
        let unknown = self.needed.unknown.iter().map(|(name, _)| name);
        let lacking: HashSet<ObjectId> = unknown.filter(|n| matches!(n, ObjectName::Index(..))).map(|n| n.place()).collect();
        theirs.keys().filter(|name| matches!(name, ObjectName::Index(_, id) if lacking.contains(id))).copied().collect()
    }
}

/// After heads were sent: what they need is there still, or is sent again.
pub fn look_again(
    account: &mut AccountWriter,
    catalog: &Catalog,
    shelf: &Shelf<'_>,
    ours: &BTreeMap<ObjectName, u64>,
    report: &mut Report,
    watch: Watch<'_>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let sent_heads = report.there.iter().any(|name| matches!(name, ObjectName::Head(..)));
    if !sent_heads || account.roster.keepers().next().is_none() {
        return Ok(());
    }
    let lost = |error| EngineError::Place { place: shelf.provider.place(), error };
    let notes = list(shelf, &["keeps"]).map_err(lost)?;
    for name in notes.keys().filter(|name| !ours.contains_key(name)) {
        if account.vault.size_now(name).is_err() {
            sync::fetch_one(account, shelf, *name, None, None, report, watch)?;
        }
    }
    let mut now = list(shelf, &["packs", "index"]).map_err(lost)?;
    // heads and the rest were sent just now; only what may have been removed is looked for
    now.extend(
        ours.iter().filter(|(name, _)| !matches!(name, ObjectName::Pack(_) | ObjectName::Index(..))).map(|(n, s)| (*n, *s)),
    );
    if let Some(narrow) = shelf.provider.narrow() {
        // what may not be listed is believed to be there: it was sent just now, or before
        now.extend(ours.iter().filter(|(name, _)| narrow.hides(name)).map(|(n, s)| (*n, *s)));
    }
    let wanted = Wanted::of(account, catalog)?;
    sync::send_missing(account, catalog, shelf, &wanted, ours, &now, report, watch, cancel)?;
    for id in wanted.needed.packs.iter().filter(|id| wanted.book.is_going(id)) {
        let why = "a keeper is removing it from the stores just now, and a snapshot that was sent needs it; sync again later";
        let name = ObjectName::Pack(*id);
        if ours.contains_key(&name) {
            watch(Event::Notice(Notice::NotMoved(name, why)));
            report.failed.push((name, why.into()));
        }
    }
    Ok(())
}

/// The objects in these folders of a place.
pub fn list(shelf: &Shelf<'_>, folders: &[&str]) -> Result<BTreeMap<ObjectName, u64>, crate::provider::PlaceError> {
    let mut found = BTreeMap::new();
    for folder in folders {
        let mut look = |page: &[Listed]| found.extend(page.iter().map(|l| (l.name, l.size)));
        shelf.runtime.block_on(shelf.provider.list(folder, &mut look))?;
    }
    Ok(found)
}
