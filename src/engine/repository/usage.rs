//! What snapshots still need: the index objects and packs of every head that is not forgotten, followed to where packs moved.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::deletion_notes::DeletionNotes;
use crate::core::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::seal::Refused;
use crate::core::snapshot::{Needs, Seen, SnapshotId};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::error::ObjectFault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::{snapshots, vault_loss};

/// How often one pack's content may have moved on.
pub const MAX_MOVES: usize = 64;

/// So many index objects that snapshots of one device need and that are not known are named.
const MAX_UNKNOWN: usize = 4_096;

/// What is still needed.
#[derive(Debug, Default)]
pub struct UsedPacks {
    /// Index objects.
    pub indexes: HashSet<ObjectId>,
    /// Packs.
    pub packs: HashSet<ObjectId>,
    /// Packs that heads name and whose content lies elsewhere now, with the packs it lies in.
    pub moved: HashMap<ObjectId, Vec<ObjectId>>,
    /// The newest head of each device that was looked at with every one before it that was not forgotten: one that comes late
    /// is not among them.
    pub heads: Vec<Seen>,
    /// Snapshots that are not forgotten, in order.
    pub snapshots: Vec<SnapshotId>,
    /// Snapshots that are forgotten and still there.
    pub forgotten: Vec<SnapshotId>,
    /// Packs and index objects that only those name.
    pub named: HashSet<ObjectId>,
    /// Why more may be needed than is known: heads that do not open or that the vault lost, index objects that are not there.
    pub unknown: Vec<(ObjectName, ObjectFault)>,
}

impl UsedPacks {
    /// What the heads in the vault need, by what the chunk index knows.
    pub fn of(account: &Account, chunk_index: &ChunkIndex, notes: &DeletionNotes) -> Result<Self, EngineError> {
        let mut needed = Self::default();
        let indexes = Indexes::of(chunk_index);
        let mut users: HashMap<ObjectId, Vec<SnapshotId>> = HashMap::new();
        for (device, numbers) in snapshots::head_names(account)? {
            let (mut next, mut unknown) = (1, 0);
            for number in numbers {
                let (head, hash) = match snapshots::head(account, device, number) {
                    Ok(opened) => opened,
                    Err(EngineError::Object { why: Refused::Revoked, .. }) => continue,
                    Err(EngineError::Object { name, why }) => {
                        needed.unknown.push((name, why.into()));
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                // another head of the number before may have been forgotten than the one that this names
                let named = |before: u64| (before + 1 == number).then_some(&head.previous);
                while next < number && notes.excuses(&device, next, named(next)) {
                    next += 1;
                }
                if next + 1 == number && notes.may_be_forgotten(&device, next) && !account.roster.believes_none(&device, next) {
                    needed.unknown.push((ObjectName::Head(device, next), ObjectFault::Missing));
                }
                if number == next {
                    note_newest(&mut needed.heads, device, number, hash);
                    next += 1;
                }
                if notes.forgets(&device, number, &hash) {
                    needed.forgotten.push((device, number));
                    needed.named.extend(head.needs.iter().map(|need| need.index));
                    needed.named.extend(head.needs.iter().filter_map(|need| indexes.packs(need)).flatten());
                    continue;
                }
                needed.snapshots.push((device, number));
                for need in &head.needs {
                    match indexes.packs(need) {
                        Some(packs) => {
                            needed.indexes.insert(need.index);
                            packs.into_iter().for_each(|pack| use_by(users.entry(pack).or_default(), (device, number)));
                        }
                        // that not all is known is known by so many
                        None if unknown >= MAX_UNKNOWN => {}
                        None => {
                            unknown += 1;
                            needed.indexes.insert(need.index);
                            let name = ObjectName::Index(device, need.index);
                            needed.unknown.push((name, ObjectFault::Missing));
                        }
                    }
                }
            }
        }
        let lost = vault_loss::snapshots(account, notes)?;
        if let Some(newest) = lost.last() {
            needed.unknown.push((ObjectName::Head(account.device.id, *newest), ObjectFault::Lost(lost.len())));
        }
        needed.follow(notes, &indexes, users);
        Ok(needed)
    }

    /// Follows packs to where they moved, for the heads that need them.
    fn follow(&mut self, notes: &DeletionNotes, indexes: &Indexes, users: HashMap<ObjectId, Vec<SnapshotId>>) {
        let mut open: HashSet<(ObjectId, Vec<SnapshotId>)> = users.into_iter().collect();
        for may_move in (0..=MAX_MOVES).rev() {
            // several packs may have moved into one, which is followed once
            for (pack, users) in std::mem::take(&mut open) {
                let targets = notes.moved(&pack, &users).filter(|_| may_move > 0);
                match targets.map(|needs| (needs, all_packs(indexes, needs))) {
                    Some((needs, Some(targets))) => {
                        self.indexes.extend(needs.iter().map(|need| need.index));
                        open.extend(targets.iter().map(|target| (*target, users.clone())));
                        self.moved.insert(pack, targets);
                    }
                    // where it went is not known here yet, so it stays needed
                    Some((_, None)) | None => drop(self.packs.insert(pack)),
                }
            }
        }
    }

    /// Whether all that a pack's content moved to is there; a pack that did not move stands for nothing.
    pub fn stands_in(&self, pack: &ObjectId, there: impl Fn(&ObjectName) -> bool) -> bool {
        let (mut open, mut seen) = (vec![*pack], HashSet::new());
        while let Some(moved) = open.pop() {
            for target in self.moved.get(&moved).map_or(&[][..], Vec::as_slice) {
                let goes_on = self.moved.contains_key(target) && seen.insert(*target);
                if goes_on {
                    open.push(*target);
                } else if !there(&ObjectName::Pack(*target)) {
                    return false;
                }
            }
        }
        true
    }

    /// Whether an object is still needed; other kinds of objects always are.
    pub fn has(&self, name: &ObjectName) -> bool {
        match name {
            ObjectName::Pack(id) => self.packs.contains(id),
            ObjectName::Index(_, id) => self.indexes.contains(id),
            _ => true,
        }
    }
}

fn all_packs(indexes: &Indexes, needs: &[Needs]) -> Option<Vec<ObjectId>> {
    let mut all = Vec::new();
    for need in needs {
        all.extend(indexes.packs(need)?);
    }
    Some(all)
}

/// Keeps the newest head of each device.
fn note_newest(heads: &mut Vec<Seen>, device: DeviceId, number: u64, hash: ObjectHash) {
    match heads.iter_mut().find(|seen| seen.device == device) {
        Some(seen) if seen.number > number => {}
        Some(seen) => *seen = Seen { device, number, hash },
        None => heads.push(Seen { device, number, hash }),
    }
}

/// Adds a head to those that need a pack.
pub fn use_by(users: &mut Vec<SnapshotId>, (device, number): SnapshotId) {
    match users.iter_mut().find(|(d, _)| *d == device) {
        Some((_, newest)) => *newest = (*newest).max(number),
        None => users.push((device, number)),
    }
}

/// The packs that each known index object tells of, in order.
struct Indexes(BTreeMap<ObjectId, (ObjectHash, Vec<ObjectId>)>);

impl Indexes {
    fn of(chunk_index: &ChunkIndex) -> Self {
        let mut found: BTreeMap<ObjectId, (ObjectHash, Vec<ObjectId>)> = BTreeMap::new();
        for pack in chunk_index.packs() {
            let (_, packs) = found.entry(pack.index).or_insert_with(|| (pack.index_hash, Vec::new()));
            // packs of one index object are taken over together and in order
            if packs.len() == pack.at as usize {
                packs.push(pack.id);
            }
        }
        Self(found)
    }

    /// The packs that are named; none when the index object is unknown, another, or not known whole.
    fn packs(&self, need: &Needs) -> Option<Vec<ObjectId>> {
        let (_, packs) = self.0.get(&need.index).filter(|(hash, _)| *hash == need.hash)?;
        need.ordinals().map(|at| packs.get(at as usize).copied()).collect()
    }
}
