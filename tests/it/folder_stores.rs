//! Stores that are folders, as `status` sees them without any network: emptied, robbed of a file, closed to this user; each is told, and counted by what
//! lies there. An empty one is filled without an alarm only where the owner vouched for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::old_states::has;
use crate::support::problems::{account, open, with_store};
use crate::support::program::{self, Home, each_file};
use crate::support::webdav::{Auth, DavServer, Manner, PASSWORD, USER};
use printkeep::engine::account::known_state::{KnownStore, StoreObservation};

/// The account's folder in a store, and its objects.
fn ours(home: &Home, store: &Path) -> PathBuf {
    store.join(home.vault().file_name().unwrap())
}

fn objects(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    each_file(folder, &mut |path| found.push(path.to_owned()));
    found.retain(|path| !path.ends_with(printkeep::provider::removable::MARKER));
    found
}

/// Exit code, what waits for the store, and the kinds of all problems above `info`.
fn stands(home: &Home) -> (i32, u64, Vec<String>) {
    let (exit, status) = home.run(&["status"]);
    let told = status["problems"].as_array().unwrap().iter().filter(|problem| problem["grade"] != "info");
    let kinds = told.map(|problem| problem["kind"].as_str().unwrap().to_owned()).collect();
    (exit, status["stores"][0]["objects"].as_u64().unwrap(), kinds)
}

#[test]
fn a_folder_that_no_longer_holds_what_was_sent_is_a_problem_at_once_and_everything_waits() {
    let (home, store) = with_store("stick");
    assert_eq!(stands(&home), (0, 0, vec![]));
    let everything = objects(&ours(&home, &store)).len() as u64;
    let drawer = home.folder.path().join("drawer");
    // away: worth knowing, and what it held it holds still
    fs::rename(&store, &drawer).unwrap();
    assert_eq!(stands(&home), (0, 0, vec![]));
    // formatted, or another stick at its path
    fs::create_dir(&store).unwrap();
    assert_eq!(stands(&home), (3, everything, vec!["away".to_owned()]));
    let told = String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    assert!(told.contains("(warning)"), "{told}");
    assert!(!told.contains("No problems") && !told.contains("nothing waits"), "{told}");
    fs::remove_dir(&store).unwrap();
    fs::rename(&drawer, &store).unwrap();
    assert_eq!(stands(&home), (0, 0, vec![]));
    // emptied, but for the mark by which it is known
    objects(&ours(&home, &store)).iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(stands(&home), (3, everything, vec!["store-lacks".to_owned()]));
    assert_eq!(home.run(&["problems"]).0, 3);
    let (exit, document) = home.run(&["sync"]);
    assert!(exit == 7 && document.to_string().contains("emptied"), "{document}");
    home.done(&["sync"]);
    assert_eq!(stands(&home), (0, 0, vec![]));
}

#[test]
fn a_single_file_that_went_from_a_folder_is_told_before_any_sync() {
    let (home, store) = with_store("nas");
    let pack = objects(&ours(&home, &store)).into_iter().find(|path| path.to_str().unwrap().contains("/packs/")).unwrap();
    fs::remove_file(pack).unwrap();
    assert_eq!(stands(&home), (3, 1, vec!["store-lacks".to_owned()]));
    assert_eq!(home.run(&["sync"]).0, 7, "a sync tells of it as well");
    home.done(&["sync"]);
    assert_eq!(stands(&home), (0, 0, vec![]));
}

/// What another device let go and removed is not missed before this one has heard of it.
#[test]
fn what_another_device_pruned_is_no_loss() {
    let world = crate::support::world::printer_with(4);
    let [pc, printer] = [0, 1].map(|at| &world.devices[at].home);
    world.sync(1);
    assert_eq!(printer.run(&["status"]).0, 0);
    let mut removed = 0;
    pc.done(&["forget", "--keep-last", "1"]);
    for _ in 0..3 {
        let done = pc.done(&["prune", "--grace", "0d"]);
        removed += done["removed"].as_array().unwrap().iter().map(|place| place["objects"].as_u64().unwrap()).sum::<u64>();
    }
    assert!(removed > 3, "packs went, too: {removed}");
    let (_, _, kinds) = stands(printer);
    assert!(!kinds.contains(&"store-lacks".to_owned()), "{kinds:?}");
    world.sync(1);
    let (_, _, kinds) = stands(printer);
    assert!(!kinds.contains(&"store-lacks".to_owned()), "{kinds:?}");
}

/// Runs it where a folder is mounted read-only; none where this user may not mount.
fn beside_read_only(home: &Home, folder: &Path, args: &[&str]) -> Option<(i32, serde_json::Value)> {
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 99; shift; exec \"$0\" \"$@\" --json";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_printkeep")]).arg(folder).args(args);
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command.env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path);
    let output = command.output().ok().filter(|output| output.status.code() != Some(99) && !output.stdout.is_empty())?;
    Some((output.status.code().unwrap_or(-1), program::document(&output)))
}

#[test]
fn a_disk_that_became_read_only_is_a_problem_of_its_store_until_it_takes_something() {
    let (home, store) = with_store("disk");
    for work in [&["sync"][..], &["key", "rotate"]] {
        fs::write(home.data.join(format!("{}.gcode", work[0])), "G29\n").unwrap();
        home.backup();
        let Some((exit, document)) = beside_read_only(&home, &store, work) else {
            return println!("not run: this user may not mount");
        };
        assert_ne!(exit, 0, "{work:?}: {document}");
        let problem = open(&home, "closed").unwrap_or_else(|| panic!("{work:?}: {document}"));
        assert_eq!((&problem["grade"], &problem["subject"]["store"]), (&"warning".into(), &"disk".into()), "{problem}");
        let (exit, status) = home.run(&["status"]);
        assert!(exit == 3 && status["stores"][0]["closed_since"].is_i64(), "{status}");
        home.run(&["sync"]);
        assert!(open(&home, "closed").is_none(), "{work:?}: it takes everything again");
        assert!(home.run(&["status"]).1["stores"][0]["closed_since"].is_null());
    }
}

#[test]
fn a_server_that_takes_nothing_from_this_user_is_a_problem_until_one_does() {
    let (home, _) = with_store("disk");
    let credentials = home.folder.path().join("credentials");
    fs::write(&credentials, format!("{USER}\n{PASSWORD}\n")).unwrap();
    let (closed, honest) = (DavServer::start(Manner::ReadOnly, Auth::Basic), DavServer::start(Manner::Honest, Auth::Basic));
    let with = |server: &DavServer| {
        let trust = server.ca_file.to_str().unwrap().to_owned();
        ["--credentials-file".to_owned(), credentials.to_str().unwrap().to_owned(), "--ca-file".to_owned(), trust]
    };
    let typed = |first: &[&str], server: &DavServer| {
        let args: Vec<String> = first.iter().map(|word| (*word).to_owned()).chain(with(server)).collect();
        home.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    home.done(&["privacy", "grant", "network"]);
    typed(&["store", "add", &closed.url, "--name", "far"], &closed);
    assert_ne!(home.run(&["sync", "--store", "far"]).0, 0);
    assert_eq!(open(&home, "closed").unwrap()["subject"]["store"], "far");
    // that it answers does not mean that it takes anything
    home.run(&["store", "test", "far"]);
    assert!(open(&home, "closed").is_some());
    let (exit, document) = typed(&["store", "set", "far", "--url", &honest.url], &honest);
    assert_eq!(exit, 0, "{document}");
    home.done(&["sync", "--store", "far"]);
    assert!(open(&home, "closed").is_none());
}

/// What this machine remembers of its stores and of every device's newest snapshot.
fn memory(home: &Home, store: &str) -> (Option<KnownStore>, Vec<StoreObservation>) {
    let account = account(home);
    let newest = account
        .memory
        .notes()
        .into_iter()
        .filter(|note| matches!(note, StoreObservation::Head { store, .. } if store.is_empty()));
    (account.memory.store(store).cloned(), newest.collect())
}

#[test]
fn an_empty_stick_that_the_owner_vouched_for_is_filled_without_an_alarm_and_that_is_said_once() {
    let (home, stick) = with_store("stick");
    let other = home.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    home.done(&["store", "add", other.to_str().unwrap(), "--name", "other"]);
    home.done(&["sync"]);
    let (held, vault) = (objects(&ours(&home, &stick)).len(), home.objects());
    let before = ["stick", "other"].map(|store| memory(&home, store));
    fs::remove_dir_all(&stick).unwrap();
    fs::create_dir(&stick).unwrap();
    // nobody agreed yet
    assert_ne!(home.run(&["store", "set", "stick", "--url", stick.to_str().unwrap()]).0, 0);
    assert_eq!(home.run(&["sync", "--store", "stick"]).0, 6);
    home.done(&["store", "set", "stick", "--url", stick.to_str().unwrap(), "--yes"]);
    let after = ["stick", "other"].map(|store| memory(&home, store));
    let vouched = KnownStore { is_refilled: true, ..before[0].0.clone().unwrap() };
    assert_eq!(after[0], (Some(vouched), before[0].1.clone()), "only that it is to be filled is new");
    assert_eq!((&after[1], home.objects()), (&before[1], vault), "nothing else is touched");
    let said = home.command(&["sync", "--store", "stick"]).output().unwrap();
    let told = String::from_utf8(said.stdout).unwrap();
    assert!(said.status.success() && told.contains("it was empty, as you said"), "{told}");
    assert_eq!(objects(&ours(&home, &stick)).len(), held);
    assert_eq!(stands(&home), (0, 0, vec![]));
    let again = home.done(&["sync", "--store", "stick"]);
    assert_eq!((&again["stores"][0]["refilled"], &again["stores"][0]["sent"]), (&false.into(), &0.into()), "{again}");
    assert!(!memory(&home, "stick").0.unwrap().is_refilled);
}

#[test]
fn a_filling_that_was_cut_short_is_gone_on_with_and_no_alarm() {
    let home = Home::new();
    (1..4).for_each(|n| fs::write(home.data.join(format!("{n}.jpg")), program::noise(n, 3_000_000)).unwrap());
    home.backup();
    let disk = home.folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    home.done(&["store", "add", disk.to_str().unwrap(), "--name", "disk"]);
    home.done(&["sync"]);
    fs::remove_dir_all(&disk).unwrap();
    fs::create_dir(&disk).unwrap();
    home.done(&["store", "set", "disk", "--url", disk.to_str().unwrap(), "--yes"]);
    let output = Command::new("/bin/sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_printkeep"), "sync", "--json"])
        .env_clear()
        .env("HOME", home.folder.path())
        .env("PRINTKEEP_HOME", &home.path)
        .output()
        .unwrap();
    let document = program::document(&output);
    assert!(!output.status.success() && !document.to_string().contains("emptied"), "{document}");
    assert!(!objects(&ours(&home, &disk)).is_empty(), "it was begun");
    let filled = home.done(&["sync"]);
    assert_eq!((&filled["stores"][0]["refilled"], &filled["stores"][0]["problems"]), (&true.into(), &serde_json::json!([])));
}

/// The owner vouched for an empty place, and for nothing that somebody lays there.
#[test]
fn an_older_state_in_the_place_of_the_empty_one_is_told_all_the_same() {
    let world = crate::support::old_states::World::new(2);
    let old = world.save();
    world.change(0, 70);
    world.well(0);
    fs::remove_dir_all(world.there()).unwrap();
    world.homes[0].done(&["store", "set", "store", "--url", &world.url, "--yes"]);
    let mark = fs::read(world.there().join(printkeep::provider::removable::MARKER)).unwrap();
    world.show(old.path());
    fs::write(world.there().join(printkeep::provider::removable::MARKER), mark).unwrap();
    assert!(has(&world.sync(0), "older", "anna"));
    // nor for what is taken away again once it was filled
    world.well(0);
    world.objects().iter().for_each(|object| fs::remove_file(world.there().join(object)).unwrap());
    assert_eq!(world.sync(0)[0]["kind"], "emptied");
}
