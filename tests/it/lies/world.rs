//! An account with an object of every type in two stores, of which one lies; set back to where it was before each lie.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use printkeep::core::name::ObjectName;
use printkeep::core::seal::Proved;
use printkeep::local::device::Device;
use printkeep::local::os_random::SystemRandom;

use crate::support::program::{Home, PASSPHRASE, contents, each_file, gcode};

/// What the owner calls the store that lies, as every device that joins from it does.
pub const LYING: &str = "store";
/// What the owner calls the other.
pub const HONEST: &str = "two";

/// Objects by name, with BLAKE3 of their bytes.
pub type Held = BTreeMap<String, [u8; 32]>;

/// The owner's PC, a printer, and a device whose keys are stolen; the store `one` lies, `two` is honest.
pub struct World {
    pub pc: Home,
    pub ender: Home,
    pub mallory: Home,
    saved: tempfile::TempDir,
}

impl World {
    /// What the complete states were before that are kept.
    pub const STATES: [&str; 5] = [
        "the printer joined",
        "the keys were changed",
        "the PC might delete",
        "the newest note",
        "the printer's newest snapshot",
    ];

    pub fn new() -> Self {
        let world = Self { pc: Home::new(), ender: Home::new(), mallory: Home::new(), saved: tempfile::tempdir().unwrap() };
        let pc = &world.pc;
        pc.done(&["setup", "--device-name", "pc"]);
        for (folder, store) in [("one", LYING), ("two", HONEST)] {
            fs::create_dir(world.root(folder)).unwrap();
            pc.done(&["store", "add", &world.url(folder), "--name", store]);
        }
        fs::write(pc.folder.path().join("word"), PASSPHRASE).unwrap();
        let word = pc.folder.path().join("word");
        pc.done(&["key", "passphrase", "--new-passphrase-file", word.to_str().unwrap(), "--recovery-kit", &world.kit()]);
        pc.done(&["privacy", "grant", "operation-log"]);
        world.change(pc, 1);
        pc.done(&["sync"]);
        world.keep(0);
        for (home, name) in [(&world.ender, "ender"), (&world.mallory, "mallory")] {
            home.done(&["setup", "--join", &world.url("one"), "--recovery-kit", &world.kit(), "--device-name", name]);
            home.done(&["store", "add", &world.url("two"), "--name", HONEST]);
            (0..2).for_each(|seed| world.change(home, seed));
            home.done(&["sync"]);
        }
        world.keep(1);
        (0..2).for_each(|_| drop(pc.done(&["key", "rotate", "--recovery-kit", &world.kit()])));
        for letter in ["first", "second"] {
            let file = pc.folder.path().join(letter);
            fs::write(&file, gcode(7, 20)).unwrap();
            pc.done(&["sync"]);
            pc.done(&["device", "send", file.to_str().unwrap(), "--to", "ender", "--recovery-kit", &world.kit()]);
        }
        world.keep(2);
        pc.done(&["device", "allow-delete", "pc", "--recovery-kit", &world.kit()]);
        pc.done(&["snapshots", "pin", "1"]);
        world.change(pc, 2);
        pc.done(&["sync"]);
        world.keep(3);
        pc.done(&["snapshots", "tag", "1", "good"]);
        (0..2)
            .for_each(|_| [pc, &world.ender, &world.mallory].iter().for_each(|home| drop(home.done(&["sync", "--pull", "all"]))));
        world.keep(4);
        world.change(&world.ender, 3);
        (0..2)
            .for_each(|_| [&world.ender, pc, &world.mallory].iter().for_each(|home| drop(home.done(&["sync", "--pull", "all"]))));
        world.save()
    }

    fn save(self) -> Self {
        for (at, home) in self.homes().iter().enumerate() {
            copy(home.folder.path(), &self.saved.path().join(at.to_string()));
        }
        self
    }

    fn keep(&self, state: usize) {
        copy(&self.there("one"), &self.state(state));
    }

    /// Where one of [`Self::STATES`] is kept.
    pub fn state(&self, state: usize) -> PathBuf {
        self.saved.path().join(format!("state-{state}"))
    }

    pub fn homes(&self) -> [&Home; 3] {
        [&self.pc, &self.ender, &self.mallory]
    }

    /// As it was.
    pub fn reset(&self) {
        for (at, home) in self.homes().iter().enumerate() {
            for entry in fs::read_dir(home.folder.path()).unwrap().flatten() {
                if entry.path().is_dir() {
                    fs::remove_dir_all(entry.path()).unwrap()
                } else {
                    fs::remove_file(entry.path()).unwrap()
                }
            }
            copy(&self.saved.path().join(at.to_string()), home.folder.path());
        }
    }

    pub fn root(&self, store: &str) -> PathBuf {
        self.pc.folder.path().join(store)
    }

    pub fn url(&self, store: &str) -> String {
        format!("file://{}", self.root(store).display())
    }

    pub fn kit(&self) -> String {
        self.pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    /// The account's folder in a store.
    pub fn there(&self, store: &str) -> PathBuf {
        self.root(store).join(self.pc.vault().file_name().unwrap())
    }

    /// A device backs up something new; packs are of several sizes.
    pub fn change(&self, home: &Home, seed: u64) {
        let path = home.folder.path().to_str().unwrap().bytes().map(u64::from).sum::<u64>();
        fs::write(
            home.data.join(format!("{seed}.gcode")),
            gcode(seed + 1000 * path, 40 + 40 * usize::try_from(seed % 3).unwrap()),
        )
        .unwrap();
        home.backup();
    }

    /// What the lying store shows under a name, before a lie.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.there("one").join(name)).unwrap()
    }

    /// The lying store shows this from now on.
    pub fn show(&self, name: &str, bytes: &[u8]) {
        let path = self.there("one").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn put(&self, sealed: &Proved) {
        self.show(&sealed.name().to_string(), sealed.bytes());
    }

    /// The names of a folder in the lying store.
    pub fn names(&self, folder: &str) -> Vec<String> {
        held(&self.there("one")).into_keys().filter(|name| name.starts_with(folder)).collect()
    }

    pub fn device(&self, home: &Home) -> Device {
        Device::load(&home.path.join("accounts/default/device.key")).unwrap().unwrap()
    }

    /// What the lying store shows that it did not show before the lie, and what it shows no more.
    pub fn lies(&self, before: &Held) -> (Held, BTreeSet<String>) {
        let mut now = held(&self.there("one"));
        let gone = before.keys().filter(|name| !now.contains_key(*name)).cloned().collect();
        now.retain(|name, hash| before.get(name) != Some(hash));
        (now, gone)
    }
}

pub fn random() -> SystemRandom {
    SystemRandom::new()
}

/// Every object below a folder.
pub fn held(folder: &Path) -> Held {
    let mut found = Held::new();
    each_file(folder, &mut |path| {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        if ObjectName::parse(&name).is_some() {
            found.insert(name, *blake3::hash(&fs::read(path).unwrap()).as_bytes());
        }
    });
    found
}

/// With links, modes and times.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    assert!(Command::new("cp").arg("-a").arg(format!("{}/.", from.display())).arg(to).status().unwrap().success());
}

/// Restores a snapshot of `of` at `home`, and finds what that backed up.
pub fn comes_back(world: &World, home: &Home, of: &Home, snapshot: &str) {
    let to = tempfile::tempdir().unwrap();
    let (exit, reply) = home.run(&["restore", snapshot, "--to", to.path().to_str().unwrap(), "--recovery-kit", &world.kit()]);
    assert_eq!(exit, 0, "restore {snapshot}: {reply}");
    assert!(contents(&to.path().join("data")) == contents(&of.data), "{snapshot} came back as another");
}
