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

/// Kills a program at random moments of the time it takes. How long that is differs from machine to machine and from run to
/// run, so the window follows what is seen: a run that was over before its kill narrows it, one that was hit widens it.
struct Killer {
    window: Duration,
    seed: u64,
    hits: u64,
}

impl Killer {
    fn new(usual: Duration) -> Self {
        Self { window: usual, seed: 8, hits: 0 }
    }

    fn is_done(&self) -> bool {
        // a window that narrows ends at kills that cannot come too late, so this bound is met only when nothing can be hit
        assert!(self.seed < 8 + 20 * kills(), "only {} of {} runs were hit", self.hits, self.seed - 8);
        self.hits >= kills()
    }

    /// Starts the program and kills it; returns the number of the round.
    fn kill(&mut self, home: &Home, args: &[&str]) -> u64 {
        let round = self.seed;
        self.seed += 1;
        let share = f64::from(noise(round, 1)[0]) / 255.0;
        let started = Instant::now();
        let mut child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // the moment is the fault; nothing waits for it
        std::thread::sleep(self.window.mul_f64(share).saturating_sub(started.elapsed()));
        let running = child.try_wait().unwrap().is_none();
        let _ = child.kill();
        child.wait().unwrap();
        self.hits += u64::from(running);
        self.window = self.window.mul_f64(if running { 1.1 } else { 0.7 });
        round
    }
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
    let mut killer = Killer::new(usual);
    while !killer.is_done() {
        change(&home, killer.seed);
        let round = killer.kill(&home, &["backup", data]);
        let (exit, status) = home.run(&["verify", "--read-data"]);
        assert_eq!(exit, 0, "after kill {round}: {status}");
        if round.is_multiple_of(4) {
            home.backup();
            assert_eq!(home.restored("latest"), contents(&home.data), "after kill {round}");
        }
    }
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_restore_killed_at_any_point_goes_on_and_leaves_no_rubbish() {
    let home = Home::new();
    (0..9).for_each(|round| change(&home, round));
    home.backup();
    let to = home.folder.path().join("out");
    let args = ["restore", "latest", "--to", to.to_str().unwrap()];
    let started = Instant::now();
    home.done(&args);
    let mut killer = Killer::new(started.elapsed());
    while !killer.is_done() {
        std::fs::remove_dir_all(&to).unwrap();
        let round = killer.kill(&home, &args);
        std::fs::create_dir_all(to.join("data")).unwrap();
        // whatever has its name already is whole
        let (whole, there) = (contents(&home.data), contents(&to.join("data")));
        let strangers: Vec<_> =
            there.iter().filter(|&(name, bytes)| whole.get(name) != Some(bytes)).map(|(name, _)| name).collect();
        assert!(strangers.iter().all(|name| name.starts_with(b".printkeep-")), "after kill {round}: {strangers:?}");
        let report = home.done(&args);
        let written = report["files"].as_u64().unwrap() + report["already"].as_u64().unwrap();
        assert_eq!(written, whole.len() as u64, "after kill {round}: {report}");
        assert_eq!(contents(&to.join("data")), whole, "after kill {round}");
    }
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
    let mut killer = Killer::new(usual);
    while !killer.is_done() {
        change(&home, killer.seed);
        home.backup();
        let round = killer.kill(&home, &["sync"]);
        // at any moment the store holds only snapshots that can be restored: whatever head is there, all it needs is there
        let (exit, document) = home.run(&["verify", "--store", "store", "--read-data"]);
        let problems = document["problems"].as_array().cloned().unwrap_or_default();
        // a head this device made and has not sent yet is missing there, which is true and no damage
        let others =
            problems.iter().filter(|p| !(p["object"].as_str().unwrap().starts_with("heads/") && p["reason"] == "missing"));
        assert_eq!(others.count(), 0, "after kill {round}: {exit} {document}");
    }
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
