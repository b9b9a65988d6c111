//! What is demanded of every lie: how it is told, and that it costs its store and nothing else.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::world::{HONEST, Held, LYING, World, comes_back, held};
use crate::support::program::Home;

type Deed = Box<dyn Fn(&World)>;

/// One lie.
pub struct Case {
    pub name: String,
    /// What is done honestly before it.
    prepare: Deed,
    /// What the store shows from now on, or what a stolen device put there.
    play: Deed,
    /// Of which kind a problem is told; none where what is shown changes nothing that anybody believes.
    told: Option<&'static str>,
}

impl Case {
    /// One that is told as a problem of this kind, or not at all.
    pub fn told_as(name: impl Into<String>, told: Option<&'static str>, play: impl Fn(&World) + 'static) -> Self {
        let nothing = || Box::new(|_: &World| ());
        Self { name: name.into(), prepare: nothing(), play: Box::new(play), told }
    }

    pub fn new(name: impl Into<String>, told: &'static str, play: impl Fn(&World) + 'static) -> Self {
        Self::told_as(name, Some(told), play)
    }

    pub fn after(self, prepare: impl Fn(&World) + 'static) -> Self {
        Self { prepare: Box::new(prepare), ..self }
    }
}

/// Plays each of these, in a world that is set back before it; every one that ends as it must not is named.
pub fn judge(world: &World, cases: &[Case]) {
    let mut failed = Vec::new();
    let names: BTreeSet<&String> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two lies of one name");
    for case in cases {
        world.reset();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one(world, case)));
        if let Err(why) = ended {
            let why = why.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".into());
            failed.push(format!("{}: {why}", case.name));
        }
    }
    assert!(failed.is_empty(), "{} of {} lies:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

fn one(world: &World, case: &Case) {
    (case.prepare)(world);
    let before = held(&world.there("one"));
    let kept: Vec<(String, Vec<u8>)> = before.keys().map(|name| (name.clone(), world.bytes(name))).collect();
    (case.play)(world);
    let (lies, gone) = world.lies(&before);
    assert!(!lies.is_empty() || !gone.is_empty(), "it changes nothing");
    let objects: BTreeSet<&String> = lies.keys().chain(&gone).collect();

    is_told(world, case, &objects);
    costs_nothing_else(world);
    is_believed_nowhere(world, &lies);

    // taken away again
    for (name, bytes) in &kept {
        if held(&world.there("one")).get(name) != before.get(name) {
            world.show(name, bytes);
        }
    }
    let now = held(&world.there("one"));
    for name in lies.keys().filter(|name| !before.contains_key(*name) && now.get(*name) == lies.get(*name)) {
        fs::remove_file(world.there("one").join(name)).unwrap();
    }
    is_well(world);
}

/// A check or a sync names what it is about; the problem is the lying store's, and no other's.
fn is_told(world: &World, case: &Case, objects: &BTreeSet<&String>) {
    let (found, checked) = world.pc.run(&["check", "--store", LYING, "--read-data", "--recovery-kit", &world.kit()]);
    // what a check finds, the sync behind it may mend
    let mut problems = problems(&world.pc);
    let (exit, synced) = world.pc.run(&["sync"]);
    assert!([0, 3, 7].contains(&exit) && [0, 3, 7].contains(&found), "sync {exit}, check {found}: {synced} {checked}");
    let stores = synced["stores"].as_array().unwrap();
    let honest = stores.iter().find(|store| store["store"] == HONEST).unwrap();
    assert!(is_empty(&honest["problems"]) && is_empty(&honest["failed"]), "the honest store is blamed: {honest}");
    problems.extend(self::problems(&world.pc));
    let said = problems.iter().map(summary).collect::<Vec<_>>().join("; ");
    let Some(kind) = case.told else {
        assert!((exit, found) == (0, 0) && problems.is_empty(), "it should be passed over: sync {exit}, check {found}, {said}");
        return;
    };
    assert!(exit > 0 || found > 0, "nothing is told: sync {exit}, check {found}, {said}");
    let told = |problem: &&Value| problem["kind"] == kind && problem["subject"]["store"] == LYING;
    let told: Vec<&Value> = problems.iter().filter(told).collect();
    assert!(!told.is_empty(), "no {kind}, but: {said}");
    let replies = format!("{synced} {checked}");
    let named = objects.iter().any(|name| replies.contains(name.as_str()));
    let device = told.iter().any(|problem| problem["device"].as_str().is_some_and(|device| !device.is_empty()));
    let whole = told.iter().any(|problem| ["emptied", "older-roster"].iter().any(|what| problem["anomaly"] == *what));
    assert!(named || device || whole, "neither object nor device is named: {said}");
    // that copies are fewer, or that a device whose newest snapshot is kept back is silent, follows from it
    let follows = |problem: &&Value| ["store-lacks", "device-silent"].iter().any(|kind| problem["kind"] == *kind);
    let other = problems.iter().find(|problem| problem["subject"]["store"] != LYING && !follows(problem));
    assert!(other.is_none(), "another is blamed: {said}");
}

pub fn summary(problem: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let parts = [&problem["kind"], &problem["anomaly"], &problem["subject"]["store"], &problem["device"], &problem["object"]];
    format!("{} {}", parts.map(text).join(" "), problem["subject"].as_str().unwrap_or_default())
}

/// Every device syncs with the lying store, and holds nothing of the lie afterwards; nor does the honest store.
fn is_believed_nowhere(world: &World, lies: &Held) {
    for home in world.homes() {
        // the PC did before
        if home.path != world.pc.path {
            let (exit, reply) = home.run(&["sync", "--pull", "all"]);
            assert!([0, 3, 7].contains(&exit), "{exit}: {reply}");
        }
        let holds = held(&home.vault());
        for (name, hash) in lies {
            assert!(holds.get(name) != Some(hash), "{name} was taken over");
        }
    }
    let holds = held(&world.there("two"));
    lies.iter().for_each(|(name, hash)| assert!(holds.get(name) != Some(hash), "{name} was handed on"));
}

/// Backups, syncs with the honest store and restores go on.
fn costs_nothing_else(world: &World) {
    world.change(&world.pc, 50);
    let (exit, reply) = world.pc.run(&["sync", "--store", HONEST, "--pull", "all"]);
    assert_eq!(exit, 0, "the honest store: {reply}");
    for (of, name) in [(&world.pc, "latest"), (&world.ender, "ender:latest")] {
        comes_back(world, &world.pc, of, name);
    }
}

/// Nothing is wrong any more.
pub fn is_well(world: &World) {
    // the first tells what it sends again
    world.pc.run(&["sync"]);
    let (exit, reply) = world.pc.run(&["sync"]);
    assert_eq!(exit, 0, "sync once it is gone: {reply}");
    for args in [&["check"][..], &["check", "--store", LYING, "--read-data"]] {
        let (exit, reply) = world.pc.run(&[args, &["--recovery-kit", &world.kit()]].concat());
        assert_eq!(exit, 0, "{args:?} once it is gone: {reply}");
    }
    let said = problems(&world.pc).iter().map(summary).collect::<Vec<_>>().join("; ");
    assert!(said.is_empty(), "once it is gone: {said}");
}

/// What is wrong by now, but for what is only worth knowing and for devices that joined, which is so.
pub fn problems(home: &Home) -> Vec<Value> {
    let listed = home.run(&["problems", "list"]).1;
    let listed = listed["problems"].as_array().unwrap_or_else(|| panic!("{listed}")).iter();
    listed.filter(|problem| problem["grade"] != "info" && problem["kind"] != "devices").cloned().collect()
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}
