//! How it begins: an account, four stores, devices let in by a code that is typed, first backups, following, a letter.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::{STORES, Stage, hashed, of};
use crate::support::corpus;
use crate::support::program::{Home, document};

pub fn account_and_stores(stage: &mut Stage) {
    stage.pc.done(&["setup", "--device-name", "pc"]);
    stage.add_store("pc", "rgw");
    let (exit, document) = stage.pc.run(&["sync"]);
    assert_eq!(exit, 5, "nothing was allowed yet: {document}");
    stage.pc.done(&["privacy", "grant", "network"]);
    STORES[1..].iter().for_each(|name| stage.add_store("pc", name));
    let tested = stage.pc.done(&["store", "test"]);
    for name in STORES {
        assert_eq!(of(&tested, name)["usable"], true, "{tested}");
    }
    assert_eq!(stage.pc.done(&["device", "allow-delete", "pc"])["role"], "may_delete");
    stage.ok("an account, consent, four stores that can be used, the PC may delete");
}

pub fn devices_by_code(stage: &mut Stage) {
    for name in ["ender", "laptop"] {
        enroll(&stage.pc, stage.home(name), name);
    }
    let listed = stage.pc.done(&["device", "list"]);
    let role: Vec<_> = listed["devices"].as_array().unwrap().iter().map(|d| (&d["name"], &d["role"])).collect();
    let expected = [("pc", "may_delete"), ("ender", "adds_only"), ("laptop", "adds_only")];
    for ((name, role), (wanted, wanted_role)) in role.iter().zip(expected) {
        assert!(*name == wanted && *role == wanted_role, "{listed}");
    }
    stage.ok("the printer and the laptop are enrolled by a code that was typed at a prompt and never echoed; both only write");
}

/// Lets a device in: the PC shows address and code, which are typed at the prompt of a terminal.
fn enroll(pc: &Home, new: &Home, name: &str) {
    let args = ["device", "enroll", "--listen", "127.0.0.1:0", "--share-credentials", "--json"];
    let mut host = pc.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut address, mut code) = (None, None);
    let mut said = BufReader::new(host.stderr.take().unwrap()).lines().map_while(Result::ok);
    while address.is_none() || code.is_none() {
        let line = said.next().expect("`device enroll` shows an address and a code");
        address = line.split_once("--enroll ").map(|(_, rest)| rest.to_owned()).or(address);
        code = line.split_once("code:").map(|(_, rest)| rest.trim().to_owned()).or(code);
    }
    let (address, code) = (address.unwrap(), code.unwrap());
    let program = new.command(&[]).get_program().to_str().unwrap().to_owned();
    let typed = format!("tty; exec {program} setup --enroll {address} --device-name {name}");
    let mut terminal = Command::new("/usr/bin/script")
        .args(["-qec", &typed, "/dev/null"])
        .env_clear()
        .envs([("HOME", new.folder.path()), ("PRINTKEEP_HOME", &new.path)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut screen, mut keyboard) = (terminal.stdout.take().unwrap(), terminal.stdin.take().unwrap());
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("Code that the other device shows: ") {
        let mut byte = [0];
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "no prompt: {}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    until_nothing_is_echoed(String::from_utf8_lossy(&shown).lines().next().unwrap());
    keyboard.write_all(format!("{code}\n").as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(terminal.wait().unwrap().success() && shown.contains(&format!("Enrolled as {name:?}")), "{shown}");
    assert!(!shown.contains(&code), "the code was echoed: {shown}");
    let host = document(&host.wait_with_output().unwrap());
    let fingerprint = host["fingerprint"].as_str().unwrap_or_else(|| panic!("{host}"));
    assert!(host["device"] == name && shown.contains(fingerprint), "{host} {shown}");
}

/// The prompt stands there a moment before the terminal stops echoing; whoever types reads it first.
fn until_nothing_is_echoed(terminal: &str) {
    let begun = Instant::now();
    let echoes = || {
        let said = Command::new("stty").args(["-F", terminal, "-a"]).output().unwrap();
        !String::from_utf8_lossy(&said.stdout).split_whitespace().any(|word| word == "-echo")
    };
    while echoes() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{terminal} goes on echoing at a prompt for a code");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn first_backups(stage: &mut Stage) {
    let mut bytes = 0;
    for (name, size) in [("ender", 24_000_000), ("pc", 6_000_000), ("laptop", 6_000_000)] {
        bytes += corpus::write(&stage.home(name).data, size, stage.seed ^ size).unwrap().all_bytes();
        assert_eq!(stage.backup(name)["snapshot"], 1);
    }
    // whoever is known to all is one that all stores tell of
    stage.sync("pc");
    stage.sync_all();
    for store in STORES {
        let verified = stage.pc.done(&["check", "--store", store]);
        assert_eq!((verified["snapshots"].as_u64(), &verified["damaged"]), (Some(3), &serde_json::json!([])), "{verified}");
    }
    for (name, device) in [("ender", &stage.ender), ("laptop", &stage.laptop)] {
        let (exit, document) = device.run(&["restore", "latest", "--to", "/nowhere"]);
        assert_eq!(exit, 4, "{name} reads nothing back: {document}");
    }
    assert_eq!(stage.restores_all(), 3);
    stage.ok(format!(
        "{:.1} MB in three snapshots, synced to four stores, each verified; the PC restores all, writers none",
        bytes as f64 / 1e6
    ));
}

pub fn following(stage: &mut Stage) {
    let to = stage.pc.folder.path().join("followed");
    let args = ["device", "follow", "ender", "data", "--to", to.to_str().unwrap(), "--once"];
    let first = stage.pc.done(&args);
    assert_eq!(first["failed"], 0, "{first}");
    assert_eq!(hashed(&to), hashed(&stage.ender.data), "{first}");
    stage.ok(format!("follow brought {} files, byte for byte", first["brought"]));
    let settings = stage.ender.data.join("config/printer.cfg");
    std::fs::write(&settings, "[printer]\nkinematics: corexy\n").unwrap();
    stage.write("ender", "new.gcode", 300_000);
    let again = |stage: &mut Stage| {
        stage.backup("ender");
        stage.sync("ender");
        stage.pc.done(&args)
    };
    let second = again(stage);
    assert_eq!((second["brought"].as_u64(), second["beside"].as_u64()), (Some(2), Some(0)), "{second}");
    assert_eq!(hashed(&to), hashed(&stage.ender.data));
    stage.ok("an edit on the printer and a new file came over, and nothing else");
    std::fs::write(to.join("config/printer.cfg"), "[printer]\n# mine\n").unwrap();
    std::fs::write(&settings, "[printer]\nkinematics: delta\n").unwrap();
    let third = again(stage);
    assert_eq!((third["brought"].as_u64(), third["beside"].as_u64()), (Some(0), Some(1)), "{third}");
    let beside = format!("config/printer (from ender, snapshot {}).cfg", stage.latest("ender"));
    assert_eq!(std::fs::read_to_string(to.join("config/printer.cfg")).unwrap(), "[printer]\n# mine\n");
    assert_eq!(std::fs::read(to.join(beside)).unwrap(), std::fs::read(settings).unwrap());
    stage.ok("a local edit that conflicts is kept, the printer's version lies beside it");
}

pub fn a_letter(stage: &mut Stage) {
    let (inbox, file) = (stage.ender.folder.path().join("inbox"), stage.pc.folder.path().join("cube.gcode"));
    std::fs::create_dir(&inbox).unwrap();
    let mut bytes = Vec::new();
    stage.dice.noise(5_000_000, &mut bytes);
    std::fs::write(&file, &bytes).unwrap();
    stage.ender.done(&["device", "inbox", "allow", inbox.to_str().unwrap()]);
    let sent = stage.pc.done(&["device", "send", file.to_str().unwrap(), "--to", "ender"]);
    assert_eq!(sent["sent"], true, "{sent}");
    stage.sync("ender");
    assert_eq!(std::fs::read(inbox.join("cube.gcode")).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 1);
    stage.sync("ender");
    stage.sync("pc");
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 1, "it comes once");
    for store in super::stage::FOLDERS {
        let left = stage.objects(store, "inbox");
        assert!(left.is_empty(), "{store}: {left:?}");
    }
    stage.ok("a file of 5 MB sent to the printer arrived once, byte for byte, and left nothing in the stores");
}
