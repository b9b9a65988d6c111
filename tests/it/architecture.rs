//! The house keeps its own rules: imports go down only, pure layers are pure, each outside crate is behind its door.

mod graph;
mod words;

use std::path::{Path, PathBuf};

use graph::{Graph, code_of, functions};

/// Layers in order; each may use those before it and itself.
const LAYERS: [&str; 9] = ["core", "kind", "consent", "provider", "local", "config", "engine", "app", "surface"];

/// Layers without disk, socket, clock, process or environment.
const PURE: [&str; 3] = ["core", "kind", "consent"];
const IMPURE: [&str; 9] =
    ["std::fs", "std::net", "std::process", "std::env", "SystemTime", "Instant::now", "std::io::std", "tokio", "SystemRandom"];

/// Where each outside crate may be named.
const DOORS: [(&str, &[&str]); 33] = [
    ("clap::", &["config.rs", "surface/"]),
    (
        "serde_json::",
        &[
            "app/",
            "consent/record.rs",
            "engine/privacy/export.rs",
            "engine/privacy/receipts.rs",
            "engine/privacy/records/moonraker.rs",
            "engine/privacy/signed.rs",
            "provider/s3/bucket_policy.rs",
            "surface/",
        ],
    ),
    ("schemars::", &["app/"]),
    ("fluent_bundle::", &["surface/"]),
    ("unic_langid::", &["surface/"]),
    ("totp_rs::", &["local/totp.rs"]),
    ("sled::", &["local/cache/"]),
    ("redb::", &["local/cache/"]),
    ("hpke::", &["core/recipient.rs"]),
    ("argon2::", &["core/slot.rs"]),
    ("aes_gcm::", &["local/local_seal.rs", "local/journal.rs", "core/enroll/channel.rs"]),
    ("spake2::", &["core/enroll/channel.rs"]),
    ("ring::aead", &["core/body.rs"]),
    ("ring::hkdf", &["core/keys.rs"]),
    ("ring::signature", &["core/sign.rs"]),
    ("ring::rand", &["local/os_random.rs", "provider/dir.rs"]),
    ("rustls::", &["provider/tls.rs"]),
    ("reqwest::", &["provider/http.rs", "provider/s3/", "provider/webdav/"]),
    ("russh::", &["provider/sftp/"]),
    ("russh_sftp::", &["provider/sftp/"]),
    ("rusty_s3::", &["provider/s3/"]),
    ("bip39::", &["local/recovery_kit.rs", "local/passphrase.rs"]),
    ("zxcvbn::", &["local/passphrase.rs"]),
    ("toml::", &["config.rs", "consent/policy/file.rs"]),
    ("ignore::", &["config.rs", "engine/backup/scan/"]),
    ("indicatif::", &["surface/"]),
    ("signal_hook::", &["surface/cli/start.rs"]),
    ("zbus::", &["local/logind.rs"]),
    ("std::os::unix::net", &["engine/key_agent/"]),
    ("keyring_core::", &["local/system_keyring.rs"]),
    ("zbus_secret_service_keyring_store::", &["local/system_keyring.rs"]),
    ("zstd::", &["core/chunk.rs", "engine/backup/"]),
    ("miniz_oxide::", &["kind/"]),
];

/// What reads or names the machine's clock, and the one place in `engine` and `app` where that may be.
const CLOCKS: [(&str, &[&str]); 4] =
    [("SystemTime", &["engine/clock.rs"]), ("Clock::SYSTEM", &["app/session.rs"]), ("Timestamp::now", &[]), ("Zoned::now", &[])];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn layer(name: &str) -> Option<usize> {
    let first = name.split(['/', '.']).next()?;
    LAYERS.iter().position(|layer| *layer == first)
}

/// The lines of a file without comments and tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end].lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

/// What is wrong with a file, if anything.
fn faults(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{name}: {what}"));
    if !text.starts_with("//! ") {
        fault("does not open with a line saying what it holds".into());
    }
    if text.lines().count() > 500 {
        fault("has more than 500 lines".into());
    }
    let here = layer(name);
    for line in code(text) {
        for (at, used) in LAYERS.iter().enumerate() {
            if here.is_some_and(|here| at > here) && line.contains(&format!("crate::{used}::")) {
                fault(format!("imports upwards: {line}"));
            }
        }
        if here.is_some_and(|here| PURE.contains(&LAYERS[here])) {
            IMPURE.iter().filter(|word| line.contains(**word)).for_each(|word| fault(format!("is not pure: {word}")));
        }
        for (used, doors) in DOORS {
            let names_it = line
                .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                .any(|word| word.trim_start_matches("::").starts_with(used));
            if names_it && !doors.iter().any(|door| name.starts_with(door)) {
                fault(format!("names {used} outside its door: {line}"));
            }
        }
        for word in ["println!", "eprintln!", "print!("] {
            if line.contains(word) {
                fault(format!("prints: {line}"));
            }
        }
        for word in ["TODO", "FIXME", "unimplemented!", "todo!", "super::super"] {
            if line.contains(word) {
                fault(format!("holds {word}"));
            }
        }
    }
    faults
}

#[test]
fn every_file_keeps_the_rules() {
    let sources = sources();
    assert!(sources.len() > 60);
    let faults: Vec<String> = sources.iter().flat_map(|(name, text)| faults(name, text)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_door_is_used() {
    let sources = sources();
    for (used, doors) in DOORS {
        for door in doors {
            let opened = sources.iter().any(|(name, text)| name.starts_with(door) && text.contains(used));
            assert!(opened, "{door} does not name {used}");
        }
    }
}

/// What is kept is dated by one clock, which a session is given: a test that sets it sees its time in everything that is left behind.
#[test]
fn the_machines_clock_is_read_in_one_place_and_named_in_one() {
    let sources = sources();
    let stores = |name: &str| name.starts_with("engine/") || name.starts_with("app/");
    for (word, place) in CLOCKS {
        let names_it = |text: &str| code(text).any(|line| line.contains(word));
        let named: Vec<_> = sources.iter().filter(|(name, text)| stores(name) && names_it(text)).map(|(name, _)| name).collect();
        assert_eq!(named, place.iter().collect::<Vec<_>>(), "{word}");
    }
}

/// What opens a file by its path, and the files in which that may stand: a pipe in the place of a file would be waited for for ever. Everyone else
/// goes by `provider/regular_file.rs`, or by `local/named_file.rs` for what the owner names.
const OPENERS: [(&str, &[&str]); 7] = [
    ("File::open(", &["local/named_file.rs", "provider/removable.rs"]),
    ("File::create(", &[]),
    ("File::create_new(", &["provider/removable.rs"]),
    (
        "OpenOptions::new()",
        &[
            // given to `regular_file::open_with`, or `create_new`, which opens nothing that is there
            "local/cache/redb.rs",
            "local/consent_withdrawal.rs",
            "local/home.rs",
            "local/journal.rs",
            "local/lock_file.rs",
            "local/reserve.rs",
            "local/sealed_index.rs",
            "local/shred.rs",
            "provider/regular_file.rs",
        ],
    ),
    ("fs::read(", &[]),
    // the kernel's own files
    ("fs::read_to_string(", &["app/after.rs", "app/jobs/setup/make.rs", "app/session.rs", "engine/account/history.rs"]),
    ("fs::write(", &[]),
];

/// What locks a file, and where: whoever waits for a lock does it there, for so long and until a stop.
const LOCKERS: [&str; 3] = ["local/cache/sled.rs", "local/lock_file.rs", "local/work_lock.rs"];

#[test]
fn files_are_opened_and_locked_in_few_places() {
    let mut faults = Vec::new();
    for (word, places) in OPENERS.into_iter().chain([("TryLockError", &LOCKERS[..])]) {
        let sources = sources();
        let named = sources.iter().filter(|(name, text)| !name.contains("/tests") && code(text).any(|line| line.contains(word)));
        let named: Vec<&str> = named.map(|(name, _)| name.as_str()).collect();
        faults.extend(named.iter().filter(|name| !places.contains(name)).map(|name| format!("{name} names {word}")));
        faults.extend(places.iter().filter(|place| !named.contains(place)).map(|place| format!("strike {place} from {word}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A path need not be UTF-8, a document must be: what goes out shows paths as text. What comes in, a request, is kept as it is.
#[test]
fn replies_show_paths_that_are_no_text() {
    let sources = sources();
    let is_asked = |name: &str| {
        ["Access", "Unlock"].contains(&name) || sources.iter().any(|(_, text)| text.contains(&format!("impl Job for {name} ")))
    };
    let (mut faults, mut shown) = (Vec::new(), 0);
    for (file, text) in sources.iter().filter(|(name, _)| name.starts_with("app/")) {
        let (mut serialized, mut name, mut before) = (false, String::new(), "");
        for line in code(text) {
            if line.starts_with("#[derive(") {
                serialized = line.contains("Serialize");
            } else if let Some(rest) = line.strip_prefix("pub struct ") {
                name = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            } else if serialized
                && line.starts_with("pub ")
                && line.contains("PathBuf")
                && line.ends_with(',')
                && !is_asked(&name)
            {
                shown += 1;
                if !before.contains("shown_path::lossy") {
                    faults.push(format!("{file}: {name}: {line}"));
                }
            }
            before = line;
        }
    }
    assert!(shown > 20 && faults.is_empty(), "{shown}: {}", faults.join("\n"));
}

/// A surface translates: nothing of the engine is named there, so that whatever is done is asked of the service layer.
#[test]
fn surfaces_name_nothing_of_the_engine() {
    let graph = Graph::of(&sources());
    let mut faults = Vec::new();
    for file in graph.files.values().filter(|file| file.name.starts_with("surface/")) {
        let named = graph.named(file);
        let engine = named.iter().filter(|path| path.first().is_some_and(|first| first == "engine"));
        faults.extend(engine.map(|path| format!("{} names {}", file.name, path.join("::"))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What a place can do besides has answers of its own in the trait, which a wrapper must not give for the place inside.
#[test]
fn what_is_around_a_place_passes_everything_on() {
    let around: Vec<_> = sources().into_iter().filter(|(_, text)| text.contains("inner: Box<dyn Provider>")).collect();
    assert!(around.len() >= 4);
    let passes_all_on = |text: &str| text.contains("impl Around for ");
    let door = sources().into_iter().find(|(name, _)| name == "provider/around.rs").unwrap();
    for (name, text) in around.into_iter().filter(|(_, text)| !passes_all_on(text)).chain([door]) {
        for method in ["fn earlier<", "fn narrow(", "fn gate("] {
            assert!(text.contains(method), "{name} does not pass on {method}");
        }
    }
}

#[test]
fn every_file_is_reachable() {
    let sources = sources();
    for (name, _) in &sources {
        let Some((folder, file)) = name.rsplit_once('/') else { continue };
        if folder.ends_with("/tests") && sources.iter().any(|(_, text)| text.contains(&format!("tests/{file}"))) {
            continue;
        }
        let module = if file == "mod.rs" { folder.rsplit('/').next().unwrap() } else { file.trim_end_matches(".rs") };
        let parent = if file == "mod.rs" { folder.rsplit_once('/').map_or("", |(p, _)| p) } else { folder };
        let declared = if parent.is_empty() { "lib.rs".to_owned() } else { format!("{parent}/mod.rs") };
        // a file beside its folder, or the folder's own
        let beside = format!("{parent}.rs");
        let found = sources.iter().find(|(n, _)| *n == declared || *n == beside);
        let text = &found.unwrap_or_else(|| panic!("{declared} for {name}")).1;
        assert!(
            text.lines().any(|line| line.trim_end_matches(';').ends_with(&format!("mod {module}"))),
            "{declared} does not name {module}"
        );
    }
}

#[test]
fn the_rules_bite() {
    let bad = [
        ("core/a.rs", "//! x\nuse crate::engine::Event;\n", "upwards"),
        ("core/a.rs", "//! x\nuse std::fs::File;\n", "pure"),
        ("engine/a.rs", "//! x\nlet d = sled::open(p);\n", "door"),
        ("engine/a.rs", "//! x\nprintln!(\"x\");\n", "prints"),
        ("engine/a.rs", "use x;\n", "open with"),
        ("engine/a.rs", "//! x\n// later\ntodo!();\n", "todo!"),
    ];
    for (name, text, expected) in bad {
        assert!(faults(name, text).iter().any(|fault| fault.contains(expected)), "{text}");
    }
    assert_eq!(
        faults("engine/a.rs", "//! x\n// std::fs and sled:: in a comment\nuse crate::core::name::RelPath;\n"),
        Vec::<String>::new()
    );
}

/// The rooms of a layer from the ground up, a room being a folder or a file of its own: each uses those below, and those of one floor do not
/// know one another.
const FLOORS: [(&str, &[&[&str]]); 3] = [
    (
        "engine",
        &[
            &["clock", "error", "skip"],
            &["cancel", "progress", "profile"],
            &["runtime"],
            &["job"],
            &["account"],
            &["repository"],
            &["backup", "restore", "sync", "problems", "key_agent"],
            &["retention", "devices", "inbox", "privacy"],
            &["check"],
        ],
    ),
    (
        "app",
        &[
            &["shown_path", "text", "version"],
            &["reasons"],
            &["damage", "misuse"],
            &["failure"],
            &["faults"],
            &["address", "answer", "document", "failure_document", "named_files", "new_file", "session"],
            &["access", "deletion", "forms", "key_agent", "manual", "own_folders"],
            &["event", "prompt"],
            &["work"],
            &["contact", "job", "second_factor", "unlock"],
            &["kit", "owner", "reading"],
            &["jobs"],
            &["request"],
            &["reply"],
            &["after"],
            &["perform"],
        ],
    ),
    ("surface", &[&["words"], &["cli"]]),
];

/// What of the command line stands above its commands, so that none of them knows it.
const ABOVE_COMMANDS: [&str; 6] = ["args", "lines", "progress", "prompt", "request", "start"];

/// The longest function, in lines.
const MAX_LINES: usize = 60;

#[test]
fn imports_go_down_only_grouped_ones_too() {
    let graph = Graph::of(&sources());
    let mut faults = Vec::new();
    for file in graph.files.values() {
        let Some(here) = layer(&file.name) else { continue };
        for path in graph.named(file) {
            if path.first().and_then(|first| layer(first)).is_some_and(|there| there > here) {
                faults.push(format!("{} uses {}", file.name, path.join("::")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_files_use_one_another_in_a_circle() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let circles = graph.circles();
    assert!(circles.is_empty(), "{circles:#?}");
}

/// The floor of each room of a layer; none for what is no room of it, such as its face.
fn floor(layer: &str, floors: &[&[&str]], module: &[String]) -> Option<(usize, String)> {
    let [first, room, ..] = module else { return None };
    let at = floors.iter().position(|rooms| rooms.contains(&room.as_str()));
    (first == layer).then(|| (at.unwrap_or_else(|| panic!("{layer}/{room} stands on no floor")), room.clone()))
}

#[test]
fn rooms_use_only_those_below() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let mut faults = Vec::new();
    for (layer, floors) in FLOORS {
        for room in floors.iter().copied().flatten() {
            let is_there = graph.files.keys().any(|module| matches!(&module[..], [l, r, ..] if l == layer && r == room));
            assert!(is_there, "strike it from the list: {layer}/{room}");
        }
        for file in graph.files.values() {
            let Some((here, room)) = floor(layer, floors, &file.module) else { continue };
            for used in graph.used_by(file) {
                if floor(layer, floors, &used).is_some_and(|(there, other)| other != room && there >= here) {
                    faults.push(format!("{} uses {}", file.name, used.join("::")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn commands_know_nothing_of_the_table_that_names_them() {
    let sources = sources();
    let graph = Graph::of(&sources);
    let is_above = |module: &[String]| matches!(module, [s, c, name] if s == "surface" && c == "cli" && ABOVE_COMMANDS.contains(&name.as_str()));
    let below = |module: &[String]| matches!(module, [s, c, _, ..] if s == "surface" && c == "cli") && !is_above(module);
    assert_eq!(graph.files.keys().filter(|module| is_above(module)).count(), ABOVE_COMMANDS.len());
    let mut faults = Vec::new();
    for file in graph.files.values().filter(|file| below(&file.module)) {
        let above = graph.used_by(file).into_iter().filter(|used| is_above(used));
        faults.extend(above.map(|used| format!("{} uses {}", file.name, used.join("::"))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn functions_are_short_and_take_few_things() {
    let mut faults: Vec<String> = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| !name.contains("/tests")) {
        let code = code_of(text);
        let long = functions(&code).into_iter().filter(|(_, lines)| *lines > MAX_LINES);
        faults.extend(long.map(|(function, lines)| format!("{name}: {function} has {lines} lines")));
        if code.contains("too_many_arguments") {
            faults.push(format!("{name}: lets a function take more than seven things"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_graph_is_read_as_it_stands() {
    let file = |name: &str, text: &str| (name.to_owned(), format!("//! x\n{text}"));
    let sources = [
        file("engine/mod.rs", "pub mod a;\npub mod b;\npub use a::A;\nmod tests;\n"),
        file("engine/a.rs", "use crate::{core, engine::b};\npub struct A;\nfn f() { b::g(); }\n"),
        file(
            "engine/b.rs",
            "use super::A;\npub fn g() {}\n// crate::surface::x() in a comment\nfn h() { \"crate::surface::y\"; 'c'; r#\"{\"#; }\n",
        ),
        file("engine/c.rs", "use crate::engine::a;\npub struct C;\n#[cfg(test)]\nmod tests {\n    use crate::surface::x;\n}\n"),
    ];
    let graph = Graph::of(&sources);
    assert_eq!(graph.circles(), [["engine/a.rs", "engine/b.rs"]]);
    let named = |name: &str| graph.named(graph.files.values().find(|file| file.name == name).unwrap());
    assert!(named("engine/a.rs").contains(&vec!["core".to_owned()]));
    assert!(named("engine/b.rs").iter().chain(&named("engine/c.rs")).all(|path| path.first().unwrap() == "engine"));
    let long =
        format!("fn a() {{\n{}}}\nimpl X {{\n    fn b(&self) -> u8 {{ 1 }}\n    fn c(&self);\n}}\n", "    x();\n".repeat(3));
    assert_eq!(functions(&long), [("a".to_owned(), 5), ("b".to_owned(), 1)]);
}
