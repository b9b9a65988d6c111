//! A store that shows older, fewer or other objects than it did: every lie is told as a problem that names whose history it is, nothing
//! is lost by it, what can be sent again is, and honest life raises none.

use crate::support::old_states::{World, copy_all, has, kinds, name};
use crate::support::program::{self, Home, each_file, gcode, noise};
use crate::support::server;

/// S5: each earlier complete state, shown to each device.
#[test]
fn every_earlier_state_is_a_problem() {
    let world = World::new(2);
    let mut states = Vec::new();
    for round in 10..13 {
        for at in 0..2 {
            states.push((world.save(), name(at)));
            world.change(at, round);
            world.well(at);
        }
    }
    world.well(0);
    let now = world.save();
    for (number, (state, lost)) in states.iter().enumerate() {
        for at in 0..2 {
            world.show(state.path());
            let problems = world.sync(at);
            assert!(has(&problems, "older", lost), "state {number} shown to {}: {:?}", name(at), kinds(&problems));
            let (_, status) = world.homes[at].run(&["status"]);
            assert!(status["problems"].to_string().contains("older state"), "{status}");
            // what it holds was sent again; the next syncs heal the rest
            (0..2).for_each(|other| drop(world.sync(other)));
            (0..2).for_each(|other| world.well(other));
            world.well(at);
            assert_eq!(program::anomalies(&world.homes[at].run(&["status"]).1), serde_json::json!([]));
        }
    }
    world.show(now.path());
    (0..2).for_each(|at| world.restores(at));
}

/// A store that was emptied, of which the owner said nothing: told, and everything is sent again.
#[test]
fn an_emptied_store_is_told_and_filled_again() {
    let world = World::new(2);
    world.objects().iter().for_each(|object| std::fs::remove_file(world.there().join(object)).unwrap());
    let problems = world.sync(0);
    assert_eq!(kinds(&problems)[0].0, "emptied");
    let told = world.homes[0].run(&["problems"]).1.to_string();
    assert!(
        told.contains("The store store is empty: it held")
            && told.contains("If you replaced that disk")
            && !told.contains("held 0"),
        "{told}"
    );
    assert!(problems[0]["since"].is_i64());
    world.well(0);
    // the other device's packs come only from itself
    world.sync(1);
    world.well(1);
    world.well(0);
    (0..2).for_each(|at| world.restores(at));
}

/// A disk that was replaced by an empty one, for which the owner vouches: filled again, without an alarm.
#[test]
fn an_empty_disk_that_the_owner_vouched_for_is_filled_again() {
    let world = World::new(2);
    std::fs::remove_dir_all(world.there()).unwrap();
    assert_eq!(world.homes[0].run(&["sync"]).0, 6, "the disk may not be mounted");
    world.homes[0].done(&["store", "set", "store", "--url", &world.url, "--yes"]);
    assert_eq!(world.sync(0), Vec::<serde_json::Value>::new());
    world.well(0);
    // the other device's packs come only from itself; it knows the disk by its mark, and is told of the new one as well
    assert_eq!(world.homes[1].run(&["sync"]).0, 6);
    world.homes[1].done(&["store", "set", "store", "--url", &world.url]);
    world.sync(1);
    world.well(1);
    world.well(0);
    (0..2).for_each(|at| world.restores(at));
}

/// S6: each object removed in turn is named by a sync or by `check`, and what does not need it is restored.
#[test]
fn every_removed_object_is_named() {
    let world = World::new(2);
    world.well(0);
    let now = world.save();
    let objects = world.objects();
    assert!(objects.len() >= 9, "{objects:?}");
    for object in &objects {
        for at in 0..2 {
            world.show(now.path());
            world.sync(at);
            std::fs::remove_file(world.there().join(object)).unwrap();
            let (exit, verified) = world.homes[at].run(&["check", "--store", "store"]);
            let named = ["problems", "damaged"].iter().any(|part| verified[part].to_string().contains(object));
            // heads are named by device and number; an account without any key slot ends the run
            let named = named || object.starts_with("heads/") && verified["problems"].to_string().contains("older");
            let named = named || verified["error"]["args"]["why"]["message"]["id"] == "damage-no-slot";
            assert!(exit == 7 && named, "{object}: {verified}");
            let problems = world.sync(at);
            assert!(!problems.is_empty(), "{object} removed, shown to {}", name(at));
            world.sync(1 - at);
            world.well(at);
            world.well(1 - at);
        }
    }
    (0..2).for_each(|at| world.restores(at));
}

/// S7: one device saw a snapshot of another that is kept from a third.
#[test]
fn a_snapshot_that_another_device_saw_cannot_be_kept_back() {
    let world = World::new(3);
    world.well(0);
    world.well(1);
    world.change(0, 30);
    world.well(0);
    world.well(1);
    world.change(1, 31);
    world.well(1);
    let hidden = world.there().join("heads").join(world.own_id(0)).join("0000000000000002");
    assert!(hidden.exists());
    std::fs::remove_file(hidden).unwrap();
    let problems = world.sync(2);
    assert!(has(&problems, "withheld", "anna"), "{:?}", kinds(&problems));
    assert_eq!(problems[0]["by"], "bert");
    assert!(has(&world.sync(0), "older", "anna"));
    world.well(2);
}

/// A device that was set back to an older image goes on behind what the store holds of it.
#[test]
fn a_device_restored_from_an_image_is_told_and_goes_on() {
    let world = World::new(1);
    let image = tempfile::tempdir().unwrap();
    copy_all(&world.homes[0].path, image.path());
    world.change(0, 50);
    world.well(0);
    std::fs::remove_dir_all(&world.homes[0].path).unwrap();
    copy_all(image.path(), &world.homes[0].path);
    assert!(has(&world.sync(0), "ahead", "anna"));
    world.well(0);
    world.change(0, 51);
    world.well(0);
    world.restores(0);
}

/// Ordinary life raises no problem: a random schedule of what owners do.
#[test]
fn ordinary_life_raises_no_problem() {
    let world = World::new(3);
    let rounds: u64 = std::env::var("PRINTKEEP_TRUTH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let second = tempfile::tempdir().unwrap();
    for home in &world.homes {
        home.done(&["store", "add", &format!("file://{}", second.path().display()), "--name", "second"]);
    }
    let (mut seed, mut killed) = (1000, 0);
    for (step, dice) in noise(77, usize::try_from(rounds).unwrap() * 2).chunks(2).enumerate() {
        let (at, home) = (usize::from(dice[0]) % 3, &world.homes[usize::from(dice[0]) % 3]);
        seed += 1;
        match dice[1] % 13 {
            0..=2 => world.change(at, seed % 7),
            3..=5 => world.well(at),
            6 => {
                let mut child = home
                    .command(&["sync"])
                    .stdout(std::process::Stdio::null())
                    .stderr(std::process::Stdio::null())
                    .spawn()
                    .unwrap();
                // the moment is the fault; nothing waits for it
                std::thread::sleep(std::time::Duration::from_millis(u64::from(dice[0]) / 4));
                let _ = child.kill();
                killed += u32::from(!child.wait().unwrap().success());
            }
            7 => {
                world.well(at);
                let file = home.path.join("passphrase");
                std::fs::write(&file, format!("{} {step}", program::PASSPHRASE)).unwrap();
                let file = file.to_str().unwrap();
                home.done(&["key", "passphrase", "--new-passphrase-file", file, "--recovery-kit", &world.kit()]);
            }
            11 => {
                world.well(at);
                let page = world.homes[0].folder.path().join("page");
                home.done(&["key", "kit", "--yes", "--to", page.to_str().unwrap(), "--recovery-kit", &world.kit()]);
                std::fs::rename(page, world.kit()).unwrap();
                world.well(at);
            }
            12 => {
                // a second store, which lacks the packs that this device never fetched
                let (exit, document) = home.run(&["sync", "--store", "second", "--pull", "metadata"]);
                assert_eq!(exit, 0, "step {step}: {document}");
            }
            8 => drop(home.run(&["check", "--repair"])),
            9 => {
                each_file(&home.path, &mut |path| {
                    if path.components().any(|c| c.as_os_str() == "state" || c.as_os_str() == "listings") {
                        std::fs::remove_file(path).unwrap();
                    }
                });
            }
            _ => {
                let (exit, document) = home.run(&["check", "--store", "store"]);
                // a head that was not sent yet is named as missing there, which is true and no problem
                assert_eq!(document["problems"], serde_json::json!([]), "step {step}: {exit} {document}");
            }
        }
        let status = home.run(&["status"]).1;
        assert_eq!(program::anomalies(&status), serde_json::json!([]), "step {step}, {}: {status}", dice[1] % 11);
    }
    assert!(rounds < 40 || killed > 0, "no sync was ever cut off");
    (0..3).for_each(|at| world.well(at));
    (0..3).for_each(|at| world.restores(at));
}

/// What a sync costs in which nothing changed: the listing and a handful of small objects.
#[test]
fn an_unchanged_sync_costs_a_handful_of_requests() {
    let server = server::S3Server::start();
    let (first, other) = (Home::new(), Home::new());
    let keys = format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY);
    let keys = server::write(&first.folder.path().join("keys"), &keys);
    let (url, keys, ca) = (server.url("p"), keys.to_str().unwrap(), server.ca_file.to_str().unwrap());
    let access = ["--credentials-file", keys, "--ca-file", ca];
    first.done(&["setup", "--device-name", "anna"]);
    first.done(&[&["store", "add", &url][..], &access].concat());
    first.done(&["privacy", "grant", "network"]);
    for n in 0..5 {
        std::fs::write(first.data.join("a.gcode"), gcode(n, 300)).unwrap();
        first.backup();
        first.done(&["sync"]);
    }
    let kit = first.path.join("recovery-kit.txt");
    let join = ["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "bert"];
    other.done(&[&join[..], &access].concat());
    std::fs::write(other.data.join("b.gcode"), gcode(9, 300)).unwrap();
    other.backup();
    other.done(&["sync"]);
    first.done(&["sync"]);
    for home in [&first, &other] {
        let before = server.requests.load(std::sync::atomic::Ordering::Relaxed);
        home.done(&["sync"]);
        let cost = server.requests.load(std::sync::atomic::Ordering::Relaxed) - before;
        // 10 folders are listed; two heads, the newest roster and the kit's slot are read
        assert!(cost <= 10 + 4, "{cost} requests");
    }
}
