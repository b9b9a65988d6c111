//! Looking and bringing back as an owner does: what is named is guessed as little as can be, and nothing present is lost.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Output, Stdio};
use std::sync::Mutex;

use crate::support::program::{Home, noise};
use printkeep::app::jobs::ls::Ls;
use printkeep::app::prompt::Nobody;
use printkeep::app::reply::Body;
use printkeep::app::{Event, Request, Session, perform};
use printkeep::consent::Surface;
use printkeep::engine::Cancel;

fn home() -> Home {
    let home = Home::new();
    for (name, bytes) in [
        ("config/printer.cfg", b"[printer]\n".to_vec()),
        ("config/sub/macros.cfg", b"[macro]\n".to_vec()),
        ("gcodes/cube.stl", noise(1, 3000)),
        ("gcodes/macros.cfg", b"other\n".to_vec()),
    ] {
        let path = home.data.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    home.backup();
    home
}

fn said(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn text(home: &Home, args: &[&str]) -> (i32, String, String) {
    let output = home.command(args).output().unwrap();
    let (out, err) = said(&output);
    (output.status.code().unwrap_or(-1), out, err)
}

#[test]
fn cat_writes_the_very_bytes_of_one_file_and_nothing_beside() {
    let home = home();
    let sparse = fs::File::create(home.data.join("sparse.bin")).unwrap();
    sparse.set_len(3 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"end", (3 << 20) - 3).unwrap();
    fs::write(home.data.join("long.bin"), noise(7, 5 << 20)).unwrap();
    home.backup();
    for name in ["sparse.bin", "long.bin", "config/printer.cfg"] {
        let there = home.data.join(name);
        for meant in [name.to_owned(), format!("data/{name}"), there.to_str().unwrap().to_owned()] {
            let output = home.command(&["cat", "latest", &meant]).output().unwrap();
            assert!(output.status.success() && output.stdout == fs::read(&there).unwrap(), "{meant}: {}", said(&output).1);
        }
    }
    // quiet is about words, not about the file
    assert_eq!(home.command(&["cat", "1", "printer.cfg", "--quiet"]).output().unwrap().stdout, b"[printer]\n");
    let (exit, document) = home.run(&["cat", "latest", "printer.cfg"]);
    assert_eq!((exit, document["error"]["id"].as_str()), (2, Some("cat-json")), "{document}");
    let (exit, out, err) = text(&home, &["cat", "latest", "config"]);
    assert!(exit == 2 && out.is_empty() && err.contains("no single file"), "{out}{err}");
}

#[test]
fn cat_of_a_damaged_file_gives_nothing_wrong_and_says_so() {
    let home = home();
    fs::write(home.data.join("big.bin"), noise(9, 6 << 20)).unwrap();
    home.backup();
    let packs: Vec<_> = home.objects().into_iter().filter(|name| name.starts_with("packs/")).collect();
    for pack in &packs {
        let path = home.vault().join(pack);
        let mut bytes = fs::read(&path).unwrap();
        if bytes.len() > 1 << 20 {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let mut mode = fs::metadata(&path).unwrap().permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o600);
            fs::set_permissions(&path, mode).unwrap();
            fs::write(&path, bytes).unwrap();
        }
    }
    let output = home.command(&["cat", "latest", "big.bin"]).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", said(&output).1);
    assert!(noise(9, 6 << 20).starts_with(&output.stdout) && output.stdout.len() < 6 << 20);
}

#[test]
fn whoever_stops_reading_ends_a_listing_quietly() {
    let home = home();
    fs::write(home.data.join("long.bin"), noise(7, 5 << 20)).unwrap();
    home.backup();
    let mut child = home.command(&["cat", "latest", "long.bin"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let (_, err) = said(&output);
    assert!(output.status.success() && !err.contains("printkeep:"), "{err}");
}

#[test]
fn a_path_of_the_device_or_its_end_is_enough_and_an_end_of_two_is_refused_by_name() {
    let home = home();
    let listed = |path: &str| {
        let listed = home.done(&["ls", "latest", path]);
        listed["entries"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let on_device = home.data.join("config/printer.cfg");
    for path in ["data/config/printer.cfg", "printer.cfg", "config/printer.cfg", on_device.to_str().unwrap()] {
        assert_eq!(listed(path), ["data/config/printer.cfg"], "{path}");
    }
    // a folder above what was backed up means all that was
    assert!(listed(home.folder.path().to_str().unwrap()).contains(&"data/config".to_owned()));
    let (exit, document) = home.run(&["ls", "latest", "macros.cfg"]);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!((exit, document["error"]["id"].as_str()), (2, Some("many-paths")));
    assert!(message.contains("data/config/sub/macros.cfg") && message.contains("data/gcodes/macros.cfg"), "{message}");
    assert_eq!(listed("sub/macros.cfg"), ["data/config/sub/macros.cfg"]);
    for nothing in ["acros.cfg", "/elsewhere", "/", "no/such"] {
        let (exit, document) = home.run(&["ls", "latest", nothing]);
        if nothing != "/" {
            assert_eq!((exit, document["error"]["id"].as_str()), (2, Some("no-path")), "{nothing}: {document}");
        }
    }
}

#[test]
fn in_place_puts_a_file_back_and_keeps_the_present_one_beside() {
    let home = home();
    let file = home.data.join("config/printer.cfg");
    let beside = home.data.join("config/printer.cfg.before-restore");
    fs::write(&file, "broken\n").unwrap();
    // nobody is there to be asked: nothing is done
    let (exit, document) = home.run(&["restore", "latest", "printer.cfg", "--in-place"]);
    assert_eq!((exit, document["error"]["id"].as_str()), (2, Some("nobody-to-ask")), "{document}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "broken\n");
    let restore =
        |more: &[&str]| home.done(&[&["restore", "latest", file.to_str().unwrap(), "--in-place", "--yes"], more].concat());
    let told = restore(&[]);
    assert_eq!((told["files"].as_u64(), told["beside"].as_u64()), (Some(1), Some(1)), "{told}");
    assert_eq!(told["places"][0], file.to_str().unwrap());
    assert_eq!(fs::read_to_string(&file).unwrap(), "[printer]\n");
    assert_eq!(fs::read_to_string(&beside).unwrap(), "broken\n");
    // what is right already is left alone
    let told = restore(&[]);
    assert_eq!((told["files"].as_u64(), told["already"].as_u64()), (Some(0), Some(1)), "{told}");
    // a second broken one does not replace the first
    fs::write(&file, "broken again\n").unwrap();
    restore(&[]);
    assert_eq!(fs::read_to_string(&beside).unwrap(), "broken\n");
    assert_eq!(fs::read_to_string(home.data.join("config/printer.cfg.before-restore-2")).unwrap(), "broken again\n");
    // who says so keeps none
    fs::write(&file, "broken\n").unwrap();
    let told = restore(&["--overwrite"]);
    assert_eq!((told["files"].as_u64(), told["beside"].as_u64()), (Some(1), Some(0)), "{told}");
    assert_eq!(fs::read_dir(home.data.join("config")).unwrap().count(), 4);
    // a link in the way is kept as a link, and what it points at is not touched
    let elsewhere = home.folder.path().join("elsewhere");
    fs::write(&elsewhere, "mine\n").unwrap();
    fs::remove_file(&file).unwrap();
    symlink(&elsewhere, &file).unwrap();
    restore(&[]);
    assert_eq!(
        (fs::read_to_string(&elsewhere).unwrap(), fs::read_to_string(&file).unwrap()),
        ("mine\n".into(), "[printer]\n".into())
    );
}

/// Moonraker's documented layout: `printer_data/config` is a link to a folder elsewhere. It is backed up in the link's place, and goes back
/// through the link, which stays; a link that was made since leads nowhere.
#[test]
fn in_place_goes_through_a_link_that_was_followed_and_through_no_other() {
    let home = Home::new();
    let (folder, other) = (home.folder.path().join("klipper_config"), home.folder.path().join("other"));
    fs::create_dir_all(folder.join("macros")).unwrap();
    fs::create_dir_all(home.data.join("gcodes/sub")).unwrap();
    fs::create_dir(&other).unwrap();
    fs::write(folder.join("printer.cfg"), "[printer]\n").unwrap();
    fs::write(folder.join("macros/park.cfg"), "[park]\n").unwrap();
    fs::write(home.data.join("gcodes/sub/a.gcode"), "G28\n").unwrap();
    symlink(&folder, home.data.join("config")).unwrap();
    home.backup();
    fs::write(folder.join("printer.cfg"), "broken\n").unwrap();
    let told = home.done(&["restore", "latest", "printer.cfg", "--in-place", "--yes"]);
    assert_eq!((told["files"].as_u64(), told["failed"].as_u64()), (Some(1), Some(0)), "{told}");
    let target = folder.canonicalize().unwrap().join("printer.cfg");
    assert_eq!(told["places"][0], target.to_str().unwrap(), "the place is named as it is");
    assert_eq!(fs::read_to_string(&target).unwrap(), "[printer]\n");
    assert!(home.data.join("config").is_symlink());
    // everything at once, with what lies beside the link
    fs::remove_file(folder.join("macros/park.cfg")).unwrap();
    fs::remove_file(home.data.join("gcodes/sub/a.gcode")).unwrap();
    let told = home.done(&["restore", "latest", "--in-place", "--yes"]);
    assert_eq!((told["files"].as_u64(), told["failed"].as_u64()), (Some(2), Some(0)), "{told}");
    assert_eq!(fs::read_to_string(folder.join("macros/park.cfg")).unwrap(), "[park]\n");
    assert_eq!(fs::read_to_string(home.data.join("gcodes/sub/a.gcode")).unwrap(), "G28\n");
    // deeper links are followed nowhere: nothing is written where they lead
    fs::remove_dir_all(home.data.join("gcodes/sub")).unwrap();
    symlink(&other, home.data.join("gcodes/sub")).unwrap();
    let (exit, told) = home.run(&["restore", "latest", "a.gcode", "--in-place", "--yes"]);
    assert_eq!((exit, told["failed"].as_u64()), (3, Some(1)), "{told}");
    assert_eq!(fs::read_dir(&other).unwrap().count(), 0);
}

#[test]
fn in_place_brings_everything_back_also_what_is_gone_and_a_source_that_is_a_file() {
    let home = home();
    let single = home.folder.path().join("moonraker.conf");
    fs::write(&single, "[server]\n").unwrap();
    home.done(&["backup", home.data.to_str().unwrap(), single.to_str().unwrap()]);
    let before = crate::support::program::contents(&home.data);
    fs::remove_dir_all(&home.data).unwrap();
    fs::remove_file(&single).unwrap();
    let told = home.done(&["restore", "latest", "--in-place", "--yes"]);
    assert_eq!(told["files"].as_u64(), Some(5), "{told}");
    assert_eq!(crate::support::program::contents(&home.data), before);
    assert_eq!(fs::read_to_string(&single).unwrap(), "[server]\n");
}

#[test]
fn a_restore_names_the_snapshot_it_took_and_is_not_let_loose_on_the_root() {
    let home = home();
    let to = home.folder.path().join("out");
    let (exit, out, err) = text(&home, &["restore", "latest", "cube.stl", "--to", to.to_str().unwrap()]);
    assert_eq!(exit, 0, "{err}");
    let device = home.done(&["snapshots"])["snapshots"][0]["device"].as_str().unwrap().to_owned();
    assert!(
        out.contains("Restored 1 file (3.0 kB) of snapshot 1 of ") && out.contains(&format!("of {device}, made 20")),
        "{out}"
    );
    assert_eq!(fs::read(to.join("data/gcodes/cube.stl")).unwrap(), noise(1, 3000));
    for root in ["/", "//", "/."] {
        let (exit, document) = home.run(&["restore", "latest", "printer.cfg", "--to", root]);
        assert_eq!((exit, document["error"]["id"].as_str()), (2, Some("restore-to-root")), "{root}: {document}");
    }
    assert_eq!(text(&home, &["restore", "latest"]).0, 2);
}

#[test]
fn a_word_finds_what_holds_it_and_a_pattern_what_is_like_it() {
    let home = home();
    let found = |pattern: &str| {
        let found = home.done(&["find", pattern]);
        assert_eq!(found["count"].as_u64().unwrap(), found["found"].as_array().unwrap().len() as u64);
        found["found"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("cube"), ["data/gcodes/cube.stl"]);
    assert_eq!(found("CUBE.s"), ["data/gcodes/cube.stl"]);
    assert_eq!(found("*.stl"), ["data/gcodes/cube.stl"]);
    assert_eq!(found("cube*.cfg"), Vec::<String>::new());
    assert_eq!(found("sub/mac"), ["data/config/sub/macros.cfg"]);
    assert_eq!(found("*/gcodes/*"), ["data/gcodes/cube.stl", "data/gcodes/macros.cfg"]);
    let (exit, out, _) = text(&home, &["find", "cube"]);
    assert!(exit == 0 && out.starts_with("Snapshot 1 ") && out.contains("data/gcodes/cube.stl"), "{out}");
    assert!(text(&home, &["find", "nothing-like-it"]).1.contains("No file is named like"));
    assert_eq!(home.run(&["find", "[a"]).0, 2);
}

#[test]
fn a_long_listing_comes_as_events_and_the_reply_only_counts_it() {
    let home = home();
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let ask = |streamed| {
        let ls = Ls { snapshot: "latest".into(), path: None, recursive: true, streamed, unlock: Default::default() };
        let paths = Mutex::new(Vec::new());
        let take = |event| {
            if let Event::Entry(entry) = event {
                paths.lock().unwrap().push(entry.path);
            }
        };
        let reply = perform(&session, Request::Ls(ls), &Nobody, &take, &Cancel::default()).unwrap();
        let Body::Ls(listing) = reply.body else { panic!() };
        (paths.into_inner().unwrap(), listing.count, listing.entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>())
    };
    let (streamed, whole) = (ask(true), ask(false));
    assert_eq!((streamed.0.len() as u64, streamed.1, streamed.2.len()), (8, 8, 0));
    assert_eq!((whole.0.len(), whole.1, whole.2), (0, 8, streamed.0));
}

/// What its owner wrote since, or long ago, is never gone without a word.
#[test]
fn below_a_folder_what_differs_is_kept_beside_and_counted_too() {
    let home = home();
    let to = home.folder.path().join("to");
    let restore = |more: &[&str]| home.run(&[&["restore", "latest", "--to", to.to_str().unwrap()], more].concat());
    assert_eq!(restore(&[]).0, 0);
    let file = to.join("data/config/printer.cfg");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let write = |text: &str, when| {
        fs::write(&file, text).unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(when).unwrap();
    };
    write("older, but the owner's\n", long_ago);
    let (exit, told) = restore(&[]);
    assert_eq!((exit, told["files"].as_u64(), told["beside"].as_u64()), (0, Some(1), Some(1)), "{told}");
    assert!(told["notices"].to_string().contains("printer.cfg.before-restore"), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "[printer]\n");
    let beside = to.join("data/config/printer.cfg.before-restore");
    assert_eq!(fs::read_to_string(&beside).unwrap(), "older, but the owner's\n");
    // a newer one keeps its place, and only whoever says so keeps none
    write("newer\n", std::time::SystemTime::now() + std::time::Duration::from_secs(1000));
    let (exit, told) = restore(&[]);
    assert_eq!((exit, told["failed"].as_u64(), told["beside"].as_u64()), (3, Some(1), Some(0)), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer\n");
    let (exit, told) = restore(&["--overwrite"]);
    assert_eq!((exit, told["files"].as_u64(), told["beside"].as_u64()), (0, Some(1), Some(0)), "{told}");
    // a link that leads elsewhere is its owner's, too
    fs::remove_file(&file).unwrap();
    symlink("elsewhere", &file).unwrap();
    let old = rustix::fs::Timespec { tv_sec: 1_000_000_000, tv_nsec: 0 };
    let times = rustix::fs::Timestamps { last_access: old, last_modification: old };
    rustix::fs::utimensat(rustix::fs::CWD, &file, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).unwrap();
    let (exit, told) = restore(&[]);
    assert_eq!((exit, told["beside"].as_u64()), (0, Some(1)), "{told}");
    assert_eq!(fs::read_link(to.join("data/config/printer.cfg.before-restore-2")).unwrap(), std::path::Path::new("elsewhere"));
}

#[test]
fn what_could_not_be_put_back_is_not_named_as_put_back() {
    let home = home();
    let file = home.data.join("config/printer.cfg");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let (exit, told) = home.run(&["restore", "latest", file.to_str().unwrap(), "--in-place", "--yes"]);
    assert_eq!((exit, told["failed"].as_u64(), told["files"].as_u64()), (3, Some(1), Some(0)), "{told}");
    assert_eq!(told["places"].as_array().map(Vec::len), Some(0), "{told}");
    // with others it is the only one that is not named
    let other = fs::read_dir(home.data.join("config")).unwrap().flatten().map(|entry| entry.path()).find(|path| path.is_file());
    let other = other.unwrap_or_else(|| home.data.join("config"));
    let args = ["restore", "latest", file.to_str().unwrap(), other.to_str().unwrap(), "--in-place", "--yes"];
    let (exit, told) = home.run(&args);
    assert_eq!((exit, &told["places"]), (3, &serde_json::json!([other])), "{told}");
}

/// Many files that fail for one reason are told in one line, as the snapshot names them.
#[test]
fn what_could_not_be_put_back_is_told_by_its_reason_once() {
    let home = Home::new();
    let config = home.data.join("config");
    std::fs::create_dir(&config).unwrap();
    (0..14).for_each(|n| std::fs::write(config.join(format!("{n:02}.cfg")), format!("{n}")).unwrap());
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    home.done(&["setup"]);
    home.done(&["backup"]);
    for n in 0..14 {
        std::fs::remove_file(config.join(format!("{n:02}.cfg"))).unwrap();
        std::fs::create_dir(config.join(format!("{n:02}.cfg"))).unwrap();
    }
    for more in [&[][..], &["--quiet"]] {
        let output = home.command(&[&["restore", "latest", "--in-place", "--yes"], more].concat()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert_eq!(told.matches("a folder stands in its place").count(), 1, "{told}");
        let names = told.lines().filter(|line| line.starts_with("  data/config/") && line.ends_with(".cfg")).count();
        assert!(told.contains("14 files, folders or links") && names == 10 && told.contains("… and 4 more"), "{told}");
        assert!(!told.contains(home.data.to_str().unwrap()), "the path is the snapshot's: {told}");
    }
    (1..14).for_each(|n| std::fs::remove_dir(config.join(format!("{n:02}.cfg"))).unwrap());
    let output = home.command(&["restore", "latest", "--in-place", "--yes"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("failed: data/config/00.cfg: a folder stands in its place"), "{told}");
}
