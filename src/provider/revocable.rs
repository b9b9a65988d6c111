//! A place on a leash: whatever it is doing stops within a fifth of a second once the owner takes the consent back.

use std::future::Future;
use std::time::Duration;

use crate::consent::{Permit, Revocation};
use crate::provider::around::{Around, Asked};
use crate::provider::{Pending, Provider, ProviderError};

/// How often it is looked whether the consent still holds.
const LOOK: Duration = Duration::from_millis(100);

/// Ends once the owner takes the consent back.
pub async fn pulled(leash: &Revocation) {
    while !leash.is_pulled() {
        tokio::time::sleep(LOOK).await;
    }
}

/// A place that is used no longer than the consent to it holds.
pub struct Revocable {
    inner: Box<dyn Provider>,
    leash: Revocation,
}

impl Revocable {
    /// Around `inner`.
    pub fn around(inner: Box<dyn Provider>, permit: &Permit) -> Box<dyn Provider> {
        Box::new(Self { inner, leash: permit.leash() })
    }

    async fn while_allowed<T>(&self, work: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        tokio::select! {
            // a leash that is pulled already is seen before any work begins
            biased;
            // what is on its way is dropped, and its connection closed
            () = pulled(&self.leash) => Err(ProviderError::Withdrawn),
            done = work => done,
        }
    }
}

impl Around for Revocable {
    fn inner(&self) -> &dyn Provider {
        &*self.inner
    }

    fn through<'a, T: Send + 'a>(&'a self, _: Asked, call: impl FnOnce() -> Pending<'a, T> + Send + 'a) -> Pending<'a, T> {
        Box::pin(self.while_allowed(async move { call().await }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentContext, Decision, Item, Language, Ledger, Policy, Surface};
    use crate::core::name::{ObjectId, ObjectName};
    use crate::core::seal::Proved;
    use crate::provider::{Listed, PutReceipt, Wanted};

    /// A place that never answers.
    struct Silent;

    impl Provider for Silent {
        fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
            Box::pin(std::future::pending())
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Wanted) -> Pending<'a, Vec<u8>> {
            Box::pin(std::future::pending())
        }

        fn list<'a>(&'a self, _: &'a str, _: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            Box::pin(std::future::pending())
        }

        fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(std::future::pending())
        }

        fn place(&self) -> String {
            "a test".into()
        }
    }

    #[test]
    fn what_is_on_its_way_stops_within_a_second() {
        let mut ledger = Ledger::under(Some(Policy::built_in().into()));
        let asked = ConsentContext { language: Language::English, surface: Surface::CommandLine, time: 0 };
        ledger.push(ledger.decide(Item::Network, Decision::Granted, asked, [0; 16]).unwrap()).unwrap();
        let place = Revocable::around(Box::new(Silent), &ledger.permit(Item::Network).unwrap());
        let name = ObjectName::Slot(ObjectId::from_bytes([1; 16]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let working = async { place.get(&name, Wanted::whole(&name)).await };
            let owner = async {
                tokio::time::sleep(Duration::from_secs(5)).await;
                ledger.push(ledger.decide(Item::Network, Decision::Withdrawn, asked, [0; 16]).unwrap()).unwrap();
                tokio::time::Instant::now()
            };
            let (done, withdrawn) = tokio::join!(working, owner);
            assert_eq!(done, Err(ProviderError::Withdrawn));
            assert!(withdrawn.elapsed() < Duration::from_secs(1), "{:?}", withdrawn.elapsed());
            // and nothing is begun any more
            assert_eq!(place.list("slots", &mut |_| {}).await, Err(ProviderError::Withdrawn));
        });
    }
}
