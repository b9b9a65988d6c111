//! A run of the program as it is seen from outside: how it ended, what it told, and what it took.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::program::Home;
use serde_json::Value;

/// What a run did and took.
pub struct Run {
    pub exit: i32,
    pub told: Value,
    /// The most memory of its own that it held, in KiB, without pages of its file.
    pub peak: u64,
    /// Bytes of what it told.
    pub bytes: u64,
}

/// Runs it with `--json`, looks how much memory that takes, and prints what it took.
pub fn run(home: &Home, args: &[&str], profile: &str) -> Run {
    let to = home.folder.path().join("told");
    let mut command = home.command(args);
    command.args(["--profile", profile, "--json"]).stdout(fs::File::create(&to).unwrap()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut all) = (0, 0);
    let exit = loop {
        if let Some(exit) = child.try_wait().unwrap() {
            break exit;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let of = |name: &str| -> u64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok());
            line.unwrap_or(0)
        };
        (peak, all) = (peak.max(of("RssAnon:")), all.max(of("VmHWM:")));
        // often enough to see what is held, and beside it the run goes on
        std::thread::sleep(Duration::from_millis(1));
    };
    let told = fs::read(&to).unwrap();
    let (bytes, seconds) = (told.len() as u64, begun.elapsed().as_secs_f32());
    println!(
        "{profile} {}: {peak} KiB of its own, {all} with its file, {seconds:.1} s, {bytes} bytes told",
        args[..args.len().min(2)].join(" ")
    );
    let told = serde_json::from_slice(&told).unwrap();
    Run { exit: exit.code().unwrap(), told, peak, bytes }
}

/// Bytes of all files below a folder.
pub fn size(folder: &std::path::Path) -> u64 {
    let mut sum = 0;
    crate::support::program::each_file(folder, &mut |path| sum += fs::symlink_metadata(path).map_or(0, |file| file.len()));
    sum
}
