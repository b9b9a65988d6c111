//! Passphrases: asked for, set where there was one and where there was none, and wrong ones.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use printkeep::app::jobs::key::KeyPassphrase;
use printkeep::app::{Cancel, Exit, Request, Session, Text, perform};
use printkeep::consent::Surface;
use printkeep::core::secret::SecretText;

use crate::support::problems::{with_passphrase, with_store};
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

fn ls() -> Request {
    serde_json::from_value(serde_json::json!({ "command": "ls", "snapshot": "latest" })).unwrap()
}

#[test]
fn an_empty_file_is_no_wrong_passphrase() {
    let (home, ..) = with_passphrase();
    let empty = [home.folder.path().join("empty"), home.folder.path().join("line")];
    std::fs::write(&empty[0], "").unwrap();
    std::fs::write(&empty[1], "\nsomething\n").unwrap();
    for file in empty.iter().cycle().take(6) {
        let (exit, told) = home.run(&["ls", "latest", "--passphrase-file", file.to_str().unwrap()]);
        assert_eq!((exit, &told["error"]["id"]), (2, &"secret-file-empty".into()), "{told}");
    }
    assert!(!home.path.join("accounts/default/tries").exists());
}

/// On a machine so busy that a try takes as long as the wait behind it, or while another test's child still holds what is locked here, it is
/// asked for once more than it should be: then it is tried anew.
#[test]
fn a_wrong_passphrase_at_a_terminal_is_asked_for_again_up_to_three_times() {
    assert!((0..5).any(|_| waits_are_longer_than_tries()), "nobody waits after three");
}

fn waits_are_longer_than_tries() -> bool {
    let (home, ..) = with_passphrase();
    let mut session = Session::new(home.path.clone(), Surface::CommandLine);
    session.clock = printkeep::engine::clock::Clock::at(1_800_000_000);
    let is_asked_more = AtomicBool::new(false);
    let tried = |session: &Session, typed: &[&'static str]| {
        let typed = Mutex::new(VecDeque::from(typed.to_vec()));
        let secret = |_| {
            let next = typed.lock().unwrap().pop_front();
            is_asked_more.fetch_or(next.is_none(), Ordering::Relaxed);
            Ok(SecretText::new(next.unwrap_or_default().to_owned()))
        };
        let owner = Typist { secret, answer: |question: &Text| panic!("{question:?}") };
        let done = perform(session, ls(), &owner, &|_| {}, &Cancel::default());
        assert!(typed.lock().unwrap().is_empty());
        done.map(|reply| reply.exit).map_err(|failure| failure.message.id.to_string())
    };
    assert_eq!(tried(&session, &["wrong", "wrong too", PASSPHRASE]), Ok(Exit::Done));
    // an empty line leaves
    assert_eq!(tried(&session, &["wrong", ""]), Err("locked".into()));
    // one was counted, so that two more are the last
    let last = tried(&session, &["wrong", "wrong"]);
    if is_asked_more.load(Ordering::Relaxed) {
        return false;
    }
    assert_eq!(last, Err("passphrase-wrong".into()));
    // each waits longer, until it is longer than any other test keeps this one waiting
    for round in 1..8 {
        session.clock = printkeep::engine::clock::Clock::at(1_800_000_000 + round * 10_000);
        let one = tried(&session, &["wrong"]);
        if is_asked_more.load(Ordering::Relaxed) {
            return false;
        }
        assert_eq!(one, Err("passphrase-wrong".into()));
    }
    assert_eq!(tried(&session, &[]), Err("passphrase-wait".into()));
    true
}

#[test]
fn what_goes_wrong_after_a_stop_is_no_fault_of_its_own() {
    let home = Home::new();
    home.done(&["setup"]);
    home.backup();
    std::fs::rename(home.path.join("recovery-kit.txt"), home.folder.path().join("kit.txt")).unwrap();
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let ask = |stops: bool| {
        let cancel = Cancel::default();
        let answer = |_: &Text| {
            if stops {
                cancel.cancel();
            }
            "/nowhere/kit.txt".to_owned()
        };
        let owner = Typist { secret: |_| panic!(), answer };
        perform(&session, ls(), &owner, &|_| {}, &cancel).unwrap_err()
    };
    let told = |stops| (ask(stops).exit, ask(stops).message.id.to_string());
    assert_eq!(told(false), (Exit::Usage, "kit-missing".into()));
    assert_eq!(told(true), (Exit::Stopped, "stopped".into()));
}

/// One number for a no, whatever was asked, and nothing is changed.
#[test]
fn a_no_at_any_question_ends_alike() {
    let (home, store) = with_store("nas");
    let (kit, other, new) = (home.path.join("recovery-kit.txt"), home.folder.path().join("other"), Home::new());
    std::fs::create_dir(&other).unwrap();
    let kit_file = kit.to_str().unwrap();
    Home::new().done(&["setup", "--join", store.to_str().unwrap(), "--recovery-kit", kit_file, "--device-name", "desk"]);
    home.done(&["sync"]);
    let questions = [
        (&home, serde_json::json!({ "command": "restore", "snapshot": "latest" })),
        (&home, serde_json::json!({ "command": "key kit", "to": home.folder.path().join("new-kit.txt") })),
        (&home, serde_json::json!({ "command": "device revoke", "name": "desk", "yes": false })),
        (&home, serde_json::json!({ "command": "privacy erase", "items": ["serial"] })),
        (&home, serde_json::json!({ "command": "privacy erase --whole-account", "here_only": true })),
        (&home, serde_json::json!({ "command": "store set", "name": "nas", "url": format!("file://{}", other.display()) })),
        (&new, serde_json::json!({ "command": "rescue", "store": store, "recovery_kit": kit, "root": new.data })),
    ];
    for (home, question) in questions {
        let owner = Typist { secret: |_| Ok(SecretText::new(String::new())), answer: |_: &Text| "n".to_owned() };
        let request: Request = serde_json::from_value(question.clone()).unwrap();
        let session = Session::new(home.path.clone(), Surface::CommandLine);
        let done = perform(&session, request, &owner, &|_| {}, &Cancel::default());
        let exit = done.as_ref().map_or_else(|failure| failure.exit, |reply| reply.exit);
        assert_eq!(exit, Exit::Declined, "{question}: {done:?}");
    }
}
