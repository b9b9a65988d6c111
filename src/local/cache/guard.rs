//! Holds a database at arm's length: a panic of its code is an error like any other, and after an error it is asked nothing more.
//!
//! Both databases panic on some damaged files, when they are opened, read, written or closed (redb says so; sled was seen to).

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{CacheError, CacheStore, KEY_LEN, RawChange, Visitor};

thread_local! {
    static GUARDING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread now would be caught and answered by a rebuild: a panic hook then has nothing to say.
pub fn is_guarding() -> bool {
    GUARDING.get()
}

/// Runs the database's code; a panic comes out as an error.
fn guard<T>(f: impl FnOnce() -> Result<T, CacheError>) -> Result<T, CacheError> {
    let before = GUARDING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    GUARDING.set(before);
    result.unwrap_or(Err(CacheError::Panicked))
}

/// A database behind a guard.
pub struct Guarded {
    /// None once it was closed.
    store: Option<Box<dyn CacheStore>>,
    failed: AtomicBool,
}

impl Guarded {
    /// Opens a database.
    pub fn open(open: impl FnOnce() -> Result<Box<dyn CacheStore>, CacheError>) -> Result<Self, CacheError> {
        Ok(Self { store: Some(guard(open)?), failed: AtomicBool::new(false) })
    }

    fn call<T>(&self, f: impl FnOnce(&dyn CacheStore) -> Result<T, CacheError>) -> Result<T, CacheError> {
        let store = self.store.as_deref().filter(|_| !self.failed.load(Ordering::Acquire)).ok_or(CacheError::Failed)?;
        let result = guard(|| f(store));
        if result.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        result
    }

    /// Closes it; what goes wrong then is found when it is opened again.
    pub fn close(&mut self) {
        let store = self.store.take();
        let _ = guard(|| {
            drop(store);
            Ok(())
        });
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.close();
    }
}

impl CacheStore for Guarded {
    fn get(&self, key: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, CacheError> {
        self.call(|store| store.get(key))
    }

    fn apply(&self, changes: &[RawChange]) -> Result<(), CacheError> {
        self.call(|store| store.apply(changes))
    }

    fn for_each(&self, table: u8, f: Visitor<'_>) -> Result<(), CacheError> {
        // a panic of the looker is our own and goes on its way
        let mut own = None;
        let result = self.call(|store| {
            store.for_each(table, &mut |key, value| {
                let before = GUARDING.replace(false);
                let looked = catch_unwind(AssertUnwindSafe(|| f(key, value)));
                GUARDING.set(before);
                looked.unwrap_or_else(|panic| {
                    own = Some(panic);
                    ControlFlow::Break(())
                })
            })
        });
        match own {
            Some(panic) => resume_unwind(panic),
            None => result,
        }
    }

    fn barrier(&self) -> Result<(), CacheError> {
        self.call(|store| store.barrier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics at everything.
    struct Panics;

    impl CacheStore for Panics {
        fn get(&self, _: &[u8; KEY_LEN]) -> Result<Option<Vec<u8>>, CacheError> {
            panic!("get")
        }
        fn apply(&self, _: &[RawChange]) -> Result<(), CacheError> {
            panic!("apply")
        }
        fn for_each(&self, table: u8, f: Visitor<'_>) -> Result<(), CacheError> {
            let _ = f(&[table], &[]);
            Ok(())
        }
        fn barrier(&self) -> Result<(), CacheError> {
            panic!("barrier")
        }
    }

    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("drop")
        }
    }

    #[test]
    fn no_panic_of_a_database_comes_through() {
        assert!(matches!(Guarded::open(|| panic!("open")).err(), Some(CacheError::Panicked)));
        let new = || Guarded::open(|| Ok(Box::new(Panics))).unwrap();
        assert_eq!(new().get(&[0; KEY_LEN]), Err(CacheError::Panicked));
        assert_eq!(new().apply(&[]), Err(CacheError::Panicked));
        let guarded = new();
        assert_eq!(guarded.barrier(), Err(CacheError::Panicked));
        assert_eq!(guarded.get(&[0; KEY_LEN]), Err(CacheError::Failed), "nothing is asked of it any more");
        assert!(!is_guarding());
    }

    #[test]
    fn a_panic_of_the_looker_is_not_taken_for_the_databases() {
        let guarded = Guarded::open(|| Ok(Box::new(Panics))).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| guarded.for_each(1, &mut |_, _| panic!("own")))).is_err());
        assert!(!is_guarding());
    }
}
