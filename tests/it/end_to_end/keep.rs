//! The PC lets snapshots go while the printer goes on, and changes the account's keys.

use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::stage::{FOLDERS, STORES, Stage, hashed, of};
use crate::support::killer::Killer;
use crate::support::program::{Home, document, noise};

pub fn letting_go(stage: &mut Stage) {
    let before = stage.saved.len();
    let forgot = stage.pc.done(&["forget", "--keep-last", "3"]);
    let gone = forgot["forgotten"].as_u64().unwrap();
    assert!(gone >= 5, "{forgot}");
    let marked = stage.pc.done(&["prune"]);
    assert!(marked["marked"].as_u64() > Some(0) && removed(&marked) == 0, "{marked}");
    let soon = stage.pc.done(&["prune"]);
    assert_eq!(removed(&soon), 0, "{soon}");
    stage.ok(format!(
        "{gone} of {before} snapshots forgotten, {} objects marked, none removed within the grace period",
        marked["marked"]
    ));
    for store in ["apache", "openssh"] {
        let later = in_eight_days(&stage.pc, &["prune", "--store", store]);
        assert!(removed(&later) > 0, "{later}");
        stage.ok(format!("eight days later {} objects went from {store} and the vault", removed(&later)));
    }
    let started = Instant::now();
    stage.pc.done(&["prune", "--grace", "0d", "--dry-run"]);
    let mut killer = Killer::new(started.elapsed() * 2, stage.kills, stage.dice.below(1000));
    while !killer.is_done() {
        killer.kill(&stage.pc, &["prune", "--grace", "0d"]);
        let kept = kept(stage);
        let (device, number) = &kept[usize::try_from(stage.dice.below(kept.len() as u64)).unwrap()];
        stage.restores(&stage.pc, device, *number);
    }
    stage.ok(format!("{} kills of a prune: a kept snapshot restored after each", stage.kills));
    prune_beside_the_printer(stage);
    let kept = stage.restores_all();
    for store in STORES {
        let verified = stage.pc.done(&["check", "--store", store, "--read-data"]);
        assert_eq!(verified["damaged"], json!([]), "{store}: {verified}");
    }
    let heads = stage.objects("openssh", "heads").len();
    assert!(heads as u64 <= before as u64 - gone + 6, "{heads} heads are left of {before}, {gone} forgotten");
    stage.ok(format!(
        "pruned while the printer backed up and synced; {kept} snapshots restore, every byte in four stores is read"
    ));
}

/// The printer backs up and syncs while the PC prunes; then all come to the same state.
fn prune_beside_the_printer(stage: &mut Stage) {
    let (pc, ender, seed) = (&stage.pc, &stage.ender, stage.seed);
    let made = std::thread::scope(|scope| {
        let printer = scope.spawn(move || {
            let mut made = Vec::new();
            for round in 0..6 {
                std::fs::write(ender.data.join(format!("busy{}.gcode", round % 4)), noise(seed ^ (900 + round), 1_500_000))
                    .unwrap();
                let number = ender.backup()["snapshot"].as_u64().unwrap();
                made.push((number, hashed(&ender.data)));
                sync_or_later(ender);
            }
            made
        });
        let mut rounds = 0;
        while !printer.is_finished() || rounds < 3 {
            pc.done(&["prune", "--grace", "0d"]);
            rounds += 1;
        }
        printer.join().unwrap()
    });
    stage.saved.extend(made.into_iter().map(|(number, files)| (("ender".to_owned(), number), files)));
    stage.pc.done(&["prune", "--grace", "0d"]);
    ["ender", "laptop", "pc"].iter().for_each(|name| sync_or_later(stage.home(name)));
    stage.sync_all();
}

/// In the middle of a prune a sync may say that it must be done again; it says nothing else.
fn sync_or_later(home: &Home) {
    let (exit, told) = home.run(&["sync"]);
    let problems = told["stores"].as_array().unwrap().iter().any(|store| store["problems"] != json!([]));
    assert!(!problems && (exit == 0 || exit == 3 && told.to_string().contains("sync again later")), "{exit} {told}");
}

fn kept(stage: &Stage) -> Vec<(String, u64)> {
    let listed = stage.pc.done(&["snapshots"]);
    let kept = listed["snapshots"].as_array().unwrap().iter().filter(|s| s["forgotten"] == false);
    kept.map(|s| (s["device"].as_str().unwrap().to_owned(), s["number"].as_u64().unwrap())).collect()
}

fn removed(document: &Value) -> u64 {
    document["removed"].as_array().unwrap_or_else(|| panic!("{document}")).iter().map(|p| p["objects"].as_u64().unwrap()).sum()
}

/// Runs the program with a clock that is eight days ahead.
fn in_eight_days(home: &Home, args: &[&str]) -> Value {
    let program = home.command(&[]).get_program().to_owned();
    let mut command = Command::new("/usr/bin/faketime");
    command.args(["-f", "+8d"]).arg(program).args(args).arg("--json").env_clear().stdin(Stdio::null());
    let output = command.env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path).output().unwrap();
    let document = document(&output);
    assert!(output.status.success(), "{args:?} in eight days: {document}");
    document
}

pub fn new_keys(stage: &mut Stage) {
    for name in ["pc", "ender", "laptop"] {
        // a file that changed in the last moment is read again
        assert!((0..100).any(|_| stage.backup(name)["read"] == 0), "{name} never knows its files as unchanged");
    }
    stage.sync_all();
    let packs: Vec<_> = FOLDERS.iter().map(|store| stage.objects(store, "packs")).collect();
    assert_eq!(stage.pc.done(&["key", "rotate"])["generation"], 2);
    let mut sent = 0;
    for name in ["pc", "ender", "laptop", "pc"] {
        let done = stage.sync(name);
        sent += STORES.iter().map(|store| of(&done, store)["sent_bytes"].as_u64().unwrap()).max().unwrap();
    }
    let after: Vec<_> = FOLDERS.iter().map(|store| stage.objects(store, "packs")).collect();
    assert!(packs == after && sent < 100_000, "{sent} bytes were sent for new keys");
    for name in ["pc", "ender", "laptop"] {
        assert_eq!(stage.home(name).done(&["device", "list"])["generation"], 2, "{name}");
    }
    for name in ["pc", "ender", "laptop"] {
        stage.write(name, "under-new-keys.gcode", 200_000);
        let made = stage.backup(name);
        assert!(made["stored"].as_u64().unwrap() < 500_000, "{name}: {made}");
        let done = stage.sync(name);
        STORES.iter().for_each(|store| assert!(of(&done, store)["sent_bytes"].as_u64().unwrap() < 1_000_000, "{done}"));
    }
    stage.sync_all();
    let kept = stage.restores_all();
    stage.ok(format!(
        "new keys on all devices for {sent} bytes; no pack was sent anew; {kept} snapshots restore, older and newer"
    ));
}
