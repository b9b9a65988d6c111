//! A folder as a store in which something happens while it is read.

use std::sync::Once;

use printkeep::core::name::ObjectName;
use printkeep::core::seal::Proved;
use printkeep::provider::folder::Folder;
use printkeep::provider::{Listed, Pending, Provider, PutReceipt, Wanted};

/// A folder, in which something happens once, as the first object of some kind is asked for or put there, or a folder of it is listed.
pub struct Meanwhile {
    folder: Folder,
    awaited: fn(&ObjectName) -> bool,
    listed: &'static str,
    once: Once,
    happens: Box<dyn Fn() + Send + Sync>,
}

impl Meanwhile {
    pub fn new(folder: Folder, awaited: fn(&ObjectName) -> bool, happens: impl Fn() + Send + Sync + 'static) -> Self {
        Self { folder, awaited, listed: "", once: Once::new(), happens: Box::new(happens) }
    }

    /// It happens as this folder is about to be listed.
    pub fn listing(folder: Folder, listed: &'static str, happens: impl Fn() + Send + Sync + 'static) -> Self {
        Self { listed, ..Self::new(folder, |_| false, happens) }
    }

    fn touched(&self, name: &ObjectName) {
        if (self.awaited)(name) {
            self.once.call_once(&self.happens);
        }
    }
}

impl Provider for Meanwhile {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        self.touched(&object.name());
        self.folder.put(object)
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        self.touched(name);
        self.folder.get(name, wanted)
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        if folder == self.listed {
            self.once.call_once(&self.happens);
        }
        self.folder.list(folder, page)
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        self.folder.remove(name)
    }

    fn place(&self) -> String {
        self.folder.place()
    }
}
