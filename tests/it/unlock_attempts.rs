//! Wrong passphrases: counted, slowed down, told; no process and no kill gets more tries.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::support::problems::{open, with_passphrase};
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
