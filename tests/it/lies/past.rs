//! What comes back from the past, and what a device did while it might: a clone, a revocation that is kept back, what was let go.

use std::fs;

use printkeep::core::name::{ObjectHash, ObjectName};
use printkeep::core::seal;
use printkeep::core::snapshot::Seen;
use serde_json::Value;

use super::judgement::{is_well, problems, summary};
use super::rogue::Rogue;
use super::world::{HONEST, LYING, World, comes_back, copy, held};
use crate::support::program::Home;

/// Each device syncs so often that everything everybody did reached everybody.
fn meet(homes: &[&Home]) {
    (0..3).for_each(|_| homes.iter().for_each(|home| drop(home.run(&["sync"]))));
    for home in homes {
        let (exit, reply) = home.run(&["sync"]);
        assert_eq!(exit, 0, "{reply}");
    }
}

/// Those that are not forgotten.
fn snapshots(home: &Home) -> Vec<(String, u64)> {
    let listed = home.done(&["snapshots"]);
    let kept = |one: &&Value| one["forgotten"] == false;
    let of = |one: &Value| (one["device"].as_str().unwrap().to_owned(), one["number"].as_u64().unwrap());
    listed["snapshots"].as_array().unwrap().iter().filter(kept).map(of).collect()
}

fn role(home: &Home, device: &str) -> String {
    let listed = home.done(&["device", "list"]);
    let listed = listed["devices"].as_array().unwrap();
    listed.iter().find(|one| one["name"] == device).unwrap_or_else(|| panic!("{listed:?}"))["role"].as_str().unwrap().to_owned()
}

/// What a device let go while it might stays let go once it might no longer, on every device, and nobody misses it.
#[test]
fn what_was_let_go_stays_let_go_when_the_right_to_is_taken() {
    let world = World::new();
    for taken in [&["device", "forbid-delete", "mallory"][..], &["device", "revoke", "mallory", "--yes"]] {
        world.reset();
        let (pc, old, kit) = (&world.pc, &world.mallory, world.kit());
        let kit = ["--recovery-kit", &kit];
        pc.done(&[&["device", "allow-delete", "mallory"][..], &kit].concat());
        pc.done(&["sync"]);
        old.done(&["sync"]);
        world.change(old, 9);
        let forgotten = old.done(&["forget", "--keep-last", "1"]);
        old.done(&["sync"]);
        old.done(&[&["prune", "--grace", "0d"][..], &kit].concat());
        meet(&[old, pc, &world.ender, old]);
        let left = snapshots(pc);
        assert!(left.iter().filter(|(device, _)| device == "mallory").count() == 1, "{forgotten} {left:?}");
        pc.done(&[taken, &kit].concat());
        meet(&[pc, &world.ender]);
        // the one that lost the right hears of it
        old.run(&["sync"]);
        meet(&[pc, &world.ender]);
        // a machine that was never there when it might hears of it too
        let late = Home::new();
        let joined = late.run(&[&["setup", "--join", &world.url("two"), "--device-name", "late"][..], &kit].concat());
        assert_eq!((joined.0, snapshots(&late)), (0, left.clone()), "{taken:?} {}", joined.1);
        for home in [pc, &world.ender] {
            assert_eq!(snapshots(home), left, "{taken:?}");
            let (exit, reply) = home.run(&[&["check", "--store", LYING][..], &kit].concat());
            assert_eq!(exit, 0, "{taken:?}: {reply}");
            let said: Vec<String> = problems(home).iter().map(summary).collect();
            assert!(said.is_empty(), "{taken:?}: {said:?}");
        }
        comes_back(&world, pc, old, "mallory:latest");
        comes_back(&world, pc, &world.ender, "ender:latest");
    }
}

/// A thief's copy of the printer's card publishes a snapshot in its name: the printer backs up all the same, into its vault and to the
/// honest store, and what it made itself is what others restore.
#[test]
fn a_clone_that_takes_the_next_number_stops_no_backup() {
    let world = World::new();
    let (ender, clone) = (&world.ender, Rogue { world: &world, device: world.device(&world.ender) });
    clone.put_head(&clone.head(clone.device.id, 4, ObjectHash::from_bytes([1; 32])));
    comes_back(&world, &world.pc, ender, "ender:latest");
    let (exit, reply) = ender.run(&["sync"]);
    assert_eq!(exit, 7, "{reply}");
    world.change(ender, 60);
    let (exit, reply) = ender.run(&["sync", "--store", HONEST]);
    assert_eq!(exit, 0, "{reply}");
    let (exit, reply) = world.pc.run(&["sync"]);
    assert_eq!(exit, 7, "{reply}");
    let said: Vec<String> = problems(&world.pc).iter().map(summary).collect();
    assert!(said.iter().any(|one| one.contains("ender") && one.contains(LYING)), "{said:?}");
    assert!(!said.iter().any(|one| one.contains(HONEST)), "{said:?}");
    world.pc.done(&["sync", "--store", HONEST, "--pull", "all"]);
    comes_back(&world, &world.pc, ender, "ender:latest");
}

/// A number far above its own, in its own name and under its own key, is nothing that the printer goes on from: it backs up as before, and the
/// honest store misses nothing.
#[test]
fn a_clone_that_takes_a_number_far_ahead_stops_no_backup() {
    let world = World::new();
    for number in [5, 1 << 48, u64::MAX] {
        world.reset();
        let (ender, clone) = (&world.ender, Rogue { world: &world, device: world.device(&world.ender) });
        let before = snapshots(ender).iter().filter(|(device, _)| device == "ender").map(|(_, number)| *number).max().unwrap();
        clone.put_head(&clone.head(clone.device.id, number, ObjectHash::from_bytes([1; 32])));
        let (exit, reply) = ender.run(&["sync"]);
        assert_eq!(exit, 7, "{reply}");
        world.change(ender, 61);
        let after = snapshots(ender).iter().filter(|(device, _)| device == "ender").map(|(_, number)| *number).max().unwrap();
        assert_eq!(after, before + 1, "{number}");
        let (exit, reply) = ender.run(&["sync", "--store", HONEST]);
        assert_eq!(exit, 0, "{number}: {reply}");
        world.pc.done(&["sync", "--store", HONEST, "--pull", "all"]);
        comes_back(&world, &world.pc, ender, "ender:latest");
    }
}

/// The newest number of a device.
fn newest(home: &Home, device: &str) -> u64 {
    snapshots(home).iter().filter(|(name, _)| name == device).map(|(_, number)| *number).max().unwrap()
}

/// A thief's copy goes on from the printer's own newest snapshot in one store, while the printer goes on in the other: the thief's is one more
/// number, which is told, and nothing that the printer or the PC held goes by it.
#[test]
fn a_clone_that_goes_on_beside_the_printer_costs_no_snapshot() {
    let world = World::new();
    let (pc, ender, clone) = (&world.pc, &world.ender, Rogue { world: &world, device: world.device(&world.ender) });
    let number = newest(ender, "ender");
    let before = seal::hash(&world.bytes(&ObjectName::Head(clone.device.id, number).to_string()));
    clone.put_head(&clone.head(clone.device.id, number + 1, before));
    world.change(ender, 62);
    for home in [ender, pc] {
        let (exit, reply) = home.run(&["sync", "--store", HONEST, "--pull", "all"]);
        assert_eq!(exit, 0, "{reply}");
    }
    comes_back(&world, pc, ender, "ender:latest");
    let (exit, reply) = ender.run(&["sync"]);
    assert_eq!(exit, 7, "{reply}");
    let said: Vec<String> = problems(ender).iter().map(summary).collect();
    assert!(said.iter().any(|one| one.contains("put-back") && one.contains(LYING)), "{said:?}");
    meet(&[ender, pc]);
    pc.done(&["sync", "--pull", "all"]);
    assert_eq!([ender, pc].map(|home| newest(home, "ender")), [number + 2; 2]);
    comes_back(&world, pc, ender, "ender:latest");
}

/// What made way for what others believed is no history any more, whatever store shows it again.
#[test]
fn a_snapshot_that_got_another_number_does_not_come_back_under_the_old_one() {
    let world = World::new();
    let (pc, ender) = (&world.pc, &world.ender);
    let (image, shown) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(ender.folder.path(), image.path());
    world.change(ender, 63);
    ender.done(&["sync", "--store", HONEST]);
    pc.done(&["sync", "--store", HONEST]);
    for folder in ["home", "data"] {
        fs::remove_dir_all(ender.folder.path().join(folder)).unwrap();
    }
    copy(image.path(), ender.folder.path());
    world.change(ender, 64);
    ender.done(&["sync", "--store", LYING]);
    copy(&world.root("one"), shown.path());
    assert_eq!(ender.run(&["sync"]).0, 7);
    meet(&[ender, pc]);
    for home in [pc, ender] {
        for told in problems(home) {
            home.done(&["problems", "ack", &told["number"].to_string()]);
        }
    }
    let name = ObjectName::Head(world.device(ender).id, newest(ender, "ender") - 1).to_string();
    let holds = |home: &Home| fs::read(home.vault().join(&name)).unwrap();
    let (before, number) = (holds(pc), newest(pc, "ender"));
    fs::remove_dir_all(world.root("one")).unwrap();
    copy(shown.path(), &world.root("one"));
    for home in [pc, ender] {
        let (exit, reply) = home.run(&["sync"]);
        // the first of them tells that the store is older than it was, and sends again what it lacks
        assert!(exit == 7 || home.path != pc.path, "{reply}");
        assert!(holds(home) == before && newest(home, "ender") == number);
        let said: Vec<String> = problems(home).iter().map(summary).collect();
        assert!(!said.iter().any(|one| one.contains("put-back") || one.contains(HONEST)), "{said:?}");
    }
    pc.done(&["sync", "--store", HONEST, "--pull", "all"]);
    comes_back(&world, pc, ender, "ender:latest");
}

/// A store keeps a revocation back from the owner's second machine, which renames a device meanwhile: who was revoked stays revoked.
#[test]
fn a_revocation_that_is_kept_back_from_one_machine_holds_on_both() {
    let world = World::new();
    let (pc, second, kit) = (&world.pc, &world.ender, world.kit());
    let kit = ["--recovery-kit", &kit];
    let before = tempfile::tempdir().unwrap();
    copy(&world.root("one"), before.path());
    pc.done(&[&["device", "revoke", "mallory", "--yes"][..], &kit].concat());
    pc.done(&["sync", "--store", LYING]);
    let after = tempfile::tempdir().unwrap();
    copy(&world.root("one"), after.path());
    let show = |state: &std::path::Path| {
        fs::remove_dir_all(world.root("one")).unwrap();
        copy(state, &world.root("one"));
    };
    show(before.path());
    // the second machine hears of the lying store alone
    second.done(&["store", "remove", HONEST]);
    second.done(&[&["device", "rename", "pc", "desk"][..], &kit].concat());
    second.done(&["sync"]);
    assert_eq!(role(second, "mallory"), "adds_only", "it could not know");
    let renamed = held(&world.there("one"));
    show(after.path());
    (0..3).for_each(|_| [pc, second].iter().for_each(|home| drop(home.run(&["sync"]))));
    for home in [pc, second] {
        assert_eq!(role(home, "mallory"), "revoked", "{renamed:?}");
    }
    let rogue = Rogue::of(&world);
    rogue.put_head(&rogue.head(rogue.device.id, 9, ObjectHash::from_bytes([1; 32])));
    pc.run(&["sync"]);
    assert!(snapshots(pc).iter().all(|(device, number)| device != "mallory" || *number < 9));
    comes_back(&world, pc, second, "ender:latest");
}

/// The machine that did not know made more changes, and the store shows them to the one that revoked: there the device stays revoked, its owner
/// is told that the others do not know, and revoking it again tells them.
#[test]
fn a_revocation_holds_where_a_longer_list_does_not_know_of_it() {
    let world = World::new();
    let (pc, second, kit) = (&world.pc, &world.ender, world.kit());
    let kit = ["--recovery-kit", &kit];
    let before = tempfile::tempdir().unwrap();
    copy(&world.root("one"), before.path());
    pc.done(&[&["device", "revoke", "mallory", "--yes"][..], &kit].concat());
    // the second machine hears of the lying store alone, which keeps the revocation back
    second.done(&["store", "remove", HONEST]);
    for (is, named) in [("pc", "desk"), ("desk", "bench")] {
        second.done(&[&["device", "rename", is, named][..], &kit].concat());
    }
    second.done(&["sync"]);
    assert_eq!(role(second, "mallory"), "adds_only", "it could not know");
    let (exit, reply) = pc.run(&["sync", "--store", LYING]);
    assert!(exit > 0 && reply.to_string().contains("sync-revoked-apart"), "{reply}");
    let believes_nothing = || {
        assert_eq!((role(pc, "mallory").as_str(), role(pc, "bench").as_str()), ("revoked", "may_delete"));
        let rogue = Rogue::of(&world);
        rogue.put_head(&rogue.head(rogue.device.id, 9, ObjectHash::from_bytes([1; 32])));
        pc.run(&["sync"]);
        assert!(snapshots(pc).iter().all(|(device, number)| device != "mallory" || *number < 9));
    };
    believes_nothing();
    let said = pc.run(&["status"]).1.to_string();
    assert!(said.contains("revoked-apart") && said.contains("mallory"), "{said}");
    // nor once the journal was written anew, and the list came again
    (0..3).for_each(|_| drop(pc.run(&["sync"])));
    believes_nothing();
    pc.done(&[&["device", "revoke", "mallory", "--yes"][..], &kit].concat());
    (0..3).for_each(|_| [pc, second].iter().for_each(|home| drop(home.run(&["sync"]))));
    assert_eq!([pc, second].map(|home| role(home, "mallory")), ["revoked", "revoked"]);
    assert!(!pc.run(&["status"]).1.to_string().contains("revoked-apart"));
    comes_back(&world, pc, second, "ender:latest");
}

/// Two machines changed the devices apart, each over a store of its own: whichever store is asked first, one list holds in the end, and the
/// device that it lacks is put back.
#[test]
fn of_two_lists_that_two_stores_hold_one_holds_everywhere() {
    let world = World::new();
    let (pc, kit) = (&world.pc, world.kit());
    let kit = ["--recovery-kit", &kit];
    pc.done(&[&["device", "revoke", "mallory", "--yes"][..], &kit].concat());
    pc.done(&["sync", "--store", HONEST]);
    let late = Home::new();
    late.done(&[&["setup", "--join", &world.url("one"), "--device-name", "late"][..], &kit].concat());
    late.done(&["store", "add", &world.url("two"), "--name", HONEST]);
    world.change(&late, 4);
    (0..2).for_each(|_| drop(late.run(&["sync"])));
    let lists =
        |store: &str| held(&world.there(store)).into_iter().filter(|(name, _)| name.starts_with("roster/")).collect::<Vec<_>>();
    assert_eq!(lists("one"), lists("two"), "both stores hold one list");
    late.done(&[&["device", "rejoin"][..], &kit].concat());
    for _ in 0..2 {
        [&late, pc, &world.ender].iter().for_each(|home| drop(home.run(&["sync"])));
    }
    for home in [&late, pc, &world.ender] {
        let (exit, reply) = home.run(&["sync"]);
        assert_eq!(exit, 0, "{reply}");
        assert_eq!((role(home, "mallory").as_str(), role(home, "late").as_str()), ("revoked", "adds_only"));
    }
    comes_back(&world, pc, &late, "late:latest");
}

/// A stolen device tells of a snapshot of the PC's that there never was: that costs the thief, and ends as the owner revokes the device.
#[test]
fn what_a_device_said_of_others_ends_with_its_revocation() {
    let world = World::new();
    let (pc, kit) = (&world.pc, world.kit());
    let rogue = Rogue::of(&world);
    let (number, previous) = rogue.newest("heads", rogue.device.id);
    let mut head = rogue.head(rogue.device.id, number + 1, previous);
    head.seen = vec![Seen { device: world.device(pc).id, number: 99, hash: ObjectHash::from_bytes([1; 32]) }];
    rogue.put_head(&head);
    let (exit, told) = pc.run(&["sync"]);
    assert!(exit > 0, "{told}");
    pc.done(&["device", "revoke", "mallory", "--yes", "--recovery-kit", &kit]);
    (0..2).for_each(|_| drop(pc.run(&["sync"])));
    let synced = pc.done(&["sync"]);
    let problems = |store: &Value| store["problems"].as_array().is_none_or(Vec::is_empty);
    assert!(synced["stores"].as_array().unwrap().iter().all(problems), "{synced}");
}

/// Who acknowledged that one device joined acknowledged that one, whatever another calls itself.
#[test]
fn another_device_of_an_acknowledged_name_is_told_anew() {
    let world = World::new();
    let (kit, url) = (world.kit(), world.url("one"));
    let joins = || {
        let new = Home::new();
        new.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "vm-2"]);
        world.pc.run(&["sync"]);
        let listed = world.pc.run(&["problems", "list"]).1;
        let told =
            listed["problems"].as_array().unwrap().iter().find(|one| one["kind"] == "devices" && one["subject"] == "joined");
        told.and_then(|one| one["number"].as_u64())
    };
    let first = joins().unwrap();
    world.pc.done(&["problems", "ack", &first.to_string()]);
    let second = joins();
    assert!(second.is_some_and(|second| second != first), "{second:?}");
}

/// A lie that is over leaves nothing behind: the world of the table is well before any of them.
#[test]
fn the_world_is_well_before_it_is_lied_to() {
    is_well(&World::new());
}
