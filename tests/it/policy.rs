//! A device that only writes, held to the very policy that is printed for it: it backs up and syncs and is refused nothing, and with
//! its credentials nothing can be removed, replaced, or read that it need not read.

use crate::support::gate::{PRINTER, PRINTER_KEY, PRINTER_SECRET};
use crate::support::program::{self, Home, contents, gcode, noise};
use crate::support::server::{self, S3Server, runtime};
use printkeep::core::name::{AccountId, DeviceId, ObjectId, ObjectName};
use printkeep::provider::credentials::Credentials;
use printkeep::provider::s3::S3;
use printkeep::provider::{Provider, ProviderError};
use serde_json::Value;

struct Shop {
    server: S3Server,
    pc: Home,
    printer: Home,
    kit: String,
}

fn home(name: &str) -> Home {
    let home = Home::new();
    (0..3).for_each(|n| std::fs::write(home.data.join(format!("{name}-{n}.gcode")), gcode(n, 3000)).unwrap());
    home
}

fn keys(home: &Home, access: &str, secret: &str) -> String {
    let path = home.folder.path().join("keys.txt");
    std::fs::write(&path, format!("{access}\n{secret}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn add(home: &Home, server: &S3Server, (access, secret): (&str, &str), more: &[&str]) -> Value {
    let keys = keys(home, access, secret);
    let (url, ca) = (server.url("p"), server.ca_file.to_str().unwrap());
    home.done(&[&["store", "add", &url, "--name", "cloud", "--credentials-file", &keys, "--ca-file", ca], more].concat())
}

/// A PC with a store and its own credentials; a printer that joined and was then given credentials of its own, and their policy.
fn shop(more: &[&str]) -> Shop {
    let server = S3Server::start();
    let (pc, printer) = (home("pc"), home("printer"));
    let owner = (server::ACCESS_KEY, server::SECRET_KEY);
    pc.done(&["setup", "--device-name", "pc"]);
    pc.done(&["privacy", "grant", "network"]);
    add(&pc, &server, owner, &[]);
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    let (url, ca, own) = (server.url("p"), server.ca_file.to_str().unwrap(), keys(&printer, owner.0, owner.1));
    let join = ["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "ender"];
    printer.done(&[&join[..], &["--credentials-file", &own, "--ca-file", ca]].concat());
    pc.done(&["sync"]);
    printer.done(&["store", "remove", "store"]);
    add(&printer, &server, (PRINTER_KEY, PRINTER_SECRET), &[&["--write-only"], more].concat());
    let shop = Shop { server, pc, printer, kit };
    shop.print_policy(&[]);
    shop
}

impl Shop {
    /// Puts the policy that the printer prints on the bucket.
    fn print_policy(&self, more: &[&str]) -> Value {
        let told = self.printer.done(&[&["store", "rights", "cloud", "--write-only", "--principal", PRINTER], more].concat());
        self.server.gate.set_policy(&told["policy"]);
        told["policy"].clone()
    }

    fn sync(&self) -> Value {
        self.printer.done(&["sync"])["stores"][0].clone()
    }

    fn account(&self) -> AccountId {
        AccountId::parse(self.pc.vault().file_name().unwrap().to_str().unwrap()).unwrap()
    }

    /// The bucket with the printer's credentials, and none of the program's manners.
    fn thief(&self) -> S3 {
        let text = format!("[a]\naws_access_key_id={PRINTER_KEY}\naws_secret_access_key={PRINTER_SECRET}\n");
        let credentials = Credentials::parse_aws_profile(&text, "a").unwrap();
        let address = server::s3_address(&self.server.url("p"));
        S3::new(&server::permit(), &address, &self.server.trust(), &credentials, self.account()).unwrap()
    }

    /// What the bucket holds of a folder.
    fn held(&self, folder: &str) -> Vec<ObjectName> {
        let root = self.server.data.join("bucket/p").join(self.account().to_string());
        let mut found = Vec::new();
        program::each_file(&root.join(folder), &mut |path| {
            found.extend(ObjectName::parse(path.strip_prefix(&root).unwrap().to_str().unwrap()));
        });
        found.sort();
        found
    }

    fn remove(&self, name: &ObjectName) {
        let root = self.server.data.join("bucket/p").join(self.account().to_string());
        std::fs::remove_file(root.join(name.to_string())).unwrap();
    }

    fn device(&self, name: &str) -> DeviceId {
        let listed = self.pc.done(&["device", "list"]);
        let device = listed["devices"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap().clone();
        DeviceId::parse(device["id"].as_str().unwrap()).unwrap()
    }
}

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
fn a_printers_credentials_remove_replace_and_read_nothing_else() {
    let shop = shop(&[]);
    shop.print_policy(&["--never-replace"]);
    shop.printer.backup();
    shop.sync();
    shop.server.gate.refused();
    let (thief, run) = (shop.thief(), runtime());
    let refused = |done: Result<(), ProviderError>, what: &str| {
        assert!(matches!(done, Err(ProviderError::Refused(_))), "{what}: {done:?}");
    };
    let (me, pc) = (shop.device("ender"), shop.device("pc"));
    let writer = server::keys(shop.account());
    for folder in ["packs", "index", "heads", "roster", "slots"] {
        let held = shop.held(folder);
        assert!(!held.is_empty(), "{folder}");
        for name in held {
            let other = server::sealed(&writer, name, 100);
            refused(run.block_on(thief.remove(&name)), "removing");
            refused(run.block_on(thief.replaces(&other)), "replacing");
            let mine = matches!(name, ObjectName::Index(of, _) | ObjectName::Head(of, _) if of == me) || folder == "roster";
            let read = run.block_on(thief.get(&name, None)).map(|_| ());
            if mine { read.unwrap() } else { refused(read, "reading") }
        }
    }
    for name in [
        ObjectName::Roster(99),
        ObjectName::Head(pc, 99),
        ObjectName::Slot(ObjectId::from_bytes([1; 16])),
        ObjectName::Keep(me, 1),
    ] {
        refused(run.block_on(thief.replaces(&server::sealed(&writer, name, 10))), "writing in another's name");
    }
    for folder in ["slots", "heads", "index", "inbox", &format!("heads/{pc}"), &format!("inbox/{pc}")] {
        refused(run.block_on(thief.list(folder, &mut |_| {})), folder);
    }
    let error = run.block_on(thief.get(&ObjectName::Slot(ObjectId::from_bytes([1; 16])), None)).unwrap_err().to_string();
    assert!(error.contains("they lack the right s3:GetObject for p/") && error.contains("/slots/"), "{error}");
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
fn what_a_keeper_moved_is_not_sent_again() {
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
fn a_test_says_what_the_credentials_may_do() {
    let shop = shop(&[]);
    let test = |home: &Home| home.done(&["store", "test", "cloud"])["stores"][0].clone();
    let passed = |told: &Value, what: &str| {
        let check = told["checks"].as_array().unwrap().iter().find(|c| c["what"].as_str().unwrap().contains(what)).unwrap();
        check["passed"].as_bool().unwrap()
    };
    let told = test(&shop.printer);
    for what in ["cannot be read back", "key slots cannot be listed", "nothing can be removed", "an object can be written"] {
        assert!(passed(&told, what), "{what}: {told}");
    }
    assert!(!passed(&told, "refuses to replace") && told["left"] == 1, "{told}");
    shop.print_policy(&["--never-replace"]);
    assert!(passed(&test(&shop.printer), "refuses to replace"));
    // credentials that may do everything are told as such
    let own = keys(&shop.printer, server::ACCESS_KEY, server::SECRET_KEY);
    let set = shop.printer.done(&["store", "set", "cloud", "--credentials-file", &own]);
    assert!(set["new_credentials"] == true && set["store"]["write_only"] == true, "{set}");
    let told = test(&shop.printer);
    assert!(!passed(&told, "nothing can be removed") && !passed(&told, "cannot be read back") && told["left"] == 0, "{told}");
    let (exit, told) = shop.printer.run(&["check", "--store", "cloud"]);
    assert!(exit == 6 && told.to_string().contains("only writes there"), "{told}");
}

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
    // the owner's keeper has the lock, too
    shop.pc.done(&["device", "allow-delete", "pc", "--recovery-kit", &shop.kit]);
    shop.pc.done(&["store", "set", "cloud", "--lock", "7d", "--lock-mode", "compliance"]);
    let told = shop.pc.done(&["store", "test"]);
    assert!(told.to_string().contains("it keeps what is locked until its time"), "{told}");
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

/// On a real server, with a bucket that has object lock: `PRINTKEEP_TEST_POLICY` holds `URL|CA-FILE|OWNER-KEY|OWNER-SECRET|
/// PRINTER-KEY|PRINTER-SECRET|PRINTER-ARN`; `tests/servers/run rgw` sets it. The owner puts the printed policy on the bucket.
#[test]
fn a_real_server_holds_the_printer_to_its_policy() {
    let Ok(text) = std::env::var("PRINTKEEP_TEST_POLICY") else {
        println!("not run: PRINTKEEP_TEST_POLICY names no server; tests/servers/run rgw does");
        return;
    };
    let [url, ca, owner, owner_secret, key, secret, arn] = *text.split('|').collect::<Vec<_>>() else { panic!("{text}") };
    let address = server::s3_address(url);
    let (pc, printer) = (home("pc"), home("printer"));
    let add = |home: &Home, (access, secret): (&str, &str), more: &[&str]| {
        let file = keys(home, access, secret);
        home.done(&[&["store", "add", url, "--name", "cloud", "--credentials-file", &file, "--ca-file", ca], more].concat())
    };
    let bucket = |method: &str, query: &str, body: &str| {
        let place = format!("{}/{}{query}", address.endpoint.as_str().trim_end_matches('/'), address.bucket);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/s3-request");
        let args = [script, owner, owner_secret, ca, method, &place, body];
        let output = std::process::Command::new("python3").args(args).output().unwrap();
        assert!(output.status.success(), "{method} {place}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    pc.done(&["setup", "--device-name", "pc"]);
    pc.done(&["privacy", "grant", "network"]);
    add(&pc, (owner, owner_secret), &[]);
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    let file = keys(&printer, owner, owner_secret);
    let join =
        ["setup", "--join", url, "--recovery-kit", &kit, "--device-name", "ender", "--credentials-file", &file, "--ca-file", ca];
    printer.done(&join);
    pc.done(&["sync"]);
    printer.done(&["store", "remove", "store"]);
    add(&printer, (key, secret), &["--write-only", "--lock", "1d"]);
    let (exit, told) = printer.run(&["sync"]);
    assert!(exit == 6 && told.to_string().contains("s3:ListBucket"), "without a policy: {told}");
    // objects belong to whom wrote them on this server, so that the owner's own rights stand in the policy, too
    pc.done(&["store", "set", "cloud", "--lock", "1d"]);
    let mine = pc.done(&["store", "rights", "cloud", "--may-delete", "--principal", "arn:aws:iam:::user/test"]);
    let file = pc.folder.path().join("policy.json");
    std::fs::write(&file, mine["policy"].to_string()).unwrap();
    let both = ["store", "rights", "cloud", "--principal", arn, "--with", file.to_str().unwrap()];
    bucket("PUT", "?policy", &printer.done(&both)["policy"].to_string());
    printer.backup();
    let told = printer.done(&["sync"])["stores"][0].clone();
    assert!(told["sent"].as_u64().unwrap() >= 3 && told["failed"] == serde_json::json!([]), "{told}");
    assert_eq!(printer.done(&["sync"])["stores"][0]["sent"], 0);
    let told = printer.command(&["store", "test", "cloud"]).output().unwrap();
    println!("{}", String::from_utf8_lossy(&told.stdout));
    assert!(told.status.success());
    // what a thief of the printer's credentials can do
    let account = AccountId::parse(pc.vault().file_name().unwrap().to_str().unwrap()).unwrap();
    let trust = printkeep::provider::address::Trust::new(Some(ca.into()), &[], false, true).unwrap();
    let cloud_of = |account: AccountId, key: &str, secret: &str| {
        let text = format!("[a]\naws_access_key_id={key}\naws_secret_access_key={secret}\n");
        let credentials = Credentials::parse_aws_profile(&text, "a").unwrap();
        S3::new(&server::permit(), &address, &trust, &credentials, account).unwrap()
    };
    let cloud = |key: &str, secret: &str| cloud_of(account, key, secret);
    let (thief, run, writer) = (cloud(key, secret), runtime(), server::keys(account));
    let refused = |done: Result<(), ProviderError>, what: &str| {
        println!("{what}: {done:?}");
        assert!(matches!(done, Err(ProviderError::Refused(_))), "{what}: {done:?}");
    };
    let names: Vec<ObjectName> = printer.objects().iter().filter_map(|name| ObjectName::parse(name)).collect();
    let pack = *names.iter().find(|name| matches!(name, ObjectName::Pack(_))).unwrap();
    let head = *names.iter().find(|name| matches!(name, ObjectName::Head(..))).unwrap();
    for name in [pack, head, ObjectName::Roster(1)] {
        refused(run.block_on(thief.remove(&name)), "removing");
    }
    let theirs = pc.objects().into_iter().filter_map(|name| ObjectName::parse(&name));
    for name in theirs.filter(|name| !matches!(name, ObjectName::Roster(_))) {
        refused(run.block_on(thief.get(&name, None)).map(|_| ()), "reading what is another's");
        if !matches!(name, ObjectName::Pack(_)) {
            refused(run.block_on(thief.replaces(&server::sealed(&writer, name, 10))), "replacing what is another's");
        }
    }
    refused(run.block_on(thief.get(&pack, None)).map(|_| ()), "reading a pack");
    refused(run.block_on(thief.replaces(&server::sealed(&writer, ObjectName::Roster(1), 10))), "replacing the roster");
    for folder in ["slots", "heads", "index", "inbox"] {
        refused(run.block_on(thief.list(folder, &mut |_| {})), "listing");
    }
    // nor anything of another account in the same bucket
    let bert = home("bert");
    bert.done(&["setup"]);
    bert.done(&["privacy", "grant", "network"]);
    add(&bert, (owner, owner_secret), &[]);
    bert.backup();
    bert.done(&["sync"]);
    let other = AccountId::parse(bert.vault().file_name().unwrap().to_str().unwrap()).unwrap();
    let (there, writer_there) = (cloud_of(other, key, secret), server::keys(other));
    for folder in ["packs", "roster", "keys", "heads", "slots", "index"] {
        refused(run.block_on(there.list(folder, &mut |_| {})), "listing another account");
    }
    for name in bert.objects().iter().filter_map(|name| ObjectName::parse(name)) {
        refused(run.block_on(there.get(&name, None)).map(|_| ()), "reading another account's");
        refused(run.block_on(there.remove(&name)), "removing another account's");
        refused(run.block_on(there.replaces(&server::sealed(&writer_there, name, 10))), "replacing another account's");
    }
    // a pack can be written again on this server: what was there stays as an earlier version, and locked
    let prefix = format!("{}/{account}/{pack}", address.prefix);
    let sent = std::fs::read(printer.vault().join(pack.to_string())).unwrap();
    run.block_on(thief.replaces(&server::sealed(&writer, pack, 10))).unwrap();
    let listed = bucket("GET", &format!("?prefix={prefix}&versions="), "");
    assert_eq!(listed.matches("<VersionId>").count(), 2, "{listed}");
    assert!(listed.contains(&format!("<Size>{}</Size>", sent.len())), "the earlier version: {listed}");
    // which is found where what is there now is not what was written
    pc.done(&["sync", "--pull", "metadata"]);
    let to = tempfile::tempdir().unwrap();
    let told = pc.done(&["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &kit]);
    assert_eq!(told["earlier"][0]["object"], pack.to_string(), "{told}");
    assert!(contents(&to.path().join("data")) == contents(&printer.data));
    // the owner takes the thief's version off, and what was there is back; that cannot be removed for a day
    let lock = printkeep::provider::s3::object_lock::ObjectLock::parse("1d");
    let owners = cloud(owner, owner_secret).locked(lock);
    let gone = run.block_on(owners.remove(&pack));
    assert!(matches!(gone, Err(ProviderError::Locked(_))), "{gone:?}");
    assert_eq!(run.block_on(owners.get(&pack, None)).unwrap(), sent);
    pc.done(&["sync", "--pull", "metadata"]);
    let to = tempfile::tempdir().unwrap();
    pc.done(&["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &kit]);
    assert!(contents(&to.path().join("data")) == contents(&printer.data));
    // the owner's own credentials are stolen, too, and everything is hidden; with the kit alone a blank machine shows it again
    let then = jiff::Timestamp::now().to_string();
    let all = cloud(owner, owner_secret);
    let mut there = Vec::new();
    for folder in ObjectName::FOLDERS {
        run.block_on(all.list(folder, &mut |page| there.extend(page.iter().map(|listed| listed.name)))).unwrap();
    }
    there.iter().for_each(|name| run.block_on(all.remove(name)).unwrap());
    let blank = Home::new();
    let file = keys(&blank, owner, owner_secret);
    let access = ["--recovery-kit", &kit, "--credentials-file", &file, "--ca-file", ca];
    let undo = [&["store", "undo", url, "--since", &then][..], &access].concat();
    let told = blank.done(&undo);
    assert_eq!((told["hidden"].as_u64(), &told["lost"]), (Some(there.len() as u64), &serde_json::json!([])), "{told}");
    assert_eq!(blank.done(&undo)["back"], serde_json::json!([]));
    blank.done(&[&["setup", "--join", url, "--device-name", "new"][..], &access].concat());
    let to = tempfile::tempdir().unwrap();
    blank.done(&["restore", "ender:latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", &kit]);
    assert!(contents(&to.path().join("data")) == contents(&printer.data));
    println!("{} hidden objects came back on a blank machine", there.len());
}
