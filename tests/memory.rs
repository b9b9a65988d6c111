//! Memory stays flat whatever is backed up: many small files, one large one, on a PC and on a small printer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "support/program.rs"]
mod program;

use std::process::Stdio;

use program::{Home, noise};

/// The most memory of its own that the program is seen to hold while it runs, in KiB. Pages of its file, which differ between
/// builds and belong to the system, are left out.
fn peak(home: &Home, args: &[&str]) -> u64 {
    let mut child = home.command(args).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let own = text.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(own.unwrap_or(0));
    }
    assert!(child.wait().unwrap().success(), "{args:?}");
    assert!(most > 0, "it was over before it was looked at");
    most
}

#[test]
fn a_backup_takes_no_more_memory_for_more_files() {
    let home = Home::new();
    for n in 0..12_000u64 {
        let folder = home.data.join(format!("{:02}", n / 400));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{n:05}.cfg")), noise(n, 40)).unwrap();
    }
    std::fs::write(home.data.join("video.mp4"), noise(1, 100_000_000)).unwrap();
    for (profile, limit) in [("pc", 40), ("printer-small", 18)] {
        let fresh = Home::new();
        let data = home.data.to_str().unwrap();
        for run in ["first", "unchanged"] {
            let most = peak(&fresh, &["backup", data, "--profile", profile]);
            println!("{profile} {run}: {most} KiB");
            assert!(most <= limit * 1024, "{profile} {run}: {most} KiB");
        }
    }
}
