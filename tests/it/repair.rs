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
    home.done(&["verify", "--read-data"]);
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
            let (exit, report) = home.run(&["doctor"]);
            assert_eq!(exit, 0, "{name} {damage:?}: {report}");
            assert!(std::fs::read(&path).unwrap() == good, "{name} {damage:?}: {report}");
            let aside = home.vault().join("set-aside").join(name.replace('/', "-"));
            // the damaged copy is kept, for whoever wants to know what happened to it
            assert!(damage.is_none() || std::fs::read(&aside).is_ok_and(|bytes| bytes != good), "{name}: {report}");
            // the journal gives the newest roster back by itself
            let newest = name == names.iter().rfind(|name| name.starts_with("roster/")).unwrap();
            assert!(newest || report["repaired"].to_string().contains(name.as_str()), "{name} {damage:?}: {report}");
        }
    }
    home.done(&["verify", "--read-data", "--recovery-kit", &world.kit]);
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
        let (exit, report) = home.run(&["doctor"]);
        assert!(report["lost"].to_string().contains(&name), "{name} {exit}: {report}");
        assert!(exit == 7 && std::fs::read(&here).unwrap() == damaged, "{name} {exit}: {report}");
        flip(&there, 7);
        home.done(&["doctor"]);
        assert_eq!(std::fs::read(&here).unwrap(), std::fs::read(&there).unwrap());
    }
}

#[test]
fn a_device_that_no_grant_tells_proves_keys_with_the_owners() {
    let (world, joined) = world();
    let name = "keys/0000000000000002";
    let path = joined.vault().join(name);
    let good = std::fs::read(&path).unwrap();
    flip(&path, 9);
    // an unlocked command names it; without the owner's key nobody here can tell which copy is right
    let (exit, report) = joined.run(&["restore", "pc:latest", "--to", "/nowhere", "--recovery-kit", &world.kit]);
    assert_eq!(exit, 7, "{report}");
    joined.done(&["doctor"]);
    assert!(std::fs::read(&path).unwrap() != good);
    let report = joined.done(&["doctor", "--recovery-kit", &world.kit]);
    assert!(report["repaired"].to_string().contains(name), "{report}");
    assert!(std::fs::read(&path).unwrap() == good);
    joined.done(&["verify", "--recovery-kit", &world.kit]);
}
