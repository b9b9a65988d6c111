//! A device that is put back to an older image and backs up before it syncs: it is told once, no snapshot is lost, and it goes on under
//! numbers that every other machine believes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::old_states::{World, copy_all, has, kinds, name};
use crate::support::program::{Home, anomalies, contents};

type Files = BTreeMap<Vec<u8>, Vec<u8>>;

/// An image of a machine: its home, and what it backs up.
struct Image(tempfile::TempDir);

impl Image {
    fn of(home: &Home) -> Self {
        let image = tempfile::tempdir().unwrap();
        copy_all(&home.path, &image.path().join("home"));
        copy_all(&home.data, &image.path().join("data"));
        Self(image)
    }

    fn put_back(&self, home: &Home) {
        for (folder, name) in [(&home.path, "home"), (&home.data, "data")] {
            // a new machine has none yet
            let _ = std::fs::remove_dir_all(folder);
            copy_all(&self.0.path().join(name), folder);
        }
    }
}

/// A world in which anna has three snapshots in the store, and what each that it makes from now on holds.
struct Story {
    world: World,
    made: Vec<Files>,
    image: Image,
}

impl Story {
    fn new() -> Self {
        let world = World::new(2);
        world.change(0, 2);
        world.change(0, 3);
        world.well(0);
        world.well(1);
        let image = Image::of(&world.homes[0]);
        Self { world, made: Vec::new(), image }
    }

    /// Anna backs up something new.
    fn change(&mut self, seed: u64) {
        self.world.change(0, seed);
        self.made.push(contents(&self.world.homes[0].data));
    }

    /// Snapshots 4 and 5, which the store holds before the image is put back.
    fn with_two_more() -> Self {
        let mut story = Self::new();
        (4..6).for_each(|seed| story.change(seed));
        story.world.well(0);
        story
    }

    fn put_back(&self) {
        self.image.put_back(&self.world.homes[0]);
    }

    /// Each snapshot from number 4 on holds what was made, in this order, wherever it is read.
    fn holds(&self, home: &Home, order: &[usize]) {
        for (at, made) in order.iter().enumerate() {
            let restored = restored(&self.world, home, &format!("anna:{}", at + 4));
            assert!(restored == self.made[*made], "snapshot {} is not what was made as number {made}", at + 4);
        }
        let last = order.len() as u64 + 3;
        assert_eq!(numbers(home, "anna"), (1..=last).collect::<Vec<_>>());
        assert!(restored(&self.world, home, "anna:latest") == self.made[*order.last().unwrap()]);
    }

    /// A clean machine that joins from a store.
    fn joined(&self, url: &str) -> Home {
        let new = Home::new();
        new.done(&["setup", "--join", url, "--recovery-kit", &self.world.kit(), "--device-name", "rescue"]);
        new.done(&["sync"]);
        new
    }

    /// Nothing is wrong on any of the two, nor in the store, any more, once the owner saw what was told.
    fn is_well(&self) {
        for home in &self.world.homes {
            done(home, &["sync", "--pull", "all"]);
            for check in [&["check"][..], &["check", "--store", "store"]] {
                done(home, check);
            }
            let listed = home.run(&["problems"]).1;
            for told in listed["problems"].as_array().unwrap().iter().filter(|one| one["kind"] == "put-back") {
                done(home, &["problems", "ack", &told["number"].to_string()]);
            }
            let listed = home.run(&["problems"]).1;
            let of_history = ["put-back", "fork", "rollback", "forged"];
            let open =
                listed["problems"].as_array().unwrap().iter().find(|one| of_history.iter().any(|kind| one["kind"] == *kind));
            assert_eq!(open, None);
            assert_eq!(anomalies(&home.run(&["status"]).1), serde_json::json!([]));
        }
    }
}

fn done(home: &Home, args: &[&str]) {
    let (exit, reply) = home.run(args);
    assert_eq!(exit, 0, "{args:?}: {reply}");
}

fn restored(world: &World, home: &Home, which: &str) -> Files {
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", which, "--to", to.path().to_str().unwrap(), "--recovery-kit", &world.kit()]);
    contents(&to.path().join("data"))
}

/// What a snapshot of anna holds; none where what it needs was not fetched yet.
fn tried(world: &World, home: &Home, number: u64) -> Option<Files> {
    let to = tempfile::tempdir().unwrap();
    let which = format!("anna:{number}");
    let (exit, _) = home.run(&["restore", &which, "--to", to.path().to_str().unwrap(), "--recovery-kit", &world.kit()]);
    (exit == 0).then(|| contents(&to.path().join("data")))
}

fn numbers(home: &Home, device: &str) -> Vec<u64> {
    let listed = home.done(&["snapshots"]);
    let listed = listed["snapshots"].as_array().unwrap().iter().filter(|one| one["device"] == device);
    listed.map(|one| one["number"].as_u64().unwrap()).collect()
}

/// What each store told in a sync, by its name.
fn told(home: &Home, args: &[&str]) -> (i32, Vec<(String, Value)>) {
    let (exit, reply) = home.run(&[&["sync"][..], args].concat());
    let stores = reply["stores"].as_array().unwrap_or_else(|| panic!("{exit}: {reply}"));
    let of = |store: &Value| (store["store"].as_str().unwrap().to_owned(), store["problems"].clone());
    (exit, stores.iter().map(of).filter(|(_, problems)| *problems != serde_json::json!([])).collect())
}

/// Only that the device was put back, with these numbers: the first that is another, the last that the store holds, the last that is given.
fn is_put_back(problems: &[Value], numbers: (u64, u64, u64)) {
    assert_eq!(kinds(problems), [("put-back".to_owned(), "anna".to_owned())], "{problems:?}");
    let (first, shown, known) = numbers;
    let object = problems[0]["object"].as_str().unwrap_or_else(|| panic!("{problems:?}"));
    assert!(object.ends_with(&format!("{first:016x}")), "{problems:?}");
    assert_eq!((problems[0]["shown"].as_u64(), problems[0]["known"].as_u64()), (Some(shown), Some(known)), "{problems:?}");
}

/// The recipe, with as many snapshots since as before and more, whether another machine saw what was there or not.
#[test]
fn a_device_put_back_that_backs_up_first_loses_nothing_and_is_believed_by_all() {
    for (since, is_seen) in [(1, true), (1, false), (3, true), (3, false)] {
        let mut story = Story::with_two_more();
        if is_seen {
            story.world.well(1);
        }
        story.put_back();
        (0..since).for_each(|n| story.change(60 + n));
        let checked = story.world.homes[0].run(&["check", "--store", "store"]).1;
        assert_eq!(checked["problems"][0]["anomaly"], "put-back", "a check tells it as well: {checked}");
        is_put_back(&story.world.sync(0), (4, 5, 5 + since));
        let (exit, status) = story.world.homes[0].run(&["status"]);
        assert_eq!(exit, 3, "{status}");
        let (_, problems) = story.world.homes[0].run(&["problems"]);
        let problem = problems["problems"].as_array().unwrap().iter().find(|one| one["kind"] == "put-back");
        let problem = problem.unwrap_or_else(|| panic!("{problems}"));
        assert_eq!(problem["grade"], "serious", "{problems}");
        let said = problem.to_string();
        assert!(said.contains("snapshots 4 to 5") && said.contains("another machine uses its keys"), "{said}");
        // told once, and kept until the owner saw it: that one history is left does not say whose it is
        story.world.well(0);
        let (exit, status) = story.world.homes[0].run(&["status"]);
        assert!(exit == 3 && status["problems"].to_string().contains("another machine uses its keys"), "{status}");
        story.change(70);
        story.world.well(0);
        story.world.well(1);
        story.is_well();
        let order: Vec<usize> = (0..story.made.len()).collect();
        story.holds(&story.world.homes[1], &order);
        story.holds(&story.joined(&story.world.url), &order);
    }
}

/// A run that is cut off at any step of it leaves nothing half done: whatever opens the account next ends it, and it is told all the same.
#[test]
fn numbers_that_are_given_anew_are_given_whole_wherever_the_run_is_cut_off() {
    for (at, next) in [(6, "sync"), (5, "backup"), (4, "sync"), (4, "backup")] {
        let mut story = Story::with_two_more();
        story.put_back();
        (60..63).for_each(|seed| story.change(seed));
        let home = &story.world.homes[0];
        // nothing can be set aside from under this number
        let aside = home.vault().join(format!("set-aside/heads-{}-{at:016x}", story.world.own_id(0)));
        std::fs::create_dir_all(aside.join("taken")).unwrap();
        let (exit, reply) = home.run(&["sync", "--pull", "metadata"]);
        assert_eq!(exit, 1, "{reply}");
        assert_eq!(home.run(&["backup", home.data.to_str().unwrap()]).0, 1, "nobody goes on from what is half done");
        // what was made since is held under some number at any moment
        let held: Vec<Files> = numbers(home, "anna").iter().filter_map(|number| tried(&story.world, home, *number)).collect();
        assert!(story.made[2..].iter().all(|made| held.contains(made)), "cut off at {at}");
        std::fs::remove_dir_all(&aside).unwrap();
        if next == "backup" {
            story.change(70);
        }
        is_put_back(&story.world.sync(0), (4, 5, 8));
        story.world.well(0);
        story.is_well();
        let order: Vec<usize> = (0..story.made.len()).collect();
        story.holds(&story.joined(&story.world.url), &order);
    }
}

/// The second store, which lies beside the first.
fn second(story: &Story) -> (PathBuf, String) {
    let folder = story.world.store.parent().unwrap().join("two");
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("file://{}", folder.display());
    for home in &story.world.homes {
        home.done(&["store", "add", &url, "--name", "two"]);
        home.done(&["sync"]);
    }
    (folder, url)
}

fn away(folder: &Path) -> PathBuf {
    folder.with_extension("away")
}

/// A store that lacks them takes the second snapshot of a number before the other, which was away, tells of the first: both come to hold the
/// same, whichever of the two another machine saw.
#[test]
fn two_stores_that_hold_one_number_twice_come_to_hold_the_same() {
    for seen in ["store", "two", "none"] {
        let mut story = Story::new();
        let (_, url) = second(&story);
        story.image = Image::of(&story.world.homes[0]);
        (4..6).for_each(|seed| story.change(seed));
        done(&story.world.homes[0], &["sync", "--store", "store"]);
        if seen == "store" {
            done(&story.world.homes[1], &["sync", "--store", "store"]);
        }
        story.put_back();
        story.change(60);
        let (anna, bert) = (&story.world.homes[0], &story.world.homes[1]);
        // the one that knows better is away
        std::fs::rename(&story.world.store, away(&story.world.store)).unwrap();
        let (_, problems) = told(anna, &[]);
        assert_eq!(problems, [], "{seen}");
        if seen == "two" {
            done(bert, &["sync", "--store", "two"]);
            assert_eq!(numbers(bert, "anna"), [1, 2, 3, 4]);
        }
        std::fs::rename(away(&story.world.store), &story.world.store).unwrap();
        let (exit, problems) = told(anna, &[]);
        assert_eq!((exit, problems.len()), (7, 1), "{seen}: {problems:?}");
        assert_eq!(problems[0].0, "store");
        is_put_back(problems[0].1.as_array().unwrap(), (4, 5, 6));
        done(anna, &["sync"]);
        let (exit, problems) = told(bert, &["--pull", "all"]);
        assert_eq!(exit, if seen == "two" { 7 } else { 0 }, "{seen}: {problems:?}");
        for (_, problems) in &problems {
            is_put_back(problems.as_array().unwrap(), (4, 6, 6));
        }
        story.change(70);
        done(&story.world.homes[0], &["sync"]);
        story.is_well();
        let order: Vec<usize> = (0..story.made.len()).collect();
        story.holds(&story.world.homes[1], &order);
        for url in [&story.world.url, &url] {
            let new = story.joined(url);
            story.holds(&new, &order);
        }
        for store in ["store", "two"] {
            done(&story.world.homes[0], &["check", "--store", store]);
        }
    }
}

/// Another machine with the same keys is the same case: each finds out, neither loses a snapshot, and both are told that there may be two.
#[test]
fn a_clone_that_backs_up_beside_its_device_costs_neither_a_snapshot() {
    let mut story = Story::new();
    let clone = Home::new();
    story.image.put_back(&clone);
    let fresh = |home: &Home, seed: u64| {
        std::fs::write(home.data.join(format!("{seed}.gcode")), seed.to_string()).unwrap();
        home.backup();
        contents(&home.data)
    };
    for round in 0..3 {
        story.change(80 + round);
        story.world.sync(0);
        let made = fresh(&clone, 90 + round);
        story.made.push(made);
        let (exit, problems) = told(&clone, &[]);
        assert_eq!(exit, 7, "{problems:?}");
        assert!(has(problems[0].1.as_array().unwrap(), "put-back", name(0)), "{problems:?}");
    }
    let problems = story.world.sync(0);
    assert!(has(&problems, "ahead", name(0)), "{:?}", kinds(&problems));
    story.is_well();
    let order: Vec<usize> = (0..6).collect();
    let new = story.joined(&story.world.url);
    story.holds(&new, &order);
}

/// The tags of each snapshot of anna that has any.
fn tags(home: &Home) -> Vec<(u64, Vec<String>)> {
    let listed = home.done(&["snapshots"]);
    let listed = listed["snapshots"].as_array().unwrap().iter().filter(|one| one["device"] == "anna");
    let of = |one: &Value| one["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect();
    listed
        .map(|one| (one["number"].as_u64().unwrap(), of(one)))
        .filter(|(_, tags): &(u64, Vec<String>)| !tags.is_empty())
        .collect()
}

/// A device that may delete says something since it was put back: that holds beside what the others heard before, and of the snapshots that it
/// was said of, whatever numbers they have now.
#[test]
fn what_a_device_said_since_it_was_put_back_is_said_behind_what_the_others_heard() {
    for (said_before, through_two) in [(true, false), (false, false), (true, true)] {
        let mut story = Story::new();
        let kit = story.world.kit();
        story.world.homes[0].done(&["device", "allow-delete", "anna", "--recovery-kit", &kit]);
        second(&story);
        let anna = |args: &[&str]| done(&story.world.homes[0], args);
        anna(&["snapshots", "tag", "1", "first"]);
        anna(&["sync"]);
        done(&story.world.homes[1], &["sync"]);
        story.image = Image::of(&story.world.homes[0]);
        (4..6).for_each(|seed| story.change(seed));
        let anna = |args: &[&str]| done(&story.world.homes[0], args);
        if said_before {
            anna(&["snapshots", "tag", "4", "theirs"]);
        }
        anna(&["sync", "--store", "store"]);
        story.put_back();
        story.change(60);
        let anna = |args: &[&str]| done(&story.world.homes[0], args);
        anna(&["snapshots", "tag", "4", "ours"]);
        anna(&["snapshots", "pin", "4"]);
        if through_two {
            anna(&["sync", "--store", "two"]);
            done(&story.world.homes[1], &["sync", "--store", "two"]);
            assert_eq!(tags(&story.world.homes[1]).last(), Some(&(4, vec!["ours".to_owned()])));
        }
        let (exit, problems) = told(&story.world.homes[0], &["--store", "store"]);
        let twice = 1 + usize::from(said_before);
        assert_eq!((exit, problems[0].1.as_array().unwrap().len()), (7, twice), "{problems:?}");
        assert!(kinds(problems[0].1.as_array().unwrap()).iter().all(|(kind, _)| kind == "put-back"), "{problems:?}");
        anna(&["sync"]);
        let (exit, problems) = told(&story.world.homes[1], &[]);
        assert_eq!(exit, if through_two { 7 } else { 0 }, "{problems:?}");
        let all = problems.iter().flat_map(|(_, problems)| kinds(problems.as_array().unwrap()));
        assert!(all.into_iter().all(|(kind, _)| kind == "put-back"), "{problems:?}");
        story.is_well();
        let theirs = said_before.then(|| (4, vec!["theirs".to_owned()]));
        let expected: Vec<_> =
            [(1, vec!["first".to_owned()])].into_iter().chain(theirs).chain([(6, vec!["ours".to_owned()])]).collect();
        for home in &story.world.homes {
            assert_eq!(tags(home), expected, "{said_before} {through_two}");
            let listed = home.done(&["snapshots"]);
            let pinned = listed["snapshots"].as_array().unwrap().iter().filter(|one| one["pinned"] == true);
            assert_eq!(pinned.map(|one| one["number"].as_u64().unwrap()).collect::<Vec<_>>(), [6]);
        }
        story.holds(&story.joined(&story.world.url), &[0, 1, 2]);
    }
}

/// What it recorded of itself under a number that a store holds of before is what the store holds in the end, as the journal tells.
#[test]
fn facts_recorded_since_are_those_that_the_store_holds() {
    let mut story = Story::new();
    story.world.homes[0].done(&["privacy", "grant", "operation-log"]);
    story.world.well(0);
    story.image = Image::of(&story.world.homes[0]);
    (4..6).for_each(|seed| story.change(seed));
    story.world.well(0);
    story.world.well(0);
    story.put_back();
    (60..62).for_each(|seed| story.change(seed));
    is_put_back(&story.world.sync(0), (4, 5, 7));
    story.world.well(0);
    story.world.well(0);
    let facts = |root: &Path| contents(&root.join("facts").join(story.world.own_id(0)));
    let (here, there) = (facts(&story.world.homes[0].vault()), facts(&story.world.there()));
    assert!(there.len() > 2 && there.iter().all(|(name, bytes)| here.get(name) == Some(bytes)));
}

/// A note that forgets a snapshot made since lets go of that one alone: the other of its number is fetched, kept by a prune, and restored
/// everywhere. Nor does a number whose snapshot was forgotten before, and again since, leave two histories.
#[test]
fn what_was_forgotten_since_is_not_the_snapshot_that_bore_its_number_before() {
    for is_gone_before in [false, true] {
        let mut story = Story::new();
        let kit = story.world.kit();
        story.world.homes[0].done(&["device", "allow-delete", "anna", "--recovery-kit", &kit]);
        story.world.well(0);
        story.world.well(1);
        story.image = Image::of(&story.world.homes[0]);
        let anna = |story: &Story, args: &[&str]| done(&story.world.homes[0], args);
        // what only the fourth snapshot holds
        story.change(4);
        std::fs::remove_file(story.world.homes[0].data.join("4.gcode")).unwrap();
        story.change(5);
        if is_gone_before {
            anna(&story, &["forget", "4"]);
            anna(&story, &["prune", "--grace", "0d"]);
            anna(&story, &["prune", "--grace", "0d"]);
        }
        story.world.sync(0);
        story.put_back();
        (60..62).for_each(|seed| story.change(seed));
        anna(&story, &["forget", "4"]);
        assert!(has(&story.world.sync(0), "put-back", name(0)));
        story.world.well(0);
        // the one made since that is not forgotten goes on behind what the store held
        let expected: Vec<(u64, usize)> = if is_gone_before { vec![(5, 1), (6, 3)] } else { vec![(4, 0), (5, 1), (6, 3)] };
        let bert = &story.world.homes[1];
        done(bert, &["sync"]);
        bert.done(&["device", "allow-delete", "bert", "--recovery-kit", &kit]);
        done(bert, &["sync"]);
        for _ in 0..2 {
            done(bert, &["prune", "--grace", "0d"]);
        }
        story.world.well(0);
        story.is_well();
        let new = story.joined(&story.world.url);
        for home in [&story.world.homes[0], &story.world.homes[1], &new] {
            let all: Vec<u64> = (1..4).chain(expected.iter().map(|(number, _)| *number)).collect();
            assert_eq!(numbers(home, "anna"), all, "{is_gone_before}");
            for (number, made) in &expected {
                let held = tried(&story.world, home, *number);
                assert!(held.as_ref() == Some(&story.made[*made]), "snapshot {number}, {is_gone_before}");
            }
        }
    }
}
