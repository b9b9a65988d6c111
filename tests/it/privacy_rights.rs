//! The owner's rights: to see, take away, correct and erase what is held, and to have it proved.

use crate::support::machine;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::program::{Home, contents, each_file, noise};
use crate::support::server::{self, S3Server};
use printkeep::consent::sha256;
use printkeep::core::name::hex;
use printkeep::engine::EngineError;
use printkeep::engine::account::AccountWriter;
use printkeep::engine::clock::Clock;
use printkeep::engine::privacy::records::observe::{Scene, observe};
use printkeep::local::home;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::work_lock::{Waiting, WorkKind};
use serde_json::Value;

fn look_at(home: &Home, root: &Path) {
    let home = home::Home::at(home.path.clone());
    let mut account = loop {
        match AccountWriter::open(
            &home,
            home.accounts().unwrap().remove(0),
            WorkKind::Small,
            &Waiting::no(),
            (&SystemRandom::new(), Clock::SYSTEM),
        ) {
            // a process that another test forks holds our lock until it has become the program
            Err(EngineError::Busy(_)) => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    observe(&mut account, &Scene { root, sources: &[root.join("printer/config")] }, now, &SystemRandom::new()).unwrap();
}

/// A home that recorded everything there is of a made-up machine.
fn recorded() -> Home {
    let (home, root) = (Home::new(), tempfile::tempdir().unwrap());
    machine::make(root.path());
    std::fs::write(home.data.join("a.bin"), noise(1, 300_000)).unwrap();
    home.backup();
    home.done(&["privacy", "grant", "device", "connection"]);
    look_at(&home, root.path());
    home
}

fn count(folder: &Path) -> usize {
    let mut count = 0;
    each_file(folder, &mut |_| count += 1);
    count
}

fn held(home: &Home) -> Vec<String> {
    let shown = home.done(&["privacy", "data"]);
    shown["facts"].as_array().unwrap().iter().map(|fact| fact["item"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_shown_is_what_is_held_and_values_need_the_key() {
    let home = recorded();
    let shown = home.done(&["privacy", "data"]);
    let model = shown["facts"].as_array().unwrap().iter().find(|fact| fact["item"] == "device.model").unwrap().clone();
    assert_eq!((model["text"].as_str(), shown["opened"].as_bool()), (Some("model: Canary Printer Mk2\n"), Some(true)));
    std::fs::rename(home.path.join("recovery-kit.txt"), home.folder.path().join("kit.txt")).unwrap();
    let shown = home.done(&["privacy", "data"]);
    assert_eq!(shown["facts"].as_array().unwrap().len(), 12);
    assert!(shown["facts"].as_array().unwrap().iter().all(|fact| fact["text"].is_null()), "{shown}");
    let kit = home.folder.path().join("kit.txt");
    let shown = home.done(&["privacy", "data", "--recovery-kit", kit.to_str().unwrap()]);
    assert!(shown["facts"].as_array().unwrap().iter().all(|fact| fact["text"].is_string()), "{shown}");
}

#[test]
fn an_export_is_whole_signed_and_holds_no_credential() {
    let (server, home) = (S3Server::start(), recorded());
    add_store(&home, &server.url("p"), &server);
    home.done(&["privacy", "correct", "device.model", "Ender <b>3</b>"]);
    let file = home.folder.path().join("mine.tar");
    home.done(&["privacy", "export", "--to", file.to_str().unwrap()]);
    let to = home.folder.path().join("mine");
    std::fs::create_dir(&to).unwrap();
    assert!(Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(&to).status().unwrap().success());
    let files: BTreeMap<String, Vec<u8>> =
        contents(&to).into_iter().map(|(name, bytes)| (String::from_utf8(name).unwrap(), bytes)).collect();
    home.done(&["privacy", "consent-record", "check", to.join("index.json").to_str().unwrap()]);
    let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let listed = index["document"]["files"].as_array().unwrap();
    assert_eq!(listed.len() + 1, files.len());
    for entry in listed {
        assert_eq!(hex(&sha256(&files[entry["file"].as_str().unwrap()])), entry["sha256"].as_str().unwrap());
    }
    let facts: Value = serde_json::from_slice(&files["facts.json"]).unwrap();
    let facts = facts["facts"].as_array().unwrap();
    assert_eq!(facts.len(), 13);
    let corrected = facts.iter().find(|fact| fact["correction"] == true).unwrap();
    assert_eq!(
        (corrected["item"].as_str(), corrected["text"].as_str()),
        (Some("device.model"), Some("corrected: Ender <b>3</b>\n"))
    );
    let page = std::str::from_utf8(&files["index.html"]).unwrap();
    assert!(page.contains("Ender &lt;b&gt;3&lt;/b&gt;") && page.contains("Canary Printer Mk2") && !page.contains("<b>"));
    for (name, bytes) in &files {
        for secret in machine::RAW.iter().chain(&[server::SECRET_KEY, server::ACCESS_KEY]) {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in {name}");
        }
        if name.ends_with(".json") {
            serde_json::from_slice::<Value>(bytes).unwrap();
        }
    }
    let records: Value = serde_json::from_slice(&files["consents.json"]).unwrap();
    assert!(records["records"].as_array().unwrap().len() >= 12);
}

#[test]
fn a_correction_is_masked_and_needs_the_same_consent() {
    let home = recorded();
    let done = home.done(&["privacy", "correct", "device.serial", "canary-serial-0042"]);
    assert!(!done.to_string().contains("canary-serial"), "{done}");
    assert_eq!(home.done(&["privacy", "correct", "connection.local-ip", "10.1.2.3"])["text"], "corrected: 10.1.2.0/24\n");
    assert_eq!(home.run(&["privacy", "correct", "connection.local-ip", "my house"]).0, 2);
    assert_eq!(home.run(&["privacy", "correct", "operation-log", "x"]).0, 2);
    home.done(&["privacy", "withdraw", "device.hostname"]);
    assert_eq!(home.run(&["privacy", "correct", "device.hostname", "x"]).0, 5);
}

#[test]
fn facts_are_erased_by_item_class_and_device_only_once_the_name_is_given() {
    let home = recorded();
    let (exit, refused) = home.run(&["privacy", "erase", "--kind", "device.serial"]);
    assert_eq!(exit, 2, "{refused}");
    assert_eq!(home.run(&["privacy", "erase", "--kind", "device.serial", "--yes-erase", "other"]).0, 2);
    assert_eq!(held(&home).len(), 12);
    let done = home.done(&["privacy", "erase", "--kind", "device.serial", "--yes-erase", "default"]);
    assert_eq!((done["deleted"]["records"].as_u64(), held(&home).len()), (Some(1), 11), "{done}");
    assert_eq!(done["still_allowed"], serde_json::json!(["device.serial"]));
    home.done(&["privacy", "erase", "--class", "sensitive", "--yes-erase", "default"]);
    let personal = ["device.model", "device.firmware", "device.os", "device.settings", "connection.type", "connection.carrier"];
    assert_eq!(held(&home), personal);
    let name = home.done(&["status"])["device"].as_str().unwrap().to_owned();
    home.done(&["privacy", "erase", "--device", &name, "--yes-erase", "default"]);
    assert!(held(&home).is_empty());
    let nothing_named = home.command(&["privacy", "erase", "--yes-erase", "default"]).output().unwrap();
    assert_eq!(nothing_named.status.code(), Some(2));
}

/// What another device recorded is erased from the stores, and that device, once it hears of it, holds and sends none of it any more.
#[test]
fn the_facts_of_another_device_are_erased_and_do_not_come_back() {
    let (home, root) = (Home::new(), tempfile::tempdir().unwrap());
    machine::make(root.path());
    home.done(&["setup", "--device-name", "pc"]);
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url, "--name", "nas"]);
    home.done(&["sync"]);
    let kit = home.path.join("recovery-kit.txt");
    let printer = Home::new();
    printer.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "ender"]);
    for machine in [&home, &printer] {
        machine.done(&["privacy", "grant", "device"]);
        look_at(machine, root.path());
        machine.done(&["sync"]);
    }
    home.done(&["sync"]);
    let ender =
        printer.done(&["device", "list"])["devices"].as_array().unwrap().iter().find(|d| d["name"] == "ender").unwrap().clone();
    let of_ender = format!("facts/{}", ender["id"].as_str().unwrap());
    let there = || -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        each_file(&store, &mut |path| {
            let path = path.to_str().unwrap();
            if let Some(at) = path.find(&of_ender) {
                found.insert(path[at..].to_owned());
            }
        });
        found
    };
    let own = || count(&home.vault().join("facts"));
    let (first, before) = (there(), own());
    assert!(first.len() > 2 && before > 2, "{first:?}");
    let erase = |name: &str, account: &str| home.run(&["privacy", "erase", "--device", name, "--yes-erase", account]);
    assert_eq!(erase("ender", "another").0, 2);
    assert_eq!(erase("nobody", "default").0, 2);
    // a device that may not delete says that it does not last
    let (exit, told) = erase("ender", "default");
    assert_eq!((exit, there().len(), &told["told_the_device"]), (0, 0, &false.into()), "{told}");
    printer.done(&["sync"]);
    assert!(first.is_subset(&there()), "as it said");
    home.done(&["device", "allow-delete", "pc"]);
    home.done(&["sync"]);
    // a store that is away is told, and the rest is done
    let away = home.folder.path().join("away");
    std::fs::rename(&store, &away).unwrap();
    let (exit, told) = erase("ender", "default");
    assert!(
        exit == 6 && told["places"][1]["error"]["id"] == "place-unreachable" && told["places"][1]["removed"].is_null(),
        "{told}"
    );
    std::fs::rename(&away, &store).unwrap();
    let erased = there();
    let (exit, told) = erase("ender", "default");
    assert_eq!((exit, there().len(), &told["told_the_device"]), (0, 0, &true.into()), "{told}");
    home.done(&["privacy", "consent-record", "check", told["receipt"].as_str().unwrap()]);
    home.done(&["sync"]);
    for _ in 0..3 {
        assert_eq!(printer.done(&["sync"])["stores"][0]["problems"], serde_json::json!([]));
    }
    assert!(there().is_disjoint(&erased), "{:?}", there());
    assert!(!printer.objects().iter().any(|name| erased.contains(name)), "it deleted its own copies");
    assert!(own() >= before, "this device's own stay");
    // what is still allowed there is recorded anew, and lasts
    look_at(&printer, root.path());
    printer.done(&["sync"]);
    assert!(!there().is_empty() && !held(&printer).is_empty());
}

fn add_store(home: &Home, url: &str, server: &S3Server) {
    let keys = server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let (keys, ca) = (keys.to_str().unwrap(), server.ca_file.to_str().unwrap());
    home.done(&["store", "add", url, "--name", "cloud", "--credentials-file", keys, "--ca-file", ca]);
    home.done(&["privacy", "grant", "network"]);
}

/// A way to a server that ends once the server holds no more than so many objects, until it is opened again.
struct Way {
    port: u16,
    ends_at: Arc<AtomicUsize>,
}

impl Way {
    fn to(server: &S3Server) -> Self {
        let (to, data) = (server.endpoint.trim_start_matches("https://").to_owned(), server.data.join("bucket"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, ends_at) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let shared = ends_at.clone();
        let is_open = Arc::new(move || shared.load(Ordering::SeqCst) == 0 || count(&data) > shared.load(Ordering::SeqCst));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten().filter(|_| is_open()) {
                let there = TcpStream::connect(&to).unwrap();
                let ways = [(stream.try_clone().unwrap(), there.try_clone().unwrap()), (there, stream)];
                for (mut from, mut to) in ways {
                    let is_open = is_open.clone();
                    std::thread::spawn(move || {
                        let mut block = [0; 4096];
                        while let Ok(read @ 1..) = from.read(&mut block) {
                            if !is_open() || to.write_all(&block[..read]).is_err() {
                                break;
                            }
                        }
                        let _ = from.shutdown(std::net::Shutdown::Both);
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        Self { port, ends_at }
    }
}

#[test]
fn an_account_is_erased_everywhere_though_a_server_goes_away_in_the_middle() {
    let (server, home) = (S3Server::start(), recorded());
    let way = Way::to(&server);
    let url = format!("s3://bucket/p?endpoint=https://127.0.0.1:{}&region=us-east-1", way.port);
    add_store(&home, &url, &server);
    let stick = home.folder.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    home.done(&["store", "add", &format!("file://{}", stick.display()), "--name", "stick"]);
    for n in 0..5 {
        std::fs::write(home.data.join(format!("{n}.bin")), noise(n, 100_000)).unwrap();
        home.backup();
    }
    home.done(&["sync"]);
    let (objects, vault) = (count(&server.data.join("bucket")), home.vault());
    assert!(objects > 20 && count(&stick) > 20);
    // nothing more is sent to a region that the owner no longer allows; what lies there goes all the same
    home.done(&["store", "regions", "nowhere"]);
    assert_eq!(home.run(&["sync", "--store", "cloud"]).0, 6);
    assert_eq!(home.run(&["privacy", "erase", "--whole-account"]).0, 2);
    assert!(home.path.join("accounts/default/device.key").exists());

    // the server is gone once it removed five objects; the stick is in a drawer
    way.ends_at.store(objects - 5, Ordering::SeqCst);
    let drawer = home.folder.path().join("drawer");
    std::fs::rename(&stick, &drawer).unwrap();
    let (exit, first) = home.run(&["privacy", "erase", "--whole-account", "--yes-erase", "default"]);
    assert_eq!((exit, first["finished"].as_bool()), (6, Some(false)), "{first}");
    let outcome = |document: &Value, store: &str| {
        let places = document["places"].as_array().unwrap();
        places.iter().find(|place| place["store"] == store).unwrap()["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!([outcome(&first, "cloud"), outcome(&first, "stick")], ["away", "away"].map(str::to_owned));
    // here everything is gone already, keys first
    assert!(!home.path.join("accounts/default").exists() && !vault.exists());
    assert!(!home.path.join("recovery-kit.txt").exists());
    let left = count(&server.data.join("bucket"));
    assert!(0 < left && left < objects, "{left} of {objects}: in the middle");

    // the server is back, the stick is not
    way.ends_at.store(0, Ordering::SeqCst);
    let (exit, second) = home.run(&["privacy", "erase", "--whole-account"]);
    assert_eq!(exit, 6, "{second}");
    assert_eq!([outcome(&second, "cloud"), outcome(&second, "stick")], ["gone", "away"].map(str::to_owned));
    assert_eq!(count(&server.data.join("bucket")), 0);

    std::fs::rename(&drawer, &stick).unwrap();
    let third = home.done(&["privacy", "erase", "--whole-account"]);
    assert_eq!([outcome(&third, "cloud"), outcome(&third, "stick")], ["gone", "gone"].map(str::to_owned));
    assert!(count(&stick) == 0 && std::fs::read_dir(&stick).unwrap().count() == 0);
    // the receipt is signed by a key for which the device vouched while it had its own
    let file = third["receipt"].as_str().unwrap();
    home.done(&["privacy", "consent-record", "check", file]);
    let receipt: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let order = server::write(&home.folder.path().join("order.json"), &receipt["document"]["order"].to_string());
    home.done(&["privacy", "consent-record", "check", order.to_str().unwrap()]);
    assert_eq!(receipt["document"]["order"]["document"]["receipt_key"], receipt["signature"]["key"]);
    // no plan and no credentials are left
    each_file(&home.path, &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        let secret = server::SECRET_KEY.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
    });
    assert_eq!(std::fs::read_dir(home.path.join("erasures")).unwrap().count(), 0);

    let (exit, again) = home.run(&["privacy", "erase", "--whole-account", "--yes-erase", "default"]);
    assert_eq!(exit, 2, "{again}");
    assert!(again["error"]["message"].as_str().unwrap().contains("nothing left to erase"), "{again}");
    // the home is free for a new account, which an old plan does not touch
    home.backup();
    assert_eq!(home.restored("latest").len(), 6);
}

#[test]
fn erasing_an_account_leaves_no_recovery_kit_in_the_home_and_tells_of_those_elsewhere() {
    let home = recorded();
    let outside = |name: &str| home.folder.path().join(name);
    let to = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (here, stick, drawer) = (home.path.join("recovery-kit.txt"), outside("stick"), outside("drawer"));
    [&stick, &drawer].iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    // pages under a name with a time, under no such name, in a folder, as bare words, for print
    home.done(&["key", "kit", "--page"]);
    home.done(&["key", "kit", "--page", "--to", &to(&home.path.join("print me.html"))]);
    std::fs::create_dir(home.path.join("mine")).unwrap();
    std::fs::copy(&here, home.path.join("mine/letter")).unwrap();
    let page = std::fs::read_to_string(&here).unwrap();
    let (_, entropy) = printkeep::local::recovery_kit::Kit::parse(&page).unwrap();
    let words = bip39::Mnemonic::from_entropy(entropy.expose()).unwrap().to_string();
    std::fs::write(home.path.join("words"), &words).unwrap();
    for (folder, name) in [(&stick, "kit.txt"), (&drawer, "kit.html"), (&drawer, "burnt.txt")] {
        home.done(&["key", "kit", "--page", "--to", &to(&folder.join(name))]);
    }
    std::fs::remove_file(drawer.join("burnt.txt")).unwrap();
    // another account's kit stays
    let other = Home::new();
    other.done(&["setup"]);
    std::fs::copy(other.path.join("recovery-kit.txt"), home.path.join("recovery-kit-other.txt")).unwrap();
    let hidden = outside("pulled out");
    std::fs::rename(&stick, &hidden).unwrap();

    let erased = home.done(&["privacy", "erase", "--whole-account", "--yes-erase", "default"]);
    assert_eq!(erased["kit_pages"], serde_json::json!([to(&stick.join("kit.txt")), to(&drawer.join("kit.html"))]));
    let mut left = Vec::new();
    each_file(&home.path, &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        if printkeep::local::recovery_kit::Kit::parse(&String::from_utf8_lossy(&bytes)).is_ok() {
            left.push(path.file_name().unwrap().to_owned());
        }
    });
    assert_eq!(left, ["recovery-kit-other.txt"]);
}

#[test]
fn without_consent_to_network_use_erasing_asks_and_reaches_no_server() {
    let (server, home) = (S3Server::start(), recorded());
    add_store(&home, &server.url("p"), &server);
    home.done(&["sync"]);
    home.done(&["privacy", "withdraw", "network"]);
    let before = server.requests.load(Ordering::SeqCst);
    let (exit, refused) = home.run(&["privacy", "erase", "--whole-account", "--yes-erase", "default"]);
    assert_eq!(exit, 5, "{refused}");
    assert!(home.path.join("accounts/default/device.key").exists());
    let done = home.done(&["privacy", "erase", "--whole-account", "--here-only", "--yes-erase", "default"]);
    assert_eq!(done["places"][0]["outcome"], "left", "{done}");
    assert_eq!(server.requests.load(Ordering::SeqCst), before);
    assert!(!home.path.join("accounts/default").exists() && count(&home.path.join("vault")) == 0);
}
