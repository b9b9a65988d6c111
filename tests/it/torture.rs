//! Killed at random points, nothing that was reported as saved is lost, and the next run goes on.
//!
//! `PRINTKEEP_KILLS` says how often each program is killed; `tests/torture/run` uses 200, and is what runs them.

use std::time::Instant;

use printkeep::core::name::hex;

use crate::support::killer::Killer;
use crate::support::program::{Home, contents, each_file, gcode, noise};
use crate::support::server::{self, S3Server};
use crate::support::world::World;

fn kills() -> u64 {
    std::env::var("PRINTKEEP_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(15)
}

fn change(home: &Home, round: u64) {
    std::fs::write(home.data.join(format!("{}.gcode", round % 5)), gcode(round, 20_000)).unwrap();
    std::fs::write(home.data.join(format!("{}.jpg", round % 7)), [b"\xff\xd8\xff".as_slice(), &noise(round, 3_000_000)].concat())
        .unwrap();
}

#[test]
#[ignore = "tests/torture/run"]
fn ten_thousand_objects_that_many_write_at_once_are_whole() {
    [2, 4, 8].into_iter().for_each(|writers| crate::foreign_folder::writers::write_together(writers, 10_000));
}

#[test]
#[ignore = "tests/torture/run"]
fn a_backup_killed_at_any_point_loses_nothing() {
    let home = Home::new();
    (0..7).for_each(|round| change(&home, round));
    home.backup();
    change(&home, 7);
    let started = Instant::now();
    home.backup();
    let usual = started.elapsed();
    let data = home.data.to_str().unwrap();
    let mut killer = Killer::new(usual, kills(), 8);
    while !killer.is_done() {
        let round = killer.round();
        change(&home, round);
        killer.kill(&home, &["backup", data]);
        let (exit, status) = home.run(&["check", "--read-data"]);
        assert_eq!(exit, 0, "after kill {round}: {status}");
        if round.is_multiple_of(4) {
            home.backup();
            assert_eq!(home.restored("latest"), contents(&home.data), "after kill {round}");
        }
    }
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
#[ignore = "tests/torture/run"]
fn a_restore_killed_at_any_point_goes_on_and_leaves_no_rubbish() {
    let home = Home::new();
    (0..9).for_each(|round| change(&home, round));
    home.backup();
    let to = home.folder.path().join("out");
    let args = ["restore", "latest", "--to", to.to_str().unwrap()];
    let started = Instant::now();
    home.done(&args);
    let mut killer = Killer::new(started.elapsed(), kills(), 8);
    while !killer.is_done() {
        std::fs::remove_dir_all(&to).unwrap();
        let round = killer.round();
        killer.kill(&home, &args);
        std::fs::create_dir_all(to.join("data")).unwrap();
        // whatever has its name already is whole
        let (whole, there) = (contents(&home.data), contents(&to.join("data")));
        let strangers: Vec<_> =
            there.iter().filter(|&(name, bytes)| whole.get(name) != Some(bytes)).map(|(name, _)| name).collect();
        assert!(strangers.iter().all(|name| name.starts_with(b".printkeep-")), "after kill {round}: {strangers:?}");
        let report = home.done(&args);
        let written = report["files"].as_u64().unwrap() + report["already"].as_u64().unwrap();
        assert_eq!(written, whole.len() as u64, "after kill {round}: {report}");
        assert_eq!(contents(&to.join("data")), whole, "after kill {round}");
    }
}

#[test]
#[ignore = "tests/torture/run"]
fn a_sync_killed_at_any_point_goes_on() {
    let server = S3Server::start();
    let home = Home::new();
    home.done(&["setup"]);
    let credentials =
        server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let (url, ca) = (server.url("torture"), server.ca_file.to_str().unwrap().to_owned());
    home.done(&["store", "add", &url, "--credentials-file", credentials.to_str().unwrap(), "--ca-file", &ca]);
    home.done(&["privacy", "grant", "network"]);
    (0..3).for_each(|round| change(&home, round));
    home.backup();
    let started = Instant::now();
    home.done(&["sync"]);
    let usual = started.elapsed();
    let mut killer = Killer::new(usual, kills(), 8);
    while !killer.is_done() {
        let round = killer.round();
        change(&home, round);
        home.backup();
        killer.kill(&home, &["sync"]);
        // at any moment the store holds only snapshots that can be restored: whatever head is there, all it needs is there
        let (exit, document) = home.run(&["check", "--store", "store", "--read-data"]);
        let problems = document["damaged"].as_array().cloned().unwrap_or_default();
        // a head this device made and has not sent yet is missing there, which is true and no damage
        let others = problems
            .iter()
            .filter(|p| !(p["object"].as_str().unwrap().starts_with("heads/") && p["reason"]["id"] == "object-missing"));
        assert_eq!(others.count(), 0, "after kill {round}: {exit} {document}");
    }
    home.done(&["sync"]);
    home.done(&["check", "--store", "store", "--read-data"]);
    let other = Home::new();
    let kit = home.path.join("recovery-kit.txt");
    let joined = [
        "setup",
        "--join",
        &url,
        "--recovery-kit",
        kit.to_str().unwrap(),
        "--credentials-file",
        credentials.to_str().unwrap(),
        "--ca-file",
        &ca,
    ];
    other.done(&joined);
    let to = other.folder.path().join("out");
    other.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(contents(&to.join("data")), contents(&home.data));
}

/// What is left half-written in these folders: by nobody, once every program is done.
fn rubbish(world: &World) -> Vec<std::path::PathBuf> {
    let vaults = world.devices.iter().map(|device| device.home.vault());
    let mut found = Vec::new();
    for folder in vaults.chain([world.account()]) {
        each_file(&folder.join("tmp"), &mut |path| found.push(path.to_owned()));
    }
    found
}

/// Prunes until there is nothing left to do.
fn prune_to_the_end(world: &World) {
    for _ in 0..6 {
        let done = world.devices[0].home.done(&["prune", "--grace", "0d"]);
        let idle = done["plan"].as_array().unwrap().iter().all(|place| place["later"] == 0 && place["remove"] == 0);
        if idle && done["repacked"]["packs"] == 0 && done["marked"] == 0 {
            return;
        }
    }
    panic!("pruning does not end");
}

#[test]
#[ignore = "tests/torture/run"]
fn a_prune_killed_at_any_point_loses_nothing_and_frees_the_space_in_the_end() {
    let world = World::new(&["ender"]);
    let (pc, printer) = (&world.devices[0].home, &world.devices[1].home);
    let prune = ["prune", "--grace", "0d"];
    // half of every pack dies soon, so that there is something to repack in each round
    let work = |round: u64| {
        world.change(1, round);
        world.backup(1);
        world.sync_or_retry(1);
        world.change(0, round);
        world.backup(0);
        let (exit, forgot) = pc.run(&["forget", "--keep-last", "2"]);
        assert_eq!(exit, 0, "{forgot}");
        world.take_forgotten(&forgot);
    };
    (0..5).for_each(work);
    let started = Instant::now();
    pc.done(&prune);
    let printers_index = format!("index/{}/", hex(world.devices[1].open().device.id.as_bytes()));
    let mut killer = Killer::new(started.elapsed(), kills(), 8);
    let (mut repacked, mut most) = (0, 0);
    while !killer.is_done() {
        let round = killer.round();
        let along = round + 1_000_000;
        work(round);
        let (_, (exit, sent)) = std::thread::scope(|scope| {
            // the printer goes on with its own while the PC is at work
            let other = scope.spawn(|| {
                world.change(1, along);
                world.backup(1);
                printer.run(&["sync"])
            });
            (killer.kill(pc, &prune), other.join().unwrap())
        });
        assert!(exit == 0 || exit == 3 && sent.to_string().contains("sync again later"), "after kill {round}: {sent}");
        // told to come back, the printer comes back; a prune may have been killed between its word and its deed
        if exit == 0 {
            world.take_sent(1)
        } else {
            world.sync_or_retry(1)
        }
        // a prune fetches all but packs, so that the PC lacks the printer's until it syncs, and index objects that were marked only
        // once it has the head that needs them again, so that a kill may come between; of its own it lacks none
        let (_, kept) = pc.run(&["check", "--read-data"]);
        let lost = kept["damaged"].as_array().unwrap_or_else(|| panic!("after kill {round}: {kept}"));
        let is_printers = |p: &serde_json::Value| {
            let is_index = p["object"].as_str().unwrap().starts_with(&printers_index) && p["reason"]["id"] == "object-missing";
            is_index || p["reason"]["text"] == "missing; it was written by \"ender\""
        };
        assert!(lost.iter().all(is_printers), "after kill {round}: {kept}");
        world.check_fast();
        world.sync(0);
        for home in [pc, printer] {
            let (exit, status) = home.run(&["check", "--read-data"]);
            assert_eq!(exit, 0, "after kill {round}: {status}");
        }
        if round.is_multiple_of(4) {
            // one that is let be goes on where the killed ones stopped
            repacked += pc.done(&prune)["repacked"]["packs"].as_u64().unwrap();
            world.check();
        }
        most = most.max(world.bytes());
    }
    assert!(repacked > 0, "nothing was ever repacked");
    // a last snapshot, and all others go
    world.change(1, 7);
    world.backup(1);
    world.sync_or_retry(1);
    world.sync(0);
    let (_, forgot) = pc.run(&["forget", "--keep-last", "1"]);
    world.take_forgotten(&forgot);
    prune_to_the_end(&world);
    // the printer hears what moved, and sends none of the old again
    let synced = printer.done(&["sync"]);
    assert_eq!(synced["stores"][0]["sent"], 0, "{synced}");
    printer.done(&prune);
    world.check();
    assert_eq!(world.heads(), 2);
    // drafts in a folder that others may write to are let go by age alone: whose they are cannot be seen
    let is_young = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        path.starts_with(&world.store) && name.starts_with("printkeep-") && path.parent().unwrap().ends_with("tmp")
    };
    let left: Vec<_> = rubbish(&world).into_iter().filter(|path| !is_young(path)).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    // what is left is what the newest snapshots need: as much as new accounts with the same files take, but for padding
    let size = |home: &Home| {
        let kept = home.objects().into_iter().filter(|name| name.starts_with("packs/") || name.starts_with("index/"));
        kept.map(|name| std::fs::metadata(home.vault().join(name)).unwrap().len()).sum::<u64>()
    };
    let anew = |home: &Home| {
        let fresh = Home::new();
        for (name, bytes) in contents(&home.data) {
            std::fs::write(fresh.data.join(std::str::from_utf8(&name).unwrap()), bytes).unwrap();
        }
        fresh.backup();
        size(&fresh)
    };
    let needed = anew(pc) + anew(printer);
    for (place, left) in [("store", world.bytes()), ("pc", size(pc)), ("printer", size(printer))] {
        assert!(left <= needed * 5 / 2, "{place}: {left} bytes are left of {most}, {needed} are needed");
    }
    for home in [pc, printer] {
        home.done(&["check", "--read-data"]);
    }
}
