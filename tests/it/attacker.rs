//! What a second implementation forges, in Python and after `FORMAT.md`, with nothing or with the key of a stolen device: a lie costs the
//! store that it lies in. Backup, restore and the way to an honest store go on, and nothing forged is taken over.
//!
//! It runs where `PRINTKEEP_PYTHON_READER=1` is set, as the tests of the reader do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use printkeep::local::device::Device;
use serde_json::Value;

use crate::reader::python;
use crate::support::program::{Home, contents, gcode, noise};

/// What an act's objects come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Taken over by nobody, and told by the next sync, with the store.
    Refused,
    /// The same, told by whoever reads the store: it shows every name and size as before.
    ToldWhereRead,
    /// Of no use to anybody but another device, and asked for by nobody.
    Unasked,
    /// The stolen device's own word, kept as such; told by the next sync, or by a check of the store.
    OwnWord,
    /// The same, of a history that has holes, which a check of the vault names as that device's.
    OwnHoles,
    /// The stolen device's own, and all is well.
    Genuine,
}

const FATES: [(&str, Fate); 17] = [
    ("packs-exchanged", Fate::ToldWhereRead),
    ("indexes-exchanged", Fate::ToldWhereRead),
    ("pack-changed", Fate::ToldWhereRead),
    ("noise-in-facts", Fate::Unasked),
    ("letter-to-itself", Fate::Unasked),
    ("index-lies-of-a-pack", Fate::OwnWord),
    ("index-lies-of-a-hash", Fate::OwnWord),
    ("index-of-a-pack-that-is-not-there", Fate::OwnWord),
    ("pack-of-other-content", Fate::OwnWord),
    ("head-that-leaves-numbers-out", Fate::OwnHoles),
    ("head-with-the-last-number", Fate::OwnHoles),
    ("head-of-an-index-that-is-not-there", Fate::OwnHoles),
    ("head-that-tells-of-another-index", Fate::OwnHoles),
    ("head-from-2096", Fate::Genuine),
    ("genuine-index", Fate::Genuine),
    ("genuine-head", Fate::Genuine),
    ("snapshot-of-lies", Fate::OwnHoles),
];

fn fate(act: &str) -> Fate {
    FATES.iter().find(|(name, _)| *name == act).map_or(Fate::Refused, |(_, fate)| *fate)
}

/// A PC and a printer of one account; the printer is in wrong hands, and so is the first of two stores.
struct World {
    home: Home,
    stolen: Home,
}

impl World {
    fn new() -> Self {
        let world = Self { home: Home::new(), stolen: Home::new() };
        let Self { home, stolen } = &world;
        home.done(&["setup", "--device-name", "pc"]);
        for store in ["one", "two"] {
            fs::create_dir(world.store(store)).unwrap();
            home.done(&["store", "add", &world.url(store), "--name", store]);
        }
        fs::create_dir(home.folder.path().join("in")).unwrap();
        home.done(&["device", "inbox", "allow", home.folder.path().join("in").to_str().unwrap()]);
        for n in 0..3 {
            fs::write(home.data.join(format!("{n}.gcode")), gcode(n, 800)).unwrap();
            home.backup();
        }
        home.done(&["sync"]);
        stolen.done(&["setup", "--join", &world.url("one"), "--recovery-kit", &world.kit(), "--device-name", "printer"]);
        for n in 0..2 {
            fs::write(stolen.data.join(format!("{n}.cfg")), noise(n, 5000)).unwrap();
            stolen.backup();
        }
        stolen.done(&["sync"]);
        home.done(&["sync"]);
        world
    }

    fn store(&self, name: &str) -> PathBuf {
        self.home.folder.path().join(name)
    }

    fn url(&self, store: &str) -> String {
        format!("file://{}", self.store(store).display())
    }

    fn kit(&self) -> String {
        self.home.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    /// Every act, with the names of what it forged; its objects lie in a folder of its name below `into`.
    fn forged(&self, python: &Path, into: &Path) -> BTreeMap<String, Vec<String>> {
        let done = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reader/printkeep_attacker.py"))
            .arg(self.store("one"))
            .arg("--device-key")
            .arg(self.stolen.path.join("accounts/default/device.key"))
            .arg("--every")
            .arg(into)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// Where an object lies of which this is the place: a store, or the vault.
    fn object(&self, place: &Path, name: &str) -> Option<Vec<u8>> {
        fs::read(place.join(self.home.vault().file_name().unwrap()).join(name)).ok()
    }

    /// What one act does to an owner who goes on as before.
    fn suffers(&self, act: &str, names: &[String], forged: &Path) {
        let home = &self.home;
        let fate = fate(act);
        let of = |what: &str| format!("{act}: {what}");
        fs::write(home.data.join("new.gcode"), gcode(50, 500)).unwrap();
        home.backup();
        let (_, synced) = home.run(&["sync"]);
        let (one, two) = (&synced["stores"][0], &synced["stores"][1]);
        let is_told = |store: &Value| {
            let some = |of: &Value| of.as_array().is_some_and(|all| !all.is_empty());
            let refused = |letter: &Value| letter["reason"].is_object();
            ["problems", "failed", "notices"].iter().any(|what| some(&store[what]))
                || store["inbox"]["arrived"].as_array().is_some_and(|all| all.iter().any(refused))
        };
        // the honest store is honest
        assert!(!is_told(two), "{}", of(&two.to_string()));
        let sent = contents(&home.vault());
        let there = contents(&self.store("two").join(home.vault().file_name().unwrap()));
        let pc = id(home);
        let own = |name: &Vec<u8>| name.starts_with(format!("heads/{}", pc).as_bytes()) || name.starts_with(b"packs/");
        let lacking = |name: &&Vec<u8>| {
            own(name) && !names.contains(&String::from_utf8(name.to_vec()).unwrap()) && !there.contains_key(*name)
        };
        assert_eq!(sent.keys().filter(lacking).count(), 0, "{}", of("the honest store lacks some"));
        // and nothing of the attacker's own making is
        for name in names {
            let bytes = fs::read(forged.join(name)).unwrap();
            let took = [home.path.join("vault"), self.store("two")].map(|place| self.object(&place, name) == Some(bytes.clone()));
            match fate {
                Fate::Refused | Fate::ToldWhereRead | Fate::Unasked => assert_eq!(took, [false; 2], "{}", of(name)),
                Fate::Genuine if !name.starts_with("packs/") => assert!(took[0], "{}", of(name)),
                _ => {}
            }
        }
        assert_eq!(home.restored("latest"), contents(&home.data), "{act}");
        assert_eq!(contents(&home.folder.path().join("in")).len(), 0, "{act}");
        self.is_named(act, fate, is_told(one), one);
        self.is_well(act, fate);
    }

    fn is_named(&self, act: &str, fate: Fate, by_sync: bool, one: &Value) {
        let read = || {
            let (exit, told) = self.home.run(&["check", "--store", "one", "--read-data", "--recovery-kit", &self.kit()]);
            (exit == 7 && !told["damaged"].as_array().unwrap().is_empty(), told)
        };
        match fate {
            Fate::Refused => assert!(by_sync && one["store"] == "one", "{act}: {one}"),
            Fate::ToldWhereRead => assert!(read().0, "{act}"),
            Fate::OwnWord => {
                let (is_told, told) = read();
                assert!(is_told && told["rogues"] == serde_json::json!(["printer"]), "{act}: {told}");
                assert!(!by_sync, "{act}: {one}");
            }
            Fate::OwnHoles => assert!(by_sync || read().0, "{act}: {one}"),
            Fate::Unasked | Fate::Genuine => assert!(!by_sync, "{act}: {one}"),
        }
    }

    /// The vault is as it was, and the doctor takes nothing out of it.
    fn is_well(&self, act: &str, fate: Fate) {
        let home = &self.home;
        let packs = || home.objects().into_iter().filter(|name| name.starts_with("packs/")).count();
        let before = packs();
        let (exit, told) = home.run(&["check", "--read-data", "--recovery-kit", &self.kit()]);
        let thief = id(&self.stolen);
        let all = told["damaged"].as_array().unwrap();
        let foreign = all.iter().filter(|one| !one["object"].as_str().unwrap().contains(&thief));
        match fate {
            Fate::OwnHoles => assert_eq!(foreign.count(), 0, "{act}: {told}"),
            // what the stolen device says of what it holds is read with the key, and named
            Fate::OwnWord if exit == 7 => assert_eq!(told["rogues"], serde_json::json!(["printer"]), "{act}: {told}"),
            _ => assert_eq!(exit, 0, "{act}: {told}"),
        }
        home.run(&["check", "--repair", "--read-data"]);
        assert!(packs() >= before, "{act}: the repair took packs out of the vault");
        assert_eq!(home.restored("latest"), contents(&home.data), "{act}: after the repair");
    }
}

fn id(home: &Home) -> String {
    Device::load(&home.path.join("accounts/default/device.key")).unwrap().unwrap().id.to_string()
}

fn copied(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

#[test]
fn what_is_forged_costs_the_store_it_lies_in_and_nothing_else() {
    let Some(python) = python() else { return };
    let world = World::new();
    let kept = tempfile::tempdir().unwrap();
    let (start, forged) = (kept.path().join("start"), kept.path().join("forged"));
    let acts = world.forged(&python, &forged);
    assert!(acts.len() >= 40, "{}", acts.len());
    let (root, account) = (world.home.folder.path(), world.home.vault().file_name().unwrap().to_owned());
    copied(root, &start);
    for (act, names) in &acts {
        for entry in fs::read_dir(root).unwrap().flatten() {
            fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path())).unwrap();
        }
        copied(&start.join("."), root);
        copied(&forged.join(act).join("."), &world.store("one"));
        world.suffers(act, names, &forged.join(act).join(&account));
    }
}
