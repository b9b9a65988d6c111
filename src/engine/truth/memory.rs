//! What this machine remembers of devices and stores, as notes in the journal; of each kind only the last counts, so that it stays
//! as small as the account has devices and stores.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alarm, Finding, MAX_ALARMS, What};
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};

/// The most key slots that are remembered of one store.
pub const MAX_SLOTS: usize = 1000;
const MAX_STORE_NAME: usize = 255;
const MAX_OBJECT_NAME: usize = 128;

/// What is remembered of one store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreMemory {
    /// The newest snapshot of each device that was seen or put there.
    pub heads: BTreeMap<DeviceId, (u64, ObjectHash)>,
    /// When a sync last found nothing wrong.
    pub well: Option<i64>,
    /// The newest roster that was there; 0 for none.
    pub roster: u64,
    /// The key slots that were there.
    pub slots: BTreeSet<ObjectId>,
    /// What was wrong at the last sync.
    pub alarms: Vec<Alarm>,
}

/// One thing to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
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
    Visit {
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
    Alarms {
        /// The owner's name for the store.
        store: String,
        /// Nothing, when all is well.
        alarms: Vec<Alarm>,
    },
    /// A store is no longer the owner's.
    Gone {
        /// The owner's name for the store.
        store: String,
    },
    /// A key slot that another device replaced.
    Superseded(ObjectId),
}

/// What this machine remembers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Memory {
    newest: BTreeMap<DeviceId, (u64, ObjectHash)>,
    stores: BTreeMap<String, StoreMemory>,
    superseded: BTreeSet<ObjectId>,
}

impl Memory {
    /// What is remembered of a store.
    pub fn store(&self, name: &str) -> Option<&StoreMemory> {
        self.stores.get(name)
    }

    /// The newest snapshot of a device that was ever believed here.
    pub fn newest(&self, device: &DeviceId) -> Option<(u64, ObjectHash)> {
        self.newest.get(device).copied()
    }

    /// Whether another device replaced this key slot.
    pub fn is_superseded(&self, slot: &ObjectId) -> bool {
        self.superseded.contains(slot)
    }

    /// Everything that is wrong with any store.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.stores.values().flat_map(|store| &store.alarms)
    }

    /// Takes a note in.
    pub fn apply(&mut self, note: Note) {
        let stores = &mut self.stores;
        match note {
            Note::Head { store, device, number, hash } if store.is_empty() => {
                self.newest.insert(device, (number, hash));
            }
            Note::Head { store, device, number, hash } => {
                stores.entry(store).or_default().heads.insert(device, (number, hash));
            }
            Note::Visit { store, well, roster, slots } => {
                let known = stores.entry(store).or_default();
                (known.well, known.roster, known.slots) = (well, roster, slots);
            }
            Note::Alarms { store, alarms } => stores.entry(store).or_default().alarms = alarms,
            Note::Gone { store } => {
                stores.remove(&store);
            }
            Note::Superseded(slot) => {
                self.superseded.insert(slot);
            }
        }
    }

    /// The notes that make this memory.
    pub fn notes(&self) -> Vec<Note> {
        let head = |store: &str, (device, (number, hash)): (&DeviceId, &(u64, ObjectHash))| Note::Head {
            store: store.into(),
            device: *device,
            number: *number,
            hash: *hash,
        };
        let mut notes: Vec<Note> = self.newest.iter().map(|entry| head("", entry)).collect();
        for (name, store) in &self.stores {
            notes.extend(store.heads.iter().map(|entry| head(name, entry)));
            let StoreMemory { well, roster, ref slots, .. } = *store;
            notes.push(Note::Visit { store: name.clone(), well, roster, slots: slots.clone() });
            if !store.alarms.is_empty() {
                notes.push(Note::Alarms { store: name.clone(), alarms: store.alarms.clone() });
            }
        }
        notes.extend(self.superseded.iter().map(|slot| Note::Superseded(*slot)));
        notes
    }
}

impl Note {
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
            Self::Visit { store, well, roster, slots } => {
                begin(&mut out, 2, store);
                time(&mut out, *well);
                out.u64(*roster);
                let slots = slots.iter().take(MAX_SLOTS);
                out.varint(slots.len() as u64);
                slots.for_each(|slot| out.raw(slot.as_bytes()));
            }
            Self::Alarms { store, alarms } => {
                begin(&mut out, 3, store);
                let alarms = alarms.iter().take(MAX_ALARMS);
                out.varint(alarms.len() as u64);
                alarms.for_each(|alarm| encode_alarm(&mut out, alarm));
            }
            Self::Gone { store } => begin(&mut out, 4, store),
            Self::Superseded(slot) => {
                begin(&mut out, 5, "");
                out.raw(slot.as_bytes());
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
                Self::Visit { store, well, roster, slots }
            }
            3 => {
                let count = input.count(MAX_ALARMS)?;
                let alarms = (0..count).map(|_| decode_alarm(&mut input, &store)).collect::<Result<_, _>>()?;
                Self::Alarms { store, alarms }
            }
            4 => Self::Gone { store },
            5 => Self::Superseded(ObjectId::from_bytes(input.array()?)),
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

const CODES: [What; 13] = [
    What::Emptied,
    What::Older,
    What::OlderRoster,
    What::Missing,
    What::Forked,
    What::Unchained,
    What::Contradicted,
    What::Withheld,
    What::Ahead,
    What::Changed,
    What::RosterForked,
    What::SlotBack,
    What::Stranger,
];

fn encode_alarm(out: &mut Writer, alarm: &Alarm) {
    let Finding { what, device, by, object, known, shown } = &alarm.finding;
    out.u8(CODES.iter().position(|code| code == what).unwrap_or(0) as u8);
    time(out, alarm.since);
    for device in [device, by] {
        out.u8(device.is_some().into());
        device.iter().for_each(|device| out.raw(device.as_bytes()));
    }
    out.bytes(object.map(|name| name.to_string()).unwrap_or_default().as_bytes());
    out.u64(*known);
    out.u64(*shown);
}

fn decode_alarm(input: &mut Reader<'_>, store: &str) -> Result<Alarm, Bad> {
    let what = *CODES.get(usize::from(input.u8()?)).ok_or(Bad("an alarm of an unknown kind"))?;
    let since = read_time(input)?;
    let mut device = || Ok(if input.u8()? == 0 { None } else { Some(DeviceId::from_bytes(input.array()?)) });
    let (device, by) = (device()?, device()?);
    let object = ObjectName::parse(&text(input, MAX_OBJECT_NAME)?);
    let (known, shown) = (input.u64()?, input.u64()?);
    Ok(Alarm { store: store.into(), since, finding: Finding { what, device, by, object, known, shown } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 16])
    }

    fn notes() -> Vec<Note> {
        let hash = ObjectHash::from_bytes([9; 32]);
        let mut notes = vec![Note::Head { store: String::new(), device: id(1), number: 3, hash }];
        notes.push(Note::Head { store: "nas".into(), device: id(2), number: 4, hash });
        let slots = BTreeSet::from([ObjectId::from_bytes([1; 16])]);
        notes.push(Note::Visit { store: "nas".into(), well: Some(-7), roster: 2, slots });
        let alarm = |what| {
            let finding =
                Finding { what, device: Some(id(1)), by: None, object: Some(ObjectName::Head(id(1), 3)), known: 3, shown: 2 };
            Alarm { store: "nas".into(), since: Some(5), finding }
        };
        notes.push(Note::Alarms { store: "nas".into(), alarms: CODES.map(alarm).to_vec() });
        notes.push(Note::Superseded(ObjectId::from_bytes([2; 16])));
        notes
    }

    #[test]
    fn notes_read_back_and_a_memory_is_made_of_its_notes() {
        let mut memory = Memory::default();
        for note in notes() {
            assert_eq!(Note::decode(&note.encode()), Ok(note.clone()));
            memory.apply(note);
        }
        assert_eq!(memory.notes(), notes());
        assert_eq!(memory.alarms().count(), CODES.len());
        memory.apply(Note::Gone { store: "nas".into() });
        assert!(memory.store("nas").is_none() && memory.newest(&id(1)).is_some());
    }

    /// A thousand syncs leave as few notes as one.
    #[test]
    fn a_memory_does_not_grow_with_time() {
        let mut memory = Memory::default();
        (0..1000).for_each(|_| notes().into_iter().for_each(|note| memory.apply(note)));
        assert_eq!(memory.notes().len(), notes().len());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_note_panic(bytes: Vec<u8>) {
            let _ = Note::decode(&bytes);
        }
    }
}
