//! A store that shows older, fewer or other objects than it did: every lie is told as a problem that names whose history it is, nothing
//! is lost by it, what can be sent again is, and honest life raises none.

use crate::support::server;
use std::path::{Path, PathBuf};

use crate::support::program::{self, Home, contents, each_file, gcode, noise};
use serde_json::Value;

/// Homes that share an account and a folder store.
struct World {
    homes: Vec<Home>,
    store: PathBuf,
    url: String,
}

fn name(at: usize) -> &'static str {
    ["anna", "bert", "carl"][at]
}

impl World {
    fn new(devices: usize) -> Self {
        let first = Home::new();
        let store = first.folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let url = format!("file://{}", store.display());
        first.done(&["setup", "--device-name", name(0)]);
        first.done(&["store", "add", &url]);
        let mut world = Self { homes: vec![first], store, url };
        world.change(0, 0);
        world.well(0);
        for at in 1..devices {
            world.homes.push(Home::new());
            world.join(at);
            world.change(at, at as u64);
            world.well(at);
        }
        world
    }

    fn join(&self, at: usize) {
        let kit = self.kit();
        self.homes[at].done(&["setup", "--join", &self.url, "--recovery-kit", &kit, "--device-name", name(at)]);
    }

    fn kit(&self) -> String {
        self.homes[0].path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    /// A device backs up something new.
    fn change(&self, at: usize, seed: u64) {
        std::fs::write(self.homes[at].data.join(format!("{seed}.gcode")), gcode(seed + 100 * at as u64, 400)).unwrap();
        self.homes[at].backup();
    }

    /// Syncs and gives the problems; what can go on goes on.
    fn sync(&self, at: usize) -> Vec<Value> {
        let (exit, document) = self.homes[at].run(&["sync", "--pull", "metadata"]);
        let problems = document["stores"][0]["problems"].as_array().unwrap_or_else(|| panic!("{exit}: {document}")).clone();
        assert_eq!(exit == 7, !problems.is_empty(), "{exit}: {document}");
        problems
    }

    /// Syncs without an problem.
    fn well(&self, at: usize) {
        let (exit, document) = self.homes[at].run(&["sync", "--pull", "metadata"]);
        assert_eq!(exit, 0, "{}: {document}", name(at));
    }

    /// The store's account folder.
    fn there(&self) -> PathBuf {
        self.store.join(self.homes[0].vault().file_name().unwrap())
    }

    fn objects(&self) -> Vec<String> {
        let root = self.there();
        let mut found = Vec::new();
        each_file(&root, &mut |path| found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()));
        found.retain(|name| printkeep::core::name::ObjectName::parse(name).is_some());
        found.sort();
        found
    }

    fn save(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&self.there(), copy.path());
        copy
    }

    /// The provider shows this state from now on.
    fn show(&self, state: &Path) {
        std::fs::remove_dir_all(self.there()).unwrap();
        copy_all(state, &self.there());
    }

    fn own_id(&self, at: usize) -> String {
        let key = std::fs::read(self.homes[at].path.join("accounts/default/device.key"));
        let key = key.unwrap_or_else(|_| {
            let mut found = Vec::new();
            each_file(&self.homes[at].path, &mut |p| {
                if p.ends_with("device.key") {
                    found = std::fs::read(p).unwrap();
                }
            });
            found
        });
        key[5..21].iter().map(|b| format!("{b:02x}")).collect()
    }

    /// A clean machine restores everything of a device.
    fn restores(&self, at: usize) {
        let new = Home::new();
        new.run(&["setup", "--join", &self.url, "--recovery-kit", &self.kit(), "--device-name", "rescue"]);
        let to = new.folder.path().join("out");
        let which = format!("{}:latest", name(at));
        new.done(&["restore", &which, "--to", to.to_str().unwrap(), "--recovery-kit", &self.kit()]);
        assert_eq!(contents(&to.join("data")), contents(&self.homes[at].data), "{}", name(at));
    }
}

fn copy_all(from: &Path, to: &Path) {
    each_file(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    });
}

fn kinds(store_problems: &[Value]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    store_problems.iter().map(|a| (text(&a["kind"]), text(&a["device"]))).collect()
}

fn has(store_problems: &[Value], kind: &str, device: &str) -> bool {
    kinds(store_problems).iter().any(|(k, d)| k == kind && d == device)
}

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

/// A disk that was replaced by an empty one: told, and everything is sent again.
#[test]
fn an_emptied_store_is_told_and_filled_again() {
    let world = World::new(2);
    std::fs::remove_dir_all(world.there()).unwrap();
    assert_eq!(world.homes[0].run(&["sync"]).0, 6, "the disk may not be mounted");
    world.homes[0].done(&["store", "set", "store", "--url", &world.url]);
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
    // the other device's packs come only from itself; it knows the disk by its mark, and is told of the new one as well
    assert_eq!(world.homes[1].run(&["sync"]).0, 6);
    world.homes[1].done(&["store", "set", "store", "--url", &world.url]);
    world.sync(1);
    world.well(1);
    world.well(0);
    (0..2).for_each(|at| world.restores(at));
}

/// S6: each object removed in turn is named by a sync or by `verify`, and what does not need it is restored.
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
            let named = named || verified["error"]["message"].to_string().contains("no key slot");
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

/// S7: two devices are shown different stores, which are swapped or joined later.
#[test]
fn two_devices_that_are_shown_different_stores_notice_at_once() {
    let world = World::new(2);
    world.well(0);
    let (common, mut shown) = (world.save(), Vec::new());
    for at in 0..2 {
        world.show(common.path());
        world.change(at, 20);
        world.well(at);
        shown.push(world.save());
    }
    for at in 0..2 {
        world.show(shown[1 - at].path());
        let problems = world.sync(at);
        assert!(has(&problems, "older", name(at)), "{}: {:?}", name(at), kinds(&problems));
    }
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

/// S7: a cloned device makes two histories; whoever knows one is not given the other.
#[test]
fn a_cloned_device_is_told_by_itself_and_by_others() {
    let world = World::new(2);
    world.well(0);
    let clone = Home::new();
    copy_all(&world.homes[1].path, &clone.path);
    copy_all(&world.homes[1].data, &clone.data);
    world.change(1, 40);
    world.well(1);
    world.well(0);
    let honest = world.save();
    // the clone makes another snapshot of the same number, and the store shows that one to the others
    let head = format!("heads/{}/0000000000000002", world.own_id(1));
    std::fs::write(clone.data.join("other.cfg"), "[printer]\n").unwrap();
    clone.backup();
    std::fs::copy(clone.vault().join(&head), world.there().join(&head)).unwrap();
    let problems = world.sync(0);
    assert!(has(&problems, "forked", "bert"), "{:?}", kinds(&problems));
    let told = world.homes[0].run(&["problems"]).1.to_string();
    assert!(told.contains("it was copied, restored from an image"), "{told}");
    let problems = world.sync(1);
    assert!(has(&problems, "forked", "bert"), "{:?}", kinds(&problems));
    assert_ne!(std::fs::read(world.homes[0].vault().join(&head)).unwrap(), std::fs::read(clone.vault().join(&head)).unwrap());
    world.show(honest.path());
    (0..2).for_each(|at| world.well(at));
    // the clone is told too
    let (exit, document) = clone.run(&["sync"]);
    assert_eq!(exit, 7, "{document}");
    assert!(has(document["stores"][0]["problems"].as_array().unwrap(), "forked", "bert"), "{document}");
    assert_ne!(std::fs::read(world.homes[1].vault().join(&head)).unwrap(), std::fs::read(clone.vault().join(&head)).unwrap());
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

/// S8: exchanged key slots, rosters and their parameters.
#[test]
fn exchanged_keys_and_rosters_are_refused() {
    let world = World::new(2);
    let file = world.homes[0].path.join("passphrase");
    std::fs::write(&file, program::PASSPHRASE).unwrap();
    world.homes[0].done(&["key", "passphrase", "--new-passphrase-file", file.to_str().unwrap(), "--recovery-kit", &world.kit()]);
    world.well(0);
    world.well(1);
    let now = world.save();
    let slots: Vec<_> = world.objects().into_iter().filter(|o| o.starts_with("slots/")).collect();
    assert!(slots.len() >= 2, "{slots:?}");
    // every field of a slot's header, cost of Argon2 included, and its body
    for slot in &slots {
        for at in [0usize, 5, 10, 30, 40, 41, 44, 45, 48, 52, 60, 90, 120, usize::MAX] {
            let path = world.there().join(slot);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            for device in 0..2 {
                let problems = world.sync(device);
                assert!(
                    problems.iter().any(|a| a["kind"] == "changed" && a["object"] == slot.as_str()),
                    "{slot} {at}: {problems:?}"
                );
            }
            std::fs::copy(now.path().join(slot), &path).unwrap();
        }
    }
    let (one, other) = (world.there().join(&slots[0]), world.there().join(&slots[1]));
    std::fs::copy(&other, &one).unwrap();
    assert!(!world.sync(0).is_empty());
    world.show(now.path());
    // a roster that the account did not sign, one that does not follow, an older one under the newest's name
    let roster = world.there().join("roster/0000000000000002");
    let first = std::fs::read(world.there().join("roster/0000000000000001")).unwrap();
    let second = std::fs::read(&roster).unwrap();
    let mut flipped = second.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for bad in [&flipped, &first, &second[..40].to_vec()] {
        std::fs::write(&roster, bad).unwrap();
        for device in 0..2 {
            let problems = world.sync(device);
            assert!(!problems.is_empty() && problems[0]["object"] == "roster/0000000000000002", "{problems:?}");
        }
    }
    world.show(now.path());
    std::fs::write(world.there().join("roster/0000000000000003"), &second).unwrap();
    assert!(!world.sync(0).is_empty());
    world.show(now.path());
    (0..2).for_each(|at| world.well(at));
    // back to the replaced kit, the new one gone
    let before = world.objects();
    let page = world.homes[0].path.join("new-kit.txt");
    let page = page.to_str().unwrap();
    world.homes[0].done(&["key", "kit", "--yes", "--to", page, "--recovery-kit", &world.kit()]);
    world.well(0);
    world.well(1);
    let new: Vec<_> = world.objects().into_iter().filter(|o| !before.contains(o)).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    world.show(now.path());
    assert!(has(&world.sync(0), "slot_back", ""), "the one who replaced it");
    world.well(0);
}

/// S12: objects of one account under the prefix of another.
#[test]
fn objects_of_another_account_are_refused() {
    let (world, other) = (World::new(1), World::new(1));
    let (mine, foreign) = (world.objects(), other.objects());
    let shared = mine.iter().filter(|name| foreign.contains(name) && !name.starts_with("roster/"));
    assert_eq!(shared.count(), 0);
    let now = world.save();
    let before = world.homes[0].objects();
    for object in &foreign {
        world.show(now.path());
        let path = world.there().join(object);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(other.there().join(object), path).unwrap();
        let (exit, document) = world.homes[0].run(&["sync"]);
        // a pack of no index is nobody's, and is not fetched
        assert!(exit == 7 || exit == 3 || (exit == 0 && object.starts_with("packs/")), "{object}: {exit} {document}");
        assert_eq!(world.homes[0].objects(), before, "{object}");
    }
    world.show(now.path());
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
    for (step, dice) in noise(77, rounds as usize * 2).chunks(2).enumerate() {
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
