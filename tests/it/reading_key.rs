//! The reading key that a PC keeps by its owner's choice: half in the session's keyring, half in the home, and neither opens anything
//! alone. With `PRINTKEEP_TEST_KEYRING` set, also over a real session bus (see `tests/servers/keyring`).

use std::sync::Arc;

use crate::support::program::{self, Home, PASSPHRASE, contents, noise};
use keyring_core::{CredentialStore, Error, mock};
use printkeep::core::keys::Keyring;
use printkeep::core::secret::SecretText;
use printkeep::engine::EngineError;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::clock::Clock;
use printkeep::engine::key_agent::reading_key::{self, Held};
use printkeep::local::home;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::system_keyring::{KeyringError, SystemKeyring};
use printkeep::local::work_lock::{Waiting, WorkKind};

/// A home with a passphrase, a snapshot, and no recovery kit left in it.
fn pc() -> Home {
    let home = Home::new();
    std::fs::write(home.folder.path().join("passphrase"), PASSPHRASE).unwrap();
    home.done(&["setup", "--passphrase-file", passphrase(&home).as_str()]);
    std::fs::write(home.data.join("a.bin"), noise(1, 50_000)).unwrap();
    home.backup();
    std::fs::remove_file(home.path.join("recovery-kit.txt")).unwrap();
    home
}

fn passphrase(home: &Home) -> String {
    home.folder.path().join("passphrase").to_str().unwrap().to_owned()
}

fn open(home: &Home) -> AccountWriter {
    let home = home::Home::at(home.path.clone());
    let name = home.accounts().unwrap().remove(0);
    AccountWriter::open(&home, name, WorkKind::Small, &Waiting::no(), (&SystemRandom::new(), Clock::SYSTEM)).unwrap()
}

fn keys(account: &Account) -> Keyring {
    unlock(account, &Key::Passphrase(SecretText::new(PASSPHRASE.into()))).unwrap()
}

fn mocked() -> (SystemKeyring, Arc<CredentialStore>) {
    let store: Arc<CredentialStore> = mock::Store::new().unwrap();
    (SystemKeyring::over(store.clone()), store)
}

#[test]
fn both_halves_open_the_account_and_neither_does_alone() {
    let (home, random) = (pc(), SystemRandom::new());
    let account = open(&home);
    let (keyring, (system, store)) = (keys(&account), mocked());
    assert_eq!(reading_key::held(&account).unwrap(), Held::Nothing);
    assert!(matches!(reading_key::recall(&account, &system).err(), Some(EngineError::Locked)));
    reading_key::remember(&account, &keyring, &system, &random).unwrap();
    assert_eq!(reading_key::held(&account).unwrap(), Held::Key);
    let recalled = reading_key::recall(&account, &system).unwrap();
    assert_eq!(recalled.encode().as_slice(), keyring.encode().as_slice());
    // the home with another session's keyring, empty or with another key under the same name
    let (empty, _) = mocked();
    assert!(matches!(reading_key::recall(&account, &empty).err(), Some(EngineError::SystemKeyring(KeyringError::Gone {}))));
    let item = format!("{}/{}", account.id(), account.device.id);
    empty.put(&item, &printkeep::core::secret::Secret::random(&random).unwrap()).unwrap();
    assert!(matches!(reading_key::recall(&account, &empty).err(), Some(EngineError::Damaged { .. })));
    // every byte of the file counts, and none of it is a key in the clear
    let path = account.folder().join("reading.sealed");
    let good = std::fs::read(&path).unwrap();
    let seed = keyring.recipient(1).unwrap().seed();
    assert!(!good.windows(32).any(|part| part == seed.expose().as_slice()));
    for at in (0..good.len()).step_by(5).chain([4, 5, 8]) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(reading_key::recall(&account, &system).is_err(), "{at}");
    }
    std::fs::write(&path, &good).unwrap();
    // the same session and the same file, in the hands of another device
    let another = pc();
    let at = home::Home::at(another.path.clone());
    let mut other = Account::open_read_only(&at, at.accounts().unwrap().remove(0), Clock::SYSTEM).unwrap();
    std::fs::write(other.folder().join("reading.sealed"), &good).unwrap();
    other.device.id = account.device.id;
    assert!(reading_key::recall(&other, &system).is_err());
    // a keyring that is locked or breaks is told as that
    let entry = keyring_core::Entry::new_in_store(&store, "printkeep", &item).unwrap();
    entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(Error::NoStorageAccess("locked".into()));
    assert!(matches!(reading_key::recall(&account, &system).err(), Some(EngineError::SystemKeyring(KeyringError::Locked {}))));
    assert!(reading_key::forget(&account).unwrap() && !reading_key::forget(&account).unwrap());
    reading_key::clear(&account, &system).unwrap();
    assert!(system.get(&item).unwrap().is_none() && !path.exists());
    assert_eq!(reading_key::held(&account).unwrap(), Held::Nothing);
}

#[test]
fn new_keys_make_it_stale_in_words() {
    let (home, random) = (pc(), SystemRandom::new());
    let (system, _) = mocked();
    let account = open(&home);
    reading_key::remember(&account, &keys(&account), &system, &random).unwrap();
    drop(account);
    let status = home.run(&["status"]).1;
    assert_eq!(status["reading_key"], "kept", "{status}");
    let file = passphrase(&home);
    let rotated = home.command(&["key", "rotate", "--offline", "--passphrase-file", &file]).output().unwrap();
    assert!(String::from_utf8_lossy(&rotated.stdout).contains("stale"), "{rotated:?}");
    assert!(matches!(reading_key::recall(&open(&home), &system).err(), Some(EngineError::StaleKey)));
    let status = home.run(&["status"]).1;
    assert_eq!(status["reading_key"], "stale");
    assert!(status["problems"].to_string().contains("key remember"), "{status}");
    let to = home.folder.path().join("out");
    let (exit, document) = home.run(&["restore", "latest", "--to", to.to_str().unwrap()]);
    assert_eq!(exit, 4, "{document}");
    assert_eq!(document["error"]["id"], "reading-key-stale");
    assert!(document["error"]["message"].as_str().unwrap().contains("before the account's keys were changed"), "{document}");
    home.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--passphrase-file", &file]);
}

#[test]
fn without_a_session_bus_one_line_says_so_and_nothing_is_kept() {
    let home = pc();
    let file = passphrase(&home);
    let (exit, document) = home.run(&["key", "remember", "--passphrase-file", &file]);
    assert_eq!(exit, 4, "{document}");
    let (message, hint) = (document["error"]["message"].as_str().unwrap(), document["error"]["hint"].as_str().unwrap());
    assert!(message.contains("cannot be reached") && !message.contains('\n') && hint.contains("session"), "{document}");
    let account = open(&home);
    assert!(!account.folder().join("reading.sealed").exists());
    // one that was kept in a session, read without it: that is what is told, and a passphrase still does
    let (system, _) = mocked();
    reading_key::remember(&account, &keys(&account), &system, &SystemRandom::new()).unwrap();
    drop(account);
    let (exit, document) = home.run(&["ls"]);
    assert_eq!(exit, 4);
    assert!(document["error"]["message"].as_str().unwrap().contains("cannot be reached"), "{document}");
    home.done(&["ls", "--passphrase-file", &file]);
    // what changes the account is the owner's, whatever is kept
    assert!(home.run(&["key", "rotate", "--offline"]).1["error"]["message"].as_str().unwrap().contains("passphrase"));
    let forgotten = home.done(&["key", "remember", "--off"]);
    assert_eq!(forgotten["keyring_cleared"], false);
    assert_eq!(home.run(&["status"]).1["reading_key"], "none");
}

/// Keeping a key is no consent to network use.
#[test]
fn a_session_bus_on_another_machine_is_never_reached() {
    let (home, listener) = (pc(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let (tell, reached) = std::sync::mpsc::channel();
    // each is closed at once: whoever reaches it learns that there is no bus
    std::thread::spawn(move || listener.incoming().try_for_each(|_| tell.send(())));
    for far in [format!("tcp:host=127.0.0.1,port={port}"), format!("unix:path=/nowhere;tcp:host=127.0.0.1,port={port}")] {
        let mut command = home.command(&["key", "remember", "--json", "--passphrase-file", &passphrase(&home)]);
        let output = command.env("DBUS_SESSION_BUS_ADDRESS", far).output().unwrap();
        assert_eq!(output.status.code(), Some(4));
    }
    assert!(reached.try_recv().is_err(), "it was reached");
}

#[test]
fn a_printer_and_a_device_that_only_writes_keep_nothing() {
    let home = pc();
    let (exit, document) = home.run(&["key", "remember", "--profile", "printer-small", "--passphrase-file", &passphrase(&home)]);
    assert_eq!(exit, 2, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("only writes"), "{document}");
    // enrolled, or joined: no passphrase was ever set there
    let writer = Home::new();
    writer.done(&["setup"]);
    let kit = writer.path.join("recovery-kit.txt");
    let (exit, document) = writer.run(&["key", "remember", "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(exit, 2, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("only writes"), "{document}");
}

/// Over a real bus: what the owner sees, from `remember` to `forget`.
#[test]
fn a_real_session_keeps_the_key() {
    let Ok(bus) = std::env::var("PRINTKEEP_TEST_KEYRING") else { return };
    let home = pc();
    let run = |args: &[&str]| {
        let output = home.command(args).arg("--json").env("DBUS_SESSION_BUS_ADDRESS", &bus).output().unwrap();
        (output.status.code().unwrap(), program::document(&output))
    };
    let to = home.folder.path().join("out");
    let restore = ["restore", "latest", "--to", to.to_str().unwrap()];
    assert_eq!(run(&restore).0, 4);
    let (exit, document) = run(&["key", "remember", "--passphrase-file", &passphrase(&home)]);
    assert_eq!(exit, 0, "{document}");
    assert_eq!(run(&restore).0, 0);
    assert_eq!(contents(&to.join("data")), contents(&home.data));
    assert_eq!(run(&["ls"]).0, 0);
    assert_eq!(run(&["key", "list"]).1["reading_key"], "kept");
    assert_eq!(run(&["status"]).1["reading_key"], "kept");
    // kept again: one item, a new half
    assert_eq!(run(&["key", "remember", "--passphrase-file", &passphrase(&home)]).0, 0);
    assert_eq!(run(&["ls"]).0, 0);
    let forgotten = run(&["key", "remember", "--off"]).1;
    assert_eq!(forgotten["keyring_cleared"], true, "{forgotten}");
    assert_eq!(run(&["ls"]).0, 4);
    let account = open(&home);
    let item = format!("{}/{}", account.id(), account.device.id);
    // nothing of ours is left in the session
    let left = std::process::Command::new("dbus-send")
        .env("DBUS_SESSION_BUS_ADDRESS", &bus)
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .args(["org.freedesktop.Secret.Service.SearchItems", &format!("dict:string:string:username,{item}")])
        .output()
        .unwrap();
    let left = String::from_utf8_lossy(&left.stdout).into_owned();
    assert!(left.contains("array") && !left.contains("object path"), "{left}");
}
