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
fn a_home_or_settings_that_others_may_write_to_run_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.done(&["setup"]);
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    for (path, closed) in [(home.path.clone(), 0o700), (home.path.join("config.toml"), 0o600)] {
        let become_of = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        for (others, closes) in [(0o022, "go-w"), (0o020, "g-w"), (0o002, "o-w")] {
            become_of(closed | others);
            let (exit, told) = home.run(&["backup"]);
            let run = format!("chmod {closes} {}", path.display());
            assert!(exit == 2 && told["error"]["hint"].as_str().unwrap().ends_with(&run), "{exit} {told}");
            // what the hint says is enough
            assert!(std::process::Command::new("sh").args(["-c", &run]).status().unwrap().success());
            home.done(&["backup"]);
        }
        become_of(closed | 0o055);
        home.done(&["backup"]);
        become_of(closed);
    }
}

/// Whatever a new folder or file gets by itself, what Printkeep makes is the owner's alone.
#[test]
fn a_home_is_its_owners_alone_whatever_new_folders_get() {
    use std::os::unix::fs::PermissionsExt;
    for umask in ["002", "000", "077"] {
        let home = Home::new();
        let say = |args: &str| {
            let program = env!("CARGO_BIN_EXE_printkeep");
            let script = format!("umask {umask}; exec {program} {args}");
            let mut command = std::process::Command::new("sh");
            command.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.folder.path());
            command.env("PRINTKEEP_HOME", &home.path).stdin(std::process::Stdio::null());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{umask} {args}: {}", String::from_utf8_lossy(&output.stderr));
        };
        say("setup --yes");
        say(&format!("source add {}", home.data.display()));
        say("backup");
        let (mut folders, mut seen) = (vec![home.path.clone()], 0);
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            for path in entries.chain([folder.clone()]).filter(|path| !path.is_symlink()) {
                let mode = std::fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o022, 0, "{umask} {}", path.display());
                assert!(path != home.path || mode & 0o777 == 0o700, "{umask} {mode:o}");
                seen += 1;
                // what a database makes is closed by the folders above it
                if path.is_dir() && path != folder && !path.ends_with("state") {
                    folders.push(path);
                }
            }
        }
        assert!(seen > 10, "{seen}");
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
