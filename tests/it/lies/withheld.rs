//! What a store keeps back: each type of object, all of a type, and each complete state that it held before.

use std::fs;

use printkeep::core::name::ObjectName;

use super::judgement::{Case, judge};
use super::world::{World, copy};

/// What lacks there, by the folder it lies in, and of which kind the problem is; none where its absence says nothing.
const LACKING: [(&str, Option<&str>); 10] = [
    ("packs", Some("rollback")),
    ("index", Some("rollback")),
    ("heads", Some("rollback")),
    ("roster", Some("rollback")),
    ("slots", Some("rollback")),
    ("keys", Some("damaged")),
    ("grants", None),
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

#[test]
fn what_a_store_keeps_back_is_told_and_sent_again() {
    judge(&World::new(), &cases());
}
