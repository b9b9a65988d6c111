//! The contract that every backend keeps, and what checks at the common entry add to it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::core::testing::Counting;
use crate::local::cache::{redb, sled};

const BACKENDS: [Backend; 2] = [Backend::Sled, Backend::Redb];

fn key() -> Secret<32> {
    Secret::random(&Counting::new(1)).unwrap()
}

fn open(folder: &Path, backend: Backend) -> Opened {
    Cache::open(folder, backend, &key(), &[1; 32], &Counting::new(2)).unwrap()
}

fn put(key: &[u8], value: &[u8]) -> Change {
    Change::put(key, value.to_vec())
}

fn raw(folder: &Path, backend: Backend) -> Box<dyn CacheStore> {
    match backend {
        Backend::Sled => Box::new(sled::Sled::open(folder).unwrap()),
        Backend::Redb => Box::new(redb::Redb::open(folder).unwrap()),
    }
}

fn all(store: &dyn CacheStore, table: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut look = |key: &[u8], value: &[u8]| {
        found.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    };
    store.for_each(table, &mut look).unwrap();
    found.sort();
    found
}

#[test]
fn a_backend_gives_what_was_put() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let store = raw(folder.path(), backend);
        let keys: Vec<[u8; KEY_LEN]> = (0..6u8).map(|n| [n; KEY_LEN]).collect();
        assert_eq!(store.get(&keys[1]).unwrap(), None, "{backend:?}");
        store.apply(&[(keys[1], Some(vec![1])), (keys[2], Some(vec![])), (keys[3], Some(vec![3; MAX_VALUE + 28]))]).unwrap();
        store.apply(&[(keys[1], Some(vec![9])), (keys[3], None), (keys[4], None), (keys[5], Some(vec![5]))]).unwrap();
        store.apply(&[]).unwrap();
        assert_eq!(store.get(&keys[1]).unwrap(), Some(vec![9]), "a later value wins");
        assert_eq!(store.get(&keys[2]).unwrap(), Some(vec![]), "an empty value is a value");
        assert_eq!((store.get(&keys[3]).unwrap(), store.get(&keys[4]).unwrap()), (None, None));
        assert_eq!(all(&*store, 1), [(keys[1].to_vec(), vec![9])], "a table ends where the next begins");
        assert_eq!(all(&*store, 0), []);
        let mut seen = 0;
        store
            .for_each(5, &mut |_, _| {
                seen += 1;
                ControlFlow::Break(())
            })
            .unwrap();
        assert_eq!(seen, 1);
        store.barrier().unwrap();
        drop(store);
        let store = raw(folder.path(), backend);
        assert_eq!(store.get(&keys[5]).unwrap(), Some(vec![5]), "{backend:?}: it is there after closing");
    }
}

/// Later changes to a key win, within a batch too.
#[test]
fn a_batch_is_in_order() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let store = raw(folder.path(), backend);
        let key = [1; KEY_LEN];
        store.apply(&[(key, Some(vec![1])), (key, None), (key, Some(vec![2]))]).unwrap();
        assert_eq!(store.get(&key).unwrap(), Some(vec![2]), "{backend:?}");
        store.apply(&[(key, Some(vec![3])), (key, None)]).unwrap();
        assert_eq!(store.get(&key).unwrap(), None, "{backend:?}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, usize),
    Forget(u8),
    Barrier,
    Reopen,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..40u8, 0..MAX_VALUE + 1).prop_map(|(k, n)| Step::Put(k, n)),
        4 => (0..40u8).prop_map(Step::Forget),
        1 => Just(Step::Barrier),
        1 => Just(Step::Reopen),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Both backends do what a map does, across barriers, closing and clearing.
    #[test]
    fn a_state_is_a_map(steps in prop::collection::vec(step(), 1..60)) {
        for backend in BACKENDS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            let mut state = open(&path, backend).state;
            let mut model: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
            for (n, step) in steps.iter().enumerate() {
                match *step {
                    Step::Put(k, length) => {
                        let value = vec![n.to_le_bytes()[0]; length];
                        state.apply(&[put(&[k], &value)]).unwrap();
                        model.insert(k, value);
                    }
                    Step::Forget(k) => {
                        state.apply(&[Change::forget(&[k])]).unwrap();
                        model.remove(&k);
                    }
                    Step::Barrier => state.barrier().unwrap(),
                    Step::Reopen => {
                        drop(state);
                        let opened = open(&path, backend);
                        prop_assert_eq!(opened.rebuilt, None);
                        state = opened.state;
                    }
                    Step::Clear => {
                        state.clear().unwrap();
                        model.clear();
                    }
                }
            }
            for k in 0..40 {
                prop_assert_eq!(state.get(&[k]).unwrap(), model.get(&k).cloned());
            }
            let mut found = Vec::new();
            let mut look = |value: &[u8]| {
                found.push(value.to_vec());
                ControlFlow::Continue(())
            };
            state.for_each(&mut look).unwrap();
            let mut expected: Vec<_> = model.into_values().collect();
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_value_over_the_limit_is_refused_and_nothing_else_changes() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let state = open(&folder.path().join("state"), backend).state;
        let changes = [put(b"a", b"1"), put(b"b", &[0; MAX_VALUE + 1])];
        assert_eq!(state.apply(&changes), Err(CacheError::TooLarge));
        assert_eq!(state.get(b"a").unwrap(), None);
        state.apply(&[put(b"b", &[0; MAX_VALUE])]).unwrap();
    }
}

/// A value that was moved, swapped or changed in the database does not open.
#[test]
fn values_open_only_in_their_own_place() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let state = open(&folder.path().join("state"), backend).state;
        state.apply(&[put(b"a", b"1"), put(b"b", b"2"), put(b"c", b"3")]).unwrap();
        let inner = state.inner();
        let at = |key: &[u8]| inner.keys.raw_key(key);
        let places = [at(b"a"), at(b"b"), at(b"c")];
        let sealed = places.map(|place| inner.store.get(&place).unwrap().unwrap());
        for (to, from) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
            inner.store.apply(&[(places[to], Some(sealed[from].clone()))]).unwrap();
            assert_eq!(
                inner.keys.open_value(&places[to], &inner.store.get(&places[to]).unwrap().unwrap()),
                Err(CacheError::Damaged)
            );
            inner.store.apply(&[(places[to], Some(sealed[to].clone()))]).unwrap();
        }
        inner.store.apply(&[(places[0], Some(vec![1, 2, 3]))]).unwrap();
        drop(inner);
        assert_eq!(state.get(b"a"), Err(CacheError::Damaged));
        assert_eq!(state.for_each(&mut |_| ControlFlow::Continue(())), Err(CacheError::Damaged));
    }
}

#[test]
fn nothing_in_the_files_tells_what_is_in_them() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = open(&path, backend).state;
        let many: Vec<_> = (0..500u32).map(|n| put(format!("canary-{n}").as_bytes(), b"canary-value")).collect();
        state.apply(&many).unwrap();
        state.barrier().unwrap();
        drop(state);
        let (mut seen, mut folders) = (0, vec![path]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let bytes = std::fs::read(entry.path()).unwrap();
                seen += bytes.len();
                assert!(!bytes.windows(6).any(|w| w == b"canary" || w == [1; 6]), "{}", entry.path().display());
            }
        }
        assert!(seen > 10_000);
    }
}

#[test]
fn clearing_gives_the_room_back_and_draws_another_salt() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = open(&path, backend).state;
        let before = state.inner().keys.raw_key(b"a");
        for n in 0..40u8 {
            let many: Vec<_> = (0..100u32).map(|k| put(&k.to_le_bytes(), &vec![n; 4000])).collect();
            state.apply(&many).unwrap();
        }
        state.barrier().unwrap();
        let full = state.len_on_disk();
        state.clear().unwrap();
        assert!(state.len_on_disk() * 2 < full, "{backend:?}: {full} {}", state.len_on_disk());
        assert_eq!(state.get(&1u32.to_le_bytes()).unwrap(), None);
        assert_ne!(state.inner().keys.raw_key(b"a"), before);
        state.apply(&[put(b"a", b"1")]).unwrap();
        state.barrier().unwrap();
        drop(state);
        let Opened { state, rebuilt } = open(&path, backend);
        assert_eq!((state.get(b"a").unwrap().as_deref(), rebuilt), (Some(&b"1"[..]), None));
    }
}

/// A database that grew and was emptied is begun anew; one that is as large as what lives in it is kept.
#[test]
fn a_bloated_database_is_begun_anew() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = open(&path, backend).state;
        for from in (0..6000u32).step_by(100) {
            let many: Vec<_> = (from..from + 100).map(|k| put(&k.to_le_bytes(), &[7; 4000])).collect();
            state.apply(&many).unwrap();
        }
        state.barrier().unwrap();
        drop(state);
        let Opened { state, rebuilt } = open(&path, backend);
        assert_eq!(rebuilt, None, "{backend:?}: it is full");
        let many: Vec<_> = (10..6000u32).map(|k| Change::forget(&k.to_le_bytes())).collect();
        state.apply(&many).unwrap();
        state.barrier().unwrap();
        drop(state);
        // weighed at its present size already, so that nobody looks until it has doubled
        assert_eq!(open(&path, backend).rebuilt, None, "{backend:?}");
        let place = |state: &Cache| Place { folder: path.clone(), backend, local_key: key(), stamp: state.place.stamp };
        let state = open(&path, backend).state;
        let place = place(&state);
        {
            let inner = state.inner();
            inner.keys.write_size(&inner.store, &place, inner.backend, 0, &Counting::new(9)).unwrap();
        }
        drop(state);
        assert_eq!(open(&path, backend).rebuilt, Some(CacheError::Bloated), "{backend:?}");
    }
}

/// In use is not damaged: whoever comes second is told, nothing is set aside, and what is there stays.
#[test]
fn a_database_that_another_owns_is_left_as_it_is() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = open(&path, backend).state;
        state.apply(&[put(b"a", b"1")]).unwrap();
        let again = Cache::open(&path, backend, &key(), &state.place.stamp, &Counting::new(3));
        assert_eq!(again.err(), Some(CacheError::InUse), "{backend:?}");
        assert_eq!(set_aside(&path), Err(CacheError::InUse));
        // nor where the lock beside it is not heeded
        assert_eq!(open_store(&path, backend).err(), Some(CacheError::InUse), "{backend:?}");
        assert!(!folder.path().join("state.set-aside").exists());
        drop(state);
        let Opened { state, rebuilt } = open(&path, backend);
        assert_eq!((state.get(b"a").unwrap().as_deref(), rebuilt), (Some(&b"1"[..]), None));
    }
}

#[test]
fn without_randomness_nothing_is_written() {
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(Cache::open(&path, backend, &key(), &[1; 32], &Broken).err(), Some(CacheError::Randomness));
        let mut state = open(&path, backend).state;
        state.random = Box::new(Broken);
        assert_eq!(state.apply(&[put(b"a", b"1")]), Err(CacheError::Randomness));
        assert_eq!(state.get(b"a").unwrap(), None);
    }
}

/// Entries whose header is gone cannot be read, and would only be stumbled over.
#[test]
fn entries_without_a_header_are_set_aside() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let state = open(&path, backend).state;
        state.apply(&[put(b"a", b"1")]).unwrap();
        state.inner().store.apply(&[([0; KEY_LEN], None)]).unwrap();
        state.barrier().unwrap();
        drop(state);
        assert_eq!(open(&path, backend).rebuilt, Some(CacheError::Damaged), "{backend:?}");
    }
}

/// A database that outgrows sled goes on in redb with everything in it, and stays there.
#[test]
fn a_large_database_moves_on_and_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let value = |n: u32| [n.to_le_bytes().as_slice(), &[7; 200]].concat();
    let changes: Vec<_> = (0..20_000u32).map(|n| Change::put(&n.to_le_bytes(), value(n))).collect();
    let state = open(&path, Backend::Sled).state;
    changes[..2000].chunks(100).for_each(|part| state.apply(part).unwrap());
    assert_eq!(state.inner().backend, Backend::Sled, "a small one stays");
    changes[2000..].chunks(100).for_each(|part| state.apply(part).unwrap());
    assert_eq!(state.inner().backend, Backend::Redb);
    let check = |state: &Cache| {
        for n in 0..20_000u32 {
            assert_eq!(state.get(&n.to_le_bytes()).unwrap(), Some(value(n)), "{n}");
        }
    };
    check(&state);
    drop(state);
    let Opened { state, rebuilt } = open(&path, Backend::Sled);
    assert!(rebuilt.is_none(), "{rebuilt:?}");
    check(&state);
    state.clear().unwrap();
    assert_eq!(state.inner().backend, Backend::Sled, "one that begins anew is small again");
}
