//! Passphrases: asked for, set where there was one and where there was none, and wrong ones.

use std::collections::VecDeque;
use std::sync::Mutex;

use printkeep::app::jobs::key::KeyPassphrase;
use printkeep::app::{Cancel, Exit, Request, Session, Text, perform};
use printkeep::consent::Surface;
use printkeep::core::secret::SecretText;

use crate::support::program::{Home, PASSPHRASE};
use crate::support::typist::Typist;

/// A new passphrase, asked for as on a terminal: `q` leaves as everywhere, and is no passphrase.
#[test]
fn whoever_leaves_at_a_new_passphrase_sets_none() {
    let home = Home::new();
    home.done(&["setup"]);
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let typed = Mutex::new(VecDeque::from(["short", "q"]));
    let secret = |_| Ok(SecretText::new(typed.lock().unwrap().pop_front().unwrap().to_owned()));
    let owner = Typist { secret, answer: |question: &Text| panic!("{question:?}") };
    let asked = Request::KeyPassphrase(KeyPassphrase::default());
    let failure = perform(&session, asked, &owner, &|_| {}, &Cancel::default()).unwrap_err();
    assert_eq!((failure.exit, typed.lock().unwrap().len()), (Exit::Stopped, 0));
    let kinds = home.done(&["key", "list"]).to_string();
    assert!(!kinds.contains("passphrase\""), "{kinds}");
}

/// That one before is gone is said only where there was one.
#[test]
fn the_first_passphrase_of_a_device_replaces_none() {
    let home = Home::new();
    home.done(&["setup"]);
    let file = home.folder.path().join("word");
    std::fs::write(&file, PASSPHRASE).unwrap();
    let kit = home.path.join("recovery-kit.txt");
    let set = || {
        let args =
            ["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()];
        String::from_utf8(home.command(&args).output().unwrap().stdout).unwrap()
    };
    let (first, second) = (set(), set());
    assert!(first.contains("The passphrase is set") && !first.contains("before"), "{first}");
    assert!(second.contains("the one before no longer opens"), "{second}");
}

/// Where there are several devices, a refusal says that each has a passphrase of its own, and what opens on all.
#[test]
fn a_wrong_passphrase_points_at_the_device_and_at_the_kit() {
    let home = Home::new();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let file = |name: &str, text: &str| {
        let path = home.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (word, other) = (file("word", PASSPHRASE), file("other", "another horse battery staple lamp"));
    home.done(&["setup", "--device-name", "voron", "--passphrase-file", &word]);
    home.backup();
    home.done(&["store", "add", store.to_str().unwrap()]);
    home.done(&["sync"]);
    let hint = |home: &Home| {
        let (exit, told) = home.run(&["ls", "latest", "--passphrase-file", &other]);
        assert_eq!(exit, 4, "{told}");
        told["error"]["hint"].as_str().unwrap().to_owned()
    };
    assert!(!hint(&home).contains("voron"));
    let kit = home.path.join("recovery-kit.txt");
    let join = ["setup", "--join", store.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap(), "--device-name", "desk"];
    Home::new().done(&join);
    home.done(&["sync"]);
    let told = hint(&home);
    assert!(told.contains("\"voron\"") && told.contains("--recovery-kit FILE"), "{told}");
}
