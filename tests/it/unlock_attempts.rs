//! Wrong passphrases: counted, slowed down, told; no process and no kill gets more tries.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::problems::{DAY, account, now, open, problems, with_passphrase};
use crate::support::program::PASSPHRASE;
use crate::support::typist::Typist;
use printkeep::app::jobs::ls::Ls;
use printkeep::app::unlock::Unlock;
use printkeep::app::{Failure, Request, Session, Text, perform};
use printkeep::consent::Surface;
use printkeep::core::secret::SecretText;
use printkeep::core::slot::Cost;
use printkeep::engine::account::{Account, slots};
use printkeep::engine::clock::Clock;
use printkeep::engine::{Cancel, EngineError};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::stop::Stop;
use serde_json::Value;

#[test]
fn wrong_passphrases_are_counted_slowed_down_and_told_and_the_kit_never_waits() {
    let (home, right, wrong) = with_passphrase();
    let try_it = |file: &Path| home.run(&["ls", "--passphrase-file", file.to_str().unwrap()]);
    // a right one starts the count anew
    for _ in 0..2 {
        assert_eq!((try_it(&wrong).0, try_it(&wrong).0, try_it(&right).0), (4, 4, 0));
    }
    let told = |(exit, document): (i32, Value)| {
        assert_eq!(exit, 4, "{document}");
        document["error"]["message"].as_str().unwrap().to_owned()
    };
    for _ in 0..3 {
        assert!(told(try_it(&wrong)).contains("does not open"));
    }
    for _ in 0..3 {
        assert!(told(try_it(&wrong)).contains("may be tried in"));
    }
    // a copy of the counter that is thrown away is no way around, nor is the right one
    fs::write(home.path.join("accounts/default/tries"), "").unwrap();
    assert!(told(try_it(&right)).contains("may be tried in"));
    let kit = home.path.join("recovery-kit.txt");
    home.done(&["ls", "--recovery-kit", kit.to_str().unwrap()]);
    let problem = open(&home, "wrong-passphrase").unwrap();
    assert_eq!((problem["grade"].as_str(), problem["known"].as_u64()), (Some("serious"), Some(3)), "{problem}");
    let log = home.done(&["privacy", "log", "show", "--last", "100"]).to_string();
    assert!(log.contains("passphrase, too soon") && log.contains("\"refused\""), "{log}");
    // it is a problem of `status` until the owner has seen it
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 3 && status["problems"].to_string().contains("wrong passphrases"), "{status}");
    home.done(&["problems", "ack", &problem["number"].to_string()]);
    assert!(open(&home, "wrong-passphrase").is_none());
    let (exit, status) = home.run(&["status"]);
    assert_eq!(exit, 0, "{status}");
    // and once a right one was given it is over
    let over = || problems(&home, true).into_iter().find(|one| one["kind"] == "wrong-passphrase").unwrap()["remedied"].is_i64();
    assert!(!over());
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = Account::choose(&at, None).unwrap();
    let account = Account::open_read_only(&at, name, Clock::at(now() + DAY)).unwrap();
    slots::unlock(&account, &slots::Key::Passphrase(SecretText::new(PASSPHRASE.into()))).unwrap();
    assert!(over());
}

#[test]
fn a_stop_while_a_new_passphrase_is_sealed_leaves_the_old_one() {
    let (home, ..) = with_passphrase();
    let mut account = account(&home);
    let key = slots::Key::Passphrase(SecretText::new(PASSPHRASE.into()));
    let keyring = slots::unlock(&account, &key).unwrap();
    account.heed(Stop::when(|| true));
    let set = slots::set_passphrase(
        &mut account,
        &keyring,
        &SecretText::new("another one at all".into()),
        Cost::PRINTER,
        &SystemRandom::new(),
    );
    assert!(matches!(set, Err(EngineError::Cancelled)), "{set:?}");
    account.heed(Stop::never());
    slots::unlock(&account, &key).unwrap();
}

#[test]
fn many_processes_at_once_get_no_more_tries_than_one() {
    let (home, _, wrong) = with_passphrase();
    // a command that only looks, so that no lock of the account's keeps the others away
    let args = ["check", "--passphrase-file", wrong.to_str().unwrap()];
    let spawn = |_| home.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let running: Vec<_> = (0..8).map(spawn).collect();
    let told = running.into_iter().map(|child| String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap());
    let tried = told.filter(|text| text.contains("does not open")).count();
    assert_eq!(tried, 3);
}

/// Nobody types a passphrase that is not tried.
#[test]
fn who_must_wait_is_told_before_being_asked() {
    let (home, _, _) = with_passphrase();
    let asked = AtomicUsize::new(0);
    let typed = |_| {
        asked.fetch_add(1, Ordering::Relaxed);
        Ok(SecretText::new("not this one at all".into()))
    };
    let owner = Typist { secret: typed, answer: |_: &Text| String::new() };
    let mut session = Session::new(home.path.clone(), Surface::CommandLine);
    session.clock = Clock::at(1_800_000_000);
    let tried = || {
        let ls = Ls { snapshot: "latest".into(), path: None, recursive: true, streamed: false, unlock: Unlock::default() };
        perform(&session, Request::Ls(ls), &owner, &|_| {}, &Cancel::default()).unwrap_err()
    };
    let ids = |failure: Failure| (failure.message.id.to_string(), failure.hint.unwrap().id.to_string());
    let wrong = |hint: &str| ("passphrase-wrong".to_owned(), hint.to_owned());
    // asked for three times in one run, of which each counts
    assert_eq!((ids(tried()), asked.load(Ordering::Relaxed)), (wrong("passphrase-wrong-wait-hint"), 3));
    assert_eq!((tried().message.id.to_string(), asked.load(Ordering::Relaxed)), ("passphrase-wait".to_owned(), 3));
}
