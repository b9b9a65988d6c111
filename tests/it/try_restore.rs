//! Files that are tried: they come back byte for byte, and what does not is a problem.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::problems::{open, with_store};
use crate::support::program::{Home, noise};

#[test]
fn a_drill_brings_files_back_and_one_that_fails_is_a_problem() {
    let home = Home::new();
    (0..30).for_each(|n| fs::write(home.data.join(format!("{n}.bin")), noise(n, 40_000)).unwrap());
    home.backup();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["sync"]);
    let done = home.done(&["check", "--try-restore", "7"]);
    let said = |args: &[&str]| String::from_utf8(home.command(args).output().unwrap().stdout).unwrap();
    assert!(said(&["check"]).contains("`printkeep check --try-restore 20`"));
    let text = said(&["check", "--try-restore", "7"]);
    assert!(!text.contains("--try-restore") && text.contains("`printkeep check --read-data`"), "{text}");
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
    assert!(text.contains("not on this machine and lie") && text.contains("No damage found"), "{text}");
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
