//! Two processes on one home: the second that would write is told, and looking goes on.

use crate::support::program::Home;

#[test]
fn one_process_writes_and_others_may_look() {
    let home = Home::new();
    std::fs::write(home.data.join("a"), "x").unwrap();
    home.backup();
    let lock = std::fs::File::open(home.path.join("accounts/default/lock")).unwrap();
    lock.lock().unwrap();
    let data = home.data.to_str().unwrap();
    for args in [&["backup", data][..], &["privacy", "grant", "network"], &["doctor"], &["ls"]] {
        let (exit, document) = home.run(args);
        assert_eq!(exit, 8, "{args:?}: {document}");
        assert!(document["error"]["hint"].as_str().unwrap().contains("run this again"));
    }
    for args in [&["status"][..], &["snapshots"], &["verify", "--read-data"], &["privacy", "show"], &["key", "list"]] {
        home.done(args);
    }
    drop(lock);
    home.backup();
}
