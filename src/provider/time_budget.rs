//! A place around a place that may take so much of a run's time and no more: what its answers and bodies are worth on the slowest link,
//! and a budget beyond. One that lets every request hang is given up for the run, however often it is asked; other stores go on.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::provider::around::{Around, Asked, TakePage};
use crate::provider::gate::Gate;
use crate::provider::patience::{MOST_AT_ONCE, worth};
use crate::provider::reason::Reason;
use crate::provider::{Listed, Pending, Provider, ProviderError};

/// What a store may take of a run beyond what it is worth.
const BUDGET: Duration = Duration::from_secs(600);
/// What a request, or a page of a listing, may take.
const REQUEST: Duration = Duration::from_secs(5);
/// How often it is looked whether the budget still holds.
const LOOK: Duration = Duration::from_secs(1);

/// Keeps a place within its budget.
pub struct TimeBudget {
    inner: Box<dyn Provider>,
    spent: Mutex<Duration>,
}

/// One call, and what it is worth.
struct Call {
    begun: Instant,
    bytes: usize,
    pages: AtomicU32,
    gate: Option<(Arc<Gate>, u64)>,
}

impl Call {
    /// How long it took beyond what its requests may take.
    fn beyond(&self) -> Duration {
        let limited = self.gate.as_ref().map_or(Duration::ZERO, |(gate, before)| {
            gate.time_of(crate::core::codec::clamp_usize(gate.passed().saturating_sub(*before))) * MOST_AT_ONCE
        });
        let granted = REQUEST * (1 + self.pages.load(Ordering::Relaxed)) + limited;
        self.begun.elapsed().saturating_sub(granted)
    }
}

impl TimeBudget {
    /// Around `inner`.
    pub fn around(inner: Box<dyn Provider>) -> Self {
        Self { inner, spent: Mutex::new(Duration::ZERO) }
    }

    fn spent(&self) -> Duration {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, bytes: usize) -> Call {
        let gate = self.inner.gate().map(|gate| (gate.clone(), gate.passed()));
        Call { begun: Instant::now(), bytes, pages: AtomicU32::new(0), gate }
    }

    async fn within<T>(&self, call: &Call, work: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        let given_up = || ProviderError::Unreachable(Reason::TooSlow {});
        if self.spent() >= BUDGET {
            return Err(given_up());
        }
        let over = async {
            while self.spent() + call.beyond().saturating_sub(worth(call.bytes)) < BUDGET {
                tokio::time::sleep(LOOK).await;
            }
        };
        let done = tokio::select! {
            biased;
            done = work => done,
            () = over => Err(given_up()),
        };
        // what failed is worth nothing
        let worth = if done.is_ok() { worth(call.bytes) } else { Duration::ZERO };
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += call.beyond().saturating_sub(worth);
        done
    }
}

impl Around for TimeBudget {
    fn inner(&self) -> &dyn Provider {
        &*self.inner
    }

    fn through<'a, T: Send + 'a>(&'a self, asked: Asked, call: impl FnOnce() -> Pending<'a, T> + Send + 'a) -> Pending<'a, T> {
        let bytes = match asked {
            Asked::Put(bytes) | Asked::Get(bytes) => bytes,
            Asked::List | Asked::Remove => 0,
        };
        Box::pin(async move { self.within(&self.call(bytes), async move { call().await }).await })
    }

    /// Each page of a listing may take as long as a request.
    fn list_through<'a>(&'a self, folder: &'a str, page: TakePage<'a>) -> Pending<'a, ()> {
        Box::pin(async move {
            let call = self.call(0);
            let mut counted = |names: &[Listed]| {
                call.pages.fetch_add(1, Ordering::Relaxed);
                page(names);
            };
            self.within(&call, self.inner.list(folder, &mut counted)).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::{ObjectId, ObjectName};
    use crate::core::seal::Proved;
    use crate::provider::{PutReceipt, Wanted};

    /// A place that lets every request, and every page of a listing, hang for so long; its listing has no end.
    struct Hanging(Duration);

    impl Provider for Hanging {
        fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
            Box::pin(async { Err(ProviderError::Taken) })
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Wanted) -> Pending<'a, Vec<u8>> {
            Box::pin(async {
                tokio::time::sleep(self.0).await;
                Ok(vec![0; 400])
            })
        }

        fn list<'a>(&'a self, _: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            Box::pin(async move {
                loop {
                    tokio::time::sleep(self.0).await;
                    page(&[]);
                }
            })
        }

        fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(async { Ok(()) })
        }

        fn place(&self) -> String {
            "a test".into()
        }
    }

    /// How many of 4,000 objects a place gives within its budget, and how long that takes.
    fn given(pause: Duration) -> (usize, Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let place = TimeBudget::around(Box::new(Hanging(pause)));
            let name = ObjectName::Slot(ObjectId::from_bytes([1; 16]));
            let (begun, mut given) = (Instant::now(), 0);
            for _ in 0..4000 {
                match place.get(&name, Wanted::announced(&name, 400)).await {
                    Ok(_) => given += 1,
                    Err(error) => assert!(error.is_transient(), "{error}"),
                }
            }
            (given, begun.elapsed())
        })
    }

    #[test]
    fn a_store_that_lets_every_request_hang_is_given_up_and_one_that_is_only_far_is_not() {
        let (few, took) = given(Duration::from_secs(29));
        assert!(few < 40 && took < Duration::from_secs(1200), "{few} {took:?}");
        assert_eq!(given(Duration::from_secs(2)).0, 4000);
    }

    #[test]
    fn a_listing_without_end_is_given_up_where_its_pages_hang() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let place = TimeBudget::around(Box::new(Hanging(Duration::from_secs(29))));
            let begun = Instant::now();
            let error = place.list("packs", &mut |_| {}).await.unwrap_err();
            assert!(error.is_transient() && begun.elapsed() < Duration::from_secs(1200), "{error} {:?}", begun.elapsed());
        });
    }
}
