//! Known answers: what ring, aes-gcm, Argon2 and BLAKE3 must say, by the specifications' own vectors; and ring against aes-gcm.

mod recipient;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, UnboundKey};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The cases of a file in `tests/vectors/known`, each as its fields; there must be `count`.
fn cases(file: &str, count: usize) -> Vec<Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/known").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let cases: Vec<Vec<String>> = lines.map(|line| line.split('|').map(str::to_owned).collect()).collect();
    assert_eq!(cases.len(), count, "{file}");
    cases
}

fn ring_seal(key: &[u8], nonce: &[u8; 12], aad: &[u8], message: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut sealed = message.to_vec();
    key.seal_in_place_append_tag(ring::aead::Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut sealed).unwrap();
    sealed
}

fn ring_open(key: &[u8], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut bytes = sealed.to_vec();
    key.open_in_place(ring::aead::Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut bytes)
        .ok()
        .map(|plain| plain.to_vec())
}

fn other_open(key: &[u8], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new_from_slice(key).unwrap();
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad }).ok()
}

#[test]
fn both_implementations_agree_with_wycheproof() {
    for case in cases("aes_256_gcm.txt", 66) {
        let [key, nonce, aad, message, ciphertext, tag] = [2, 3, 4, 5, 6, 7].map(|at| bytes(&case[at]));
        let nonce: [u8; 12] = nonce.try_into().unwrap();
        let sealed = [ciphertext, tag].concat();
        let expected = (case[1] == "valid").then_some(message);
        assert_eq!(ring_open(&key, &nonce, &aad, &sealed), expected, "case {}", case[0]);
        assert_eq!(other_open(&key, &nonce, &aad, &sealed), expected, "case {}", case[0]);
        if let Some(message) = expected {
            assert_eq!(ring_seal(&key, &nonce, &aad, &message), sealed, "case {}", case[0]);
        }
    }
}

/// Random messages: what one seals the other opens, byte for byte. A million of them with `--ignored`.
fn agree(messages: u64) {
    for number in 0..messages {
        let mut drawn = [0; 44 + 2];
        let mut hasher = blake3::Hasher::new();
        hasher.update(&number.to_le_bytes()).finalize_xof().fill(&mut drawn);
        let (key, rest) = drawn.split_at(32);
        let nonce: [u8; 12] = rest[..12].try_into().unwrap();
        let mut message = vec![0; usize::from(u16::from_le_bytes([rest[12], rest[13]])) % 600];
        hasher.update(b"message").finalize_xof().fill(&mut message);
        let (aad, message) = message.split_at(message.len() / 5);
        let sealed = ring_seal(key, &nonce, aad, message);
        let cipher = Aes256Gcm::new_from_slice(key).unwrap();
        assert_eq!(cipher.encrypt(&Nonce::from(nonce), Payload { msg: message, aad }).unwrap(), sealed, "message {number}");
    }
}

#[test]
fn ring_and_aes_gcm_seal_alike() {
    agree(20_000);
}

#[test]
#[ignore = "takes a minute"]
fn ring_and_aes_gcm_seal_a_million_messages_alike() {
    agree(1_000_000);
}

/// RFC 9106, section 5.3.
#[test]
fn argon2id_agrees_with_rfc_9106() {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
    let params =
        ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(AssociatedData::new(&[4; 12]).unwrap()).build().unwrap();
    let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut out = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut out).unwrap();
    assert_eq!(out.to_vec(), bytes("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

/// The first cases of BLAKE3's own test vectors: key `whats the Elvish word for friend`, input 0, 1, … 250, 0, ….
#[test]
fn keyed_blake3_agrees_with_its_vectors() {
    let key = b"whats the Elvish word for friend";
    let cases = [
        (0usize, "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"),
        (1, "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b"),
        (1024, "75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4"),
    ];
    for (length, expected) in cases {
        let input: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
        assert_eq!(blake3::keyed_hash(key, &input).as_bytes().to_vec(), bytes(expected), "{length}");
    }
}
