//! What a store keeps back: each type of object, all of a type, and each complete state that it held before.

use std::fs;

use printkeep::core::name::ObjectName;

use super::judgement::{Case, judge, problems};
use super::world::{HONEST, LYING, World, copy};

/// What lacks there, by the folder it lies in, and of which kind the problem is; none where its absence says nothing.
const LACKING: [(&str, Option<&str>); 10] = [
    ("packs", Some("rollback")),
    ("index", Some("rollback")),
    ("heads", Some("rollback")),
    ("roster", Some("rollback")),
    ("slots", Some("rollback")),
    ("keys", Some("damaged")),
    ("grants", Some("rollback")),
    ("keeps", Some("damaged")),
    ("inbox", None),
    ("facts", None),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (folder, told) in LACKING {
        cases.push(Case::told_as(format!("{folder}: the newest is kept back"), told, move |world| {
            let device = world.device(&world.pc).id.to_string();
            let names = world.names(&format!("{folder}/"));
            let own = names.iter().rfind(|name| name.contains(&device)).or(names.last()).unwrap();
            fs::remove_file(world.there("one").join(own)).unwrap();
        }));
        cases.push(Case::told_as(format!("{folder}: all are kept back"), told, move |world| {
            fs::remove_dir_all(world.there("one").join(folder)).unwrap();
        }));
    }
    for at in 0..World::STATES.len() {
        cases.push(Case::new(format!("as it was before {}", World::STATES[at]), "rollback", move |world| {
            ObjectName::FOLDERS.iter().for_each(|folder| drop(fs::remove_dir_all(world.there("one").join(folder))));
            copy(&world.state(at), &world.there("one"));
        }));
    }
    cases.push(Case::new("as if nothing had ever been sent", "rollback", |world| {
        ObjectName::FOLDERS.iter().for_each(|folder| drop(fs::remove_dir_all(world.there("one").join(folder))));
    }));
    cases
}

/// A grant that a store keeps back from its device is told with the store; another store gives it.
#[test]
fn keys_that_a_store_keeps_from_a_device_are_told_with_the_store_and_come_from_another() {
    let world = World::new();
    let ender = world.device(&world.ender).id;
    world.pc.done(&["key", "rotate", "--recovery-kit", &world.kit()]);
    world.change(&world.pc, 60);
    world.pc.done(&["sync"]);
    let grant = world.names(&format!("grants/{ender}/")).pop().unwrap();
    fs::remove_file(world.there("one").join(&grant)).unwrap();
    let kept_back = || {
        let listed = problems(&world.ender);
        listed.into_iter().filter(|problem| problem["kind"] == "kept-back").collect::<Vec<_>>()
    };
    let (exit, synced) = world.ender.run(&["sync", "--store", LYING]);
    let shown = &synced["stores"][0]["problems"];
    assert_eq!((exit, &shown[0]["kind"], &shown[0]["object"]), (3, &"ungranted".into(), &grant.as_str().into()), "{synced}");
    let told = kept_back();
    assert_eq!((told.len(), &told[0]["subject"]["store"]), (1, &LYING.into()), "{told:?}");
    // another store gives it, and what was sealed under these keys comes
    world.ender.done(&["sync", "--store", HONEST]);
    world.ender.run(&["sync"]);
    let synced = world.ender.done(&["sync"]);
    assert_eq!(synced["stores"][0]["waiting"], 0, "{synced}");
    assert!(kept_back().is_empty());
}

#[test]
fn what_a_store_keeps_back_is_told_and_sent_again() {
    judge(&World::new(), &cases());
}
