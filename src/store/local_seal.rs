//! Small local values, sealed under a key of this device: AES-256-GCM under a key of their own.
//!
//! Layout: salt 32, ciphertext, tag 16. The key is HKDF-SHA256 of the local key with the salt, so that a value sealed twice, or
//! by two copies of a folder, never meets the same key and nonce; the name is associated data, so that values are not swapped.

use aes_gcm::aead::{Aead, KeyInit, Payload};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

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
