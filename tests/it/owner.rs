//! What an owner types who read only the README: commands alone or mistyped, paths as they know them, another machine's passphrase or kit.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::program::{Home, PASSPHRASE, document, gcode};
use crate::support::typist::Typist;
use printkeep::app::jobs::backup::Backup;
use printkeep::app::jobs::ls::Ls;
use printkeep::app::prompt::Nobody;
use printkeep::app::unlock::Unlock;
use printkeep::app::{Failure, Prompt, Request, Session, Text, perform};
use printkeep::consent::Surface;
use printkeep::core::secret::SecretText;
use printkeep::engine::Cancel;

fn said(home: &Home, args: &[&str]) -> (i32, String) {
    let output = home.command(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(text).unwrap())
}

/// A printer's folders, as `source detect` names them.
fn printer() -> Home {
    let home = Home::new();
    for (name, bytes) in [("config/printer.cfg", b"[printer]\n".to_vec()), ("gcodes/cube.gcode", gcode(1, 300))] {
        let path = home.data.join("printer_data").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    for source in ["config", "gcodes"] {
        home.done(&["source", "add", home.data.join("printer_data").join(source).to_str().unwrap()]);
    }
    home.done(&["backup"]);
    home
}

fn synced(home: &Home) -> String {
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    url
}

fn kit(home: &Home) -> String {
    home.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
}

#[test]
fn a_command_alone_lists_what_stands_below_it_in_both_languages() {
    let home = Home::new();
    for (args, inner) in [
        (&["rules"][..], "set"),
        (&["privacy"], "grant"),
        (&["key"], "passphrase"),
        (&["source"], "detect"),
        (&["store"], "add"),
        (&["device"], "enroll"),
        (&["key", "codes"], "off"),
        (&["--account", "key", "store"], "add"),
    ] {
        for language in ["C", "zh_CN.UTF-8"] {
            let output = home.command(args).env("LANG", language).output().unwrap();
            let text = String::from_utf8(output.stderr).unwrap();
            let line = text.lines().find(|line| line.split_whitespace().next() == Some(inner));
            let about = line.is_some_and(|line| line.split_whitespace().count() > 1);
            assert!(output.status.code() == Some(2) && about && !text.contains("  hold "), "{args:?} {language}: {text}");
        }
    }
}

#[test]
fn what_is_mistyped_is_guessed_where_it_stands_and_documents_name_the_command() {
    let home = Home::new();
    for (args, meant, command) in [
        (&["restroe"][..], "did you mean `restore`?", ""),
        (&["list"], "did you mean `snapshots`?", ""),
        (&["key", "kitt"], "did you mean `key kit`?", "key"),
        (&["store", "ad"], "did you mean `store add`?", "store"),
        (&["snapshots", "tagg", "1"], "did you mean `snapshots tag`?", "snapshots"),
    ] {
        let (exit, text) = said(&home, args);
        let (_, told) = home.run(args);
        assert_eq!((exit, told["command"].as_str()), (2, Some(command)), "{args:?}: {told}");
        assert!(text.contains(meant), "{args:?}: {text}");
    }
    // there is nothing like it: what there is, and not what another place calls so
    let (_, text) = said(&home, &["privacy", "list"]);
    assert!(text.contains("privacy list") && !text.contains("`snapshots`") && text.contains("grant"), "{text}");
    assert_eq!(home.run(&["restore", "latest", "--no-such"]).1["command"], "restore");
    assert_eq!(home.run(&["cat", "latest", "a"]).1["command"], "cat");
    assert_eq!(home.run(&["store", "add"]).1["command"], "store add");
}

#[test]
fn what_lay_on_the_device_is_found_by_the_end_of_its_path() {
    let home = printer();
    let listed = |path: &str| {
        let listed = home.done(&["ls", "latest", path]);
        listed["entries"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("printer_data/gcodes"), ["gcodes", "gcodes/cube.gcode"]);
    assert_eq!(listed("printer_data/gcodes/cube.gcode"), ["gcodes/cube.gcode"]);
    // the folder above the sources is none itself
    assert_eq!(listed("printer_data"), ["config", "config/printer.cfg", "gcodes", "gcodes/cube.gcode"]);
    let to = home.folder.path().join("out");
    home.done(&["restore", "1", "printer_data/config/printer.cfg", "--to", to.to_str().unwrap()]);
    assert_eq!(fs::read(to.join("config/printer.cfg")).unwrap(), b"[printer]\n");
    assert_eq!(home.run(&["ls", "latest", "ta/gcodes"]).0, 2);
    // of several, each is told
    let more = home.data.join("other/printer_data/gcodes");
    fs::create_dir_all(&more).unwrap();
    home.done(&["source", "add", more.to_str().unwrap()]);
    home.done(&["backup"]);
    assert_eq!(home.run(&["ls", "latest", "printer_data/gcodes"]).1["error"]["id"], "many-paths");
}

#[test]
fn what_the_snapshot_lacks_is_told_with_the_one_that_has_it_and_what_to_type() {
    let home = printer();
    let other = home.folder.path().join("Bilder Würfel");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("a.txt"), "abc").unwrap();
    let once = home.done(&["backup", other.to_str().unwrap()]);
    assert_eq!(once["no_source"], serde_json::json!([other]));
    let (exit, text) = said(&home, &["restore", "latest", "printer.cfg", "--in-place"]);
    assert!(exit == 2 && text.contains("`printkeep restore 1 printer.cfg --in-place`"), "{text}");
    assert!(said(&home, &["ls", "latest", "printer_data/gcodes"]).1.contains("`printkeep ls 1 printer_data/gcodes`"));
    assert!(said(&home, &["cat", "1", "a.txt"]).1.contains("`printkeep cat 2 a.txt`"));
    let (_, text) = said(&home, &["cat", "1", "Bilder Würfel/a.txt"]);
    assert!(text.contains("`printkeep cat 2 'Bilder Würfel/a.txt'`"), "{text}");
    assert!(said(&home, &["cat", "1", "nowhere"]).1.contains("printkeep ls SNAPSHOT"));
}

#[test]
fn a_try_takes_files_of_every_source_though_the_newest_snapshot_lacks_them() {
    let home = printer();
    let other = home.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("a.txt"), "abc").unwrap();
    home.done(&["backup", other.to_str().unwrap()]);
    let tried = home.done(&["check", "--try-restore", "20"])["tried"].clone();
    assert_eq!((&tried["of"], &tried["files"]), (&3.into(), &3.into()), "{tried}");
    assert_eq!((&tried["snapshot"], &tried["also"][0]["snapshot"], tried["compared"].as_u64()), (&2.into(), &1.into(), Some(3)));
    assert_eq!(home.done(&["status"])["tried"]["files"], 3);
}

#[test]
fn the_tour_leaves_a_source_and_a_backup_without_one_is_told() {
    let home = Home::new();
    fs::write(home.data.join("a"), "x").unwrap();
    let data = home.data.to_str().unwrap();
    let (_, text) = said(&home, &["backup", data]);
    assert!(text.contains(&format!("`printkeep source add {data}`")), "{text}");
    // as a timer runs it
    assert_eq!(home.run(&["--quiet", "backup"]).1["error"]["id"], "backup-nothing");
    let (_, text) = said(&home, &["status"]);
    assert!(text.contains("Nothing is chosen to be backed up"), "{text}");
    home.done(&["source", "add", data]);
    let (_, text) = said(&home, &["backup", data]);
    assert!(!text.contains("source add"), "{text}");
    home.done(&["--quiet", "backup"]);
    assert!(!said(&home, &["status"]).1.contains("Nothing is chosen"));
    // the README's tour and its cron line
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let added = readme.find("printkeep source add ~/printer_data").unwrap();
    assert!(
        added < readme.find("printkeep --quiet backup; printkeep --quiet sync").unwrap(),
        "the tour names a source before a timer runs"
    );
}

#[test]
fn a_kit_of_another_account_is_told_as_that() {
    let (home, other) = (printer(), printer());
    let url = synced(&home);
    let id = |home: &Home| home.done(&["status"])["id"].as_str().unwrap().to_owned();
    let new = Home::new();
    for args in
        [&["setup", "--join", &url, "--recovery-kit", &kit(&other)][..], &["rescue", &url, "--recovery-kit", &kit(&other)]]
    {
        let (exit, told) = new.run(args);
        let message = told["error"]["message"].as_str().unwrap();
        assert_eq!((exit, told["error"]["id"].as_str()), (2, Some("kit-not-of-store")), "{told}");
        assert!(message.contains("another backup") && message.contains(&id(&other)) && message.contains(&id(&home)), "{message}");
    }
    for args in [&["ls", "--recovery-kit"][..], &["key", "kit", "--test"]] {
        let (exit, told) = home.run(&[args, &[kit(&other).as_str()]].concat());
        assert_eq!((exit, told["error"]["id"].as_str()), (4, Some("kit-of-another")), "{told}");
    }
    // a store that holds nothing of the kind
    let empty = home.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let (_, told) = new.run(&["setup", "--join", &format!("file://{}", empty.display()), "--recovery-kit", &kit(&other)]);
    assert_eq!(told["error"]["id"], "account-not-in-store");
}

/// A second machine in the account, with what the first one has.
fn second(home: &Home, url: &str) -> Home {
    let new = Home::new();
    new.done(&["setup", "--join", url, "--recovery-kit", &kit(home), "--device-name", "second"]);
    new
}

#[test]
fn a_passphrase_belongs_to_a_device_and_whoever_is_there_is_asked_for_the_kit() {
    let home = printer();
    let file = home.folder.path().join("word");
    fs::write(&file, format!("{PASSPHRASE}\n")).unwrap();
    home.done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap()]);
    let url = synced(&home);
    let new = second(&home, &url);
    let output = new.command(&["ls", "--json"]).env("PRINTKEEP_PASSPHRASE", PASSPHRASE).output().unwrap();
    let told = document(&output);
    assert_eq!((output.status.code(), told["error"]["id"].as_str()), (Some(4), Some("locked-others-passphrase")), "{told}");
    assert!(told["error"]["hint"].as_str().unwrap().contains("`printkeep key passphrase --recovery-kit FILE`"), "{told}");
    let ls =
        || Request::Ls(Ls { snapshot: "latest".into(), path: None, recursive: true, streamed: false, unlock: Unlock::default() });
    let session = Session::new(new.path.clone(), Surface::CommandLine);
    let ask = |prompt: &dyn Prompt| perform(&session, ls(), prompt, &|_| {}, &Cancel::default());
    assert_eq!(ask(&Nobody).unwrap_err().message.id, "locked-others-passphrase");
    assert_eq!(ask(&says(String::new())).unwrap_err().message.id, "locked-others-passphrase");
    assert!(ask(&says(kit(&home))).is_ok());
    // where no passphrase was ever set
    let bare = printer();
    fs::rename(kit(&bare), bare.folder.path().join("kit.txt")).unwrap();
    assert_eq!(bare.run(&["ls"]).1["error"]["id"], "locked-no-passphrase");
    // whoever cannot make a kit is not asked whether to end the other
    assert_eq!(bare.run(&["key", "kit"]).1["error"]["id"], "locked-no-passphrase");
}

/// Somebody who types no secret, and answers so when a kit is asked for.
fn says(answer: String) -> impl Prompt {
    Typist {
        secret: |_| Err(Failure::nobody_to_ask()),
        answer: move |question: &Text| {
            assert_eq!(question.id, "ask-kit");
            answer.clone()
        },
    }
}

/// Whoever sits there sees the failure; nobody sees that of a timer.
#[test]
fn a_path_that_somebody_mistyped_is_no_problem_and_that_of_a_timer_is() {
    let home = printer();
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let backup = || Request::Backup(Backup { paths: vec!["/not/there".into()], ..Backup::default() });
    let is_told = || home.run(&["problems"]).1["problems"].to_string().contains("backup-failed");
    perform(&session, backup(), &says(String::new()), &|_| {}, &Cancel::default()).unwrap_err();
    assert!(!is_told());
    perform(&session, backup(), &Nobody, &|_| {}, &Cancel::default()).unwrap_err();
    assert!(is_told());
}

#[test]
fn a_kit_in_the_home_is_used_for_looking_without_a_word_each_time() {
    let home = printer();
    for args in [&["ls"][..], &["find", "cube"], &["cat", "latest", "printer.cfg"], &["diff", "1", "1"]] {
        let output = home.command(args).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_restore_of_the_newest_names_newer_ones_of_other_devices() {
    let home = printer();
    let url = synced(&home);
    let new = second(&home, &url);
    let to = |home: &Home, name: &str| home.folder.path().join(name).to_str().unwrap().to_owned();
    // before its own first backup, the newest of all
    let told = new.done(&["restore", "latest", "--to", &to(&new, "a"), "--recovery-kit", &kit(&home)]);
    assert_eq!((&told["snapshot"], told["newer"].as_array()), (&1.into(), None), "{told}");
    fs::write(new.data.join("mine"), "x").unwrap();
    new.backup();
    // times of snapshots are whole seconds
    let made = SystemTime::now();
    while made.elapsed().unwrap() < Duration::from_secs(1) {
        std::thread::yield_now();
    }
    home.done(&["backup"]);
    home.done(&["sync"]);
    new.done(&["sync"]);
    let first = home.run(&["status"]).1["device"].as_str().unwrap().to_owned();
    let args = ["restore", "latest", "--to", &to(&new, "b"), "--recovery-kit", &kit(&home)];
    let told = new.done(&args);
    assert_eq!((&told["device"], &told["newer"][0]["device"]), (&"second".into(), &first.as_str().into()), "{told}");
    assert!(said(&new, &args).1.contains(&format!("`{first}:latest` names it")));
    // who says whose is told nothing more
    let whose = format!("{first}:latest");
    let told = new.done(&["restore", &whose, "--to", &to(&new, "c"), "--recovery-kit", &kit(&home)]);
    assert_eq!((&told["device"], told["newer"].as_array()), (&first.as_str().into(), None), "{told}");
}

#[test]
fn nobody_to_ask_is_told_with_the_option_that_says_yes() {
    let home = printer();
    let (_, told) = home.run(&["restore", "latest", "--in-place"]);
    assert_eq!(told["error"]["id"], "nobody-to-ask");
    assert!(told["error"]["hint"].as_str().unwrap().contains("--yes"), "{told}");
}

#[test]
fn what_a_restore_put_aside_is_backed_up_counted_and_named() {
    let home = printer();
    let file = home.data.join("printer_data/config/printer.cfg");
    fs::write(&file, "mine\n").unwrap();
    home.done(&["restore", "latest", "printer.cfg", "--in-place", "--yes"]);
    let told = home.done(&["backup"]);
    assert_eq!(told["put_aside"], serde_json::json!({"count": 1, "first": ["config/printer.cfg.before-restore"]}));
    assert!(said(&home, &["backup"]).1.contains("config/printer.cfg.before-restore"));
    let kept = home.command(&["cat", "latest", "printer.cfg.before-restore"]).output().unwrap();
    assert_eq!(kept.stdout, b"mine\n");
}

#[test]
fn what_is_found_and_is_a_source_already_is_not_to_be_added() {
    let home = Home::new();
    let root = home.folder.path().join("host");
    fs::create_dir_all(root.join("home/pi/printer_data/gcodes")).unwrap();
    let root = root.to_str().unwrap();
    let detect = || said(&home, &["--system-root", root, "source", "detect"]).1;
    assert!(detect().contains("--add"));
    home.done(&["--system-root", root, "source", "detect", "--add"]);
    assert!(!detect().contains("--add"), "{}", detect());
}

#[test]
fn help_breaks_lines_where_the_terminal_does() {
    let home = Home::new();
    for args in [&["setup", "--help"][..], &["check", "--help"], &["forget", "--help"], &["store", "add", "--help"]] {
        let output = home.command(args).env("COLUMNS", "110").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().take_while(|line| !line.starts_with("Usage")).collect();
        // a line that ends early is the last of its paragraph
        for pair in lines.windows(2).filter(|pair| !pair[0].is_empty() && !pair[1].is_empty()) {
            let word = pair[1].split_whitespace().next().unwrap();
            assert!(pair[0].len() + 1 + word.len() > 100, "{args:?}: {text}");
        }
    }
}

/// Whoever acknowledges damage is told of it no more, and is not told that all is well.
#[test]
fn a_problem_that_was_acknowledged_and_holds_is_not_called_none() {
    let home = printer();
    let pack = std::fs::read_dir(home.vault().join("packs")).unwrap().flatten().next().unwrap().path();
    let pack = std::fs::read_dir(&pack).map_or(pack, |mut packs| packs.next().unwrap().unwrap().path());
    let whole = std::fs::read(&pack).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    assert_eq!(home.run(&["check", "--read-data"]).0, 7);
    let listed = home.run(&["problems"]).1;
    let damaged = listed["problems"].as_array().unwrap().iter().find(|one| one["kind"] == "damaged").unwrap();
    home.done(&["problems", "ack", &damaged["number"].to_string()]);
    let status = || String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    let said = status();
    assert!(said.contains("One problem that you acknowledged is not remedied") && !said.contains("No problems"), "{said}");
    std::fs::write(&pack, whole).unwrap();
    home.done(&["check", "--read-data"]);
    assert!(status().contains("No problems"), "{}", status());
}

/// A copy beside the vault is lost with it.
#[test]
fn the_vault_is_no_store() {
    let home = printer();
    let other = tempfile::tempdir().unwrap();
    home.done(&["store", "add", other.path().to_str().unwrap(), "--name", "nas"]);
    let own = home.path.join("vault");
    let link = other.path().join("link");
    std::os::unix::fs::symlink(&own, &link).unwrap();
    for path in [&own, &home.path, &link] {
        let path = path.to_str().unwrap();
        for args in [&["store", "add", path, "--name", "vault"][..], &["store", "set", "nas", "--url", path]] {
            let (exit, told) = home.run(args);
            assert_eq!((exit, &told["error"]["id"]), (2, &"folder-own".into()), "{args:?}: {told}");
        }
    }
}

#[test]
fn enter_alone_is_no_passphrase_neither_a_new_one_nor_a_wrong_one() {
    let enter = Typist { secret: |_| Ok(SecretText::new(String::new())), answer: |_: &Text| String::new() };
    let home = Home::new();
    fs::write(home.data.join("printer.cfg"), "[printer]").unwrap();
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let backup = Request::Backup(Backup { paths: vec![home.data.clone()], ..Backup::default() });
    perform(&session, backup, &enter, &|_| {}, &Cancel::default()).unwrap();
    assert_eq!(home.run(&["status"]).1["kit"]["alone"], true);
    let (home, words) = (printer(), tempfile::NamedTempFile::new().unwrap());
    fs::write(words.path(), PASSPHRASE).unwrap();
    let file = words.path().to_str().unwrap();
    home.done(&["key", "passphrase", "--recovery-kit", &kit(&home), "--new-passphrase-file", file]);
    fs::remove_file(home.path.join("recovery-kit.txt")).unwrap();
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    for _ in 0..4 {
        let ls = Ls { snapshot: "latest".into(), path: None, recursive: true, streamed: false, unlock: Unlock::default() };
        let failure = perform(&session, Request::Ls(ls), &enter, &|_| {}, &Cancel::default()).unwrap_err();
        assert_eq!(failure.message.id, "locked");
    }
    home.done(&["ls", "--passphrase-file", file]);
}

#[test]
fn help_is_found_by_its_word_also_behind_a_command() {
    let home = Home::new();
    for (args, same) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "backup"], &["backup", "--help"]),
        (&["help", "store", "add"], &["store", "add", "--help"]),
        (&["store", "help", "add"], &["store", "add", "--help"]),
    ] {
        assert_eq!(said(&home, args), said(&home, same), "{args:?}");
        assert_eq!(said(&home, args).0, 0, "{args:?}");
    }
    let (exit, text) = said(&home, &["help", "bakcup"]);
    assert!(exit == 2 && text.contains("did you mean `backup`?"), "{text}");
}

#[test]
fn a_value_that_does_not_fit_is_answered_in_the_owners_words() {
    let home = printer();
    for (args, must) in [
        (&["check", "--try-restore", "x"][..], "a whole number"),
        (&["check", "--try-restore", "5000"], "from 1 to 1000"),
        (&["source", "add", "/tmp", "--keep-days", "1.5"], "a whole number"),
        (&["problems", "ack", "x"], "a whole number"),
        (&["restore", "latest"], "this is missing: --to <DIR> | --in-place"),
        (&["restore", "foo:latest", "--to", "x"], "no device \"foo\""),
        (&["restore", "lastest", "--to", "x"], "pc:latest"),
        (&["store", "add", "/tmp", "--limit", "none"], "without --limit"),
    ] {
        let (exit, text) = said(&home, args);
        assert!(exit == 2 && text.contains(must), "{args:?}: {text}");
        assert!(!text.contains("digit") && !text.contains("..=") && !text.contains("the store \"store\""), "{args:?}: {text}");
    }
    let disk = tempfile::tempdir().unwrap();
    home.done(&["store", "add", disk.path().to_str().unwrap(), "--name", "nas", "--limit", "500 KB/s"]);
    assert!(said(&home, &["store", "list"]).1.contains("500 KB/s"));
    let (_, text) = said(&home, &["store", "set", "nas", "--limit", "none"]);
    assert!(text.contains("`printkeep store set nas --no-limit`"), "{text}");
    let chinese = home.command(&["restore", "latest"]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    let text = String::from_utf8(chinese.stderr).unwrap();
    assert!(text.lines().next().unwrap().ends_with("--to <DIR> | --in-place"), "{text}");
}
