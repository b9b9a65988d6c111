//! Wrong and unlucky input: each is told with what, where and what to do, in bounded time, and nothing is lost by it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::program::{self, Home, contents, document, noise};
use crate::support::server::{self, Identity, Rude, S3Server, identity, server_config};
use printkeep::local::home::write_private;
use serde_json::Value;

const TLS13: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13];
const EXE: &str = env!("CARGO_BIN_EXE_printkeep");

/// A home with one backup.
fn home() -> Home {
    let home = Home::new();
    std::fs::write(home.data.join("a.jpg"), noise(1, 30_000)).unwrap();
    home.backup();
    home
}

/// The same with a store at `url`, allowed and with these keys.
fn with_store(url: &str, ca_pem: &str, secret: &str) -> Home {
    let home = home();
    let keys = server::write(&home.folder.path().join("keys"), &format!("{}\n{secret}\n", server::ACCESS_KEY));
    let ca = server::write(&home.folder.path().join("ca.pem"), ca_pem);
    let (keys, ca) = (keys.to_str().unwrap(), ca.to_str().unwrap());
    home.done(&["store", "add", url, "--credentials-file", keys, "--ca-file", ca]);
    home.done(&["privacy", "grant", "network"]);
    home
}

fn ca(server: &S3Server) -> String {
    std::fs::read_to_string(&server.ca_file).unwrap()
}

/// A server over TLS that gives every request this reply, and a home whose store it is.
fn with_rude(identity: &Identity, reply: &'static [u8], more: usize) -> (Home, Rude) {
    let server = Rude::start(Some(server_config(identity, TLS13)), reply, more);
    let url = format!("s3://printers?endpoint=https://127.0.0.1:{}&region=eu", server.address.port());
    (with_store(&url, &identity.ca_pem, server::SECRET_KEY), server)
}

/// That a failure is told with this exit code, these words in its one line, and these in its hint.
fn told((exit, document): (i32, Value), expected: i32, message: &[&str], hint: &[&str]) {
    assert_eq!(exit, expected, "{document}");
    let text = |name: &str| document["error"][name].as_str().unwrap_or_else(|| panic!("no {name}: {document}")).to_owned();
    message.iter().for_each(|word| assert!(text("message").contains(word), "{word}: {document}"));
    hint.iter().for_each(|word| assert!(text("hint").contains(word), "{word}: {document}"));
    assert!(!text("message").contains('\n') && text("message").len() < 400, "{document}");
}

/// Whatever happened, the next backup succeeds, every byte is what was written, and everything comes back.
fn nothing_is_lost(home: &Home) {
    std::fs::write(home.data.join("next.jpg"), noise(9, 20_000)).unwrap();
    home.backup();
    home.done(&["check", "--read-data"]);
    assert_eq!(home.restored("latest"), contents(&home.data));
}

/// A command that the program's clock is set for; none where there is no faketime.
fn at(time: &str, home: &Home, args: &[&str]) -> Option<(i32, Value)> {
    let mut command = Command::new("faketime");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.folder.path()).env("PRINTKEEP_HOME", &home.path);
    command.args(["-m", "--exclude-monotonic", time, EXE]).args(args).arg("--json");
    match command.output() {
        Ok(output) => Some((output.status.code().unwrap_or(-1), document(&output))),
        Err(_) => {
            println!("not run: there is no faketime to set the program's clock with");
            None
        }
    }
}

#[test]
fn sources_whose_disk_is_away_are_named_and_the_others_backed_up() {
    let home = home();
    let disks: Vec<_> = ["a/gcodes", "b/gcodes", "c/gcodes"].iter().map(|disk| home.folder.path().join(disk)).collect();
    for (at, disk) in disks.iter().enumerate() {
        std::fs::create_dir_all(disk).unwrap();
        std::fs::write(disk.join("file"), [u8::try_from(at).unwrap()]).unwrap();
        home.done(&["source", "add", disk.to_str().unwrap()]);
    }
    home.done(&["backup"]);
    // whichever is away, first or last
    for away in [0, 2] {
        let aside = home.folder.path().join("aside");
        std::fs::rename(&disks[away], &aside).unwrap();
        let output = home.command(&["backup", "--json"]).output().unwrap();
        let (shown, document) = (String::from_utf8(output.stderr.clone()).unwrap(), document(&output));
        let line = format!("failed: {}: it is not there", disks[away].display());
        assert!(shown.contains(&line), "{shown}");
        assert_eq!(
            (output.status.code(), &document["failed"], &document["files"]),
            (Some(3), &1.into(), &2.into()),
            "{document}"
        );
        assert_eq!(document["notices"][0]["subject"], disks[away].to_str().unwrap());
        assert_eq!((&document["notices"][0]["kind"], document["notices"].as_array().unwrap().len()), (&"failed".into(), 1));
        // the others keep the names they had
        let found = contents_of_latest(&home);
        let mut expected: Vec<_> =
            (0..3).filter(|at| *at != away).map(|at| (label(at), vec![u8::try_from(at).unwrap()])).collect();
        expected.sort();
        assert_eq!(found, expected);
        std::fs::rename(&aside, &disks[away]).unwrap();
    }
    assert_eq!(home.done(&["backup"])["files"], 3);
    disks.iter().for_each(|disk| std::fs::remove_dir_all(disk).unwrap());
    told(home.run(&["backup"]), 1, &["none of the 3 sources"], &["disks mounted", "source list"]);
    // what is named on the command line must be there
    let (data, gone) = (home.data.to_str().unwrap(), disks[1].to_str().unwrap());
    told(home.run(&["backup", data, gone]), 1, &[gone, "it is not there"], &["right path"]);
    assert_eq!(home.done(&["snapshots"])["snapshots"].as_array().unwrap().len(), 5);
    nothing_is_lost(&home);
}

fn label(at: usize) -> String {
    if at == 0 { "gcodes/file".into() } else { format!("gcodes-{}/file", at + 1) }
}

fn contents_of_latest(home: &Home) -> Vec<(String, Vec<u8>)> {
    let to = tempfile::tempdir().unwrap();
    home.done(&["restore", "latest", "--to", to.path().to_str().unwrap()]);
    contents(to.path()).into_iter().map(|(name, bytes)| (String::from_utf8(name).unwrap(), bytes)).collect()
}

#[test]
fn a_vault_that_may_only_be_read_is_told() {
    let home = home();
    std::fs::write(home.data.join("b.jpg"), noise(2, 30_000)).unwrap();
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 99; exec \"$0\" backup \"$2\" --json";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, EXE]).arg(home.path.join("vault")).arg(&home.data);
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("PRINTKEEP_HOME", &home.path);
    match command.output() {
        Ok(output) if output.status.code() != Some(99) && !output.stdout.is_empty() => {
            let found = (output.status.code().unwrap_or(-1), document(&output));
            told(found, 1, &["vault", "read-only"], &["writable"]);
        }
        _ => println!("not run: this user may not mount"),
    }
    nothing_is_lost(&home);
}

/// Another user than the home's owner: nothing is made beside it, and the hint says who to be.
#[test]
fn a_home_of_another_user_is_told() {
    let home = home();
    std::fs::set_permissions(home.folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", EXE, "backup"]).arg(&home.data).arg("--json");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("PRINTKEEP_HOME", &home.path);
    // the program's own folder may be closed to that user; then there is nothing to see
    match command.output() {
        Ok(output) if !output.stdout.is_empty() => {
            let found = (output.status.code().unwrap_or(-1), document(&output));
            told(found, 1, &[home.path.to_str().unwrap(), "permission denied"], &["the user who owns"]);
        }
        _ => println!("not run: this user may not become another"),
    }
    nothing_is_lost(&home);
}

#[test]
fn settings_that_are_damaged_name_the_line() {
    let home = home();
    for (text, line) in [("profile = \"pc\"\n[[source]\n", "line 2"), ("\n\ncolour = 1\n", "line 3"), ("a = \u{0}\n", "line 1")] {
        write_private(&home.path.join("config.toml"), text.as_bytes()).unwrap();
        for args in [&["backup"][..], &["status"], &["sync"]] {
            told(home.run(args), 2, &["settings", line], &["config.toml"]);
        }
    }
    std::fs::remove_file(home.path.join("config.toml")).unwrap();
    nothing_is_lost(&home);
}

/// What no vault gives back: it is left as it is, and the hint's way out works.
#[test]
fn a_damaged_device_key_or_journal_is_told_and_joining_anew_goes_on() {
    for (file, cut) in [("device.key", true), ("account.journal", false)] {
        let home = home();
        home.backup();
        let path = home.path.join("accounts/default").join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        if cut {
            bytes.truncate(middle)
        } else {
            drop(bytes.drain(middle..middle + 20))
        }
        std::fs::write(&path, &bytes).unwrap();
        let vault = format!("file://{}", home.path.join("vault").display());
        let join = format!("setup --join {vault} ");
        for args in [&["status"][..], &["backup", home.data.to_str().unwrap()], &["check", "--repair"]] {
            told(home.run(args), 7, &["damaged"], &["put back a copy", "/accounts/default away", &join]);
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{file} was changed");
        std::fs::rename(home.path.join("accounts/default"), home.folder.path().join("away")).unwrap();
        let kit = home.path.join("recovery-kit.txt");
        home.done(&["setup", "--join", &vault, "--recovery-kit", kit.to_str().unwrap()]);
        assert_eq!(home.done(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
        nothing_is_lost(&home);
    }
}

#[test]
fn revoked_credentials_are_told_and_new_ones_go_on() {
    let server = S3Server::start();
    let home = with_store(&server.url("x"), &ca(&server), "test-secret-of-somebody-else-000000000000");
    told(home.run(&["sync"]), 6, &["the store store", "credentials"], &["credentials", "store set"]);
    assert_eq!(std::fs::read_dir(server.data.join("bucket")).unwrap().count(), 0);
    nothing_is_lost(&home);
    let keys = format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY);
    let keys = server::write(&home.folder.path().join("new-keys"), &keys);
    let set = home.done(&["store", "set", "store", "--credentials-file", keys.to_str().unwrap()]);
    assert_eq!(set["new_credentials"], true, "{set}");
    home.done(&["sync"]);
    home.done(&["check", "--store", "store", "--read-data"]);
}

#[test]
fn a_bucket_that_is_gone_is_named() {
    let server = S3Server::start();
    let home = with_store(&server.url("x"), &ca(&server), server::SECRET_KEY);
    home.done(&["sync"]);
    let aside = server.data.join("../aside");
    std::fs::rename(server.data.join("bucket"), &aside).unwrap();
    told(home.run(&["sync"]), 6, &["the store store", "no such bucket"], &["address", "store set"]);
    nothing_is_lost(&home);
    std::fs::rename(&aside, server.data.join("bucket")).unwrap();
    home.done(&["sync"]);
    home.done(&["check", "--store", "store", "--read-data"]);
}

#[test]
fn servers_that_answer_rubbish_or_not_at_all_are_told_soon() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let html = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 44\r\n\r\n<html><body>\nPlease log in\n</body></html>\n\n\n";
    let lost = b"HTTP/1.1 404 Not Found\r\ncontent-length: 26\r\n\r\n<html>nothing here</html>\n";
    let cases: [(&'static [u8], usize, &[&str]); 6] = [
        (html, 0, &["answered nonsense"]),
        (lost, 0, &["answered nonsense", "404"]),
        (b"SSH-2.0-OpenSSH_9.6\r\n", 0, &[]),
        (b"HTTP/1.1 200 OK\r\n\r\n", 4000, &["answered nonsense", "larger"]),
        (b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n", 0, &["cannot be reached", "500"]),
        (b"", 0, &["cannot be reached"]),
    ];
    for (reply, more, message) in cases {
        let (home, server) = with_rude(&identity, reply, more);
        let started = Instant::now();
        told(home.run(&["sync"]), 6, &[&["the store store"], message].concat(), &[]);
        assert!(started.elapsed() < Duration::from_secs(60), "{message:?}");
        drop(server);
        home.done(&["check", "--read-data"]);
    }
}

#[test]
fn a_server_that_is_away_is_told_and_later_gets_everything() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("s3://bucket?endpoint=https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let server = S3Server::start();
    let home = with_store(&url, &ca(&server), server::SECRET_KEY);
    told(home.run(&["sync"]), 6, &["the store store", "cannot be reached"], &["check the network"]);
    nothing_is_lost(&home);
    // the server is back at another port
    home.done(&["store", "set", "store", "--url", &server.url("x")]);
    home.done(&["sync"]);
    home.done(&["check", "--store", "store", "--read-data"]);
}

/// A certificate from the future is far more often a clock from the past.
#[test]
fn a_certificate_that_is_not_valid_yet_points_at_the_clock() {
    let later = identity(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let (home, _server) = with_rude(&later, b"", 0);
    told(
        home.run(&["sync"]),
        6,
        &["certificate holds from 2090-01-01", "this machine's clock says 20"],
        &["set this machine's clock"],
    );
    let ended = identity(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    });
    let (home, _server) = with_rude(&ended, b"", 0);
    told(home.run(&["sync"]), 6, &["certificate held until 2002-01-01", "this machine's clock says 20"], &["stand between"]);
    nothing_is_lost(&home);
}

/// Servers tell of a wrong clock by name or, where a signature seems to have run out, not at all.
#[test]
fn a_server_that_refuses_the_clock_is_told_as_such() {
    let identity = identity(&["127.0.0.1"], |_| {});
    let named = b"HTTP/1.1 403 Forbidden\r\ndate: Fri, 01 Jan 2100 00:00:00 GMT\r\ncontent-length: 48\r\n\r\n<Error><Code>RequestTimeTooSkewed</Code></Error>";
    let denied = b"HTTP/1.1 403 Forbidden\r\ndate: Sat, 01 Feb 2020 00:00:00 GMT\r\ncontent-length: 40\r\n\r\n<Error><Code>AccessDenied</Code></Error>";
    for (reply, word) in [(&named[..], "days behind; set it"), (denied, "days ahead; set it")] {
        let (home, _server) = with_rude(&identity, reply, 0);
        told(home.run(&["sync"]), 6, &["this machine's clock is", word], &["set this machine's clock"]);
    }
}

/// A printer without a clock of its own boots years ago: snapshots go by number, and its requests are told as what they are.
#[test]
fn a_clock_years_in_the_past_changes_no_order() {
    let server = S3Server::start();
    let home = with_store(&server.url("x"), &ca(&server), server::SECRET_KEY);
    std::fs::write(home.data.join("later.jpg"), noise(3, 10_000)).unwrap();
    let Some((exit, document)) = at("2020-03-01 00:00:00", &home, &["backup", home.data.to_str().unwrap()]) else { return };
    assert_eq!((exit, &document["snapshot"]), (0, &2.into()), "{document}");
    let listed = home.done(&["snapshots"]);
    let times: Vec<_> = (0..2).map(|at| listed["snapshots"][at]["time"].as_i64().unwrap()).collect();
    assert!(times[1] < times[0] && times[1] < 1_600_000_000, "{times:?}");
    assert_eq!((&listed["snapshots"][0]["number"], &listed["snapshots"][1]["number"]), (&1.into(), &2.into()));
    assert_eq!(home.restored("latest"), contents(&home.data));
    // right or wrong, the clock of whoever looks changes nothing
    assert_eq!(home.run(&["status"]).1["last"]["snapshot"], 2);
    assert_eq!(at("2020-03-01 01:00:00", &home, &["status"]).unwrap().1["last"]["snapshot"], 2);
    let sync = at("2020-03-01 01:00:00", &home, &["sync"]).unwrap();
    told(sync, 6, &["this machine's clock"], &["set this machine's clock"]);
    home.done(&["sync"]);
    home.done(&["check", "--store", "store", "--read-data"]);
    nothing_is_lost(&home);
}

#[test]
fn testing_a_store_says_what_its_server_honours() {
    let server = S3Server::start();
    let home = with_store(&server.url("x"), &ca(&server), server::SECRET_KEY);
    let check = |document: &Value, word: &str| {
        let checks = document["stores"][0]["checks"].as_array().unwrap();
        let found = checks.iter().find(|c| c["what"] == word);
        found.unwrap_or_else(|| panic!("{word}: {document}")).clone()
    };
    let document = home.done(&["store", "test"]);
    for word in ["only-new", "parts", "clock"] {
        let found = check(&document, word);
        assert_eq!((&found["passed"], &found["needed"]), (&true.into(), &false.into()), "{document}");
    }
    // nothing stays behind
    let mut left = Vec::new();
    program::each_file(&server.data.join("bucket"), &mut |path: &Path| left.push(path.to_owned()));
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    // a clock that servers still bear with is told, and the store can be used
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() - 600;
    if let Some((exit, document)) = at(&format!("@{now}"), &home, &["store", "test"]) {
        let found = check(&document, "clock");
        assert_eq!((exit, &found["passed"]), (0, &false.into()), "{document}");
        assert!(found["note"]["text"] == "this one is 10 min behind", "{document}");
    }
}

/// A passphrase file that is named is meant: no kit that happens to lie here is used in its place.
#[test]
fn a_passphrase_file_where_no_passphrase_was_set_is_told() {
    let home = Home::new();
    std::fs::write(home.data.join("a"), "x").unwrap();
    home.backup();
    let file = home.folder.path().join("passphrase");
    std::fs::write(&file, "correct horse battery staple lamp\n").unwrap();
    let (exit, document) = home.run(&["ls", "--passphrase-file", file.to_str().unwrap()]);
    assert_eq!(exit, 4, "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains("no passphrase was set"), "{document}");
    home.done(&["ls"]);
}
