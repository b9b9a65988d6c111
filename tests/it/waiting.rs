//! What a command waits for: a lock, a pipe, standard output. Each wait has an end, SIGTERM ends every one of them, and what comes out is one
//! whole document.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use printkeep::local::lock_file;
use printkeep::local::stop::Stop;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::program::{Home, PASSPHRASE, document};

/// A command that was told to stop has ended by then.
const AT_ONCE: Duration = Duration::from_secs(2);
/// A slow machine's own time, beside that.
const SLACK: Duration = Duration::from_secs(3);
/// What ends by itself has ended by then.
const IN_THE_END: Duration = Duration::from_secs(60);

/// A home with a passphrase, a store and a snapshot, and no recovery kit in it.
fn home() -> Home {
    let home = Home::new();
    fs::write(passphrase(&home), PASSPHRASE).unwrap();
    home.done(&["setup", "--passphrase-file", passphrase(&home).to_str().unwrap()]);
    fs::write(home.data.join("a.gcode"), "G28\n").unwrap();
    let store = home.folder.path().join("nas");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    home.backup();
    home.done(&["sync"]);
    home
}

fn passphrase(home: &Home) -> PathBuf {
    home.folder.path().join("passphrase")
}

fn account(home: &Home) -> PathBuf {
    home.path.join("accounts/default")
}

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Begins a command that prints a document; its passphrase stands in the environment.
fn begin(home: &Home, args: &[&str]) -> Child {
    let mut command = home.command(args);
    command.arg("--json").env("PRINTKEEP_PASSPHRASE", PASSPHRASE);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Whether it ended within that time.
fn ends(child: &mut Child, within: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < within {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    false
}

/// Waits until a process has a file open, or reads one that was named.
fn is_at(child: &mut Child, path: &Path) {
    let path = path.canonicalize().unwrap();
    let id = child.id();
    let entries = |folder: &str| fs::read_dir(format!("/proc/{id}/{folder}")).into_iter().flatten().flatten();
    let is_open = || entries("fd").any(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == path));
    let is_reading = || {
        entries("task").any(|entry| fs::read_to_string(entry.path().join("comm")).is_ok_and(|name| name.trim() == "named file"))
    };
    let began = Instant::now();
    while !is_open() && !is_reading() {
        assert!(began.elapsed() < IN_THE_END, "it did not come to {}", path.display());
        assert!(child.try_wait().unwrap().is_none(), "it ended before it came to {}", path.display());
        std::thread::yield_now();
    }
}

/// Asks it to stop; gives its exit and document.
fn stopped(mut child: Child, what: &str) -> (i32, Value) {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(ends(&mut child, AT_ONCE + SLACK), "{what}: SIGTERM did not end it");
    ended(child)
}

fn ended(child: Child) -> (i32, Value) {
    let output: Output = child.wait_with_output().unwrap();
    (output.status.code().unwrap_or(-1), document(&output))
}

/// A process that hangs, or was stopped with Ctrl-Z, holds its locks for as long as it likes.
#[test]
fn a_lock_that_is_never_let_go_of_stops_no_reader_and_no_stop() {
    let home = home();
    let at = |name: &str| account(&home).join(name);
    let held: Vec<_> =
        [at("tries.lock"), at("audit/lock"), at("problems.lock"), at("locks/journal"), home.path.join("config.lock")]
            .into_iter()
            .map(|path| lock_file::take(&path, Duration::ZERO, &Stop::never()).unwrap())
            .collect();
    // who reads goes on by itself, and says what could not be written
    let mut reader = begin(&home, &["ls"]);
    assert!(ends(&mut reader, IN_THE_END), "a reader waits for ever");
    let (exit, document) = ended(reader);
    assert_eq!(exit, 0, "{document}");
    // what is taken back is taken back now
    let mut withdrawal = begin(&home, &["privacy", "withdraw", "serial"]);
    assert!(ends(&mut withdrawal, IN_THE_END));
    let (exit, document) = ended(withdrawal);
    assert_eq!((exit, &document["left"][0]), (0, &"device.serial".into()), "{document}");
    drop(held);
    // each wait by itself, so that nothing else is waited for on the way to it
    let to = home.folder.path().join("to");
    for (args, lock) in [
        (&["ls"][..], at("tries.lock")),
        (&["restore", "latest", "--to", to.to_str().unwrap()], at("tries.lock")),
        (&["backup"], at("locks/journal")),
        (&["snapshots", "tag", "1", "x"], at("locks/journal")),
        (&["source", "add", "/etc"], home.path.join("config.lock")),
    ] {
        let _held = lock_file::take(&lock, Duration::ZERO, &Stop::never()).unwrap();
        let mut child = begin(&home, args);
        is_at(&mut child, &lock);
        let (exit, document) = stopped(child, &format!("{args:?}"));
        assert_eq!((exit, &document["exit"]), (130, &130.into()), "{args:?}: {document}");
    }
}

#[test]
fn wrong_passphrases_are_counted_beside_tries_that_go_on() {
    let home = home();
    let wrong = home.folder.path().join("wrong");
    fs::write(&wrong, "quite another passphrase").unwrap();
    let tried = |_| begin(&home, &["ls", "--passphrase-file", wrong.to_str().unwrap()]);
    let exits: Vec<(i32, Value)> = (0..6).map(tried).collect::<Vec<_>>().into_iter().map(ended).collect();
    let wrong = exits.iter().filter(|(_, document)| document["error"]["id"] == "passphrase-wrong").count();
    let refused = exits.iter().filter(|(_, document)| document["error"]["id"] == "passphrase-wait").count();
    assert_eq!(wrong + refused, 6, "{exits:?}");
    assert!(wrong <= 4 && refused >= 2, "three are free, however many try at once: {exits:?}");
}

#[test]
fn right_passphrases_at_once_do_not_count_against_one_another() {
    let home = home();
    let readers: Vec<Child> = (0..8).map(|_| begin(&home, &["ls"])).collect();
    for (exit, document) in readers.into_iter().map(ended) {
        assert_eq!(exit, 0, "{document}");
    }
}

/// Whoever may write to the home can put a pipe where a file should be; a broken disk puts worse there.
#[test]
fn a_pipe_in_the_place_of_a_file_of_the_home_is_waited_for_by_nobody() {
    let home = home();
    fs::write(home.path.join("recovery-kit.txt"), "").unwrap();
    let named = [
        "account.journal",
        "device.key",
        "index.sealed",
        "audit/1.journal",
        "audit/lock",
        "audit/newest",
        "listings/nas.disk",
        "listings/nas.sealed",
        "locks/account",
        "locks/backup",
        "locks/journal",
        "locks/store-nas",
        "locks/vault",
        "state.lock",
        "state/conf",
        "state/db",
        "tries",
        "tries.lock",
        "tries.running",
        "problems",
        "problems.lock",
        "withdrawn",
    ];
    let files: Vec<PathBuf> = named.iter().map(|name| account(&home).join(name)).collect();
    let mut files: Vec<PathBuf> =
        files.into_iter().chain(["config.toml", "config.lock", "recovery-kit.txt"].map(|n| home.path.join(n))).collect();
    files.retain(|path| path.parent().unwrap().is_dir());
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let aside = home.folder.path().join("aside");
        let was = fs::rename(&path, &aside).is_ok();
        pipe(&path);
        // two that read, one that writes, one that changes the settings: between them they open everything
        let args: [&[&str]; 4] = [&["status"], &["ls"], &["backup"], &["source", "add", "/etc"]];
        let running = args.map(|args| (args, begin(&home, args)));
        for (args, mut child) in running {
            assert!(ends(&mut child, IN_THE_END), "{}: {args:?} waits for ever", path.display());
            ended(child);
        }
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
        if was {
            fs::rename(&aside, &path).unwrap();
        }
    }
}

#[test]
fn a_pipe_that_is_named_is_read_and_waited_for_until_a_stop() {
    let home = home();
    let named = home.folder.path().join("pipe");
    pipe(&named);
    let name = named.to_str().unwrap();
    let url = "s3://bucket/p?endpoint=http://127.0.0.1:9&region=x";
    for args in [
        &["ls", "--passphrase-file", name][..],
        &["ls", "--recovery-kit", name],
        &["key", "passphrase", "--new-passphrase-file", name],
        &["key", "kit", "--test", name],
        &["store", "add", url, "--name", "s", "--credentials-file", name, "--system-roots"],
        &["privacy", "policy", "install", name],
        &["privacy", "consent-record", "check", name],
        &["setup", "--enroll", "127.0.0.1:9", "--code-file", name, "--account", "other"],
    ] {
        let mut child = begin(&home, args);
        is_at(&mut child, &named);
        let (exit, document) = stopped(child, &format!("{args:?}"));
        assert_eq!((exit, &document["exit"]), (130, &130.into()), "{args:?}: {document}");
    }
    // as `<(pass show printkeep)` gives it: it can be read once
    let mut child = home.command(&["ls", "--json", "--passphrase-file", name]);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    OpenOptions::new().write(true).open(&named).unwrap().write_all(PASSPHRASE.as_bytes()).unwrap();
    let (exit, document) = ended(child);
    assert_eq!(exit, 0, "{document}");
}

/// What an owner has at a path is the owner's.
#[test]
fn what_is_written_out_takes_no_place_of_another_file() {
    let home = home();
    let (file, link) = (home.folder.path().join("mine"), home.folder.path().join("link"));
    fs::write(&file, "mine").unwrap();
    std::os::unix::fs::symlink(home.folder.path().join("nowhere"), &link).unwrap();
    for there in [&file, &link] {
        let to = there.to_str().unwrap();
        for args in [
            &["privacy", "export", "--to", to][..],
            &["privacy", "log", "export", "--to", to],
            &["privacy", "consent-record", "export", "--to", to],
            &["problems", "export", "--to", to],
            &["key", "kit", "--to", to],
        ] {
            let (exit, document) = ended(begin(&home, args));
            assert_eq!((exit, &document["error"]["id"]), (2, &"file-taken".into()), "{args:?}: {document}");
        }
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert!(link.symlink_metadata().unwrap().is_symlink() && !home.folder.path().join("nowhere").exists());
    let pages = home.folder.path().join("pages");
    let man = || home.command(&["man", "--to", pages.to_str().unwrap()]).output().unwrap().status.code();
    assert_eq!((man(), man()), (Some(0), Some(2)));
}

#[test]
fn a_path_that_is_no_text_is_shown_in_a_whole_document() {
    let home = home();
    let odd = |name: &str| {
        std::ffi::OsStr::from_bytes(&[home.folder.path().as_os_str().as_bytes(), b"/", name.as_bytes(), b"\xff"].concat())
            .to_owned()
    };
    for (args, field) in [
        (&["privacy", "log", "export"][..], "file"),
        (&["privacy", "export"], "file"),
        (&["problems", "export"], "file"),
        (&["restore", "latest"], "to"),
    ] {
        let output = home
            .command(args)
            .arg("--json")
            .arg("--to")
            .arg(odd(&args.join(" ")))
            .env("PRINTKEEP_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap();
        let document = document(&output);
        assert_eq!(output.status.code(), Some(0), "{document}");
        assert!(document[field].as_str().is_some_and(|path| path.ends_with('\u{fffd}')), "{args:?}: {document}");
    }
}

#[test]
fn output_that_is_lost_is_told_by_the_exit() {
    let home = home();
    for args in [&["status", "--json"][..], &["status"], &["ls", "--json"], &["ls"], &["snapshots"], &["nothing", "--json"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = home.command(args);
        let output = command.env("PRINTKEEP_PASSPHRASE", PASSPHRASE).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"), "{args:?}");
    }
}

/// Programs read failures too: which command, what is wrong; and people are told of no command that is not for them.
#[test]
fn a_failure_says_what_was_asked_as_far_as_it_was_understood() {
    let home = Home::new();
    for (args, command, id) in [
        (&["store"][..], "store", "usage-missing-command"),
        (&["key"], "key", "usage-missing-command"),
        (&["--account", "backup", "privacy", "log", "nonsense"], "privacy log", "usage-unknown-command"),
        (&["backup", ""], "backup", "usage-no-value"),
        (&["restore", "latest", "--to", ""], "restore", "usage-no-value"),
        (&["backup", "--exclude"], "backup", "usage-no-value"),
        (&["nonsense"], "", "usage-unknown-command"),
    ] {
        let (exit, document) = home.run(args);
        assert_eq!(
            (exit, document["command"].as_str(), document["error"]["id"].as_str()),
            (2, Some(command), Some(id)),
            "{document}"
        );
        assert!(!document.to_string().contains("hold"), "{document}");
    }
    let output = home.command(&["find", "--json"]).arg(std::ffi::OsStr::from_bytes(b"o\xff")).output().unwrap();
    let document = document(&output);
    assert_eq!(
        (document["error"]["id"].as_str(), document["command"].as_str()),
        (Some("usage-not-utf8"), Some("find")),
        "{document}"
    );
}

/// A stop that comes before anything is done is heard: signals are listened for before the first thing that can be seen from outside.
#[test]
fn a_stop_is_heard_from_the_first_moment_on() {
    let home = Home::new();
    let unlimited = std::process::Command::new("sh").args(["-c", "ulimit -c unlimited && ulimit -c"]).output().unwrap();
    if unlimited.stdout != b"unlimited\n" {
        return println!("not run: this user may not have core files, by whose limit the program's first step is seen");
    }
    for _ in 0..20 {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -c unlimited; exec \"$0\" status", env!("CARGO_BIN_EXE_printkeep")]);
        shell.env_clear().env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path);
        let mut child = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let of = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let field = |text: &str, name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.split_whitespace().next().unwrap().to_owned())
        };
        loop {
            // the name first: the shell before it has limits of its own
            let (name, limits, status) = (of("comm"), of("limits"), of("status"));
            let Some(caught) = field(&status, "SigCgt:") else { break };
            let has_begun = name == "printkeep\n" && field(&limits, "Max core file size").is_some_and(|limit| limit == "0");
            if has_begun {
                let caught = u64::from_str_radix(&caught, 16).unwrap();
                assert_ne!(caught & 1 << 14, 0, "{status}");
                break;
            }
        }
        child.wait().unwrap();
    }
}
