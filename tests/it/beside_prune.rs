//! Reading while others write, and a prune takes away what was there when the reading began: nothing that is needed is missed, and nothing is called
//! damaged that only came or went.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};

use printkeep::app::prompt::Nobody;
use printkeep::app::reply::Body;
use printkeep::app::{Event, Request, Session, perform};
use printkeep::consent::Surface;
use printkeep::core::keys::Keyring;
use printkeep::core::name::ObjectName;
use printkeep::core::random::Random;
use printkeep::engine::Cancel;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::check::verify;
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::chunk_reader::ChunkReader;
use printkeep::engine::repository::read_order::ReadOrder;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::repository::snapshot::Snapshot;
use printkeep::engine::repository::snapshots;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull, tamper};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::recovery_kit::Kit;
use printkeep::local::work_lock::{Waiting, WorkKind};
use printkeep::provider::folder::Folder;
use serde_json::json;

use crate::support::job::{JobTools, comes_back};
use crate::support::meanwhile::Meanwhile;
use crate::support::program::{Home, noise};

/// Two snapshots, of which the second needs every third file of each pack, here and in a folder.
fn home() -> (Home, PathBuf) {
    let home = Home::new();
    let file = |n: u64| home.data.join(format!("{n:02}.jpg"));
    (0..30).for_each(|n| fs::write(file(n), noise(n, 700_000)).unwrap());
    home.backup();
    (0..30).filter(|n| n % 3 != 0).for_each(|n| fs::remove_file(file(n)).unwrap());
    home.backup();
    let store = home.folder.path().join("nas");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    let device = home.done(&["device", "list"])["devices"][0]["name"].as_str().unwrap().to_owned();
    home.done(&["device", "allow-delete", &device]);
    home.done(&["sync"]);
    (home, store)
}

/// Forgets the first snapshot and removes what only it needs, until nothing waits any more.
fn prune(home: &Home) {
    home.done(&["forget", "--keep-last", "1"]);
    let pruned = |_| home.done(&["prune", "--grace", "0d"])["repacked"]["packs"].as_u64().unwrap();
    let rewritten: u64 = (0..4).map(pruned).sum();
    assert!(rewritten > 0, "no pack was written anew");
}

fn account(home: &Home) -> Account {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = at.accounts().unwrap().remove(0);
    Account::open_read_only(&at, name, Clock::SYSTEM).unwrap()
}

fn keyring(home: &Home, account: &Account) -> Keyring {
    let (_, secret) = Kit::parse(&fs::read_to_string(home.path.join("recovery-kit.txt")).unwrap()).unwrap();
    unlock(account, &Key::Kit(secret)).unwrap()
}

#[test]
fn a_restore_reads_on_where_a_prune_moved_what_it_needs() {
    let (home, _) = home();
    let account = account(&home);
    let keyring = keyring(&home, &account);
    let chunk_index = ChunkIndex::open(&account).unwrap();
    let reader = ChunkReader::new(&chunk_index, ReadOrder::vault_only(&account), &keyring, account.device.id);
    let snapshot = Snapshot::open(&reader, snapshots::choose(&account, "2").unwrap().head).unwrap();
    let before = home.objects();
    prune(&home);
    assert!(before.iter().any(|name| name.starts_with("packs/") && !home.vault().join(name).exists()), "no pack went");
    comes_back(&home, &reader, &snapshot);
}

#[test]
fn a_snapshot_that_came_since_the_index_was_read_is_read() {
    let (home, _) = home();
    let account = account(&home);
    let keyring = keyring(&home, &account);
    let chunk_index = ChunkIndex::open(&account).unwrap();
    let reader = ChunkReader::new(&chunk_index, ReadOrder::vault_only(&account), &keyring, account.device.id);
    fs::write(home.data.join("new.jpg"), noise(77, 700_000)).unwrap();
    home.backup();
    let snapshot = Snapshot::open(&reader, snapshots::choose(&account, "3").unwrap().head).unwrap();
    assert!(snapshot.entries().all(|entry| entry.is_ok()));
}

#[test]
fn a_store_is_tried_with_the_newest_snapshot_that_it_has() {
    let (home, _) = home();
    fs::write(home.data.join("new.jpg"), noise(78, 700_000)).unwrap();
    home.backup();
    let tried = home.done(&["check", "--store", "nas", "--try-restore", "20"]);
    assert_eq!(tried["tried"]["snapshot"], 2, "{tried}");
    assert_eq!(home.done(&["check", "--try-restore", "20"])["tried"]["snapshot"], 3);
}

#[test]
fn a_check_judges_by_what_the_account_says_now() {
    let (home, store) = home();
    let home = Arc::new(home);
    let changed = home.clone();
    let change = move || {
        let file = changed.folder.path().join("word");
        fs::write(&file, "a passphrase of quite another kind").unwrap();
        for _ in 0..2 {
            changed.done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap()]);
        }
        changed.done(&["sync"]);
    };
    change();
    // after the account was read, and before the store was listed
    let early = account(&home);
    change();
    assert_eq!(verified(&early, &store, || {}).problems, []);
    // and in the midst of it
    assert_eq!(verified(&account(&home), &store, change).problems, []);
}

#[test]
fn what_is_looked_for_in_a_snapshot_that_goes_meanwhile_is_found_in_those_that_stay() {
    let (home, _) = home();
    fs::write(home.data.join("new.jpg"), noise(79, 700_000)).unwrap();
    home.backup();
    let kit = home.path.join("recovery-kit.txt");
    let find = json!({ "command": "find", "pattern": ".jpg", "streamed": true, "unlock": { "recovery_kit": kit } });
    let request: Request = serde_json::from_value(find).unwrap();
    let (seen, once) = (Mutex::new(BTreeMap::<u64, u64>::new()), Once::new());
    let on_event = |event| {
        let Event::Found(found) = event else { return };
        *seen.lock().unwrap().entry(found.snapshot).or_default() += 1;
        once.call_once(|| prune(&home));
    };
    let session = Session::new(home.path.clone(), Surface::Page);
    let reply = perform(&session, request, &Nobody, &on_event, &Cancel::default()).unwrap();
    let Body::Find(found) = reply.body else { panic!("{reply:?}") };
    let seen = seen.into_inner().unwrap();
    assert_eq!((seen.get(&3), seen.get(&2)), (Some(&11), None), "{seen:?}");
    assert_eq!(found.count, seen.values().sum::<u64>());
}

#[test]
fn what_leaves_the_vault_while_a_sync_sends_is_missed_nowhere() {
    let (home, store) = home();
    (100..120).for_each(|n| fs::write(home.data.join(format!("{n}.jpg")), noise(n, 700_000)).unwrap());
    home.backup();
    (101..120).for_each(|n| fs::remove_file(home.data.join(format!("{n}.jpg"))).unwrap());
    home.backup();
    let before = home.objects();
    let home = Arc::new(home);
    let pruned = home.clone();
    let report = synced_beside(&home, &store, |name| matches!(name, ObjectName::Pack(_)), move || prune(&pruned));
    assert!(before.iter().any(|name| name.starts_with("packs/") && !home.vault().join(name).exists()), "no pack went");
    assert_eq!((report.failed, report.store_problems), (vec![], vec![]));
    home.done(&["sync"]);
    home.done(&["check", "--store", "nas", "--read-data"]);
}

/// A sync with a folder in which that happens as the first object of some kind goes there.
fn synced_beside(
    home: &Home,
    store: &Path,
    awaited: fn(&ObjectName) -> bool,
    happens: impl Fn() + Send + Sync + 'static,
) -> sync::Report {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = at.accounts().unwrap().remove(0);
    let random = SystemRandom::new();
    let mut account =
        AccountWriter::open(&at, name, WorkKind::Small, &Waiting::no(), (&random as &dyn Random, Clock::SYSTEM)).unwrap();
    let mut chunk_index = ChunkIndex::open(&account).unwrap();
    let provider = Meanwhile::new(Folder::open(store, account.id()).unwrap(), awaited, happens);
    let cancel = Cancel::default();
    let remote = Remote::new("nas", Box::new(provider), &Runtime::new(&cancel));
    sync::sync(&mut account, &mut chunk_index, &remote, Pull::All, JobTools::new(&cancel).job(&|_| {})).unwrap()
}

#[test]
fn a_store_is_accused_of_nothing_that_this_machine_did_since_it_was_looked_at() {
    let (home, store) = home();
    let early = account(&home);
    let examined = |account: &Account| {
        let folder = Folder::open(&store, account.id()).unwrap();
        let remote = Remote::new("nas", Box::new(folder), &Runtime::new(&Cancel::default()));
        tamper::examine(account, &remote).unwrap()
    };
    fs::write(home.data.join("new.jpg"), noise(80, 700_000)).unwrap();
    home.backup();
    home.done(&["sync"]);
    assert_eq!(examined(&early), []);
    // what is no doing of this machine is told
    let early = account(&home);
    let head = home.objects().into_iter().filter(|name| name.starts_with("heads/")).max().unwrap();
    fs::remove_file(store.join(home.vault().file_name().unwrap()).join(head)).unwrap();
    assert_ne!(examined(&early), []);
}

/// What a check of every byte says of a folder in which that happens meanwhile.
fn verified(account: &Account, store: &Path, happens: impl Fn() + Send + Sync + 'static) -> verify::Report {
    let tools = JobTools::new(&Cancel::default());
    let folder = Folder::open(store, account.id()).unwrap();
    let provider = Meanwhile::new(folder, |name| matches!(name, ObjectName::Pack(_)), happens);
    let remote = Remote::new("nas", Box::new(provider), &Runtime::new(&Cancel::default()));
    let request =
        verify::Request { read_data: true, known: &BTreeMap::new(), keyring: None, store: true, elsewhere: &BTreeMap::new };
    verify::verify(account, &remote, &request, tools.job(&|_| {})).unwrap()
}

#[test]
fn a_check_misses_nothing_that_a_prune_took_away_and_all_that_is_gone() {
    let (home, store) = home();
    let home = Arc::new(home);
    let pruned = home.clone();
    let report = verified(&account(&home), &store, move || prune(&pruned));
    assert_eq!(report.problems, []);
    // what went without a word is missing, however often it is looked for
    let pack = home.objects().into_iter().find(|name| name.starts_with("packs/")).unwrap();
    let lost = store.join(home.vault().file_name().unwrap()).join(pack);
    let report = verified(&account(&home), &store, move || fs::remove_file(&lost).unwrap());
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
}
