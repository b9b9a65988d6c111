//! Every object of a small vault flipped, cut, swapped and removed in turn: each case is found and named, and what does not need
//! the object still comes back.

use crate::support::problems::open;
use crate::support::program::{self, Home, gcode, noise};

fn vault() -> Home {
    let home = Home::new();
    std::fs::write(home.data.join("a.gcode"), gcode(1, 2000)).unwrap();
    std::fs::write(home.data.join("b.jpg"), [b"\xff\xd8\xff".as_slice(), &noise(2, 50_000)].concat()).unwrap();
    home.backup();
    std::fs::write(home.data.join("c.cfg"), "[printer]\n").unwrap();
    home.backup();
    std::fs::write(home.path.join("passphrase"), program::PASSPHRASE).unwrap();
    let file = home.path.join("passphrase");
    home.done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap()]);
    home.done(&["check", "--read-data"]);
    home
}

/// What `check` names when an object's file is changed so; the file is put back.
fn named(home: &Home, object: &str, change: impl FnOnce(&std::path::Path)) -> Vec<String> {
    let path = home.vault().join(object);
    let before = std::fs::read(&path).unwrap();
    change(&path);
    let (exit, document) = home.run(&["check", "--read-data"]);
    if path.exists() {
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::write(&path, before).unwrap();
    assert_eq!(exit, 7, "{object}: {document}");
    let problems = document["damaged"].as_array().unwrap_or_else(|| panic!("{object}: {document}"));
    problems.iter().map(|p| p["object"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_flipped_object_is_named() {
    let home = vault();
    let objects = home.objects();
    assert!(objects.len() >= 9, "{objects:?}");
    for (number, object) in objects.iter().enumerate() {
        for place in [0usize, 3, 5, 6, 20, 45, 100, usize::MAX] {
            let found = named(&home, object, |path| {
                let mut bytes = std::fs::read(path).unwrap();
                let at = if place == usize::MAX { bytes.len() - 1 } else { (place + number) % bytes.len() };
                bytes[at] ^= 1;
                std::fs::write(path, bytes).unwrap();
            });
            assert!(found.contains(object), "{object} flipped at {place}: {found:?}");
        }
    }
}

#[test]
fn every_cut_object_is_named() {
    let home = vault();
    for object in home.objects() {
        for keep in [0usize, 10, 39, usize::MAX] {
            let found = named(&home, &object, |path| {
                let bytes = std::fs::read(path).unwrap();
                std::fs::write(path, &bytes[..keep.min(bytes.len() - 1)]).unwrap();
            });
            assert!(found.contains(&object), "{object} cut to {keep}: {found:?}");
        }
    }
}

#[test]
fn every_removed_object_is_named() {
    let home = vault();
    for object in home.objects() {
        let found = named(&home, &object, |path| std::fs::remove_file(path).unwrap());
        assert!(found.contains(&object), "{object} removed: {found:?}");
    }
}

#[test]
fn every_two_swapped_objects_are_named() {
    let home = vault();
    let objects = home.objects();
    for one in &objects {
        for other in &objects {
            if one == other {
                continue;
            }
            let bytes = std::fs::read(home.vault().join(other)).unwrap();
            let found = named(&home, one, |path| std::fs::write(path, bytes).unwrap());
            assert!(found.contains(one), "{other} in the place of {one}: {found:?}");
        }
    }
}

#[test]
fn what_does_not_need_a_damaged_pack_still_comes_back() {
    let home = vault();
    let size = |object: &String| std::fs::metadata(home.vault().join(object)).unwrap().len();
    let pack = home.objects().into_iter().filter(|o| o.starts_with("packs/")).max_by_key(size).unwrap();
    let path = home.vault().join(&pack);
    let mut bytes = std::fs::read(&path).unwrap();
    // behind the header, in the first chunk
    bytes[1300] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let to = home.folder.path().join("out");
    let (exit, document) = home.run(&["restore", "2", "--to", to.to_str().unwrap()]);
    assert_eq!(exit, 3, "{document}");
    assert_eq!((document["failed"].as_u64(), document["files"].as_u64()), (Some(1), Some(2)), "{document}");
    // the doctor sets it aside, and the next backup stores anew what this machine still has
    assert_eq!(home.run(&["check", "--repair", "--read-data"]).0, 7);
    home.backup();
    assert_eq!(home.restored("latest"), program::contents(&home.data));
}

/// A device keeps backing up without the roster in the vault, and the doctor puts it back.
#[test]
fn a_lost_roster_is_put_back() {
    let home = vault();
    let path = home.vault().join("roster/0000000000000001");
    for damage in [None, Some("garbage")] {
        match damage {
            None => std::fs::remove_file(&path).unwrap(),
            Some(text) => std::fs::write(&path, text).unwrap(),
        }
        home.backup();
        assert_eq!(home.run(&["check"]).0, 7);
        home.done(&["check", "--repair"]);
        home.done(&["check", "--read-data"]);
    }
}

/// What a check tells, the problem that it keeps and what `problems` shows: one reckoning, also where the vault lost a snapshot, which another
/// problem tells.
#[test]
fn a_check_counts_what_is_damaged_once() {
    let home = vault();
    let objects = home.objects();
    let heads: Vec<_> = objects.iter().filter(|name| name.starts_with("heads/")).collect();
    let packs: Vec<_> = objects.iter().filter(|name| name.starts_with("packs/")).collect();
    std::fs::remove_file(home.vault().join(heads[0])).unwrap();
    let damaged = home.vault().join(packs[0]);
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    let (exit, told) = home.run(&["check", "--read-data"]);
    let count = told["damaged"].as_array().unwrap().len() as u64;
    assert!(exit == 7 && count >= 2, "{told}");
    assert_eq!(open(&home, "damaged").unwrap()["known"].as_u64(), Some(count), "{told}");
}
