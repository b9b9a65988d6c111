//! What changes a store and then this machine: refused before the store is touched where it cannot be ended here, told where it stands half
//! done, and never begun beside a backup that counts on what would go.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;

use printkeep::app::prompt::Nobody;
use printkeep::app::{Event, Exit, Request, Session, perform};
use printkeep::consent::Surface;
use printkeep::core::name::ObjectName;
use printkeep::engine::Cancel;
use printkeep::local::work_lock::{self, Waiting, WorkKind};
use printkeep::provider::ProviderError;
use printkeep::provider::folder::Folder;
use serde_json::{Value, json};

use crate::support::problems::{account, with_store};
use crate::support::program::{Home, contents, noise};

fn device(home: &Home) -> String {
    home.done(&["device", "list"])["devices"][0]["name"].as_str().unwrap().to_owned()
}

/// What lies in a store, but for what is not of the backup.
fn held(store: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    contents(store)
}

/// A home in step with its store, of a device that may delete, with something to prune.
fn to_prune() -> (Home, PathBuf) {
    let (home, store) = with_store("nas");
    home.done(&["device", "allow-delete", &device(&home)]);
    for n in 0..2 {
        fs::write(home.data.join("a.jpg"), noise(n, 300_000)).unwrap();
        home.backup();
    }
    home.done(&["forget", "--keep-last", "1"]);
    home.done(&["sync"]);
    (home, store)
}

#[test]
fn a_vault_that_takes_nothing_is_told_before_a_store_is_changed() {
    let (home, store) = to_prune();
    let (unfinished, before) = (home.vault().join("tmp"), held(&store));
    fs::remove_dir(&unfinished).unwrap();
    fs::write(&unfinished, "").unwrap();
    let own = device(&home);
    let revoke = ["device", "revoke", &own, "--yes"];
    for args in [&["key", "rotate"][..], &revoke, &["device", "rename", &own, "other"], &["prune", "--grace", "0d"]] {
        let (exit, told) = home.run(args);
        assert_eq!(exit, 1, "{args:?}: {told}");
        assert!(told["error"]["message"].as_str().unwrap().contains("vault"), "{args:?}: {told}");
        assert!(held(&store) == before, "{args:?} changed the store");
    }
    fs::remove_file(&unfinished).unwrap();
    let rotated = home.done(&["key", "rotate"]);
    assert_eq!((rotated["generation"].as_u64(), rotated["finished"].as_bool()), (Some(2), Some(false)), "{rotated}");
    assert_eq!(home.done(&["device", "list"])["devices"].as_array().unwrap().len(), 1);
}

/// As the system says, where a user may not write: root may everywhere, and is not asked.
#[test]
fn whether_a_vault_takes_something_is_tried_and_leaves_nothing() {
    let (home, _) = with_store("nas");
    let root = home.path.join("vault");
    let vault = Folder::open(&root, account(&home).id()).unwrap();
    let before = contents(&root);
    vault.try_writing().unwrap();
    assert!(contents(&root) == before);
    fs::remove_dir_all(home.vault().join("inbox")).unwrap();
    fs::write(home.vault().join("inbox"), "").unwrap();
    assert!(matches!(vault.try_writing(), Err(ProviderError::Local(_))));
    fs::remove_file(home.vault().join("inbox")).unwrap();
    if !rustix::process::geteuid().is_root() {
        use std::os::unix::fs::PermissionsExt;
        let folder = home.vault().join("keys");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        assert!(matches!(vault.try_writing(), Err(ProviderError::ReadOnly(_))));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

/// What a change of keys says where the vault takes something, and not this object.
fn stopped_at(object: &ObjectName, says: &str, held: bool) {
    let (home, store) = with_store("nas");
    let taken = home.vault().join(object.to_string());
    let taken = match object {
        ObjectName::Grant(..) => home.vault().join(ObjectName::Grant(account(&home).device.id, 2).to_string()),
        _ => taken,
    };
    fs::create_dir_all(&taken).unwrap();
    let (exit, told) = home.run(&["key", "rotate"]);
    let error = &told["error"];
    assert_eq!((exit, error["id"].as_str()), (7, Some(says)), "{told}");
    assert!(error["hint"].as_str().unwrap().contains("`printkeep key rotate` finishes this change"), "{told}");
    assert!(!held || error["message"].as_str().unwrap().contains("in nas already"), "{told}");
    let there = store.join(home.vault().file_name().unwrap()).join(ObjectName::Keys(2).to_string());
    assert!(there.is_file());
    fs::remove_dir(&taken).unwrap();
    let rotated = home.done(&["key", "rotate"]);
    assert_eq!((rotated["generation"].as_u64(), rotated["finished"].as_bool()), (Some(2), Some(true)), "{rotated}");
    home.backup();
    home.done(&["sync"]);
    home.done(&["check", "--read-data"]);
}

#[test]
fn a_change_of_keys_that_stands_half_done_says_where_and_what_ends_it() {
    stopped_at(&ObjectName::Keys(2), "keys-half-changed", true);
    stopped_at(&ObjectName::Grant(account(&with_store("nas").0).device.id, 2), "keys-half-changed-here", false);
}

#[test]
fn a_prune_beside_a_backup_is_busy_at_once_and_changes_nothing() {
    let (home, store) = to_prune();
    let (folder, before, vault) = (home.path.join("accounts/default"), held(&store), home.objects());
    let held_by = work_lock::take(&folder, WorkKind::Backup, &Waiting::no()).unwrap();
    let (exit, told) = home.run(&["prune", "--grace", "0d"]);
    let message = told["error"]["message"].as_str().unwrap();
    assert_eq!(exit, 8, "{told}");
    assert!(message.contains("backup, since") && message.contains(&format!("process {}", std::process::id())), "{told}");
    assert!(held(&store) == before && home.objects() == vault, "something was changed");
    let mut child =
        home.command(&["--wait", "prune", "--grace", "0d"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let told = {
        use std::io::BufRead;
        let lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        lines.take(1).collect::<Vec<_>>()
    };
    assert!(told[0].contains("backup, since"), "{told:?}");
    drop(held_by);
    assert!(child.wait().unwrap().success());
    // and the next sync has nothing to say of a prune that was cut short
    let synced = home.done(&["sync"]);
    assert_eq!(synced["stores"][0]["failed"].as_array().map_or(0, Vec::len), 0, "{synced}");
}

/// A backup that begins while the prune looks keeps it from saying what goes, which that backup might count on.
#[test]
fn nothing_is_said_to_go_while_a_backup_runs() {
    let (home, store) = to_prune();
    let folder = home.path.join("accounts/default");
    let (begun, before) = (Mutex::new(None), home.objects());
    let on_event = |event: Event| {
        if matches!(event, Event::Prune(_)) {
            *begun.lock().unwrap() = work_lock::take(&folder, WorkKind::Backup, &Waiting::no()).ok();
        }
    };
    let prune = || serde_json::from_value::<Request>(json!({ "command": "prune", "grace": 0 })).unwrap();
    let session = Session::new(home.path.clone(), Surface::Page);
    let failure = perform(&session, prune(), &Nobody, &on_event, &Cancel::default()).unwrap_err();
    assert_eq!((failure.exit, failure.message.id.as_ref()), (Exit::Busy, "busy-with"));
    let notes = |objects: &[String]| objects.iter().filter(|name| name.starts_with("keeps/")).count();
    assert_eq!(notes(&home.objects()), notes(&before));
    drop(begun);
    let reply: Value = serde_json::to_value(perform(&session, prune(), &Nobody, &|_| {}, &Cancel::default()).unwrap()).unwrap();
    assert!(reply["removed"].as_array().unwrap().len() == 2 && store.is_dir(), "{reply}");
}
