//! What a check found damaged stays known until it is mended, and the one advice that is given for it mends it: in the vault, in a store.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::program::{Home, contents, noise};

/// A home with files in a few packs, and a folder as its store, which holds them too.
fn in_step() -> (Home, PathBuf) {
    let home = Home::new();
    (0..20).for_each(|n| fs::write(home.data.join(format!("{n}.bin")), noise(n, 50_000)).unwrap());
    home.backup();
    let folder = home.folder.path().join("nas");
    fs::create_dir(&folder).unwrap();
    home.done(&["store", "add", &format!("file://{}", folder.display()), "--name", "nas"]);
    home.done(&["sync"]);
    let account = fs::read_dir(&folder).unwrap().flatten().find(|entry| entry.path().is_dir()).unwrap().path();
    (home, account)
}

fn objects(home: &Home, kind: &str) -> Vec<String> {
    home.objects().into_iter().filter(|name| name.starts_with(kind)).collect()
}

fn largest_pack(home: &Home) -> String {
    let size = |name: &String| fs::metadata(home.vault().join(name)).unwrap().len();
    objects(home, "packs/").into_iter().max_by_key(size).unwrap()
}

fn flip_in_the_middle(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn said(home: &Home, args: &[&str]) -> String {
    let output = home.command(args).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

fn open_problem(home: &Home, kind: &str) -> Option<Value> {
    let listed = home.run(&["problems"]).1;
    listed["problems"].as_array().unwrap().iter().find(|problem| problem["kind"] == kind).cloned()
}

fn waits(home: &Home) -> u64 {
    home.run(&["status"]).1["stores"][0]["bytes"].as_u64().unwrap()
}

#[test]
fn what_a_check_found_damaged_in_a_store_is_sent_again_by_the_next_sync() {
    let (home, store) = in_step();
    let damaged = [largest_pack(&home), objects(&home, "index/")[0].clone(), objects(&home, "heads/")[0].clone()];
    damaged.iter().for_each(|name| flip_in_the_middle(&store.join(name)));
    // nothing was read, so nothing was found and nothing is promised
    assert!(said(&home, &["check", "--store", "nas"]).contains("damaged"), "an index object and a snapshot are read whole");
    let (exit, found) = home.run(&["check", "--store", "nas", "--read-data"]);
    assert_eq!((exit, found["damaged"].as_array().unwrap().is_empty()), (7, false), "{found}");
    let named: Vec<_> = found["damaged"].as_array().unwrap().iter().map(|one| one["object"].as_str().unwrap()).collect();
    assert!(damaged.iter().all(|name| named.contains(&name.as_str())), "what a damaged one tells of is looked at too: {found}");
    let remedy = open_problem(&home, "damaged").unwrap()["remedy"].to_string();
    assert!(remedy.contains("damaged-store"), "{remedy}");
    assert!(waits(&home) > 0, "what is damaged there waits to be sent again");
    let synced = home.run(&["sync"]).1;
    assert!(synced["stores"][0]["resent"].as_u64() >= Some(1), "{synced}");
    for name in &damaged {
        assert!(fs::read(store.join(name)).unwrap() == fs::read(home.vault().join(name)).unwrap(), "{name}");
    }
    home.done(&["check", "--store", "nas", "--read-data"]);
    assert_eq!((open_problem(&home, "damaged"), waits(&home)), (None, 0));
    // what a stranger's machine brings back from there is whole
    let other = Home::new();
    let kit = home.path.join("recovery-kit.txt");
    let url = format!("file://{}", store.parent().unwrap().display());
    other.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "other"]);
    let to = tempfile::tempdir().unwrap();
    other.done(&["restore", "latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(contents(&to.path().join("data")), contents(&home.data));
}

#[test]
fn one_sync_mends_a_damaged_pack_and_ends_the_problem() {
    let (home, store) = in_step();
    let pack = largest_pack(&home);
    flip_in_the_middle(&store.join(&pack));
    assert_eq!(home.run(&["check", "--store", "nas", "--read-data"]).0, 7);
    // a look that reads less reads what was found all the same
    assert_eq!(home.run(&["check", "--store", "nas"]).0, 7);
    assert_eq!(waits(&home), fs::metadata(store.join(&pack)).unwrap().len());
    let told = said(&home, &["sync"]);
    assert!(told.contains("damaged there") && !told.contains("in step"), "{told}");
    assert_eq!(fs::read(store.join(&pack)).unwrap(), fs::read(home.vault().join(&pack)).unwrap());
    assert_eq!((open_problem(&home, "damaged"), waits(&home)), (None, 0));
    home.done(&["check", "--store", "nas", "--read-data"]);
}

#[test]
fn what_is_damaged_here_and_there_is_replaced_by_nothing_and_told_at_each_sync() {
    let (home, store) = in_step();
    let pack = largest_pack(&home);
    flip_in_the_middle(&store.join(&pack));
    flip_in_the_middle(&home.vault().join(&pack));
    let there = fs::read(store.join(&pack)).unwrap();
    assert_eq!(home.run(&["check", "--store", "nas", "--read-data"]).0, 7);
    for _ in 0..2 {
        let (exit, synced) = home.run(&["sync"]);
        assert_eq!(exit, 3, "{synced}");
        assert!(synced["stores"][0]["failed"][0].to_string().contains("no whole copy"), "{synced}");
        assert!(!said(&home, &["sync"]).contains("in step"));
    }
    assert!(fs::read(store.join(&pack)).unwrap() == there && open_problem(&home, "damaged").is_some());
}

/// A home without a store, one pack of which a check found damaged.
fn found_damaged() -> Home {
    let home = Home::new();
    (0..20).for_each(|n| fs::write(home.data.join(format!("{n}.bin")), noise(n, 50_000)).unwrap());
    home.backup();
    flip_in_the_middle(&home.vault().join(largest_pack(&home)));
    assert_eq!(home.run(&["check", "--read-data"]).0, 7);
    home
}

#[test]
fn the_backup_after_a_check_stores_anew_what_it_found_damaged() {
    let home = found_damaged();
    let made = home.backup();
    assert!(made["stored"].as_u64() > Some(0) && made["read"].as_u64() > Some(0), "{made}");
    assert_eq!(home.restored("latest"), contents(&home.data));
    for args in [&["check"][..], &["check", "--read-data"], &["check", "--repair"]] {
        assert_eq!(home.done(args)["stored_anew"], 1);
    }
    assert_eq!(open_problem(&home, "damaged"), None);
}

#[test]
fn no_check_that_looks_at_less_takes_back_what_an_earlier_one_found() {
    let home = found_damaged();
    assert_eq!(home.run(&["check"]).0, 7);
    let (exit, repaired) = home.run(&["check", "--repair"]);
    assert_eq!((exit, repaired["repair"]["lost_packs"].as_u64()), (7, Some(1)), "{repaired}");
    let told = said(&home, &["check", "--repair"]);
    assert!(told.contains("`printkeep backup`") && !told.contains("No damage") && !told.contains("well"), "{told}");
    assert!(open_problem(&home, "damaged").is_some());
    home.backup();
    home.done(&["check", "--repair"]);
    assert_eq!(open_problem(&home, "damaged"), None);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_repair_fetches_what_an_earlier_check_found_and_a_store_has_whole() {
    let (home, _) = in_step();
    let pack = home.vault().join(largest_pack(&home));
    let whole = fs::read(&pack).unwrap();
    flip_in_the_middle(&pack);
    assert_eq!(home.run(&["check", "--read-data"]).0, 7);
    home.done(&["check", "--repair"]);
    assert!(fs::read(&pack).unwrap() == whole);
    home.done(&["check", "--read-data"]);
}

#[test]
fn a_check_of_nothing_says_that_there_is_no_snapshot() {
    let home = Home::new();
    home.done(&["setup"]);
    let (exit, checked) = home.run(&["check"]);
    assert_eq!((exit, checked["snapshots"].as_u64()), (3, Some(0)), "{checked}");
    let told = said(&home, &["check", "--read-data"]);
    assert!(told.contains("There is no snapshot yet") && !told.contains("well"), "{told}");
}

#[test]
fn leftovers_of_a_stopped_backup_do_not_wait_to_be_sent() {
    let (home, _) = in_step();
    let pack = home.vault().join(largest_pack(&home));
    let left = pack.parent().unwrap().parent().unwrap().join("00/00000000000000000000000000000000");
    fs::create_dir_all(left.parent().unwrap()).unwrap();
    fs::copy(&pack, &left).unwrap();
    assert!(home.objects().iter().any(|name| name.ends_with("0000000000")), "{:?}", home.objects());
    assert_eq!(waits(&home), 0);
    assert_eq!(home.done(&["sync"])["stores"][0]["sent"], 0);
    assert!(said(&home, &["check"]).contains("needed by no snapshot"));
    // what is new waits in its very size
    fs::write(home.data.join("new.bin"), noise(99, 70_000)).unwrap();
    home.backup();
    let waiting = waits(&home);
    assert_eq!(home.done(&["sync"])["stores"][0]["sent_bytes"].as_u64(), Some(waiting));
}

#[test]
fn a_folder_that_is_away_is_to_be_mounted_and_no_network_is_to_blame() {
    let (home, store) = in_step();
    let folder = store.parent().unwrap();
    fs::rename(folder, home.folder.path().join("off")).unwrap();
    let output = home.command(&["sync"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("mount") && !told.contains("network"), "{told}");
    let status = said(&home, &["status"]);
    assert!(status.contains("Plug the disk in or mount the share") && !status.contains("that reaches it"), "{status}");
}

#[test]
fn a_repair_names_the_store_that_could_not_be_looked_at() {
    let (home, account) = in_step();
    let (nas, away) = (account.parent().unwrap().to_owned(), home.folder.path().join("unplugged"));
    flip_in_the_middle(&home.vault().join(largest_pack(&home)));
    fs::rename(&nas, &away).unwrap();
    let repair = |args: &[&str]| home.run(args).1["repair"].clone();
    let done = repair(&["check", "--repair", "--read-data"]);
    assert_eq!(done["unreached"], serde_json::json!(["nas"]), "{done}");
    assert!(said(&home, &["check", "--repair", "--read-data"]).contains("may have it: nas"));
    fs::rename(&away, &nas).unwrap();
    let done = repair(&["check", "--repair", "--read-data"]);
    assert!(done["unreached"].is_null(), "{done}");
}
