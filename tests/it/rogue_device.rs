//! A rogue enrolled device signs index objects for chunks that it does not hold, and packs with other content: no other device's
//! backup or restore loses a byte by it, and the rogue is named.

use std::path::PathBuf;

use crate::support::program::{Home, contents, gcode};
use crate::support::typist::Typist;
use printkeep::app::{Cancel, Request, Session, Text, perform};
use printkeep::consent::Surface;
use printkeep::core::chunk::Encoded;
use printkeep::core::index::Index;
use printkeep::core::name::{ChunkId, ObjectHash, ObjectId, ObjectName};
use printkeep::core::pack::{PackRecord, PackWriter};
use printkeep::core::seal::{self, Proved, With};
use printkeep::core::signed::Signed;
use printkeep::core::snapshot::{ChunkRef, Head, Needs, Stats};
use printkeep::local::device::Device;
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::folder::Folder;
use zeroize::Zeroizing;

/// Three devices of one account that share a store; the second one's keys are in wrong hands.
struct World {
    honest: Home,
    rogue: Home,
    third: Home,
    url: String,
    store: PathBuf,
}

fn world() -> World {
    let (honest, rogue, third) = (Home::new(), Home::new(), Home::new());
    let store = honest.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    honest.done(&["setup", "--device-name", "honest"]);
    honest.done(&["store", "add", &url]);
    (0..3).for_each(|n| std::fs::write(honest.data.join(format!("{n}.gcode")), gcode(n, 3000)).unwrap());
    honest.backup();
    honest.done(&["sync"]);
    let kit = honest.path.join("recovery-kit.txt");
    for (home, name) in [(&rogue, "mallory"), (&third, "third")] {
        home.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", name]);
        home.done(&["sync", "--pull", "metadata"]);
    }
    honest.done(&["sync"]);
    World { honest, rogue, third, url, store }
}

impl World {
    fn kit(&self) -> String {
        self.honest.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    fn device(&self) -> Device {
        Device::load(&self.rogue.path.join("accounts/default/device.key")).unwrap().unwrap()
    }

    fn put(&self, sealed: &Proved) {
        Folder::open(&self.store, self.device().keys.account()).unwrap().put_now(sealed).unwrap();
    }

    /// Every chunk id that the honest device's index objects tell of, which any enrolled device can read.
    fn chunk_ids(&self, device: &Device) -> Vec<ChunkId> {
        let folder = Folder::open(&self.store, device.keys.account()).unwrap();
        let mut names = Vec::new();
        folder.list_now("index", &mut |page| names.extend(page.iter().map(|l| l.name))).unwrap();
        let honest = Device::load(&self.honest.path.join("accounts/default/device.key")).unwrap().unwrap();
        let key = honest.signer.public();
        let mut ids = Vec::new();
        for name in names {
            let bytes = folder.get_now(&name, None).unwrap();
            let index = Index::open(&With::Device(&device.keys), device.keys.account(), &name, &bytes, &|_| Some(key)).unwrap();
            ids.extend(index.packs.iter().flat_map(|pack| pack.chunks.iter().map(|(id, _)| *id)));
        }
        ids
    }

    /// A snapshot in the rogue's name, well signed.
    fn put_head(&self, number: u64, previous: [u8; 32], time: i64) {
        let device = self.device();
        let head = Head {
            device: device.id,
            number,
            previous: ObjectHash::from_bytes(previous),
            time,
            stats: Stats::default(),
            root: ChunkRef { id: ChunkId::from_bytes([1; 32]), length: 5 },
            seen: vec![],
            needs: vec![],
        };
        self.put(&head.seal(&device.keys, &device.signer, &SystemRandom::new()).unwrap());
    }

    /// Open problems of a kind, by the honest device.
    fn problems(&self, kind: &str) -> Vec<serde_json::Value> {
        let listed = self.honest.run(&["problems", "list"]).1;
        listed["problems"].as_array().unwrap().iter().filter(|problem| problem["kind"] == kind).cloned().collect()
    }

    /// Publishes packs under an index object, and a snapshot that needs them where `head` says so.
    fn publish(&self, device: &Device, packs: Vec<PackRecord>, head: bool) -> ObjectName {
        let random = SystemRandom::new();
        let count = u32::try_from(packs.len()).unwrap();
        let index = Index { device: device.id, packs }.seal(&device.keys, &device.signer, &random).unwrap();
        self.put(&index);
        if head {
            let head = Head {
                device: device.id,
                number: 1,
                previous: ObjectHash::from_bytes([0; 32]),
                time: 1_790_000_000,
                stats: Stats::default(),
                root: ChunkRef { id: ChunkId::from_bytes([1; 32]), length: 5 },
                seen: vec![],
                needs: vec![Needs { index: index.name().place(), hash: seal::hash(index.bytes()), packs: vec![(0, count)] }],
            };
            self.put(&head.seal(&device.keys, &device.signer, &random).unwrap());
        }
        index.name()
    }

    /// Honest devices sync, back up what the rogue claims to hold, and restore it on a clean machine.
    fn nobody_loses_a_byte(&self) {
        for home in [&self.honest, &self.third] {
            let (exit, document) = home.run(&["sync", "--pull", "metadata"]);
            assert!(exit == 0 || exit == 7, "{document}");
        }
        for (file, bytes) in contents(&self.honest.data) {
            let name = String::from_utf8(file).unwrap();
            std::fs::write(self.third.data.join(name), bytes).unwrap();
        }
        self.third.backup();
        std::fs::write(self.honest.data.join("later.gcode"), gcode(50, 3000)).unwrap();
        self.honest.backup();
        for home in [&self.honest, &self.third] {
            let (exit, document) = home.run(&["sync", "--pull", "metadata"]);
            assert!(exit == 0 || exit == 7, "{document}");
        }
        for (home, name) in [(&self.honest, "honest"), (&self.third, "third")] {
            let (new, which) = (Home::new(), format!("{name}:latest"));
            new.run(&["setup", "--join", &self.url, "--recovery-kit", &self.kit(), "--device-name", "rescue"]);
            let to = new.folder.path().join("out");
            new.done(&["restore", &which, "--to", to.to_str().unwrap(), "--recovery-kit", &self.kit()]);
            assert_eq!(contents(&to.join("data")), contents(&home.data), "{name}");
        }
    }

    /// What `check` says of the store, from the honest device.
    fn verified(&self) -> serde_json::Value {
        let (exit, document) = self.honest.run(&["check", "--store", "store", "--read-data", "--recovery-kit", &self.kit()]);
        assert_eq!(exit, 7, "{document}");
        document
    }
}

#[test]
fn chunks_that_a_rogue_does_not_hold_are_stored_by_the_others() {
    let world = world();
    let device = world.device();
    let chunks: Vec<_> = world.chunk_ids(&device).into_iter().map(|id| (id, 100)).collect();
    assert!(chunks.len() > 3);
    let record = |n| PackRecord {
        id: ObjectId::from_bytes([n; 16]),
        size: 4096,
        hash: ObjectHash::from_bytes([n; 32]),
        chunks: chunks.clone(),
    };
    let index = world.publish(&device, vec![record(1), record(2)], false);
    world.nobody_loses_a_byte();
    let verified = world.verified();
    assert_eq!(verified["rogues"], serde_json::json!(["mallory"]), "{verified}");
    assert!(verified["damaged"].to_string().contains(&index.to_string()), "{verified}");
}

#[test]
fn packs_of_other_content_harm_nobody_and_name_their_writer() {
    let world = world();
    let (device, random) = (world.device(), SystemRandom::new());
    let mut pack = PackWriter::new(&device.keys, 4096, &random).unwrap();
    for id in world.chunk_ids(&device).into_iter().take(1000) {
        pack.add(id, &Encoded::raw(Zeroizing::new(b"not what you stored".to_vec())));
    }
    let (sealed, record) = pack.finish(&device.keys);
    world.put(&sealed);
    world.publish(&device, vec![record], true);
    world.nobody_loses_a_byte();
    // without the owner's key every byte is what was signed, and that is all that can be told
    assert_eq!(world.honest.run(&["check", "--store", "store", "--read-data"]).0, 0);
    let verified = world.verified();
    assert_eq!(verified["rogues"], serde_json::json!(["mallory"]), "{verified}");
    assert!(verified["damaged"].to_string().contains(&sealed.name().to_string()), "{verified}");
    // what the key showed once is told on without it, and sending it again would mend nothing
    for args in [&["check", "--store", "store"][..], &["check", "--store", "store", "--read-data"]] {
        let (exit, again) = world.honest.run(args);
        assert!(exit == 7 && again["damaged"].to_string().contains(&sealed.name().to_string()), "{again}");
    }
    assert_eq!(world.honest.done(&["sync"])["stores"][0]["resent"], 0);
}

#[test]
fn a_pack_that_is_not_what_its_index_says_names_its_writer() {
    let world = world();
    let (device, random) = (world.device(), SystemRandom::new());
    let mut pack = PackWriter::new(&device.keys, 4096, &random).unwrap();
    let ids = printkeep::core::chunk::ChunkIds::new(device.keys.newest());
    let text = b"a chunk of its own".to_vec();
    let own = ids.id(printkeep::core::keys::ChunkUse::Data, &text);
    pack.add(own, &Encoded::raw(Zeroizing::new(text)));
    let (sealed, mut record) = pack.finish(&device.keys);
    record.chunks[0].0 = world.chunk_ids(&device)[0];
    world.put(&sealed);
    world.publish(&device, vec![record], true);
    world.nobody_loses_a_byte();
    assert_eq!(world.verified()["rogues"], serde_json::json!(["mallory"]));
}

/// A rogue that says of another device's pack what is not so does not make it look damaged in that device's name.
#[test]
fn a_rogues_word_on_anothers_pack_names_the_rogue() {
    let world = world();
    let device = world.device();
    let pack = world.honest.objects().into_iter().find(|o| o.starts_with("packs/")).unwrap();
    let Some(ObjectName::Pack(id)) = ObjectName::parse(&pack) else { panic!("{pack}") };
    let record = PackRecord { id, size: 4096, hash: ObjectHash::from_bytes([3; 32]), chunks: vec![] };
    world.publish(&device, vec![record], false);
    world.nobody_loses_a_byte();
    let (_, document) = world.honest.run(&["sync"]);
    let problems = document["stores"][0]["problems"].as_array().unwrap().clone();
    assert!(problems.iter().all(|a| a["device"] == "mallory"), "{document}");
    assert_eq!(world.verified()["rogues"], serde_json::json!(["mallory"]));
}

/// However often a rogue speaks of another's pack, that one's own word is heard by a device that holds neither.
#[test]
fn many_words_of_a_rogue_on_a_pack_do_not_outvote_its_writer() {
    let world = world();
    let device = world.device();
    let pack = world.honest.objects().into_iter().find(|o| o.starts_with("packs/")).unwrap();
    let Some(ObjectName::Pack(id)) = ObjectName::parse(&pack) else { panic!("{pack}") };
    for n in 1..=12 {
        let record = PackRecord { id, size: 4096, hash: ObjectHash::from_bytes([n; 32]), chunks: vec![] };
        world.publish(&device, vec![record], false);
    }
    let late = Home::new();
    late.run(&["setup", "--join", &world.url, "--recovery-kit", &world.kit(), "--device-name", "late"]);
    late.run(&["sync", "--pull", "all"]);
    assert!(late.objects().contains(&pack), "{:?}", late.objects());
}

#[test]
fn numbers_that_a_rogue_leaves_out_are_one_line_of_that_device_and_end_with_its_revocation() {
    let world = world();
    world.put_head(1, [0; 32], 1_790_000_000);
    world.put_head(20_000, [9; 32], 1_790_000_000);
    let (exit, synced) = world.honest.run(&["sync"]);
    let problems = synced["stores"][0]["problems"].as_array().unwrap();
    assert_eq!((exit, problems.len()), (3, 1), "{synced}");
    let told = |what: &str| problems[0][what].clone();
    assert_eq!((told("kind"), told("device"), told("known")), ("gap".into(), "mallory".into(), 19_998.into()));
    assert_eq!(world.problems("kept-back").len(), 1);
    for args in [&["check"][..], &["check", "--store", "store"]] {
        let (exit, checked) = world.honest.run(args);
        let gap = serde_json::json!([{ "device": "mallory", "first": 2, "count": 19_998, "before": 20_000 }]);
        assert_eq!((exit, &checked["gaps"], &checked["damaged"]), (3, &gap, &serde_json::json!([])), "{checked}");
        assert_eq!(checked["problems"], serde_json::json!([]), "{checked}");
    }
    world.honest.done(&["device", "revoke", "mallory", "--yes", "--recovery-kit", &world.kit()]);
    (0..2).for_each(|_| drop(world.honest.run(&["sync"])));
    world.honest.done(&["sync"]);
    world.honest.done(&["check"]);
    world.honest.done(&["check", "--store", "store"]);
    assert!(world.problems("kept-back").is_empty());
}

#[test]
fn a_snapshot_that_was_seen_and_lacks_is_missing_and_one_that_nobody_saw_is_not_known_to_be() {
    let world = world();
    for n in 0..4 {
        std::fs::write(world.third.data.join("a.gcode"), gcode(n, 300)).unwrap();
        world.third.backup();
    }
    world.third.done(&["sync"]);
    world.honest.done(&["sync"]);
    let third = Device::load(&world.third.path.join("accounts/default/device.key")).unwrap().unwrap();
    let name = ObjectName::Head(third.id, 2).to_string();
    let there = world.store.join(third.keys.account().to_string()).join(&name);
    let kept = std::fs::read(&there).unwrap();
    let lacks = |home: &Home, args: &[&str]| {
        let (exit, checked) = home.run(args);
        (exit, checked["damaged"].to_string().contains(&name), checked["gaps"].as_array().map_or(0, Vec::len))
    };
    // kept back from who saw it
    std::fs::remove_file(&there).unwrap();
    assert_eq!(lacks(&world.honest, &["check", "--store", "store"]), (7, true, 0));
    let (exit, synced) = world.honest.run(&["sync"]);
    assert_eq!((exit, &synced["stores"][0]["problems"][0]["kind"]), (7, &"missing".into()), "{synced}");
    // lost here
    std::fs::remove_file(world.honest.vault().join(&name)).unwrap();
    assert_eq!(lacks(&world.honest, &["check"]), (7, true, 0));
    std::fs::write(world.honest.vault().join(&name), kept).unwrap();
    // kept back from who never saw it
    std::fs::remove_file(&there).unwrap();
    let (exit, synced) = world.rogue.run(&["sync"]);
    assert_eq!((exit, &synced["stores"][0]["problems"][0]["kind"]), (3, &"gap".into()), "{synced}");
    assert_eq!(lacks(&world.rogue, &["check", "--store", "store"]), (3, false, 1));
}

#[test]
fn a_time_that_is_still_to_come_is_told_once_of_its_device_and_nothing_follows_from_it() {
    let world = world();
    world.put_head(1, [0; 32], 4_000_000_000);
    let told = |home: &Home| String::from_utf8(home.command(&["sync"]).output().unwrap().stderr).unwrap();
    let words = told(&world.honest);
    assert_eq!((words.matches("PROBLEM").count(), words.contains("mallory")), (1, true), "{words}");
    assert!(!told(&world.honest).contains("mallory"), "told twice");
    let problems = world.problems("device-clock");
    assert_eq!((problems.len(), &problems[0]["device"], &problems[0]["known"]), (1, &"mallory".into(), &1.into()));
    let (exit, status) = world.honest.run(&["status"]);
    assert!(exit == 3 && status.to_string().contains("device-clock"), "{status}");
    let listed = world.honest.done(&["snapshots"]);
    let ahead = |device: &str| {
        let mut of = listed["snapshots"].as_array().unwrap().iter().filter(|one| one["device"] == device);
        of.all(|one| one["ahead"] == true)
    };
    assert!(ahead("mallory") && !ahead("honest"), "{listed}");
    // a machine without snapshots of its own tries the newest with a time that can be
    world.third.run(&["sync"]);
    let tried = world.third.done(&["check", "--try-restore", "1", "--recovery-kit", &world.kit()]);
    assert_eq!(tried["tried"]["device"], "honest", "{tried}");
    // what is restored is told to be older than no time to come
    let to = world.honest.folder.path().join("out");
    let restored = world.honest.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", &world.kit()]);
    assert!(!restored.to_string().contains("mallory"), "{restored}");
    world.honest.done(&["device", "revoke", "mallory", "--yes", "--recovery-kit", &world.kit()]);
    assert!(world.problems("device-clock").is_empty());
}

/// Snapshots of a device in the stores that the machine which revokes it has not fetched yet.
fn with_three_unfetched(world: &World) {
    for n in 0..3 {
        std::fs::write(world.third.data.join("a.gcode"), gcode(n, 300)).unwrap();
        world.third.backup();
    }
    world.third.done(&["sync"]);
}

#[test]
fn what_a_store_has_of_a_device_is_fetched_before_it_is_revoked_and_stays_believed() {
    let world = world();
    with_three_unfetched(&world);
    let revoked = world.honest.done(&["device", "revoke", "third", "--yes", "--recovery-kit", &world.kit()]);
    let (of, nothing) = (|what: &str| revoked[what].clone(), serde_json::json!([]));
    assert_eq!((of("believed"), of("unseen"), of("too_many"), of("unreached")), (3.into(), 0.into(), 0.into(), nothing));
    assert_eq!((of("last_believed"), of("fetched"), of("first_fetched")), (3.into(), 3.into(), 1.into()));
    world.honest.done(&["sync"]);
    let to = world.honest.folder.path().join("out");
    world.honest.done(&["restore", "third:latest", "--to", to.to_str().unwrap(), "--recovery-kit", &world.kit()]);
    assert_eq!(contents(&to.join("data")), contents(&world.third.data));
}

#[test]
fn what_of_a_device_was_not_seen_before_it_is_revoked_is_counted_in_the_question_and_the_reply() {
    let world = world();
    with_three_unfetched(&world);
    // the machine knows that they are there, and has none of them
    world.honest.run(&["sync", "--pull", "nothing"]);
    std::fs::rename(&world.store, world.store.with_extension("away")).unwrap();
    let session = Session::new(world.honest.path.clone(), Surface::CommandLine);
    let request: Request = serde_json::from_value(serde_json::json!({
        "command": "device revoke", "name": "third", "owner": { "offline": true }
    }))
    .unwrap();
    let asked = std::sync::Mutex::new(Vec::new());
    let answer = |question: &Text| {
        asked.lock().unwrap().push(question.clone());
        "third".to_owned()
    };
    let owner = Typist { secret: |_| panic!("the kit lies here"), answer };
    let reply = perform(&session, request, &owner, &|_| {}, &Cancel::default()).unwrap();
    let revoked = serde_json::to_value(&reply).unwrap();
    let of = |what: &str| revoked[what].clone();
    assert_eq!((of("believed"), of("unseen"), of("first_unseen")), (0.into(), 3.into(), 1.into()), "{revoked}");
    assert_eq!(of("unreached"), serde_json::json!(["store"]));
    let question = serde_json::to_value(&asked.lock().unwrap()[0]).unwrap();
    let said = question.to_string();
    assert!(
        ["device-revoke-believed", "device-revoke-unseen", "device-revoke-unreached"].iter().all(|id| said.contains(id)),
        "{said}"
    );
}
