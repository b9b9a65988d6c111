//! The owner's program: told of each problem once, without secrets, and never waited for without end.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::problems::{configure, file, home, old_backup, open, stderr};

/// A program that does not end is stopped, and keeps nobody waiting for long.
#[test]
fn a_program_that_never_ends_is_stopped() {
    let home = home();
    let (begun, hook) = (home.folder.path().join("begun"), home.folder.path().join("hook"));
    fs::write(&hook, format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", begun.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    configure(&home, &format!("[problems]\nhook = {:?}\n", hook.display().to_string()));
    old_backup(&home, 9);
    let started = std::time::Instant::now();
    let said = stderr(&home, &["snapshots"]);
    assert!(said.contains("took longer than 10 s and was stopped"), "{said}");
    assert!((10..30).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    let process = fs::read_to_string(&begun).unwrap();
    assert!(!std::path::Path::new("/proc").join(process.trim()).exists());
    assert!(open(&home, "silent").unwrap()["told"].is_null());
}

#[test]
fn a_broken_policy_is_told_to_the_owners_program_once_and_without_secrets() {
    let home = home();
    let (heard, hook) = (home.folder.path().join("heard"), home.folder.path().join("hook"));
    fs::write(&hook, format!("#!/bin/sh\ncat >> {0}\nenv >> {0}\n", heard.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).unwrap();
    configure(&home, &format!("[problems]\nhook = {:?}\n", hook.display().to_string()));
    let changed = printkeep::consent::policy::BUILT_IN.replacen("version = 1", "version = 2", 1);
    home.done(&["privacy", "policy", "install", file(&home, "policy.toml", &changed).to_str().unwrap()]);
    for entry in fs::read_dir(home.path.join("policies")).unwrap().flatten() {
        if entry.file_name() != "in-force" {
            fs::write(entry.path(), "rotten").unwrap();
        }
    }
    for _ in 0..3 {
        home.command(&["snapshots"]).env("PRINTKEEP_PASSPHRASE", "canary-canary").output().unwrap();
    }
    let heard = fs::read_to_string(&heard).unwrap();
    assert_eq!(heard.matches("\"kind\":\"policy\"").count(), 1, "{heard}");
    assert!(!heard.contains("canary"), "{heard}");
    assert!(open(&home, "policy").unwrap()["told"].is_i64());
    home.done(&["privacy", "policy", "reset"]);
    assert!(open(&home, "policy").is_none());
    // a program that is not there stops nothing, and is told
    configure(&home, "");
    fs::remove_file(&hook).unwrap();
    fs::write(home.path.join("policies/in-force"), "nonsense").unwrap();
    let output = home.command(&["snapshots"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("Nobody was told"));
}
