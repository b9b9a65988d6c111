//! The road out and home, through the library: what is backed up comes back byte for byte.

use printkeep::core::slot::Cost;
use printkeep::engine::account::{AccountWriter, NewAccount};
use printkeep::engine::backup::{self, Profile};
use printkeep::engine::entries::Snapshot;
use printkeep::engine::fetch::Fetcher;
use printkeep::engine::observe::{Root, Rules};
use printkeep::engine::places::Places;
use printkeep::engine::unlock::{Key, unlock};
use printkeep::engine::{Cancel, restore, select};
use printkeep::store::entropy::SystemRandom;
use printkeep::store::home::{AccountName, Home};

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
        profile: Profile::pc(),
        time: 5,
        count_first: true,
    };
    let quiet = |e: printkeep::engine::Event<'_>| println!("{e:?}");
    let report = backup::backup(&mut account, &request, &random, &quiet, &Cancel::default()).unwrap();
    println!("{report:?}");
    let keyring = unlock(&account, &Key::Kit(kit)).unwrap();
    let catalog = printkeep::engine::catalog::Catalog::open(&account).unwrap();
    let fetcher = Fetcher::new(&catalog, Places::vault_only(&account), &keyring, account.device.id);
    let info = select::choose(&account, "latest").unwrap();
    let snapshot = Snapshot::open(&fetcher, info.head).unwrap();
    let to = dir.path().join("out");
    let request = restore::Request {
        paths: vec![],
        to: to.clone(),
        place: restore::Place::Labelled,
        replace: restore::Replace::Older,
        workers: 2,
    };
    let report = restore::restore(&fetcher, &snapshot, &request, &quiet, &Cancel::default()).unwrap();
    println!("{report:?}");
    let same =
        std::process::Command::new("diff").arg("-r").arg("--no-dereference").arg(&src).arg(to.join("data")).status().unwrap();
    assert!(same.success());
}
