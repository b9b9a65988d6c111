//! Another device's files come here as they change: never over an edit, never what was deleted here, never outside the folder.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use crate::support::killer::Killer;
use crate::support::program::{Home, contents, gcode};

struct Pair {
    printer: Home,
    pc: Home,
    kit: String,
    to: PathBuf,
}

impl Pair {
    fn new() -> Self {
        let printer = Home::new();
        std::fs::create_dir(printer.data.join("sub")).unwrap();
        (0..3).for_each(|n| std::fs::write(printer.data.join(format!("{n}.gcode")), gcode(n, 2000)).unwrap());
        std::fs::write(printer.data.join("sub/a.cfg"), "[a]\n").unwrap();
        symlink("0.gcode", printer.data.join("link")).unwrap();
        printer.done(&["setup", "--device-name", "ender"]);
        let store = printer.folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let url = format!("file://{}", store.display());
        printer.done(&["store", "add", &url]);
        let kit = printer.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
        let pc = Home::new();
        let pair = Self { to: pc.folder.path().join("to"), printer, pc, kit: kit.clone() };
        pair.save();
        pair.pc.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "pc"]);
        pair
    }

    /// The printer backs up and syncs.
    fn save(&self) {
        self.printer.backup();
        self.printer.done(&["sync"]);
    }

    fn args(&self) -> [&str; 8] {
        ["device", "follow", "ender", "data", "--to", self.to.to_str().unwrap(), "--recovery-kit", &self.kit]
    }

    fn once(&self) -> serde_json::Value {
        self.pc.done(&[&self.args()[..], &["--once"]].concat())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.printer.data.join(name), text).unwrap();
    }

    fn here(&self, name: &str) -> String {
        std::fs::read_to_string(self.to.join(name)).unwrap()
    }
}

#[test]
fn only_what_changed_is_brought_and_edits_are_kept() {
    let pair = Pair::new();
    let first = pair.once();
    assert_eq!((first["brought"].as_u64(), first["failed"].as_u64()), (Some(5), Some(0)), "{first}");
    assert_eq!(contents(&pair.to), contents(&pair.printer.data));
    assert_eq!(std::fs::read_link(pair.to.join("link")).unwrap(), PathBuf::from("0.gcode"));
    assert_eq!(pair.once()["brought"], 0);
    // one changes there, one is edited here and changes there, one is edited here alone
    pair.write("0.gcode", "; zero, new\n");
    pair.write("1.gcode", "; one, new\n");
    std::fs::write(pair.to.join("1.gcode"), "; one, mine\n").unwrap();
    std::fs::write(pair.to.join("sub/a.cfg"), "[mine]\n").unwrap();
    pair.save();
    let second = pair.once();
    assert_eq!((second["brought"].as_u64(), second["beside"].as_u64()), (Some(1), Some(1)), "{second}");
    assert_eq!(pair.here("0.gcode"), "; zero, new\n");
    assert_eq!(pair.here("1.gcode"), "; one, mine\n");
    assert_eq!(pair.here("1 (from ender, snapshot 2).gcode"), "; one, new\n");
    assert_eq!(pair.here("sub/a.cfg"), "[mine]\n");
    // the same version is not brought beside it again, the next one is
    pair.write("2.gcode", "; two\n");
    pair.save();
    assert_eq!(pair.once()["beside"], 0);
    pair.write("1.gcode", "; one, newer\n");
    pair.save();
    assert_eq!(pair.once()["beside"], 1);
    assert_eq!(pair.here("1.gcode"), "; one, mine\n");
    assert_eq!(pair.here("1 (from ender, snapshot 4).gcode"), "; one, newer\n");
}

/// An edit of the same size and time is an edit: content decides.
#[test]
fn an_edit_that_keeps_size_and_time_is_an_edit() {
    let pair = Pair::new();
    pair.once();
    let path = pair.to.join("sub/a.cfg");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::write(&path, "[b]\n").unwrap();
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    pair.write("sub/a.cfg", "[c]\n");
    pair.save();
    assert_eq!(pair.once()["beside"], 1);
    assert_eq!(pair.here("sub/a.cfg"), "[b]\n");
}

#[test]
fn files_that_were_there_before_are_not_replaced() {
    let pair = Pair::new();
    std::fs::create_dir(&pair.to).unwrap();
    std::fs::write(pair.to.join("0.gcode"), "; the owner's\n").unwrap();
    std::fs::copy(pair.printer.data.join("1.gcode"), pair.to.join("1.gcode")).unwrap();
    let first = pair.once();
    assert_eq!((first["beside"].as_u64(), first["brought"].as_u64()), (Some(1), Some(3)), "{first}");
    assert_eq!(pair.here("0.gcode"), "; the owner's\n");
}

#[test]
fn deleting_there_keeps_here_and_deleting_here_stays_deleted() {
    let pair = Pair::new();
    pair.once();
    std::fs::remove_file(pair.printer.data.join("0.gcode")).unwrap();
    std::fs::remove_file(pair.to.join("1.gcode")).unwrap();
    std::fs::remove_dir_all(pair.to.join("sub")).unwrap();
    pair.save();
    let second = pair.once();
    assert_eq!((second["kept"].as_u64(), second["brought"].as_u64()), (Some(1), Some(0)), "{second}");
    assert!(pair.to.join("0.gcode").exists() && !pair.to.join("1.gcode").exists() && !pair.to.join("sub").exists());
    // told once
    pair.write("2.gcode", "; two\n");
    pair.save();
    assert_eq!(pair.once()["kept"], 0);
    // until it changes there
    pair.write("1.gcode", "; one again\n");
    pair.save();
    pair.once();
    assert_eq!(pair.here("1.gcode"), "; one again\n");
    assert!(!pair.to.join("sub").exists());
}

#[test]
fn nothing_leaves_the_folder() {
    let pair = Pair::new();
    let outside = pair.pc.folder.path().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::create_dir(&pair.to).unwrap();
    symlink(&outside, pair.to.join("sub")).unwrap();
    std::fs::write(outside.join("victim"), "untouched").unwrap();
    symlink(outside.join("victim"), pair.to.join("0.gcode")).unwrap();
    let (exit, document) = pair.pc.run(&[&pair.args()[..], &["--once"]].concat());
    assert_eq!(exit, 3, "{document}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(outside.join("victim")).unwrap(), "untouched");
    assert!(pair.to.join("0 (from ender, snapshot 1).gcode").exists());
    let inside = pair.pc.path.join("x");
    let (exit, _) = pair.pc.run(&["device", "follow", "ender", "data", "--to", inside.to_str().unwrap(), "--once"]);
    assert_eq!(exit, 2);
}

#[test]
fn wrong_input_is_told() {
    let pair = Pair::new();
    let to = pair.to.to_str().unwrap();
    let follow = |device: &str, source: &str| {
        pair.pc.run(&["device", "follow", device, source, "--to", to, "--once", "--recovery-kit", &pair.kit])
    };
    for (device, source, expected) in
        [("nobody", "data", "no device"), ("pc", "data", "is this device"), ("ender", "nothing", "it has data")]
    {
        let (exit, document) = follow(device, source);
        assert_eq!(exit, 2, "{document}");
        assert!(document["error"]["message"].as_str().unwrap().contains(expected), "{document}");
    }
    let original = pair.printer.data.to_str().unwrap();
    assert_eq!(follow("ender", original).0, 0);
    // a disk that is not mounted is not taken for a folder whose files were deleted
    std::fs::remove_dir_all(&pair.to).unwrap();
    pair.write("0.gcode", "; new\n");
    pair.save();
    let (exit, document) = follow("ender", original);
    assert_eq!(exit, 2, "{document}");
    assert!(!pair.to.exists());
    let (exit, document) = pair.pc.run(&["device", "follow", "ender", "data", "--to", to, "--once"]);
    assert_eq!(exit, 4, "{document}");
}

#[test]
fn a_round_goes_on_after_being_killed() {
    let pair = Pair::new();
    let args = [&pair.args()[..], &["--once"]].concat();
    let started = Instant::now();
    let trial = pair.pc.folder.path().join("trial");
    pair.pc.done(&["device", "follow", "ender", "data", "--to", trial.to_str().unwrap(), "--once", "--recovery-kit", &pair.kit]);
    let usual = started.elapsed();
    let mut killer = Killer::new(usual, 10, 0);
    for _ in 0..10 {
        killer.kill(&pair.pc, &args);
    }
    pair.once();
    assert_eq!(contents(&pair.to), contents(&pair.printer.data));
}

#[test]
fn it_goes_on_by_itself_until_it_is_stopped() {
    let pair = Pair::new();
    let mut child = pair
        .pc
        .command(&[&pair.args()[..], &["--every", "1s"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |wanted: &str| {
        lines.by_ref().map(Result::unwrap).find(|line| line.contains(wanted)).unwrap_or_else(|| panic!("never {wanted}"))
    };
    until("new      sub/a.cfg");
    pair.write("sub/a.cfg", "[changed]\n");
    pair.save();
    until("updated  sub/a.cfg");
    assert_eq!(pair.here("sub/a.cfg"), "[changed]\n");
    // between rounds others may write
    let stop = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stop.success());
    until("Brought");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
