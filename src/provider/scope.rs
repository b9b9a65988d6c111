//! What a device that only writes may do in a store, told by names alone: the policy that is printed, what a sync asks for and
//! what it passes over are all read from here.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::core::name::{DeviceId, ObjectName};

/// The names that a device may list, read and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The device.
    pub device: DeviceId,
    /// The account's devices that may delete: their index objects tell where packs moved.
    pub deleters: Vec<DeviceId>,
}

impl Scope {
    /// What it may read, as the beginnings of names, each a folder: who belongs to the account and may let things go, its keys, its
    /// own history, what is sent to it.
    pub fn readable(&self) -> Vec<String> {
        let own = ["grants", "heads", "index", "inbox"].into_iter().map(|folder| format!("{folder}/{}", self.device));
        let deleters = self.deleters.iter().filter(|deleter| **deleter != self.device).map(|deleter| format!("index/{deleter}"));
        ["roster", "keys", "keeps"].into_iter().map(str::to_owned).chain(own).chain(deleters).collect()
    }

    /// What it may list: what it may read, and the names of packs, so that it notices when one is gone.
    pub fn listable(&self) -> Vec<String> {
        std::iter::once("packs".to_owned()).chain(self.readable()).collect()
    }

    /// What it may write: packs, its own index objects, its own snapshots. Not the facts that it records: it could not delete them
    /// there once consent is withdrawn.
    pub fn writable(&self) -> Vec<String> {
        vec!["packs".to_owned(), format!("index/{}", self.device), format!("heads/{}", self.device)]
    }

    /// What of a folder it may list.
    pub fn within(&self, folder: &str) -> Vec<String> {
        self.listable().into_iter().filter(|may| is_below(may, folder) || is_below(folder, may)).collect()
    }

    /// Whether it may read an object.
    pub fn reads(&self, name: &ObjectName) -> bool {
        holds(&self.readable(), name)
    }

    /// Whether it may write an object.
    pub fn writes(&self, name: &ObjectName) -> bool {
        holds(&self.writable(), name)
    }
}

pub(super) fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn holds(folders: &[String], name: &ObjectName) -> bool {
    let name = name.to_string();
    folders.iter().any(|folder| is_below(&name, folder))
}

/// Folders without which a sync would not know whom to believe: a listing that is refused there is no small matter.
pub const NEEDED: [&str; 4] = ["roster", "keys", "grants", "keeps"];

/// What a device that only writes sees of a store: its part, but for folders whose listing was refused.
#[derive(Debug)]
pub struct ScopeView {
    scope: Scope,
    unlisted: Mutex<BTreeSet<String>>,
}

impl ScopeView {
    /// Nothing was refused yet.
    pub fn of(scope: Scope) -> Self {
        Self { scope, unlisted: Mutex::default() }
    }

    /// What the device may do.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Folders whose listing was refused so far: what lies there is not known.
    pub fn unlisted(&self) -> BTreeSet<String> {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers that the listing of a folder was refused.
    pub(super) fn refused(&self, folder: String) {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).insert(folder);
    }

    /// Whether a listing tells that an object is there or not.
    pub fn shows(&self, name: &ObjectName) -> bool {
        holds(&self.scope.listable(), name) && !self.hides(name)
    }

    /// Whether an object lies where the listing was refused.
    pub fn hides(&self, name: &ObjectName) -> bool {
        let name = name.to_string();
        self.unlisted().iter().any(|folder| is_below(&name, folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;

    const ME: DeviceId = DeviceId::from_bytes([1; 16]);
    const DELETER: DeviceId = DeviceId::from_bytes([2; 16]);
    const OTHER: DeviceId = DeviceId::from_bytes([3; 16]);
    const ID: ObjectId = ObjectId::from_bytes([9; 16]);

    #[test]
    fn a_device_that_only_writes_reads_its_own_and_what_deletion_notes_say() {
        let scope = Scope { device: ME, deleters: vec![DELETER] };
        use ObjectName::{DeletionNote, Grant, Head, Index, Keys, Letter, Pack, Roster, Slot};
        let reads = [
            Roster(1),
            Keys(2),
            DeletionNote(OTHER, 1),
            Grant(ME, 2),
            Head(ME, 1),
            Index(ME, ID),
            Index(DELETER, ID),
            Letter(ME, ID),
        ];
        for name in reads {
            assert!(scope.reads(&name), "{name}");
        }
        for name in [Pack(ID), Slot(ID), Head(OTHER, 1), Head(DELETER, 1), Index(OTHER, ID), Grant(OTHER, 2), Letter(OTHER, ID)] {
            assert!(!scope.reads(&name), "{name}");
        }
        for name in [Pack(ID), Index(ME, ID), Head(ME, 1)] {
            assert!(scope.writes(&name), "{name}");
        }
        for name in [Roster(1), Slot(ID), Head(OTHER, 1), Index(DELETER, ID), DeletionNote(ME, 1), Letter(ME, ID)] {
            assert!(!scope.writes(&name), "{name}");
        }
    }

    #[test]
    fn folders_are_narrowed_to_what_may_be_listed() {
        let scope = Scope { device: ME, deleters: vec![DELETER, ME] };
        assert_eq!(scope.within("heads"), [format!("heads/{ME}")]);
        assert_eq!(scope.within("index"), [format!("index/{ME}"), format!("index/{DELETER}")]);
        assert_eq!(scope.within("packs/ab"), ["packs"]);
        assert!(scope.within("slots").is_empty() && scope.within("head").is_empty());
    }
}
