//! A folder that others write to as well, a stick or a share: whatever they put there, nothing of theirs is read, waited for, replaced
//! or removed, and no link leads anywhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use printkeep::core::name::{ObjectId, ObjectName};
use printkeep::provider::folder::Folder;
use printkeep::provider::{ProviderError, removable};

use crate::support::program::{self, Home, each_file};
use crate::support::server::{account, keys, new_name, sealed};

pub mod writers;

const DRAFT: &str = "printkeep-00112233445566778899aabbccddeeff";

/// Files of the owner's that have nothing to do with a store.
fn documents(folder: &Path) -> PathBuf {
    let documents = folder.join("Documents");
    fs::create_dir(&documents).unwrap();
    for name in ["thesis.odt", "1-0", "999999999-0", DRAFT] {
        fs::write(documents.join(name), name).unwrap();
    }
    documents
}

fn count(folder: &Path) -> usize {
    let mut count = 0;
    each_file(folder, &mut |_| count += 1);
    count
}

/// Makes a file older than the last change of its folder.
fn make_old(file: &Path, days: u64) {
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[test]
fn a_link_in_the_place_of_a_stores_folder_costs_the_owner_nothing() {
    let home = Home::new();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    fs::write(home.data.join("a.gcode"), program::gcode(1, 500)).unwrap();
    home.done(&["setup"]);
    home.done(&["store", "add", &format!("file://{}", store.display())]);
    home.backup();
    home.done(&["sync"]);
    let ours = fs::read_dir(&store).unwrap().flatten().next().unwrap().path();
    let documents = documents(home.folder.path());
    let before = count(&documents);
    for folder in ["tmp", "packs", "slots"] {
        let away = home.folder.path().join("away");
        fs::rename(ours.join(folder), &away).unwrap();
        symlink(&documents, ours.join(folder)).unwrap();
        fs::write(home.data.join("b.gcode"), folder).unwrap();
        home.backup();
        let (exit, told) = home.run(&["sync"]);
        assert!(exit != 0 && told.to_string().contains("is a link or a file"), "{folder}: {exit} {told}");
        home.done(&["ls", "latest"]);
        home.restored("latest");
        assert_eq!(count(&documents), before, "{folder}");
        fs::remove_file(ours.join(folder)).unwrap();
        fs::rename(&away, ours.join(folder)).unwrap();
        home.done(&["sync"]);
    }
}

#[test]
fn what_lies_only_behind_a_sound_folder_is_read_though_another_is_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::create(folder.path(), account(1)).unwrap();
    let object = sealed(&keys(account(1)), new_name(), 100);
    place.put_now(&object).unwrap();
    let ours = folder.path().join(account(1).to_string());
    let documents = documents(folder.path());
    fs::remove_dir(ours.join("tmp")).unwrap();
    symlink(&documents, ours.join("tmp")).unwrap();
    let again = Folder::create_own(folder.path(), account(1)).unwrap();
    assert_eq!(again.get_now(&object.name(), None).unwrap(), object.bytes());
    assert!(again.put_now(&sealed(&keys(account(1)), new_name(), 100)).is_err());
    assert_eq!(count(&documents), 4);
    // the account's own folder is never a link either
    let (held, moved) = (folder.path().join(account(2).to_string()), folder.path().join("moved"));
    fs::create_dir(&moved).unwrap();
    symlink(&moved, &held).unwrap();
    assert!(Folder::create(folder.path(), account(2)).is_err() && Folder::open(folder.path(), account(2)).is_err());
    assert!(removable::mark(&held, &[7; 16]).is_err());
    assert_eq!(fs::read_dir(&moved).unwrap().count(), 0);
}

#[test]
fn only_old_drafts_of_our_own_form_are_removed_and_in_ones_own_vault_any_draft() {
    let folder = tempfile::tempdir().unwrap();
    Folder::create(folder.path(), account(1)).unwrap();
    let tmp = folder.path().join(account(1).to_string()).join("tmp");
    let young = tmp.join("printkeep-ffffffffffffffffffffffffffffffff");
    for name in ["999999999-0", "notes.txt", "printkeep-xyz", DRAFT] {
        fs::write(tmp.join(name), "x").unwrap();
        make_old(&tmp.join(name), 40);
    }
    fs::write(&young, "on its way from another machine").unwrap();
    symlink("/etc/passwd", tmp.join("printkeep-00000000000000000000000000000000")).unwrap();
    Folder::create(folder.path(), account(1)).unwrap();
    let left = || fs::read_dir(&tmp).unwrap().count();
    assert!(!tmp.join(DRAFT).exists() && young.exists());
    assert_eq!(left(), 5);
    Folder::create_own(folder.path(), account(1)).unwrap();
    assert!(!young.exists());
    assert_eq!(left(), 4);
}

#[test]
fn a_pipe_or_link_under_an_objects_name_is_no_object_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::create(folder.path(), account(1)).unwrap();
    let ours = folder.path().join(account(1).to_string());
    for n in 1..=2 {
        let object = sealed(&keys(account(1)), ObjectName::Slot(ObjectId::from_bytes([n; 16])), 100);
        let path = ours.join(object.name().to_string());
        if n == 1 {
            pipe(&path)
        } else {
            symlink("/etc/passwd", &path).unwrap()
        }
        assert_eq!(place.get_now(&object.name(), None), Err(ProviderError::Missing));
        assert_eq!(place.size_now(&object.name()), Err(ProviderError::Missing));
        assert_eq!(place.put_now(&object).err(), Some(ProviderError::Taken));
        place.remove_now(&object.name()).unwrap();
        assert!(fs::symlink_metadata(&path).is_ok(), "it is not ours to remove");
    }
    pipe(&ours.join(removable::MARKER));
    assert_eq!(removable::marker(&ours).unwrap(), None);
    let mut found = 0;
    place.list_now("slots", &mut |page| found += page.len()).unwrap();
    assert_eq!(found, 0);
}

/// Together so many objects in the default run; `tests/torture/run` writes 10,000.
const TOGETHER: usize = 900;

#[test]
fn many_that_write_one_folder_at_once_leave_every_object_whole() {
    [2, 4, 8].into_iter().for_each(|writers| writers::write_together(writers, TOGETHER));
}

#[test]
#[ignore = "a process of `many_that_write_one_folder_at_once_leave_every_object_whole`"]
fn one_of_many_that_write() {
    writers::write();
}

#[test]
fn an_erasure_takes_what_is_the_accounts_and_leaves_what_others_put_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::create(folder.path(), account(1)).unwrap();
    let ours = folder.path().join(account(1).to_string());
    removable::mark(&ours, &[7; 16]).unwrap();
    let object = sealed(&keys(account(1)), new_name(), 100);
    place.put_now(&object).unwrap();
    place.remove_now(&object.name()).unwrap();
    fs::write(ours.join("tmp").join(DRAFT), "half").unwrap();
    fs::write(ours.join("packs/holiday.jpg"), "theirs").unwrap();
    Folder::remove_frame(folder.path(), account(1)).unwrap();
    assert_eq!(count(folder.path()), 1);
    fs::remove_file(ours.join("packs/holiday.jpg")).unwrap();
    Folder::remove_frame(folder.path(), account(1)).unwrap();
    assert!(!ours.exists());
}

#[test]
fn a_probe_leaves_alone_what_it_did_not_make() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join(format!(".printkeep-probe-{}", std::process::id()));
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("first"), "theirs").unwrap();
    assert!(removable::probe(folder.path()).iter().all(|check| check.passed || !check.needed));
    assert_eq!(fs::read(theirs.join("first")).unwrap(), b"theirs");
}
