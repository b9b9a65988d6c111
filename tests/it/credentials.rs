//! Passwords and keys in printer settings: the owner is told, never shown them, and may leave such files out.

use crate::support::program::Home;

const SECRET: &str = "hunter2hunter2";

fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.data.join("printer.cfg"), "[printer]\nkinematics: corexy\n").unwrap();
    std::fs::write(home.data.join("moonraker.conf"), format!("[mqtt]\naddress: x\npassword: {SECRET}\n")).unwrap();
    home.run(&["setup"]);
    home
}

#[test]
fn credentials_are_told_of_and_never_shown() {
    let home = home();
    let told = home.backup();
    assert_eq!((&told["credentials"], &told["left_out"]), (&1.into(), &0.into()), "{told}");
    let notice = &told["notices"][0];
    assert_eq!(
        (notice["kind"].as_str(), notice["reason"]["text"].as_str()),
        (Some("credentials"), Some("line 3 holds a password"))
    );
    // an unchanged file is not told of again, once its change is no longer a moment ago; and `source secrets` tells at any time
    assert!((0..100).any(|_| home.backup()["credentials"] == 0));
    home.done(&["source", "add", home.data.to_str().unwrap()]);
    let checked = home.command(&["source", "secrets"]).output().unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(text.contains("data/moonraker.conf: line 3 holds a password"), "{text}");
    assert!(!text.contains(SECRET) && !told.to_string().contains(SECRET));
    assert_eq!(home.done(&["source", "secrets"])["looked_at"], 2);
    let one = home.data.join("printer.cfg");
    let checked = home.done(&["source", "secrets", one.to_str().unwrap()]);
    assert_eq!((&checked["looked_at"], checked["files"].as_array().unwrap().len()), (&1.into(), 0));
    assert_eq!(home.restored("latest").len(), 2);
}

#[test]
fn such_files_can_be_left_out() {
    let home = home();
    home.backup();
    home.done(&["source", "add", home.data.to_str().unwrap(), "--no-credentials"]);
    for _ in 0..2 {
        // the second time the file is unchanged, and left out all the same
        let told = home.done(&["backup"]);
        assert_eq!(told["left_out"], 1, "{told}");
        let names: Vec<_> = home.restored("latest").into_keys().map(|name| String::from_utf8(name).unwrap()).collect();
        assert_eq!(names, ["printer.cfg"]);
    }
    assert_eq!(home.restored("1").len(), 2);
}
