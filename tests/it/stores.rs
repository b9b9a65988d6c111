//! Stores as an owner meets them: names that are never taken over, changes, plain paths, and the first contact with a server.

use serde_json::Value;

use crate::support::program::{Home, document, each_file};
use crate::support::server::{Rude, identity, server_config, write};
use crate::support::sftp::{Manner, PASSWORD, SftpServer};

fn home() -> Home {
    let home = Home::new();
    home.done(&["setup", "--yes", "--device-name", "pc"]);
    home
}

fn folder(home: &Home, name: &str) -> String {
    let path = home.folder.path().join(name);
    std::fs::create_dir(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

fn names(home: &Home) -> Vec<String> {
    let listed = home.done(&["store", "list"]);
    listed["stores"].as_array().unwrap().iter().map(|store| store["name"].as_str().unwrap().to_owned()).collect()
}

fn said(refused: &(i32, Value)) -> String {
    assert_eq!(refused.0, 2, "{}", refused.1);
    format!("{} {}", refused.1["error"]["message"], refused.1["error"]["hint"])
}

#[test]
fn a_store_is_never_replaced_by_adding_another_one() {
    let home = home();
    let (one, two) = (folder(&home, "one"), folder(&home, "two"));
    home.done(&["store", "add", &one]);
    home.done(&["store", "add", &two]);
    assert_eq!(names(&home), ["store", "store-2"]);
    let third = folder(&home, "three");
    assert!(said(&home.run(&["store", "add", &third, "--name", "store"])).contains("store set store"));
    assert!(said(&home.run(&["store", "add", &one, "--name", "again"])).contains("store set store"), "the same place twice");
    assert_eq!(names(&home), ["store", "store-2"]);
    assert!(home.done(&["store", "list"])["stores"][0]["url"].as_str().unwrap().ends_with("/one"));
}

#[test]
fn a_store_is_changed_and_what_is_not_named_stays() {
    let home = home();
    let (one, two) = (folder(&home, "one"), folder(&home, "two"));
    home.done(&["store", "add", &one, "--name", "disk", "--limit", "500 KB/s"]);
    let set = home.done(&["store", "set", "disk", "--region", "home"]);
    assert_eq!((&set["store"]["limit"], &set["store"]["region"]), (&"500 KB/s".into(), &"home".into()), "{set}");
    let set = home.done(&["store", "set", "disk", "--url", &two, "--no-limit"]);
    assert!(set["store"]["url"].as_str().unwrap().ends_with("/two") && set["store"]["limit"].is_null(), "{set}");
    assert_eq!(set["store"]["region"], "home");
    home.backup();
    home.done(&["sync"]);
    assert!(std::fs::read_dir(&two).unwrap().count() > 0 && std::fs::read_dir(&one).unwrap().count() <= 1);
    assert!(said(&home.run(&["store", "set", "disk"])).contains("--url"), "nothing is changed without a word");
    assert_eq!(home.run(&["store", "set", "other", "--write-only"]).0, 2);
}

#[test]
fn a_plain_path_is_a_folder_and_a_web_address_gets_a_hint() {
    let home = home();
    let disk = folder(&home, "my disk");
    let added = home.done(&["store", "add", &disk]);
    assert!(added["store"]["url"].as_str().unwrap().ends_with("/my%20disk"), "{added}");
    let hint = said(&home.run(&["store", "add", "https://nas.local/dav/x"]));
    assert!(hint.contains("webdav://nas.local/dav/x") && hint.contains("endpoint=https://nas.local"), "{hint}");
    assert!(said(&home.run(&["store", "add", "pi@nas:/backup"])).contains("sftp://pi@nas/backup"));
    assert!(said(&home.run(&["store", "add", "/not/there"])).contains("/not/there"));
}

/// What counts as a problem, without that the kit lies on this machine yet.
fn problems(home: &Home) -> Vec<String> {
    let listed = home.run(&["problems"]).1;
    let kinds =
        listed["problems"].as_array().unwrap_or_else(|| panic!("{listed}")).iter().map(|one| one["kind"].as_str().unwrap());
    kinds.filter(|kind| *kind != "kit-here").map(str::to_owned).collect()
}

/// Adds an SSH server with consent to network use, and gives what is said.
fn add_ssh(home: &Home, server: &SftpServer, more: &[&str]) -> (i32, Value) {
    let password = write(&home.folder.path().join("password"), PASSWORD);
    let url = server.url();
    let args = [&["store", "add", &url, "--name", "nas", "--credentials-file", password.to_str().unwrap()], more].concat();
    home.run(&args)
}

#[test]
fn the_first_contact_with_an_ssh_server_is_a_question_and_no_problem() {
    let (home, server) = (home(), SftpServer::start(Manner::OpenSsh));
    home.done(&["privacy", "grant", "network"]);
    let told = said(&add_ssh(&home, &server, &[]));
    assert!(told.contains(&format!("--pin {}", server.fingerprint)), "{told}");
    assert_eq!(names(&home), [""; 0], "what nobody vouched for is not added");
    assert_eq!(problems(&home), ["no-backup"]);
    assert_eq!(add_ssh(&home, &server, &["--pin", &server.fingerprint]).0, 0);
    home.done(&["store", "test", "nas"]);
}

#[test]
fn a_server_that_was_added_before_consent_is_asked_about_and_no_problem() {
    let (home, server) = (home(), SftpServer::start(Manner::OpenSsh));
    assert_eq!(add_ssh(&home, &server, &[]).0, 0);
    home.done(&["privacy", "grant", "network"]);
    home.backup();
    assert_eq!(home.run(&["sync"]).0, 6);
    assert!(said(&home.run(&["store", "test", "nas"])).contains(&server.fingerprint));
    assert_eq!(problems(&home), ["no-source", "never-synced"]);
    home.done(&["store", "set", "nas", "--pin", &server.fingerprint]);
    home.done(&["sync"]);
}

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_self_signed_server_shows_its_key_and_is_no_problem() {
    let (home, nas) = (home(), identity(&["127.0.0.1"], |_| {}));
    let server = Rude::start(Some(server_config(&nas, &[&rustls::version::TLS13])), NOT_FOUND, 0);
    home.done(&["privacy", "grant", "network"]);
    let keys = write(&home.folder.path().join("keys"), "user\npassword\n");
    let url = format!("webdav://127.0.0.1:{}/dav", server.address.port());
    let args = ["store", "add", &url, "--name", "nas", "--credentials-file", keys.to_str().unwrap()];
    let told = said(&home.run(&args));
    let key = told.split("--pin ").nth(1).unwrap().chars().take(64).collect::<String>();
    assert!(key.chars().all(|c| c.is_ascii_hexdigit()), "{told}");
    assert_eq!(problems(&home), ["no-backup"]);
    home.done(&[&args[..], &["--pin", &key]].concat());
    // trusted by its key: what it answers is an answer
    assert_ne!(home.run(&["store", "test", "nas"]).1["error"]["id"], "place-not-trusted");
}

#[test]
fn a_server_on_this_machine_without_tls_needs_nobodys_word() {
    let home = home();
    let server = Rude::start(None, NOT_FOUND, 0);
    home.done(&["privacy", "grant", "network"]);
    let keys = write(&home.folder.path().join("keys"), "key\nsecret\n");
    let url = format!("s3://bucket?endpoint=http://127.0.0.1:{}", server.address.port());
    home.done(&["store", "add", &url, "--credentials-file", keys.to_str().unwrap()]);
    home.backup();
    home.run(&["sync"]);
    assert!(!problems(&home).iter().any(|kind| kind == "not-trusted"));
}

/// Whoever types the words of the kit's page gets the files back.
#[test]
fn what_the_kit_says_to_type_restores() {
    let home = Home::new();
    std::fs::write(home.data.join("a.cfg"), "[a]").unwrap();
    home.done(&["setup", "--yes"]);
    home.backup();
    home.done(&["store", "add", &folder(&home, "my disk")]);
    home.done(&["sync"]);
    let page = home.folder.path().join("page.txt");
    home.done(&["key", "kit", "--page", "--to", page.to_str().unwrap()]);
    let text = std::fs::read_to_string(&page).unwrap();
    let typed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  printkeep ")).collect();
    assert_eq!(typed.len(), 2, "{text}");
    let (new, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for line in typed {
        let line = line.replace("THIS-FILE", page.to_str().unwrap()).replace("FOLDER", to.path().to_str().unwrap());
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("exec {} {line}", env!("CARGO_BIN_EXE_printkeep"))).env_clear().env("HOME", new.path());
        let output = shell.stdin(std::process::Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(std::fs::read(to.path().join("data/a.cfg")).unwrap(), b"[a]");
}

#[test]
fn a_living_kit_is_ended_only_by_whoever_says_so_and_dead_ones_go() {
    let home = Home::new();
    home.done(&["setup", "--yes"]);
    let first = home.path.join("recovery-kit.txt");
    let refused = said(&home.run(&["key", "kit"]));
    assert!(refused.contains("key kit --page") && refused.contains("--yes"), "{refused}");
    home.done(&["key", "kit", "--test", first.to_str().unwrap()]);
    let made = home.done(&["key", "kit", "--yes"]);
    assert_eq!(made["deleted"], serde_json::json!([first]), "{made}");
    assert!(!first.exists());
    // what needs the owner finds the one that lives
    home.done(&["key", "rotate"]);
    home.done(&["key", "kit", "--test", made["recovery_kit"].as_str().unwrap()]);
    // the plain name is taken where it is free
    let kept = home.folder.path().join("kept.txt");
    std::fs::rename(made["recovery_kit"].as_str().unwrap(), &kept).unwrap();
    let again = home.done(&["key", "kit", "--yes", "--recovery-kit", kept.to_str().unwrap()]);
    assert_eq!(again["recovery_kit"], first.to_str().unwrap(), "{again}");
}

#[test]
fn a_new_kit_that_no_store_has_yet_is_said_to_wait_for_a_sync() {
    let (home, _) = crate::support::problems::with_store("nas");
    home.done(&["sync"]);
    let made = home.done(&["key", "kit", "--yes"]);
    let test = ["key", "kit", "--test", made["recovery_kit"].as_str().unwrap()];
    let (exit, tested) = home.run(&test);
    assert!(exit == 4 && tested["stores"][0]["why"].to_string().contains("printkeep sync"), "{tested}");
    home.done(&["sync"]);
    home.done(&test);
}

#[test]
fn recovery_kits_in_the_home_go_with_the_account_and_others_are_named() {
    let home = Home::new();
    home.done(&["setup", "--yes"]);
    home.backup();
    let stick = folder(&home, "stick");
    home.done(&["store", "add", &stick, "--name", "stick"]);
    home.done(&["sync"]);
    let made = home.done(&["key", "kit", "--yes"]);
    let page = home.path.join("recovery-kit-page.html");
    home.done(&["key", "kit", "--page", "--to", page.to_str().unwrap()]);
    let hidden = home.folder.path().join("away");
    std::fs::rename(&stick, &hidden).unwrap();
    let output = home.command(&["privacy", "erase", "--whole-account", "--yes-erase", "default"]).output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("Whoever holds a recovery kit") && !told.contains("Nobody can read"), "{told}");
    for kit in [made["recovery_kit"].as_str().unwrap(), page.to_str().unwrap()] {
        assert!(!std::path::Path::new(kit).exists(), "{kit} is left");
    }
    std::fs::rename(&hidden, &stick).unwrap();
    let output = home.command(&["privacy", "erase", "--whole-account", "--json"]).output().unwrap();
    assert_eq!(document(&output)["finished"], true);
}

/// A device that may delete, with a rule for snapshots and a file for another device: whatever goes on beside a sync goes to the store
/// that the sync opened, and so does all that one `check` does. An SSH server counts a connection for each opening.
#[test]
fn a_request_opens_each_store_once() {
    let (home, server) = (home(), SftpServer::start(Manner::OpenSsh));
    home.done(&["privacy", "grant", "network"]);
    assert_eq!(add_ssh(&home, &server, &["--pin", &server.fingerprint]).0, 0);
    let opened = |args: &[&str]| {
        let before = server.connections.load(std::sync::atomic::Ordering::SeqCst);
        let done = home.done(args);
        (server.connections.load(std::sync::atomic::Ordering::SeqCst) - before, done)
    };
    let kit = home.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    home.done(&["device", "allow-delete", "pc", "--recovery-kit", &kit]);
    home.done(&["rules", "set", "--keep-last", "1", "--grace", "0d"]);
    for n in 0..3 {
        std::fs::write(home.data.join("a.cfg"), format!("{n}")).unwrap();
        home.backup();
    }
    home.done(&["sync"]);
    let other = Home::new();
    let password = home.folder.path().join("password");
    let (url, pin) = (server.url(), server.fingerprint.as_str());
    let before = server.connections.load(std::sync::atomic::Ordering::SeqCst);
    let join = ["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "ender", "--pin", pin];
    other.done(&[&join[..], &["--credentials-file", password.to_str().unwrap()]].concat());
    assert_eq!(server.connections.load(std::sync::atomic::Ordering::SeqCst) - before, 1, "joining");
    home.done(&["sync"]);
    let file = write(&home.folder.path().join("cube.gcode"), "G28\n");
    other.done(&["device", "send", file.to_str().unwrap(), "--to", "pc", "--recovery-kit", &kit]);
    std::fs::write(home.data.join("a.cfg"), "last").unwrap();
    home.backup();
    let (count, told) = opened(&["sync"]);
    let store = &told["stores"][0];
    assert!(store["inbox"]["arrived"].as_array().is_some_and(|arrived| arrived.len() == 1), "{told}");
    assert!(told["snapshots"]["marked"].as_u64().is_some(), "it pruned as well: {told}");
    assert_eq!(count, 1, "{told}");
    assert_eq!(opened(&["prune", "--grace", "0d", "--recovery-kit", &kit]).0, 1);
    let (count, _) = opened(&["check", "--store", "nas", "--try-restore", "1", "--recovery-kit", &kit]);
    assert_eq!(count, 1);
}

/// A pack is known to be here by the receipt of the vault, from the moment on that one store gave it.
#[test]
fn what_one_store_gave_is_not_fetched_from_the_next() {
    let (pc, other) = (home(), Home::new());
    let (one, two) = (folder(&pc, "one"), folder(&pc, "two"));
    pc.done(&["store", "add", &one, "--name", "one"]);
    pc.done(&["store", "add", &two, "--name", "two"]);
    std::fs::write(pc.data.join("a.gcode"), crate::support::program::noise(1, 300_000)).unwrap();
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    other.done(&["setup", "--join", &format!("file://{one}"), "--recovery-kit", &kit, "--device-name", "ender"]);
    other.done(&["store", "add", &two, "--name", "two"]);
    let told = other.done(&["sync"]);
    let bytes = |at: usize| told["stores"][at]["fetched_bytes"].as_u64().unwrap();
    assert!(bytes(0) > 300_000 && bytes(1) == 0, "{told}");
}

/// The ordinary state between two syncs: what was not sent yet is no damage of the store's.
#[test]
fn a_snapshot_that_was_not_sent_yet_is_no_damage_of_the_store() {
    let home = Home::new();
    std::fs::write(home.data.join("a.cfg"), "a\n").unwrap();
    home.backup();
    let store = home.folder.path().join("nas");
    std::fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["sync"]);
    std::fs::write(home.data.join("a.cfg"), "b\n").unwrap();
    home.backup();
    let checked = home.done(&["check", "--store", "nas"]);
    assert_eq!((&checked["unsent"], &checked["damaged"]), (&1.into(), &serde_json::json!([])), "{checked}");
    home.done(&["sync"]);
    assert_eq!(home.done(&["check", "--store", "nas"])["unsent"], 0);
    home.done(&["status"]);
    // what was sent and is gone from there is
    each_file(&store, &mut |path| {
        if path.to_string_lossy().contains("/heads/") {
            std::fs::remove_file(path).unwrap();
        }
    });
    assert_eq!(home.run(&["check", "--store", "nas"]).0, 7);
}

/// A key slot, a roster, later keys and deletion notes wait for the next sync as snapshots do.
#[test]
fn what_else_was_not_sent_yet_is_no_damage_of_the_store() {
    let (home, two) = (Home::new(), Home::new());
    std::fs::write(home.data.join("a.cfg"), "a\n").unwrap();
    home.backup();
    home.backup();
    let store = home.folder.path().join("nas");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url, "--name", "nas"]);
    let device = home.done(&["device", "list"])["devices"][0]["name"].as_str().unwrap().to_owned();
    home.done(&["device", "allow-delete", &device]);
    home.done(&["sync"]);
    let kit = home.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    two.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "two"]);
    two.done(&["sync"]);
    home.done(&["sync"]);
    let word = home.path.join("word");
    std::fs::write(&word, "another word entirely\n").unwrap();
    let changes: [(&[&str], &str); 5] = [
        (&["key", "passphrase", "--recovery-kit", &kit, "--new-passphrase-file", word.to_str().unwrap()], "slots/"),
        (&["snapshots", "tag", "2", "x"], "keeps/"),
        (&["snapshots", "pin", "2"], "keeps/"),
        (&["forget", "1"], "keeps/"),
        (&["device", "revoke", "two", "--yes", "--recovery-kit", &kit], "roster/"),
    ];
    for (change, folder) in changes {
        let before = home.objects();
        home.done(change);
        let new: Vec<String> =
            home.objects().into_iter().filter(|name| name.starts_with(folder) && !before.contains(name)).collect();
        let checked = home.done(&["check", "--store", "nas"]);
        assert!(!new.is_empty() && checked["unsent_parts"].as_u64() >= Some(new.len() as u64), "{change:?}: {checked}");
        assert_eq!(checked["damaged"], serde_json::json!([]), "{change:?}");
        home.done(&["sync"]);
        assert_eq!(home.done(&["check", "--store", "nas"])["unsent_parts"], 0, "{change:?}");
        // what was sent and is gone from there is missing
        let there = store.join(home.vault().file_name().unwrap()).join(&new[0]);
        let bytes = std::fs::read(&there).unwrap();
        std::fs::remove_file(&there).unwrap();
        let (exit, checked) = home.run(&["check", "--store", "nas"]);
        assert!(exit == 7 && checked["damaged"].to_string().contains(&new[0]), "{change:?}: {checked}");
        std::fs::write(&there, bytes).unwrap();
    }
}

/// A disk that takes no file beyond a size answers as a full one does; the limit is the process's own, and holds on every machine.
#[test]
fn a_store_that_is_full_is_a_problem_until_it_takes_something_again() {
    let home = Home::new();
    std::fs::write(home.data.join("a.jpg"), crate::support::program::noise(1, 2_000_000)).unwrap();
    home.backup();
    let disk = home.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    home.done(&["store", "add", disk.to_str().unwrap(), "--name", "disk"]);
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_printkeep"), "sync", "--json"])
        .env_clear()
        .env("HOME", home.folder.path())
        .env("PRINTKEEP_HOME", &home.path)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{output:?}");
    let open = || {
        let list = home.run(&["problems"]).1;
        list["problems"].as_array().unwrap().iter().filter(|problem| problem["kind"] == "full").count()
    };
    assert_eq!(open(), 1, "{}", home.run(&["problems"]).1);
    let status = home.run(&["status"]).1;
    assert!(status["stores"][0]["full_since"].is_i64(), "{status}");
    home.done(&["sync"]);
    assert_eq!(open(), 0, "it takes everything again");
    assert!(home.run(&["status"]).1["stores"][0]["full_since"].is_null());
}

/// What is of the vault has no name; a store always has one.
#[test]
fn a_store_without_a_name_is_refused() {
    let home = Home::new();
    home.done(&["setup"]);
    let folder = home.folder.path().join("nas");
    std::fs::create_dir(&folder).unwrap();
    let url = format!("file://{}", folder.display());
    for name in ["", " ", "a b"] {
        let (exit, told) = home.run(&["store", "add", &url, "--name", name]);
        assert_eq!(exit, 2, "{name:?}: {told}");
        assert!(printkeep::config::Config::parse(&format!("[[store]]\nname = {name:?}\nurl = {url:?}\n")).is_err());
    }
    home.done(&["store", "add", &url, "--name", "a"]);
    assert!(printkeep::config::Config::parse(&format!("[[store]]\nname = \"a\"\nurl = {url:?}\n")).is_ok());
}
