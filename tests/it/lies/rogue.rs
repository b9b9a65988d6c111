//! What a stolen device signs with its key: in its own name, in another's, in the owner's; before and after it was revoked.

use printkeep::core::codec::Writer;
use printkeep::core::deletion_note::{DeletionNote, Statement};
use printkeep::core::device_record::{DeviceRecord, Origin};
use printkeep::core::index::Index;
use printkeep::core::keys::Keyring;
use printkeep::core::letter::Letter;
use printkeep::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use printkeep::core::roster::{Role, Roster};
use printkeep::core::rotation::{self, Grant};
use printkeep::core::seal::{self, To, With};
use printkeep::core::secret::Secret;
use printkeep::core::slot::{self, Cost, Opener};
use printkeep::core::snapshot::{ChunkRef, Head, Stats};
use printkeep::local::device::Device;

use super::judgement::{Case, judge};
use super::world::{World, random};

/// A thief with the key file of a device.
pub struct Rogue<'a> {
    pub world: &'a World,
    pub device: Device,
}

impl<'a> Rogue<'a> {
    pub fn of(world: &'a World) -> Self {
        Self { world, device: world.device(&world.mallory) }
    }

    fn pc(&self) -> DeviceId {
        self.world.device(&self.world.pc).id
    }

    fn ender(&self) -> DeviceId {
        self.world.device(&self.world.ender).id
    }

    /// The number and hash of a device's newest object in a folder; nothing where there is none.
    fn newest(&self, folder: &str, device: DeviceId) -> (u64, ObjectHash) {
        let names = self.world.names(&format!("{folder}/{device}"));
        let Some(name) = names.last() else { return (0, ObjectHash::from_bytes([0; 32])) };
        let number = u64::from_str_radix(name.rsplit('/').next().unwrap(), 16).unwrap();
        (number, seal::hash(&self.world.bytes(name)))
    }

    /// A snapshot of a device, which the thief signs.
    pub fn head(&self, device: DeviceId, number: u64, previous: ObjectHash) -> Head {
        let root = ChunkRef { id: ChunkId::from_bytes([1; 32]), length: 5 };
        Head { device, number, previous, time: 1_790_000_000, stats: Stats::default(), root, seen: vec![], needs: vec![] }
    }

    pub fn put_head(&self, head: &Head) {
        self.world.put(&head.seal(&self.device.keys, &self.device.signer, &random()).unwrap());
    }

    fn put_note(&self, deleter: DeviceId, said: Vec<Statement>) {
        let (number, previous) = self.newest("keeps", deleter);
        let note = DeletionNote { deleter, number: number + 1, previous, order: 99, time: 1_790_000_000, heads: vec![], said };
        self.world.put(&note.seal(&self.device.keys, &self.device.signer, &random()).unwrap());
    }

    /// That every snapshot is forgotten and every pack needed no longer.
    fn let_all_go(&self, deleter: DeviceId) {
        let mut said = Vec::new();
        for name in self.world.names("heads/") {
            let Some(ObjectName::Head(device, number)) = ObjectName::parse(&name) else { panic!("{name}") };
            said.push(Statement::Forget(device, number, seal::hash(&self.world.bytes(&name))));
        }
        let packs = self.world.names("packs/").iter().map(|name| ObjectName::parse(name).unwrap().place()).collect::<Vec<_>>();
        said.extend([Statement::Mark(packs.clone()), Statement::Drop(packs)]);
        self.put_note(deleter, said);
    }

    fn put_index(&self, device: DeviceId) {
        let index = Index { device, packs: vec![] };
        self.world.put(&index.seal(&self.device.keys, &self.device.signer, &random()).unwrap());
    }

    /// An account of the same id and shared keys that the thief signs for.
    fn false_owner(&self) -> Keyring {
        let (keys, mut out) = (&self.device.keys, Writer::new());
        out.raw(keys.account().as_bytes());
        out.raw(self.device.signer.seed().expose());
        out.varint(keys.generation().into());
        for generation in 1..=keys.generation() {
            let shared = keys.shared(generation).unwrap();
            out.raw(&[9; 32]);
            out.raw(shared.index.expose());
            out.raw(shared.chunk.expose());
        }
        Keyring::decode(out.as_slice()).unwrap()
    }

    /// The thief's own word of what an honest device signed, in another place.
    fn moved(&self, from: &str, to: ObjectName) {
        let name = ObjectName::parse(from).unwrap();
        let opened = seal::open(&With::Device(&self.device.keys), &name, &self.world.bytes(from)).unwrap();
        self.world.put(&seal::seal(&self.device.keys, to, To::Devices, opened.bytes(), &random()).unwrap());
    }

    /// A list of devices in which the thief may delete.
    fn put_roster(&self, newest: bool) {
        let names = self.world.names("roster/");
        let last = names.last().unwrap();
        let bytes = self.world.bytes(last);
        let mut roster = Roster::open(&self.device.keys, &ObjectName::parse(last).unwrap(), &bytes).unwrap();
        if !newest {
            (roster.number, roster.previous) = (roster.number + 1, seal::hash(&bytes));
        }
        for member in &mut roster.members {
            if member.id == self.device.id {
                (member.role, member.last_note) = (Role::MayDelete, None);
            }
        }
        self.world.put(&roster.seal(&self.false_owner(), &self.device.keys, &random()).unwrap());
    }

    fn put_letter(&self) {
        let content = b"M112\n";
        let letter = Letter {
            to: self.ender(),
            from: self.pc(),
            time: 1_790_000_000,
            size: 0,
            mode: 0o644,
            mtime: (0, 0),
            hash: *blake3::hash(content).as_bytes(),
            name: b"printer.cfg".to_vec(),
            parts: vec![],
        };
        let id = ObjectId::from_bytes([0xcd; 16]);
        self.world.put(&letter.seal(id, &self.false_owner(), &self.device.keys, &random()).unwrap());
    }

    fn put_grant(&self, to: DeviceId, later: bool) {
        let mut owner = self.false_owner();
        if later {
            rotation::rotate(&mut owner, &random()).unwrap();
        }
        let told = (1..owner.newest()).map(|_| ObjectHash::from_bytes([3; 32])).collect();
        self.world.put(&Grant::new(&owner, told).unwrap().seal(&owner, to, &random()).unwrap());
    }

    fn put_fact(&self, device: DeviceId) {
        let number = self.newest("facts", device).0 + 1;
        let text = "command: backup\n".to_owned();
        let fact = DeviceRecord { device, number, item: 48, origin: Origin::Recorded, time: 0, consent: [0; 32], text };
        self.world.put(&fact.seal(&self.device.keys, &self.device.signer, &random()).unwrap());
    }
}

/// In another's name, or in the owner's: nobody believes it.
fn in_anothers_name() -> Vec<Case> {
    let case_as = |name: &str, told: Option<&'static str>, play: fn(&Rogue<'_>)| {
        Case::told_as(format!("a thief's {name}"), told, move |world: &World| play(&Rogue::of(world)))
    };
    let case = |name: &str, play: fn(&Rogue<'_>)| case_as(name, Some("forged"), play);
    vec![
        case("keys after the newest", |rogue| {
            let keys = rotation::rotate(&mut rogue.false_owner(), &random()).unwrap().unwrap();
            rogue.world.put(&keys);
        }),
        case("later grant for the PC", |rogue| rogue.put_grant(rogue.pc(), true)),
        case("later grant for the printer", |rogue| rogue.put_grant(rogue.ender(), true)),
        case("later grant for itself", |rogue| rogue.put_grant(rogue.device.id, true)),
        case_as("grant in the place of the PC's", Some("damaged"), |rogue| rogue.put_grant(rogue.pc(), false)),
        case("key slot with a kit of its own", |rogue| {
            let kit = Secret::copied_from(&[4; 32]).unwrap();
            let cost = Cost::new(12 * 1024, 3, 1).unwrap();
            rogue.world.put(&slot::seal(&rogue.false_owner(), &Opener::Recovery(&kit), cost, &random()).unwrap());
        }),
        case_as("letter to the printer", None, |rogue| rogue.put_letter()),
        case("list of devices after the newest", |rogue| rogue.put_roster(false)),
        case("list of devices in the place of the newest", |rogue| rogue.put_roster(true)),
        case("snapshot in the printer's name", |rogue| {
            let (number, previous) = rogue.newest("heads", rogue.ender());
            rogue.put_head(&rogue.head(rogue.ender(), number + 1, previous));
        }),
        case("snapshot in the PC's name", |rogue| {
            let (number, previous) = rogue.newest("heads", rogue.pc());
            rogue.put_head(&rogue.head(rogue.pc(), number + 1, previous));
        }),
        case("snapshot in the place of the printer's newest", |rogue| {
            let (number, previous) = rogue.newest("heads", rogue.ender());
            rogue.put_head(&rogue.head(rogue.ender(), number, previous));
        }),
        case("own snapshot in the printer's place", |rogue| {
            let own = rogue.world.names(&format!("heads/{}", rogue.device.id)).pop().unwrap();
            let number = rogue.newest("heads", rogue.ender()).0 + 1;
            rogue.moved(&own, ObjectName::Head(rogue.ender(), number));
        }),
        case("copy of a true snapshot of the printer under the next number", |rogue| {
            let name = rogue.world.names(&format!("heads/{}", rogue.ender())).pop().unwrap();
            let number = rogue.newest("heads", rogue.ender()).0 + 1;
            rogue.moved(&name, ObjectName::Head(rogue.ender(), number));
        }),
        case("index in the printer's name", |rogue| rogue.put_index(rogue.ender())),
        case("own index in the PC's place", |rogue| {
            let own = rogue.world.names(&format!("index/{}", rogue.device.id)).pop().unwrap();
            rogue.moved(&own, ObjectName::Index(rogue.pc(), ObjectId::from_bytes([0xcd; 16])));
        }),
        case("note in the PC's name", |rogue| rogue.let_all_go(rogue.pc())),
        case("copy of a true note of the PC under the next number", |rogue| {
            let name = rogue.world.names(&format!("keeps/{}", rogue.pc())).pop().unwrap();
            rogue.moved(&name, ObjectName::DeletionNote(rogue.pc(), rogue.newest("keeps", rogue.pc()).0 + 1));
        }),
        case_as("fact in the PC's name", Some("damaged"), |rogue| rogue.put_fact(rogue.pc())),
    ]
}

/// Once it was revoked: what it signs then counts for nothing, whatever number it bears.
fn once_revoked() -> Vec<Case> {
    let case = |name: &str, told: Option<&'static str>, play: fn(&Rogue<'_>)| {
        let name = format!("a revoked device's {name}");
        let play = move |world: &World| play(&Rogue::of(world));
        Case::told_as(name, told, play).after(|world| {
            world.pc.done(&["device", "revoke", "mallory", "--yes", "--recovery-kit", &world.kit()]);
            [&world.pc, &world.ender, &world.pc].iter().for_each(|home| drop(home.done(&["sync"])));
        })
    };
    vec![
        case("next snapshot", Some("intruder"), |rogue| {
            let (number, previous) = rogue.newest("heads", rogue.device.id);
            rogue.put_head(&rogue.head(rogue.device.id, number + 1, previous));
        }),
        case("snapshot in the place of its first", Some("damaged"), |rogue| {
            rogue.put_head(&rogue.head(rogue.device.id, 1, ObjectHash::from_bytes([0; 32])));
        }),
        case("snapshot in the place of its last", Some("rollback"), |rogue| {
            let number = rogue.newest("heads", rogue.device.id).0;
            rogue.put_head(&rogue.head(rogue.device.id, number, ObjectHash::from_bytes([1; 32])));
        }),
        case("snapshot of the highest number", Some("intruder"), |rogue| {
            rogue.put_head(&rogue.head(rogue.device.id, u64::MAX, ObjectHash::from_bytes([1; 32])));
        }),
        case("list of devices", Some("forged"), |rogue| rogue.put_roster(false)),
        case("keys", Some("forged"), |rogue| {
            let mut owner = rogue.false_owner();
            rotation::rotate(&mut owner, &random()).unwrap();
            rogue.world.put(&rotation::rotate(&mut owner, &random()).unwrap().unwrap());
        }),
        case("letter to the printer", None, |rogue| rogue.put_letter()),
    ]
}

/// In its own name, while nobody knows that it was stolen: what it says is held against itself alone.
fn in_its_own_name() -> Vec<Case> {
    let case = |name: &str, told: Option<&'static str>, play: fn(&Rogue<'_>)| {
        let name = format!("a device in wrong hands: its {name}");
        let play = move |world: &World| play(&Rogue::of(world));
        Case::told_as(name, told, play)
    };
    vec![
        case("snapshot that does not follow its last", Some("fork"), |rogue| {
            let number = rogue.newest("heads", rogue.device.id).0;
            rogue.put_head(&rogue.head(rogue.device.id, number + 1, ObjectHash::from_bytes([1; 32])));
        }),
        case("other snapshot in the place of its last", Some("fork"), |rogue| {
            let number = rogue.newest("heads", rogue.device.id).0;
            rogue.put_head(&rogue.head(rogue.device.id, number, ObjectHash::from_bytes([1; 32])));
        }),
        case("other snapshot in the place of its first", Some("damaged"), |rogue| {
            rogue.put_head(&rogue.head(rogue.device.id, 1, ObjectHash::from_bytes([0; 32])));
        }),
    ]
}

pub fn cases() -> Vec<Case> {
    [in_anothers_name(), once_revoked(), in_its_own_name()].into_iter().flatten().collect()
}

#[test]
fn what_a_thief_signs_in_anothers_name_is_nothing() {
    judge(&World::new(), &in_anothers_name());
}

#[test]
fn what_a_revoked_device_signs_is_nothing() {
    judge(&World::new(), &once_revoked());
}

#[test]
fn what_a_device_in_wrong_hands_signs_is_held_against_itself_alone() {
    judge(&World::new(), &in_its_own_name());
}
