//! Several devices of one account over one store, a model of what they backed up, and what must come back of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use printkeep::config::Config;
use printkeep::core::deletion_note::{DeletionNote, Statement};
use printkeep::core::keys::Keyring;
use printkeep::core::name::{DeviceId, ObjectHash};
use printkeep::core::roster::{Role, Roster};
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::deletion_notes::DeletionNotes;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::repository::{snapshots, stores};
use printkeep::engine::retention::plan::Terms;
use printkeep::engine::retention::prune::{PruneStats, Pruner};
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull, Report};
use printkeep::engine::{Cancel, EngineError, OnEvent};
use printkeep::local::home;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::recovery_kit::Kit;
use printkeep::local::work_lock::{self, Waiting};

use crate::support::job::JobTools;
use crate::support::program::{Home, contents, each_file, noise};

type Files = BTreeMap<Vec<u8>, Vec<u8>>;

pub struct Device {
    pub home: Home,
    pub name: String,
}

impl Device {
    pub fn open(&self) -> AccountWriter {
        let home = home::Home::at(self.home.path.clone());
        let name = home.accounts().unwrap().remove(0);
        AccountWriter::open(&home, name, work_lock::WorkKind::Small, &Waiting::no(), (&SystemRandom::new(), Clock::SYSTEM))
            .unwrap()
    }

    fn stores(&self, account: &Account, runtime: &Runtime) -> Vec<Remote> {
        let config = Config::parse(&std::fs::read_to_string(self.home.path.join("config.toml")).unwrap()).unwrap();
        config.stores.iter().map(|store| stores::open(account, store, runtime).map_err(EngineError::from).unwrap()).collect()
    }

    /// Prunes in this process, so that it can be watched and stopped.
    pub fn prune(
        &self,
        keyring: &Keyring,
        grace: i64,
        on_event: OnEvent<'_>,
        cancel: &Cancel,
    ) -> Result<PruneStats, EngineError> {
        let mut account = self.open();
        let (opened, tools) = (self.stores(&account, &Runtime::new(cancel)), JobTools::new(cancel));
        let mut chunk_index = printkeep::engine::repository::chunk_index::ChunkIndex::open(&account).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let mut work = Pruner {
            account: &mut account,
            chunk_index: &mut chunk_index,
            stores: opened.iter().collect(),
            keyring: Some(keyring),
            terms: Terms { grace, now },
            repack_below: 50,
            job: tools.job(on_event),
            waiting: &Waiting::no(),
        };
        let mut done = PruneStats::default();
        work.catch_up(&mut done)?;
        let plan = work.plan()?;
        let done = work.execute(&plan, done)?;
        assert!(plan.unknown.is_empty() && done.skipped.is_empty(), "{:?} {:?}", plan.unknown, done.skipped);
        Ok(done)
    }

    /// Syncs in this process, so that it can be watched.
    pub fn sync(&self, on_event: OnEvent<'_>) -> Report {
        let mut account = self.open();
        let cancel = Cancel::default();
        let opened = self.stores(&account, &Runtime::new(&cancel));
        let mut chunk_index = printkeep::engine::repository::chunk_index::ChunkIndex::open(&account).unwrap();
        sync::sync(&mut account, &mut chunk_index, &opened[0], Pull::All, JobTools::new(&cancel).job(on_event)).unwrap()
    }

    pub fn head_hash(&self, account: &Account, number: u64) -> ObjectHash {
        snapshots::head(account, account.device.id, number).unwrap().1
    }

    /// Puts a note of this device into its vault, whether it may delete or not.
    pub fn forge(&self, account: &AccountWriter, said: Vec<Statement>, number: u64, previous: ObjectHash) {
        let device = &account.device;
        let heads = Vec::new();
        let note = DeletionNote { deleter: device.id, number, previous, order: 1000, time: 1, heads, said };
        account.vault_writer().put_now(&note.seal(&device.keys, &device.signer, &SystemRandom::new()).unwrap()).unwrap();
    }
}

/// Gives devices another role, as the owner does.
pub fn roster(world: &World, at: usize, changes: &[(DeviceId, Role)]) {
    world.sync(at);
    let mut account = world.devices[at].open();
    let previous = account.sealed_roster().unwrap().hash();
    let mut members = account.roster.members.clone();
    let notes = DeletionNotes::read(&account).unwrap();
    for member in &mut members {
        for (_, role) in changes.iter().filter(|(id, _)| *id == member.id) {
            member.role = role.clone();
            let newest = notes.newest().find(|seen| seen.device == member.id).map(|seen| (seen.number, seen.hash));
            member.last_note = newest.filter(|_| *role != Role::MayDelete);
        }
    }
    let roster = Roster { number: account.roster.number + 1, previous, members };
    let sealed = roster.seal(&world.keyring, &account.device.keys, &SystemRandom::new()).unwrap();
    account.vault_writer().put_now(&sealed).unwrap();
    account.adopt_roster(roster, sealed.bytes()).unwrap();
    drop(account);
    world.sync(at);
}

/// What all devices and the store of a world held at one time, and the model of it.
pub struct Saved {
    folder: tempfile::TempDir,
    made: Vec<BTreeMap<u64, Files>>,
    sent: Vec<BTreeSet<u64>>,
    forgotten: Vec<BTreeSet<u64>>,
}

pub struct World {
    pub devices: Vec<Device>,
    pub store: PathBuf,
    pub keyring: Keyring,
    made: Mutex<Vec<BTreeMap<u64, Files>>>,
    sent: Mutex<Vec<BTreeSet<u64>>>,
    forgotten: Mutex<Vec<BTreeSet<u64>>>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A device that may delete, called pc, and writers of these names.
    pub fn new(writers: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let pc = Home::new();
        pc.done(&["setup", "--device-name", "pc"]);
        pc.done(&["store", "add", &format!("file://{}", store.display())]);
        pc.done(&["sync"]);
        let pc = Device { home: pc, name: "pc".into() };
        let account = pc.open();
        let text = std::fs::read_to_string(pc.home.path.join("recovery-kit.txt")).unwrap();
        let keyring = unlock(&account, &Key::Kit(Kit::parse(&text).unwrap().1)).unwrap();
        let id = account.device.id;
        drop(account);
        let (made, sent, forgotten) = (vec![BTreeMap::new()].into(), vec![BTreeSet::new()].into(), vec![BTreeSet::new()].into());
        let mut world = Self { devices: vec![pc], store, keyring, made, sent, forgotten, _folder: folder };
        writers.iter().for_each(|name| world.join(name));
        roster(&world, 0, &[(id, Role::MayDelete)]);
        (0..world.devices.len()).for_each(|device| world.sync(device));
        world
    }

    pub fn join(&mut self, name: &str) {
        let home = Home::new();
        let kit = self.devices[0].home.path.join("recovery-kit.txt");
        let url = format!("file://{}", self.store.display());
        home.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", name]);
        self.devices.push(Device { home, name: name.into() });
        self.made.lock().unwrap().push(BTreeMap::new());
        self.sent.lock().unwrap().push(BTreeSet::new());
        self.forgotten.lock().unwrap().push(BTreeSet::new());
        (0..self.devices.len()).for_each(|device| self.sync(device));
    }

    /// The folders of the store and of every device.
    fn folders(&self) -> impl Iterator<Item = &Path> {
        self.devices.iter().map(|device| device.home.folder.path()).chain([self.store.as_path()])
    }

    /// Keeps a copy of everything, so that a test may begin again from here without making it anew.
    pub fn save(&self) -> Saved {
        let folder = tempfile::tempdir().unwrap();
        for (n, from) in self.folders().enumerate() {
            copy_exactly(from, &folder.path().join(n.to_string()));
        }
        let (made, sent, forgotten) = (self.made.lock().unwrap(), self.sent.lock().unwrap(), self.forgotten.lock().unwrap());
        Saved { folder, made: made.clone(), sent: sent.clone(), forgotten: forgotten.clone() }
    }

    /// Makes everything what it was when it was saved.
    pub fn begin_again(&self, saved: &Saved) {
        for (n, to) in self.folders().enumerate() {
            std::fs::remove_dir_all(to).unwrap();
            copy_exactly(&saved.folder.path().join(n.to_string()), to);
        }
        *self.made.lock().unwrap() = saved.made.clone();
        *self.sent.lock().unwrap() = saved.sent.clone();
        *self.forgotten.lock().unwrap() = saved.forgotten.clone();
    }

    /// Half of six files become others.
    pub fn change(&self, device: usize, round: u64) {
        let data = &self.devices[device].home.data;
        let dice = noise(round, 6);
        for (n, dice) in dice.iter().enumerate() {
            let path = data.join(format!("{n}.bin"));
            if *dice < 128 || !path.exists() {
                std::fs::write(path, noise(round * 100 + n as u64 * 7 + device as u64, 30_000)).unwrap();
            }
        }
    }

    /// So many files that nothing else holds.
    pub fn fill(&self, device: usize, files: u64) {
        self.add(device, 0..files);
    }

    /// Files of these numbers that nothing else holds.
    pub fn add(&self, device: usize, files: std::ops::Range<u64>) {
        let data = &self.devices[device].home.data;
        files.for_each(|n| std::fs::write(data.join(format!("{n}.bin")), noise(5000 + n, 200_000)).unwrap());
    }

    /// Removes all but the first so many files.
    pub fn shrink(&self, device: usize, keep: u64) {
        let data = &self.devices[device].home.data;
        for n in keep.. {
            if std::fs::remove_file(data.join(format!("{n}.bin"))).is_err() {
                return;
            }
        }
    }

    /// Makes a device's files what they were in a snapshot, if it made that one.
    pub fn put_back(&self, device: usize, number: u64) {
        let made = self.made.lock().unwrap();
        let Some(files) = made[device].get(&number) else { return };
        let data = &self.devices[device].home.data;
        each_file(data, &mut |path| std::fs::remove_file(path).unwrap());
        for (name, bytes) in files {
            std::fs::write(data.join(std::str::from_utf8(name).unwrap()), bytes).unwrap();
        }
    }

    pub fn backup(&self, device: usize) {
        let home = &self.devices[device].home;
        let number = home.backup()["snapshot"].as_u64().unwrap();
        self.made.lock().unwrap()[device].insert(number, contents(&home.data));
    }

    pub fn sync(&self, device: usize) {
        self.devices[device].home.done(&["sync"]);
        self.take_sent(device);
    }

    /// A sync that may find the PC at work, and is then done again.
    pub fn sync_or_retry(&self, device: usize) {
        let (exit, document) = self.devices[device].home.run(&["sync"]);
        assert!(exit == 0 || exit == 3, "{document}");
        if exit == 3 {
            assert!(document.to_string().contains("sync again later"), "{document}");
            self.devices[0].home.done(&["prune", "--grace", "0d"]);
            self.devices[device].home.done(&["sync"]);
        }
        self.take_sent(device);
    }

    pub fn take_sent(&self, device: usize) {
        self.sent.lock().unwrap()[device].extend(self.made.lock().unwrap()[device].keys());
    }

    pub fn forgotten(&self, device: usize, numbers: &[u64]) {
        self.forgotten.lock().unwrap()[device].extend(numbers);
    }

    /// Takes over what a run of `forget` says it forgot.
    pub fn take_forgotten(&self, document: &serde_json::Value) {
        for snapshot in document["snapshots"].as_array().unwrap().iter().filter(|s| s["kept"] == false) {
            let device = self.devices.iter().position(|d| d.name == snapshot["device"].as_str().unwrap()).unwrap();
            self.forgotten.lock().unwrap()[device].insert(snapshot["number"].as_u64().unwrap());
        }
    }

    /// The account's folder in the store.
    pub fn account(&self) -> PathBuf {
        std::fs::read_dir(&self.store).unwrap().flatten().next().unwrap().path()
    }

    /// The names of the store's objects.
    pub fn objects(&self) -> Vec<String> {
        let root = self.account();
        let mut found = Vec::new();
        each_file(&root, &mut |path| found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()));
        found.sort();
        found
    }

    /// The bytes of the store's packs and index objects.
    pub fn bytes(&self) -> u64 {
        let of = |name: &String| std::fs::metadata(self.account().join(name)).unwrap().len();
        self.objects().iter().filter(|name| name.starts_with("packs/") || name.starts_with("index/")).map(of).sum()
    }

    pub fn heads(&self) -> usize {
        self.objects().iter().filter(|name| name.starts_with("heads/")).count()
    }

    /// Everything that the store's heads need is there, byte for byte, and opens.
    pub fn check_fast(&self) {
        let pc = &self.devices[0].home;
        let kit = pc.path.join("recovery-kit.txt");
        let (_, document) = pc.run(&["check", "--store", "store", "--read-data", "--recovery-kit", kit.to_str().unwrap()]);
        let mut problems = document["damaged"].as_array().unwrap_or_else(|| panic!("{document}")).clone();
        // a head of the PC's own that is not sent yet is missing there, and no damage
        let sent = self.sent.lock().unwrap()[0].iter().next_back().copied().unwrap_or(0);
        problems.retain(|p| {
            let name = p["object"].as_str().unwrap();
            let number = name.rsplit('/').next().and_then(|n| u64::from_str_radix(n, 16).ok()).unwrap_or(0);
            let unsent = name.starts_with("heads/") && number > sent || name.starts_with("keeps/");
            !(unsent && p["reason"]["id"] == "object-missing")
        });
        assert!(problems.is_empty(), "{problems:?}");
    }

    /// A machine that knows nothing restores, from a copy of the store alone, every snapshot that was sent and not forgotten.
    pub fn check(&self) {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&self.store, copy.path());
        let observer = Home::new();
        let kit = self.devices[0].home.path.join("recovery-kit.txt");
        let url = format!("file://{}", copy.path().display());
        let kit = ["--recovery-kit", kit.to_str().unwrap()];
        observer.done(&["setup", "--join", &url, kit[0], kit[1], "--device-name", "observer"]);
        let (sent, made, forgotten) = (self.sent.lock().unwrap(), self.made.lock().unwrap(), self.forgotten.lock().unwrap());
        let mut restored = 0;
        for (device, made) in made.iter().enumerate() {
            for (number, files) in made.iter().filter(|(n, _)| sent[device].contains(n) && !forgotten[device].contains(n)) {
                let to = tempfile::tempdir().unwrap();
                let which = format!("{}:{number}", self.devices[device].name);
                observer.done(&["restore", &which, "--to", to.path().to_str().unwrap(), kit[0], kit[1]]);
                assert!(contents(&to.path().join("data")) == *files, "{which} came back as another");
                restored += 1;
            }
        }
        assert!(restored > 0 || sent.iter().all(BTreeSet::is_empty));
    }
}

fn copy_folder(from: &Path, to: &Path) {
    each_file(from, &mut |path| {
        let there = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(there.parent().unwrap()).unwrap();
        std::fs::copy(path, there).unwrap();
    });
}

/// With times, modes and links.
fn copy_exactly(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// A PC that may delete and a printer over one store; the printer made these snapshots, each with some files changed.
pub fn printer_with(snapshots: u64) -> World {
    let world = World::new(&["ender"]);
    for round in 0..snapshots {
        world.change(1, round);
        world.backup(1);
    }
    world.sync(1);
    world.sync(0);
    world
}
