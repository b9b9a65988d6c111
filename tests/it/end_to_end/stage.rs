//! The stage: three homes, four servers, a model of every snapshot that was made, and the questions that all steps ask.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::support::corpus::Dice;
use crate::support::program::{Home, contents, each_file};

pub const STORES: [&str; 4] = ["rgw", "rclone", "apache", "openssh"];
/// Those whose provider keeps plain files, which somebody with a shell there may set back.
pub const FOLDERS: [&str; 3] = ["rclone", "apache", "openssh"];
const PREFIX: &str = "printers";

/// A folder's files as hashes.
pub type Files = BTreeMap<Vec<u8>, blake3::Hash>;

pub fn hashed(folder: &Path) -> Files {
    contents(folder).into_iter().map(|(name, bytes)| (name, blake3::hash(&bytes))).collect()
}

/// A server: where it is, and how it is reached.
pub struct Server {
    pub url: String,
    pub access: Vec<String>,
    /// Where its files lie.
    pub folder: Option<PathBuf>,
}

pub struct Stage {
    pub pc: Home,
    pub ender: Home,
    pub laptop: Home,
    pub servers: BTreeMap<&'static str, Server>,
    pub saved: BTreeMap<(String, u64), Files>,
    pub dice: Dice,
    pub seed: u64,
    pub kills: u64,
    pub work: PathBuf,
    started: Instant,
}

impl Stage {
    pub fn new(work: PathBuf, seed: u64, kills: u64) -> Self {
        println!("seed {seed}, {kills} kills each");
        let (pc, ender, laptop) = (Home::new(), Home::new(), Home::new());
        let servers = servers(&work, pc.folder.path());
        let (dice, started) = (Dice::new(seed), Instant::now());
        Self { pc, ender, laptop, servers, saved: BTreeMap::new(), dice, seed, kills, work, started }
    }

    /// Says what a step showed.
    pub fn ok(&self, what: impl AsRef<str>) {
        println!("ok: {} [{:.0} s]", what.as_ref(), self.started.elapsed().as_secs_f64());
    }

    pub fn home(&self, name: &str) -> &Home {
        match name {
            "pc" => &self.pc,
            "ender" => &self.ender,
            "laptop" => &self.laptop,
            _ => panic!("no home {name}"),
        }
    }

    pub fn kit(&self) -> String {
        self.pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
    }

    /// Backs up, and remembers what was there.
    pub fn backup(&mut self, name: &str) -> Value {
        let home = self.home(name);
        let document = home.backup();
        let files = hashed(&home.data);
        self.saved.insert((name.to_owned(), document["snapshot"].as_u64().unwrap()), files);
        document
    }

    /// Syncs with every store; nothing may be wrong.
    pub fn sync(&self, name: &str) -> Value {
        let (exit, document) = self.home(name).run(&["sync"]);
        assert_eq!(exit, 0, "{name}: {document}");
        let stores = document["stores"].as_array().unwrap();
        assert_eq!(stores.len(), STORES.len(), "{name}: {document}");
        for store in stores {
            let quiet = store["problems"] == serde_json::json!([]) && store["failed"] == serde_json::json!([]);
            assert!(quiet && store.get("error").is_none(), "{name}: {store}");
        }
        document
    }

    /// All devices hear of what the others did.
    pub fn sync_all(&self) {
        for _ in 0..2 {
            ["pc", "ender", "laptop"].iter().for_each(|name| drop(self.sync(name)));
        }
    }

    /// A new file of so many bytes that nothing else holds.
    pub fn write(&mut self, name: &str, file: &str, size: usize) {
        let mut bytes = Vec::new();
        self.dice.noise(size, &mut bytes);
        std::fs::write(self.home(name).data.join(file), bytes).unwrap();
    }

    /// Restores a snapshot on `home` and holds it against what was backed up.
    pub fn restores(&self, home: &Home, device: &str, number: u64) {
        let to = tempfile::tempdir().unwrap();
        let which = format!("{device}:{number}");
        home.done(&["restore", &which, "--to", to.path().to_str().unwrap(), "--recovery-kit", &self.kit()]);
        let (found, expected) = (hashed(&to.path().join("data")), self.saved.get(&(device.to_owned(), number)));
        let expected = expected.unwrap_or_else(|| panic!("nobody made {which}"));
        let differ: Vec<_> = expected.iter().filter(|(name, hash)| found.get(*name) != Some(*hash)).collect();
        assert!(differ.is_empty() && found.len() == expected.len(), "{which}: {} of {}, {differ:?}", found.len(), expected.len());
    }

    /// Restores every snapshot that the PC knows and nobody forgot, and gives how many there are.
    pub fn restores_all(&self) -> usize {
        let listed = self.pc.done(&["snapshots"]);
        let kept: Vec<&Value> = listed["snapshots"].as_array().unwrap().iter().filter(|s| s["forgotten"] == false).collect();
        for snapshot in &kept {
            self.restores(&self.pc, snapshot["device"].as_str().unwrap(), snapshot["number"].as_u64().unwrap());
        }
        kept.len()
    }

    pub fn latest(&self, device: &str) -> u64 {
        self.saved.keys().filter(|(name, _)| name == device).map(|(_, number)| *number).max().unwrap()
    }

    /// The account's folder at a provider.
    pub fn there(&self, store: &str) -> PathBuf {
        self.servers[store].folder.as_ref().unwrap().join(self.pc.vault().file_name().unwrap())
    }

    /// The objects of a kind that lie at a provider.
    pub fn objects(&self, store: &str, kind: &str) -> Vec<String> {
        let root = self.there(store);
        let mut found = Vec::new();
        each_file(&root.join(kind), &mut |path| found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()));
        found.sort();
        found
    }

    pub fn server(&self, name: &str, verb: &str) {
        let script = format!("tests/servers/{name}");
        let status =
            Command::new("bash").args([&script, verb]).arg(&self.work).stdin(Stdio::null()).stdout(Stdio::null()).status();
        assert!(status.unwrap().success(), "{script} {verb}");
    }

    pub fn kill_rclone(&self) {
        let pid = std::fs::read_to_string(self.work.join("rclone.pid")).unwrap();
        assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    }

    /// A provider shows another state from now on.
    pub fn show(&self, store: &str, state: &Path) {
        // it remembers folders for a while, and would show a mixture
        if store == "rclone" {
            self.kill_rclone();
        }
        copy(state, &self.there(store));
        if store == "rclone" {
            self.server(store, "start");
        }
    }

    /// Adds a store to a device, under the name of its server.
    pub fn add_store(&self, device: &str, name: &str) {
        let server = &self.servers[name];
        let access: Vec<&str> = server.access.iter().map(String::as_str).collect();
        self.home(device).done(&[&["store", "add", &server.url, "--name", name], &access[..]].concat());
    }
}

/// What the homes held when something was wrong is kept, to be looked at.
impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let kept = self.work.join("failed");
            std::fs::create_dir_all(&kept).unwrap();
            for name in ["pc", "ender", "laptop"] {
                let _ = Command::new("cp").args(["-aT"]).arg(self.home(name).folder.path()).arg(kept.join(name)).status();
            }
            println!("the homes as they were then lie in {}", kept.display());
        }
    }
}

/// The entry of a store in a document of `sync`.
pub fn of<'a>(document: &'a Value, store: &str) -> &'a Value {
    let stores = document["stores"].as_array().unwrap_or_else(|| panic!("{document}"));
    stores.iter().find(|entry| entry["store"] == store).unwrap_or_else(|| panic!("{store}: {document}"))
}

/// Copies a folder with owners and modes; what is at the target goes.
pub fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    let status = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(status.success(), "{} {}", from.display(), to.display());
}

/// The servers that run, by what their scripts said.
fn servers(work: &Path, keys: &Path) -> BTreeMap<&'static str, Server> {
    let said = |name: &str| std::fs::read_to_string(work.join(format!("{name}.env"))).unwrap();
    let mut found = BTreeMap::new();
    for name in ["rgw", "rclone"] {
        let said = said(name);
        let of = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap().to_owned();
        let file = keys.join(format!("{name}.keys"));
        std::fs::write(&file, format!("{}\n{}\n", of("ACCESS_KEY"), of("SECRET_KEY"))).unwrap();
        let url = format!("s3://bucket/{PREFIX}?endpoint={}&region=us-east-1", of("ENDPOINT"));
        let (file, ca) = (file.to_str().unwrap(), work.join("tls/ca.pem"));
        let access = ["--credentials-file", file, "--ca-file", ca.to_str().unwrap()].map(str::to_owned).to_vec();
        let folder = (name == "rclone").then(|| work.join("rclone/bucket").join(PREFIX));
        found.insert(name, Server { url, access, folder });
    }
    for (name, trust, folder) in
        [("apache", "--ca-file", "apache/root/basic/printers"), ("openssh", "--pin", "openssh/data/printers")]
    {
        let said = said(name);
        let mut parts = said.lines().next().unwrap().split('|');
        let mut part = || parts.next().unwrap().to_owned();
        let (url, trusted, file) = (part(), part(), part());
        let access = vec!["--credentials-file".into(), file, trust.into(), trusted];
        found.insert(name, Server { url, access, folder: Some(work.join(folder)) });
    }
    found
}
