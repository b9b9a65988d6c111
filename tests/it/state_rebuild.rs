//! Whatever happens to the files of local state, the next run opens by itself, and never gives a value that was not put.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use printkeep::core::random::Random;
use printkeep::core::secret::Secret;
use printkeep::local::cache::{Backend, Cache, CacheError, Change, Opened, is_guarding, set_aside};
use printkeep::local::os_random::SystemRandom;

const BACKENDS: [Backend; 2] = [Backend::Sled, Backend::Redb];
const KEYS: u32 = 400;

/// A panic that is caught has nothing to say.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !is_guarding() {
                loud(info)
            }
        }));
    });
}

fn key(n: u8) -> Secret<32> {
    Secret::filled_by(|bytes| bytes.fill(n))
}

fn open(folder: &Path, backend: Backend) -> Result<Opened, CacheError> {
    Cache::open(folder, backend, &key(1), &[7; 32], &SystemRandom::new())
}

fn value(n: u32) -> Vec<u8> {
    [n.to_le_bytes().as_slice(), &vec![n.to_le_bytes()[0]; usize::try_from(n % 300).unwrap()]].concat()
}

fn fill(state: &Cache) {
    let changes: Vec<_> = (0..KEYS).map(|n| Change::put(&n.to_le_bytes(), value(n))).collect();
    state.apply(&changes).unwrap();
    state.barrier().unwrap();
}

/// Reads every value two ways: each is what was put or is not there. Gives how many are there.
fn check(state: &Cache) -> Result<u32, CacheError> {
    let mut seen = 0;
    for n in 0..KEYS {
        if let Some(found) = state.get(&n.to_le_bytes())? {
            assert_eq!(found, value(n), "a value that was not put");
            seen += 1;
        }
    }
    state.for_each(&mut |found| {
        let n = u32::from_le_bytes(found[..4].try_into().unwrap());
        assert_eq!(found, value(n), "a value that was not put");
        ControlFlow::Continue(())
    })?;
    Ok(seen)
}

/// A whole run as the engine makes it: open, read, write, barrier; a failure on the way sets the folder aside and runs again.
/// Gives how many old values were there, and whether an error, and not only `open`, said that it must be rebuilt.
fn run(folder: &Path, backend: Backend) -> (u32, Option<String>) {
    let attempt = || {
        let Opened { state, rebuilt } = open(folder, backend)?;
        let seen = check(&state)?;
        state.apply(&[Change::put(b"new", b"value".to_vec())])?;
        state.barrier()?;
        Ok::<_, CacheError>((seen, rebuilt.map(|why| why.to_string())))
    };
    match attempt() {
        Ok(done) => done,
        Err(why) => {
            set_aside(folder).unwrap();
            let (seen, _) = attempt().unwrap();
            assert_eq!(seen, 0);
            (0, Some(why.to_string()))
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { std::fs::copy(entry.path(), to).map(|_| ()).unwrap() }
    }
}

/// Small numbers from the system, for places and lengths.
fn below(n: usize) -> usize {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    usize::try_from(u64::from_le_bytes(bytes) % n.max(1) as u64).unwrap()
}

/// One random damage to one file. Gives what it was.
fn damage(folder: &Path) -> String {
    let files = files(folder);
    let file = &files[below(files.len())];
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let mut bytes = std::fs::read(file).unwrap();
    let at = below(bytes.len());
    let what = match below(6) {
        0 => {
            bytes.truncate(at);
            format!("{name} cut at {at}")
        }
        1 => {
            let end = bytes.len().min(at + 1 + below(5000));
            bytes[at..end].iter_mut().for_each(|b| *b = u8::try_from(below(256)).unwrap());
            format!("{name} garbage {at}..{end}")
        }
        2 => {
            let end = bytes.len().min(at + 1 + below(5000));
            bytes[at..end].fill(0);
            format!("{name} zeros {at}..{end}")
        }
        3 => {
            for _ in 0..1 + below(20) {
                let at = below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << below(8);
                }
            }
            format!("{name} flipped")
        }
        4 => {
            std::fs::remove_file(file).unwrap();
            return format!("{name} removed");
        }
        // near the start, where the structure is
        _ => {
            let at = below(bytes.len().min(4096));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = u8::try_from(below(256)).unwrap();
            }
            format!("{name} byte {at}")
        }
    };
    std::fs::write(file, bytes).unwrap();
    what
}

#[test]
fn any_damage_ends_in_a_state_that_works() {
    quiet();
    let rounds = std::env::var("PRINTKEEP_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good");
        fill(&open(&good, backend).unwrap().state);
        let mut rebuilt = 0;
        for round in 0..rounds {
            let path = folder.path().join(format!("{round}"));
            copy(&good, &path);
            let what = damage(&path);
            let ran = catch_unwind(AssertUnwindSafe(|| run(&path, backend)));
            let (seen, why) = ran.unwrap_or_else(|_| panic!("{backend:?} {what}: a panic came through"));
            rebuilt += u32::from(why.is_some());
            assert!(seen == KEYS || seen == 0 || why.is_none(), "{backend:?} {what}: {seen} {why:?}");
            std::fs::remove_dir_all(&path).unwrap();
        }
        println!("{backend:?}: {rebuilt} of {rounds} rebuilt");
        assert!(rebuilt > 0, "{backend:?}: no damage was ever noticed");
    }
}

/// What must not stop a run, each with the reason that is told.
#[test]
fn what_is_wrong_is_told() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm, &str); 4] = [
        (
            "a file in its place",
            |path| (std::fs::remove_dir_all(path).unwrap(), std::fs::write(path, "x").unwrap()).1,
            "not a folder",
        ),
        (
            "a link in its place",
            |path| {
                let target = path.with_extension("target");
                let _ = std::fs::remove_dir_all(&target);
                std::fs::rename(path, &target).unwrap();
                std::os::unix::fs::symlink(&target, path).unwrap();
            },
            "not a folder",
        ),
        (
            "folders where its files should be",
            |path| {
                for file in files(path) {
                    std::fs::remove_file(&file).unwrap();
                    std::fs::create_dir(&file).unwrap();
                }
            },
            "the database failed",
        ),
        (
            "garbage",
            |path| files(path).iter().for_each(|file| std::fs::write(file, [0xa5; 9000]).unwrap()),
            "the database failed",
        ),
    ];
    quiet();
    for backend in BACKENDS {
        for (name, harm, reason) in harms {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            // twice: what is set aside gives way to the next
            for _ in 0..2 {
                fill(&open(&path, backend).unwrap().state);
                harm(&path);
                let Opened { state, rebuilt } = open(&path, backend).unwrap();
                let told = rebuilt.map(|why| why.to_string()).unwrap_or_default();
                assert!(told.contains(reason), "{backend:?} {name}: {told}");
                assert_eq!(check(&state).unwrap(), 0);
                fill(&state);
                drop(state);
                assert_eq!(check(&open(&path, backend).unwrap().state).unwrap(), KEYS);
                std::fs::remove_dir_all(&path).unwrap();
            }
            assert!(path.with_extension("set-aside").symlink_metadata().is_ok(), "{backend:?} {name}");
        }
    }
}

#[test]
fn another_stamp_key_or_backend_begins_anew() {
    let random = SystemRandom::new();
    for backend in BACKENDS {
        let other = if backend == Backend::Sled { Backend::Redb } else { Backend::Sled };
        for (backend_then, key_then, stamp, reason) in
            [(backend, key(1), 8, "another account"), (backend, key(2), 7, "another key"), (other, key(1), 7, "")]
        {
            // a database that has grown into redb stays there
            if backend == Backend::Redb && backend_then == Backend::Sled {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state");
            fill(&open(&path, backend).unwrap().state);
            let Opened { state, rebuilt } = Cache::open(&path, backend_then, &key_then, &[stamp; 32], &random).unwrap();
            assert!(rebuilt.map(|why| why.to_string()).unwrap_or_default().contains(reason), "{backend:?} {reason}");
            assert_eq!(check(&state).unwrap(), 0);
        }
    }
}

/// A folder that was removed altogether is no damage: there is nothing to tell.
#[test]
fn a_state_that_is_gone_begins_anew_in_silence() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fill(&open(&path, backend).unwrap().state);
        std::fs::remove_dir_all(&path).unwrap();
        let Opened { state, rebuilt } = open(&path, backend).unwrap();
        assert_eq!((check(&state).unwrap(), rebuilt), (0, None));
    }
}

#[test]
fn only_a_disk_that_gives_no_room_is_an_error_and_says_where() {
    for backend in BACKENDS {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let path = folder.path().join("file").join("state");
        let error = open(&path, backend).err().unwrap();
        assert!(matches!(&error, CacheError::Folder(at, _) if at.starts_with(path)), "{backend:?}: {error}");
    }
}
