//! Working while the account's keys and its list of devices are changed beside it, on this machine or by another device through the store: the run
//! takes the new ones and goes on, and calls nothing damaged.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use printkeep::app::{Exit, Failure};
use printkeep::core::keys::Keyring;
use printkeep::core::name::ObjectName;
use printkeep::core::random::Random;
use printkeep::core::seal::Refused;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::check::verify;
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::chunk_reader::ChunkReader;
use printkeep::engine::repository::deletion_notes::DeletionNotes;
use printkeep::engine::repository::read_order::ReadOrder;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::repository::snapshot::Snapshot;
use printkeep::engine::repository::snapshots;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull, Report};
use printkeep::engine::{Cancel, EngineError};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::recovery_kit::Kit;
use printkeep::local::work_lock::{Waiting, WorkKind};
use printkeep::provider::Provider;
use printkeep::provider::folder::Folder;

use crate::support::job::{JobTools, comes_back};
use crate::support::meanwhile::Meanwhile;
use crate::support::old_states::World;
use crate::support::program::{Home, noise};

fn at(home: &Home) -> printkeep::local::home::Home {
    printkeep::local::home::Home::at(home.path.clone())
}

fn account(home: &Home) -> Account {
    let name = at(home).accounts().unwrap().remove(0);
    Account::open_read_only(&at(home), name, Clock::SYSTEM).unwrap()
}

fn writer(home: &Home) -> AccountWriter {
    let (name, random) = (at(home).accounts().unwrap().remove(0), SystemRandom::new());
    let tools = (&random as &dyn Random, Clock::SYSTEM);
    AccountWriter::open(&at(home), name, WorkKind::Small, &Waiting::no(), tools).unwrap()
}

fn keyring(world: &World, account: &Account) -> Keyring {
    let (_, secret) = Kit::parse(&fs::read_to_string(world.kit()).unwrap()).unwrap();
    unlock(account, &Key::Kit(secret)).unwrap()
}

/// New keys, and under them a list of devices, a snapshot and a note of what goes.
fn change(home: &Home, kit: &str, seed: u64) {
    let kit = ["--recovery-kit", kit];
    let named = |name: &str| home.done(&["device", "rename", &own(home), name, kit[0], kit[1]]);
    home.done(&["key", "rotate", kit[0], kit[1]]);
    named(&format!("anna-{seed}"));
    fs::write(home.data.join("new.jpg"), noise(seed, 100_000)).unwrap();
    home.backup();
    home.done(&["snapshots", "tag", "latest", &format!("tag-{seed}")]);
}

fn own(home: &Home) -> String {
    let listed = home.done(&["device", "list"]);
    let mut devices = listed["devices"].as_array().unwrap().iter();
    devices.find(|device| device["this"] == true).unwrap()["name"].as_str().unwrap().to_owned()
}

/// One device that may delete, whose backup lies in a store too.
fn world(devices: usize) -> World {
    let world = World::new(devices);
    for device in ["anna", "bert", "carl"].iter().take(devices) {
        world.homes[0].done(&["device", "allow-delete", device, "--recovery-kit", &world.kit()]);
    }
    (0..devices).for_each(|at| world.well(at));
    world
}

/// A sync of an account that was opened before, with a store in which something happens meanwhile.
fn synced(mut account: AccountWriter, store: Box<dyn Provider>) -> Result<Report, EngineError> {
    let cancel = Cancel::default();
    let mut chunk_index = ChunkIndex::open(&account).unwrap();
    let remote = Remote::new("store", store, &Runtime::new(&cancel));
    sync::sync(&mut account, &mut chunk_index, &remote, Pull::All, JobTools::new(&cancel).job(&|_| {}))
}

fn folder(world: &World) -> Folder {
    Folder::open(&world.store, account(&world.homes[0]).id()).unwrap()
}

fn is_whole(report: &Report) {
    assert_eq!((&report.store_problems, &report.failed, &report.waiting), (&vec![], &vec![], &vec![]));
    assert_eq!(report.stopped, None);
}

/// In each of these moments of a sync.
const MOMENTS: [fn(&ObjectName) -> bool; 2] =
    [|name| matches!(name, ObjectName::Roster(_)), |name| matches!(name, ObjectName::Slot(_))];

#[test]
fn a_sync_goes_on_with_keys_that_are_made_on_this_machine_meanwhile() {
    let world = Arc::new(world(1));
    for (moment, seed) in MOMENTS.into_iter().zip(50..) {
        let changed = world.clone();
        let happens = move || change(&changed.homes[0], &changed.kit(), seed);
        let before = writer(&world.homes[0]);
        is_whole(&synced(before, Box::new(Meanwhile::new(folder(&world), moment, happens))).unwrap());
    }
    // and where they were made between the opening and the first look
    let before = writer(&world.homes[0]);
    change(&world.homes[0], &world.kit(), 60);
    is_whole(&synced(before, Box::new(folder(&world))).unwrap());
    world.homes[0].done(&["device", "rename", "anna-60", "anna", "--recovery-kit", &world.kit()]);
    world.well(0);
    for args in [&["check", "--read-data"][..], &["check", "--store", "store", "--read-data"]] {
        world.homes[0].done(&[args, &["--recovery-kit", &world.kit()]].concat());
    }
    world.restores(0);
}

/// The new list, and what the other device sent after it, are listed; the keys that open them came after the keys were.
#[test]
fn a_sync_takes_keys_that_another_device_makes_while_the_store_is_listed() {
    let world = Arc::new(world(2));
    for (listed, seed) in ["roster", "index", "slots", "heads"].into_iter().zip(70..) {
        let changed = world.clone();
        let happens = move || {
            change(&changed.homes[0], &changed.kit(), seed);
            changed.homes[0].done(&["sync"]);
        };
        let before = writer(&world.homes[1]);
        is_whole(&synced(before, Box::new(Meanwhile::listing(folder(&world), listed, happens))).unwrap());
        let generation = |home: &Home| home.done(&["device", "list"])["generation"].as_u64().unwrap();
        assert_eq!(generation(&world.homes[1]), generation(&world.homes[0]), "{listed}");
    }
    (0..2).for_each(|at| world.well(at));
    world.homes[1].done(&["check", "--store", "store", "--read-data", "--recovery-kit", &world.kit()]);
}

#[test]
fn a_sync_goes_on_where_a_device_is_revoked_meanwhile() {
    for by in [0, 1] {
        let world = Arc::new(world(3));
        let changed = world.clone();
        let happens = move || {
            changed.homes[by].done(&["device", "revoke", "carl", "--yes", "--recovery-kit", &changed.kit()]);
            change(&changed.homes[by], &changed.kit(), 80);
            changed.homes[by].done(&["sync"]);
        };
        let before = writer(&world.homes[0]);
        is_whole(&synced(before, Box::new(Meanwhile::listing(folder(&world), "roster", happens))).unwrap());
        (0..2).for_each(|at| world.well(at));
    }
}

#[test]
fn a_reader_reads_on_what_was_sealed_under_keys_that_came_since_it_began() {
    let world = world(1);
    let home = &world.homes[0];
    let account = account(home);
    let (keyring, chunk_index) = (keyring(&world, &account), ChunkIndex::open(&account).unwrap());
    let reader = ChunkReader::new(&chunk_index, ReadOrder::vault_only(&account), &keyring, account.device.id);
    // twice, so that the second keys are opened with the first, which this reader never saw
    (90..92).for_each(|seed| change(home, &world.kit(), seed));
    let (all, refused) = snapshots::snapshots(&account).unwrap();
    assert_eq!((all.len(), refused), (3, vec![]));
    assert_eq!(DeletionNotes::read(&account).unwrap().refused(), &[]);
    assert_eq!(ChunkIndex::open(&account).unwrap().index_count(), 3);
    let newest = snapshots::choose(&account, "latest").unwrap();
    let snapshot = Snapshot::open(&reader, newest.head).unwrap();
    comes_back(home, &reader, &snapshot);
}

#[test]
fn a_check_with_the_owners_keys_opens_what_later_ones_seal_and_calls_nothing_damaged() {
    let world = Arc::new(world(1));
    let changed = world.clone();
    let happens = move || {
        (93..95).for_each(|seed| change(&changed.homes[0], &changed.kit(), seed));
        changed.homes[0].done(&["sync"]);
    };
    let account = account(&world.homes[0]);
    let keyring = keyring(&world, &account);
    let verified = |store: Box<dyn Provider>| {
        let tools = JobTools::new(&Cancel::default());
        let remote = Remote::new("store", store, &Runtime::new(&Cancel::default()));
        let none = BTreeMap::new();
        let request =
            verify::Request { read_data: true, known: &none, keyring: Some(&keyring), store: true, elsewhere: &BTreeMap::new };
        verify::verify(&account, &remote, &request, tools.job(&|_| {})).unwrap()
    };
    assert_eq!(verified(Box::new(Meanwhile::listing(folder(&world), "roster", happens))).problems, []);
    // an account and keys that were read before all of it
    let report = verified(Box::new(folder(&world)));
    assert_eq!((report.problems, report.opened), (vec![], 3));
}

/// What is sealed under keys that nobody gave this device says nothing of damage.
#[test]
fn an_object_under_keys_that_are_not_here_is_no_damage() {
    let failure = Failure::from(EngineError::Object { name: ObjectName::Roster(7), why: Refused::NoKey });
    assert_eq!((failure.exit, &*failure.message.id), (Exit::Busy, "keys-changed"));
    let failure = Failure::from(EngineError::Object { name: ObjectName::Roster(7), why: Refused::Changed });
    assert_eq!(failure.exit, Exit::Damaged);
}
