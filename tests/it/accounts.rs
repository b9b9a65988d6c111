//! Accounts are strangers to one another: on one machine, in one bucket, with the same files.

use std::collections::{BTreeSet, HashSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::program::{self, Home, gcode, noise};
use crate::support::server::{self, S3Server};

/// Two accounts in one home, with backups of the same files, and a store each in the same bucket.
struct Two {
    home: Home,
    server: S3Server,
}

impl Two {
    fn new() -> Self {
        let (home, server) = (Home::new(), S3Server::start());
        std::fs::write(home.data.join("a.gcode"), gcode(1, 5000)).unwrap();
        std::fs::write(home.data.join("b.jpg"), noise(2, 300_000)).unwrap();
        let two = Self { home, server };
        for name in ["anna", "bert"] {
            two.done(name, &["setup"]);
            two.done(name, &["privacy", "grant", "network"]);
            two.done(name, &["backup", two.home.data.to_str().unwrap()]);
        }
        two
    }

    fn run(&self, account: &str, args: &[&str]) -> (i32, serde_json::Value) {
        self.home.run(&[args, &["--account", account]].concat())
    }

    fn done(&self, account: &str, args: &[&str]) -> serde_json::Value {
        let (exit, document) = self.run(account, args);
        assert_eq!(exit, 0, "{account} {args:?}: {document}");
        document
    }

    fn folder(&self, account: &str) -> PathBuf {
        self.home.path.join("accounts").join(account)
    }

    /// The account's folder in the vault.
    fn vault(&self, account: &str) -> PathBuf {
        let id = self.done(account, &["status"])["id"].as_str().unwrap().to_owned();
        self.home.path.join("vault").join(id)
    }

    /// A file with the credentials of the store.
    fn keys(&self) -> String {
        let keys = format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY);
        server::write(&self.home.folder.path().join("keys"), &keys).to_str().unwrap().to_owned()
    }

    fn try_store(&self, account: &str) -> (i32, serde_json::Value) {
        let (url, ca) = (self.server.url("p"), self.server.ca_file.to_str().unwrap().to_owned());
        self.run(account, &["store", "add", &url, "--credentials-file", &self.keys(), "--ca-file", &ca])
    }

    fn add_store(&self, account: &str) {
        let (exit, document) = self.try_store(account);
        assert_eq!(exit, 0, "{account}: {document}");
    }

    /// The settings are the home's, and so is the store that one account added; another gives it credentials of its own.
    fn share_store(&self, account: &str) {
        let (exit, document) = self.try_store(account);
        assert_eq!((exit, &document["error"]["id"]), (2, &"store-address-taken".into()), "{document}");
        assert!(document["error"]["hint"].as_str().unwrap().contains("store set store --credentials-file"), "{document}");
        let (exit, document) = self.run(account, &["sync"]);
        assert!(exit == 6 && document.to_string().contains("store set store --credentials-file"), "{exit}: {document}");
        let set = self.done(account, &["store", "set", "store", "--credentials-file", &self.keys()]);
        assert_eq!(set["new_credentials"], true, "{set}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    program::each_file(folder, &mut |path| found.push(path.to_owned()));
    found.sort();
    found
}

/// Swaps two paths.
fn swap(a: &Path, b: &Path) {
    let aside = a.with_extension("aside");
    std::fs::rename(a, &aside).unwrap();
    std::fs::rename(b, a).unwrap();
    std::fs::rename(&aside, b).unwrap();
}

#[test]
fn the_same_files_in_two_accounts_share_nothing_that_could_be_seen() {
    let two = Two::new();
    let (anna, bert) = (two.vault("anna"), two.vault("bert"));
    let names = |folder: &Path| -> BTreeSet<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        // numbers of lists and snapshots are the same in every account, and say how many there are
        files(folder).iter().map(name).filter(|name| name.len() >= 32).collect()
    };
    let (ours, theirs) = (names(&anna), names(&bert));
    assert!(ours.len() >= 3 && ours.is_disjoint(&theirs), "{ours:?} {theirs:?}");
    let blocks = |folder: &Path| -> HashSet<[u8; 16]> {
        let bytes = files(folder).into_iter().flat_map(|path| std::fs::read(path).unwrap()).collect::<Vec<u8>>();
        bytes.windows(16).filter_map(|window| window.try_into().ok()).collect()
    };
    // what objects of everybody bear says nothing: the name of the first list of devices
    let stranger = Home::new();
    std::fs::write(stranger.data.join("c.stl"), noise(3, 1000)).unwrap();
    stranger.backup();
    let (ours, theirs, everybody) = (blocks(&anna), blocks(&bert), blocks(&stranger.vault()));
    let shared: Vec<_> = ours.intersection(&theirs).filter(|block| !everybody.contains(*block)).collect();
    assert!(shared.is_empty(), "blocks of 16 bytes stand in both accounts' objects: {shared:02x?}");
}

#[test]
fn each_account_has_its_own_private_folder() {
    let two = Two::new();
    for account in ["anna", "bert"] {
        let mode = std::fs::metadata(two.folder(account)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{account}");
        // what the databases make for themselves lies in the folder that nobody else may enter
        let own = files(&two.folder(account)).into_iter().filter(|path| !path.starts_with(two.folder(account).join("state")));
        assert!(own.into_iter().all(|path| {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            mode & 0o077 == 0
        }));
    }
    // what one allows is not allowed for the other
    two.done("anna", &["privacy", "withdraw", "network"]);
    let standing = |account| two.done(account, &["privacy", "show"])["consents"][0]["standing"].as_str().unwrap().to_owned();
    assert_eq!((standing("anna"), standing("bert")), ("withdrawn".into(), "granted".into()));
}

#[test]
fn what_belongs_to_one_is_refused_by_the_other() {
    let two = Two::new();
    two.add_store("anna");
    two.share_store("bert");
    // each file that the accounts keep here, offered to the other
    let mut tried = 0;
    for name in ["device.key", "account.journal", "credentials/store.sealed"] {
        let (anna, bert) = (two.folder("anna").join(name), two.folder("bert").join(name));
        let own = std::fs::read(&anna).unwrap();
        std::fs::write(&anna, std::fs::read(&bert).unwrap()).unwrap();
        let (exit, document) = two.run("anna", &["sync"]);
        assert!(exit == 7 || exit == 1, "{name} of bert was taken: {document}");
        std::fs::write(&anna, own).unwrap();
        tried += 1;
    }
    assert_eq!(tried, 3);
    // each object in the vault
    let (anna, bert) = (two.vault("anna"), two.vault("bert"));
    for folder in ["packs", "index", "heads", "slots", "roster"] {
        let (ours, theirs) = (files(&anna.join(folder)), files(&bert.join(folder)));
        let own = std::fs::read(&ours[0]).unwrap();
        std::fs::write(&ours[0], std::fs::read(&theirs[0]).unwrap()).unwrap();
        let kit = two.home.path.join("recovery-kit-anna.txt");
        let kit = if kit.exists() { kit } else { two.home.path.join("recovery-kit.txt") };
        let (exit, document) = two.run("anna", &["check", "--read-data", "--recovery-kit", kit.to_str().unwrap()]);
        assert!(exit == 7 || exit == 4, "{folder}: an object of bert's passed: {exit} {document}");
        std::fs::write(&ours[0], own).unwrap();
    }
    two.done("anna", &["check", "--read-data"]);
}

#[test]
fn whole_folders_that_were_swapped_are_noticed() {
    let two = Two::new();
    two.add_store("anna");
    two.share_store("bert");
    two.done("anna", &["sync"]);
    two.done("bert", &["sync"]);
    let (anna, bert) = (two.vault("anna"), two.vault("bert"));
    // by whoever can write to this machine's disk
    swap(&two.folder("anna"), &two.folder("bert"));
    for account in ["anna", "bert"] {
        for args in [&["backup", two.home.data.to_str().unwrap()][..], &["sync"], &["status"]] {
            let (exit, document) = two.run(account, args);
            assert_eq!(exit, 7, "{account} {args:?}: {document}");
            assert!(document["error"]["message"].as_str().unwrap().contains("is called"), "{document}");
        }
    }
    swap(&two.folder("anna"), &two.folder("bert"));
    two.done("anna", &["sync"]);
    // the vaults
    swap(&anna, &bert);
    let (exit, document) = two.run("anna", &["check"]);
    assert_ne!(exit, 0, "{document}");
    swap(&anna, &bert);
    // by the provider
    let place = |folder: &Path| two.server.data.join("bucket/p").join(folder.file_name().unwrap());
    swap(&place(&anna), &place(&bert));
    let (exit, document) = two.run("anna", &["sync"]);
    assert_eq!(exit, 7, "{document}");
    let (exit, document) = two.run("anna", &["check", "--store", "store"]);
    assert_ne!(exit, 0, "{document}");
    swap(&place(&anna), &place(&bert));
    two.done("anna", &["check", "--read-data"]);
}

#[test]
fn sealed_objects_go_only_to_regions_that_the_owner_allows() {
    let two = Two::new();
    two.add_store("anna");
    two.done("anna", &["sync"]);
    let told = two.done("anna", &["store", "regions", "eu-central-1", "home"]);
    assert_eq!(told["stores"][0]["allowed"], false, "{told}");
    std::fs::write(two.home.data.join("c"), "more").unwrap();
    two.done("anna", &["backup", two.home.data.to_str().unwrap()]);
    let before = files(&two.server.data).len();
    let (exit, document) = two.run("anna", &["sync"]);
    assert_eq!(exit, 6, "{document}");
    assert!(document.to_string().contains("which you do not allow"), "{document}");
    assert_eq!(files(&two.server.data).len(), before);
    let url = two.server.url("q");
    let keys = two.home.folder.path().join("keys").to_str().unwrap().to_owned();
    let ca = two.server.ca_file.to_str().unwrap().to_owned();
    let (exit, document) =
        two.run("anna", &["store", "add", &url, "--name", "other", "--credentials-file", &keys, "--ca-file", &ca]);
    assert!(exit == 2 && document.to_string().contains("which you do not allow"), "{exit}: {document}");
    // where it lies is the owner's word
    two.done("anna", &["store", "set", "store", "--region", "home"]);
    two.done("anna", &["sync"]);
    two.done("anna", &["store", "regions", "--any"]);
    two.done("anna", &["sync"]);
}
