//! Enrolling: what a device that is let in and the one that lets it in tell each other, inside a channel that a typed code made.
//!
//! The new device makes its own keys and sends the public one, with a signature over the channel's transcript; it gets what a writer
//! keeps, so that it never holds a key that opens what was backed up.

pub mod channel;
pub mod frame;

use zeroize::Zeroizing;

use super::codec::{Reader, Writer};
use super::keys::WriterKeys;
use super::name::{DeviceId, ObjectName};
use super::roster::MAX_NAME;
use super::seal::Refused;
use super::secret::Secret;
use super::sign::split_signature;
use super::sign::{SigningKey, VerifyingKey};

/// The most stores that are told of.
pub const MAX_STORES: usize = 64;
/// The longest address of a store, in bytes.
const MAX_URL: usize = 4096;
/// The largest file of roots, in bytes.
pub const MAX_ROOTS: usize = 64 * 1024;
/// The largest credentials of a store, in bytes.
const MAX_CREDENTIALS: usize = 16 * 1024;
/// The most objects that are handed over: rosters and keys.
pub const MAX_OBJECTS: usize = 8192;
/// The longest name of an object, in bytes.
const MAX_OBJECT_NAME: usize = 128;

const LABEL: &str = "enroll";

/// What a new device says of itself: message 1, id 16, verifying key 32, name (bytes), signature 64 by that key under the label
/// `enroll` over the transcript 32 and everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which device.
    pub id: DeviceId,
    /// What its objects will be signed with.
    pub key: VerifyingKey,
    /// What it would like to be called.
    pub name: String,
}

impl Request {
    /// Signs it for one channel.
    pub fn encode(&self, signer: &SigningKey, transcript: &[u8; 32]) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(1);
        out.raw(self.id.as_bytes());
        out.raw(self.key.as_bytes());
        out.bytes(self.name.as_bytes());
        let signature = signer.sign(LABEL, &[transcript, out.as_slice()].concat());
        out.raw(&signature);
        out.into_vec()
    }

    /// Reads one, and believes it only when it was signed for this channel with the key it names.
    pub fn decode(bytes: &[u8], transcript: &[u8; 32]) -> Result<Self, Refused> {
        let (body, signature) = split_signature(bytes)?;
        let mut input = Reader::new(body);
        message(&mut input, 1)?;
        let (id, key) = (DeviceId::from_bytes(input.array()?), VerifyingKey::from_bytes(input.array()?));
        let name = text(&mut input, MAX_NAME)?;
        input.finish()?;
        let signed = key.verifies(LABEL, &[transcript, body].concat(), signature);
        if signed { Ok(Self { id, key, name }) } else { Err(Refused::Unsigned) }
    }
}

/// A store that the new device is told of.
pub struct StoreOffer {
    /// The owner's name for it.
    pub name: String,
    /// Its address.
    pub url: String,
    /// A file of roots in PEM, where there is one.
    pub roots: Vec<u8>,
    /// Pins, in words.
    pub pins: Vec<String>,
    /// Whether the system's roots are trusted.
    pub system_roots: bool,
    /// Whether TLS 1.2 will do.
    pub allow_tls12: bool,
    /// Its credentials as they are kept, empty unless the owner shares them.
    pub credentials: Zeroizing<Vec<u8>>,
}

/// What the new device gets: message 2, what a writer keeps, link key 32, its name (bytes), count of stores (varint), then each name,
/// address, roots (bytes), count of pins (varint), each (bytes), flags 1 (1 system's roots, 2 TLS 1.2), credentials (bytes); number of
/// objects that follow (varint).
pub struct Welcome {
    /// What it writes with.
    pub keys: WriterKeys,
    /// Shared with the owner alone.
    pub link: Secret<32>,
    /// What it is called.
    pub name: String,
    /// The stores.
    pub stores: Vec<StoreOffer>,
    /// How many objects follow.
    pub objects: usize,
}

impl Welcome {
    /// The bytes that `decode` reads.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.u8(2);
        self.keys.encode(&mut out);
        out.raw(self.link.expose());
        out.bytes(self.name.as_bytes());
        out.varint(self.stores.len() as u64);
        for store in &self.stores {
            out.bytes(store.name.as_bytes());
            out.bytes(store.url.as_bytes());
            out.bytes(&store.roots);
            out.varint(store.pins.len() as u64);
            store.pins.iter().for_each(|pin| out.bytes(pin.as_bytes()));
            out.u8(u8::from(store.system_roots) | u8::from(store.allow_tls12) << 1);
            out.bytes(&store.credentials);
        }
        out.varint(self.objects as u64);
        Zeroizing::new(out.into_vec())
    }

    /// Reads one.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(bytes);
        message(&mut input, 2)?;
        let keys = WriterKeys::decode(&mut input)?;
        let link = Secret::copied_from(input.take(32)?).ok_or(Refused::Malformed("it ends too early"))?;
        let name = text(&mut input, MAX_NAME)?;
        let count = input.count(MAX_STORES)?;
        let stores = (0..count).map(|_| StoreOffer::decode(&mut input)).collect::<Result<_, _>>()?;
        let objects = input.count(MAX_OBJECTS)?;
        input.finish()?;
        Ok(Self { keys, link, name, stores, objects })
    }
}

impl StoreOffer {
    fn decode(input: &mut Reader<'_>) -> Result<Self, Refused> {
        let (name, url) = (text(input, 64)?, text(input, MAX_URL)?);
        let roots = input.bytes(MAX_ROOTS)?.to_vec();
        let count = input.count(2)?;
        let pins = (0..count).map(|_| text(input, 128)).collect::<Result<_, _>>()?;
        let flags = input.u8()?;
        if flags > 3 {
            return Err(Refused::UnknownVersion);
        }
        let credentials = Zeroizing::new(input.bytes(MAX_CREDENTIALS)?.to_vec());
        Ok(Self { name, url, roots, pins, system_roots: flags & 1 != 0, allow_tls12: flags & 2 != 0, credentials })
    }
}

/// An object that is handed over: message 3, its name (bytes), its bytes to the end.
pub struct HandedOver<'a> {
    /// Its name.
    pub name: ObjectName,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> HandedOver<'a> {
    /// The bytes that `decode` reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(3);
        out.bytes(self.name.to_string().as_bytes());
        out.raw(self.bytes);
        out.into_vec()
    }

    /// Reads one; only rosters and keys are handed over.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(bytes);
        message(&mut input, 3)?;
        let name = text(&mut input, MAX_OBJECT_NAME)?;
        let name = ObjectName::parse(&name).filter(|name| matches!(name, ObjectName::Roster(_) | ObjectName::Keys(_)));
        let name = name.ok_or(Refused::Malformed("an object that is not handed over"))?;
        Ok(Self { name, bytes: input.take(input.len())? })
    }
}

/// The last message, from the new device: it is set up.
pub const DONE: [u8; 1] = [4];

fn message(input: &mut Reader<'_>, expected: u8) -> Result<(), Refused> {
    if input.u8()? == expected { Ok(()) } else { Err(Refused::Malformed("a message out of turn")) }
}

fn text(input: &mut Reader<'_>, limit: usize) -> Result<String, Refused> {
    let text = std::str::from_utf8(input.bytes(limit)?).map_err(|_| Refused::Malformed("a name is not UTF-8"))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::keys::Keyring;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;
    use proptest::prelude::*;

    #[test]
    fn a_request_holds_for_its_key_and_its_channel() {
        let random = Counting::new(81);
        let (signer, other) = (SigningKey::random(&random).unwrap(), SigningKey::random(&random).unwrap());
        let request = Request { id: DeviceId::from_bytes([1; 16]), key: signer.public(), name: "Ender".into() };
        let bytes = request.encode(&signer, &[1; 32]);
        assert_eq!(Request::decode(&bytes, &[1; 32]), Ok(request.clone()));
        assert_eq!(Request::decode(&bytes, &[2; 32]), Err(Refused::Unsigned));
        assert_eq!(Request::decode(&request.encode(&other, &[1; 32]), &[1; 32]), Err(Refused::Unsigned));
    }

    #[test]
    fn a_welcome_reads_back() {
        let random = Counting::new(82);
        let keys = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap().writer().unwrap();
        let store = StoreOffer {
            name: "cloud".into(),
            url: "s3://b".into(),
            roots: b"PEM".to_vec(),
            pins: vec!["pin".into()],
            system_roots: true,
            allow_tls12: true,
            credentials: Zeroizing::new(vec![1, 2]),
        };
        let link = Secret::random(&random).unwrap();
        let welcome = Welcome { keys, link, name: "Ender-2".into(), stores: vec![store], objects: 3 };
        let again = Welcome::decode(&welcome.encode()).unwrap();
        assert_eq!(again.encode().as_slice(), welcome.encode().as_slice());
        assert_eq!((again.name.as_str(), again.objects, again.stores[0].system_roots), ("Ender-2", 3, true));
    }

    #[test]
    fn only_rosters_and_keys_are_handed_over() {
        let good = HandedOver { name: ObjectName::Roster(3), bytes: b"x" }.encode();
        assert_eq!(HandedOver::decode(&good).unwrap().name, ObjectName::Roster(3));
        let head = HandedOver { name: ObjectName::Head(DeviceId::from_bytes([1; 16]), 1), bytes: b"x" }.encode();
        assert!(HandedOver::decode(&head).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_message_panic(bytes: Vec<u8>) {
            let _ = Request::decode(&bytes, &[0; 32]);
            let _ = Welcome::decode(&bytes);
            let _ = HandedOver::decode(&bytes);
        }
    }
}
