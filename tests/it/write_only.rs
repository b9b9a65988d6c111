//! A device that only writes, held to the very policy that is printed for it: it backs up and syncs and is refused nothing.

use crate::support::program::{contents, gcode, noise};
use crate::support::shop::{home, keys, shop};
use printkeep::core::name::ObjectName;
use serde_json::Value;

#[test]
fn a_printer_backs_up_and_syncs_and_is_refused_nothing() {
    for more in [&[][..], &["--never-replace"]] {
        let shop = shop(&[]);
        shop.print_policy(more);
        shop.printer.backup();
        shop.server.gate.refused();
        let told = shop.sync();
        assert!(told["sent"].as_u64().unwrap() >= 3 && told["write_only"] == true, "{told}");
        assert_eq!(told["failed"], serde_json::json!([]), "{told}");
        std::fs::write(shop.printer.data.join("big.bin"), noise(7, 20 << 20)).unwrap();
        shop.printer.backup();
        shop.sync();
        assert_eq!(shop.sync()["sent"], 0, "nothing is sent twice");
        assert_eq!(shop.server.gate.refused(), Vec::<String>::new());
        assert_eq!(shop.printer.done(&["status"])["stores"][0]["objects"], 0);
        // and the owner gets all of it back, from the store alone
        shop.pc.done(&["sync", "--pull", "metadata"]);
        let to = tempfile::tempdir().unwrap();
        let restore = ["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &shop.kit];
        shop.pc.done(&restore);
        assert!(contents(&to.path().join("data")) == contents(&shop.printer.data));
    }
}

#[test]
fn what_a_writer_sees_is_still_judged() {
    let shop = shop(&[]);
    shop.printer.backup();
    shop.sync();
    std::fs::write(shop.printer.data.join("more.bin"), noise(8, 3 << 20)).unwrap();
    shop.printer.backup();
    shop.sync();
    // a pack of its own vanished: named, and sent again
    let packs: Vec<String> = shop.printer.objects().into_iter().filter(|name| name.starts_with("packs/")).collect();
    let lost = ObjectName::parse(packs.last().unwrap()).unwrap();
    shop.remove(&lost);
    let (exit, told) = shop.printer.run(&["sync"]);
    let told = &told["stores"][0];
    assert!(exit == 7 && told["problems"].as_array().unwrap().len() == 1 && told["sent"] == 1, "{exit} {told}");
    assert!(shop.held("packs").contains(&lost));
    // and its newest snapshot: a rollback
    let me = shop.device("ender");
    shop.remove(&ObjectName::Head(me, 2));
    let (exit, told) = shop.printer.run(&["sync"]);
    assert!(exit == 7 && told.to_string().contains("older"), "{exit} {told}");
    assert_eq!(shop.sync()["problems"], serde_json::json!([]));
    assert_eq!(shop.server.gate.refused(), Vec::<String>::new());
}

#[test]
fn a_listing_that_is_refused_goes_by_memory_and_one_that_matters_is_told() {
    let shop = shop(&[]);
    let policy = shop.print_policy(&[]);
    let without = |what: &str| {
        let mut policy = policy.clone();
        let prefixes = policy["Statement"][0]["Condition"]["StringLike"]["s3:prefix"].as_array_mut().unwrap();
        prefixes.retain(|prefix| !prefix.as_str().unwrap().contains(what));
        shop.server.gate.set_policy(&policy);
    };
    without("/packs/");
    shop.printer.backup();
    let told = shop.sync();
    assert!(told["sent"].as_u64().unwrap() >= 3 && told["unlisted"] == serde_json::json!(["packs"]), "{told}");
    let told = shop.sync();
    assert!(told["sent"] == 0 && told["problems"] == serde_json::json!([]), "{told}");
    let output = shop.printer.command(&["sync"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("packs may not be listed, so that what was sent there goes by memory"), "{said}");
    without("/heads/");
    std::fs::write(shop.printer.data.join("more.bin"), noise(8, 1 << 20)).unwrap();
    shop.printer.backup();
    assert!(shop.sync()["sent"].as_u64().unwrap() >= 3);
    shop.pc.done(&["sync"]);
    assert_eq!(shop.held("heads").iter().filter(|name| name.to_string().contains(&shop.device("ender").to_string())).count(), 2);
    without("/roster/");
    let (exit, told) = shop.printer.run(&["sync"]);
    let error = told.to_string();
    assert!(
        exit == 6 && error.contains("they lack the right s3:ListBucket for the prefix p/") && error.contains("/roster/"),
        "{told}"
    );
}

#[test]
fn keys_and_letters_reach_a_device_that_only_writes() {
    let shop = shop(&[]);
    shop.pc.done(&["key", "rotate", "--recovery-kit", &shop.kit]);
    let letter = shop.pc.folder.path().join("cube.gcode");
    std::fs::write(&letter, gcode(5, 100)).unwrap();
    shop.pc.done(&["device", "send", letter.to_str().unwrap(), "--to", "ender", "--recovery-kit", &shop.kit]);
    shop.pc.done(&["sync"]);
    let inbox = shop.printer.folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    shop.printer.done(&["device", "inbox", "allow", inbox.to_str().unwrap()]);
    shop.printer.backup();
    let told = shop.sync();
    assert_eq!(told["inbox"]["arrived"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(std::fs::read(inbox.join("cube.gcode")).unwrap(), std::fs::read(&letter).unwrap());
    let told = shop.sync();
    assert!(told["inbox"]["arrived"] == serde_json::json!([]) && told["waiting"] == 0, "it is not delivered twice: {told}");
    std::fs::write(shop.printer.data.join("new.bin"), noise(9, 1 << 20)).unwrap();
    shop.printer.backup();
    shop.sync();
    assert_eq!(shop.server.gate.refused(), Vec::<String>::new());
    shop.pc.done(&["sync"]);
    let to = tempfile::tempdir().unwrap();
    shop.pc.done(&["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &shop.kit]);
    assert!(contents(&to.path().join("data")) == contents(&shop.printer.data));
}

#[test]
fn what_another_device_moved_is_not_sent_again() {
    let shop = shop(&[]);
    shop.pc.done(&["device", "allow-delete", "pc", "--recovery-kit", &shop.kit]);
    shop.pc.done(&["sync"]);
    shop.sync();
    shop.print_policy(&[]);
    std::fs::write(shop.printer.data.join("a.bin"), noise(1, 3 << 20)).unwrap();
    std::fs::write(shop.printer.data.join("b.bin"), noise(2, 500_000)).unwrap();
    shop.printer.backup();
    shop.sync();
    std::fs::remove_file(shop.printer.data.join("a.bin")).unwrap();
    shop.printer.backup();
    shop.sync();
    shop.pc.done(&["sync"]);
    shop.pc.done(&["forget", "ender:1"]);
    for _ in 0..3 {
        shop.pc.done(&["prune", "--grace", "0d", "--repack-below", "90", "--recovery-kit", &shop.kit]);
    }
    let before = shop.held("packs");
    let told = shop.sync();
    assert!(told["sent"] == 0 && told["problems"] == serde_json::json!([]), "{told}");
    assert_eq!(shop.held("packs"), before);
    assert_eq!(shop.server.gate.refused(), Vec::<String>::new());
}

#[test]
fn places_without_a_policy_are_narrowed_too_and_told_in_words() {
    let pc = home("pc");
    pc.done(&["setup", "--device-name", "pc"]);
    let store = pc.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    pc.done(&["store", "add", &url, "--name", "disk"]);
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    let printer = home("printer");
    printer.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "ender"]);
    pc.done(&["sync"]);
    let told = printer.done(&["store", "set", "store", "--write-only"]);
    assert_eq!(told["store"]["write_only"], true);
    let held = printer.objects().len();
    printer.backup();
    let told = printer.done(&["sync"])["stores"][0].clone();
    assert!(told["sent"].as_u64().unwrap() >= 3 && told["fetched"] == 0 && told["problems"] == serde_json::json!([]), "{told}");
    assert!(printer.objects().len() > held);
    assert_eq!(printer.done(&["sync"])["stores"][0]["sent"], 0);
    pc.done(&["sync"]);
    pc.done(&["check", "--store", "disk"]);
    // and back again: what was passed over comes now
    pc.backup();
    std::fs::write(pc.data.join("new.cfg"), "[new]").unwrap();
    pc.backup();
    pc.done(&["sync"]);
    assert_eq!(printer.done(&["sync"])["stores"][0]["fetched"], 0);
    printer.done(&["store", "set", "store", "--read-write"]);
    assert!(printer.done(&["sync"])["stores"][0]["fetched"].as_u64().unwrap() > 0);
    let words = |args: &[&str]| {
        let output = printer.command(&[&["store", "rights"], args].concat()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(words(&["store", "--write-only"]).contains("whoever may write in it may remove there, too"));
    let text = format!("{}/packs/", pc.vault().file_name().unwrap().to_str().unwrap());
    assert!(words(&["store", "--write-only"]).contains(&text));
    let file = keys(&printer, "user", "password");
    let b2 = "s3://bucket/x?endpoint=https://s3.eu-central-003.backblazeb2.com&region=eu-central-003";
    printer.done(&["store", "add", b2, "--name", "b2", "--credentials-file", &file, "--system-roots"]);
    let said: Value = serde_json::from_str(&words(&["b2", "--write-only"])).unwrap();
    assert_eq!(said["capabilities"], serde_json::json!(["listFiles", "readFiles", "writeFiles"]));
    printer.done(&[
        "store",
        "add",
        "webdav://host.example.net/x",
        "--name",
        "dav",
        "--credentials-file",
        &file,
        "--system-roots",
    ]);
    assert!(words(&["dav"]).contains("users and folders, not single rights"));
    let (exit, told) = printer.run(&["store", "set", "dav", "--lock", "30d"]);
    assert!(exit == 2 && told.to_string().contains("only S3 stores know a lock"), "{told}");
}
