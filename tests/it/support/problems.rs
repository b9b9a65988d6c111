//! Homes with problems, and what `problems` tells of them.

use std::fs;
use std::path::PathBuf;

use crate::support::job::JobTools;
use crate::support::program::{Home, PASSPHRASE};
use crate::support::server;
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::backup::scan::{Root, Rules};
use printkeep::engine::backup::{self, Request};
use printkeep::engine::clock::Clock;
use printkeep::engine::{Cancel, Job};
use printkeep::local::home::write_private;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::work_lock::{Waiting, WorkKind};
use serde_json::Value;

pub const DAY: i64 = 86_400;

pub fn now() -> i64 {
    Clock::SYSTEM.now()
}

pub fn home() -> Home {
    let home = Home::new();
    fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
    home.backup();
    home
}

pub fn problems(home: &Home, all: bool) -> Vec<Value> {
    let args: &[&str] = if all { &["problems", "list", "--all"] } else { &["problems", "list"] };
    home.run(args).1["problems"].as_array().unwrap().clone()
}

pub fn open(home: &Home, kind: &str) -> Option<Value> {
    problems(home, false).into_iter().find(|problem| problem["kind"] == kind)
}

pub fn account(home: &Home) -> AccountWriter {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = Account::choose(&at, None).unwrap();
    AccountWriter::open(&at, name, WorkKind::Small, &Waiting::no(), (&SystemRandom::new(), Clock::SYSTEM)).unwrap()
}

pub fn file(home: &Home, name: &str, text: &str) -> PathBuf {
    server::write(&home.folder.path().join(name), text)
}

pub fn stderr(home: &Home, args: &[&str]) -> String {
    String::from_utf8(home.command(args).output().unwrap().stderr).unwrap()
}

/// Adds to the settings.
pub fn configure(home: &Home, text: &str) {
    let path = home.path.join("config.toml");
    let before = fs::read_to_string(&path).unwrap_or_default();
    write_private(&path, (before + "\n" + text).as_bytes()).unwrap();
}

/// A backup that was made so many days ago.
pub fn old_backup(home: &Home, days: i64) {
    let mut account = account(home);
    let root = Root {
        label: b"data".to_vec(),
        path: home.data.clone(),
        rules: Rules::new(&home.data, None, &[], &[]).unwrap(),
        no_credentials: false,
        since: None,
    };
    let request = Request { roots: vec![root], skip: Vec::new(), count_first: false };
    let tools = JobTools::new(&Cancel::default());
    let job = Job { clock: Clock::at(now() - days * DAY), ..tools.job(&|_| {}) };
    backup::backup(&mut account, &request, job).unwrap();
}

pub fn with_passphrase() -> (Home, PathBuf, PathBuf) {
    let home = Home::new();
    let (right, wrong) = (file(&home, "right", &format!("{PASSPHRASE}\n")), file(&home, "wrong", "not this one at all\n"));
    home.done(&["setup", "--passphrase-file", right.to_str().unwrap()]);
    home.backup();
    (home, right, wrong)
}

/// A home with a folder as its store, in step.
pub fn with_store(name: &str) -> (Home, PathBuf) {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", name]);
    home.done(&["sync"]);
    (home, store)
}
