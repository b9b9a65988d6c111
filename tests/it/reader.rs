//! The format, held from outside: a vault kept as files opens as it always did, and an independent reader in Python, after
//! `FORMAT.md`, restores it and a vault that this program makes now.
//!
//! The Python reader runs where `PRINTKEEP_PYTHON_READER=1` is set; `tests/reader/setup` fetches what it needs.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::program::{self, Home, PASSPHRASE, gcode, noise};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn vectors() -> PathBuf {
    repository().join("tests/vectors/vault")
}

/// What `expected.json` says of each path of a snapshot.
fn expected(snapshot: &str) -> BTreeMap<String, Value> {
    let text = std::fs::read(vectors().join("expected.json")).unwrap();
    let mut document: Value = serde_json::from_slice(&text).unwrap();
    serde_json::from_value(document[snapshot].take()).unwrap()
}

/// What lies below a folder, in the form of `expected.json`.
fn found(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    describe(folder, folder, &mut found);
    found
}

fn describe(root: &Path, folder: &Path, found: &mut BTreeMap<String, Value>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, meta) = (entry.path(), entry.metadata().unwrap());
        let mode = format!("{:04o}", meta.permissions().mode() & 0o7777);
        let what = if meta.is_symlink() {
            json!({ "type": "link", "target": percent(std::fs::read_link(&path).unwrap().as_os_str().as_bytes()) })
        } else if meta.is_dir() {
            describe(root, &path, found);
            json!({ "type": "folder", "mode": mode, "mtime": meta.mtime() })
        } else {
            let sum = digest(&SHA256, &std::fs::read(&path).unwrap());
            let sum = printkeep::core::name::hex(sum.as_ref());
            json!({ "type": "file", "mode": mode, "mtime": meta.mtime(), "size": meta.len(), "sha256": sum })
        };
        found.insert(percent(path.strip_prefix(root).unwrap().as_os_str().as_bytes()), what);
    }
}

/// Bytes as printable ASCII; all others, and `%`, as `%` and two digits.
fn percent(bytes: &[u8]) -> String {
    let one = |b: &u8| if matches!(b, b'!'..=b'~') && *b != b'%' { char::from(*b).to_string() } else { format!("%{b:02x}") };
    bytes.iter().map(one).collect()
}

/// Copies a folder of folders and files.
fn copy(from: &Path, to: &Path) {
    program::each_file(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    });
}

#[test]
fn the_kept_vault_opens_as_it_always_did() {
    let home = Home::new();
    let store = home.folder.path().join("store");
    copy(&vectors().join("vault"), &store);
    let (address, kit) = (format!("file://{}", store.display()), vectors().join("recovery-kit.txt"));
    let kit = kit.to_str().unwrap();
    home.done(&["setup", "--join", &address, "--recovery-kit", kit]);
    for snapshot in ["1", "2"] {
        let to = home.folder.path().join(format!("out-{snapshot}"));
        let meant = format!("vector:{snapshot}");
        home.done(&["restore", &meant, "--recovery-kit", kit, "--to", to.to_str().unwrap()]);
        assert_eq!(found(&to), expected(snapshot), "snapshot {snapshot}");
    }
}

/// The Python that has what the reader needs, or none where nobody asked for it.
pub fn python() -> Option<PathBuf> {
    static READY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = READY.get_or_init(|| {
        if std::env::var_os("PRINTKEEP_PYTHON_READER").is_none_or(|value| value != "1") {
            return None;
        }
        let done = Command::new(repository().join("tests/reader/setup")).status().unwrap();
        assert!(done.success(), "tests/reader/setup failed");
        Some(repository().join("target/reader-venv/bin/python"))
    });
    made.clone()
}

/// Runs the reader; what it wrote to its error output where it refused.
fn read(python: &Path, vault: &Path, to: &Path, with: &[&str]) -> Result<BTreeMap<String, Value>, String> {
    let output = Command::new(python)
        .arg(repository().join("tests/reader/printkeep_reader.py"))
        .arg(vault)
        .arg("--to")
        .arg(to)
        .args(with)
        .env("PRINTKEEP_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => Ok(found(to)),
        Some(1) if !said.contains("Traceback") => Err(said),
        _ => panic!("the reader broke: {said}"),
    }
}

#[test]
fn another_reader_restores_the_kept_vault() {
    let Some(python) = python() else { return };
    let out = tempfile::tempdir().unwrap();
    let vault = vectors().join("vault");
    let (kit, device) = (vectors().join("recovery-kit.txt"), vectors().join("device.key"));
    let (kit, device) = (["--kit", kit.to_str().unwrap()], ["--device-key", device.to_str().unwrap()]);
    assert_eq!(read(&python, &vault, &out.path().join("kit"), &kit), Ok(expected("2")));
    assert_eq!(read(&python, &vault, &out.path().join("passphrase"), &device), Ok(expected("2")));
    let first = [&kit[..], &["--snapshot", "1", "--device", "vector"]].concat();
    assert_eq!(read(&python, &vault, &out.path().join("first"), &first), Ok(expected("1")));
}

#[test]
fn another_reader_restores_what_this_program_seals_and_refuses_what_was_changed() {
    let Some(python) = python() else { return };
    let home = Home::new();
    let passphrase = home.folder.path().join("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    home.done(&["setup", "--device-name", "fresh", "--passphrase-file", passphrase.to_str().unwrap()]);
    std::fs::write(home.data.join("a.gcode"), gcode(1, 20_000)).unwrap();
    std::fs::write(home.data.join("large.bin"), noise(2, 5 << 20)).unwrap();
    // more pieces than stand in an entry itself, so that they lie in a list
    let holes = std::fs::File::create(home.data.join("holes")).unwrap();
    for n in 0..80u8 {
        holes.write_all_at(&[n + 1; 4096], u64::from(n) << 20).unwrap();
    }
    std::os::unix::fs::symlink("a.gcode", home.data.join("link")).unwrap();
    home.backup();
    for n in 0..600 {
        std::fs::write(home.data.join(format!("picture-{n:03}.jpg")), noise(n, 500)).unwrap();
    }
    home.backup();
    let device = home.path.join("accounts/default/device.key");
    let with = ["--device-key", device.to_str().unwrap()];
    let vault = home.path.join("vault");
    let restored = read(&python, &vault, &home.folder.path().join("out"), &with).unwrap();
    let original: BTreeMap<_, _> = found(&home.data).into_iter().map(|(path, what)| (format!("data/{path}"), what)).collect();
    let below: BTreeMap<_, _> = restored.into_iter().filter(|(path, _)| path != "data").collect();
    assert_eq!(below, original);
    refuses_flips(&home, |to| read(&python, &vault, to, &with));
}

#[test]
fn another_reader_follows_the_keys_through_two_rotations() {
    let Some(python) = python() else { return };
    let home = Home::new();
    let passphrase = home.folder.path().join("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let unlock = ["--passphrase-file", passphrase.to_str().unwrap()];
    home.done(&[&["setup", "--device-name", "fresh"][..], &unlock].concat());
    std::fs::write(home.data.join("first.gcode"), gcode(1, 2000)).unwrap();
    home.backup();
    for (seed, name) in [(2, "second.bin"), (3, "third.bin")] {
        home.done(&[&["key", "rotate"][..], &unlock].concat());
        std::fs::write(home.data.join(name), noise(seed, 300_000)).unwrap();
        home.backup();
    }
    let (device, kit) = (home.path.join("accounts/default/device.key"), home.path.join("recovery-kit.txt"));
    let vault = home.path.join("vault");
    let original: BTreeMap<_, _> = found(&home.data).into_iter().map(|(path, what)| (format!("data/{path}"), what)).collect();
    for (with, file) in [("--device-key", &device), ("--kit", &kit)] {
        let out = home.folder.path().join(with);
        let restored = read(&python, &vault, &out, &[with, file.to_str().unwrap()]).unwrap();
        let below: BTreeMap<_, _> = restored.into_iter().filter(|(path, _)| path != "data").collect();
        assert_eq!(below, original, "{with}");
    }
    // without the owner's copy of the second generation nothing later opens, and that is said
    std::fs::remove_file(home.vault().join("keys/0000000000000002")).unwrap();
    let why = read(&python, &vault, &home.folder.path().join("lacking"), &["--kit", kit.to_str().unwrap()]).unwrap_err();
    assert!(why.contains("generation"), "{why}");
}

/// One byte of each object, changed in turn: the reader names the object. Of the two key slots it needs one, and passes the other over.
fn refuses_flips(home: &Home, read: impl Fn(&Path) -> Result<BTreeMap<String, Value>, String>) {
    let mut slots = 0;
    for (number, object) in home.objects().iter().enumerate() {
        let path = home.vault().join(object);
        let good = std::fs::read(&path).unwrap();
        for at in [70, good.len() / 2, good.len() - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            match read(&home.folder.path().join(format!("flip-{number}-{at}"))) {
                Err(why) => assert!(why.contains(object.as_str()), "{object} at {at}: {why}"),
                Ok(_) if object.starts_with("slots/") => slots += 1,
                Ok(_) => panic!("{object} flipped at {at} was read"),
            }
        }
        std::fs::write(&path, good).unwrap();
    }
    assert_eq!(slots, 3);
}
