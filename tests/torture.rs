//! Killed at random points, nothing that was reported as saved is lost, and the next run goes on.
//!
//! `PRINTKEEP_KILLS` says how often each program is killed; `tests/torture/run` uses 200.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "support/program.rs"]
mod program;
mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use program::{Home, contents, gcode, noise};
use support::S3Server;

fn kills() -> u64 {
    std::env::var("PRINTKEEP_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(15)
}

/// Starts the program, kills it after a part of the time it usually takes, and says whether it was still running.
fn killed(home: &Home, args: &[&str], usual: Duration, seed: u64) -> bool {
    let share = f64::from(noise(seed, 1)[0]) / 230.0;
    let started = Instant::now();
    let mut child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // the moment is the fault; nothing waits for it
    std::thread::sleep(usual.mul_f64(share).saturating_sub(started.elapsed()));
    let running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    running
}

fn change(home: &Home, round: u64) {
    std::fs::write(home.data.join(format!("{}.gcode", round % 5)), gcode(round, 20_000)).unwrap();
    std::fs::write(home.data.join(format!("{}.jpg", round % 7)), [b"\xff\xd8\xff".as_slice(), &noise(round, 3_000_000)].concat())
        .unwrap();
}

#[test]
fn a_backup_killed_at_any_point_loses_nothing() {
    let home = Home::new();
    (0..7).for_each(|round| change(&home, round));
    home.backup();
    change(&home, 7);
    let started = Instant::now();
    home.backup();
    let usual = started.elapsed();
    let data = home.data.to_str().unwrap();
    let mut fired = 0;
    for round in 8..8 + kills() {
        change(&home, round);
        fired += u64::from(killed(&home, &["backup", data], usual, round));
        let (exit, status) = home.run(&["verify", "--read-data"]);
        assert_eq!(exit, 0, "after kill {round}: {status}");
        if round % 4 == 0 {
            home.backup();
            assert_eq!(home.restored("latest"), contents(&home.data), "after kill {round}");
        }
    }
    assert!(fired * 2 > kills(), "only {fired} kills came before the end");
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_sync_killed_at_any_point_goes_on() {
    let server = S3Server::start();
    let home = Home::new();
    home.done(&["init"]);
    let credentials =
        support::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", support::ACCESS_KEY, support::SECRET_KEY));
    let (url, ca) = (server.url("torture"), server.ca_file.to_str().unwrap().to_owned());
    home.done(&["store", "add", &url, "--credentials-file", credentials.to_str().unwrap(), "--ca-file", &ca]);
    home.done(&["consent", "grant", "network"]);
    (0..3).for_each(|round| change(&home, round));
    home.backup();
    let started = Instant::now();
    home.done(&["sync"]);
    let usual = started.elapsed();
    let mut fired = 0;
    for round in 8..8 + kills() {
        change(&home, round);
        home.backup();
        fired += u64::from(killed(&home, &["sync"], usual, round));
        // at any moment the store holds only snapshots that can be restored: whatever head is there, all it needs is there
        let (exit, document) = home.run(&["verify", "--store", "store", "--read-data"]);
        let problems = document["problems"].as_array().cloned().unwrap_or_default();
        // a head this device made and has not sent yet is missing there, which is true and no damage
        let others =
            problems.iter().filter(|p| !(p["object"].as_str().unwrap().starts_with("heads/") && p["reason"] == "missing"));
        assert_eq!(others.count(), 0, "after kill {round}: {exit} {document}");
    }
    assert!(fired * 2 > kills(), "only {fired} kills came before the end");
    home.done(&["sync"]);
    home.done(&["verify", "--store", "store", "--read-data"]);
    let other = Home::new();
    let kit = home.path.join("recovery-kit.txt");
    let joined = [
        "init",
        "--join",
        &url,
        "--recovery-kit",
        kit.to_str().unwrap(),
        "--credentials-file",
        credentials.to_str().unwrap(),
        "--ca-file",
        &ca,
    ];
    other.done(&joined);
    let to = other.folder.path().join("out");
    other.done(&["restore", "latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()]);
    assert_eq!(contents(&to.join("data")), contents(&home.data));
}
