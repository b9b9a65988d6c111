//! The audit log as an owner relies on it: every command that touches data stands in it, and what is done to it is found and named.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use crate::support::program::{self, Home, PASSPHRASE};
use printkeep::core::name::DeviceId;
use printkeep::engine::account::Account;
use printkeep::engine::clock::Clock;
use printkeep::local::audit::{Entry, Event, Outcome, ROTATE_SIZE, Trail};
use printkeep::local::os_random::SystemRandom;
use serde_json::Value;

fn home() -> Home {
    let home = Home::new();
    fs::write(home.data.join("secret-part.gcode"), "G28\n").unwrap();
    home.backup();
    home
}

fn account(home: &Home) -> Account {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = Account::choose(&at, None).unwrap();
    Account::open_read_only(&at, name, Clock::SYSTEM).unwrap()
}

fn folder(home: &Home) -> PathBuf {
    home.path.join("accounts/default/audit")
}

/// Events with their outcomes and words, in order.
fn events(home: &Home) -> Vec<(String, String, String)> {
    let (_, shown) = home.run(&["privacy", "log", "show", "--last", "1000"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = shown["entries"].as_array().unwrap_or_else(|| panic!("{shown}"));
    entries.iter().map(|e| (text(&e["event"]), text(&e["outcome"]), text(&e["what"]))).collect()
}

fn has(home: &Home, event: &str, outcome: &str, what: &str) -> bool {
    events(home).iter().any(|(e, o, w)| e == event && o == outcome && w.contains(what))
}

fn breaks(home: &Home) -> String {
    let (exit, document) = home.run(&["privacy", "log", "verify"]);
    let found = document["breaks"].to_string();
    assert_eq!(exit, if found == "[]" { 0 } else { 7 }, "{document}");
    found
}

/// A long log, written as the program writes it.
fn long(home: &Home, files: u64) -> Trail {
    let trail = account(home).trail();
    let mut time = 1_800_000_000;
    while count(home) < files {
        let names = vec!["x".repeat(512); 16];
        let (event, outcome, device) = (Event::Backup, Outcome::Done, DeviceId::from_bytes([1; 16]));
        time += 60;
        let entry = Entry { time, event, outcome, device, count: 1, bytes: 2, what: String::new(), names };
        trail.append(&entry, &SystemRandom::new()).unwrap();
    }
    trail
}

fn count(home: &Home) -> u64 {
    fs::read_dir(folder(home)).unwrap().flatten().filter(|f| f.path().extension().is_some_and(|e| e == "journal")).count() as u64
}

#[test]
fn every_command_that_touches_data_stands_in_the_log() {
    let home = home();
    let other = home.folder.path().join("other");
    fs::create_dir_all(&other).unwrap();
    let path = |name: &str| home.folder.path().join(name).to_str().unwrap().to_owned();
    let word = path("word");
    fs::write(&word, format!("{PASSPHRASE}\n")).unwrap();
    let store = format!("file://{}", other.display());
    let (to, kit, log, tar) = (path("to"), path("kit"), path("log"), path("mine.tar"));
    let runs: &[(&[&str], &str, &str)] = &[
        (&["source", "add", home.data.to_str().unwrap()], "settings", "source added"),
        (&["store", "add", &store], "settings", "store added"),
        (&["privacy", "grant", "network"], "consent", "network granted"),
        (&["privacy", "withdraw", "network"], "consent", "network withdrawn"),
        (&["privacy", "policy", "reset"], "policy", "reset"),
        (&["backup"], "backup", ""),
        (&["sync"], "sync", ""),
        (&["snapshots"], "browse", "snapshots"),
        (&["ls"], "browse", "ls"),
        (&["find", "*part*"], "browse", "find"),
        (&["restore", "latest", "--to", &to], "restore", "restore"),
        (&["check"], "check", ""),
        (&["key", "passphrase", "--new-passphrase-file", &word], "key", "passphrase set"),
        (&["ls", "--passphrase-file", &word], "unlock", "passphrase"),
        (&["key", "kit", "--yes", "--to", &kit], "key", "recovery kit made"),
        (&["key", "rotate", "--passphrase-file", &word], "key", "rotated"),
        (&["device", "rename", &device(&home), "bench", "--passphrase-file", &word], "device", "renamed"),
        (&["device", "allow-delete", "bench", "--passphrase-file", &word], "device", "allowed to delete"),
        (&["snapshots", "tag", "1", "good"], "forget", "tagged"),
        (&["snapshots", "pin", "1"], "forget", "pinned"),
        (&["forget", "--keep-last", "1"], "forget", "forgotten"),
        (&["prune", "--passphrase-file", &word], "prune", "pruned"),
        (&["device", "inbox", "allow", &path("inbox")], "share", "inbox allowed"),
        (&["check", "--repair"], "repair", "repair"),
        (&["check", "--try-restore", "20", "--passphrase-file", &word], "try-restore", ""),
        (&["privacy", "consent-record", "export"], "export", "consent"),
        (&["privacy", "log", "export", "--to", &log], "export", "audit"),
        (&["store", "set", "store", "--region", "home"], "settings", "store changed"),
        (&["store", "regions", "--any"], "settings", "regions set"),
        (&["privacy", "data", "--passphrase-file", &word], "browse", "facts"),
        (&["privacy", "export", "--to", &tar, "--passphrase-file", &word], "export", "data"),
        (&["privacy", "erase", "--kind", "device.os", "--yes-erase", "default"], "erase", ""),
    ];
    fs::create_dir_all(path("inbox")).unwrap();
    for (args, event, what) in runs {
        let before = events(&home).len();
        home.done(args);
        let new = events(&home).split_off(before);
        let found = new.iter().any(|(e, o, w)| e == event && o == "done" && w.contains(what));
        assert!(found, "{args:?}: {new:?}");
        // and once
        assert_eq!(new.iter().filter(|(e, ..)| e == "consent").count(), usize::from(event == &"consent"), "{args:?}: {new:?}");
    }
    // one that is killed in the middle left that it began
    assert!(has(&home, "restore", "begun", "restore") && has(&home, "prune", "begun", "pruned"));
    assert!(
        has(&home, "unlock", "done", "recovery kit") && has(&home, "account", "done", "") || has(&home, "backup", "done", "")
    );
    assert_eq!(breaks(&home), "[]");
    // what failed stands there too
    assert_ne!(home.run(&["restore", "99", "--to", &to, "--passphrase-file", &word]).0, 0);
    assert!(has(&home, "restore", "failed", ""));
}

fn device(home: &Home) -> String {
    home.done(&["device", "list"])["devices"][0]["name"].as_str().unwrap().to_owned()
}

#[test]
fn names_are_masked_unless_asked_for_and_never_readable_on_the_disk() {
    let home = home();
    home.done(&["find", "*secret-part*"]);
    let masked = home.command(&["privacy", "log", "show"]).output().unwrap();
    let masked = String::from_utf8(masked.stdout).unwrap();
    assert!(!masked.contains("secret-part") && masked.contains(" ~"), "{masked}");
    let named = home.command(&["privacy", "log", "show", "--names"]).output().unwrap();
    assert!(String::from_utf8(named.stdout).unwrap().contains("secret-part"));
    program::each_file(&home.path.join("accounts"), &mut |path| {
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.windows(11).any(|w| w == b"secret-part"), "{}", path.display());
    });
    let to = home.folder.path().join("log.json");
    home.done(&["privacy", "log", "export", "--to", to.to_str().unwrap()]);
    let text = fs::read_to_string(&to).unwrap();
    assert!(!text.contains("secret-part"));
    home.done(&["privacy", "consent-record", "check", to.to_str().unwrap()]);
    fs::write(&to, text.replacen("\"browse\"", "\"backup\"", 1)).unwrap();
    assert_eq!(home.run(&["privacy", "consent-record", "check", to.to_str().unwrap()]).0, 7);
}

#[test]
fn removed_changed_moved_and_cut_files_are_named() {
    let home = home();
    long(&home, 4);
    assert_eq!(breaks(&home), "[]");
    let at = |n: u64| folder(&home).join(format!("{n}.journal"));
    // changed
    let right = fs::read(at(2)).unwrap();
    assert!(right.len() as u64 > ROTATE_SIZE);
    let mut bytes = right.clone();
    bytes[5000] ^= 1;
    fs::write(at(2), &bytes).unwrap();
    assert!(breaks(&home).contains("audit/2.journal was changed"), "{}", breaks(&home));
    fs::write(at(2), &right).unwrap();
    // the first break found is itself written down; each later one is put back as it is now
    let newest = folder(&home).join("newest");
    let word = fs::read(&newest).unwrap();
    let kept: Vec<Vec<u8>> = (1..=4).map(|n| fs::read(at(n)).unwrap()).collect();
    let back = || {
        let _ = fs::remove_file(at(5));
        (1..=4).for_each(|n| fs::write(at(n), &kept[usize::try_from(n).unwrap() - 1]).unwrap());
        fs::write(folder(&home).join("newest"), &word).unwrap();
    };
    // removed in the middle, at the beginning, at the end
    for n in [2, 1, 4] {
        fs::remove_file(at(n)).unwrap();
        assert!(breaks(&home).contains(&format!("audit/{n}.journal is missing")), "{}", breaks(&home));
        back();
    }
    // swapped
    fs::write(at(2), &kept[2]).unwrap();
    fs::write(at(3), &kept[1]).unwrap();
    assert!(breaks(&home).contains("audit/2.journal is file 3"), "{}", breaks(&home));
    back();
    // entries taken from the end of a file: at its end, and of the newest
    for n in [2, 4] {
        let cut = whole_frames(&kept[n - 1]);
        fs::write(at(n as u64), &kept[n - 1][..cut]).unwrap();
        let found = breaks(&home);
        assert!(found.contains("was cut"), "{found}");
        back();
    }
    // the word of how far it reaches, taken away or set back
    fs::remove_file(&newest).unwrap();
    assert!(breaks(&home).contains("audit/newest"), "{}", breaks(&home));
    back();
    assert_eq!(breaks(&home), "[]");
}

/// Where the last frame of a journal begins.
fn whole_frames(bytes: &[u8]) -> usize {
    let (mut at, mut last) = (5, 5);
    while at < bytes.len() {
        last = at;
        let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        at += 8 + if length == u32::MAX { 32 } else { length as usize };
    }
    last
}

#[test]
fn a_log_that_was_removed_whole_or_set_back_is_found_by_the_journal_and_goes_on() {
    let home = home();
    let before: Vec<_> =
        fs::read_dir(folder(&home)).unwrap().flatten().map(|f| (f.path(), fs::read(f.path()).unwrap())).collect();
    home.backup();
    home.backup();
    // an older copy of the whole folder
    for (path, bytes) in &before {
        fs::write(path, bytes).unwrap();
    }
    assert!(breaks(&home).contains("was cut or set back"), "{}", breaks(&home));
    home.backup();
    assert!(breaks(&home).contains("was found broken when that file was begun"), "{}", breaks(&home));
    // nothing at all
    fs::remove_dir_all(folder(&home)).unwrap();
    assert!(breaks(&home).contains("is missing"));
    home.backup();
    assert!(has(&home, "backup", "done", ""));
    let open = home.run(&["problems", "list"]).1.to_string();
    assert!(open.contains("audit-broken") && open.contains("critical"), "{open}");
}

#[test]
fn a_torn_tail_is_told_from_damage_and_the_log_goes_on() {
    let home = home();
    let path = folder(&home).join("1.journal");
    let whole = fs::read(&path).unwrap();
    let entries = events(&home).len();
    // a power cut in the middle of an append that nobody was told of
    fs::write(&path, [&whole[..], &[0x55, 1, 0]].concat()).unwrap();
    let (exit, document) = home.run(&["privacy", "log", "verify"]);
    assert_eq!((exit, document["torn"].as_u64()), (0, Some(3)), "{document}");
    home.backup();
    assert!(events(&home).len() > entries);
    assert_eq!(breaks(&home), "[]");
}

#[test]
fn old_files_go_whole_and_their_going_is_no_break() {
    let home = home();
    let trail = long(&home, 5);
    // a clock that is far ahead alone lets nothing go
    assert_eq!(trail.retire(365, 9_000_000_000, &SystemRandom::new()).unwrap(), 0);
    let year = 366 * 86_400;
    let late = Entry {
        time: 1_800_000_000 + 2 * year,
        event: Event::Backup,
        outcome: Outcome::Done,
        device: DeviceId::from_bytes([1; 16]),
        count: 0,
        bytes: 0,
        what: String::new(),
        names: vec![],
    };
    trail.append(&late, &SystemRandom::new()).unwrap();
    assert!(trail.retire(365, late.time, &SystemRandom::new()).unwrap() >= 2);
    assert!(!folder(&home).join("1.journal").exists());
    assert_eq!(breaks(&home), "[]");
    // one that is there no more without having been let go is still named
    let kept: Vec<u64> = (1..20).filter(|n| folder(&home).join(format!("{n}.journal")).exists()).collect();
    fs::remove_file(folder(&home).join(format!("{}.journal", kept[0]))).unwrap();
    assert!(breaks(&home).contains(&format!("audit/{}.journal is missing", kept[0])), "{}", breaks(&home));
}

#[test]
fn many_processes_write_one_log() {
    let home = home();
    let before = events(&home).len();
    let mut running: Vec<_> =
        (0..6).map(|_| home.command(&["snapshots"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()).collect();
    assert!(running.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(events(&home).len(), before + 6);
    assert_eq!(breaks(&home), "[]");
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing_and_is_told() {
    let home = home();
    let audit = folder(&home);
    fs::remove_dir_all(&audit).unwrap();
    // a file in its place: nobody, not even root, can write below it
    fs::write(&audit, "x").unwrap();
    fs::write(home.data.join("more.gcode"), "G1\n").unwrap();
    for args in [&["backup", home.data.to_str().unwrap()][..], &["ls"]] {
        let output = home.command(args).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && told.contains("not written to the log: "), "{told}");
    }
    assert_eq!(home.restored("latest").len(), 2);
    let open = home.run(&["problems", "list"]).1.to_string();
    assert!(open.contains("audit-unwritten"), "{open}");
    fs::remove_file(&audit).unwrap();
    home.backup();
    let all = home.run(&["problems", "list"]).1.to_string();
    assert!(!all.contains("audit-unwritten"), "{all}");
}
