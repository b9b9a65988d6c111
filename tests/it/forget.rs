//! What may be forgotten and who may say so: notes of devices that may delete, and nobody else's.

use std::fs;

use crate::support::world::{printer_with, roster};
use printkeep::core::deletion_note::Statement;
use printkeep::core::name::ObjectHash;
use printkeep::core::roster::Role;
use printkeep::engine::repository::deletion_notes::DeletionNotes;

#[test]
fn a_writer_forgets_nothing_and_says_what_to_do() {
    let world = printer_with(2);
    for args in
        [&["forget", "1"][..], &["snapshots", "pin", "1"], &["snapshots", "tag", "1", "x"], &["prune", "--store", "store"]]
    {
        let (exit, document) = world.devices[1].home.run(args);
        assert_eq!(exit, 2, "{document}");
        assert!(document["error"]["hint"].as_str().unwrap().contains("device allow-delete"), "{document}");
    }
    assert!(world.objects().iter().all(|name| !name.starts_with("keeps/")));
}

#[test]
fn the_newest_and_pinned_snapshots_are_never_forgotten_and_tags_keep() {
    let world = printer_with(5);
    let pc = &world.devices[0].home;
    pc.done(&["snapshots", "pin", "ender:2"]);
    pc.done(&["snapshots", "tag", "ender:3", "before the new hotend"]);
    for newest_or_pinned in ["ender:5", "ender:2"] {
        assert_eq!(pc.run(&["forget", newest_or_pinned]).0, 2);
    }
    pc.done(&["forget", "--keep-tag", "before the new hotend"]);
    world.forgotten(1, &[1, 4]);
    let listed = pc.done(&["snapshots"]);
    let of = |number: u64| listed["snapshots"].as_array().unwrap().iter().find(|s| s["number"] == number).unwrap().clone();
    assert_eq!((&of(2)["pinned"], &of(3)["tags"][0]), (&true.into(), &"before the new hotend".into()));
    assert_eq!((&of(1)["forgotten"], &of(5)["forgotten"]), (&true.into(), &false.into()));
    pc.done(&["snapshots", "unpin", "ender:2"]);
    pc.done(&["snapshots", "untag", "ender:3", "before the new hotend"]);
    pc.done(&["forget", "--keep-last", "1"]);
    world.forgotten(1, &[2, 3]);
    for _ in 0..2 {
        pc.done(&["prune", "--grace", "0d"]);
    }
    world.check();
    assert_eq!(world.heads(), 1);
    assert_eq!(pc.run(&["snapshots", "pin", "ender:2"]).0, 2);
}

#[test]
fn a_note_of_a_writer_counts_for_nothing_and_is_named() {
    let world = printer_with(3);
    let printer = &world.devices[1];
    let account = printer.open();
    let victim = printer.head_hash(&account, 1);
    let said = vec![Statement::Forget(account.device.id, 1, victim), Statement::Mark(Vec::new())];
    printer.forge(&account, said, 1, ObjectHash::from_bytes([0; 32]));
    let name = format!("keeps/{}/{:016x}", account.device.id, 1);
    drop(account);
    let pc = &world.devices[0].home;
    // its own program sends no such note
    world.sync(1);
    let there = world.account().join(&name);
    assert!(!there.exists());
    fs::create_dir_all(there.parent().unwrap()).unwrap();
    fs::copy(printer.home.vault().join(&name), &there).unwrap();
    let (exit, told) = pc.run(&["sync"]);
    let failed = &told["stores"][0]["failed"][0];
    assert!(exit != 0 && failed["object"] == name, "{told}");
    assert!(failed["reason"]["text"].as_str().unwrap().contains("may not delete"), "{told}");
    assert!(!DeletionNotes::read(&world.devices[0].open()).unwrap().may_be_forgotten(&printer.open().device.id, 1));
    // it is kept by nobody who did not make it
    assert!(!pc.vault().join(&name).exists());
    pc.done(&["check"]);
    let (exit, document) = printer.home.run(&["check"]);
    assert!(exit == 7 && document["damaged"][0]["object"] == name, "{document}");
    fs::remove_file(there).unwrap();
    fs::remove_file(printer.home.vault().join(&name)).unwrap();
    for _ in 0..2 {
        world.devices[0].home.done(&["prune", "--grace", "0d"]);
    }
    world.check();
}

#[test]
fn a_device_that_could_delete_is_believed_in_what_the_owner_saw_of_it_and_no_further() {
    let mut world = printer_with(4);
    world.join("laptop");
    let ids: Vec<_> = world.devices.iter().map(|d| d.open().device.id).collect();
    roster(&world, 0, &[(ids[2], Role::MayDelete)]);
    world.devices[0].home.done(&["forget", "ender:1"]);
    world.sync(0);
    world.sync(2);
    world.devices[2].home.done(&["snapshots", "pin", "ender:2"]);
    world.sync(2);
    world.sync(0);
    world.devices[0].home.done(&["forget", "ender:3"]);
    roster(&world, 0, &[(ids[0], Role::AppendOnly)]);
    // what it says from now on counts for nothing, and neither does another note under a number that it used
    let account = world.devices[0].open();
    let newest = DeletionNotes::read(&account).unwrap().newest().find(|seen| seen.device == ids[0]).unwrap();
    let victim = world.devices[1].head_hash(&world.devices[1].open(), 4);
    world.devices[0].forge(&account, vec![Statement::Forget(ids[1], 4, victim)], newest.number + 1, newest.hash);
    drop(account);
    world.sync(0);
    world.sync(2);
    let notes = DeletionNotes::read(&world.devices[2].open()).unwrap();
    let forgotten = [1, 2, 3, 4].map(|number| notes.may_be_forgotten(&ids[1], number));
    assert_eq!(forgotten, [true, false, true, false]);
    assert!(notes.is_pinned(&ids[1], 2));
    // nor is it handed on
    assert_eq!(notes.refused().len(), 0);
    assert_eq!(DeletionNotes::read(&world.devices[0].open()).unwrap().refused().len(), 1);
    assert_eq!(notes.newest().find(|seen| seen.device == ids[0]).map(|seen| seen.number), Some(newest.number));
}
