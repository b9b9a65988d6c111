//! Keepers let snapshots go, and nothing goes that another snapshot needs: two or three homes over one store, pruned, killed at every
//! step, and interleaved with backups and syncs of others.
//!
//! `PRINTKEEP_CASES` says how many random histories are tried.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::keepers::{World, roster};
use printkeep::core::deletion_note::Statement;
use printkeep::core::name::ObjectHash;
use printkeep::core::roster::Role;
use printkeep::core::snapshot::Seen;
use printkeep::engine::repository::deletion_notes::DeletionNotes;
use printkeep::engine::{Cancel, EngineError, Event, Phase};
use proptest::prelude::*;

/// A keeper and a printer over one store; the printer made these snapshots, each with some files changed.
fn printer_with(snapshots: u64) -> World {
    let world = World::new(&["ender"]);
    for round in 0..snapshots {
        world.change(1, round);
        world.backup(1);
    }
    world.sync(1);
    world.sync(0);
    world
}

#[test]
fn a_writer_forgets_nothing_and_says_what_to_do() {
    let world = printer_with(2);
    for args in
        [&["forget", "1"][..], &["snapshots", "pin", "1"], &["snapshots", "tag", "1", "x"], &["prune", "--store", "store"]]
    {
        let (exit, document) = world.devices[1].home.run(args);
        assert_eq!(exit, 2, "{document}");
        assert!(document["error"]["hint"].as_str().unwrap().contains("device allow"), "{document}");
    }
    assert!(world.objects().iter().all(|name| !name.starts_with("keeps/")));
}

#[test]
fn what_is_forgotten_goes_after_the_grace_period_and_the_rest_comes_back() {
    let world = printer_with(5);
    let before = world.bytes();
    let keeper = &world.devices[0].home;
    let tried = keeper.done(&["forget", "--keep-last", "2", "--dry-run"]);
    assert_eq!((tried["forgotten"].as_u64(), tried["kept"].as_u64()), (Some(3), Some(2)), "{tried}");
    assert_eq!(keeper.done(&["snapshots"])["snapshots"].as_array().unwrap().iter().filter(|s| s["forgotten"] == true).count(), 0);
    keeper.done(&["forget", "--keep-last", "2"]);
    world.forgotten(1, &[1, 2, 3]);
    // the first run marks, one within the grace period removes nothing
    let cost = keeper.done(&["prune", "--dry-run"]);
    assert!(cost["plan"][1]["requests"].as_u64().unwrap() > 0, "{cost}");
    for _ in 0..2 {
        let done = keeper.done(&["prune"]);
        assert!(done["removed"].as_array().unwrap().iter().all(|place| place["objects"] == 0), "{done}");
    }
    let status = keeper.run(&["status"]).1;
    assert_eq!(status["prunable"]["snapshots"], 3, "{status}");
    assert!(status["prunable"]["marked"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(world.heads(), 5);
    world.check();
    // later
    keeper.done(&["prune", "--grace", "0d"]);
    assert_eq!(world.heads(), 2);
    for _ in 0..2 {
        keeper.done(&["prune", "--grace", "0d"]);
    }
    let (after, idle) = (world.bytes(), world.devices[0].home.done(&["prune", "--grace", "0d"]));
    assert!(after < before, "{before} {after}");
    assert!(idle["plan"].as_array().unwrap().iter().all(|place| place["later"] == 0 && place["remove"] == 0), "{idle}");
    world.check();
    // the printer follows with its own vault alone
    world.sync(1);
    let printer = &world.devices[1].home;
    let own = printer.objects().len();
    printer.done(&["prune", "--grace", "0d"]);
    assert!(printer.objects().len() < own);
    for home in world.devices.iter().map(|d| &d.home) {
        home.done(&["check", "--read-data"]);
        home.done(&["check", "--repair"]);
        let status = home.run(&["status"]).1;
        assert_eq!(status["stores"][0]["objects"], 0, "{status}");
    }
    // and what was let go does not come back
    world.change(1, 9);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    assert_eq!(world.heads(), 3);
    assert_eq!(printer.done(&["sync"])["stores"][0]["sent"], 0);
    world.check();
}

#[test]
fn the_newest_and_pinned_snapshots_are_never_forgotten_and_tags_keep() {
    let world = printer_with(5);
    let keeper = &world.devices[0].home;
    keeper.done(&["snapshots", "pin", "ender:2"]);
    keeper.done(&["snapshots", "tag", "ender:3", "before the new hotend"]);
    for newest_or_pinned in ["ender:5", "ender:2"] {
        assert_eq!(keeper.run(&["forget", newest_or_pinned]).0, 2);
    }
    keeper.done(&["forget", "--keep-tag", "before the new hotend"]);
    world.forgotten(1, &[1, 4]);
    let listed = keeper.done(&["snapshots"]);
    let of = |number: u64| listed["snapshots"].as_array().unwrap().iter().find(|s| s["number"] == number).unwrap().clone();
    assert_eq!((&of(2)["pinned"], &of(3)["tags"][0]), (&true.into(), &"before the new hotend".into()));
    assert_eq!((&of(1)["forgotten"], &of(5)["forgotten"]), (&true.into(), &false.into()));
    keeper.done(&["snapshots", "unpin", "ender:2"]);
    keeper.done(&["snapshots", "untag", "ender:3", "before the new hotend"]);
    keeper.done(&["forget", "--keep-last", "1"]);
    world.forgotten(1, &[2, 3]);
    for _ in 0..2 {
        keeper.done(&["prune", "--grace", "0d"]);
    }
    world.check();
    assert_eq!(world.heads(), 1);
    assert_eq!(keeper.run(&["snapshots", "pin", "ender:2"]).0, 2);
}

#[test]
fn a_note_of_a_writer_counts_for_nothing_and_is_named() {
    let world = printer_with(3);
    let printer = &world.devices[1];
    let account = printer.open();
    let victim = printer.head_hash(&account, 1);
    let said = vec![Statement::Forget(account.device.id, 1, victim), Statement::Mark(Vec::new())];
    printer.forge(&account, said, 1, ObjectHash::from_bytes([0; 32]));
    drop(account);
    world.sync(1);
    world.sync(0);
    assert!(!DeletionNotes::read(&world.devices[0].open()).unwrap().is_forgotten(&printer.open().device.id, 1));
    let (exit, document) = world.devices[0].home.run(&["check"]);
    assert_eq!(exit, 7, "{document}");
    assert!(document["damaged"][0]["reason"].as_str().unwrap().contains("no keeper"), "{document}");
    for _ in 0..2 {
        world.devices[0].home.done(&["prune", "--grace", "0d"]);
    }
    world.check();
}

#[test]
fn a_former_keeper_is_believed_as_far_as_a_present_one_vouches() {
    let mut world = printer_with(4);
    world.join("laptop");
    let ids: Vec<_> = world.devices.iter().map(|d| d.open().device.id).collect();
    roster(&world, 0, &[(ids[2], Role::MayDelete)]);
    world.devices[0].home.done(&["forget", "ender:1"]);
    world.sync(0);
    world.sync(2);
    // the laptop sees that note and vouches for it with its own
    world.devices[2].home.done(&["snapshots", "pin", "ender:2"]);
    world.sync(2);
    world.sync(0);
    world.devices[0].home.done(&["forget", "ender:3"]);
    world.sync(0);
    roster(&world, 0, &[(ids[0], Role::AppendOnly)]);
    world.sync(2);
    let book = DeletionNotes::read(&world.devices[2].open()).unwrap();
    assert!(book.is_forgotten(&ids[1], 1) && book.is_pinned(&ids[1], 2) && !book.is_forgotten(&ids[1], 3));
    assert_eq!(book.refused().len(), 1);
    assert_eq!(book.newest().map(|Seen { number, .. }| number).max(), Some(1));
}

#[test]
fn a_chain_of_heads_with_another_gap_is_told() {
    let world = printer_with(4);
    let keeper = &world.devices[0];
    keeper.home.done(&["forget", "ender:2"]);
    world.forgotten(1, &[2]);
    for _ in 0..2 {
        keeper.home.done(&["prune", "--grace", "0d"]);
    }
    keeper.home.done(&["check", "--store", "store"]);
    // a head that nobody forgot is missing, and so is one that was forgotten by another hash
    let heads: Vec<_> = world.objects().into_iter().filter(|name| name.starts_with("heads/")).collect();
    let third = heads.iter().find(|name| name.ends_with("3")).unwrap();
    let path = world.account().join(third);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(keeper.home.run(&["check", "--store", "store"]).0, 7);
    let account = keeper.open();
    let device = world.devices[1].open().device.id;
    let book = DeletionNotes::read(&account).unwrap();
    let last = book.newest().find(|seen| seen.device == account.device.id).unwrap();
    keeper.forge(&account, vec![Statement::Forget(device, 3, ObjectHash::from_bytes([7; 32]))], last.number + 1, last.hash);
    let (exit, document) = keeper.home.run(&["check", "--store", "store"]);
    assert_eq!(exit, 7, "{document}");
    assert!(document["damaged"].to_string().contains("does not follow"), "{document}");
    std::fs::write(&path, bytes).unwrap();
}

/// Stopped after every step there is, nothing is lost, and running it again ends where one run would have.
#[test]
fn a_prune_stopped_at_every_step_loses_no_chunk() {
    let world = printer_with(6);
    world.devices[0].home.done(&["forget", "ender:2", "ender:3", "ender:5"]);
    world.forgotten(1, &[2, 3, 5]);
    let mut steps = 0;
    loop {
        let cancel = Cancel::default();
        let seen = AtomicUsize::new(0);
        let on_event = |event: Event<'_>| {
            if is_step(&event) && seen.fetch_add(1, Ordering::Relaxed) >= steps {
                cancel.cancel();
            }
        };
        let done = world.devices[0].prune(&world.keyring, 0, &on_event, &cancel);
        match done {
            Err(EngineError::Cancelled) => {}
            Ok(done) if done.removed.iter().all(|(_, count, _)| *count == 0) && done.marked == 0 && done.repacked.packs == 0 => {
                break;
            }
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
        world.check_fast();
        if steps % 7 == 0 {
            world.check();
        }
        steps += 1;
        assert!(steps < 400);
    }
    assert!(steps > 10, "{steps}");
    assert_eq!(world.heads(), 3);
    world.check();
    world.devices[0].home.done(&["check", "--read-data"]);
}

/// A printer that has not heard of the marks leans on packs that are about to go.
fn late_printer() -> World {
    let world = printer_with(4);
    world.devices[0].home.done(&["forget", "--keep-last", "1"]);
    world.forgotten(1, &[1, 2, 3]);
    world.devices[0].home.done(&["prune", "--grace", "7d"]);
    world.put_back(1, 1);
    world.backup(1);
    world
}

fn is_step(event: &Event<'_>) -> bool {
    matches!(event, Event::FileDone | Event::Phase(_))
}

/// The printer syncs in the middle of a prune, at every step there is.
#[test]
fn a_snapshot_that_is_sent_in_the_middle_of_a_prune_comes_back() {
    let world = late_printer();
    let saved = world.save();
    for at in 0.. {
        world.begin_again(&saved);
        let seen = AtomicUsize::new(0);
        let on_event = |event: Event<'_>| {
            if is_step(&event) && seen.fetch_add(1, Ordering::SeqCst) == at {
                let (exit, document) = world.devices[1].home.run(&["sync"]);
                assert!(exit == 0 || exit == 3, "{document}");
                world.take_sent(1);
            }
        };
        world.devices[0].prune(&world.keyring, 0, &on_event, &Cancel::default()).unwrap();
        world.check();
        if seen.load(Ordering::SeqCst) <= at {
            assert!(at > 5, "{at}");
            return;
        }
        world.sync_or_retry(1);
        world.check();
    }
}

/// A whole prune happens in the middle of the printer's sync, at every step there is.
#[test]
fn a_sync_with_a_prune_in_its_middle_leaves_a_whole_store() {
    let world = late_printer();
    let saved = world.save();
    for at in 0.. {
        world.begin_again(&saved);
        let seen = AtomicUsize::new(0);
        let on_event = |event: Event<'_>| {
            if is_step(&event) && seen.fetch_add(1, Ordering::SeqCst) == at {
                world.devices[0].home.done(&["prune", "--grace", "0d"]);
            }
        };
        let report = world.devices[1].sync(&on_event);
        world.take_sent(1);
        let happened = seen.load(Ordering::SeqCst) > at;
        assert!(report.failed.is_empty() || happened, "{:?}", report.failed);
        world.check();
        if !happened {
            assert!(at > 2, "{at}");
            return;
        }
    }
}

#[test]
fn what_is_needed_of_a_mostly_dead_pack_moves_and_is_found() {
    let world = World::new(&["ender"]);
    world.fill(1, 12);
    world.backup(1);
    // two of twelve files stay
    world.shrink(1, 2);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    let before = world.bytes();
    let keeper = &world.devices[0].home;
    keeper.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    let kit = keeper.path.join("recovery-kit.txt");
    let moved = std::fs::read(&kit).unwrap();
    std::fs::remove_file(&kit).unwrap();
    let without = keeper.done(&["prune", "--grace", "0d"]);
    assert_eq!(without["repack"]["packs"], 0, "{without}");
    std::fs::write(&kit, moved).unwrap();
    let done = keeper.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64().unwrap() > 0, "{done}");
    world.check();
    keeper.done(&["prune", "--grace", "0d"]);
    world.check();
    assert!(world.bytes() * 2 < before, "{before} {}", world.bytes());
    // nothing is left to do, and the printer goes on
    let idle = keeper.done(&["prune", "--grace", "0d"]);
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
    let (keeper, printer) = (&world.devices[0].home, &world.devices[1].home);
    world.fill(1, 12);
    // until they are old enough to be known as unchanged by their times: what is read again is stored again under new keys
    while printer.backup()["read"] != 0 {}
    world.backup(1);
    world.sync(1);
    keeper.done(&["key", "rotate"]);
    (0..2).for_each(|device| world.sync(device));
    world.add(1, 12..24);
    world.backup(1);
    // two of the first twelve files stay and two of the others
    (2..12).chain(14..24).for_each(|n| std::fs::remove_file(printer.data.join(format!("{n}.bin"))).unwrap());
    world.backup(1);
    world.sync(1);
    world.sync(0);
    let before = world.bytes();
    world.take_forgotten(&keeper.done(&["forget", "--keep-last", "1"]));
    keeper.done(&["prune", "--grace", "0d", "--repack-below", "0%"]);
    let done = keeper.done(&["prune", "--grace", "0d"]);
    assert_eq!((done["repacked"]["packs"].as_u64(), &done["repacked"]["left"]), (Some(2), &0.into()), "{done}");
    world.check();
    keeper.done(&["prune", "--grace", "0d"]);
    assert!(world.bytes() * 2 < before, "{before} {}", world.bytes());
    world.check();
    world.sync(1);
    printer.done(&["prune", "--grace", "0d"]);
    for home in [keeper, printer] {
        home.done(&["check", "--read-data"]);
    }
    // what moved is moved again, and the printer goes on
    std::fs::remove_file(printer.data.join("0.bin")).unwrap();
    world.change(1, 3);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    world.take_forgotten(&keeper.done(&["forget", "--keep-last", "1"]));
    for _ in 0..3 {
        keeper.done(&["prune", "--grace", "0d", "--repack-below", "90%"]);
    }
    world.check();
}

/// A repack that was cut off before it said where things moved leaves packs that the next one uses: nobody says that they go.
#[test]
fn what_a_repack_that_was_cut_off_left_over_is_not_said_to_go_when_it_is_used() {
    let world = World::new(&["ender"]);
    world.fill(1, 12);
    world.backup(1);
    world.shrink(1, 2);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    let keeper = &world.devices[0];
    keeper.home.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    keeper.home.done(&["prune", "--grace", "0d", "--repack-below", "0%"]);
    let (cancel, repacks) = (Cancel::default(), AtomicBool::new(false));
    let on_event = |event: Event<'_>| {
        repacks.fetch_or(matches!(event, Event::Phase(Phase::Repacking)), Ordering::Relaxed);
        if repacks.load(Ordering::Relaxed) && matches!(event, Event::FileDone) {
            cancel.cancel();
        }
    };
    assert!(matches!(keeper.prune(&world.keyring, 0, &on_event, &cancel), Err(EngineError::Cancelled)));
    assert!(repacks.load(Ordering::Relaxed));
    let done = keeper.home.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64() > Some(0) && done["repacked"]["written_bytes"] == 0, "used, not written: {done}");
    assert_eq!(DeletionNotes::read(&keeper.open()).unwrap().all_going().filter(|id| is_there(&world, id)).count(), 0);
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
    let world = World::new(&["ender"]);
    world.fill(1, 12);
    world.backup(1);
    world.shrink(1, 2);
    world.backup(1);
    world.sync(1);
    world.sync(0);
    let keeper = &world.devices[0].home;
    keeper.done(&["forget", "ender:1"]);
    world.forgotten(1, &[1]);
    // the first takes the head, the second moves what the other needs
    keeper.done(&["prune", "--grace", "0d"]);
    let done = keeper.done(&["prune", "--grace", "0d"]);
    assert!(done["repacked"]["packs"].as_u64().unwrap() > 0, "{done}");
    // the printer has not heard of it, and all twelve files are there again
    world.put_back(1, 1);
    world.backup(1);
    keeper.done(&["prune", "--grace", "0d"]);
    world.sync_or_retry(1);
    world.check();
    for _ in 0..3 {
        keeper.done(&["prune", "--grace", "0d"]);
    }
    world.check();
    world.sync(1);
    world.devices[1].home.done(&["check", "--read-data"]);
}

#[derive(Debug, Clone)]
enum Step {
    Backup(usize),
    Sync(usize),
    Forget(u32),
    Prune,
    PruneOwn(usize),
    PutBack(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..3).prop_map(Step::Backup),
        4 => (0usize..3).prop_map(Step::Sync),
        2 => (1u32..4).prop_map(Step::Forget),
        4 => Just(Step::Prune),
        1 => (0usize..3).prop_map(Step::PruneOwn),
        1 => (1usize..3).prop_map(Step::PutBack),
    ]
}

fn cases() -> u32 {
    std::env::var("PRINTKEEP_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// Three devices back up, sync, forget and prune in any order: every snapshot in the store that was not forgotten comes back from it.
#[test]
fn in_any_order_every_snapshot_that_was_not_forgotten_comes_back() {
    let rounds = Cell::new(0);
    let config = ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() };
    proptest!(config, |(steps in proptest::collection::vec(step(), 12..24))| {
        let world = World::new(&["ender", "voron"]);
        let mut round = rounds.get();
        for step in &steps {
            round += 1;
            match step {
                Step::Backup(device) => {
                    world.change(*device, round);
                    world.backup(*device);
                }
                Step::PutBack(device) => {
                    world.put_back(*device, 1);
                    world.backup(*device);
                }
                Step::Sync(device) => world.sync_or_retry(*device),
                Step::Forget(last) => {
                    let (exit, done) = world.devices[0].home.run(&["forget", "--keep-last", &last.to_string()]);
                    prop_assert_eq!(exit, 0, "{}", done);
                    world.take_forgotten(&done);
                }
                Step::Prune => {
                    world.devices[0].home.done(&["prune", "--grace", "0d"]);
                }
                Step::PruneOwn(device) => {
                    world.devices[*device].home.done(&["prune", "--grace", "0d"]);
                }
            }
            if matches!(step, Step::Sync(_) | Step::Prune) {
                world.check_fast();
            }
        }
        (0..3).for_each(|device| world.sync_or_retry(device));
        world.check();
        rounds.set(round);
    });
}
