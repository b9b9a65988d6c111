//! What deletion notes mean for a verification: the notes themselves, and packs that are looked for where they moved.

use std::collections::BTreeMap;

use super::{Check, NeededPack, directory_hash};
use crate::core::name::{ObjectId, ObjectName};
use crate::core::pack::PackRecord;
use crate::core::seal::{self, Refused};
use crate::core::snapshot::{Needs, SnapshotId};
use crate::engine::EngineError;
use crate::engine::repository::deletion_notes;
use crate::engine::repository::proof;
use crate::engine::repository::usage;
use crate::engine::retention::write_note;

impl Check<'_> {
    /// Deletion notes: whole, signed by devices that may delete, one after another; and this device's own newest one.
    pub(super) fn notes(&mut self) -> Result<(), EngineError> {
        let names: Vec<_> = self.held.keys().filter(|name| matches!(name, ObjectName::DeletionNote(..))).copied().collect();
        for name in names {
            if let Some(bytes) = self.read(name)? {
                match deletion_notes::open(self.account, &name, &bytes) {
                    Err(why) => self.problem(name, why),
                    Ok(_) => {
                        let refused = self.notes.refused().iter().find(|(refused, _)| *refused == name).map(|(_, why)| *why);
                        if let Some(why) = refused {
                            self.problem(name, why);
                        }
                    }
                }
            }
        }
        if let Some((number, _)) = write_note::remembered(self.account) {
            let own = self.account.device.id;
            self.must_be_there((1..=number).map(|number| ObjectName::DeletionNote(own, number)));
        }
        Ok(())
    }

    /// Opens the index objects that heads name, and gathers the packs, where they lie now.
    pub(super) fn indexes(&mut self, needs: &[Needs]) -> Result<BTreeMap<ObjectId, NeededPack>, EngineError> {
        let mut open: BTreeMap<(ObjectId, ObjectId, Vec<SnapshotId>), NeededPack> = BTreeMap::new();
        for need in needs {
            let id = (need.index, need.hash);
            let by = need.ordinals().next().and_then(|at| self.users.get(&(id, at))?.first().copied());
            self.index(need, by)?;
            let packs = self.opened.get(&id).map_or(&[][..], Vec::as_slice);
            for (at, (pack, wanted)) in need.ordinals().filter_map(|at| Some((at, packs.get(at as usize)?))) {
                let users = self.users.get(&(id, at)).cloned().unwrap_or_default();
                open.insert((*pack, wanted.index, users), *wanted);
            }
        }
        let mut packs = BTreeMap::new();
        for may_move in (0..=usage::MAX_MOVES).rev() {
            // several packs may have moved into one, which is followed once
            for ((pack, _, users), wanted) in std::mem::take(&mut open) {
                let targets = if may_move > 0 { self.moved(&pack, &users)? } else { None };
                match targets {
                    Some(targets) => {
                        open.extend(targets.into_iter().map(|(target, wanted)| ((target, wanted.index, users.clone()), wanted)))
                    }
                    None => drop(packs.insert((pack, wanted.index), wanted)),
                }
            }
        }
        self.settled(packs.into_iter().map(|((pack, _), wanted)| (pack, wanted)).collect())
    }

    /// Where a pack's content moved to for the heads that need it; none where the place does not hold what tells of that.
    fn moved(&mut self, pack: &ObjectId, users: &[SnapshotId]) -> Result<Option<Vec<(ObjectId, NeededPack)>>, EngineError> {
        let Some(needs) = self.notes.moved(pack, users).map(<[Needs]>::to_vec) else { return Ok(None) };
        let tells = |need: &Needs| self.held.keys().any(|name| matches!(name, ObjectName::Index(_, id) if *id == need.index));
        if !needs.iter().all(tells) {
            return Ok(None);
        }
        let mut targets = Vec::new();
        for need in &needs {
            self.index(need, None)?;
            let Some(packs) = self.opened.get(&(need.index, need.hash)) else { return Ok(None) };
            targets.extend(need.ordinals().filter_map(|at| packs.get(at as usize).copied()));
        }
        Ok(Some(targets))
    }

    /// Opens an index object, which must be the very bytes that are named, by a snapshot or by a note.
    fn index(&mut self, need: &Needs, by: Option<SnapshotId>) -> Result<(), EngineError> {
        let id = (need.index, need.hash);
        if self.opened.contains_key(&id) || !self.looked.insert(id) {
            return Ok(());
        }
        let writer = by.map_or(self.account.device.id, |(device, _)| device);
        let mut held = self.account.roster.members.iter().map(|m| ObjectName::Index(m.id, need.index));
        let name = held.find(|name| self.held.contains_key(name)).unwrap_or(ObjectName::Index(writer, need.index));
        self.needed.insert(name);
        if !self.others_word.grants(&name, self.held.get(&name).copied().unwrap_or_default()) {
            return Ok(());
        }
        let Some(mut bytes) = self.read(name)? else { return Ok(()) };
        if seal::hash(&bytes) != need.hash {
            if let Some((device, number)) = by
                && proof::index(self.account, &name, &bytes).is_ok_and(|index| index.device != device)
            {
                // the bytes are those that their own device signed, and another tells of them what is not so
                self.report.rogues.insert(device);
                let why = Refused::Malformed("a snapshot that needs another index object than there is");
                self.problem(ObjectName::Head(device, number), self.of_writer(&device, why.into()));
                return Ok(());
            }
            self.problem(name, Refused::Changed);
            // what it tells of is looked at all the same, by this machine's copy
            match self.account.vault.get_now(&name, None) {
                Ok(ours) if seal::hash(&ours) == need.hash => bytes = ours,
                _ => return Ok(()),
            }
        }
        match proof::index(self.account, &name, &bytes) {
            Ok(index) if !self.others_word.takes(&name, index.packs.len()) => {}
            Ok(index) => {
                let wanted = |pack: &PackRecord| {
                    let directory = directory_hash(&pack.chunks);
                    (pack.id, NeededPack { index: need.index, size: pack.size, hash: pack.hash, device: index.device, directory })
                };
                let packs = index.packs.iter().map(wanted);
                self.opened.insert(id, packs.collect());
            }
            Err(why) => self.problem(name, why),
        }
        Ok(())
    }
}
