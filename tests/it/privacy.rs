//! What leaves the machine and what lies on its disk: no name, no content, no credential; and without consent no connection.

use std::sync::atomic::Ordering;

use crate::support::program::{self, Home, each_file};
use crate::support::server::{self, S3Server};

const CANARIES: [&str; 4] = ["canary-name", "canary-content", "canary-folder", server::SECRET_KEY];

fn scan(folder: &std::path::Path) -> u64 {
    let mut bytes = 0;
    each_file(folder, &mut |path| {
        let text = std::fs::read(path).unwrap();
        bytes += text.len() as u64;
        for canary in CANARIES {
            assert!(!text.windows(canary.len()).any(|w| w == canary.as_bytes()), "{canary} in {}", path.display());
            assert!(!path.strip_prefix(folder).unwrap().to_string_lossy().contains(canary), "{}", path.display());
        }
    });
    bytes
}

#[test]
fn nothing_on_the_disk_or_in_the_cloud_tells_what_was_backed_up() {
    let server = S3Server::start();
    let home = Home::new();
    let folder = home.data.join("canary-folder");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..1000 {
        std::fs::write(folder.join(format!("canary-name-{n}.gcode")), format!("; canary-content {n}\n").repeat(20)).unwrap();
    }
    home.backup();
    let credentials =
        server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let ca = server.ca_file.to_str().unwrap();
    home.done(&["store", "add", &server.url("p"), "--credentials-file", credentials.to_str().unwrap(), "--ca-file", ca]);
    home.done(&["privacy", "grant", "network"]);
    home.done(&["sync"]);
    assert!(scan(&home.path) > 10_000);
    assert!(scan(&server.data) > 10_000);
}

#[test]
fn without_consent_nothing_is_connected_to() {
    let server = S3Server::start();
    let home = Home::new();
    std::fs::write(home.data.join("a"), "x").unwrap();
    home.backup();
    let credentials =
        server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let ca = server.ca_file.to_str().unwrap();
    home.done(&["store", "add", &server.url("p"), "--credentials-file", credentials.to_str().unwrap(), "--ca-file", ca]);
    let forbidden: [&[&str]; 3] = [&["sync"], &["store", "test"], &["check", "--store", "store"]];
    for args in forbidden {
        let (exit, document) = home.run(args);
        assert_eq!(exit, 5, "{args:?}: {document}");
    }
    for args in [&["status"][..], &["check", "--repair"], &["ls"], &["check"]] {
        home.run(args);
    }
    home.backup();
    assert_eq!(server.requests.load(Ordering::Relaxed), 0);
    // withdrawn is as good as never granted, also when local state is lost
    home.done(&["privacy", "grant", "network"]);
    home.done(&["sync"]);
    let before = server.requests.load(Ordering::Relaxed);
    assert!(before > 0);
    home.done(&["privacy", "withdraw", "network"]);
    std::fs::remove_dir_all(home.path.join("accounts/default/state")).unwrap();
    assert_eq!(home.run(&["sync"]).0, 5);
    assert_eq!(server.requests.load(Ordering::Relaxed), before);
}

/// Two accounts with the same files share no object, name or id in one bucket.
#[test]
fn accounts_cannot_be_linked() {
    let shared = tempfile::tempdir().unwrap();
    let names: Vec<std::collections::BTreeSet<String>> = (0..2)
        .map(|_| {
            let home = Home::new();
            std::fs::write(home.data.join("same.gcode"), program::gcode(1, 5000)).unwrap();
            home.backup();
            let url = format!("file://{}", shared.path().display());
            home.done(&["store", "add", &url]);
            home.done(&["sync"]);
            home.objects().into_iter().filter(|name| !name.starts_with("roster/")).collect()
        })
        .collect();
    assert!(names[0].is_disjoint(&names[1]));
    let mut blocks = std::collections::HashSet::new();
    each_file(shared.path(), &mut |path| {
        for block in std::fs::read(path).unwrap().chunks_exact(64) {
            assert!(blocks.insert(block.to_vec()), "a block of {} stands elsewhere too", path.display());
        }
    });
}
