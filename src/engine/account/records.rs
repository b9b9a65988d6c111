//! What an account's journal tells: its records, replayed; and the few that say the same, when it has grown long.

use std::collections::{BTreeMap, HashSet};

use crate::consent::Entry;
use crate::core::codec::{Reader, Writer};
use crate::core::name::{ObjectHash, ObjectId};
use crate::core::roster::{Member, Roster};
use crate::engine::EngineError;
use crate::engine::account::known_state::{KnownState, StoreObservation};
use crate::engine::account::record_index;
use crate::engine::error::{Damage, OwnFile};
use crate::local::audit::Mark;
use crate::local::journal::Record;

/// Codes of the records in an account's journal.
pub mod record {
    /// This device's newest snapshot.
    pub const HEAD: u8 = 1;
    /// A decision on consent.
    pub const CONSENT: u8 = 2;
    /// The newest list of devices.
    pub const ROSTER: u8 = 3;
    /// Devices that were revoked, though the newest list does not say so.
    pub const REVOKED_APART: u8 = 8;
    /// A key slot that was replaced.
    pub const SLOT_GONE: u8 = 4;
    /// A key slot that was made or taken over.
    pub const SLOT: u8 = 5;
    /// What the account is called here.
    pub const NAME: u8 = 6;
    /// Whether one-time codes are asked for.
    pub const SECOND_FACTOR: u8 = 7;
    /// Letters that were delivered.
    pub const RECEIVED: u8 = 16;
    /// How far the audit log reached.
    pub const AUDIT: u8 = 28;
    /// What is known of devices and stores.
    pub const OBSERVATION: u8 = 20;
    /// What this device recorded of itself; 25 to 27 are left for the same.
    pub const FACTS: u8 = 24;
}

/// What the journal tells of an account.
#[derive(Default)]
pub struct Remembered {
    /// Whether one-time codes are asked for.
    pub second_factor: bool,
    /// What the account was called when it was made here.
    pub name: Option<String>,
    /// This device's newest snapshot: number and hash.
    pub head: Option<(u64, ObjectHash)>,
    /// The newest roster: its number and bytes.
    pub roster: Option<Vec<u8>>,
    /// The lines of devices that were revoked, though it does not say so.
    pub revoked_apart: Vec<Member>,
    /// Decisions on consent, oldest first.
    pub consents: Vec<Entry>,
    /// Key slots that were replaced.
    pub gone: HashSet<ObjectId>,
    /// Key slots that should be there.
    pub slots: BTreeMap<ObjectId, ObjectHash>,
    /// Letters that were delivered.
    pub received: HashSet<ObjectId>,
    /// What is known of devices and stores.
    pub memory: KnownState,
    /// What this device recorded of itself.
    pub facts: record_index::RecordIndex,
    /// How far the audit log reached when it was last marked.
    pub marked: Option<Mark>,
}

impl Remembered {
    /// Reads the records, oldest first.
    pub fn replay(records: &[Record]) -> Result<Self, EngineError> {
        let mut remembered = Self::default();
        records.iter().try_for_each(|record| remembered.apply(record))?;
        Ok(remembered)
    }

    /// Takes one more record in.
    pub fn apply(&mut self, record: &Record) -> Result<(), EngineError> {
        let broken = |what: &str| EngineError::Own { what: OwnFile::Journal, why: Damage::Format(what.into()) };
        match record.kind {
            record::HEAD => self.head = Some(read_numbered(&record.bytes).ok_or_else(|| broken("a record of a snapshot"))?),
            record::ROSTER => self.roster = Some(record.bytes.clone()),
            record::REVOKED_APART => {
                self.revoked_apart = Roster::decode(&record.bytes).map_err(|_| broken("a record of revoked devices"))?.members;
            }
            record::CONSENT => self.consents.push(Entry::decode(&record.bytes).map_err(|e| broken(e.0))?),
            record::SLOT => {
                let slot = || broken("a record of a key slot");
                let (id, hash) = record.bytes.split_at_checked(ObjectId::LEN).ok_or_else(slot)?;
                let id = ObjectId::from_bytes(id.try_into().map_err(|_| slot())?);
                self.slots.insert(id, ObjectHash::from_bytes(hash.try_into().map_err(|_| slot())?));
            }
            record::SECOND_FACTOR => self.second_factor = record.bytes == [1],
            record::NAME => self.name = Some(String::from_utf8_lossy(&record.bytes).into_owned()),
            record::SLOT_GONE => {
                let id = record.bytes.as_slice().try_into().map_err(|_| broken("a record of a key slot"))?;
                self.gone.insert(ObjectId::from_bytes(id));
            }
            record::RECEIVED => {
                let (ids, []) = record.bytes.as_chunks::<{ ObjectId::LEN }>() else {
                    return Err(broken("a record of letters"));
                };
                self.received.extend(ids.iter().map(|id| ObjectId::from_bytes(*id)));
            }
            record::FACTS => self.facts.apply(record_index::RecordEvent::decode(&record.bytes).map_err(|e| broken(e.0))?),
            record::AUDIT => {
                self.marked = Some(Mark::read(&mut Reader::new(&record.bytes)).map_err(|e| broken(e.0))?);
            }
            record::OBSERVATION => self.memory.apply(StoreObservation::decode(&record.bytes).map_err(|e| broken(e.0))?),
            _ => return Err(broken("a record of an unknown kind; it was written by a later version")),
        }
        Ok(())
    }
}

impl Remembered {
    /// The records that still matter.
    pub fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        let mut push = |kind, bytes| records.push(Record { kind, bytes });
        if self.second_factor {
            push(record::SECOND_FACTOR, vec![1]);
        }
        self.name.iter().for_each(|name| push(record::NAME, name.as_bytes().to_vec()));
        self.roster.iter().for_each(|bytes| push(record::ROSTER, bytes.clone()));
        if !self.revoked_apart.is_empty() {
            push(record::REVOKED_APART, revoked_apart(&self.revoked_apart));
        }
        self.slots.iter().for_each(|(id, hash)| push(record::SLOT, [id.as_bytes().as_slice(), hash.as_bytes()].concat()));
        self.gone.iter().for_each(|id| push(record::SLOT_GONE, id.as_bytes().to_vec()));
        self.consents.iter().for_each(|entry| push(record::CONSENT, entry.encode()));
        self.head.iter().for_each(|(number, hash)| push(record::HEAD, numbered(*number, hash)));
        // many in one record, so that a compacted journal stays short
        let received: Vec<_> = self.received.iter().collect();
        for ids in received.chunks(4000) {
            push(record::RECEIVED, ids.iter().flat_map(|id| *id.as_bytes()).collect());
        }
        self.marked.iter().for_each(|mark| push(record::AUDIT, mark.encode()));
        self.memory.notes().iter().for_each(|note| push(record::OBSERVATION, note.encode()));
        self.facts.notes().iter().for_each(|note| push(record::FACTS, note.encode()));
        records
    }
}

/// Lines of devices in bytes: as a list that is of no number.
pub fn revoked_apart(lines: &[Member]) -> Vec<u8> {
    Roster { number: 0, previous: ObjectHash::from_bytes([0; 32]), members: lines.to_vec() }.encode().into_vec()
}

/// A number and a hash in bytes.
pub fn numbered(number: u64, hash: &ObjectHash) -> Vec<u8> {
    let mut out = Writer::new();
    out.u64(number);
    out.raw(hash.as_bytes());
    out.into_vec()
}

fn read_numbered(bytes: &[u8]) -> Option<(u64, ObjectHash)> {
    let mut input = Reader::new(bytes);
    let number = input.u64().ok()?;
    let hash = ObjectHash::from_bytes(input.array().ok()?);
    input.finish().ok().map(|()| (number, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A compacted journal tells what the long one told.
    #[test]
    fn what_is_remembered_reads_back_from_few_records() {
        let mut remembered = Remembered { roster: Some(vec![1; 40]), ..Remembered::default() };
        remembered.received.extend((0..9000u32).map(|n| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_le_bytes());
            ObjectId::from_bytes(id)
        }));
        let records = remembered.records();
        assert_eq!(records.len(), 1 + 3);
        assert!(records.iter().all(|record| record.bytes.len() <= crate::local::journal::MAX_RECORD));
        let again = Remembered::replay(&records).unwrap();
        assert_eq!((again.received, again.roster), (remembered.received, remembered.roster));
        assert!(Remembered::replay(&[Record { kind: record::RECEIVED, bytes: vec![0; 17] }]).is_err());
    }
}
