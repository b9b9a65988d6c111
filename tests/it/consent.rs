//! Consent as an owner gives and takes it: item by item, under a policy, in a ledger that can be shown and checked.

use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::{Output, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::program::Home;
use crate::support::server::{self, S3Server};
use printkeep::consent::Item;
use printkeep::consent::policy::BUILT_IN;
use printkeep::engine::devices::enroll::host::Waiting;
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::address::{Address, Trust};
use printkeep::provider::http::Client;
use printkeep::provider::sftp::Sftp;
use serde_json::Value;

/// A home with a backup and a store behind TLS.
fn home_with_store(url: &str, ca: &str) -> Home {
    let home = Home::new();
    std::fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
    home.backup();
    add_store(&home, url, ca);
    home
}

fn add_store(home: &Home, url: &str, ca: &str) {
    let keys = server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    home.done(&["store", "add", url, "--credentials-file", keys.to_str().unwrap(), "--ca-file", ca]);
}

fn standing(home: &Home, item: &str) -> String {
    let shown = home.done(&["privacy", "show"]);
    let found = shown["consents"].as_array().unwrap().iter().find(|consent| consent["purpose"] == item).unwrap();
    found["standing"].as_str().unwrap().to_owned()
}

#[test]
fn everything_is_refused_until_it_is_granted_by_itself() {
    let home = Home::new();
    home.backup();
    let shown = home.done(&["privacy", "show"]);
    assert!(shown["consents"].as_array().unwrap().iter().all(|consent| consent["allowed"] == false), "{shown}");
    home.done(&["privacy", "grant", "device.serial"]);
    home.done(&["privacy", "deny", "connection"]);
    for (item, expected) in [
        ("device.serial", "granted"),
        ("device.model", "unasked"),
        ("network", "unasked"),
        ("connection.ssid", "denied"),
        ("connection.type", "denied"),
    ] {
        assert_eq!(standing(&home, item), expected, "{item}");
    }
    home.done(&["privacy", "grant", "device"]);
    home.done(&["privacy", "withdraw", "serial"]);
    assert_eq!(standing(&home, "device.serial"), "withdrawn");
    assert_eq!(standing(&home, "device.mac"), "granted");
}

#[test]
fn what_nothing_serves_cannot_be_granted_and_nothing_else_is_granted_with_it() {
    let home = Home::new();
    home.backup();
    for purpose in ["advertising", "push-messages", "cookies", "sharing"] {
        let (exit, document) = home.run(&["privacy", "grant", "network", purpose]);
        assert_eq!(exit, 2, "{document}");
        assert!(document["error"]["message"].as_str().unwrap().contains("nothing in Printkeep does"), "{document}");
        home.done(&["privacy", "deny", purpose]);
    }
    assert_eq!(standing(&home, "network"), "unasked");
    assert_eq!(home.command(&["privacy", "grant", "everything"]).output().unwrap().status.code(), Some(2));
}

/// A yes to something else is a permit, too: whoever opens a connection looks what it is for.
#[test]
fn a_permit_for_something_else_opens_no_connection() {
    let trust = Trust::new(None, &[], true, false).unwrap();
    let (Ok(Address::Sftp(sftp)), random) = (Address::parse("sftp://me@127.0.0.1:1/x"), SystemRandom::new()) else { panic!() };
    let url = url::Url::parse("https://127.0.0.1:1").unwrap();
    for item in Item::all().filter(|item| item.purpose().is_served()) {
        let permit = server::permit_for(item);
        let network = item == Item::Network;
        assert_eq!(Client::new(&permit, &url, &trust).is_ok(), network, "{item:?}");
        assert_eq!(Sftp::new(&permit, &sftp, &trust, server::credentials(), server::account(1)).is_ok(), network, "{item:?}");
        let waiting = Waiting::listen(&permit, Some(([127, 0, 0, 1], 0).into()), &random);
        assert_eq!(waiting.is_ok(), network, "{item:?}");
    }
}

/// The last record may have been a withdrawal that the owner saw confirmed: a consent that may be taken back is not used.
#[test]
fn a_journal_whose_end_was_torn_allows_nothing_any_more() {
    let home = Home::new();
    home.backup();
    home.done(&["privacy", "grant", "network", "device.model"]);
    let journal = home.path.join("accounts/default/account.journal");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes.extend_from_slice(&[0x5a; 7]);
    std::fs::write(&journal, bytes).unwrap();
    // who only looks writes nothing, and uses nothing of it either
    let (exit, document) = home.run(&["privacy", "show"]);
    assert_eq!((exit, standing(&home, "network")), (0, "withdrawn".into()), "{document}");
    home.backup();
    assert_eq!((standing(&home, "network"), standing(&home, "device.model")), ("withdrawn".into(), "withdrawn".into()));
    home.done(&["privacy", "grant", "network"]);
    home.backup();
    assert_eq!(standing(&home, "network"), "granted");
}

#[test]
fn a_changed_policy_stops_the_network_and_nothing_else() {
    let server = S3Server::start();
    let home = home_with_store(&server.url("p"), server.ca_file.to_str().unwrap());
    home.done(&["privacy", "grant", "network", "device.model"]);
    home.done(&["sync"]);
    let changed =
        BUILT_IN.replacen("version = 1", "version = 2", 1).replacen("No connection is opened", "Connections are opened", 1);
    let file = server::write(&home.folder.path().join("policy.toml"), &changed);
    let installed = home.done(&["privacy", "policy", "install", file.to_str().unwrap()]);
    assert_eq!(installed["touched"], serde_json::json!(["network"]));
    let before = server.requests.load(Ordering::SeqCst);
    for args in [&["sync"][..], &["store", "test"], &["check", "--store", "store"]] {
        let (exit, document) = home.run(args);
        assert_eq!(exit, 5, "{document}");
        assert!(document["error"]["message"].as_str().unwrap().contains("has changed"), "{document}");
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), before);
    assert_eq!((standing(&home, "network"), standing(&home, "device.model")), ("stale".into(), "granted".into()));
    // the local vault goes on
    std::fs::write(home.data.join("b.gcode"), "G29\n").unwrap();
    home.backup();
    assert_eq!(home.restored("latest").len(), 2);
    let shown = home.done(&["privacy", "policy", "diff", "1", "2"]);
    assert_eq!(shown["touched"], serde_json::json!(["network"]));
    home.done(&["privacy", "grant", "network"]);
    home.done(&["sync"]);
    assert!(server.requests.load(Ordering::SeqCst) > before);
}

#[test]
fn a_broken_policy_is_refused_and_one_that_rots_allows_nothing() {
    let home = Home::new();
    home.backup();
    home.done(&["privacy", "grant", "network"]);
    let file = server::write(&home.folder.path().join("policy.toml"), &BUILT_IN.replacen("[[item]]", "[[itm]]", 1));
    let (exit, document) = home.run(&["privacy", "policy", "install", file.to_str().unwrap()]);
    assert_eq!(exit, 2, "{document}");
    assert_eq!(standing(&home, "network"), "granted");
    let second = BUILT_IN.replacen("version = 1", "version = 2", 1);
    home.done(&["privacy", "policy", "install", server::write(&file, &second).to_str().unwrap()]);
    assert_eq!(standing(&home, "network"), "granted");
    for file in std::fs::read_dir(home.path.join("policies")).unwrap().flatten() {
        if file.file_name() != "in-force" {
            std::fs::write(file.path(), "rotten").unwrap();
        }
    }
    assert_eq!(standing(&home, "network"), "stale");
    let (exit, document) = home.run(&["privacy", "grant", "network"]);
    assert_eq!(exit, 5, "{document}");
    assert_eq!(home.run(&["privacy", "policy", "show"]).0, 7);
    home.backup();
    home.done(&["privacy", "policy", "reset"]);
    assert_eq!(standing(&home, "network"), "granted");
}

#[test]
fn the_policy_speaks_both_languages() {
    let home = Home::new();
    let english = home.done(&["privacy", "policy", "show", "--lang", "en"]);
    let chinese = home.done(&["privacy", "policy", "show", "--lang", "zh-CN"]);
    assert_eq!(english["policy"], chinese["policy"]);
    for (document, some) in [(&english, "maintainers"), (&chinese, "维护者")] {
        assert!(document["contact"].as_str().unwrap().contains(some), "{document}");
        assert_eq!(document["items"].as_array().unwrap().len(), printkeep::consent::Item::all().count());
    }
    let shown = home.command(&["privacy", "policy", "show"]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    assert!(String::from_utf8(shown.stdout).unwrap().contains("您的数据"));
}

/// Takes what is in a file, changes one thing, and says whether `consent check` still believes it.
fn believed(home: &Home, file: &std::path::Path, change: impl FnOnce(&mut Value)) -> bool {
    let mut document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    change(&mut document);
    let changed = server::write(&home.folder.path().join("changed.json"), &document.to_string());
    let (exit, _) = home.run(&["privacy", "consent-record", "check", changed.to_str().unwrap()]);
    assert!(exit == 0 || exit == 7);
    exit == 0
}

#[test]
fn exports_and_receipts_are_whole_and_signed() {
    let home = Home::new();
    home.backup();
    home.done(&["privacy", "grant", "network", "device.serial"]);
    home.done(&["privacy", "withdraw", "device.serial"]);
    let history = home.done(&["privacy", "history"]);
    assert_eq!(history["entries"].as_array().unwrap().len(), 3);
    let file = home.folder.path().join("consents.json");
    home.done(&["privacy", "consent-record", "export", "--to", file.to_str().unwrap()]);
    let export: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let records = export["document"]["records"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    for section in ["header", "pii_processing", "party_identification", "event"] {
        assert!(records.iter().all(|record| !record[section].is_null()), "{section}");
    }
    assert!(believed(&home, &file, |_| {}));
    assert!(!believed(&home, &file, |export| export["document"]["records"][0]["consent_status"] = "granted!".into()));
    assert!(!believed(&home, &file, |export| {
        export["document"]["ledger"].as_array_mut().unwrap().remove(1);
    }));
    assert!(!believed(&home, &file, |export| export["signature"]["value"] = "00".repeat(64).into()));
    let receipt = home.folder.path().join("receipt.json");
    home.done(&["privacy", "consent-record", "receipt", "serial", "--to", receipt.to_str().unwrap()]);
    assert!(believed(&home, &receipt, |_| {}));
    assert!(!believed(&home, &receipt, |receipt| receipt["document"]["record"]["event"] = Value::Null));
    assert_eq!(home.run(&["privacy", "consent-record", "receipt", "mac"]).0, 2);
}

#[test]
fn a_withdrawal_reaches_a_sync_at_work_within_a_second() {
    // a server that takes connections and says nothing
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("s3://bucket/p?endpoint=https://127.0.0.1:{}&region=us-east-1", listener.local_addr().unwrap().port());
    let real = S3Server::start();
    let home = home_with_store(&url, real.ca_file.to_str().unwrap());
    home.done(&["privacy", "grant", "network"]);
    let sync = home.command(&["sync", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let connection = listener.accept().unwrap();
    let booked = home.done(&["privacy", "withdraw", "network"]);
    assert_eq!(booked["consents"][0]["allowed"], false, "{booked}");
    let told = Instant::now();
    let ended: Output = sync.wait_with_output().unwrap();
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
    assert_eq!(ended.status.code(), Some(5), "{}", String::from_utf8_lossy(&ended.stdout));
    drop(connection);
    assert_eq!(standing(&home, "network"), "withdrawn");
    assert_eq!(home.run(&["sync"]).0, 5);
    let booked = home.done(&["privacy", "history"]);
    assert_eq!(booked["entries"][1]["surface"], "command-line", "it was booked beside the sync: {booked}");
}

/// Runs it in a process that is killed at its first socket.
fn without_sockets(home: &Home, args: &[&str]) -> Output {
    use seccompiler::{SeccompAction, SeccompFilter};
    std::thread::scope(|scope| {
        let run = || {
            let socket = libc_numbers::SOCKET;
            let rules = [(socket, Vec::new())].into_iter().collect();
            let filter = SeccompFilter::new(
                rules,
                SeccompAction::Allow,
                SeccompAction::KillProcess,
                std::env::consts::ARCH.try_into().unwrap(),
            );
            let program: seccompiler::BpfProgram = filter.unwrap().try_into().unwrap();
            // holds for this thread and for what it starts
            seccompiler::apply_filter(&program).unwrap();
            home.command(args).output().unwrap()
        };
        scope.spawn(run).join().unwrap()
    })
}

/// The number of `socket(2)`.
mod libc_numbers {
    #[cfg(target_arch = "x86_64")]
    pub const SOCKET: i64 = 41;
    #[cfg(target_arch = "aarch64")]
    pub const SOCKET: i64 = 198;
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[test]
fn who_denies_everything_causes_not_one_socket() {
    let server = S3Server::start();
    let home = home_with_store(&server.url("p"), server.ca_file.to_str().unwrap());
    let named = "s3://bucket/p?endpoint=https://store.example.net&region=eu";
    add_store(&home, named, server.ca_file.to_str().unwrap());
    home.done(&["privacy", "deny", "network", "device", "connection", "operation-log", "diagnostics"]);
    let data = home.data.to_str().unwrap().to_owned();
    let to = home.folder.path().join("out").to_str().unwrap().to_owned();
    for (args, exit) in [
        (&["backup", &data][..], 0),
        (&["snapshots"], 0),
        (&["ls"], 0),
        (&["restore", "latest", "--to", &to], 0),
        (&["check", "--read-data"], 0),
        (&["status"], 0),
        (&["check", "--repair"], 0),
        (&["privacy", "policy", "show"], 0),
        (&["privacy", "consent-record", "export"], 0),
        (&["sync"], 5),
        (&["store", "test"], 5),
        (&["check", "--store", "store"], 5),
        (&["device", "enroll"], 5),
    ] {
        let output = without_sockets(&home, args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), None, "{args:?} opened a socket");
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
    }
    // and the trap works: with consent the same sync is killed
    home.done(&["privacy", "grant", "network"]);
    let output = without_sockets(&home, &["sync"]);
    assert_eq!(output.status.signal(), Some(31), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}
