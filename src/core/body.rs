//! The body of an object: its key, bound to the whole header, and its segments with counter nonces.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use subtle::ConstantTimeEq;

use super::header::Header;
use super::keys::derive;
use super::refused::Refused;
use super::secret::Secret;

/// Bytes a seal adds to a segment.
pub const TAG: usize = 16;

/// What a segment is; part of its nonce, so that no segment stands in for another.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flag {
    /// A segment that others follow.
    More = 0,
    /// The last one.
    Last = 1,
    /// A pack's directory.
    Directory = 2,
    /// A pack's padding.
    Padding = 3,
}

/// The key of one object's body.
pub(super) struct BodyKey(LessSafeKey);

impl BodyKey {
    /// Derives the body's key for a new object, and writes the header with its commitment.
    pub(super) fn create(header: &Header, object_key: &Secret<32>) -> (Self, Vec<u8>) {
        let (key, commitment) = Self::derive(header, object_key);
        (key, header.write(commitment.expose()))
    }

    /// Derives the body's key of an object that is read; a key that the header does not commit to is refused.
    pub(super) fn check(header: &Header, object_key: &Secret<32>) -> Result<Self, Refused> {
        let (key, commitment) = Self::derive(header, object_key);
        let agrees: bool = commitment.expose().ct_eq(&header.commitment).into();
        if agrees { Ok(key) } else { Err(Refused::Changed) }
    }

    fn derive(header: &Header, object_key: &Secret<32>) -> (Self, Secret<32>) {
        let digest = ring::digest::digest(&ring::digest::SHA256, &header.without_commitment());
        let key: Secret<32> = derive(object_key.expose(), b"printkeep/1", &[b"body", digest.as_ref()]);
        let commitment = derive(object_key.expose(), b"printkeep/1", &[b"commitment", digest.as_ref()]);
        (Self(gcm(&key)), commitment)
    }

    /// Appends one sealed segment, whose plaintext is the joined `parts`, to `out`.
    pub(super) fn seal_onto(&self, out: &mut Vec<u8>, number: u64, flag: Flag, parts: &[&[u8]]) {
        let start = out.len();
        out.reserve(parts.iter().map(|p| p.len()).sum::<usize>() + TAG);
        parts.iter().for_each(|part| out.extend_from_slice(part));
        let sealed = self.0.seal_in_place_separate_tag(nonce(number, flag), Aad::empty(), &mut out[start..]);
        match sealed {
            Ok(tag) => out.extend_from_slice(tag.as_ref()),
            // ring refuses only plaintexts over 64 GiB; nothing unsealed may stay behind all the same
            Err(_) => out.truncate(start),
        }
    }

    /// Opens one segment and appends its plaintext to `out`.
    pub(super) fn open_onto(&self, out: &mut Vec<u8>, number: u64, flag: Flag, segment: &[u8]) -> Result<(), Refused> {
        let start = out.len();
        out.extend_from_slice(segment);
        match self.0.open_in_place(nonce(number, flag), Aad::empty(), &mut out[start..]).map(|plain| plain.len()) {
            Ok(length) => {
                out.truncate(start + length);
                Ok(())
            }
            Err(_) => {
                out.truncate(start);
                Err(Refused::Changed)
            }
        }
    }
}

fn gcm(key: &Secret<32>) -> LessSafeKey {
    match UnboundKey::new(&AES_256_GCM, key.expose()) {
        Ok(key) => LessSafeKey::new(key),
        // the length is right by type, and ring checks nothing else
        Err(_) => unreachable!("AES-256-GCM takes 32 bytes"),
    }
}

/// 3 zero bytes, the number in big endian, the flag: never twice under one key, because a key seals one object once.
fn nonce(number: u64, flag: Flag) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = flag as u8;
    Nonce::assume_unique_for_key(bytes)
}
