//! A vault that lost what it held, whole or in part: it is told until it is back, each command that is named brings it back, and nothing
//! goes elsewhere because of it.

use std::fs;

use serde_json::Value;

use crate::support::problems::{account, open, with_store};
use crate::support::program::{Home, contents, noise};

/// A home with three snapshots that a store holds, too; its kit lies elsewhere.
fn home() -> (Home, std::path::PathBuf, String) {
    let (home, store) = with_store("nas");
    for n in 0..2 {
        // each snapshot needs a pack that no other needs
        fs::write(home.data.join(format!("{n}.gcode")), noise(n, 200_000)).unwrap();
        home.backup();
        fs::remove_file(home.data.join(format!("{n}.gcode"))).unwrap();
    }
    fs::write(home.data.join("1.gcode"), noise(1, 200_000)).unwrap();
    home.done(&["sync"]);
    let kit = home.folder.path().join("kit.txt");
    fs::rename(home.path.join("recovery-kit.txt"), &kit).unwrap();
    (home, store, kit.to_str().unwrap().to_owned())
}

fn lose(home: &Home) {
    fs::remove_dir_all(home.path.join("vault")).unwrap();
}

/// The snapshots that the home lists, and those that it calls lost.
fn snapshots(home: &Home) -> (usize, usize) {
    let listed = home.run(&["snapshots"]).1;
    let count = |part: &str| listed[part].as_array().map_or(0, Vec::len);
    (count("snapshots"), count("lost"))
}

/// All is as it was: nothing is lost, the chain is whole, every byte opens, the newest comes back.
fn is_whole(home: &Home, kit: &str, snapshots: u64) {
    assert_eq!((open(home, "vault-lost"), open(home, "damaged")), (None, None));
    for more in [&[][..], &["--store", "nas"]] {
        let checked = home.done(&[&["check", "--read-data", "--recovery-kit", kit], more].concat());
        assert_eq!(checked["snapshots"].as_u64(), Some(snapshots), "{checked}");
    }
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", "latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", kit]);
    assert_eq!(contents(&to.path().join("data")), contents(&home.data));
}

#[test]
fn a_backup_beside_a_lost_vault_tells_it_and_it_stands_until_a_sync_brought_it_back() {
    let (home, _store, kit) = home();
    lose(&home);
    let output = home.command(&["backup", home.data.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("PROBLEM") && told.contains("3 snapshots"), "{told}");
    assert_eq!(snapshots(&home), (1, 3));
    for _ in 0..2 {
        let problem = open(&home, "vault-lost").unwrap();
        assert_eq!((problem["grade"].as_str(), problem["known"].as_u64()), (Some("serious"), Some(3)), "{problem}");
        assert_eq!((home.run(&["status"]).0, home.run(&["check"]).0), (3, 7));
        home.backup();
    }
    assert_eq!(open(&home, "damaged"), None, "one loss is one problem");
    home.done(&["sync"]);
    assert_eq!(snapshots(&home), (6, 0));
    is_whole(&home, &kit, 6);
}

#[test]
fn whatever_is_asked_of_a_home_without_its_vault_names_what_brings_it_back_and_that_does() {
    for (helps, with_kit) in [("sync", false), ("check --repair", false), ("check --repair", true)] {
        let (home, _store, kit) = home();
        lose(&home);
        let out = home.folder.path().join("out");
        let restore = ["restore", "latest", "--to", out.to_str().unwrap(), "--recovery-kit", &kit];
        for args in [&restore[..], &["restore", "2", "--to", out.to_str().unwrap(), "--recovery-kit", &kit], &["ls", "latest"]] {
            let (exit, told) = home.run(args);
            assert!(exit == 7 && told["error"]["id"].as_str().is_some_and(|id| id.ends_with("-lost")), "{args:?}: {told}");
        }
        let status = home.run(&["status"]).1;
        assert_eq!((status["last_lost"].as_u64(), home.run(&["device", "list"]).0), (Some(3), 0), "{status}");
        assert!(status["free_bytes"].as_u64() < Some(u64::MAX), "{status}");
        assert_eq!(snapshots(&home), (0, 3));
        let mut args: Vec<&str> = helps.split(' ').collect();
        args.extend(with_kit.then_some(["--recovery-kit", &kit]).into_iter().flatten());
        home.done(&args);
        is_whole(&home, &kit, 3);
    }
}

#[test]
fn an_older_snapshot_is_not_given_for_the_newest_that_the_vault_lost() {
    let (home, _store, kit) = home();
    let heads = home.vault().join("heads").join(account(&home).device.id.to_string());
    fs::remove_file(heads.join("0000000000000003")).unwrap();
    let out = home.folder.path().join("out");
    let restore = |which: &str| home.run(&["restore", which, "--to", out.to_str().unwrap(), "--recovery-kit", &kit]);
    for which in ["latest", "3"] {
        let (exit, told) = restore(which);
        assert!(exit == 7 && told["error"]["id"] == "snapshot-lost", "{which}: {told}");
    }
    assert_eq!(restore("2").0, 0);
    assert_eq!(open(&home, "vault-lost").unwrap()["known"].as_u64(), Some(1));
    home.done(&["check", "--repair"]);
    is_whole(&home, &kit, 3);
}

#[test]
fn nothing_goes_from_vault_or_store_because_the_vault_lost_snapshots() {
    let (home, store, kit) = home();
    home.done(&["device", "allow-delete", &account(&home).device.name, "--recovery-kit", &kit]);
    home.done(&["sync"]);
    // the store shows that snapshot no more either: nothing but the journal knows that it was
    let name = format!("heads/{}/0000000000000002", account(&home).device.id);
    let there = fs::read_dir(&store).unwrap().flatten().next().unwrap().path();
    let kept = fs::read(there.join(&name)).unwrap();
    [home.vault(), there.clone()].iter().for_each(|place| fs::remove_file(place.join(&name)).unwrap());
    let packs = |place: &std::path::Path| contents(&place.join("packs")).len();
    let before = (packs(&home.vault()), packs(&there));
    for _ in 0..2 {
        let (exit, done) = home.run(&["prune", "--grace", "0d"]);
        assert_ne!(exit, 0, "{done}");
        assert_eq!((packs(&home.vault()), packs(&there)), before, "{done}");
    }
    fs::write(there.join(&name), kept).unwrap();
    home.done(&["sync"]);
    is_whole(&home, &kit, 3);
}

#[test]
fn recorded_facts_that_went_with_the_vault_come_back_with_it() {
    let (home, _store, kit) = home();
    home.done(&["privacy", "grant", "operation-log"]);
    home.backup();
    let facts = |home: &Home| -> Vec<Value> {
        let told = home.done(&["privacy", "data", "--recovery-kit", &kit])["facts"].as_array().unwrap().clone();
        told.into_iter().map(|fact| fact["number"].clone()).collect()
    };
    let before = facts(&home);
    assert!(!before.is_empty());
    home.done(&["sync"]);
    lose(&home);
    home.backup();
    home.done(&["sync"]);
    home.backup();
    let after = facts(&home);
    assert!(before.iter().all(|number| after.contains(number)), "{before:?} {after:?}");
}

#[test]
fn each_backup_says_that_nobody_can_read_it_where_no_store_may_have_the_keys() {
    let (home, _store, _kit) = home();
    home.done(&["store", "remove", "nas"]);
    lose(&home);
    home.run(&["status"]);
    for _ in 0..2 {
        let (exit, made) = home.run(&["backup", home.data.to_str().unwrap()]);
        assert_eq!((exit, &made["unreadable"]), (3, &true.into()), "{made}");
    }
    let output = home.command(&["backup", home.data.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(3) && told.contains("NOBODY can read this snapshot"), "{told}");
}

/// What neither the vault nor a store has any more is let go by its number, or by the name that a check tells; it is logged.
#[test]
fn a_snapshot_that_is_gone_everywhere_is_forgotten_and_the_check_is_well_again() {
    let home = Home::new();
    home.done(&["setup", "--device-name", "pc"]);
    for n in 0..4 {
        fs::write(home.data.join("a.gcode"), noise(n, 50_000)).unwrap();
        home.backup();
    }
    home.done(&["device", "allow-delete", "pc"]);
    let heads = format!("heads/{}", account(&home).device.id);
    let lose = |number: u64| fs::remove_file(home.vault().join(format!("{heads}/{number:016x}"))).unwrap();
    (1..3).for_each(lose);
    assert_eq!((home.run(&["check"]).0, snapshots(&home)), (7, (2, 2)));
    assert_eq!(home.run(&["forget", "7"]).0, 2, "one that never was");
    let wanted = home.done(&["forget", "1", &format!("{heads}/0000000000000002"), "--dry-run"]);
    assert_eq!((wanted["gone"].as_array().map(Vec::len), home.run(&["check"]).0), (Some(2), 7), "{wanted}");
    let done = home.done(&["forget", "1", &format!("{heads}/0000000000000002")]);
    assert_eq!((done["forgotten"].as_u64(), done["kept"].as_u64()), (Some(2), Some(2)), "{done}");
    home.done(&["check", "--read-data"]);
    assert_eq!((snapshots(&home), open(&home, "vault-lost"), home.run(&["forget", "1"]).0), ((2, 0), None, 2));
    let log = home.done(&["privacy", "log", "show"])["entries"].clone();
    let let_go = |entry: &Value| entry["what"] == "forgotten" && entry["outcome"] == "done" && entry["count"] == 2;
    assert!(log.as_array().unwrap().iter().any(let_go), "{log}");
    // the newest, too: what is there stays, and the next follows it
    lose(4);
    assert_eq!(home.run(&["check"]).0, 7);
    home.done(&["forget", "4"]);
    home.done(&["check"]);
    let status = home.run(&["status"]).1;
    assert_eq!((&status["last"]["snapshot"], &status["last_lost"]), (&3.into(), &Value::Null), "{status}");
    assert_eq!(home.backup()["snapshot"], 5);
    home.done(&["check", "--read-data"]);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_snapshot_that_a_store_has_is_brought_back_and_not_forgotten() {
    let (home, _store, kit) = home();
    let account = account(&home);
    home.done(&["device", "allow-delete", &account.device.name, "--recovery-kit", &kit]);
    home.done(&["sync"]);
    fs::remove_file(home.vault().join(format!("heads/{}/0000000000000002", account.device.id))).unwrap();
    let (exit, refused) = home.run(&["forget", "2"]);
    assert!(exit == 2 && refused["error"].to_string().contains("check --repair"), "{refused}");
    home.done(&["check", "--repair"]);
    assert_eq!(home.done(&["forget", "2"])["forgotten"], 1);
}

/// Whatever makes a run end with other than 0 is said, also where nothing else is.
#[test]
fn a_quiet_run_that_does_not_end_well_says_why() {
    let home = Home::new();
    fs::write(home.data.join("a.gcode"), noise(1, 5_000)).unwrap();
    home.backup();
    lose(&home);
    let data = home.data.to_str().unwrap();
    for (args, exit, why) in [
        (&["backup", data][..], 3, "NOBODY can read"),
        (&["snapshots"], 7, "lost 1 snapshot"),
        (&["status"], 3, "The local vault lost"),
        (&["problems"], 3, "The local vault lost"),
        (&["check"], 7, ""),
    ] {
        let output = home.command(&[&["--quiet"], args].concat()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(exit), 0), "{args:?} {told}");
        assert!(!told.trim().is_empty() && told.contains(why), "{args:?}: {told}");
    }
}
