//! Running the futures of providers: until they end, or a stop is asked for, so that no slow link holds a run that shall end.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::engine::cancel::Cancel;
use crate::engine::error::EngineError;
use crate::provider::NotDriven;

/// So long is waited for the system's own blocking calls (looking a name up) when all is done; what still runs then is left behind.
const LEAVE: Duration = Duration::from_millis(100);

/// One background thread that drives what providers do, begun when it is first needed; clones share it, and it ends with the last.
#[derive(Clone)]
pub struct Runtime {
    driver: Arc<Driver>,
    cancel: Cancel,
}

/// The thread, or why there is none.
#[derive(Default)]
struct Driver(OnceLock<Result<tokio::runtime::Runtime, String>>);

impl Runtime {
    /// A runtime that `cancel` stops.
    pub fn new(cancel: &Cancel) -> Self {
        Self { driver: Arc::default(), cancel: cancel.clone() }
    }

    fn inner(&self) -> Result<&tokio::runtime::Runtime, NotDriven> {
        let begin = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let inner = self.driver.0.get_or_init(|| begin().map_err(|error| error.to_string()));
        inner.as_ref().map_err(|why| NotDriven::NoThread(why.clone()))
    }

    /// Stops here if a stop was asked for: whoever takes a place's silence for an answer asks this first.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`].
    pub fn check(&self) -> Result<(), EngineError> {
        self.cancel.check()
    }

    /// Drives work that cannot fail to its end, or leaves it like [`block_on`](Self::block_on).
    ///
    /// # Errors
    /// [`NotDriven`], where a stop is asked for or the system gives no thread.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, NotDriven> {
        self.block_on(async { Ok(work.await) })
    }

    /// Drives the work to its end. Where a stop is asked for, it is dropped where it stands: its connection closes, what was acknowledged
    /// before counts, and nothing more is begun.
    ///
    /// # Errors
    /// What the work says, or [`NotDriven`] like [`run`](Self::run).
    pub fn block_on<T, E: From<NotDriven>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.inner()?.block_on(async {
            tokio::select! {
                // a stop that was asked for already is seen before any work begins
                biased;
                () = self.cancel.cancelled() => Err(NotDriven::Stopped.into()),
                done = work => done,
            }
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(Ok(inner)) = self.0.take() {
            inner.shutdown_timeout(LEAVE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderError;

    #[test]
    fn work_that_never_ends_stops_when_it_is_asked_to_and_none_begins_after() {
        let cancel = Cancel::default();
        let runtime = Runtime::new(&cancel);
        let done: Result<u8, ProviderError> = runtime.block_on(async {
            cancel.cancel();
            std::future::pending().await
        });
        assert_eq!(done, Err(ProviderError::Stopped));
        let begun: Result<(), ProviderError> = runtime.block_on(async { panic!("began") });
        assert_eq!(begun, Err(ProviderError::Stopped));
    }

    #[test]
    fn what_the_system_does_not_give_back_holds_nobody() {
        let (entered, is_in) = std::sync::mpsc::channel();
        let (_held, holding) = std::sync::mpsc::channel::<()>();
        let runtime = Runtime::new(&Cancel::default());
        let stuck: Result<(), ProviderError> = runtime.block_on(async {
            tokio::task::spawn_blocking(move || {
                entered.send(()).unwrap();
                let _ = holding.recv_timeout(Duration::from_secs(60));
            });
            Ok(())
        });
        stuck.unwrap();
        is_in.recv().unwrap();
        let begun = std::time::Instant::now();
        drop(runtime);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
