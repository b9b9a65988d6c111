//! What the credentials of a device that only writes may do: the policy that is printed for it holds it, and a test of the store says so.

use crate::support::program::{Home, contents};
use crate::support::server::{self, runtime};
use crate::support::shop::{home, keys, shop};
use printkeep::core::name::{AccountId, ObjectId, ObjectName};
use printkeep::provider::credentials::Credentials;
use printkeep::provider::s3::S3;
use printkeep::provider::{Provider, ProviderError, Wanted};
use serde_json::Value;

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
            let read = run.block_on(thief.get(&name, Wanted::whole(&name))).map(|_| ());
            if mine { read.unwrap() } else { refused(read, "reading") }
        }
    }
    for name in [
        ObjectName::Roster(99),
        ObjectName::Head(pc, 99),
        ObjectName::Slot(ObjectId::from_bytes([1; 16])),
        ObjectName::DeletionNote(me, 1),
    ] {
        refused(run.block_on(thief.replaces(&server::sealed(&writer, name, 10))), "writing in another's name");
    }
    for folder in ["slots", "heads", "index", "inbox", &format!("heads/{pc}"), &format!("inbox/{pc}")] {
        refused(run.block_on(thief.list(folder, &mut |_| {})), folder);
    }
    let error = run
        .block_on(thief.get(
            &ObjectName::Slot(ObjectId::from_bytes([1; 16])),
            Wanted::whole(&ObjectName::Slot(ObjectId::from_bytes([1; 16]))),
        ))
        .unwrap_err()
        .to_string();
    assert!(error.contains("they lack the right s3:GetObject for p/") && error.contains("/slots/"), "{error}");
}

#[test]
fn a_test_says_what_the_credentials_may_do() {
    let shop = shop(&[]);
    let test = |home: &Home| home.done(&["store", "test", "cloud"])["stores"][0].clone();
    let passed = |told: &Value, what: &str| {
        let check = told["checks"].as_array().unwrap().iter().find(|c| c["what"] == what).unwrap();
        check["passed"].as_bool().unwrap()
    };
    let told = test(&shop.printer);
    for what in ["packs-unread", "keys-unlisted", "nothing-removed", "write"] {
        assert!(passed(&told, what), "{what}: {told}");
    }
    assert!(!passed(&told, "server-refuses") && told["left"] == 1, "{told}");
    shop.print_policy(&["--never-replace"]);
    assert!(passed(&test(&shop.printer), "server-refuses"));
    // credentials that may do everything are told as such
    let own = keys(&shop.printer, server::ACCESS_KEY, server::SECRET_KEY);
    let set = shop.printer.done(&["store", "set", "cloud", "--credentials-file", &own]);
    assert!(set["new_credentials"] == true && set["store"]["write_only"] == true, "{set}");
    let told = test(&shop.printer);
    assert!(!passed(&told, "nothing-removed") && !passed(&told, "packs-unread") && told["left"] == 0, "{told}");
    let (exit, told) = shop.printer.run(&["check", "--store", "cloud"]);
    assert!(exit == 6 && told.to_string().contains("only writes there"), "{told}");
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
        refused(run.block_on(thief.get(&name, Wanted::whole(&name))).map(|_| ()), "reading what is another's");
        if !matches!(name, ObjectName::Pack(_)) {
            refused(run.block_on(thief.replaces(&server::sealed(&writer, name, 10))), "replacing what is another's");
        }
    }
    refused(run.block_on(thief.get(&pack, Wanted::whole(&pack))).map(|_| ()), "reading a pack");
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
        refused(run.block_on(there.get(&name, Wanted::whole(&name))).map(|_| ()), "reading another account's");
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
    assert_eq!(run.block_on(owners.get(&pack, Wanted::whole(&pack))).unwrap(), sent);
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
