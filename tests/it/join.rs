//! A new machine joins with the kit: after being cut off at any point, with a damaged object in the store, and only once.

use std::time::Instant;

use printkeep::core::name::ObjectName;

use crate::support::killer::Killer;
use crate::support::problems::account;
use crate::support::program::{Home, contents, gcode};

/// A home whose vault was synced to a folder, and the folder's address.
fn synced() -> (Home, String) {
    let home = Home::new();
    (0..3).for_each(|n| std::fs::write(home.data.join(format!("{n}.gcode")), gcode(n, 3000)).unwrap());
    home.backup();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    (home, url)
}

fn kit(home: &Home) -> String {
    home.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
}

#[test]
fn joining_goes_on_after_being_killed_and_restores_everything() {
    let (home, url) = synced();
    let new = Home::new();
    let args = ["setup", "--join", &url, "--recovery-kit", &kit(&home)];
    let trial = Home::new();
    let started = Instant::now();
    trial.done(&args);
    let usual = started.elapsed();
    let mut killer = Killer::new(usual, 12, 0);
    for _ in 0..12 {
        if killer.kill(&new, &args).success() {
            break;
        }
    }
    if new.run(&["status"]).0 != 0 && new.run(&["status"]).0 != 3 {
        new.done(&args);
    }
    let to = new.folder.path().join("out");
    new.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", &kit(&home)]);
    assert_eq!(contents(&to.join("data")), contents(&home.data));
    let (exit, document) = new.run(&args);
    assert_eq!(exit, 2, "{document}");
}

#[test]
fn a_damaged_object_in_the_store_does_not_keep_one_from_joining() {
    let (home, url) = synced();
    std::fs::write(home.data.join("later.cfg"), "[printer]\n").unwrap();
    home.backup();
    home.done(&["sync"]);
    let head = home.objects().into_iter().rfind(|o| o.starts_with("heads/")).unwrap();
    let account = home.vault().file_name().unwrap().to_owned();
    std::fs::write(home.folder.path().join("store").join(account).join(&head), "garbage").unwrap();
    let new = Home::new();
    let (exit, document) = new.run(&["setup", "--join", &url, "--recovery-kit", &kit(&home)]);
    assert_eq!(exit, 7, "{document}");
    assert_eq!(document["failed"][0]["object"], head.as_str());
    assert_eq!(document["problems"][0]["object"], head.as_str());
    let to = new.folder.path().join("out");
    new.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", &kit(&home)]);
    assert_eq!(contents(&to.join("data")).len(), 3);
}

#[test]
fn another_kit_opens_nothing() {
    let ((home, url), (other, _)) = (synced(), synced());
    let new = Home::new();
    let (exit, document) = new.run(&["setup", "--join", &url, "--recovery-kit", &kit(&other)]);
    assert!(exit == 4 || exit == 2, "{document}");
    assert!(home.path.exists());
}

#[test]
fn a_store_that_cannot_be_looked_at_says_so_and_not_that_it_lacks_the_account() {
    let (home, url) = synced();
    let new = Home::new();
    let (exit, document) = new.run(&["setup", "--join", "file:///nowhere/at/all", "--recovery-kit", &kit(&home)]);
    assert_eq!((exit, document["error"]["id"].as_str()), (6, Some("place-unreachable")), "{document}");
    let (exit, document) = new.run(&["rescue", "file:///nowhere/at/all", "--recovery-kit", &kit(&home), "--plan"]);
    assert_eq!((exit, document["error"]["id"].as_str()), (6, Some("place-unreachable")), "{document}");
    // nobody listens at that port
    let there = "s3://bucket/prefix?endpoint=http://127.0.0.1:9&region=eu";
    let mut command = new.command(&["setup", "--json", "--join", there, "--recovery-kit", &kit(&home)]);
    command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("127.0.0.1") && !text.contains("no such account"), "{text}");
    // a folder without the account is what it was: no such account there
    let empty = new.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let address = format!("file://{}", empty.display());
    let (exit, document) = new.run(&["setup", "--join", &address, "--recovery-kit", &kit(&home)]);
    assert_eq!(exit, 2, "{document}");
    new.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home)]);
}

/// A home whose device's key is gone, and another device that joined its account through the store since.
fn keyless() -> (Home, String, Home) {
    let (home, url) = synced();
    let other = Home::new();
    other.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "other"]);
    std::fs::remove_file(home.path.join("accounts/default/device.key")).unwrap();
    (home, url, other)
}

fn vault(home: &Home) -> String {
    format!("file://{}", home.path.join("vault").display())
}

fn names(home: &Home) -> Vec<String> {
    let listed = home.done(&["device", "list"]);
    listed["devices"].as_array().unwrap().iter().map(|device| device["name"].as_str().unwrap().to_owned()).collect()
}

/// Joins from the own vault; gives what was told beside it.
fn join_from_vault(home: &Home) -> String {
    let output =
        home.command(&["setup", "--join", &vault(home), "--recovery-kit", &kit(home), "--device-name", "again"]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_device_whose_key_is_gone_joins_through_the_store_that_knows_what_others_changed() {
    let (home, url, other) = keyless();
    let (_, told) = home.run(&["status"]);
    let hint = told["error"]["hint"].as_str().unwrap().to_owned();
    let at = |text: &str| hint.find(text).unwrap_or_else(|| panic!("{hint}"));
    assert!(at(&format!("setup --join {url} ")) < at(&format!("setup --join {} ", vault(&home))), "{hint}");
    let told = join_from_vault(&home);
    assert!(told.contains("Joined through the store store"), "{told}");
    home.backup();
    home.done(&["sync"]);
    other.done(&["sync"]);
    assert_eq!(names(&home), names(&other));
    assert!(names(&home).contains(&"again".to_owned()) && names(&home).contains(&"other".to_owned()), "{:?}", names(&home));
    home.done(&["check", "--store", "store"]);
    other.backup();
    other.done(&["sync"]);
}

/// What a device changed and sent nowhere is no less the owner's word because its key was lost.
#[test]
fn who_joins_through_a_store_keeps_what_the_vault_alone_knows() {
    let (home, url) = synced();
    home.done(&["device", "rename", &names(&home)[0], "workshop", "--recovery-kit", &kit(&home)]);
    home.done(&["key", "rotate", "--recovery-kit", &kit(&home)]);
    std::fs::remove_file(home.path.join("accounts/default/device.key")).unwrap();
    home.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "again"]);
    home.done(&["sync"]);
    assert_eq!(names(&home), ["workshop", "again"]);
    let new = Home::new();
    new.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "new"]);
    assert_eq!(names(&new), ["workshop", "again", "new"]);
    assert_eq!(new.done(&["device", "list"])["generation"], 2);
}

/// Whether the other device changed the keys too, before this one heard of it.
#[test]
fn a_device_that_the_list_left_out_is_told_so_and_put_back() {
    for keys_changed in [false, true] {
        let (home, url, other) = keyless();
        let (store, away) = (home.folder.path().join("store"), home.folder.path().join("away"));
        std::fs::rename(&store, &away).unwrap();
        let told = join_from_vault(&home);
        assert!(told.contains(&format!("The store store ({url}) of the settings was not looked at: ")), "{told}");
        home.backup();
        std::fs::rename(&away, &store).unwrap();
        if !keys_changed {
            // the longer list holds
            other.done(&["device", "rename", "other", "bench", "--recovery-kit", &kit(&home)]);
            other.done(&["sync"]);
        }
        if keys_changed {
            other.done(&["key", "rotate", "--recovery-kit", &kit(&home)]);
            other.done(&["device", "rename", "other", "desk", "--recovery-kit", &kit(&home)]);
            other.backup();
            other.done(&["sync"]);
        }
        let (exit, synced) = home.run(&["sync"]);
        let why = if keys_changed { "sync-list-sealed" } else { "sync-unlisted" };
        assert_eq!((exit, &synced["stores"][0]["failed"][0]["reason"]["id"]), (3, &why.into()), "{synced}");
        if !keys_changed {
            let (exit, refused) = home.run(&["backup", home.data.to_str().unwrap()]);
            assert_eq!((exit, &refused["error"]["id"]), (2, &"device-unlisted".into()), "{refused}");
            let problems = home.run(&["status"]).1.to_string() + &refused.to_string();
            assert!(problems.contains("problem-unlisted") && !problems.contains("You revoked"), "{problems}");
        }
        // nobody takes it for an intruder meanwhile
        other.done(&["sync"]);
        let done = home.done(&["device", "rejoin", "--recovery-kit", &kit(&home)]);
        assert_eq!((&done["device"], &done["role"]), (&"again".into(), &"adds_only".into()), "{done}");
        if keys_changed {
            // the newest keys were given to it, as to every other device
            let id = account(&home).device.id;
            assert!(home.objects().contains(&ObjectName::Grant(id, 2).to_string()), "{:?}", home.objects());
        }
        home.done(&["sync"]);
        std::fs::write(home.data.join("new.cfg"), "[printer]\n").unwrap();
        home.backup();
        home.done(&["sync"]);
        other.done(&["sync"]);
        assert_eq!(names(&home), names(&other));
        // what it backed up while no list named it counts as well
        let of_it = |snapshot: &serde_json::Value| snapshot["device"] == "again";
        let seen = other.done(&["snapshots"]);
        assert_eq!(seen["snapshots"].as_array().unwrap().iter().filter(|one| of_it(one)).count(), 2, "{seen}");
        home.done(&["check", "--read-data"]);
        home.done(&["check", "--store", "store", "--read-data"]);
        let (exit, again) = home.run(&["device", "rejoin", "--recovery-kit", &kit(&home)]);
        assert_eq!((exit, &again["error"]["id"]), (2, &"device-listed".into()), "{again}");
    }
}

#[test]
fn a_device_that_was_revoked_joins_anew_where_it_is_as_it_is_told() {
    let (home, url) = synced();
    let other = Home::new();
    let revoked = ["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "other"];
    other.done(&revoked);
    other.backup();
    other.done(&["sync"]);
    // whoever is no revoked device stays who it is
    assert_eq!(other.run(&revoked).1["error"]["id"], "account-exists");
    home.done(&["sync"]);
    home.done(&["device", "revoke", "other", "--yes", "--recovery-kit", &kit(&home)]);
    home.done(&["sync"]);
    let (exit, told) = other.run(&["sync"]);
    assert_eq!((exit, &told["revoked"]), (3, &true.into()), "{told}");
    let (exit, refused) = other.run(&["backup", other.data.to_str().unwrap()]);
    assert_eq!((exit, &refused["error"]["id"]), (2, &"device-revoked-here".into()), "{refused}");
    assert!(refused["error"]["hint"].as_str().unwrap().contains("printkeep setup --join"), "{refused}");
    assert_eq!(other.run(&["device", "rejoin", "--recovery-kit", &kit(&home)]).1["error"]["id"], "device-revoked-here");
    other.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "anew"]);
    assert!(other.path.join("accounts/default.lost-1/device.key").exists());
    other.backup();
    other.done(&["sync"]);
    home.done(&["sync"]);
    assert!(names(&home).contains(&"anew".to_owned()));
}
