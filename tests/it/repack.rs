//! Packs of which little is needed are written anew, and what was needed of them is found all the same.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::world::World;
use printkeep::engine::repository::deletion_notes::DeletionNotes;
use printkeep::engine::{Cancel, Event, Phase};

/// A printer whose first pack is mostly dead: two of twelve files stay.
fn mostly_dead() -> World {
    let world = World::new(&["ender"]);
    world.fill(1, 12);
    world.backup(1);
    world.shrink(1, 2);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    world
}

#[test]
fn what_is_needed_of_a_mostly_dead_pack_moves_and_is_found() {
    let world = mostly_dead();
    let before = world.bytes();
    let pc = &world.devices[0].home;
    pc.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    let kit = pc.path.join("recovery-kit.txt");
    let moved = std::fs::read(&kit).unwrap();
    std::fs::remove_file(&kit).unwrap();
    let without = pc.done(&["prune", "--grace", "0d"]);
    assert_eq!(without["repack"]["packs"], 0, "{without}");
    std::fs::write(&kit, moved).unwrap();
    let done = pc.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64().unwrap() > 0, "{done}");
    world.check();
    pc.done(&["prune", "--grace", "0d"]);
    world.check();
    assert!(world.bytes() * 2 < before, "{before} {}", world.bytes());
    // nothing is left to do, and the printer goes on
    let idle = pc.done(&["prune", "--grace", "0d"]);
    assert_eq!((&idle["repacked"]["packs"], &idle["marked"]), (&0.into(), &0.into()), "{idle}");
    world.sync(1);
    world.devices[1].home.done(&["prune", "--grace", "0d"]);
    for home in world.devices.iter().map(|d| &d.home) {
        home.done(&["check", "--read-data"]);
    }
    world.change(1, 77);
    world.backup(1);
    world.sync(1);
    world.check();
}

/// The ids of chunks are made with the keys of their pack's generation, so that each moves into a pack of its own generation.
#[test]
fn packs_of_keys_before_a_rotation_are_repacked_beside_those_after_it() {
    let world = World::new(&["ender"]);
    let (pc, printer) = (&world.devices[0].home, &world.devices[1].home);
    world.fill(1, 12);
    // until they are old enough to be known as unchanged by their times: what is read again is stored again under new keys
    while printer.backup()["read"] != 0 {}
    world.backup(1);
    world.sync(1);
    pc.done(&["key", "rotate"]);
    (0..2).for_each(|device| world.sync(device));
    world.add(1, 12..24);
    world.backup(1);
    // two of the first twelve files stay and two of the others
    (2..12).chain(14..24).for_each(|n| std::fs::remove_file(printer.data.join(format!("{n}.bin"))).unwrap());
    world.backup(1);
    world.sync(1);
    world.sync(0);
    let before = world.bytes();
    world.take_forgotten(&pc.done(&["forget", "--keep-last", "1"]));
    pc.done(&["prune", "--grace", "0d", "--repack-below", "0%"]);
    let done = pc.done(&["prune", "--grace", "0d"]);
    assert_eq!((done["repacked"]["packs"].as_u64(), &done["repacked"]["left"]), (Some(2), &0.into()), "{done}");
    world.check();
    pc.done(&["prune", "--grace", "0d"]);
    assert!(world.bytes() * 2 < before, "{before} {}", world.bytes());
    world.check();
    world.sync(1);
    printer.done(&["prune", "--grace", "0d"]);
    for home in [pc, printer] {
        home.done(&["check", "--read-data"]);
    }
    // what moved is moved again, and the printer goes on
    std::fs::remove_file(printer.data.join("0.bin")).unwrap();
    world.change(1, 3);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    world.take_forgotten(&pc.done(&["forget", "--keep-last", "1"]));
    for _ in 0..3 {
        pc.done(&["prune", "--grace", "0d", "--repack-below", "90%"]);
    }
    world.check();
}

/// A repack that was cut off before it said where things moved leaves packs that the next one uses: nobody says that they go.
#[test]
fn what_a_repack_that_was_cut_off_left_over_is_not_said_to_go_when_it_is_used() {
    let world = mostly_dead();
    let pc = &world.devices[0];
    pc.home.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    pc.home.done(&["prune", "--grace", "0d", "--repack-below", "0%"]);
    let (cancel, repacks) = (Cancel::default(), AtomicBool::new(false));
    let on_event = |event: Event<'_>| {
        repacks.fetch_or(matches!(event, Event::Phase(Phase::Repacking)), Ordering::Relaxed);
        if repacks.load(Ordering::Relaxed) && matches!(event, Event::FileDone) {
            cancel.cancel();
        }
    };
    assert!(pc.prune(&world.keyring, 0, &on_event, &cancel).is_err_and(|error| error.is_stop()));
    assert!(repacks.load(Ordering::Relaxed));
    let done = pc.home.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64() > Some(0) && done["repacked"]["written_bytes"] == 0, "used, not written: {done}");
    assert_eq!(DeletionNotes::read(&pc.open()).unwrap().all_going().filter(|id| is_there(&world, id)).count(), 0);
    world.sync(1);
    world.change(1, 3);
    world.backup(1);
    world.devices[1].home.done(&["sync"]);
    world.take_sent(1);
    world.check();
}

/// Whether the store holds a pack or index object.
fn is_there(world: &World, id: &printkeep::core::name::ObjectId) -> bool {
    world.objects().iter().any(|name| name.ends_with(&id.to_string()))
}

/// What a pack's content moved for holds for the snapshots that were looked at: a later one may need what was dead then.
#[test]
fn a_snapshot_that_needs_the_dead_part_of_a_moved_pack_comes_back() {
    let world = mostly_dead();
    let pc = &world.devices[0].home;
    pc.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    // the first takes the head, the second moves what the other needs
    pc.done(&["prune", "--grace", "0d"]);
    let done = pc.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64().unwrap() > 0, "{done}");
    // the printer has not heard of it, and all twelve files are there again
    world.put_back(1, 1);
    world.backup(1);
    pc.done(&["prune", "--grace", "0d"]);
    world.sync_or_retry(1);
    world.check();
    for _ in 0..3 {
        pc.done(&["prune", "--grace", "0d"]);
    }
    world.check();
    world.sync(1);
    world.devices[1].home.done(&["check", "--read-data"]);
}

/// Two packs move into one, and what is needed of that moves on: what both held is looked for where it is now, and nowhere else.
#[test]
fn what_two_packs_moved_into_is_not_missed_when_it_moved_on() {
    let world = World::new(&["ender"]);
    let (deleter, printer) = (&world.devices[0].home, &world.devices[1].home);
    world.fill(1, 12);
    world.backup(1);
    world.add(1, 12..24);
    world.backup(1);
    // less and less of both packs is needed
    for gone in [(4..12).chain(16..24), (1..4).chain(13..16)] {
        gone.for_each(|n| std::fs::remove_file(printer.data.join(format!("{n}.bin"))).unwrap());
        world.backup(1);
    }
    world.sync(1);
    world.sync(0);
    for numbers in [&[1, 2][..], &[3]] {
        numbers.iter().for_each(|number| drop(deleter.done(&["forget", &format!("ender:{number}")])));
        world.forgotten(1, numbers);
        let moved = |_| deleter.done(&["prune", "--grace", "0d"])["repacked"]["packs"].as_u64().unwrap();
        assert!((0..4).map(moved).sum::<u64>() > 0, "nothing moved");
    }
    world.check();
    deleter.done(&["check", "--read-data"]);
    deleter.done(&["check", "--store", "store", "--read-data"]);
}

/// A prune that was cut short once it had said what goes: who needs that is told whose it is, and a prune there ends it.
#[test]
fn what_a_prune_that_was_cut_short_said_is_told_once_by_the_name_of_its_device() {
    let world = mostly_dead();
    let pc = &world.devices[0];
    pc.home.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    // the first takes the head, the second moves what the other needs, the third says that the old pack goes
    (0..2).for_each(|_| drop(pc.home.done(&["prune", "--grace", "0d"])));
    let (cancel, said) = (Cancel::default(), AtomicBool::new(false));
    let on_event = |event: Event<'_>| {
        if matches!(event, Event::Phase(Phase::Pruning)) && !said.fetch_or(true, Ordering::Relaxed) {
            cancel.cancel();
        }
    };
    assert!(pc.prune(&world.keyring, 0, &on_event, &cancel).is_err_and(|error| error.is_stop()));
    // the printer has not heard of it, and all twelve files are there again
    world.put_back(1, 1);
    world.backup(1);
    let (exit, told) = world.devices[1].home.run(&["sync"]);
    let reason = &told["stores"][0]["failed"][0]["reason"];
    assert_eq!((exit, &reason["id"], &reason["args"]["device"]["text"]), (3, &"sync-going".into(), &"pc".into()), "{told}");
    assert_eq!(told["stores"][0]["failed"].as_array().unwrap().len(), 1, "one line for one device: {told}");
    world.take_sent(1);
    pc.home.done(&["sync"]);
    pc.home.done(&["prune", "--grace", "0d"]);
    (0..2).for_each(|device| world.sync(device));
    world.check();
}
