//! Lies of a store and deeds of a stolen device, mixed at random with what the account does itself: whatever they say, what honest devices
//! hold is proved, whole and theirs, all of it goes to an honest store, and they end where the same run without the lies ends.
//!
//! `PRINTKEEP_LIES` says how many mixtures each test tries; `tests/torture/run` uses 2,500 for each of the four. `PRINTKEEP_LIE` plays but
//! the one of this number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use printkeep::core::deletion_note::{DeletionNote, Statement};
use printkeep::core::index::Index;
use printkeep::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use printkeep::core::pack::PackRecord;
use printkeep::core::proof::Unproved;
use printkeep::core::refused::Refused;
use printkeep::core::seal::Proved;
use printkeep::core::snapshot::{ChunkRef, Head, Needs, Stats};
use printkeep::engine::Cancel;
use printkeep::engine::account::Account;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::listings;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::repository::told;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull, Report};
use printkeep::local::device;
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::folder::Folder;

use crate::support::job::JobTools;
use crate::support::program::{Home, contents, each_file, noise};
use crate::support::world::{Device, Saved, World};

const PC: usize = 0;
const ENDER: usize = 1;
const MALLORY: usize = 2;

fn cases() -> u64 {
    std::env::var("PRINTKEEP_LIES").ok().and_then(|n| n.parse().ok()).unwrap_or(50)
}

/// A PC, a printer and a device in wrong hands, each with snapshots that lie in the store.
fn prepared() -> (World, Saved) {
    let world = World::new(&["ender", "mallory"]);
    for round in 0..2 {
        for at in [PC, ENDER, MALLORY] {
            world.change(at, round * 10 + at as u64);
            world.backup(at);
        }
    }
    for _ in 0..2 {
        (0..3).for_each(|at| world.sync(at));
    }
    let saved = world.save();
    (world, saved)
}

/// One mixture, told by its number.
struct Mixture<'a> {
    world: &'a World,
    number: u64,
    thrown: u64,
    /// Whether the store and the stolen device act at all.
    is_lied: bool,
    /// Earlier states of the store.
    past: Vec<tempfile::TempDir>,
    /// A device that joined from the store on the way.
    joined: Option<Device>,
    /// What was done, for whoever reads a failure.
    done: Vec<String>,
}

impl Mixture<'_> {
    fn dice(&mut self, sides: u64) -> u64 {
        self.thrown += 1;
        u64::from_le_bytes(noise(self.number * 1_000_003 + self.thrown, 8).try_into().unwrap()) % sides
    }

    fn one_of<T: Clone>(&mut self, some: &[T]) -> Option<T> {
        let at = self.dice(some.len().max(1) as u64);
        some.get(usize::try_from(at).unwrap()).cloned()
    }

    /// One that throws the same dice whether it lies or not.
    fn step(&mut self, step: u64) {
        self.thrown = step * 1000;
        let what = self.dice(17);
        self.done.push(format!("step {what}"));
        if what > 6 && !self.is_lied {
            return;
        }
        match what {
            0 => {
                let at = usize::try_from(self.dice(2)).unwrap();
                self.world.change(at, self.number * 31 + self.thrown);
                self.world.backup(at);
            }
            1..=4 => {
                let at = usize::try_from(self.dice(3)).unwrap();
                // what it says of the store is for other tests
                let _ = self.sync(&self.world.devices[at], None);
            }
            5 => drop(self.world.devices[PC].home.run(&["prune", "--grace", "0d"])),
            6 => {
                let kit = self.world.devices[PC].home.path.join("recovery-kit.txt");
                let kit = ["--recovery-kit", kit.to_str().unwrap()];
                let command: &[&str] = match self.dice(3) {
                    0 => &["key", "rotate"],
                    1 => &["device", "revoke", "mallory", "--yes"],
                    _ => return self.join(),
                };
                let pc = &self.world.devices[PC].home;
                let (mut exit, mut told) = pc.run(&[command, &kit].concat());
                if exit == 6 {
                    // as it advises where a store cannot be reached
                    (exit, told) = pc.run(&[command, &kit, &["--offline"]].concat());
                }
                self.done.push(format!("{command:?} {exit} {}", told["error"]));
            }
            7 => self.past.push(copy(&self.world.store)),
            8 => {
                if let Some(past) = self.past.pop() {
                    std::fs::remove_dir_all(&self.world.store).unwrap();
                    std::fs::create_dir(&self.world.store).unwrap();
                    copy_into(past.path(), &self.world.store);
                }
            }
            9 | 10 => self.change_one(),
            11 | 12 => self.make_up_one(),
            _ => self.forge_one(),
        }
    }

    /// A device joins from the store, if that tells enough of the truth.
    fn join(&mut self) {
        if self.joined.is_some() {
            return;
        }
        let home = Home::new();
        let kit = self.world.devices[PC].home.path.join("recovery-kit.txt");
        let url = format!("file://{}", self.world.store.display());
        let (exit, told) =
            home.run(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "another"]);
        self.done.push(format!("join {exit} {}", told["error"]));
        assert!(exit == 0 || self.is_lied, "{told} after {:?}", self.done);
        if told["set_up"] == "joined" {
            std::fs::write(home.data.join("its.bin"), noise(self.number, 30_000)).unwrap();
            home.backup();
            self.joined = Some(Device { home, name: "another".into() });
        } else {
            assert!(told["error"]["id"].is_string(), "{told} after {:?}", self.done);
        }
    }

    /// Flips a byte of an object of the store, cuts it, removes it, or puts another in its place.
    fn change_one(&mut self) {
        let (root, names) = (self.world.account(), self.world.objects());
        let (Some(name), Some(other)) = (self.one_of(&names), self.one_of(&names)) else { return };
        let path = root.join(&name);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = usize::try_from(self.dice(bytes.len().max(1) as u64)).unwrap();
        let what = self.dice(4);
        self.done.push(format!("change {name} {what} {at} {other}"));
        match what {
            0 if !bytes.is_empty() => bytes[at] ^= 1,
            1 => bytes.truncate(at),
            2 => bytes = std::fs::read(root.join(&other)).unwrap(),
            _ => return std::fs::remove_file(&path).unwrap(),
        }
        std::fs::write(&path, bytes).unwrap();
    }

    /// Puts noise behind a fitting header under a name that a device looks for.
    fn make_up_one(&mut self) {
        let id = ObjectId::from_bytes(noise(self.number + self.thrown, 16).try_into().unwrap());
        let devices = [PC, ENDER, MALLORY].map(|at| self.device(at).id);
        let device = devices[usize::try_from(self.dice(3)).unwrap()];
        let number = [1, 2, 3, 4, u64::MAX][usize::try_from(self.dice(5)).unwrap()];
        let names = [
            ObjectName::Pack(id),
            ObjectName::Index(device, id),
            ObjectName::Head(device, number),
            ObjectName::Roster(number),
            ObjectName::Slot(id),
            ObjectName::Keys(number),
            ObjectName::Grant(device, number),
            ObjectName::DeletionNote(device, number),
            ObjectName::Letter(device, id),
            ObjectName::Fact(device, number),
        ];
        let name = names[usize::try_from(self.dice(10)).unwrap()];
        let mut bytes = b"PKEP\x01\x01".to_vec();
        bytes.push(name.object_type() as u8);
        bytes.extend_from_slice(self.device(PC).keys.account().as_bytes());
        bytes.extend_from_slice(name.place().as_bytes());
        bytes.push(2);
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend(noise(self.thrown, 500));
        self.put(&name, &bytes);
    }

    /// What a thief makes of a stolen device's key.
    fn forge_one(&mut self) {
        let (mallory, random) = (self.device(MALLORY), SystemRandom::new());
        let ender = self.device(ENDER).id;
        let hash = |byte| ObjectHash::from_bytes([byte; 32]);
        let what = self.dice(5);
        let number = [1, 2, 3, 4, 9, u64::MAX][usize::try_from(self.dice(6)).unwrap()];
        let head = |number, needs| Head {
            device: mallory.id,
            number,
            previous: hash(if number == 1 { 0 } else { 5 }),
            time: 3_976_214_400,
            stats: Stats::default(),
            root: ChunkRef { id: ChunkId::from_bytes([4; 32]), length: 9 },
            seen: Vec::new(),
            needs,
        };
        let forged: Proved = match what {
            0 => head(number, Vec::new()).seal(&mallory.keys, &mallory.signer, &random).unwrap(),
            1 => {
                let needs = Needs { index: ObjectId::from_bytes([1; 16]), hash: hash(6), packs: vec![(0, 3)] };
                head(number, vec![needs]).seal(&mallory.keys, &mallory.signer, &random).unwrap()
            }
            2 => {
                let packs: Vec<String> = self.world.objects().into_iter().filter(|name| name.starts_with("packs/")).collect();
                let Some(ObjectName::Pack(id)) = self.one_of(&packs).and_then(|name| ObjectName::parse(&name)) else { return };
                let packs = vec![PackRecord { id, size: 5000, hash: hash(3), chunks: Vec::new() }];
                Index { device: mallory.id, packs }.seal(&mallory.keys, &mallory.signer, &random).unwrap()
            }
            _ => {
                let (heads, previous) = (Vec::new(), hash(0));
                let said =
                    vec![Statement::Forget(ender, number.min(4), hash(2)), Statement::Mark(vec![ObjectId::from_bytes([7; 16])])];
                let note = DeletionNote { deleter: mallory.id, number: 1, previous, order: 99, time: 1, heads, said };
                note.seal(&mallory.keys, &mallory.signer, &random).unwrap()
            }
        };
        self.put(&forged.name(), forged.bytes());
    }

    fn put(&mut self, name: &ObjectName, bytes: &[u8]) {
        self.done.push(format!("put {name}"));
        let path = self.world.account().join(name.to_string());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn device(&self, at: usize) -> device::Device {
        key_of(&self.world.devices[at])
    }

    /// The devices in their owner's hands.
    fn honest(&self) -> Vec<&Device> {
        [PC, ENDER].iter().map(|at| &self.world.devices[*at]).chain(&self.joined).collect()
    }

    /// Syncs with the store that lies, or with an honest one.
    fn sync(&self, device: &Device, honest: Option<&Path>) -> Option<Report> {
        let mut account = device.open();
        let cancel = Cancel::default();
        let folder = Folder::create(honest.unwrap_or(&self.world.store), account.id()).unwrap();
        let name = if honest.is_some() { "honest" } else { "store" };
        let remote = Remote::new(name, Box::new(folder), &Runtime::new(&cancel));
        let mut chunk_index = ChunkIndex::open(&account).unwrap();
        let tools = JobTools::new(&cancel);
        let done = sync::sync(&mut account, &mut chunk_index, &remote, Pull::All, tools.job(&|_| {}));
        match honest {
            Some(_) => Some(done.unwrap_or_else(|error| panic!("{error} after {:?}", self.done))),
            None => done.ok(),
        }
    }

    /// Where another list of devices than the one that let it in holds, the owner lets it in again, as its status advises.
    fn rejoin(&self, device: &Device) {
        let account = device.open();
        if account.roster.member(&account.device.id).is_none() {
            assert_eq!(device.name, "another", "{:?}", self.done);
            drop(account);
            let kit = self.world.devices[PC].home.path.join("recovery-kit.txt");
            let (exit, told) = device.home.run(&["device", "rejoin", "--offline", "--recovery-kit", kit.to_str().unwrap()]);
            assert_eq!(exit, 0, "{told} after {:?}", self.done);
        }
    }

    /// The snapshots that an honest device made are all in an honest store, which takes nothing of the lies.
    fn reaches(&self, honest: &Path) {
        for _ in 0..2 {
            for device in self.honest() {
                self.sync(device, Some(honest));
                self.rejoin(device);
            }
        }
        let mallory = self.device(MALLORY).id;
        for device in self.honest() {
            let report = self.sync(device, Some(honest)).unwrap();
            // of a device that speaks with two tongues its own word is in doubt, and nobody else's
            let is_of_mallory = |device: Option<DeviceId>| device == Some(mallory);
            let of = |name: &ObjectName| match name {
                ObjectName::Head(device, _) | ObjectName::Index(device, _) | ObjectName::DeletionNote(device, _) => Some(*device),
                _ => None,
            };
            let others: Vec<_> = report.failed.iter().filter(|(name, _)| !is_of_mallory(of(name))).collect();
            let found: Vec<_> = report.store_problems.iter().filter(|one| !is_of_mallory(one.finding.device)).collect();
            assert!(
                others.is_empty() && found.is_empty() && report.stopped.is_none(),
                "{}: {others:?} {found:?} after {:?}",
                device.name,
                self.done
            );
            let account = device.open();
            for number in own(&account) {
                let name = ObjectName::Head(account.device.id, number);
                assert!(
                    honest.join(account.id().to_string()).join(name.to_string()).exists(),
                    "{name} {report:?} {:?}",
                    self.done
                );
            }
        }
    }

    /// What there is of honest devices in the end: which snapshots, who may do what, and which files come back of the newest.
    fn outcome(&self, honest: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for device in [PC, ENDER].map(|at| &self.world.devices[at]) {
            let account = device.open();
            found.push(format!("{} made {:?}", device.name, own(&account)));
            for member in account.roster.members.iter().filter(|member| member.name != "another") {
                let is_active = member.is_active();
                found.push(format!("to {} {} is active: {is_active}", device.name, member.name));
            }
        }
        let kit = self.world.devices[PC].home.path.join("recovery-kit.txt");
        let kit = ["--recovery-kit", kit.to_str().unwrap()];
        let observer = Home::new();
        let url = format!("file://{}", honest.display());
        let told = observer.run(&[&["setup", "--join", &url, "--device-name", "observer"], &kit[..]].concat()).1;
        let listed = |what: &str| told[what].as_array().cloned().unwrap_or_else(|| panic!("{told} after {:?}", self.done));
        let of_mallory = |one: &serde_json::Value| one["device"] == "mallory" || one["by"] == "mallory";
        assert!(listed("failed").is_empty() && listed("problems").iter().all(of_mallory), "{told} after {:?}", self.done);
        for device in self.honest() {
            let to = tempfile::tempdir().unwrap();
            let latest = format!("{}:latest", device.name);
            observer.done(&[&["restore", &latest, "--to", to.path().to_str().unwrap()], &kit[..]].concat());
            let back = contents(&to.path().join("data"));
            assert!(back == contents(&device.home.data), "{latest} came back as another {:?}", self.done);
            let is_one = device.name != "another";
            found.extend(
                back.iter()
                    .filter(|_| is_one)
                    .map(|(name, bytes)| format!("{latest} {} {}", String::from_utf8_lossy(name), blake3::hash(bytes))),
            );
        }
        found
    }
}

/// Everything that a device holds is proved by the rule of its type.
pub fn holds_what_is_proved(device: &Device, done: &dyn std::fmt::Debug) {
    let account = device.open();
    let index = ChunkIndex::open(&account).unwrap();
    let told = told::Packs::of(&index);
    for name in listings::held(&account).unwrap().into_keys() {
        let bytes = account.vault.get_now(&name, None).unwrap();
        let given = Unproved::new(account.id(), name, bytes).unwrap_or_else(|why| panic!("{name}: {why} {done:?}"));
        let proved = match name {
            ObjectName::Pack(id) => {
                let of_one = |hash: &ObjectHash| given.by_hash(*hash).is_ok();
                if told.get(&id).iter().any(of_one) { Ok(()) } else { Err(Refused::Changed) }
            }
            _ => given.prove(&account.device.keys, &account.roster).map(drop),
        };
        // what a device signed before it was revoked was believed when it came
        if !matches!(proved, Ok(()) | Err(Refused::Revoked)) {
            panic!("{name}: {proved:?} after {done:?}");
        }
    }
}

fn key_of(device: &Device) -> device::Device {
    let account = device.open();
    let path = account.folder().join("device.key");
    device::Device::load(&path).unwrap().unwrap()
}

/// The numbers of a device's own snapshots.
fn own(account: &Account) -> BTreeSet<u64> {
    let heads = printkeep::engine::repository::snapshots::head_names(account).unwrap();
    let own: BTreeSet<u64> = heads.get(&account.device.id).into_iter().flatten().copied().collect();
    assert!(!own.is_empty());
    own
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    let mut files: Vec<PathBuf> = Vec::new();
    each_file(from, &mut |path| files.push(path.to_owned()));
    for path in files {
        let there = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(there.parent().unwrap()).unwrap();
        std::fs::copy(path, there).unwrap();
    }
}

/// Plays one mixture, with its lies or without them, and says where it ends.
fn play(world: &World, saved: &Saved, number: u64, is_lied: bool) -> Vec<String> {
    world.begin_again(saved);
    let done = vec![format!("mixture {number}")];
    let mut mixture = Mixture { world, number, thrown: 0, is_lied, past: Vec::new(), joined: None, done };
    (0..8).for_each(|step| mixture.step(step));
    mixture.honest().into_iter().for_each(|device| holds_what_is_proved(device, &mixture.done));
    let honest = tempfile::tempdir().unwrap();
    mixture.reaches(honest.path());
    mixture.honest().into_iter().for_each(|device| holds_what_is_proved(device, &mixture.done));
    if !is_compared(number) {
        return Vec::new();
    }
    // the printer's own snapshots are whole, and come back as they were made
    let (exit, told) = world.devices[ENDER].home.run(&["check"]);
    // what is lacking of a device that speaks with two tongues is named as that device's
    let mallory = mixture.device(MALLORY).id.to_string();
    let is_counted = |one: &serde_json::Value| !one["object"].as_str().unwrap().contains(&mallory);
    let damaged: Vec<_> = told["damaged"].as_array().unwrap().iter().filter(|one| is_counted(one)).collect();
    assert!(damaged.is_empty(), "{exit} {told} {:?}", mixture.done);
    let mut outcome = mixture.outcome(honest.path());
    outcome.push(format!("{:?}", mixture.done));
    outcome
}

/// Whether the same run is made without the lies too, which takes its time.
fn is_compared(number: u64) -> bool {
    number.is_multiple_of(10)
}

fn mix(from: u64) {
    let (world, saved) = prepared();
    let only: Option<u64> = std::env::var("PRINTKEEP_LIE").ok().map(|number| number.parse().unwrap());
    for number in (from..from + cases()).filter(|number| only.is_none_or(|only| only == *number)) {
        let mut lied = play(&world, &saved, number, true);
        if is_compared(number) {
            let mut model = play(&world, &saved, number, false);
            let (done, honestly) = (lied.pop(), model.pop());
            let differs = lied.iter().zip(&model).find(|(one, other)| one != other);
            assert!(lied == model, "{differs:?}: {done:?}, without lies {honestly:?}");
        }
    }
}

#[test]
fn lies_and_deeds_in_any_order_leave_what_is_honest_whole_a() {
    mix(0);
}

#[test]
fn lies_and_deeds_in_any_order_leave_what_is_honest_whole_b() {
    mix(1_000_000);
}

#[test]
fn lies_and_deeds_in_any_order_leave_what_is_honest_whole_c() {
    mix(2_000_000);
}

#[test]
fn lies_and_deeds_in_any_order_leave_what_is_honest_whole_d() {
    mix(3_000_000);
}
