//! What is recorded, and what never is: item by item with consent, masked, sealed, and gone when it must be.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::machine::{self, RAW};
use crate::support::program::{self, Home, each_file};
use crate::support::server::{self, S3Server};
use printkeep::consent::{Item, Masking};
use printkeep::engine::EngineError;
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::clock::Clock;
use printkeep::engine::privacy::records::observe::{self, Observed, Scene, observe};
use printkeep::engine::privacy::records::{Take, deletion, mask, record};
use printkeep::local::home;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::work_lock::{Waiting, WorkKind};
use serde_json::Value;

const NOW: i64 = 1_790_000_000;
const DAY: i64 = 24 * 3600;

fn open(home: &Home) -> AccountWriter {
    let home = home::Home::at(home.path.clone());
    let name = home.accounts().unwrap().remove(0);
    loop {
        match AccountWriter::open(&home, name.clone(), WorkKind::Small, &Waiting::no(), (&SystemRandom::new(), Clock::SYSTEM)) {
            // a process that another test forks holds our lock until it has become the program
            Err(EngineError::Busy(_)) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

/// Runs the program as if it ran on the made-up machine.
fn there(home: &Home, root: &Path, args: &[&str]) -> (i32, Value) {
    let output = home.command(args).env("PRINTKEEP_SYSTEM_ROOT", root).arg("--json").output().unwrap();
    (output.status.code().unwrap_or(-1), program::document(&output))
}

fn done_there(home: &Home, root: &Path, args: &[&str]) -> Value {
    let (exit, document) = there(home, root, args);
    assert_eq!(exit, 0, "{args:?}: {document}");
    document
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn look_at(home: &Home, root: &Path, time: i64) -> Observed {
    let sources = [root.join("printer/config")];
    observe(&mut open(home), &Scene { root, sources: &sources }, time, &SystemRandom::new()).unwrap()
}

fn made_up() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    machine::make(root.path());
    root
}

fn facts(home: &Home) -> Vec<Value> {
    home.done(&["privacy", "data"])["facts"].as_array().unwrap().clone()
}

fn items(facts: &[Value]) -> BTreeSet<&str> {
    facts.iter().map(|fact| fact["item"].as_str().unwrap()).collect()
}

fn text<'a>(facts: &'a [Value], item: &str) -> &'a str {
    facts.iter().rev().find(|fact| fact["item"] == item).unwrap_or_else(|| panic!("{item}"))["text"].as_str().unwrap()
}

fn fact_objects(folder: &Path) -> usize {
    let mut count = 0;
    each_file(folder, &mut |path| count += usize::from(path.to_string_lossy().contains("/facts/")));
    count
}

fn no_canary(what: &str, bytes: &[u8]) {
    let bytes = bytes.to_ascii_lowercase();
    for canary in RAW {
        assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary} in {what}");
    }
}

fn scan(folder: &Path) {
    each_file(folder, &mut |path| {
        no_canary(&path.display().to_string(), &std::fs::read(path).unwrap());
        no_canary("a name", path.to_string_lossy().as_bytes());
    });
}

fn add_store(home: &Home, server: &S3Server) {
    let keys = server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let (keys, ca) = (keys.to_str().unwrap(), server.ca_file.to_str().unwrap());
    home.done(&["store", "add", &server.url("p"), "--credentials-file", keys, "--ca-file", ca]);
    home.done(&["privacy", "grant", "network"]);
}

#[test]
fn each_item_is_recorded_by_itself_and_only_while_it_is_granted() {
    let (home, root) = (Home::new(), made_up());
    home.backup();
    assert_eq!(look_at(&home, root.path(), NOW), Observed::default());
    assert!(facts(&home).is_empty() && fact_objects(&home.path) == 0);
    for item in observe::items() {
        home.done(&["privacy", "grant", item.as_str()]);
        let observed = look_at(&home, root.path(), NOW);
        assert_eq!(observed.recorded, [item], "{observed:?}");
        let held = facts(&home);
        assert_eq!(items(&held), [item.as_str()].into(), "{held:?}");
        no_canary(item.as_str(), held[0]["text"].as_str().unwrap().as_bytes());
        home.done(&["privacy", "withdraw", item.as_str()]);
        assert!(facts(&home).is_empty() && fact_objects(&home.path) == 0, "{item:?}");
    }
}

/// The settings as they are, with the made-up printer's own folder as a source.
fn source(home: &Home, root: &Path) -> String {
    let before = std::fs::read_to_string(home.path.join("config.toml")).unwrap();
    format!("{before}\n[[source]]\npath = \"{}\"\n", root.join("printer/config").display())
}

#[test]
fn what_is_recorded_is_masked_and_no_canary_stands_anywhere() {
    let (server, home, root) = (S3Server::start(), Home::new(), made_up());
    home.backup();
    add_store(&home, &server);
    home.done(&["privacy", "grant", "device", "connection"]);
    std::fs::write(home.path.join("config.toml"), source(&home, root.path())).unwrap();
    let done = done_there(&home, root.path(), &["backup"]);
    assert_eq!(done["recorded"]["not_known_here"], serde_json::json!([]), "{done}");
    let held = facts(&home);
    // the table is closed: nothing is held that it lacks
    let known: BTreeSet<&str> = observe::items().map(Item::as_str).collect();
    assert_eq!(items(&held), known);
    for fact in &held {
        let (said, item) = (fact["text"].as_str().unwrap(), Item::parse(fact["item"].as_str().unwrap()).unwrap());
        no_canary(item.as_str(), said.as_bytes());
        for value in said.lines().map(|line| line.split_once(": ").unwrap().1) {
            match item.masking() {
                Masking::Pseudonym => assert!(value.len() == 32 && value.chars().all(|c| c.is_ascii_hexdigit()), "{said}"),
                Masking::Truncated => assert!(value.ends_with("/24") || value.ends_with("/48"), "{said}"),
                _ => {}
            }
        }
        assert_eq!(fact["legal_basis"], "consent");
        assert_eq!(fact["consent"].as_str().unwrap().len(), 64);
    }
    assert_eq!(text(&held, "device.model"), format!("model: {}\n", machine::MODEL));
    assert_eq!(text(&held, "device.settings"), "kinematics: corexy\nlargest speed: 300\n");
    assert_eq!(text(&held, "connection.local-ip"), "network: 192.168.211.0/24\n");
    assert_eq!(text(&held, "connection.public-ip"), "network: 2a02:db8:ca4a::/48\n");
    assert_eq!(text(&held, "connection.type"), "connected by: wi-fi\nconnected by: mobile\n");
    assert_eq!(text(&held, "connection.carrier"), "operator: 26201\n");
    // nothing changed: nothing is recorded again
    assert!(look_at(&home, root.path(), now()).recorded.is_empty());
    std::fs::write(root.path().join("proc/sys/kernel/osrelease"), "6.12.2\n").unwrap();
    assert_eq!(look_at(&home, root.path(), now()).recorded, [Item::Os]);
    done_there(&home, root.path(), &["sync"]);
    assert_eq!(fact_objects(&server.data), fact_objects(&home.path));
    assert_eq!(fact_objects(&server.data), known.len() + 1);
    scan(&home.path);
    scan(&server.data);
    for args in [&["check"][..], &["check", "--store", "store", "--read-data"], &["sync"]] {
        done_there(&home, root.path(), args);
    }
}

#[test]
fn two_accounts_cannot_be_correlated() {
    let (one, two, root) = (Home::new(), Home::new(), made_up());
    let seen = [&one, &two].map(|home| {
        home.backup();
        home.done(&["privacy", "grant", "device", "connection"]);
        look_at(home, root.path(), NOW);
        facts(home)
    });
    let masked: Vec<Item> = observe::items().filter(|item| item.masking() == Masking::Pseudonym).collect();
    assert!(masked.len() >= 4);
    for item in masked {
        assert_ne!(text(&seen[0], item.as_str()), text(&seen[1], item.as_str()), "{item:?}");
    }
    assert_eq!(text(&seen[0], "device.model"), text(&seen[1], "device.model"));
}

/// A Moonraker of sorts, which counts who asks.
fn moonraker() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 1024];
            let read = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let body = match request.split(' ').nth(1).unwrap_or_default() {
                "/printer/info" => format!(r#"{{"result": {{"app": "Klipper", "software_version": "v0.12.0-85", "hostname": "{}"}}}}"#, machine::HOSTNAME),
                "/server/info" => r#"{"result": {"moonraker_version": "v0.9.3", "api_key": "canary-wifi-password"}}"#.into(),
                path if path.starts_with("/printer/objects/query") => {
                    r#"{"result": {"status": {"toolhead": {"axis_maximum": [300.0, 300, 340, 0], "max_velocity": 500}, "configfile": {"settings": {"printer": {"kinematics": "corexy"}}}}}}"#.into()
                }
                _ => String::new(),
            };
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    (port, asked)
}

#[test]
fn a_printer_is_asked_over_loopback_only_with_consent_to_network_use() {
    let (home, root) = (Home::new(), made_up());
    let (port, asked) = moonraker();
    std::fs::write(root.path().join("printer/config/moonraker.conf"), format!("[server]\nport: {port}\n")).unwrap();
    home.backup();
    home.done(&["privacy", "grant", "device.firmware", "device.settings"]);
    look_at(&home, root.path(), NOW);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert_eq!(text(&facts(&home), "device.firmware"), "bios: U-Boot 2024.1\n");
    home.done(&["privacy", "grant", "network"]);
    look_at(&home, root.path(), NOW + 1);
    assert!(asked.load(Ordering::SeqCst) > 0);
    let held = facts(&home);
    assert_eq!(text(&held, "device.firmware"), "firmware: Klipper\nversion: v0.12.0-85\nmoonraker: v0.9.3\n");
    let expected = "kinematics: corexy\nlargest position: 300.0 300 340 0\nlargest speed: 500\n";
    assert_eq!(text(&held, "device.settings"), expected);
    held.iter().for_each(|fact| no_canary("a fact", fact.to_string().as_bytes()));
}

#[test]
fn one_items_permit_records_no_other() {
    let home = Home::new();
    home.backup();
    home.done(&["privacy", "grant", "device.model", "device.serial"]);
    let (mut account, random) = (open(&home), SystemRandom::new());
    let (model, serial) = (account.ledger.permit(Item::Model).unwrap(), account.ledger.permit(Item::Serial).unwrap());
    let masked = mask(&account, &serial, &[("serial", "42".into())], &[]).unwrap();
    let refused = record(&mut account, &model, &masked, Take::Always, NOW, &random);
    assert!(matches!(refused, Err(EngineError::Consent(_))), "{refused:?}");
    // a permit that grew old is none
    drop(account);
    home.done(&["privacy", "withdraw", "device.serial"]);
    let refused = record(&mut open(&home), &serial, &masked, Take::Always, NOW, &random);
    assert!(matches!(refused, Err(EngineError::Consent(_))), "{refused:?}");
    assert!(facts(&home).is_empty());
}

#[test]
fn commands_and_failures_are_recorded_without_names() {
    let home = Home::new();
    std::fs::write(home.data.join("canary-hostname.gcode"), "G28\n").unwrap();
    home.backup();
    home.done(&["privacy", "grant", "operation-log", "diagnostics"]);
    home.backup();
    assert_ne!(home.run(&["backup", "/canary-hostname/canary-serial-0042"]).0, 0);
    assert_ne!(home.run(&["restore", "canary-hostname", "--to", "/canary-hostname/x"]).0, 0);
    let held = facts(&home);
    assert_eq!(items(&held), ["diagnostics", "operation-log"].into());
    held.iter().for_each(|fact| no_canary("a fact", fact["text"].as_str().unwrap().as_bytes()));
    let said: Vec<&str> = held.iter().map(|fact| fact["text"].as_str().unwrap()).collect();
    assert!(said.iter().any(|text| text.starts_with("command: backup\nexit: 0\nbytes moved: ")), "{said:?}");
    assert!(said.contains(&"command: restore\nerror: no-snapshot: …\n"), "{said:?}");
    let without = Home::new();
    without.backup();
    assert_ne!(without.run(&["restore", "nothing", "--to", "/x"]).0, 0);
    assert_eq!(fact_objects(&without.path), 0);
}

#[test]
fn a_backup_records_what_is_allowed_on_this_very_machine() {
    let home = Home::new();
    home.backup();
    home.done(&["privacy", "grant", "device.os"]);
    let done = home.backup();
    assert_eq!(done["recorded"]["recorded"], serde_json::json!(["device.os"]), "{done}");
    assert!(text(&facts(&home), "device.os").starts_with("system: "));
}

#[test]
fn a_withdrawal_deletes_here_at_once_and_at_the_server_with_the_next_sync() {
    let (server, home, root) = (S3Server::start(), Home::new(), made_up());
    home.backup();
    add_store(&home, &server);
    home.done(&["privacy", "grant", "device.serial", "device.mac", "device.model"]);
    look_at(&home, root.path(), now());
    done_there(&home, root.path(), &["sync"]);
    assert_eq!((fact_objects(&home.path), fact_objects(&server.data)), (3, 3));
    let withdrawn = home.done(&["privacy", "withdraw", "device.serial"]);
    assert_eq!(withdrawn["deleted"]["records"], 1, "{withdrawn}");
    assert_eq!(withdrawn["deleted"]["waiting"], serde_json::json!(["store"]));
    assert_eq!((fact_objects(&home.path), fact_objects(&server.data)), (2, 3));
    // not allowed to reach the store: it waits
    home.done(&["privacy", "withdraw", "network"]);
    assert_eq!(there(&home, root.path(), &["sync"]).0, 5);
    assert_eq!(fact_objects(&server.data), 3);
    home.done(&["privacy", "grant", "network"]);
    let synced = done_there(&home, root.path(), &["sync"]);
    assert_eq!(synced["stores"][0]["deleted_facts"]["removed"], 1, "{synced}");
    assert_eq!((fact_objects(&home.path), fact_objects(&server.data)), (2, 2));
    let receipts = home.done(&["privacy", "receipts"]);
    let receipts = receipts["receipts"].as_array().unwrap();
    let mut places: Vec<Option<&str>> = receipts.iter().map(|receipt| receipt["document"]["store"].as_str()).collect();
    // both may be of one second
    places.sort_unstable();
    assert_eq!(places, [None, Some("store")]);
    assert!(receipts.iter().all(|r| r["document"]["records"][0]["item"] == "device.serial"), "{receipts:?}");
    for receipt in receipts {
        home.done(&["privacy", "consent-record", "check", receipt["file"].as_str().unwrap()]);
    }
    // nothing is asked of the store when nothing waits, and nothing comes back
    done_there(&home, root.path(), &["sync"]);
    assert_eq!((fact_objects(&home.path), fact_objects(&server.data)), (2, 2));
    home.done(&["check", "--store", "store"]);
    let file: PathBuf = receipts[1]["file"].as_str().unwrap().into();
    let forged = std::fs::read_to_string(&file).unwrap().replace("device.serial", "device.model");
    std::fs::write(&file, forged).unwrap();
    assert_eq!(home.run(&["privacy", "receipts"]).0, 7);
}

#[test]
fn facts_go_when_their_time_is_over() {
    let (home, root) = (Home::new(), made_up());
    home.backup();
    home.done(&["privacy", "grant", "device", "connection"]);
    look_at(&home, root.path(), NOW);
    let told = home.done(&["privacy", "retention"]);
    for item in told["items"].as_array().unwrap().iter().filter(|item| item["held"] != 0) {
        assert_eq!(item["next"].as_i64(), Some(NOW + item["days"].as_i64().unwrap() * DAY), "{item}");
    }
    let mut account = open(&home);
    let held = |account: &Account| account.facts.held().map(|(_, held)| held.item).collect::<BTreeSet<Item>>();
    let of_days = |days: u16| observe::items().filter(|item| item.days() > days).collect::<BTreeSet<_>>();
    for days in [30, 90, 365] {
        deletion::tidy(&mut account, &[], NOW + i64::from(days) * DAY - 1).unwrap();
        assert_eq!(held(&account), of_days(days - 1), "a second before {days} days");
        deletion::tidy(&mut account, &[], NOW + i64::from(days) * DAY).unwrap();
        assert_eq!(held(&account), of_days(days), "after {days} days");
    }
    assert!(held(&account).is_empty() && fact_objects(&home.path) == 0);
    // a fact from far ahead, by a clock that was wrong, does not stay for ever
    drop(account);
    look_at(&home, root.path(), NOW + 4000 * DAY);
    let mut account = open(&home);
    assert!(!held(&account).is_empty());
    deletion::tidy(&mut account, &[], NOW).unwrap();
    assert!(held(&account).is_empty());
    drop(account);
    let shown = home.done(&["privacy", "retention"]);
    let days: BTreeSet<u64> = shown["items"].as_array().unwrap().iter().map(|item| item["days"].as_u64().unwrap()).collect();
    assert_eq!(days, [30, 90, 365].into());
}

#[test]
fn what_a_killed_run_left_is_swept_and_no_number_comes_twice() {
    let (home, root) = (Home::new(), made_up());
    home.backup();
    home.done(&["privacy", "grant", "device.model", "device.os"]);
    look_at(&home, root.path(), NOW);
    let device = open(&home).device.id;
    let object = |number: u64| home.vault().join(format!("facts/{device}/{number:016x}"));
    // booked, and not kept
    std::fs::remove_file(object(1)).unwrap();
    home.done(&["check"]);
    // booked as gone, and not removed yet
    std::fs::copy(object(2), object(9)).unwrap();
    deletion::tidy(&mut open(&home), &[], NOW).unwrap();
    assert_eq!(fact_objects(&home.path), 1);
    assert_eq!(look_at(&home, root.path(), NOW + 1).recorded, [Item::Model]);
    assert!(object(3).exists());
    assert_eq!(facts(&home).len(), 2);
    // what is damaged is told
    let mut bytes = std::fs::read(object(3)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(object(3), bytes).unwrap();
    assert_eq!(home.run(&["check"]).0, 7);
    assert_eq!(home.run(&["privacy", "data"]).0, 7);
}

#[test]
fn where_a_device_only_writes_its_facts_do_not_go() {
    let (home, root) = (Home::new(), made_up());
    home.backup();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--write-only"]);
    home.done(&["privacy", "grant", "device.model"]);
    done_there(&home, root.path(), &["backup", home.data.to_str().unwrap()]);
    done_there(&home, root.path(), &["sync"]);
    assert_eq!((fact_objects(&home.path), fact_objects(&store)), (1, 0));
    let withdrawn = home.done(&["privacy", "withdraw", "device.model"]);
    assert_eq!(withdrawn["deleted"]["waiting"], serde_json::json!([]));
    done_there(&home, root.path(), &["sync"]);
    assert_eq!(home.done(&["status"])["stores"][0]["objects"], 0);
}
