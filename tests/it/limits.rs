//! Little room: memory stays flat whatever is backed up, on a PC and on a small printer, and a disk that is full is told.

use std::process::Stdio;
use std::sync::Mutex;

use crate::support::program::{Home, contents, document, noise};
use crate::support::server::{ACCESS_KEY, S3Server, SECRET_KEY, write};
use printkeep::app::prompt::Nobody;
use printkeep::app::{Cancel, Event, Request, Session, perform};
use printkeep::consent::Surface;

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

/// One file that fills more packs than a group is told of in several index objects, each far below what may stand in one.
#[test]
fn a_file_of_many_packs_is_told_of_in_several_index_objects() {
    let home = Home::new();
    std::fs::write(home.data.join("video.mp4"), noise(1, 150_000_000)).unwrap();
    home.done(&["backup", home.data.to_str().unwrap(), "--profile", "printer-small"]);
    let count = |folder: &str| home.objects().iter().filter(|name| name.starts_with(folder)).count();
    assert!(count("packs/") > 64 && count("index/") >= 3, "{} {}", count("packs/"), count("index/"));
    home.done(&["check", "--read-data"]);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

/// The backup ends with a clear message and leaves no rubbish, and the next one with room succeeds.
#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let home = Home::new();
    std::fs::write(home.data.join("first.jpg"), noise(1, 10_000)).unwrap();
    home.backup();
    let before = home.objects();
    for n in 0..9 {
        std::fs::write(home.data.join(format!("{n}.jpg")), noise(n, 1_500_000)).unwrap();
    }
    // no file may grow beyond 2 MB, and the program is told so instead of being killed
    let script = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" backup \"$1\" --json";
    let mut command = std::process::Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_printkeep"), home.data.to_str().unwrap()]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("PRINTKEEP_HOME", &home.path);
    let output = command.output().unwrap();
    let document = document(&output);
    assert_eq!(output.status.code(), Some(1), "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("vault is full"), "{document}");
    assert!(document["error"]["hint"].as_str().unwrap().contains("make room"), "{document}");
    assert_eq!(home.objects(), before, "rubbish stays behind");
    home.done(&["check", "--read-data"]);
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}

/// What is done on a disk of 12 MB that is wholly full: whoever frees room must write a little first, and others take what room there is.
const FULL_DISK: &str = r#"
mount -t tmpfs -o size=12m printkeep "$DISK" || exit 77
export PRINTKEEP_HOME="$DISK/home"
fill() { head -c 30000000 /dev/zero >> "$DISK/filler" 2> /dev/null; }
say() { "$PROGRAM" "$@" --json; }
say setup --device-name vm > /dev/null
head -c 1500000 /dev/urandom > "$DATA/stays.gcode"
for n in 1 2 3; do
    head -c 2000000 /dev/urandom > "$DATA/x.gcode"
    say backup "$DATA" > /dev/null || exit 1
done
fill
head -c 4000000 /dev/urandom > "$DATA/x.gcode"
say backup "$DATA"
say status
say device allow-delete vm
fill
say status
say forget 1 2
fill
say prune --grace 0d
fill
say prune --grace 0d
say check
stat -f -c '{"free": %a, "block": %S}' "$DISK"
"#;

/// On a full disk, what is advised works: it is measured as it is, snapshots are let go, and a prune frees their space.
#[test]
fn a_prune_frees_space_on_a_disk_that_is_wholly_full() {
    let home = Home::new();
    let disk = home.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "bash", "-c", FULL_DISK]);
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("HOME", home.folder.path());
    command.env("DISK", &disk).env("DATA", &home.data).env("PROGRAM", env!("CARGO_BIN_EXE_printkeep"));
    let Ok(output) = command.output() else { return };
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // a machine that mounts nothing for its users cannot try it
    if output.stdout.is_empty() && (output.status.code() == Some(77) || told.contains("unshare")) {
        return eprintln!("not tried: {told}");
    }
    let lines = String::from_utf8(output.stdout).unwrap();
    let said: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [backup, locked, _, open, forgotten, _, pruned, checked, free] = &said[..] else { panic!("{lines} {told}") };
    let disk = |status: &serde_json::Value| {
        let problems = status["problems"].as_array().unwrap_or_else(|| panic!("{status}")).iter();
        problems.clone().find(|problem| problem["kind"] == "disk").cloned().unwrap_or_else(|| panic!("{status}"))
    };
    assert!(backup["error"]["message"].to_string().contains("full"), "{backup}");
    for status in [locked, open] {
        assert_eq!((&status["free_bytes"], &disk(status)["known"]), (&0.into(), &0.into()), "as it is now: {status}");
    }
    assert!(disk(locked)["remedy"].to_string().contains("device allow-delete"), "{locked}");
    assert!(!disk(open)["remedy"].to_string().contains("allow-delete"), "{open}");
    assert_eq!(forgotten["forgotten"], 2, "{forgotten}");
    // what is half needed is written anew another day, when there is room for it
    assert_eq!(pruned["repacked"]["no_room"], 1, "{pruned}");
    assert!(pruned["removed"][0]["bytes"].as_u64() > Some(1_900_000), "{pruned}");
    assert_eq!(checked["snapshots"], 1, "{checked}");
    let bytes = free["free"].as_u64().unwrap() * free["block"].as_u64().unwrap();
    assert!(bytes > 1_500_000, "{free}");
}

/// Caches of the home may vanish: neither junk nor a folder in their place makes any command fail, and a repair writes them anew.
#[test]
fn damaged_caches_of_what_stores_hold_and_of_notes_stop_nothing() {
    let home = Home::new();
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    home.done(&["setup", "--device-name", "pc"]);
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "nas"]);
    home.done(&["device", "allow-delete", "pc"]);
    std::fs::write(home.data.join("a"), noise(1, 5_000)).unwrap();
    (0..2).for_each(|_| drop(home.backup()));
    home.done(&["forget", "1"]);
    home.done(&["sync"]);
    for cache in ["keep.sealed", "listings/nas.sealed", "listings/nas.disk"] {
        let path = home.path.join("accounts/default").join(cache);
        for folder in [false, true] {
            std::fs::remove_file(&path).unwrap();
            if folder {
                std::fs::create_dir_all(path.join("mine")).unwrap()
            } else {
                std::fs::write(&path, "junk").unwrap()
            }
            for args in [&["status"][..], &["sync"], &["prune"], &["check", "--repair"], &["check"]] {
                let (exit, document) = home.run(args);
                assert_eq!(exit, 0, "{cache} {folder} {args:?}: {document}");
            }
            assert!(path.is_file(), "{cache} was not written anew");
        }
        assert!(path.with_extension(format!("{}.set-aside", path.extension().unwrap().display())).join("mine").is_dir());
    }
}

/// Whoever watches a sync within a limit sees what really went out, little by little, and in the end exactly what was sent.
#[test]
fn a_sync_within_a_limit_is_counted_as_it_goes_out() {
    let (home, server) = (Home::new(), S3Server::start());
    home.done(&["setup", "--yes"]);
    std::fs::write(home.data.join("a.jpg"), noise(1, 400_000)).unwrap();
    home.backup();
    home.done(&["privacy", "grant", "network"]);
    let keys = write(&home.folder.path().join("keys"), &format!("{ACCESS_KEY}\n{SECRET_KEY}\n"));
    let (url, ca) = (server.url("p"), server.ca_file.to_str().unwrap());
    let args = ["store", "add", &url, "--credentials-file", keys.to_str().unwrap(), "--ca-file", ca, "--limit", "200 KB/s"];
    home.done(&args);
    let (counted, totals) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let take = |event| match event {
        Event::Bytes { bytes } => counted.lock().unwrap().push(bytes),
        Event::Total { bytes, .. } => totals.lock().unwrap().push(bytes),
        _ => {}
    };
    let session = Session::new(home.path.clone(), Surface::CommandLine);
    let request = Request::Sync(serde_json::from_str("{}").unwrap());
    let reply = perform(&session, request, &Nobody, &take, &Cancel::default()).unwrap();
    assert!(reply.ok, "{reply:?}");
    let counted = counted.into_inner().unwrap();
    assert_eq!(counted.iter().sum::<u64>(), totals.into_inner().unwrap().iter().sum::<u64>());
    let most = counted.iter().max().copied().unwrap();
    assert!(counted.len() > 5 && most < 300_000, "it jumps: {counted:?}");
}
