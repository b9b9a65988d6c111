//! Files as printers and people leave them: odd names, odd kinds, odd times, files that are written while they are read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use crate::support::program::{Home, document, noise};

/// What a path is, as far as a backup keeps it: mode, time, and content or target.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    mode: u32,
    mtime: (i64, i64),
    content: Vec<u8>,
}

fn tree(folder: &Path) -> BTreeMap<Vec<u8>, Kept> {
    fn add(root: &Path, folder: &Path, found: &mut BTreeMap<Vec<u8>, Kept>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, stat) = (entry.path(), fs::symlink_metadata(entry.path()).unwrap());
            let kind = stat.file_type();
            let content = if kind.is_symlink() {
                fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec()
            } else if kind.is_file() {
                blake3::hash(&fs::read(&path).unwrap()).as_bytes().to_vec()
            } else if kind.is_dir() {
                add(root, &path, found);
                Vec::new()
            } else {
                continue;
            };
            let name = path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec();
            found.insert(name, Kept { mode: stat.mode(), mtime: (stat.mtime(), stat.mtime_nsec()), content });
        }
    }
    let mut found = BTreeMap::new();
    add(folder, folder, &mut found);
    found
}

fn restore(home: &Home) -> std::path::PathBuf {
    let to = home.folder.path().join("out");
    let _ = fs::remove_dir_all(&to);
    home.done(&["restore", "latest", "--to", to.to_str().unwrap()]);
    to.join("data")
}

fn set_time(path: &Path, seconds: i64, nanos: u32) {
    let time = match u64::try_from(seconds) {
        Ok(seconds) => UNIX_EPOCH + Duration::new(seconds, nanos),
        Err(_) => UNIX_EPOCH - Duration::from_secs(seconds.unsigned_abs()) + Duration::from_nanos(nanos.into()),
    };
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn odd_names_modes_times_and_links_come_back() {
    let home = Home::new();
    let data = &home.data;
    let names: [&[u8]; 9] = [
        b"plain.gcode",
        b"two\nlines.jpg",
        b"not-utf8-\xff\xfe.gcode",
        b" ",
        b"-rf",
        b"\x1b[31mred",
        b"...",
        b"a\\b",
        &[b'n'; 255],
    ];
    for (n, name) in names.iter().enumerate() {
        fs::write(data.join(OsStr::from_bytes(name)), noise(n as u64, n * 1000)).unwrap();
    }
    fs::set_permissions(data.join("plain.gcode"), fs::Permissions::from_mode(0o751)).unwrap();
    for (name, time) in [("old", -86_400), ("epoch", 0), ("y2020", 1_577_836_800), ("y2100", 4_102_444_800)] {
        fs::write(data.join(name), name).unwrap();
        set_time(&data.join(name), time, 123_456_789);
    }
    fs::create_dir(data.join("empty folder")).unwrap();
    fs::create_dir_all(data.join("deep/er")).unwrap();
    symlink("deep", data.join("link")).unwrap();
    symlink("loop", data.join("loop")).unwrap();
    symlink("../../../etc/passwd", data.join("deep/outside")).unwrap();
    symlink("nowhere", data.join("deep/dangling")).unwrap();
    fs::hard_link(data.join("plain.gcode"), data.join("deep/er/hard")).unwrap();
    fs::set_permissions(data.join("deep/er"), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(home.backup()["failed"], 0);
    let to = restore(&home);
    assert_eq!(tree(&to), tree(data));
    fs::set_permissions(data.join("deep/er"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(to.join("deep/er"), fs::Permissions::from_mode(0o700)).unwrap();
    // on a terminal and in a document every name is one line
    let text = String::from_utf8(home.command(&["ls", "latest", "data"]).output().unwrap().stdout).unwrap();
    assert!(!text.contains('\x1b') && text.lines().any(|line| line.contains(r"two\nlines.jpg")), "{text}");
    let listed = home.done(&["ls", "latest", "data"]);
    assert!(listed["entries"].as_array().unwrap().iter().any(|e| e["path_hex"].is_string()), "{listed}");
}

/// Mode and owner.
fn rights(path: &Path) -> (u32, u32, u32) {
    let stat = fs::symlink_metadata(path).unwrap();
    (stat.mode() & 0o7777, stat.uid(), stat.gid())
}

/// Gives a file and a folder of a home to another user, with every bit that lends rights.
fn give_away(home: &Home) {
    fs::create_dir(home.data.join("folder")).unwrap();
    fs::write(home.data.join("folder/tool"), "#!/bin/sh\n").unwrap();
    for (path, mode) in [("folder/tool", 0o6755), ("folder", 0o1777)] {
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::lchown(home.data.join(path), Some(1234), Some(1235)).unwrap();
        }
        fs::set_permissions(home.data.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn what_is_restored_gets_no_owner_and_no_rights_that_its_snapshot_claims_unless_asked() {
    let home = Home::new();
    give_away(&home);
    home.backup();
    let own = rights(home.folder.path());
    let to = restore(&home);
    assert_eq!(rights(&to.join("folder/tool")), (0o755, own.1, own.2));
    assert_eq!(rights(&to.join("folder")), (0o777, own.1, own.2));
    // what was there already is left with no more
    fs::set_permissions(to.join("folder/tool"), fs::Permissions::from_mode(0o4755)).unwrap();
    let below = to.parent().unwrap().to_str().unwrap();
    home.done(&["restore", "latest", "--to", below]);
    assert_eq!(rights(&to.join("folder/tool")).0, 0o755);
    // in place it belongs to whoever owns the folder that it goes back to
    fs::remove_file(home.data.join("folder/tool")).unwrap();
    home.done(&["restore", "latest", "folder/tool", "--in-place", "--yes"]);
    assert_eq!(rights(&home.data.join("folder/tool")), (0o755, own.1, own.2));

    let asked = home.run(&["restore", "latest", "--to", below, "--owners"]);
    if !rustix::process::geteuid().is_root() {
        assert_eq!(asked.0, 2, "{asked:?}");
        return;
    }
    assert_eq!(asked.0, 0, "{asked:?}");
    assert_eq!(rights(&to.join("folder/tool")), (0o6755, 1234, 1235));
    assert_eq!(rights(&to.join("folder")), (0o1777, 1234, 1235));
}

#[test]
fn owners_are_taken_from_no_device_that_was_revoked() {
    if !rustix::process::geteuid().is_root() {
        return println!("not run: only root gives files away");
    }
    let (home, store) = (Home::new(), tempfile::tempdir().unwrap());
    home.done(&["setup", "--device-name", "pc"]);
    let url = format!("file://{}", store.path().display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    let (stolen, kit) = (Home::new(), home.path.join("recovery-kit.txt"));
    stolen.done(&["setup", "--join", &url, "--recovery-kit", kit.to_str().unwrap(), "--device-name", "stolen"]);
    give_away(&stolen);
    stolen.backup();
    stolen.done(&["sync"]);
    home.done(&["sync"]);
    let to = home.folder.path().join("out");
    let restore = |more: &[&str]| {
        let args =
            [&["restore", "stolen:latest", "--to", to.to_str().unwrap(), "--recovery-kit", kit.to_str().unwrap()], more].concat();
        (home.run(&args), fs::symlink_metadata(to.join("data/folder/tool")).ok().map(|stat| stat.uid()))
    };
    let ((exit, document), owner) = restore(&["--owners"]);
    assert_eq!((exit, owner), (0, Some(1234)), "{document}");
    home.done(&["device", "revoke", "stolen", "--yes"]);
    fs::remove_dir_all(&to).unwrap();
    let ((exit, document), owner) = restore(&["--owners"]);
    assert_eq!((exit, owner), (2, None), "{document}");
    assert!(document.to_string().contains("no device of this account any more"), "{document}");
    let ((exit, document), owner) = restore(&[]);
    assert_eq!((exit, owner), (0, Some(0)), "{document}");
}

#[test]
fn what_has_no_content_is_left_out_and_said() {
    let home = Home::new();
    fs::write(home.data.join("kept"), "x").unwrap();
    let made = Command::new("mkfifo").arg(home.data.join("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(home.data.join("socket")).unwrap();
    // only root may make one
    let device = Command::new("mknod").arg(home.data.join("device")).args(["c", "1", "5"]).output().unwrap().status.success();
    let report = home.backup();
    assert_eq!((&report["files"], &report["skipped"]), (&1.into(), &(2 + u64::from(device)).into()), "{report}");
    assert_eq!(tree(&restore(&home)).len(), 1);
}

#[test]
fn a_sparse_file_costs_nothing_and_stays_sparse() {
    let home = Home::new();
    let mut file = File::create(home.data.join("disk.img")).unwrap();
    file.set_len(2 << 30).unwrap();
    for at in [0, 1 << 30, (2 << 30) - 5] {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(b"bytes").unwrap();
    }
    drop(file);
    let report = home.backup();
    assert_eq!(report["bytes"], 2u64 << 30);
    assert!(report["stored"].as_u64().unwrap() < 100_000, "{report}");
    let to = restore(&home).join("disk.img");
    let end = |path: &Path| {
        let mut file = File::open(path).unwrap();
        file.seek(SeekFrom::Start((1 << 30) - 5)).unwrap();
        let mut bytes = vec![0; 20];
        file.read_exact(&mut bytes).unwrap();
        (file.metadata().unwrap().len(), file.metadata().unwrap().mtime(), bytes)
    };
    assert_eq!(end(&to), end(&home.data.join("disk.img")));
    let taken = fs::metadata(&to).unwrap().blocks() * 512;
    assert!(taken < 1 << 20, "{taken} bytes on the disk");
    let again = |home: &Home| home.done(&["restore", "latest", "--to", to.parent().unwrap().parent().unwrap().to_str().unwrap()]);
    assert_eq!(again(&home)["already"], 1);
    // one byte in the middle of a hole is no longer the same file
    let mut file = File::options().write(true).open(&to).unwrap();
    file.seek(SeekFrom::Start(700_000_000)).unwrap();
    file.write_all(b"x").unwrap();
    set_time(&to, 1_000_000_000, 0);
    assert_eq!(again(&home)["files"], 1);
}

/// A path longer than the system takes at once comes back all the same; one beyond all reason is told, and the rest is saved.
#[test]
fn paths_of_4096_bytes_and_more() {
    let home = Home::new();
    fs::write(home.data.join("beside"), "x").unwrap();
    // the shell goes down step by step, which no single path could
    let below = |folder: &Path, steps: u32, length: u32, then: &str| {
        let script =
            format!("cd \"$1\"; for i in $(seq {steps}); do n=$(printf %0{length}d $i); mkdir -p $n; cd $n; done; {then}");
        let done = Command::new("bash").args(["-c", &script, "below", folder.to_str().unwrap()]).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    below(&home.data, 30, 200, "echo deep > end");
    let report = home.backup();
    assert_eq!((&report["files"], &report["failed"]), (&2.into(), &0.into()), "{report}");
    assert_eq!(below(&restore(&home), 30, 200, "cat end"), "deep\n");
    below(&home.data, 170, 200, "echo too long > end");
    below(&home.data, 520, 1, "echo too deep > end");
    let (exit, report) = home.run(&["backup", home.data.to_str().unwrap()]);
    assert_eq!((exit, &report["files"], &report["failed"]), (3, &2.into(), &2.into()), "{report}");
    let reasons = report["notices"].to_string();
    assert!(reasons.contains("longer than 32768 bytes") && reasons.contains("more than 512 folders deep"), "{reasons}");
    let to = restore(&home);
    assert_eq!((below(&to, 30, 200, "cat end"), fs::read(to.join("beside")).unwrap()), ("deep\n".into(), b"x".to_vec()));
    // the standard library cannot remove these
    assert!(Command::new("rm").arg("-rf").args([&home.data, &to]).status().unwrap().success());
}

/// A file that is rewritten all the time it is read is told as such, and what was saved of it can be restored.
#[test]
fn files_that_change_or_shrink_while_they_are_read() {
    let home = Home::new();
    fs::write(home.data.join("still"), "x").unwrap();
    let busy = home.data.join("busy.gcode");
    fs::write(&busy, noise(1, 60_000_000)).unwrap();
    let stop = AtomicBool::new(false);
    let (begun, wait) = std::sync::mpsc::channel();
    let (exit, report) = std::thread::scope(|scope| {
        let stop = &stop;
        let busy = &busy;
        scope.spawn(move || {
            let mut file = File::options().write(true).open(busy).unwrap();
            let mut sizes = [50_000_000, 61_000_000, 40_000_000].into_iter().cycle();
            while !stop.load(Ordering::Relaxed) {
                file.set_len(sizes.next().unwrap()).unwrap();
                file.seek(SeekFrom::Start(100)).unwrap();
                file.write_all(b"changed").unwrap();
                let _ = begun.send(());
            }
        });
        wait.recv().unwrap();
        let done = home.run(&["backup", home.data.to_str().unwrap()]);
        stop.store(true, Ordering::Relaxed);
        done
    });
    assert_eq!((exit, &report["changed"], &report["files"]), (3, &1.into(), &2.into()), "{report}");
    assert!(report["notices"][0]["subject"].as_str().unwrap().contains("busy.gcode"), "{report}");
    home.done(&["check", "--read-data"]);
    restore(&home);
    // and now that it is left alone, it is read again although its size may be the same
    let report = home.backup();
    assert!(report["read"].as_u64().unwrap() >= 1, "{report}");
    assert_eq!(tree(&restore(&home)), tree(&home.data));
}

/// Times that a wrong clock gave do not hide a change: it is found although size and time are as they were.
#[test]
fn a_change_is_found_whatever_the_clock_says() {
    let home = Home::new();
    for (name, time) in [("y2000", 946_684_800), ("y2020", 1_577_836_800), ("y2099", 4_070_908_800)] {
        let path = home.data.join(name);
        fs::write(&path, "before").unwrap();
        set_time(&path, time, 0);
    }
    home.backup();
    home.backup();
    for (name, time) in [("y2000", 946_684_800), ("y2020", 1_577_836_800), ("y2099", 4_070_908_800)] {
        let path = home.data.join(name);
        fs::write(&path, "behind").unwrap();
        set_time(&path, time, 0);
    }
    home.backup();
    assert_eq!(tree(&restore(&home)), tree(&home.data));
}

#[test]
fn a_second_run_reads_nothing_and_copies_cost_nothing() {
    let home = Home::new();
    let video = [b"\0\0\0\x18ftypmp42".as_slice(), &noise(1, 3_000_000)].concat();
    fs::write(home.data.join("first.mp4"), &video).unwrap();
    let first = home.backup()["stored"].as_u64().unwrap();
    fs::write(home.data.join("copy.mp4"), &video).unwrap();
    fs::rename(home.data.join("first.mp4"), home.data.join("renamed.mp4")).unwrap();
    let second = home.backup()["stored"].as_u64().unwrap();
    assert!(second < 10_000 && first > 3_000_000, "{first} {second}");
    // files that changed a moment ago are read once more; then none is, and no byte of any
    let quiet = (0..20).map(|_| home.backup()).find(|report| report["read"] == 0);
    let quiet = quiet.expect("files are read again and again");
    assert_eq!((&quiet["read_bytes"], &quiet["stored"]), (&0.into(), &0.into()), "{quiet}");
}

/// As somebody who may not read everything: what cannot be read is named, the rest is saved, and later it is taken, too.
#[test]
fn unreadable_files_and_folders_are_named() {
    let home = Home::new();
    let program = home.folder.path().join("printkeep");
    // by another process: one that a test beside this one starts would hold the copy open, and what is open to write cannot be run
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_printkeep")).arg(&program).status().unwrap();
    assert!(copied.success());
    for name in ["readable", "secret"] {
        fs::write(home.data.join(name), name).unwrap();
    }
    fs::create_dir(home.data.join("closed")).unwrap();
    fs::write(home.data.join("closed/inside"), "x").unwrap();
    let close = |mode| {
        fs::set_permissions(home.data.join("secret"), fs::Permissions::from_mode(mode & 0o600)).unwrap();
        fs::set_permissions(home.data.join("closed"), fs::Permissions::from_mode(mode)).unwrap();
    };
    close(0);
    let root = fs::metadata(home.folder.path()).unwrap().uid() == 0;
    let mut command = if root {
        let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(home.folder.path()).status().unwrap();
        assert!(owned.success());
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command
        .arg("backup")
        .arg(&home.data)
        .arg("--json")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("PRINTKEEP_HOME", &home.path);
    let output = command.output().unwrap();
    let report = document(&output);
    assert_eq!((output.status.code(), &report["files"], &report["failed"]), (Some(3), &1.into(), &2.into()), "{report}");
    let told: Vec<_> = report["notices"].as_array().unwrap().iter().map(|n| n["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, ["data/closed", "data/secret"], "{report}");
    close(0o700);
    let output = command.output().unwrap();
    let report = document(&output);
    assert_eq!((output.status.code(), &report["files"]), (Some(0), &3.into()), "{report}");
    // a home that cannot be written is told, and what is in it stays
    fs::set_permissions(home.path.join("vault"), fs::Permissions::from_mode(0o500)).unwrap();
    for folder in fs::read_dir(home.vault()).unwrap().flatten() {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    }
    fs::write(home.data.join("more"), noise(1, 1000)).unwrap();
    let output = command.output().unwrap();
    let report = document(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report["error"]["message"].as_str().unwrap().contains("vault"), "{report}");
}
