//! Documents that an owner can show to others: JSON, signed by the device that made them.
//!
//! The signature (Ed25519, under a label of its own) is over the compact text of `document`, its keys sorted.

use serde_json::{Value, json};

use crate::core::name::{hex, unhex};
use crate::core::sign::{SIGNATURE_LEN, SigningKey, VerifyingKey};
use crate::engine::account::Account;

/// The longest document that is read back, in bytes.
pub const MAX_FILE: u64 = 64 * 1024 * 1024;
const LABEL: &str = "document";

/// A document with this device's signature.
pub fn sign(account: &Account, document: Value) -> Value {
    let mut signed = sign_with(&account.device.signer, document);
    signed["signature"]["device"] = account.device.id.to_string().into();
    signed["signature"]["device_name"] = account.device.name.clone().into();
    signed
}

/// A document with the signature of a key that a device vouched for in another document.
pub fn sign_with(key: &SigningKey, document: Value) -> Value {
    let signature = key.sign(LABEL, document.to_string().as_bytes());
    let public = hex(key.public().as_bytes());
    json!({ "document": document, "signature": { "algorithm": "Ed25519", "key": public, "value": hex(&signature) } })
}

/// Why a document is not one that a device signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSigned {
    /// It is no JSON.
    NoJson,
    /// It bears no key.
    NoKey,
    /// It bears no signature.
    NoSignature,
    /// It is not what the device signed.
    Changed,
}

/// A document whose signature holds, and the key that signed it; else what is wrong with it.
pub fn check(text: &str) -> Result<(Value, VerifyingKey), NotSigned> {
    let whole: Value = serde_json::from_str(text).map_err(|_| NotSigned::NoJson)?;
    let (document, signature) = (&whole["document"], &whole["signature"]);
    let key = signature["key"].as_str().and_then(unhex::<32>).ok_or(NotSigned::NoKey)?;
    let value = signature["value"].as_str().and_then(unhex::<SIGNATURE_LEN>).ok_or(NotSigned::NoSignature)?;
    let key = VerifyingKey::from_bytes(key);
    if document.is_null() || !key.verifies(LABEL, document.to_string().as_bytes(), &value) {
        return Err(NotSigned::Changed);
    }
    Ok((document.clone(), key))
}
