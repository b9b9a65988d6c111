//! Devices of an account: named, trusted, revoked; keys that are rotated; what a writer's home opens, which is nothing.

use crate::support::program::{self, Home, contents, each_file, gcode, noise};
use printkeep::core::keys::Keyring;
use printkeep::core::name::{ObjectId, ObjectName};
use printkeep::core::pack::PackReader;
use printkeep::core::seal::With;
use printkeep::core::secret::Secret;
use printkeep::core::slot::{self, Opener};
use printkeep::local::device::Device;
use printkeep::local::recovery_kit::Kit;
use serde_json::Value;

fn kit(home: &Home) -> String {
    home.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
}

/// A home called `pc` with one snapshot, synced to a folder; and the folder's address.
fn synced() -> (Home, String) {
    let home = Home::new();
    (0..3).for_each(|n| std::fs::write(home.data.join(format!("{n}.gcode")), gcode(n, 3000)).unwrap());
    home.done(&["setup", "--device-name", "pc"]);
    home.backup();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    (home, url)
}

/// Backs up until every file is known as unchanged: one that changed in the last moment is read again.
fn until_known(home: &Home) {
    assert!((0..100).any(|_| home.backup()["read"] == 0));
}

/// Another machine of the account, with files of its own.
fn joined(home: &Home, url: &str, name: &str) -> Home {
    let new = Home::new();
    std::fs::write(new.data.join("own.cfg"), format!("[{name}]\n")).unwrap();
    new.done(&["setup", "--join", url, "--recovery-kit", &kit(home), "--device-name", name]);
    new
}

fn devices(home: &Home) -> Vec<Value> {
    home.done(&["device", "list"])["devices"].as_array().unwrap().clone()
}

fn device(home: &Home, name: &str) -> Value {
    devices(home).into_iter().find(|device| device["name"] == name).unwrap_or_else(|| panic!("no device {name}"))
}

fn restored(home: &Home, snapshot: &str, kit: &str) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", snapshot, "--to", to.path().to_str().unwrap(), "--recovery-kit", kit]);
    contents(&to.path().join("data"))
}

#[test]
fn devices_are_listed_renamed_and_trusted() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    assert_eq!(printer.backup()["snapshot"], 1);
    printer.done(&["sync"]);
    home.done(&["sync"]);
    let listed = device(&home, "printer");
    assert_eq!((&listed["role"], &listed["this"], &listed["last"]["snapshot"]), (&"adds_only".into(), &false.into(), &1.into()));
    assert_eq!(device(&home, "pc")["this"], true);
    home.done(&["device", "rename", "printer", "Ender"]);
    assert_eq!(home.done(&["device", "allow-delete", "Ender"])["role"], "may_delete");
    home.done(&["sync"]);
    printer.done(&["sync"]);
    assert_eq!(device(&printer, "Ender")["role"], "may_delete");
    assert_eq!(printer.run(&["status"]).1["device"], "Ender", "a device learns its new name");
    home.done(&["device", "forbid-delete", "Ender"]);
    assert_eq!(device(&home, "Ender")["role"], "adds_only");
    let (exit, document) = home.run(&["device", "rename", "Ender", "pc"]);
    assert_eq!(exit, 2, "{document}");
    assert_eq!(home.run(&["device", "allow-delete", "nobody"]).0, 2);
    let id = device(&home, "Ender")["id"].as_str().unwrap().to_owned();
    home.done(&["device", "rename", &id[..8], "printer"]);
    home.done(&["check"]);
}

#[test]
fn a_joining_device_never_takes_a_name_that_is_taken() {
    let (home, url) = synced();
    let second = joined(&home, &url, "pc");
    let names: Vec<_> = devices(&second).iter().map(|d| d["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["pc", "pc-2"]);
}

#[test]
fn a_change_needs_the_owners_key() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    for args in [&["device", "rename", "pc", "x"][..], &["device", "revoke", "pc", "--yes"], &["key", "rotate"]] {
        let (exit, document) = printer.run(args);
        assert_eq!(exit, 4, "{args:?}: {document}");
    }
    assert_eq!(printer.done(&["device", "list"])["list"], 2);
    assert_eq!(printer.run(&["device", "revoke", "pc", "--recovery-kit", &kit(&home)]).0, 2, "nobody was there to confirm");
}

/// Two machines change the devices apart: the first that reaches the store holds; the other is told, and does it again.
#[test]
fn changes_that_were_made_apart_are_told_and_made_again() {
    let (home, url) = synced();
    let other = joined(&home, &url, "other");
    home.done(&["sync"]);
    // both made while the store is away
    let (store, away) = (home.folder.path().join("store"), home.folder.path().join("away"));
    std::fs::rename(&store, &away).unwrap();
    let with_kit = |args: &[&str]| -> Vec<String> {
        args.iter().map(ToString::to_string).chain(["--recovery-kit".into(), kit(&home), "--offline".into()]).collect()
    };
    let (exit, document) = home.run(&["device", "rename", "other", "first"]);
    assert_eq!(exit, 6, "the store could not be asked: {document}");
    home.done(&["device", "rename", "other", "first", "--offline"]);
    let args = with_kit(&["device", "rename", "pc", "second"]);
    other.done(&args.iter().map(String::as_str).collect::<Vec<_>>());
    std::fs::rename(&away, &store).unwrap();
    home.done(&["sync"]);
    let (exit, document) = other.run(&["sync"]);
    assert_eq!(exit, 3, "{document}");
    let failed = &document["stores"][0]["failed"][0];
    assert_eq!(failed["object"], "roster/0000000000000003");
    assert!(failed["reason"]["text"].as_str().unwrap().contains("make yours again"), "{failed}");
    other.done(&["sync"]);
    other.done(&["device", "rename", "pc", "second", "--recovery-kit", &kit(&home)]);
    other.done(&["sync"]);
    home.done(&["sync"]);
    for machine in [&home, &other] {
        let names: Vec<_> = devices(machine).iter().map(|d| d["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names, ["second", "first"]);
        machine.done(&["check"]);
    }
}

#[test]
fn after_a_rotation_nothing_is_read_again_and_everything_comes_back() {
    let (home, url) = synced();
    let other = joined(&home, &url, "other");
    until_known(&other);
    other.done(&["sync"]);
    home.done(&["sync"]);
    std::fs::write(home.data.join("large.bin"), noise(9, 3 << 20)).unwrap();
    until_known(&home);
    assert_eq!(home.done(&["key", "rotate"])["generation"], 2);
    let packs = || home.objects().into_iter().filter(|o| o.starts_with("packs/")).collect::<Vec<_>>();
    let before = packs();
    std::fs::write(home.data.join("later.gcode"), gcode(7, 2000)).unwrap();
    let backed = home.backup();
    assert_eq!(backed["read"], 1, "only what is new: {backed}");
    assert!(before.iter().all(|pack| packs().contains(pack)));
    assert_eq!(restored(&home, "latest", &kit(&home)), contents(&home.data));
    assert_eq!(restored(&home, "1", &kit(&home)).len(), 3);
    home.done(&["check", "--read-data", "--recovery-kit", &kit(&home)]);
    home.done(&["sync"]);

    // the other machine takes the new keys over by itself, and what it makes is sealed under them
    other.done(&["sync"]);
    assert_eq!(other.done(&["device", "list"])["generation"], 2);
    assert_eq!(other.backup()["read"], 0);
    assert_eq!(restored(&other, "pc:latest", &kit(&home)), contents(&home.data));
    other.done(&["sync"]);

    // twice more; then a machine that joins, and a new kit, open all generations
    home.done(&["key", "rotate"]);
    assert_eq!(home.done(&["key", "rotate"])["generation"], 4);
    home.backup();
    home.done(&["sync"]);
    let third = joined(&home, &url, "third");
    assert_eq!(third.done(&["device", "list"])["generation"], 4);
    assert_eq!(restored(&third, "pc:latest", &kit(&home)), contents(&home.data));
    let new_kit = home.folder.path().join("new-kit.txt");
    home.done(&["key", "kit", "--yes", "--to", new_kit.to_str().unwrap()]);
    assert_eq!(restored(&home, "latest", new_kit.to_str().unwrap()), contents(&home.data));
}

/// A device that holds no link key waits for nothing in vain: it is told, and goes on with what it can open.
#[test]
fn what_a_device_cannot_open_yet_waits_and_blocks_nothing() {
    let (home, url) = synced();
    let old = joined(&home, &url, "old");
    home.done(&["sync"]);
    forget_link(&old);
    home.done(&["key", "rotate"]);
    home.backup();
    home.done(&["sync"]);
    let document = old.done(&["sync"]);
    assert!(document["stores"][0]["waiting"].as_u64().unwrap() >= 2, "{document}");
    assert_eq!(old.done(&["device", "list"])["generation"], 1);
    old.backup();
    old.done(&["sync"]);
    assert_eq!(restored(&old, "old:latest", &kit(&home)), contents(&old.data));
    home.done(&["sync"]);
    assert_eq!(restored(&home, "old:latest", &kit(&home)), contents(&old.data));
}

/// Makes `device.key` what an early version wrote.
fn forget_link(home: &Home) {
    let path = home.path.join("accounts/default/device.key");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 32);
    bytes[4] = 1;
    bytes.drain(5 + 16 + 96..5 + 16 + 128);
    let sum = *blake3::hash(&bytes).as_bytes();
    bytes.extend_from_slice(&sum);
    std::fs::write(&path, bytes).unwrap();
}

/// A provider that keeps the owner's copy of new keys back, or swaps it, cannot make a device write what nobody opens.
#[test]
fn a_device_writes_under_new_keys_only_where_the_owner_will_find_them() {
    let (home, url) = synced();
    let other = joined(&home, &url, "other");
    home.done(&["sync"]);
    home.done(&["key", "rotate"]);
    home.done(&["sync"]);
    let account = home.vault().file_name().unwrap().to_owned();
    let keys = home.folder.path().join("store").join(account).join("keys/0000000000000002");
    let good = std::fs::read(&keys).unwrap();
    std::fs::remove_file(&keys).unwrap();
    other.done(&["sync", "--pull", "metadata"]);
    assert_eq!(other.done(&["device", "list"])["generation"], 1);
    std::fs::write(&keys, good).unwrap();
    other.run(&["sync"]);
    assert_eq!(other.done(&["device", "list"])["generation"], 2);
}

/// A rotation that was cut off between its two steps is finished by the next one.
#[test]
fn a_rotation_that_was_cut_off_is_finished() {
    let (home, _) = synced();
    let device_key = home.path.join("accounts/default/device.key");
    let before = std::fs::read(&device_key).unwrap();
    home.done(&["key", "rotate"]);
    std::fs::write(&device_key, before).unwrap();
    std::fs::remove_dir_all(home.vault().join("grants")).unwrap();
    assert_eq!(home.done(&["device", "list"])["generation"], 1);
    assert_eq!(restored(&home, "latest", &kit(&home)), contents(&home.data));
    let document = home.done(&["key", "rotate"]);
    assert_eq!((&document["finished"], &document["generation"]), (&true.into(), &2.into()));
    assert_eq!(home.done(&["device", "list"])["generation"], 2);
    home.backup();
    assert_eq!(restored(&home, "latest", &kit(&home)), contents(&home.data));
}

#[test]
fn what_a_revoked_device_makes_afterwards_is_not_believed_and_what_it_made_before_comes_back() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    printer.backup();
    printer.done(&["sync"]);
    let first = contents(&printer.data);
    home.done(&["sync"]);
    assert_eq!(home.run(&["device", "revoke", "pc"]).0, 2, "the device one sits at");
    let document = home.done(&["device", "revoke", "printer", "--yes"]);
    assert_eq!(
        (&document["role"], &document["last_believed"], &document["generation"]),
        (&"revoked".into(), &1.into(), &2.into())
    );
    home.done(&["sync"]);
    let grants: Vec<_> = home.objects().into_iter().filter(|o| o.starts_with("grants/")).collect();
    assert_eq!(grants.len(), 1, "the revoked device is granted nothing: {grants:?}");

    // the thief goes on and sends it, without hearing of anything
    std::fs::write(printer.data.join("planted.gcode"), gcode(66, 100)).unwrap();
    assert_eq!(printer.backup()["snapshot"], 2);
    printer.done(&["sync", "--pull", "nothing"]);
    let (exit, document) = home.run(&["sync"]);
    assert_eq!(exit, 3, "{document}");
    assert_eq!(document["stores"][0]["disbelieved"].as_array().unwrap().len(), 1, "{document}");
    let third = Home::new();
    third.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "third"]);
    for machine in [&home, &third] {
        assert_eq!(machine.run(&["restore", "printer:2", "--to", "/nowhere", "--recovery-kit", &kit(&home)]).0, 2);
        assert_eq!(restored(machine, "printer:latest", &kit(&home)), first);
        assert_eq!(device(machine, "printer")["last"]["snapshot"], 1);
    }
    // an honest one that hears of it stops, and says why
    printer.run(&["sync"]);
    let (exit, document) = printer.run(&["backup", printer.data.to_str().unwrap()]);
    assert!(exit == 2 && document["error"]["message"].as_str().unwrap().contains("revoked"), "{document}");
    assert_eq!(printer.run(&["status"]).0, 3);
    assert_eq!(home.run(&["device", "allow-delete", "printer"]).0, 2, "there is no way back but enrolling anew");
}

/// A device that was revoked says so in the same words wherever it is asked, calls nothing damaged that is not, and the way back that it names works.
#[test]
fn a_revoked_device_is_told_one_thing_everywhere_and_its_way_back_works() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    printer.backup();
    printer.done(&["sync"]);
    let first = contents(&printer.data);
    home.done(&["sync"]);
    home.done(&["device", "revoke", "printer", "--yes"]);
    home.done(&["sync"]);
    // under the new keys, which the revoked device is not given
    std::fs::write(home.data.join("more.gcode"), gcode(77, 100)).unwrap();
    home.backup();
    home.done(&["sync"]);
    std::fs::write(printer.data.join("later.gcode"), gcode(66, 100)).unwrap();
    assert_eq!(printer.backup()["snapshot"], 2);
    for _ in 0..2 {
        let output = printer.command(&["sync"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(3), "what it backed up since went nowhere: {told}");
        assert!(told.contains("You revoked this device") && told.contains("setup --join") && !told.contains("rejoin"), "{told}");
    }
    let (exit, status) = printer.run(&["status"]);
    assert_eq!((exit, &status["last"]["snapshot"]), (3, &1.into()), "{status}");
    assert!(status["problems"].as_array().unwrap().iter().any(|one| one["kind"] == "revoked"), "{status}");
    let listed = printer.done(&["snapshots"]);
    let later = serde_json::json!([{ "device": "printer", "own": true, "number": 2 }]);
    assert_eq!((&listed["refused"], &listed["disbelieved"]), (&serde_json::json!([]), &later), "{listed}");
    let checked = printer.done(&["check"]);
    assert_eq!((&checked["damaged"], &checked["intruders"][0]["own"]), (&serde_json::json!([]), &true.into()), "{checked}");
    let (exit, checked) = printer.run(&["check", "--store", "store"]);
    assert_eq!((exit, &checked["damaged"], &checked["unsent"]), (3, &serde_json::json!([]), &0.into()), "{checked}");
    assert!(checked["later"].as_u64() > Some(0), "{checked}");
    assert_eq!(printer.run(&["problems"]).1["problems"].as_array().unwrap().iter().filter(|p| p["kind"] != "revoked").count(), 0);
    let (exit, refused) = printer.run(&["forget", "--keep-last", "1"]);
    assert!(exit == 2 && refused["error"]["hint"].as_str().unwrap().contains("setup --join"), "{refused}");
    assert_eq!(restored(&printer, "latest", &kit(&home)), first);
    // the way back
    printer.done(&["setup", "--join", &url, "--recovery-kit", &kit(&home), "--device-name", "printer"]);
    printer.backup();
    printer.done(&["sync"]);
    printer.done(&["snapshots"]);
    let (_, status) = printer.run(&["status"]);
    assert!(!status["problems"].to_string().contains("revoked"), "{status}");
    home.done(&["sync"]);
}

/// What a thief puts into a store is told as that, and goes with a prune; what the device saved before stays.
#[test]
fn what_a_thief_wrote_is_told_of_and_pruned() {
    let (home, url) = synced();
    home.done(&["device", "allow-delete", "pc"]);
    home.done(&["sync"]);
    let printer = joined(&home, &url, "printer");
    printer.backup();
    printer.done(&["sync"]);
    let first = contents(&printer.data);
    home.done(&["sync"]);
    let third = joined(&home, &url, "third");
    // a machine that has not heard of the theft takes over what the thief wrote
    std::fs::write(printer.data.join("planted.gcode"), gcode(66, 100)).unwrap();
    printer.backup();
    printer.done(&["sync", "--pull", "nothing"]);
    third.done(&["sync"]);
    assert_eq!(device(&third, "printer")["last"]["snapshot"], 2);
    assert_eq!(home.done(&["device", "revoke", "printer", "--last", "1", "--yes"])["last_believed"], 1);
    let store = home.done(&["store", "list"])["stores"][0]["name"].as_str().unwrap().to_owned();
    let heads = || {
        let folder = std::path::PathBuf::from(url.strip_prefix("file://").unwrap());
        let mut found = Vec::new();
        each_file(&folder, &mut |path| found.push(path.display().to_string()));
        found.into_iter().filter(|name| name.contains("/heads/")).count()
    };
    let open = |home: &Home| -> Vec<(String, String)> {
        let word = |problem: &Value, field: &str| problem[field].as_str().unwrap().to_owned();
        let told = home.run(&["problems", "list"]).1;
        let told = told["problems"].as_array().unwrap().iter().filter(|i| i["kind"] == "intruder");
        told.map(|i| (word(i, "device"), word(&i["subject"], "store"))).collect()
    };
    for machine in [&home, &third] {
        assert_eq!(machine.run(&["sync"]).0, 3);
        assert_eq!(open(machine), [("printer".into(), store.clone())]);
    }
    let verify = ["check", "--store", &store, "--read-data"];
    let (exit, found) = home.run(&verify);
    assert_eq!((exit, found["damaged"].as_array().unwrap().len()), (3, 0), "{found}");
    assert_eq!(found["disbelieved"].as_array().unwrap().len(), 1, "{found}");
    // what the third machine took over before it heard of the theft is no fault of its vault
    let found = third.done(&["check", "--read-data"]);
    assert_eq!(found["disbelieved"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(open(&third), [("printer".into(), store.clone())]);
    // within the grace period it stays
    (0..2).for_each(|_| drop(home.done(&["prune"])));
    let before = heads();
    home.done(&["prune", "--grace", "0d"]);
    assert_eq!(heads(), before - 1);
    for machine in [&home, &third] {
        machine.done(&["sync"]);
        assert_eq!(open(machine), []);
    }
    assert_eq!(heads(), before - 1, "nobody sends it anew");
    third.done(&["prune", "--grace", "0d"]);
    assert!(!third.objects().iter().any(|name| name.starts_with("heads/") && name.ends_with("0002")), "{:?}", third.objects());
    home.done(&verify);
    for machine in [&home, &third] {
        assert_eq!(restored(machine, "printer:latest", &kit(&home)), first);
    }
}

/// Its passphrase opens nothing any more either.
#[test]
fn a_revoked_devices_passphrase_slot_goes() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    let passphrase = home.folder.path().join("passphrase");
    std::fs::write(&passphrase, program::PASSPHRASE).unwrap();
    let file = passphrase.to_str().unwrap();
    printer.done(&["key", "passphrase", "--recovery-kit", &kit(&home), "--new-passphrase-file", file]);
    printer.done(&["sync"]);
    home.done(&["sync"]);
    let slots = || home.objects().iter().filter(|o| o.starts_with("slots/")).count();
    assert_eq!(slots(), 2);
    home.done(&["device", "revoke", "printer", "--yes"]);
    assert_eq!(slots(), 1);
    assert_eq!(home.done(&["sync"])["stores"][0]["removed"], 1);
}

/// Everything a stolen printer holds, tried as every key there is: nothing that was backed up opens.
#[test]
fn a_writers_home_opens_nothing_that_was_backed_up() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    printer.backup();
    printer.done(&["sync"]);
    for args in [&["ls"][..], &["find", "*"], &["diff", "1", "1"], &["restore", "latest", "--to", "out"]] {
        let (exit, document) = printer.run(args);
        assert_eq!(exit, 4, "{args:?}: {document}");
    }
    let vault = Vault::of(&printer);
    assert!(vault.packs.len() >= 2 && !vault.slots.is_empty());
    let account = printer.path.join("accounts/default");
    let device = Device::load(&account.join("device.key")).unwrap().unwrap();
    for (id, bytes) in &vault.packs {
        assert!(PackReader::open(&With::Device(&device.keys), *id, bytes).is_err());
        let link = device.link.as_ref().unwrap();
        assert!(PackReader::open(&With::Link(&device.keys, device.id, link), *id, bytes).is_err());
    }
    let mut held = Vec::new();
    for file in ["device.key", "account.journal"] {
        held.extend(std::fs::read(account.join(file)).unwrap());
    }
    held.extend(std::fs::read(printer.path.join("config.toml")).unwrap());
    assert!(held.len() > 1600);
    assert_eq!(held.windows(32).filter(|window| vault.opens_with(&device, window)).count(), 0);
    // the same trial finds the key where it is
    let words = std::fs::read_to_string(kit(&home)).unwrap();
    let (_, entropy) = Kit::parse(&words).unwrap();
    assert!(vault.opens_with(&device, entropy.expose()));
    let (name, slot) = &vault.slots[0];
    let keyring = slot::open(None, name, slot, &Opener::Recovery(&entropy)).unwrap();
    assert!(vault.opens_with(&device, keyring.recipient(1).unwrap().seed().expose()));
}

/// A vault's packs and key slots.
struct Vault {
    packs: Vec<(ObjectId, Vec<u8>)>,
    slots: Vec<(ObjectName, Vec<u8>)>,
}

impl Vault {
    fn of(home: &Home) -> Self {
        let read = |name: &String| (ObjectName::parse(name).unwrap(), std::fs::read(home.vault().join(name)).unwrap());
        let mut vault = Self { packs: Vec::new(), slots: Vec::new() };
        for (name, bytes) in home.objects().iter().map(read) {
            match name {
                ObjectName::Pack(id) => vault.packs.push((id, bytes)),
                ObjectName::Slot(_) => vault.slots.push((name, bytes)),
                _ => {}
            }
        }
        vault
    }

    /// Whether 32 bytes open a pack or a slot, taken as a recipient's private key or as a kit's secret.
    fn opens_with(&self, device: &Device, window: &[u8]) -> bool {
        let kit = Secret::<32>::copied_from(window).unwrap();
        let opens_slot = self.slots.iter().any(|(name, bytes)| slot::open(None, name, bytes, &Opener::Recovery(&kit)).is_ok());
        // account, signing seed, one generation: recipient, index key, chunk key
        let parts = [device.keys.account().as_bytes().as_slice(), window, &[1], window, window, window].concat();
        let Ok(keyring) = Keyring::decode(&parts) else { return opens_slot };
        let (id, bytes) = &self.packs[0];
        opens_slot || PackReader::open(&With::Owner(&keyring), *id, bytes).is_ok()
    }
}

/// Of several devices none is taken for the newest by what its own clock says: a thief's device says what it likes.
#[test]
fn the_latest_of_several_devices_is_asked_for_by_name() {
    let (home, url) = synced();
    let printer = joined(&home, &url, "printer");
    let third = joined(&home, &url, "third");
    let to = third.folder.path().join("back");
    let latest = |which: &str| third.run(&["restore", which, "--to", to.to_str().unwrap(), "--recovery-kit", &kit(&home)]);
    // one alone has any
    assert_eq!(latest("latest").0, 0);
    std::fs::remove_dir_all(&to).unwrap();
    printer.backup();
    printer.done(&["sync"]);
    third.done(&["sync"]);
    let (exit, told) = latest("latest");
    assert_eq!((exit, &told["error"]["id"]), (2, &"snapshot-which".into()), "{told}");
    let hint = told["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("pc:latest") && hint.contains("printer:latest"), "{told}");
    assert!(!to.exists());
    assert_eq!(latest("pc:latest").0, 0);
    // what is tried is named
    let tried = third.done(&["check", "--try-restore", "3", "--recovery-kit", &kit(&home)]);
    assert!(tried.to_string().contains("printer") || tried.to_string().contains("pc"), "{tried}");
}
