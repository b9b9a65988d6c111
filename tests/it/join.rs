//! A new machine joins with the kit: after being cut off at any point, with a damaged object in the store, and only once.

use std::time::Instant;

use crate::support::killer::Killer;
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
