//! A printer is stolen, a laptop is lost; what is left is everything that was backed up.

use serde_json::json;

use super::stage::{STORES, Stage, copy, hashed, of};
use crate::support::program::Home;

pub fn a_stolen_printer(stage: &mut Stage) {
    stage.sync_all();
    let thief = Home::new();
    copy(&stage.ender.path, &thief.path);
    copy(&stage.ender.data, &thief.data);
    let last = stage.latest("ender");
    let revoked = stage.pc.done(&["device", "revoke", "ender", "--yes"]);
    assert!(revoked["last_believed"] == last && revoked["keys_changed"] == true, "{revoked}");
    stage.sync("pc");
    stage.sync("laptop");
    for args in [&["restore", "latest", "--to", "/nowhere"][..], &["ls"], &["find", "*"]] {
        let (exit, document) = thief.run(args);
        assert_eq!(exit, 4, "{args:?}: {document}");
    }
    stage.ok("the printer is revoked and the keys changed; its home opens nothing without the kit");
    std::fs::write(thief.data.join("planted.gcode"), "; planted\n").unwrap();
    assert_eq!(thief.backup()["snapshot"], last + 1);
    let sent = thief.done(&["sync", "--pull", "nothing"]);
    STORES.iter().for_each(|store| assert!(of(&sent, store)["sent"].as_u64() > Some(0), "{sent}"));
    for name in ["pc", "laptop"] {
        let (exit, told) = stage.home(name).run(&["sync"]);
        assert_eq!(exit, 3, "{name}: {told}");
        for store in STORES {
            let disbelieved = of(&told, store)["disbelieved"].as_array().unwrap().len();
            assert!(disbelieved == 1 && of(&told, store)["problems"] == json!([]), "{name}: {told}");
        }
    }
    let which = format!("ender:{}", last + 1);
    assert_eq!(stage.pc.run(&["restore", &which, "--to", "/nowhere"]).0, 2);
    let kept = stage.restores_all();
    stage.ok(format!(
        "what the thief backed up is named and not believed; {kept} snapshots restore, the printer's own among them"
    ));
    // the printer itself, if it hears of it, stops and says why
    stage.ender.run(&["sync"]);
    let (exit, told) = stage.ender.run(&["backup", stage.ender.data.to_str().unwrap()]);
    assert!(exit == 2 && told["error"]["message"].as_str().unwrap().contains("revoked"), "{told}");
    stage.ok("the revoked printer that hears of it stops and says why");
}

pub fn a_lost_laptop(stage: &mut Stage) {
    let last = stage.latest("laptop");
    let saved = hashed(&stage.laptop.data);
    std::fs::remove_dir_all(&stage.laptop.path).unwrap();
    std::fs::remove_dir_all(&stage.laptop.data).unwrap();
    let (blank, server, kit) = (Home::new(), &stage.servers["rgw"], stage.kit());
    let access: Vec<&str> = server.access.iter().map(String::as_str).collect();
    let rescue = ["rescue", &server.url, "--recovery-kit", &kit, "--device", "laptop", "--device-name", "laptop"];
    let args = [&rescue[..], &access].concat();
    let plan = blank.done(&[&args[..], &["--plan"]].concat());
    let part = &plan["plan"][0];
    assert!(plan["snapshot"] == last && part["files"].as_u64() == Some(saved.len() as u64) && part["exists"] == false, "{plan}");
    assert!(!stage.laptop.data.exists(), "a plan writes nothing");
    let root = blank.folder.path().join("root");
    blank.done(&[&args[..], &["--yes", "--root", root.to_str().unwrap()]].concat());
    assert_eq!(hashed(&root.join(stage.laptop.data.strip_prefix("/").unwrap())), saved);
    assert!(!stage.laptop.data.exists(), "--root is for trying");
    let done = blank.done(&[&args[..], &["--yes"]].concat());
    assert_eq!(hashed(&stage.laptop.data), saved, "{done}");
    stage.ok(format!(
        "a blank machine got the laptop's {} files back from the kit and Ceph: planned, tried below a folder, done",
        saved.len()
    ));
    for args in [
        &["forget", "laptop:1"][..],
        &["forget", "--keep-last", "1"],
        &["prune", "--store", "store"],
        &["snapshots", "pin", "laptop:1"],
    ] {
        let (exit, document) = blank.run(args);
        assert_eq!(exit, 2, "{args:?}: {document}");
    }
    // the disk of the new machine is empty, and it backs that up
    std::fs::remove_dir_all(&stage.laptop.data).unwrap();
    std::fs::create_dir(&stage.laptop.data).unwrap();
    assert_eq!(blank.done(&["backup"])["snapshot"], 1);
    blank.run(&["sync"]);
    blank.done(&["prune", "--grace", "0d"]);
    stage.pc.run(&["sync"]);
    stage.saved.insert(("laptop-2".into(), 1), hashed(&stage.laptop.data));
    let kept = stage.restores_all();
    stage.ok(format!(
        "the empty machine backed up as a device of its own; it forgets and prunes nothing: {kept} snapshots restore"
    ));
    stage.laptop = blank;
}

pub fn the_end(stage: &mut Stage) {
    let kit = stage.kit();
    for store in STORES {
        let (exit, read) = stage.pc.run(&["check", "--read-data", "--store", store, "--recovery-kit", &kit]);
        // what the thief sent lies there and is named; nothing else is wrong
        let thiefs = read["disbelieved"].as_array().unwrap().len();
        assert!(exit == 3 && thiefs == 1 && read["damaged"] == json!([]), "{store}: {read}");
        assert!(
            read["problems"] == json!([]) && read["rogues"] == json!([]) && read["opened"].as_u64() > Some(0),
            "{store}: {read}"
        );
        let (objects, bytes) = (&read["objects"], &read["bytes"]);
        stage.ok(format!(
            "{store}: {objects} objects, {bytes} bytes read and opened; nothing wrong but the thief's snapshot, which is named"
        ));
    }
    // what the thief wrote goes, a week and a day after it is marked
    stage.pc.done(&["prune"]);
    stage.pc.done(&["prune", "--grace", "0d"]);
    stage.sync("pc");
    // what was rescued knows the one store it came from
    stage.laptop.done(&["sync"]);
    for store in STORES {
        stage.pc.done(&["check", "--read-data", "--store", store, "--recovery-kit", &kit]);
    }
    stage.ok("what the thief wrote is gone from every store, and all is well there");
    // the clock ran eight days ahead for a while: the owner saw that, and says that it is right now
    let told = stage.pc.run(&["problems", "list"]).1;
    for clock in told["problems"].as_array().unwrap().iter().filter(|problem| problem["kind"] == "clock") {
        stage.pc.done(&["problems", "ack", &clock["number"].to_string()]);
    }
    for (name, expected) in [("pc", 0), ("laptop", 0), ("ender", 3)] {
        let (exit, status) = stage.home(name).run(&["status"]);
        assert_eq!(exit, expected, "{name}: {status}");
        assert_eq!(crate::support::program::anomalies(&status), json!([]), "{name}: {status}");
        stage.ok(format!("status of {name}: {}", status["problems"]));
    }
    stage.ok("the afternoon is over");
}
