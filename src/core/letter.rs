//! A letter: a file that the unlocked owner sends to one device, sealed under the key that only the two share.
//!
//! It is one object that tells of the file, and one object for each part of it, all under `inbox/<device>/<id>`. Plaintext of the
//! first: 1; receiver 16; sender 16; time in seconds since 1970 (`i64`); size (varint); mode (varint); modification time: seconds
//! (`i64`), nanoseconds (varint); BLAKE3 of the whole file 32; name (bytes, at most 1,024); count of parts (varint), then per part:
//! BLAKE3 of its sealed object 32, length (varint). Of a part: 2; receiver 16; the first object's id 16; number, from 0 (varint);
//! the part's bytes. A part's id comes from the link key, the first object's id and the number, so that a device tells them
//! apart by their names alone. Both end with the account's signature of the whole: a device, or a thief with its keys, writes no letters.

use super::codec::{Bad, Reader, Writer};
use super::keys::{Keyring, WriterKeys, derive};
use super::name::{DeviceId, ObjectHash, ObjectId, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Proved, Refused, To, With};
use super::secret::Secret;

/// The largest part, in bytes.
pub const MAX_PART: usize = 8 * 1024 * 1024;
/// The most parts of a letter.
pub const MAX_PARTS: usize = 65_536;
/// The longest name a letter may claim for its file, in bytes.
pub const MAX_NAME: usize = 1024;
/// The longest name a received file gets, in bytes: what file systems take.
pub const MAX_FILE_NAME: usize = 255;

/// A part as the first object tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRef {
    /// BLAKE3 of its sealed object.
    pub hash: ObjectHash,
    /// Its length in bytes; at least 1.
    pub length: u32,
}

/// What the first object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Whom it is for.
    pub to: DeviceId,
    /// The device it was sent from.
    pub from: DeviceId,
    /// When, in seconds since 1970 by the sender's clock.
    pub time: i64,
    /// Bytes of the file.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// Its modification time: seconds, nanoseconds.
    pub mtime: (i64, u32),
    /// BLAKE3 of the whole file.
    pub hash: [u8; 32],
    /// What it was called; as the sender says, so see [`file_name`].
    pub name: Vec<u8>,
    /// Its parts in order.
    pub parts: Vec<PartRef>,
}

/// A part of a letter.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Whom it is for.
    pub to: DeviceId,
    /// The letter it belongs to.
    pub letter: ObjectId,
    /// Which part it is, from 0.
    pub number: u32,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl Letter {
    /// Signs and seals it under its id.
    pub fn seal(&self, id: ObjectId, keyring: &Keyring, keys: &WriterKeys, random: &dyn Random) -> Result<Proved, NoRandomness> {
        sign_and_seal(self.encode(), self.to, id, keyring, keys, random)
    }

    fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.u8(1);
        out.raw(self.to.as_bytes());
        out.raw(self.from.as_bytes());
        out.raw(&self.time.to_le_bytes());
        out.varint(self.size);
        out.varint(u64::from(self.mode));
        out.raw(&self.mtime.0.to_le_bytes());
        out.varint(u64::from(self.mtime.1));
        out.raw(&self.hash);
        out.bytes(&self.name);
        out.varint(self.parts.len() as u64);
        for part in &self.parts {
            out.raw(part.hash.as_bytes());
            out.varint(u64::from(part.length));
        }
        out
    }

    /// Opens the one that lies under `name`; none when a part of another letter lies there.
    pub fn open(with: &With<'_>, name: &ObjectName, bytes: &[u8]) -> Result<Option<Self>, Refused> {
        let opened = seal::open(with, name, bytes)?;
        let body = opened.bytes();
        if body.first() == Some(&2) {
            return Ok(None);
        }
        let letter = Self::decode(body)?;
        if is_for(name, &letter.to) { Ok(Some(letter)) } else { Err(Refused::OtherPlace) }
    }

    /// Reads what was signed; every count and size is bounded before anything is allocated for it.
    pub fn decode(body: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(body);
        if input.u8()? != 1 {
            return Err(Bad("an object that is no letter"));
        }
        let to = DeviceId::from_bytes(input.array()?);
        let from = DeviceId::from_bytes(input.array()?);
        let time = i64::from_le_bytes(input.array()?);
        let size = input.varint()?;
        let mode = input.count_u32(0o7777)?;
        let mtime = (i64::from_le_bytes(input.array()?), input.count_u32(999_999_999)?);
        let hash = input.array()?;
        let name = input.bytes(MAX_NAME)?.to_vec();
        let count = input.count(MAX_PARTS)?;
        let mut parts = Vec::new();
        for _ in 0..count {
            let hash = ObjectHash::from_bytes(input.array()?);
            parts.push(PartRef { hash, length: input.count_u32(MAX_PART)? });
        }
        input.finish()?;
        let sum: u64 = parts.iter().map(|part| u64::from(part.length)).sum();
        if sum != size || parts.iter().any(|part| part.length == 0) {
            return Err(Bad("a letter whose parts do not add up to its size"));
        }
        Ok(Self { to, from, time, size, mode, mtime, hash, name, parts })
    }
}

impl<'a> Part<'a> {
    /// Signs and seals it under its id.
    pub fn seal(&self, keyring: &Keyring, keys: &WriterKeys, random: &dyn Random) -> Result<Proved, NoRandomness> {
        let id = part_id(&keyring.link(&self.to), &self.letter, self.number);
        let mut out = Writer::new();
        out.u8(2);
        out.raw(self.to.as_bytes());
        out.raw(self.letter.as_bytes());
        out.varint(u64::from(self.number));
        out.raw(self.bytes);
        sign_and_seal(out, self.to, id, keyring, keys, random)
    }

    /// Reads what was signed.
    pub fn decode(body: &'a [u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(body);
        if input.u8()? != 2 {
            return Err(Bad("an object that is no part of a letter"));
        }
        let to = DeviceId::from_bytes(input.array()?);
        let letter = ObjectId::from_bytes(input.array()?);
        let number = input.count_u32(MAX_PARTS)?;
        if input.len() > MAX_PART {
            return Err(Bad("a part over its size limit"));
        }
        Ok(Self { to, letter, number, bytes: input.take(input.len())? })
    }
}

/// The id of a letter's part.
pub fn part_id(link: &Secret<32>, letter: &ObjectId, number: u32) -> ObjectId {
    let id: Secret<16> = derive(link.expose(), b"printkeep/1", &[b"letter part", letter.as_bytes(), &number.to_le_bytes()]);
    ObjectId::from_bytes(*id.expose())
}

/// Opens a part, believes it only where the letter tells of it, and gives its bytes to `take`.
pub fn open_part<T>(
    link: &Secret<32>,
    keys: &WriterKeys,
    (id, letter, number): (ObjectId, &Letter, u32),
    sealed: &[u8],
    take: impl FnOnce(&[u8]) -> T,
) -> Result<T, Refused> {
    let told = letter.parts.get(number as usize).ok_or(Refused::OtherPlace)?;
    if seal::hash(sealed) != told.hash {
        return Err(Refused::Changed);
    }
    let name = ObjectName::Letter(letter.to, part_id(link, &id, number));
    let opened = seal::open(&With::Link(keys, letter.to, link), &name, sealed)?;
    let part = Part::decode(opened.bytes())?;
    if (part.to, part.letter, part.number) != (letter.to, id, number) {
        return Err(Refused::OtherPlace);
    }
    if part.bytes.len() != told.length as usize {
        return Err(Refused::Malformed("a part of another length"));
    }
    Ok(take(part.bytes))
}

fn is_for(name: &ObjectName, device: &DeviceId) -> bool {
    matches!(name, ObjectName::Letter(to, _) if to == device)
}

fn sign_and_seal(
    out: Writer,
    to: DeviceId,
    id: ObjectId,
    keyring: &Keyring,
    keys: &WriterKeys,
    random: &dyn Random,
) -> Result<Proved, NoRandomness> {
    let body = zeroize::Zeroizing::new(out.into_vec());
    let sealed = seal::seal(keys, ObjectName::Letter(to, id), To::Link(to, &keyring.link(&to)), &body, random)?;
    Ok(seal::by_owner(keyring, &sealed))
}

/// The name a received file gets, whatever the letter claims: one component that is not hidden, without control or direction
/// characters, at most 255 bytes, its ending kept where there is room.
pub fn file_name(claimed: &[u8]) -> String {
    let text = String::from_utf8_lossy(claimed);
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let plain = plain.trim().trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    numbered(if plain.is_empty() { "letter" } else { plain }, "")
}

/// A name with something put before its ending, such as ` (2)`; the stem is shortened so that it fits.
pub fn numbered(name: &str, mark: &str) -> String {
    let (stem, ending) = match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 32 => name.split_at(at),
        _ => (name, ""),
    };
    let mut end = stem.len().min(MAX_FILE_NAME.saturating_sub(mark.len() + ending.len()));
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{mark}{ending}", &stem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::codec::clamp_u32;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    struct World {
        keyring: Keyring,
        keys: WriterKeys,
        random: Counting,
    }

    const TO: DeviceId = DeviceId::from_bytes([1; 16]);
    const OTHER: DeviceId = DeviceId::from_bytes([2; 16]);
    const ID: ObjectId = ObjectId::from_bytes([3; 16]);

    fn world() -> World {
        let random = Counting::new(81);
        let keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap();
        let keys = keyring.writer().unwrap();
        World { keyring, keys, random }
    }

    fn other_id(n: u8) -> ObjectId {
        ObjectId::from_bytes([n; 16])
    }

    fn letter(world: &World, content: &[u8]) -> (Letter, Vec<Proved>) {
        let mut parts = Vec::new();
        let mut sealed = Vec::new();
        for (n, bytes) in content.chunks(5).enumerate() {
            let part = Part { to: TO, letter: ID, number: clamp_u32(n), bytes };
            let object = part.seal(&world.keyring, &world.keys, &world.random).unwrap();
            parts.push(PartRef { hash: object.hash(), length: clamp_u32(bytes.len()) });
            sealed.push(object);
        }
        let letter = Letter {
            to: TO,
            from: OTHER,
            time: 1_800_000_000,
            size: content.len() as u64,
            mode: 0o644,
            mtime: (-5, 7),
            hash: *blake3::hash(content).as_bytes(),
            name: b"cube.gcode".to_vec(),
            parts,
        };
        (letter, sealed)
    }

    #[test]
    fn a_letter_opens_for_its_device_alone_and_gives_its_parts() {
        let world = world();
        let (sent, parts) = letter(&world, b"hello, printer");
        let sealed = sent.seal(ID, &world.keyring, &world.keys, &world.random).unwrap();
        let link = world.keyring.link(&TO);
        let with = With::Link(&world.keys, TO, &link);
        let name = ObjectName::Letter(TO, ID);
        assert_eq!(Letter::open(&with, &name, sealed.bytes()), Ok(Some(sent.clone())));
        assert_eq!(Letter::open(&with, &parts[0].name(), parts[0].bytes()), Ok(None));
        let mut content = Vec::new();
        for (n, part) in parts.iter().enumerate() {
            open_part(&link, &world.keys, (ID, &sent, clamp_u32(n)), part.bytes(), |bytes| content.extend_from_slice(bytes))
                .unwrap();
        }
        assert_eq!(content, b"hello, printer");
        // offered to another device, as it is and with the owner's keys
        let other_link = world.keyring.link(&OTHER);
        let other = With::Link(&world.keys, OTHER, &other_link);
        let offered = ObjectName::Letter(OTHER, ID);
        assert_eq!(Letter::open(&other, &offered, sealed.bytes()), Err(Refused::NoKey));
        assert_eq!(Letter::open(&With::Owner(&world.keyring), &offered, sealed.bytes()), Err(Refused::OtherPlace));
        assert_eq!(Letter::open(&with, &ObjectName::Letter(TO, other_id(9)), sealed.bytes()), Err(Refused::OtherPlace));
    }

    #[test]
    fn parts_are_not_swapped_repeated_or_taken_from_another_letter() {
        let world = world();
        let (sent, parts) = letter(&world, b"hello, printer");
        let link = world.keyring.link(&TO);
        let open = |id, letter: &Letter, n, bytes: &[u8]| open_part(&link, &world.keys, (id, letter, n), bytes, |_| ());
        assert_eq!(open(ID, &sent, 0, parts[1].bytes()), Err(Refused::Changed));
        assert_eq!(open(ID, &sent, 3, parts[0].bytes()), Err(Refused::OtherPlace));
        // even where a signed letter told of it
        let mut twisted = sent.clone();
        twisted.parts.swap(0, 1);
        assert_eq!(open(ID, &twisted, 0, parts[1].bytes()), Err(Refused::OtherPlace));
        assert_eq!(open(other_id(9), &sent, 0, parts[0].bytes()), Err(Refused::OtherPlace));
    }

    #[test]
    fn a_device_that_holds_the_link_key_cannot_write_letters() {
        let world = world();
        let (sent, _) = letter(&world, b"x");
        let mut body = sent.encode();
        body.raw(&[0; 64]);
        let link = world.keyring.link(&TO);
        let name = ObjectName::Letter(TO, ID);
        let forged = seal::seal(&world.keys, name, To::Link(TO, &link), body.as_slice(), &world.random).unwrap();
        let with = With::Link(&world.keys, TO, &link);
        assert_eq!(Letter::open(&with, &name, forged.bytes()), Err(Refused::Unsigned));
    }

    #[test]
    fn parts_add_up() {
        let world = world();
        let (good, _) = letter(&world, b"hello, printer");
        assert_eq!(Letter::decode(good.encode().as_slice()), Ok(good.clone()));
        assert!(Letter::decode(Letter { size: 13, ..good.clone() }.encode().as_slice()).is_err());
        let mut empty = good.clone();
        empty.parts.push(PartRef { length: 0, ..good.parts[0] });
        assert!(Letter::decode(empty.encode().as_slice()).is_err());
        assert!(Letter::decode(&[good.encode().as_slice(), b"x"].concat()).is_err());
    }

    #[test]
    fn names_are_made_safe() {
        let cases: [(&[u8], &str); 12] = [
            (b"cube.gcode", "cube.gcode"),
            (b"../../x", "x"),
            (b"/etc/passwd", "passwd"),
            (b"..", "letter"),
            (b"a/..", "letter"),
            (b"", "letter"),
            (b".bashrc", "bashrc"),
            (b". ..hidden", "hidden"),
            (b"c:\\evil\\x.cfg", "x.cfg"),
            (b"a\n\x1b[2Jb\0", "a[2Jb"),
            ("x\u{202e}gpj.exe".as_bytes(), "xgpj.exe"),
            (b"a\xff.stl", "a\u{fffd}.stl"),
        ];
        for (claimed, expected) in cases {
            assert_eq!(file_name(claimed), expected);
        }
        let long = file_name(&[&[b'a'; 400], b".gcode".as_slice()].concat());
        assert_eq!((long.len(), long.ends_with(".gcode")), (255, true));
        assert_eq!(numbered("cube.gcode", " (2)"), "cube (2).gcode");
        assert_eq!(numbered(&long, " (2)").len(), 255);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_letter_panic_and_what_reads_writes_the_same(bytes: Vec<u8>) {
            if let Ok(letter) = Letter::decode(&bytes) {
                prop_assert_eq!(letter.encode().into_vec(), bytes.clone());
            }
            let _ = Part::decode(&bytes);
        }

        #[test]
        fn every_name_is_one_plain_component(claimed: Vec<u8>, mark in " \\([0-9]{1,3}\\)") {
            for name in [file_name(&claimed), numbered(&file_name(&claimed), &mark)] {
                prop_assert!(!name.is_empty() && name.len() <= MAX_FILE_NAME && !name.starts_with('.'));
                prop_assert!(!name.contains('/') && !name.chars().any(char::is_control));
            }
        }
    }
}
