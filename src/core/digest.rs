//! SHA-256, where a format names it.

use ring::digest;

/// SHA-256, as policies and entries are named by.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}
