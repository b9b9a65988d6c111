//! What a backup takes through links, and what it leaves out: nothing of it in silence.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::program::{Home, contents};
use serde_json::Value;

/// A printer's folders as older images lay them out: `printer_data` holds links to where the files really are.
fn printer(home: &Home) -> PathBuf {
    let at = |path: &str| home.folder.path().join(path);
    for folder in ["data/logs", "klipper_config/macros", "gcode_files/sub", "elsewhere"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    for (file, text) in [
        ("data/logs/klippy.log", "log"),
        ("klipper_config/printer.cfg", "[printer]"),
        ("klipper_config/macros/a.cfg", "[gcode_macro A]"),
        ("gcode_files/sub/cube.gcode", "G28"),
        ("elsewhere/mainsail.cfg", "[include x]"),
        ("single.cfg", "one"),
    ] {
        fs::write(at(file), text).unwrap();
    }
    symlink(at("klipper_config"), at("data/config")).unwrap();
    symlink("../gcode_files", at("data/gcodes")).unwrap();
    symlink(at("single.cfg"), at("data/single.cfg")).unwrap();
    at("data")
}

fn restored(home: &Home) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", "latest", "--to", to.path().to_str().unwrap()]);
    to
}

fn names(found: &Value) -> Vec<String> {
    found["first"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn links_directly_in_a_source_lead_into_the_backup_and_come_back_as_what_they_led_to() {
    let home = Home::new();
    let data = printer(&home);
    let told = home.backup();
    let followed: Vec<_> = told["followed"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(followed, ["data/config", "data/gcodes", "data/single.cfg"], "{told}");
    let to = restored(&home);
    let back = to.path().join("data");
    assert_eq!(contents(&back).len(), 5);
    assert_eq!(fs::read(back.join("config/macros/a.cfg")).unwrap(), b"[gcode_macro A]");
    assert_eq!(fs::read(back.join("gcodes/sub/cube.gcode")).unwrap(), b"G28");
    for name in ["config", "gcodes", "single.cfg"] {
        assert!(!fs::symlink_metadata(back.join(name)).unwrap().is_symlink(), "{name}");
    }
    // a change behind a link is seen, and nothing but the real files was touched
    fs::write(home.folder.path().join("klipper_config/printer.cfg"), "[printer] new").unwrap();
    home.backup();
    assert_eq!(fs::read(restored(&home).path().join("data/config/printer.cfg")).unwrap(), b"[printer] new");
    assert!(fs::symlink_metadata(data.join("config")).unwrap().is_symlink());
}

#[test]
fn rules_hold_for_what_lies_behind_a_link() {
    let home = Home::new();
    let data = printer(&home);
    let told = home.done(&["backup", data.to_str().unwrap(), "--exclude", "gcodes/"]);
    assert_eq!(names(&told["omitted"]["pattern"]), ["data/gcodes"], "{told}");
    assert_eq!(told["files"], 4, "{told}");
}

#[test]
fn links_that_loop_or_lead_back_are_not_followed_twice() {
    let home = Home::new();
    let data = printer(&home);
    for (target, name) in [(".", "self"), ("..", "up"), ("/", "all"), ("logs", "inside"), ("loop", "loop"), ("gone", "gone")] {
        symlink(target, data.join(name)).unwrap();
    }
    symlink("/dev/null", data.join("null")).unwrap();
    symlink(data.join("config"), home.folder.path().join("klipper_config/back")).unwrap();
    // the other folder is a source of its own, so that its content is not taken twice
    let other = home.folder.path().join("gcode_files");
    let told = home.done(&["backup", data.to_str().unwrap(), other.to_str().unwrap()]);
    assert_eq!(told["files"], 5, "{told}");
    assert_eq!(names(&told["omitted"]["leads_out"]), ["data/all", "data/up"], "{told}");
    let to = restored(&home);
    for name in ["self", "up", "all", "inside", "loop", "gone", "null", "gcodes", "config/back"] {
        assert!(fs::symlink_metadata(to.path().join("data").join(name)).unwrap().is_symlink(), "{name}");
    }
}

#[test]
fn deeper_links_that_lead_out_are_counted_and_named() {
    let home = Home::new();
    let data = printer(&home);
    let config = home.folder.path().join("klipper_config");
    symlink(home.folder.path().join("elsewhere/mainsail.cfg"), config.join("mainsail.cfg")).unwrap();
    symlink(home.folder.path().join("elsewhere"), data.join("logs/out")).unwrap();
    // these lead to what is in the backup
    symlink(config.join("printer.cfg"), data.join("logs/printer.cfg")).unwrap();
    symlink("klippy.log", data.join("logs/latest.log")).unwrap();
    let told = home.backup();
    assert_eq!(names(&told["omitted"]["leads_out"]), ["data/config/mainsail.cfg", "data/logs/out"], "{told}");
    assert_eq!(told["omitted"]["leads_out"]["count"], 2);
    let text = String::from_utf8(home.command(&["backup", data.to_str().unwrap()]).output().unwrap().stdout).unwrap();
    assert!(text.contains("2 links lead to outside of the sources") && text.contains("data/logs/out"), "{text}");
}

#[test]
fn what_our_rules_leave_out_is_counted_named_and_a_database_told_in_plain_words() {
    let home = Home::new();
    let write = |path: &str| {
        let path = home.data.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    };
    let left = [
        "database/moonraker-sql.db",
        "database/moonraker-sql.db-wal",
        "database/data.mdb",
        "half.tmp",
        "a/.x.swp",
        "gcodes/.thumbs/a.png",
        "lost+found/1",
        "logs/klippy.log",
    ];
    left.iter().chain(&["printer.cfg", "backup/database/moonraker-sql.db"]).for_each(|path| write(path));
    (0..50).for_each(|n| write(&format!("many/{n}.tmp")));
    let told = home.done(&["backup", home.data.to_str().unwrap(), "--exclude", "*.log"]);
    assert_eq!(told["files"], 2, "{told}");
    let counts: Vec<_> =
        told["omitted"].as_object().unwrap().iter().map(|(why, o)| (why.as_str(), o["count"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("database", 3), ("lost_found", 1), ("pattern", 1), ("remade", 1), ("temporary", 52)]);
    assert_eq!(names(&told["omitted"]["temporary"]).len(), 20);
    assert_eq!(names(&told["omitted"]["remade"]), ["data/gcodes/.thumbs"]);
    assert!(told["notices"].to_string().contains("database"), "{told}");
    let text = String::from_utf8(home.command(&["backup", home.data.to_str().unwrap()]).output().unwrap().stdout).unwrap();
    for said in ["NOT in this backup: Moonraker's database", "52 files or folders left out", "data/lost+found"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // the owner's own choice wins
    home.done(&["source", "add", home.data.to_str().unwrap(), "--include", "*.tmp", "--kinds", "settings"]);
    let told = home.done(&["backup"]);
    assert_eq!(
        (&told["omitted"]["temporary"]["count"], told["omitted"]["kind"]["count"].as_u64() > Some(0)),
        (&1.into(), true),
        "{told}"
    );
}

#[test]
fn the_help_says_what_is_left_out() {
    let home = Home::new();
    for args in [&["backup", "--help"][..], &["source", "add", "--help"]] {
        let text = String::from_utf8(home.command(args).output().unwrap().stdout).unwrap();
        for pattern in ["database/*.db", "database/*.mdb", "*.tmp", "*.swp", ".thumbs/", ".octoprint/generated/", "lost+found/"] {
            assert!(text.contains(pattern), "{pattern}: {text}");
        }
    }
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources.md")).unwrap();
    assert!(docs.contains("`.octoprint/generated/`") && docs.contains("`database/*.mdb`"));
}

/// Sizes of what a backup of this folder would take.
fn taken(home: &Home, args: &[&str]) -> (u64, Vec<String>) {
    let told = home.done(&[&["backup"], args].concat());
    (told["files"].as_u64().unwrap(), names(&told["omitted"]["own"]))
}

#[test]
fn what_is_printkeeps_own_is_left_out_of_sources_counted_and_named_and_nothing_grows() {
    let home = Home::new();
    fs::write(home.data.join("a"), "mine").unwrap();
    let (root, store) = (home.folder.path(), home.folder.path().join("nas"));
    fs::create_dir(&store).unwrap();
    home.done(&["setup", "--yes"]);
    home.done(&["store", "add", &format!("file://{}", store.display())]);
    fs::write(store.join("mine.txt"), "beside the store").unwrap();
    home.backup();
    home.done(&["sync"]);
    home.done(&["source", "add", root.to_str().unwrap()]);
    let id = home.vault().file_name().unwrap().to_str().unwrap().to_owned();
    let base = root.file_name().unwrap().to_str().unwrap();
    let own = vec![format!("{base}/home"), format!("{base}/nas/{id}")];
    for _ in 0..3 {
        assert_eq!(taken(&home, &[]), (2, own.clone()));
        assert_eq!(taken(&home, &[root.to_str().unwrap()]), (2, own.clone()));
        home.done(&["sync"]);
    }
    // nor by a link, whether to the folder or into it
    let linked = root.join("data");
    symlink(&home.path, linked.join("whole")).unwrap();
    symlink(home.path.join("vault"), linked.join("inside")).unwrap();
    assert_eq!(taken(&home, &[linked.to_str().unwrap()]).0, 1);
    // a stick with more than the store on it is the owner's, but for the store
    assert_eq!(taken(&home, &[store.to_str().unwrap()]), (1, vec![format!("nas/{id}")]));
}

#[test]
fn a_source_that_is_printkeeps_own_is_refused() {
    let home = Home::new();
    let store = home.folder.path().join("nas");
    fs::create_dir(&store).unwrap();
    home.done(&["setup", "--yes"]);
    home.done(&["store", "add", &format!("file://{}", store.display())]);
    fs::write(home.data.join("a"), "mine").unwrap();
    home.backup();
    let link = home.folder.path().join("link");
    symlink(&home.path, &link).unwrap();
    let id = home.vault().file_name().unwrap().to_owned();
    for path in [home.path.clone(), home.path.join("vault"), link.clone(), link.join("vault"), store.clone(), store.join(id)] {
        for args in [["source", "add", path.to_str().unwrap()].as_slice(), &["backup", path.to_str().unwrap()]] {
            let (exit, told) = home.run(args);
            assert_eq!((exit, told["error"]["id"].as_str()), (2, Some("source-own-folder")), "{args:?}: {told}");
        }
    }
    assert_eq!(home.done(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1, "no empty snapshot was made");
}
