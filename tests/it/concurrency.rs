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
use printkeep::engine::account::history::BegunBackup;
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

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn commands(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A table of `ARCHITECTURE.md`: its head, and each row as its cells.
fn table(beginning: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md")).unwrap();
    let lines: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with(beginning)).take_while(|l| l.starts_with('|')).collect();
    (cells(lines[0]), lines[2..].iter().map(|line| cells(line)).collect())
}

/// What goes on together: the kinds of work at its head, and for each row its commands and what becomes of them beside each.
fn matrix() -> (Vec<String>, Vec<Row>) {
    let (head, rows) = table("| asked while");
    (head[1..].to_vec(), rows.iter().map(|row| (commands(&row[0]), row[1..].to_vec())).collect())
}

/// What each request takes, by its name.
fn locks() -> Vec<(String, String)> {
    let (_, rows) = table("| takes |");
    rows.iter().flat_map(|row| commands(&row[1]).into_iter().map(|name| (name, row[0].clone()))).collect()
}

/// Every request that can be made, by its name.
fn requests() -> Vec<String> {
    let schema = serde_json::to_value(schemars::schema_for!(printkeep::app::request::Request)).unwrap();
    let name = |one: &serde_json::Value| one["properties"]["command"]["const"].as_str().unwrap().to_owned();
    schema["oneOf"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn every_request_stands_in_one_row_of_what_is_taken() {
    let mut named: Vec<String> = locks().into_iter().map(|(name, _)| name).collect();
    let mut requests = requests();
    named.sort();
    requests.sort();
    assert_eq!(named, requests, "the table of ARCHITECTURE.md on the left");
}

#[test]
fn what_takes_the_same_goes_on_beside_the_same() {
    let locks: BTreeMap<String, String> = locks().into_iter().collect();
    let mut seen: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    let (_, rows) = matrix();
    for (commands, cells) in &rows {
        for command in commands {
            // with another option it may take something else, which is said below the table
            let Some(lock) = locks.get(command) else {
                assert!(command.contains(" --"), "{command} is no request");
                continue;
            };
            assert_eq!(seen.entry(lock).or_insert_with(|| cells.clone()), cells, "{command} takes {lock}");
        }
    }
    let untried: Vec<_> = locks.values().filter(|lock| !seen.contains_key(lock)).collect();
    assert_eq!(untried, ["follow"], "no command of theirs is tried; to follow takes a second device");
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

/// What the commands of the table are about.
struct Tried {
    home: Home,
    url: String,
    device: String,
}

impl Tried {
    fn new() -> Self {
        let (home, store) = home();
        fs::write(home.folder.path().join("word"), crate::support::program::PASSPHRASE).unwrap();
        Self { url: format!("file://{}", store.display()), device: device(&home), home }
    }

    fn file(&self, name: &str) -> String {
        self.home.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// What a command of the table is called with.
    fn arguments(&self, command: &str) -> Vec<String> {
        let data = self.home.data.to_str().unwrap().to_owned();
        let more: Vec<String> = match command {
            "backup" | "source add" | "source remove" | "device inbox allow" => vec![data],
            "restore" => vec!["latest".into(), "--to".into(), self.file("to")],
            "ls" => vec!["latest".into()],
            "find" => vec!["*.jpg".into()],
            "find --snapshot" => vec!["latest".into(), "*.jpg".into()],
            "cat" => vec!["latest".into(), "data/1.jpg".into()],
            "diff" => vec!["1".into(), "latest".into()],
            "sync" => vec!["--store".into(), "nas".into()],
            "store test" | "store remove" | "store rights" => vec!["nas".into()],
            "store set" => vec!["nas".into(), "--url".into(), self.url.clone()],
            "store regions" => vec!["--any".into()],
            "rules set" => vec!["--keep-last".into(), "5".into()],
            "forget" | "forget --dry-run" => vec!["--keep-last".into(), "1".into()],
            "snapshots tag" | "snapshots untag" => vec!["latest".into(), "x".into()],
            "snapshots pin" | "snapshots unpin" => vec!["latest".into()],
            "privacy grant" => vec!["serial".into()],
            "privacy correct" => vec!["serial".into(), "x".into()],
            "privacy export" => vec!["--to".into(), self.file("all.tar")],
            "privacy erase --whole-account" => vec!["--here-only".into(), "--yes-erase".into(), "default".into()],
            "key passphrase" => vec!["--new-passphrase-file".into(), self.file("word")],
            "device rename" => vec![self.device.clone(), self.device.clone()],
            "device allow-delete" => vec![self.device.clone()],
            "device send cancel" => vec!["x".into()],
            _ => Vec::new(),
        };
        let command = command.replace("send cancel", "send --cancel");
        command.split(' ').map(str::to_owned).chain(more).collect()
    }

    /// Runs it; whoever gives a file on standard output has no document.
    fn run(&self, command: &str) -> (i32, serde_json::Value) {
        let arguments = self.arguments(command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if command == "cat" {
            let output = self.home.command(&arguments).output().unwrap();
            return (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into());
        }
        self.home.run(&arguments)
    }

    /// Whoever takes nothing that is worked on: beside each kind of work, with the file cache and the moments of the account held as well.
    fn is_in_nobodys_way(&self, commands: &[String], work: &str) {
        let account = account(&self.home);
        let moment = |what| work_lock::take_moment(&account, what, &Stop::never()).unwrap();
        let held = (hold(&self.home, work), ["journal", "index", "notes"].map(moment));
        let database = lock_file::take(&account.join("state.lock"), Duration::ZERO, &Stop::never()).unwrap();
        for command in commands {
            let (exit, document) = self.run(command);
            assert_eq!(exit, 0, "{command} beside {work}: {document}");
        }
        drop((held, database));
        let _ = fs::remove_dir_all(self.file("to"));
        let _ = fs::remove_file(self.file("all.tar"));
    }

    fn is_as_said(&self, command: &str, work: &str, cell: &str) {
        let (exit, document) = self.run(command);
        assert_eq!(exit == 8, cell == "busy", "{command} beside {work} is to be {cell}: {document}");
        if exit == 8 {
            assert!(document["error"]["hint"].as_str().unwrap().contains("--wait"), "{document}");
        }
        if command == "store remove" && exit == 0 {
            self.home.done(&["store", "add", &self.url, "--name", "nas"]);
        }
    }
}

#[test]
fn what_goes_on_together_is_as_the_table_says() {
    let tried = Tried::new();
    let (works, rows) = matrix();
    assert!(works.len() >= 8 && rows.len() >= 12, "{works:?} {rows:?}");
    for (commands, cells) in &rows {
        for (work, cell) in works.iter().zip(cells) {
            if cells.iter().all(|cell| cell == "together") {
                tried.is_in_nobodys_way(commands, work);
                continue;
            }
            if commands.iter().any(|command| command == "forget") {
                // so that there is something to forget
                tried.home.backup();
            }
            let held = hold(&tried.home, work);
            commands.iter().for_each(|command| tried.is_as_said(command, work, cell));
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
    home.run(&["backup", "/not/there"]);
    let listed = home.run(&["problems"]).1;
    let failed = listed["problems"].as_array().unwrap().iter().find(|one| one["kind"] == "backup-failed").unwrap();
    let number = failed["number"].to_string();
    read_only(&home.path);
    let before = contents(&home.path);
    for args in
        [&["ls"][..], &["find", "*.jpg"], &["diff", "1", "latest"], &["snapshots"], &["check", "--try-restore", "2"], &["status"]]
    {
        let (exit, document, told) = as_reader(&home, args);
        // that no backup can succeed there is a problem, which `status` tells
        assert_eq!(exit, if args == ["status"] { 3 } else { 0 }, "{args:?}: {document} {told}");
    }
    let (url, kit) = (format!("file://{}", home.folder.path().join("nas").display()), home.path.join("recovery-kit.txt"));
    open_to_all(&kit);
    let opened = std::process::Command::new("chmod").args(["-R", "a+rwX"]).arg(home.folder.path().join("nas")).status();
    assert!(opened.unwrap().success());
    let plan = ["rescue", &url, "--recovery-kit", kit.to_str().unwrap(), "--plan"];
    for args in [&["prune", "--dry-run"][..], &["store", "test", "nas"], &plan] {
        let (exit, document, told) = as_reader(&home, args);
        assert!(exit == 0 || args[0] == "store" && exit == 3, "{args:?}: {document} {told}");
        assert!(!format!("{document} {told}").contains("os error"), "{args:?}: {document} {told}");
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
    let (exit, document, _) = as_reader(&home, &["problems", "ack", &number]);
    assert_eq!((exit, &document["error"]["id"]), (1, &"problem-unkept".into()), "{document}");
    // a new machine's home, too
    let new = Home::new();
    std::fs::create_dir(&new.path).unwrap();
    read_only(new.folder.path());
    let (exit, document, told) = as_reader(&new, &["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap()]);
    let hint = document["error"]["hint"].as_str().unwrap();
    assert!(exit == 1 && hint.contains("--home") && !format!("{document} {told}").contains("os error"), "{document} {told}");
    assert!(!hint.contains("reading back"), "there is nothing to read back: {document}");
}

/// What a reader writes is what it met and that it read: whatever else lies in the home and in the stores is as it was.
/// A backup was begun, and its process is gone.
fn cut_short(home: &Home) {
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let begun = BegunBackup::of(Clock::SYSTEM.now(), child.id());
    let account = crate::support::problems::account(home);
    assert!(account.logs().remember(|history| history.begun = Some(begun)));
}

#[test]
fn who_reads_writes_nothing_but_its_logs() {
    let tried = Tried::new();
    let all = |tried: &Tried| {
        let mut found = contents(tried.home.folder.path());
        found.retain(|path, _| path.starts_with(b"home/") || path.starts_with(b"nas/"));
        found
    };
    let logs: [&[u8]; 2] = [b"home/accounts/default/audit/", b"home/accounts/default/problems"];
    let (_, rows) = matrix();
    let more = ["check --read-data", "check --read-data --store nas"].map(str::to_owned);
    let commands: Vec<&String> = rows[0].0.iter().chain(&more).collect();
    // then beside a backup that was begun and whose process is gone: reading tells it, and what is remembered of it stays
    for (at, command) in commands.iter().chain(&commands).enumerate() {
        let is_cut_short = at >= commands.len();
        if at == commands.len() {
            cut_short(&tried.home);
            fs::remove_dir_all(tried.file("to")).unwrap();
            fs::remove_file(tried.file("all.tar")).unwrap();
        }
        let mut before = all(&tried);
        let (exit, reply) = tried.run(command);
        assert!(exit == 0 || is_cut_short && exit == 3, "{command}: {exit} {reply}");
        let mut after = all(&tried);
        [&mut before, &mut after]
            .into_iter()
            .for_each(|found| found.retain(|path, _| !logs.iter().any(|log| path.starts_with(log))));
        let name = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
        let changed: Vec<String> =
            before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).map(|(path, _)| name(path)).collect();
        let new: Vec<String> = after.keys().filter(|path| !before.contains_key(*path)).map(|path| name(path)).collect();
        assert!(changed.is_empty() && new.is_empty(), "{command} changed {changed:?} and made {new:?}");
    }
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
    let locked = joining.folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    read_only(&locked);
    let (below, newest) = (locked.join("x"), format!("{}:latest", device(&home)));
    let refused = ["restore", &newest, "--to", below.to_str().unwrap(), "--recovery-kit", &kit];
    let (exit, document, _) = as_reader(&joining, &refused);
    let hint = document["error"]["hint"].as_str().unwrap_or_default();
    assert!(exit == 1 && hint.contains("--to") && !hint.contains("account"), "{exit} {document}");
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
