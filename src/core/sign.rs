//! Ed25519 signatures (RFC 8032): devices sign what they write, the account signs its roster.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::codec::Bad;
use super::name::{AccountId, ObjectId};
use super::random::{NoRandomness, Random};
use super::refused::Refused;
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
        self.sign_bytes(&labelled(label, message))
    }

    fn sign_bytes(&self, bytes: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut out = [0; SIGNATURE_LEN];
        out.copy_from_slice(self.pair.sign(bytes).as_ref());
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
        self.verifies_bytes(&labelled(label, message), signature)
    }

    fn verifies_bytes(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).is_ok()
    }
}

/// What is signed: BLAKE3 of the message behind its label and a NUL, so that large objects are hashed at BLAKE3's speed.
/// Splits off the signature at the end.
pub(super) fn split_signature(bytes: &[u8]) -> Result<(&[u8], &[u8]), Refused> {
    bytes.split_at_checked(bytes.len().wrapping_sub(SIGNATURE_LEN)).ok_or(Refused::Malformed("it is too short for its signature"))
}

/// What is signed: whose it is, where it belongs, what it says.
pub(super) fn bound(account: AccountId, place: ObjectId, body: &[u8]) -> Vec<u8> {
    [account.as_bytes().as_slice(), place.as_bytes(), body].concat()
}

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

    /// The cases of a file in `tests/vectors/known`, each as its fields; those from the third on are bytes.
    fn cases(text: &'static str) -> impl Iterator<Item = (Vec<&'static str>, [Vec<u8>; 3])> {
        let byte = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(move |line| {
            let fields: Vec<&str> = line.split('|').collect();
            let bytes = [2, 3, 4].map(|at| fields[at].as_bytes().chunks(2).map(byte).collect());
            (fields, bytes)
        })
    }

    /// Vectors sign bare messages, and we what `labelled` makes of them: the step behind it is held to them.
    #[test]
    fn signatures_agree_with_wycheproof_and_with_those_who_made_them() {
        let verified = cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/known/ed25519.txt")));
        let count = verified.map(|(case, [public, message, signature])| {
            let key = VerifyingKey::from_bytes(public.try_into().unwrap());
            assert_eq!(key.verifies_bytes(&message, &signature), case[1] == "valid", "{}", case[0]);
        });
        assert_eq!(count.count(), 151);
        let signed = cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/known/ed25519_sign.txt")));
        let count = signed.map(|(case, [public, message, signature])| {
            let seed: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&case[1][at..at + 2], 16).unwrap()).collect();
            let key = SigningKey::from_seed(Secret::copied_from(&seed).unwrap()).unwrap();
            assert_eq!(key.public().as_bytes().to_vec(), public, "{}", case[0]);
            assert_eq!(key.sign_bytes(&message).to_vec(), signature, "{}", case[0]);
        });
        assert_eq!(count.count(), 32);
    }
}
