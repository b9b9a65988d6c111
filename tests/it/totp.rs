//! One-time codes: taken into use with an app, asked for before a device is revoked, given up with the kit.

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use crate::support::program::{self, Home};

/// What an app shows for an address, so many steps from now.
fn code(address: &str, steps: i64) -> String {
    let encoded = address.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let bits: String = encoded
        .bytes()
        .map(|c| format!("{:05b}", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|d| *d == c).unwrap()))
        .collect();
    let secret: Vec<u8> =
        bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now.checked_add_signed(steps * 30).unwrap()).to_string()
}

/// Turns codes on, answering with what `answer` makes of the secret's address.
fn turn_on(home: &Home, answer: impl FnOnce(&str) -> String) -> (Output, String) {
    let file = home.folder.path().join("secret");
    let mut command = home.command(&["key", "codes", "on", "--to", file.to_str().unwrap()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("secret for your app is in"), "{said}");
    let address = std::fs::read_to_string(&file).unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", answer(&address)).unwrap();
    (child.wait_with_output().unwrap(), address)
}

fn revoke(home: &Home, code: &str) -> (i32, serde_json::Value) {
    let mut command = home.command(&["device", "revoke", "pc", "--yes", "--offline", "--json"]);
    let output = command.env("PRINTKEEP_CODE", code).output().unwrap();
    (output.status.code().unwrap(), program::document(&output))
}

#[test]
fn a_code_is_needed_to_revoke_once_codes_are_on() {
    let home = Home::new();
    home.done(&["setup", "--device-name", "pc"]);
    // an app that does not have the secret turns nothing on
    let (output, _) = turn_on(&home, |_| "000000".into());
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert_eq!(home.done(&["key", "codes", "status"])["codes"], false);
    let (output, address) = turn_on(&home, |address| code(address, 0));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(home.run(&["device", "revoke", "pc", "--yes", "--offline"]).0, 4);
    // the one that turned them on was used
    for wrong in [code(&address, 0), "123456".into(), String::from("nonsense")] {
        let (exit, document) = revoke(&home, &wrong);
        assert_eq!(exit, 4, "{document}");
    }
    let member = |home: &Home| home.done(&["device", "list"])["devices"][0]["role"].clone();
    let before = member(&home);
    let (exit, document) = revoke(&home, &code(&address, 1));
    assert_eq!(exit, 0, "{document}");
    assert_ne!(member(&home), before);
}

#[test]
fn the_kit_turns_codes_off_and_a_lost_file_does_not() {
    let home = Home::new();
    home.done(&["setup", "--device-name", "pc"]);
    assert!(turn_on(&home, |address| code(address, 0)).0.status.success());
    let kit = home.path.join("recovery-kit.txt");
    let elsewhere = home.folder.path().join("kit.txt");
    std::fs::rename(&kit, &elsewhere).unwrap();
    std::fs::remove_file(home.path.join("accounts/default/totp.sealed")).unwrap();
    let output = home.command(&["key", "codes", "off"]).env("PRINTKEEP_CODE", "123456").output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(home.done(&["key", "codes", "status"])["codes"], true);
    home.done(&["key", "codes", "off", "--recovery-kit", elsewhere.to_str().unwrap()]);
    assert_eq!(home.done(&["key", "codes", "status"])["codes"], false);
}

#[test]
fn a_code_is_needed_to_erase_anything() {
    let home = Home::new();
    home.done(&["setup", "--device-name", "pc"]);
    let (output, address) = turn_on(&home, |address| code(address, 0));
    assert!(output.status.success(), "{output:?}");
    for what in [&["--kind", "device.serial"][..], &["--whole-account"]] {
        let args = [&["privacy", "erase", "--yes-erase", "default"], what].concat();
        let (exit, document) = home.run(&args);
        assert_eq!(exit, 4, "{what:?}: {document}");
    }
    home.done(&["snapshots"]);
    let mut command = home.command(&["privacy", "erase", "--yes-erase", "default", "--whole-account"]);
    let output = command.env("PRINTKEEP_CODE", code(&address, 1)).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(home.run(&["snapshots"]).0, 1);
}
