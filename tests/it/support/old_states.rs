//! Homes that share an account and a folder store, which can be made to show an earlier state again.

use std::path::{Path, PathBuf};

use crate::support::program::{Home, contents, each_file, gcode};
use serde_json::Value;

/// Homes that share an account and a folder store.
pub struct World {
    pub homes: Vec<Home>,
    pub store: PathBuf,
    pub url: String,
}

pub fn name(at: usize) -> &'static str {
    ["anna", "bert", "carl"][at]
}

impl World {
    pub fn new(devices: usize) -> Self {
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

    pub fn join(&self, at: usize) {
        let kit = self.kit();
        self.homes[at].done(&["setup", "--join", &self.url, "--recovery-kit", &kit, "--device-name", name(at)]);
    }

    pub fn kit(&self) -> String {
        self.homes[0].path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    /// A device backs up something new.
    pub fn change(&self, at: usize, seed: u64) {
        std::fs::write(self.homes[at].data.join(format!("{seed}.gcode")), gcode(seed + 100 * at as u64, 400)).unwrap();
        self.homes[at].backup();
    }

    /// Syncs and gives the problems; what can go on goes on.
    pub fn sync(&self, at: usize) -> Vec<Value> {
        let (exit, document) = self.homes[at].run(&["sync", "--pull", "metadata"]);
        let problems = document["stores"][0]["problems"].as_array().unwrap_or_else(|| panic!("{exit}: {document}")).clone();
        assert_eq!(exit == 7, !problems.is_empty(), "{exit}: {document}");
        problems
    }

    /// Syncs without an problem.
    pub fn well(&self, at: usize) {
        let (exit, document) = self.homes[at].run(&["sync", "--pull", "metadata"]);
        assert_eq!(exit, 0, "{}: {document}", name(at));
    }

    /// The store's account folder.
    pub fn there(&self) -> PathBuf {
        self.store.join(self.homes[0].vault().file_name().unwrap())
    }

    pub fn objects(&self) -> Vec<String> {
        let root = self.there();
        let mut found = Vec::new();
        each_file(&root, &mut |path| found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()));
        found.retain(|name| printkeep::core::name::ObjectName::parse(name).is_some());
        found.sort();
        found
    }

    pub fn save(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&self.there(), copy.path());
        copy
    }

    /// The provider shows this state from now on.
    pub fn show(&self, state: &Path) {
        std::fs::remove_dir_all(self.there()).unwrap();
        copy_all(state, &self.there());
    }

    pub fn own_id(&self, at: usize) -> String {
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
    pub fn restores(&self, at: usize) {
        let new = Home::new();
        new.run(&["setup", "--join", &self.url, "--recovery-kit", &self.kit(), "--device-name", "rescue"]);
        let to = new.folder.path().join("out");
        let which = format!("{}:latest", name(at));
        new.done(&["restore", &which, "--to", to.to_str().unwrap(), "--recovery-kit", &self.kit()]);
        assert_eq!(contents(&to.join("data")), contents(&self.homes[at].data), "{}", name(at));
    }
}

pub fn copy_all(from: &Path, to: &Path) {
    each_file(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    });
}

pub fn kinds(store_problems: &[Value]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    store_problems.iter().map(|a| (text(&a["kind"]), text(&a["device"]))).collect()
}

pub fn has(store_problems: &[Value], kind: &str, device: &str) -> bool {
    kinds(store_problems).iter().any(|(k, d)| k == kind && d == device)
}
