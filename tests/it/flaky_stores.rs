//! Stores that come and go, are full, or slow: told in a line each, the others go on, and nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{Home, contents, each_file, noise};
use crate::support::sftp::{self, SftpServer};
use crate::support::webdav::{Auth, DavServer, Manner, PASSWORD, USER};

/// A home with a backup, and folders for stores.
fn home(stores: &[&str]) -> (Home, Vec<PathBuf>) {
    let home = Home::new();
    for n in 0..3 {
        fs::write(home.data.join(format!("{n}.jpg")), noise(n, 300_000)).unwrap();
    }
    home.backup();
    let folders: Vec<PathBuf> = stores.iter().map(|name| home.folder.path().join(name)).collect();
    for (name, folder) in stores.iter().zip(&folders) {
        fs::create_dir(folder).unwrap();
        add(&home, name, folder);
    }
    (home, folders)
}

fn add(home: &Home, name: &str, folder: &Path) {
    home.done(&["store", "add", &format!("file://{}", folder.display()), "--name", name]);
}

fn packs(folder: &Path) -> usize {
    let mut count = 0;
    each_file(folder, &mut |path| count += usize::from(path.to_str().unwrap().contains("/packs/")));
    count
}

fn store<'a>(document: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    document["stores"].as_array().unwrap().iter().find(|store| store["store"] == name).unwrap()
}

#[test]
fn a_stick_that_is_away_keeps_no_other_store_waiting() {
    let (home, folders) = home(&["nas", "stick"]);
    let away = home.folder.path().join("drawer");
    fs::rename(&folders[1], &away).unwrap();
    let (exit, document) = home.run(&["sync"]);
    assert_eq!(exit, 3, "what is not done whole is no success: {document}");
    assert_eq!(store(&document, "stick")["away"], true);
    assert!(store(&document, "nas")["sent"].as_u64().unwrap() > 0 && packs(&folders[0]) > 0);
    let output = home.command(&["sync"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(told.lines().filter(|line| line.contains("stick")).count(), 1, "{told}");
    // alone, or when every store is away, it is a failure
    assert_eq!(home.run(&["sync", "--store", "stick"]).0, 6);
    fs::rename(&folders[0], home.folder.path().join("off")).unwrap();
    assert_eq!(home.run(&["sync"]).0, 6);
    fs::rename(&away, &folders[1]).unwrap();
    let (exit, document) = home.run(&["sync"]);
    assert_eq!(exit, 3, "the other one is away still: {document}");
    assert!(packs(&folders[1]) > 0);
}

#[test]
fn another_stick_at_the_same_path_is_not_taken_for_it() {
    let (home, folders) = home(&["stick"]);
    let (stick, first) = (&folders[0], home.folder.path().join("first"));
    home.done(&["sync"]);
    let held = contents(stick);
    fs::rename(stick, &first).unwrap();
    // a stick of the same account, and one that is empty
    let second = home.folder.path().join("second");
    fs::create_dir(&second).unwrap();
    add(&home, "other", &second);
    home.done(&["sync", "--store", "other"]);
    fs::rename(&second, stick).unwrap();
    let before = contents(stick);
    let (exit, document) = home.run(&["sync", "--store", "stick"]);
    assert_eq!(exit, 6, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("another disk"), "{document}");
    assert_eq!(contents(stick), before);
    fs::rename(stick, &second).unwrap();
    fs::create_dir(stick).unwrap();
    assert_eq!(home.run(&["sync", "--store", "stick"]).0, 6);
    assert_eq!(contents(stick).len(), 0);
    // unless the owner says so
    home.done(&["store", "set", "stick", "--url", stick.to_str().unwrap(), "--yes"]);
    // it is told that the new one was empty, and filled
    let filled = home.done(&["sync", "--store", "stick"]);
    assert_eq!((&filled["stores"][0]["refilled"], &filled["stores"][0]["problems"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(packs(stick), packs(&first));
    // one that was emptied since is an alarm: the owner said so of the other one alone
    each_file(stick, &mut |path| {
        if !path.ends_with(printkeep::provider::removable::MARKER) {
            fs::remove_file(path).unwrap();
        }
    });
    let (exit, document) = home.run(&["sync", "--store", "stick"]);
    assert!(exit == 7 && document.to_string().contains("emptied"), "{document}");
    assert_eq!(packs(stick), packs(&first));
    fs::remove_dir_all(stick).unwrap();
    fs::rename(&first, stick).unwrap();
    assert_eq!(home.run(&["sync", "--store", "stick"]).0, 6);
    assert_eq!(contents(stick), held);
}

/// Why a folder gives nothing is told as it is now, and what helps then.
#[test]
fn a_folder_that_is_back_and_empty_is_not_called_away() {
    let (home, folders) = home(&["stick"]);
    let stick = &folders[0];
    home.done(&["sync"]);
    let status = || home.command(&["status"]).output().map(|output| String::from_utf8(output.stdout).unwrap()).unwrap();
    fs::rename(stick, home.folder.path().join("drawer")).unwrap();
    let told = status();
    assert!(
        told.contains("away since") && told.contains("is not there; is its disk mounted?") && !told.contains("empty"),
        "{told}"
    );
    let since = home.run(&["status"]).1["stores"][0]["away_since"].clone();
    fs::create_dir(stick).unwrap();
    let told = status();
    assert!(told.contains("its folder is empty by now") && !told.contains("is not there; is its disk mounted?"), "{told}");
    let told = home.run(&["status"]).1;
    assert_eq!((&told["stores"][0]["emptied"], &told["stores"][0]["away_since"]), (&true.into(), &since), "{told}");
    let problem = told["problems"].as_array().unwrap().iter().find(|problem| problem["kind"] == "away").unwrap();
    assert!(problem["advice"].to_string().contains("store set"), "{problem}");
    let refused = home.command(&["sync"]).output().map(|output| String::from_utf8(output.stderr).unwrap()).unwrap();
    assert!(refused.contains("printkeep store set stick --url FOLDER"), "{refused}");
    fs::remove_dir(stick).unwrap();
    assert!(status().contains("is not there; is its disk mounted?"));
    fs::rename(home.folder.path().join("drawer"), stick).unwrap();
    assert!(!status().contains("away since"));
}

/// A folder on the disk of the vault is one copy, not two: whoever adds it is told so at once.
#[test]
fn a_store_on_the_disk_of_the_vault_is_told_as_such() {
    let home = Home::new();
    home.backup();
    let nas = home.folder.path().join("nas");
    fs::create_dir(&nas).unwrap();
    let url = format!("file://{}", nas.display());
    let added = home.command(&["store", "add", &url, "--name", "nas"]).output().unwrap();
    let told = String::from_utf8(added.stdout).unwrap();
    assert!(told.contains("It lies on the same disk as the copy on this machine"), "{told}");
}

/// A place that holds nothing is taken for a store that held snapshots only by its owner's word.
#[test]
fn an_empty_place_is_not_taken_for_a_full_one_without_a_word() {
    let (home, folders) = home(&["stick"]);
    home.done(&["sync"]);
    let empty = home.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let set = ["store", "set", "stick", "--url", empty.to_str().unwrap()];
    let (exit, refused) = home.run(&set);
    assert!(exit == 2 && refused["error"].to_string().contains("--yes"), "{refused}");
    assert!(home.done(&["store", "list"])["stores"][0]["url"].as_str().unwrap().ends_with("/stick"));
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    home.done(&["sync"]);
    let done = home.command(&[&set[..], &["--yes"]].concat()).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && text.contains("No snapshot of this account lies there"), "{text}");
    home.run(&["sync"]);
    // one that holds them is taken at once
    let back = home.done(&["store", "set", "stick", "--url", folders[0].to_str().unwrap()]);
    assert!(back["anew"].is_null(), "{back}");
    home.done(&["sync"]);
}

#[test]
fn a_folder_tells_what_its_file_system_can_do() {
    let (home, folders) = home(&["nas"]);
    let document = home.done(&["store", "test", "nas"]);
    let checks = document["stores"][0]["checks"].to_string();
    for what in ["fsync", "folder-fsync", "hard-links", "rename-no-replace", "free-space", "case"] {
        assert!(checks.contains(&format!("\"{what}\"")), "{what}: {checks}");
    }
    assert!(!fs::read_dir(&folders[0]).unwrap().flatten().any(|e| e.file_name().to_string_lossy().contains("probe")));
}

/// Adds a store beyond the network, and allows it.
fn add_network(home: &Home, url: &str, credentials: &str, trust: &[&str]) -> (i32, serde_json::Value) {
    let file = home.folder.path().join("credentials");
    fs::write(&file, credentials).unwrap();
    let args = ["store", "add", url, "--name", "far", "--credentials-file", file.to_str().unwrap()];
    let done = home.run(&[&args[..], trust].concat());
    home.done(&["privacy", "grant", "network"]);
    done
}

/// Sync, join from another machine, restore there.
fn road(home: &Home, url: &str, trust: &[&str]) {
    home.done(&["store", "test", "far"]);
    assert!(home.done(&["sync"])["stores"][0]["sent"].as_u64().unwrap() > 3);
    let again = home.done(&["sync"]);
    assert_eq!((again["stores"][0]["sent"].as_u64(), again["stores"][0]["fetched"].as_u64()), (Some(0), Some(0)));
    let new = Home::new();
    let kit = home.path.join("recovery-kit.txt");
    let file = home.folder.path().join("credentials");
    let args = ["setup", "--join", url, "--recovery-kit", kit.to_str().unwrap(), "--credentials-file", file.to_str().unwrap()];
    new.done(&[&args[..], trust].concat());
    let to = new.folder.path().join("out");
    new.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(contents(&to.join("data")), contents(&home.data));
    new.done(&["sync", "--pull", "all"]);
    assert_eq!(packs(&new.vault()), packs(&home.vault()));
}

#[test]
fn a_backup_goes_to_webdav_and_comes_home() {
    let (home, _) = home(&[]);
    let server = DavServer::start(Manner::Honest, Auth::Sha256);
    let trust = ["--ca-file", server.ca_file.to_str().unwrap()];
    let (exit, document) = add_network(&home, &server.url, &format!("{USER}\n{PASSWORD}\n"), &trust);
    assert_eq!(exit, 0, "{document}");
    road(&home, &server.url, &trust);
    assert!(!fs::read_to_string(home.path.join("config.toml")).unwrap().contains(PASSWORD));
}

#[test]
fn a_backup_goes_to_sftp_and_comes_home() {
    let (home, _) = home(&[]);
    let server = SftpServer::start(sftp::Manner::OpenSsh);
    let url = server.url();
    let (exit, document) = add_network(&home, &url, &server.key, &[]);
    assert_eq!(exit, 0, "{document}");
    let (exit, document) = home.run(&["sync"]);
    assert_eq!(exit, 6, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains(&server.fingerprint), "{document}");
    let trust = ["--pin", &server.fingerprint];
    home.done(&[&["store", "set", "far"][..], &trust].concat());
    assert!(fs::read_to_string(home.path.join("config.toml")).unwrap().contains(&server.fingerprint));
    road(&home, &url, &trust);
}

#[test]
fn a_full_store_is_told_in_a_line_and_what_arrived_counts() {
    let (home, _) = home(&[]);
    let server = DavServer::start(Manner::Full, Auth::Basic);
    let trust = ["--ca-file", server.ca_file.to_str().unwrap()];
    add_network(&home, &server.url, &format!("{USER}\n{PASSWORD}\n"), &trust);
    // the first time as a problem too, in its four parts
    for (run, problems) in [(1, 1), (2, 0)] {
        let output = home.command(&["sync"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(6), "{told}");
        // a store that a run did not fill to the end was never in step
        let stands = home.run(&["status"]).1;
        assert!(stands["stores"][0]["in_step"].is_null() && stands["stores"][0]["bytes"].as_u64() > Some(0), "{stands}");
        let (problem, plain): (Vec<_>, Vec<_>) =
            told.lines().filter(|line| line.contains("full")).partition(|line| line.starts_with("PROBLEM"));
        assert_eq!((problem.len(), plain.len()), (problems, 1), "{told}");
        assert_eq!(told.lines().filter(|line| line.contains("not moved") || line.contains("could not")).count(), 0, "{told}");
        // only one upload is tried for each that was on its way
        assert!(server.methods().iter().filter(|method| *method == "PUT").count() <= 6 * run);
    }
}

#[test]
fn a_limit_stands_in_the_settings_and_nonsense_is_refused() {
    let (home, folders) = home(&[]);
    assert!(folders.is_empty());
    let folder = home.folder.path().join("slow");
    fs::create_dir(&folder).unwrap();
    let url = format!("file://{}", folder.display());
    assert_eq!(home.run(&["store", "add", &url, "--limit", "fast"]).0, 2);
    home.done(&["store", "add", &url, "--limit", "1 GB/s"]);
    assert_eq!(home.done(&["store", "list"])["stores"][0]["limit"], "1 GB/s");
    assert!(fs::read_to_string(home.path.join("config.toml")).unwrap().contains("limit = \"1 GB/s\""));
    home.done(&["sync"]);
}
