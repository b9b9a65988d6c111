//! Several processes that write one folder at once, each in a PID namespace of its own where the system allows it, so that all of them
//! bear the same pid, as machines that boot alike do.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use printkeep::core::keys::Keyring;
use printkeep::core::name::{ObjectId, ObjectName};
use printkeep::core::random::{NoRandomness, Random};
use printkeep::core::seal::{self, Proved, To};
use printkeep::provider::ProviderError;
use printkeep::provider::folder::Folder;

use crate::support::program::{each_file, noise};
use crate::support::server::account;

const MEANT: &str = "PRINTKEEP_TEST_WRITER";
/// A folder is opened anew, and cleaned, every so many objects.
const A_RUN: usize = 25;

/// The same bytes for the same seed, so that several processes seal the same objects.
struct Seeded(u64, AtomicU64);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        out.copy_from_slice(&noise(self.0 << 32 | self.1.fetch_add(1, Ordering::Relaxed), out.len()));
        Ok(())
    }
}

/// Whose an object is.
enum Share {
    /// One writer's alone.
    Own(usize),
    /// Every writer has the same.
    Same,
    /// Every writer has another under the same name, which should never be.
    Contested,
}

fn share(number: usize, writers: usize) -> Share {
    match number % 10 {
        0 => Share::Same,
        1 => Share::Contested,
        _ => Share::Own(number % writers),
    }
}

fn object(keyring: &Keyring, number: usize, by: usize) -> Proved {
    let random = Seeded((number * 16 + by + 1) as u64, AtomicU64::new(0));
    let mut id = [0; 16];
    id[..8].copy_from_slice(&noise(number as u64, 8));
    let name = ObjectName::Pack(ObjectId::from_bytes(id));
    // sizes on both sides of a block of the disk
    seal::seal(&keyring.writer().unwrap(), name, To::Devices, &noise(by as u64, 100 + number * 37 % 9000), &random).unwrap()
}

/// The work of one process: puts what is its share, and writes down each receipt.
pub fn write() {
    let Ok(meant) = std::env::var(MEANT) else { return };
    let [folder, number, writers, together] = meant.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let (me, writers): (usize, usize) = (number.parse().unwrap(), writers.parse().unwrap());
    let keyring = Keyring::random(account(1), &Seeded(0, AtomicU64::new(0))).unwrap();
    let folder = Path::new(folder);
    let mut receipts = fs::File::create(folder.with_file_name(format!("receipts-{me}"))).unwrap();
    let mut place = Folder::create(folder, account(1)).unwrap();
    for number in 0..together.parse().unwrap() {
        if number % A_RUN == 0 {
            place = Folder::create(folder, account(1)).unwrap();
        }
        let (by, may_be_taken) = match share(number, writers) {
            Share::Own(writer) if writer != me => continue,
            Share::Own(_) => (me, false),
            Share::Same => (0, false),
            Share::Contested => (me, true),
        };
        let object = object(&keyring, number, by);
        match place.put_now(&object) {
            Ok(receipt) => writeln!(receipts, "{} {}", receipt.name(), object.hash()).unwrap(),
            Err(ProviderError::Taken) if may_be_taken => {}
            Err(error) => panic!("{number}: {error}"),
        }
    }
    writeln!(receipts, "pid {}", std::process::id()).unwrap();
}

/// What begins a command in a PID namespace of its own; nothing where the system allows none.
fn apart() -> &'static [&'static str] {
    const WAYS: [&[&str]; 2] = [&["unshare", "--pid", "--fork"], &["unshare", "--user", "--map-root-user", "--pid", "--fork"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new(way[0]).args(&way[1..]).arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    WAYS.iter().find(works).copied().unwrap_or_default()
}

fn start(way: &[&str], meant: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = [way, &[program.to_str().unwrap()]].concat();
    command.extend(["--exact", "foreign_folder::one_of_many_that_write", "--ignored", "--nocapture"]);
    Command::new(command[0]).args(&command[1..]).env(MEANT, meant).stdout(Stdio::null()).spawn().unwrap()
}

/// So many processes write so many objects together: each lies there whole, and every receipt is true.
pub fn write_together(writers: usize, together: usize) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("share");
    let way = apart();
    if way.is_empty() {
        println!("no PID namespaces here: the writers bear different pids");
    }
    let meant = |number| format!("{}\n{number}\n{writers}\n{together}", folder.display());
    let running: Vec<Child> = (0..writers).map(|number| start(way, &meant(number))).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    let place = Folder::open(&folder, account(1)).unwrap();
    let (mut told, mut pids) = (BTreeMap::new(), Vec::new());
    for number in 0..writers {
        for line in fs::read_to_string(root.path().join(format!("receipts-{number}"))).unwrap().lines() {
            match line.split_once(' ').unwrap() {
                ("pid", pid) => pids.push(pid.to_owned()),
                (name, hash) => {
                    let bytes = place.get_now(&ObjectName::parse(name).unwrap(), None).unwrap();
                    assert_eq!(seal::hash(&bytes).to_string(), hash, "{name}, of which writer {number} has a receipt");
                    told.insert(name.to_owned(), hash.to_owned());
                }
            }
        }
    }
    assert_eq!(told.len(), together, "every object was reported by somebody");
    assert!(way.is_empty() || pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    // and no draft is left over
    let mut files = 0;
    each_file(&folder, &mut |_| files += 1);
    assert_eq!(files, together);
}
