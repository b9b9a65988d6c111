//! Files sent to one device: whole, once, under safe names, only where its owner let them in; nothing forged, swapped or changed.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::killer::Killer;
use crate::support::program::{Home, contents, each_file, noise};
use printkeep::core::keys::Keyring;
use printkeep::core::letter::{Letter, Part, PartRef};
use printkeep::core::name::{DeviceId, ObjectId};
use printkeep::core::seal::Proved;
use printkeep::engine::account::Account;
use printkeep::engine::account::slots::{Key, unlock};
use printkeep::engine::clock::Clock;
use printkeep::local::home::AccountName;
use printkeep::local::os_random::SystemRandom;
use printkeep::local::recovery_kit::Kit;

/// A PC that sends, a printer that receives, and the store between them.
struct Post {
    pc: Home,
    printer: Home,
    kit: String,
    url: String,
    store: PathBuf,
    inbox: PathBuf,
}

impl Post {
    fn new() -> Self {
        let pc = Home::new();
        pc.done(&["setup", "--device-name", "pc"]);
        let store = pc.folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let url = format!("file://{}", store.display());
        pc.done(&["store", "add", &url]);
        pc.done(&["sync"]);
        let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
        let printer = Home::new();
        printer.done(&["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "ender"]);
        pc.done(&["sync"]);
        let inbox = printer.folder.path().join("inbox");
        std::fs::create_dir(&inbox).unwrap();
        Self { pc, printer, kit, url, store, inbox }
    }

    fn allow(&self) {
        self.printer.done(&["device", "inbox", "allow", self.inbox.to_str().unwrap()]);
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.pc.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn send(&self, name: &str, content: &[u8]) -> serde_json::Value {
        self.pc.done(&["device", "send", &self.file(name, content), "--to", "ender"])
    }

    fn receive(&self) -> serde_json::Value {
        self.printer.run(&["device", "inbox", "receive"]).1
    }

    /// The letters that lie in the store.
    fn objects(&self) -> Vec<PathBuf> {
        letters_below(&self.store)
    }

    fn reason(&self) -> String {
        let document = self.receive();
        let arrived = &document["stores"][0]["arrived"];
        assert_eq!(arrived.as_array().unwrap().len(), 1, "{document}");
        arrived[0]["reason"]["text"].as_str().unwrap_or_else(|| panic!("{document}")).to_owned()
    }

    fn world(&self) -> World {
        let home = printkeep::local::home::Home::at(self.pc.path.clone());
        let account = Account::open_read_only(&home, AccountName::parse("default").unwrap(), Clock::SYSTEM).unwrap();
        let (_, entropy) = Kit::parse(&std::fs::read_to_string(&self.kit).unwrap()).unwrap();
        let keyring = unlock(&account, &Key::Kit(entropy)).unwrap();
        let to = account.roster.members.iter().find(|m| m.name == "ender").unwrap().id;
        World { account, keyring, to, random: SystemRandom::new() }
    }

    fn put(&self, sealed: &Proved) {
        let path = self.store.join(sealed.account().to_string()).join(sealed.name().to_string());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, sealed.bytes()).unwrap();
    }
}

fn letters_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    each_file(folder, &mut |path| {
        if path.components().any(|c| c.as_os_str() == "inbox") {
            found.push(path.to_owned());
        }
    });
    found.sort();
    found
}

/// What an owner can write with the keys at hand, whatever the program would write.
struct World {
    account: Account,
    keyring: Keyring,
    to: DeviceId,
    random: SystemRandom,
}

impl World {
    fn letter(&self, name: &[u8], content: &[u8]) -> (ObjectId, Letter, Vec<Proved>) {
        let id = ObjectId::random(&self.random).unwrap();
        let keys = &self.account.device.keys;
        let parts: Vec<Proved> = content
            .chunks(1000)
            .enumerate()
            .map(|(n, bytes)| {
                Part { to: self.to, letter: id, number: u32::try_from(n).unwrap(), bytes }
                    .seal(&self.keyring, keys, &self.random)
                    .unwrap()
            })
            .collect();
        let letter = Letter {
            to: self.to,
            from: self.account.device.id,
            time: 1_800_000_000,
            size: content.len() as u64,
            mode: 0o4777,
            mtime: (1_700_000_000, 0),
            hash: *blake3::hash(content).as_bytes(),
            name: name.to_vec(),
            parts: parts
                .iter()
                .zip(content.chunks(1000))
                .map(|(p, c)| PartRef { hash: p.hash(), length: u32::try_from(c.len()).unwrap() })
                .collect(),
        };
        (id, letter, parts)
    }

    fn seal(&self, id: ObjectId, letter: &Letter) -> Proved {
        letter.seal(id, &self.keyring, &self.account.device.keys, &self.random).unwrap()
    }
}

#[test]
fn a_file_arrives_whole_once_and_leaves_nothing_behind() {
    let post = Post::new();
    let large = noise(1, 9_500_000);
    let path = post.file("cube.gcode", &large);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .unwrap();
    let sent = post.pc.done(&["device", "send", &path, "--to", "ender"]);
    assert_eq!(sent["sent"], true, "{sent}");
    assert_eq!(post.objects().len(), 4, "three parts and what tells of them");
    assert!(letters_below(&post.pc.path).is_empty(), "what every store holds need not lie here");
    // not allowed yet: it stays, and a sync says so in a line without failing
    let document = post.printer.done(&["sync"]);
    let reason = document["stores"][0]["inbox"]["arrived"][0]["reason"]["text"].as_str().unwrap();
    assert!(reason.contains("inbox allow"), "{document}");
    assert_eq!(post.objects().len(), 4);
    assert_eq!(post.printer.done(&["device", "inbox", "show"])["waiting"][0]["name"], "cube.gcode");
    assert!(letters_below(&post.printer.path).is_empty(), "letters are no part of a backup");
    post.allow();
    let document = post.printer.done(&["sync"]);
    let arrived = post.inbox.join("cube.gcode");
    assert_eq!(document["stores"][0]["inbox"]["arrived"][0]["path"], arrived.to_str().unwrap(), "{document}");
    assert!(std::fs::read(&arrived).unwrap() == large);
    let about = std::fs::metadata(&arrived).unwrap();
    assert_eq!((about.mode() & 0o7777, about.mtime()), (0o644, 1_700_000_000), "never executable");
    assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 1);
    assert!(post.objects().is_empty());
    assert!(post.printer.done(&["device", "inbox", "show"])["waiting"].as_array().unwrap().is_empty());
    // the sender learns of it and forgets it
    let document = post.pc.done(&["sync"]);
    assert_eq!(document["stores"][0]["inbox"]["taken"][0]["name"], "cube.gcode", "{document}");
    assert!(post.pc.done(&["device", "inbox", "show"])["sent"].as_array().unwrap().is_empty());
}

#[test]
fn no_file_is_replaced_and_the_very_file_is_not_doubled() {
    let post = Post::new();
    post.allow();
    std::fs::write(post.inbox.join("printer.cfg"), "mine").unwrap();
    symlink("/etc/passwd", post.inbox.join("link.cfg")).unwrap();
    post.send("printer.cfg", b"theirs");
    post.send("link.cfg", b"theirs too");
    post.send("empty.cfg", b"");
    post.receive();
    let mut expected: Vec<(&[u8], &[u8])> =
        vec![(b"printer.cfg", b"mine"), (b"printer (2).cfg", b"theirs"), (b"link (2).cfg", b"theirs too"), (b"empty.cfg", b"")];
    std::fs::remove_file(post.inbox.join("link.cfg")).unwrap();
    expected.sort_unstable();
    let found = contents(&post.inbox);
    let found: Vec<(&[u8], &[u8])> = found.iter().map(|(n, c)| (n.as_slice(), c.as_slice())).collect();
    assert_eq!(found, expected);
    post.send("printer.cfg", b"theirs");
    post.receive();
    assert_eq!(contents(&post.inbox).len(), 3 + 1);
}

#[test]
fn a_crafted_name_stays_in_the_folder() {
    let post = Post::new();
    post.allow();
    let world = post.world();
    let names: [&[u8]; 5] = [b"../../x", b"/etc/x.cfg", b"..", b".hidden", b"a\n\x1b[2Jb"];
    for name in names {
        let (id, letter, parts) = world.letter(name, name);
        parts.iter().for_each(|part| post.put(part));
        post.put(&world.seal(id, &letter));
    }
    post.receive();
    let found: BTreeSet<String> =
        std::fs::read_dir(&post.inbox).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let expected = ["a[2Jb", "hidden", "letter", "x", "x.cfg"].into_iter().map(String::from).collect();
    assert_eq!(found, expected);
    for entry in std::fs::read_dir(&post.inbox).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o7777, 0o644, "no set-user-id bit");
    }
    assert!(!post.printer.folder.path().join("x").exists());
}

#[test]
fn the_same_letter_again_is_not_delivered_again() {
    let post = Post::new();
    post.allow();
    post.send("cube.gcode", b"once");
    let kept: Vec<_> = post.objects().into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    post.receive();
    std::fs::remove_file(post.inbox.join("cube.gcode")).unwrap();
    for (bytes, path) in &kept {
        std::fs::write(path, bytes).unwrap();
    }
    let document = post.receive();
    assert!(document["stores"][0]["arrived"].as_array().unwrap().is_empty(), "{document}");
    assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 0);
    assert!(post.objects().is_empty(), "and it is taken away");
    // under another id
    for (bytes, path) in &kept {
        std::fs::write(path.with_file_name(ObjectId::from_bytes([9; 16]).to_string()), bytes).unwrap();
        assert!(!post.reason().is_empty());
        std::fs::remove_file(path.with_file_name(ObjectId::from_bytes([9; 16]).to_string())).unwrap();
    }
    assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 0);
}

#[test]
fn a_letter_for_another_device_is_refused() {
    let post = Post::new();
    post.allow();
    let other = Home::new();
    other.done(&["setup", "--join", &post.url, "--recovery-kit", &post.kit, "--device-name", "voron"]);
    let inbox = other.folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    other.done(&["device", "inbox", "allow", inbox.to_str().unwrap()]);
    post.send("cube.gcode", b"for ender");
    let world = post.world();
    let voron = {
        let home = printkeep::local::home::Home::at(other.path.clone());
        Account::open_read_only(&home, AccountName::parse("default").unwrap(), Clock::SYSTEM).unwrap().device.id
    };
    for path in post.objects() {
        let offered = PathBuf::from(path.to_str().unwrap().replace(&world.to.to_string(), &voron.to_string()));
        std::fs::create_dir_all(offered.parent().unwrap()).unwrap();
        std::fs::copy(&path, offered).unwrap();
    }
    let document = other.run(&["device", "inbox", "receive"]).1;
    for arrived in document["stores"][0]["arrived"].as_array().unwrap() {
        assert!(arrived["reason"]["text"].as_str().unwrap().contains("not held here"), "{document}");
    }
    assert!(!document["stores"][0]["arrived"].as_array().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(&inbox).unwrap().count(), 0);
    // the one it was for still gets it
    post.receive();
    assert_eq!(std::fs::read(post.inbox.join("cube.gcode")).unwrap(), b"for ender");
}

#[test]
fn no_changed_byte_gets_through() {
    let post = Post::new();
    post.allow();
    post.send("cube.gcode", &noise(3, 3000));
    for path in post.objects() {
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(good.len() / 23).chain([good.len() - 1]) {
            let mut bytes = good.clone();
            bytes[at] ^= 0x40;
            std::fs::write(&path, bytes).unwrap();
            post.receive();
            assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 0, "byte {at} of {}", path.display());
        }
        std::fs::write(&path, &good[..good.len() - 1]).unwrap();
        post.receive();
        assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 0);
        std::fs::write(&path, good).unwrap();
    }
    post.receive();
    assert!(std::fs::read(post.inbox.join("cube.gcode")).unwrap() == noise(3, 3000));
}

#[test]
fn what_does_not_add_up_stays_in_the_store() {
    let post = Post::new();
    post.allow();
    let world = post.world();
    // a whole hash that is another file's
    let (id, mut letter, parts) = world.letter(b"x", &noise(4, 2500));
    letter.hash = [7; 32];
    parts.iter().for_each(|part| post.put(part));
    post.put(&world.seal(id, &letter));
    assert!(post.reason().contains("not the file"));
    // a part that is missing
    let part = post.store.join(parts[2].account().to_string()).join(parts[2].name().to_string());
    std::fs::remove_file(&part).unwrap();
    assert!(post.reason().contains("not whole"));
    assert_eq!(post.objects().len(), 3);
    assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 0);
    // more than any disk here takes
    post.printer.done(&["device", "inbox", "allow", post.inbox.to_str().unwrap(), "--max-size", "1000000GB"]);
    post.objects().iter().for_each(|path| std::fs::remove_file(path).unwrap());
    let (id, mut huge, _) = world.letter(b"x", b"");
    let length = u32::try_from(printkeep::core::letter::MAX_PART).unwrap();
    huge.parts = vec![PartRef { hash: printkeep::core::name::ObjectHash::from_bytes([0; 32]), length }; 65_536];
    huge.size = 65_536 * u64::from(length);
    post.put(&world.seal(id, &huge));
    let reason = post.reason();
    assert!(reason.contains("no room") || rustix::fs::statvfs(&post.inbox).unwrap().f_bavail > huge.size / 4096, "{reason}");
    // another account's owner signs nothing here
    let stranger = Keyring::random(world.account.id(), &world.random).unwrap();
    post.objects().iter().for_each(|path| std::fs::remove_file(path).unwrap());
    let (id, letter, _) = world.letter(b"x", b"");
    post.put(&letter.seal(id, &stranger, &world.account.device.keys, &world.random).unwrap());
    assert!(post.reason().contains("signed it"));
}

#[test]
fn what_is_too_large_or_has_no_folder_stays() {
    let post = Post::new();
    post.printer.done(&["device", "inbox", "allow", post.inbox.to_str().unwrap(), "--max-size", "2kB"]);
    post.send("cube.gcode", &noise(5, 2001));
    assert!(post.reason().contains("larger than the 2.0 kB"));
    post.allow();
    std::fs::remove_dir(&post.inbox).unwrap();
    assert!(post.reason().contains("is not there"));
    std::fs::create_dir(&post.inbox).unwrap();
    post.printer.done(&["device", "inbox", "deny"]);
    assert!(post.reason().contains("takes no files"));
    post.allow();
    post.receive();
    assert_eq!(contents(&post.inbox).len(), 1);
    for folder in [post.printer.path.as_path(), post.printer.folder.path(), Path::new("/nowhere/at/all")] {
        assert_eq!(post.printer.run(&["device", "inbox", "allow", folder.to_str().unwrap()]).0, 2, "{}", folder.display());
    }
    // a folder that is not there is made; none above it
    let made = post.printer.folder.path().join("made");
    let told = post.printer.done(&["device", "inbox", "allow", made.to_str().unwrap()]);
    assert!(made.is_dir() && told["made"] == true, "{told}");
}

#[test]
fn a_letter_waits_without_a_store_and_may_be_taken_back() {
    let post = Post::new();
    post.allow();
    let away = post.store.with_extension("away");
    std::fs::rename(&post.store, &away).unwrap();
    let sent = post.send("a.gcode", b"later");
    assert_eq!(sent["sent"], false, "{sent}");
    assert_eq!(letters_below(&post.pc.path).len(), 2);
    std::fs::rename(&away, &post.store).unwrap();
    post.pc.done(&["sync"]);
    assert_eq!(post.objects().len(), 2);
    let second = post.send("b.gcode", b"never");
    let id = second["id"].as_str().unwrap();
    post.pc.done(&["device", "send", "--cancel", &id[..8]]);
    let document = post.pc.done(&["sync"]);
    assert_eq!(document["stores"][0]["inbox"]["cancelled"][0]["name"], "b.gcode", "{document}");
    assert_eq!(post.objects().len(), 2);
    post.receive();
    assert_eq!(contents(&post.inbox).into_keys().collect::<Vec<_>>(), [b"a.gcode"]);
    let sent = post.pc.done(&["device", "inbox", "show"]);
    assert_eq!(sent["sent"].as_array().unwrap().len(), 1, "{sent}");
    for args in [
        &["device", "send", "--cancel", "ffffffff"][..],
        &["device", "send", "/nowhere", "--to", "ender"],
        &["device", "send", "/", "--to", "ender"],
        &["device", "send", &post.kit, "--to", "pc"],
        &["device", "send", &post.kit, "--to", "nobody"],
    ] {
        assert_ne!(post.pc.run(args).0, 0, "{args:?}");
    }
    // only the unlocked owner sends
    let file = post.file("c.gcode", b"c");
    assert_eq!(post.printer.run(&["device", "send", &file, "--to", "pc"]).0, 4);
}

#[test]
fn an_old_letter_is_marked() {
    let post = Post::new();
    let world = post.world();
    let (id, mut letter, parts) = world.letter(b"old.gcode", b"old");
    letter.time = 1_000_000_000;
    parts.iter().for_each(|part| post.put(part));
    post.put(&world.seal(id, &letter));
    post.receive();
    let shown = post.printer.done(&["device", "inbox", "show"]);
    assert_eq!(shown["waiting"][0]["old"], true, "{shown}");
}

/// Sends and receives are cut off at any moment; the file arrives once, and nothing stays behind.
#[test]
fn killed_runs_neither_lose_nor_double_a_letter() {
    let post = Post::new();
    post.allow();
    let file = post.file("cube.gcode", &noise(6, 9_000_000));
    let send = ["device", "send", &file, "--to", "ender"];
    let started = Instant::now();
    let trial = post.pc.done(&send);
    let usual = started.elapsed();
    post.pc.done(&["device", "send", "--cancel", &trial["id"].as_str().unwrap()[..8]]);
    post.pc.done(&["sync"]);
    let mut killer = Killer::new(usual, 6, 0);
    for _ in 0..6 {
        killer.kill(&post.pc, &send);
    }
    post.pc.done(&send);
    post.pc.done(&["sync"]);
    let mut killer = Killer::new(usual, 12, 10);
    for _ in 0..12 {
        killer.kill(&post.printer, &["device", "inbox", "receive"]);
    }
    let (exit, document) = post.printer.run(&["device", "inbox", "receive"]);
    assert_eq!(exit, 0, "{document}");
    assert_eq!(std::fs::read_dir(&post.inbox).unwrap().count(), 1, "the same file again is the same file");
    assert!(std::fs::read(post.inbox.join("cube.gcode")).unwrap() == noise(6, 9_000_000));
    post.pc.done(&["sync"]);
    assert!(post.objects().is_empty() && letters_below(&post.pc.path).is_empty(), "{:?}", post.objects());
    assert!(post.pc.done(&["device", "inbox", "show"])["sent"].as_array().unwrap().is_empty());
}
