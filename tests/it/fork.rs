//! Two histories of one device, and objects that were exchanged: told with the name of whose they are, and never taken over.

use crate::support::old_states::{World, copy_all, has, kinds, name};
use crate::support::program::{self, Home};

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
    // the clone is told too
    let (exit, document) = clone.run(&["sync"]);
    assert_eq!(exit, 7, "{document}");
    assert!(has(document["stores"][0]["problems"].as_array().unwrap(), "forked", "bert"), "{document}");
    assert_ne!(std::fs::read(world.homes[1].vault().join(&head)).unwrap(), std::fs::read(clone.vault().join(&head)).unwrap());
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
