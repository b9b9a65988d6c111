//! Ed25519 signatures (RFC 8032): devices sign what they write, the account signs its roster.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::codec::Bad;
use super::random::{NoRandomness, Random};
use super::secret::Secret;

/// Size of a signature, in bytes.
pub const SIGNATURE_LEN: usize = 64;

/// A private signing key.
pub struct SigningKey {
    seed: Secret<32>,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// A new random one.
    pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        Self::from_seed(Secret::random(random)?).map_err(|_| NoRandomness)
    }

    /// The key that this seed stands for.
    pub fn from_seed(seed: Secret<32>) -> Result<Self, Bad> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| Bad("not a valid signing seed"))?;
        Ok(Self { seed, pair })
    }

    /// Its seed, for key slots and the device's own file.
    pub fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    /// Its public half.
    pub fn public(&self) -> VerifyingKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        VerifyingKey(bytes)
    }

    /// Signs `message` for one use, named by `label`: a signature for one use is none for another.
    pub fn sign(&self, label: &'static str, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut out = [0; SIGNATURE_LEN];
        out.copy_from_slice(self.pair.sign(&labelled(label, message)).as_ref());
        out
    }
}

/// A public key that signatures are checked against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// The key that these bytes are; one that is not a point verifies nothing.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's for `message` under `label`.
    pub fn verifies(&self, label: &'static str, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(&labelled(label, message), signature).is_ok()
    }
}

/// What is signed: BLAKE3 of the message behind its label and a NUL, so that large objects are hashed at BLAKE3's speed.
fn labelled(label: &'static str, message: &[u8]) -> Vec<u8> {
    [b"printkeep/1 ", label.as_bytes(), b"\0", blake3::hash(message).as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    #[test]
    fn a_signature_holds_for_its_key_label_and_message_only() {
        let key = SigningKey::random(&Counting::new(3)).unwrap();
        let signature = key.sign("index", b"message");
        assert!(key.public().verifies("index", b"message", &signature));
        assert!(!key.public().verifies("head", b"message", &signature));
        assert!(!key.public().verifies("index", b"massage", &signature));
        let other = SigningKey::random(&Counting::new(4)).unwrap();
        assert!(!other.public().verifies("index", b"message", &signature));
    }
}
