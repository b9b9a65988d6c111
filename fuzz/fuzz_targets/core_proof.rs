//! What anybody gives for an object of an account, under whatever name: only the very bytes that were sealed and signed by who may are ever
//! proved. The input begins with an object and a name to put it under, then says what is changed in it; or it is the object itself.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::deletion_note::{DeletionNote, Statement};
use printkeep::core::index::Index;
use printkeep::core::keys::{Keyring, WriterKeys};
use printkeep::core::letter::Part;
use printkeep::core::name::{AccountId, ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use printkeep::core::pack::{PackRecord, PackWriter};
use printkeep::core::proof::Unproved;
use printkeep::core::random::{NoRandomness, Random};
use printkeep::core::roster::{Member, Role, Roster};
use printkeep::core::rotation::{Grant, rotate};
use printkeep::core::seal::{self, Proved};
use printkeep::core::secret::Secret;
use printkeep::core::sign::SigningKey;
use printkeep::core::slot::{Cost, Opener};
use printkeep::core::snapshot::{ChunkRef, Head, Needs, Stats};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The same bytes in every run, others at every call.
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        let drawn = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (n, block) in out.chunks_mut(32).enumerate() {
            let n = u8::try_from(n % 251).unwrap_or_default();
            let hash = ring::digest::digest(&ring::digest::SHA256, &[&drawn[..], &[n]].concat());
            block.copy_from_slice(&hash.as_ref()[..block.len()]);
        }
        Ok(())
    }
}

const PC: u8 = 1;
const PRINTER: u8 = 2;
const REVOKED: u8 = 3;

struct World {
    keys: WriterKeys,
    roster: Roster,
    /// What its rule proves.
    genuine: Vec<Proved>,
    /// What only a hash proves.
    told: Vec<Proved>,
    /// Signed, and by nobody who may.
    lies: Vec<Proved>,
}

fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

fn signer(n: u8) -> SigningKey {
    SigningKey::from_seed(Secret::copied_from(&[n; 32]).expect("32 bytes")).expect("a seed")
}

fn head(n: u8, number: u64) -> Head {
    Head {
        device: device(n),
        number,
        previous: ObjectHash::from_bytes([u8::from(number > 1); 32]),
        time: 1_790_000_000,
        stats: Stats::default(),
        root: ChunkRef { id: ChunkId::from_bytes([1; 32]), length: 5 },
        seen: vec![],
        needs: vec![Needs { index: ObjectId::from_bytes([4; 16]), hash: ObjectHash::from_bytes([4; 32]), packs: vec![(0, 1)] }],
    }
}

fn note(n: u8, number: u64) -> DeletionNote {
    let said = vec![Statement::Forget(device(PRINTER), 1, ObjectHash::from_bytes([9; 32]))];
    let previous = ObjectHash::from_bytes([0; 32]);
    DeletionNote { deleter: device(n), number, previous, order: 1, time: 1_790_000_000, heads: vec![], said }
}

fn world() -> Result<World, NoRandomness> {
    let random = Counting(AtomicU64::new(0));
    let mut keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random)?;
    let generation = rotate(&mut keyring, &random)?.expect("a second generation");
    let keys = keyring.writer().expect("keys");
    let seen = head(REVOKED, 1).seal(&keys, &signer(REVOKED), &random)?;
    let formerly = note(PRINTER, 1).seal(&keys, &signer(PRINTER), &random)?;
    let member = |n, role, last_note| Member { id: device(n), key: signer(n).public(), role, last_note, name: format!("{n}") };
    let roster = Roster {
        number: 1,
        previous: ObjectHash::from_bytes([0; 32]),
        members: vec![
            member(PC, Role::MayDelete, None),
            member(PRINTER, Role::AppendOnly, Some((1, formerly.hash()))),
            member(REVOKED, Role::Revoked(vec![(1, seen.hash())]), None),
        ],
    };
    let index = |n| Index {
        device: device(n),
        packs: vec![PackRecord { id: ObjectId::from_bytes([5; 16]), size: 4096, hash: ObjectHash::from_bytes([5; 32]), chunks: vec![] }],
    };
    let recovery = Secret::copied_from(&[8; 32]).expect("32 bytes");
    let part = Part { to: device(PRINTER), letter: ObjectId::from_bytes([6; 16]), number: 0, bytes: b"G28" };
    let genuine = vec![
        roster.seal(&keyring, &keys, &random)?,
        index(PC).seal(&keys, &signer(PC), &random)?,
        head(PC, 1).seal(&keys, &signer(PC), &random)?,
        head(PRINTER, 2).seal(&keys, &signer(PRINTER), &random)?,
        seen,
        note(PC, 1).seal(&keys, &signer(PC), &random)?,
        formerly,
        Grant::new(&keyring, vec![generation.hash()]).expect("keys").seal(&keyring, device(PRINTER), &random)?,
        printkeep::core::slot::seal(&keyring, &Opener::Recovery(&recovery), Cost::PC, &random)?,
        generation,
        part.seal(&keyring, &keys, &random)?,
    ];
    let lies = vec![
        head(PC, 2).seal(&keys, &signer(PRINTER), &random)?,
        head(REVOKED, 2).seal(&keys, &signer(REVOKED), &random)?,
        head(REVOKED, 1).seal(&keys, &signer(REVOKED), &random)?,
        index(PRINTER).seal(&keys, &signer(PC), &random)?,
        note(PRINTER, 1).seal(&keys, &signer(PRINTER), &random)?,
        note(PRINTER, 2).seal(&keys, &signer(PRINTER), &random)?,
        note(REVOKED, 1).seal(&keys, &signer(REVOKED), &random)?,
    ];
    let (pack, _) = PackWriter::new(&keys, 4096, &random)?.finish(&keys);
    Ok(World { keys, roster, genuine, told: vec![pack], lies })
}

static WORLD: LazyLock<World> = LazyLock::new(|| world().expect("bytes"));

/// The object that the input means, changed as it says, and the name to put it under.
fn given(world: &World, data: &[u8]) -> Option<(ObjectName, Vec<u8>)> {
    let [which, under, rest @ ..] = data else { return None };
    let all: Vec<&Proved> = world.genuine.iter().chain(&world.told).chain(&world.lies).collect();
    let name = all[usize::from(*under) % all.len()].name();
    let Some(object) = all.get(usize::from(*which)) else {
        // the right beginning, so that the fuzzer gets past it
        let mut bytes = rest.to_vec();
        if bytes.len() > 39 {
            bytes[..7].copy_from_slice(&[b'P', b'K', b'E', b'P', 1, 1, name.object_type() as u8]);
            bytes[7..23].copy_from_slice(world.keys.account().as_bytes());
            bytes[23..39].copy_from_slice(name.place().as_bytes());
        }
        return Some((name, bytes));
    };
    let mut bytes = object.bytes().to_vec();
    for change in rest.chunks_exact(4).take(64) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len().max(1);
        match change[2] % 4 {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, change[3]),
            _ if at < bytes.len() => bytes[at] ^= change[3],
            _ => {}
        }
    }
    Some((name, bytes))
}

fuzz_target!(|data: &[u8]| {
    let world = &*WORLD;
    let Some((name, bytes)) = given(world, data) else { return };
    let is_of = |objects: &[Proved]| objects.iter().any(|one| one.name() == name && one.bytes() == bytes);
    let Ok(unproved) = Unproved::new(world.keys.account(), name, bytes.clone()) else {
        assert!(!is_of(&world.genuine) && !is_of(&world.told));
        return;
    };
    assert_eq!(unproved.prove(&world.keys, &world.roster).is_ok(), is_of(&world.genuine));
    for told in world.told.iter().chain(&world.genuine) {
        assert_eq!(unproved.by_hash(told.hash()).is_ok(), told.bytes() == bytes);
    }
    if let Ok(proved) = unproved.by_hash(seal::hash(&bytes)) {
        assert!(proved.name() == name && proved.bytes() == bytes);
    }
});
