//! What the believed notes of the devices that may delete say together: forgotten, pinned and tagged snapshots, marked and moved packs.
//!
//! Deletion notes are believed in the order of their numbers, as far as each follows the one before. A device that may delete no longer
//! is believed up to the note that the list of devices names, which is the last that the owner saw of it; a device that never might, not
//! at all. Of two words on one thing the one of the higher order holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::deletion_note::{DeletionNote, Statement};
use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::roster::Roster;
use crate::core::seal::{self, Refused, With};
use crate::core::signed::Signed;
use crate::core::snapshot::{Needs, Seen, SnapshotId};
use crate::engine::EngineError;
use crate::engine::account::{Account, keys};
use crate::engine::error::in_vault;
use crate::provider::Listed;

/// Where what some heads need of a pack lies now.
#[derive(Debug, Clone)]
struct Move {
    heads: Vec<Seen>,
    needs: Vec<Needs>,
}

/// That something is removed from now on.
#[derive(Debug, Clone, Copy)]
struct Drop {
    order: u64,
    by: DeviceId,
    time: i64,
}

/// A word on one thing, and the order it was said in.
#[derive(Debug, Clone, Copy)]
struct Word<T> {
    order: (u64, DeviceId),
    says: T,
}

/// What the deletion notes say; see the module.
#[derive(Debug, Default)]
pub struct DeletionNotes {
    forgotten: HashMap<SnapshotId, Vec<(ObjectHash, i64)>>,
    pins: HashMap<SnapshotId, Word<bool>>,
    tags: BTreeMap<(DeviceId, u64, String), Word<bool>>,
    marks: HashMap<ObjectId, Word<Option<i64>>>,
    moved: HashMap<ObjectId, Vec<Move>>,
    dropped: HashMap<ObjectId, Drop>,
    newest: BTreeMap<DeviceId, (u64, ObjectHash)>,
    order: u64,
    refused: Vec<(ObjectName, Refused)>,
}

impl DeletionNotes {
    /// Reads the notes that the vault holds.
    pub fn read(account: &Account) -> Result<Self, EngineError> {
        Self::read_with(account, &[])
    }

    /// Reads the notes that the vault holds, and these besides.
    pub fn read_with(account: &Account, more: &[(ObjectName, Vec<u8>)]) -> Result<Self, EngineError> {
        Self::gather(account, &account.roster, more)
    }

    /// Reads the notes that the vault holds, by a roster that is not taken over yet.
    pub fn read_by(account: &Account, roster: &Roster) -> Result<Self, EngineError> {
        Self::gather(account, roster, &[])
    }

    fn gather(account: &Account, roster: &Roster, more: &[(ObjectName, Vec<u8>)]) -> Result<Self, EngineError> {
        let mut names = Vec::new();
        account.vault.list_now("keeps", &mut |page: &[Listed]| names.extend(page.iter().map(|l| l.name))).map_err(in_vault)?;
        let mut notes: BTreeMap<ObjectName, Result<(DeletionNote, ObjectHash), Refused>> = BTreeMap::new();
        for name in names {
            let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
            notes.insert(name, open(account, &name, &bytes));
        }
        for (name, bytes) in more {
            notes.entry(*name).or_insert_with(|| open(account, name, bytes));
        }
        Ok(Self::of(roster, notes))
    }

    fn of(roster: &Roster, notes: BTreeMap<ObjectName, Result<(DeletionNote, ObjectHash), Refused>>) -> Self {
        let mut all = Self::default();
        let mut chains: BTreeMap<DeviceId, Vec<(DeletionNote, ObjectHash)>> = BTreeMap::new();
        for (name, opened) in notes {
            match opened {
                Ok((note, hash)) => chains.entry(note.deleter).or_default().push((note, hash)),
                Err(why) => all.refused.push((name, why)),
            }
        }
        chains.values_mut().for_each(|chain| all.cut(chain));
        let (present, others): (Vec<_>, Vec<_>) = chains.into_iter().partition(|(device, _)| roster.may_delete(device));
        let mut believed = present;
        for (device, mut chain) in others {
            let last = roster.member(&device).and_then(|member| member.last_note).and_then(|(number, last)| {
                let at = usize::try_from(number).ok()?;
                chain.get(at.checked_sub(1)?).is_some_and(|(_, hash)| *hash == last).then_some(at)
            });
            for (note, _) in chain.drain(last.unwrap_or(0)..) {
                all.refused.push((note.name(), Refused::MayNotDelete));
            }
            believed.push((device, chain));
        }
        for (note, hash) in believed.into_iter().flat_map(|(_, chain)| chain) {
            all.take(note, hash);
        }
        all
    }

    /// Cuts a chain where a note does not follow the one before it.
    fn cut(&mut self, chain: &mut Vec<(DeletionNote, ObjectHash)>) {
        chain.sort_by_key(|(note, _)| note.number);
        let mut previous = ObjectHash::from_bytes([0; 32]);
        let mut whole = 0;
        for (note, hash) in chain.iter() {
            if note.number != whole as u64 + 1 || note.previous != previous {
                break;
            }
            whole += 1;
            previous = *hash;
        }
        for (note, _) in chain.drain(whole..) {
            self.refused.push((note.name(), Refused::Malformed("it does not follow the note before it")));
        }
    }

    fn take(&mut self, note: DeletionNote, hash: ObjectHash) {
        let order = (note.order, note.deleter);
        self.order = self.order.max(note.order);
        self.newest.insert(note.deleter, (note.number, hash));
        for said in note.said {
            match said {
                Statement::Forget(device, number, hash) => {
                    let words = self.forgotten.entry((device, number)).or_default();
                    words.retain(|(known, _)| *known != hash);
                    words.push((hash, note.time));
                }
                Statement::Pin(device, number) => say(self.pins.entry((device, number)), order, true),
                Statement::Unpin(device, number) => say(self.pins.entry((device, number)), order, false),
                Statement::Tag(device, number, text) => set(&mut self.tags, (device, number, text), order, true),
                Statement::Untag(device, number, text) => set(&mut self.tags, (device, number, text), order, false),
                Statement::Mark(ids) => ids.into_iter().for_each(|id| say(self.marks.entry(id), order, Some(note.time))),
                Statement::Unmark(ids) => ids.into_iter().for_each(|id| say(self.marks.entry(id), order, None)),
                Statement::Moved(pack, needs) => {
                    self.moved.entry(pack).or_default().push(Move { heads: note.heads.clone(), needs });
                }
                Statement::Drop(ids) => ids.into_iter().for_each(|id| {
                    let new = Drop { order: note.order, by: note.deleter, time: note.time };
                    let known = self.dropped.entry(id).or_insert(new);
                    if known.order < new.order {
                        *known = new;
                    }
                }),
            }
        }
    }

    /// The heads of this number that were forgotten, by their hashes, each with the time by the clock of who said so: zeros for one that was gone.
    pub fn forgotten(&self, device: &DeviceId, number: u64) -> &[(ObjectHash, i64)] {
        self.forgotten.get(&(*device, number)).map_or(&[], Vec::as_slice)
    }

    /// Whether some head of this number was forgotten, and the number not pinned by somebody who did not know it yet: which head, its hash tells.
    pub fn may_be_forgotten(&self, device: &DeviceId, number: u64) -> bool {
        self.forgotten.contains_key(&(*device, number)) && !self.is_pinned(device, number)
    }

    /// Whether nobody misses a head that is not there: it was forgotten, by the hash that the head after it names where that is known.
    pub fn excuses(&self, device: &DeviceId, number: u64, named: Option<&ObjectHash>) -> bool {
        let words = self.forgotten(device, number);
        let is_meant = |(hash, _): &(ObjectHash, i64)| named.is_none_or(|named| hash == named) || hash.as_bytes() == &[0; 32];
        words.iter().any(is_meant)
    }

    /// Whether this very head was forgotten, not another that bears its number.
    pub fn forgets(&self, device: &DeviceId, number: u64, hash: &ObjectHash) -> bool {
        self.forgotten_at(device, number, hash).is_some() && !self.is_pinned(device, number)
    }

    /// When this very head was forgotten, by its clock.
    pub fn forgotten_at(&self, device: &DeviceId, number: u64, hash: &ObjectHash) -> Option<i64> {
        let words = self.forgotten.get(&(*device, number))?;
        words.iter().find(|(known, _)| known == hash).map(|(_, time)| *time)
    }

    /// Every snapshot that was forgotten.
    pub fn all_forgotten(&self) -> impl Iterator<Item = SnapshotId> + '_ {
        self.forgotten.keys().filter(|(device, number)| !self.is_pinned(device, *number)).copied()
    }

    /// Whether a snapshot is pinned.
    pub fn is_pinned(&self, device: &DeviceId, number: u64) -> bool {
        self.pins.get(&(*device, number)).is_some_and(|word| word.says)
    }

    /// The tags of a snapshot.
    pub fn tags(&self, device: &DeviceId, number: u64) -> BTreeSet<String> {
        let from = (*device, number, String::new());
        let own = self.tags.range(from..).take_while(|((d, n, _), _)| (d, *n) == (device, number));
        own.filter(|(_, word)| word.says).map(|((_, _, text), _)| text.clone()).collect()
    }

    /// When a pack or index object was marked as unneeded, by its clock, if it is.
    pub fn marked(&self, id: &ObjectId) -> Option<i64> {
        self.marks.get(id).and_then(|word| word.says)
    }

    /// Every pack and index object that is marked.
    pub fn all_marked(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.marks.iter().filter(|(_, word)| word.says.is_some()).map(|(id, _)| *id)
    }

    /// Where what these heads need of a pack lies now, if that was moved for all of them.
    pub fn moved(&self, pack: &ObjectId, users: &[SnapshotId]) -> Option<&[Needs]> {
        let covers =
            |heads: &[Seen], (device, number): &SnapshotId| heads.iter().any(|s| s.device == *device && s.number >= *number);
        let moves = self.moved.get(pack)?;
        moves.iter().rev().find(|m| users.iter().all(|user| covers(&m.heads, user))).map(|m| m.needs.as_slice())
    }

    /// Whether a device that may delete said that it removes a pack or index object, and has not said since that it is needed after all.
    pub fn is_going(&self, id: &ObjectId) -> bool {
        self.going(id).is_some()
    }

    /// The same; which device said so last, and when, by its clock.
    pub fn going(&self, id: &ObjectId) -> Option<(DeviceId, i64)> {
        let unmarked = self.marks.get(id).filter(|word| word.says.is_none()).map_or(0, |word| word.order.0);
        self.dropped.get(id).filter(|drop| drop.order > unmarked).map(|drop| (drop.by, drop.time))
    }

    /// Every pack and index object of which a device that may delete said that it removes it, and not since that it is needed after all.
    pub fn all_going(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.dropped.keys().filter(|id| self.is_going(id)).copied()
    }

    /// Whether a device that may delete ever said that it removes a pack or index object.
    pub fn is_dropped(&self, id: &ObjectId) -> bool {
        self.dropped.contains_key(id)
    }

    /// The highest order of all notes.
    pub fn order(&self) -> u64 {
        self.order
    }

    /// The newest believed note of each device that may delete.
    pub fn newest(&self) -> impl Iterator<Item = Seen> + '_ {
        self.newest.iter().map(|(device, (number, hash))| Seen { device: *device, number: *number, hash: *hash })
    }

    /// Notes that are not believed, each with the reason.
    pub fn refused(&self) -> &[(ObjectName, Refused)] {
        &self.refused
    }

    /// Whether an object may be left where it is: a marked pack or index object. Of a head its hash tells, not its name.
    pub fn lets_go(&self, name: &ObjectName) -> bool {
        match name {
            ObjectName::Pack(id) | ObjectName::Index(_, id) => self.marked(id).is_some(),
            _ => false,
        }
    }
}

fn say<K, T>(entry: std::collections::hash_map::Entry<'_, K, Word<T>>, order: (u64, DeviceId), says: T) {
    use std::collections::hash_map::Entry;
    match entry {
        Entry::Occupied(known) if known.get().order > order => {}
        Entry::Occupied(mut known) => *known.get_mut() = Word { order, says },
        Entry::Vacant(free) => {
            free.insert(Word { order, says });
        }
    }
}

fn set(
    tags: &mut BTreeMap<(DeviceId, u64, String), Word<bool>>,
    tag: (DeviceId, u64, String),
    order: (u64, DeviceId),
    says: bool,
) {
    let word = tags.entry(tag).or_insert(Word { order, says });
    if word.order <= order {
        *word = Word { order, says };
    }
}

/// Opens a note: whole, in its place, signed by the device that it names. Whether that is a device that may delete, the whole all says.
pub fn open(account: &Account, name: &ObjectName, bytes: &[u8]) -> Result<(DeletionNote, ObjectHash), Refused> {
    let note = keys::anew(account, |keys, roster| {
        let key_of = |device: &DeviceId| roster.key_of(device);
        DeletionNote::open(&With::Device(keys), account.id(), name, bytes, &key_of)
    })?;
    Ok((note, seal::hash(bytes)))
}
