//! The road out and home, through the library: what is backed up comes back byte for byte.

use printkeep::core::slot::Cost;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{AccountWriter, NewAccount};
use printkeep::engine::backup::scan::{Root, Rules};
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::chunk_reader::ChunkReader;
use printkeep::engine::repository::read_order::ReadOrder;
use printkeep::engine::repository::snapshot::Snapshot;
use printkeep::engine::repository::snapshots;
use printkeep::engine::{Cancel, backup, restore};
use printkeep::local::home::{AccountName, Home};
use printkeep::local::os_random::SystemRandom;

use crate::support::job::JobTools;

#[test]
fn out_and_home() {
    let dir = tempfile::tempdir().unwrap();
    let src = dir.path().join("data");
    std::fs::create_dir_all(src.join("a/b")).unwrap();
    std::fs::write(src.join("a/x.gcode"), "G1 X1 Y1\n".repeat(500_000)).unwrap();
    std::fs::write(src.join("a/b/empty"), "").unwrap();
    std::fs::write(src.join("a/copy.gcode"), "G1 X1 Y1\n".repeat(500_000)).unwrap();
    std::os::unix::fs::symlink("../x", src.join("a/link")).unwrap();
    let random = SystemRandom::new();
    let home = Home::at(dir.path().join("home"));
    let new = NewAccount {
        home: &home,
        name: AccountName::parse("default").unwrap(),
        clock: Clock::SYSTEM,
        device_name: "pc".into(),
        passphrase: None,
        cost: Cost::PRINTER,
        kit_account: None,
    };
    let (mut account, kit) = AccountWriter::create(new, &random).unwrap();
    account.settle().unwrap();
    let request = backup::Request {
        roots: vec![Root {
            label: b"data".to_vec(),
            path: src.clone(),
            rules: Rules::everything(&src),
            no_credentials: false,
            since: None,
        }],
        skip: vec![],
        count_first: true,
    };
    let tools = JobTools::new(&Cancel::default());
    let quiet = |e: printkeep::engine::Event<'_>| println!("{e:?}");
    let report = backup::backup(&mut account, &request, tools.job(&quiet)).unwrap();
    println!("{report:?}");
    let keyring = unlock(&account, &Key::Kit(kit)).unwrap();
    let chunk_index = printkeep::engine::repository::chunk_index::ChunkIndex::open(&account).unwrap();
    let reader = ChunkReader::new(&chunk_index, ReadOrder::vault_only(&account), &keyring, account.device.id);
    let info = snapshots::choose(&account, "latest").unwrap();
    let snapshot = Snapshot::open(&reader, info.head).unwrap();
    let to = dir.path().join("out");
    let request = restore::Request {
        paths: vec![],
        to: to.clone(),
        place: restore::Place::Labelled,
        replace: restore::Replace::Older,
        owners: restore::Owners::OfFolder,
        workers: 2,
    };
    let report = restore::restore(&reader, &snapshot, &request, tools.job(&quiet)).unwrap();
    println!("{report:?}");
    let same =
        std::process::Command::new("diff").arg("-r").arg("--no-dereference").arg(&src).arg(to.join("data")).status().unwrap();
    assert!(same.success());
}
