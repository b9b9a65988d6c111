//! Backups that failed, were cut short or could not take everything: status says so until one does, and no rule lets the whole ones go.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::program::{self, Home, PASSPHRASE};
use crate::support::server;
use printkeep::engine::account::Account;
use printkeep::engine::account::history::BegunBackup;
use printkeep::engine::clock::Clock;
use serde_json::Value;

/// A home with two sources that are there.
fn two_sources() -> (Home, PathBuf, PathBuf) {
    let home = Home::new();
    let at = |name: &str| {
        let folder = home.data.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.gcode"), format!("; {name}\nG28\n")).unwrap();
        folder
    };
    let (config, timelapse) = (at("config"), at("timelapse"));
    for folder in [&config, &timelapse] {
        home.done(&["source", "add", folder.to_str().unwrap()]);
    }
    home.done(&["backup"]);
    assert_eq!(home.run(&["status"]).0, 0);
    (home, config, timelapse)
}

fn of_kind(document: &Value, kind: &str) -> Vec<Value> {
    document["problems"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).cloned().collect()
}

fn lines(home: &Home, args: &[&str]) -> String {
    let output = home.command(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_source_that_is_away_is_a_problem_until_a_backup_reads_it() {
    let (home, _, timelapse) = two_sources();
    let away = home.folder.path().join("unplugged");
    fs::rename(&timelapse, &away).unwrap();
    let first = lines(&home, &["backup"]);
    assert!(first.contains("PROBLEM"), "{first}");
    let second = lines(&home, &["backup"]);
    assert!(!second.contains("PROBLEM"), "told once: {second}");
    let (exit, status) = home.run(&["status"]);
    let told = of_kind(&status, "source");
    assert_eq!((exit, told.len(), &told[0]["count"]), (3, 1, &2.into()), "{status}");
    assert_eq!((&told[0]["subject"]["source"], &told[0]["grade"]), (&timelapse.to_str().unwrap().into(), &"warning".into()));
    assert_eq!(status["last"]["missing"][0], timelapse.to_str().unwrap(), "{status}");
    assert_eq!(home.run(&["problems"]).0, 3);
    let shown = lines(&home, &["status"]);
    assert!(shown.contains("INCOMPLETE: without") && !shown.contains("No problems"), "{shown}");
    let listed = lines(&home, &["snapshots"]);
    let marked: Vec<bool> = listed.lines().map(|line| line.contains("INCOMPLETE")).collect();
    assert_eq!(marked, [false, true, true], "{listed}");
    fs::rename(&away, &timelapse).unwrap();
    home.done(&["backup"]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && status["last"]["missing"].as_array().unwrap().is_empty(), "{status}");
}

#[test]
fn a_backup_that_failed_is_a_problem_until_one_succeeds() {
    let (home, ..) = two_sources();
    let away = home.folder.path().join("unplugged");
    fs::rename(&home.data, &away).unwrap();
    assert_eq!(home.run(&["backup"]).0, 1);
    let (exit, status) = home.run(&["status"]);
    assert_eq!((exit, of_kind(&status, "source").len()), (3, 2), "{status}");
    assert!(status["failed"]["why"]["text"].as_str().unwrap().contains("none of the 2 sources"), "{status}");
    assert!(lines(&home, &["status"]).contains("FAILED and saved nothing"));
    fs::rename(&away, &home.data).unwrap();
    home.done(&["backup"]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && status["failed"].is_null(), "{status}");
    // of another kind: the sources are gone from the settings
    fs::remove_file(home.path.join("config.toml")).unwrap();
    assert_eq!(home.run(&["backup"]).0, 2);
    let (exit, status) = home.run(&["status"]);
    let told = of_kind(&status, "backup-failed");
    assert!(exit == 3 && told[0]["object"]["text"].as_str().unwrap().contains("nothing to back up"), "{status}");
    home.backup();
    assert_eq!(home.run(&["status"]).0, 0);
    // a command line that makes no sense is none
    assert_eq!(home.run(&["backup", home.data.to_str().unwrap(), "--exclude", "[z-a]"]).0, 2);
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn no_other_sources_are_said_to_be_backed_up_where_there_were_none() {
    let (home, config, timelapse) = two_sources();
    let done = |home: &Home| of_kind(&home.run(&["status"]).1, "source")[0]["done"].to_string();
    fs::rename(&config, home.folder.path().join("config")).unwrap();
    assert_eq!(home.run(&["backup"]).0, 3);
    assert!(done(&home).contains("other sources"), "{}", done(&home));
    fs::rename(&timelapse, home.folder.path().join("timelapse")).unwrap();
    home.run(&["backup"]);
    assert!(!done(&home).contains("other sources"), "{}", done(&home));
}

#[test]
fn a_backup_whose_process_died_is_told() {
    let (home, ..) = two_sources();
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = Account::choose(&at, None).unwrap();
    let account = Account::open_read_only(&at, name, Clock::SYSTEM).unwrap();
    // begun by a process that is there: it is at work
    assert!(account.logs().remember(|history| history.begun = Some(BegunBackup::here(1_790_000_000))));
    assert_eq!(home.run(&["status"]).0, 0);
    let mut child = Command::new("true").spawn().unwrap();
    let gone = child.id();
    child.wait().unwrap();
    assert!(account.logs().remember(|history| history.begun = Some(BegunBackup::of(1_790_000_000, gone))));
    let (exit, status) = home.run(&["status"]);
    assert_eq!(
        (exit, of_kind(&status, "backup-failed").len(), &status["failed"]["time"]),
        (3, 1, &1_790_000_000.into()),
        "{status}"
    );
    // looked at again it is the same one; the next backup takes it down, and is told of if it fails too
    let again = of_kind(&home.run(&["status"]).1, "backup-failed");
    assert_eq!(again[0]["count"], 1, "{again:?}");
    assert!(account.history().failed.is_none(), "reading remembers nothing of backups");
    home.done(&["backup"]);
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn a_home_that_is_read_only_is_told_and_no_second_account_is_offered() {
    let (home, ..) = two_sources();
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 99; exec \"$0\" \"$2\" --json";
    let run = |what: &str| {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_printkeep")]).arg(&home.path).arg(what);
        command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("PRINTKEEP_HOME", &home.path);
        let output = command.output().ok().filter(|output| output.status.code() != Some(99) && !output.stdout.is_empty())?;
        Some((output.status.code().unwrap_or(-1), program::document(&output)))
    };
    let Some((exit, status)) = run("status") else { return println!("not run: this user may not mount") };
    assert_eq!((exit, of_kind(&status, "home-read-only").len()), (3, 1), "{status}");
    let (exit, failure) = run("backup").unwrap();
    let hint = failure["error"]["hint"].as_str().unwrap();
    assert!(exit == 1 && hint.contains("reading back still works") && hint.contains("empty account"), "{failure}");
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && of_kind(&status, "home-read-only").is_empty(), "{status}");
}

#[test]
fn rules_keep_the_newest_that_holds_a_source_and_name_what_goes() {
    let (home, config, timelapse) = two_sources();
    home.done(&["backup"]);
    fs::rename(&timelapse, home.folder.path().join("unplugged")).unwrap();
    (0..3).for_each(|_| assert_eq!(home.run(&["backup"]).0, 3));
    let numbers = |reply: &Value, kept: bool| -> Vec<u64> {
        let judged = reply["snapshots"].as_array().unwrap().iter().filter(|one| one["kept"] == kept);
        judged.map(|one| one["number"].as_u64().unwrap()).collect()
    };
    let tried = home.done(&["forget", "--keep-last", "1", "--dry-run"]);
    assert_eq!((numbers(&tried, true), numbers(&tried, false)), (vec![2, 5], vec![1, 3, 4]), "{tried}");
    let of = |number: usize| &tried["snapshots"][number - 1];
    assert_eq!((&of(2)["reason"], &of(5)["reason"]), (&"source".into(), &"newest".into()));
    assert_eq!(
        (&of(3)["sources"][0], &of(3)["missing"][0]),
        (&config.to_str().unwrap().into(), &timelapse.to_str().unwrap().into())
    );
    let said = lines(&home, &["forget", "--keep-last", "1", "--dry-run"]);
    assert!(said.contains("holds a source that newer ones lack") && said.contains("INCOMPLETE: without"), "{said}");
    // standing rules do the same, and say which
    let device = home.run(&["status"]).1["device"].as_str().unwrap().to_owned();
    home.done(&["device", "allow-delete", &device]);
    home.done(&["rules", "set", "--keep-last", "1"]);
    let (_, reply) = home.run(&["backup"]);
    let gone: Vec<_> = reply["snapshots"]["gone"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(gone, [1, 3, 4, 5], "{reply}");
    let to = home.folder.path().join("back");
    home.done(&["restore", "2", "--to", to.to_str().unwrap()]);
    assert!(to.join("timelapse/a.gcode").is_file(), "the newest that holds it comes back");
}

#[test]
fn a_backup_of_one_folder_does_not_push_out_those_of_all() {
    let (home, config, _) = two_sources();
    home.done(&["backup", config.to_str().unwrap()]);
    home.done(&["backup", config.to_str().unwrap()]);
    let tried = home.done(&["forget", "--keep-last", "1", "--dry-run"]);
    assert_eq!(tried["forgotten"], 1, "{tried}");
    assert!(tried["snapshots"][0]["kept"] == true, "{tried}");
}

#[test]
fn a_kit_that_nobody_showed_is_told_once_it_is_no_longer_here() {
    let home = Home::new();
    home.backup();
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && of_kind(&status, "kit-unproved").is_empty(), "it lies here: {status}");
    let kit = home.folder.path().join("kit.txt");
    fs::rename(home.path.join("recovery-kit.txt"), &kit).unwrap();
    let (exit, status) = home.run(&["status"]);
    assert_eq!((exit, &of_kind(&status, "kit-unproved")[0]["grade"]), (0, &"info".into()), "{status}");
    assert!(lines(&home, &["status"]).contains("was never checked: `printkeep key kit --test FILE`"));
    // after a month it is a problem
    let at = printkeep::local::home::Home::at(home.path.clone());
    let account = Account::open_read_only(&at, Account::choose(&at, None).unwrap(), Clock::SYSTEM).unwrap();
    let made = Clock::SYSTEM.now() - 31 * 86_400;
    assert!(account.logs().remember(|history| history.kit_made = Some(made)));
    let (exit, status) = home.run(&["status"]);
    assert_eq!((exit, &of_kind(&status, "kit-unproved")[0]["grade"]), (3, &"warning".into()), "{status}");
    home.done(&["key", "kit", "--test", kit.to_str().unwrap()]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && of_kind(&status, "kit-unproved").is_empty() && status["kit"]["seen"].is_i64(), "{status}");
    assert!(lines(&home, &["status"]).contains("was last checked"));
    // with a passphrase it is no longer the only way in
    let passphrase = server::write(&home.folder.path().join("passphrase"), PASSPHRASE);
    let (kit, passphrase) = (kit.to_str().unwrap(), passphrase.to_str().unwrap());
    home.done(&["key", "passphrase", "--recovery-kit", kit, "--new-passphrase-file", passphrase]);
    assert_eq!(home.run(&["status"]).1["kit"]["alone"], false);
}

#[test]
fn what_is_held_names_the_audit_log() {
    let home = Home::new();
    home.backup();
    home.done(&["ls", "latest"]);
    for args in [&["privacy", "data"][..], &["privacy", "retention"]] {
        let reply = home.done(args);
        assert!(reply["log"]["entries"].as_u64().unwrap() >= 2 && reply["log"]["since"].is_i64(), "{reply}");
        let said = lines(&home, args);
        assert!(said.contains("The audit log") && said.contains("`printkeep privacy log`"), "{said}");
    }
}

#[test]
fn a_wrong_command_line_names_its_command_in_the_document() {
    let home = Home::new();
    for (args, name) in [(&["store", "add"][..], "store add"), (&["backup", "--nonsense"], "backup"), (&["nonsense"], "")] {
        assert_eq!(home.run(args).1["command"], name);
    }
}

#[test]
fn a_home_that_is_named_by_a_detour_is_shown_without_it() {
    let home = Home::new();
    home.backup();
    let detour = home.data.join("..").join("home");
    let output = home.command(&["status", "--json"]).env("PRINTKEEP_HOME", &detour).output().unwrap();
    let vault = program::document(&output)["vault"].as_str().unwrap().to_owned();
    assert_eq!(PathBuf::from(vault), home.path.canonicalize().unwrap().join("vault"));
}
