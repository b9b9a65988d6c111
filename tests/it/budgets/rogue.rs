//! A stolen device signs, rightly, more than any device has: what it tells of costs others a bounded part of memory, disk and lines, it is
//! named once, and what honest devices hold is as it was.

use std::path::PathBuf;

use printkeep::core::index::{Index, MAX_CHUNKS, MAX_PACKS};
use printkeep::core::name::{ChunkId, ObjectHash, ObjectId};
use printkeep::core::pack::{MAX_CHUNKS as MAX_IN_PACK, PackRecord};
use printkeep::core::seal::{self, Proved};
use printkeep::core::snapshot::{ChunkRef, Head, Needs, Stats};
use printkeep::local::device::Device;
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::folder::Folder;

use super::{GRANTED, names};
use crate::support::measured::{self, size};
use crate::support::program::{Home, contents, gcode, noise};

/// The memory of its own that a PC grants, in KiB.
const OF_A_PC: u64 = 48 * 1024;

/// An account of two devices that share a folder; the second one's keys are in wrong hands.
struct World {
    pc: Home,
    mallory: Home,
    store: PathBuf,
    url: String,
}

fn world() -> World {
    let (pc, mallory) = (Home::new(), Home::new());
    let store = pc.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    pc.done(&["setup", "--yes", "--device-name", "pc"]);
    pc.done(&["store", "add", &url, "--name", "nas"]);
    (0..3).for_each(|n| std::fs::write(pc.data.join(format!("{n}.gcode")), gcode(n, 3000)).unwrap());
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt");
    mallory.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "mallory"]);
    mallory.done(&["sync"]);
    pc.done(&["sync"]);
    World { pc, mallory, store, url }
}

impl World {
    fn kit(&self) -> String {
        self.pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    fn device(&self) -> Device {
        Device::load(&self.mallory.path.join("accounts/default/device.key")).unwrap().unwrap()
    }

    fn put(&self, sealed: &Proved) {
        Folder::open(&self.store, self.device().keys.account()).unwrap().put_now(sealed).unwrap();
    }

    /// Index objects that tell of so many packs, with so many chunks in the last, and a snapshot that needs each of them.
    fn claim(&self, objects: usize, packs: usize, chunks: usize) {
        let (device, random) = (self.device(), SystemRandom::new());
        let mut needs = Vec::new();
        for object in 0..objects {
            let ids = noise(object as u64, packs * 16);
            let record = |id: &[u8]| PackRecord {
                id: ObjectId::from_bytes(id.try_into().unwrap()),
                size: 4096,
                hash: ObjectHash::from_bytes([7; 32]),
                chunks: Vec::new(),
            };
            let mut packs: Vec<PackRecord> = ids.chunks(16).map(record).collect();
            let at = packs.len() - chunks.div_ceil(MAX_IN_PACK).max(1);
            let all: Vec<_> = noise(9 + object as u64, chunks * 32)
                .chunks(32)
                .map(|id| (ChunkId::from_bytes(id.try_into().unwrap()), 100))
                .collect();
            all.chunks(MAX_IN_PACK).zip(at..).for_each(|(some, at)| packs[at].chunks = some.to_vec());
            let count = u32::try_from(packs.len()).unwrap();
            let index = Index { device: device.id, packs }.seal(&device.keys, &device.signer, &random).unwrap();
            self.put(&index);
            needs.push(Needs { index: index.name().place(), hash: seal::hash(index.bytes()), packs: vec![(0, count)] });
        }
        let head = Head {
            device: device.id,
            number: 1,
            previous: ObjectHash::from_bytes([0; 32]),
            time: 1_790_000_000,
            stats: Stats::default(),
            root: ChunkRef { id: ChunkId::from_bytes([1; 32]), length: 5 },
            seen: vec![],
            needs,
        };
        self.put(&head.seal(&device.keys, &device.signer, &random).unwrap());
    }

    /// Everything that the PC does is done within what each profile grants, whatever mallory claims, and gives back what is its own. How often it was
    /// told that mallory claims too much.
    fn all_is_bounded(&self) -> usize {
        let home = &self.pc;
        home.done(&["device", "allow-delete", "pc", "--recovery-kit", &self.kit()]);
        let mut told = 0;
        for (profile, granted) in [("printer-small", GRANTED), ("pc", OF_A_PC)] {
            let vault = size(&home.path);
            let run = |home: &Home, args: &[&str]| {
                let run = measured::run(home, args, profile);
                assert!(run.peak <= granted, "{profile} {args:?}: {} KiB", run.peak);
                assert!(run.bytes < 64 << 10, "{profile} {args:?}: {} bytes told", run.bytes);
                run
            };
            let synced = run(home, &["sync"]);
            let failed = synced.told["stores"][0]["failed"].as_array().unwrap();
            let beyond: Vec<_> = failed.iter().filter(|one| one["reason"]["id"] == "sync-too-much-told").collect();
            assert!(beyond.len() <= 1 && failed.len() <= 4, "it is named once: {}", synced.told);
            assert!(beyond.iter().all(|one| one["reason"]["args"]["device"]["text"] == "mallory"), "{}", synced.told);
            told += beyond.len();
            assert!(size(&home.path) < vault + (80 << 20), "{} bytes more", size(&home.path) - vault);
            let data = home.data.to_str().unwrap();
            let to = home.folder.path().join(format!("to-{profile}"));
            let (kit, store) = (self.kit(), ["check", "--store", "nas", "--read-data", "--recovery-kit"]);
            for args in [&["status"][..], &["snapshots"], &["backup", data], &["check"], &["prune", "--grace", "0d"]] {
                run(home, args);
            }
            run(home, &[&store[..], &[&kit]].concat());
            let restored = run(home, &["restore", "pc:latest", "--to", to.to_str().unwrap(), "--recovery-kit", &kit]);
            assert_eq!((restored.exit, contents(&to.join("data"))), (0, contents(&home.data)));
            let new = Home::new();
            run(&new, &["setup", "--join", &self.url, "--recovery-kit", &kit, "--device-name", profile]);
            let to = new.folder.path().join("to");
            let restored = run(&new, &["restore", "pc:latest", "--to", to.to_str().unwrap(), "--recovery-kit", &kit]);
            assert_eq!((restored.exit, contents(&to.join("data"))), (0, contents(&home.data)));
        }
        told
    }
}

/// How many index objects it signs: one for each five thousand names that a store makes up.
fn objects() -> usize {
    names() / 5_000
}

#[test]
fn packs_that_one_device_tells_of_are_bounded_over_all_its_index_objects() {
    let world = world();
    world.claim(objects(), MAX_PACKS, 0);
    assert!(world.all_is_bounded() > 0);
}

#[test]
fn chunks_that_one_device_tells_of_are_bounded_over_all_its_index_objects() {
    let world = world();
    world.claim(objects(), 8, MAX_CHUNKS);
    assert!(world.all_is_bounded() > 0);
}
