//! What this device recorded of itself, as its journal tells: which numbers are held, of which item, and what waits to be removed
//! from which store. So what is no longer allowed is deleted without any key.

use std::collections::BTreeMap;

use crate::consent::Item;
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::device_record::Origin;
use crate::core::name::ObjectHash;

/// The most numbers in one note, so that it fits a record of the journal.
pub const MAX_NUMBERS: usize = 4000;
/// The most facts in one note of a compacted journal.
const MAX_HELD: usize = 500;
const MAX_NAME: usize = 256;
const MAX_STORES: usize = 256;

/// A fact that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Of what.
    pub item: Item,
    /// How it came about.
    pub origin: Origin,
    /// When, in seconds since 1970.
    pub time: i64,
    /// BLAKE3 of its sealed object.
    pub hash: ObjectHash,
    /// A keyed hash of what it says, so that only changes are recorded.
    pub digest: [u8; 32],
}

/// Why facts were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Why {
    /// The owner took the consent back.
    Withdrawn = 1,
    /// Its time was over.
    Expired = 2,
    /// The owner demanded it.
    Erased = 3,
    /// The vault no longer holds it.
    Lost = 4,
}

impl Why {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "consent withdrawn",
            Self::Expired => "kept long enough",
            Self::Erased => "erased by the owner",
            Self::Lost => "lost",
        }
    }
}

/// A record of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordEvent {
    /// A fact is recorded under this number.
    Recorded(u64, Held),
    /// Facts are deleted here, and wait to be removed from these stores.
    Gone {
        /// Which.
        numbers: Vec<u64>,
        /// Why.
        why: Why,
        /// When, in seconds since 1970.
        time: i64,
        /// The owner's stores then.
        stores: Vec<String>,
    },
    /// A store no longer shows these.
    Removed {
        /// The owner's name for it.
        store: String,
        /// Which.
        numbers: Vec<u64>,
    },
    /// The number that comes next, whatever is gone; written when a journal is compacted.
    Next(u64),
    /// What waits to be removed from a store; written when a journal is compacted.
    Waits {
        /// The owner's name for it.
        store: String,
        /// Which, each with its item and why.
        entries: Vec<(u64, Item, Why)>,
    },
    /// Facts that are held, many in one record; written when a journal is compacted, so that it stays short.
    Holds(Vec<(u64, Held)>),
}

/// What is held and what waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordIndex {
    last: u64,
    held: BTreeMap<u64, Held>,
    waiting: BTreeMap<String, BTreeMap<u64, (Item, Why)>>,
}

impl RecordIndex {
    /// The number of the next fact.
    pub fn next(&self) -> u64 {
        self.last + 1
    }

    /// Whether the fact of this number is held.
    pub fn holds(&self, number: u64) -> bool {
        self.held.contains_key(&number)
    }

    /// What is held under a number.
    pub fn get(&self, number: u64) -> Option<&Held> {
        self.held.get(&number)
    }

    /// Every fact that is held, by number.
    pub fn held(&self) -> impl Iterator<Item = (u64, &Held)> {
        self.held.iter().map(|(number, held)| (*number, held))
    }

    /// The newest fact of an item that the device observed itself.
    pub fn newest(&self, item: Item) -> Option<&Held> {
        self.held.values().rev().find(|held| held.item == item && held.origin == Origin::Recorded)
    }

    /// What waits to be removed from a store: number, item, why.
    pub fn waiting(&self, store: &str) -> Vec<(u64, Item, Why)> {
        let entries = self.waiting.get(store).into_iter().flatten();
        entries.map(|(number, (item, why))| (*number, *item, *why)).collect()
    }

    /// The stores that something waits to be removed from.
    pub fn waiting_stores(&self) -> impl Iterator<Item = &str> {
        self.waiting.keys().map(String::as_str)
    }

    /// Heeds a note.
    pub fn apply(&mut self, note: RecordEvent) {
        match note {
            RecordEvent::Recorded(number, held) => {
                self.last = self.last.max(number);
                self.held.insert(number, held);
            }
            RecordEvent::Gone { numbers, why, stores, .. } => {
                for number in numbers {
                    let Some(held) = self.held.remove(&number) else { continue };
                    for store in &stores {
                        self.waiting.entry(store.clone()).or_default().insert(number, (held.item, why));
                    }
                }
            }
            RecordEvent::Removed { store, numbers } => {
                if let Some(waiting) = self.waiting.get_mut(&store) {
                    waiting.retain(|number, _| !numbers.contains(number));
                    if waiting.is_empty() {
                        self.waiting.remove(&store);
                    }
                }
            }
            RecordEvent::Holds(many) => {
                many.into_iter().for_each(|(number, held)| self.apply(RecordEvent::Recorded(number, held)))
            }
            RecordEvent::Next(number) => self.last = self.last.max(number.saturating_sub(1)),
            RecordEvent::Waits { store, entries } => {
                let waiting = self.waiting.entry(store).or_default();
                waiting.extend(entries.into_iter().map(|(number, item, why)| (number, (item, why))));
            }
        }
    }

    /// The notes that tell all this in few records.
    pub fn notes(&self) -> Vec<RecordEvent> {
        if self.last == 0 {
            return Vec::new();
        }
        let mut notes = vec![RecordEvent::Next(self.next())];
        let held: Vec<(u64, Held)> = self.held.iter().map(|(number, held)| (*number, *held)).collect();
        notes.extend(held.chunks(MAX_HELD).map(|many| RecordEvent::Holds(many.to_vec())));
        for store in self.waiting.keys() {
            let entries = self.waiting(store);
            notes.extend(entries.chunks(MAX_NUMBERS).map(|e| RecordEvent::Waits { store: store.clone(), entries: e.to_vec() }));
        }
        notes
    }
}

impl RecordEvent {
    /// Layout: code 1, then: 1 number, item, origin, time, hash 32, digest 32; 2 why, time, numbers, stores; 3 store, numbers; 4
    /// number; 5 store, then number, item, why each; 6 as 1, many.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let numbers = |out: &mut Writer, numbers: &[u64]| {
            out.varint(numbers.len() as u64);
            numbers.iter().for_each(|number| out.u64(*number));
        };
        match self {
            Self::Recorded(number, held) => {
                out.u8(1);
                held.encode(*number, &mut out);
            }
            Self::Holds(many) => {
                out.u8(6);
                out.varint(many.len() as u64);
                many.iter().for_each(|(number, held)| held.encode(*number, &mut out));
            }
            Self::Gone { numbers: gone, why, time, stores } => {
                out.u8(2);
                out.u8(*why as u8);
                out.raw(&time.to_le_bytes());
                numbers(&mut out, gone);
                out.varint(stores.len() as u64);
                stores.iter().for_each(|store| out.bytes(store.as_bytes()));
            }
            Self::Removed { store, numbers: gone } => {
                out.u8(3);
                out.bytes(store.as_bytes());
                numbers(&mut out, gone);
            }
            Self::Next(number) => {
                out.u8(4);
                out.u64(*number);
            }
            Self::Waits { store, entries } => {
                out.u8(5);
                out.bytes(store.as_bytes());
                out.varint(entries.len() as u64);
                for (number, item, why) in entries {
                    out.u64(*number);
                    out.u8(item.code());
                    out.u8(*why as u8);
                }
            }
        }
        out.into_vec()
    }

    /// Reads what `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let note = match input.u8()? {
            1 => Self::Recorded(input.u64()?, Held::decode(&mut input)?),
            2 => {
                let why = decode_why(&mut input)?;
                let time = i64::from_le_bytes(input.array()?);
                let numbers = decode_numbers(&mut input)?;
                let count = input.count(MAX_STORES)?;
                let stores = (0..count).map(|_| decode_name(&mut input)).collect::<Result<_, _>>()?;
                Self::Gone { numbers, why, time, stores }
            }
            3 => Self::Removed { store: decode_name(&mut input)?, numbers: decode_numbers(&mut input)? },
            4 => Self::Next(input.u64()?),
            5 => {
                let store = decode_name(&mut input)?;
                let count = input.count(MAX_NUMBERS)?;
                let entry = |input: &mut Reader<'_>| Ok((input.u64()?, decode_item(input)?, decode_why(input)?));
                Self::Waits { store, entries: (0..count).map(|_| entry(&mut input)).collect::<Result<_, Bad>>()? }
            }
            6 => {
                let count = input.count(MAX_HELD)?;
                let one = |input: &mut Reader<'_>| Ok((input.u64()?, Held::decode(input)?));
                Self::Holds((0..count).map(|_| one(&mut input)).collect::<Result<_, Bad>>()?)
            }
            _ => return Err(Bad("a note on facts of an unknown kind")),
        };
        input.finish()?;
        Ok(note)
    }
}

impl Held {
    fn encode(&self, number: u64, out: &mut Writer) {
        out.u64(number);
        out.u8(self.item.code());
        out.u8(self.origin as u8);
        out.raw(&self.time.to_le_bytes());
        out.raw(self.hash.as_bytes());
        out.raw(&self.digest);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let item = decode_item(input)?;
        let origin = match input.u8()? {
            1 => Origin::Recorded,
            2 => Origin::Correction,
            _ => return Err(Bad("a fact of an unknown kind")),
        };
        let time = i64::from_le_bytes(input.array()?);
        Ok(Self { item, origin, time, hash: ObjectHash::from_bytes(input.array()?), digest: input.array()? })
    }
}

fn decode_item(input: &mut Reader<'_>) -> Result<Item, Bad> {
    Item::from_code(input.u8()?).ok_or(Bad("a fact of an unknown item"))
}

fn decode_why(input: &mut Reader<'_>) -> Result<Why, Bad> {
    let code = input.u8()?;
    let known = [Why::Withdrawn, Why::Expired, Why::Erased, Why::Lost].into_iter().find(|why| *why as u8 == code);
    known.ok_or(Bad("facts gone for an unknown reason"))
}

fn decode_numbers(input: &mut Reader<'_>) -> Result<Vec<u64>, Bad> {
    let count = input.count(MAX_NUMBERS)?;
    (0..count).map(|_| input.u64()).collect()
}

fn decode_name(input: &mut Reader<'_>) -> Result<String, Bad> {
    std::str::from_utf8(input.bytes(MAX_NAME)?).map(str::to_owned).map_err(|_| Bad("a store's name that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held(item: Item) -> Held {
        Held { item, origin: Origin::Recorded, time: 7, hash: ObjectHash::from_bytes([1; 32]), digest: [2; 32] }
    }

    fn notes() -> Vec<RecordEvent> {
        vec![
            RecordEvent::Recorded(1, held(Item::Mac)),
            RecordEvent::Recorded(2, held(Item::Model)),
            RecordEvent::Recorded(3, held(Item::Serial)),
            RecordEvent::Gone { numbers: vec![1, 3], why: Why::Withdrawn, time: 9, stores: vec!["nas".into(), "cloud".into()] },
            RecordEvent::Removed { store: "nas".into(), numbers: vec![1, 3] },
            RecordEvent::Removed { store: "cloud".into(), numbers: vec![3] },
        ]
    }

    #[test]
    fn a_compacted_index_tells_what_the_long_one_told() {
        let mut index = RecordIndex::default();
        notes().into_iter().for_each(|note| index.apply(RecordEvent::decode(&note.encode()).unwrap()));
        assert!(index.holds(2) && !index.holds(1) && !index.holds(3));
        assert_eq!(index.waiting("cloud"), [(1, Item::Mac, Why::Withdrawn)]);
        assert!(index.waiting("nas").is_empty());
        let mut again = RecordIndex::default();
        index.notes().into_iter().for_each(|note| again.apply(RecordEvent::decode(&note.encode()).unwrap()));
        assert_eq!(index, again);
        assert_eq!(again.next(), 4, "no number comes twice");
    }

    #[test]
    fn a_long_book_becomes_few_records_that_fit() {
        let mut index = RecordIndex::default();
        (1..=10_000).for_each(|number| index.apply(RecordEvent::Recorded(number, held(Item::OperationLog))));
        let gone = |numbers: Vec<u64>| RecordEvent::Gone { numbers, why: Why::Expired, time: 9, stores: vec!["nas".into()] };
        (0..2).for_each(|n| index.apply(gone((n * 4000 + 1..=n * 4000 + 4000).collect())));
        (10_001..=20_000).for_each(|number| index.apply(RecordEvent::Recorded(number, held(Item::OperationLog))));
        let notes: Vec<Vec<u8>> = index.notes().iter().map(RecordEvent::encode).collect();
        assert!(notes.len() < 30 && notes.iter().all(|note| note.len() <= crate::local::journal::MAX_RECORD));
        let mut again = RecordIndex::default();
        notes.iter().for_each(|note| again.apply(RecordEvent::decode(note).unwrap()));
        assert_eq!(index, again);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_note_panic(mut bytes: Vec<u8>, code in 0u8..8) {
            bytes.insert(0, code);
            if let Ok(note) = RecordEvent::decode(&bytes) {
                prop_assert_eq!(note.encode(), bytes);
            }
        }
    }
}
