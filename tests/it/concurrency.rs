//! Several processes on one home: what goes on together, what waits, what is busy; who reads is never in the way, and nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use printkeep::engine::account::AccountWriter;
use printkeep::engine::clock::Clock;
use printkeep::engine::profile::Profile;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull};
use printkeep::engine::{Cancel, Job};
use printkeep::local::lock_file;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::stop::Stop;
use printkeep::local::work_lock::{self, Held, Waiting, WorkKind};
use printkeep::provider::folder::Folder;

use crate::support::program::{Home, contents, noise};

/// A home with a backup and a folder for a store.
fn home() -> (Home, PathBuf) {
    let home = Home::new();
    for n in 0..3 {
        fs::write(home.data.join(format!("{n}.jpg")), noise(n, 200_000)).unwrap();
    }
    home.backup();
    let store = home.folder.path().join("nas");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["device", "allow-delete", &device(&home)]);
    home.done(&["sync"]);
    (home, store)
}

fn device(home: &Home) -> String {
    home.done(&["device", "list"])["devices"][0]["name"].as_str().unwrap().to_owned()
}

fn account(home: &Home) -> PathBuf {
    home.path.join("accounts/default")
}

/// The commands of a row, and what becomes of them beside each kind of work.
type Row = (Vec<String>, Vec<String>);

/// The table of `ARCHITECTURE.md`: the kinds of work at its head, and for each row its commands and what becomes of them beside each.
fn matrix() -> (Vec<String>, Vec<Row>) {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let lines: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("| asked while")).take_while(|l| l.starts_with('|')).collect();
    let head = cells(lines[0])[1..].to_vec();
    let commands = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = lines[2..].iter().map(|line| (commands(&cells(line)[0]), cells(line)[1..].to_vec())).collect();
    (head, rows)
}

/// What the process of a kind of work holds.
fn hold(home: &Home, work: &str) -> Vec<Held> {
    let (account, no) = (account(home), Waiting::no());
    let take = |work| work_lock::take(&account, work, &no).unwrap();
    match work {
        "backup" => vec![take(WorkKind::Backup)],
        "sync with the store" => vec![take(WorkKind::Sync), work_lock::take_store(&account, "nas", WorkKind::Sync, &no).unwrap()],
        "prune" => vec![take(WorkKind::Prune), work_lock::take_store(&account, "nas", WorkKind::Prune, &no).unwrap()],
        "check --repair" => vec![take(WorkKind::Repair)],
        "keys, devices" => vec![take(WorkKind::Keys)],
        "inbox" => vec![take(WorkKind::Inbox)],
        "follow" => vec![take(WorkKind::Follow)],
        "erasing" => vec![take(WorkKind::Whole)],
        other => panic!("the table names {other:?}"),
    }
}

/// What a command of the table is called with.
fn arguments<'a>(command: &'a str, data: &'a str, to: &'a str) -> Vec<&'a str> {
    match command {
        "backup" => vec!["backup", data],
        "restore" => vec!["restore", "latest", "--to", to],
        "ls" => vec!["ls", "latest"],
        "find" => vec!["find", "*.jpg"],
        "diff" => vec!["diff", "1", "latest"],
        "store remove" => vec!["store", "remove", "nas"],
        "forget --dry-run" => vec!["forget", "--keep-last", "1", "--dry-run"],
        "privacy grant" => vec!["privacy", "grant", "serial"],
        "erase" => vec!["privacy", "erase", "--whole-account", "--here-only", "--yes-erase", "default"],
        "privacy erase" => vec!["privacy", "erase", "--whole-account", "--here-only", "--yes-erase", "default"],
        plain => plain.split(' ').collect(),
    }
}

#[test]
fn what_goes_on_together_is_as_the_table_says() {
    let (home, store) = home();
    let url = format!("file://{}", store.display());
    let (data, to) = (home.data.to_str().unwrap(), home.folder.path().join("to"));
    let (works, rows) = matrix();
    assert!(works.len() >= 8 && rows.len() >= 5, "{works:?} {rows:?}");
    let is_busy = |command: &str| {
        let (exit, document) = home.run(&arguments(command, data, to.to_str().unwrap()));
        if exit == 8 {
            assert!(document["error"]["hint"].as_str().unwrap().contains("--wait"), "{document}");
        }
        if command == "store remove" && exit == 0 {
            home.done(&["store", "add", &url, "--name", "nas"]);
        }
        (exit == 8, document)
    };
    for (commands, cells) in &rows {
        if cells.iter().all(|cell| cell == "together") {
            // whoever reads takes nothing: everything at once is held, and the file cache and the journal with it
            let held: Vec<_> = works
                .iter()
                .filter(|work| !["erasing", "check --repair", "prune"].contains(&work.as_str()))
                .map(|work| hold(&home, work))
                .collect();
            let moments =
                ["journal", "index", "notes"].map(|what| work_lock::take_moment(&account(&home), what, &Stop::never()).unwrap());
            let database = lock_file::take(&account(&home).join("state.lock"), Duration::ZERO, &Stop::never()).unwrap();
            for command in commands {
                let (exit, document) = home.run(&arguments(command, data, to.to_str().unwrap()));
                assert_eq!(exit, 0, "{command}: {document}");
            }
            drop((held, moments, database));
            continue;
        }
        for (work, cell) in works.iter().zip(cells) {
            let held = hold(&home, work);
            for command in commands {
                let (busy, document) = is_busy(command);
                assert_eq!(busy, cell == "busy", "{command} beside {work} is to be {cell}: {document}");
            }
            drop(held);
        }
    }
}

#[test]
fn who_is_busy_is_told_who_works_since_when_and_who_waits_gets_its_turn() {
    let (home, _) = home();
    let held = hold(&home, "backup");
    let (exit, document) = home.run(&["backup", home.data.to_str().unwrap()]);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!(exit, 8);
    assert!(message.contains("backup, since") && message.contains(&format!("process {}", std::process::id())), "{message}");
    let (exit, _) = home.run(&["backup", "--wait=1s", home.data.to_str().unwrap()]);
    assert_eq!(exit, 8, "it waits no longer than it was told");
    let mut child = home.command(&["--wait", "backup", home.data.to_str().unwrap()]).stderr(Stdio::piped()).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok).find(|line| line.contains("Waiting"));
    assert!(told.unwrap().contains("backup, since"));
    drop(held);
    assert!(child.wait().unwrap().success());
}

/// A store on the network that takes the connection and says nothing; `met` hears of it.
fn stalled(home: &Home) -> (Child, mpsc::Receiver<std::net::TcpStream>) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("s3://bucket/p?endpoint=http://{}&region=x", server.local_addr().unwrap());
    let login = home.folder.path().join("login");
    fs::write(&login, "ACCESS\nSECRETSECRET\n").unwrap();
    home.done(&["privacy", "grant", "network"]);
    home.done(&["store", "add", &url, "--name", "slow", "--credentials-file", login.to_str().unwrap(), "--system-roots"]);
    let (meet, met) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = server.accept() {
            if meet.send(stream).is_err() {
                return;
            }
        }
    });
    let child = home.command(&["sync", "--store", "slow"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    (child, met)
}

/// Faults of long standing: a first upload takes days, and backups went wanting for as long.
#[test]
fn a_backup_and_whoever_reads_go_on_beside_a_sync_that_waits_for_a_slow_link() {
    let (home, store) = home();
    let (mut slow, met) = stalled(&home);
    let _stream = met.recv().unwrap();
    let (exit, document) = home.run(&["sync", "--store", "slow"]);
    assert_eq!(exit, 8, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("sync with slow"), "{document}");
    fs::write(home.data.join("new.jpg"), noise(9, 200_000)).unwrap();
    assert_eq!(home.backup()["snapshot"], 2);
    assert!(slow.try_wait().unwrap().is_none(), "it waits still");
    assert_eq!(home.restored("latest"), contents(&home.data));
    for args in [
        &["ls"][..],
        &["find", "*.jpg"],
        &["check", "--try-restore", "2"],
        &["check", "--read-data"],
        &["status"],
        &["forget", "--keep-last", "1", "--dry-run"],
    ] {
        home.done(args);
    }
    home.done(&["sync", "--store", "nas"]);
    home.done(&["device", "rename", &device(&home), "renamed", "--offline"]);
    slow.kill().unwrap();
    slow.wait().unwrap();
    // what was backed up beside it went to the other store whole
    fs::remove_dir_all(home.vault().join("packs")).unwrap();
    assert!(store.is_dir());
    assert_eq!(home.restored("latest"), contents(&home.data));
}

/// Small changes, backups and syncs by many processes at once, some of them killed in the middle: what was acknowledged is there.
#[test]
fn what_killed_and_crowded_processes_acknowledged_is_kept() {
    let (home, _) = home();
    let mut acknowledged: BTreeMap<String, bool> = BTreeMap::new();
    for round in 0..6u64 {
        let mut running: Vec<(String, Child)> = Vec::new();
        for n in 0..3 {
            let tag = format!("r{round}n{n}");
            let start = |args: &[&str]| home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            running.push((tag.clone(), start(&["snapshots", "tag", "1", &tag])));
            running.push((String::new(), start(&["privacy", if n % 2 == 0 { "grant" } else { "withdraw" }, "serial"])));
        }
        fs::write(home.data.join(format!("{round}.gcode")), noise(round + 50, 50_000)).unwrap();
        running.push((
            String::new(),
            home.command(&["--wait", "backup", home.data.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap(),
        ));
        running.push((String::new(), home.command(&["--wait", "sync"]).stdout(Stdio::null()).spawn().unwrap()));
        for (n, (tag, child)) in running.iter_mut().enumerate() {
            if (n as u64 + round).is_multiple_of(3) {
                std::thread::sleep(Duration::from_millis(u64::from(noise(round * 10 + n as u64, 1)[0])));
                child.kill().unwrap();
            }
            let done = child.wait().unwrap().success();
            if !tag.is_empty() {
                acknowledged.insert(tag.clone(), done);
            }
        }
    }
    let snapshots = home.done(&["snapshots"]);
    let tags: Vec<&str> = snapshots["snapshots"][0]["tags"].as_array().unwrap().iter().filter_map(|tag| tag.as_str()).collect();
    for (tag, _) in acknowledged.iter().filter(|(_, done)| **done) {
        assert!(tags.contains(&tag.as_str()), "{tag} is gone from {tags:?}");
    }
    assert!(acknowledged.values().any(|done| *done));
    assert_ne!(home.done(&["privacy", "history"])["entries"].as_array().unwrap().len(), 0);
    home.done(&["privacy", "log", "verify"]);
    home.backup();
    home.done(&["sync"]);
    home.done(&["check", "--read-data"]);
    home.done(&["check", "--read-data", "--store", "nas"]);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

/// Nobody may write: another user's home where this process is root, else one without the right to write.
fn read_only(folder: &std::path::Path) {
    fn each(path: &std::path::Path) {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o555 } else { 0o444 };
        if path.is_dir() {
            fs::read_dir(path).unwrap().flatten().for_each(|entry| each(&entry.path()));
        }
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    each(folder);
}

/// A command as a user who may not write to the home, which root may everywhere.
fn as_reader(home: &Home, args: &[&str]) -> (i32, serde_json::Value, String) {
    use std::os::unix::process::CommandExt;
    let mut command = home.command(args);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    let output = command.arg("--json").output().unwrap();
    let document = crate::support::program::document(&output);
    (output.status.code().unwrap_or(-1), document, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn open_to_all(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
}

/// The usual death of a card is that it can only be read: that is when its owner needs what is on it.
#[test]
fn a_home_that_cannot_be_written_to_is_read() {
    let (home, _) = home();
    open_to_all(home.folder.path());
    let to = tempfile::tempdir().unwrap();
    open_to_all(to.path());
    read_only(&home.path);
    let before = contents(&home.path);
    for args in
        [&["ls"][..], &["find", "*.jpg"], &["diff", "1", "latest"], &["snapshots"], &["check", "--try-restore", "2"], &["status"]]
    {
        let (exit, document, told) = as_reader(&home, args);
        // that no backup can succeed there is a problem, which `status` tells
        assert_eq!(exit, if args == ["status"] { 3 } else { 0 }, "{args:?}: {document} {told}");
    }
    let below = to.path().join("back");
    let (exit, document, told) = as_reader(&home, &["restore", "latest", "--to", below.to_str().unwrap()]);
    assert_eq!(exit, 0, "{document} {told}");
    assert!(document["unwritten"].to_string().contains("audit-unwritten"), "{document} {told}");
    assert_eq!(contents(&below.join("data")), contents(&home.data));
    assert_eq!(contents(&home.path), before);
    // and what must write says why it cannot
    let (exit, document, _) = as_reader(&home, &["backup", home.data.to_str().unwrap()]);
    assert_eq!(exit, 1, "{document}");
}

/// A new machine reads what lies on a disk that may only be read, and is told that nobody else knows of it yet.
#[test]
fn a_store_that_cannot_be_written_to_is_joined_and_rescued_from() {
    let (home, store) = home();
    let kit = home.folder.path().join("kit.txt");
    fs::copy(home.path.join("recovery-kit.txt"), &kit).unwrap();
    open_to_all(home.folder.path());
    open_to_all(&kit);
    read_only(&store);
    let before = contents(&store);
    let (url, kit) = (format!("file://{}", store.display()), kit.to_str().unwrap().to_owned());
    let (joining, rescued) = (Home::new(), Home::new());
    [&joining, &rescued].iter().for_each(|home| open_to_all(home.folder.path()));
    let (exit, document, told) = as_reader(&joining, &["setup", "--join", &url, "--recovery-kit", &kit]);
    assert_eq!(exit, 0, "{document} {told}");
    assert!(document["pending"].to_string().contains("may not be written"), "{document}");
    let to = joining.folder.path().join("to");
    let back = ["restore", &format!("{}:latest", device(&home)), "--to", to.to_str().unwrap(), "--recovery-kit", &kit];
    let (exit, document, told) = as_reader(&joining, &back);
    assert_eq!(exit, 0, "{document} {told}");
    assert_eq!(contents(&to.join("data")), contents(&home.data));
    let root = rescued.folder.path().join("root");
    let rescue = ["rescue", &url, "--recovery-kit", &kit, "--root", root.to_str().unwrap(), "--yes"];
    let (exit, document, told) = as_reader(&rescued, &rescue);
    assert_eq!(exit, 0, "{document} {told}");
    assert_eq!(contents(&store), before);
    // once it can be written to, a sync makes the new machine known
    let write = |path: &std::path::Path| open_to_all(path);
    fn each(path: &std::path::Path, f: &dyn Fn(&std::path::Path)) {
        f(path);
        if path.is_dir() {
            fs::read_dir(path).unwrap().flatten().for_each(|entry| each(&entry.path(), f));
        }
    }
    each(&store, &write);
    let (exit, document, told) = as_reader(&joining, &["sync"]);
    assert_eq!(exit, 0, "{document} {told}");
    home.done(&["sync"]);
    assert_eq!(home.done(&["device", "list"])["devices"].as_array().unwrap().len(), 2);
}

/// The published index only saves readers time: one that is gone, cut, damaged in any place, or old is no hindrance.
#[test]
fn what_is_wrong_with_the_published_index_keeps_nobody_from_reading() {
    let home = Home::new();
    let published = account(&home).join("index.sealed");
    let write =
        |n: u64| (0..60).for_each(|file| fs::write(home.data.join(format!("{file}.gcode")), noise(n * 100 + file, 900)).unwrap());
    write(1);
    home.backup();
    let old = fs::read(&published).unwrap();
    assert!(old.len() > 2000, "sixty files and what lists them");
    for n in 2..4 {
        write(n);
        home.backup();
    }
    let good = fs::read(&published).unwrap();
    let whole = contents(&home.data);
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let wrong = [
        Vec::new(),
        b"nonsense".to_vec(),
        old,
        good[..good.len() - 9].to_vec(),
        changed(2),
        changed(20),
        changed(600),
        changed(good.len() - 50),
    ];
    for (n, bytes) in wrong.iter().enumerate() {
        fs::write(&published, bytes).unwrap();
        assert!(home.restored("latest") == whole, "{n}");
        home.done(&["ls", "1"]);
    }
    fs::remove_file(&published).unwrap();
    assert!(home.restored("latest") == whole);
    // and whoever writes puts a good one in its place
    fs::write(&published, changed(600)).unwrap();
    write(4);
    let report = home.backup();
    assert_eq!(report["read"], 60, "{report}");
    assert!(home.restored("latest") == contents(&home.data));
    assert!(home.restored("1").len() == 60);
}

/// A prune that began before another process backed up and sent: what the store shows in this device's name is its own.
#[test]
fn what_another_process_sent_meanwhile_is_no_lie_of_the_store() {
    let (home, store) = home();
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = at.accounts().unwrap().remove(0);
    let (random, cancel) = (SystemRandom::new(), Cancel::default());
    let mut early = AccountWriter::open(&at, name, WorkKind::Prune, &Waiting::no(), (&random, Clock::SYSTEM)).unwrap();
    let mut chunk_index = ChunkIndex::open(&early).unwrap();
    fs::write(home.data.join("new.jpg"), noise(9, 200_000)).unwrap();
    home.backup();
    home.done(&["sync"]);
    let (runtime, profile) = (Runtime::new(&cancel), Profile::pc());
    let folder = Folder::open(&store, early.id()).unwrap();
    let remote = Remote::new("nas", Box::new(folder), &runtime);
    let job =
        Job { random: &random, clock: Clock::SYSTEM, cancel: &cancel, on_event: &|_| {}, runtime: &runtime, profile: &profile };
    let report = sync::sync(&mut early, &mut chunk_index, &remote, Pull::Metadata, job).unwrap();
    assert_eq!(report.store_problems, []);
    assert_eq!(early.head.unwrap().0, 2);
}
