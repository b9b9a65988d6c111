//! What anybody who can write to one store puts there as keys, grants or key slots: it opens for nobody, hinders nothing, is named, travels
//! to no other store, and is gone again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::{Home, PASSPHRASE, contents, gcode, noise};
use printkeep::core::name::{ObjectId, ObjectName};
use printkeep::local::device::Device;

struct World {
    home: Home,
    stores: [PathBuf; 2],
}

/// An account with a passphrase and a kit, a snapshot, and two stores in step.
fn world() -> World {
    let home = Home::new();
    let stores = ["one", "two"].map(|name| home.folder.path().join(name));
    fs::write(home.folder.path().join("word"), PASSPHRASE).unwrap();
    fs::write(home.data.join("a.gcode"), gcode(1, 800)).unwrap();
    let made = home.command(&["setup", "--device-name", "pc"]).env("PRINTKEEP_PASSPHRASE", PASSPHRASE).output().unwrap();
    assert!(made.status.success());
    for store in &stores {
        fs::create_dir(store).unwrap();
        let name = store.file_name().unwrap().to_str().unwrap();
        home.done(&["store", "add", &format!("file://{}", store.display()), "--name", name]);
    }
    home.backup();
    home.done(&["sync"]);
    World { home, stores }
}

impl World {
    fn device(&self) -> Device {
        Device::load(&self.home.path.join("accounts/default/device.key")).unwrap().unwrap()
    }

    fn path(&self, store: usize, name: &ObjectName) -> PathBuf {
        self.stores[store].join(self.device().keys.account().to_string()).join(name.to_string())
    }

    /// An object of public bytes alone: the header that such an object has, with this reference to its key, and noise.
    fn make_up(&self, name: ObjectName, key: &[u8], at: &Path) {
        let mut bytes = b"PKEP\x01\x01".to_vec();
        bytes.push(name.object_type() as u8);
        bytes.extend_from_slice(self.device().keys.account().as_bytes());
        bytes.extend_from_slice(name.place().as_bytes());
        bytes.extend_from_slice(key);
        // the commitment, and something behind it
        bytes.extend(noise(9, 32 + 300));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, bytes).unwrap();
    }

    fn make_up_keys(&self, generation: u64, store: usize) -> ObjectName {
        let name = ObjectName::Keys(generation);
        let key = [&[1][..], &u32::try_from(generation - 1).unwrap().to_le_bytes(), &noise(7, 1168)].concat();
        self.make_up(name, &key, &self.path(store, &name));
        name
    }

    fn make_up_grant(&self, generation: u64, store: usize) -> ObjectName {
        let device = self.device().id;
        let name = ObjectName::Grant(device, generation);
        self.make_up(name, &[&[5][..], device.as_bytes(), &noise(7, 32)].concat(), &self.path(store, &name));
        name
    }

    /// A passphrase slot of this device that costs 1 GiB and 16 passes to try.
    fn make_up_slot(&self, id: u8, at: &Path) -> ObjectName {
        let name = ObjectName::Slot(ObjectId::from_bytes([id; 16]));
        let cost = [1024 * 1024u32, 16, 1].map(u32::to_le_bytes).concat();
        let key = [&[3][..], &cost, self.device().id.as_bytes(), &noise(7, 32)].concat();
        self.make_up(name, &key, &at.join(name.to_string()));
        name
    }

    fn word(&self) -> String {
        self.home.folder.path().join("word").to_str().unwrap().to_owned()
    }
}

#[test]
fn keys_that_open_for_nobody_hinder_nothing_and_are_named() {
    let world = world();
    let home = &world.home;
    let name = world.make_up_keys(2, 0);
    world.make_up_grant(2, 0);
    let (exit, told) = home.run(&["sync"]);
    assert_eq!(exit, 7, "{told}");
    assert!(!world.path(1, &name).exists(), "it travelled on");
    assert!(!home.vault().join(name.to_string()).exists(), "it is not proved");
    let word = world.word();
    home.done(&["ls", "latest"]);
    assert_eq!(home.restored("latest").len(), 1);
    home.done(&["ls", "latest", "--passphrase-file", &word]);
    home.done(&["check", "--passphrase-file", &word]);
    let (_, told) = home.run(&["problems", "list"]);
    // the store is named, and the first object of each type
    assert!(told.to_string().contains(&name.to_string()) && told.to_string().contains("one"), "{told}");
    assert!(!told.to_string().contains("the-vault"), "{told}");
    home.done(&["key", "passphrase", "--new-passphrase-file", &word, "--passphrase-file", &word]);
    // another machine joins from the store that holds it
    let guest = Home::new();
    let (url, kit) = (format!("file://{}", world.stores[0].display()), home.path.join("recovery-kit.txt"));
    let (exit, joined) =
        guest.run(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "laptop"]);
    // done, and what is wrong there is named
    assert!(exit == 7 && joined["failed"][0]["object"] == name.to_string(), "{exit} {joined}");
    let to = guest.folder.path().join("back");
    guest.done(&["restore", "pc:latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(contents(&to).len(), 1);
    home.run(&["sync"]);
    // the keys are changed all the same, and what stood in their way is gone
    home.done(&["device", "revoke", "laptop", "--yes", "--passphrase-file", &word]);
    home.done(&["key", "rotate", "--passphrase-file", &word]);
    home.backup();
    home.run(&["sync"]);
    for store in 0..2 {
        assert_ne!(fs::read(world.path(store, &name)).unwrap().len(), 39 + 5 + 1168 + 332, "store {store}");
    }
    assert_eq!(home.restored("latest").len(), 1);
    home.done(&["check", "--passphrase-file", &word]);
}

#[test]
fn the_doctor_heals_a_home_that_took_over_what_opens_for_nobody() {
    let world = world();
    let home = &world.home;
    let names = [world.make_up_keys(2, 0), world.make_up_keys(3, 0), world.make_up_grant(2, 0)];
    home.run(&["sync"]);
    names.iter().for_each(|name| assert!(!home.vault().join(name.to_string()).exists()));
    // a home that took them over before there was a proof
    let poison = || {
        for name in &names {
            let at = home.vault().join(name.to_string());
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::copy(world.path(0, name), at).unwrap();
        }
    };
    poison();
    // its own copies go nowhere, and it finds them out by itself
    home.run(&["sync"]);
    names.iter().for_each(|name| assert!(!world.path(1, name).exists(), "{name} travelled on"));
    names.iter().for_each(|name| assert!(!home.vault().join(name.to_string()).exists(), "{name} stayed"));
    poison();
    // and nobody's key is needed to tell them
    let told = home.done(&["check", "--repair"]);
    let mut aside: Vec<_> =
        told["repair"]["set_aside"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned()).collect();
    aside.sort();
    let mut expected: Vec<_> = names.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(aside, expected);
    home.done(&["check", "--passphrase-file", &world.word()]);
    // the store still shows them: they are named there, and not taken over again
    let (_, told) = home.run(&["sync"]);
    for name in &names {
        assert!(told.to_string().contains(&name.to_string()), "{told}");
        assert!(!home.vault().join(name.to_string()).exists());
    }
    home.done(&["check", "--passphrase-file", &world.word()]);
    home.done(&["check", "--repair", "--passphrase-file", &world.word()]);
}

#[test]
fn made_up_slots_cost_whoever_unlocks_nothing_and_are_not_taken_over() {
    let world = world();
    let home = &world.home;
    let names =
        [0, 1, 2].map(|id| world.make_up_slot(id, world.path(0, &ObjectName::Keys(2)).parent().unwrap().parent().unwrap()));
    home.run(&["sync"]);
    names.iter().for_each(|name| assert!(!home.vault().join(name.to_string()).exists() && !world.path(1, name).exists()));
    // a home that took them over before
    for name in &names {
        fs::copy(world.path(0, name), home.vault().join(name.to_string())).unwrap();
    }
    let unlocks = |word: &str| {
        let word = home.command(&["ls", "latest", "--passphrase-file", word]);
        let mut limited = std::process::Command::new("sh");
        // in seconds of the processor: less than the three tries of such slots take, and far more than one of this device's own
        limited.args(["-c", "ulimit -t 8; exec \"$0\" \"$@\""]).arg(word.get_program()).args(word.get_args()).env_clear();
        limited.envs(word.get_envs().filter_map(|(key, value)| Some((key, value?))));
        limited.output().unwrap().status.code()
    };
    assert_eq!(unlocks(&world.word()), Some(0));
    let wrong = home.folder.path().join("wrong");
    fs::write(&wrong, "another passphrase than the right one").unwrap();
    assert_eq!(unlocks(wrong.to_str().unwrap()), Some(4));
    home.done(&["check", "--repair", "--passphrase-file", &world.word()]);
    names.iter().for_each(|name| assert!(!home.vault().join(name.to_string()).exists()));
}

impl World {
    /// Puts so many made-up key slots into the first store, named before all others, each of so many bytes with a header that fits.
    fn make_up_slots(&self, count: usize, size: usize) {
        let account = self.device().keys.account();
        for n in 0..count {
            let mut id: [u8; 16] = noise(1000 + n as u64, 16).try_into().unwrap();
            id[0] &= 0x0f;
            let name = ObjectName::Slot(ObjectId::from_bytes(id));
            let header = [&b"PKEP\x01\x01\x05"[..], account.as_bytes(), &id, &[4]].concat();
            let bytes = if n % 2 == 0 { vec![b'x'; size] } else { [&header[..], &noise(7, size - header.len())].concat() };
            fs::write(self.path(0, &name), bytes).unwrap();
        }
    }

    fn slots(&self, folder: &Path) -> std::collections::BTreeSet<String> {
        fs::read_dir(folder.join("slots")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn whoever_holds_the_kit_gets_in_and_stays_in_however_many_slots_are_made_up() {
    for (count, size) in [(600, 600), (3000, 440)] {
        let world = world();
        world.make_up_slots(count, size);
        let kit = world.home.path.join("recovery-kit.txt");
        let (url, kit) = (format!("file://{}", world.stores[0].display()), kit.to_str().unwrap());
        let rescued = Home::new();
        let to = rescued.folder.path().join("out");
        let args = ["rescue", &url, "--recovery-kit", kit, "--device", "pc", "--root", to.to_str().unwrap(), "--yes"];
        let (exit, told) = rescued.run(&args);
        assert!(exit == 0 || exit == 7 || exit == 3, "{exit} {told}");
        assert_eq!(contents(&to).len(), 1, "{told}");
        let joined = Home::new();
        let (exit, told) = joined.run(&["setup", "--join", &url, "--recovery-kit", kit, "--device-name", "laptop"]);
        assert!(exit == 0 || exit == 7 || exit == 3, "{exit} {told}");
        let to = joined.folder.path().join("back");
        joined.done(&["restore", "pc:latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit]);
        assert_eq!(contents(&to).len(), 1);
    }
}

#[test]
fn a_slot_that_took_anothers_place_is_seen_among_made_up_ones_and_the_ended_one_is_not_sent_again() {
    // few enough to look at each, of a size that none has, and more than are looked at
    for (count, size) in [(400, 468), (3000, 601), (1500, 468)] {
        let world = world();
        let kit = world.home.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
        let (url, word) = (format!("file://{}", world.stores[0].display()), world.word());
        let laptop = Home::new();
        let set = ["key", "passphrase", "--new-passphrase-file", &word, "--recovery-kit", &kit];
        laptop.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "laptop"]);
        let here = || world.slots(&world.home.vault());
        let before = here();
        laptop.done(&set);
        laptop.run(&["sync"]);
        world.home.done(&["sync"]);
        let first: Vec<_> = here().difference(&before).cloned().collect();
        assert_eq!(first.len(), 1);
        laptop.done(&set);
        laptop.run(&["sync"]);
        world.make_up_slots(count, size);
        let there = world.stores[0].join(world.device().keys.account().to_string());
        let lying = world.slots(&there);
        assert!(!lying.contains(&first[0]));
        let (exit, told) = world.home.run(&["sync"]);
        assert_eq!(exit, 7, "{told}");
        assert_eq!(world.slots(&there), lying, "nothing that ended was sent again");
        if count != 1500 {
            assert_eq!(here().difference(&before).count(), 2, "the new one came: {told}");
            assert!(!told.to_string().contains(&first[0]), "it is not missed: {told}");
        }
    }
}

#[test]
fn a_header_alone_takes_no_slots_place() {
    let world = world();
    let slots = world.slots(&world.home.vault());
    let there = world.stores[0].join(world.device().keys.account().to_string());
    slots.iter().for_each(|name| fs::remove_file(there.join("slots").join(name)).unwrap());
    world.make_up_slots(2, 440);
    world.make_up_slot(9, &there);
    world.home.run(&["sync"]);
    assert!(slots.is_subset(&world.slots(&there)), "what the owner's kit and passphrase open is sent again");
}
