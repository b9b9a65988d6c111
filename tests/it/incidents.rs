//! Incidents as an owner meets them: noticed, graded, told once with four parts, counted, remedied where that can be seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::job::JobTools;
use crate::support::program::{self, Home, PASSPHRASE, noise};
use crate::support::server::{self, S3Server};
use printkeep::core::name::DeviceId;
use printkeep::engine::account::known_state::StoreObservation;
use printkeep::engine::account::problem::{Grade, ProblemKind};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::backup::scan::{Root, Rules};
use printkeep::engine::backup::{self, Request};
use printkeep::engine::clock::Clock;
use printkeep::engine::problems::{Conditions, NEARLY_FULL, check_conditions};
use printkeep::engine::{Cancel, Job};
use printkeep::local::audit::{Entry, Event, Outcome};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::work_lock::{Waiting, Work};
use serde_json::Value;

const DAY: i64 = 86_400;

fn now() -> i64 {
    Clock::SYSTEM.now()
}

fn home() -> Home {
    let home = Home::new();
    fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
    home.backup();
    home
}

fn incidents(home: &Home, all: bool) -> Vec<Value> {
    let args: &[&str] = if all { &["problems", "list", "--all"] } else { &["problems", "list"] };
    home.run(args).1["problems"].as_array().unwrap().clone()
}

fn open(home: &Home, kind: &str) -> Option<Value> {
    incidents(home, false).into_iter().find(|incident| incident["kind"] == kind)
}

fn account(home: &Home) -> AccountWriter {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = Account::choose(&at, None).unwrap();
    AccountWriter::open(&at, name, Work::Small, &Waiting::no(), (&SystemRandom::new(), Clock::SYSTEM)).unwrap()
}

fn file(home: &Home, name: &str, text: &str) -> PathBuf {
    server::write(&home.folder.path().join(name), text)
}

fn stderr(home: &Home, args: &[&str]) -> String {
    String::from_utf8(home.command(args).output().unwrap().stderr).unwrap()
}

/// Adds to the settings.
fn configure(home: &Home, text: &str) {
    let path = home.path.join("config.toml");
    let before = fs::read_to_string(&path).unwrap_or_default();
    fs::write(path, before + "\n" + text).unwrap();
}

/// A backup that was made so many days ago.
fn old_backup(home: &Home, days: i64) {
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

fn with_passphrase() -> (Home, PathBuf, PathBuf) {
    let home = Home::new();
    let (right, wrong) = (file(&home, "right", &format!("{PASSPHRASE}\n")), file(&home, "wrong", "not this one at all\n"));
    home.done(&["setup", "--passphrase-file", right.to_str().unwrap()]);
    home.backup();
    (home, right, wrong)
}

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
    let incident = open(&home, "wrong-passphrase").unwrap();
    assert_eq!((incident["grade"].as_str(), incident["known"].as_u64()), (Some("serious"), Some(3)), "{incident}");
    let log = home.done(&["privacy", "log", "show", "--last", "100"]).to_string();
    assert!(log.contains("passphrase, too soon") && log.contains("\"refused\""), "{log}");
    // it is a problem of `status` until the owner has seen it
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 3 && status["problems"].to_string().contains("wrong passphrases"), "{status}");
    home.done(&["problems", "ack", &incident["number"].to_string()]);
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

#[test]
fn a_store_that_is_not_trusted_is_told_counted_and_remedied_once_it_is() {
    let (server, stranger) = (S3Server::start(), S3Server::start());
    let home = home();
    let keys = file(&home, "keys", &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let add = |ca: &Path, keys: &Path| {
        let (ca, keys) = (ca.to_str().unwrap(), keys.to_str().unwrap());
        home.done(&["store", "add", &server.url("p"), "--credentials-file", keys, "--ca-file", ca]);
    };
    let set = |ca: &Path, keys: &Path| {
        let (ca, keys) = (ca.to_str().unwrap(), keys.to_str().unwrap());
        home.done(&["store", "set", "store", "--credentials-file", keys, "--ca-file", ca]);
    };
    add(&stranger.ca_file, &keys);
    home.done(&["privacy", "grant", "network"]);
    let first = stderr(&home, &["sync"]);
    assert!(first.contains("PROBLEM") && first.contains("(serious)"), "{first}");
    let second = stderr(&home, &["sync"]);
    assert!(!second.contains("PROBLEM"), "told once: {second}");
    let incident = open(&home, "not-trusted").unwrap();
    assert_eq!((incident["count"].as_u64(), incident["subject"].as_str()), (Some(2), Some("store")), "{incident}");
    for part in ["happened", "done", "advice", "remedy"] {
        assert!(incident[part]["text"].as_str().unwrap().len() > 10, "{incident}");
    }
    // it grows worse, and is told anew
    let third = stderr(&home, &["sync"]);
    assert!(third.contains("PROBLEM") && third.contains("(critical)"), "{third}");
    // the right authority, and wrong credentials
    let wrong = file(&home, "wrong", &format!("{}\nnot-the-secret-0000000000000000000000000\n", server::ACCESS_KEY));
    set(&server.ca_file, &wrong);
    assert_eq!(home.run(&["sync"]).0, 6);
    assert_eq!(open(&home, "refused").unwrap()["grade"], "warning");
    set(&server.ca_file, &keys);
    home.done(&["sync"]);
    assert!(open(&home, "refused").is_none() && open(&home, "not-trusted").is_none());
    // what only holds now has no number
    let mut kept = incidents(&home, true).into_iter().filter(|incident| incident["number"].is_u64()).peekable();
    assert!(kept.peek().is_some() && kept.all(|incident| incident["remedied"].is_i64()));
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn a_store_that_was_set_back_is_an_incident_until_it_is_well() {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display())]);
    home.done(&["sync"]);
    fs::write(home.data.join("b.gcode"), "G29\n").unwrap();
    home.backup();
    home.done(&["sync"]);
    // the newest snapshot vanishes there
    let mut heads = Vec::new();
    program::each_file(&store, &mut |path| {
        if path.to_str().unwrap().contains("/heads/") {
            heads.push(path.to_owned());
        }
    });
    heads.sort();
    fs::remove_file(heads.last().unwrap()).unwrap();
    assert_eq!(home.run(&["sync"]).0, 7);
    let incident = open(&home, "rollback").unwrap();
    assert_eq!((incident["grade"].as_str(), incident["subject"].as_str()), (Some("serious"), Some("store")), "{incident}");
    // in the owner's language
    let number = incident["number"].to_string();
    let shown = home.command(&["problems", "show", &number]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    for part in ["发生了什么", "已采取的措施", "您可以做什么", "补救办法"] {
        assert!(shown.contains(part), "{shown}");
    }
    home.done(&["sync"]);
    assert!(open(&home, "rollback").is_none());
    let to = home.folder.path().join("incidents.json");
    home.done(&["problems", "export", "--to", to.to_str().unwrap()]);
    home.done(&["privacy", "consent-record", "check", to.to_str().unwrap()]);
    assert!(fs::read_to_string(&to).unwrap().contains("rollback"));
}

#[test]
fn silence_is_told_here_and_of_other_devices() {
    let home = home();
    old_backup(&home, 9);
    let silent = open(&home, "silent").unwrap();
    assert_eq!((silent["known"].as_u64(), silent["grade"].as_str()), (Some(9), Some("warning")), "{silent}");
    assert_eq!(home.run(&["status"]).0, 3);
    // another device that has seen its heads tells of it by name
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    let other = Home::new();
    let kit = home.path.join("recovery-kit.txt");
    other.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "desk"]);
    let told = open(&other, "device-silent").unwrap();
    assert_eq!(told["known"].as_u64(), Some(9), "{told}");
    assert!(told["happened"]["text"].as_str().unwrap().contains("silent for 9 days"), "{told}");
    // longer patience is the owner's to choose
    configure(&other, "[problems]\nsilent_days = 30\n");
    assert!(open(&other, "device-silent").is_none());
    home.backup();
    assert!(open(&home, "silent").is_none());
}

#[test]
fn a_clock_that_jumped_back_is_told_and_stays_told_while_work_goes_on() {
    let ahead = |home: &Home, seconds: i64| {
        let late = Entry {
            time: now() + seconds,
            event: Event::Backup,
            outcome: Outcome::Done,
            device: DeviceId::from_bytes([1; 16]),
            count: 0,
            bytes: 0,
            what: String::new(),
            names: vec![],
        };
        account(home).trail().append(&late, &SystemRandom::new()).unwrap();
    };
    let home = home();
    // a few hours are no jump
    ahead(&home, 20 * 3600);
    assert!(open(&home, "clock").is_none());
    ahead(&home, 3 * DAY);
    assert!(stderr(&home, &["snapshots"]).contains("The clock of this machine"));
    home.backup();
    assert_eq!(open(&home, "clock").unwrap()["grade"], "warning");
    // while it may be wrong, it tells of no silence; the owner who says that it is right now is taken at their word
    old_backup(&home, 9);
    assert!(open(&home, "silent").is_none());
    home.done(&["problems", "ack", &open(&home, "clock").unwrap()["number"].to_string()]);
    assert_eq!(open(&home, "silent").unwrap()["known"], 9);
    assert!(open(&home, "clock").is_none());
    home.backup();
    assert!(open(&home, "silent").is_none(), "and silence ends with a backup");
}

/// A program that does not end is stopped, and keeps nobody waiting for long.
#[test]
fn a_program_that_never_ends_is_stopped() {
    let home = home();
    let (begun, hook) = (home.folder.path().join("begun"), home.folder.path().join("hook"));
    fs::write(&hook, format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", begun.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    configure(&home, &format!("[problems]\nhook = {:?}\n", hook.display().to_string()));
    old_backup(&home, 9);
    let started = std::time::Instant::now();
    let said = stderr(&home, &["snapshots"]);
    assert!(said.contains("took longer than 10 s and was stopped"), "{said}");
    assert!((10..30).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    let process = fs::read_to_string(&begun).unwrap();
    assert!(!std::path::Path::new("/proc").join(process.trim()).exists());
    assert!(open(&home, "silent").unwrap()["told"].is_null());
}

#[test]
fn a_broken_policy_is_told_to_the_owners_program_once_and_without_secrets() {
    let home = home();
    let (heard, hook) = (home.folder.path().join("heard"), home.folder.path().join("hook"));
    fs::write(&hook, format!("#!/bin/sh\ncat >> {0}\nenv >> {0}\n", heard.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    configure(&home, &format!("[problems]\nhook = {:?}\n", hook.display().to_string()));
    let changed = printkeep::consent::policy::BUILT_IN.replacen("version = 1", "version = 2", 1);
    home.done(&["privacy", "policy", "install", file(&home, "policy.toml", &changed).to_str().unwrap()]);
    for entry in fs::read_dir(home.path.join("policies")).unwrap().flatten() {
        if entry.file_name() != "in-force" {
            fs::write(entry.path(), "rotten").unwrap();
        }
    }
    for _ in 0..3 {
        home.command(&["snapshots"]).env("PRINTKEEP_PASSPHRASE", "canary-canary").output().unwrap();
    }
    let heard = fs::read_to_string(&heard).unwrap();
    assert_eq!(heard.matches("\"kind\":\"policy\"").count(), 1, "{heard}");
    assert!(!heard.contains("canary"), "{heard}");
    assert!(open(&home, "policy").unwrap()["told"].is_i64());
    home.done(&["privacy", "policy", "reset"]);
    assert!(open(&home, "policy").is_none());
    // a program that is not there stops nothing, and is told
    configure(&home, "");
    fs::remove_file(&hook).unwrap();
    fs::write(home.path.join("policies/in-force"), "nonsense").unwrap();
    let output = home.command(&["snapshots"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("Nobody was told"));
}

#[test]
fn a_drill_brings_files_back_and_one_that_fails_is_an_incident() {
    let home = Home::new();
    (0..30).for_each(|n| fs::write(home.data.join(format!("{n}.bin")), noise(n, 40_000)).unwrap());
    home.backup();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["sync"]);
    let done = home.done(&["check", "--try-restore", "7"]);
    let numbers = ["of", "tried", "files", "compared", "failed"].map(|name| done["tried"][name].as_u64().unwrap());
    assert_eq!(numbers, [30, 7, 7, 7, 0], "{done}");
    assert_eq!(home.done(&["status"])["tried"]["files"], 7);
    // a source of other bytes under the same size and time
    let path = home.data.join("3.bin");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, noise(99, 40_000)).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(home.run(&["check", "--try-restore", "1000"]).0, 7);
    assert!(open(&home, "drill").is_some());
    fs::write(&path, "changed since, which tells nothing").unwrap();
    home.done(&["check", "--try-restore", "1000"]);
    assert!(open(&home, "drill").is_none());
    // packs rot in the vault, and not in the store
    for name in home.objects().iter().filter(|name| name.starts_with("packs/")) {
        let path = home.vault().join(name);
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len();
        bytes[end / 4..].fill(0x5a);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    let (exit, failed) = home.run(&["check", "--try-restore", "1000"]);
    assert_eq!(exit, 7, "{failed}");
    assert_eq!(open(&home, "drill").unwrap()["grade"], "serious");
    home.done(&["check", "--try-restore", "1000", "--store", "nas"]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 3 && status["problems"].to_string().contains("did not come back"), "{status}");
    assert_eq!(home.run(&["check", "--read-data"]).0, 7);
    assert!(open(&home, "damaged").is_some());
    home.run(&["check", "--repair", "--read-data"]);
    home.done(&["check", "--read-data"]);
    assert!(open(&home, "damaged").is_none());
    home.done(&["check", "--try-restore", "20"]);
    assert!(open(&home, "drill").is_none());
    // it reads, so that it needs the key
    fs::remove_file(home.path.join("recovery-kit.txt")).unwrap();
    assert_eq!(home.run(&["check", "--try-restore", "20"]).0, 4);
}

#[test]
fn a_device_that_joined_elsewhere_is_told_as_worth_knowing() {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    let kit = home.path.join("recovery-kit.txt");
    Home::new().done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "stranger"]);
    home.done(&["sync"]);
    let told = open(&home, "devices").unwrap();
    assert_eq!((told["grade"].as_str(), told["device"].as_str()), (Some("info"), Some("stranger")), "{told}");
    assert_eq!(home.run(&["status"]).0, 0);
    // and one that another machine revoked; nothing is told of devices that stayed as they were
    let other = Home::new();
    other.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "desk"]);
    other.done(&["device", "revoke", "stranger", "--yes", "--recovery-kit", kit.to_str().unwrap()]);
    other.done(&["sync"]);
    home.done(&["sync"]);
    let mut told: Vec<(String, String)> = incidents(&home, true)
        .iter()
        .filter(|incident| incident["kind"] == "devices")
        .map(|incident| [&incident["subject"], &incident["device"]].map(|text| text.as_str().unwrap().to_owned()).into())
        .collect();
    told.sort();
    let of = |subject: &str, device: &str| (subject.to_owned(), device.to_owned());
    assert_eq!(told, [of("joined", "desk"), of("joined", "stranger"), of("revoked", "stranger")]);
}

#[test]
fn grades_follow_the_written_rules() {
    assert_eq!([2, 3].map(|count| ProblemKind::NotTrusted.grade(count, 0)), [Grade::Serious, Grade::Critical]);
    assert_eq!([9, 10].map(|known| ProblemKind::WrongPassphrase.grade(1, known)), [Grade::Serious, Grade::Critical]);
    let others =
        [ProblemKind::Fork, ProblemKind::Damaged, ProblemKind::Disk, ProblemKind::Devices].map(|kind| kind.grade(99, 99));
    assert_eq!(others, [Grade::Critical, Grade::Serious, Grade::Warning, Grade::Info]);
}

#[test]
fn a_disk_that_is_nearly_full_is_told_until_there_is_room() {
    let home = home();
    // the list itself looks at the disk again: what was told stays in it
    let look = |free| {
        check_conditions(&account(&home), &Conditions { silent_days: 7, free, synced: false, stores: &[] }).unwrap();
        incidents(&home, true).into_iter().find(|incident| incident["kind"] == "disk")
    };
    assert!(look(NEARLY_FULL).is_none());
    let told = look(NEARLY_FULL - 1).unwrap();
    assert_eq!((told["grade"].as_str(), told["known"].as_u64()), (Some("warning"), Some(NEARLY_FULL - 1)), "{told}");
    assert_eq!(look(NEARLY_FULL).unwrap()["open"], false);
}

/// A home with a folder as its store, in step.
fn with_store(name: &str) -> (Home, PathBuf) {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", name]);
    home.done(&["sync"]);
    (home, store)
}

#[test]
fn status_tells_of_each_store_when_it_was_in_step_and_since_when_it_is_away() {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "stick"]);
    let stands = || home.run(&["status"]).1["stores"][0].clone();
    let never = stands();
    assert!(never["in_step"].is_null() && never["away_since"].is_null() && never["objects"].as_u64() > Some(0), "{never}");
    home.done(&["sync"]);
    let well = stands();
    assert!(well["in_step"].as_i64() > Some(now() - 600) && well["objects"] == 0, "{well}");
    // away for an hour is worth knowing and no problem; it is back as soon as it answers
    let drawer = home.folder.path().join("drawer");
    fs::rename(&store, &drawer).unwrap();
    home.run(&["sync"]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && status["stores"][0]["away_since"].is_i64(), "{status}");
    let text = String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    assert!(text.contains("Store stick: away since 20") && text.contains("last in step 20"), "{text}");
    assert!(text.contains("No problems in what was looked at"), "{text}");
    fs::rename(&drawer, &store).unwrap();
    home.done(&["sync"]);
    assert!(stands()["away_since"].is_null());
}

#[test]
fn a_store_that_is_out_of_step_for_days_is_a_problem_until_it_is_in_step_again() {
    let (home, _) = with_store("nas");
    // as if it was in step nine days ago
    let mut writer = account(&home);
    let known = writer.memory.store("nas").unwrap().clone();
    let visit =
        StoreObservation::Visit { store: "nas".into(), well: Some(now() - 9 * DAY), roster: known.roster, slots: known.slots };
    writer.remember_truth(visit).unwrap();
    drop(writer);
    let away = open(&home, "away").unwrap();
    assert_eq!((away["grade"].as_str(), away["known"].as_u64()), (Some("warning"), Some(9)), "{away}");
    assert_eq!(home.run(&["status"]).0, 3);
    let said = stderr(&home, &["snapshots"]);
    assert!(!said.contains("PROBLEM"), "told once: {said}");
    home.done(&["sync"]);
    assert!(open(&home, "away").is_none());
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn status_tells_each_thing_once_in_the_words_of_what_the_store_shows() {
    let (home, store) = with_store("nas");
    fs::write(home.data.join("b.gcode"), "G29\n").unwrap();
    home.backup();
    home.done(&["sync"]);
    let mut heads = Vec::new();
    program::each_file(&store, &mut |path| heads.extend(path.to_str().unwrap().contains("/heads/").then(|| path.to_owned())));
    heads.sort();
    fs::remove_file(heads.last().unwrap()).unwrap();
    assert_eq!(home.run(&["sync"]).0, 7);
    let (exit, status) = home.run(&["status"]);
    let told: Vec<_> = status["problems"].as_array().unwrap().iter().filter(|p| p["subject"] == "nas").collect();
    assert!(exit == 3 && told.len() == 1 && told[0]["anomaly"] == "older", "{status}");
    let text = String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    assert_eq!(text.matches("nas shows an older state").count(), 1, "{text}");
    let listed = String::from_utf8(home.command(&["problems"]).output().unwrap().stdout).unwrap();
    assert_eq!(listed.matches("nas").count(), 1, "{listed}");
}

#[test]
fn after_a_join_a_check_says_that_the_backup_lies_in_the_store() {
    let (home, store) = with_store("nas");
    let other = Home::new();
    let (url, kit) = (format!("file://{}", store.display()), home.path.join("recovery-kit.txt"));
    let kit = kit.to_str().unwrap();
    other.done(&["setup", "--join", &url, "--recovery-kit", kit, "--device-name", "desk"]);
    let checked = other.done(&["check", "--try-restore", "5", "--recovery-kit", kit]);
    assert!(checked["elsewhere"].as_u64() > Some(0) && checked["damaged"].as_array().unwrap().is_empty(), "{checked}");
    assert_eq!((&checked["tried"]["files"], &checked["tried"]["failed"]), (&1.into(), &0.into()), "{checked}");
    assert!(open(&other, "damaged").is_none() && open(&other, "drill").is_none());
    let text = String::from_utf8(other.command(&["check"]).output().unwrap().stdout).unwrap();
    assert!(text.contains("not on this machine and lie") && text.contains("All is well"), "{text}");
    // once it is here, nothing lies elsewhere
    other.done(&["sync"]);
    assert_eq!(other.done(&["check"])["elsewhere"], 0);
    // and what is in no place is a loss
    let other_packs = other.objects().into_iter().filter(|name| name.starts_with("packs/"));
    other_packs.for_each(|name| fs::remove_file(other.vault().join(name)).unwrap());
    fs::remove_dir_all(&store).unwrap();
    assert_eq!(other.run(&["check"]).0, 7);
}

#[test]
fn trying_nothing_is_no_success() {
    let home = Home::new();
    home.backup();
    let (exit, checked) = home.run(&["check", "--try-restore", "20"]);
    assert!(exit == 3 && checked["tried"]["of"] == 0, "{exit} {checked}");
    assert!(home.run(&["status"]).1["tried"].is_null());
}
