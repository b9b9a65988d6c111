//! A place around a place: each call goes to the one inside, and its answer comes through the one outside, which may delay, refuse or note it.

use std::sync::Arc;

use crate::core::name::ObjectName;
use crate::core::seal::Proved;
use crate::provider::gate::Gate;
use crate::provider::scope::ScopeView;
use crate::provider::{Listed, Pending, Provider, PutReceipt, Wanted};

/// What was asked of a place, with the bytes that it may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To keep an object.
    Put(usize),
    /// To give one, or part of one.
    Get(usize),
    /// To list.
    List,
    /// To remove one.
    Remove,
}

/// A page of a listing is taken by this.
pub type TakePage<'a> = &'a mut (dyn FnMut(&[Listed]) + Send);

/// A place around another; it is a [`Provider`] by that.
pub trait Around: Send + Sync {
    /// The place inside.
    fn inner(&self) -> &dyn Provider;

    /// Lets a call through: `call` begins what the place inside does, and nothing does before it.
    fn through<'a, T: Send + 'a>(&'a self, asked: Asked, call: impl FnOnce() -> Pending<'a, T> + Send + 'a) -> Pending<'a, T>;

    /// The same for a listing.
    fn list_through<'a>(&'a self, folder: &'a str, page: TakePage<'a>) -> Pending<'a, ()> {
        self.through(Asked::List, move || self.inner().list(folder, page))
    }
}

impl<A: Around> Provider for A {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        self.through(Asked::Put(object.bytes().len()), move || self.inner().put(object))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        let most = wanted.most();
        self.through(Asked::Get(most), move || self.inner().get(name, wanted))
    }

    fn list<'a>(&'a self, folder: &'a str, page: TakePage<'a>) -> Pending<'a, ()> {
        self.list_through(folder, page)
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        self.through(Asked::Remove, move || self.inner().remove(name))
    }

    fn earlier<'a>(&'a self, name: &'a ObjectName, nth: usize) -> Pending<'a, Vec<u8>> {
        self.through(Asked::Get(name.max_size()), move || self.inner().earlier(name, nth))
    }

    fn narrow(&self) -> Option<&ScopeView> {
        self.inner().narrow()
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.inner().gate()
    }

    fn place(&self) -> String {
        self.inner().place()
    }
}
