//! What `status` tells of stores and problems, each thing once.

use std::fs;

use crate::support::problems::{DAY, account, home, now, open, problems, stderr, with_store};
use crate::support::program::{self, Home};
use crate::support::server::{self, S3Server};
use printkeep::engine::account::known_state::StoreObservation;

#[test]
fn status_tells_of_each_store_when_it_was_in_step_and_since_when_it_is_away() {
    let home = home();
    let store = home.folder.path().join("store");
    fs::create_dir(&store).unwrap();
    home.done(&["store", "add", &format!("file://{}", store.display()), "--name", "stick"]);
    let stands = || home.run(&["status"]).1["stores"][0].clone();
    let never = stands();
    assert!(never["in_step"].is_null() && never["away_since"].is_null() && never["objects"].as_u64() > Some(0), "{never}");
    home.done(&["sync"]);
    let well = stands();
    assert!(well["in_step"].as_i64() > Some(now() - 600) && well["objects"] == 0, "{well}");
    // away for an hour is worth knowing and no problem; it is back as soon as it answers
    let drawer = home.folder.path().join("drawer");
    fs::rename(&store, &drawer).unwrap();
    home.run(&["sync"]);
    let (exit, status) = home.run(&["status"]);
    assert!(exit == 0 && status["stores"][0]["away_since"].is_i64(), "{status}");
    let text = String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    assert!(text.contains("Store stick: away since 20") && text.contains("last whole sync 20"), "{text}");
    assert!(text.contains("No problems in what was looked at"), "{text}");
    fs::rename(&drawer, &store).unwrap();
    home.done(&["sync"]);
    assert!(stands()["away_since"].is_null());
}

#[test]
fn a_store_that_is_out_of_step_for_days_is_a_problem_until_it_is_in_step_again() {
    let (home, _) = with_store("nas");
    // as if it was in step nine days ago
    let mut writer = account(&home);
    let known = writer.memory.store("nas").unwrap().clone();
    let visit = StoreObservation::StoreVisit {
        store: "nas".into(),
        well: Some(now() - 9 * DAY),
        roster: known.roster,
        slots: known.slots,
    };
    writer.remember_observation(visit).unwrap();
    drop(writer);
    let away = open(&home, "away").unwrap();
    assert_eq!((away["grade"].as_str(), away["known"].as_u64()), (Some("warning"), Some(9)), "{away}");
    assert_eq!(home.run(&["status"]).0, 3);
    let said = stderr(&home, &["snapshots"]);
    assert!(!said.contains("PROBLEM"), "told once: {said}");
    home.done(&["sync"]);
    assert!(open(&home, "away").is_none());
    assert_eq!(home.run(&["status"]).0, 0);
}

#[test]
fn status_tells_each_thing_once_in_the_words_of_what_the_store_shows() {
    let (home, store) = with_store("nas");
    fs::write(home.data.join("b.gcode"), "G29\n").unwrap();
    home.backup();
    home.done(&["sync"]);
    let mut heads = Vec::new();
    program::each_file(&store, &mut |path| heads.extend(path.to_str().unwrap().contains("/heads/").then(|| path.to_owned())));
    heads.sort();
    fs::remove_file(heads.last().unwrap()).unwrap();
    assert_eq!(home.run(&["sync"]).0, 7);
    let (exit, status) = home.run(&["status"]);
    let told: Vec<_> = status["problems"].as_array().unwrap().iter().filter(|p| p["subject"]["store"] == "nas").collect();
    assert!(exit == 3 && told.len() == 1 && told[0]["anomaly"] == "older", "{status}");
    let text = String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    assert_eq!(text.matches("nas shows an older state").count(), 1, "{text}");
    let listed = String::from_utf8(home.command(&["problems"]).output().unwrap().stdout).unwrap();
    assert_eq!(listed.matches("nas").count(), 1, "{listed}");
}

/// What is a problem is said as one, and a backup that failed follows none that was never made.
#[test]
fn status_says_nothing_twice_and_nothing_of_a_backup_that_was_never_made() {
    let home = Home::new();
    home.done(&["setup", "--yes"]);
    assert_ne!(home.run(&["backup", "/not/there"]).0, 0);
    let said = || String::from_utf8(home.command(&["status"]).output().unwrap().stdout).unwrap();
    let text = said();
    assert!(text.contains("FAILED and saved nothing") && !text.contains("The backup after it"), "{text}");
    fs::rename(home.path.join("recovery-kit.txt"), home.folder.path().join("kit.txt")).unwrap();
    let text = said();
    assert_eq!(text.matches("key kit --test").count(), 1, "{text}");
}

/// As if a store had been one for nine days.
fn since_days(home: &program::Home, store: &str) {
    account(home).logs().remember(|history| history.stores.get_mut(store).unwrap().since = now() - 9 * DAY);
}

#[test]
fn a_store_that_never_had_a_whole_sync_is_a_problem_after_days_with_why_the_last_one_failed() {
    let home = home();
    home.done(&["privacy", "grant", "network"]);
    let keys = server::write(&home.folder.path().join("keys"), &format!("{}\n{}\n", server::ACCESS_KEY, server::SECRET_KEY));
    let server = S3Server::start();
    let ca = server.ca_file.to_str().unwrap();
    for (name, url) in [("gone", "s3://bucket/p?endpoint=https://127.0.0.1:9&region=x"), ("strange", server.url("p").as_str())] {
        home.done(&["store", "add", url, "--name", name, "--credentials-file", keys.to_str().unwrap(), "--ca-file", ca]);
    }
    // nobody says whom to trust there but the system, whose roots did not sign it
    let path = home.path.join("config.toml");
    let settings = fs::read_to_string(&path).unwrap();
    let trusting: Vec<&str> =
        settings.lines().map(|line| if line.starts_with("ca_file") { "system_roots = true" } else { line }).collect();
    fs::write(&path, trusting.join("\n")).unwrap();
    assert_ne!(home.run(&["sync"]).0, 0);
    let told = |name: &str| {
        let of_it = |problem: &serde_json::Value| problem["kind"] == "away" && problem["subject"]["store"] == name;
        let found = problems(&home, false);
        let notes =
            found.iter().filter(|problem| problem["kind"] == "never-synced" && problem.to_string().contains(name)).count();
        (found.iter().find(|problem| of_it(problem)).cloned(), notes)
    };
    for name in ["gone", "strange"] {
        let (away, notes) = told(name);
        assert!(away.is_none_or(|away| away["grade"] == "info") && notes == 1, "{name}");
        since_days(&home, name);
        let (away, notes) = told(name);
        let away = away.unwrap();
        assert_eq!((away["grade"].as_str(), away["known"].as_u64(), notes), (Some("warning"), Some(9), 0), "{away}");
        assert!(away["happened"].to_string().contains("9 days"), "{away}");
        assert!(!away["object"].to_string().is_empty() && away["happened"]["id"] == "problem-away-why-happened", "{away}");
    }
    assert_eq!(home.run(&["status"]).0, 3);
    // settings that cannot be read, and a store that is put back, begin nothing anew
    fs::write(&path, "nonsense = [").unwrap();
    home.run(&["snapshots"]);
    fs::write(&path, &settings).unwrap();
    home.run(&["sync"]);
    assert!(told("strange").0.is_none(), "it had a whole sync");
    assert_eq!(told("gone").0.unwrap()["known"].as_u64(), Some(9));
}

#[test]
fn status_says_of_an_empty_mount_folder_what_a_sync_would_say() {
    let (home, store) = with_store("stick");
    let drawer = home.folder.path().join("drawer");
    fs::rename(&store, &drawer).unwrap();
    fs::create_dir(&store).unwrap();
    let status = home.run(&["status"]).1;
    assert!(status["stores"][0]["away_since"].is_i64(), "{status}");
    let before = open(&home, "away").unwrap();
    assert_eq!(home.run(&["sync"]).0, 6);
    let after = open(&home, "away").unwrap();
    assert_eq!((&before["happened"], &before["object"]), (&after["happened"], &after["object"]));
    fs::remove_dir(&store).unwrap();
    fs::rename(&drawer, &store).unwrap();
    let status = home.run(&["status"]).1;
    assert!(status["stores"][0]["away_since"].is_null(), "{status}");
    home.done(&["sync"]);
}

#[test]
fn a_home_that_was_typed_is_in_each_command_that_is_named() {
    let home = Home::new();
    let at = home.path.to_str().unwrap();
    let told = |args: &[&str]| {
        let output = home.command(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let typed = told(&["--home", at, "setup", "--yes"]);
    let named = |text: &str, what: &str| text.matches(what).count();
    let (all, with) = (named(&typed, "`printkeep "), named(&typed, &format!("`printkeep --home {at} ")));
    assert!(all > 0 && all == with, "{typed}");
    let later = told(&["status", "--home", at]);
    assert!(named(&later, &format!("`printkeep --home {at} ")) > 0 && named(&later, "--home --home") == 0, "{later}");
    // the environment is there for the next one, too
    assert_eq!(named(&told(&["status"]), "--home"), 0);
}
