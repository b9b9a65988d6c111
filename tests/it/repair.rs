//! Keys, rosters, grants and key slots that the vault lost or holds damaged come back from a store, and never a copy that is no better.

use crate::support::program::{Home, contents, noise};

struct World {
    home: Home,
    store: std::path::PathBuf,
    kit: String,
}

/// An account with a passphrase, three generations of keys, two devices, and a snapshot under the newest keys, in a store too.
fn world() -> (World, Home) {
    let home = Home::new();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    std::fs::write(home.data.join("a.bin"), noise(1, 60_000)).unwrap();
    home.done(&["setup", "--device-name", "pc"]);
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    for _ in 0..2 {
        home.done(&["key", "rotate", "--offline"]);
    }
    home.backup();
    home.done(&["sync"]);
    let kit = home.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    let joined = Home::new();
    joined.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "laptop"]);
    home.done(&["sync"]);
    home.done(&["check", "--read-data"]);
    let account = std::fs::read_dir(&store).unwrap().flatten().next().unwrap().path();
    (World { home, store: account, kit }, joined)
}

fn flip(path: &std::path::Path, from_end: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn kinds(home: &Home) -> Vec<String> {
    let wanted = ["keys/", "grants/", "roster/", "slots/", "heads/", "index/"];
    home.objects().into_iter().filter(|name| wanted.iter().any(|kind| name.starts_with(kind))).collect()
}

#[test]
fn the_doctor_brings_back_every_object_but_packs_and_asks_for_nothing() {
    let (world, _) = world();
    let home = &world.home;
    let names = kinds(home);
    assert!(names.iter().filter(|name| name.starts_with("keys/")).count() == 2, "{names:?}");
    let own = home.done(&["device", "list"])["devices"].as_array().unwrap().iter().find(|d| d["name"] == "pc").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for name in &names {
        // what a grant of another device holds is that device's to tell
        let body = !name.starts_with("grants/") || name.contains(&own);
        let path = home.vault().join(name);
        let good = std::fs::read(&path).unwrap();
        for damage in [Some(if body { 9 } else { good.len() }), None] {
            match damage {
                Some(from_end) => flip(&path, from_end),
                None if name.starts_with("heads/") || name.starts_with("index/") || name.starts_with("grants/") => continue,
                None => std::fs::remove_file(&path).unwrap(),
            }
            let (exit, report) = home.run(&["check", "--repair"]);
            assert_eq!(exit, 0, "{name} {damage:?}: {report}");
            assert!(std::fs::read(&path).unwrap() == good, "{name} {damage:?}: {report}");
            let aside = home.vault().join("set-aside").join(name.replace('/', "-"));
            // the damaged copy is kept, for whoever wants to know what happened to it
            assert!(damage.is_none() || std::fs::read(&aside).is_ok_and(|bytes| bytes != good), "{name}: {report}");
            // the journal gives the newest roster back by itself
            let newest = name == names.iter().rfind(|name| name.starts_with("roster/")).unwrap();
            assert!(newest || report["repair"]["repaired"].to_string().contains(name.as_str()), "{name} {damage:?}: {report}");
        }
    }
    home.done(&["check", "--read-data", "--recovery-kit", &world.kit]);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_sync_brings_damaged_keys_back_before_it_sends_any() {
    let (world, _) = world();
    let home = &world.home;
    for name in ["keys/0000000000000002", "roster/0000000000000001"] {
        let path = home.vault().join(name);
        let good = std::fs::read(&path).unwrap();
        flip(&path, 9);
        home.done(&["sync"]);
        assert!(std::fs::read(&path).unwrap() == good, "{name}");
    }
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_copy_that_is_no_better_replaces_nothing_and_the_loss_is_named() {
    let (world, _) = world();
    let home = &world.home;
    let first = |kind: &str| kinds(home).into_iter().find(|name| name.starts_with(kind)).unwrap();
    // proved by a hash that a grant tells, by the account's signature, by a device's signature
    for name in ["keys/0000000000000003".into(), first("roster/"), first("heads/"), first("index/"), first("slots/")] {
        let (here, there) = (home.vault().join(&name), world.store.join(&name));
        flip(&here, 9);
        flip(&there, 7);
        let damaged = std::fs::read(&here).unwrap();
        let (exit, report) = home.run(&["check", "--repair"]);
        assert!(report["repair"]["lost"].to_string().contains(&name), "{name} {exit}: {report}");
        assert!(exit == 7 && std::fs::read(&here).unwrap() == damaged, "{name} {exit}: {report}");
        flip(&there, 7);
        home.done(&["check", "--repair"]);
        assert_eq!(std::fs::read(&here).unwrap(), std::fs::read(&there).unwrap());
    }
}

#[test]
fn a_device_that_no_grant_tells_knows_sound_keys_by_the_accounts_signature() {
    let (world, joined) = world();
    let name = "keys/0000000000000002";
    let path = joined.vault().join(name);
    let good = std::fs::read(&path).unwrap();
    flip(&path, 9);
    // an unlocked command names it
    let (exit, report) = joined.run(&["restore", "pc:latest", "--to", "/nowhere", "--recovery-kit", &world.kit]);
    assert_eq!(exit, 7, "{report}");
    let report = joined.done(&["check", "--repair"]);
    assert!(report["repair"]["repaired"].to_string().contains(name), "{report}");
    assert!(std::fs::read(&path).unwrap() == good);
    joined.done(&["check", "--recovery-kit", &world.kit]);
}

/// A home without a store, with many files in few packs, one of which is damaged in the middle of a file; and how many files there are.
fn damaged_pack() -> (Home, usize) {
    let home = Home::new();
    let files = 30;
    (0..files).for_each(|n| std::fs::write(home.data.join(format!("{n}.bin")), noise(n, 50_000)).unwrap());
    home.done(&["setup"]);
    home.backup();
    let packs: Vec<_> = home.objects().into_iter().filter(|name| name.starts_with("packs/")).collect();
    let largest = packs.iter().max_by_key(|name| std::fs::metadata(home.vault().join(name)).unwrap().len()).unwrap();
    let half = std::fs::metadata(home.vault().join(largest)).unwrap().len() / 2;
    flip(&home.vault().join(largest), usize::try_from(half).unwrap());
    (home, usize::try_from(files).unwrap())
}

fn restores(home: &Home, snapshot: &str) -> usize {
    let to = tempfile::tempdir().unwrap();
    home.run(&["restore", snapshot, "--to", to.path().to_str().unwrap()]);
    contents(to.path()).len()
}

#[test]
fn a_damaged_pack_that_nobody_has_whole_still_gives_what_is_whole_in_it() {
    let (home, files) = damaged_pack();
    assert_eq!(restores(&home, "latest"), files - 1);
    let (exit, told) = home.run(&["check", "--repair", "--read-data"]);
    assert!(exit == 7 && told["repair"]["lost"].as_array().unwrap().len() == 1, "{exit} {told}");
    assert_eq!(restores(&home, "latest"), files - 1);
}

#[test]
fn once_a_backup_stored_anew_what_a_damaged_pack_held_nothing_is_wrong_any_more() {
    let (home, files) = damaged_pack();
    home.run(&["check", "--repair", "--read-data"]);
    home.backup();
    for snapshot in ["1", "latest"] {
        let number = home.done(&["snapshots"])["snapshots"].as_array().unwrap().len();
        assert_eq!(number, 2);
        let to = if snapshot == "1" { first_snapshot(&home) } else { snapshot.to_owned() };
        assert_eq!(restores(&home, &to), files, "{snapshot}");
    }
    for command in [&["check"][..], &["check", "--read-data"], &["check", "--repair"], &["check", "--repair", "--read-data"]] {
        let told = home.done(command);
        assert_eq!(told["stored_anew"], 1, "{command:?}: {told}");
    }
    // what nothing holds any more stays a loss, and is named as one
    let (home, _) = damaged_pack();
    home.run(&["check", "--repair", "--read-data"]);
    (0..30).for_each(|n| std::fs::write(home.data.join(format!("{n}.bin")), noise(n + 100, 50_000)).unwrap());
    home.backup();
    assert_eq!(home.run(&["check"]).0, 7);
    assert_eq!(home.run(&["check", "--repair"]).0, 7);
}

fn first_snapshot(home: &Home) -> String {
    let list = home.done(&["snapshots"]);
    let first = list["snapshots"].as_array().unwrap().iter().find(|s| s["number"] == 1).unwrap();
    format!("{}:1", first["device"].as_str().unwrap())
}

/// Whatever is asked, the advice is one, and it works as it is given, in the very home.
#[test]
fn a_device_key_that_is_gone_is_told_with_one_advice_that_works() {
    for whole_folder in [false, true] {
        let home = Home::new();
        std::fs::write(home.data.join("a"), "x").unwrap();
        let (store, url) = (home.folder.path().join("nas"), |path: &std::path::Path| format!("file://{}", path.display()));
        std::fs::create_dir(&store).unwrap();
        home.backup();
        home.done(&["store", "add", &url(&store)]);
        home.done(&["sync"]);
        let kit = home.folder.path().join("kit.txt");
        std::fs::rename(home.path.join("recovery-kit.txt"), &kit).unwrap();
        let (folder, key) = (home.path.join("accounts/default"), home.folder.path().join("key"));
        std::fs::rename(folder.join("device.key"), &key).unwrap();
        if whole_folder {
            std::fs::remove_dir_all(home.path.join("accounts")).unwrap();
        }
        for args in [
            &["backup", home.data.to_str().unwrap()][..],
            &["setup", "--yes"],
            &["status"],
            &["check"],
            &["sync"],
            &["ls", "latest"],
        ] {
            let (exit, told) = home.run(args);
            let error = &told["error"];
            assert_eq!((exit, error["id"].as_str()), (7, Some("key-lost")), "{args:?}: {told}");
            assert!(error["hint"].to_string().contains(&format!("setup --join {}", url(&home.path.join("vault")))), "{told}");
        }
        assert_eq!(std::fs::read_dir(home.path.join("vault")).unwrap().count(), 1);
        if !whole_folder {
            std::fs::rename(&key, folder.join("device.key")).unwrap();
            home.done(&["status"]);
            std::fs::rename(folder.join("device.key"), &key).unwrap();
        }
        let join = ["setup", "--join", &url(&home.path.join("vault")), "--recovery-kit", kit.to_str().unwrap()];
        home.done(&[&join[..], &["--device-name", "again"]].concat());
        home.backup();
        let synced = home.done(&["sync"]);
        assert_eq!(synced["stores"].as_array().unwrap().len(), 1, "the settings keep their store: {synced}");
        home.done(&["check", "--read-data"]);
        home.done(&["check", "--store", "store"]);
        assert_eq!(home.done(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
        // what the old key opens is kept, for whoever finds a copy of it
        assert_eq!(folder.with_file_name("default.lost-1").join("account.journal").exists(), !whole_folder);
    }
}

#[test]
fn a_new_account_beside_one_whose_key_is_gone_is_made_only_by_a_name_of_its_own() {
    let home = Home::new();
    std::fs::write(home.data.join("a"), "x").unwrap();
    home.backup();
    std::fs::remove_file(home.path.join("accounts/default/device.key")).unwrap();
    assert_eq!(home.run(&["--account", "default", "setup", "--yes"]).0, 7);
    home.done(&["--account", "other", "setup", "--yes"]);
    home.backup();
    home.done(&["check"]);
    assert_eq!(home.run(&["--account", "default", "status"]).1["error"]["id"], "key-lost");
}
