//! Enrolling over loopback: with the right code, a wrong one, cut connections, strangers, and somebody between.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::job::JobTools;
use crate::support::program::{Home, contents, document, gcode};
use printkeep::consent::{ConsentContext, Decision, Item, Language, Ledger, Policy, Surface};
use printkeep::core::enroll::Request;
use printkeep::core::enroll::channel::{Channel, Code, Greeting, Side};
use printkeep::core::enroll::frame::Frame;
use printkeep::core::name::DeviceId;
use printkeep::core::sign::SigningKey;
use printkeep::core::slot::Cost;
use printkeep::engine::account::{AccountWriter, NewAccount};
use printkeep::engine::clock::Clock;
use printkeep::engine::devices::enroll::{Limits, host};
use printkeep::engine::{Cancel, EngineError};
use printkeep::local::home::AccountName;
use printkeep::local::os_random::SystemRandom;
use serde_json::Value;

/// A home called `pc` with a store beside it, allowed to use the network.
fn allowed() -> Home {
    let home = Home::new();
    std::fs::write(home.data.join("a.gcode"), gcode(1, 500)).unwrap();
    home.done(&["setup", "--device-name", "pc"]);
    let store = home.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display())]);
    home.done(&["privacy", "grant", "network"]);
    home
}

/// A process that waits for a new device, once it said where and with which code.
struct Waiting {
    child: Child,
    address: String,
    code: String,
}

impl Waiting {
    fn start(home: &Home, more: &[&str]) -> Self {
        let args = [&["device", "enroll", "--listen", "127.0.0.1:0", "--json"], more].concat();
        let mut child = home.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut address, mut code) = (None, None);
        for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
            address = line.split_once("--enroll ").map(|(_, rest)| rest.to_owned()).or(address);
            code = line.split_once("code:").map(|(_, rest)| rest.trim().to_owned()).or(code);
            if let (Some(address), Some(code)) = (&address, &code) {
                return Self { child, address: address.clone(), code: code.clone() };
            }
        }
        panic!("it did not wait: {:?}", child.wait_with_output());
    }

    fn end(self) -> (i32, Value) {
        let output = self.child.wait_with_output().unwrap();
        (output.status.code().unwrap_or(-1), document(&output))
    }

    fn at(&self) -> SocketAddr {
        self.address.parse().unwrap()
    }
}

/// Runs a new device that knocks at `address`.
fn knock(address: &str, code: &str) -> (Home, i32, Value) {
    let new = Home::new();
    std::fs::write(new.data.join("own.cfg"), "[printer]\n").unwrap();
    let file = new.folder.path().join("code");
    std::fs::write(&file, format!("{code}\n")).unwrap();
    let args = ["setup", "--enroll", address, "--code-file", file.to_str().unwrap(), "--device-name", "printer"];
    let (exit, document) = new.run(&args);
    (new, exit, document)
}

/// Another code than this one.
fn another(code: &str) -> String {
    let first = if code.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", &code[1..])
}

fn names(home: &Home) -> Vec<String> {
    let document = home.done(&["device", "list"]);
    document["devices"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap().to_owned()).collect()
}

/// A client of the test's own, for what the program would not do.
struct Client(TcpStream);

impl Client {
    fn connect(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(stream)
    }

    fn send(&mut self, frame: &[u8]) {
        self.0.write_all(&[&u32::try_from(frame.len()).unwrap().to_le_bytes()[..], frame].concat()).unwrap();
    }

    fn receive(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).ok()?;
        let mut frame = vec![0; u32::from_le_bytes(length) as usize];
        self.0.read_exact(&mut frame).ok()?;
        Some(frame)
    }

    /// The first steps of a new device that knows the code.
    fn meet(&mut self, code: &str) -> Channel {
        let greeting = Greeting::start(Side::Guest, &Code::parse(code).unwrap(), &SystemRandom::new()).unwrap();
        self.send(greeting.hello());
        let agreed = greeting.agree(&self.receive().unwrap()).unwrap();
        self.send(&Frame::Proof(agreed.proof()).encode());
        let heard = self.receive().unwrap();
        let Frame::Proof(proof) = Frame::decode(&heard).unwrap() else { panic!("no proof") };
        agreed.confirm(&proof).unwrap()
    }
}

#[test]
fn a_new_device_backs_up_from_its_first_minute_and_reads_nothing() {
    let home = allowed();
    home.backup();
    home.done(&["key", "rotate"]);
    home.done(&["sync"]);
    let waiting = Waiting::start(&home, &[]);
    let (new, exit, told) = knock(&waiting.address, &waiting.code.to_lowercase().replace('-', " "));
    assert_eq!(exit, 0, "{told}");
    let (exit, said) = waiting.end();
    assert_eq!(exit, 0, "{said}");
    assert_eq!((&told["fingerprint"], &told["device"]), (&said["fingerprint"], &"printer".into()));
    assert_eq!(names(&home), ["pc", "printer"]);
    // a folder of the PC is none of the printer's, until its owner says so
    assert_eq!((&told["stores"], &said["kept_here"]), (&serde_json::json!([]), &serde_json::json!(["store"])));
    new.done(&["store", "add", home.folder.path().join("store").to_str().unwrap()]);
    new.backup();
    new.done(&["sync"]);
    for args in [&["ls"][..], &["restore", "latest", "--to", "out"], &["device", "revoke", "pc", "--yes"]] {
        assert_eq!(new.run(args).0, 4, "{args:?}");
    }
    assert_eq!(new.done(&["device", "list"])["generation"], 2);
    new.done(&["check"]);
    home.done(&["sync"]);
    let to = home.folder.path().join("out");
    home.done(&["restore", "printer:latest", "--to", to.to_str().unwrap()]);
    assert_eq!(contents(&to.join("data")), contents(&new.data));
    // it is granted later keys like any other
    home.done(&["key", "rotate"]);
    home.done(&["sync"]);
    new.done(&["sync"]);
    assert_eq!(new.done(&["device", "list"])["generation"], 3);
}

#[test]
fn credentials_are_handed_over_only_where_the_owner_says_so() {
    for (share, expected) in [(&[][..], false), (&["--share-credentials"], true)] {
        let home = allowed();
        let keys = home.folder.path().join("keys");
        std::fs::write(&keys, "ACCESS\nSECRETSECRET\n").unwrap();
        let url = "s3://bucket/p?endpoint=https://127.0.0.1:9&region=x";
        home.done(&["store", "add", url, "--name", "cloud", "--credentials-file", keys.to_str().unwrap(), "--system-roots"]);
        let waiting = Waiting::start(&home, &[share, &["--offline"]].concat());
        let (new, exit, told) = knock(&waiting.address, &waiting.code);
        assert_eq!(exit, 0, "{told}");
        let said = waiting.end().1;
        assert_eq!((&said["credentials_shared"], &said["kept_here"]), (&expected.into(), &serde_json::json!(["store"])));
        assert_eq!(told["stores"], serde_json::json!(["cloud"]));
        let settings = std::fs::read_to_string(new.path.join("config.toml")).unwrap();
        assert!(settings.contains("127.0.0.1:9") && settings.contains("system_roots = true"), "{settings}");
        assert_eq!(new.path.join("accounts/default/credentials/cloud.sealed").exists(), expected);
    }
}

#[test]
fn without_consent_no_device_is_waited_for() {
    let home = Home::new();
    home.done(&["setup"]);
    let (exit, document) = home.run(&["device", "enroll", "--listen", "127.0.0.1:0"]);
    assert_eq!(exit, 5, "{document}");
}

#[test]
fn a_wrong_code_ends_the_wait_on_both_sides() {
    let home = allowed();
    let waiting = Waiting::start(&home, &[]);
    let (new, exit, told) = knock(&waiting.address, &another(&waiting.code));
    assert_eq!(exit, 4, "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("code"), "{told}");
    let (exit, said) = waiting.end();
    assert_eq!(exit, 4, "{said}");
    assert_eq!(names(&home), ["pc"]);
    assert!(!new.path.join("accounts/default/device.key").exists());
}

#[test]
fn a_second_device_is_turned_away_while_one_is_served_and_a_silent_one_costs_no_code() {
    let home = allowed();
    let waiting = Waiting::start(&home, &[]);
    let mut silent = Client::connect(waiting.at());
    let greeting = Greeting::start(Side::Guest, &Code::parse(&waiting.code).unwrap(), &SystemRandom::new()).unwrap();
    silent.send(greeting.hello());
    silent.receive().unwrap();
    let (_, exit, told) = knock(&waiting.address, &waiting.code);
    assert_eq!(exit, 1, "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("another device"), "{told}");
    drop(silent);
    let (_, exit, told) = knock(&waiting.address, &waiting.code);
    assert_eq!(exit, 0, "{told}");
    assert_eq!(waiting.end().0, 0);
}

#[test]
fn strangers_that_talk_nonsense_or_without_end_are_passed_over() {
    let home = allowed();
    let waiting = Waiting::start(&home, &[]);
    for nonsense in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0; 4], &[5, 0, 0, 0, 1, b'P', b'K', b'E', b'N']] {
        let mut client = Client::connect(waiting.at());
        client.0.write_all(nonsense).unwrap();
        let _ = client.0.shutdown(std::net::Shutdown::Write);
        assert_eq!(client.receive(), None);
    }
    // as long as it is read, it is read up to the limit of one message
    let mut endless = Client::connect(waiting.at());
    let (block, mut sent) = (vec![0x10; 64 * 1024], 0usize);
    endless.0.write_all(&(1024u32 * 1024).to_le_bytes()).unwrap();
    while endless.0.write_all(&block).is_ok() {
        sent += block.len();
        assert!(sent < 64 << 20, "it reads without end");
    }
    let (_, exit, told) = knock(&waiting.address, &waiting.code);
    assert_eq!(exit, 0, "{told}");
    assert_eq!(waiting.end().0, 0);
}

#[test]
fn a_connection_that_is_cut_enrols_nobody_or_says_whom() {
    let home = allowed();
    let waiting = Waiting::start(&home, &[]);
    let mut client = Client::connect(waiting.at());
    client.meet(&waiting.code);
    drop(client);
    let (exit, said) = waiting.end();
    assert_eq!(exit, 6, "{said}");
    assert_eq!(names(&home), ["pc"]);

    let waiting = Waiting::start(&home, &[]);
    let mut client = Client::connect(waiting.at());
    let mut channel = client.meet(&waiting.code);
    let signer = SigningKey::random(&SystemRandom::new()).unwrap();
    let request = Request { id: DeviceId::from_bytes([9; 16]), key: signer.public(), name: "pc".into() };
    let sealed = channel.seal(&request.encode(&signer, channel.transcript())).unwrap();
    client.send(&Frame::Sealed(&sealed).encode());
    client.receive().unwrap();
    drop(client);
    let (exit, said) = waiting.end();
    assert_eq!(exit, 1, "{said}");
    assert!(said["error"]["message"].as_str().unwrap().contains("\"pc-2\" stands in the list"), "{said}");
    assert_eq!(names(&home), ["pc", "pc-2"]);
}

/// Stands between two devices and hands every frame on, changed by `change(from the new device?, number, frame)`.
fn between(to: SocketAddr, change: fn(bool, usize, Vec<u8>) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let guest = listener.accept().unwrap().0;
        let host = TcpStream::connect(to).unwrap();
        let pump = |from: &TcpStream, to: &TcpStream, of_guest| {
            let (mut from, mut to) = (Client(from.try_clone().unwrap()), Client(to.try_clone().unwrap()));
            std::thread::spawn(move || {
                let mut number = 0;
                while let Some(frame) = from.receive() {
                    let frame = change(of_guest, number, frame);
                    if to.0.write_all(&[&u32::try_from(frame.len()).unwrap().to_le_bytes()[..], &frame].concat()).is_err() {
                        break;
                    }
                    number += 1;
                }
                let _ = to.0.shutdown(std::net::Shutdown::Both);
            })
        };
        let pumps = [pump(&guest, &host, true), pump(&host, &guest, false)];
        pumps.into_iter().for_each(|pump| pump.join().unwrap());
    });
    here
}

#[test]
fn somebody_between_who_changes_anything_is_refused() {
    // greetings of his own with a code that he guesses; then one bit of a proof, of the request, of the answer
    let swap: fn(bool, usize, Vec<u8>) -> Vec<u8> = |of_guest, number, frame| {
        if number > 0 {
            return frame;
        }
        let side = if of_guest { Side::Guest } else { Side::Host };
        let own = Greeting::start(side, &Code::parse("00000000").unwrap(), &SystemRandom::new()).unwrap();
        own.hello().to_vec()
    };
    fn flipped(mut frame: Vec<u8>) -> Vec<u8> {
        let at = frame.len() / 2;
        frame[at] ^= 1;
        frame
    }
    let proof: fn(bool, usize, Vec<u8>) -> Vec<u8> = |g, n, frame| if g && n == 1 { flipped(frame) } else { frame };
    let back: fn(bool, usize, Vec<u8>) -> Vec<u8> = |g, n, frame| if !g && n == 1 { flipped(frame) } else { frame };
    let request: fn(bool, usize, Vec<u8>) -> Vec<u8> = |g, n, frame| if g && n == 2 { flipped(frame) } else { frame };
    let welcome: fn(bool, usize, Vec<u8>) -> Vec<u8> = |g, n, frame| if !g && n == 2 { flipped(frame) } else { frame };
    let untouched: fn(bool, usize, Vec<u8>) -> Vec<u8> = |_, _, frame| frame;
    let cases = [(swap, 4, 4), (proof, 4, 4), (back, 4, 6), (request, 6, 1), (welcome, 1, 1), (untouched, 0, 0)];
    for (number, (change, of_guest, of_host)) in cases.into_iter().enumerate() {
        let home = allowed();
        let waiting = Waiting::start(&home, &[]);
        let relay = between(waiting.at(), change);
        let (new, exit, told) = knock(&relay.to_string(), &waiting.code);
        assert_eq!(exit, of_guest, "case {number}: {told}");
        let (exit, said) = waiting.end();
        assert_eq!(exit, of_host, "case {number}: {said}");
        assert_eq!(new.path.join("accounts/default/device.key").exists(), exit == 0, "case {number}");
    }
}

/// Whoever is silent, or sends a byte now and then, is not waited for longer than a step; and all of it ends.
#[test]
fn nobody_is_waited_for_without_end() {
    let home = Home::new();
    let random = SystemRandom::new();
    let place = printkeep::local::home::Home::at(home.path.clone());
    let new = NewAccount {
        home: &place,
        name: AccountName::parse("default").unwrap(),
        clock: Clock::SYSTEM,
        device_name: "pc".into(),
        passphrase: None,
        cost: Cost::PRINTER,
        kit_account: None,
    };
    let (mut account, kit) = AccountWriter::create(new, &random).unwrap();
    let keyring = printkeep::engine::account::slots::unlock(&account, &printkeep::engine::account::slots::Key::Kit(kit)).unwrap();
    let mut ledger = Ledger::under(Some(Policy::built_in().into()));
    let asked = ConsentContext { language: Language::English, surface: Surface::CommandLine, time: 0 };
    ledger.push(ledger.decide(Item::Network, Decision::Granted, asked, [0; 16]).unwrap()).unwrap();
    let permit = ledger.permit(Item::Network).unwrap();
    let waiting = host::Waiting::listen(&permit, Some(([127, 0, 0, 1], 0).into()), &random).unwrap();
    let at = waiting.address().unwrap();
    let dripping = std::thread::spawn(move || {
        let mut client = Client::connect(at);
        // each byte resets nothing: the step ends all the same
        while client.0.write_all(&[1]).is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let limits = Limits { step: Duration::from_millis(300), whole: Duration::from_millis(1500) };
    let done = host::host(&mut account, &keyring, waiting, Vec::new(), limits, JobTools::new(&Cancel::default()).job(&|_| {}));
    assert!(matches!(done, Err(EngineError::Enroll(_))), "{done:?}");
    dripping.join().unwrap();
}

#[test]
fn a_device_that_was_let_in_to_write_is_told_that_the_keys_come_with_a_sync() {
    let home = allowed();
    let waiting = Waiting::start(&home, &["--offline"]);
    let (new, exit, told) = knock(&waiting.address, &waiting.code);
    assert_eq!((exit, waiting.end().0), (0, 0), "{told}");
    let kit = home.path.join("recovery-kit.txt");
    new.backup();
    let checked = new.done(&["check"]);
    assert_eq!(checked["keys_awaited"], true, "{checked}");
    let ls = ["ls", "latest", "--recovery-kit", kit.to_str().unwrap()];
    for args in [&ls[..], &["ls", "latest"], &["check", "--recovery-kit", kit.to_str().unwrap()]] {
        let (exit, told) = new.run(args);
        assert_eq!((exit, told["error"]["id"].as_str()), (4, Some("keys-awaited")), "{args:?}: {told}");
    }
    home.done(&["sync"]);
    new.done(&["store", "add", home.folder.path().join("store").to_str().unwrap()]);
    new.done(&["sync"]);
    assert_eq!(new.done(&["check"])["keys_awaited"], false);
    new.done(&ls);
}
