//! Vectors that others wrote, through the doors of `core`: X-Wing and what HPKE makes of it, its two halves, and HKDF.
//!
//! Nobody wrote vectors for our very suite (X-Wing, HKDF-SHA256, AES-256-GCM), so the steps behind a KEM's shared secret stand here once
//! more, held by others' vectors that share the KDF and each one other part; what `Recipient` seals must open with what they give.

use printkeep::core::keys::derive;
use printkeep::core::random::{NoRandomness, Random};
use printkeep::core::recipient::{ENCAPPED_LEN, Recipient, RecipientKey, SEALED_KEY_LEN};
use printkeep::core::secret::Secret;
use ring::hmac;
use sha3::{Digest, Sha3_256};

use super::{bytes, cases, ring_open, ring_seal};

const X_WING: u16 = 0x647a;
const AES_256_GCM: u16 = 2;
const INFO: &[u8] = b"what it is for";
/// Size of a ciphertext of ML-KEM-768; that of X25519 stands behind it.
const ML_KEM_LEN: usize = 1088;

/// The random bytes that a vector gives: all of them at one draw.
struct Given(Vec<u8>);

impl Random for Given {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut tag = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| tag.update(part));
    tag.sign().as_ref().to_vec()
}

/// RFC 9180, section 5.1, base mode with HKDF-SHA256: the AEAD's key of 32 bytes and the first nonce.
fn schedule(kem: u16, aead: u16, info: &[u8], shared: &[u8]) -> (Vec<u8>, [u8; 12]) {
    let suite = [b"HPKE".as_slice(), &kem.to_be_bytes(), &1_u16.to_be_bytes(), &aead.to_be_bytes()].concat();
    let extract = |salt: &[u8], label: &[u8], ikm: &[u8]| hmac(salt, &[b"HPKE-v1", &suite, label, ikm]);
    let context = [vec![0], extract(b"", b"psk_id_hash", b""), extract(b"", b"info_hash", info)].concat();
    let secret = extract(shared, b"secret", b"");
    let expand = |label: &[u8], length: u16| hmac(&secret, &[&length.to_be_bytes(), b"HPKE-v1", &suite, label, &context, &[1]]);
    (expand(b"key", 32), expand(b"base_nonce", 12)[..12].try_into().unwrap())
}

/// What X-Wing makes of the secrets of its halves.
fn combined(ml_kem: &[u8], x25519: &[u8], ephemeral: &[u8], public: &[u8]) -> Vec<u8> {
    Sha3_256::digest([ml_kem, x25519, ephemeral, public, br"\.//^\"].concat()).to_vec()
}

/// A key as `Recipient` sealed it.
struct SealedKey {
    sealed: [u8; SEALED_KEY_LEN],
    key: Secret<32>,
}

impl SealedKey {
    fn to(recipient: &Recipient, randomness: Vec<u8>) -> Self {
        let key = Secret::filled_by(|key| *key = std::array::from_fn(|n| n.to_le_bytes()[0]));
        Self { sealed: recipient.seal_key(&key, INFO, &Given(randomness)).unwrap(), key }
    }

    fn encapped(&self) -> &[u8] {
        &self.sealed[..ENCAPPED_LEN]
    }

    fn opens_with(&self, shared: &[u8]) -> bool {
        let (key, nonce) = schedule(X_WING, AES_256_GCM, INFO, shared);
        ring_open(&key, &nonce, b"", &self.sealed[ENCAPPED_LEN..]).is_some_and(|opened| opened == self.key.expose())
    }
}

#[test]
fn the_steps_from_a_shared_secret_to_keys_are_those_of_hpke() {
    for case in cases("hpke.txt", 2) {
        let [kem, aead] = [1, 2].map(|at| case[at].parse().unwrap());
        let (key, nonce) = schedule(kem, aead, &bytes(&case[3]), &bytes(&case[4]));
        assert_eq!((key, nonce.to_vec()), (bytes(&case[5]), bytes(&case[6])), "{}", case[0]);
    }
}

#[test]
fn recipients_agree_with_x_wing_in_both_directions() {
    for case in cases("x_wing.txt", 5) {
        let [seed, randomness, public, ciphertext, shared] = [1, 2, 3, 4, 5].map(|at| bytes(&case[at]));
        let owner = RecipientKey::from_seed(Secret::copied_from(&seed).unwrap()).unwrap();
        assert_eq!(owner.public().to_bytes().to_vec(), public, "{}", case[0]);
        let sealed = SealedKey::to(&Recipient::from_bytes(&public).unwrap(), randomness);
        assert_eq!(sealed.encapped(), ciphertext, "{}", case[0]);
        assert!(sealed.opens_with(&shared), "{}", case[0]);
        let (key, nonce) = schedule(X_WING, AES_256_GCM, INFO, &shared);
        let others = [ciphertext, ring_seal(&key, &nonce, b"", &[7; 32])].concat();
        let opened = owner.open_key(&others.try_into().unwrap(), INFO);
        assert!(opened.is_some_and(|opened| *opened.expose() == [7; 32]), "{}", case[0]);
    }
}

#[test]
fn the_half_of_a_recipient_that_is_ml_kem_agrees_with_wycheproof() {
    let x25519 = cases("x25519.txt", 167).remove(0);
    let [public, private, other] = [2, 3, 4].map(|at| bytes(&x25519[at]));
    for case in cases("ml_kem_768.txt", 32) {
        let [randomness, ml_kem, ciphertext, shared] = [2, 3, 4, 5].map(|at| bytes(&case[at]));
        let recipient = Recipient::from_bytes(&[ml_kem, public.clone()].concat());
        assert_eq!(recipient.is_ok(), case[1] == "valid", "{}", case[0]);
        let Ok(recipient) = recipient else { continue };
        let sealed = SealedKey::to(&recipient, [randomness, private.clone()].concat());
        let (half, ephemeral) = sealed.encapped().split_at(ML_KEM_LEN);
        assert_eq!(half, ciphertext, "{}", case[0]);
        assert!(sealed.opens_with(&combined(&shared, &other, ephemeral, &public)), "{}", case[0]);
    }
}

#[test]
fn the_half_of_a_recipient_that_is_x25519_agrees_with_wycheproof() {
    let ml_kem = cases("ml_kem_768.txt", 32).into_iter().find(|case| case[1] == "valid").unwrap();
    let [randomness, key, other] = [2, 3, 5].map(|at| bytes(&ml_kem[at]));
    for case in cases("x25519.txt", 167) {
        let [public, private, shared] = [2, 3, 4].map(|at| bytes(&case[at]));
        let recipient = Recipient::from_bytes(&[key.clone(), public.clone()].concat()).unwrap();
        let sealed = SealedKey::to(&recipient, [randomness.clone(), private].concat());
        let ephemeral = &sealed.encapped()[ML_KEM_LEN..];
        assert!(sealed.opens_with(&combined(&other, &shared, ephemeral, &public)), "{}", case[0]);
    }
}

#[test]
fn derived_keys_agree_with_wycheproof() {
    for case in cases("hkdf_sha256.txt", 81) {
        let [ikm, salt, info, okm] = [1, 2, 3, 4].map(|at| bytes(&case[at]));
        let (head, tail) = info.split_at(info.len() / 2);
        macro_rules! of_length {
            ($($length:literal)*) => {
                match okm.len() {
                    $($length => derive::<$length>(&ikm, &salt, &[head, tail]).expose().to_vec(),)*
                    other => panic!("no case of {other} bytes was there"),
                }
            };
        }
        assert_eq!(of_length!(20 32 42 56 64 80 82 128 8160), okm, "{}", case[0]);
    }
}
