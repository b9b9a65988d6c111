//! Problems as an owner meets them: noticed, graded, told once with four parts, counted, remedied where that can be seen.

use std::fs;
use std::path::Path;

use crate::support::problems::{DAY, account, configure, file, home, now, old_backup, open, problems, stderr};
use crate::support::program::{self, Home};
use crate::support::server::{self, S3Server};
use printkeep::core::name::DeviceId;
use printkeep::engine::account::problem::{Grade, ProblemKind};
use printkeep::engine::problems::{Conditions, NEARLY_FULL, check_conditions};
use printkeep::local::audit::{Entry, Event, Outcome};
use printkeep::local::os_random::SystemRandom;

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
    let problem = open(&home, "not-trusted").unwrap();
    assert_eq!((problem["count"].as_u64(), problem["subject"]["store"].as_str()), (Some(2), Some("store")), "{problem}");
    for part in ["happened", "done", "advice", "remedy"] {
        assert!(problem[part]["text"].as_str().unwrap().len() > 10, "{problem}");
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
    let mut kept = problems(&home, true).into_iter().filter(|problem| problem["number"].is_u64()).peekable();
    assert!(kept.peek().is_some() && kept.all(|problem| problem["remedied"].is_i64()));
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn a_store_that_was_set_back_is_a_problem_until_it_is_well() {
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
    let problem = open(&home, "rollback").unwrap();
    assert_eq!((problem["grade"].as_str(), problem["subject"]["store"].as_str()), (Some("serious"), Some("store")), "{problem}");
    // in the owner's language
    let number = problem["number"].to_string();
    let shown = home.command(&["problems", "show", &number]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    for part in ["发生了什么", "已采取的措施", "您可以做什么", "补救办法"] {
        assert!(shown.contains(part), "{shown}");
    }
    home.done(&["sync"]);
    assert!(open(&home, "rollback").is_none());
    let to = home.folder.path().join("problems.json");
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

#[test]
fn a_device_that_joined_elsewhere_is_told_to_be_looked_at_and_another_of_its_name_anew() {
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
    assert_eq!((told["grade"].as_str(), told["device"].as_str()), (Some("warning"), Some("stranger")), "{told}");
    assert_eq!(home.run(&["status"]).0, 3);
    home.done(&["problems", "ack", &told["number"].to_string()]);
    // and one that another machine revoked; nothing is told of devices that stayed as they were
    let other = Home::new();
    other.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "desk"]);
    other.done(&["device", "revoke", "stranger", "--yes", "--recovery-kit", kit.to_str().unwrap()]);
    other.done(&["sync"]);
    home.done(&["sync"]);
    let mut told: Vec<(String, String)> = problems(&home, true)
        .iter()
        .filter(|problem| problem["kind"] == "devices")
        .map(|problem| [&problem["subject"], &problem["device"]].map(|text| text.as_str().unwrap().to_owned()).into())
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
        problems(&home, true).into_iter().find(|problem| problem["kind"] == "disk")
    };
    assert!(look(NEARLY_FULL).is_none());
    let told = look(NEARLY_FULL - 1).unwrap();
    assert_eq!((told["grade"].as_str(), told["known"].as_u64()), (Some("warning"), Some(NEARLY_FULL - 1)), "{told}");
    assert_eq!(look(NEARLY_FULL).unwrap()["open"], false);
}

#[test]
fn a_full_disk_before_the_first_snapshot_sends_nobody_to_forget_one() {
    let home = Home::new();
    home.done(&["setup"]);
    let look = || {
        check_conditions(&account(&home), &Conditions { silent_days: 7, free: 0, synced: false, stores: &[] }).unwrap();
        let disk = problems(&home, true).into_iter().rfind(|problem| problem["kind"] == "disk").unwrap();
        disk["remedy"].to_string()
    };
    assert!(look().contains("disk-first"), "{}", look());
    home.backup();
    assert!(!look().contains("disk-first"), "{}", look());
}

#[test]
fn a_problem_that_lasts_is_told_by_what_holds_now() {
    let home = home();
    for free in [NEARLY_FULL - 1, 5, 70] {
        check_conditions(&account(&home), &Conditions { silent_days: 7, free, synced: false, stores: &[] }).unwrap();
        let kept = account(&home).problems();
        let disk = kept.iter().find(|problem| problem.what.kind == ProblemKind::Disk).unwrap();
        assert_eq!((disk.what.known, disk.count), (free, 1), "it lasts, and is counted once a day");
    }
}
