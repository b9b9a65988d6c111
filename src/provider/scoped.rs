//! A place around a place that keeps within what a device which only writes may do.

use std::sync::Arc;

use crate::core::name::ObjectName;
use crate::core::seal::Proved;
use crate::provider::gate::Gate;
use crate::provider::reason::Reason;
use crate::provider::scope::{NEEDED, Scope, ScopeView, is_below};
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Wanted};

/// A place that is asked for nothing that a device which only writes need not know.
pub struct ScopedProvider {
    inner: Box<dyn Provider>,
    view: ScopeView,
}

impl ScopedProvider {
    /// Around `inner`.
    pub fn around(inner: Box<dyn Provider>, scope: Scope) -> Self {
        Self { inner, view: ScopeView::of(scope) }
    }

    async fn list_within(&self, folder: &str, page: &mut (dyn FnMut(&[Listed]) + Send)) -> Result<(), ProviderError> {
        let within = self.view.scope().within(folder);
        if within.is_empty() {
            return Err(outside("look at", folder));
        }
        for part in within {
            let part = if is_below(folder, &part) { folder.to_owned() } else { part };
            match self.inner.list(&part, page).await {
                Err(ProviderError::Refused(_)) if !NEEDED.iter().any(|needed| is_below(&part, needed)) => {
                    self.view.refused(part);
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn outside(what: &str, name: impl std::fmt::Display) -> ProviderError {
    ProviderError::Refused(Reason::OutOfScope { action: what.to_owned(), object: name.to_string() })
}

impl Provider for ScopedProvider {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(async move {
            let name = object.name();
            if self.view.scope().writes(&name) { self.inner.put(object).await } else { Err(outside("write", name)) }
        })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            if self.view.scope().reads(name) { self.inner.get(name, wanted).await } else { Err(outside("read", name)) }
        })
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
        Box::pin(std::future::ready(Err(ProviderError::Missing)))
    }

    fn narrow(&self) -> Option<&ScopeView> {
        Some(&self.view)
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.inner.gate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::{AccountId, DeviceId, ObjectId};
    use crate::core::seal::{To, seal};
    use crate::core::testing::Counting;

    const ME: DeviceId = DeviceId::from_bytes([1; 16]);
    const DELETER: DeviceId = DeviceId::from_bytes([2; 16]);
    const ID: ObjectId = ObjectId::from_bytes([9; 16]);

    /// A place that says what it was asked for.
    struct AskedPlace;

    fn asked<'a, T: Send + 'a>(what: &str) -> Pending<'a, T> {
        Box::pin(std::future::ready(Err(ProviderError::Local(what.into()))))
    }

    impl Provider for AskedPlace {
        fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
            asked("put")
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Wanted) -> Pending<'a, Vec<u8>> {
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
        let place = ScopedProvider::around(Box::new(AskedPlace), Scope { device: ME, deleters: vec![DELETER] });
        let (account, random) = (AccountId::from_bytes([1; 16]), Counting::new(2));
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let is = |said: &str| ProviderError::Local(said.into());
        for (name, written, read) in
            [(Head(ME, 1), true, true), (Pack(ID), true, false), (Roster(1), false, true), (Slot(ID), false, false)]
        {
            let object = seal(&keys, name, To::Devices, b"x", &random).unwrap();
            let put = runtime.block_on(place.put(&object)).unwrap_err();
            assert_eq!(put == is("put"), written, "{name}: {put:?}");
            let got = runtime.block_on(place.get(&name, Wanted::whole(&name))).unwrap_err();
            assert_eq!(got == is("get"), read, "{name}: {got:?}");
            assert!(matches!(runtime.block_on(place.remove(&name)), Err(ProviderError::Refused(_))), "{name}");
        }
        assert!(matches!(runtime.block_on(place.list("slots", &mut |_| {})), Err(ProviderError::Refused(_))));
        assert_eq!(runtime.block_on(place.list("roster", &mut |_| {})), Err(is("list")));
    }
}
