//! An account that is unlocked for a while: commands that read need no passphrase, and the keys leave memory when it is locked, idle, over
//! its time, or when the machine goes to sleep.

use std::io::Read;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::program::{Home, PASSPHRASE, contents, document, noise};
use printkeep::core::secret::SecretText;
use printkeep::engine::account::Account;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::clock::Clock;
use printkeep::engine::key_agent::{Ask, Client, state};
use printkeep::local::home;
use serde_json::Value;

/// A home with a passphrase, a snapshot, and no recovery kit left in it.
fn pc() -> Home {
    let home = Home::new();
    std::fs::write(home.folder.path().join("passphrase"), PASSPHRASE).unwrap();
    home.done(&["setup", "--passphrase-file", &passphrase(&home)]);
    std::fs::write(home.data.join("a.bin"), noise(1, 50_000)).unwrap();
    home.backup();
    std::fs::rename(home.path.join("recovery-kit.txt"), home.folder.path().join("kit")).unwrap();
    home
}

fn passphrase(home: &Home) -> String {
    home.folder.path().join("passphrase").to_str().unwrap().to_owned()
}

fn read_only(home: &Home) -> Account {
    let home = home::Home::at(home.path.clone());
    let name = home.accounts().unwrap().remove(0);
    Account::open_read_only(&home, name, Clock::SYSTEM).unwrap()
}

fn unlocked(home: &Home, more: &[&str]) -> Value {
    home.done(&[&["key", "unlock", "--passphrase-file", &passphrase(home)], more].concat())
}

/// Unlocks it from a shell that may leave cores behind, so that what it starts could, too.
fn unlocked_where_cores_may_be_left(home: &Home) -> Value {
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -Sc hard && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_printkeep"), "key", "unlock", "--json"]);
    command.args(["--passphrase-file", &passphrase(home)]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path);
    document(&command.output().unwrap())
}

/// Restores, and gives the exit code; what comes back is what was backed up.
fn restores(home: &Home) -> i32 {
    let to = tempfile::tempdir().unwrap();
    let (exit, _) = home.run(&["restore", "latest", "--to", to.path().to_str().unwrap()]);
    assert!(exit != 0 || contents(&to.path().join("data")) == contents(&home.data));
    exit
}

/// Waits until something holds, for as long as a slow machine may need.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} does not come");
        std::thread::yield_now();
    }
}

fn is_gone(process: &Value) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // one whose parent has not asked for its end yet is gone as well
    stat.is_empty() || stat.contains(") Z ")
}

/// How often bytes stand in a process's memory; none where only root may look.
fn in_memory(process: &Value, bytes: &[u8]) -> Option<usize> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let memory = std::fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let (mut found, mut looked) = (0, 0);
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut region = vec![0; usize::try_from(to - from).unwrap()];
        if memory.read_exact_at(&mut region, from).is_ok() {
            looked += region.len();
            found += region.windows(bytes.len()).filter(|window| *window == bytes).count();
        }
    }
    assert!(looked > 100_000, "{looked} bytes of memory were seen");
    Some(found)
}

#[test]
fn reading_needs_no_passphrase_until_it_is_locked() {
    let home = pc();
    assert_eq!(restores(&home), 4);
    assert_eq!(home.done(&["key", "accounts"])["accounts"][0]["unlocked"], false);
    assert_eq!(home.done(&["key", "lock"])["was_unlocked"], false);
    let state = unlocked(&home, &[]);
    assert_eq!((&state["unlocked"], &state["idle_seconds"]), (&true.into(), &900.into()), "{state}");
    assert_eq!(restores(&home), 0);
    home.done(&["check", "--try-restore", "20"]);
    // what changes what opens the account still asks
    let new = home.folder.path().join("new");
    std::fs::write(&new, "five other quite unlikely words here").unwrap();
    assert_eq!(home.run(&["key", "passphrase", "--new-passphrase-file", new.to_str().unwrap()]).0, 4);
    assert_eq!(home.run(&["key", "unlock"]).0, 4, "and so does unlocking it for longer");
    assert_eq!(home.done(&["key", "accounts"])["accounts"][0]["unlocked"], true);
    assert_eq!(home.done(&["key", "lock"])["was_unlocked"], true);
    wait_for("the end of the process", || is_gone(&state["process"]));
    assert_eq!((restores(&home), home.path.join("accounts/default/unlocked.sock").exists()), (4, false));
    let log = home.done(&["privacy", "log", "show"]).to_string();
    for said in ["unlocked before", "kept unlocked", "\"locked\""] {
        assert!(log.contains(said), "{said}: {log}");
    }
}

#[test]
fn the_keys_leave_memory_before_it_says_that_it_is_locked() {
    let home = pc();
    let account = read_only(&home);
    let keyring = unlock(&account, &Key::Passphrase(SecretText::new(PASSPHRASE.into()))).unwrap();
    let seed = *keyring.signing().seed().expose();
    let state = unlocked_where_cores_may_be_left(&home);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", state["process"])).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "no core dump: {core}");
    assert_eq!(restores(&home), 0);
    let Some(before) = in_memory(&state["process"], &seed) else {
        println!("not run: only root may look into a process that leaves no dump");
        return;
    };
    assert_eq!(before, 1, "one copy, and it is found where it is");
    let mut client = Client::connect(&account).unwrap().unwrap();
    assert!(client.ask(Ask::Lock).unwrap().is_some());
    // it waits for this side to hang up
    assert_eq!(in_memory(&state["process"], &seed), Some(0));
    drop(client);
    wait_for("the end of the process", || is_gone(&state["process"]));
}

#[test]
fn it_locks_when_nothing_asks_and_when_its_time_is_over() {
    let home = pc();
    for (limits, why) in [(["--idle", "1s"], "locked: idle"), (["--for", "1s"], "locked: time over")] {
        let state = unlocked(&home, &limits);
        wait_for("the end of the process", || is_gone(&state["process"]));
        assert_eq!(restores(&home), 4);
        let log = home.done(&["privacy", "log", "show"]).to_string();
        assert!(log.contains(why), "{why}: {log}");
    }
    // to ask how it stands is no use of it
    let state = unlocked(&home, &["--idle", "2s"]);
    wait_for("the end of the process", || {
        let _ = printkeep::engine::key_agent::state(&read_only(&home));
        is_gone(&state["process"])
    });
}

#[test]
fn new_secrets_lock_it_and_one_that_was_killed_is_locked() {
    let home = pc();
    let first = unlocked(&home, &[]);
    let second = unlocked(&home, &["--idle", "1h"]);
    wait_for("the end of the first", || is_gone(&first["process"]));
    assert_eq!((restores(&home), &second["idle_seconds"]), (0, &3600.into()));
    let new = home.folder.path().join("new");
    std::fs::write(&new, "five other quite unlikely words here").unwrap();
    let set = ["key", "passphrase", "--passphrase-file", &passphrase(&home), "--new-passphrase-file", new.to_str().unwrap()];
    home.done(&set);
    assert_eq!(restores(&home), 4);
    std::fs::copy(&new, passphrase(&home)).unwrap();
    let third = unlocked(&home, &[]);
    let killed = Command::new("kill").args(["-9", &third["process"].to_string()]).status().unwrap();
    assert!(killed.success());
    wait_for("the end of the process", || is_gone(&third["process"]));
    assert_eq!(restores(&home), 4, "what it left behind is no key");
    let fourth = unlocked(&home, &[]);
    assert_eq!(restores(&home), 0);
    let kit = home.folder.path().join("kit");
    home.done(&["key", "kit", "--yes", "--recovery-kit", kit.to_str().unwrap()]);
    wait_for("the end of the process", || is_gone(&fourth["process"]));
}

/// Whoever reaches the socket as another user gets nothing, even where the folders are open to all.
#[test]
fn another_user_is_not_answered() {
    use std::os::unix::fs::PermissionsExt;
    let home = pc();
    let state = unlocked(&home, &[]);
    let socket = home.path.join("accounts/default/unlocked.sock");
    let mut at: &std::path::Path = &socket;
    while at != home.folder.path().parent().unwrap() {
        // others may come to the socket and ask; a home that they may write to is none
        let mode = if at == socket { 0o777 } else { 0o711 };
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(mode)).unwrap();
        at = at.parent().unwrap();
    }
    let ask = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\ns.sendall(b'PKHD\\x01\\x01\\0\\0')\nprint(len(s.recv(100)))";
    let asked = |user: u32| {
        use std::os::unix::process::CommandExt;
        let output = Command::new("python3").args(["-c", ask, socket.to_str().unwrap()]).uid(user).output();
        output.map(|output| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    };
    let own = rustix::process::geteuid().as_raw();
    assert_ne!(asked(own).unwrap(), "0", "its own user is");
    match asked(65_534) {
        Ok(answer) => assert!(answer == "0" || answer.is_empty(), "{answer}"),
        Err(error) => println!("not run: cannot be another user: {error}"),
    }
    assert_eq!(restores(&home), 0, "and it goes on for its owner");
    home.done(&["key", "lock"]);
    wait_for("the end of the process", || is_gone(&state["process"]));
}

/// What asks and says nothing, or nonsense, keeps nobody from being answered.
#[test]
fn nonsense_and_silence_are_not_answered_and_hold_nobody_up() {
    use std::io::Write;
    let home = pc();
    unlocked(&home, &[]);
    let socket = home.path.join("accounts/default/unlocked.sock");
    let mut asks = Vec::new();
    for bytes in [&b""[..], b"PKHD", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 8]] {
        let mut stream = std::os::unix::net::UnixStream::connect(&socket).unwrap();
        stream.write_all(bytes).unwrap();
        asks.push(stream);
    }
    assert_eq!(restores(&home), 0);
    for mut stream in asks.drain(2..) {
        let mut answer = Vec::new();
        // it hangs up, whether politely or not
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty());
    }
    assert!(state(&read_only(&home)).unwrap().is_some());
    home.done(&["key", "lock"]);
}

/// A message bus of its own, ended with the test.
struct Bus {
    process: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Bus {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("unix:path={}", folder.path().join("bus").display());
        let args = ["--session", "--nofork", "--nopidfile", "--print-address=1", "--address", &address];
        let spawned = Command::new("dbus-daemon").args(args).stdout(Stdio::piped()).spawn();
        let mut process = spawned.ok()?;
        // it says its address once it waits there
        let mut said = [0; 10];
        process.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        Some(Self { process, address, _folder: folder })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What stands in for systemd-logind: gives out inhibitors, and tells of sleep.
struct Login {
    asked: Arc<Mutex<Vec<(String, String)>>>,
    given: Arc<Mutex<Option<std::io::PipeReader>>>,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Login {
    fn inhibit(&self, what: String, _who: String, _why: String, mode: String) -> zbus::zvariant::OwnedFd {
        let (reader, writer) = std::io::pipe().unwrap();
        self.asked.lock().unwrap().push((what, mode));
        *self.given.lock().unwrap() = Some(reader);
        std::os::fd::OwnedFd::from(writer).into()
    }
}

#[test]
fn it_locks_before_the_machine_sleeps_and_when_the_screen_is_locked() {
    let Some(bus) = Bus::start() else {
        println!("not run: there is no dbus-daemon");
        return;
    };
    let home = pc();
    let (asked, given) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(None)));
    let login = Login { asked: asked.clone(), given: given.clone() };
    let builder = zbus::blocking::connection::Builder::address(bus.address.as_str()).unwrap();
    let builder = builder.name("org.freedesktop.login1").unwrap().serve_at("/org/freedesktop/login1", login).unwrap();
    let connection = builder.build().unwrap();
    let unlock = || {
        let mut command = home.command(&["key", "unlock", "--json", "--passphrase-file", &passphrase(&home)]);
        let document = document(&command.env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address).output().unwrap());
        assert_eq!((&document["unlocked"], &document["hears_sleep"]), (&true.into(), &true.into()), "{document}");
        document["process"].clone()
    };
    let tell = |path: &str, interface: &str, member: &str, body: bool| {
        let to: Option<&str> = None;
        match member {
            "Lock" => connection.emit_signal(to, path, interface, member, &()).unwrap(),
            _ => connection.emit_signal(to, path, interface, member, &body).unwrap(),
        }
    };
    const MANAGER: &str = "org.freedesktop.login1.Manager";
    let process = unlock();
    assert_eq!(*asked.lock().unwrap(), [("sleep".to_owned(), "delay".to_owned())]);
    tell("/org/freedesktop/login1", MANAGER, "PrepareForSleep", false);
    assert_eq!(restores(&home), 0, "waking is no sleep");
    tell("/org/freedesktop/login1", MANAGER, "PrepareForSleep", true);
    // the machine may sleep once the other end of the pipe is closed
    let mut reader = given.lock().unwrap().take().unwrap();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert_eq!(restores(&home), 4);
    wait_for("the end of the process", || is_gone(&process));
    let process = unlock();
    tell("/org/freedesktop/login1/session/c1", "org.freedesktop.login1.Session", "Lock", true);
    wait_for("the end of the process", || is_gone(&process));
    assert_eq!(restores(&home), 4);
    let log = home.done(&["privacy", "log", "show"]).to_string();
    assert!(log.contains("locked: sleep") && log.contains("locked: screen"), "{log}");
}

/// A holder whose home was taken away holds nothing for anybody.
#[test]
fn it_locks_when_the_home_is_gone() {
    let home = pc();
    let state = unlocked(&home, &[]);
    std::fs::rename(&home.path, home.folder.path().join("elsewhere")).unwrap();
    wait_for("the end of the process", || is_gone(&state["process"]));
    assert!(!home.path.exists(), "and it leaves nothing behind");
}

/// A bus on another machine is never asked, and a home whose path no socket's address could hold is no hindrance.
#[test]
fn a_bus_elsewhere_is_not_asked_and_a_long_home_is_none_too_long() {
    let mut home = Home::new();
    home.path = home.folder.path().join("a-folder-with-a-long-name".repeat(6)).join("home");
    std::fs::create_dir_all(home.path.parent().unwrap()).unwrap();
    std::fs::write(home.folder.path().join("passphrase"), PASSPHRASE).unwrap();
    home.done(&["setup", "--passphrase-file", &passphrase(&home)]);
    std::fs::write(home.data.join("a.bin"), noise(1, 5_000)).unwrap();
    home.backup();
    std::fs::remove_file(home.path.join("recovery-kit.txt")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let bus = format!("tcp:host=127.0.0.1,port={}", listener.local_addr().unwrap().port());
    let mut command = home.command(&["key", "unlock", "--json", "--passphrase-file", &passphrase(&home)]);
    let document = document(&command.env("DBUS_SYSTEM_BUS_ADDRESS", &bus).output().unwrap());
    assert_eq!((&document["unlocked"], &document["hears_sleep"]), (&true.into(), &false.into()), "{document}");
    assert_eq!(restores(&home), 0);
    home.done(&["key", "lock"]);
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
