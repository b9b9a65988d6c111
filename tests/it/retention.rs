//! What goes by itself: files that a source keeps no longer, snapshots that no standing rule keeps, and after the grace period what
//! nothing needs.

use std::time::{Duration, SystemTime};

use crate::support::program::{self, Home, contents, noise};
use crate::support::world::World;
use serde_json::Value;

const DAY: u64 = 86_400;

fn made_days_ago(path: &std::path::Path, days: u64) {
    std::fs::write(path, noise(days, 5000)).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(days * DAY)).unwrap();
}

fn names(home: &Home) -> Vec<String> {
    let kit = home.path.join("recovery-kit.txt");
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", "latest", "--to", to.path().to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    contents(&to.path().join("data")).into_keys().map(|name| String::from_utf8(name).unwrap()).collect()
}

#[test]
fn files_that_a_source_keeps_no_longer_are_left_out_of_new_snapshots() {
    let home = Home::new();
    for (name, days) in [("new.gcode", 0), ("young.gcode", 29), ("old.gcode", 31), ("older.gcode", 400)] {
        made_days_ago(&home.data.join(name), days);
    }
    let data = home.data.to_str().unwrap();
    home.done(&["source", "add", data]);
    assert_eq!((&home.done(&["backup"])["old"], names(&home).len()), (&0.into(), 4));
    let told = home.done(&["source", "add", data, "--keep-days", "30"]);
    assert_eq!(told["sources"][0]["keep_days"], 30, "{told}");
    assert_eq!(home.done(&["backup"])["old"], 2);
    assert_eq!(names(&home), ["new.gcode", "young.gcode"]);
    // one that changes is young again; another source keeps what it has
    std::fs::write(home.data.join("old.gcode"), "G28\n").unwrap();
    let other = home.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    made_days_ago(&other.join("ancient.cfg"), 4000);
    home.done(&["source", "add", other.to_str().unwrap()]);
    let told = home.done(&["backup"]);
    assert_eq!((&told["old"], &told["files"]), (&1.into(), &4.into()), "{told}");
    let shown = home.done(&["rules", "show"]);
    assert_eq!(shown["sources"], serde_json::json!([{ "path": home.data, "days": 30 }]), "{shown}");
    for bad in ["0", "-1", "36501", "soon"] {
        let status = home.command(&["source", "add", data, "--keep-days", bad]).output().unwrap().status;
        assert_eq!(status.code(), Some(2), "{bad}");
    }
}

/// A clock that leapt tells nothing of how old a file is.
#[test]
fn no_file_is_too_old_for_a_clock_that_leapt() {
    let home = Home::new();
    made_days_ago(&home.data.join("a.gcode"), 40);
    home.done(&["source", "add", home.data.to_str().unwrap(), "--keep-days", "30"]);
    let mut command = std::process::Command::new("faketime");
    let program = home.command(&[]).get_program().to_owned();
    command.args(["-f", "-500d"]).arg(program).args(["backup", "--json"]).env_clear();
    match command.env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path).output() {
        Ok(output) if output.status.success() => {}
        other => {
            println!("not run: there is no faketime to set the program's clock with: {other:?}");
            return;
        }
    }
    assert_eq!(home.done(&["backup"])["old"], 0, "500 days lie between the two");
    assert_eq!(home.done(&["backup"])["old"], 1, "and nothing between these");
}

/// A PC that may delete and a printer over one store; the printer made these snapshots.
fn printer_with(snapshots: u64) -> World {
    let world = World::new(&["ender"]);
    for round in 0..snapshots {
        world.change(1, round);
        world.backup(1);
    }
    world.sync(1);
    world
}

fn pruned(document: &Value) -> u64 {
    document["snapshots"]["removed"].as_array().into_iter().flatten().map(|place| place["objects"].as_u64().unwrap()).sum()
}

#[test]
fn a_device_that_may_delete_lets_go_by_its_rules_and_the_rest_comes_back() {
    let world = printer_with(6);
    let pc = &world.devices[0].home;
    let set = pc.done(&["rules", "set", "--keep-last", "2", "--grace", "0d"]);
    assert_eq!((&set["rules"]["keep_last"], &set["grace"]), (&2.into(), &0.into()), "{set}");
    let before = world.bytes();
    world.sync(0);
    let told = pc.done(&["sync"]);
    assert_eq!(told["snapshots"]["forgotten"], 4, "{told}");
    world.forgotten(1, &[1, 2, 3, 4]);
    assert_eq!(world.heads(), 2);
    world.check();
    // what nothing needs was marked in that run, and goes in the next
    let told = pc.done(&["sync"]);
    assert!(pruned(&told) > 0 && world.bytes() < before, "{told}");
    world.check();
    let told = pc.done(&["sync"]);
    assert!(told["snapshots"].is_null(), "nothing is left to do: {told}");
    // the printer hears of it, and lets go in its own vault
    world.sync(1);
    let printer = &world.devices[1].home;
    let own = printer.objects().len();
    printer.done(&["rules", "set", "--keep-last", "1", "--grace", "0d"]);
    let told = printer.done(&["sync"]);
    assert!(told["snapshots"]["forgotten"] == 0 && printer.objects().len() < own, "a writer forgets nothing: {told}");
    assert_eq!(world.heads(), 2);
    for home in [pc, printer] {
        home.done(&["check", "--read-data"]);
    }
    // rules that are off let nothing go
    pc.done(&["rules", "off"]);
    (10..13).for_each(|round| {
        world.change(1, round);
        world.backup(1);
    });
    world.sync(1);
    (0..2).for_each(|_| drop(pc.done(&["sync"])));
    assert_eq!(world.heads(), 5);
    world.check();
    let log = pc.done(&["privacy", "log", "show"]).to_string();
    assert!(log.contains("by standing rules"), "{log}");
}

#[test]
fn what_is_forgotten_stays_for_its_grace_period_and_its_end_is_shown() {
    let world = printer_with(4);
    let pc = &world.devices[0].home;
    pc.done(&["rules", "set", "--keep-last", "1", "--keep-tag", "good", "--grace", "3d"]);
    world.sync(0);
    (0..2).for_each(|_| drop(pc.done(&["sync"])));
    assert_eq!(world.heads(), 4);
    let shown = pc.done(&["rules", "show"]);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let first = shown["first_forgotten"].as_u64().unwrap();
    assert_eq!((&shown["forgotten"], &shown["rules"]["keep_tags"][0]), (&3.into(), &"good".into()), "{shown}");
    assert!((now + 3 * DAY - 600..=now + 3 * DAY).contains(&first), "{shown}");
    let text = pc.command(&["rules", "show"]).output().unwrap().stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("stay: 1 last, all tagged \"good\"") && text.contains("3 forgotten snapshots here"), "{text}");
}

/// A store that is away loses nothing by it, and is pruned once it is back.
#[test]
fn a_store_that_is_away_is_pruned_when_it_comes_back() {
    let world = printer_with(5);
    let pc = &world.devices[0].home;
    let second = pc.folder.path().join("second");
    std::fs::create_dir(&second).unwrap();
    pc.done(&["store", "add", &format!("file://{}", second.display()), "--name", "second"]);
    world.sync(0);
    let heads = || {
        let mut count = 0;
        program::each_file(&second, &mut |path| count += usize::from(path.to_str().unwrap().contains("/heads/")));
        count
    };
    assert_eq!(heads(), 5);
    let away = pc.folder.path().join("away");
    std::fs::rename(&second, &away).unwrap();
    pc.done(&["rules", "set", "--keep-last", "2", "--grace", "0d"]);
    (0..3).for_each(|_| drop(pc.run(&["sync"])));
    world.forgotten(1, &[1, 2, 3]);
    assert_eq!(world.heads(), 2);
    world.check();
    std::fs::rename(&away, &second).unwrap();
    (0..3).for_each(|_| drop(pc.done(&["sync"])));
    assert_eq!(heads(), 2);
    pc.done(&["check", "--store", "second", "--read-data"]);
}

/// With no store at all the vault itself is kept small, and a backup is no failure where rules cannot be applied.
#[test]
fn a_device_without_stores_prunes_its_vault() {
    let world = World::new(&[]);
    let pc = &world.devices[0].home;
    pc.done(&["store", "remove", "store"]);
    pc.done(&["rules", "set", "--keep-last", "1", "--grace", "0d"]);
    for round in 0..6 {
        std::fs::write(pc.data.join("a.bin"), noise(round, 300_000)).unwrap();
        pc.backup();
    }
    let heads = pc.objects().iter().filter(|name| name.starts_with("heads/")).count();
    let packs: u64 = pc
        .objects()
        .iter()
        .filter(|name| name.starts_with("packs/"))
        .map(|name| std::fs::metadata(pc.vault().join(name)).unwrap().len())
        .sum();
    assert!(heads <= 2 && packs < 1_000_000, "{heads} {packs}");
    pc.done(&["check", "--read-data"]);
    assert_eq!(pc.run(&["rules", "set"]).0, 2, "rules that keep nothing are none");
}
