//! Setting up and settings: an account is never made over a lost one, several changes at once lose nothing, what is found lies below the
//! machine's own file system.

use crate::support::program::{Home, gcode};

#[test]
fn settings_that_change_at_once_lose_nothing() {
    let home = Home::new();
    let folders: Vec<_> = (0..16).map(|n| home.data.join(format!("source-{n}"))).collect();
    folders.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    let running: Vec<_> = folders
        .iter()
        .map(|folder| {
            home.command(&["source", "add", folder.to_str().unwrap()]).stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    running.into_iter().for_each(|mut one| assert!(one.wait().unwrap().success()));
    assert_eq!(home.done(&["source", "list"])["sources"].as_array().unwrap().len(), 16);
}

#[test]
fn a_home_or_settings_that_anybody_may_write_to_run_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.done(&["setup"]);
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    for (path, closed) in [(home.path.clone(), 0o700), (home.path.join("config.toml"), 0o600)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).unwrap();
        let (exit, told) = home.run(&["backup"]);
        assert!(exit == 2 && told["error"]["hint"].as_str().unwrap().contains(path.to_str().unwrap()), "{exit} {told}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(closed)).unwrap();
        home.done(&["backup"]);
    }
}

#[test]
fn a_source_that_is_set_anew_says_what_it_was() {
    let home = Home::new();
    let data = home.data.to_str().unwrap();
    let first = home.done(&["source", "add", data, "--kinds", "images", "--exclude", "*.tmp"]);
    assert!(first["before"].is_null(), "{first}");
    let second = home.done(&["source", "add", data]);
    assert_eq!(
        (&second["before"]["kinds"][0], &second["added"]["kinds"]),
        (&"images".into(), &serde_json::Value::Null),
        "{second}"
    );
    let inner = home.data.join("inner");
    std::fs::create_dir(&inner).unwrap();
    assert_eq!(home.done(&["source", "add", inner.to_str().unwrap()])["overlaps"], data);
    assert_eq!(home.run(&["source", "remove", "/nowhere"]).0, 2);
    assert_eq!(home.done(&["source", "remove", data])["sources"].as_array().unwrap().len(), 1);
}

#[test]
fn what_printers_keep_is_found_below_the_machines_own_file_system_with_its_size() {
    let home = Home::new();
    let root = home.folder.path().join("host");
    let gcodes = root.join("home/pi/printer_data/gcodes");
    std::fs::create_dir_all(&gcodes).unwrap();
    std::fs::write(gcodes.join("a.gcode"), gcode(1, 500)).unwrap();
    std::fs::write(gcodes.join("b.gcode"), gcode(2, 500)).unwrap();
    let size =
        std::fs::metadata(gcodes.join("a.gcode")).unwrap().len() + std::fs::metadata(gcodes.join("b.gcode")).unwrap().len();
    let found = home.done(&["--system-root", root.to_str().unwrap(), "source", "detect", "--add"]);
    assert_eq!(found["found"].as_array().unwrap().len(), 1, "{found}");
    let one = &found["found"][0];
    assert_eq!(
        (&one["path"], &one["size"]["files"], &one["size"]["bytes"]),
        (&gcodes.to_str().unwrap().into(), &2.into(), &size.into())
    );
    assert_eq!((&found["added"], found["sources"].as_array().unwrap().len()), (&1.into(), 1), "{found}");
    let again = home.done(&["--system-root", root.to_str().unwrap(), "source", "detect", "--add"]);
    assert_eq!((&again["added"], &again["found"][0]["source"]), (&0.into(), &true.into()), "{again}");
}

#[test]
fn no_account_is_made_in_the_place_of_one_whose_key_file_is_gone() {
    let home = Home::new();
    std::fs::write(home.data.join("a"), "x").unwrap();
    home.backup();
    let key = home.path.join("accounts/default/device.key");
    std::fs::rename(&key, home.folder.path().join("key")).unwrap();
    let (exit, document) = home.run(&["setup", "--recovery-kit", home.folder.path().join("new.txt").to_str().unwrap()]);
    assert_eq!((exit, document["error"]["id"].as_str()), (7, Some("key-lost")), "{document}");
    std::fs::rename(home.folder.path().join("key"), &key).unwrap();
    assert_eq!(home.done(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
}
