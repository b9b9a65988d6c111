//! Two implementations of AES-256-GCM give the same bytes.
#![no_main]
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use libfuzzer_sys::fuzz_target;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, UnboundKey};

fuzz_target!(|input: ([u8; 32], [u8; 12], &[u8], &[u8])| {
    let (key, nonce, aad, message) = input;
    let ours = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("32 bytes"));
    let mut sealed = message.to_vec();
    ours.seal_in_place_append_tag(ring::aead::Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed).expect("short");
    let theirs = Aes256Gcm::new(&key.into());
    let nonce = Nonce::from(nonce);
    assert_eq!(theirs.encrypt(&nonce, Payload { msg: message, aad }).expect("short"), sealed);
    assert_eq!(theirs.decrypt(&nonce, Payload { msg: &sealed, aad }).expect("opens"), message);
});
