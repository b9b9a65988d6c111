//! Bytes that were opened and found to be what they claim: tag, identity and place agreed.
//!
//! Only `core` makes one, so whatever writes to a disk or a printer and asks for a `Verified` cannot be handed anything else:
//!
//! ```compile_fail
//! let forged = printkeep::core::verified::Verified { bytes: zeroize::Zeroizing::new(b"M112".to_vec()) };
//! ```
//!
//! ```
//! fn restore(piece: &printkeep::core::verified::Verified) -> &[u8] {
//!     piece.bytes()
//! }
//! ```

use zeroize::Zeroizing;

/// Plaintext behind a checked seal; wiped when dropped.
pub struct Verified {
    bytes: Zeroizing<Vec<u8>>,
}

impl Verified {
    pub(super) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes }
    }

    /// What was sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
