//! Stopping at any moment, from the first line of `main` on: a run ends as stopped or as it would have ended, and a stop is never told as another
//! fault, such as a kit that does not open or a file that is damaged.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use printkeep::core::name::ObjectName;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::account::{Account, AccountWriter};
use printkeep::engine::check::{doctor, verify};
use printkeep::engine::clock::Clock;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::chunk_reader::ChunkReader;
use printkeep::engine::repository::read_order::ReadOrder;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::repository::snapshot::Snapshot;
use printkeep::engine::repository::snapshots;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::{Cancel, EngineError};
use printkeep::local::os_random::SystemRandom;
use printkeep::local::recovery_kit::Kit;
use printkeep::local::work_lock::{Waiting, WorkKind};
use printkeep::provider::folder::Folder;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::job::JobTools;
use crate::support::meanwhile::Meanwhile;
use crate::support::program::{Home, document, noise};

/// A home with a snapshot, here and in a store.
fn home() -> Home {
    let home = Home::new();
    (0..8).for_each(|n| fs::write(home.data.join(format!("{n}.jpg")), noise(n, 200_000)).unwrap());
    home.backup();
    fs::create_dir(store(&home)).unwrap();
    home.done(&["store", "add", &url(&home), "--name", "nas"]);
    home.done(&["sync"]);
    home
}

fn store(home: &Home) -> std::path::PathBuf {
    home.folder.path().join("nas")
}

fn url(home: &Home) -> String {
    format!("file://{}", store(home).display())
}

fn kit(home: &Home) -> String {
    home.path.join("recovery-kit.txt").to_str().unwrap().to_owned()
}

/// Whether a process hears Ctrl-C, SIGTERM and SIGHUP; none where it is gone.
fn hears(id: u32) -> Option<bool> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
    let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
    Some([Signal::INT, Signal::TERM, Signal::HUP].iter().all(|signal| caught & 1 << (signal.as_raw() - 1) != 0))
}

/// Begins a command and waits until it hears signals. Before it does, it has no second thread, and has opened nothing of its owner's.
fn begin(mut command: Command) -> Child {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    loop {
        let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().count();
        match hears(id) {
            Some(false) => assert!(threads <= 1, "it began {threads} threads before it heard anything"),
            _ => return child,
        }
    }
}

/// Lets a process go on for a moment that is measured in no time.
fn some(turns: u32) {
    (0..turns).for_each(|_| std::thread::yield_now());
}

#[test]
fn whoever_stops_a_command_at_any_moment_sees_it_stopped_or_done() {
    let home = home();
    let to = home.folder.path().join("to");
    let blank = || Home::new();
    let (kit, url) = (kit(&home), url(&home));
    let commands: [&[&str]; 8] = [
        &["rescue", &url, "--recovery-kit", &kit, "--plan"],
        &["ls", "latest", "--recovery-kit", &kit],
        &["check", "--read-data", "--recovery-kit", &kit],
        &["check", "--store", "nas", "--try-restore", "4"],
        &["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", &kit],
        &["sync"],
        &["key", "list"],
        &["device", "rename", "x", "y", "--recovery-kit", &kit],
    ];
    for args in commands {
        let elsewhere = blank();
        let at = if args[0] == "rescue" { &elsewhere } else { &home };
        let (usual, _) = at.run(args);
        let mut stopped = 0;
        for moment in 0..14 {
            let mut command = at.command(args);
            command.arg("--json");
            let child = begin(command);
            some((1 << moment) - 1);
            // one that is done by then cannot be stopped
            let _ = kill_process(Pid::from_child(&child), [Signal::TERM, Signal::INT, Signal::HUP][moment % 3]);
            let output = child.wait_with_output().unwrap();
            let (exit, told) = (output.status.code(), document(&output));
            match exit {
                Some(130) if told["error"].is_object() => assert_eq!(told["error"]["id"], "stopped", "{args:?} {moment}: {told}"),
                Some(130) => {}
                exit => assert_eq!(exit, Some(usual), "{args:?} {moment}: {told}"),
            }
            stopped += u32::from(exit == Some(130));
        }
        assert!(stopped > 0, "{args:?}: none was stopped");
        let _ = fs::remove_dir_all(&to);
    }
    // whatever was stopped there, all is well
    home.done(&["sync"]);
    home.done(&["check", "--store", "nas", "--read-data", "--recovery-kit", &kit]);
    let open = home.run(&["problems"]).1;
    let is_kept = |problem: &&serde_json::Value| problem["number"].is_u64();
    assert_eq!(open["problems"].as_array().unwrap().iter().filter(is_kept).count(), 0, "{open}");
}

#[test]
fn a_command_that_is_stopped_before_it_began_says_the_one_line_that_every_stop_says() {
    let home = home();
    for args in [&["status"][..], &["ls"], &["backup"], &["rescue", "file:///nowhere", "--recovery-kit", "/nowhere", "--plan"]] {
        let child = begin(home.command(args));
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("Stopping")).collect();
        assert_eq!((output.status.code(), lines.first()), (Some(130), Some(&"printkeep: stopped")), "{args:?}: {said}");
    }
}

fn account(home: &Home) -> Account {
    let at = printkeep::local::home::Home::at(home.path.clone());
    let name = at.accounts().unwrap().remove(0);
    Account::open_read_only(&at, name, Clock::SYSTEM).unwrap()
}

/// The store, which is left at a stop as the first pack of it is asked for.
fn stopping(home: &Home, cancel: &Cancel) -> Remote {
    let (stop, folder) = (cancel.clone(), Folder::open(&store(home), account(home).id()).unwrap());
    let provider = Meanwhile::new(folder, |name| matches!(name, ObjectName::Pack(_)), move || stop.cancel());
    Remote::new("nas", Box::new(provider), &Runtime::new(cancel))
}

fn pack(home: &Home) -> std::path::PathBuf {
    home.vault().join(home.objects().into_iter().find(|name| name.starts_with("packs/")).unwrap())
}

fn is_stop<T>(done: Result<T, EngineError>) -> bool {
    done.is_err_and(|error| error.is_stop())
}

#[test]
fn what_a_store_does_not_give_because_of_a_stop_is_neither_missing_nor_damaged() {
    let home = home();
    let (_, secret) = Kit::parse(&fs::read_to_string(kit(&home)).unwrap()).unwrap();
    let (reading, cancel) = (account(&home), Cancel::default());
    let keyring = unlock(&reading, &Key::Kit(secret)).unwrap();
    // what lies here is damaged: that is what would be told of a store that was left
    fs::write(pack(&home), "no pack").unwrap();
    let chunk_index = ChunkIndex::open(&reading).unwrap();
    let remote = stopping(&home, &cancel);
    let reader = ChunkReader::new(&chunk_index, ReadOrder::with_stores(&reading, [&remote]), &keyring, reading.device.id);
    let newest = snapshots::choose(&reading, "latest").unwrap();
    assert!(is_stop(Snapshot::open(&reader, newest.head)));
    // a check that looks whether stores have what the vault lost
    fs::remove_file(pack(&home)).unwrap();
    let (cancel, none) = (Cancel::default(), std::collections::BTreeMap::new());
    let elsewhere = || {
        cancel.cancel();
        std::collections::BTreeMap::new()
    };
    let tools = JobTools::new(&cancel);
    let vault = Remote::vault(&reading, &Runtime::new(&cancel));
    let request = verify::Request { read_data: false, known: &none, keyring: None, store: false, elsewhere: &elsewhere };
    assert!(is_stop(verify::verify(&reading, &vault, &request, tools.job(&|_| {}))));
}

#[test]
fn a_repair_that_is_stopped_sets_nothing_aside_for_which_it_has_nothing_in_hand() {
    let home = home();
    fs::write(pack(&home), "no pack").unwrap();
    let at = printkeep::local::home::Home::at(home.path.clone());
    let (name, random, cancel) = (at.accounts().unwrap().remove(0), SystemRandom::new(), Cancel::default());
    let mut account = AccountWriter::open(&at, name, WorkKind::Repair, &Waiting::no(), (&random, Clock::SYSTEM)).unwrap();
    let (remote, tools) = (stopping(&home, &cancel), JobTools::new(&cancel));
    assert!(is_stop(doctor::doctor(&mut account, None, &[&remote], true, tools.job(&|_| {}))));
    assert!(Path::new(&pack(&home)).exists(), "what is damaged is still read where it is whole");
}
