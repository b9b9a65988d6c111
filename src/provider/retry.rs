//! A place around a place: tries transient failures again, with growing pauses and full jitter, bounded in number.

use std::sync::Arc;
use std::time::Duration;

use crate::core::name::ObjectName;
use crate::core::random::Random;
use crate::core::seal::Proved;
use crate::provider::gate::Gate;
use crate::provider::scope::ScopeView;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Wanted};

/// How often a call is tried.
const TRIES: u32 = 5;
/// The longest first pause; each next one may be twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// Tries again what may succeed later.
pub struct Retry {
    inner: Box<dyn Provider>,
    random: Arc<dyn Random>,
}

impl Retry {
    /// Around `inner`; `random` spreads the pauses, so that many printers do not come back at once.
    pub fn around(inner: Box<dyn Provider>, random: Arc<dyn Random>) -> Self {
        Self { inner, random }
    }

    /// Whether to try once more, after a pause.
    async fn again(&self, tried: u32, error: &ProviderError) -> bool {
        if tried >= TRIES || !error.is_transient() {
            return false;
        }
        let most = FIRST * 2u32.pow(tried - 1);
        let share = crate::core::random::bytes::<2>(&*self.random).map_or(1.0, |b| f64::from(u16::from_le_bytes(b)) / 65_536.0);
        tokio::time::sleep(most.mul_f64(share)).await;
        true
    }
}

macro_rules! retried {
    ($self:ident, $call:expr) => {
        Box::pin(async move {
            let mut tried = 0;
            loop {
                tried += 1;
                match $call.await {
                    Err(error) if $self.again(tried, &error).await => {}
                    done => return done,
                }
            }
        })
    };
}

impl Provider for Retry {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        retried!(self, self.inner.put(object))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        retried!(self, self.inner.get(name, wanted))
    }

    /// Pages that were told of before a failure are told of again.
    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        retried!(self, self.inner.list(folder, page))
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        retried!(self, self.inner.remove(name))
    }

    fn place(&self) -> String {
        self.inner.place()
    }

    fn narrow(&self) -> Option<&ScopeView> {
        self.inner.narrow()
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.inner.gate()
    }

    fn earlier<'a>(&'a self, name: &'a ObjectName, nth: usize) -> Pending<'a, Vec<u8>> {
        retried!(self, self.inner.earlier(name, nth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;
    use crate::core::testing::Counting;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Failing {
        calls: Arc<AtomicU32>,
        failures: u32,
        error: ProviderError,
    }

    impl Provider for Failing {
        fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
            Box::pin(async { Err(ProviderError::Missing) })
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Wanted) -> Pending<'a, Vec<u8>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { if call < self.failures { Err(self.error.clone()) } else { Ok(vec![1]) } })
        }

        fn list<'a>(&'a self, _: &'a str, _: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            Box::pin(async { Ok(()) })
        }

        fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(async { Ok(()) })
        }

        fn place(&self) -> String {
            "a test".into()
        }
    }

    fn get(failures: u32, error: ProviderError) -> (Result<Vec<u8>, ProviderError>, u32) {
        let calls = Arc::new(AtomicU32::new(0));
        let inner = Failing { calls: calls.clone(), failures, error };
        let retry = Retry::around(Box::new(inner), Arc::new(Counting::new(1)));
        let name = ObjectName::Slot(ObjectId::from_bytes([1; 16]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        (runtime.block_on(retry.get(&name, Wanted::whole(&name))), calls.load(Ordering::Relaxed))
    }

    #[test]
    fn only_what_may_succeed_later_is_tried_again_and_not_for_ever() {
        let away = ProviderError::Unreachable("away".into());
        assert_eq!(get(2, away.clone()), (Ok(vec![1]), 3));
        assert_eq!(get(99, away.clone()), (Err(away), TRIES));
        for error in [ProviderError::Refused("no".into()), ProviderError::Missing, ProviderError::NotTrusted("no".into())] {
            assert_eq!(get(2, error.clone()), (Err(error), 1));
        }
    }
}
