//! What happens to a backup: kills at random moments, a throttled store, a server that stops in the middle.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::stage::{FOLDERS, Stage, hashed, of};
use crate::support::killer::Killer;
use crate::support::program::document;

pub fn kills(stage: &mut Stage) {
    let data = stage.ender.data.to_str().unwrap().to_owned();
    stage.write("ender", "killed.jpg", 4_000_000);
    let started = Instant::now();
    stage.backup("ender");
    let mut killer = Killer::new(started.elapsed(), stage.kills, stage.dice.below(1000));
    while !killer.is_done() {
        stage.write("ender", "killed.jpg", 4_000_000);
        killer.kill(&stage.ender, &["backup", &data]);
        learn(stage, "ender");
        stage.ender.done(&["check", "--read-data"]);
    }
    stage.backup("ender");
    stage.ok(format!("{} kills of a backup: the vault was whole after each, and the next one went on", stage.kills));
    let started = Instant::now();
    stage.sync("ender");
    let mut killer = Killer::new(started.elapsed(), stage.kills, stage.dice.below(1000));
    while !killer.is_done() {
        stage.write("ender", "killed.mp4", 4_000_000);
        stage.backup("ender");
        killer.kill(&stage.ender, &["sync"]);
        // whatever head is there, all that it needs is there
        let store = super::stage::STORES[usize::try_from(stage.dice.below(4)).unwrap()];
        let (exit, document) = stage.ender.run(&["check", "--store", store]);
        let not_sent = |p: &Value| p["object"].as_str().unwrap().starts_with("heads/") && p["reason"]["id"] == "object-missing";
        let problems = document["damaged"].as_array().unwrap_or_else(|| panic!("{store}: {exit} {document}"));
        assert!(problems.iter().all(not_sent) && document["problems"] == json!([]), "{store}: {exit} {document}");
    }
    stage.sync_all();
    let kept = stage.restores_all();
    stage.ok(format!("{} kills of a sync: every head in a store had all it needs; {kept} snapshots restore", stage.kills));
}

/// A backup that was killed may have been done: what it made is what lies there.
fn learn(stage: &mut Stage, name: &str) {
    let home = stage.home(name);
    let files = hashed(&home.data);
    let listed = home.done(&["snapshots"]);
    let own = listed["snapshots"].as_array().unwrap().iter().filter(|s| s["own"] == true);
    let numbers: Vec<u64> = own.map(|s| s["number"].as_u64().unwrap()).collect();
    for number in numbers {
        stage.saved.entry((name.to_owned(), number)).or_insert_with(|| files.clone());
    }
}

pub fn a_throttled_store(stage: &mut Stage) {
    stage.ender.done(&["store", "set", "rclone", "--limit", "2 MB/s"]);
    stage.write("ender", "slow.mp4", 8_000_000);
    stage.backup("ender");
    let started = Instant::now();
    let done = stage.ender.done(&["sync", "--store", "rclone"]);
    let took = started.elapsed().as_secs_f64();
    let least = of(&done, "rclone")["sent_bytes"].as_f64().unwrap() / 2e6;
    assert!(least >= 4.0 && took >= least * 0.9, "{took:.1} s, {done}");
    let started = Instant::now();
    stage.ender.done(&["sync", "--store", "openssh"]);
    let other = started.elapsed().as_secs_f64();
    assert!(other < took, "a store without a limit took {other:.1} s");
    stage.ok(format!("a store limited to 2 MB/s took 8 MB in {took:.1} s, one without a limit in {other:.1} s"));
}

pub fn a_server_that_stops(stage: &mut Stage) {
    stage.sync("ender");
    let before = stage.objects("rclone", "packs").len();
    stage.write("ender", "cut.mp4", 24_000_000);
    stage.backup("ender");
    let mut command = stage.ender.command(&["sync", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while stage.objects("rclone", "packs").len() == before {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing arrived at the throttled store");
        std::thread::sleep(Duration::from_millis(20));
    }
    stage.kill_rclone();
    let output = child.wait_with_output().unwrap();
    let (exit, told) = (output.status.code(), document(&output));
    let cut = of(&told, "rclone");
    assert!(exit == Some(3) && cut["away"] == true && cut["error"]["text"].is_string(), "{exit:?} {told}");
    for store in ["rgw", "apache", "openssh"] {
        assert!(of(&told, store).get("error").is_none() && of(&told, store)["sent"].as_u64() > Some(0), "{told}");
    }
    let waiting = stage.ender.run(&["status"]).1["stores"].clone();
    assert!(waiting.as_array().unwrap().iter().any(|w| w["store"] == "rclone" && w["objects"].as_u64() > Some(0)), "{waiting}");
    stage.server("rclone", "start");
    let again = stage.sync("ender");
    let packs = stage.objects("rclone", "packs").len();
    assert!(packs > before && of(&again, "rclone")["sent"].as_u64() > Some(0), "{again}");
    stage.ender.done(&["store", "set", "rclone", "--no-limit"]);
    stage.ender.done(&["check", "--store", "rclone", "--read-data"]);
    stage.sync_all();
    let number = stage.latest("ender");
    stage.restores(&stage.pc, "ender", number);
    for store in FOLDERS {
        stage.pc.done(&["check", "--store", store]);
    }
    stage.ok(
        "a server killed in the middle of a sync was told as away, the three others got all; started again, the rest went on",
    );
}
