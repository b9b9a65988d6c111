//! A mistake of ours in one thread ends the run with an error, in time: no other thread waits for it for ever, and nothing is half there.

use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::program::{Home, contents, noise};
use printkeep::app::prompt::Nobody;
use printkeep::app::{Cancel, Event, Request, Session, perform};
use printkeep::consent::Surface;
use serde_json::json;

/// Performs it with a watcher that breaks where files are worked on, which is on the thread that works on them; what came of it.
fn broken(home: &Home, request: Request) -> String {
    let (tell, told) = channel();
    let path = home.path.clone();
    std::thread::spawn(move || {
        let session = Session::new(path, Surface::CommandLine);
        let breaks = |event| {
            if let Event::File { .. } = event {
                panic!("a mistake, made for a test")
            }
        };
        tell.send(format!("{:?}", perform(&session, request, &Nobody, &breaks, &Cancel::default()))).unwrap();
    });
    told.recv_timeout(Duration::from_secs(60)).expect("it waits for ever")
}

fn home() -> Home {
    let home = Home::new();
    (0..50).for_each(|n| std::fs::write(home.data.join(format!("{n}.jpg")), noise(n, 20_000)).unwrap());
    home
}

#[test]
fn a_restore_whose_threads_break_ends_with_an_error() {
    let home = home();
    home.backup();
    let to = home.folder.path().join("to");
    let request = serde_json::from_value(json!({"snapshot": "latest", "to": to})).unwrap();
    let told = broken(&home, Request::Restore(request));
    assert!(told.contains("own-mistake"), "{told}");
    assert_eq!(home.restored("latest"), contents(&home.data));
}

#[test]
fn a_backup_whose_reader_breaks_leaves_no_snapshot() {
    let home = home();
    home.done(&["setup", "--yes"]);
    let request = serde_json::from_value(json!({"paths": [home.data]})).unwrap();
    let told = broken(&home, Request::Backup(request));
    assert!(told.contains("own-mistake"), "{told}");
    assert!(home.objects().iter().all(|name| !name.starts_with("heads/")), "{:?}", home.objects());
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}
