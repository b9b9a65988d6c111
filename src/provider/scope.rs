//! What a device that only writes may do in a store, told by names alone: the policy that is printed, what a sync asks for and
//! what it passes over are all read from here. And a place around a place that keeps within it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::core::name::{DeviceId, ObjectName};
use crate::core::seal::Sealed;
use crate::provider::{Listed, Pending, PlaceError, Provider, Range, Receipt};

/// The names that a device may list, read and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The device.
    pub device: DeviceId,
    /// The account's keepers: their index objects tell where packs moved.
    pub keepers: Vec<DeviceId>,
}

impl Scope {
    /// What it may read, as the beginnings of names, each a folder: who belongs to the account and may let things go, its keys, its
    /// own history, what is sent to it.
    pub fn readable(&self) -> Vec<String> {
        let own = ["grants", "heads", "index", "inbox"].into_iter().map(|folder| format!("{folder}/{}", self.device));
        let keepers = self.keepers.iter().filter(|keeper| **keeper != self.device).map(|keeper| format!("index/{keeper}"));
        ["roster", "keys", "keeps"].into_iter().map(str::to_owned).chain(own).chain(keepers).collect()
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

fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn holds(folders: &[String], name: &ObjectName) -> bool {
    let name = name.to_string();
    folders.iter().any(|folder| is_below(&name, folder))
}

/// Folders without which a sync would not know whom to believe: a listing that is refused there is no small matter.
pub const NEEDED: [&str; 4] = ["roster", "keys", "grants", "keeps"];

/// A place that is asked for nothing that a device which only writes need not know.
pub struct Narrow {
    inner: Box<dyn Provider>,
    scope: Scope,
    unlisted: Mutex<BTreeSet<String>>,
}

impl Narrow {
    /// Around `inner`.
    pub fn around(inner: Box<dyn Provider>, scope: Scope) -> Self {
        Self { inner, scope, unlisted: Mutex::default() }
    }

    /// What the device may do.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Folders whose listing was refused so far: what lies there is not known.
    pub fn unlisted(&self) -> BTreeSet<String> {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

    async fn list_within(&self, folder: &str, page: &mut (dyn FnMut(&[Listed]) + Send)) -> Result<(), PlaceError> {
        let within = self.scope.within(folder);
        if within.is_empty() {
            return Err(outside("look at", folder));
        }
        for part in within {
            let part = if is_below(folder, &part) { folder.to_owned() } else { part };
            match self.inner.list(&part, page).await {
                Err(PlaceError::Refused(_)) if !NEEDED.iter().any(|needed| is_below(&part, needed)) => {
                    self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).insert(part);
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn outside(what: &str, name: impl std::fmt::Display) -> PlaceError {
    PlaceError::Refused(format!("this device only writes there and need not {what} {name}"))
}

impl Provider for Narrow {
    fn put<'a>(&'a self, object: &'a Sealed) -> Pending<'a, Receipt> {
        Box::pin(async move {
            let name = object.name();
            if self.scope.writes(&name) { self.inner.put(object).await } else { Err(outside("write", name)) }
        })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, range: Option<Range>) -> Pending<'a, Vec<u8>> {
        Box::pin(
            async move { if self.scope.reads(name) { self.inner.get(name, range).await } else { Err(outside("read", name)) } },
        )
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(self.list_within(folder, page))
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move { Err(outside("remove", name)) })
    }

    fn place(&self) -> String {
        self.inner.place()
    }

    fn earlier<'a>(&'a self, _: &'a ObjectName, _: usize) -> Pending<'a, Vec<u8>> {
        // versions cannot be listed with what a writer is given
        Box::pin(std::future::ready(Err(PlaceError::Missing)))
    }

    fn narrow(&self) -> Option<&Narrow> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::{AccountId, ObjectId};
    use crate::core::seal::{To, seal};
    use crate::core::testing::Counting;

    const ME: DeviceId = DeviceId::from_bytes([1; 16]);
    const KEEPER: DeviceId = DeviceId::from_bytes([2; 16]);
    const OTHER: DeviceId = DeviceId::from_bytes([3; 16]);
    const ID: ObjectId = ObjectId::from_bytes([9; 16]);

    #[test]
    fn a_device_that_only_writes_reads_its_own_and_what_keepers_say() {
        let scope = Scope { device: ME, keepers: vec![KEEPER] };
        use ObjectName::{Grant, Head, Index, Keep, Keys, Letter, Pack, Roster, Slot};
        let reads =
            [Roster(1), Keys(2), Keep(OTHER, 1), Grant(ME, 2), Head(ME, 1), Index(ME, ID), Index(KEEPER, ID), Letter(ME, ID)];
        for name in reads {
            assert!(scope.reads(&name), "{name}");
        }
        for name in [Pack(ID), Slot(ID), Head(OTHER, 1), Head(KEEPER, 1), Index(OTHER, ID), Grant(OTHER, 2), Letter(OTHER, ID)] {
            assert!(!scope.reads(&name), "{name}");
        }
        for name in [Pack(ID), Index(ME, ID), Head(ME, 1)] {
            assert!(scope.writes(&name), "{name}");
        }
        for name in [Roster(1), Slot(ID), Head(OTHER, 1), Index(KEEPER, ID), Keep(ME, 1), Letter(ME, ID)] {
            assert!(!scope.writes(&name), "{name}");
        }
    }

    /// A place that says what it was asked for.
    struct Asked;

    fn asked<'a, T: Send + 'a>(what: &str) -> Pending<'a, T> {
        Box::pin(std::future::ready(Err(PlaceError::Local(what.to_owned()))))
    }

    impl Provider for Asked {
        fn put<'a>(&'a self, _: &'a Sealed) -> Pending<'a, Receipt> {
            asked("put")
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Option<Range>) -> Pending<'a, Vec<u8>> {
            asked("get")
        }

        fn list<'a>(&'a self, _: &'a str, _: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            asked("list")
        }

        fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
            asked("remove")
        }

        fn place(&self) -> String {
            "a test".into()
        }
    }

    #[test]
    fn what_is_outside_is_not_even_asked_for() {
        use ObjectName::{Head, Pack, Roster, Slot};
        let place = Narrow::around(Box::new(Asked), Scope { device: ME, keepers: vec![KEEPER] });
        let (account, random) = (AccountId::from_bytes([1; 16]), Counting::new(2));
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let is = |said: &str| PlaceError::Local(said.into());
        for (name, written, read) in
            [(Head(ME, 1), true, true), (Pack(ID), true, false), (Roster(1), false, true), (Slot(ID), false, false)]
        {
            let object = seal(&keys, name, To::Devices, b"x", &random).unwrap();
            let put = runtime.block_on(place.put(&object)).unwrap_err();
            assert_eq!(put == is("put"), written, "{name}: {put:?}");
            let got = runtime.block_on(place.get(&name, None)).unwrap_err();
            assert_eq!(got == is("get"), read, "{name}: {got:?}");
            assert!(matches!(runtime.block_on(place.remove(&name)), Err(PlaceError::Refused(_))), "{name}");
        }
        assert!(matches!(runtime.block_on(place.list("slots", &mut |_| {})), Err(PlaceError::Refused(_))));
        assert_eq!(runtime.block_on(place.list("roster", &mut |_| {})), Err(is("list")));
    }

    #[test]
    fn folders_are_narrowed_to_what_may_be_listed() {
        let scope = Scope { device: ME, keepers: vec![KEEPER, ME] };
        assert_eq!(scope.within("heads"), [format!("heads/{ME}")]);
        assert_eq!(scope.within("index"), [format!("index/{ME}"), format!("index/{KEEPER}")]);
        assert_eq!(scope.within("packs/ab"), ["packs"]);
        assert!(scope.within("slots").is_empty() && scope.within("head").is_empty());
    }
}
