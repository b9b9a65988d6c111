//! Small local values, sealed under a key of this device: AES-256-GCM, where no pair of key and nonce comes twice, whatever
//! crashes, forks or is copied back; so there is no counter here that could be turned back.
//!
//! - [`seal`], for a value that stands alone: salt 32, ciphertext, tag 16. The key is HKDF-SHA256 of the local key with the salt,
//!   the nonce zero: every value has a key of its own.
//! - [`Values`], for the many values of one database: nonce 12, ciphertext, tag 16. The key is HKDF-SHA256 of the local key with
//!   the database's own salt (32); the nonce is random. Among 2³² values two nonces are equal with a chance of 2⁻³³ (the limit
//!   of NIST SP 800-38D, 8.3); a database is a cache, and rebuilding it draws a new salt, which is how the key is rotated.
//! - [`Blocks`], for the blocks of one file that is written once and never changed: ciphertext, tag 16. The key is HKDF-SHA256 of the
//!   local key with the file's own salt (32), the nonce the block's number: whoever writes a file draws a salt for it.
//!
//! The name, or the table and key, is associated data, so that values are not swapped.

use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::core::keys::derive;
use crate::core::random::{self, NoRandomness, Random};
use crate::core::secret::Secret;

const SALT: usize = 32;

fn cipher(key: &Secret<32>, salt: &[u8]) -> Aes256Gcm {
    let key: Secret<32> = derive(key.expose(), salt, &[b"printkeep/1 local value"]);
    Aes256Gcm::new(key.expose().into())
}

/// Seals a value under its name.
pub fn seal(key: &Secret<32>, name: &[u8], value: &[u8], random: &dyn Random) -> Result<Vec<u8>, NoRandomness> {
    let salt: [u8; SALT] = random::bytes(random)?;
    let sealed = cipher(key, &salt).encrypt(&Nonce::default(), Payload { msg: value, aad: name }).map_err(|_| NoRandomness)?;
    Ok([salt.as_slice(), &sealed].concat())
}

/// Opens what was sealed under this key and name.
pub fn open(key: &Secret<32>, name: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (salt, sealed) = sealed.split_at_checked(SALT)?;
    cipher(key, salt).decrypt(&Nonce::default(), Payload { msg: sealed, aad: name }).ok().map(Zeroizing::new)
}

/// Bytes that [`Values::seal`] adds.
pub const OVERHEAD: usize = NONCE + 16;
const NONCE: usize = 12;

/// Seals the values of one database.
pub struct Values(Aes256Gcm);

impl Values {
    /// For the database that keeps this salt, drawn when it was made.
    pub fn new(key: &Secret<32>, salt: &[u8; 32]) -> Self {
        let key: Secret<32> = derive(key.expose(), salt, &[b"printkeep/1 state values"]);
        Self(Aes256Gcm::new(key.expose().into()))
    }

    /// Seals a value for its place.
    pub fn seal(&self, place: &[u8], value: &[u8], random: &dyn Random) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE] = random::bytes(random)?;
        let mut out = Vec::with_capacity(value.len() + OVERHEAD);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(value);
        let tag = self.0.encrypt_inout_detached(&Nonce::from(nonce), place, (&mut out[NONCE..]).into());
        out.extend_from_slice(&tag.map_err(|_| NoRandomness)?);
        Ok(out)
    }

    /// Opens a value that was sealed for this place.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        self.0.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place }).ok()
    }
}

/// Seals the blocks of one file; see the module.
pub struct Blocks {
    cipher: Aes256Gcm,
    name: Vec<u8>,
}

impl Blocks {
    /// For the file of this name that begins with this salt, drawn when it was begun.
    pub fn new(key: &Secret<32>, salt: &[u8; 32], name: &[u8]) -> Self {
        let key: Secret<32> = derive(key.expose(), salt, &[b"printkeep/1 blocks"]);
        Self { cipher: Aes256Gcm::new(key.expose().into()), name: name.to_vec() }
    }

    fn nonce(number: u64) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = [0; NONCE];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        nonce.into()
    }

    /// Seals a block where it lies; a number is used for one block only.
    pub fn seal(&self, number: u64, block: &mut Vec<u8>) -> Result<(), NoRandomness> {
        let tag = self.cipher.encrypt_inout_detached(&Self::nonce(number), &self.name, block.as_mut_slice().into());
        block.extend_from_slice(&tag.map_err(|_| NoRandomness)?);
        Ok(())
    }

    /// Opens the block that was sealed under this number.
    pub fn open(&self, number: u64, sealed: &[u8]) -> Option<Vec<u8>> {
        self.cipher.decrypt(&Self::nonce(number), Payload { msg: sealed, aad: &self.name }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;
    use std::collections::HashSet;

    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }

    #[test]
    fn a_value_opens_in_its_own_database_and_place_only() {
        let random = Counting::new(6);
        let key = Secret::random(&random).unwrap();
        let values = Values::new(&key, &[7; 32]);
        let sealed = values.seal(b"place", b"value", &random).unwrap();
        assert_eq!(sealed.len(), b"value".len() + OVERHEAD);
        assert_eq!(values.open(b"place", &sealed).unwrap(), b"value");
        assert!(values.open(b"other", &sealed).is_none());
        assert!(Values::new(&key, &[8; 32]).open(b"place", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            assert!(values.open(b"place", &bytes).is_none() && values.open(b"place", &sealed[..at]).is_none(), "{at}");
        }
    }

    #[test]
    fn no_nonce_or_salt_comes_twice_and_without_randomness_nothing_is_sealed() {
        let random = Counting::new(7);
        let key = Secret::random(&random).unwrap();
        let values = Values::new(&key, &[7; 32]);
        let nonces: HashSet<_> = (0..1000).map(|_| values.seal(b"", b"same", &random).unwrap()[..NONCE].to_vec()).collect();
        let salts: HashSet<_> = (0..1000).map(|_| seal(&key, b"", b"same", &random).unwrap()[..SALT].to_vec()).collect();
        assert_eq!((nonces.len(), salts.len()), (1000, 1000));
        assert!(values.seal(b"", b"", &Broken).is_err() && seal(&key, b"", b"", &Broken).is_err());
    }

    #[test]
    fn a_value_opens_under_its_key_and_name_only() {
        let random = Counting::new(5);
        let (key, other) = (Secret::random(&random).unwrap(), Secret::random(&random).unwrap());
        let sealed = seal(&key, b"name", b"value", &random).unwrap();
        assert_eq!(open(&key, b"name", &sealed).unwrap().as_slice(), b"value");
        assert!(open(&key, b"other", &sealed).is_none() && open(&other, b"name", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            assert!(open(&key, b"name", &bytes).is_none() && open(&key, b"name", &sealed[..at]).is_none());
        }
    }
}
