//! A vault that cannot grow: the backup ends with a clear message and leaves no rubbish, and the next one with room succeeds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "support/program.rs"]
mod program;

use program::{Home, contents, noise};

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
    let document = program::document(&output);
    assert_eq!(output.status.code(), Some(1), "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("vault is full"), "{document}");
    assert!(document["error"]["hint"].as_str().unwrap().contains("make room"), "{document}");
    assert_eq!(home.objects(), before, "rubbish stays behind");
    home.done(&["verify", "--read-data"]);
    home.backup();
    assert_eq!(home.restored("latest"), contents(&home.data));
}
