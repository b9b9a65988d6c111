//! Two histories of one device, and objects that were exchanged: told with the name of whose they are, and never taken over.

use std::process::Stdio;
use std::sync::Mutex;

use printkeep::core::name::ObjectName;
use printkeep::core::random::Random;
use printkeep::engine::Cancel;
use printkeep::engine::account::AccountWriter;
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull, Report};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::work_lock::{Waiting, WorkKind};
use printkeep::provider::folder::Folder;

use crate::support::job::JobTools;
use crate::support::meanwhile::Meanwhile;
use crate::support::old_states::{World, copy_all, has, kinds, name};
use crate::support::program::{self, Home, contents};

/// S7: two devices are shown different stores, which are swapped or joined later.
#[test]
fn two_devices_that_are_shown_different_stores_notice_at_once() {
    let world = World::new(2);
    world.well(0);
    let (common, mut shown) = (world.save(), Vec::new());
    for at in 0..2 {
        world.show(common.path());
        world.change(at, 20);
        world.well(at);
        shown.push(world.save());
    }
    for at in 0..2 {
        world.show(shown[1 - at].path());
        let problems = world.sync(at);
        assert!(has(&problems, "older", name(at)), "{}: {:?}", name(at), kinds(&problems));
    }
}

/// S7: a cloned device makes two histories; whoever knows one is not given the other.
#[test]
fn a_cloned_device_is_told_by_itself_and_by_others() {
    let world = World::new(2);
    world.well(0);
    let clone = Home::new();
    copy_all(&world.homes[1].path, &clone.path);
    copy_all(&world.homes[1].data, &clone.data);
    world.change(1, 40);
    world.well(1);
    world.well(0);
    let honest = world.save();
    // the clone makes another snapshot of the same number, and the store shows that one to the others
    let head = format!("heads/{}/0000000000000002", world.own_id(1));
    std::fs::write(clone.data.join("other.cfg"), "[printer]\n").unwrap();
    clone.backup();
    std::fs::copy(clone.vault().join(&head), world.there().join(&head)).unwrap();
    let problems = world.sync(0);
    assert!(has(&problems, "forked", "bert"), "{:?}", kinds(&problems));
    let told = world.homes[0].run(&["problems"]).1.to_string();
    assert!(told.contains("it was copied, restored from an image"), "{told}");
    let problems = world.sync(1);
    assert!(has(&problems, "forked", "bert"), "{:?}", kinds(&problems));
    assert_ne!(std::fs::read(world.homes[0].vault().join(&head)).unwrap(), std::fs::read(clone.vault().join(&head)).unwrap());
    world.show(honest.path());
    (0..2).for_each(|at| world.well(at));
    // the clone is told too, and what it made goes behind what others believe
    let made = contents(&clone.data);
    let (exit, document) = clone.run(&["sync"]);
    assert_eq!(exit, 7, "{document}");
    assert!(has(document["stores"][0]["problems"].as_array().unwrap(), "put-back", "bert"), "{document}");
    assert_eq!(std::fs::read(world.homes[1].vault().join(&head)).unwrap(), std::fs::read(clone.vault().join(&head)).unwrap());
    world.well(0);
    let to = world.homes[0].folder.path().join("out");
    world.homes[0].done(&["sync"]);
    world.homes[0].done(&["restore", "bert:3", "--to", to.to_str().unwrap(), "--recovery-kit", &world.kit()]);
    assert!(contents(&to.join("data")) == made);
}

/// A sync of a device in which that happens once the store was listed, as its first key slot is asked for.
fn synced_beside(world: &World, at: usize, happens: impl Fn() + Send + Sync + 'static) -> Report {
    let home = printkeep::local::home::Home::at(world.homes[at].path.clone());
    let name = home.accounts().unwrap().remove(0);
    let random = SystemRandom::new();
    let tools = (&random as &dyn Random, Clock::SYSTEM);
    let mut account = AccountWriter::open(&home, name, WorkKind::Small, &Waiting::no(), tools).unwrap();
    let mut chunk_index = ChunkIndex::open(&account).unwrap();
    let folder = Folder::open(world.there().parent().unwrap(), account.id()).unwrap();
    let provider = Meanwhile::new(folder, |name| matches!(name, ObjectName::Slot(_)), happens);
    let cancel = Cancel::default();
    let remote = Remote::new("store", Box::new(provider), &Runtime::new(&cancel));
    sync::sync(&mut account, &mut chunk_index, &remote, Pull::All, JobTools::new(&cancel).job(&|_| {})).unwrap()
}

/// A device that syncs while another one replaces a key slot tells of no fault, and does not put the old one back.
#[test]
fn a_key_slot_that_another_device_replaces_meanwhile_is_no_lie_of_the_store() {
    let world = World::new(2);
    let (kit, file) = (world.kit(), world.homes[0].path.join("passphrase"));
    let slots = || -> Vec<String> { world.objects().into_iter().filter(|name| name.starts_with("slots/")).collect() };
    let set = |word: &str| {
        std::fs::write(&file, word).unwrap();
        let args = ["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap(), "--recovery-kit", &kit];
        let mut command = world.homes[0].command(&args);
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    };
    set("the first word of all\n");
    world.well(0);
    world.well(1);
    set("the second word of all\n");
    let mut sync = world.homes[0].command(&["sync"]);
    sync.stdout(Stdio::null()).stderr(Stdio::null());
    let (before, sync) = (slots(), Mutex::new(sync));
    let report = synced_beside(&world, 1, move || assert!(sync.lock().unwrap().status().unwrap().success()));
    assert_eq!((report.store_problems, report.failed), (vec![], vec![]));
    let after = slots();
    assert!(before != after && before.len() == after.len(), "{before:?} {after:?}");
    // neither the sync after it nor any later one puts it back
    (0..2).for_each(|_| (0..2).for_each(|at| world.well(at)));
    assert_eq!(slots(), after);
    for at in 0..2 {
        let (exit, checked) = world.homes[at].run(&["check", "--store", "store"]);
        assert_eq!((exit, &checked["unsent_parts"]), (0, &0.into()), "{checked}");
    }
    // one that goes without another in its place is missed all the same
    let gone = world.there().join(after.iter().find(|name| !before.contains(name)).unwrap());
    let report = synced_beside(&world, 1, move || std::fs::remove_file(&gone).unwrap());
    assert_eq!(report.store_problems.len(), 1, "{:?}", report.store_problems);
    assert_eq!(slots(), after, "it is sent again");
}

/// A device that was away, or joined and did not sync yet, holds passphrases that were withdrawn: none of them comes back by it.
#[test]
fn a_withdrawn_passphrase_is_not_put_back_by_another_device() {
    let world = World::new(2);
    let (kit, file) = (world.kit(), world.homes[0].path.join("passphrase"));
    let slots = || world.objects().iter().filter(|name| name.starts_with("slots/")).count();
    let set = |word: &str| {
        std::fs::write(&file, word).unwrap();
        world.homes[0].done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap(), "--recovery-kit", &kit]);
        world.well(0);
    };
    set("the first word of all\n");
    let third = Home::new();
    third.done(&["setup", "--join", &world.url, "--recovery-kit", &kit, "--device-name", "carl"]);
    let before = slots();
    world.well(1);
    for word in ["the second word of all\n", "the third word of all\n"] {
        set(word);
        world.well(1);
        assert_eq!(slots(), before, "{word}");
    }
    for _ in 0..2 {
        third.done(&["sync"]);
        assert_eq!(slots(), before, "by one that did not sync before");
    }
}

/// S8: exchanged key slots, rosters and their parameters.
#[test]
fn exchanged_keys_and_rosters_are_refused() {
    let world = World::new(2);
    let file = world.homes[0].path.join("passphrase");
    std::fs::write(&file, program::PASSPHRASE).unwrap();
    world.homes[0].done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap(), "--recovery-kit", &world.kit()]);
    world.well(0);
    world.well(1);
    let now = world.save();
    let slots: Vec<_> = world.objects().into_iter().filter(|o| o.starts_with("slots/")).collect();
    assert!(slots.len() >= 2, "{slots:?}");
    // every field of a slot's header, cost of Argon2 included, and its body
    for slot in &slots {
        for at in [0usize, 5, 10, 30, 40, 41, 44, 45, 48, 52, 60, 90, 120, usize::MAX] {
            let path = world.there().join(slot);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            for device in 0..2 {
                let problems = world.sync(device);
                assert!(
                    problems.iter().any(|a| a["kind"] == "changed" && a["object"] == slot.as_str()),
                    "{slot} {at}: {problems:?}"
                );
            }
            std::fs::copy(now.path().join(slot), &path).unwrap();
        }
    }
    let (one, other) = (world.there().join(&slots[0]), world.there().join(&slots[1]));
    std::fs::copy(&other, &one).unwrap();
    assert!(!world.sync(0).is_empty());
    world.show(now.path());
    // a roster that the account did not sign, one that does not follow, an older one under the newest's name
    let roster = world.there().join("roster/0000000000000002");
    let first = std::fs::read(world.there().join("roster/0000000000000001")).unwrap();
    let second = std::fs::read(&roster).unwrap();
    let mut flipped = second.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for bad in [&flipped, &first, &second[..40].to_vec()] {
        std::fs::write(&roster, bad).unwrap();
        for device in 0..2 {
            let problems = world.sync(device);
            assert!(!problems.is_empty() && problems[0]["object"] == "roster/0000000000000002", "{problems:?}");
        }
    }
    world.show(now.path());
    std::fs::write(world.there().join("roster/0000000000000003"), &second).unwrap();
    assert!(!world.sync(0).is_empty());
    world.show(now.path());
    (0..2).for_each(|at| world.well(at));
    // back to the replaced kit, the new one gone
    let before = world.objects();
    let page = world.homes[0].path.join("new-kit.txt");
    let page = page.to_str().unwrap();
    world.homes[0].done(&["key", "kit", "--yes", "--to", page, "--recovery-kit", &world.kit()]);
    world.well(0);
    world.well(1);
    let new: Vec<_> = world.objects().into_iter().filter(|o| !before.contains(o)).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    world.show(now.path());
    assert!(has(&world.sync(0), "slot-back", ""), "the one who replaced it");
    world.well(0);
}

/// S12: objects of one account under the prefix of another.
#[test]
fn objects_of_another_account_are_refused() {
    let (world, other) = (World::new(1), World::new(1));
    let (mine, foreign) = (world.objects(), other.objects());
    let shared = mine.iter().filter(|name| foreign.contains(name) && !name.starts_with("roster/"));
    assert_eq!(shared.count(), 0);
    let now = world.save();
    let before = world.homes[0].objects();
    for object in &foreign {
        world.show(now.path());
        let path = world.there().join(object);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(other.there().join(object), path).unwrap();
        let (exit, document) = world.homes[0].run(&["sync"]);
        // a pack of no index is nobody's, and is not fetched
        assert!(exit == 7 || exit == 3 || (exit == 0 && object.starts_with("packs/")), "{object}: {exit} {document}");
        assert_eq!(world.homes[0].objects(), before, "{object}");
    }
    world.show(now.path());
    world.well(0);
    world.restores(0);
}
