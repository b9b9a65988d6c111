//! Every bit of a 64 KiB pack flipped, and objects of every type and account offered in each other's place: all refused.

use printkeep::core::chunk::{ChunkIds, Encoded};
use printkeep::core::keys::{ChunkUse, Keyring};
use printkeep::core::name::{AccountId, DeviceId, ObjectId, ObjectName};
use printkeep::core::pack::{FIRST_CHUNK, PackReader, PackWriter};
use printkeep::core::seal::{self, Proved, To, With};
use printkeep::local::os_random::SystemRandom;
use zeroize::Zeroizing;

fn keyring(n: u8) -> Keyring {
    Keyring::random(AccountId::from_bytes([n; 16]), &SystemRandom::new()).unwrap()
}

fn pack(keyring: &Keyring, chunks: &[Vec<u8>]) -> Proved {
    let (writer, random) = (keyring.writer().unwrap(), SystemRandom::new());
    let ids = ChunkIds::new(writer.newest());
    let mut pack = PackWriter::new(&writer, 65_536, &random).unwrap();
    for chunk in chunks {
        pack.add(ids.id(ChunkUse::Data, chunk), &Encoded::raw(Zeroizing::new(chunk.clone())));
    }
    pack.finish(&writer).0
}

#[test]
fn every_flipped_bit_of_a_pack_is_refused() {
    let keyring = keyring(1);
    let sealed = pack(&keyring, &[vec![1; 20_000], vec![2; 30_000], vec![3; 13_000]]);
    let ObjectName::Pack(id) = sealed.name() else { panic!("a pack") };
    let whole = sealed.bytes();
    assert!(whole.len() >= 64 * 1024, "{}", whole.len());
    let with = With::Owner(&keyring);
    PackReader::open(&with, id, whole).unwrap().check_whole(whole).unwrap();
    let halves = [(0, whole.len() / 2), (whole.len() / 2, whole.len())];
    std::thread::scope(|scope| {
        for (from, to) in halves {
            let (with, keyring) = (With::Owner(&keyring), &keyring);
            scope.spawn(move || {
                let reader = PackReader::open(&with, id, whole).unwrap();
                let mut bytes = whole.to_vec();
                for at in from..to {
                    for bit in 0..8 {
                        bytes[at] ^= 1 << bit;
                        let accepted = if at < FIRST_CHUNK as usize {
                            PackReader::open(&With::Owner(keyring), id, &bytes).is_ok()
                        } else {
                            reader.check_whole(&bytes).is_ok()
                        };
                        assert!(!accepted, "byte {at}, bit {bit}");
                        bytes[at] ^= 1 << bit;
                    }
                }
            });
        }
    });
}

/// More than 10,000 pairs of valid objects: each opens under its own name, account and keys, and nowhere else.
#[test]
fn no_object_stands_in_for_another() {
    let random = SystemRandom::new();
    let keyrings = [keyring(1), keyring(2)];
    let mut objects = Vec::new();
    for (owner, keyring) in keyrings.iter().enumerate() {
        let writer = keyring.writer().unwrap();
        for n in 0..12u8 {
            let (id, device) = (ObjectId::from_bytes([n; 16]), DeviceId::from_bytes([n % 3; 16]));
            let number = n.into();
            let names = [
                ObjectName::Pack(id),
                ObjectName::Index(device, id),
                ObjectName::Head(device, number),
                ObjectName::Roster(number),
            ];
            for name in names {
                objects.push((owner, seal::seal(&writer, name, To::Devices, &[n; 50], &random).unwrap()));
            }
            let owners = [
                ObjectName::Slot(id),
                ObjectName::Keys(number),
                ObjectName::Grant(device, number),
                ObjectName::Letter(device, id),
            ];
            for name in owners {
                let sealed =
                    seal::seal(&writer, name, To::Devices, &[n; 50], &random).map(|sealed| seal::by_owner(keyring, &sealed));
                objects.push((owner, sealed.unwrap()));
            }
        }
    }
    let mut pairs = 0;
    for (owner, object) in &objects {
        for (other, place) in &objects {
            let opened = seal::open(&With::Owner(&keyrings[*other]), &place.name(), object.bytes()).is_ok();
            // the place of an index object, or of a letter, is its id; the device in its name is checked against what is signed inside
            let same = owner == other
                && object.name().place() == place.name().place()
                && object.name().object_type() == place.name().object_type();
            assert_eq!(opened, same, "{} in the place of {}", object.name(), place.name());
            pairs += 1;
        }
    }
    assert!(pairs >= 36_000, "{pairs}");
}

/// Every object has a key of its own, so that counter nonces never meet: no two headers of many are the same.
#[test]
fn no_two_objects_share_a_key() {
    let (keyring, random) = (keyring(1), SystemRandom::new());
    let writer = keyring.writer().unwrap();
    let name = ObjectName::Index(DeviceId::from_bytes([1; 16]), ObjectId::from_bytes([1; 16]));
    let mut commitments = std::collections::HashSet::new();
    for _ in 0..20_000 {
        let sealed = seal::seal(&writer, name, To::Devices, b"the same", &random).unwrap();
        // prefix 39, kind 1, generation 4, salt 32: the commitment follows, and depends on nothing but key and header
        assert!(commitments.insert(sealed.bytes()[76..108].to_vec()));
    }
}
