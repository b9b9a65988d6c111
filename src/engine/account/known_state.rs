//! What this machine remembers of devices and stores, as notes in the journal; of each kind only the last counts, so that it stays
//! as small as the account has devices and stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};

/// The most key slots that are remembered of one store.
pub const MAX_SLOTS: usize = 1000;
const MAX_STORE_NAME: usize = 255;
const MAX_OBJECT_NAME: usize = 128;

/// What is remembered of one store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownStore {
    /// The newest snapshot of each device that was seen or put there.
    pub heads: BTreeMap<DeviceId, (u64, ObjectHash)>,
    /// When a sync last found nothing wrong.
    pub well: Option<i64>,
    /// The newest roster that was there; 0 for none.
    pub roster: u64,
    /// The key slots that were there.
    pub slots: BTreeSet<ObjectId>,
    /// What was wrong at the last sync.
    pub store_problems: Vec<StoreProblem>,
    /// Whether the owner said that an empty place took its place: until a sync left that whole, nothing of what it was not sent since is missed.
    pub is_refilled: bool,
}

/// One thing to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreObservation {
    /// A device's newest snapshot in a store; in no store by name: anywhere.
    Head {
        /// The owner's name for the store, or nothing.
        store: String,
        /// Whose snapshot.
        device: DeviceId,
        /// Its number.
        number: u64,
        /// Its hash.
        hash: ObjectHash,
    },
    /// How a store was left.
    StoreVisit {
        /// The owner's name for the store.
        store: String,
        /// When a sync last found nothing wrong.
        well: Option<i64>,
        /// The newest roster there.
        roster: u64,
        /// The key slots there.
        slots: BTreeSet<ObjectId>,
    },
    /// What is wrong with a store now.
    Problems {
        /// The owner's name for the store.
        store: String,
        /// Nothing, when all is well.
        store_problems: Vec<StoreProblem>,
    },
    /// A store is no longer the owner's.
    Gone {
        /// The owner's name for the store.
        store: String,
    },
    /// A key slot that another device replaced.
    Superseded(ObjectId),
    /// The owner said that an empty place took a store's place, or a sync left that whole.
    Refilled {
        /// The owner's name for the store.
        store: String,
        /// Whether it is still to be filled.
        is_open: bool,
    },
}

/// What this machine remembers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct KnownState {
    newest: BTreeMap<DeviceId, (u64, ObjectHash)>,
    stores: BTreeMap<String, KnownStore>,
    superseded: BTreeSet<ObjectId>,
}

impl KnownState {
    /// What is known of every store.
    pub fn stores(&self) -> impl Iterator<Item = &KnownStore> {
        self.stores.values()
    }

    /// The owner's names for the stores of which something is known.
    pub fn store_names(&self) -> impl Iterator<Item = &str> {
        self.stores.keys().map(String::as_str)
    }

    /// What is remembered of a store.
    pub fn store(&self, name: &str) -> Option<&KnownStore> {
        self.stores.get(name)
    }

    /// The stores that were seen to hold a snapshot of a device of this number or a later one.
    pub fn stores_that_saw(&self, device: &DeviceId, from: u64) -> impl Iterator<Item = String> + use<> {
        let saw = |store: &KnownStore| store.heads.get(device).is_some_and(|(number, _)| *number >= from);
        let found: Vec<String> = self.stores.iter().filter(|(_, store)| saw(store)).map(|(name, _)| name.clone()).collect();
        found.into_iter()
    }

    /// The newest snapshot of a device that was ever believed here.
    pub fn newest(&self, device: &DeviceId) -> Option<(u64, ObjectHash)> {
        self.newest.get(device).copied()
    }

    /// Whether another device replaced this key slot.
    pub fn is_superseded(&self, slot: &ObjectId) -> bool {
        self.superseded.contains(slot)
    }

    /// Whether any store was seen to hold key slots that were here, too.
    pub fn has_seen_slots(&self) -> bool {
        self.stores.values().any(|store| !store.slots.is_empty())
    }

    /// Everything that is wrong with any store.
    pub fn store_problems(&self) -> impl Iterator<Item = &StoreProblem> {
        self.stores.values().flat_map(|store| &store.store_problems)
    }

    /// Takes a note in.
    pub fn apply(&mut self, note: StoreObservation) {
        let stores = &mut self.stores;
        match note {
            StoreObservation::Head { store, device, number, hash } if store.is_empty() => {
                self.newest.insert(device, (number, hash));
            }
            StoreObservation::Head { store, device, number, hash } => {
                stores.entry(store).or_default().heads.insert(device, (number, hash));
            }
            StoreObservation::StoreVisit { store, well, roster, slots } => {
                let known = stores.entry(store).or_default();
                (known.well, known.roster, known.slots) = (well, roster, slots);
            }
            StoreObservation::Problems { store, store_problems } => {
                stores.entry(store).or_default().store_problems = store_problems
            }
            StoreObservation::Gone { store } => {
                stores.remove(&store);
            }
            StoreObservation::Superseded(slot) => {
                self.superseded.insert(slot);
            }
            StoreObservation::Refilled { store, is_open } => {
                if let Some(known) = stores.get_mut(&store) {
                    known.is_refilled = is_open;
                }
            }
        }
    }

    /// The notes that make this memory.
    pub fn notes(&self) -> Vec<StoreObservation> {
        let head = |store: &str, (device, (number, hash)): (&DeviceId, &(u64, ObjectHash))| StoreObservation::Head {
            store: store.into(),
            device: *device,
            number: *number,
            hash: *hash,
        };
        let mut notes: Vec<StoreObservation> = self.newest.iter().map(|entry| head("", entry)).collect();
        for (name, store) in &self.stores {
            notes.extend(store.heads.iter().map(|entry| head(name, entry)));
            let KnownStore { well, roster, ref slots, .. } = *store;
            notes.push(StoreObservation::StoreVisit { store: name.clone(), well, roster, slots: slots.clone() });
            if !store.store_problems.is_empty() {
                notes.push(StoreObservation::Problems { store: name.clone(), store_problems: store.store_problems.clone() });
            }
            if store.is_refilled {
                notes.push(StoreObservation::Refilled { store: name.clone(), is_open: true });
            }
        }
        notes.extend(self.superseded.iter().map(|slot| StoreObservation::Superseded(*slot)));
        notes
    }
}

impl StoreObservation {
    /// As a record of the journal.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Self::Head { store, device, number, hash } => {
                begin(&mut out, 1, store);
                out.raw(device.as_bytes());
                out.u64(*number);
                out.raw(hash.as_bytes());
            }
            Self::StoreVisit { store, well, roster, slots } => {
                begin(&mut out, 2, store);
                time(&mut out, *well);
                out.u64(*roster);
                let slots = slots.iter().take(MAX_SLOTS);
                out.varint(slots.len() as u64);
                slots.for_each(|slot| out.raw(slot.as_bytes()));
            }
            Self::Problems { store, store_problems } => {
                begin(&mut out, 3, store);
                let store_problems = store_problems.iter().take(MAX_STORE_PROBLEMS);
                out.varint(store_problems.len() as u64);
                store_problems.for_each(|store_problem| encode_store_problem(&mut out, store_problem));
            }
            Self::Gone { store } => begin(&mut out, 4, store),
            Self::Superseded(slot) => {
                begin(&mut out, 5, "");
                out.raw(slot.as_bytes());
            }
            Self::Refilled { store, is_open } => {
                begin(&mut out, 6, store);
                out.u8((*is_open).into());
            }
        }
        out.into_vec()
    }

    /// Reads a record of the journal.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let kind = input.u8()?;
        let store = text(&mut input, MAX_STORE_NAME)?;
        let note = match kind {
            1 => Self::Head {
                store,
                device: DeviceId::from_bytes(input.array()?),
                number: input.u64()?,
                hash: ObjectHash::from_bytes(input.array()?),
            },
            2 => {
                let (well, roster) = (read_time(&mut input)?, input.u64()?);
                let count = input.count(MAX_SLOTS)?;
                let slots = (0..count).map(|_| input.array().map(ObjectId::from_bytes)).collect::<Result<_, _>>()?;
                Self::StoreVisit { store, well, roster, slots }
            }
            3 => {
                let count = input.count(MAX_STORE_PROBLEMS)?;
                let store_problems = (0..count).map(|_| decode_store_problem(&mut input, &store)).collect::<Result<_, _>>()?;
                Self::Problems { store, store_problems }
            }
            4 => Self::Gone { store },
            5 => Self::Superseded(ObjectId::from_bytes(input.array()?)),
            6 => Self::Refilled { store, is_open: input.u8()? != 0 },
            _ => return Err(Bad("a note of an unknown kind; it was written by a later version")),
        };
        input.finish()?;
        Ok(note)
    }
}

fn begin(out: &mut Writer, kind: u8, store: &str) {
    out.u8(kind);
    out.bytes(store.as_bytes());
}

fn time(out: &mut Writer, time: Option<i64>) {
    out.u8(time.is_some().into());
    time.iter().for_each(|time| out.raw(&time.to_le_bytes()));
}

fn read_time(input: &mut Reader<'_>) -> Result<Option<i64>, Bad> {
    Ok(if input.u8()? == 0 { None } else { Some(i64::from_le_bytes(input.array()?)) })
}

fn text(input: &mut Reader<'_>, limit: usize) -> Result<String, Bad> {
    Ok(std::str::from_utf8(input.bytes(limit)?).map_err(|_| Bad("a name that is not UTF-8"))?.to_owned())
}

const CODES: [Anomaly; 17] = [
    Anomaly::Emptied,
    Anomaly::Older,
    Anomaly::OlderRoster,
    Anomaly::Missing,
    Anomaly::Forked,
    Anomaly::Unchained,
    Anomaly::Contradicted,
    Anomaly::Withheld,
    Anomaly::Ahead,
    Anomaly::Changed,
    Anomaly::RosterForked,
    Anomaly::SlotBack,
    Anomaly::Stranger,
    Anomaly::Unexplained,
    Anomaly::Gap,
    Anomaly::Ungranted,
    Anomaly::PutBack,
];

fn encode_store_problem(out: &mut Writer, store_problem: &StoreProblem) {
    let Finding { what, device, by, object, known, shown } = &store_problem.finding;
    out.u8(CODES.iter().position(|code| code == what).and_then(|at| u8::try_from(at).ok()).unwrap_or(0));
    time(out, store_problem.since);
    for device in [device, by] {
        out.u8(device.is_some().into());
        device.iter().for_each(|device| out.raw(device.as_bytes()));
    }
    out.bytes(object.map(|name| name.to_string()).unwrap_or_default().as_bytes());
    out.u64(*known);
    out.u64(*shown);
}

fn decode_store_problem(input: &mut Reader<'_>, store: &str) -> Result<StoreProblem, Bad> {
    let what = *CODES.get(usize::from(input.u8()?)).ok_or(Bad("an anomaly of an unknown kind"))?;
    let since = read_time(input)?;
    let mut device = || Ok(if input.u8()? == 0 { None } else { Some(DeviceId::from_bytes(input.array()?)) });
    let (device, by) = (device()?, device()?);
    let object = ObjectName::parse(&text(input, MAX_OBJECT_NAME)?);
    let (known, shown) = (input.u64()?, input.u64()?);
    Ok(StoreProblem { store: store.into(), since, finding: Finding { what, device, by, object, known, shown } })
}

/// The most problems that are kept of one store; more say nothing more.
pub const MAX_STORE_PROBLEMS: usize = 64;

/// What is wrong with a store, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// It held the account and holds nothing of it now.
    Emptied,
    /// It shows an older snapshot of a device than it did.
    Older,
    /// It shows an older roster than it did.
    OlderRoster,
    /// It lacks objects that were there, or that what is there needs.
    Missing,
    /// It shows another snapshot under a number than the one known.
    Forked,
    /// A snapshot does not follow the one before it.
    Unchained,
    /// One device tells of a snapshot of another that is not the one known.
    Contradicted,
    /// One device tells of a snapshot of another that the store does not show.
    Withheld,
    /// This device's own name stands under a snapshot that it did not make.
    Ahead,
    /// An object is damaged or was exchanged.
    Changed,
    /// It shows another roster under a number than the one known, or one that does not follow it.
    RosterForked,
    /// A replaced key slot is back, and the one that replaced it is gone.
    SlotBack,
    /// Snapshots of a device that the roster does not name.
    Stranger,
    /// It shows more names than the account can explain.
    Unexplained,
    /// Before a snapshot of a device it lacks some that nobody ever saw.
    Gap,
    /// It shows what is sealed under later keys, and not what gives them to this device.
    Ungranted,
    /// It shows other snapshots of a device than those here under the same numbers, which all have later numbers there, or get them.
    PutBack,
}

/// Something that is wrong, with its numbers; which fields matter depends on what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub what: Anomaly,
    /// The device whose history it is.
    pub device: Option<DeviceId>,
    /// The device that tells of it.
    pub by: Option<DeviceId>,
    /// The object, or the first of several.
    pub object: Option<ObjectName>,
    /// The number that is known, or how many objects.
    pub known: u64,
    /// The number that the store shows.
    pub shown: u64,
}

impl Finding {
    /// One about a device's snapshots.
    pub fn of(what: Anomaly, device: DeviceId, known: u64, shown: u64) -> Self {
        Self { what, device: Some(device), by: None, object: None, known, shown }
    }

    /// One about the account or an object.
    pub fn at(what: Anomaly, object: Option<ObjectName>, known: u64, shown: u64) -> Self {
        let device = match object {
            Some(ObjectName::Head(device, _) | ObjectName::Index(device, _) | ObjectName::Grant(device, _)) => Some(device),
            _ => None,
        };
        Self { what, device, by: None, object, known, shown }
    }
}

/// A finding as it is told and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreProblem {
    /// The owner's name for the store.
    pub store: String,
    /// When a sync with it last found nothing wrong, in seconds since 1970.
    pub since: Option<i64>,
    /// What is wrong.
    pub finding: Finding,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 16])
    }

    fn notes() -> Vec<StoreObservation> {
        let hash = ObjectHash::from_bytes([9; 32]);
        let mut notes = vec![StoreObservation::Head { store: String::new(), device: id(1), number: 3, hash }];
        notes.push(StoreObservation::Head { store: "nas".into(), device: id(2), number: 4, hash });
        let slots = BTreeSet::from([ObjectId::from_bytes([1; 16])]);
        notes.push(StoreObservation::StoreVisit { store: "nas".into(), well: Some(-7), roster: 2, slots });
        let store_problem = |what| {
            let finding =
                Finding { what, device: Some(id(1)), by: None, object: Some(ObjectName::Head(id(1), 3)), known: 3, shown: 2 };
            StoreProblem { store: "nas".into(), since: Some(5), finding }
        };
        notes.push(StoreObservation::Problems { store: "nas".into(), store_problems: CODES.map(store_problem).to_vec() });
        notes.push(StoreObservation::Refilled { store: "nas".into(), is_open: true });
        notes.push(StoreObservation::Superseded(ObjectId::from_bytes([2; 16])));
        notes
    }

    #[test]
    fn notes_read_back_and_a_memory_is_made_of_its_notes() {
        let mut memory = KnownState::default();
        for note in notes() {
            assert_eq!(StoreObservation::decode(&note.encode()), Ok(note.clone()));
            memory.apply(note);
        }
        assert_eq!(memory.notes(), notes());
        assert_eq!(memory.store_problems().count(), CODES.len());
        memory.apply(StoreObservation::Gone { store: "nas".into() });
        assert!(memory.store("nas").is_none() && memory.newest(&id(1)).is_some());
    }

    /// A thousand syncs leave as few notes as one.
    #[test]
    fn a_memory_does_not_grow_with_time() {
        let mut memory = KnownState::default();
        (0..1000).for_each(|_| notes().into_iter().for_each(|note| memory.apply(note)));
        assert_eq!(memory.notes().len(), notes().len());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_note_panic(bytes: Vec<u8>) {
            let _ = StoreObservation::decode(&bytes);
        }
    }
}
