//! What is packaged beside the program works with it: units start commands that there are, the hook takes what it is given,
//! every root in `certs/` is the one its header names.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::support::program::Home;
use printkeep::local::home::write_private;

fn packaging() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging"))
}

#[test]
fn every_unit_starts_a_command_that_there_is() {
    let home = Home::new();
    let mut seen = 0;
    for entry in fs::read_dir(packaging().join("systemd")).unwrap().flatten() {
        let (path, text) = (entry.path(), fs::read_to_string(entry.path()).unwrap());
        match path.extension().unwrap().to_str().unwrap() {
            "service" => {
                for start in text.lines().filter_map(|line| line.strip_prefix("ExecStart=")) {
                    let mut words = start.trim_start_matches('-').split(' ');
                    assert_eq!(words.next(), Some("printkeep"));
                    let args: Vec<&str> = words.chain(["--help"]).collect();
                    assert!(home.command(&args).output().unwrap().status.success(), "{start}");
                    seen += 1;
                }
            }
            "timer" => {
                assert!(text.contains("OnCalendar=") && text.contains("Persistent=true"));
                assert!(path.with_extension("service").exists(), "{}", path.display());
            }
            other => panic!("what is a .{other}?"),
        }
    }
    assert_eq!(seen, 4);
}

/// The quiet look that the timer makes tells the owner's program of a disk, a clock or a silence, and ends with 3.
#[test]
fn a_quiet_look_runs_the_hook_which_shows_the_problem() {
    let home = Home::new();
    home.done(&["setup"]);
    let bin = home.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let (shown, notify) = (home.folder.path().join("shown"), bin.join("notify-send"));
    fs::write(&notify, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" \"$DBUS_SESSION_BUS_ADDRESS\" >> {}\n", shown.display()))
        .unwrap();
    fs::set_permissions(&notify, fs::Permissions::from_mode(0o700)).unwrap();
    let hook = packaging().join("hooks/desktop");
    let settings = home.path.join("config.toml");
    let before = fs::read_to_string(&settings).unwrap_or_default();
    let after = format!("{before}\n[problems]\nhook = {:?}\n", hook.display().to_string());
    write_private(&settings, after.as_bytes()).unwrap();
    fs::create_dir(home.path.join("policies")).unwrap();
    fs::write(home.path.join("policies/in-force"), "nonsense").unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let look = || home.command(&["--quiet", "status"]).env("PATH", &path).output().unwrap();
    let first = look();
    assert!(first.stdout.is_empty(), "{}", String::from_utf8_lossy(&first.stdout));
    assert_eq!(look().status.code(), Some(3));
    let shown = fs::read_to_string(&shown).unwrap();
    assert_eq!(shown.matches("The policy in force cannot be read").count(), 1, "{shown}");
    assert!(shown.contains("--urgency\nnormal\n") && shown.contains("unix:path=/run/user/"), "{shown}");
    assert!(shown.contains("printkeep privacy policy install"), "what to do stands in it: {shown}");
}

/// Nonsense, or a notification that cannot be shown, is a failure that Printkeep tells of.
#[test]
fn a_hook_that_cannot_show_anything_fails() {
    let hook = packaging().join("hooks/desktop");
    let run = |input: &str| {
        let mut child =
            Command::new(&hook).env("PATH", "/usr/bin:/bin").stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait().unwrap().success()
    };
    assert!(!run("") && !run("[]") && !run("{}"));
}

/// None has run out, the table is true, and no private key lies there.
#[test]
fn roots_are_what_their_headers_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("certs");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!text.contains("PRIVATE KEY"), "{}", entry.path().display());
        if entry.path().extension().is_none_or(|e| e != "pem") {
            continue;
        }
        let field = |name: &str| text.lines().filter_map(move |l| l.strip_prefix(name)).map(str::to_owned).collect::<Vec<_>>();
        let (hashes, days) = (field("# SHA-256: "), field("# last day: "));
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!((hashes.len(), days.len()), (certificates.len(), certificates.len()));
        for ((certificate, hash), day) in certificates.iter().zip(&hashes).zip(&days) {
            let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
            assert_eq!(printkeep::core::name::hex(digest.as_ref()), *hash);
            assert!(table.contains(hash.as_str()) && table.contains(day.as_str()), "{hash} is not in the table");
            let today = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
            assert!(*day > today, "a root of {} has run out on {day}", entry.path().display());
            count += 1;
        }
    }
    assert!(count >= 20);
}
