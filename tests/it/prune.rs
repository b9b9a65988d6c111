//! Devices that may delete let snapshots go, and nothing goes that another snapshot needs: two or three homes over one store, pruned, killed at every
//! step, and interleaved with backups and syncs of others.
//!
//! `PRINTKEEP_CASES` says how many random histories are tried.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::world::{World, printer_with};
use printkeep::core::deletion_note::Statement;
use printkeep::core::name::ObjectHash;
use printkeep::engine::repository::deletion_notes::DeletionNotes;
use printkeep::engine::{Cancel, Event};
use proptest::prelude::*;

#[test]
fn what_is_forgotten_goes_after_the_grace_period_and_the_rest_comes_back() {
    let world = printer_with(5);
    let before = world.bytes();
    let pc = &world.devices[0].home;
    let tried = pc.done(&["forget", "--keep-last", "2", "--dry-run"]);
    assert_eq!((tried["forgotten"].as_u64(), tried["kept"].as_u64()), (Some(3), Some(2)), "{tried}");
    assert_eq!(pc.done(&["snapshots"])["snapshots"].as_array().unwrap().iter().filter(|s| s["forgotten"] == true).count(), 0);
    pc.done(&["forget", "--keep-last", "2"]);
    world.forgotten(1, &[1, 2, 3]);
    // the first run marks, one within the grace period removes nothing
    let cost = pc.done(&["prune", "--dry-run"]);
    assert!(cost["plan"][1]["requests"].as_u64().unwrap() > 0, "{cost}");
    for _ in 0..2 {
        let done = pc.done(&["prune"]);
        assert!(done["removed"].as_array().unwrap().iter().all(|place| place["objects"] == 0), "{done}");
    }
    let status = pc.run(&["status"]).1;
    assert_eq!(status["prunable"]["snapshots"], 3, "{status}");
    assert!(status["prunable"]["marked"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(world.heads(), 5);
    world.check();
    // later
    pc.done(&["prune", "--grace", "0d"]);
    assert_eq!(world.heads(), 2);
    for _ in 0..2 {
        pc.done(&["prune", "--grace", "0d"]);
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

/// Whoever reads what a prune would free decides by it.
#[test]
fn status_says_what_a_prune_frees_as_the_prune_itself_reckons_it() {
    let world = printer_with(5);
    let pc = &world.devices[0].home;
    let agree = || {
        let vault = pc.done(&["prune", "--dry-run"])["plan"][0].clone();
        let said = pc.run(&["status"]).1["prunable"].clone();
        let both = |one: &serde_json::Value, now: &str| [now, "later_bytes"].map(|field| one[field].as_u64().unwrap());
        assert_eq!(both(&said, "bytes"), both(&vault, "remove_bytes"), "{said} {vault}");
        both(&said, "bytes").iter().sum::<u64>()
    };
    assert_eq!(agree(), 0);
    pc.done(&["forget", "--keep-last", "2"]);
    assert!(agree() > 0);
    pc.done(&["prune"]);
    assert!(agree() > 0);
    for _ in 0..3 {
        pc.done(&["prune", "--grace", "0d"]);
        agree();
    }
    assert_eq!(agree(), 0, "everything went");
}

#[test]
fn a_chain_of_heads_with_another_gap_is_told() {
    let world = printer_with(4);
    let pc = &world.devices[0];
    pc.home.done(&["forget", "ender:2"]);
    world.forgotten(1, &[2]);
    for _ in 0..2 {
        pc.home.done(&["prune", "--grace", "0d"]);
    }
    pc.home.done(&["check", "--store", "store"]);
    // a head that nobody forgot is missing, and so is one that was forgotten by another hash
    let heads: Vec<_> = world.objects().into_iter().filter(|name| name.starts_with("heads/")).collect();
    let third = heads.iter().find(|name| name.ends_with("3")).unwrap();
    let path = world.account().join(third);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(pc.home.run(&["check", "--store", "store"]).0, 7);
    let account = pc.open();
    let device = world.devices[1].open().device.id;
    let notes = DeletionNotes::read(&account).unwrap();
    let last = notes.newest().find(|seen| seen.device == account.device.id).unwrap();
    pc.forge(&account, vec![Statement::Forget(device, 3, ObjectHash::from_bytes([7; 32]))], last.number + 1, last.hash);
    let (exit, document) = pc.home.run(&["check", "--store", "store"]);
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
            Err(error) if error.is_stop() => {}
            Ok(done) => {
                assert!(done.skipped.is_empty(), "a stop is no failure of the store");
                if done.removed.iter().all(|(_, count, _)| *count == 0) && done.marked == 0 && done.repacked.packs == 0 {
                    break;
                }
            }
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
