//! What anybody who can write to a store puts there in the place of each type of object, without any key.

use printkeep::core::keys::Keyring;
use printkeep::core::name::{AccountId, DeviceId, ObjectId, ObjectName};
use printkeep::core::seal::{self, To};

use super::judgement::{Case, judge};
use super::world::{World, random};
use crate::support::program::noise;

/// The header that such an object has, with the right kind of reference to its key, and noise.
fn junk(world: &World, name: &ObjectName) -> Vec<u8> {
    let device = world.device(&world.pc);
    let newest = device.keys.generation().to_le_bytes();
    let key = match name {
        ObjectName::Pack(_) | ObjectName::Fact(..) => [&[1][..], &newest, &noise(7, 1168)].concat(),
        ObjectName::Keys(number) => [&[1][..], &u32::try_from(number - 1).unwrap().to_le_bytes(), &noise(7, 1168)].concat(),
        ObjectName::Slot(_) => [&[4][..], &noise(7, 32)].concat(),
        ObjectName::Grant(to, _) | ObjectName::Letter(to, _) => [&[5][..], to.as_bytes(), &noise(7, 32)].concat(),
        _ => [&[2][..], &newest, &noise(7, 32)].concat(),
    };
    let account = device.keys.account();
    let prefix = [b"PKEP\x01\x01", &[name.object_type() as u8][..], account.as_bytes(), name.place().as_bytes()].concat();
    [prefix, key, noise(9, 32 + 2000)].concat()
}

/// A name of this folder that is free.
fn free(world: &World, folder: &str) -> ObjectName {
    let (pc, ender) = (world.device(&world.pc).id, world.device(&world.ender).id);
    let next = |prefix: String| {
        let names = world.names(&prefix);
        u64::from_str_radix(names.last().map_or("0", |name| name.rsplit('/').next().unwrap()), 16).unwrap() + 1
    };
    let id = ObjectId::from_bytes([0xab; 16]);
    match folder {
        "packs" => ObjectName::Pack(id),
        "index" => ObjectName::Index(ender, id),
        "heads" => ObjectName::Head(ender, next(format!("heads/{ender}"))),
        "roster" => ObjectName::Roster(next("roster/".into())),
        "slots" => ObjectName::Slot(id),
        "keys" => ObjectName::Keys(next("keys/".into())),
        "grants" => ObjectName::Grant(pc, next("keys/".into())),
        "keeps" => ObjectName::DeletionNote(pc, next(format!("keeps/{pc}"))),
        "inbox" => ObjectName::Letter(ender, id),
        _ => ObjectName::Fact(pc, next(format!("facts/{pc}"))),
    }
}

/// The object of this folder that is put another in place of, and another one; where there is one of another size it is that, since a list
/// shows nothing else.
fn two(world: &World, folder: &str) -> (String, String) {
    let device = world.device(&world.pc).id.to_string();
    let names = world.names(&format!("{folder}/"));
    let own = names.iter().rev().find(|name| name.contains(&device)).or(names.last());
    let one = own.unwrap_or_else(|| panic!("nothing in {folder}")).clone();
    let size = |name: &str| world.bytes(name).len();
    let others = || names.iter().filter(|name| **name != one);
    let differs = others().find(|name| size(name) != size(&one));
    let other = differs.or(others().next()).unwrap_or_else(|| panic!("only {one}")).clone();
    (one, other)
}

/// What another account's owner sealed for this name.
fn foreign(name: &ObjectName) -> Vec<u8> {
    let keyring = Keyring::random(AccountId::from_bytes([0x77; 16]), &random()).unwrap();
    let keys = keyring.writer().unwrap();
    let to = if matches!(name, ObjectName::Pack(_) | ObjectName::Fact(..)) { To::Owner } else { To::Devices };
    let sealed = match name {
        ObjectName::Slot(_) | ObjectName::Keys(_) | ObjectName::Grant(..) | ObjectName::Letter(..) => {
            let device = DeviceId::from_bytes([1; 16]);
            let sealed = seal::seal(&keys, *name, To::Link(device, &keyring.link(&device)), &[5; 300], &random());
            sealed.map(|sealed| seal::by_owner(&keyring, &sealed))
        }
        _ => seal::seal(&keys, *name, to, &[5; 300], &random()),
    };
    sealed.unwrap().bytes().to_vec()
}

type Bytes = fn(&World, &str, &str) -> Vec<u8>;

/// In the place of an object, by how it is changed.
const CHANGES: [(&str, Bytes); 5] = [
    ("one flipped bit", |world, one, _| {
        let mut bytes = world.bytes(one);
        let at = bytes.len() - 70;
        bytes[at] ^= 4;
        bytes
    }),
    ("cut short", |world, one, _| world.bytes(one)[..100].to_vec()),
    ("empty", |_, _, _| Vec::new()),
    ("another of its type", |world, _, other| world.bytes(other)),
    ("another account's", |_, one, _| foreign(&ObjectName::parse(one).unwrap())),
];

type Told = Option<&'static str>;

/// Of which kind the problem is, by folder, of what is made up under a new name and of what is changed, as [`CHANGES`] lists it. A pack that
/// no index tells of is nobody's, and what is for another device is that one's to read.
const KINDS: [(&str, Told, [Told; 5]); 10] = [
    ("packs", None, [DAMAGED, FORGED, FORGED, FORGED, FORGED]),
    ("index", FORGED, [DAMAGED; 5]),
    ("heads", FORGED, [FORGED; 5]),
    ("roster", FORGED, [FORGED; 5]),
    ("slots", FORGED, [FORGED; 5]),
    ("keys", FORGED, [FORGED; 5]),
    ("grants", FORGED, [DAMAGED; 5]),
    ("keeps", FORGED, [DAMAGED; 5]),
    ("inbox", None, [None; 5]),
    ("facts", DAMAGED, [DAMAGED; 5]),
];
const DAMAGED: Told = Some("damaged");
const FORGED: Told = Some("forged");

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (folder, made_up, changed) in KINDS {
        cases.push(Case::told_as(format!("{folder}: noise behind a fitting header"), made_up, move |world| {
            let name = free(world, folder);
            world.show(&name.to_string(), &junk(world, &name));
        }));
        cases.extend(CHANGES.into_iter().zip(changed).map(|((name, bytes), told)| {
            Case::told_as(format!("{folder}: {name}"), told, move |world| {
                let (one, other) = two(world, folder);
                world.show(&one, &bytes(world, &one, &other));
            })
        }));
    }
    cases
}

#[test]
fn what_anybody_makes_up_is_nothing() {
    judge(&World::new(), &cases());
}
