//! Providers that show an earlier state, and a device that was copied: told, by name and since when; the other stores go on.

use serde_json::{Value, json};

use super::stage::{FOLDERS, STORES, Stage, copy, of};
use crate::support::program::Home;

pub fn earlier_states(stage: &mut Stage) {
    stage.sync_all();
    let kept = tempfile::tempdir().unwrap();
    for (store, looks) in FOLDERS.into_iter().zip(["pc", "ender", "laptop"]) {
        let (there, before) = (stage.there(store), kept.path().join(store));
        copy(&there, &before);
        stage.write("ender", "later.gcode", 500_000);
        stage.backup("ender");
        stage.sync("ender");
        ["pc", "laptop"].iter().for_each(|name| drop(stage.sync(name)));
        stage.show(store, &before);
        let (exit, told) = stage.home(looks).run(&["sync"]);
        assert_eq!(exit, 7, "{looks}: {told}");
        let number = stage.latest("ender");
        let problem = find(&told, store, "older", "ender");
        assert!(problem["known"] == number && problem["shown"].as_u64() < Some(number) && problem["since"].is_i64(), "{problem}");
        let problems = stage.home(looks).run(&["problems"]).1.to_string();
        assert!(problems.contains("shows an older state") && problems.contains("`printkeep sync` on each device"), "{problems}");
        others_go_on(&told, store);
        let status = String::from_utf8(stage.home(looks).command(&["status"]).output().unwrap().stdout).unwrap();
        assert!(status.contains("older state") && status.contains("ender"), "{status}");
        let listed = stage.home(looks).run(&["problems"]).1;
        let is_meant = |one: &&Value| one["anomaly"] == "older" && one["subject"]["store"] == store && one["remedied"].is_null();
        let problem = listed["problems"].as_array().unwrap().iter().find(is_meant);
        let id = problem.unwrap_or_else(|| panic!("{listed}"))["number"].to_string();
        let shown = stage.home(looks).command(&["problems", "show", &id]).output().unwrap().stdout;
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("All was well on") && shown.contains("ender"), "{shown}");
        let rounds = heal(stage);
        stage.pc.done(&["check", "--store", store]);
        stage.ok(format!(
            "{store} set back: {looks} was told which device's, since when, exit 7; clean after {rounds} round(s) of syncs"
        ));
    }
    let kept = stage.restores_all();
    stage.ok(format!("nothing was lost by it: {kept} snapshots restore"));
}

/// As the words advise: syncs on each device until they report nothing.
fn heal(stage: &Stage) -> usize {
    for round in 1..=4 {
        let reports = ["pc", "ender", "laptop"].map(|name| stage.home(name).run(&["sync"]));
        if reports.iter().all(|(exit, _)| *exit == 0) {
            return round;
        }
        assert!(round < 4, "it does not heal: {reports:?}");
    }
    0
}

fn find<'a>(told: &'a Value, store: &str, kind: &str, device: &str) -> &'a Value {
    let problems = of(told, store)["problems"].as_array().unwrap_or_else(|| panic!("{told}"));
    let found = problems.iter().find(|problem| problem["kind"] == kind && problem["device"] == device);
    found.unwrap_or_else(|| panic!("{store}: no {kind} of {device}: {problems:?}"))
}

fn others_go_on(told: &Value, lying: &str) {
    for store in STORES.into_iter().filter(|store| *store != lying) {
        let one = of(told, store);
        assert!(one["problems"] == json!([]) && one["failed"] == json!([]) && one.get("error").is_none(), "{told}");
    }
}

pub fn a_copied_device(stage: &mut Stage) {
    let clone = Home::new();
    copy(&stage.laptop.path, &clone.path);
    copy(&stage.laptop.data, &clone.data);
    stage.write("laptop", "honest.gcode", 300_000);
    stage.backup("laptop");
    stage.sync("laptop");
    stage.sync("pc");
    let number = stage.latest("laptop");
    std::fs::write(clone.data.join("other.gcode"), "; the copy's\n").unwrap();
    assert_eq!(clone.backup()["snapshot"], number, "two histories");
    let (exit, told) = clone.run(&["sync"]);
    assert_eq!(exit, 7, "{told}");
    for store in STORES {
        let problem = find(&told, store, "forked", "laptop");
        assert_eq!(problem["kind"], "forked", "{problem}");
    }
    ["laptop", "pc", "ender"].iter().for_each(|name| drop(stage.sync(name)));
    stage.ok("a copy of the laptop that backs up too is told by every store, exit 7, and disturbs nobody");
    // the provider shows the copy's history to the others
    let heads = stage.objects("openssh", "heads");
    let own = clone.objects().into_iter().filter(|o| o.starts_with("heads/") && heads.contains(o));
    let differ =
        |o: &String| std::fs::read(clone.vault().join(o)).unwrap() != std::fs::read(stage.there("openssh").join(o)).unwrap();
    let forked: Vec<_> = own.filter(differ).collect();
    let [head] = &forked[..] else { panic!("{forked:?}") };
    let honest = std::fs::read(stage.there("openssh").join(head)).unwrap();
    std::fs::copy(clone.vault().join(head), stage.there("openssh").join(head)).unwrap();
    stage.write("ender", "meanwhile.gcode", 300_000);
    stage.backup("ender");
    for name in ["ender", "pc", "laptop"] {
        let (exit, told) = stage.home(name).run(&["sync"]);
        assert_eq!(exit, 7, "{name}: {told}");
        assert_eq!(find(&told, "openssh", "forked", "laptop")["known"], number, "{told}");
        others_go_on(&told, "openssh");
    }
    stage.restores(&stage.pc, "ender", stage.latest("ender"));
    stage.ok("a store that shows two histories of the laptop is told to each device, exit 7; the other stores go on");
    // as the words advise: one copy is kept, the other joins anew
    std::fs::write(stage.there("openssh").join(head), honest).unwrap();
    let server = &stage.servers["apache"];
    let join = ["setup", "--join", &server.url, "--recovery-kit", &stage.kit(), "--device-name", "copy"].map(str::to_owned);
    let args: Vec<&str> = join.iter().chain(&server.access).map(String::as_str).collect();
    let anew = Home::new();
    copy(&clone.data, &anew.data);
    anew.done(&args);
    assert_eq!(anew.backup()["snapshot"], 1);
    anew.done(&["sync"]);
    stage.saved.insert(("copy".into(), 1), super::stage::hashed(&anew.data));
    let rounds = heal(stage);
    for name in ["pc", "ender", "laptop"] {
        assert_eq!(crate::support::program::anomalies(&stage.home(name).run(&["status"]).1), json!([]), "{name}");
    }
    stage.restores(&stage.pc, "copy", 1);
    stage.ok(format!("the copy joined anew as a device of its own; clean after {rounds} round(s) of syncs"));
}
