//! A lost machine comes back on a blank one: to the paths it had, after kills, never over what is there, as a device of its own.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::killer::Killer;
use crate::support::program::{Home, contents, gcode};

/// A printer that was synced to a folder, the folder's address, and the kit; the printer's data and home are then gone.
struct Lost {
    home: Home,
    url: String,
    kit: String,
    owner: u32,
    saved: std::collections::BTreeMap<Vec<u8>, Vec<u8>>,
}

fn lost(keep_data: bool) -> Lost {
    let home = Home::new();
    std::fs::create_dir(home.data.join("config")).unwrap();
    (0..4).for_each(|n| std::fs::write(home.data.join(format!("{n}.gcode")), gcode(n, 4000)).unwrap());
    std::fs::write(home.data.join("config/printer.cfg"), "[printer]\n").unwrap();
    std::fs::set_permissions(home.data.join("config"), std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("0.gcode", home.data.join("link.gcode")).unwrap();
    // only root may give files away
    for path in [home.data.clone(), home.data.join("config"), home.data.join("1.gcode")] {
        let _ = std::os::unix::fs::chown(path, Some(1234), Some(1234));
    }
    let owner = std::fs::metadata(&home.data).unwrap().uid();
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    home.done(&["setup", "--device-name", "ender"]);
    home.done(&["backup"]);
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    home.done(&["store", "add", &url]);
    home.done(&["sync"]);
    let kit = home.folder.path().join("kit.txt");
    std::fs::copy(home.path.join("recovery-kit.txt"), &kit).unwrap();
    let saved = contents(&home.data);
    if !keep_data {
        std::fs::remove_dir_all(&home.data).unwrap();
    }
    Lost { owner, kit: kit.to_str().unwrap().to_owned(), home, url, saved }
}

/// A look that was killed leaves a home of its own behind; the next one removes it, and nothing else.
#[test]
fn what_a_killed_look_left_goes_with_the_next() {
    let lost = lost(false);
    let new = Home::new();
    let day_old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 3600);
    let make = |name: &str, old: bool| {
        let folder = new.path.join(name);
        std::fs::create_dir_all(folder.join("accounts")).unwrap();
        if old {
            std::fs::File::open(&folder).unwrap().set_modified(day_old).unwrap();
        }
        folder
    };
    let (left, young) = (make("look-0123456789abcdef", true), make("look-fedcba9876543210", false));
    let (short, other) = (make("look-0123", true), make("look-at-my-prints-xy", true));
    new.run(&["rescue", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "ender", "--plan"]);
    assert_eq!([&left, &young, &short, &other].map(|path| path.exists()), [false, true, true, true]);
}

#[test]
fn a_blank_machine_gets_everything_back_to_where_it_was() {
    let lost = lost(false);
    let new = Home::new();
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "ender"];
    let (exit, plan) = new.run(&[&args[..], &["--plan"]].concat());
    assert_eq!(exit, 0, "{plan}");
    assert_eq!(plan["plan"][0]["to"], lost.home.data.to_str().unwrap());
    assert_eq!((plan["plan"][0]["files"].as_u64(), plan["plan"][0]["exists"].as_bool()), (Some(5), Some(false)));
    assert_eq!(plan["device"], "ender-2", "two devices of one name");
    // nobody can be asked: the plan, and a no
    let (exit, document) = new.run(&args);
    assert_eq!((exit, document["plan"].is_array()), (2, true), "{document}");
    assert!(!lost.home.data.exists());
    let text = String::from_utf8(new.command(&args).output().unwrap().stdout).unwrap();
    assert!(text.contains("nothing is there") && text.contains("--yes"), "{text}");
    // until its owner says yes it only looks: nothing stays here, and no device was added
    assert!(!new.path.exists() || new.path.read_dir().unwrap().next().is_none(), "{:?}", contents(&new.path).keys());
    lost.home.done(&["sync"]);
    assert_eq!(lost.home.done(&["device", "list"])["devices"].as_array().unwrap().len(), 1);
    // owners as they were are given by root alone, and where they are asked for
    let owners: &[&str] = if rustix::process::geteuid().is_root() { &["--owners"] } else { &[] };
    let output = new.command(&[&args[..], &["--yes"], owners].concat()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("can neither overwrite nor expire them"), "{text}");
    assert_eq!(contents(&lost.home.data), lost.saved);
    assert_eq!(std::fs::metadata(lost.home.data.join("config")).unwrap().mode() & 0o777, 0o750);
    assert_eq!(std::fs::read_link(lost.home.data.join("link.gcode")).unwrap(), PathBuf::from("0.gcode"));
    for path in [lost.home.data.clone(), lost.home.data.join("config"), lost.home.data.join("1.gcode")] {
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), lost.owner, "{}", path.display());
    }
    // the next backup goes on with the old device's sources, as another device
    new.done(&["backup"]);
    new.done(&["sync"]);
    let all = new.done(&["snapshots"]);
    let made: Vec<_> = all["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["device"].as_str().unwrap(), s["number"].as_u64().unwrap()))
        .collect();
    assert!(made.contains(&("ender", 1)) && made.contains(&("ender-2", 1)), "{made:?}");
}

#[test]
fn what_is_there_and_differs_is_kept() {
    let lost = lost(true);
    let changed = lost.home.data.join("1.gcode");
    std::fs::write(&changed, "older, but the owner's").unwrap();
    std::fs::File::open(&changed).unwrap().set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    std::fs::remove_file(lost.home.data.join("2.gcode")).unwrap();
    std::fs::remove_file(lost.home.data.join("link.gcode")).unwrap();
    symlink("elsewhere", lost.home.data.join("link.gcode")).unwrap();
    let new = Home::new();
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit, "--yes"];
    let (exit, document) = new.run(&args);
    assert_eq!(exit, 3, "{document}");
    assert_eq!((document["plan"][0]["same"].as_u64(), document["plan"][0]["differ"].as_u64()), (Some(3), Some(2)), "{document}");
    let counted = ["files", "kept", "failed"].map(|name| document[name].as_u64().unwrap());
    assert_eq!(counted, [1, 2, 0], "{document}");
    assert_eq!(std::fs::read(&changed).unwrap(), b"older, but the owner's");
    assert_eq!(std::fs::read_link(lost.home.data.join("link.gcode")).unwrap(), PathBuf::from("elsewhere"));
    assert_eq!(std::fs::read(lost.home.data.join("2.gcode")).unwrap(), lost.saved[b"2.gcode".as_slice()]);
    let there = std::fs::read(lost.home.data.join("0.gcode")).unwrap().len();
    let done = new.done(&[&args[..], &["--overwrite"]].concat());
    assert_eq!((done["beside"].as_u64(), done["kept"].as_u64()), (Some(2), Some(0)), "{done} {there}");
    // what stood there is kept beside
    assert_eq!(std::fs::read(lost.home.data.join("1.gcode.before-restore")).unwrap(), b"older, but the owner's");
    let aside = lost.home.data.join("link.gcode.before-restore");
    assert_eq!(std::fs::read_link(&aside).unwrap(), PathBuf::from("elsewhere"));
    [aside, lost.home.data.join("1.gcode.before-restore")].iter().for_each(|path| std::fs::remove_file(path).unwrap());
    assert_eq!(contents(&lost.home.data), lost.saved);
}

/// A fresh image brings newer files of its own: which are left is said in the plan and at the end, and what comes next brings them back first.
#[test]
fn what_a_fresh_image_has_newer_is_named_and_counted_and_comes_next() {
    let lost = lost(true);
    let config = lost.home.data.join("config/printer.cfg");
    std::fs::write(&config, "[mcu]\nserial: the image's own\n").unwrap();
    std::fs::remove_file(lost.home.data.join("2.gcode")).unwrap();
    let new = Home::new();
    let said = |args: &[&str]| {
        let output = new.command(&[&["rescue", &lost.url, "--recovery-kit", &lost.kit], args].concat()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let named = format!("{} (what is there is newer)", config.display());
    let (exit, plan, _) = said(&["--plan"]);
    assert!(exit == Some(0) && plan.contains("1 is NOT put back") && plan.contains(&named), "{plan}");
    let plan = new.done(&["rescue", &lost.url, "--recovery-kit", &lost.kit, "--plan", "--overwrite"]);
    let needed = lost.saved[b"2.gcode".as_slice()].len() + lost.saved[b"config/printer.cfg".as_slice()].len();
    assert_eq!(plan["room"][0]["needed"].as_u64(), Some(needed as u64), "{plan}");
    let (exit, text, told) = said(&["--yes", "--quiet"]);
    assert_eq!((exit, text.as_str()), (Some(3), ""));
    assert!(told.contains("was NOT put back") && told.contains(&named), "quiet, and not silent: {told}");
    let (exit, text, told) = said(&["--yes"]);
    let (end, next) = (text.rfind("1 file or link was NOT put back"), text.rfind("Next: `printkeep rescue "));
    assert!(exit == Some(3) && end.is_some() && end < next && text.matches(&named).count() == 2, "{text} {told}");
    assert!(!told.contains("printer.cfg"), "it is told once: {told}");
    // the command that is named does it, whole as it is
    let command = text[next.unwrap()..].split('`').nth(1).unwrap();
    assert!(command.contains("--device ender --snapshot 1") && command.ends_with("--overwrite"), "{command}");
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--yes"]).collect();
    new.done(&words);
    assert_eq!(std::fs::read(&config).unwrap(), b"[printer]\n");
    let beside = lost.home.data.join("config/printer.cfg.before-restore");
    assert!(std::fs::read_to_string(&beside).unwrap().contains("the image's own"));
}

/// A rescue, a join and a check with the kit are tries of the kit.
#[test]
fn a_kit_that_opened_the_account_was_checked() {
    let lost = lost(true);
    let seen = |home: &Home| home.run(&["status"]).1["kit"]["seen"].is_i64();
    let new = Home::new();
    assert_eq!(new.run(&["rescue", &lost.url, "--recovery-kit", &lost.kit, "--yes"]).0, 0);
    assert!(seen(&new));
    let joined = Home::new();
    joined.done(&["setup", "--join", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "desk"]);
    assert!(seen(&joined));
    assert!(!seen(&lost.home));
    lost.home.done(&["check", "--recovery-kit", &lost.kit]);
    assert!(seen(&lost.home));
}

#[test]
fn a_rescue_goes_on_after_being_killed() {
    let lost = lost(false);
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit, "--yes"];
    let trial = Home::new();
    let root = trial.folder.path().join("root");
    let started = Instant::now();
    trial.done(&[&args[..], &["--root", root.to_str().unwrap()]].concat());
    let usual = started.elapsed();
    assert_eq!(contents(&root.join(lost.home.data.strip_prefix("/").unwrap())), lost.saved);
    assert!(!lost.home.data.exists(), "--root is for trying");
    lost.home.done(&["sync"]);
    assert_eq!(lost.home.done(&["device", "list"])["devices"].as_array().unwrap().len(), 1, "trying adds no device");
    assert!(trial.done(&["source", "list"])["sources"].as_array().unwrap().is_empty());
    let new = Home::new();
    let mut killer = Killer::new(usual, 10, 0);
    for _ in 0..10 {
        if killer.kill(&new, &args).success() {
            break;
        }
    }
    new.done(&args);
    assert_eq!(contents(&lost.home.data), lost.saved);
    assert!(!lost.home.data.read_dir().unwrap().flatten().any(|e| e.file_name().to_string_lossy().starts_with(".printkeep")));
}

#[test]
fn links_in_the_way_lead_nowhere_below_a_root_for_trying() {
    let lost = lost(false);
    let new = Home::new();
    let (root, outside) = (new.folder.path().join("root"), new.folder.path().join("outside"));
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::create_dir_all(&root).unwrap();
    let first = lost.home.data.components().nth(1).unwrap();
    symlink(&outside, root.join(first)).unwrap();
    let (exit, document) =
        new.run(&["rescue", &lost.url, "--recovery-kit", &lost.kit, "--yes", "--root", root.to_str().unwrap()]);
    assert_eq!(exit, 3, "{document}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn several_devices_are_told_apart_and_wrong_input_is_refused() {
    let lost = lost(false);
    let second = Home::new();
    second.done(&["setup", "--join", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "voron"]);
    std::fs::write(second.data.join("v.gcode"), gcode(50, 100)).unwrap();
    second.backup();
    second.done(&["sync"]);
    let new = Home::new();
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit];
    let (exit, document) = new.run(&[&args[..], &["--yes"]].concat());
    assert_eq!(exit, 2, "{document}");
    let hint = document["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("ender (") && hint.contains("voron ("), "{hint}");
    let (exit, document) = new.run(&[&args[..], &["--yes", "--device", "prusa"]].concat());
    assert_eq!(exit, 2, "{document}");
    let (exit, document) = new.run(&[&args[..], &["--yes", "--device", "ender", "--snapshot", "7"]].concat());
    assert_eq!(exit, 2, "{document}");
    new.done(&[&args[..], &["--yes", "--device", "ender"]].concat());
    assert_eq!(contents(&lost.home.data), lost.saved);
    // a kit of another account
    let other = Home::new();
    std::fs::write(other.data.join("a"), "x").unwrap();
    other.backup();
    let wrong = other.path.join("recovery-kit.txt");
    let (exit, document) = new.run(&["rescue", &lost.url, "--recovery-kit", wrong.to_str().unwrap(), "--yes"]);
    assert_eq!(exit, 2, "{document}");
    let (exit, _) = Home::new().run(&["rescue", "file:///nowhere/at/all", "--recovery-kit", &lost.kit, "--yes"]);
    assert_ne!(exit, 0);
}

/// A machine that backs up is not lost: its own files come back by `restore`, and those of another only where it is named.
#[test]
fn a_machine_that_is_not_lost_is_told_so_and_gets_no_other_ones_files() {
    let lost = lost(true);
    let new = Home::new();
    new.done(&["setup", "--join", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "pc"]);
    std::fs::write(new.data.join("mine"), "x").unwrap();
    new.backup();
    new.done(&["sync"]);
    lost.home.done(&["sync"]);
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit, "--yes"];
    let (exit, told) = lost.home.run(&[&args[..], &["--device", "ender"]].concat());
    assert_eq!((exit, told["error"]["id"].as_str()), (2, Some("rescue-own-device")), "{told}");
    assert!(told["error"]["hint"].as_str().unwrap().contains("restore latest --in-place"), "{told}");
    let (exit, told) = lost.home.run(&args);
    assert_eq!((exit, told["error"]["id"].as_str()), (2, Some("rescue-backs-up-itself")), "{told}");
    assert!(told["error"]["hint"].as_str().unwrap().contains("pc ("), "{told}");
    // a plan is what a new machine would do, of whichever device
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit, "--plan"];
    for device in ["pc", "ender"] {
        assert_eq!(lost.home.done(&[&args[..], &["--device", device]].concat())["rescued"], device);
    }
    assert_eq!(lost.home.run(&args).1["error"]["id"], "rescue-several");
    assert_eq!(lost.home.done(&["device", "list"])["devices"].as_array().map(Vec::len), Some(2));
}

/// Where no other device has a snapshot, none is offered.
#[test]
fn a_machine_that_is_alone_is_offered_no_other_ones_files_and_its_plan_is_shown() {
    let lost = lost(true);
    let args = ["rescue", &lost.url, "--recovery-kit", &lost.kit];
    let (exit, told) = lost.home.run(&[&args[..], &["--yes"]].concat());
    let hint = told["error"]["hint"].as_str().unwrap();
    assert!(exit == 2 && hint.contains("restore latest --in-place") && !hint.contains("--device"), "{told}");
    let (exit, told) = lost.home.run(&[&args[..], &["--yes", "--device", "nobody"]].concat());
    assert!(exit == 2 && !told["error"]["hint"].to_string().contains("there are ,"), "{told}");
    let plan = lost.home.done(&[&args[..], &["--plan"]].concat());
    assert_eq!(
        (&plan["rescued"], &plan["plan"][0]["same"], &plan["entered"]),
        (&"ender".into(), &5.into(), &"looked".into()),
        "{plan}"
    );
}

/// What becomes of the machine is told in the right order, and as it is.
#[test]
fn a_rescue_says_what_becomes_of_this_machine() {
    let lost = lost(false);
    let new = Home::new();
    let root = new.folder.path().join("root");
    let said = |more: &[&str]| {
        let args = [&["rescue", &lost.url, "--recovery-kit", &lost.kit, "--device-name", "pc"][..], more].concat();
        String::from_utf8(new.command(&args).output().unwrap().stdout).unwrap()
    };
    let looked = "Only looked: this machine was not added";
    assert!(said(&["--plan"]).trim_end().ends_with("this machine was not added to the account."));
    assert!(said(&[]).contains(looked));
    let text = said(&["--root", root.to_str().unwrap(), "--yes"]);
    let (told, done) = (text.find("For trying: everything goes below"), text.find("Put back 5 files"));
    assert!(!text.contains(looked) && told.is_some() && told < done, "{text}");
    let text = said(&["--yes"]);
    let (joined, done) = (text.find("Joined the account as a new device"), text.find("Put back 5 files"));
    assert!(!text.contains(looked) && joined.is_some() && joined < done, "{text}");
}
