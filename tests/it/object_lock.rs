//! What a store keeps against its own credentials: locked objects that prune passes over, and earlier versions that undo what a thief did.

use crate::support::program::{Home, contents, noise};
use crate::support::server::{self, runtime};
use crate::support::shop::{keys, shop};
use printkeep::core::name::ObjectName;
use printkeep::provider::Provider;

#[test]
fn what_is_put_is_locked_and_prune_passes_over_it() {
    let shop = shop(&["--lock", "30d"]);
    let policy = shop.print_policy(&[]);
    assert!(policy.to_string().contains("s3:PutObjectRetention"));
    let (exit, told) = {
        shop.printer.backup();
        shop.printer.run(&["sync"])
    };
    assert!(exit == 6 && told.to_string().contains("was the bucket made with object lock?"), "{told}");
    assert!(shop.printer.run(&["store", "test"]).1.to_string().contains("was the bucket made with object lock?"));
    shop.server.gate.with_object_lock();
    shop.server.gate.puts.lock().unwrap().clear();
    shop.sync();
    let puts = std::mem::take(&mut *shop.server.gate.puts.lock().unwrap());
    let soon = jiff::Timestamp::now().as_second() + 30 * 86_400;
    assert!(puts.len() >= 3);
    for put in &puts {
        let until: jiff::Timestamp = put["x-amz-object-lock-retain-until-date"].to_str().unwrap().parse().unwrap();
        assert!(put["x-amz-object-lock-mode"] == "GOVERNANCE" && put.contains_key("content-md5") && put["if-none-match"] == "*");
        assert!((soon - 600..=soon).contains(&until.as_second()), "{until}");
    }
    std::fs::remove_file(shop.printer.data.join("printer-1.gcode")).unwrap();
    std::fs::write(shop.printer.data.join("other.bin"), noise(4, 500_000)).unwrap();
    shop.printer.backup();
    shop.sync();
    // the PC has the lock, too
    shop.pc.done(&["device", "allow-delete", "pc", "--recovery-kit", &shop.kit]);
    shop.pc.done(&["store", "set", "cloud", "--lock", "7d", "--lock-mode", "compliance"]);
    let told = shop.pc.done(&["store", "test"]);
    let holds = |check: &serde_json::Value| check["what"] == "lock-holds" && check["passed"] == true;
    assert!(told["stores"][0]["checks"].as_array().unwrap().iter().any(holds), "{told}");
    shop.pc.done(&["sync"]);
    shop.pc.done(&["forget", "ender:1"]);
    // what the first test left before there was a lock goes, in the second run
    (0..2).for_each(|_| drop(shop.pc.done(&["prune", "--grace", "0d", "--repack-below", "0"])));
    let before = shop.held("packs");
    let told = shop.pc.done(&["prune", "--grace", "0d", "--repack-below", "0"]);
    assert!(told["locked"][0]["objects"].as_u64().unwrap() > 0 && told["skipped"] == serde_json::json!([]), "{told}");
    assert!(told["locked"][0]["first_until"].as_str().unwrap().ends_with("UTC"));
    assert_eq!(shop.held("packs"), before);
    shop.server.gate.time_passes();
    let told = shop.pc.done(&["prune", "--grace", "0d", "--repack-below", "0"]);
    assert!(told["locked"] == serde_json::json!([]) && shop.held("packs").len() < before.len(), "{told}");
    shop.pc.done(&["check", "--store", "cloud"]);
    assert!(shop.server.gate.asked().iter().any(|line| line.starts_with("s3:DeleteObjectVersion")), "for good");
}

#[test]
fn what_a_thief_replaced_or_hid_comes_back_from_earlier_versions() {
    let shop = shop(&[]);
    shop.server.gate.with_versioning(&shop.server.data);
    shop.printer.backup();
    shop.sync();
    shop.pc.done(&["sync", "--pull", "metadata"]);
    let packs: Vec<ObjectName> = shop.printer.objects().iter().filter_map(|name| ObjectName::parse(name)).collect();
    let packs: Vec<_> = packs.into_iter().filter(|name| matches!(name, ObjectName::Pack(_))).collect();
    let (run, writer) = (runtime(), server::keys(shop.account()));
    let thief = shop.server.cloud("p", shop.account());
    for pack in &packs {
        // twice, so that the newest earlier version is none that helps
        run.block_on(thief.replaces(&server::sealed(&writer, *pack, 10))).unwrap();
        run.block_on(thief.replaces(&server::sealed(&writer, *pack, 20))).unwrap();
    }
    run.block_on(thief.remove(&packs[0])).unwrap();
    let to = tempfile::tempdir().unwrap();
    let restore = ["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &shop.kit];
    let told = shop.pc.done(&restore);
    assert!(contents(&to.path().join("data")) == contents(&shop.printer.data));
    assert_eq!(told["earlier"].as_array().unwrap().len(), packs.len(), "{told}");
    let told = shop.pc.done(&["check", "--repair"]);
    assert_eq!(told["repair"]["earlier"].as_array().unwrap().len(), packs.len(), "{told}");
    let to = tempfile::tempdir().unwrap();
    let restore = ["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &shop.kit];
    assert_eq!(shop.pc.done(&restore)["earlier"], serde_json::json!([]), "the vault has them now");
    // the same for what tells of the packs, where the owner's machine lost it at the same time
    let device = ObjectName::parse(shop.printer.objects().iter().find(|name| name.starts_with("heads/")).unwrap()).unwrap();
    let ObjectName::Head(device, _) = device else { unreachable!() };
    let small: Vec<ObjectName> = shop.pc.objects().iter().filter_map(|name| ObjectName::parse(name)).collect();
    let small: Vec<_> = small.into_iter().filter(|name| matches!(name, ObjectName::Index(by, _) if *by == device)).collect();
    assert!(!small.is_empty());
    for name in &small {
        run.block_on(thief.replaces(&server::sealed(&writer, *name, 10))).unwrap();
        std::fs::write(shop.pc.vault().join(name.to_string()), b"rot").unwrap();
    }
    run.block_on(thief.remove(&small[0])).unwrap();
    let told = shop.pc.done(&["check", "--repair"]);
    assert_eq!(told["repair"]["earlier"].as_array().unwrap().len(), small.len(), "{told}");
    shop.pc.done(&["check", "--read-data"]);
}

/// Somebody with all rights hides and replaces everything; all that is left is the kit, and the versions that the bucket kept.
#[test]
fn a_store_that_was_wiped_shows_again_what_it_showed_and_a_blank_machine_rescues() {
    let shop = shop(&[]);
    shop.server.gate.with_versioning(&shop.server.data);
    shop.printer.backup();
    shop.sync();
    shop.pc.done(&["sync"]);
    let then = jiff::Timestamp::now().to_string();
    let (run, writer) = (runtime(), server::keys(shop.account()));
    let thief = shop.server.cloud("p", shop.account());
    let names: Vec<ObjectName> = shop.pc.objects().iter().filter_map(|name| ObjectName::parse(name)).collect();
    for (at, name) in names.iter().enumerate() {
        if at % 3 == 0 {
            run.block_on(thief.replaces(&server::sealed(&writer, *name, 10))).unwrap();
        } else {
            run.block_on(thief.remove(name)).unwrap();
        }
    }
    let blank = Home::new();
    let (url, ca) = (shop.server.url("p"), shop.server.ca_file.to_str().unwrap().to_owned());
    let own = keys(&blank, server::ACCESS_KEY, server::SECRET_KEY);
    let access = ["--recovery-kit", &shop.kit, "--credentials-file", &own, "--ca-file", &ca];
    let join = [&["setup", "--join", &url, "--device-name", "new"][..], &access].concat();
    assert_ne!(blank.run(&join).0, 0);
    let blank = Home::new();
    let own = keys(&blank, server::ACCESS_KEY, server::SECRET_KEY);
    let access = ["--recovery-kit", &shop.kit, "--credentials-file", &own, "--ca-file", &ca];
    let join = [&["setup", "--join", &url, "--device-name", "new"][..], &access].concat();
    let undo = [&["store", "undo", &url, "--since", &then][..], &access].concat();
    let tried = blank.done(&[&undo[..], &["--dry-run"]].concat());
    let replaced = names.len().div_ceil(3);
    assert_eq!(
        (tried["replaced"].as_u64(), tried["hidden"].as_u64()),
        (Some(replaced as u64), Some((names.len() - replaced) as u64))
    );
    let again = blank.done(&[&undo[..], &["--dry-run"]].concat());
    assert_eq!(again["back"], tried["back"], "nothing was changed");
    let done = blank.done(&undo);
    assert_eq!((&done["back"], &done["lost"]), (&tried["back"], &serde_json::json!([])), "{done}");
    assert_eq!(blank.done(&undo)["back"], serde_json::json!([]), "all of it is there");
    blank.done(&join);
    for (device, home) in [("ender", &shop.printer), ("pc", &shop.pc)] {
        let to = tempfile::tempdir().unwrap();
        let from = format!("{device}:latest");
        blank.done(&["restore", &from, "--to", to.path().to_str().unwrap(), "--recovery-kit", &shop.kit]);
        assert!(contents(&to.path().join("data")) == contents(&home.data), "{device}");
    }
    // the machines that were in the account go on
    assert_eq!(shop.pc.done(&["store", "undo", "cloud", "--since", &then])["back"], serde_json::json!([]));
    shop.pc.done(&["sync"]);
    shop.pc.done(&["check", "--store", "cloud", "--read-data"]);
    for (bad, why) in [("tomorrow", "no time"), ("2999-01-01T00:00:00Z", "no time")] {
        let (exit, told) = shop.pc.run(&["store", "undo", "cloud", "--since", bad]);
        assert!(exit == 2 && told.to_string().contains(why), "{told}");
    }
    assert_eq!(shop.pc.run(&["store", "undo", "nowhere", "--since", "1d"]).0, 2);
    assert_eq!(shop.pc.run(&["store", "undo", &url, "--since", "1d"]).0, 2, "whose account?");
}
